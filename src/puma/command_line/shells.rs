//! Commands that a shell reads, and whether it becomes them.

use super::command::{Surroundings, assignment, command};
use super::{Invocation, Kept, KeptWhy};
use crate::model::Word;
use crate::puma::shell;

/// The most commands of a line that is looked at: each is compared with those around it.
const LONGEST: usize = 2000;

/// Words of a shell's grammar that stand before a command.
const GRAMMAR: &[&str] = &["if", "then", "elif", "else", "while", "until", "do", "{", "!"];

pub(super) const SHELLS: &[&str] = &["sh", "bash", "dash", "zsh", "ksh"];

/// `bash -lc 'line'`
pub(super) fn in_shell(
    shell: &Word,
    words: &[Word],
    mut around: Surroundings,
    nesting: usize,
    found: &mut Vec<Invocation>,
) {
    let mut line = None;
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let text = word.text();
        if text == "--login" {
            around.login_shell = true;
        } else if let Some(flags) = text.strip_prefix('-').filter(|flags| !flags.starts_with('-')) {
            around.login_shell |= flags.contains(['l', 'i']);
            if flags.contains('c') {
                line = rest.find(|word| !is_shell_option(word.text()));
                // `bash -c -l 'line'`: options may stand between.
                around.login_shell |= words.iter().any(|word| matches!(word.text(), "-l" | "--login" | "-i"));
                break;
            }
        } else if !text.starts_with('-') {
            return;
        }
    }
    shell_line(line, Some(shell), &around, nesting, found);
}

fn is_shell_option(text: &str) -> bool {
    text.starts_with('-') && text.len() > 1 && !text.contains(' ')
}

/// The commands of a line that a shell reads; `None` is the shell of a user's account.
pub(super) fn shell_line(
    line: Option<&Word>,
    shell: Option<&Word>,
    around: &Surroundings,
    nesting: usize,
    found: &mut Vec<Invocation>,
) {
    let (Some(line), Some(nesting)) = (line, nesting.checked_sub(1)) else { return };
    // "unexpected EOF while looking for matching": the shell runs nothing of such a line.
    if line.text().matches('`').count() % 2 == 1 && !line.text().contains("\\`") {
        return;
    }
    let mut around = Surroundings { in_shell: true, ..around.clone() };
    let commands = shell::split(line);
    if commands.len() > LONGEST {
        return;
    }
    let waits = |at: usize| {
        commands[at + 1..].iter().any(|later| later.words.first().is_some_and(|word| word.text() == "wait"))
    };
    for (at, simple) in commands.iter().enumerate() {
        let first = simple.words.first().map(Word::text);
        match (first, simple.words.as_slice()) {
            (Some("cd" | "pushd"), [_, target, ..]) => around.directory = Some(target.clone()),
            (Some("export"), [_, assignments @ ..]) => {
                let set = assignments.iter().filter_map(|word| assignment(word.text()));
                around.variables.extend(set.map(|(name, value)| (name.to_owned(), value.to_owned())));
            }
            (Some("source" | "."), _) => around.login_shell = true,
            (_, words) => {
                let grammar = words.iter().take_while(|word| GRAMMAR.contains(&word.text())).count();
                let words = &words[grammar..];
                let kept = shell
                    .and_then(|shell| Some(Kept { by: shell.clone(), why: stays(shell, &commands, at)? }));
                let inner = Surroundings {
                    background: simple.end == shell::End::Background && !waits(at),
                    output: simple.output.clone(),
                    outside: around.kept.clone(),
                    kept: kept.or_else(|| around.kept.clone()),
                    ..around.clone()
                };
                command(words, &inner, nesting, found);
            }
        }
    }
}

/// Why a shell does not become the command at `at` of its line, if it doesn't.
fn stays(shell: &Word, commands: &[shell::ShellCommand], at: usize) -> Option<KeptWhy> {
    use shell::End;
    let name = shell.text().rsplit('/').next().unwrap_or_default();
    let (this, before) = (commands.get(at)?, commands.get(..at)?);
    if this.end == End::Pipe || before.last().is_some_and(|before| before.end == End::Pipe) {
        return Some(KeptWhy::Piped);
    }
    if at + 1 < commands.len() {
        return Some(KeptWhy::List);
    }
    if this.redirected && matches!(name, "sh" | "bash" | "dash") {
        return Some(KeptWhy::Redirected);
    }
    if matches!(name, "sh" | "dash") {
        return Some(KeptWhy::Dash);
    }
    // bash becomes the last of `a; b` and of `a && b`, but not that of `a; b && c`.
    let joined = before.last().is_some_and(|before| before.end == End::And);
    let apart = before.iter().any(|before| before.end == End::Plain);
    (name == "bash" && joined && apart).then_some(KeptWhy::List)
}
