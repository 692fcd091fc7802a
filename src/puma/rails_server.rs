//! `rails server`: what Rails takes from its command line before it starts Puma.
//!
//! As Rails 5.1 to 8.1 reads it (`Rails::Command::ServerCommand`), with Thor's way of writing flags.

use super::Environment;
use super::evaluate::rails_environment;
use crate::model::{Value, Word};

/// What is given to `rails server`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RailsServer {
    /// `-p`, `--port`
    pub port: Option<Word>,
    /// `-b`, `--binding`
    pub binding: Option<Word>,
    /// `-e`, `--environment`
    pub environment: Option<Word>,
    /// `-P`, `--pid`: a file that Rails writes, not Puma.
    pub pid: Option<Word>,
    /// `-u`, `--using`, or a plain word: the server that Rails shall start.
    pub using: Option<Word>,
    /// `-d`, `--daemon`: Rails leaves the terminal before it starts Puma.
    pub daemon: Option<Word>,
    /// `--early-hints`, `--no-early-hints`
    pub early_hints: Option<(bool, Word)>,
}

/// The flags that take a value.
const WITH_VALUE: &[(&str, &str)] = &[
    ("--port", "-p"),
    ("--binding", "-b"),
    ("--config", "-c"),
    ("--environment", "-e"),
    ("--pid", "-P"),
    ("--using", "-u"),
];

impl RailsServer {
    /// Reads the words after `rails server`.
    pub fn parse(words: &[Word]) -> Self {
        let mut given = Self::default();
        let mut rest = words.iter().peekable();
        while let Some(word) = rest.next() {
            let text = word.text();
            let (flag, attached) = split(text);
            if let Some((long, _)) = WITH_VALUE.iter().find(|(long, short)| flag == *long || flag == *short) {
                let next = || rest.next_if(|next| !next.text().starts_with('-')).cloned();
                let value = attached.map(|at| word.part(at..text.len())).or_else(next);
                given.set(long, value);
                continue;
            }
            match flag {
                "--daemon" => given.daemon = Some(word.clone()),
                "--no-daemon" => given.daemon = None,
                "--early-hints" => given.early_hints = Some((true, word.clone())),
                "--no-early-hints" => given.early_hints = Some((false, word.clone())),
                _ if !flag.starts_with('-') => given.using = given.using.or_else(|| Some(word.clone())),
                // `-dC`: switches may share a dash.
                _ if flag.contains('d') && flag[1..].chars().all(|c| matches!(c, 'd' | 'C')) => {
                    given.daemon = Some(word.clone());
                }
                _ => {}
            }
        }
        given
    }

    fn set(&mut self, long: &str, value: Option<Word>) {
        match long {
            "--port" => self.port = value,
            "--binding" => self.binding = value,
            "--environment" => self.environment = value,
            "--pid" => self.pid = value,
            "--using" => self.using = value,
            _ => {}
        }
    }

    /// Whether it starts Puma, as it does where it is told nothing else and the gem is there.
    pub fn is_puma(&self) -> bool {
        self.using.as_ref().is_none_or(|using| using.text() == "puma")
    }

    /// The environment that `-e` names; Rails completes the first letters of its own three.
    pub fn named_environment(&self) -> Option<&str> {
        let given = self.environment.as_ref()?.text();
        let whole = ["production", "development", "test"].into_iter().find(|name| name.starts_with(given));
        Some(whole.filter(|_| !given.is_empty()).unwrap_or(given))
    }

    /// The environment that it runs in.
    pub fn environment(&self, variables: &Environment) -> Value {
        match self.named_environment() {
            Some(name) => Value::text(name),
            None => rails_environment(|name| variables.get(name)),
        }
    }
}

/// A flag alone, and where its value starts if that is attached: `--port=1`, `-p=1`, `-p1`.
fn split(text: &str) -> (&str, Option<usize>) {
    let flag = text.starts_with('-');
    match text.find('=').filter(|_| flag) {
        Some(at) => (&text[..at], Some(at + 1)),
        None if flag && text.get(2..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) => {
            (&text[..2], Some(2))
        }
        None => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> RailsServer {
        let words: Vec<Word> = line.split_whitespace().map(|word| Word::plain(word, 0)).collect();
        RailsServer::parse(&words)
    }

    fn text(word: &Option<Word>) -> Option<&str> {
        word.as_ref().map(Word::text)
    }

    #[test]
    fn flags_are_read_in_every_form() {
        for line in
            ["-p 3000", "-p3000", "-p=3000", "--port=3000", "--port 3000", "-C -p 3000 --log-to-stdout"]
        {
            assert_eq!(text(&parse(line).port), Some("3000"), "{line}");
        }
        let given = parse("-e prod -b 0.0.0.0 -P tmp/x.pid -d");
        assert_eq!(given.named_environment(), Some("production"));
        assert_eq!((text(&given.binding), text(&given.pid)), (Some("0.0.0.0"), Some("tmp/x.pid")));
        assert!(given.daemon.is_some() && given.is_puma());
        assert_eq!(parse("-e staging").named_environment(), Some("staging"));
    }

    #[test]
    fn switches_may_be_undone_or_share_a_dash() {
        assert!(parse("-dC").daemon.is_some());
        assert!(parse("--daemon --no-daemon").daemon.is_none());
        assert!(parse("-C --dev-caching").daemon.is_none());
        assert_eq!(parse("--no-early-hints").early_hints.map(|(on, _)| on), Some(false));
    }

    #[test]
    fn another_server_is_not_puma() {
        assert!(parse("puma -p 1").is_puma() && parse("-u puma").is_puma());
        assert!(!parse("thin").is_puma() && !parse("--using=webrick").is_puma());
    }
}
