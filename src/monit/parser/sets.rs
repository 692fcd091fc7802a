//! `set …`. The short ones are read exactly; the long ones (`httpd`, `mailserver`, …) are passed over.

use super::{Parsed, Parser};
use crate::monit::model::{Limit, Place, SetStatement, SetValue};
use crate::monit::token::Kind;

/// Statements that are passed over.
const PASSED_OVER: &[&str] = &["httpd", "mailserver", "mmonit"];

impl Parser<'_> {
    /// One `set` statement.
    pub(super) fn set(&mut self) -> Parsed<()> {
        let start = self.bump().span;
        let Kind::Key(name) = self.kind() else { return Err(Place::Set) };
        let value = match name {
            "daemon" => self.daemon()?,
            "limits" => SetValue::Limits(self.limits()?),
            "onreboot" => SetValue::OnReboot(self.onreboot().map_err(|_| Place::Set)?.0),
            "pidfile" | "idfile" | "statefile" => {
                self.bump();
                SetValue::Path(self.word_of(&[Kind::Path], Place::Set)?)
            }
            "log" => self.log()?,
            "eventqueue" => self.event_queue()?,
            "init" | "fips" => {
                self.bump();
                SetValue::Other
            }
            "alert" => {
                self.bump();
                self.word_of(&[Kind::Mail], Place::Set)?;
                self.alert_options().map_err(|_| Place::Set)?;
                SetValue::Other
            }
            "mail-format" => {
                self.bump();
                self.mail_format().map_err(|_| Place::Set)?;
                SetValue::Other
            }
            "ssl" => {
                self.bump();
                self.ssl_options().map_err(|_| Place::Set)?;
                SetValue::Other
            }
            "terminal" => {
                self.bump();
                self.expect("batch", Place::Set)?;
                SetValue::Other
            }
            "expectbuffer" => {
                self.bump();
                self.number(Place::Set)?;
                self.byte_unit();
                SetValue::Other
            }
            _ if PASSED_OVER.contains(&name) => {
                self.skip_body();
                SetValue::Other
            }
            _ => return Err(Place::Set),
        };
        let span = self.since(start);
        self.control.sets.push(SetStatement { name, span, value });
        Ok(())
    }

    /// `daemon N [with start delay N]`.
    fn daemon(&mut self) -> Parsed<SetValue> {
        self.bump();
        let seconds = self.number(Place::Set)?;
        let start_delay = match self.eat("start") {
            Some(_) => {
                self.expect("delay", Place::Set)?;
                Some(self.number(Place::Set)?)
            }
            None => None,
        };
        Ok(SetValue::Daemon { seconds, start_delay })
    }

    /// `log PATH`, `log syslog [facility NAME]`.
    fn log(&mut self) -> Parsed<SetValue> {
        self.bump();
        if self.eat("syslog").is_none() {
            return Ok(SetValue::Path(self.word_of(&[Kind::Path], Place::Set)?));
        }
        if self.eat("facility").is_some() {
            self.word_of(&[Kind::Text], Place::Set)?;
        }
        Ok(SetValue::Other)
    }

    /// `eventqueue [basedir PATH] [slots N]`, at least one of them.
    fn event_queue(&mut self) -> Parsed<SetValue> {
        self.bump();
        let based = self.eat("basedir").is_some();
        if based {
            self.word_of(&[Kind::Path], Place::Set)?;
        }
        if self.eat("slot").is_some() {
            self.number(Place::Set)?;
        } else if !based {
            return Err(Place::Set);
        }
        Ok(SetValue::Other)
    }

    /// `limits { NAME: N UNIT … }`.
    fn limits(&mut self) -> Parsed<Vec<Limit>> {
        self.bump();
        self.sign(b'{', Place::Set)?;
        let mut limits = Vec::new();
        while self.kind() != Kind::Sign(b'}') {
            limits.push(self.limit()?);
        }
        self.bump();
        Ok(limits)
    }

    fn limit(&mut self) -> Parsed<Limit> {
        let Kind::Key(name) = self.kind() else { return Err(Place::Set) };
        let is_time = match name {
            "sendexpectbuffer" | "filecontentbuffer" | "httpcontentbuffer" | "programoutput" => false,
            "networktimeout" | "programtimeout" | "starttimeout" | "stoptimeout" | "restarttimeout" => true,
            _ => return Err(Place::Set),
        };
        let start = self.bump().span;
        self.sign(b':', Place::Set)?;
        let value = self.number(Place::Set)?;
        let unit = match self.kind() {
            Kind::Key(unit @ ("second" | "millisecond")) if is_time => {
                self.bump();
                Some(unit)
            }
            _ if is_time => return Err(Place::Set),
            _ => self.byte_unit(),
        };
        Ok(Limit { name, value, unit, span: self.since(start) })
    }

    /// A unit of bytes, if it stands here.
    fn byte_unit(&mut self) -> Option<&'static str> {
        let Kind::Key(unit @ ("byte" | "kilobyte" | "megabyte" | "gigabyte")) = self.kind() else {
            return None;
        };
        self.bump();
        Some(unit)
    }
}
