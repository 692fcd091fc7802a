//! The only room that knows the YAML parser: gives a small tree whose texts know their places.

use std::collections::{HashMap, HashSet};

use saphyr_parser::{Event, Parser, ScalarStyle, Span as Range};

use crate::model::{Span, Word};

/// How many aliases of aliases are followed.
const DEPTH: usize = 16;

/// The most nodes that are kept of a file.
const LARGEST: usize = 20_000;

/// What a YAML file holds; nothing of a file that is none.
#[derive(Debug, Default)]
pub struct Yaml {
    /// Where it stops being YAML.
    pub error: Option<YamlError>,
    /// The scalars that go over several lines, from the line on which their style is said.
    pub long_scalars: Vec<Span>,
    nodes: Vec<Node>,
    /// The root of each document.
    documents: Vec<Id>,
    /// The node of each anchor.
    anchors: HashMap<usize, Id>,
}

/// Why a file is no YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YamlError {
    /// The character at which it stops.
    pub span: Span,
    /// Why, in the parser's words.
    pub words: String,
    /// Whether readers of YAML 1.1, as Docker Compose is one, stop there as well.
    pub certain: bool,
}

/// The complaints that Docker's own reader shared, whatever was mutated to provoke them. Of the others it sometimes minds
/// nothing: it is laxer about the indentation of quoted texts, and reads no further than the first document.
const CERTAIN: &[&str] = &[
    "\"-\" is only valid inside a block",
    "block sequence entries are not allowed in this context",
    "invalid trailing content after double-quoted scalar",
    "mapping values are not allowed in this context",
    "misplaced bracket",
    "simple key expect ':'",
    "tabs disallowed within this context (block indentation)",
    "unexpected character: `",
    "while parsing a block collection, did not find expected '-' indicator",
    "while parsing a block mapping, did not find expected key",
    "while parsing a flow mapping, did not find expected ',' or '}'",
    "while parsing node, found unknown anchor",
    "while scanning a block scalar, did not find expected comment or line break",
    "while scanning a plain scalar, found a tab",
    "while scanning a quoted scalar, found unexpected end of stream",
];

/// A node of a [`Yaml`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Id(usize);

#[derive(Debug)]
enum Node {
    Scalar {
        text: Word,
        plain: bool,
    },
    List(Vec<Id>),
    /// Keys and values, one after the other.
    Map(Vec<Id>),
    Alias(usize),
    /// A node whose tag may make anything of it.
    Tagged,
}

impl Yaml {
    /// Reads a file.
    pub fn parse(bytes: &[u8]) -> Yaml {
        let Ok(text) = std::str::from_utf8(bytes) else { return Yaml::default() };
        match read(text) {
            Ok(yaml) => yaml.unwrap_or_default(),
            Err(error) => Yaml { error: Some(error), ..Yaml::default() },
        }
    }

    /// The documents of the file.
    pub fn documents(&self) -> impl Iterator<Item = Id> {
        self.documents.iter().copied()
    }

    /// The node itself, or the one that an alias stands for.
    fn node(&self, id: Id) -> Option<&Node> {
        let mut node = self.nodes.get(id.0)?;
        for _ in 0..DEPTH {
            let Node::Alias(anchor) = node else { return Some(node) };
            node = self.nodes.get(self.anchors.get(anchor)?.0)?;
        }
        None
    }

    /// The text of a scalar; `None` for what isn't one, and for null.
    pub fn text(&self, id: Id) -> Option<&Word> {
        match self.node(id)? {
            Node::Scalar { text, plain } if !(*plain && is_null(text.text())) => Some(text),
            _ => None,
        }
    }

    /// The items of a list.
    pub fn items(&self, id: Id) -> Option<&[Id]> {
        match self.node(id)? {
            Node::List(items) => Some(items),
            _ => None,
        }
    }

    /// The pairs of a map, those of its merge keys behind its own.
    pub fn pairs(&self, id: Id) -> Vec<(&Word, Id)> {
        let mut known = HashSet::new();
        let all = self.maps(id).into_iter().flat_map(|entries| self.own(entries));
        all.filter(|(key, _)| known.insert(key.text())).collect()
    }

    /// The value of a key.
    pub fn get(&self, id: Id, key: &str) -> Option<Id> {
        let mut all = self.maps(id).into_iter().flat_map(|entries| self.own(entries));
        all.find(|(name, _)| name.text() == key).map(|(_, value)| value)
    }

    /// The keys and values of a map, and of each that is merged into it: the first that has a key decides.
    fn maps(&self, id: Id) -> Vec<&[Id]> {
        let (mut found, mut seen) = (Vec::new(), HashSet::new());
        let mut next = vec![id];
        while let Some(id) = next.pop() {
            match self.node(id) {
                Some(node @ (Node::Map(entries) | Node::List(entries))) => {
                    if !seen.insert(entries.as_ptr()) {
                        continue;
                    }
                    if matches!(node, Node::List(_)) {
                        // Only a list behind a merge key is one of maps.
                        next.extend(entries.iter().rev().filter(|_| !found.is_empty()));
                        continue;
                    }
                    found.push(entries.as_slice());
                    let merged =
                        pairs(entries).filter(|(key, _)| self.is_merge(*key)).map(|(_, value)| value);
                    next.extend(merged.collect::<Vec<_>>().into_iter().rev());
                }
                _ => continue,
            }
        }
        found
    }

    /// The pairs that stand in a map itself.
    fn own<'a>(&'a self, entries: &'a [Id]) -> impl Iterator<Item = (&'a Word, Id)> {
        pairs(entries).filter_map(|(key, value)| match self.node(key)? {
            Node::Scalar { text, .. } if !self.is_merge(key) => Some((text, value)),
            _ => None,
        })
    }

    fn is_merge(&self, key: Id) -> bool {
        matches!(self.node(key), Some(Node::Scalar { text, plain: true }) if text.text() == "<<")
    }
}

fn pairs(entries: &[Id]) -> impl Iterator<Item = (Id, Id)> {
    entries.chunks_exact(2).map(|pair| (pair[0], pair[1]))
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// The tree of a text; `None` if it is too large.
fn read(text: &str) -> Result<Option<Yaml>, YamlError> {
    let places = Places::new(text);
    let mut yaml = Yaml::default();
    let mut open: Vec<(Id, Vec<Id>)> = Vec::new();
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, range) = event.map_err(|error| {
            let at = at_tab(text, error.info(), places.byte(error.marker().index()));
            let length = text[at..].chars().next().map_or(0, char::len_utf8);
            let words = error.info().to_owned();
            let certain = CERTAIN.iter().any(|known| words.starts_with(known));
            YamlError { span: Span::new(at, at + length), words, certain }
        })?;
        if yaml.nodes.len() > LARGEST {
            return Ok(None);
        }
        let (node, anchor, opens) = match event {
            Event::Scalar(value, style, anchor, tag) => {
                yaml.long_scalars.extend(places.long(style, range));
                let node = match tag.is_none_or(|tag| tag.is_yaml_core_schema()) {
                    true => {
                        Node::Scalar { text: places.word(&value, range), plain: style == ScalarStyle::Plain }
                    }
                    false => Node::Tagged,
                };
                (node, anchor, false)
            }
            Event::Alias(anchor) => (Node::Alias(anchor), 0, false),
            Event::SequenceStart(anchor, tag) | Event::MappingStart(anchor, tag) if tag.is_some() => {
                (Node::Tagged, anchor, true)
            }
            Event::SequenceStart(anchor, _) => (Node::List(Vec::new()), anchor, true),
            Event::MappingStart(anchor, _) => (Node::Map(Vec::new()), anchor, true),
            Event::SequenceEnd | Event::MappingEnd => {
                let Some((id, children)) = open.pop() else { return Ok(None) };
                if let Some(Node::List(items) | Node::Map(items)) = yaml.nodes.get_mut(id.0) {
                    *items = children;
                }
                continue;
            }
            _ => continue,
        };
        let id = Id(yaml.nodes.len());
        yaml.nodes.push(node);
        if anchor > 0 {
            yaml.anchors.insert(anchor, id);
        }
        match open.last_mut() {
            Some((_, children)) => children.push(id),
            None => yaml.documents.push(id),
        }
        if opens {
            open.push((id, Vec::new()));
        }
    }
    Ok(Some(yaml))
}

/// The tab that a complaint is about: the parser stops in the line before, or behind it.
fn at_tab(text: &str, complaint: &str, at: usize) -> usize {
    let start = text[..at].rfind('\n').map_or(0, |before| before + 1);
    let mut lines = text[start..].split_inclusive('\n').scan(start, |next, line| {
        let from = *next;
        *next += line.len();
        Some((from, &line[..line.len() - line.trim_start().len()]))
    });
    let tab = lines.find_map(|(from, indent)| Some(from + indent.find('\t')?));
    tab.filter(|_| complaint.contains("tab")).unwrap_or(at)
}

/// Finds the bytes of a text that the parser counts in characters.
struct Places<'a> {
    text: &'a str,
    /// Where each character starts; `None` where every character is a byte.
    starts: Option<Vec<usize>>,
}

impl<'a> Places<'a> {
    fn new(text: &'a str) -> Self {
        let starts = (!text.is_ascii()).then(|| text.char_indices().map(|(at, _)| at).collect());
        Self { text, starts }
    }

    fn byte(&self, index: usize) -> usize {
        let byte = self.starts.as_ref().map_or(Some(index), |starts| starts.get(index).copied());
        byte.unwrap_or(usize::MAX).min(self.text.len())
    }

    /// The lines of a scalar that goes over several, from the one on which its style is said.
    fn long(&self, style: ScalarStyle, range: Range) -> Option<Span> {
        let (start, end) = (self.byte(range.start.index()), self.byte(range.end.index()));
        let block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        let text = self.text.get(start..end)?.trim_end();
        // Of a block, `|` or `>` stands before.
        let first = if block { self.text[..start].rfind(['|', '>']).unwrap_or(start) } else { start };
        (block || text.contains('\n')).then(|| Span::new(first, start + text.len()))
    }

    /// A scalar's value, each of whose characters stands where the source has it next: what is left over
    /// between them are quotes, escapes and indentation.
    fn word(&self, value: &str, range: Range) -> Word {
        let (start, end) = (self.byte(range.start.index()), self.byte(range.end.index()));
        let source = self.text.get(start..end).unwrap_or_default();
        let (mut origins, mut at) = (Vec::with_capacity(value.len()), 0);
        for c in value.chars() {
            let behind = &source[at..];
            let blank = behind.len() - behind.trim_start().len();
            let found = match behind.chars().next() {
                Some(next) if next == c => Some(0),
                // A folded line end.
                Some(_) if c.is_whitespace() && blank > 0 => None,
                _ => behind[blank..]
                    .char_indices()
                    .take(8)
                    .find(|(_, next)| *next == c)
                    .map(|(n, _)| blank + n),
            };
            let place = start + at + found.unwrap_or(0);
            origins.extend((0..c.len_utf8()).map(|byte| if found.is_some() { place + byte } else { place }));
            at += match found {
                Some(skipped) => skipped + c.len_utf8(),
                None if c.is_whitespace() => blank,
                None => 0,
            };
        }
        let length = source.trim_end().len();
        Word::new(value, origins, Span::new(start, start + length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(yaml: &Yaml, path: &[&str]) -> Id {
        let root = yaml.documents().next().unwrap();
        path.iter().fold(root, |id, key| yaml.get(id, key).unwrap())
    }

    #[test]
    fn anchors_and_merge_keys_are_followed() {
        let text = "a: &a\n  x: 1\n  y: [&i one, two]\nb:\n  <<: *a\n  x: '2'\nc:\n  <<: [*a, {z: 3}]\nd: *i\ne: *a\n";
        let yaml = Yaml::parse(text.as_bytes());
        let text = |path: &[&str]| yaml.text(at(&yaml, path)).unwrap().text();
        assert_eq!((text(&["b", "x"]), text(&["c", "x"]), text(&["c", "z"])), ("2", "1", "3"));
        assert_eq!((text(&["d"]), text(&["e", "x"])), ("one", "1"));
        assert_eq!(yaml.items(at(&yaml, &["b", "y"])).unwrap().len(), 2);
    }

    #[test]
    fn nulls_and_tags_have_no_text() {
        let yaml = Yaml::parse(b"a:\nb: ~\nc: ''\nd: !reset x\ne: !override [x]\nf: !!str x\n");
        let text = |key: &str| yaml.text(at(&yaml, &[key])).map(Word::text);
        assert_eq!(
            (text("a"), text("b"), text("c"), text("d"), text("f")),
            (None, None, Some(""), None, Some("x"))
        );
        assert!(yaml.items(at(&yaml, &["e"])).is_none());
    }

    #[test]
    fn texts_know_their_places() {
        let source = "é: 1\nplain: puma -d\nquoted: 'it''s puma -d'\ndouble: \"\\u0061 \\\n    puma -d\"\nfolded: >-\n  puma\n    -d\nmore: >\n  puma\n  -d\n\nliteral: |\n    puma\n    -d\n";
        let yaml = Yaml::parse(source.as_bytes());
        for key in ["plain", "quoted", "double", "folded", "more", "literal"] {
            let word = yaml.text(at(&yaml, &[key])).unwrap();
            let flag = word.text().find("-d").unwrap_or_else(|| panic!("{key}: {:?}", word.text()));
            assert_eq!(&source[word.span_of(flag..flag + 2).range()], "-d", "{key}");
        }
    }

    #[test]
    fn scalars_of_several_lines_are_known() {
        let source = "é: |\n  puma\n  -d\n\nb: >-  # why\n\n  puma\nc: \"x\n  y\"\nd: 'z'\ne:\n  - u\n    v\nf: |\n  last";
        let yaml = Yaml::parse(source.as_bytes());
        let texts: Vec<&str> = yaml.long_scalars.iter().map(|span| &source[span.range()]).collect();
        let wanted = ["|\n  puma\n  -d", ">-  # why\n\n  puma", "\"x\n  y\"", "u\n    v", "|\n  last"];
        assert_eq!(texts, wanted);
    }

    #[test]
    fn an_error_knows_its_place() {
        for (text, at) in
            [("a: b\n c: d\n", ":"), ("a:\n\t- x\n", "\t"), ("a: *é\n", "*"), ("é: [b\nc: d\n", ":")]
        {
            let error = Yaml::parse(text.as_bytes()).error.unwrap();
            assert_eq!(&text[error.span.range()], at, "{text:?}: {error:?}");
        }
        assert!(Yaml::parse(b"a: [b").error.unwrap().span.end <= 5);
    }

    #[test]
    fn what_is_no_yaml_holds_nothing() {
        for text in ["a: b: c", "[", "\t- x", "a: *nowhere", "- ]", "\u{feff}", "--- %", "a: &a [*a]"] {
            let yaml = Yaml::parse(text.as_bytes());
            for document in yaml.documents() {
                yaml.pairs(document);
                yaml.items(document);
            }
        }
        assert_eq!(Yaml::parse(b"a: \xff").documents().count(), 0);
        let own = Yaml::parse(b"a: &a\n  <<: *a\n  b: 1\n");
        assert_eq!(own.pairs(at(&own, &["a"])).len(), 1);
    }
}
