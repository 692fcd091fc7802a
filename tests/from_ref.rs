//! `--from-ref`: where an upgrade starts, read out of real git repositories.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::{has, json, lint, project, stderr, stdout};

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", stderr(&output));
    stdout(&output).trim().to_owned()
}

fn lock(puma: &str) -> String {
    format!(
        "GEM\n  remote: https://rubygems.org/\n  specs:\n    puma ({puma})\n      nio4r (~> 2.0)\n    nio4r (2.7.0)\n"
    )
}

/// A repository with an app in `below` whose lock goes from the first Puma to the second, on branch `bump`.
fn bump(below: &str, before: &str, after: &str) -> Option<tempfile::TempDir> {
    if !has("git") {
        return None;
    }
    let folder = project(&[
        (&format!("{below}Gemfile.lock"), &lock(before)),
        (&format!("{below}config/puma.rb"), "workers 2\non_worker_boot { }\nport 3000\n"),
    ]);
    git(folder.path(), &["init", "--quiet"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "--quiet", "--message", "before"]);
    git(folder.path(), &["checkout", "--quiet", "-b", "bump"]);
    fs::write(folder.path().join(below).join("Gemfile.lock"), lock(after)).unwrap();
    git(folder.path(), &["commit", "--quiet", "--all", "--message", "bump"]);
    Some(folder)
}

#[test]
fn the_gate_for_a_bump_is_one_line() {
    let Some(folder) = bump("", "5.6.5", "8.0.2") else { return };
    // The lock is all that the pull request touches, and it selects what it decides.
    let output = lint(folder.path(), &["check", "--from-ref", "main", "Gemfile.lock"]);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    assert!(text.contains("warning[renamed-directive]"), "{text}");
    assert!(text.contains("info[changed-default]"), "{text}");
    assert!(
        text.contains("1 file checked for Puma 5.6.5 → 8.0.2 (Gemfile.lock): config/puma.rb\n"),
        "{text}"
    );

    // Seen from the new lock alone there is no upgrade, and seen from itself neither.
    for arguments in [&["Gemfile.lock"][..], &["Gemfile.lock", "--from-ref", "HEAD"]] {
        let report = json(folder.path(), arguments);
        let rules: Vec<_> =
            report["diagnostics"].as_array().unwrap().iter().map(|d| d["rule"].clone()).collect();
        assert!(!rules.contains(&"changed-default".into()), "{arguments:?}: {rules:?}");
    }
    // What was not committed yet counts too.
    fs::write(folder.path().join("Gemfile.lock"), lock("6.6.1")).unwrap();
    let report = json(folder.path(), &["--from-ref", "main~0"]);
    assert_eq!((&report["from_version"], &report["target_version"]), (&"5.6.5".into(), &"6.6.1".into()));
}

#[test]
fn flags_overrule_it() {
    let Some(folder) = bump("", "5.6.5", "6.4.2") else { return };
    for (arguments, from, target) in [
        (&["--from-ref", "main"][..], "5.6.5", "6.4.2"),
        (&["--from-ref", "main", "--from", "4.3"], "4.3.12", "6.4.2"),
        (&["--from-ref", "main", "--target-version", "8"], "5.6.5", "8.0.2"),
        (&["--target-version", "8"], "6.4.2", "8.0.2"),
    ] {
        let report = json(folder.path(), arguments);
        assert_eq!(
            (&report["from_version"], &report["target_version"]),
            (&from.into(), &target.into()),
            "{arguments:?}"
        );
    }
}

#[test]
fn it_overrules_the_settings_and_they_fill_in() {
    let Some(folder) = bump("", "5.6.5", "6.4.2") else { return };
    fs::write(folder.path().join("puma-lint.toml"), "from = '4.3.12'\n").unwrap();
    assert_eq!(json(folder.path(), &[])["from_version"], "4.3.12");
    assert_eq!(json(folder.path(), &["--from-ref", "main"])["from_version"], "5.6.5");
    git(folder.path(), &["rm", "--quiet", "--cached", "Gemfile.lock"]);
    git(folder.path(), &["commit", "--quiet", "--message", "untracked"]);
    assert_eq!(json(folder.path(), &["--from-ref", "HEAD"])["from_version"], "4.3.12");
}

#[test]
fn each_deployment_has_its_own_lock_wherever_people_stand() {
    let Some(folder) = bump("apps/shop/", "5.6.5", "6.4.2") else { return };
    let other = folder.path().join("apps/blog");
    fs::create_dir_all(other.join("config")).unwrap();
    fs::write(other.join("config/puma.rb"), "port 1\n").unwrap();
    fs::write(other.join("Gemfile.lock"), lock("7.2.0")).unwrap();
    let from = |report: &serde_json::Value| -> Vec<_> {
        report["deployments"]
            .as_array()
            .unwrap()
            .iter()
            .map(|d| (d["root"].clone(), d["from_version"].clone()))
            .collect()
    };
    let report = json(folder.path(), &["--from-ref", "main"]);
    assert_eq!(
        from(&report),
        [("apps/blog".into(), serde_json::Value::Null), ("apps/shop".into(), "5.6.5".into())]
    );
    let output = lint(folder.path(), &["--from-ref", "main"]);
    assert!(stderr(&output).contains("apps/blog/Gemfile.lock: was not there in main"), "{}", stderr(&output));

    let below = folder.path().join("apps/shop");
    assert_eq!(json(&below, &["--from-ref", "main"])["from_version"], "5.6.5");
    let report = json(&below.join("config"), &["--from-ref", "main", "puma.rb"]);
    assert_eq!(from(&report)[1].1, "5.6.5");
    // Nor does a hook's git lead it astray.
    let hook = Command::new(env!("CARGO_BIN_EXE_puma-lint"))
        .args(["--from-ref", "main", "--format", "json"])
        .current_dir(&below)
        .envs([("GIT_DIR", ".git"), ("GIT_INDEX_FILE", ".git/index")])
        .output()
        .unwrap();
    assert!(stdout(&hook).contains("\"from_version\": \"5.6.5\""), "{}", stderr(&hook));
}

#[test]
fn worktrees_tags_and_hashes_will_do() {
    let Some(folder) = bump("", "5.6.5", "6.4.2") else { return };
    git(folder.path(), &["tag", "--annotate", "--message", "one", "v1", "main"]);
    git(folder.path(), &["worktree", "add", "--quiet", "tree", "bump~0"]);
    let hash = git(folder.path(), &["rev-parse", "--short", "main"]);
    for (below, revision) in
        [("", "v1"), ("", &hash), ("", "HEAD~1"), ("", "main@{0}"), ("tree", "main"), ("tree", "v1")]
    {
        let report = json(&folder.path().join(below), &["--from-ref", revision]);
        assert_eq!(report["from_version"], "5.6.5", "{below} {revision}");
    }
}

#[test]
fn what_git_cannot_answer_is_an_error() {
    let Some(folder) = bump("", "5.6.5", "6.4.2") else { return };
    let outside = project(&[("Gemfile.lock", &lock("6.4.2")), ("config/puma.rb", "port 1\n")]);
    let victim = folder.path().join("written");
    let option = format!("--output={}", victim.display());
    for (place, revision, words) in [
        (
            folder.path(),
            "origin/main",
            "git knows no revision \"origin/main\" here; a shallow clone may have to fetch it",
        ),
        (folder.path(), "main:Gemfile.lock", "git knows no revision"),
        (folder.path(), "--help", "git knows no revision"),
        (folder.path(), &option, "git knows no revision"),
        (folder.path(), "main --output=x", "git knows no revision"),
        (folder.path(), "\u{1b}[2J", "git knows no revision"),
        (folder.path(), "", "git knows no revision"),
        (outside.path(), "main", "git says: not a git repository"),
    ] {
        let output = lint(place, &[&format!("--from-ref={revision}"), "--format", "json"]);
        assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(2), ""), "{revision}");
        let said = stderr(&output);
        assert!(said.contains(words) && !said.contains('\u{1b}'), "{revision}: {said}");
    }
    assert!(!victim.exists());
}

#[test]
fn no_lock_means_no_upgrade_and_says_so() {
    let Some(folder) = bump("", "5.6.5", "6.4.2") else { return };
    fs::remove_file(folder.path().join("Gemfile.lock")).unwrap();
    let output = lint(folder.path(), &["--from-ref", "main", "--target-version", "8"]);
    assert!(stderr(&output).contains("no Gemfile.lock here to look for in main"), "{}", stderr(&output));

    // A lock without Puma, or one that is no lock: nothing to start from, and the newer lock is no start either.
    for text in ["GEM\n  specs:\n    rack (3.0)\n", "version https://git-lfs.github.com/spec/v1\n"] {
        fs::write(folder.path().join("Gemfile.lock"), text).unwrap();
        git(folder.path(), &["commit", "--quiet", "--all", "--message", "none"]);
        fs::write(folder.path().join("Gemfile.lock"), lock("6.4.2")).unwrap();
        let report = json(folder.path(), &["--from-ref", "HEAD", "--target-version", "8"]);
        assert_eq!(report["from_version"], serde_json::Value::Null, "{text}");
    }
}
