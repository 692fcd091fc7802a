//! A command line that `puma` or `pumactl` refuses.

use super::view::CommandView;
use super::{Check, Rule};
use crate::catalog::command_line::FailureKind;
use crate::catalog::{self, CommandLine, did_you_mean_flag};
use crate::model::{Diagnostic, Severity, Span, Speaker, Word};
use crate::puma::command_line::Program;
use crate::puma::flags::{flags, removed};

pub(super) const RULE: Rule = Rule {
    name: "unknown-flag",
    summary: "a command line that puma or pumactl refuses",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/unknown-flag.md"),
    check: Check::Command(check),
};

fn check(view: &CommandView<'_>) -> Vec<Diagnostic> {
    let run = &view.command.invocation;
    let (program, name) = match run.program {
        Program::Puma => (catalog::Program::Puma, "puma"),
        Program::Pumactl => (catalog::Program::Pumactl, "pumactl"),
        _ => return Vec::new(),
    };
    let release = view.release();
    // A variable that is a word of its own may become any words, unless it is what a flag is given.
    let values: Vec<Span> = flags(program, &run.arguments, release)
        .into_iter()
        .filter_map(|flag| flag.value.map(|value| value.span()))
        .collect();
    let whole = |word: &Word| {
        let text = word.text();
        let variable = text.starts_with('$') && !text.starts_with("${") && !values.contains(&word.span());
        variable || text == "--" || text.contains('`')
    };
    let words: Vec<&str> = run.arguments.iter().map(|word| word.text()).collect();
    if run.arguments.iter().any(|word| whole(word) || is_shell(word.text())) {
        return Vec::new();
    }
    let line = CommandLine::parse(program, &words, release);
    let Some(failure) = line.error else { return Vec::new() };
    let (Some(word), kind) = (run.arguments.get(failure.word).or(Some(&run.name)), &failure.kind) else {
        return Vec::new();
    };
    let text = word.text();
    let flag = text.split('=').next().unwrap_or(text);
    let short: String = text.chars().take(2).collect();
    if removed(program, flag, release).is_some()
        || !text.starts_with("--") && removed(program, &short, release).is_some()
    {
        return Vec::new();
    }
    // What a variable stands for isn't known.
    if text.contains('$') || *kind == FailureKind::Refused && words.iter().any(|word| word.contains('$')) {
        return Vec::new();
    }
    let asked = view.scene.deployment.target.name();
    let (message, label) = match kind {
        FailureKind::Invalid => {
            (format!("{name} {asked} knows no `{flag}`: it exits at once"), "no flag of it")
        }
        FailureKind::Ambiguous => (
            format!("`{flag}` could be several flags of {name} {asked}: it exits at once"),
            "an abbreviation of several",
        ),
        FailureKind::MissingArgument => {
            (format!("`{flag}` needs a value: {name} exits at once"), "nothing follows it")
        }
        FailureKind::NeedlessArgument => {
            (format!("`{flag}` takes no value: {name} exits at once"), "a value it does not take")
        }
        FailureKind::InvalidArgument | FailureKind::Refused | FailureKind::Broken => {
            (format!("{name} {asked} refuses this value: it exits at once"), "refused")
        }
        FailureKind::InvalidCommand => {
            (format!("pumactl {asked} knows no command `{text}`"), "no command of it")
        }
        FailureKind::MissingCommand => {
            ("pumactl is given nothing to do: it prints its help and exits".to_owned(), "no command follows")
        }
    };
    let help = match kind {
        FailureKind::Invalid if flag == "-P" => {
            "write `--pidfile` instead: `-P` is a flag of pumactl only".to_owned()
        }
        _ if flag == "-c" => "write `-C` instead".to_owned(),
        FailureKind::Invalid | FailureKind::Ambiguous => {
            let long = flag.trim_start_matches('-');
            match did_you_mean_flag(long, program, release).filter(|_| flag.starts_with("--")) {
                Some(near) => format!("write `--{}` instead", near.long),
                None => format!("remove it; `{name} --help` lists what there is"),
            }
        }
        FailureKind::MissingCommand => "name the command, such as `start`, `stop` or `restart`".to_owned(),
        FailureKind::InvalidCommand => "correct the command; `pumactl --help` lists what there is".to_owned(),
        _ => "correct the value".to_owned(),
    };
    vec![
        Diagnostic::new(RULE.name, RULE.severity, view.word(word), message)
            .label(label)
            .quote(Speaker::Puma, failure.words)
            .help(help),
    ]
}

/// Whether a word is plainly a shell's, which another rule speaks of.
fn is_shell(word: &str) -> bool {
    matches!(word, "&&" | "||" | "|" | "&" | ">" | ">>" | "<" | ";")
        || word.starts_with('>')
        || word.ends_with(';')
}
