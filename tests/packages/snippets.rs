//! The snippets for other programs, run by these.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::built::{for_git, for_pip, git, lock, path_with, release, succeed, tool, yaml};
use crate::support::{has, here, project, stderr, stdout};

const LEFTHOOK: &str = "packages/lefthook/lefthook.yml";
const OVERCOMMIT: &str = "packages/overcommit/overcommit.yml";
const GITLAB: &str = "packages/gitlab/puma-lint.gitlab-ci.yml";

/// Names of files that concern us, and some that don't.
const OURS: [&str; 14] = [
    "Gemfile.lock",
    "apps/shop/Gemfile.lock",
    "config/puma.rb",
    "config/puma/production.rb",
    "templates/puma.rb.erb",
    "deploy/shop.service",
    "shop.service.d/override.conf",
    "roles/templates/shop.socket.j2",
    "monitrc",
    "ops/monit.d/shop",
    "Procfile",
    "Dockerfile",
    "docker-compose.yml",
    "bin/server",
];
const OTHERS: [&str; 4] = ["README.md", "app/models/cat.rb", "Gemfile", "lib/tasks/cat.rake"];

#[test]
fn lefthook_checks_what_is_staged() {
    let (Some(lefthook), Some(release)) = (tool("python/bin/lefthook"), release()) else { return };
    let snippet = fs::read_to_string(here(LEFTHOOK)).unwrap();
    let folder = project(&[("lefthook.yml", &snippet), ("Gemfile.lock", &lock("6.4.2"))]);
    git(folder.path(), &["init", "--quiet"]);
    let run = |files: &[(&str, &str)]| -> String {
        for (path, text) in files {
            fs::create_dir_all(folder.path().join(path).parent().unwrap()).unwrap();
            fs::write(folder.path().join(path), text).unwrap();
            git(folder.path(), &["add", path]);
        }
        let mut hook = Command::new(&lefthook);
        hook.args(["run", "pre-commit"]).current_dir(folder.path()).env("PATH", path_with(&release.bin));
        let output = for_git(hook.env("NO_COLOR", "1")).output().unwrap();
        git(folder.path(), &["commit", "--quiet", "--no-verify", "--allow-empty", "--message", "x"]);
        format!("{:?} {}{}", output.status.code(), stdout(&output), stderr(&output))
    };
    let broken = run(&[("config/puma.rb", "port 1\ndaemonize\n")]);
    assert!(broken.starts_with("Some(1)") && broken.contains("error[removed-directive]"), "{broken}");
    // A change that has nothing to do with it is not stopped by it.
    let other = run(&[("README.md", "x\n"), ("nginx.conf", "server { }\n")]);
    assert!(other.starts_with("Some(0)"), "{other}");
    // A bump is.
    fs::write(folder.path().join("Gemfile.lock"), lock("6.4.3")).unwrap();
    let bump = run(&[("Gemfile.lock", &lock("6.4.3"))]);
    assert!(bump.starts_with("Some(1)") && bump.contains("Puma 6.4.3"), "{bump}");

    for path in OURS {
        let said = run(&[(path, "x\n\n")]);
        assert!(!said.contains("no matching"), "{path}: {said}");
    }
    for path in OTHERS {
        let said = run(&[(path, "y\n\n")]);
        assert!(said.starts_with("Some(0)") && said.contains("no files for inspection"), "{path}: {said}");
    }
}

/// Which names Ruby's `File.fnmatch?` matches with these patterns, as those do who use nothing else.
fn matched<'a>(patterns: &Value, flags: &str, names: &[&'a str]) -> Vec<&'a str> {
    let script = "patterns = JSON.parse(ARGV.shift); flags = ARGV.shift.split.sum { |name| File.const_get(name) }; \
        ARGV.each { |name| puts name if patterns.any? { |pattern| File.fnmatch?(pattern, name, flags) } }";
    let mut ruby = Command::new("ruby");
    let said = succeed(ruby.args(["-rjson", "-e", script, &patterns.to_string(), flags]).args(names));
    names.iter().copied().filter(|name| said.lines().any(|line| line == *name)).collect()
}

#[test]
fn gitlab_and_overcommit_know_the_names() {
    let (Some(gitlab), Some(overcommit)) = (yaml(GITLAB), yaml(OVERCOMMIT)) else { return };
    if !has("ruby") {
        return;
    }
    let hook = &overcommit["PreCommit"]["PumaLint"];
    assert_eq!(hook["command"], serde_json::json!(["puma-lint", "check"]));
    for (patterns, flags) in [
        (&gitlab["puma-lint"]["rules"][0]["changes"], "FNM_PATHNAME FNM_DOTMATCH FNM_EXTGLOB"),
        (&hook["include"], "FNM_PATHNAME FNM_DOTMATCH"),
    ] {
        assert_eq!(matched(patterns, flags, &OURS), OURS);
        assert_eq!(matched(patterns, flags, &OTHERS), [""; 0]);
    }
}

/// Runs what GitLab runs: the lines of the job, one after the other in one shell.
fn gitlab_job(job: &Value, shell: &str, checkout: &Path, variables: &[(&str, &str)], bin: &Path) -> Output {
    let lines = ["before_script", "script"].iter().flat_map(|part| job[part].as_array().unwrap());
    let text: String = lines.map(|line| format!("{}\n", line.as_str().unwrap())).collect();
    let mut shell = Command::new(shell);
    shell.arg("-ec").arg(text).current_dir(checkout).env("PATH", path_with(bin));
    for_git(for_pip(shell.envs(variables.iter().copied()))).output().unwrap()
}

#[test]
fn gitlab_reports_what_a_merge_request_breaks() {
    let (Some(snippet), Some(_)) = (yaml(GITLAB), release()) else { return };
    let job = &snippet["puma-lint"];
    let both = tempfile::tempdir().unwrap();
    succeed(Command::new("python3").args(["-m", "venv"]).arg(both.path().join("image")));
    let origin = both.path().join("origin");
    fs::create_dir_all(origin.join("config")).unwrap();
    git(&origin, &["init", "--quiet", "--initial-branch", "main"]);
    fs::write(origin.join("config/puma.rb"), "workers 2\non_worker_boot { }\n").unwrap();
    fs::write(origin.join("Gemfile.lock"), lock("5.6.5")).unwrap();
    git(&origin, &["add", "."]);
    git(&origin, &["commit", "--quiet", "--message", "before"]);
    let base = git(&origin, &["rev-parse", "HEAD"]);
    fs::write(origin.join("Gemfile.lock"), lock("8.0.2")).unwrap();
    git(&origin, &["commit", "--quiet", "--all", "--message", "bump"]);
    let url = format!("file://{}", origin.display());
    git(both.path(), &["clone", "--quiet", "--depth=1", &url, "checkout"]);
    let checkout = both.path().join("checkout");
    let image = both.path().join("image/bin");

    let report = job["artifacts"]["reports"]["codequality"].as_str().unwrap();
    for shell in ["bash", "sh"] {
        for (variables, upgrade) in
            [(&[][..], false), (&[("CI_MERGE_REQUEST_DIFF_BASE_SHA", base.as_str())], true)]
        {
            let output = gitlab_job(job, shell, &checkout, variables, &image);
            let said = stdout(&output);
            assert_eq!(output.status.code(), Some(1), "{said}{}", stderr(&output));
            assert!(said.contains("warning[renamed-directive]"), "{said}");
            assert_eq!(said.contains("info[changed-default]"), upgrade, "{said}");
            let written: Value = serde_json::from_slice(&fs::read(checkout.join(report)).unwrap()).unwrap();
            let rules: Vec<&Value> =
                written.as_array().unwrap().iter().map(|entry| &entry["check_name"]).collect();
            assert!(rules.contains(&&"renamed-directive".into()), "{rules:?}");
            assert_eq!(rules.contains(&&"changed-default".into()), upgrade, "{rules:?}");
        }
    }
    // A clean one passes.
    fs::write(checkout.join("config/puma.rb"), "workers 2\n").unwrap();
    let output = gitlab_job(job, "sh", &checkout, &[], &image);
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
}
