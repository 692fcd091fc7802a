//! From comments to suppressions.

use super::{Name, Suppression, Suppressions, statement_lines};
use crate::model::{FileId, Source, Span};
use crate::parsed::Files;

/// A comment that speaks to us, and that we don't understand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Where.
    pub span: Span,
    /// What is wrong.
    pub message: &'static str,
    /// What to write.
    pub help: &'static str,
}

/// How a comment begins that speaks to us.
const CALL: &[u8] = b"puma-lint:";

/// Finds the suppressions of one file.
pub(super) fn file(files: &Files<'_>, file: FileId, found: &mut Suppressions) {
    let source = files.source(file);
    let comments = files.comments(file);
    let calls: Vec<Span> =
        comments.iter().copied().filter(|comment| after_call(source.bytes(), *comment).is_some()).collect();
    if calls.is_empty() {
        return;
    }
    let statements = files.statements(file);
    let own_lines: Vec<usize> = comments
        .iter()
        .filter(|comment| stands_alone(source, **comment))
        .map(|comment| source.line_of(comment.start))
        .collect();
    let top = statements.iter().map(|statement| statement.start).min().unwrap_or(usize::MAX);
    for comment in calls {
        let parsed = match parse(source.bytes(), comment) {
            Ok(parsed) => parsed,
            Err(mistake) => {
                found.mistakes.push((file, mistake));
                continue;
            }
        };
        let line = source.line_of(comment.start);
        let own_line = own_lines.contains(&line);
        if parsed.whole_file && comment.start > top {
            let message = "`ignore-file` counts above the first statement only";
            let help = "move it to the top, or write ignore[…] above the statement that is meant";
            found.mistakes.push((file, Mistake { span: comment, message, help }));
            continue;
        }
        let lines = if own_line {
            // Comments may stand between; a blank line may not.
            let below = (line + 1..).find(|line| !own_lines.contains(line)).unwrap_or(line);
            (line, statement_lines(source, &statements, below).1)
        } else {
            statement_lines(source, &statements, line)
        };
        found.all.push(Suppression {
            file,
            comment,
            own_line,
            lines: (!parsed.whole_file).then_some(lines),
            list: parsed.list,
            names: parsed.names,
        });
    }
}

/// Whether nothing but blanks stands before a comment in its line.
fn stands_alone(source: &Source, comment: Span) -> bool {
    let line = source.line_span(source.line_of(comment.start));
    let before = &source.bytes()[line.start..comment.start];
    before.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(before).iter().all(u8::is_ascii_whitespace)
}

/// Where the text behind `# puma-lint:` begins.
fn after_call(bytes: &[u8], comment: Span) -> Option<usize> {
    let text = bytes.get(comment.range())?;
    let leader = text.iter().take_while(|byte| matches!(byte, b'#' | b';')).count();
    let blanks = text[leader..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let begins = leader > 0 && text[leader + blanks..].starts_with(CALL);
    begins.then(|| comment.start + leader + blanks + CALL.len())
}

struct Parsed {
    whole_file: bool,
    list: Span,
    names: Vec<Name>,
}

/// Reads `ignore[rule, rule] -- reason`.
fn parse(bytes: &[u8], comment: Span) -> Result<Parsed, Mistake> {
    const WRITE: &str = "write # puma-lint: ignore[rule] -- reason";
    let mistake = |message| Mistake { span: comment, message, help: WRITE };
    let start = after_call(bytes, comment).unwrap_or(comment.end);
    let rest = &bytes[start..comment.end];
    let open = rest.iter().position(|byte| *byte == b'[');
    let word = rest[..open.unwrap_or(rest.len())].trim_ascii();
    let word =
        if open.is_some() { word } else { word.split(u8::is_ascii_whitespace).next().unwrap_or_default() };
    let whole_file = match word {
        b"ignore" => false,
        b"ignore-file" => true,
        _ => return Err(mistake("this comment speaks to puma-lint, which does not understand it")),
    };
    let Some(open) = open else {
        return Err(mistake("this comment does not say which rule it silences"));
    };
    let Some(length) = rest[open..].iter().position(|byte| *byte == b']') else {
        return Err(mistake("the list of rules is never closed: `]` is missing"));
    };
    let list = Span::new(start + open + 1, start + open + length);
    let mut names = Vec::new();
    let mut at = list.start;
    for part in bytes[list.range()].split(|byte| *byte == b',') {
        let blanks = part.len() - part.trim_ascii_start().len();
        let text = String::from_utf8_lossy(part.trim_ascii()).into_owned();
        if !text.is_empty() {
            let from = at + blanks;
            names.push(Name { span: Span::new(from, from + part.trim_ascii().len()), text, used: false });
        }
        at += part.len() + 1;
    }
    if names.is_empty() {
        return Err(mistake("this comment does not say which rule it silences"));
    }
    let behind = bytes[list.end + 1..comment.end].trim_ascii();
    if !behind.is_empty() && !behind.starts_with(b"--") {
        return Err(mistake("the reason stands behind `--`"));
    }
    Ok(Parsed { whole_file, list, names })
}
