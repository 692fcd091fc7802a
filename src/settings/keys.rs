//! The keys of a settings file, as data: what reads them, what the schema says of them, what people are told.

/// A key.
#[derive(Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// What it does, in a sentence.
    pub about: &'static str,
}

/// What a key takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// A version of Puma, in quotes.
    Version,
    /// `error`, `warning` or `info`.
    Severity,
    /// Names of rules.
    Rules,
    /// Patterns of paths.
    Patterns,
    /// A table of rules and severities, `off` included.
    Severities,
    /// A list of tables with the keys of [`DEPLOYMENT`].
    Deployments,
    /// A path, or several.
    Paths,
    /// Names of Monit checks.
    Names,
    /// A path on the server.
    ServerPath,
}

/// The keys at the top.
pub const TOP: &[Key] = &[
    Key {
        name: "target-version",
        takes: Takes::Version,
        about: "The Puma to check for, such as \"8\" or \"8.0.2\"; else the one in Gemfile.lock.",
    },
    Key {
        name: "from",
        takes: Takes::Version,
        about: "The Puma to upgrade from; else the one in Gemfile.lock, where target-version names another.",
    },
    Key {
        name: "fail-on",
        takes: Takes::Severity,
        about: "The least severity that makes the exit code 1; \"warning\" if nothing is said.",
    },
    Key { name: "select", takes: Takes::Rules, about: "Only these rules." },
    Key { name: "ignore", takes: Takes::Rules, about: "All but these rules." },
    Key {
        name: "exclude",
        takes: Takes::Patterns,
        about: "Files and folders to leave out: a name, or a path from this file's folder; *, ? and ** as in .gitignore.",
    },
    Key {
        name: "severity",
        takes: Takes::Severities,
        about: "What a rule's findings count as: \"error\", \"warning\", \"info\" or \"off\".",
    },
    Key {
        name: "deployment",
        takes: Takes::Deployments,
        about: "An app whose files do not tell by themselves that they belong together, or where it is on the server.",
    },
];

/// The keys of a `[[deployment]]`.
pub const DEPLOYMENT: &[Key] = &[
    Key {
        name: "config",
        takes: Takes::Paths,
        about: "The app's Puma config (or several), from this file's folder.",
    },
    Key {
        name: "units",
        takes: Takes::Paths,
        about: "Its systemd units, from this file's folder; a folder stands for all units in it.",
    },
    Key {
        name: "monit",
        takes: Takes::Paths,
        about: "Its Monit files, from this file's folder; several deployments may name the same one.",
    },
    Key {
        name: "checks",
        takes: Takes::Names,
        about: "Which checks of these Monit files watch this app, by name; the others do not.",
    },
    Key {
        name: "root",
        takes: Takes::ServerPath,
        about: "The app's root on the server, such as \"/srv/shop/current\".",
    },
    Key { name: "target-version", takes: Takes::Version, about: "The Puma of this app." },
    Key { name: "from", takes: Takes::Version, about: "The Puma that this app is upgraded from." },
];

/// What a severity is called, `off` first.
pub const SEVERITIES: &[&str] = &["off", "info", "warning", "error"];
