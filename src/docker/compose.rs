//! Compose files: the commands of their services.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Word;
use crate::puma::shell;
use crate::yaml::{Id, Yaml};

/// A service of a compose file that says what its containers run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// The words of `entrypoint`, if it is given.
    pub entrypoint: Option<Vec<Word>>,
    /// The words of `command`.
    pub command: Vec<Word>,
    /// What `environment` sets.
    pub variables: BTreeMap<String, String>,
    /// What it sets to something that the file doesn't tell.
    pub unknown: BTreeSet<String>,
    /// `working_dir`
    pub directory: Option<String>,
}

impl Service {
    /// Whether it is the same service, wherever it stands.
    pub fn same_as(&self, other: &Service) -> bool {
        let texts = |words: &[Word]| words.iter().map(|word| word.text().to_owned()).collect::<Vec<_>>();
        (&self.name, texts(&self.command)) == (&other.name, texts(&other.command))
            && self.entrypoint.as_deref().map(texts) == other.entrypoint.as_deref().map(texts)
            && (&self.variables, &self.unknown) == (&other.variables, &other.unknown)
            && self.directory == other.directory
    }
}

/// The services of a compose file whose commands can be read.
pub fn services(yaml: &Yaml) -> Vec<Service> {
    let all = yaml.documents().filter_map(|document| yaml.get(document, "services"));
    all.flat_map(|services| yaml.pairs(services)).filter_map(|(name, id)| service(yaml, name, id)).collect()
}

fn service(yaml: &Yaml, name: &Word, id: Id) -> Option<Service> {
    let words = |key: &str| yaml.get(id, key).and_then(|id| words(yaml, id));
    let (entrypoint, command) = (words("entrypoint"), words("command"));
    if entrypoint.is_none() && command.is_none() {
        return None;
    }
    let (variables, unknown) = environment(yaml, id);
    let directory = yaml.get(id, "working_dir").and_then(|id| yaml.text(id)).map(Word::text);
    Some(Service {
        name: name.text().to_owned(),
        entrypoint,
        command: command.unwrap_or_default(),
        variables,
        unknown,
        directory: directory.filter(|path| path.starts_with('/') && !path.contains('$')).map(str::to_owned),
    })
}

/// The words of a command: a list, or a text that is split without a shell. `None` where only the values of
/// variables would tell where it is split.
fn words(yaml: &Yaml, id: Id) -> Option<Vec<Word>> {
    if let Some(items) = yaml.items(id) {
        return items.iter().map(|item| yaml.text(*item).map(unescaped)).collect();
    }
    let text = yaml.text(id)?;
    let opened = text.text().match_indices("${").any(|(at, _)| {
        let inside = text.text()[at..].split('}').next().unwrap_or_default();
        inside.contains(char::is_whitespace)
    });
    (!opened).then(|| shell::words(text).iter().map(unescaped).collect())
}

/// `$$` is a dollar that compose leaves alone.
fn unescaped(word: &Word) -> Word {
    let text = word.text();
    if !text.contains("$$") {
        return word.clone();
    }
    let (mut read, mut origins, mut at) = (String::new(), Vec::new(), 0);
    while let Some(c) = text[at..].chars().next() {
        read.push(c);
        origins.extend((at..at + c.len_utf8()).map(|byte| word.origin(byte)));
        at += if text[at..].starts_with("$$") { 2 } else { c.len_utf8() };
    }
    Word::new(read, origins, word.span())
}

/// `environment`, as a map or as a list.
fn environment(yaml: &Yaml, service: Id) -> (BTreeMap<String, String>, BTreeSet<String>) {
    let (mut variables, mut unknown) = (BTreeMap::new(), BTreeSet::new());
    let Some(id) = yaml.get(service, "environment") else { return (variables, unknown) };
    let mut set = |name: &str, value: Option<&str>| match value {
        Some(value) if !value.contains('$') => _ = variables.insert(name.to_owned(), value.to_owned()),
        // The shell's that runs compose, or made of such.
        _ => _ = unknown.insert(name.to_owned()),
    };
    for item in yaml.items(id).unwrap_or_default() {
        let Some(text) = yaml.text(*item).map(Word::text) else { continue };
        match text.split_once('=') {
            Some((name, value)) => set(name, Some(value)),
            None => set(text, None),
        }
    }
    for (name, value) in yaml.pairs(id) {
        set(name.text(), yaml.text(value).map(Word::text));
    }
    (variables, unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, Vec<String>, Option<Vec<String>>)> {
        let texts = |words: Vec<Word>| words.iter().map(|word| word.text().to_owned()).collect::<Vec<_>>();
        let found = services(&Yaml::parse(text.as_bytes())).into_iter();
        found.map(|one| (one.name, texts(one.command), one.entrypoint.map(texts))).collect()
    }

    #[test]
    fn commands_are_read_in_every_form() {
        for (text, wanted) in [
            ("command: bundle exec puma -C 'a b'", vec!["bundle", "exec", "puma", "-C", "a b"]),
            ("command: [puma, \"-p\", 3000]", vec!["puma", "-p", "3000"]),
            ("command:\n      - puma\n      - -d\n", vec!["puma", "-d"]),
            ("command: >\n      puma\n      -p 1\n", vec!["puma", "-p", "1"]),
            ("command: sh -c \"cd /x && puma -p $$PORT\"", vec!["sh", "-c", "cd /x && puma -p $PORT"]),
            ("command: puma -p ${PORT:-3000}", vec!["puma", "-p", "${PORT:-3000}"]),
        ] {
            let text = format!("services:\n  web:\n    image: x\n    {text}\n");
            let wanted = wanted.into_iter().map(str::to_owned).collect();
            assert_eq!(read(&text), [("web".to_owned(), wanted, None)], "{text}");
        }
        for text in
            ["command:", "command: puma ${X:-a b}", "command: !reset null", "image: x", "command: {a: b}"]
        {
            assert_eq!(read(&format!("services:\n  web:\n    {text}\n")), [], "{text}");
        }
        assert_eq!(read("command: puma\n"), []);
    }

    #[test]
    fn the_environment_is_read_in_both_forms() {
        let text = "x: &env\n  A: 1\n  B:\nservices:\n  a:\n    command: x\n    working_dir: /app\n    environment:\n      <<: *env\n      C: $D\n  b:\n    command: x\n    environment: [A=1, B, \"C=$D\"]\n";
        for service in services(&Yaml::parse(text.as_bytes())) {
            assert_eq!(service.variables, BTreeMap::from([("A".to_owned(), "1".to_owned())]));
            assert_eq!(service.unknown, BTreeSet::from(["B".to_owned(), "C".to_owned()]));
        }
    }
}
