//! Every config of the fixtures against the installed Puma, with no recording in between.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use puma_lint::catalog::{Program, Release};
use puma_lint::lint::{Options, lint};
use puma_lint::model::{Diagnostic, FileKind, Severity, Source};
use puma_lint::workspace::Workspace;
use serde_json::Value;
use support::{has, here};

/// Every Puma config below `fixtures/`.
fn configs() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![here("fixtures/puma/cases"), here("fixtures/projects")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rb") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// What the installed Puma says of each.
fn really(configs: &[PathBuf]) -> Vec<Value> {
    let output = Command::new("ruby")
        .arg(here("tests/support/real_puma.rb"))
        .args(configs)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("LANG", "C.UTF-8")
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let all: Vec<Value> = printed.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    assert_eq!(all.len(), configs.len(), "{}", String::from_utf8_lossy(&output.stderr));
    all
}

/// The version of the installed Puma.
fn installed() -> Release {
    let output = Command::new("puma").arg("--version").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let version = text.split_whitespace().nth(2).unwrap();
    let resolved = Release::parse(version).unwrap();
    assert!(resolved.exact, "Puma {version} is not in the catalog");
    resolved.release
}

/// The errors that keep the config from loading; those that show as Puma boots are another matter.
fn errors(path: &PathBuf, release: Release) -> (Vec<String>, bool) {
    let source =
        Source::new("config/puma.rb", "/srv/app/config/puma.rb", FileKind::Puma, fs::read(path).unwrap());
    let options = Options { target: Some(release.version()), closed_env: true, ..Options::default() };
    let outcome = lint(&Workspace::of("/srv/app", vec![source]), &options);
    let found: Vec<_> = outcome.findings.iter().map(|finding| &finding.diagnostic).collect();
    let later = |label: &str| label.contains("boots") || label == "bound again";
    // Nobody says how this one is started: then what plain `puma` dies of is a warning.
    let refuses = |d: &Diagnostic| d.severity == Severity::Error || d.rule == "uninitialized-rails";
    let errors = found.iter().filter(|d| refuses(d) && !later(&d.label));
    let deprecated = found.iter().any(|d| d.rule == "renamed-directive");
    (errors.map(|d| d.rule.to_owned()).collect(), deprecated)
}

#[test]
fn every_config_is_judged_as_the_installed_puma_judges_it() {
    if !has("puma") || !has("ruby") {
        return;
    }
    let release = installed();
    let configs = configs();
    let mut differing = Vec::new();
    for (path, real) in configs.iter().zip(really(&configs)) {
        let name = path.file_stem().unwrap().to_str().unwrap();
        // Whether a gem is installed is the host's affair.
        if name == "daemonize_require_gem" || path.to_str().unwrap().contains("puma-daemon") {
            continue;
        }
        let refused = real["error"].as_str().filter(|words| !words.starts_with("Errno::"));
        let (errors, deprecated) = errors(path, release);
        if refused.is_some() == errors.is_empty() {
            differing.push(format!("{name}: really {refused:?}, we say {errors:?}"));
        } else if refused.is_none() && real["deprecated"] != deprecated {
            differing.push(format!("{name}: deprecated really {}, we say {deprecated}", real["deprecated"]));
        }
    }
    println!("{} configs compared with Puma {release}", configs.len());
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn the_installed_puma_takes_the_flags_that_the_catalog_knows() {
    if !has("puma") {
        return;
    }
    let release = installed();
    for word in ["--daemon", "-d", "--control", "--pid", "--tcp-mode", "--no-config", "-P"] {
        let output = Command::new("puma").arg(word).arg("--version").output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        match Program::Puma.find(word, release).words(word) {
            Some(words) => assert!(said.contains(&words), "{word}: {words:?} is not in {said:?}"),
            None => assert!(!said.contains("OptionParser::InvalidOption"), "{word}: {said}"),
        }
    }
}
