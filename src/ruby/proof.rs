//! Shows that deletions took out what they were meant to and nothing else.

use std::collections::HashSet;
use std::mem::Discriminant;

use super::parse::{Parsed, parse_with_tokens};
use super::tree::{NodeId, NodeKind, Tree};
use crate::model::Span;

/// The text without the deletions, which are sorted and don't overlap.
pub(super) fn without(bytes: &[u8], deletions: &[Span]) -> Vec<u8> {
    let mut remaining = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for deletion in deletions {
        remaining.extend_from_slice(&bytes[at..deletion.start]);
        at = deletion.end;
    }
    remaining.extend_from_slice(&bytes[at..]);
    remaining
}

/// Whether the file without the deletions has exactly the tokens and comments outside of them, and the tree
/// without `statement`. Equal tokens alone would let `daemonize(x = 1); f x` turn the variable `x` into a call.
pub(super) fn holds(bytes: &[u8], statement: Span, deletions: &[Span]) -> bool {
    if deletions.windows(2).any(|pair| pair[0].end > pair[1].start) {
        return false;
    }
    let remaining = without(bytes, deletions);
    let (Ok(before), Ok(after)) = (parse_with_tokens(bytes), parse_with_tokens(&remaining)) else {
        return false;
    };
    tokens(&before, deletions) == tokens(&after, &[])
        && comments(bytes, &before.tree, deletions) == comments(&remaining, &after.tree, &[])
        && before.tree.end_marker.is_some() == after.tree.end_marker.is_some()
        && outline(&before.tree, Some(statement), deletions) == outline(&after.tree, None, &[])
}

fn is_outside(deletions: &[Span], span: Span) -> bool {
    span.is_empty() || !deletions.iter().any(|deletion| deletion.contains(span))
}

/// The tokens outside of the deletions. Line ends and semicolons may come and go.
///
/// A heredoc's tokens are where its opener is: the parser errs about the body's place.
fn tokens<'a>(parsed: &'a Parsed, deletions: &[Span]) -> Vec<(&'static str, &'a [u8])> {
    let is_opener = |span: Span| {
        parsed.tree.heredocs.binary_search_by_key(&span.start, |heredoc| heredoc.opener.start).is_ok()
    };
    // The open heredocs, each with the depth of interpolations inside.
    let mut open: Vec<(Span, usize)> = Vec::new();
    let mut kept = Vec::new();
    for token in &parsed.tokens {
        let place = match open.first() {
            Some((opener, _)) => *opener,
            None => token.span,
        };
        match (token.name, open.last_mut()) {
            ("tSTRING_BEG" | "tXSTRING_BEG", _) if is_opener(token.span) => open.push((token.span, 0)),
            ("tSTRING_DBEG", Some((_, depth))) => *depth += 1,
            ("tSTRING_DEND", Some((_, depth))) => *depth = depth.saturating_sub(1),
            ("tSTRING_END", Some((_, 0))) => drop(open.pop()),
            _ => {}
        }
        let counts = !matches!(token.name, "tNL" | "tSEMI" | "END_OF_INPUT");
        if counts && is_outside(deletions, place) {
            kept.push((token.name, token.value.as_slice()));
        }
    }
    kept
}

fn comments<'a>(bytes: &'a [u8], tree: &Tree, deletions: &[Span]) -> Vec<&'a [u8]> {
    let spans = tree.comments.iter().map(|comment| comment.span);
    spans.filter(|span| is_outside(deletions, *span)).map(|span| &bytes[span.range()]).collect()
}

/// What a node is, where it stands, and how many parts it has.
type Outline = Vec<(Discriminant<NodeKind>, Option<Span>, usize)>;

/// The tree's structure without `statement`, as it would stand after the deletions. Names and values are the
/// tokens' affair.
fn outline(tree: &Tree, statement: Option<Span>, deletions: &[Span]) -> Outline {
    let removed: HashSet<NodeId> = match statement {
        Some(statement) => tree.iter().filter(|(_, node)| node.span == statement).map(|(id, _)| id).collect(),
        None => HashSet::new(),
    };
    let remains = |id: &NodeId| !removed.contains(id);
    let moved = |at: usize| {
        let taken = deletions.iter().map(|deletion| Span::new(deletion.start, deletion.end.min(at)));
        at - taken.filter(|taken| taken.start < at).map(Span::len).sum::<usize>()
    };
    let mut outline = Vec::new();
    let mut open: Vec<NodeId> = tree.statements.iter().copied().filter(remains).rev().collect();
    while let Some(id) = open.pop() {
        let node = tree.node(id);
        // A body with a `rescue` begins at its first statement, which may be the one that goes.
        let span = match node.kind {
            NodeKind::Begin { .. } => None,
            _ => Some(Span::new(moved(node.span.start), moved(node.span.end))),
        };
        let children: Vec<NodeId> = tree.children(id).into_iter().filter(remains).collect();
        outline.push((std::mem::discriminant(&node.kind), span, children.len()));
        open.extend(children.into_iter().rev());
    }
    outline
}
