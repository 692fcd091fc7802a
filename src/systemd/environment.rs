//! `Environment=`: assignments, split as words are.

use super::words::{EXEC, Words};
use super::{Context, Entry, Problem};
use crate::model::{Span, Word};

/// One variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// Its name.
    pub name: Word,
    /// Its value. `$`, `~` and globs in it are ordinary characters.
    pub value: Word,
    /// The whole assignment as written, quotes included.
    pub span: Span,
    /// The value holds a specifier that only the host can answer, left as written.
    pub unknown: bool,
}

/// What a line of `Environment=`, or a file of assignments, says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Assignments {
    /// In order; of one name the last counts.
    pub assignments: Vec<Assignment>,
    /// What systemd says.
    pub problems: Vec<Problem>,
}

/// Reads one `Environment=` line. An empty one says nothing (it resets the list: see
/// [`Unit::all`](super::Unit::all)).
pub fn assignments(entry: &Entry, context: &Context) -> Assignments {
    let mut found = Assignments::default();
    let mut words = Words::new(&entry.value);
    loop {
        let word = match words.next(EXEC) {
            Ok(Some(word)) => word,
            Ok(None) => return found,
            Err(_) => {
                let words = format!("Invalid syntax, ignoring: {}", entry.value.text());
                found.problems.push(Problem::of(entry, entry.value.span(), words));
                return found;
            }
        };
        let resolved = match context.resolve(&word) {
            Ok(resolved) => resolved,
            Err(error) => {
                let words =
                    format!("Failed to resolve specifiers in {}, ignoring: {}", word.text(), error.words());
                found.problems.push(Problem::of(entry, word.span(), words));
                continue;
            }
        };
        match assignment(&resolved.word, !resolved.unknown.is_empty()) {
            Some(assignment) => found.assignments.push(assignment),
            None => {
                let words = format!("Invalid environment assignment, ignoring: {}", resolved.word.text());
                found.problems.push(Problem::of(entry, word.span(), words));
            }
        }
    }
}

/// Takes `NAME=value` apart.
pub(super) fn assignment(word: &Word, unknown: bool) -> Option<Assignment> {
    let text = word.text();
    let equals = text.find('=').filter(|equals| is_name(&text[..*equals]))?;
    let value = if equals + 1 == text.len() {
        Word::new("", Vec::new(), Span::at(word.origin(equals) + 1))
    } else {
        word.part(equals + 1..text.len())
    };
    Some(Assignment { name: word.part(0..equals), value, span: word.span(), unknown })
}

/// Letters, digits, underscores; no digit first.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systemd::{UnitName, parse};

    fn read(value: &str) -> Assignments {
        let unit = parse(format!("[Service]\nEnvironment={value}\n").as_bytes());
        assignments(&unit.entries[0], &Context::system(UnitName::new("puma.service").unwrap()))
    }

    fn pairs(value: &str) -> Vec<(String, String)> {
        let pair = |a: &Assignment| (a.name.text().to_owned(), a.value.text().to_owned());
        read(value).assignments.iter().map(pair).collect()
    }

    #[test]
    fn words_are_assignments() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            pairs(r#"A=b C= "E=f g" H='i'"#),
            [pair("A", "b"), pair("C", ""), pair("E", "f g"), pair("H", "i")]
        );
        assert_eq!(pairs("PATH=/x:$PATH P=%p%%"), [pair("PATH", "/x:$PATH"), pair("P", "puma%")]);
    }

    #[test]
    fn what_is_no_assignment_is_ignored() {
        assert_eq!(read("export X=1").problems[0].words, "Invalid environment assignment, ignoring: export");
        assert_eq!(pairs("export X=1").len(), 1);
        assert_eq!(read("1A=b A-B=c").problems.len(), 2);
        assert_eq!(read("A='b").problems[0].words, "Invalid syntax, ignoring: A='b");
        assert_eq!(read("A=b\\q C=d").assignments.len(), 0);
        assert_eq!(
            read("A=%F B=c").problems[0].words,
            "Failed to resolve specifiers in A=%F, ignoring: Invalid slot"
        );
    }

    #[test]
    fn they_know_their_place() {
        let found = read(r#""PORT=30\x300""#);
        let value = &found.assignments[0].value;
        assert_eq!((value.text(), value.span()), ("3000", Span::new(28, 35)));
        assert_eq!(found.assignments[0].span, Span::new(22, 36));
        assert_eq!(read("A=").assignments[0].value.span(), Span::at(24));
    }
}
