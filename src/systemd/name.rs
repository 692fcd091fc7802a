//! The parts of a unit's name.

use super::UnitKind;

/// The longest name: `UNIT_NAME_MAX`, which counts the end.
const LONGEST: usize = 256;

/// A valid unit name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UnitName {
    full: String,
    kind: UnitKind,
}

impl UnitName {
    /// Takes a file name apart; `None` where systemd refuses it.
    pub fn new(name: &str) -> Option<UnitName> {
        let kind = UnitKind::of_name(name)?;
        let stem = &name[..name.len() - kind.suffix().len() - 1];
        let valid = |byte: u8| byte.is_ascii_alphanumeric() || b":-_.\\@".contains(&byte);
        let fits =
            !stem.is_empty() && name.len() < LONGEST && !stem.starts_with('@') && stem.bytes().all(valid);
        fits.then(|| UnitName { full: name.to_owned(), kind })
    }

    /// A service of no particular name, for a file whose own name says nothing.
    pub fn nameless_service() -> UnitName {
        UnitName { full: "unit.service".to_owned(), kind: UnitKind::Service }
    }

    /// The whole name: `%n`.
    pub fn full(&self) -> &str {
        &self.full
    }

    /// Its kind.
    pub fn kind(&self) -> UnitKind {
        self.kind
    }

    /// The name without its suffix: `%N`.
    pub fn stem(&self) -> &str {
        &self.full[..self.full.len() - self.kind.suffix().len() - 1]
    }

    /// What stands before the `@`, or the stem: `%p`.
    pub fn prefix(&self) -> &str {
        self.stem().split('@').next().unwrap_or_default()
    }

    /// The instance: `%i`. Empty for a template, `None` for a plain unit.
    pub fn instance(&self) -> Option<&str> {
        self.stem().split_once('@').map(|(_, instance)| instance)
    }

    /// Whether it is a template (`puma@.service`), whose instance is known only when it is started.
    pub fn is_template(&self) -> bool {
        self.instance() == Some("")
    }

    /// The unit that a template becomes for an instance; `None` where systemd refuses the name, or where it is no template.
    pub fn instantiate(&self, instance: &str) -> Option<UnitName> {
        let template = self.is_template() && !instance.is_empty();
        template.then(|| UnitName::new(&format!("{}{instance}.{}", self.stem(), self.kind.suffix())))?
    }

    /// The part of the prefix behind its last `-`: `%j`.
    pub fn last_component(&self) -> &str {
        self.prefix().rsplit('-').next().unwrap_or_default()
    }
}

/// Undoes systemd's escaping: `-` is `/`, `\xHH` a byte. `None` where systemd gives up.
pub(super) fn unescape(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        match first {
            b'-' => bytes.push(b'/'),
            b'\\' => {
                let hex = tail.strip_prefix(b"x")?.get(..2)?;
                let digit = |at: usize| char::from(hex[at]).to_digit(16);
                bytes.push(u8::try_from(digit(0)? * 16 + digit(1)?).ok()?);
                rest = &tail[3..];
            }
            byte => bytes.push(*byte),
        }
    }
    Some(bytes)
}

/// Undoes it for a path: `%f`.
pub(super) fn unescape_path(text: &str) -> Option<Vec<u8>> {
    if text == "-" {
        return Some(b"/".to_vec());
    }
    let inner = unescape(text).filter(|inner| !inner.is_empty())?;
    let parts = inner.split(|byte| *byte == b'/');
    let normal = parts.clone().all(|part| !matches!(part, b"" | b"." | b".."));
    normal.then(|| [b"/", inner.as_slice()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        let name = UnitName::new("my-app-puma@web-1.service").unwrap();
        assert_eq!((name.stem(), name.prefix()), ("my-app-puma@web-1", "my-app-puma"));
        assert_eq!((name.instance(), name.last_component()), (Some("web-1"), "puma"));
        assert!(UnitName::new("puma@.service").unwrap().is_template());
        assert_eq!(UnitName::new("puma.service").unwrap().instance(), None);
        let template = UnitName::new("puma@.socket").unwrap();
        assert_eq!(template.instantiate("web-1").unwrap().full(), "puma@web-1.socket");
        assert_eq!(template.instantiate("web 1"), None);
        assert_eq!(name.instantiate("web2"), None);
        for bad in ["puma", "puma.conf", "my puma.service", ".service", "@a.service", "puma.service.erb"] {
            assert_eq!(UnitName::new(bad), None, "{bad}");
        }
    }

    #[test]
    fn escapes() {
        assert_eq!(unescape(r"a-b\x2dc").unwrap(), b"a/b-c");
        assert_eq!(unescape(r"a\x2"), None);
        assert_eq!(unescape_path("srv-app").unwrap(), b"/srv/app");
        assert_eq!(unescape_path("-srv"), None);
        assert_eq!(unescape_path("-").unwrap(), b"/");
    }
}
