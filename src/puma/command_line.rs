//! Finds the program behind the wrappers of a start command: shells, `bundle exec`, version managers.

use super::rails_server::RailsServer;
use super::shell;
use crate::model::{Span, Word, hole};

/// The most commands of a line that is looked at: each is compared with those around it.
const LONGEST: usize = 2000;

/// How deep shells may be nested in each other.
const NESTING: usize = 6;

/// The programs that mean something to a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// `puma`
    Puma,
    /// `pumactl`
    Pumactl,
    /// `rails server`, which starts Puma itself
    RailsServer,
    /// `kill`
    Kill,
    /// `systemctl`
    Systemctl,
    /// `echo`, which may write a pidfile
    Echo,
}

/// The names under which programs are called.
const PROGRAMS: &[(&str, Program)] = &[
    ("puma", Program::Puma),
    ("puma.rb", Program::Puma),
    ("pumactl", Program::Pumactl),
    ("kill", Program::Kill),
    ("systemctl", Program::Systemctl),
    ("echo", Program::Echo),
];

/// A program that a command line runs, with what its wrappers say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// Which program.
    pub program: Program,
    /// Its name as written.
    pub name: Word,
    /// Its arguments.
    pub arguments: Vec<Word>,
    /// The words that find it: `bundle exec`, `rbenv exec`, `rvm 3.1 do`.
    pub finders: Vec<Word>,
    /// As whom `sudo -u` or `su` runs it.
    pub user: Option<Word>,
    /// Where a `cd` before it went.
    pub directory: Option<Word>,
    /// What `A=b` and `env A=b` set for it.
    pub variables: Vec<(String, String)>,
    /// What `ruby -r` loads before it.
    pub requires: Vec<String>,
    /// Whether something runs before it that may set any variable: a login shell, `dotenv`.
    pub login_shell: bool,
    /// Whether a shell sends it to the background, or it goes there by itself.
    pub background: bool,
    /// Whether a shell reads its words: it may have variables of its own.
    pub in_shell: bool,
    /// Where a shell sends its output.
    pub output: Option<Word>,
    /// What stays around as its parent, instead of becoming it.
    pub kept: Option<Kept>,
}

/// A program that starts another and waits for it, so that the process that was started is not the one that serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The program that waits.
    pub by: Word,
    /// Why it does.
    pub why: KeptWhy,
}

/// Why a program stays around. Observed with bash 5.2 and dash 0.5.12.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeptWhy {
    /// dash, and `sh` where that is dash: it never becomes its last command by itself.
    Dash,
    /// A redirection: the shell undoes it afterwards.
    Redirected,
    /// A pipeline.
    Piped,
    /// More follows, or the command is part of a longer list.
    List,
    /// `su -c`, which stays to close the session.
    Su,
    /// `sudo`, which stays to pass signals on, and drops the variable that says where to report.
    Sudo,
}

impl Invocation {
    /// A program that is run as it is, without wrappers.
    pub fn plain(program: Program, name: Word, arguments: Vec<Word>) -> Self {
        Self {
            program,
            name,
            arguments,
            finders: Vec::new(),
            user: None,
            directory: None,
            variables: Vec::new(),
            requires: Vec::new(),
            in_shell: false,
            login_shell: false,
            background: false,
            output: None,
            kept: None,
        }
    }
}

/// A wrapper that runs the rest of its words.
struct Wrapper {
    name: &'static str,
    /// Words that must follow the name before the command.
    subcommands: &'static [&'static str],
    /// Options that take a value.
    with_value: &'static [&'static str],
    /// How many plain words stand before the command (`timeout 5 CMD`).
    operands: usize,
    /// A word that ends the wrapper's own (`rvm 3.1 do CMD`, `chruby-exec 3.1 -- CMD`).
    until: Option<&'static str>,
}

const fn wrapper(name: &'static str) -> Wrapper {
    Wrapper { name, subcommands: &[], with_value: &[], operands: 0, until: None }
}

const WRAPPERS: &[Wrapper] = &[
    Wrapper { subcommands: &["exec", "e"], with_value: &["--gemfile"], ..wrapper("bundle") },
    Wrapper { subcommands: &["exec", "e"], ..wrapper("bundler") },
    Wrapper { subcommands: &["exec"], ..wrapper("rbenv") },
    Wrapper { subcommands: &["exec"], ..wrapper("asdf") },
    Wrapper { until: Some("--"), ..wrapper("mise") },
    Wrapper { until: Some("do"), ..wrapper("rvm") },
    Wrapper { until: Some("--"), ..wrapper("chruby-exec") },
    Wrapper { operands: 1, ..wrapper("rvm-exec") },
    Wrapper { with_value: &["-u", "-g", "-C", "--user", "--group"], ..wrapper("sudo") },
    Wrapper { with_value: &["-u", "--unset", "-C", "--chdir"], ..wrapper("env") },
    Wrapper { with_value: &["-a"], ..wrapper("exec") },
    Wrapper { with_value: &["-n"], ..wrapper("nice") },
    Wrapper { with_value: &["-s", "-k"], operands: 1, ..wrapper("timeout") },
    wrapper("tini"),
    wrapper("dumb-init"),
    wrapper("catatonit"),
    wrapper("thrust"),
    Wrapper { operands: 1, ..wrapper("gosu") },
    Wrapper { operands: 1, ..wrapper("su-exec") },
    wrapper("nohup"),
    wrapper("setsid"),
    wrapper("chronic"),
    Wrapper { with_value: &["-c", "-n"], ..wrapper("ionice") },
    Wrapper { operands: 1, ..wrapper("taskset") },
    Wrapper { with_value: &["-C", "-i", "-m", "-N", "-p"], ..wrapper("numactl") },
    Wrapper { with_value: &["-e", "-i", "-o"], ..wrapper("stdbuf") },
    Wrapper { with_value: &["-t", "-p", "--identifier", "--priority"], ..wrapper("systemd-cat") },
    Wrapper { with_value: &["-w", "-E", "--timeout"], operands: 1, ..wrapper("flock") },
    Wrapper { with_value: &["-u", "-g", "-G", "--user", "--group"], ..wrapper("runuser") },
    Wrapper { with_value: &["--reuid", "--regid", "--groups"], ..wrapper("setpriv") },
    Wrapper { with_value: &["-u", "-U", "-e", "-n", "-m", "-/"], ..wrapper("chpst") },
    Wrapper { operands: 1, ..wrapper("setuidgid") },
    Wrapper { operands: 1, ..wrapper("s6-setuidgid") },
    Wrapper { operands: 1, ..wrapper("envdir") },
    Wrapper { with_value: &["-f"], ..wrapper("dotenv") },
    Wrapper { subcommands: &["exec"], operands: 1, ..wrapper("direnv") },
    Wrapper { until: Some("--"), ..wrapper("doppler") },
    Wrapper { until: Some("--"), ..wrapper("aws-vault") },
    Wrapper { until: Some("--"), ..wrapper("chamber") },
    Wrapper { until: Some("--"), ..wrapper("scl") },
    wrapper("command"),
    wrapper("time"),
    Wrapper { with_value: &["-I", "-r"], ..wrapper("ruby") },
    Wrapper { with_value: &["-I", "-r"], ..wrapper("jruby") },
    Wrapper { with_value: &["-I", "-r"], ..wrapper("rvm-auto-ruby") },
];

/// Words of a shell's grammar that stand before a command.
const GRAMMAR: &[&str] = &["if", "then", "elif", "else", "while", "until", "do", "{", "!"];
/// The wrappers without which the program would not be found, or not the right one.
const FINDERS: &[&str] =
    &["bundle", "bundler", "rbenv", "asdf", "mise", "rvm", "chruby-exec", "rvm-exec", "ruby", "jruby", "scl"];

/// The wrappers that set variables of their own.
const LOADERS: &[&str] = &["dotenv", "direnv", "doppler", "aws-vault", "chamber", "envdir"];

const SHELLS: &[&str] = &["sh", "bash", "dash", "zsh", "ksh"];

/// Every known program that the words of a command run.
pub fn invocations(words: &[Word]) -> Vec<Invocation> {
    let mut found = Vec::new();
    command(words, &Surroundings::default(), NESTING, &mut found);
    found
}

/// Every known program that a line runs which a shell reads.
pub fn shell_invocations(line: &Word) -> Vec<Invocation> {
    let mut found = Vec::new();
    shell_line(Some(line), None, &Surroundings::default(), NESTING, &mut found);
    found
}

/// Whether it is a command that becomes Puma.
pub fn starts_puma(invocation: &Invocation) -> bool {
    matches!(invocation.program, Program::Puma | Program::RailsServer) || is_pumactl_start(invocation)
}

/// Whether it is `pumactl … start`, which becomes Puma.
pub fn is_pumactl_start(invocation: &Invocation) -> bool {
    invocation.program == Program::Pumactl && invocation.arguments.iter().any(|word| word.text() == "start")
}

/// The signal that a `kill` sends, without `SIG`, and where it is written.
pub fn signal(invocation: &Invocation) -> Option<(String, Span)> {
    let mut words = invocation.arguments.iter();
    let first = words.next()?;
    let (name, word) = match first.text() {
        "-s" | "--signal" | "-n" => {
            let value = words.next()?;
            (value.text(), value)
        }
        text => (text.strip_prefix("--signal=").or_else(|| text.strip_prefix('-'))?, first),
    };
    let upper = name.to_uppercase();
    let plain = upper.strip_prefix("SIG").unwrap_or(&upper);
    let named = NUMBERED.iter().find(|(number, _)| *number == plain).map_or(plain, |(_, name)| name);
    Some((named.to_owned(), word.span()))
}

/// Signals by their number on Linux.
const NUMBERED: &[(&str, &str)] = &[
    ("1", "HUP"),
    ("2", "INT"),
    ("3", "QUIT"),
    ("9", "KILL"),
    ("10", "USR1"),
    ("12", "USR2"),
    ("15", "TERM"),
    ("18", "CONT"),
    ("20", "TSTP"),
    ("21", "TTIN"),
    ("22", "TTOU"),
    ("23", "URG"),
    ("28", "WINCH"),
];

/// What holds for a command because of what stands before or around it.
#[derive(Clone, Default)]
struct Surroundings {
    finders: Vec<Word>,
    user: Option<Word>,
    directory: Option<Word>,
    variables: Vec<(String, String)>,
    requires: Vec<String>,
    in_shell: bool,
    login_shell: bool,
    background: bool,
    output: Option<Word>,
    kept: Option<Kept>,
    /// What holds where `exec` replaces the shell.
    outside: Option<Kept>,
}

impl Surroundings {
    fn invocation(self, program: Program, name: &Word, arguments: &[Word]) -> Invocation {
        Invocation {
            program,
            name: name.clone(),
            arguments: arguments.to_vec(),
            finders: self.finders,
            user: self.user,
            directory: self.directory,
            variables: self.variables,
            requires: self.requires,
            in_shell: self.in_shell,
            login_shell: self.login_shell,
            background: self.background,
            output: self.output,
            kept: self.kept,
        }
    }
}

/// Looks at one simple command.
fn command(words: &[Word], around: &Surroundings, nesting: usize, found: &mut Vec<Invocation>) {
    let mut around = around.clone();
    let mut rest = words;
    while let Some((first, after)) = rest.split_first() {
        if let Some((name, value)) = assignment(first.text()) {
            around.variables.push((name.to_owned(), value.to_owned()));
            rest = after;
            continue;
        }
        let name = program_name(first.text());
        if first.has_hole()
            && let Some(inner) = behind_hole(name, after)
        {
            rest = inner;
            continue;
        }
        if SHELLS.contains(&name) {
            return in_shell(first, after, around, nesting, found);
        }
        if name == "su" || name == "runuser" && after.iter().any(|word| word.text() == "-c") {
            if let Some(at) = after.iter().position(|word| matches!(word.text(), "-c" | "--command" | "-lc"))
            {
                around.login_shell = true;
                around.user = after.iter().take(at).find(|word| !word.text().starts_with('-')).cloned();
                around.kept = Some(Kept { by: first.clone(), why: KeptWhy::Su });
                shell_line(after.get(at + 1), None, &around, nesting, found);
            }
            return;
        }
        if let Some(wrapper) = WRAPPERS.iter().find(|wrapper| wrapper.name == name) {
            match unwrap(wrapper, after) {
                Some(inner) => {
                    match name {
                        "exec" => around.kept.clone_from(&around.outside),
                        "ruby" | "jruby" => {
                            around.requires.extend(required(&after[..after.len() - inner.len()]))
                        }
                        "sudo" => {
                            let own = &after[..after.len() - inner.len()];
                            around.login_shell |= own.iter().any(|word| is_login(word.text()));
                            around.user = value_of(after, &["-u", "--user"]);
                            around.kept = Some(Kept { by: first.clone(), why: KeptWhy::Sudo });
                        }
                        "runuser" => around.user = value_of(after, &["-u", "--user"]),
                        _ => {}
                    }
                    around.login_shell |= LOADERS.contains(&name);
                    if FINDERS.contains(&name) || LOADERS.contains(&name) {
                        around.finders.extend(rest[..rest.len() - inner.len()].iter().cloned());
                    }
                    rest = inner;
                    continue;
                }
                None => return,
            }
        }
        if name == "start-stop-daemon" {
            return start_stop_daemon(after, around, nesting, found);
        }
        if name == "rails" {
            found.extend(rails_server(first, after, around));
            return;
        }
        if let Some((_, program)) = PROGRAMS.iter().find(|(known, _)| *known == name) {
            found.push(around.invocation(*program, first, after));
        }
        return;
    }
}

/// What a program is, whatever its path: `bundle` for `/usr/bin/bundle3.1`.
fn program_name(word: &str) -> &str {
    let (folders, name) = word.rsplit_once('/').unwrap_or(("", word));
    // Distributions put the version behind the name.
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-'));
    if matches!(plain, "bundle" | "bundler" | "ruby") {
        return plain;
    }
    // `rvm wrapper 3.1 shop puma` makes shop_puma, in a folder of RVM's.
    let wrapped = name.rsplit_once('_').map(|(_, program)| program);
    let of_rvm = folders.ends_with("rvm/bin");
    wrapped.filter(|program| of_rvm && matches!(*program, "puma" | "pumactl" | "bundle")).unwrap_or(name)
}

/// The command behind a word that a template fills in, where that can only be a wrapper: `<%= bundle %> exec puma`,
/// `{{ prefix }} bundle exec puma`.
fn behind_hole<'a>(name: &str, after: &'a [Word]) -> Option<&'a [Word]> {
    let base = |word: &Word| word.text().rsplit('/').next().unwrap_or_default().to_owned();
    let known = |name: &str| {
        WRAPPERS.iter().any(|wrapper| wrapper.name == name)
            || PROGRAMS.iter().any(|(program, _)| *program == name)
            || SHELLS.contains(&name)
    };
    if !hole::has_hole(name) {
        return None;
    }
    match after {
        [exec, inner @ ..] if exec.text() == "exec" => Some(inner),
        [next, ..] if known(&base(next)) => Some(after),
        _ => None,
    }
}

/// `start-stop-daemon --start --chuid USER --exec PROGRAM -- ARGUMENT…`, as init scripts have it.
fn start_stop_daemon(words: &[Word], around: Surroundings, nesting: usize, found: &mut Vec<Invocation>) {
    let own = words.iter().position(|word| word.text() == "--").unwrap_or(words.len());
    let (own, arguments) = (&words[..own], words.get(own + 1..).unwrap_or_default());
    let is_given = |names: &[&str]| own.iter().any(|word| names.contains(&word.text()));
    let program = value_of(own, &["-a", "--startas"]).or_else(|| value_of(own, &["-x", "--exec"]));
    let (true, Some(program)) = (is_given(&["-S", "--start"]), program) else { return };
    let inner = Surroundings {
        user: value_of(own, &["-c", "--chuid"]).or(around.user),
        directory: value_of(own, &["-d", "--chdir"]).or(around.directory),
        background: around.background || is_given(&["-b", "--background"]),
        ..around
    };
    let words: Vec<Word> = std::iter::once(program).chain(arguments.iter().cloned()).collect();
    command(&words, &inner, nesting, found);
}

/// `rails server`, `rails s`, if it starts Puma.
fn rails_server(name: &Word, words: &[Word], around: Surroundings) -> Option<Invocation> {
    let (verb, arguments) = words.split_first()?;
    let given = RailsServer::parse(arguments);
    if !matches!(verb.text(), "server" | "s") || !given.is_puma() {
        return None;
    }
    let mut invocation = around.invocation(Program::RailsServer, name, arguments);
    invocation.background |= given.daemon.is_some();
    Some(invocation)
}

/// The value of an option that is given as a word of its own.
fn value_of(words: &[Word], names: &[&str]) -> Option<Word> {
    let at = words.iter().position(|word| takes_value(word.text(), names))?;
    words.get(at + 1).cloned()
}

/// `-i`, `-iu`, `--login` of `sudo`.
fn is_login(option: &str) -> bool {
    option == "--login"
        || option.strip_prefix('-').is_some_and(|letters| !letters.starts_with('-') && letters.contains('i'))
}

/// Whether the next word is an option's value: `-u`, and `-iu`, where letters are joined.
fn takes_value(option: &str, names: &[&str]) -> bool {
    let joined = option
        .strip_prefix('-')
        .filter(|letters| (2..5).contains(&letters.len()) && letters.bytes().all(|b| b.is_ascii_alphabetic()))
        .map(|letters| format!("-{}", &letters[letters.len() - 1..]));
    names.contains(&option) || joined.is_some_and(|last| names.contains(&last.as_str()))
}

/// `A=b`
fn assignment(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (plain && !name.starts_with(|c: char| c.is_ascii_digit())).then_some((name, value))
}

/// What the options of `ruby` load: `-rrails`, `-r rails`.
fn required(options: &[Word]) -> Vec<String> {
    let mut words = options.iter().map(Word::text);
    let mut found = Vec::new();
    while let Some(word) = words.next() {
        match word.strip_prefix("-r") {
            Some("") => found.extend(words.next().map(str::to_owned)),
            Some(feature) => found.push(feature.to_owned()),
            None => {}
        }
    }
    found
}

/// The words that a wrapper runs.
fn unwrap<'a>(wrapper: &Wrapper, mut words: &'a [Word]) -> Option<&'a [Word]> {
    if let Some(until) = wrapper.until {
        let at = words.iter().position(|word| word.text() == until)?;
        return words.get(at + 1..);
    }
    if !wrapper.subcommands.is_empty() {
        let at = words.iter().position(|word| wrapper.subcommands.contains(&word.text()))?;
        words = &words[at + 1..];
    }
    while let Some((first, rest)) = words.split_first() {
        if first.text() == "--" {
            words = rest;
            break;
        }
        if !first.text().starts_with('-') || first.text().len() == 1 {
            break;
        }
        let skip = usize::from(takes_value(first.text(), wrapper.with_value));
        words = rest.get(skip..)?;
    }
    words.get(wrapper.operands..)
}

/// `bash -lc 'line'`
fn in_shell(
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
fn shell_line(
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

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> Vec<Invocation> {
        let words: Vec<Word> = shell::split(&Word::plain(line, 0)).remove(0).words;
        invocations(&words)
    }

    fn arguments(invocation: &Invocation) -> Vec<&str> {
        invocation.arguments.iter().map(Word::text).collect()
    }

    #[test]
    fn puma_is_found_behind_its_wrappers() {
        for line in [
            "puma -C x",
            "/usr/local/bin/bundle exec puma -C x",
            "bundle exec --keep-file-descriptors puma -C x",
            "/bin/bash -lc 'puma -C x'",
            "/bin/bash -l -c 'cd /srv/app && bundle exec puma -C x'",
            "env RAILS_ENV=production rbenv exec bundle exec puma -C x",
            "/usr/bin/rvm 3.1.2 do bundle exec puma -C x",
            "chruby-exec 3.1 -- bundle exec puma -C x",
            "nohup sudo -u deploy bin/puma -C x",
            "sudo -Hiu deploy bash -c 'cd /srv/app && puma -C x'",
            "su - deploy -c 'exec puma -C x'",
            "sh -c \"bash -lc 'puma -C x'\"",
            "bundle exec ruby -I lib bin/puma -C x",
            "/usr/bin/bundle-2.1 exec puma -C x",
            "/usr/bin/ruby3.1 -S bundle3.1 exec puma -C x",
            "/usr/local/rvm/bin/rvm-auto-ruby -S bundle exec puma -C x",
            "/home/deploy/.rvm/bin/shop_puma -C x",
            "/home/deploy/.rvm/bin/shop_bundle exec puma -C x",
            "/usr/bin/tini -g -- dumb-init gosu app:app ./bin/thrust puma -C x",
            "/usr/sbin/runuser -u deploy -- puma -C x",
            "/sbin/runuser -l deploy -c 'cd /srv/app && bundle exec puma -C x'",
            "setpriv --reuid deploy --regid=deploy --init-groups puma -C x",
            "ionice -c2 -n 0 chronic taskset -c 0,1 bundle exec puma -C x",
            "numactl --interleave=all systemd-cat -t shop stdbuf -oL puma -C x",
            "flock -n /run/shop.lock puma -C x",
            "chpst -u deploy:deploy puma -C x",
            "s6-setuidgid deploy envdir /etc/shop.d puma -C x",
            "dotenv -f .env.production bundle exec puma -C x",
            "direnv exec /srv/app bundle exec puma -C x",
            "doppler run --project shop -- bundle exec puma -C x",
            "scl enable rh-ruby27 -- jruby -J-Xmx1g -S puma -C x",
            "start-stop-daemon --start --pidfile a --chuid deploy --exec /usr/bin/bundle -- exec puma -C x",
            "start-stop-daemon -S -b -a /usr/bin/puma -x /usr/bin/ruby -- -C x",
        ] {
            let found = found(line);
            assert_eq!(found.len(), 1, "{line}");
            assert_eq!((found[0].program, arguments(&found[0])), (Program::Puma, vec!["-C", "x"]), "{line}");
        }
    }

    #[test]
    fn who_runs_it_and_what_finds_it_is_kept() {
        for (line, user, finders) in [
            ("sudo -u deploy -E bundle exec puma", Some("deploy"), "bundle exec"),
            ("sudo -nHu deploy bundle exec puma", Some("deploy"), "bundle exec"),
            ("su - deploy -c 'exec rbenv exec bundle exec puma'", Some("deploy"), "rbenv exec bundle exec"),
            ("/usr/bin/rvm 3.1.2 do nohup puma -d", None, "/usr/bin/rvm 3.1.2 do"),
            ("env A=1 /srv/bin/puma", None, ""),
            ("runuser -u deploy -- nice dotenv bundle exec puma", Some("deploy"), "dotenv bundle exec"),
            ("runuser -l deploy -c 'bundle exec puma'", Some("deploy"), "bundle exec"),
            (
                "start-stop-daemon --start -c deploy --exec /srv/bin/bundle -- exec puma",
                Some("deploy"),
                "/srv/bin/bundle exec",
            ),
        ] {
            let puma = found(line).remove(0);
            let words: Vec<&str> = puma.finders.iter().map(Word::text).collect();
            assert_eq!(
                (puma.user.as_ref().map(Word::text), words.join(" ").as_str()),
                (user, finders),
                "{line}"
            );
        }
    }

    #[test]
    fn other_programs_are_not_taken_for_puma() {
        for line in [
            "bundle install",
            "tail -f log/puma.log",
            "echo-puma",
            "bash script.sh puma",
            "bash",
            "bin/kill_puma",
            "start-stop-daemon --stop --pidfile a --exec /usr/bin/puma",
            "docker run -w /app shop bundle exec puma",
        ] {
            assert!(found(line).iter().all(|f| f.program != Program::Puma), "{line}");
        }
    }

    #[test]
    fn what_stays_around_as_its_parent() {
        use KeptWhy::{Dash, List, Piped, Redirected, Su, Sudo};
        for (line, why) in [
            ("bash -lc 'puma'", None),
            ("bash -lc 'cd /srv && puma'", None),
            ("bash -c 'cd /srv; A=1 puma'", None),
            ("bash -c 'exec -a web puma >> log'", None),
            ("sh -c 'cd /srv && exec puma'", None),
            ("env A=1 nohup puma", None),
            ("sh -c 'puma'", Some(Dash)),
            ("bash -c 'puma >> log 2>&1'", Some(Redirected)),
            ("sh -c 'puma | tee log'", Some(Piped)),
            ("bash -c 'puma; rm x'", Some(List)),
            ("bash -c 'a; cd /srv && puma'", Some(List)),
            ("su - deploy -c 'exec puma'", Some(Su)),
            ("sudo -u deploy bash -lc 'exec puma'", Some(Sudo)),
        ] {
            let kept = found(line).remove(0).kept.map(|kept| kept.why);
            assert_eq!(kept, why, "{line}");
        }
    }

    #[test]
    fn what_stands_around_is_kept_with_exact_places() {
        let line = "/bin/bash -lc 'cd /srv/app; A=1 puma --daemon &'";
        let puma = &found(line)[0];
        assert_eq!(puma.directory.as_ref().map(Word::text), Some("/srv/app"));
        assert_eq!(puma.variables, [("A".to_owned(), "1".to_owned())]);
        assert!(puma.login_shell && puma.background);
        let span = puma.arguments[0].span();
        assert_eq!(&line[span.range()], "--daemon");
    }

    #[test]
    fn what_sets_variables_of_its_own_leaves_the_others_open() {
        assert!(found("dotenv bundle exec puma")[0].login_shell);
        assert!(!found("nice bundle exec puma")[0].login_shell);
        assert!(found("sudo -iu deploy bundle exec puma")[0].login_shell);
        assert!(!found("sudo -Eu deploy bundle exec puma")[0].login_shell);
    }
}
