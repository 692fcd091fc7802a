//! A unit file's grammar: sections, assignments, comments, continuation.

use super::draft::{Draft, is_clean, shown};
use super::lines::{LONGEST_LINE, Line};
use super::{Problem, Takes, UnitKind, takes, values};
use crate::model::{Span, Word};

const BOM: &[u8] = b"\xEF\xBB\xBF";
/// What systemd says of a line that is too long; it names no line.
const TOO_LONG: &str = "No buffer space available";

/// What systemd does with an assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// It reads it.
    Read,
    /// It does not know the key in this section, and says so.
    UnknownKey,
    /// It stands in a section that systemd does not read, or before any section.
    Unread,
    /// A key that starts with `X-`: ignored without a word.
    Extension,
}

/// One assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name of the section above it; empty before the first header.
    pub section: String,
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The value: continuation lines joined by one space, comment lines between them left out, blanks at both
    /// ends stripped, quotes and escapes as written.
    pub value: Word,
    /// The whole lines, with the last one's line end: what to delete. A byte order mark is not part of it.
    pub lines: Span,
    /// The line that systemd names in messages, from 1: the last one of several.
    pub line: usize,
    /// Whether systemd reads it.
    pub standing: Standing,
    /// Which file it comes from, when files were merged: 0 is the unit, 1 the first drop-in.
    pub file: usize,
}

/// A section header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What stands between the brackets.
    pub name: String,
    /// The header, brackets included.
    pub span: Span,
    /// The whole line with its line end.
    pub lines: Span,
    /// Whether systemd reads what follows.
    pub known: bool,
}

/// A unit file, or a drop-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// What kind of unit it was read as.
    pub kind: UnitKind,
    /// Every assignment in file order, also the ones that systemd does not read.
    pub entries: Vec<Entry>,
    /// Every section header in file order. One name may come several times: systemd merges them.
    pub sections: Vec<Section>,
    /// Every comment, from its `#` or `;` to the end of its line.
    pub comments: Vec<Span>,
    /// What systemd says of the grammar. Nothing follows a fatal one: there it stops reading.
    pub problems: Vec<Problem>,
    /// The file is empty (0 bytes): systemd takes the unit for masked.
    pub masked: bool,
}

impl Unit {
    /// The entry that decides a scalar: the last one that systemd does not ignore for its value (`Restart=x`).
    /// `None` if that is empty, which resets the key, or if there is none.
    pub fn last(&self, section: &str, key: &str) -> Option<&Entry> {
        last(&self.entries, self.kind, section, key)
    }

    /// The entries that make up a list: those after the last empty one, which resets the list. (Dependencies
    /// such as `After=` cannot be reset: of them all entries count.)
    pub fn all(&self, section: &str, key: &str) -> Vec<&Entry> {
        all(&self.entries, self.kind, section, key)
    }

    /// What systemd says that keeps the unit from loading, if anything does.
    pub fn fatal(&self) -> Option<&Problem> {
        self.problems.iter().find(|problem| problem.fatal)
    }
}

/// The entries of one key that systemd reads.
fn of_key<'a>(entries: &'a [Entry], section: &str, key: &str) -> impl DoubleEndedIterator<Item = &'a Entry> {
    entries
        .iter()
        .filter(move |entry| entry.standing == Standing::Read && entry.key == key && entry.section == section)
}

pub(super) fn last<'a>(entries: &'a [Entry], kind: UnitKind, section: &str, key: &str) -> Option<&'a Entry> {
    let takes = takes(kind, section, key)?;
    of_key(entries, section, key)
        .rfind(|entry| values::check(entry, takes).is_none_or(|problem| problem.kept))
        .filter(|entry| !entry.value.text().is_empty())
}

pub(super) fn all<'a>(entries: &'a [Entry], kind: UnitKind, section: &str, key: &str) -> Vec<&'a Entry> {
    let resets =
        !matches!(takes(kind, section, key), Some(Takes::Units | Takes::ObsoleteUnits | Takes::Sockets));
    let mut found = Vec::new();
    for entry in of_key(entries, section, key) {
        if !entry.value.text().is_empty() {
            found.push(entry);
        } else if resets {
            found.clear();
        }
    }
    found
}

/// Reads a `.service`, or a drop-in of one. Never fails: what is wrong is in `problems`.
pub fn parse(bytes: &[u8]) -> Unit {
    parse_as(UnitKind::Service, bytes)
}

/// Reads a unit of any kind, or a drop-in of one.
pub fn parse_as(kind: UnitKind, bytes: &[u8]) -> Unit {
    let mut reader = Reader {
        unit: Unit {
            kind,
            entries: Vec::new(),
            sections: Vec::new(),
            comments: Vec::new(),
            problems: Vec::new(),
            masked: bytes.is_empty(),
        },
        stopped: false,
        section: Place::Nowhere,
    };
    reader.read(bytes);
    reader.unit
}

/// Where the next assignment stands.
enum Place {
    /// Before any header.
    Nowhere,
    /// In a section that systemd does not read, with its name.
    Unread(String),
    /// In a section that it reads.
    In(String),
}

/// A logical line that may still go on.
struct Logical {
    text: Draft,
    lines: Span,
}

struct Reader {
    unit: Unit,
    /// systemd has met something fatal: it reads no further and says nothing more. We go on.
    stopped: bool,
    section: Place,
}

impl Reader {
    fn read(&mut self, bytes: &[u8]) {
        let (mut at, mut number, mut bom_seen) = (0, 0, false);
        let mut open: Option<Logical> = None;
        while let Some(line) = Line::at(bytes, at) {
            let Line { content, next } = line;
            at = next;
            if content.len() >= LONGEST_LINE {
                self.say(Problem::ignored(content, number + 1, TOO_LONG).fatal_if(true));
            }
            number += 1;
            // A comment is told before the byte order mark is taken away: one right behind the mark is none.
            if let Some(comment) = comment(bytes, content) {
                self.unit.comments.push(comment);
                continue;
            }
            let mut start = content.start;
            if !bom_seen && bytes[content.range()].starts_with(BOM) {
                start += BOM.len();
                bom_seen = true;
            }
            let piece = Draft::of_file(bytes, Span::new(start, content.end));
            let continues = ends_escaped(piece.bytes());
            let mut logical = match open.take() {
                Some(mut open) => {
                    if open.text.len() + piece.len() > LONGEST_LINE {
                        self.say(Problem::ignored(content, number, TOO_LONG).fatal_if(true));
                        open = Logical { text: Draft::default(), lines: Span::new(start, next) };
                    }
                    open.text.append(piece);
                    open.lines = open.lines.join(Span::new(start, next));
                    open
                }
                None => Logical { text: piece, lines: Span::new(start, next) },
            };
            if continues {
                logical.text.replace_last(b' ');
                open = Some(logical);
            } else {
                self.line(&logical, number);
            }
        }
        if let Some(logical) = open {
            // systemd counts the line that is missing.
            self.line(&logical, number + 1);
        }
    }

    fn say(&mut self, problem: Problem) {
        if !self.stopped {
            self.stopped = problem.fatal;
            self.unit.problems.push(problem);
        }
    }

    /// One logical line.
    fn line(&mut self, logical: &Logical, number: usize) {
        let text = &logical.text;
        let (from, to) = strip(text.bytes(), 0, text.len());
        let bytes = &text.bytes()[from..to];
        let span = text.span_of(from, to);
        let Some(first) = bytes.first() else { return };
        if !is_clean(bytes) {
            let words = format!("String is not UTF-8 clean, ignoring assignment: {}", shown(bytes));
            self.say(Problem::ignored(span, number, words).fatal_if(true));
        }
        if *first == b'[' {
            return self.header(logical, (from, to), number);
        }
        let standing = match &self.section {
            Place::Nowhere => {
                self.say(Problem::ignored(span, number, "Assignment outside of section. Ignoring."));
                Standing::Unread
            }
            Place::Unread(_) => Standing::Unread,
            Place::In(_) => Standing::Read,
        };
        let Some(equals) = bytes.iter().position(|byte| *byte == b'=').map(|at| from + at) else {
            if standing == Standing::Read {
                self.say(Problem::ignored(span, number, "Missing '=', ignoring line."));
            }
            return;
        };
        if equals == from {
            if standing == Standing::Read {
                self.say(Problem::ignored(span, number, "Missing key name before '=', ignoring line."));
            }
            return;
        }
        self.assignment(logical, (from, equals, to), standing, number);
    }

    fn assignment(
        &mut self,
        logical: &Logical,
        (from, equals, to): (usize, usize, usize),
        standing: Standing,
        number: usize,
    ) {
        let text = &logical.text;
        let section = match &self.section {
            Place::Nowhere => String::new(),
            Place::Unread(name) | Place::In(name) => name.clone(),
        };
        let (key_from, key_to) = strip(text.bytes(), from, equals);
        let (value_from, value_to) = strip(text.bytes(), equals + 1, to);
        let key_span = text.span_of(key_from, key_to);
        let key = text.word(key_from, key_to, key_span).text().to_owned();
        let value_span = if value_from == value_to {
            Span::at(text.span_of(equals, equals + 1).end)
        } else {
            text.span_of(value_from, value_to)
        };
        let standing = if standing != Standing::Read || takes(self.unit.kind, &section, &key).is_some() {
            standing
        } else if key.starts_with("X-") {
            Standing::Extension
        } else {
            let words = format!("Unknown key '{key}' in section [{section}], ignoring.");
            self.say(Problem::ignored(key_span, number, words));
            Standing::UnknownKey
        };
        self.unit.entries.push(Entry {
            section,
            key,
            key_span,
            value: text.word(value_from, value_to, value_span),
            lines: logical.lines,
            line: number,
            standing,
            file: 0,
        });
    }

    fn header(&mut self, logical: &Logical, (from, to): (usize, usize), number: usize) {
        let text = &logical.text;
        let span = text.span_of(from, to);
        let shown = text.word(from, to, span).text().to_owned();
        let Some(name) = shown.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else {
            let words = format!("Invalid section header '{shown}'");
            return self.say(Problem::ignored(span, number, words).fatal_if(true));
        };
        if !is_safe(name) {
            let words = format!("Bad characters in section header '{shown}'");
            return self.say(Problem::ignored(span, number, words).fatal_if(true));
        }
        let known = self.unit.kind.knows_section(name);
        if !known && !name.starts_with("X-") {
            self.say(Problem::ignored(span, number, format!("Unknown section '{name}'. Ignoring.")));
        }
        self.unit.sections.push(Section { name: name.to_owned(), span, lines: logical.lines, known });
        self.section = if known { Place::In(name.to_owned()) } else { Place::Unread(name.to_owned()) };
    }
}

/// The comment that a line is: `#` or `;` as its first character that is no blank.
fn comment(bytes: &[u8], content: Span) -> Option<Span> {
    let (from, _) = strip(bytes, content.start, content.end);
    let is_comment = from < content.end && matches!(bytes[from], b'#' | b';');
    is_comment.then(|| Span::new(from, content.end))
}

/// Whether a line ends in a backslash that no backslash before it escapes.
fn ends_escaped(bytes: &[u8]) -> bool {
    bytes.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

fn strip(bytes: &[u8], mut from: usize, mut to: usize) -> (usize, usize) {
    while from < to && is_blank(bytes[from]) {
        from += 1;
    }
    while to > from && is_blank(bytes[to - 1]) {
        to -= 1;
    }
    (from, to)
}

/// systemd's `WHITESPACE`.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// systemd's `string_is_safe`: no control characters, quotes or backslashes.
pub(super) fn is_safe(text: &str) -> bool {
    !text.bytes().any(|byte| byte < b' ' || matches!(byte, b'"' | b'\'' | b'\\' | 0x7F))
}

impl Entry {
    /// What the value is, as far as this room knows.
    pub fn takes(&self, kind: UnitKind) -> Option<Takes> {
        takes(kind, &self.section, &self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        parse(text.as_bytes()).problems.iter().map(|p| format!("{}: {}", p.line, p.words)).collect()
    }

    fn value(text: &str, key: &str) -> Option<String> {
        parse(text.as_bytes()).last("Service", key).map(|entry| entry.value.text().to_owned())
    }

    #[test]
    fn values_are_stripped_and_know_their_place() {
        let text = "[Service]\n  PIDFile =  /run/a b \t\nType=\n";
        let unit = parse(text.as_bytes());
        let entry = &unit.entries[0];
        assert_eq!(entry.value.text(), "/run/a b");
        assert_eq!(&text[entry.value.span().range()], "/run/a b");
        assert_eq!(&text[entry.key_span.range()], "PIDFile");
        assert_eq!(&text[entry.lines.range()], "  PIDFile =  /run/a b \t\n");
        assert_eq!(unit.entries[1].value.span(), Span::at(text.len() - 1));
        assert!(unit.problems.is_empty());
    }

    #[test]
    fn a_byte_order_mark_and_any_line_end_are_fine() {
        assert_eq!(words("\u{feff}[Service]\r\nType=simple\rPIDFile=/a\0User=x"), Vec::<String>::new());
        assert_eq!(value("\u{feff}[Service]\r\nType=simple\rUser=x", "Type").as_deref(), Some("simple"));
        assert_eq!(value("[Service]\r\nExecStart=a \\\r\nb\r\n", "ExecStart").as_deref(), Some("a  b"));
    }

    #[test]
    fn a_comment_right_behind_a_byte_order_mark_is_none() {
        assert_eq!(words("\u{feff}# c\n[Unit]\n"), ["1: Assignment outside of section. Ignoring."]);
    }

    #[test]
    fn comments_only_at_the_start_of_a_line() {
        let text = "# a\n[Service]\n  ; b\\\nUser=root # c\n";
        let unit = parse(text.as_bytes());
        let comments: Vec<_> = unit.comments.iter().map(|span| &text[span.range()]).collect();
        assert_eq!(comments, ["# a", "; b\\"]);
        assert_eq!(unit.entries[0].value.text(), "root # c");
    }

    #[test]
    fn continuation_joins_with_one_space_even_inside_a_word() {
        assert_eq!(value("[Service]\nPIDFile=/srv/\\\na.pid\n", "PIDFile").as_deref(), Some("/srv/ a.pid"));
        let text = "[Service]\nExecStart=/bin/a \\\n# c\n  ; d\nUser=root\nType=simple\n";
        let unit = parse(text.as_bytes());
        assert_eq!(unit.entries[0].value.text(), "/bin/a  User=root");
        assert_eq!(unit.entries[0].line, 5);
        assert_eq!(&text[unit.entries[0].lines.range()], "ExecStart=/bin/a \\\n# c\n  ; d\nUser=root\n");
        assert_eq!(&text[unit.entries[0].value.span_of(8..12).range()], "User");
        assert_eq!(unit.comments.len(), 2);
    }

    #[test]
    fn a_blank_line_ends_a_continuation_and_a_blank_behind_the_backslash_is_none() {
        assert_eq!(value("[Service]\nUser=a\\\n\nb\n", "User").as_deref(), Some("a"));
        assert_eq!(words("[Service]\nExecStart=/a \\ \nb\n"), ["3: Missing '=', ignoring line."]);
        assert_eq!(value("[Service]\nUser=a\\\\\nGroup=b\n", "User").as_deref(), Some("a\\\\"));
    }

    #[test]
    fn a_continuation_swallows_a_header() {
        let text = "[Service]\nExecStart=/a \\\n[Install]\nWantedBy=x.target\n";
        assert_eq!(words(text), ["4: Unknown key 'WantedBy' in section [Service], ignoring."]);
        assert_eq!(value(text, "ExecStart").as_deref(), Some("/a  [Install]"));
    }

    #[test]
    fn a_continuation_at_the_end_counts_a_line_more() {
        assert_eq!(words("[Service]\nFoo=a\\\n"), ["3: Unknown key 'Foo' in section [Service], ignoring."]);
    }

    #[test]
    fn sections_are_told_by_case_and_repeat() {
        assert_eq!(
            words("[unit]\nX\nA=b\n[Unit]\nDescription=x\n"),
            ["1: Unknown section 'unit'. Ignoring."]
        );
        assert_eq!(words("[ Unit ]\n"), ["1: Unknown section ' Unit '. Ignoring."]);
        assert_eq!(words("[Unit]  \n[X-Foo]\nA=b\n[]\n"), ["4: Unknown section ''. Ignoring."]);
        assert_eq!(words("[Socket]\n"), ["1: Unknown section 'Socket'. Ignoring."]);
        let text = "[Service]\nUser=a\n[Unit]\n[Service]\nUser=b\n";
        assert_eq!(value(text, "User").as_deref(), Some("b"));
    }

    #[test]
    fn a_bad_header_is_fatal_and_the_last_word() {
        let unit = parse(b"[Unit] # x\n[Foo]\n[Service]\nUser=a\n");
        assert_eq!(unit.problems.len(), 1);
        assert_eq!(unit.problems[0].words, "Invalid section header '[Unit] # x'");
        assert!(unit.fatal().is_some());
        assert!(unit.last("Service", "User").is_some());
        assert_eq!(words("["), ["1: Invalid section header '['"]);
        assert_eq!(words("[a\"]"), ["1: Bad characters in section header '[a\"]'"]);
    }

    #[test]
    fn lines_that_are_no_assignment() {
        assert_eq!(
            words("A=b\nx\n[Unit]\n=x\nx\nX-A=b\n"),
            [
                "1: Assignment outside of section. Ignoring.",
                "2: Assignment outside of section. Ignoring.",
                "4: Missing key name before '=', ignoring line.",
                "5: Missing '=', ignoring line."
            ]
        );
    }

    #[test]
    fn what_is_not_utf8_is_fatal_except_in_comments() {
        assert!(parse(b"[Unit]\n# \xFF\nDescription=a\n").problems.is_empty());
        let unit = parse(b"[Unit]\nDescription=a\xFFb\n");
        assert_eq!(
            unit.problems[0].words,
            "String is not UTF-8 clean, ignoring assignment: Description=a\u{FFFD}b"
        );
        assert!(unit.problems[0].fatal);
    }

    #[test]
    fn scalars_and_lists() {
        let unit =
            parse(b"[Service]\nExecStart=/a\nPIDFile=/x\nExecStart=\nExecStart=/b\nExecStart=/c\nPIDFile=\n");
        let lines =
            |entries: Vec<&Entry>| entries.iter().map(|e| e.value.text().to_owned()).collect::<Vec<_>>();
        assert_eq!(lines(unit.all("Service", "ExecStart")), ["/b", "/c"]);
        assert_eq!(unit.last("Service", "PIDFile"), None);
        // An empty value resets no dependency, and one that is refused resets nothing.
        let unit = parse(b"[Unit]\nAfter=a.target\nAfter=\n[Service]\nType=notify\nType=\nType=x\n");
        assert_eq!(lines(unit.all("Unit", "After")), ["a.target"]);
        assert_eq!(unit.last("Service", "Type").map(|e| e.value.text()), Some("notify"));
    }

    #[test]
    fn empty_is_masked_and_too_long_is_fatal() {
        assert!(parse(b"").masked);
        assert!(!parse(b"\n").masked);
        let mut long = b"[Unit]\nDescription=".to_vec();
        long.resize(8 + LONGEST_LINE, b'a');
        assert!(parse(&long).fatal().is_some());
        long.truncate(6 + LONGEST_LINE);
        assert!(parse(&long).fatal().is_none());
    }
}
