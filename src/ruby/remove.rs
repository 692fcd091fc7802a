//! Takes a statement out of a file and leaves every other byte alone.
//!
//! Climbs from the call to its statement, refuses where the value is used, chooses the bytes to delete, and proves
//! the result: it must parse to the same tokens and comments without the removed ones.

use std::fmt;

use super::proof;
use super::tree::{IfForm, NodeId, NodeKind, Tree};
use crate::model::Span;

/// Why a statement isn't removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Its value goes somewhere.
    ValueUsed,
    /// The condition around it does something itself.
    ConditionActs,
    /// What would remain reads otherwise than before.
    Unproven,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refusal::ValueUsed => "its value is used",
            Refusal::ConditionActs => "its condition does something itself",
            Refusal::Unproven => "what stands around it would be read otherwise",
        })
    }
}

impl std::error::Error for Refusal {}

/// The deletions that remove the statement a call is, with the condition or the `rescue` that is there for it alone.
/// A trailing comment goes with it. A comment above stays, unless it is plainly about the statement alone.
pub fn remove_statement(bytes: &[u8], tree: &Tree, call: NodeId) -> Result<Vec<(Span, String)>, Refusal> {
    let statement = climb(tree, call)?;
    let name = match tree.kind(call) {
        NodeKind::Call { name, .. } => name.as_str(),
        _ => "",
    };
    let deletions = deletions(bytes, tree, statement, name);
    if proof::holds(bytes, tree.span(statement), &deletions) {
        return Ok(deletions.into_iter().map(|span| (span, String::new())).collect());
    }
    Err(Refusal::Unproven)
}

/// The outermost expression that is there for the call alone, and stands where values are dropped.
fn climb(tree: &Tree, call: NodeId) -> Result<NodeId, Refusal> {
    let parents = tree.parents();
    let parent = |id: NodeId| parents.get(id.0 as usize).copied().flatten();
    let mut statement = call;
    while let Some(above) = parent(statement) {
        match tree.kind(above) {
            NodeKind::If { condition, then, otherwise, form, .. } => {
                if *condition == statement || *form == IfForm::Ternary {
                    return Err(Refusal::ValueUsed);
                }
                let alone = then.len() + otherwise.len() == 1;
                let modifier = matches!(form, IfForm::ModifierIf | IfForm::ModifierUnless);
                match (alone, is_pure(tree, *condition)) {
                    (true, true) if !is_elsif(tree, &parents, above) => statement = above,
                    (true, false) if modifier => return Err(Refusal::ConditionActs),
                    _ => break,
                }
            }
            NodeKind::Paren(inner) if inner.len() == 1 => statement = above,
            NodeKind::Begin { modifier: true, body, .. } if body.contains(&statement) => statement = above,
            _ => break,
        }
    }
    is_dropped(tree, &parents, statement).then_some(statement).ok_or(Refusal::ValueUsed)
}

/// Whether an `if` is an `elsif` of another.
fn is_elsif(tree: &Tree, parents: &[Option<NodeId>], id: NodeId) -> bool {
    let Some(above) = parents.get(id.0 as usize).copied().flatten() else { return false };
    matches!(tree.kind(above), NodeKind::If { otherwise, form: IfForm::If, .. } if *otherwise == [id]
        && tree.span(id).end == tree.span(above).end)
}

/// Whether nothing uses the value of an expression, all the way up.
fn is_dropped(tree: &Tree, parents: &[Option<NodeId>], mut id: NodeId) -> bool {
    while let Some(above) = parents.get(id.0 as usize).copied().flatten() {
        let last = |body: &[NodeId]| body.last() == Some(&id);
        match tree.kind(above) {
            NodeKind::If { condition, form, .. } if *condition == id || *form == IfForm::Ternary => {
                return false;
            }
            NodeKind::Case { subject, clauses, .. } => {
                let tested = clauses.iter().any(|clause| clause.patterns.contains(&id));
                if *subject == Some(id) || tested {
                    return false;
                }
            }
            NodeKind::Loop { condition, .. } => {
                // `x while c` stands before its condition, and is its whole body.
                return *condition != id && tree.span(*condition).start < tree.span(id).start;
            }
            NodeKind::For { body, .. } => return body.contains(&id),
            // The block's value goes to its method. A hook, whose own value is dropped, has no use for it.
            NodeKind::Block { body, .. } if body.contains(&id) => {
                if !last(body) {
                    return true;
                }
            }
            NodeKind::Call { block, .. } if *block == Some(id) => {}
            NodeKind::Def { body, .. } => return body.contains(&id) && !last(body),
            NodeKind::Namespace { .. } => return true,
            NodeKind::Paren(body) if last(body) && body.len() > 1 => return false,
            NodeKind::If { .. } | NodeKind::Paren(_) | NodeKind::Begin { .. } => {}
            _ => return false,
        }
        id = above;
    }
    true
}

/// Whether an expression only looks: nothing changes by dropping it.
fn is_pure(tree: &Tree, id: NodeId) -> bool {
    let pure_call = |receiver: &Option<NodeId>, name: &str, args: &[NodeId]| {
        let looks = name.ends_with('?')
            || matches!(name, "[]" | "==" | "!=" | "<" | ">" | "<=" | ">=" | "===" | "=~" | "!")
            || matches!(
                name,
                "fetch" | "env" | "root" | "to_s" | "to_i" | "to_sym" | "downcase" | "strip" | "new"
            );
        (looks && receiver.is_some() || matches!(name, "respond_to?" | "block_given?"))
            && receiver.is_none_or(|receiver| is_pure(tree, receiver))
            && args.iter().all(|arg| is_pure(tree, *arg))
    };
    match tree.kind(id) {
        NodeKind::Call { receiver, name, args, block: None, .. } => pure_call(receiver, name, args),
        NodeKind::Assign { .. }
        | NodeKind::OperatorAssign { .. }
        | NodeKind::MultiAssign { .. }
        | NodeKind::AssignConst { .. }
        | NodeKind::Call { .. }
        | NodeKind::SuperOrYield(_)
        | NodeKind::Return(_)
        | NodeKind::Jump(..)
        | NodeKind::Def { .. }
        | NodeKind::Namespace { .. }
        | NodeKind::Lambda(_)
        | NodeKind::Block { .. }
        | NodeKind::Other(_) => false,
        NodeKind::Text(super::tree::TextForm::Shell, _) => false,
        NodeKind::Defined(_) => true,
        _ => tree.children(id).into_iter().all(|child| is_pure(tree, child)),
    }
}

/// The bytes to delete, in order.
fn deletions(bytes: &[u8], tree: &Tree, statement: NodeId, name: &str) -> Vec<Span> {
    let span = tree.span(statement);
    let main = whole_else(bytes, span).unwrap_or_else(|| main_deletion(bytes, tree, span));
    let mut deletions = vec![main];
    // Heredoc bodies lie below the statement's lines.
    for heredoc in tree.heredocs.iter().filter(|heredoc| span.contains(heredoc.opener)) {
        if !main.contains(heredoc.lines) {
            deletions.push(heredoc.lines);
        }
    }
    deletions.sort();
    // What touches is one.
    deletions.dedup_by(|next, previous| {
        let touches = previous.end == next.start;
        if touches {
            previous.end = next.end;
        }
        touches
    });
    if let [only] = deletions.as_mut_slice() {
        only.start = comment_above(bytes, tree, *only, name).unwrap_or(only.start);
        only.end = without_double_blank(bytes, *only);
    }
    deletions
}

/// From `else` to before `end`, where nothing but the statement stands between them.
fn whole_else(bytes: &[u8], span: Span) -> Option<Span> {
    let before = bytes[..span.start].trim_ascii_end();
    let start = before.strip_suffix(b"else")?.len();
    let after = bytes[span.end..].trim_ascii_start();
    let end = bytes.len() - after.len();
    let is_word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_' || *b == b':' || *b == b'.';
    let bounded = |at: Option<&u8>| !at.is_some_and(is_word);
    if !after.starts_with(b"end") || !bounded(after.get(3)) || !bounded(before[..start].last()) {
        return None;
    }
    let (else_line, end_line) = (line_start(bytes, start), line_start(bytes, end));
    let starts_line = |from: usize, to: usize| bytes[from..to].iter().all(|b| is_blank(*b));
    if starts_line(else_line, start) && starts_line(end_line, end) {
        return Some(Span::new(else_line, end_line));
    }
    (else_line == end_line).then_some(Span::new(start, end))
}

fn main_deletion(bytes: &[u8], tree: &Tree, span: Span) -> Span {
    let (start, end) = (span.start, skip_continuation(bytes, span.end));
    let line_start = line_start(bytes, start);
    let line_end = line_end(bytes, end);
    let before = bytes[line_start..start].iter().all(|b| is_blank(*b));
    let mut rest = skip_blanks(bytes, end);
    let semicolon = (bytes.get(rest) == Some(&b';')).then_some(rest);
    if let Some(at) = semicolon {
        rest = skip_blanks(bytes, at + 1);
    }
    let comment = tree.comments.iter().find(|comment| comment.span.start == rest);
    let nothing_after = rest >= line_end || comment.is_some();
    if before && nothing_after {
        return Span::new(line_start, after_newline(bytes, line_end));
    }
    let previous = previous_semicolon(bytes, line_start, start);
    match (semicolon, previous) {
        // `a; x` and `a; x # why`: the comment may be about all of the line.
        (_, Some(previous)) if nothing_after => Span::new(previous, end),
        (Some(_), _) => Span::new(start, rest),
        (None, _) => {
            // `{ x }`, `then x end`: one of the blanks around it goes too, and all at a line's end.
            let after = skip_blanks(bytes, end);
            let blanks = bytes[line_start..start].iter().rev().take_while(|b| is_blank(**b)).count();
            match blanks {
                0 => Span::new(start, end),
                _ if after >= line_end => Span::new(start - blanks, end),
                _ => Span::new(start, after),
            }
        }
    }
}

/// The end of a deletion of whole lines; of two blank lines that would meet, one goes too.
fn without_double_blank(bytes: &[u8], lines: Span) -> usize {
    let (start, end) = (lines.start, lines.end);
    if start != line_start(bytes, start) || end != line_start(bytes, end) || end == bytes.len() {
        return end;
    }
    let above_blank =
        start == content_start(bytes) || is_blank_line(bytes, line_start(bytes, start.saturating_sub(1)));
    if above_blank && is_blank_line(bytes, end) { after_newline(bytes, line_end(bytes, end)) } else { end }
}

/// The most lines of a comment that goes with a statement: what is longer tells of more than one line.
const COMMENT_LINES: usize = 3;

/// How comments begin that programs read: those are about more than a line.
const READ_BY_PROGRAMS: &[&str] = &[
    "-*-",
    "coding:",
    "encoding:",
    "frozen_string_literal:",
    "frozen-string-literal:",
    "warn_indent:",
    "rubocop:",
    "standard:",
    "puma-lint:",
];

/// Where the comment above deleted lines begins, if it is about them alone: it stands right above, its first line names
/// what is deleted, it is short, and below the lines comes nothing that it could be about as well.
fn comment_above(bytes: &[u8], tree: &Tree, lines: Span, name: &str) -> Option<usize> {
    let whole = lines.start == line_start(bytes, lines.start)
        && (lines.end == bytes.len() || lines.end == line_start(bytes, lines.end));
    if !whole || name.is_empty() || !is_blank_line(bytes, lines.end) {
        return None;
    }
    let mut start = lines.start;
    let mut first = "";
    let mut count = 0;
    while start > content_start(bytes) {
        let above = line_start(bytes, start - 1);
        let text = std::str::from_utf8(&bytes[above..line_end(bytes, above)]).ok()?;
        let at = above + text.len() - text.trim_start().len();
        let is_comment = text.trim_start().starts_with('#')
            && tree.comments.iter().any(|comment| comment.span.start == at);
        if !is_comment {
            break;
        }
        (start, first, count) = (above, text, count + 1);
    }
    let marks = bytes[start..lines.start].split(|byte| *byte == b'\n');
    let is_read = |line: &[u8]| {
        let text = String::from_utf8_lossy(line);
        let text = text.trim_start();
        READ_BY_PROGRAMS.iter().any(|mark| text.trim_start_matches(['#', ' ']).starts_with(mark))
            || text.starts_with("#!")
    };
    let names = |text: &str| {
        text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word.eq_ignore_ascii_case(name))
    };
    let goes = (1..=COMMENT_LINES).contains(&count) && names(first) && !marks.into_iter().any(is_read);
    goes.then_some(start)
}

fn content_start(bytes: &[u8]) -> usize {
    if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 }
}

fn line_start(bytes: &[u8], at: usize) -> usize {
    let newline = bytes[..at.min(bytes.len())].iter().rposition(|b| *b == b'\n');
    newline.map_or(content_start(bytes).min(at), |newline| newline + 1)
}

/// The end of the line that holds `at`, before its line end.
fn line_end(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let end = rest.iter().position(|b| *b == b'\n').map_or(bytes.len(), |newline| at + newline);
    if end > at && bytes.get(end) == Some(&b'\n') && bytes[end - 1] == b'\r' { end - 1 } else { end }
}

/// The first byte of the next line.
fn after_newline(bytes: &[u8], line_end: usize) -> usize {
    let newline = bytes.get(line_end..).unwrap_or_default().iter().position(|b| *b == b'\n');
    newline.map_or(bytes.len(), |newline| line_end + newline + 1)
}

fn is_blank_line(bytes: &[u8], start: usize) -> bool {
    let end = line_end(bytes, start);
    bytes.get(start..end).unwrap_or_default().iter().all(|b| is_blank(*b))
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | 0x0b | 0x0c)
}

fn skip_blanks(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(|b| matches!(b, b' ' | b'\t')) {
        at += 1;
    }
    at
}

/// A backslash-newline behind the statement belongs to it.
fn skip_continuation(bytes: &[u8], end: usize) -> usize {
    let at = skip_blanks(bytes, end);
    match bytes.get(at..) {
        Some([b'\\', b'\n', ..]) => at + 1,
        Some([b'\\', b'\r', b'\n', ..]) => at + 1,
        _ => end,
    }
}

/// The `;` before the statement on its line, with the blanks before it.
fn previous_semicolon(bytes: &[u8], line_start: usize, start: usize) -> Option<usize> {
    let before = &bytes[line_start..start];
    let at = before.iter().rposition(|b| !is_blank(*b)).filter(|at| before[*at] == b';')?;
    let mut at = line_start + at;
    while at > line_start && is_blank(bytes[at - 1]) {
        at -= 1;
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    /// Removes the first call of `daemonize`.
    fn removed(text: &str) -> Result<String, Refusal> {
        let tree = parse(text.as_bytes()).unwrap();
        let is_call = |kind: &NodeKind| matches!(kind, NodeKind::Call { name, .. } if name == "daemonize");
        let call = tree.iter().find(|(_, node)| is_call(&node.kind)).unwrap().0;
        let edits = remove_statement(text.as_bytes(), &tree, call)?;
        let mut fixed = text.to_owned();
        for (span, replacement) in edits.iter().rev() {
            fixed.replace_range(span.range(), replacement);
        }
        Ok(fixed)
    }

    #[test]
    fn statements_go_and_everything_else_stays() {
        let table = [
            ("daemonize\n", ""),
            ("a 1\ndaemonize true # why\nb 2\n", "a 1\nb 2\n"),
            ("a 1\r\ndaemonize true\r\nb 2\r\n", "a 1\r\nb 2\r\n"),
            ("a 1\ndaemonize true", "a 1\n"),
            ("\u{feff}daemonize\na 1\n", "\u{feff}a 1\n"),
            ("# above\ndaemonize\nb 2\n", "# above\nb 2\n"),
            ("a 1\n\ndaemonize\n\nb 2\n", "a 1\n\nb 2\n"),
            ("daemonize\n\nb 2\n", "b 2\n"),
            ("\tdaemonize true\n", ""),
            ("daemonize; pidfile 'x'\n", "pidfile 'x'\n"),
            ("pidfile 'x'; daemonize\n", "pidfile 'x'\n"),
            ("pidfile 'x'; daemonize # why\n", "pidfile 'x' # why\n"),
            ("a 1; daemonize ; b 2\n", "a 1; b 2\n"),
            ("daemonize;\n", ""),
            ("daemonize true if ENV['X']\nb 2\n", "b 2\n"),
            ("daemonize true unless Rails.env.development?\nb 2\n", "b 2\n"),
            ("if ENV['X'] == 'y'\n  daemonize\nend\nb 2\n", "b 2\n"),
            ("if setup!\n  daemonize\nend\n", "if setup!\nend\n"),
            ("if ENV['X']\n  daemonize\nelse\n  b 2\nend\n", "if ENV['X']\nelse\n  b 2\nend\n"),
            ("if ENV['X']\n  a 1\n  daemonize\nend\n", "if ENV['X']\n  a 1\nend\n"),
            ("if c; daemonize; end\n", "if c; end\n"),
            ("daemonize ENV['NO_DAEMON'] ? false : true\n", ""),
            ("(daemonize true)\nb 2\n", "b 2\n"),
            ("daemonize \\\n  true\nb 2\n", "b 2\n"),
            ("daemonize(\n  true\n)\nb 2\n", "b 2\n"),
            ("begin\n  daemonize\nrescue NameError\nend\n", "begin\nrescue NameError\nend\n"),
            ("daemonize rescue nil\nb 2\n", "b 2\n"),
            ("on_boot { daemonize }\n", "on_boot { }\n"),
            ("on_boot do\n  daemonize\nend\n", "on_boot do\nend\n"),
            ("case x\nwhen 1 then daemonize\nend\n", "case x\nwhen 1 then\nend\n"),
            ("daemonize <<~X\n  text\nX\nb 2\n", "b 2\n"),
            ("daemonize\n__END__\ntext\n", "__END__\ntext\n"),
            ("a 1\n\ndaemonize <<X\n\n text\nX\n\nb 2\n", "a 1\n\nb 2\n"),
            ("a <<A; daemonize <<B\n1\nA\n2\nB\nc\n", "a <<A\n1\nA\nc\n"),
            ("daemonize <<A; a <<B\n1\nA\n2\nB\nc\n", "a <<B\n2\nB\nc\n"),
            ("daemonize <<A, <<~B\r\n1\r\nA\r\n2\r\n B\r\nc\r\n", "c\r\n"),
            ("daemonize <<A\n#{b <<B} #{\"c\"}\n2\nB\nA\nc <<C\n3\nC\n", "c <<C\n3\nC\n"),
            ("a 1\ndaemonize <<X\nt\nX", "a 1\n"),
            ("daemonize <<X\nX\n__END__\nfoo", "__END__\nfoo"),
            ("if a\n  x\nelse\n  daemonize\nend\nc\n", "if a\n  x\nend\nc\n"),
            ("unless a\n  x\nelse\n  daemonize # why\nend\n", "unless a\n  x\nelse\nend\n"),
            ("if a then x else daemonize end\n", "if a then x end\n"),
            ("if a\n  x\nelse # why\n  daemonize\nend\n", "if a\n  x\nelse # why\nend\n"),
            ("if a\n  x\nelsif b\n  daemonize\nend\nc\n", "if a\n  x\nelsif b\nend\nc\n"),
            ("if ENV['A']\n  daemonize\nelse\nend\nc\n", "c\n"),
            ("case x\nwhen 1\n  a\nelse\n  daemonize\nend\n", "case x\nwhen 1\n  a\nend\n"),
            ("begin\n  x\nensure\n  daemonize\nend\n", "begin\n  x\nensure\nend\n"),
            ("daemonize true \\\n\nb 2\n", "b 2\n"),
            ("a \"\n\"; daemonize\nb\n", "a \"\n\"\nb\n"),
            ("daemonize do |x|\n  foo # c\nend\nb\n", "b\n"),
            ("daemonize; # why\nb\n", "b\n"),
            ("def x\n  daemonize\n  1\nend\n", "def x\n  1\nend\n"),
            ("x = foo do\n  daemonize\n  2\nend\n", "x = foo do\n  2\nend\n"),
            ("# a\n\n\ndaemonize\n\n\n# b\n", "# a\n\n\n\n# b\n"),
            ("self.daemonize true\nb 2\n", "b 2\n"),
        ];
        for (text, wanted) in table {
            assert_eq!(removed(text).as_deref(), Ok(wanted), "{text:?}");
        }
    }

    #[test]
    fn a_comment_above_goes_only_if_it_is_about_the_statement_alone() {
        for (text, wanted) in [
            ("# Daemonize the server.\ndaemonize true\n\nb 2\n", "b 2\n"),
            ("a 1\n\n# daemonize: it\n# runs behind\ndaemonize true\n", "a 1\n\n"),
            ("a 1\r\n# do daemonize\r\ndaemonize\r\n\r\nb 2\r\n", "a 1\r\n\r\nb 2\r\n"),
            ("if ENV['X']\n  # daemonize\n  daemonize\nend\nb 2\n", "b 2\n"),
            ("\u{feff}# daemonize\ndaemonize", "\u{feff}"),
        ] {
            assert_eq!(removed(text).as_deref(), Ok(wanted), "{text:?}");
        }
        for comment in [
            "# Run in the background.\n",
            "# daemonize\n\n",
            "# Run\n# daemonize\n",
            "# daemonized\n",
            "# daemonize\n# 2\n# 3\n# 4\n",
            "#!/usr/bin/env daemonize\n",
            "# rubocop:disable daemonize\n",
            "# daemonize\n# encoding: utf-8\n",
            "=begin\n# daemonize\n=end\n",
            "a 1 # daemonize\n",
            "a <<X\n# daemonize\nX\n",
        ] {
            assert_eq!(removed(&format!("{comment}daemonize\n")).unwrap(), comment, "{comment:?}");
        }
        // The comment may be about the next line, too.
        assert_eq!(removed("# daemonize\ndaemonize\nb 2\n").unwrap(), "# daemonize\nb 2\n");
        assert_eq!(removed("# daemonize\ndaemonize\n# b\nb 2\n").unwrap(), "# daemonize\n# b\nb 2\n");
        assert_eq!(removed("# daemonize\na 1; daemonize\n").unwrap(), "# daemonize\na 1\n");
    }

    #[test]
    fn more_traps() {
        for (text, wanted) in [
            ("((daemonize true))\nb 2\n", "b 2\n"),
            ("if ENV['X']; daemonize; end\nb 2\n", "b 2\n"),
            ("if ENV['X'] then daemonize end; b 2\n", "b 2\n"),
            ("unless ENV['X']\n  # why\n  daemonize true\nend\nb 2\n", "b 2\n"),
            ("begin\n  daemonize\nensure\n  b 2\nend\n", "begin\nensure\n  b 2\nend\n"),
            ("on_boot do\n  daemonize\nrescue\n  b 2\nend\n", "on_boot do\nrescue\n  b 2\nend\n"),
            ("on_boot { |x| a 1; daemonize }\n", "on_boot { |x| a 1; }\n"),
            ("if a\n  daemonize\n  x\nend\n", "if a\n  x\nend\n"),
            ("daemonize true,\n  2 # why\nb 2\n", "b 2\n"),
            ("daemonize(\n  true # because\n)\nb 2\n", "b 2\n"),
            ("daemonize(true) { |x|\n  y\n}\nb 2\n", "b 2\n"),
            ("daemonize <<~A + <<~B\n  1\nA\n  2\nB\nb 2\n", "b 2\n"),
            ("daemonize if ENV['X'] && !ENV.fetch('Y', nil).nil?\nb 2\n", "b 2\n"),
            ("daemonize true if ENV['X'] if ENV['Y']\nb 2\n", "b 2\n"),
            ("if (x = 1)\n  daemonize\nend\nb x\n", "if (x = 1)\nend\nb x\n"),
            ("b 1\ndaemonize\n\n\n", "b 1\n\n\n"),
        ] {
            assert_eq!(removed(text).as_deref(), Ok(wanted), "{text:?}");
        }
        for (text, why) in [
            ("daemonize ? 1 : 2\n", Refusal::ValueUsed),
            ("[daemonize]\n", Refusal::ValueUsed),
            ("return daemonize\n", Refusal::ValueUsed),
            ("x ||= daemonize\n", Refusal::ValueUsed),
            ("daemonize if ENV.delete('X')\n", Refusal::ConditionActs),
            ("daemonize if system('x')\n", Refusal::ConditionActs),
        ] {
            assert_eq!(removed(text), Err(why), "{text:?}");
        }
    }

    #[test]
    fn what_is_used_or_unclear_stays() {
        for (text, why) in [
            ("x = daemonize\n", Refusal::ValueUsed),
            ("foo daemonize\n", Refusal::ValueUsed),
            ("a && daemonize\n", Refusal::ValueUsed),
            ("!daemonize\n", Refusal::ValueUsed),
            ("\"#{daemonize}\"\n", Refusal::ValueUsed),
            ("x = if a then daemonize end\n", Refusal::ValueUsed),
            ("y ? daemonize : b\n", Refusal::ValueUsed),
            ("daemonize.foo\n", Refusal::ValueUsed),
            ("daemonize while a\n", Refusal::ValueUsed),
            ("def x\n  daemonize\nend\n", Refusal::ValueUsed),
            ("x = -> { daemonize }\n", Refusal::ValueUsed),
            ("(a 1; daemonize)\n", Refusal::ValueUsed),
            ("daemonize if (x = ENV['X'])\n", Refusal::ConditionActs),
            ("daemonize if setup!\n", Refusal::ConditionActs),
            ("x = foo { daemonize }\n", Refusal::ValueUsed),
            ("foo { daemonize }.bar\n", Refusal::ValueUsed),
            ("begin\n  daemonize\nend while x\n", Refusal::ValueUsed),
            ("foo((daemonize))\n", Refusal::ValueUsed),
            ("daemonize if `x`\n", Refusal::ConditionActs),
            ("daemonize(x = true)\nfoo x\n", Refusal::Unproven),
            ("daemonize rescue b = 1\nc b\n", Refusal::Unproven),
            ("daemonize; __END__\n", Refusal::Unproven),
        ] {
            assert_eq!(removed(text), Err(why), "{text:?}");
        }
    }
}

#[cfg(test)]
mod round_trip {
    use super::super::parse;
    use super::*;

    const SPELLINGS: [&str; 5] = [
        "daemonize\n",
        "  daemonize true # why; not\n",
        "daemonize true if ENV['X']\n",
        "daemonize <<~X\n  text #{1}\n\n  X\n",
        "daemonize(\n  true,\n)\n",
    ];

    /// What is put in at a line's start is taken out again, byte for byte, or refused.
    #[test]
    fn what_was_put_in_is_taken_out_again() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/puma/cases");
        let (mut exact, mut refused, mut more) = (0, 0, Vec::new());
        for entry in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
            for at in starts {
                for spelling in SPELLINGS {
                    let mut changed = text.clone();
                    changed.insert_str(at, spelling);
                    let Ok(tree) = parse(changed.as_bytes()) else { continue };
                    let place = at + spelling.find("daemonize").unwrap();
                    let call = tree.iter().find(|(_, node)| {
                        node.span.start == place
                            && matches!(&node.kind, NodeKind::Call { name, receiver: None, .. } if name == "daemonize")
                    });
                    let Some((call, _)) = call else { continue };
                    match remove_statement(changed.as_bytes(), &tree, call) {
                        Err(_) => refused += 1,
                        Ok(edits) => {
                            let deletions: Vec<Span> = edits.iter().map(|(span, _)| *span).collect();
                            let result = proof::without(changed.as_bytes(), &deletions);
                            if result == text.as_bytes() {
                                exact += 1;
                            } else {
                                more.push((changed, String::from_utf8(result).unwrap()));
                            }
                        }
                    }
                }
            }
        }
        assert_eq!(more, []);
        assert!(exact > 2000 && refused < 50, "{exact} exact, {refused} refused");
    }
}
