//! One way in which Puma is started.

use super::Environment;
use super::command_line::{self, Invocation};
use super::evaluate::{Rails, Trace};
use super::flags::flags;
use super::rails_server::RailsServer;
use crate::catalog::{Program, Release};
use crate::model::{FileId, Location, Piece, ServiceId, Text, Value, Word, hole};

/// Who starts Puma.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Starter {
    /// Somebody who types `puma` in the app's root; nothing says otherwise.
    Default,
    /// A unit's `ExecStart=`.
    Systemd,
    /// A Monit check's start program.
    Monit,
    /// A line of a Procfile.
    Procfile,
    /// A container of a Dockerfile's image.
    Docker,
    /// A service of a compose file.
    Compose,
    /// A shell script.
    Script,
    /// capistrano3-puma, or what it sets up on the server.
    Capistrano,
}

impl Starter {
    /// Whether a config is judged as this starts it, and its paths are compared with those of units and checks.
    ///
    /// What the others start may be another machine's, or development's: their command lines are checked and
    /// their options shown, no more.
    pub fn decides(self) -> bool {
        matches!(self, Starter::Default | Starter::Systemd | Starter::Monit)
    }
}

/// One way in which Puma is started: working directory, environment, command line.
#[derive(Debug, Clone)]
pub struct Launch {
    /// The name to show: the unit's file name, the check's name, the file and its process, or `puma`.
    pub name: String,
    /// Who starts it.
    pub starter: Starter,
    /// The unit that it is part of.
    pub service: Option<ServiceId>,
    /// Where it is written; `None` for the default launch.
    pub place: Option<Location>,
    /// The configs that are loaded, in order, as far as they are among the files, with their paths on the server.
    pub configs: Vec<(FileId, Text)>,
    /// The working directory on the server.
    pub directory: Text,
    /// The environment variables.
    pub environment: Environment,
    /// The command; `None` for the default launch.
    pub invocation: Option<Invocation>,
    /// The config that a deploy writes for it, by the deploy file that says so.
    pub written: Vec<(FileId, Trace)>,
}

impl Launch {
    /// A word of the command line as Puma gets it: systemd or a shell has put in the variables.
    ///
    /// A variable that may be set is a hole of its name. One that is not set is nothing to systemd itself; a shell drops a
    /// word that comes to nothing, and has variables of its own: there the word is not known.
    pub fn text(&self, word: &str) -> Text {
        let by_systemd = self.starter == Starter::Systemd;
        // What is left of systemd's specifiers, only the host or the instance's name can tell.
        if by_systemd && word.contains('%') {
            return Text::from_iter([Piece::Unknown(format!("`{word}`"))]);
        }
        let in_shell = self.invocation.as_ref().is_none_or(|invocation| invocation.in_shell);
        fill_in(word, &self.environment, by_systemd && !in_shell)
    }

    /// Whether a template may add flags: a word of its own may be any number of them.
    pub fn may_have_more_flags(&self) -> bool {
        let words = self.invocation.iter().flat_map(|invocation| &invocation.arguments);
        let mut takes_value = false;
        for word in words {
            if !takes_value && word.text().starts_with(hole::is_hole) && !word.text().contains('/') {
                return true;
            }
            takes_value = word.text().starts_with('-');
        }
        false
    }

    /// What Rails takes from the command line, if it is Rails that starts Puma.
    pub fn rails_server(&self) -> Option<RailsServer> {
        let invocation = self.invocation.as_ref()?;
        let rails = invocation.program == command_line::Program::RailsServer;
        rails.then(|| RailsServer::parse(&invocation.arguments))
    }

    /// Whether Rails is loaded before the config is.
    pub fn rails(&self) -> Rails {
        let Some(invocation) = &self.invocation else { return Rails::Missing };
        if invocation.program == command_line::Program::RailsServer {
            return Rails::Serving;
        }
        // `RUBYOPT=-rrails` loads what it names into every Ruby.
        let options = self.environment.variables.get("RUBYOPT").map(String::as_str).unwrap_or_default();
        let by_options = options.split_whitespace().filter_map(|option| option.strip_prefix("-r"));
        let features = invocation.requires.iter().map(String::as_str).chain(by_options);
        features.fold(Rails::Missing, |rails, feature| rails.after(&Text::known(feature)))
    }

    /// Whether a switch of `puma` is given, by its long name without dashes.
    pub fn has_flag(&self, long: &str, release: Release) -> bool {
        self.invocation.as_ref().is_some_and(|invocation| {
            let given = flags(Program::Puma, &invocation.arguments, release);
            invocation.program == command_line::Program::Puma
                && given.iter().any(|flag| flag.found.found().is_some_and(|f| f.flag.long == long))
        })
    }

    /// The value of a flag of `puma`, by its long name without dashes; the last one given counts.
    pub fn flag(&self, long: &str, release: Release) -> Option<Word> {
        let invocation = self.invocation.as_ref()?;
        let program = match invocation.program {
            command_line::Program::Pumactl => Program::Pumactl,
            command_line::Program::Puma => Program::Puma,
            // Their flags mean other things.
            _ => return None,
        };
        let given = flags(program, &invocation.arguments, release);
        let mut named =
            given.into_iter().filter(|flag| flag.found.found().is_some_and(|f| f.flag.long == long));
        named.next_back()?.value
    }
}

/// A word with its variables filled in; `unset_is_empty` as for systemd, else what is not set is not known.
fn fill_in(word: &str, environment: &Environment, unset_is_empty: bool) -> Text {
    let unknown = || Piece::Unknown(format!("`{word}`"));
    if word.contains('`') {
        return Text::from_iter([unknown()]);
    }
    let mut read = Text::default();
    let mut rest = word;
    while let Some((before, after)) = rest.split_once('$') {
        read.push(Piece::Literal(before.to_owned()));
        let (name, behind) =
            after.strip_prefix('{').and_then(|inner| inner.split_once('}')).unwrap_or_else(|| {
                let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                after.split_at(end.unwrap_or(after.len()))
            });
        let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        match environment.get(name) {
            _ if !plain => {
                read.push(unknown());
                return read;
            }
            Value::Text(value) => read = read.concat(&value),
            Value::Nil if unset_is_empty => {}
            Value::Nil => read.push(Piece::Unknown(format!("`${name}`"))),
            _ => read.push(Piece::Env(name.to_owned())),
        }
        rest = behind;
    }
    read.push(Piece::Literal(rest.to_owned()));
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_in_words() {
        let mut environment = Environment { closed: true, ..Environment::default() };
        environment.variables.insert("A".into(), "/run/a".into());
        environment.unknown.insert("U".into());
        let systemd = |word: &str| fill_in(word, &environment, true);
        assert_eq!(systemd("$A/p"), Text::known("/run/a/p"));
        assert_eq!(systemd("x${A}p"), Text::known("x/run/ap"));
        assert_eq!(systemd("x${B}p"), Text::known("xp"));
        let hole = [Piece::Env("U".into()), Piece::Literal("/p".into())];
        assert_eq!(systemd("${U}/p"), Text::from_iter(hole));
        for word in ["$B/p", "x$B", "$(cat /p)", "`cat /p`"] {
            assert!(!fill_in(word, &environment, false).is_comparable(), "{word}");
        }
    }
}
