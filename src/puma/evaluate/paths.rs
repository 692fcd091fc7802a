//! `File.expand_path` and its kin, on texts that may start with a hole.

use crate::model::{Piece, Text};

/// `File.join`: one slash between the parts.
pub fn join(parts: &[Text]) -> Text {
    let mut joined = Text::default();
    for (at, part) in parts.iter().enumerate() {
        if at == 0 {
            joined = part.clone();
            continue;
        }
        let base = trim_end(&joined);
        joined = base.concat(&Text::known("/")).concat(&trim_start(part));
    }
    joined
}

/// `File.expand_path(path, base)`, where `base` is absolute. `None` when it depends on a hole.
pub fn expand(path: &Text, base: &Text) -> Option<Text> {
    let whole = if is_absolute(path)? { path.clone() } else { join(&[base.clone(), path.clone()]) };
    normalize(&whole)
}

/// `Pathname#+` and `#join`: an absolute right side wins.
pub fn append(base: &Text, part: &Text) -> Option<Text> {
    if is_absolute(part)? {
        return Some(part.clone());
    }
    let joined = join(&[base.clone(), part.clone()]);
    Some(normalize(&joined).unwrap_or(joined))
}

/// `File.dirname`. `None` when the end is a hole.
pub fn dirname(path: &Text) -> Option<Text> {
    let mut pieces = path.pieces().to_vec();
    match pieces.pop() {
        None => Some(Text::known(".")),
        Some(Piece::Literal(text)) => {
            let trimmed = text.trim_end_matches('/');
            if trimmed.is_empty() {
                return pieces.is_empty().then(|| Text::known("/"));
            }
            let parent = match trimmed.rfind('/') {
                Some(0) if pieces.is_empty() => "/",
                Some(at) => &trimmed[..at],
                None if pieces.is_empty() => ".",
                None => return None,
            };
            pieces.push(Piece::Literal(parent.to_owned()));
            Some(pieces.into_iter().collect())
        }
        Some(_) => None,
    }
}

/// `File.basename`. `None` when the end is a hole.
pub fn basename(path: &Text) -> Option<String> {
    match path.pieces().last()? {
        Piece::Literal(text) => {
            let trimmed = text.trim_end_matches('/');
            match trimmed.rfind('/') {
                Some(at) => Some(trimmed[at + 1..].to_owned()),
                None if path.pieces().len() == 1 => Some(trimmed.to_owned()),
                None => None,
            }
        }
        _ => None,
    }
}

/// Whether it starts at a root; `None` when the start is a hole.
pub fn is_absolute(path: &Text) -> Option<bool> {
    match path.pieces().first() {
        None => Some(false),
        Some(Piece::Literal(text)) => Some(text.starts_with('/') || text.starts_with('~')),
        // A template that fills in the beginning of a path fills in a root.
        Some(Piece::Root | Piece::Hole(_)) => Some(true),
        Some(Piece::Env(_) | Piece::Unknown(_)) => None,
    }
}

/// Takes `.`, `..` and doubled slashes out. `None` where a `..` would eat a hole.
pub fn normalize(path: &Text) -> Option<Text> {
    // A part between slashes; a hole makes it more than a name.
    let mut parts: Vec<Vec<Piece>> = vec![Vec::new()];
    for piece in path.pieces() {
        match piece {
            Piece::Literal(text) => {
                for (at, name) in text.split('/').enumerate() {
                    if at > 0 {
                        parts.push(Vec::new());
                    }
                    if let (false, Some(last)) = (name.is_empty(), parts.last_mut()) {
                        last.push(Piece::Literal(name.to_owned()));
                    }
                }
            }
            hole => parts.last_mut()?.push(hole.clone()),
        }
    }
    let rooted = parts.first().is_some_and(Vec::is_empty);
    let mut kept: Vec<Vec<Piece>> = Vec::new();
    for part in parts {
        match part.as_slice() {
            [] => {}
            [Piece::Literal(name)] if name == "." => {}
            [Piece::Literal(name)] if name == ".." => match kept.last().map(Vec::as_slice) {
                Some([Piece::Literal(_)]) => {
                    kept.pop();
                }
                Some(_) => return None,
                None => {}
            },
            _ => kept.push(part),
        }
    }
    let mut text = Text::default();
    for (at, part) in kept.into_iter().enumerate() {
        if at > 0 || rooted {
            text.push(Piece::Literal("/".into()));
        }
        part.into_iter().for_each(|piece| text.push(piece));
    }
    if rooted && text.pieces().is_empty() {
        text.push(Piece::Literal("/".into()));
    }
    Some(text)
}

fn trim_end(text: &Text) -> Text {
    let mut pieces = text.pieces().to_vec();
    if let Some(Piece::Literal(last)) = pieces.last_mut() {
        last.truncate(last.trim_end_matches('/').len());
    }
    pieces.into_iter().collect()
}

fn trim_start(text: &Text) -> Text {
    let mut pieces = text.pieces().to_vec();
    if let Some(Piece::Literal(first)) = pieces.first_mut() {
        *first = first.trim_start_matches('/').to_owned();
    }
    pieces.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(rest: &str) -> Text {
        Text::from_iter([Piece::Root, Piece::Literal(rest.into())])
    }

    #[test]
    fn expanding_climbs_to_the_root_and_no_further() {
        assert_eq!(expand(&Text::known(".."), &root("/config")), Some(root("")));
        assert_eq!(expand(&Text::known("../.."), &root("/config/puma.rb")), Some(root("")));
        assert_eq!(expand(&Text::known("../.."), &root("/config")), None);
        assert_eq!(expand(&Text::known("../x"), &Text::known("/a/b")), Some(Text::known("/a/x")));
        assert_eq!(expand(&Text::known("/"), &Text::known("/a")), Some(Text::known("/")));
    }

    #[test]
    fn joining_puts_one_slash() {
        assert_eq!(join(&[Text::known("/a/"), Text::known("/b")]), Text::known("/a/b"));
        assert_eq!(join(&[root(""), Text::known("tmp")]), root("/tmp"));
    }

    #[test]
    fn names_and_folders() {
        assert_eq!(dirname(&root("/config/puma.rb")), Some(root("/config")));
        assert_eq!(dirname(&Text::known("a")), Some(Text::known(".")));
        assert_eq!(basename(&root("/config/puma.rb")), Some("puma.rb".into()));
    }
}
