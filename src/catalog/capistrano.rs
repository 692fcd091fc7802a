//! What each release of capistrano3-puma reads, from the code of its tags.

use super::version::Version;

/// The gem.
pub const CAPISTRANO_GEM: &str = "capistrano3-puma";

/// A setting that the gem no longer reads.
#[derive(Debug, Clone, Copy)]
pub struct DeploySetting {
    /// Its name, without the colon.
    pub name: &'static str,
    /// The first release that passes it over.
    pub dropped: &'static str,
    /// What to do instead.
    pub instead: &'static str,
}

/// A plugin of the gem: `Capistrano::Puma::NAME`.
#[derive(Debug, Clone, Copy)]
pub struct DeployPlugin {
    /// Its name.
    pub name: &'static str,
    /// The first release that has it, unless all had.
    pub added: Option<&'static str>,
    /// The first release without it.
    pub dropped: Option<&'static str>,
    /// What to do instead, where it is gone.
    pub instead: &'static str,
}

const CONFIG: &str = "say it in config/puma.rb, which the gem no longer writes";
const MONIT: &str = "keep the Monit file in the repository, and deploy it yourself";
const SYSTEMD: &str = "remove it: systemd keeps Puma running";

/// Every setting that a release up to 5.2.0 read and 6.0.0 does not.
const SETTINGS: &[DeploySetting] = &[
    six("puma_conf", "keep config/puma.rb in the repository or among the linked files: Puma finds it"),
    six("puma_control_app", CONFIG),
    six("puma_daemonize", SYSTEMD),
    six("puma_default_control_app", CONFIG),
    six("puma_init_active_record", CONFIG),
    six("puma_jungle_conf", SYSTEMD),
    six("puma_monit_bin", MONIT),
    six("puma_monit_conf_dir", MONIT),
    six("puma_monit_service_name", MONIT),
    six("puma_monit_use_sudo", MONIT),
    six("puma_pid", CONFIG),
    six("puma_plugins", CONFIG),
    six("puma_preload_app", CONFIG),
    six("puma_rackup", CONFIG),
    six("puma_restart_command", "remove it: systemd restarts Puma"),
    six("puma_run_path", SYSTEMD),
    six("puma_service_unit_env_file", "write `puma_service_unit_env_files`, which takes a list"),
    six("puma_state", CONFIG),
    six("puma_tag", CONFIG),
    six("puma_threads", CONFIG),
    six("puma_worker_timeout", CONFIG),
    six("puma_workers", CONFIG),
];

const fn six(name: &'static str, instead: &'static str) -> DeploySetting {
    DeploySetting { name, dropped: "6.0.0", instead }
}

const PLUGINS: &[DeployPlugin] = &[
    DeployPlugin {
        name: "Daemon",
        added: Some("5.0.0"),
        dropped: Some("6.0.0"),
        instead: "write `install_plugin Capistrano::Puma::Systemd`",
    },
    DeployPlugin { name: "Jungle", added: None, dropped: Some("6.0.0"), instead: SYSTEMD },
    DeployPlugin { name: "Monit", added: None, dropped: Some("6.0.0"), instead: MONIT },
    DeployPlugin { name: "Systemd", added: Some("5.0.0"), dropped: None, instead: "" },
    DeployPlugin {
        name: "Workers",
        added: None,
        dropped: Some("6.0.0"),
        instead: "remove it; change the number of workers in config/puma.rb",
    },
];

impl DeploySetting {
    /// Whether this release of the gem passes it over.
    pub fn is_dropped(&self, gem: &Version) -> bool {
        reached(gem, self.dropped)
    }
}

impl DeployPlugin {
    /// Whether this release of the gem has it.
    pub fn exists(&self, gem: &Version) -> bool {
        self.added.is_none_or(|added| reached(gem, added)) && !self.is_dropped(gem)
    }

    /// Whether this release of the gem has it no more.
    pub fn is_dropped(&self, gem: &Version) -> bool {
        self.dropped.is_some_and(|dropped| reached(gem, dropped))
    }
}

/// Whether a release is at or behind another.
fn reached(gem: &Version, release: &str) -> bool {
    release.parse::<Version>().is_ok_and(|release| *gem >= release)
}

/// A setting that some release of the gem no longer reads.
pub fn deploy_setting(name: &str) -> Option<&'static DeploySetting> {
    SETTINGS.iter().find(|setting| setting.name == name)
}

/// A plugin that not every release of the gem has.
pub fn deploy_plugin(name: &str) -> Option<&'static DeployPlugin> {
    PLUGINS.iter().find(|plugin| plugin.name == name)
}
