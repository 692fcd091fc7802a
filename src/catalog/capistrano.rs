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
    /// Whether nothing has to be said in its place.
    pub is_needless: bool,
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

/// A way in which releases of the gem start Puma.
#[derive(Debug, Clone, Copy)]
pub struct DeployStart {
    /// The plugin that does it, by its name behind `Capistrano::Puma`; the empty one is that itself.
    pub plugin: &'static str,
    /// Whether it is Monit that starts Puma, by a check that the gem writes.
    pub by_monit: bool,
    /// Whether it is systemd, by a unit that the gem writes.
    pub by_systemd: bool,
    /// The words of the command; a setting's name in braces stands for its value.
    pub words: &'static [&'static str],
    /// What to do instead, where Puma refuses that.
    pub instead: &'static str,
    /// The first release that does it.
    since: &'static str,
    /// The first release that doesn't.
    until: Option<&'static str>,
}

/// What a setting is where nobody sets it. Braces hold another setting, or several, the first of which that is set counts.
#[derive(Debug, Clone, Copy)]
struct DeployDefault {
    name: &'static str,
    text: &'static str,
    until: Option<&'static str>,
}

const CONFIG: &str = "say it in config/puma.rb, which the gem no longer writes";
const MONIT: &str = "keep the Monit file in the repository, and deploy it yourself";
const SYSTEMD: &str = "remove it: systemd keeps Puma running";

/// Every setting that a release up to 5.2.0 read and 6.0.0 does not.
const SETTINGS: &[DeploySetting] = &[
    six("puma_conf", "keep config/puma.rb in the repository or among the linked files: Puma finds it"),
    six("puma_control_app", CONFIG),
    needless("puma_daemonize", SYSTEMD),
    six("puma_default_control_app", CONFIG),
    six("puma_init_active_record", CONFIG),
    needless("puma_jungle_conf", SYSTEMD),
    six("puma_monit_bin", MONIT),
    six("puma_monit_conf_dir", MONIT),
    six("puma_monit_service_name", MONIT),
    six("puma_monit_use_sudo", MONIT),
    six("puma_pid", CONFIG),
    six("puma_plugins", CONFIG),
    six("puma_preload_app", CONFIG),
    six("puma_rackup", CONFIG),
    needless("puma_restart_command", "remove it: systemd restarts Puma"),
    needless("puma_run_path", SYSTEMD),
    six("puma_service_unit_env_file", "write `puma_service_unit_env_files`, which takes a list"),
    six("puma_state", CONFIG),
    six("puma_tag", CONFIG),
    six("puma_threads", CONFIG),
    six("puma_worker_timeout", CONFIG),
    six("puma_workers", CONFIG),
];

const fn six(name: &'static str, instead: &'static str) -> DeploySetting {
    DeploySetting { name, dropped: "6.0.0", instead, is_needless: false }
}

const fn needless(name: &'static str, instead: &'static str) -> DeploySetting {
    DeploySetting { is_needless: true, ..six(name, instead) }
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

const DAEMON: &[&str] = &["bundle", "exec", "puma", "-C", "{puma_conf}", "--daemon"];

const STARTS: &[DeployStart] = &[
    DeployStart {
        instead: "go to a capistrano3-puma that has Capistrano::Puma::Systemd, and install that",
        ..start("", "0.2.0", Some("5.0.0"), DAEMON)
    },
    DeployStart {
        instead: "install Capistrano::Puma::Systemd instead of this plugin",
        ..start("Daemon", "5.0.0", Some("6.0.0"), DAEMON)
    },
    DeployStart {
        by_monit: true,
        instead: "take the plugin away, and let a Monit file of your own use systemctl",
        ..start("Monit", "0.2.0", Some("6.0.0"), DAEMON)
    },
    unit("5.0.0", Some("5.1.0"), &["bundle", "exec", "puma", "-C", "{puma_conf}"]),
    unit("5.1.0", Some("6.0.0"), &["bundle", "exec", "--keep-file-descriptors", "puma", "-C", "{puma_conf}"]),
    unit("6.0.0", None, &["bundle", "exec", "puma", "-e", "{puma_env}"]),
];

const fn start(
    plugin: &'static str,
    since: &'static str,
    until: Option<&'static str>,
    words: &'static [&'static str],
) -> DeployStart {
    DeployStart { plugin, by_monit: false, by_systemd: false, words, instead: "", since, until }
}

const fn unit(
    since: &'static str,
    until: Option<&'static str>,
    words: &'static [&'static str],
) -> DeployStart {
    DeployStart { by_systemd: true, ..start("Systemd", since, until, words) }
}

/// The first release whose plugins have to be installed; before, what is required is there.
const INSTALLED: &str = "3.0.0";

const DEFAULTS: &[DeployDefault] = &[
    default("deploy_to", "/var/www/{application}"),
    default("current_path", "{deploy_to}/{current_directory}"),
    default("shared_path", "{deploy_to}/{shared_directory}"),
    default("current_directory", "current"),
    default("shared_directory", "shared"),
    default("puma_env", "{rack_env|rails_env|stage}"),
    written("puma_conf", "{shared_path}/puma.rb"),
    written("puma_pid", "{shared_path}/tmp/pids/puma.pid"),
    written("puma_state", "{shared_path}/tmp/pids/puma.state"),
    written("puma_bind", "unix://{shared_path}/tmp/sockets/puma.sock"),
    written("puma_default_control_app", "unix://{shared_path}/tmp/sockets/pumactl.sock"),
    written("puma_access_log", "{shared_path}/log/puma_access.log"),
    written("puma_error_log", "{shared_path}/log/puma_error.log"),
    written("puma_rackup", "{current_path}/config.ru"),
    written("puma_service_unit_name", "puma_{application}_{stage}"),
    default("puma_service_unit_name", "{application}_puma_{stage}"),
];

const fn default(name: &'static str, text: &'static str) -> DeployDefault {
    DeployDefault { name, text, until: None }
}

/// A default of the releases that write a config themselves.
const fn written(name: &'static str, text: &'static str) -> DeployDefault {
    DeployDefault { name, text, until: Some("6.0.0") }
}

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

/// The ways in which a release of the gem starts Puma.
pub fn deploy_starts(gem: &Version) -> impl Iterator<Item = &'static DeployStart> {
    let holds = move |start: &&DeployStart| {
        reached(gem, start.since) && !start.until.is_some_and(|until| reached(gem, until))
    };
    STARTS.iter().filter(holds)
}

/// What a setting is where nobody sets it, with other settings in braces; `{a|b}` is the first of them that is set.
pub fn deploy_default(name: &str, gem: &Version) -> Option<&'static str> {
    let holds = |default: &&DeployDefault| {
        default.name == name && !default.until.is_some_and(|until| reached(gem, until))
    };
    DEFAULTS.iter().find(holds).map(|default| default.text)
}

/// Whether the plugins of a release count as soon as they are required.
pub fn installs_by_require(gem: &Version) -> bool {
    !reached(gem, INSTALLED)
}
