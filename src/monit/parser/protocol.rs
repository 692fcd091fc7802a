//! What follows `protocol`: its name, and the options that only it takes.

use super::connection::Options;
use super::{Parsed, Parser};
use crate::monit::model::Place;
use crate::monit::token::Kind;

/// What an option of a protocol takes.
#[derive(Clone, Copy)]
enum Value {
    /// A string.
    Text,
    /// A string or a mail address.
    Account,
    /// A path.
    Path,
    /// A path or another string; it is kept.
    Request,
    /// A path; it is kept.
    RequestPath,
    /// A whole number.
    Number,
    /// A whole number, perhaps after a comparison.
    Compared,
    /// The same, in percent.
    Percent,
    /// `get` or `head`.
    Method,
    /// `[md5|sha1] [=] HASH` after `checksum`.
    Checksum,
    /// What follows `http headers`.
    Headers,
}

/// An option and what it takes.
type Known = (&'static str, Value);

const NONE: &[Known] = &[];
const LOGIN: &[Known] = &[("username", Value::Account), ("password", Value::Text)];
const HTTP: &[Known] = &[
    ("username", Value::Account),
    ("password", Value::Text),
    ("request", Value::Request),
    ("checksum", Value::Text),
    ("status", Value::Compared),
    ("method", Value::Method),
    ("hostheader", Value::Text),
    ("[", Value::Headers),
];
const APACHE_STATUS: &[Known] = &[
    ("username", Value::Account),
    ("password", Value::Text),
    ("path", Value::Path),
    ("loglimit", Value::Percent),
    ("closelimit", Value::Percent),
    ("dnslimit", Value::Percent),
    ("keepalivelimit", Value::Percent),
    ("replylimit", Value::Percent),
    ("requestlimit", Value::Percent),
    ("startlimit", Value::Percent),
    ("waitlimit", Value::Percent),
    ("gracefullimit", Value::Percent),
    ("cleanuplimit", Value::Percent),
];
const MYSQL: &[Known] =
    &[("username", Value::Account), ("password", Value::Text), ("rsakey", Value::Checksum)];
const SIP: &[Known] = &[("target", Value::Account), ("maxforward", Value::Number)];
const RADIUS: &[Known] = &[("secret", Value::Text)];
const WEBSOCKET: &[Known] = &[
    ("origin", Value::Text),
    ("request", Value::RequestPath),
    ("host", Value::Text),
    ("version", Value::Number),
];

/// The protocols that Monit speaks, the options each takes, and whether it needs one.
const PROTOCOLS: &[(&str, &[Known], bool)] = &[
    ("apache-status", APACHE_STATUS, true),
    ("clamav", NONE, false),
    ("default", NONE, false),
    ("dns", NONE, false),
    ("dwp", NONE, false),
    ("fail2ban", NONE, false),
    ("ftp", NONE, false),
    ("gps", NONE, false),
    ("http", HTTP, false),
    ("https", HTTP, false),
    ("imap", NONE, false),
    ("imaps", NONE, false),
    ("ldap2", NONE, false),
    ("ldap3", NONE, false),
    ("lmtp", NONE, false),
    ("memcache", NONE, false),
    ("mongodb", NONE, false),
    ("mqtt", LOGIN, false),
    ("mysql", MYSQL, false),
    ("mysqls", MYSQL, false),
    ("nntp", NONE, false),
    ("ntp3", NONE, false),
    ("pgsql", NONE, false),
    ("pop", NONE, false),
    ("pops", NONE, false),
    ("postfix-policy", NONE, false),
    ("radius", RADIUS, false),
    ("rdate", NONE, false),
    ("redis", NONE, false),
    ("rsync", NONE, false),
    ("sieve", NONE, false),
    ("sip", SIP, false),
    ("smtp", LOGIN, false),
    ("smtps", LOGIN, false),
    ("spamassassin", NONE, false),
    ("ssh", NONE, false),
    ("tns", NONE, false),
    ("websocket", WEBSOCKET, true),
];

impl Parser<'_> {
    /// A protocol and its options, which have to follow at once.
    pub(super) fn protocol(&mut self, options: &mut Options) -> Parsed<&'static str> {
        let Kind::Key(name) = self.kind() else { return Err(Place::TestValue) };
        let (name, known, needed) =
            PROTOCOLS.iter().find(|(known, ..)| *known == name).ok_or(Place::TestValue)?;
        self.bump();
        options.protocol = Some(name);
        let mut count = 0;
        while let Some((_, value)) = known.iter().find(|(option, _)| self.is(option)) {
            self.protocol_option(*value, options)?;
            count += 1;
        }
        if *needed && count == 0 { Err(Place::TestValue) } else { Ok(name) }
    }

    /// One option, and what it takes.
    fn protocol_option(&mut self, value: Value, options: &mut Options) -> Parsed<()> {
        let place = Place::TestValue;
        self.bump();
        match value {
            Value::Text => {
                self.word_of(&[Kind::Text], place)?;
            }
            Value::Account => {
                self.word_of(&[Kind::Text, Kind::Mail], place)?;
            }
            Value::Path => {
                self.word_of(&[Kind::Path], place)?;
            }
            Value::Request => options.request = Some(self.word_of(&[Kind::Path, Kind::Text], place)?),
            Value::RequestPath => options.request = Some(self.word_of(&[Kind::Path], place)?),
            Value::Number => {
                self.number(place)?;
            }
            Value::Compared => {
                self.operator();
                self.number(place)?;
            }
            Value::Percent => {
                self.operator();
                self.number(place)?;
                self.expect("percent", Place::TestUnit)?;
            }
            Value::Method => {
                if !matches!(self.kind(), Kind::Key("get" | "head")) {
                    return Err(place);
                }
                self.bump();
            }
            Value::Checksum => self.checksum()?,
            Value::Headers => {
                while self.kind() == Kind::Header {
                    self.bump();
                }
                self.sign(b']', place)?;
            }
        }
        Ok(())
    }
}
