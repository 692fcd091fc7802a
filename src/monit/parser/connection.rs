//! `if failed port …`, `unixsocket …`, `url …`, and their options.
//!
//! Which option belongs to which protocol is not checked; every option is accepted after every protocol.

use super::{Parsed, Parser};
use crate::model::Word;
use crate::monit::model::{Condition, Place, Timeout};
use crate::monit::token::Kind;

/// The protocols that Monit speaks.
const PROTOCOLS: &[&str] = &[
    "apache-status",
    "clamav",
    "default",
    "dns",
    "dwp",
    "fail2ban",
    "ftp",
    "gps",
    "http",
    "https",
    "imap",
    "imaps",
    "ldap2",
    "ldap3",
    "lmtp",
    "memcache",
    "mongodb",
    "mqtt",
    "mysql",
    "mysqls",
    "nntp",
    "ntp3",
    "pgsql",
    "pop",
    "pops",
    "postfix-policy",
    "radius",
    "rdate",
    "redis",
    "rsync",
    "sieve",
    "sip",
    "smtp",
    "smtps",
    "spamassassin",
    "ssh",
    "tns",
    "websocket",
];

/// Options of single protocols that take one value, perhaps after a comparison, perhaps in percent.
const PROTOCOL_OPTIONS: &[&str] = &[
    "cleanuplimit",
    "closelimit",
    "dnslimit",
    "gracefullimit",
    "host",
    "keepalivelimit",
    "loglimit",
    "maxforward",
    "origin",
    "password",
    "path",
    "replylimit",
    "requestlimit",
    "secret",
    "startlimit",
    "target",
    "username",
    "version",
    "waitlimit",
];

/// Versions of SSL and TLS to use or not.
const TLS_VERSIONS: &[&str] = &[
    "-sslv2", "-sslv3", "-tlsv1", "-tlsv11", "-tlsv12", "-tlsv13", "auto", "sslv2", "sslv3", "tlsv1",
    "tlsv11", "tlsv12", "tlsv13",
];

/// What the options of a connection say.
#[derive(Default)]
struct Options {
    protocol: Option<&'static str>,
    request: Option<Word>,
    timeout: Option<Timeout>,
    ssl: bool,
}

impl Parser<'_> {
    /// What follows `failed`, if it is a connection.
    pub(super) fn connection(&mut self) -> Parsed<Condition> {
        match self.kind() {
            Kind::Key("unixsocket") => {
                self.bump();
                let path = self.word_of(&[Kind::Path], Place::TestValue)?;
                let options = self.connection_options()?;
                Ok(Condition::UnixSocket { path, protocol: options.protocol, timeout: options.timeout })
            }
            Kind::Key("url") => {
                self.bump();
                if self.kind() != Kind::Url {
                    return Err(Place::TestValue);
                }
                let url = self.bump().word;
                self.connection_options()?;
                Ok(Condition::Url(url))
            }
            _ => {
                let host = match self.eat("host") {
                    Some(_) => Some(self.word_of(&[Kind::Text], Place::TestValue)?),
                    None => None,
                };
                self.expect("port", Place::Test)?;
                let port = self.number(Place::TestValue)?;
                let Options { protocol, request, timeout, ssl } = self.connection_options()?;
                Ok(Condition::Port { host, port, protocol, request, timeout, ssl })
            }
        }
    }

    /// Options, as long as there are any.
    fn connection_options(&mut self) -> Parsed<Options> {
        let mut options = Options::default();
        loop {
            if let Some(timeout) = self.timeout()? {
                options.timeout = Some(timeout);
                continue;
            }
            let Kind::Key(key) = self.kind() else { return Ok(options) };
            match key {
                "protocol" => {
                    self.bump();
                    let Kind::Key(name) = self.kind() else { return Err(Place::TestValue) };
                    if !PROTOCOLS.contains(&name) {
                        return Err(Place::TestValue);
                    }
                    self.bump();
                    options.protocol = Some(name);
                    options.ssl |= matches!(name, "https" | "imaps" | "mysqls" | "pops" | "smtps");
                }
                "request" => {
                    self.bump();
                    options.request = Some(self.word_of(&[Kind::Path, Kind::Text], Place::TestValue)?);
                }
                "type" => {
                    self.bump();
                    if !matches!(self.kind(), Kind::Key("tcp" | "tcpssl" | "udp")) {
                        return Err(Place::TestValue);
                    }
                    options.ssl |= self.is("tcpssl");
                    self.bump();
                }
                "ssl" => {
                    self.bump();
                    options.ssl = true;
                    self.braces()?;
                }
                _ if !self.connection_option(key)? => return Ok(options),
                _ => {}
            }
        }
    }

    /// An option whose value is not kept. False when none stands here.
    fn connection_option(&mut self, key: &str) -> Parsed<bool> {
        match key {
            "ipv4" | "ipv6" => {
                self.bump();
            }
            "send" | "expect" | "address" | "hostheader" | "certmd5" => {
                self.bump();
                self.word_of(&[Kind::Text], Place::TestValue)?;
            }
            "retry" => {
                self.bump();
                self.number(Place::TestValue)?;
            }
            "content" => {
                self.bump();
                if !matches!(self.kind(), Kind::Key("==" | "!=")) {
                    return Err(Place::TestValue);
                }
                self.bump();
                self.word_of(&[Kind::Text], Place::TestValue)?;
            }
            "status" | "responsetime" => {
                self.bump();
                self.operator();
                self.word_of(&[Kind::Number, Kind::Real], Place::TestValue)?;
                if key == "responsetime" && matches!(self.kind(), Kind::Key("millisecond" | "second")) {
                    self.bump();
                }
            }
            "method" => {
                self.bump();
                if !matches!(self.kind(), Kind::Key("get" | "head")) {
                    return Err(Place::TestValue);
                }
                self.bump();
            }
            "certificate" => self.certificate()?,
            "checksum" | "rsakey" => self.checksum()?,
            "[" => {
                self.bump();
                while self.kind() == Kind::Header {
                    self.bump();
                }
                self.sign(b']', Place::TestValue)?;
            }
            _ if TLS_VERSIONS.contains(&key) => {
                self.bump();
            }
            _ if PROTOCOL_OPTIONS.contains(&key) => {
                self.bump();
                self.operator();
                self.word_of(&[Kind::Text, Kind::Path, Kind::Mail, Kind::Number], Place::TestValue)?;
                self.eat("percent");
            }
            _ => return Ok(false),
        }
        Ok(true)
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

    /// `[rsakey] checksum [md5|sha1] [=] HASH`.
    fn checksum(&mut self) -> Parsed<()> {
        self.eat("rsakey");
        self.expect("checksum", Place::TestValue)?;
        if matches!(self.kind(), Kind::Key("md5" | "sha1")) {
            self.bump();
        }
        self.eat("==");
        self.word_of(&[Kind::Text], Place::TestValue)?;
        Ok(())
    }

    /// `{ … }`, if it stands here; what it holds is passed over.
    pub(super) fn braces(&mut self) -> Parsed<()> {
        if self.kind() != Kind::Sign(b'{') {
            return Ok(());
        }
        while self.kind() != Kind::Sign(b'}') {
            if matches!(self.kind(), Kind::End | Kind::Key("set" | "if" | "then") | Kind::Check(_)) {
                return Err(Place::Option);
            }
            self.bump();
        }
        self.bump();
        Ok(())
    }
}
