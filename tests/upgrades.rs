//! What an upgrade changes without breaking: only on the way from one release to another, and only where it matters.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use support::{json, project};

fn locked(version: &str) -> String {
    format!("GEM\n  remote: https://rubygems.org/\n  specs:\n    puma ({version})\n\nPLATFORMS\n  ruby\n")
}

#[test]
fn an_upgrade_starts_at_the_flag_or_else_at_the_lock() {
    let locked = locked("5.6.5");
    let with_lock = project(&[("config/puma.rb", "port 3000, '::'\n"), ("Gemfile.lock", &locked)]);
    let without = project(&[("config/puma.rb", "port 3000, '::'\n")]);
    for (folder, flags, target, from) in [
        (&with_lock, &[][..], "5.6.5", None),
        (&with_lock, &["--target-version", "8"], "8.0.2", Some("5.6.5")),
        (&with_lock, &["--target-version", "8", "--from", "7.2"], "8.0.2", Some("7.2.1")),
        (&with_lock, &["--from", "4"], "5.6.5", Some("4.3.12")),
        (&without, &[], "8.0.2", None),
        (&without, &["--target-version", "7"], "7.2.1", None),
        (&without, &["--from", "6.6.1"], "8.0.2", Some("6.6.1")),
    ] {
        let report = json(folder.path(), flags);
        for place in [&report, &report["deployments"][0]] {
            assert_eq!(place["target_version"], target, "{flags:?}");
            assert_eq!(place["from_version"].as_str(), from, "{flags:?}");
        }
    }
}
