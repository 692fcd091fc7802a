//! `%n` and its kin: what systemd puts in their place, as far as files can tell.

use super::UnitName;
use super::draft::Draft;
use super::name::{unescape, unescape_path};
use crate::model::{Word, hole};
use std::ops::Range;

/// Whose unit it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Manager {
    /// The system's, which runs as root.
    System,
    /// A user's: where its directories are, only the host knows.
    User,
}

/// For which unit, and whose, a value is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The unit.
    pub unit: UnitName,
    /// Whose it is.
    pub manager: Manager,
}

impl Context {
    /// A unit of the system.
    pub fn system(unit: UnitName) -> Self {
        Self { unit, manager: Manager::System }
    }
}

/// A text with its specifiers replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The text. Each byte of a replacement has its specifier's `%` as its origin.
    pub word: Word,
    /// The specifiers in it that only the host can answer; they stand there as written.
    pub unknown: Vec<Range<usize>>,
}

impl Resolved {
    /// The word, if all of it is known.
    pub fn known(&self) -> Option<&Word> {
        self.unknown.is_empty().then_some(&self.word)
    }
}

/// Why a text cannot be resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SpecifierError {
    /// A letter or digit that is no specifier.
    InvalidSlot,
    /// The result is too long.
    NameTooLong,
    /// The unit's name does not unescape.
    InvalidArgument,
}

impl SpecifierError {
    /// The C library's words for it, as they stand in systemd's messages.
    pub fn words(self) -> &'static str {
        match self {
            SpecifierError::InvalidSlot => "Invalid slot",
            SpecifierError::NameTooLong => "File name too long",
            SpecifierError::InvalidArgument => "Invalid argument",
        }
    }
}

/// Which specifiers count, and how long the result may be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Table {
    /// In names of units: no directories, no paths.
    Names,
    /// Everywhere else.
    Full,
    /// The same, for paths: at most `PATH_MAX` - 1 bytes.
    Path,
    /// The same, for paths that are checked later: at most `PATH_MAX` bytes.
    LongPath,
}

impl Table {
    fn limit(self) -> usize {
        match self {
            Table::Names => 256,
            Table::Full => 1024 * 1024,
            Table::Path => 4095,
            Table::LongPath => 4096,
        }
    }
}

/// What stands for a specifier.
enum Meaning {
    Known(Vec<u8>),
    Host,
}

impl Context {
    /// Replaces the specifiers of a value as in `Environment=` or behind a command.
    pub fn resolve(&self, word: &Word) -> Result<Resolved, SpecifierError> {
        self.resolve_with(word, Table::Full)
    }

    pub(super) fn resolve_with(&self, word: &Word, table: Table) -> Result<Resolved, SpecifierError> {
        let bytes = word.text().as_bytes();
        let mut draft = Draft::default();
        let mut unknown = Vec::new();
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            let origin = word.origin(at);
            match (byte, bytes.get(at + 1)) {
                (b'%', Some(b'%')) => {
                    draft.push(b'%', origin);
                    at += 1;
                }
                (b'%', Some(letter)) if letter.is_ascii_alphanumeric() => {
                    match self.meaning(*letter, table)? {
                        Meaning::Known(text) => draft.push_all(&text, origin),
                        Meaning::Host => {
                            unknown.push(draft.len()..draft.len() + 2);
                            draft.push(b'%', origin);
                            draft.push(*letter, word.origin(at + 1));
                        }
                    }
                    at += 1;
                }
                // `%` before anything else, or at the end, is itself.
                _ => draft.push(byte, origin),
            }
            at += 1;
            if draft.len() > table.limit() {
                return Err(SpecifierError::NameTooLong);
            }
        }
        let word = draft.into_word(word.span());
        // What a template fills in is known no better.
        let holes = word.text().char_indices().filter(|(_, c)| hole::is_hole(*c));
        unknown.extend(holes.map(|(at, c)| at..at + c.len_utf8()));
        unknown.sort_by_key(|range| range.start);
        Ok(Resolved { word, unknown })
    }

    fn meaning(&self, letter: u8, table: Table) -> Result<Meaning, SpecifierError> {
        let known = |text: &str| Ok(Meaning::Known(text.as_bytes().to_vec()));
        let unescaped =
            |bytes: Option<Vec<u8>>| bytes.map(Meaning::Known).ok_or(SpecifierError::InvalidArgument);
        let unit = &self.unit;
        match letter {
            b'n' | b'N' | b'i' | b'I' | b'f' if unit.is_template() => Ok(Meaning::Host),
            b'n' => known(unit.full()),
            b'N' => known(unit.stem()),
            b'p' => known(unit.prefix()),
            b'i' => known(unit.instance().unwrap_or_default()),
            b'j' => known(unit.last_component()),
            // Of the machine: architecture, boot, host name, kernel, machine, operating system.
            b'a' | b'A' | b'b' | b'B' | b'H' | b'l' | b'q' | b'm' | b'M' | b'o' | b'v' | b'w' | b'W' => {
                Ok(Meaning::Host)
            }
            b'g' | b'u' => self.of_system("root"),
            b'G' | b'U' => self.of_system("0"),
            _ if matches!(table, Table::Names) => Err(SpecifierError::InvalidSlot),
            b'I' => unescaped(unescape(unit.instance().unwrap_or_default())),
            b'J' => unescaped(unescape(unit.last_component())),
            b'P' => unescaped(unescape(unit.prefix())),
            b'f' => unescaped(unescape_path(unit.instance().unwrap_or(unit.prefix()))),
            b'C' => self.of_system("/var/cache"),
            b'd' if unit.is_template() => Ok(Meaning::Host),
            b'd' => self.of_system(&format!("/run/credentials/{}", unit.full())),
            b'E' => self.of_system("/etc"),
            b'L' => self.of_system("/var/log"),
            b'S' => self.of_system("/var/lib"),
            b't' => self.of_system("/run"),
            b'T' => self.of_system("/tmp"),
            b'V' => self.of_system("/var/tmp"),
            // Not that of `User=`: the manager's.
            b'h' => self.of_system("/root"),
            b's' | b'y' | b'Y' | b'c' | b'r' | b'R' => Ok(Meaning::Host),
            _ => Err(SpecifierError::InvalidSlot),
        }
    }

    fn of_system(&self, text: &str) -> Result<Meaning, SpecifierError> {
        Ok(match self.manager {
            Manager::System => Meaning::Known(text.as_bytes().to_vec()),
            Manager::User => Meaning::Host,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Span;

    fn resolve(name: &str, text: &str) -> Result<String, SpecifierError> {
        let context = Context::system(UnitName::new(name).unwrap());
        context.resolve(&Word::plain(text, 0)).map(|resolved| resolved.word.text().to_owned())
    }

    #[test]
    fn of_the_name() {
        let name = r"my-app@srv-web\x2d1.service";
        assert_eq!(resolve(name, "%p %j %i %I").unwrap(), r"my-app app srv-web\x2d1 srv/web-1");
        assert_eq!(
            resolve(name, "%n|%N|%f").unwrap(),
            format!("{name}|{}|/srv/web-1", &name[..name.len() - 8])
        );
        assert_eq!(resolve("puma.service", "%i|%f|%j").unwrap(), "|/puma|puma");
    }

    #[test]
    fn of_the_system() {
        assert_eq!(
            resolve("a.service", "%t %S %C %L %E %T %V %h %u %U").unwrap(),
            "/run /var/lib /var/cache /var/log /etc /tmp /var/tmp /root root 0"
        );
        assert_eq!(resolve("a.service", "100%% %{x} %").unwrap(), "100% %{x} %");
        assert_eq!(resolve("a.service", "%F"), Err(SpecifierError::InvalidSlot));
    }

    #[test]
    fn what_only_the_host_knows_stays() {
        let mut context = Context::system(UnitName::new("a@.service").unwrap());
        let resolved = context.resolve(&Word::plain("%H-%p-%i", 4)).unwrap();
        assert_eq!(resolved.word.text(), "%H-a-%i");
        assert_eq!(resolved.unknown, [0..2, 5..7]);
        assert_eq!(resolved.word.span_of(3..4), Span::new(7, 8));
        context.manager = Manager::User;
        assert!(context.resolve(&Word::plain("%t/x", 0)).unwrap().known().is_none());
    }

    #[test]
    fn names_of_units_know_fewer() {
        let context = Context::system(UnitName::new("a.service").unwrap());
        assert_eq!(
            context.resolve_with(&Word::plain("%t", 0), Table::Names),
            Err(SpecifierError::InvalidSlot)
        );
    }
}
