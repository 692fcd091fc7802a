//! A text on standard input, as editors send it.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use support::{bundled, here, project, stderr, stdout};

fn feed(folder: &Path, arguments: &[&str], text: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_puma-lint"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may refuse before it reads.
    let _ = child.stdin.take().unwrap().write_all(text);
    child.wait_with_output().unwrap()
}

fn concise(folder: &Path, arguments: &[&str], text: &str) -> String {
    let all = [&["check", "-", "--format", "concise", "--target-version", "8"], arguments].concat();
    stdout(&feed(folder, &all, text.as_bytes()))
}

#[test]
fn the_text_takes_the_place_of_the_file_and_the_project_around_it_is_known() {
    let folder = bundled("article-before");
    let name = ["--stdin-filename", "config/puma.rb"];
    let found = concise(folder.path(), &name, "# new\ndaemonize\npidfile \"/elsewhere.pid\"\n");
    assert!(found.starts_with("config/puma.rb:2:1: error[removed-directive] "), "{found}");
    // The Monit file and the unit are compared with the text, not with what the disk holds.
    assert!(found.contains("error[pidfile-mismatch]"), "{found}");
    assert_eq!(found.matches("removed-directive").count(), 1, "{found}");
    assert!(!found.contains("removed-constant"), "{found}");

    let alone =
        concise(folder.path(), &[&name[..], &["--no-context"]].concat(), "pidfile \"/elsewhere.pid\"\n");
    assert_eq!(alone, "");
}

#[test]
fn the_name_tells_the_kind_and_needs_no_file_behind_it() {
    let folder = project(&[("Gemfile.lock", "GEM\n  specs:\n    puma (4.3.12)\n")]);
    for (name, text, found) in [
        ("config/puma.rb", "daemonize\n", "config/puma.rb:1:1: error[removed-directive]"),
        (
            "not/yet/there/config/puma.rb",
            "daemonize\n",
            "not/yet/there/config/puma.rb:1:1: error[removed-directive]",
        ),
        (
            "a.service",
            "[Service]\nType=forking\nExecStart=/usr/bin/puma\n",
            "a.service:2:1: error[forking-service]",
        ),
    ] {
        let shown = concise(folder.path(), &["--stdin-filename", name], text);
        assert!(shown.starts_with(found), "{name}: {shown}");
        let absolute = folder.path().canonicalize().unwrap().join(name);
        let shown = concise(folder.path(), &["--stdin-filename", absolute.to_str().unwrap()], text);
        assert!(shown.starts_with(found), "{name}: {shown}");
    }
    // The lock around it decides, unless a flag does.
    let output = feed(folder.path(), &["check", "-", "--stdin-filename", "config/puma.rb"], b"daemonize\n");
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert!(stdout(&output).contains("Puma 4.3.12 (Gemfile.lock)"), "{}", stdout(&output));
}

#[test]
fn without_a_name_the_content_tells_or_a_flag() {
    let folder = project(&[("config/puma.rb", "workers 2\n")]);
    let shown = concise(folder.path(), &[], "port 3000\nworkers 2\ndaemonize\n");
    assert!(shown.starts_with("<stdin>:3:1: error[removed-directive]"), "{shown}");
    let shown = concise(folder.path(), &["--kind", "puma"], "daemonize\n");
    assert!(shown.starts_with("<stdin>:1:1: error[removed-directive]"), "{shown}");

    let output = feed(folder.path(), &["check", "-"], b"hello\n");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("<stdin>: neither its name nor its content tells what it is"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn fix_is_a_filter() {
    let folder = bundled("article-before");
    let on_disk = fs::read(folder.path().join("config/puma.rb")).unwrap();
    let text = b"\xef\xbb\xbf# \xff\r\nport 3000\r\non_worker_boot { }\r\nworkers 2";
    let fix = ["fix", "-", "--stdin-filename", "config/puma.rb", "--target-version", "8"];
    let output = feed(folder.path(), &fix, text);
    let fixed = b"\xef\xbb\xbf# \xff\r\nport 3000\r\nbefore_worker_boot { }\r\nworkers 2";
    assert_eq!(String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(fixed));
    assert_eq!(output.stdout, fixed);
    assert!(stderr(&output).contains("fixed config/puma.rb: "), "{}", stderr(&output));
    assert_eq!(fs::read(folder.path().join("config/puma.rb")).unwrap(), on_disk);

    // Nothing is left to do: the same text, and a clean exit.
    let clean = feed(here("fixtures").as_path(), &["fix", "-", "--kind", "puma", "-q"], b"port 3000\n");
    assert_eq!(
        (clean.status.code(), stdout(&clean).as_str(), stderr(&clean).as_str()),
        (Some(0), "port 3000\n", "")
    );

    // The report goes to standard error, in any format.
    let json = feed(folder.path(), &[&fix[..], &["--format", "json"]].concat(), text);
    assert_eq!(json.stdout, fixed);
    let report: Value = serde_json::from_slice(&json.stderr).unwrap();
    assert_eq!(report["files"][0]["path"], "config/puma.rb");
}

#[test]
fn an_editor_gets_its_text_back_whatever_happens() {
    let folder = project(&[]);
    for (text, arguments, code) in [
        (&b"port 3000\nbind (\n"[..], &["--stdin-filename", "puma.rb"][..], 1),
        (b"no kind at all", &[], 2),
        (b"Eye.application 'x' do\nend\n", &["--stdin-filename", "puma.rb"], 2),
    ] {
        let output = feed(folder.path(), &[&["fix", "-"], arguments].concat(), text);
        assert_eq!((output.status.code(), &output.stdout[..]), (Some(code), text), "{}", stderr(&output));
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let excluded = ["fix", "-", "--stdin-filename", "old/puma.rb", "--exclude", "old", "--force-exclude"];
    let output = feed(folder.path(), &excluded, b"daemonize\n");
    assert_eq!(
        (output.status.code(), stdout(&output).as_str()),
        (Some(0), "daemonize\n"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn fix_diff_prints_the_diff_instead() {
    let folder = project(&[]);
    let fix = ["fix", "--diff", "-", "--stdin-filename", "puma.rb", "--target-version", "8"];
    let output = feed(folder.path(), &fix, b"daemonize\nport 1\n");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stdout(&output), "--- puma.rb\n+++ puma.rb\n@@ -1,2 +1 @@\n-daemonize\n port 1\n");
}

#[test]
fn show_reads_it_too() {
    let folder = bundled("article-before");
    let show = ["show", "-", "--stdin-filename", "config/puma.rb", "--format", "json"];
    let output = feed(folder.path(), &show, b"workers 7\n");
    let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(shown["launches"][0]["options"]["workers"]["value"], 7, "{shown:#}");
}

#[test]
fn the_settings_around_it_hold() {
    let folder = project(&[("puma-lint.toml", "ignore = ['removed-directive']\n")]);
    let shown = concise(folder.path(), &["--stdin-filename", "new/config/puma.rb"], "daemonize\n");
    assert_eq!(shown, "");
    let shown = concise(folder.path(), &["--kind", "puma"], "daemonize\n");
    assert_eq!(shown, "");
    let shown = concise(folder.path(), &["--kind", "puma", "--isolated"], "daemonize\n");
    assert!(shown.contains("removed-directive"), "{shown}");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let folder = project(&[("config/puma.rb", "port 1\n")]);
    for (arguments, words) in [
        (&["check", "-", "config/puma.rb"][..], "stands alone"),
        (&["check", "--stdin-filename", "config/puma.rb"], "give `-` as the path"),
        (&["check", "-", "--kind", "puma", "--add-ignore", "why"], "works on files"),
        (&["migrate", "-", "--kind", "puma"], "works on files"),
    ] {
        let output = feed(folder.path(), arguments, b"");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(words), "{}", stderr(&output));
    }
    let long = vec![b'#'; 300 << 10];
    let output = feed(folder.path(), &["check", "-", "--kind", "puma"], &long);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("<stdin>: larger than 256 KiB"), "{}", stderr(&output));
    let output = feed(folder.path(), &["check", "-"], &[b'#'; 2 << 20]);
    assert!(stderr(&output).contains("<stdin>: larger than 1 MiB"), "{}", stderr(&output));
}
