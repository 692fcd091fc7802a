//! What Puma does of its own accord.

use super::range::Range;
use super::release::Release;
use super::tables;

/// Something that Puma does, and since when.
#[derive(Debug, Clone, Copy)]
pub struct Behaviour {
    /// A name for it.
    pub name: &'static str,
    /// What Puma does.
    pub summary: &'static str,
    /// Where it does so.
    pub releases: Range,
}

fn shows(name: &str, release: Release) -> bool {
    tables::BEHAVIOURS.iter().any(|behaviour| behaviour.name == name && behaviour.releases.contains(release))
}

/// Whether Puma itself tells systemd when it is ready, as `Type=notify` wants.
pub fn notifies_systemd(release: Release) -> bool {
    shows("notifies-systemd", release)
}

/// Whether Puma tells systemd when it is ready only where the gem `sd_notify` is installed.
pub fn notifies_systemd_with_a_gem(release: Release) -> bool {
    shows("notifies-systemd-with-a-gem", release)
}

/// Whether SIGHUP stops a Puma that has no log files to open again.
pub fn stops_on_hangup(release: Release) -> bool {
    shows("stops-on-hangup", release)
}

/// Whether Puma preloads the app when there is more than one worker and nothing is said about it.
pub fn preloads_clusters(release: Release) -> bool {
    shows("preloads-clusters", release)
}

/// Whether Puma passes an argument to a hook whose block used to get none.
pub fn passes_an_argument(hook: &str, release: Release) -> bool {
    shows(&format!("passes-an-argument:{hook}"), release)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_query_finds_its_row() {
        for (query, first) in [
            (notifies_systemd as fn(Release) -> bool, "6.1.0"),
            (notifies_systemd_with_a_gem, "5.1.0"),
            (preloads_clusters, "7.0.0"),
        ] {
            let since = Release::all().find(|release| query(*release));
            assert_eq!(since.map(Release::name), Some(first));
        }
    }
}
