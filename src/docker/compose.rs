//! Compose files: the commands of their services.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Span, Word};
use crate::puma::shell;
use crate::yaml::{Id, Yaml, YamlError};

/// What a compose file says.
#[derive(Debug, Default)]
pub struct Compose {
    /// The services whose commands can be read.
    pub services: Vec<Service>,
    /// Why the file is no YAML.
    pub error: Option<YamlError>,
    /// The texts that go over several lines: no comment can stand in them.
    pub long_scalars: Vec<Span>,
}

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
    /// The files of variables that `env_file` names, of which a later one outdoes an earlier, and `environment` all.
    pub env_files: Vec<String>,
    /// `working_dir`
    pub directory: Option<String>,
}

impl Compose {
    /// Whether it says the same, wherever that stands.
    pub fn same_as(&self, other: &Compose) -> bool {
        let same = |(one, other): (&Service, &Service)| one.same_as(other);
        self.services.len() == other.services.len()
            && self.services.iter().zip(&other.services).all(same)
            && self.error.is_some() == other.error.is_some()
    }
}

impl Service {
    /// Whether it is the same service, wherever it stands.
    fn same_as(&self, other: &Service) -> bool {
        let texts = |words: &[Word]| words.iter().map(|word| word.text().to_owned()).collect::<Vec<_>>();
        (&self.name, texts(&self.command)) == (&other.name, texts(&other.command))
            && self.entrypoint.as_deref().map(texts) == other.entrypoint.as_deref().map(texts)
            && (&self.variables, &self.unknown) == (&other.variables, &other.unknown)
            && (&self.env_files, &self.directory) == (&other.env_files, &other.directory)
    }
}

/// Reads a compose file.
pub fn compose(bytes: &[u8]) -> Compose {
    let mut yaml = Yaml::parse(bytes);
    let (error, long_scalars) = (yaml.error.take(), std::mem::take(&mut yaml.long_scalars));
    let all = yaml.documents().filter_map(|document| yaml.get(document, "services"));
    let services = all.flat_map(|services| yaml.pairs(services));
    let services = services.filter_map(|(name, id)| service(&yaml, name, id)).collect();
    Compose { services, error, long_scalars }
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
        env_files: env_files(yaml, id),
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

/// `env_file`: a path, or several, each by itself or in a map.
fn env_files(yaml: &Yaml, service: Id) -> Vec<String> {
    let Some(id) = yaml.get(service, "env_file") else { return Vec::new() };
    let own = std::slice::from_ref(&id);
    let path = |id: &Id| {
        let path = yaml.get(*id, "path").unwrap_or(*id);
        yaml.text(path).map(Word::text).filter(|path| !path.contains('$')).map(str::to_owned)
    };
    yaml.items(id).unwrap_or(own).iter().filter_map(path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, Vec<String>, Option<Vec<String>>)> {
        let texts = |words: Vec<Word>| words.iter().map(|word| word.text().to_owned()).collect::<Vec<_>>();
        let found = compose(text.as_bytes()).services.into_iter();
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
        for service in compose(text.as_bytes()).services {
            assert_eq!(service.variables, BTreeMap::from([("A".to_owned(), "1".to_owned())]));
            assert_eq!(service.unknown, BTreeSet::from(["B".to_owned(), "C".to_owned()]));
        }
    }

    #[test]
    fn files_of_variables_are_read_in_every_form() {
        for (text, wanted) in [
            ("env_file: .env", &[".env"][..]),
            ("env_file: [.env, config/web.env]", &[".env", "config/web.env"]),
            ("env_file:\n      - path: a.env\n        required: false\n      - b.env", &["a.env", "b.env"]),
            ("env_file: ${X}.env", &[]),
            ("env_file:", &[]),
            ("image: x", &[]),
        ] {
            let text = format!("services:\n  web:\n    command: puma\n    {text}\n");
            assert_eq!(compose(text.as_bytes()).services[0].env_files, wanted, "{text}");
        }
    }
}
