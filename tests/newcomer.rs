//! Someone who has read nothing but the README: what it says to type is typed, in a fresh clone.
//!
//! The commands and snippets are taken out of the README, so that it cannot promise what does not work.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use support::{has, here, project, stdout};

/// The first block in that language that holds `part`.
fn block(language: &str, part: &str) -> String {
    let readme = fs::read_to_string(here("README.md")).unwrap();
    let opening = format!("```{language}\n");
    let mut blocks = readme.split(&opening).skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks.find(|block| block.contains(part)).unwrap_or_else(|| panic!("the README has no {part}")).to_owned()
}

/// Runs a line as a shell does.
fn shell(folder: &Path, line: &str, variables: &[(&str, &str)]) -> Output {
    Command::new("sh")
        .args(["-c", line])
        .current_dir(folder)
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

fn git(folder: &Path, arguments: &str) {
    let identity = [("GIT_AUTHOR_NAME", "n"), ("GIT_AUTHOR_EMAIL", "n@example.org")];
    let committer = [("GIT_COMMITTER_NAME", "n"), ("GIT_COMMITTER_EMAIL", "n@example.org")];
    let variables: Vec<_> = identity.into_iter().chain(committer).collect();
    let output = shell(folder, &format!("git {arguments}"), &variables);
    assert!(output.status.success(), "git {arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A clone of this repository as it was committed; `None` outside of git.
fn clone(into: &Path) -> Option<()> {
    if !here(".git").exists() {
        println!("skipped: this is no checkout of git");
        return None;
    }
    git(into, &format!("clone -q '{}' puma-lint", here("").display()));
    Some(())
}

#[test]
fn the_two_commands_work_in_a_fresh_clone() {
    let folder = tempfile::tempdir().unwrap();
    if clone(folder.path()).is_none() {
        return;
    }
    let clone = folder.path().join("puma-lint");
    // The same build, but without the minutes that optimizing takes, and kept for the next run.
    let target = here("target/newcomer");
    let quick = [
        ("CARGO_TARGET_DIR", target.to_str().unwrap()),
        ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"),
        ("CARGO_PROFILE_RELEASE_LTO", "off"),
        ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ];
    let checks = block("sh", "cargo run --release");
    let output = shell(&clone, checks.trim(), &quick);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(stdout(&output).contains("Puma says: undefined method `daemonize'"), "{}", stdout(&output));
    // These tests are that command; one of them shows that it builds and runs there, too.
    let tests = block("console", "$ ./test");
    let command = tests.trim().strip_prefix("$ ").unwrap();
    let output = shell(&clone, &format!("{command} --release --test nothing"), &quick);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

const LOCK: &str = "GEM\n  specs:\n    puma (4.3.12)\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  puma\n";

/// An app in git, with a config that Puma 5 and later refuse.
fn app() -> tempfile::TempDir {
    let folder = project(&[("config/puma.rb", "port 3000\ndaemonize true\n"), ("Gemfile.lock", LOCK)]);
    git(folder.path(), "init -q -b main");
    git(folder.path(), "add -A");
    git(folder.path(), "commit -qm app");
    folder
}

/// The folder of the binary in front of the others, as `cargo install` would have it.
fn path() -> String {
    let folder = Path::new(env!("CARGO_BIN_EXE_puma-lint")).parent().unwrap();
    format!("{}:{}", folder.display(), std::env::var("PATH").unwrap())
}

#[test]
fn the_gate_stops_a_bump() {
    if !has("git") {
        return;
    }
    let app = app();
    let clone = tempfile::tempdir().unwrap();
    git(clone.path(), &format!("clone -q '{}' app", app.path().display()));
    let clone = clone.path().join("app");
    let gate = block("sh", "--from-ref");
    let run = || shell(&clone, gate.trim(), &[("PATH", &path())]);
    let output = run();
    assert_eq!(output.status.code(), Some(0), "before the bump: {}", stdout(&output));
    git(&clone, "checkout -qb bump");
    fs::write(clone.join("Gemfile.lock"), LOCK.replace("4.3.12", "8.0.2")).unwrap();
    git(&clone, "commit -qam bump");
    let output = run();
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
    assert!(stdout(&output).contains("Puma 8.0.2 does not know `daemonize`"), "{}", stdout(&output));
    assert!(stdout(&output).contains("4.3.12 → 8.0.2 (Gemfile.lock)"), "{}", stdout(&output));
    assert!(shell(&clone, "puma-lint fix", &[("PATH", &path())]).status.success());
    assert_eq!(run().status.code(), Some(0));
}
