//! What installers ask for: completions and manual pages, as real shells and readers take them.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::{has, here, lint, stderr, stdout};

fn printed(arguments: &[&str]) -> tempfile::NamedTempFile {
    let output = lint(&here(""), arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), output.stdout).unwrap();
    file
}

/// What a program prints of a file, if it accepts it.
fn accepted(program: &str, arguments: &[&str], file: &Path) -> String {
    let output = Command::new(program).args(arguments).arg(file).output().unwrap();
    assert!(output.status.success(), "{program}: {}{}", stdout(&output), stderr(&output));
    stdout(&output)
}

#[test]
fn shells_accept_their_completions() {
    for shell in ["bash", "zsh", "fish"] {
        let script = printed(&["completions", shell]);
        let is_there = Command::new(shell).arg("--version").output().is_ok();
        if is_there || shell == "bash" && has("bash") {
            accepted(shell, &["-n"], script.path());
        }
    }
    for shell in ["powershell", "elvish"] {
        printed(&["completions", shell]);
    }
    assert_eq!(lint(&here(""), &["completions", "tcsh"]).status.code(), Some(2));
}

#[test]
fn bash_completes_verbs_and_flags() {
    let script = printed(&["completions", "bash"]);
    let ask = "source \"$0\"; COMP_WORDS=(puma-lint \"$@\"); COMP_CWORD=$#; _puma__lint puma-lint \"${@: -1}\" \"${@: -2:1}\"; echo ${COMPREPLY[@]}";
    for (typed, offered) in [
        (&["expl"][..], "explain"),
        (&["check", "--from-"], "--from-ref"),
        (&["check", "--format", "sa"], "sarif"),
        (&["fix", "--un"], "--unsafe"),
    ] {
        let output = Command::new("bash").arg("-c").arg(ask).arg(script.path()).args(typed).output().unwrap();
        assert_eq!(stdout(&output).trim(), offered, "{typed:?}: {}", stderr(&output));
    }
}

#[test]
fn manual_pages_are_read() {
    let pages = [None, Some("check"), Some("fix"), Some("show"), Some("explain"), Some("rules")];
    for verb in pages {
        let page = printed(&["man"].into_iter().chain(verb).collect::<Vec<_>>());
        let name = verb.map_or("puma-lint".to_owned(), |verb| format!("puma-lint-{verb}"));
        let text = fs::read_to_string(page.path()).unwrap();
        assert!(text.contains(&format!(".TH {name} 1")), "{text}");
        if has("mandoc") {
            accepted("mandoc", &["-T", "lint", "-W", "error"], page.path());
            let read = accepted("mandoc", &["-T", "html"], page.path());
            assert!(read.contains("SYNOPSIS"), "{read}");
        }
    }
    let unknown = lint(&here(""), &["man", "nothing"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(stderr(&unknown).contains("there is no verb \"nothing\""), "{}", stderr(&unknown));
}
