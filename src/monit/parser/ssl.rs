//! `ssl { … }`.

use super::{Parsed, Parser};
use crate::monit::model::Place;
use crate::monit::token::Kind;

/// Versions of SSL and TLS to use or not.
const VERSIONS: &[&str] = &[
    "-sslv2", "-sslv3", "-tlsv1", "-tlsv11", "-tlsv12", "-tlsv13", "auto", "sslv2", "sslv3", "tlsv1",
    "tlsv11", "tlsv12", "tlsv13",
];

impl Parser<'_> {
    /// `{ verify: enable, selfsigned: allow, version: tlsv13, … }`.
    pub(super) fn ssl_options(&mut self) -> Parsed<()> {
        let place = Place::Option;
        self.sign(b'{', place)?;
        while self.kind() != Kind::Sign(b'}') {
            let Kind::Key(name) = self.kind() else { return Err(place) };
            let choices = match name {
                "verify" => Some(["enable", "disable"]),
                "selfsigned" => Some(["allow", "reject"]),
                "version" | "cipher" | "pemfile" | "pemchain" | "pemkey" | "clientpemfile"
                | "cacertificatefile" | "cacertificatepath" => None,
                _ => return Err(place),
            };
            self.bump();
            self.sign(b':', place)?;
            match (name, choices) {
                (_, Some(choices)) => {
                    if !choices.iter().any(|choice| self.is(choice)) {
                        return Err(place);
                    }
                    self.bump();
                }
                ("version", _) => self.tls_versions(),
                ("cipher", _) => {
                    self.word_of(&[Kind::Text], place)?;
                }
                _ => {
                    self.word_of(&[Kind::Path], place)?;
                }
            }
        }
        self.bump();
        Ok(())
    }

    /// Versions, as long as there are any.
    pub(super) fn tls_versions(&mut self) {
        while matches!(self.kind(), Kind::Key(key) if VERSIONS.contains(&key)) {
            self.bump();
        }
    }
}
