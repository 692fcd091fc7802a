//! `if failed port …`, `unixsocket …`, `url …`, and their options.

use super::{Parsed, Parser};
use crate::model::Word;
use crate::monit::model::{Condition, Place, Timeout};
use crate::monit::token::Kind;

/// What is connected to; each takes options of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    Port,
    UnixSocket,
    Url,
}

/// What the options of a connection say.
#[derive(Default)]
pub(super) struct Options {
    pub(super) protocol: Option<&'static str>,
    pub(super) request: Option<Word>,
    timeout: Option<Timeout>,
    ssl: bool,
}

/// Which option may stand after which target.
const OPTIONS: &[(&str, &[Target])] = &[
    ("address", &[Target::Port]),
    ("certificate", &[Target::Port, Target::Url]),
    ("content", &[Target::Port, Target::Url]),
    ("expect", &[Target::Port, Target::UnixSocket]),
    ("ipv4", &[Target::Port]),
    ("ipv6", &[Target::Port]),
    ("protocol", &[Target::Port, Target::UnixSocket]),
    ("responsetime", &[Target::Port, Target::UnixSocket]),
    ("retry", &[Target::Port, Target::UnixSocket, Target::Url]),
    ("send", &[Target::Port, Target::UnixSocket]),
    ("ssl", &[Target::Port, Target::Url]),
    ("timeout", &[Target::Port, Target::UnixSocket, Target::Url]),
    ("type", &[Target::Port, Target::UnixSocket]),
];

impl Parser<'_> {
    /// What follows `failed`, if it is a connection.
    pub(super) fn connection(&mut self) -> Parsed<Condition> {
        match self.kind() {
            Kind::Key("unixsocket") => {
                self.bump();
                let path = self.word_of(&[Kind::Path], Place::TestValue)?;
                let options = self.connection_options(Target::UnixSocket)?;
                Ok(Condition::UnixSocket { path, protocol: options.protocol, timeout: options.timeout })
            }
            Kind::Key("url") => {
                self.bump();
                if self.kind() != Kind::Url {
                    return Err(Place::TestValue);
                }
                let url = self.bump().word;
                self.connection_options(Target::Url)?;
                Ok(Condition::Url(url))
            }
            _ => {
                let host = match self.eat("host") {
                    Some(_) => Some(self.word_of(&[Kind::Text], Place::TestValue)?),
                    None => None,
                };
                self.expect("port", Place::Test)?;
                let port = self.number(Place::TestValue)?;
                let Options { protocol, request, timeout, ssl } = self.connection_options(Target::Port)?;
                Ok(Condition::Port { host, port, protocol, request, timeout, ssl })
            }
        }
    }

    /// Options, as long as there are any.
    fn connection_options(&mut self, target: Target) -> Parsed<Options> {
        let mut options = Options::default();
        while let Kind::Key(key) = self.kind() {
            if !OPTIONS.iter().any(|(name, targets)| *name == key && targets.contains(&target)) {
                break;
            }
            match key {
                "timeout" => options.timeout = self.timeout()?,
                "protocol" => {
                    self.bump();
                    let name = self.protocol(&mut options)?;
                    options.ssl |= matches!(name, "https" | "imaps" | "mysqls" | "pops" | "smtps");
                }
                "type" => options.ssl |= self.socket_type()?,
                "ssl" => {
                    self.bump();
                    options.ssl = true;
                    if self.kind() == Kind::Sign(b'{') {
                        self.ssl_options()?;
                    }
                }
                "certificate" => self.certificate()?,
                _ => self.plain_option(key)?,
            }
        }
        Ok(options)
    }

    /// An option whose value is not kept.
    fn plain_option(&mut self, key: &str) -> Parsed<()> {
        self.bump();
        match key {
            "send" | "expect" | "address" => {
                self.word_of(&[Kind::Text], Place::TestValue)?;
            }
            "retry" => {
                self.number(Place::TestValue)?;
            }
            "content" => {
                if !matches!(self.kind(), Kind::Key("==" | "!=")) {
                    return Err(Place::TestValue);
                }
                self.bump();
                self.word_of(&[Kind::Text], Place::TestValue)?;
            }
            "responsetime" => {
                self.operator();
                self.number(Place::TestValue)?;
                if !matches!(self.kind(), Kind::Key("millisecond" | "second")) {
                    return Err(Place::TestUnit);
                }
                self.bump();
            }
            _ => {}
        }
        Ok(())
    }

    /// `type tcp|udp|tcpssl`; true for the last.
    fn socket_type(&mut self) -> Parsed<bool> {
        self.bump();
        let Kind::Key(name @ ("tcp" | "tcpssl" | "udp")) = self.kind() else { return Err(Place::TestValue) };
        self.bump();
        if name != "tcpssl" {
            return Ok(false);
        }
        loop {
            self.tls_versions();
            if self.eat("certmd5").is_none() {
                return Ok(true);
            }
            self.word_of(&[Kind::Text], Place::TestValue)?;
        }
    }

    /// `certificate valid > N days`, `certificate checksum …`.
    fn certificate(&mut self) -> Parsed<()> {
        self.bump();
        if self.is("checksum") {
            return self.checksum();
        }
        self.expect("valid", Place::TestValue)?;
        self.eat(">");
        self.number(Place::TestValue)?;
        self.expect("day", Place::TestUnit)?;
        Ok(())
    }

    /// `checksum [md5|sha1] [=] HASH`.
    pub(super) fn checksum(&mut self) -> Parsed<()> {
        self.expect("checksum", Place::TestValue)?;
        if matches!(self.kind(), Kind::Key("md5" | "sha1")) {
            self.bump();
        }
        self.eat("==");
        self.word_of(&[Kind::Text], Place::TestValue)?;
        Ok(())
    }
}
