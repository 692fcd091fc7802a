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

/// Whether `release` shows a behaviour. One with several ranges has several rows, `name:…`.
fn shows(name: &str, release: Release) -> bool {
    tables::BEHAVIOURS.iter().any(|behaviour| {
        let rest = behaviour.name.strip_prefix(name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
            && behaviour.releases.contains(release)
    })
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

/// Whether what the config sets counts more than what the command line sets.
pub fn config_beats_command_line(release: Release) -> bool {
    shows("config-beats-command-line", release)
}

/// Whether the addresses of the command line and of the config add up; else the command line's count.
pub fn adds_up_binds(release: Release) -> bool {
    shows("adds-up-binds", release)
}

/// Whether the first of several configs decides, and not the last.
pub fn first_config_wins(release: Release) -> bool {
    shows("first-config-wins", release)
}

/// Whether only the last of several configs is loaded.
pub fn loads_last_config_only(release: Release) -> bool {
    shows("last-config-only", release)
}

/// Whether a rackup file on the command line counts as if the config began with it.
pub fn takes_rackup_file_as_in_config(release: Release) -> bool {
    shows("rackup-file-as-in-config", release)
}

/// Whether Puma preloads the app if WEB_CONCURRENCY asks for more than one worker.
pub fn preloads_for_web_concurrency(release: Release) -> bool {
    shows("preloads-for-web-concurrency", release)
}

/// Whether Puma listens at `[::]` where the machine has an IPv6 address.
pub fn listens_on_ipv6(release: Release) -> bool {
    shows("listens-on-ipv6", release)
}

/// Whether the process title is taken from `directory`.
pub fn tags_after_directory(release: Release) -> bool {
    shows("tags-after-directory", release)
}

/// Whether Puma overrules `worker_directory` with the directory it was started in.
pub fn starts_workers_where_it_started(release: Release) -> bool {
    shows("starts-workers-where-it-started", release)
}

/// Whether Puma reads its config where `rails server` starts it.
pub fn reads_config_under_rails(release: Release) -> bool {
    shows("reads-config-under-rails", release)
}

/// Whether Puma tells the options that somebody asked `rails server` for from those that Rails makes up.
pub fn tells_asked_options(release: Release) -> bool {
    shows("tells-asked-options", release)
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
