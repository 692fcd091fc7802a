//! Paths in units: `PIDFile=`, `WorkingDirectory=`, `EnvironmentFile=`, `RuntimeDirectory=` and the like.

use super::draft::Draft;
use super::specifiers::{SpecifierError, Table};
use super::words::{COLONS, QUOTES_RAW, Words};
use super::{Context, Entry, Manager, Problem, Resolved};
use crate::model::Word;

/// The longest path, and the longest part of one, as Linux counts them.
const LONGEST_PATH: usize = 4096;
const LONGEST_NAME: usize = 255;

/// A path as systemd takes it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PathValue {
    /// The path, simplified. `None`: the key is unset, because the value is empty or refused.
    pub path: Option<Word>,
    /// It holds a specifier that only the host can answer (as written, `%t` for a user manager's base).
    pub unknown: bool,
    /// What systemd says.
    pub problems: Vec<Problem>,
}

impl PathValue {
    /// The path, if all of it is known.
    pub fn known(&self) -> Option<&Word> {
        self.path.as_ref().filter(|_| !self.unknown)
    }

    /// The path as it is written, where only a template may know more of it.
    pub fn written(&self) -> Option<&Word> {
        self.path.as_ref().filter(|path| !self.unknown || path.has_hole() && !path.text().contains('%'))
    }

    fn refused(problem: Problem) -> Self {
        Self { problems: vec![problem], ..Self::default() }
    }
}

/// What a path has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Absolute,
    Relative,
}

/// `PIDFile=`: a relative path is below `/run`, `/var/run` is rewritten, `..` keeps the unit from loading.
/// Quotes, `~` and `$X` are ordinary characters. A specifier that cannot be resolved leaves the key as it was.
pub fn pid_file(entry: &Entry, context: &Context) -> PathValue {
    if entry.value.text().is_empty() {
        return PathValue::default();
    }
    let resolved = match context.resolve_with(&entry.value, Table::Path) {
        Ok(resolved) => resolved,
        Err(error) => return PathValue::refused(unresolved(entry, &entry.value, error)),
    };
    let starts_unknown = resolved.unknown.first().is_some_and(|first| first.start == 0);
    let based = resolved.word.text().starts_with('/') || starts_unknown;
    let mut unknown = !resolved.unknown.is_empty();
    let word = if based {
        resolved.word
    } else {
        let user = context.manager == Manager::User;
        unknown |= user;
        prefixed(if user { "%t/" } else { "/run/" }, &resolved.word)
    };
    let mut value = PathValue { unknown, ..PathValue::default() };
    if unknown {
        value.path = Some(word);
        return value;
    }
    match checked(entry, &word, Wanted::Absolute, false) {
        Ok(path) => value.path = Some(without_var(entry, path, &mut value.problems)),
        Err(problem) => value.problems.push(problem.fatal_if(true)),
    }
    value
}

/// The socket's or pidfile's path without the legacy `/var`, which systemd takes away.
pub(super) fn without_var(entry: &Entry, path: Word, problems: &mut Vec<Problem>) -> Word {
    let taken = match path.text().strip_prefix("/var/run") {
        // systemd leaves a `/` at the end of the bare directory.
        Some("") => Word::new("/run/", (0..5).map(|at| path.origin(at + 4)).collect(), path.span()),
        Some(rest) if rest.starts_with('/') => without(&path, "/var".len()),
        _ => return path,
    };
    let words = format!(
        "{}= references a path below legacy directory /var/run/, updating {} → {}; please update the unit file accordingly.",
        entry.key,
        path.text(),
        taken.text()
    );
    problems.push(Problem::of(entry, path.span(), words).kept());
    taken
}

/// Where `WorkingDirectory=` leads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Directory {
    /// `~`: the home of the user that the service runs as.
    pub home: bool,
    /// A leading `-`: the directory may be missing.
    pub missing_ok: bool,
    /// The path, if it is one.
    pub value: PathValue,
}

/// `WorkingDirectory=`: absolute or `~`, else the unit does not load; with a leading `-` it is ignored instead.
pub fn working_directory(entry: &Entry, context: &Context) -> Directory {
    let text = entry.value.text();
    let missing_ok = text.starts_with('-');
    let rest = without(&entry.value, usize::from(missing_ok));
    let mut directory = Directory { home: rest.text() == "~", missing_ok, ..Directory::default() };
    if text.is_empty() || directory.home {
        return directory;
    }
    directory.value = match context.resolve_with(&rest, Table::Path) {
        Ok(resolved) => of_resolved(entry, resolved, !missing_ok),
        Err(error) => {
            let ignoring = if missing_ok { ", ignoring" } else { "" };
            let words = format!(
                "Failed to resolve unit specifiers in working directory path '{}'{ignoring}: {}",
                rest.text(),
                error.words()
            );
            PathValue::refused(Problem::of(entry, rest.span(), words).fatal_if(!missing_ok))
        }
    };
    directory
}

/// `EnvironmentFile=`: absolute, else ignored; with a leading `-` (told by the flag) it may be missing. It may
/// hold a glob. No quotes.
pub fn environment_file_path(entry: &Entry, context: &Context) -> (PathValue, bool) {
    let text = entry.value.text();
    if text.is_empty() {
        return (PathValue::default(), false);
    }
    match context.resolve_with(&entry.value, Table::LongPath) {
        Ok(resolved) => {
            let optional = resolved.word.text().starts_with('-');
            let unknown =
                resolved.unknown.iter().map(|r| r.start.saturating_sub(1)..r.end.saturating_sub(1)).collect();
            let rest = without(&resolved.word, usize::from(optional));
            let resolved = if optional { Resolved { word: rest, unknown } } else { resolved };
            (of_resolved(entry, resolved, false), optional)
        }
        Err(error) => (PathValue::refused(unresolved(entry, &entry.value, error)), text.starts_with('-')),
    }
}

/// The file that `StandardOutput=` or `StandardError=` names with `file:`, `append:` or `truncate:`.
pub fn output_path(entry: &Entry, context: &Context) -> Option<PathValue> {
    let text = entry.value.text();
    let scheme = ["file:", "append:", "truncate:"].into_iter().find(|scheme| text.starts_with(scheme))?;
    let rest = without(&entry.value, scheme.len());
    Some(match context.resolve_with(&rest, Table::Path) {
        Ok(resolved) => {
            let mut value = of_resolved(entry, resolved, true);
            value.problems.iter_mut().for_each(|problem| problem.fatal = false);
            value
        }
        Err(error) => {
            let words =
                format!("Failed to resolve unit specifiers in {}, ignoring: {}", rest.text(), error.words());
            PathValue::refused(Problem::of(entry, rest.span(), words))
        }
    })
}

/// A key that takes one absolute path.
pub(super) fn plain(entry: &Entry, context: &Context, fatal: bool) -> PathValue {
    if entry.value.text().is_empty() {
        return PathValue::default();
    }
    match context.resolve_with(&entry.value, Table::Path) {
        Ok(resolved) => of_resolved(entry, resolved, fatal),
        Err(error) => {
            let ignoring = if fatal { "" } else { ", ignoring" };
            let (text, error) = (entry.value.text(), error.words());
            let words = format!("Failed to resolve unit specifiers in '{text}'{ignoring}: {error}");
            PathValue::refused(Problem::of(entry, entry.value.span(), words).fatal_if(fatal))
        }
    }
}

/// `RuntimeDirectory=`, `StateDirectory=` and their kin: relative paths, of which those are left that systemd
/// takes. A part behind a `:` (a symlink to it) is left out.
pub fn directories(entry: &Entry, context: &Context) -> (Vec<PathValue>, Vec<Problem>) {
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    let mut words = Words::new(&entry.value);
    loop {
        let word = match words.next(QUOTES_RAW) {
            Ok(Some(word)) => word,
            Ok(None) => break,
            Err(_) => {
                let words = format!(
                    "Invalid syntax {}={}, ignoring: Invalid argument",
                    entry.key,
                    entry.value.text()
                );
                problems.push(Problem::of(entry, entry.value.span(), words));
                break;
            }
        };
        let mut parts = Words::new(&word);
        let parts = parts.next(COLONS).and_then(|source| Ok((source, parts.next(COLONS)?)));
        let Ok((Some(source), destination)) = parts else {
            let words = format!("Invalid syntax in {}=, ignoring: {}", entry.key, word.text());
            problems.push(Problem::of(entry, word.span(), words));
            break;
        };
        match directory(entry, context, &word, &source, destination.as_ref()) {
            Ok(value) => found.push(value),
            Err(problem) => problems.push(problem),
        }
    }
    (found, problems)
}

/// One of them.
fn directory(
    entry: &Entry,
    context: &Context,
    word: &Word,
    source: &Word,
    destination: Option<&Word>,
) -> Result<PathValue, Problem> {
    let value = relative(entry, context, source)?;
    if value.known().is_some_and(|path| path.text() == "private" || path.text().starts_with("private/")) {
        let words = format!("{}= path can't be 'private', ignoring assignment: {}", entry.key, word.text());
        return Err(Problem::of(entry, word.span(), words));
    }
    if let Some(destination) = destination.filter(|destination| !destination.text().is_empty()) {
        if entry.key == "ConfigurationDirectory" {
            let words = format!(
                "Destination parameter is not supported for ConfigurationDirectory, ignoring: {}",
                word.text()
            );
            return Err(Problem::of(entry, word.span(), words));
        }
        relative(entry, context, destination)?;
    }
    Ok(value)
}

fn relative(entry: &Entry, context: &Context, word: &Word) -> Result<PathValue, Problem> {
    let resolved = context.resolve_with(word, Table::Path).map_err(|error| {
        let (text, error) = (word.text(), error.words());
        let words = format!("Failed to resolve unit specifiers in \"{text}\", ignoring: {error}");
        Problem::of(entry, word.span(), words)
    })?;
    if !resolved.unknown.is_empty() {
        return Ok(PathValue { path: Some(resolved.word), unknown: true, problems: Vec::new() });
    }
    let path = checked(entry, &resolved.word, Wanted::Relative, false)?;
    Ok(PathValue { path: Some(path), ..PathValue::default() })
}

/// "Failed to resolve unit specifiers", of a value that is then ignored.
pub(super) fn unresolved(entry: &Entry, word: &Word, error: SpecifierError) -> Problem {
    let words =
        format!("Failed to resolve unit specifiers in '{}', ignoring: {}", word.text(), error.words());
    Problem::of(entry, word.span(), words)
}

fn of_resolved(entry: &Entry, resolved: Resolved, fatal: bool) -> PathValue {
    if !resolved.unknown.is_empty() {
        return PathValue { path: Some(resolved.word), unknown: true, problems: Vec::new() };
    }
    match checked(entry, &resolved.word, Wanted::Absolute, fatal) {
        Ok(path) => PathValue { path: Some(path), ..PathValue::default() },
        Err(problem) => PathValue::refused(problem.fatal_if(fatal)),
    }
}

/// systemd's `path_simplify_and_warn`: the simplified path, or its complaint.
fn checked(entry: &Entry, word: &Word, wanted: Wanted, fatal: bool) -> Result<Word, Problem> {
    let ignoring = if fatal { "" } else { ", ignoring" };
    let (key, text) = (&entry.key, word.text());
    let refuse = |words: String| Err(Problem::of(entry, word.span(), words));
    match (wanted, text.starts_with('/')) {
        (Wanted::Absolute, false) => return refuse(format!("{key}= path is not absolute{ignoring}: {text}")),
        (Wanted::Relative, true) => return refuse(format!("{key}= path is absolute{ignoring}: {text}")),
        _ => {}
    }
    let simple = simplified(word);
    let text = simple.text();
    if !is_path(text) {
        return refuse(format!("{key}= path has invalid length ({} bytes){ignoring}.", text.len()));
    }
    if text.split('/').any(|part| part == "..") || (text == "." && wanted == Wanted::Relative) {
        return refuse(format!("{key}= path is not normalized{ignoring}: {text}"));
    }
    Ok(simple)
}

/// Without `.`, empty parts and a trailing `/`.
pub(super) fn simplified(word: &Word) -> Word {
    let bytes = word.text().as_bytes();
    if bytes.is_empty() {
        return word.clone();
    }
    let mut draft = Draft::default();
    let absolute = bytes[0] == b'/';
    if absolute {
        draft.push(b'/', word.origin(0));
    }
    let mut at = 0;
    for part in word.text().split('/') {
        if !part.is_empty() && part != "." {
            if draft.len() > usize::from(absolute) {
                draft.push(b'/', word.origin(at.max(1) - 1));
            }
            for (offset, byte) in part.bytes().enumerate() {
                draft.push(byte, word.origin(at + offset));
            }
        }
        at += part.len() + 1;
    }
    if draft.len() == 0 {
        draft.push(b'.', word.origin(0));
    }
    draft.into_word(word.span())
}

/// systemd's `path_is_valid`: not empty, not too long; `..` is fine.
pub(super) fn is_path(text: &str) -> bool {
    !text.is_empty() && text.len() < LONGEST_PATH && text.split('/').all(|part| part.len() <= LONGEST_NAME)
}

/// systemd's `filename_is_valid`.
pub(super) fn is_file_name(text: &str) -> bool {
    !matches!(text, "" | "." | "..") && !text.contains('/') && text.len() <= LONGEST_NAME
}

fn without(word: &Word, count: usize) -> Word {
    if count == 0 { word.clone() } else { word.part(count..word.text().len()) }
}

fn prefixed(prefix: &str, word: &Word) -> Word {
    let mut draft = Draft::default();
    draft.push_all(prefix.as_bytes(), word.span().start);
    for (at, byte) in word.text().bytes().enumerate() {
        draft.push(byte, word.origin(at));
    }
    draft.into_word(word.span())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systemd::{UnitName, parse};

    fn entry(key: &str, value: &str) -> Entry {
        parse(format!("[Service]\n{key}={value}\n").as_bytes()).entries.remove(0)
    }

    fn context() -> Context {
        Context::system(UnitName::new("puma.service").unwrap())
    }

    fn pid(value: &str) -> PathValue {
        pid_file(&entry("PIDFile", value), &context())
    }

    #[test]
    fn pid_files() {
        for (written, taken) in [
            ("puma.pid", "/run/puma.pid"),
            ("tmp/pids/puma.pid", "/run/tmp/pids/puma.pid"),
            ("/var/run/x", "/run/x"),
            ("$APP/puma.pid", "/run/$APP/puma.pid"),
            ("~/x", "/run/~/x"),
            ("\"/run/puma.pid\"", "/run/\"/run/puma.pid\""),
            ("/a/./b//c/", "/a/b/c"),
            ("%h/%p.pid", "/root/puma.pid"),
            ("/run/puma.pid # c", "/run/puma.pid # c"),
        ] {
            assert_eq!(pid(written).known().map(Word::text), Some(taken), "{written}");
        }
        assert_eq!(pid("/var/run/x").problems.len(), 1);
        let up = pid("/a/current/../b.pid");
        assert_eq!(up.problems[0].words, "PIDFile= path is not normalized, ignoring: /a/current/../b.pid");
        assert!(up.problems[0].fatal && up.path.is_none());
        let bad = pid("/run/%F");
        assert_eq!(
            bad.problems[0].words,
            "Failed to resolve unit specifiers in '/run/%F', ignoring: Invalid slot"
        );
        assert!(!bad.problems[0].fatal && bad.path.is_none());
    }

    #[test]
    fn pid_files_of_a_user_are_below_what_only_the_host_knows() {
        let context = Context { manager: Manager::User, ..context() };
        let value = pid_file(&entry("PIDFile", "puma.pid"), &context);
        assert_eq!((value.path.as_ref().map(Word::text), value.unknown), (Some("%t/puma.pid"), true));
        assert_eq!(pid_file(&entry("PIDFile", "/x"), &context).known().map(Word::text), Some("/x"));
    }

    #[test]
    fn a_pid_file_knows_its_place() {
        let value = pid("/var/run/./x");
        let path = value.known().unwrap();
        assert_eq!((path.text(), path.span_of(5..6)), ("/run/x", crate::model::Span::new(29, 30)));
    }

    #[test]
    fn working_directories() {
        let read = |value: &str| working_directory(&entry("WorkingDirectory", value), &context());
        assert!(read("~").home && read("-~").missing_ok);
        assert_eq!(read("-/srv//app/").value.known().map(Word::text), Some("/srv/app"));
        for bad in ["app", "~/x", "$X", "\"/srv\""] {
            let directory = read(bad);
            assert_eq!(
                directory.value.problems[0].words,
                format!("WorkingDirectory= path is not absolute: {bad}")
            );
            assert!(directory.value.problems[0].fatal);
        }
        assert_eq!(read("-x").value.problems[0].words, "WorkingDirectory= path is not absolute, ignoring: x");
        assert!(!read("-x").value.problems[0].fatal);
    }

    #[test]
    fn environment_files_outputs_and_directories() {
        let (value, optional) = environment_file_path(&entry("EnvironmentFile", "-/etc/%p"), &context());
        assert_eq!((value.known().map(Word::text), optional), (Some("/etc/puma"), true));
        let (value, _) = environment_file_path(&entry("EnvironmentFile", ".env"), &context());
        assert_eq!(value.problems[0].words, "EnvironmentFile= path is not absolute, ignoring: .env");
        let value = output_path(&entry("StandardOutput", "append:log"), &context()).unwrap();
        assert_eq!(value.problems[0].words, "StandardOutput= path is not absolute: log");
        assert!(!value.problems[0].fatal);
        let (found, problems) = directories(&entry("RuntimeDirectory", "puma /run/puma a/b:c"), &context());
        assert_eq!(problems[0].words, "RuntimeDirectory= path is absolute, ignoring: /run/puma");
        let found: Vec<_> = found.iter().map(|value| value.known().unwrap().text()).collect();
        assert_eq!(found, ["puma", "a/b"]);
    }
}
