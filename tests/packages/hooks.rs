//! The hooks, as pre-commit installs and runs them when people commit.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use crate::built::{emptied, for_cargo, for_git, for_pip, git, lock, path_with, release, succeed, tool};
use crate::support::{has, here, project, stderr, stdout};

const BROKEN: &str = "port 3000\ndaemonize\n";
const CLEAN: &str = "port 3000\n";

/// The repository of the hooks, as people name it: what is committed here, and what is about to be.
fn repository() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = emptied("repository");
        let files = git(
            &here(""),
            &["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        );
        for file in files.split('\0').filter(|file| !file.is_empty() && here(file).is_file()) {
            let copy = folder.join(file);
            fs::create_dir_all(copy.parent().unwrap()).unwrap();
            fs::copy(here(file), copy).unwrap();
        }
        git(&folder, &["init", "--quiet"]);
        git(&folder, &["add", "--all", "--force"]);
        git(&folder, &["commit", "--quiet", "--message", "all"]);
        git(&folder, &["tag", concat!("v", env!("CARGO_PKG_VERSION"))]);
        folder
    })
}

/// Where pre-commit keeps what it installs: new for each run of the tests, so that nothing old is tested.
fn cache() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| emptied("pre-commit"))
}

/// A repository whose commits go through the hooks.
struct Commits {
    folder: tempfile::TempDir,
    pre_commit: PathBuf,
    /// Where puma-lint is installed already, if it is.
    installed: Option<PathBuf>,
}

impl Commits {
    fn new(hooks: &str) -> Option<Commits> {
        let config = format!(
            "repos:\n- repo: {}\n  rev: v{}\n  hooks:\n{hooks}",
            repository().display(),
            env!("CARGO_PKG_VERSION")
        );
        Commits::with_config(&config)
    }

    fn with_config(config: &str) -> Option<Commits> {
        let pre_commit = tool("python/bin/pre-commit")?;
        release()?;
        let folder = project(&[(".pre-commit-config.yaml", config), ("Gemfile.lock", &lock("6.4.2"))]);
        git(folder.path(), &["init", "--quiet"]);
        git(folder.path(), &["add", "."]);
        git(folder.path(), &["commit", "--quiet", "--message", "begin"]);
        let commits = Commits { folder, pre_commit, installed: None };
        succeed(commits.hermetic(Command::new(&commits.pre_commit).arg("install")));
        Some(commits)
    }

    /// With all that pre-commit needs to install hooks from what was built here, and from nowhere else.
    fn hermetic<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        let release = release().unwrap();
        if let Some(folder) = &self.installed {
            command.env("PATH", path_with(folder));
        }
        for_git(for_cargo(for_pip(command)))
            .current_dir(self.folder.path())
            .env("PRE_COMMIT_HOME", cache())
            .env("GEMRC", &release.gemrc)
            // What the lock names was downloaded for the wheel; newer crates are nobody's business here.
            .env("CARGO_NET_OFFLINE", "true")
            // As packages/build does, so that nothing is compiled twice.
            .env("RUSTFLAGS", "-C target-feature=+crt-static")
    }

    /// Commits these changes, if the hooks let them pass.
    fn commit(&self, files: &[(&str, &str)]) -> Commit {
        for (path, text) in files {
            let path = self.folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        git(self.folder.path(), &["add", "--all"]);
        let before = git(self.folder.path(), &["rev-parse", "HEAD"]);
        let output =
            self.hermetic(Command::new("git").args(["commit", "--message", "change"])).output().unwrap();
        let passed = git(self.folder.path(), &["rev-parse", "HEAD"]) != before;
        Commit { passed, output }
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.folder.path().join(path)).unwrap()
    }
}

struct Commit {
    passed: bool,
    output: Output,
}

impl Commit {
    fn said(&self) -> String {
        stdout(&self.output) + &stderr(&self.output)
    }

    fn passes(&self) {
        assert!(self.passed, "{}", self.said());
        assert!(self.said().contains("Passed"), "the hook ran: {}", self.said());
    }

    fn fails_with(&self, words: &str) {
        assert!(!self.passed && self.said().contains(words), "{words}: {}", self.said());
    }
}

/// What every language has to do.
fn installs_and_checks(hooks: &str) {
    if let Some(commits) = Commits::new(hooks) {
        checks(&commits);
    }
}

fn checks(commits: &Commits) {
    commits.commit(&[("config/puma.rb", CLEAN)]).passes();
    commits.commit(&[("config/puma.rb", BROKEN)]).fails_with("error[removed-directive]");
}

#[test]
fn by_default_it_is_the_wheel() {
    installs_and_checks("  - id: puma-lint\n");
}

#[test]
fn ruby_is_the_gem() {
    if has("gem") {
        installs_and_checks("  - id: puma-lint\n    language: ruby\n");
    }
}

#[test]
fn system_is_what_is_installed() {
    let Some(mut commits) = Commits::new("  - id: puma-lint\n    language: system\n") else { return };
    let without = commits.commit(&[("config/puma.rb", CLEAN)]);
    without.fails_with("Executable `puma-lint` not found");
    commits.installed = Some(release().unwrap().bin.clone());
    checks(&commits);
}

#[test]
fn rust_compiles_it() {
    installs_and_checks("  - id: puma-lint\n    language: rust\n");
}

#[test]
fn whatever_concerns_puma_is_checked() {
    let Some(commits) = Commits::new("  - id: puma-lint\n") else { return };
    // A bump changes nothing but the lock, and breaks the config.
    commits.commit(&[("config/puma.rb", BROKEN), ("Gemfile.lock", &lock("4.3.12"))]).passes();
    let bump = commits.commit(&[("Gemfile.lock", &lock("6.4.2"))]);
    bump.fails_with("Puma 6.4.2 does not know `daemonize`");
    bump.fails_with("config/puma.rb:2:1");
    commits.commit(&[("config/puma.rb", CLEAN)]).passes();

    // What is changed is compared with what is not.
    let unit = "[Service]\nType=forking\nWorkingDirectory=/srv/shop\nPIDFile=/srv/shop/tmp/puma.pid\nExecStart=/usr/bin/puma --daemon\n";
    let old = lock("4.3.12");
    let config = "pidfile \"/srv/shop/tmp/puma.pid\"\n";
    commits
        .commit(&[("deploy/shop.service", unit), ("config/puma.rb", config), ("Gemfile.lock", &old)])
        .passes();
    let moved = commits.commit(&[("config/puma.rb", "pidfile \"/srv/shop/tmp/pids/puma.pid\"\n")]);
    moved.fails_with("error[pidfile-mismatch]");
    moved.fails_with("deploy/shop.service:4");
}

#[test]
fn what_is_none_of_ours_stops_no_commit() {
    let Some(commits) = Commits::new("  - id: puma-lint\n  - id: puma-lint-fix\n") else { return };
    let excludes = ("puma-lint.toml", "exclude = [\"old\"]\n");
    commits.commit(&[excludes, ("config/puma.rb", CLEAN)]).passes();
    commits.commit(&[("old/config/puma.rb", BROKEN)]).passes();
    assert_eq!(commits.read("old/config/puma.rb"), BROKEN);
    commits.commit(&[("nginx.conf", "server { }\n"), (".env", "A=1\n")]).passes();
    let other = commits.commit(&[("app/models/cat.rb", "class Cat\nend\n")]);
    assert!(other.passed && other.said().contains("no files to check"), "{}", other.said());
}

#[test]
fn the_second_try_after_a_fix_passes() {
    let Some(commits) = Commits::new("  - id: puma-lint-fix\n") else { return };
    let fixed = commits.commit(&[("config/puma.rb", BROKEN)]);
    fixed.fails_with("files were modified by this hook");
    fixed.fails_with("fixed config/puma.rb: remove `daemonize`");
    assert_eq!(commits.read("config/puma.rb"), CLEAN);
    commits.commit(&[]).passes();
    // What cannot be mended stops the commit, too.
    commits.commit(&[("config/puma.rb", "nonsense 1\n")]).fails_with("error[unknown-directive]");
}

#[test]
fn the_example_works() {
    let example = fs::read_to_string(here("packages/pre-commit/.pre-commit-config.yaml")).unwrap();
    let url = env!("CARGO_PKG_REPOSITORY");
    assert!(example.contains(url));
    let Some(commits) = Commits::with_config(&example.replace(url, &repository().display().to_string()))
    else {
        return;
    };
    commits.commit(&[("config/puma.rb", BROKEN)]).fails_with("files were modified by this hook");
    let second = commits.commit(&[]);
    second.passes();
    assert_eq!(second.said().matches("Passed").count(), 2, "{}", second.said());
}

#[test]
fn pre_commit_accepts_the_manifest() {
    let Some(pre_commit) = tool("python/bin/pre-commit") else { return };
    succeed(Command::new(&pre_commit).arg("validate-manifest").arg(here(".pre-commit-hooks.yaml")));
}
