//! Whole command lines of `puma` and `pumactl`, read as Ruby's OptionParser reads them.

use super::check::{Argument, Circumstances, Refusal, Stage};
use super::directive::directive;
use super::flag::{FlagMatch, Found, Program, Takes, To, When};
use super::number::{self, Parsed};
use super::pumactl;
use super::release::Release;
use super::value::Value;
use crate::model::hole;

/// A command line as a release reads it. Words are named by their place in what was given.
#[derive(Debug, Clone, PartialEq)]
pub struct CommandLine {
    /// The flags, in order, up to the error if there is one.
    pub settings: Vec<Setting>,
    /// The words that are neither flags nor their arguments: for `puma` the rackup file, for `pumactl` the command.
    pub operands: Vec<usize>,
    /// What ends it.
    pub error: Option<Failure>,
    /// What ends it where something that may be installed is missing.
    pub doubts: Vec<Failure>,
    /// Whether it prints its help or its version and exits, instead of doing anything.
    pub exits: bool,
}

/// A flag that was given.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// The flag's name.
    pub flag: &'static str,
    /// Whether it was `--no-…`.
    pub negated: bool,
    /// The word it stands in.
    pub word: usize,
    /// Where in that word the flag's name ends: before `=`, before a short flag's argument, or at the end.
    pub end: usize,
    /// Its argument.
    pub argument: Option<Given>,
    /// The options it sets.
    pub sets: Vec<(&'static str, OptionValue)>,
}

/// An argument of a flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The text.
    pub text: String,
    /// The word it stands in.
    pub word: usize,
    /// Where in that word it starts.
    pub start: usize,
}

/// What a command line sets an option to.
#[derive(Debug, Clone, PartialEq)]
pub enum OptionValue {
    /// A value of the catalog's.
    Known(Value),
    /// A text from the command line.
    Text(String),
    /// A number from the command line.
    Integer(i64),
    /// `tcp://`, the release's default host, and this port.
    TcpPort(String),
    /// One more in a list.
    Item(String),
}

/// Why a command line ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The word at which it ends.
    pub word: usize,
    /// The kind.
    pub kind: FailureKind,
    /// Ruby's class of the error.
    pub class: &'static str,
    /// The message.
    pub words: String,
}

/// The kinds of failures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FailureKind {
    /// The flag does not exist.
    Invalid,
    /// The flag abbreviates several.
    Ambiguous,
    /// The flag's argument is missing.
    MissingArgument,
    /// The flag takes no argument.
    NeedlessArgument,
    /// The argument is not what the flag takes, says OptionParser.
    InvalidArgument,
    /// The argument is not what the flag takes, says Puma.
    Refused,
    /// Puma fails on the flag itself.
    Broken,
    /// `pumactl` does not know the command.
    InvalidCommand,
    /// `pumactl` was given no command.
    MissingCommand,
}

impl Failure {
    /// As Ruby's backtrace shows it: the class and the message.
    pub fn full(&self) -> String {
        if self.class.is_empty() { self.words.clone() } else { format!("{}: {}", self.class, self.words) }
    }
}

/// The words that are still to be read: the tail of what was given, and what is left of a word of short flags.
struct Words<'a> {
    given: &'a [&'a str],
    next: usize,
    /// The rest of a word such as `-qd`, with its dash, and how far into the word it starts.
    bundle: Option<(String, usize)>,
}

impl CommandLine {
    /// Reads the words after the program's name.
    pub fn parse(program: Program, words: &[&str], release: Release) -> Self {
        let mut line = Self {
            settings: Vec::new(),
            operands: Vec::new(),
            error: None,
            doubts: Vec::new(),
            exits: false,
        };
        line.error = line.read(program, words, release).err();
        if line.error.is_none() && !line.exits && program == Program::Pumactl {
            line.error = line.command_failure(words, release);
        }
        line
    }

    /// The options it sets, in order; a later one wins, items of lists add up.
    pub fn options(&self) -> impl Iterator<Item = &(&'static str, OptionValue)> {
        self.settings.iter().flat_map(|setting| &setting.sets)
    }

    /// The last setting of a flag.
    pub fn setting(&self, flag: &str) -> Option<&Setting> {
        self.settings.iter().rev().find(|setting| setting.flag == flag)
    }

    fn read(&mut self, program: Program, given: &[&str], release: Release) -> Result<(), Failure> {
        let mut words = Words { given, next: 0, bundle: None };
        while let Some((word, place, skipped)) = words.take() {
            if word == "--" || word.starts_with("--=") {
                self.operands.extend(words.next..given.len());
                break;
            }
            if !word.starts_with('-') || word == "-" {
                self.operands.push(place);
                if program == Program::Pumactl && !pumactl::flags_after_command(release) {
                    break;
                }
                continue;
            }
            let found = program.find(&word, release);
            let Some(Found { flag, negated }) = found.found() else {
                let (kind, class) = match found {
                    FlagMatch::Ambiguous(_) => (FailureKind::Ambiguous, "OptionParser::AmbiguousOption"),
                    _ => (FailureKind::Invalid, "OptionParser::InvalidOption"),
                };
                return Err(Failure {
                    word: place,
                    kind,
                    class,
                    words: found.words(&word).unwrap_or_default(),
                });
            };
            let argument = words.argument(flag.argument, integer_only(flag.sets), &word, place, skipped)?;
            let name = match word.strip_prefix("--") {
                Some(long) => 2 + long.find('=').unwrap_or(long.len()),
                None => 1 + word[1..].chars().next().map_or(0, char::len_utf8),
            };
            let end = skipped + name;
            if flag.long == "help" || flag.long == "version" {
                self.exits = true;
                return Ok(());
            }
            let mut setting =
                Setting { flag: flag.long, negated, word: place, end, argument, sets: Vec::new() };
            self.check(flag, &setting, release)?;
            setting.sets = flag.sets_at(release).filter_map(|effect| value(effect, &setting)).collect();
            self.settings.push(setting);
        }
        Ok(())
    }

    /// Whether Puma takes a flag's argument.
    fn check(&mut self, flag: &super::Flag, setting: &Setting, release: Release) -> Result<(), Failure> {
        let text = setting.argument.as_ref().map(|given| given.text.as_str());
        let failure = |kind, full: &str| {
            let (class, words) = full.split_once(": ").unwrap_or(("", full));
            Failure { word: setting.word, kind, class: known_class(class), words: words.to_owned() }
        };
        let colon = text.is_some_and(|text| text.contains(':'));
        let broken = |broken: &&super::flag::Broken| {
            broken.releases.contains(release) && (broken.when == When::Always || !colon)
        };
        if let Some(broken) = flag.broken.iter().find(broken) {
            return Err(failure(FailureKind::Broken, broken.words));
        }
        let Some((called, text)) = flag.calls_at(release).and_then(directive).zip(text) else {
            return Ok(());
        };
        let pair = flag.sets.iter().any(|effect| effect.to == To::MinOfPair);
        // Whatever a template fills in, it may be right.
        if hole::has_hole(text) {
            return Ok(());
        }
        let known = |text| if is_filled_in(text) { Argument::Unknown } else { Argument::Text(text) };
        let arguments: Vec<Argument<'_>> = match split_pair(text).filter(|_| pair) {
            Some((min, max)) => {
                let max = max.split(':').next().filter(|max| !max.is_empty()).unwrap_or(min);
                vec![known(min), known(max)]
            }
            None if pair => vec![known(text), known(text)],
            None => vec![known(text)],
        };
        for check in called.checks_at(release).filter(|check| check.stage == Stage::Config) {
            match check.refuses(&arguments, Circumstances::at(release)) {
                None => {}
                Some(Refusal { words, certain: true, .. }) => {
                    return Err(failure(FailureKind::Refused, &words));
                }
                Some(Refusal { words, .. }) => self.doubts.push(failure(FailureKind::Refused, &words)),
            }
        }
        Ok(())
    }

    /// What `pumactl` says of its command.
    fn command_failure(&self, words: &[&str], release: Release) -> Option<Failure> {
        let Some(&place) = self.operands.first() else {
            let known: Vec<&str> = pumactl::commands()
                .iter()
                .filter(|command| command.exists(release))
                .map(|c| c.name)
                .collect();
            let words = format!("Available commands: {}", known.join(", "));
            return Some(Failure { word: 0, kind: FailureKind::MissingCommand, class: "", words });
        };
        let name = words.get(place).copied().unwrap_or_default();
        if pumactl::command(name).is_some_and(|command| command.exists(release)) {
            return None;
        }
        let words = format!("Invalid command: {name}");
        Some(Failure { word: place, kind: FailureKind::InvalidCommand, class: "", words })
    }
}

impl Words<'_> {
    /// The next word, its place, and how many bytes of it were read before.
    fn take(&mut self) -> Option<(String, usize, usize)> {
        if let Some((rest, skipped)) = self.bundle.take() {
            return Some((rest, self.next - 1, skipped));
        }
        let word = (*self.given.get(self.next)?).to_owned();
        self.next += 1;
        Some((word, self.next - 1, 0))
    }

    /// The argument of the flag in `word`. What is attached to a short flag without an argument are further flags.
    fn argument(
        &mut self,
        takes: Takes,
        integer: bool,
        word: &str,
        place: usize,
        skipped: usize,
    ) -> Result<Option<Given>, Failure> {
        let long = word.starts_with("--");
        let attached: Option<(&str, usize)> = if long {
            word.split_once('=').map(|(name, value)| (value, name.len() + 1))
        } else {
            let name = 1 + word[1..].chars().next().map_or(0, char::len_utf8);
            word.get(name..).filter(|rest| !rest.is_empty()).map(|rest| (rest, name))
        };
        let failure =
            |kind, class, what: &str| Failure { word: place, kind, class, words: format!("{what}: {word}") };
        let needless =
            || failure(FailureKind::NeedlessArgument, "OptionParser::NeedlessArgument", "needless argument");
        match (takes, attached) {
            (Takes::None, None) => Ok(None),
            (Takes::None, Some((rest, start))) => {
                if long || rest.starts_with('=') {
                    return Err(needless());
                }
                self.bundle = further(rest).map(|rest| (rest, skipped + start - 1));
                Ok(None)
            }
            (Takes::Attached, Some((text, start))) if integer && !is_decimal(text) => {
                if long || text.starts_with('=') {
                    let class = "OptionParser::InvalidArgument";
                    return Err(failure(FailureKind::InvalidArgument, class, "invalid argument"));
                }
                self.bundle = further(text).map(|rest| (rest, skipped + start - 1));
                Ok(None)
            }
            (_, Some((text, start))) => {
                // In a bundle the dash stands in for the letter before it.
                Ok(Some(Given { text: text.to_owned(), word: place, start: skipped + start }))
            }
            (Takes::Attached, None) => Ok(None),
            (Takes::Placed, None) if self.given.get(self.next).is_none_or(|next| next.starts_with('-')) => {
                Ok(None)
            }
            (Takes::Required | Takes::Placed, None) => {
                let Some(next) = self.given.get(self.next) else {
                    let class = "OptionParser::MissingArgument";
                    return Err(failure(FailureKind::MissingArgument, class, "missing argument"));
                };
                self.next += 1;
                Ok(Some(Given { text: (*next).to_owned(), word: self.next - 1, start: 0 }))
            }
        }
    }
}

/// The rest of a word of short flags, with a dash of its own.
fn further(rest: &str) -> Option<String> {
    let rest = rest.trim_start_matches('-');
    (!rest.is_empty()).then(|| format!("-{rest}"))
}

/// Whether a shell or a supervisor puts something into the text, so that nobody knows what Puma gets.
fn is_filled_in(text: &str) -> bool {
    text.contains(['$', '`'])
}

/// Both sides of the first colon, past those of `${MIN:-1}`.
fn split_pair(text: &str) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    let at = text.char_indices().find(|(_, c)| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        *c == ':' && depth == 0
    })?;
    Some((&text[..at.0], &text[at.0 + 1..]))
}

/// Whether OptionParser itself asks for an integer. It does where the argument may be left out.
fn integer_only(sets: &[super::flag::Effect]) -> bool {
    sets.iter().any(|effect| effect.to == To::Integer)
}

/// What OptionParser's `DecimalInteger` takes.
fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    // What a template fills in may be a number.
    hole::has_hole(text)
        || !digits.is_empty()
            && digits.chars().all(|c| c.is_ascii_digit() || c == '_')
            && !digits.starts_with('_')
}

/// What an effect of a flag sets its option to.
fn value(effect: &super::flag::Effect, setting: &Setting) -> Option<(&'static str, OptionValue)> {
    let text = setting.argument.as_ref().map(|given| given.text.clone());
    let known = || effect.value.map(OptionValue::Known);
    let value = match effect.to {
        To::Value => known(),
        To::Switch => Some(OptionValue::Known(Value::Boolean(!setting.negated))),
        To::Argument => text.map(OptionValue::Text).or_else(known),
        To::Integer => text
            .map(|text| match number::integer(&text) {
                _ if hole::has_hole(&text) || is_filled_in(&text) => OptionValue::Text(text),
                Parsed::Value(value) => OptionValue::Integer(value),
                Parsed::TooLarge | Parsed::Invalid => OptionValue::Integer(number::leading(&text)),
            })
            .or_else(known),
        To::MinOfPair | To::MaxOfPair => {
            let text = text?;
            let (min, max) = split_pair(&text).filter(|(_, max)| !max.is_empty()).unzip();
            let part = if effect.to == To::MinOfPair { min } else { max };
            match (part, effect.value) {
                (Some(part), _) => Some(OptionValue::Text(part.to_owned())),
                (None, Some(alone)) => Some(OptionValue::Known(alone)),
                (None, None) => Some(OptionValue::Text(text.trim_end_matches(':').to_owned())),
            }
        }
        To::TcpUrl => text.map(OptionValue::TcpPort),
        To::List => text.map(OptionValue::Item),
    };
    value.map(|value| (effect.option, value))
}

/// The class as a constant: only these are raised on the way.
fn known_class(class: &str) -> &'static str {
    const CLASSES: [&str; 7] = [
        "ArgumentError",
        "TypeError",
        "RuntimeError",
        "NoMethodError",
        "NameError",
        "LoadError",
        "Puma::UnknownPlugin",
    ];
    CLASSES.into_iter().find(|known| *known == class).unwrap_or("RuntimeError")
}
