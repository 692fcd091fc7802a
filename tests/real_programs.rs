//! The bundled deployment against the real programs: Debian's Puma 5.6.5, Monit and systemd.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use support::{bundled, has, here, json, lint, stdout};

/// Asks real Puma to load a config and stops it as soon as it has; what it printed.
fn boot(folder: &Path, arguments: &[&str]) -> String {
    let mut puma: Child = Command::new("puma")
        .args(arguments)
        .current_dir(folder)
        .env("LANG", "C.UTF-8")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    // Without an app, Puma says so and exits once the config is loaded.
    while puma.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            puma.kill().unwrap();
            panic!("Puma neither refused nor gave up");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let mut printed = String::new();
    puma.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
    puma.stderr.take().unwrap().read_to_string(&mut printed).unwrap();
    printed
}

fn quotes(report: &serde_json::Value, rule: &str) -> Vec<String> {
    let found = report["diagnostics"].as_array().unwrap();
    let of_rule = found.iter().filter(|diagnostic| diagnostic["rule"] == rule);
    of_rule.filter_map(|diagnostic| diagnostic["quote"].as_str().map(str::to_owned)).collect()
}

#[test]
fn puma_refuses_the_config_with_the_words_that_are_quoted() {
    if !has("puma") {
        return;
    }
    let project = bundled("article-before");
    let refused = boot(project.path(), &["-C", "config/puma.rb"]);
    let report = json(project.path(), &["--target-version", "5.6.5"]);
    let quoted = quotes(&report, "removed-directive");
    assert_eq!(quoted.len(), 1, "{report}");
    assert!(refused.contains(&quoted[0]), "{:?} is not in {refused}", quoted[0]);

    let flags = quotes(&report, "removed-flag");
    let refused = boot(project.path(), &["-C", "config/puma.rb", "--daemon"]);
    assert!(flags.iter().all(|words| refused.contains(words)), "{flags:?} {refused}");
}

#[test]
fn the_fixed_config_gets_past_configuration() {
    if !has("puma") {
        return;
    }
    let project = bundled("article-before");
    lint(project.path(), &["fix", "config/puma.rb", "--target-version", "5.6.5"]);
    let printed = boot(project.path(), &["-C", "config/puma.rb"]);
    assert!(printed.contains("Puma starting in cluster mode"), "{printed}");
    assert!(!printed.contains("NoMethodError"), "{printed}");
}

#[test]
fn monit_accepts_both_monit_files() {
    if !has("monit") {
        return;
    }
    for name in ["article-before", "article-after"] {
        let project = bundled(name);
        let control = project.path().join("ops/shop.monit");
        fs::set_permissions(&control, fs::Permissions::from_mode(0o600)).unwrap();
        let output: Output = Command::new("monit").arg("-t").arg("-c").arg(&control).output().unwrap();
        assert!(output.status.success(), "{name}: {}", stdout(&output));
    }
}

#[test]
fn systemd_has_nothing_to_say_of_the_unit_but_that_a_program_is_absent() {
    if !has("systemd-analyze") {
        return;
    }
    let unit = here("fixtures/projects/article-after/deploy/shop.service");
    let output = Command::new("systemd-analyze").arg("verify").arg(unit).output().unwrap();
    let said = support::stderr(&output);
    for line in said.lines() {
        assert!(line.ends_with("is not executable: No such file or directory"), "{line}");
    }
}
