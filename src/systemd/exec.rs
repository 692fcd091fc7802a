//! `ExecStart=` and the other Exec lines: prefixes, words, several commands.

use super::draft::Draft;
use super::path::{is_file_name, is_path, simplified};
use super::specifiers::Table;
use super::unit::{is_blank, is_safe};
use super::words::{Words, span_from};
use super::{Context, Entry, Problem};
use crate::model::{Span, Word};

/// What the characters before a program's path ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Prefixes {
    /// `-`: a failure counts as success, also that the line cannot be read.
    pub ignore_failure: bool,
    /// `@`: the second word is the program's own name (`argv[0]`).
    pub own_name: bool,
    /// `:`: variables are not replaced.
    pub no_variables: bool,
    /// `+`: with full privileges, whatever `User=` says.
    pub privileged: bool,
    /// `!`: as root, but sandboxed.
    pub no_setuid: bool,
    /// `!!`: as `!`, where the kernel lacks ambient capabilities.
    pub ambient: bool,
}

/// One command of an Exec line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// What stood before the path.
    pub prefixes: Prefixes,
    /// The program: an absolute path, simplified, or a file name that systemd looks up in its own fixed path.
    /// No variables are replaced here.
    pub program: Word,
    /// The program's words, its name first. Specifiers are replaced, variables are not: see
    /// [`expand`](super::expand()).
    pub argv: Vec<Word>,
    /// The words of `argv` that hold a specifier only the host can answer, left as written.
    pub unknown: Vec<usize>,
    /// From its first to its last character.
    pub span: Span,
}

/// What an Exec line says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExecLine {
    /// The commands, up to the first fatal problem.
    pub commands: Vec<Command>,
    /// What systemd says.
    pub problems: Vec<Problem>,
}

/// Nothing more can be read from this line.
struct Stop;

/// Reads the commands of an Exec line.
pub fn commands(entry: &Entry, context: &Context) -> ExecLine {
    let mut line = ExecLine::default();
    let mut words = Words::new(&entry.value);
    // systemd quotes the line from its last command on.
    let mut whole = 0;
    loop {
        let shown = &entry.value.text()[whole..];
        let Ok(Some(first)) = words.next_or_warn(entry, shown, &mut line.problems) else { break };
        if first.text() == ";" {
            continue;
        }
        let mut reader = Reader { entry, context, shown, from: whole, problems: &mut line.problems };
        let Ok((command, more)) = reader.command(&first, &mut words) else { break };
        line.commands.push(command);
        whole = words.at();
        if !more {
            break;
        }
    }
    line
}

struct Reader<'a> {
    entry: &'a Entry,
    context: &'a Context,
    shown: &'a str,
    from: usize,
    problems: &'a mut Vec<Problem>,
}

impl Reader<'_> {
    /// The command that starts with `first`, and whether another follows.
    fn command(&mut self, first: &Word, words: &mut Words<'_>) -> Result<(Command, bool), Stop> {
        let (prefixes, length) = prefixes(first.text());
        let path = part(first, length);
        let (program, own_name, known) = self.program(&path, prefixes)?;
        let mut command =
            Command { prefixes, program, argv: Vec::new(), unknown: Vec::new(), span: first.span() };
        if !prefixes.own_name {
            if !known {
                command.unknown.push(0);
            }
            command.argv.push(own_name);
        }
        let mut more = false;
        while let [byte, ..] = words.rest() {
            let (rest, value) = (words.rest(), &self.entry.value);
            if *byte == b';' && rest.get(1).is_none_or(|next| is_blank(*next)) {
                words.skip(1);
                more = true;
                break;
            }
            if rest.starts_with(b"\\;") && rest.get(2).is_none_or(|next| is_blank(*next)) {
                let span = value.span_of(words.at()..words.at() + 2);
                command.span = command.span.join(span);
                command.argv.push(Word::new(";", vec![value.origin(words.at() + 1)], span));
                words.skip(2);
                continue;
            }
            let fatal = !prefixes.ignore_failure;
            let before = self.problems.len();
            let word = match words.next_or_warn(self.entry, self.shown, self.problems) {
                Ok(Some(word)) => word,
                Ok(None) => break,
                Err(_) => {
                    self.problems.iter_mut().skip(before).for_each(|problem| problem.fatal = fatal);
                    return Err(Stop);
                }
            };
            match self.context.resolve(&word) {
                Ok(resolved) => {
                    if resolved.known().is_none() {
                        command.unknown.push(command.argv.len());
                    }
                    command.span = command.span.join(word.span());
                    command.argv.push(resolved.word);
                }
                Err(error) => {
                    let words = format!("Failed to resolve unit specifiers in {}", word.text());
                    return self.refuse(word.span(), &words, &format!(": {}", error.words()), prefixes);
                }
            }
        }
        if command.argv.is_empty() {
            let tail = format!(": {}", self.shown);
            return self.refuse(self.span(), "Empty executable name or zeroeth argument", &tail, prefixes);
        }
        Ok((command, more))
    }

    /// The program as systemd runs it, as it is told its own name, and whether both are known.
    fn program(&mut self, path: &Word, prefixes: Prefixes) -> Result<(Word, Word, bool), Stop> {
        let resolved = match self.context.resolve_with(path, Table::Path) {
            Ok(resolved) => resolved,
            Err(error) => {
                let words = format!("Failed to resolve unit specifiers in '{}'", path.text());
                return self.refuse(path.span(), &words, &format!(": {}", error.words()), prefixes);
            }
        };
        if resolved.known().is_none() {
            return Ok((resolved.word.clone(), resolved.word, false));
        }
        let name = resolved.word;
        let text = name.text();
        let complaint = if text.is_empty() {
            let tail = format!(": '{}'", self.shown);
            return self.refuse(self.span(), "Empty path in command line", &tail, prefixes);
        } else if !is_safe(text) {
            "Executable name contains special characters"
        } else if text.ends_with('/') {
            "Executable path specifies a directory"
        } else if if text.starts_with('/') { !is_path(text) } else { !is_file_name(text) } {
            "Neither a valid executable name nor an absolute path"
        } else {
            let program = simplified(&name);
            return Ok((program, name, true));
        };
        self.refuse(name.span(), complaint, &format!(": {text}"), prefixes)
    }

    fn span(&self) -> Span {
        span_from(&self.entry.value, self.from)
    }

    fn refuse<T>(&mut self, span: Span, words: &str, tail: &str, prefixes: Prefixes) -> Result<T, Stop> {
        let ignoring = if prefixes.ignore_failure { ", ignoring" } else { "" };
        let problem = Problem::of(self.entry, span, format!("{words}{ignoring}{tail}"));
        self.problems.push(problem.fatal_if(!prefixes.ignore_failure));
        Err(Stop)
    }
}

/// The prefixes of a first word, and how many bytes they take. Each counts once; the rest belongs to the path.
fn prefixes(text: &str) -> (Prefixes, usize) {
    let mut found = Prefixes::default();
    for (at, byte) in text.bytes().enumerate() {
        let raised = found.privileged || found.ambient;
        match byte {
            b'-' if !found.ignore_failure => found.ignore_failure = true,
            b'@' if !found.own_name => found.own_name = true,
            b':' if !found.no_variables => found.no_variables = true,
            b'+' if !raised && !found.no_setuid => found.privileged = true,
            b'!' if !raised && !found.no_setuid => found.no_setuid = true,
            b'!' if !raised => (found.no_setuid, found.ambient) = (false, true),
            _ => return (found, at),
        }
    }
    (found, text.len())
}

/// A word without its first bytes.
fn part(word: &Word, from: usize) -> Word {
    if from == 0 {
        return word.clone();
    }
    let mut draft = Draft::default();
    for (at, byte) in word.text().bytes().enumerate().skip(from) {
        draft.push(byte, word.origin(at));
    }
    let start = word.origin(from);
    draft.into_word(Span::new(start, word.span().end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systemd::{UnitName, parse};

    fn read(value: &str) -> ExecLine {
        let unit = parse(format!("[Service]\nExecStart={value}\n").as_bytes());
        commands(&unit.entries[0], &Context::system(UnitName::new("puma.service").unwrap()))
    }

    fn argvs(value: &str) -> Vec<Vec<String>> {
        let texts = |command: &Command| command.argv.iter().map(|word| word.text().to_owned()).collect();
        read(value).commands.iter().map(texts).collect()
    }

    fn words(value: &str) -> (String, bool) {
        let problem = read(value).problems.remove(0);
        (problem.words, problem.fatal)
    }

    #[test]
    fn prefixes_combine() {
        let line = read("-@:+/bin/a name x");
        let command = &line.commands[0];
        assert!(command.prefixes.ignore_failure && command.prefixes.own_name);
        assert!(command.prefixes.no_variables && command.prefixes.privileged);
        assert_eq!((command.program.text(), command.argv[0].text()), ("/bin/a", "name"));
        assert!(read("!!/bin/a").commands[0].prefixes.ambient);
        assert!(!read("!!/bin/a").commands[0].prefixes.no_setuid);
        assert_eq!(words("+!/bin/a").0, "Neither a valid executable name nor an absolute path: !/bin/a");
        assert_eq!(words("- /bin/a"), ("Empty path in command line, ignoring: '- /bin/a'".into(), false));
        assert_eq!(words("@ /bin/a"), ("Empty path in command line: '@ /bin/a'".into(), true));
        assert_eq!(words("|/bin/a").0, "Neither a valid executable name nor an absolute path: |/bin/a");
    }

    #[test]
    fn commands_are_separated_by_a_semicolon_alone() {
        assert_eq!(argvs("/bin/a b ; /bin/c"), [vec!["/bin/a", "b"], vec!["/bin/c"]]);
        assert_eq!(argvs("/bin/a b; c \\; d"), [vec!["/bin/a", "b;", "c", ";", "d"]]);
        assert_eq!(argvs("/bin/a ; ; /bin/c ;"), [vec!["/bin/a"], vec!["/bin/c"]]);
        assert_eq!(argvs("/bin/a ';' b"), [vec!["/bin/a", ";", "b"]]);
        assert_eq!(
            argvs("/bin/kill -TERM $MAINPID && rm 2>&1"),
            [vec!["/bin/kill", "-TERM", "$MAINPID", "&&", "rm", "2>&1"]]
        );
    }

    #[test]
    fn the_program_is_a_path_or_a_bare_name() {
        for bad in ["bin/puma", "./x", "~/x", "$HOME/x"] {
            let words = words(bad);
            assert_eq!(words, (format!("Neither a valid executable name nor an absolute path: {bad}"), true));
        }
        assert_eq!(argvs("RAILS_ENV=production puma"), [vec!["RAILS_ENV=production", "puma"]]);
        assert_eq!(words("/bin/").0, "Executable path specifies a directory: /bin/");
        assert_eq!(words(r#""/bin/a\x22""#).0, "Executable name contains special characters: /bin/a\"");
        let line = read("//usr/./bin//ruby x");
        assert_eq!(
            (line.commands[0].program.text(), line.commands[0].argv[0].text()),
            ("/usr/bin/ruby", "//usr/./bin//ruby")
        );
    }

    #[test]
    fn specifiers() {
        assert_eq!(
            words("/bin/date +%F"),
            ("Failed to resolve unit specifiers in +%F: Invalid slot".into(), true)
        );
        assert_eq!(
            words("-/bin/date +%F").0,
            "Failed to resolve unit specifiers in +%F, ignoring: Invalid slot"
        );
        assert_eq!(argvs("/bin/date +%%F %t/x"), [vec!["/bin/date", "+%F", "/run/x"]]);
        assert_eq!(read("/bin/a %p %H").commands[0].unknown, [2]);
    }

    #[test]
    fn quoting() {
        assert_eq!(words("/bin/a 'b"), ("Unbalanced quoting, ignoring: \"/bin/a 'b\"".into(), true));
        // Of the first word it is not fatal: the command is missing, and the service is refused for that.
        assert_eq!(words("'b"), ("Unbalanced quoting, ignoring: \"'b\"".into(), false));
        let line = read(r"/bin/a \q b");
        assert_eq!(line.problems[0].words, r#"Ignoring unknown escape sequences: "\q""#);
        assert!(line.problems[0].kept);
        assert_eq!(line.commands[0].argv.len(), 3);
    }

    #[test]
    fn a_word_knows_where_it_stands() {
        let text = "[Service]\nExecStart=-/bin/sh -c 'cd x && puma \\\n  -d'\n";
        let unit = parse(text.as_bytes());
        let line = commands(&unit.entries[0], &Context::system(UnitName::new("a.service").unwrap()));
        let command = &line.commands[0];
        assert_eq!(&text[command.program.span().range()], "/bin/sh");
        let script = &command.argv[2];
        let at = script.text().find("-d").unwrap();
        assert_eq!(&text[script.span_of(at..at + 2).range()], "-d");
        assert_eq!(&text[command.span.range()], "-/bin/sh -c 'cd x && puma \\\n  -d'");
    }
}
