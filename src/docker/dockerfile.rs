//! What the instructions of a Dockerfile come to for the image that it makes.

use std::collections::{BTreeMap, BTreeSet};

use super::instruction::{Instruction, instructions};
use super::json;
use crate::model::Word;
use crate::puma::shell;

/// A `CMD` or `ENTRYPOINT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// `["puma", "-C", "x"]`: run as it is.
    Exec(Vec<Word>),
    /// `puma -C x`: read by a shell.
    Shell(Word),
}

/// What an image says of its containers. Whoever runs one may say otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Image {
    /// The last `ENTRYPOINT`.
    pub entrypoint: Option<Command>,
    /// The last `CMD`.
    pub command: Option<Command>,
    /// What `ENV` sets.
    pub variables: BTreeMap<String, String>,
    /// What `ENV` sets to something that the file doesn't tell.
    pub unknown: BTreeSet<String>,
    /// Where containers start, if the file tells.
    pub directory: Option<String>,
    /// Whether this stage itself has a `CMD`: an `ENTRYPOINT` drops one that was inherited.
    own_command: bool,
}

impl Command {
    /// Whether it is the same command, wherever it stands.
    fn same_as(&self, other: &Command) -> bool {
        match (self, other) {
            (Command::Exec(one), Command::Exec(other)) => {
                one.iter().map(Word::text).eq(other.iter().map(Word::text))
            }
            (Command::Shell(one), Command::Shell(other)) => one.text() == other.text(),
            _ => false,
        }
    }
}

impl Image {
    /// Whether containers run the same in it, wherever the file says so.
    pub fn same_as(&self, other: &Image) -> bool {
        let same = |one: &Option<Command>, other: &Option<Command>| match (one, other) {
            (Some(one), Some(other)) => one.same_as(other),
            (one, other) => one.is_none() && other.is_none(),
        };
        same(&self.entrypoint, &other.entrypoint)
            && same(&self.command, &other.command)
            && (&self.variables, &self.unknown) == (&other.variables, &other.unknown)
            && self.directory == other.directory
    }
}

/// The most stages that are followed: each takes over all of another's.
const STAGES: usize = 200;

/// The image of the last stage, with all that it takes over from the stages it is based on.
pub fn parse(bytes: &[u8]) -> Image {
    let mut stages: Vec<(String, Image)> = Vec::new();
    for instruction in instructions(bytes) {
        if stages.len() > STAGES {
            return Image::default();
        }
        if instruction.name == "FROM" {
            stages.push(stage(&instruction, &stages));
        } else if let Some((_, image)) = stages.last_mut() {
            image.follow(&instruction);
        }
    }
    stages.pop().map(|(_, image)| image).unwrap_or_default()
}

/// The stage that a `FROM` begins, by its name.
fn stage(from: &Instruction, stages: &[(String, Image)]) -> (String, Image) {
    let mut words = from.rest.text().split_whitespace().filter(|word| !word.starts_with("--"));
    let base = words.next().unwrap_or_default().to_lowercase();
    let named = words.next().is_some_and(|word| word.eq_ignore_ascii_case("as"));
    let name = words.next().filter(|_| named).unwrap_or_default().to_lowercase();
    let inherited = stages.iter().rev().find(|(name, _)| !name.is_empty() && *name == base);
    let image = inherited.map(|(_, image)| image.clone()).unwrap_or_default();
    (name, Image { own_command: false, ..image })
}

impl Image {
    fn follow(&mut self, instruction: &Instruction) {
        match instruction.name.as_str() {
            "CMD" => {
                self.command = command(&instruction.rest);
                self.own_command = true;
            }
            "ENTRYPOINT" => {
                self.entrypoint = command(&instruction.rest);
                if !self.own_command {
                    self.command = None;
                }
            }
            "ENV" => self.set(&instruction.rest),
            "WORKDIR" => self.directory = self.moved(instruction.rest.text().trim()),
            _ => {}
        }
    }

    /// `ENV A=b C="d e"`, or the older `ENV A b`.
    fn set(&mut self, rest: &Word) {
        let first = rest.text().split_whitespace().next().unwrap_or_default();
        if !first.contains('=') {
            let value = rest.text().trim_start()[first.len()..].trim();
            self.assign(first, value);
            return;
        }
        for word in shell::words(rest) {
            if let Some((name, value)) = word.text().split_once('=') {
                self.assign(name, value);
            }
        }
    }

    fn assign(&mut self, name: &str, value: &str) {
        // Another variable's value, or a build argument's.
        if value.contains('$') {
            self.variables.remove(name);
            self.unknown.insert(name.to_owned());
        } else {
            self.unknown.remove(name);
            self.variables.insert(name.to_owned(), value.to_owned());
        }
    }

    /// Where a `WORKDIR` leads to.
    fn moved(&self, to: &str) -> Option<String> {
        let to = to.trim_matches('"');
        if to.contains('$') {
            return None;
        }
        if to.starts_with('/') {
            return Some(to.to_owned());
        }
        let base = self.directory.as_deref()?;
        Some(format!("{}/{}", base.trim_end_matches('/'), to.trim_start_matches("./")))
    }
}

fn command(rest: &Word) -> Option<Command> {
    if rest.text().trim().is_empty() {
        return None;
    }
    match json::strings(rest) {
        Some(words) if words.is_empty() => None,
        Some(words) => Some(Command::Exec(words)),
        None => Some(Command::Shell(rest.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(command: &Option<Command>) -> Vec<&str> {
        match command {
            None => Vec::new(),
            Some(Command::Exec(words)) => words.iter().map(Word::text).collect(),
            Some(Command::Shell(line)) => vec!["sh", line.text()],
        }
    }

    #[test]
    fn the_last_stage_counts_with_what_it_is_based_on() {
        let image = parse(
            b"ARG V=3\nFROM --platform=x ruby:$V AS Base\nWORKDIR /rails\nENV RAILS_ENV=production \\\n    PATH=\"/a:$PATH\" X=\"a b\"\nCMD [\"old\"]\n\
              FROM base AS build\nENV Y 1\nCMD build\n\
              FROM base\nWORKDIR sub\nENV Z some thing\nENTRYPOINT [\"/entry\"]\n",
        );
        assert_eq!(words(&image.entrypoint), ["/entry"]);
        assert_eq!(words(&image.command), [""; 0]);
        assert_eq!(image.directory.as_deref(), Some("/rails/sub"));
        let set: Vec<_> = image.variables.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(set, [("RAILS_ENV", "production"), ("X", "a b"), ("Z", "some thing")]);
        assert!(image.unknown.contains("PATH") && !image.unknown.contains("Y"));
    }

    #[test]
    fn the_last_command_counts_in_either_form() {
        assert_eq!(words(&parse(b"FROM x\nCMD a\nCMD [\"b\", \"c\"]\n").command), ["b", "c"]);
        assert_eq!(words(&parse(b"FROM x\nCMD ['b']\n").command), ["sh", "['b']"]);
        assert_eq!(words(&parse(b"FROM x\nCMD a\nENTRYPOINT b c\n").entrypoint), ["sh", "b c"]);
        assert_eq!(words(&parse(b"FROM x\nCMD a\nENTRYPOINT [\"b\"]\n").command), ["sh", "a"]);
        assert_eq!(words(&parse(b"FROM x\nCMD a\nHEALTHCHECK CMD b\nONBUILD CMD c\n").command), ["sh", "a"]);
        assert_eq!(words(&parse(b"FROM x\nENTRYPOINT []\n").entrypoint), [""; 0]);
        assert_eq!(parse(b"CMD a\n"), Image::default());
    }
}
