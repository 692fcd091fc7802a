//! `.pre-commit-hooks.yaml`: which files pre-commit hands to us. `tests/packages/hooks.rs` runs pre-commit itself.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs;

use puma_lint::workspace::Names;
use regex::Regex;
use support::{here, json, project};

const HOOKS: &str = ".pre-commit-hooks.yaml";

/// Names of files with variables for units. Only a unit can tell which of them are; the rest is passed over.
const ENVIRONMENT_FILES: [&str; 4] = ["*.env", ".env.*", "default/*", "sysconfig/*"];

fn regex_of(pattern: &str) -> String {
    pattern.replace('.', r"\.").replace('*', "[^/]*")
}

/// The lines of the expression that matches every path that may concern us.
fn wanted() -> Vec<String> {
    let names = Names::all();
    let files = names.files.iter().chain(&ENVIRONMENT_FILES).map(|pattern| regex_of(pattern));
    let folders = names.folders.iter().map(|pattern| format!("{}/.*", regex_of(pattern)));
    let suffixes: Vec<String> = names.template_suffixes.iter().map(|suffix| regex_of(suffix)).collect();
    let alternatives: Vec<String> = files
        .chain(folders)
        .enumerate()
        .map(|(at, line)| format!("  {}{line}", if at == 0 { "" } else { "|" }))
        .collect();
    [&["(?x)(?:^|/)(?:".to_owned()], &alternatives[..], &[format!(")(?:{})?$", suffixes.join("|"))]].concat()
}

/// The text of the hooks, and the same text with the expressions as they have to be.
fn hooks() -> (String, String) {
    let text = fs::read_to_string(here(HOOKS)).unwrap();
    let mut renewed = String::new();
    let mut inside = false;
    for line in text.lines() {
        inside &= line.starts_with("    ");
        if line.starts_with("  files: &") {
            inside = true;
            renewed.push_str("  files: &names |-\n");
            wanted().iter().for_each(|line| renewed.push_str(&format!("    {line}\n")));
        } else if !inside {
            renewed.push_str(&format!("{line}\n"));
        }
    }
    (text, renewed)
}

#[test]
fn pre_commit_hands_over_what_a_search_would_read() {
    let (text, renewed) = hooks();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(here(HOOKS), renewed).unwrap();
        return;
    }
    assert!(text == renewed, "{HOOKS} is not current: UPDATE=1 cargo test --test pre_commit");
}

#[test]
fn both_hooks_are_given_the_same_files() {
    let (text, _) = hooks();
    assert_eq!(text.matches("- id: ").count(), 2);
    assert_eq!(text.matches("  files: *names\n").count(), 1);
    assert_eq!(text.matches("--force-exclude --skip-unknown").count(), 2);
}

#[test]
fn the_expression_means_what_it_says() {
    let expression = Regex::new(&wanted().join("\n")).unwrap();
    for path in [
        "puma.rb",
        "config/puma.rb",
        "apps/shop/config/puma/production.rb",
        "config/puma.rb.erb",
        "templates/puma.rb.tt",
        "roles/shop/templates/puma.service.j2",
        "deploy/shop.service",
        "deploy/shop.service.d/override.conf",
        "ops/monitrc",
        "ops/shop.monit",
        "ops/monit.d/shop",
        "monit/conf.d/shop.conf",
        "puma_monit.conf.erb",
        "nginx.conf",
        "Procfile",
        "Procfile.dev",
        "Dockerfile",
        "docker-compose.yml",
        "compose.prod.yaml",
        "Capfile",
        "config/deploy/production.rb",
        "bin/server",
        "etc/init.d/puma",
        "Gemfile.lock",
        "apps/shop/gems.locked",
        "puma-lint.toml",
        ".puma-lint.toml",
        ".ruby-version",
        ".env",
        "config/puma.env",
        ".env.production",
        "etc/default/puma",
    ] {
        assert!(expression.is_match(path), "{path}");
    }
    for path in [
        "Gemfile",
        "lib/pumb.rb",
        "app/models/cat.rb",
        "config/initializers/puma.txt",
        "xconfig/deploy.rb",
        "README.md",
        "MyProcfile",
        "config.ru",
        "lib/admonit/x",
        "puma.rb.orig",
        "shop.services",
    ] {
        assert!(!expression.is_match(path), "{path}");
    }
}

/// Whatever a search of the whole repository finds, pre-commit hands to us when it changes.
#[test]
fn nothing_is_found_that_pre_commit_would_not_hand_over() {
    let expression = Regex::new(&wanted().join("\n")).unwrap();
    let projects = fs::read_dir(here("fixtures/projects")).unwrap().map(|entry| entry.unwrap().path());
    let mut seen = 0;
    for folder in projects {
        for file in json(&folder, &["."])["files"].as_array().unwrap() {
            let path = file["path"].as_str().unwrap();
            seen += 1;
            assert!(expression.is_match(path), "{}: {path}", folder.display());
        }
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn what_is_handed_over_and_none_of_ours_stops_no_commit() {
    let folder =
        project(&[("nginx.conf", "server { }\n"), ("bin/rails", "#!/usr/bin/env ruby\n"), (".env", "A=1\n")]);
    let arguments = ["--force-exclude", "--skip-unknown", "nginx.conf", "bin/rails", ".env"];
    for verb in ["check", "fix"] {
        let output = support::lint(folder.path(), &[&[verb], &arguments[..]].concat());
        assert_eq!(output.status.code(), Some(0), "{verb}: {}", support::stderr(&output));
    }
}
