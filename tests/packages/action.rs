//! The steps of the action, run as GitHub runs them.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::built::{for_git, git, lock, path_with, release, yaml};
use crate::support::{has, here, project, stderr, stdout};

/// A job on a runner.
struct Job {
    action: Value,
    /// What GitHub sets, and where it looks for answers.
    environment: BTreeMap<&'static str, String>,
    runner: tempfile::TempDir,
    checkout: PathBuf,
}

impl Job {
    fn new(checkout: &Path) -> Option<Job> {
        let action = yaml("action.yml")?;
        release()?;
        let runner = tempfile::tempdir().unwrap();
        let within = |name: &str| runner.path().join(name).display().to_string();
        let cpu = if std::env::consts::ARCH == "aarch64" { "ARM64" } else { "X64" };
        let environment = BTreeMap::from([
            ("GITHUB_ACTION_PATH", here("").display().to_string()),
            ("GITHUB_OUTPUT", within("output")),
            ("GITHUB_PATH", within("path")),
            ("RUNNER_TEMP", within("")),
            ("RUNNER_OS", "Linux".to_owned()),
            ("RUNNER_ARCH", cpu.to_owned()),
        ]);
        Some(Job { action, environment, runner, checkout: checkout.to_owned() })
    }

    /// Runs a step of the action with these inputs, the others being what the action says.
    fn step(&self, name: &str, inputs: &[(&str, &str)]) -> Output {
        let steps = self.action["runs"]["steps"].as_array().unwrap();
        let step = steps.iter().find(|step| step["name"] == name).unwrap();
        assert_eq!(step["shell"], "bash");
        let script = self.runner.path().join("script");
        fs::write(&script, step["run"].as_str().unwrap()).unwrap();
        let mut bash = Command::new("bash");
        bash.args(["--noprofile", "--norc", "-eo", "pipefail"]).arg(script);
        for (name, value) in step["env"].as_object().unwrap() {
            bash.env(name, self.filled_in(value.as_str().unwrap(), inputs));
        }
        bash.envs(&self.environment)
            .current_dir(&self.checkout)
            .env("PATH", path_with(&release().unwrap().bin));
        for_git(&mut bash).output().unwrap()
    }

    /// What GitHub makes of an expression.
    fn filled_in(&self, text: &str, inputs: &[(&str, &str)]) -> String {
        let expression = text.strip_prefix("${{ ").and_then(|text| text.strip_suffix(" }}")).unwrap();
        if expression == "github.action_repository" {
            return "puma-lint/puma-lint".to_owned();
        }
        let name = expression.strip_prefix("inputs.").unwrap_or_else(|| panic!("{expression}"));
        let declared = &self.action["inputs"][name];
        assert!(declared.is_object(), "{name} is declared");
        let given = inputs.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned());
        given.unwrap_or_else(|| declared["default"].as_str().unwrap().to_owned())
    }

    fn written(&self, name: &str) -> String {
        fs::read_to_string(self.runner.path().join(name)).unwrap_or_default()
    }
}

/// Text that people gave reaches a script through its environment, never as a part of it.
#[test]
fn no_script_holds_an_expression() {
    let Some(action) = yaml("action.yml") else { return };
    for step in action["runs"]["steps"].as_array().unwrap() {
        assert!(!step["run"].as_str().unwrap_or_default().contains("${{"), "{step}");
    }
}

/// Serves the files of a folder over HTTP, as long as the test runs; where.
fn serve(folder: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut asked = [0; 4096];
            let read = stream.read(&mut asked).unwrap();
            let asked = String::from_utf8_lossy(&asked[..read]).into_owned();
            let path = asked.split(' ').nth(1).unwrap_or_default().trim_start_matches('/').to_owned();
            let (status, body) = match fs::read(folder.join(path)) {
                Ok(body) => ("200 OK", body),
                Err(_) => ("404 Not Found", Vec::new()),
            };
            let head =
                format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            // A client that has enough may be gone.
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
        }
    });
    address
}

#[test]
fn it_installs_the_binary_that_the_checksum_names() {
    let nothing = tempfile::tempdir().unwrap();
    let Some(mut job) = Job::new(nothing.path()) else { return };
    if !has("curl") {
        return;
    }
    let archive = &release().unwrap().archive;
    let name = archive.file_name().unwrap().to_str().unwrap();
    let github = tempfile::tempdir().unwrap();
    let releases = "puma-lint/puma-lint/releases/download";
    let version = concat!("v", env!("CARGO_PKG_VERSION"));
    for (version, damage) in [(version, None), ("v9.9.9", Some("x"))] {
        let folder = github.path().join(releases).join(version);
        fs::create_dir_all(&folder).unwrap();
        let mut bytes = fs::read(archive).unwrap();
        bytes.extend(damage.unwrap_or_default().as_bytes());
        let other = name.replace(env!("CARGO_PKG_VERSION"), version.trim_start_matches('v'));
        fs::write(folder.join(&other), bytes).unwrap();
        let checksum = fs::read_to_string(archive.with_file_name(format!("{name}.sha256"))).unwrap();
        fs::write(folder.join(format!("{other}.sha256")), checksum.replace(name, &other)).unwrap();
    }
    job.environment.insert("GITHUB_SERVER_URL", serve(github.path().to_owned()));

    for inputs in [&[][..], &[("version", version)], &[("version", env!("CARGO_PKG_VERSION"))]] {
        let _ = fs::remove_file(job.runner.path().join("path"));
        let output = job.step("Install", inputs);
        assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
        let folder = job.written("path");
        let said =
            Command::new(Path::new(folder.trim_end()).join("puma-lint")).arg("--version").output().unwrap();
        assert_eq!(stdout(&said), format!("puma-lint {}\n", env!("CARGO_PKG_VERSION")));
    }

    let _ = fs::remove_file(job.runner.path().join("path"));
    for (version, words) in [
        ("9.9.9", "is not what its checksum says"),
        ("8.8.8", "cannot be downloaded"),
        ("1.0/../../x", "the input version is no version"),
        ("$(touch pwned)", "the input version is no version"),
    ] {
        let output = job.step("Install", &[("version", version)]);
        assert_eq!((output.status.code(), job.written("path").as_str()), (Some(2), ""), "{version}");
        assert!(stdout(&output).contains(words), "{version}: {}", stdout(&output));
    }
    job.environment.insert("RUNNER_ARCH", "RISCV64".to_owned());
    let output = job.step("Install", &[]);
    assert!(stdout(&output).contains("there is no binary for Linux on RISCV64"), "{}", stdout(&output));
}

/// A clone as a runner has it, of the last commit only, in which Puma was bumped; and where it came from.
fn pull_request() -> (tempfile::TempDir, PathBuf) {
    let both = tempfile::tempdir().unwrap();
    let origin = both.path().join("origin");
    fs::create_dir_all(origin.join("config")).unwrap();
    git(&origin, &["init", "--quiet", "--initial-branch", "main"]);
    fs::write(origin.join("Gemfile.lock"), lock("5.6.5")).unwrap();
    fs::write(origin.join("config/puma.rb"), "workers 2\non_worker_boot { }\nport 3000\n").unwrap();
    git(&origin, &["add", "."]);
    git(&origin, &["commit", "--quiet", "--message", "before"]);
    git(&origin, &["tag", "before"]);
    git(&origin, &["branch", HOSTILE]);
    git(&origin, &["checkout", "--quiet", "-b", "bump"]);
    fs::write(origin.join("Gemfile.lock"), lock("8.0.2")).unwrap();
    git(&origin, &["commit", "--quiet", "--all", "--message", "bump"]);
    let url = format!("file://{}", origin.display());
    git(both.path(), &["clone", "--quiet", "--depth=1", "--branch", "bump", &url, "checkout"]);
    let checkout = both.path().join("checkout");
    (both, checkout)
}

/// A name that git allows a branch.
const HOSTILE: &str = "main;touch${IFS}pwned;$(touch${IFS}pwned)`touch${IFS}pwned`";

#[test]
fn a_pull_request_is_compared_with_its_base() {
    for (base, from_ref, known) in [
        ("main", "auto", true),
        (HOSTILE, "auto", true),
        ("", "auto", false),
        ("main", "", false),
        ("", "main", true),
        ("", "origin/main", true),
        ("", "before", true),
    ] {
        let (_both, checkout) = pull_request();
        let Some(mut job) = Job::new(&checkout) else { return };
        job.environment.insert("GITHUB_BASE_REF", base.to_owned());
        let output = job.step("Check", &[("from-ref", from_ref)]);
        let said = stdout(&output);
        assert_eq!(output.status.code(), Some(1), "{base} {from_ref}: {said}{}", stderr(&output));
        assert!(said.contains("::warning file=config/puma.rb,line=2"), "{said}");
        // What an upgrade changes is only known with a start.
        assert_eq!(said.contains("changed-default"), known, "{base} {from_ref}: {said}");
        assert!(!checkout.join("pwned").exists(), "{base}");
        assert_eq!(job.written("output"), "");
    }
}

/// As the example does it: two commits deep, without credentials for more.
#[test]
fn the_base_is_known_where_the_merge_was_checked_out_with_its_parents() {
    let (both, _) = pull_request();
    let origin = both.path().join("origin");
    git(&origin, &["checkout", "--quiet", "main"]);
    fs::write(origin.join("README.md"), "meanwhile").unwrap();
    git(&origin, &["add", "."]);
    git(&origin, &["commit", "--quiet", "--message", "meanwhile"]);
    git(&origin, &["checkout", "--quiet", "-b", "merge"]);
    git(&origin, &["merge", "--quiet", "--no-edit", "bump"]);
    let url = format!("file://{}", origin.display());
    git(both.path(), &["clone", "--quiet", "--depth=2", "--branch", "merge", &url, "merged"]);
    let checkout = both.path().join("merged");
    git(&checkout, &["remote", "remove", "origin"]);
    let Some(mut job) = Job::new(&checkout) else { return };
    job.environment.insert("GITHUB_BASE_REF", "main".to_owned());
    for (checked_out, known) in [(git(&checkout, &["rev-parse", "HEAD"]), true), ("0".repeat(40), false)] {
        job.environment.insert("GITHUB_SHA", checked_out);
        let said = stdout(&job.step("Check", &[]));
        assert_eq!(said.contains("changed-default"), known, "{said}");
        assert_eq!(said.contains("cannot be fetched"), !known, "{said}");
    }
}

#[test]
fn what_cannot_be_fetched_is_said() {
    let (_both, checkout) = pull_request();
    let Some(mut job) = Job::new(&checkout) else { return };
    job.environment.insert("GITHUB_BASE_REF", "gone".to_owned());
    let output = job.step("Check", &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stdout(&output).contains("the base of this pull request cannot be fetched"),
        "{}",
        stdout(&output)
    );
    // Who asked for it by name cannot go without.
    for revision in ["gone", "--upload-pack=touch pwned", "main:refs/heads/x y"] {
        let output = job.step("Check", &[("from-ref", revision)]);
        assert_eq!(output.status.code(), Some(2), "{revision}: {}", stdout(&output));
        assert!(stderr(&output).contains("git knows no revision"), "{revision}: {}", stderr(&output));
        assert!(!checkout.join("pwned").exists());
    }
}

#[test]
fn the_exit_code_is_kept_and_sarif_is_left_behind() {
    let folder = project(&[("good/config/puma.rb", "port 1\n"), ("a bad one/config/puma.rb", "daemonize\n")]);
    let Some(job) = Job::new(folder.path()) else { return };
    for (paths, args, sarif, code) in [
        ("good", "", "false", 0),
        ("good", "", "true", 0),
        ("a bad one\ngood\n", "", "true", 1),
        ("a bad one", "--exit-zero", "true", 0),
        ("a bad one", "--select syntax-error\n--target-version 8", "false", 0),
        (".", "--nonsense", "true", 2),
        (".", "--select *", "true", 2),
        ("gone", "", "true", 2),
        ("-x", "", "false", 2),
    ] {
        let _ = fs::remove_file(job.runner.path().join("output"));
        let output = job.step("Check", &[("paths", paths), ("args", args), ("sarif", sarif)]);
        let said = format!("{paths} {args}: {}{}", stdout(&output), stderr(&output));
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert_eq!(
            stdout(&output).contains("::error"),
            paths.contains("bad") && !args.contains("select"),
            "{said}"
        );
        let written = job.written("output");
        match written.trim_end().strip_prefix("sarif=") {
            Some(file) => {
                let report: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
                let results = report["runs"][0]["results"].as_array().unwrap();
                assert_eq!(results.is_empty(), paths == "good", "{said}");
                assert!(sarif == "true" && code < 2);
            }
            None => assert!(sarif == "false" || code == 2, "{said}"),
        }
    }
}
