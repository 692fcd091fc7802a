//! Other gems whose older versions do not work with some releases of Puma, or keep Bundler from installing them.

use super::range::Range;
use super::release::Release;
use super::requirement::fulfils;
use super::tables;
use super::version::Version;

/// Versions of a gem that do not work with a range of releases.
#[derive(Debug, Clone, Copy)]
pub struct Gem {
    /// Its name.
    pub name: &'static str,
    /// The first version that works, as RubyGems writes it.
    pub below: &'static str,
    /// The releases of Puma that the versions below do not work with.
    pub releases: Range,
    /// Where that matters.
    pub needed: Needed,
    /// What Ruby says.
    pub words: &'static str,
}

/// What a gem is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needed {
    /// Its plugin, where the config loads it; Puma then does not boot.
    Plugin,
    /// The app's tests.
    Tests,
}

/// Every gem, by name.
pub fn gems() -> &'static [Gem] {
    tables::GEMS
}

impl Gem {
    /// Whether `version` of it does not work with `release`.
    pub fn breaks(&self, version: &Version, release: Release) -> bool {
        let below = self.below.parse::<Version>();
        self.releases.contains(release) && below.is_ok_and(|below| *version < below)
    }
}

/// Which Puma the releases of a gem let Bundler install, up to the gem's next pin.
#[derive(Debug, Clone, Copy)]
pub struct Pin {
    /// The gem's name.
    pub gem: &'static str,
    /// The first release with it.
    pub since: &'static str,
    /// The requirement, as RubyGems writes it.
    pub puma: &'static str,
}

/// The first releases of a gem behind `version` that let Bundler install this Puma: the pin says up to where.
pub fn pin_behind(gem: &str, version: &Version, puma: &Version) -> Option<&'static Pin> {
    let later =
        |pin: &&Pin| pin.gem == gem && pin.since.parse::<Version>().is_ok_and(|since| since > *version);
    tables::PINS.iter().filter(later).find(|pin| fulfils(puma, pin.puma) == Some(true))
}

/// Whether the pins of a gem are known at all.
pub fn has_pins(gem: &str) -> bool {
    tables::PINS.iter().any(|pin| pin.gem == gem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_are_in_order_and_can_be_read() {
        let version = |text: &str| text.parse::<Version>().unwrap();
        for pair in tables::PINS.windows(2) {
            let [one, next] = pair else { continue };
            assert!(one.gem != next.gem || version(one.since) < version(next.since), "{one:?}");
        }
        assert!(tables::PINS.iter().all(|pin| fulfils(&version("5"), pin.puma).is_some()));
        let behind =
            |from, puma| pin_behind("capistrano3-puma", &version(from), &version(puma)).map(|pin| pin.since);
        assert_eq!(behind("5.2.0", "6.0.2"), Some("6.0.0"));
        assert_eq!(behind("4.0.0", "7.1.0"), Some("7.0.0"));
        assert_eq!(behind("7.1.0", "8.0.2"), Some("8.0.0"));
        assert_eq!(behind("8.0.0", "9.0.0"), None);
    }
}
