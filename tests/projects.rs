//! Whole deployments: correct ones stay clean, and each broken one gives its full report.
//!
//! `UPDATE=1 cargo test --test projects` writes the reports; read them before you commit.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs;
use std::path::PathBuf;

use support::{here, lint, stderr, stdout};

/// The bundled projects whose names begin so.
fn projects(prefix: &str) -> Vec<(String, PathBuf)> {
    let mut found: Vec<(String, PathBuf)> = fs::read_dir(here("fixtures/projects"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), entry.path()))
        .filter(|(name, _)| name.starts_with(prefix))
        .collect();
    found.sort();
    found
}

#[test]
fn correct_deployments_have_no_warning() {
    let clean = projects("clean-");
    assert!(clean.len() >= 10);
    for (name, folder) in clean {
        let output = lint(&folder, &["check", "--fail-on", "warning"]);
        assert_eq!(output.status.code(), Some(0), "{name}:\n{}{}", stdout(&output), stderr(&output));
        assert!(!stdout(&output).contains("warning["), "{name}:\n{}", stdout(&output));
    }
}

#[test]
fn broken_deployments_give_their_reports() {
    let broken = projects("broken-");
    assert!(broken.len() >= 15);
    for (name, folder) in broken {
        let output = lint(&folder, &["check"]);
        assert_eq!(output.status.code(), Some(1), "{name}: {}{}", stdout(&output), stderr(&output));
        let file = folder.join("report.txt");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&file, stdout(&output)).unwrap();
        }
        let wanted = fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(stdout(&output), wanted, "{name} reports something else");
    }
}

#[test]
fn near_misses_are_not_reported() {
    let text = fs::read_to_string(here("fixtures/near-misses.txt")).unwrap();
    let deployments: Vec<&str> = text.split("\n=== ").skip(1).collect();
    assert!(deployments.len() >= 25);
    for deployment in deployments {
        let (name, rest) = deployment.split_once('\n').unwrap();
        let files: Vec<(&str, &str)> = format!("\n{rest}")
            .leak()
            .split("\n--- ")
            .skip(1)
            .map(|file| file.split_once('\n').unwrap())
            .collect();
        let folder = support::project(&files);
        let output = lint(folder.path(), &["check", "--fail-on", "warning", "--target-version", "8"]);
        assert_eq!(output.status.code(), Some(0), "{name}:\n{}{}", stdout(&output), stderr(&output));
    }
}
