//! Flags of `puma` and `pumactl`, and how Ruby's OptionParser finds the one that is meant.

use super::range::Range;
use super::release::Release;
use super::tables;
use super::value::Value;

/// A flag of a command, in every release that had it.
#[derive(Debug, Clone, Copy)]
pub struct Flag {
    /// Its long name, without dashes.
    pub long: &'static str,
    /// Its short name.
    pub short: Option<char>,
    /// Where it exists.
    pub releases: Range,
    /// Whether it takes an argument.
    pub argument: Takes,
    /// The argument as `--help` shows it.
    pub placeholder: Option<&'static str>,
    /// Whether `--no-…` exists as well.
    pub negatable: bool,
    /// What it does, in one phrase.
    pub summary: &'static str,
    /// The flag that does its work elsewhere.
    pub replacement: Option<&'static str>,
    /// Where `--help` calls it deprecated. Nothing is printed when it is used.
    pub deprecated: Option<Range>,
    /// The options it sets.
    pub sets: &'static [Effect],
    /// The directive that gets the argument and checks it.
    pub calls: &'static [(Range, &'static str)],
    /// Where Puma fails on it.
    pub broken: &'static [Broken],
}

/// Whether a flag takes an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// It does not; `--flag=x` is refused.
    None,
    /// It does, and takes the next word, whatever that is.
    Required,
    /// Only if it is attached: `--flag=x`, `-fx`. The next word is left alone.
    Attached,
    /// If it is attached, or if the next word does not start with a dash.
    Placed,
}

/// An option that a flag sets.
#[derive(Debug, Clone, Copy)]
pub struct Effect {
    /// Where it sets it.
    pub releases: Range,
    /// The option, by Puma's name.
    pub option: &'static str,
    /// To what.
    pub to: To,
    /// The value for `To::Value`, or the one without an argument.
    pub value: Option<Value>,
}

/// What a flag sets an option to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// The effect's value.
    Value,
    /// The argument as it is.
    Argument,
    /// The argument as a number.
    Integer,
    /// What stands before the colon in `min:max`; for a single number 0 or the number, depending on the release.
    MinOfPair,
    /// What stands after the colon in `min:max`, or the single number.
    MaxOfPair,
    /// `tcp://` the default host `:` the argument, one more in a list.
    TcpUrl,
    /// The argument, one more in a list.
    List,
    /// True, or false after `--no-`.
    Switch,
}

/// Where Puma itself fails on a flag.
#[derive(Debug, Clone, Copy)]
pub struct Broken {
    /// Where.
    pub releases: Range,
    /// On which arguments.
    pub when: When,
    /// What Ruby says.
    pub words: &'static str,
}

/// The arguments on which Puma fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// All.
    Always,
    /// Those without a colon.
    NoColon,
}

/// Whose flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Program {
    /// `puma`.
    Puma,
    /// `pumactl`.
    Pumactl,
}

/// Which flag a word of a command line means.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    /// The flag.
    pub flag: &'static Flag,
    /// Whether it was `--no-…`.
    pub negated: bool,
}

/// What OptionParser makes of a flag's name.
#[derive(Debug, Clone)]
pub enum FlagMatch {
    /// It is a flag's name.
    Known(Found),
    /// It is the beginning of one flag's name.
    Abbreviation(Found),
    /// It is the beginning of several, none of which begins all others.
    Ambiguous(Vec<&'static Flag>),
    /// It is no flag.
    Invalid,
}

impl FlagMatch {
    /// The flag, if one is meant.
    pub fn found(&self) -> Option<Found> {
        match self {
            FlagMatch::Known(found) | FlagMatch::Abbreviation(found) => Some(*found),
            FlagMatch::Ambiguous(_) | FlagMatch::Invalid => None,
        }
    }

    /// What OptionParser says of `word`, the word as written, if no flag is meant.
    pub fn words(&self, word: &str) -> Option<String> {
        match self {
            FlagMatch::Known(_) | FlagMatch::Abbreviation(_) => None,
            FlagMatch::Ambiguous(_) => Some(format!("ambiguous option: {word}")),
            FlagMatch::Invalid => Some(format!("invalid option: {word}")),
        }
    }
}

impl Program {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Program::Puma => "puma",
            Program::Pumactl => "pumactl",
        }
    }

    /// Its flags, in every release.
    pub fn flags(self) -> &'static [Flag] {
        match self {
            Program::Puma => tables::PUMA_FLAGS,
            Program::Pumactl => tables::PUMACTL_FLAGS,
        }
    }

    /// The flag with that long name (without dashes), in whatever release.
    pub fn flag(self, long: &str) -> Option<&'static Flag> {
        let flags = self.flags();
        let at = flags.binary_search_by(|flag| flag.long.cmp(long)).ok()?;
        flags.get(at)
    }

    /// The flag with that short name, in whatever release.
    pub fn short_flag(self, short: char) -> Option<&'static Flag> {
        self.flags().iter().find(|flag| flag.short == Some(short))
    }

    /// What `word` (`--daemon`, `--pidfile=x`, `-d`, `-p3000`) means at `release`.
    pub fn find(self, word: &str, release: Release) -> FlagMatch {
        if let Some(long) = word.strip_prefix("--") {
            let name = long.split_once('=').map_or(long, |(name, _)| name);
            return self.complete(&name.replace('_', "-"), release, true);
        }
        let Some(letter) = word.strip_prefix('-').and_then(|rest| rest.chars().next()) else {
            return FlagMatch::Invalid;
        };
        let short =
            self.flags().iter().find(|flag| flag.short == Some(letter) && flag.releases.contains(release));
        match short {
            Some(flag) => FlagMatch::Known(Found { flag, negated: false }),
            // A letter that is no flag abbreviates long names.
            None => match self.complete(&letter.to_string(), release, false) {
                FlagMatch::Known(found) => FlagMatch::Abbreviation(found),
                other => other,
            },
        }
    }

    /// What a long name, perhaps abbreviated, means. Each word of it may be cut short: `--f-w` is `--fork-worker`.
    fn complete(self, name: &str, release: Release, ignore_case: bool) -> FlagMatch {
        let mut candidates: Vec<(String, Found)> = Vec::new();
        for flag in self.flags().iter().filter(|flag| flag.releases.contains(release)) {
            candidates.push((flag.long.to_owned(), Found { flag, negated: false }));
            if flag.negatable {
                candidates.push((format!("no-{}", flag.long), Found { flag, negated: true }));
            }
        }
        if let Some((_, found)) = candidates.iter().find(|(long, _)| long == name) {
            return FlagMatch::Known(*found);
        }
        candidates.retain(|(long, _)| abbreviates(name, long, ignore_case));
        candidates.sort_by_key(|(long, _)| long.len());
        let Some((shortest, found)) = candidates.first() else { return FlagMatch::Invalid };
        // Of several, one that begins all the others is meant.
        let others = candidates.iter().all(|(long, other)| {
            std::ptr::eq(other.flag, found.flag) && other.negated == found.negated
                || long.starts_with(shortest.as_str())
        });
        if others {
            FlagMatch::Abbreviation(*found)
        } else {
            FlagMatch::Ambiguous(candidates.iter().map(|(_, found)| found.flag).collect())
        }
    }
}

/// Whether `short` abbreviates `long`, as OptionParser has it: every run of letters may go on in `long`.
fn abbreviates(short: &str, long: &str, ignore_case: bool) -> bool {
    let same = |a: char, b: char| if ignore_case { a.eq_ignore_ascii_case(&b) } else { a == b };
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut rest = long.chars().peekable();
    let mut previous: Option<char> = None;
    for letter in short.chars() {
        if previous.is_some_and(word) && !word(letter) {
            while rest.next_if(|c| word(*c)).is_some() {}
        }
        if !rest.next().is_some_and(|c| same(c, letter)) {
            return false;
        }
        previous = Some(letter);
    }
    true
}

impl Flag {
    /// Whether `release` has it.
    pub fn exists(&self, release: Release) -> bool {
        self.releases.contains(release)
    }

    /// The first release without it, if it was removed.
    pub fn removed_in(&self) -> Option<Release> {
        self.releases.last().next()
    }

    /// The directive that gets its argument at `release`.
    pub fn calls_at(&self, release: Release) -> Option<&'static str> {
        self.calls.iter().find(|(range, _)| range.contains(release)).map(|(_, directive)| *directive)
    }

    /// The options it sets at `release`.
    pub fn sets_at(&self, release: Release) -> impl Iterator<Item = &'static Effect> {
        self.sets.iter().filter(move |effect| effect.releases.contains(release))
    }
}
