//! What may follow an `alert`: events, a mail format, a reminder.

use super::{Parsed, Parser};
use crate::monit::model::Place;
use crate::monit::token::Kind;

/// The events that an alert may name.
const EVENTS: &[&str] = &[
    "action",
    "bytein",
    "byteout",
    "checksum",
    "connection",
    "content",
    "data",
    "exec",
    "exist",
    "fsflag",
    "gid",
    "icmp",
    "instance",
    "invalid",
    "link",
    "nonexist",
    "packetin",
    "packetout",
    "permission",
    "pid",
    "ppid",
    "resource",
    "saturation",
    "size",
    "speed",
    "status",
    "timeout",
    "time",
    "uid",
    "uptime",
];

impl Parser<'_> {
    /// `[[not] on { EVENT, … }] [with mail-format { … }] [with reminder on N [cycles]]`.
    pub(super) fn alert_options(&mut self) -> Parsed<()> {
        let negated = self.eat("not").is_some();
        if negated || self.kind() == Kind::Sign(b'{') {
            self.sign(b'{', Place::Option)?;
            let mut events = 0;
            while matches!(self.kind(), Kind::Key(key) if EVENTS.contains(&key)) {
                self.bump();
                events += 1;
            }
            if events == 0 {
                return Err(Place::Option);
            }
            self.sign(b'}', Place::Option)?;
        }
        if self.eat("mail-format").is_some() {
            self.mail_format()?;
        }
        if self.eat("reminder").is_some() {
            self.number(Place::Option)?;
            self.eat("cycles");
        }
        Ok(())
    }

    /// `{ from: …, reply-to: …, subject: …, message: … }`.
    pub(super) fn mail_format(&mut self) -> Parsed<()> {
        self.sign(b'{', Place::Option)?;
        let mut lines = 0;
        loop {
            match self.kind() {
                Kind::Key("from:") => {
                    self.bump();
                    if self.kind() != Kind::Address {
                        return Err(Place::Option);
                    }
                    self.bump();
                }
                Kind::MailText => {
                    self.bump();
                }
                _ if lines == 0 => return Err(Place::Option),
                _ => break,
            }
            lines += 1;
        }
        self.sign(b'}', Place::Option)?;
        Ok(())
    }
}
