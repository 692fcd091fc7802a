//! One simple command: what stands before the program that it runs.

use super::shells::{SHELLS, in_shell, shell_line};
use super::wrappers::{FINDERS, LOADERS, WRAPPERS, unwrap, value_of};
use super::{Invocation, Kept, KeptWhy, PROGRAMS, Program};
use crate::model::{Word, hole};
use crate::puma::rails_server::RailsServer;

/// What holds for a command because of what stands before or around it.
#[derive(Clone, Default)]
pub(super) struct Surroundings {
    pub(super) finders: Vec<Word>,
    pub(super) user: Option<Word>,
    pub(super) directory: Option<Word>,
    pub(super) variables: Vec<(String, String)>,
    pub(super) requires: Vec<String>,
    pub(super) in_shell: bool,
    pub(super) login_shell: bool,
    pub(super) background: bool,
    pub(super) output: Option<Word>,
    pub(super) kept: Option<Kept>,
    /// What holds where `exec` replaces the shell.
    pub(super) outside: Option<Kept>,
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
pub(super) fn command(words: &[Word], around: &Surroundings, nesting: usize, found: &mut Vec<Invocation>) {
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

/// `-i`, `-iu`, `--login` of `sudo`.
fn is_login(option: &str) -> bool {
    option == "--login"
        || option.strip_prefix('-').is_some_and(|letters| !letters.starts_with('-') && letters.contains('i'))
}

/// `A=b`
pub(super) fn assignment(word: &str) -> Option<(&str, &str)> {
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
