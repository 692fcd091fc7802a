//! What `fix` and `migrate --write` do where they cannot write: every file is as it was, and they say why.
//!
//! Full and read-only file systems are mounted where nobody else sees them, with util-linux's `unshare`.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output};

use support::{has, lint, project, stderr, stdout};
use tempfile::TempDir;

const FIX: &str = "fix --unsafe --target-version 8";
const MIGRATE: &str = "migrate --write --allow-dirty --user deploy --target-version 8";

const FILES: &[(&str, &str)] = &[
    ("config/puma.rb", "daemonize true\npidfile '/srv/shop/puma.pid'\n"),
    (
        "deploy/shop.service",
        "[Service]\nType=forking\nUser=deploy\nWorkingDirectory=/srv/shop\nExecStart=/bin/puma -d\n",
    ),
    (
        "ops/shop.monit",
        "check process shop with pidfile /srv/shop/puma.pid\n  start program = \"/bin/puma -d\"\n",
    ),
    ("Gemfile.lock", "GEM\n  specs:\n    puma (4.3.12)\n\nPLATFORMS\n  ruby\n"),
];

/// The text of every file below a folder.
fn texts(folder: &Path) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            all.extend(texts(&entry.path()));
        } else {
            let text = fs::read(entry.path()).unwrap();
            all.insert(entry.path().display().to_string(), String::from_utf8_lossy(&text).into_owned());
        }
    }
    all
}

/// Runs shell commands in the project; `$LINT` runs puma-lint.
fn shell(folder: &Path, wrapper: &[&str], commands: &str) -> Output {
    let program = [wrapper, &["sh", "-c", commands]].concat();
    let mut command = Command::new(program[0]);
    command.args(&program[1..]).current_dir(folder).env("LINT", env!("CARGO_BIN_EXE_puma-lint"));
    command.output().unwrap()
}

/// The words before shell commands that may mount; `None` where nobody may.
fn mounting(folder: &Path) -> Option<&'static [&'static str]> {
    const WRAPPER: &[&str] = &["unshare", "--map-root-user", "--mount"];
    let may = has("unshare") && shell(folder, WRAPPER, "mount -t tmpfs none deploy").status.success();
    if !may {
        println!("skipped: nothing may be mounted here");
    }
    may.then_some(WRAPPER)
}

/// That nothing was changed, and that the words say so.
fn refused(output: &Output, before: &BTreeMap<String, String>, folder: &TempDir, words: &[&str], why: &str) {
    let said = stderr(output);
    assert_eq!(output.status.code(), Some(2), "{why}: {said}{}", stdout(output));
    for words in words.iter().chain(&["no file was changed"]) {
        assert!(said.contains(words), "{why}: {words}: {said}");
    }
    assert_eq!(said.lines().count(), 1, "{why}: {said}");
    assert_eq!(texts(folder.path()), *before, "{why}");
}

#[test]
fn without_an_obstacle_three_files_change() {
    for verb in [FIX, MIGRATE] {
        let folder = project(FILES);
        let before = texts(folder.path());
        lint(folder.path(), &verb.split(' ').collect::<Vec<_>>());
        let after = texts(folder.path());
        let changed = before.iter().filter(|(name, text)| after[*name] != **text).count();
        assert_eq!((changed, after.len()), (3, FILES.len()), "{verb}");
    }
}

#[test]
fn a_file_may_not_grow_any_more() {
    // What the limit's signal would end is asked to return an error instead: as a full disk does.
    for verb in [FIX, MIGRATE] {
        let folder = project(FILES);
        let before = texts(folder.path());
        let output = shell(folder.path(), &[], &format!("trap '' XFSZ; ulimit -f 0; exec \"$LINT\" {verb}"));
        refused(&output, &before, &folder, &["writing a file beside it: File too large"], verb);
        // Where it does end the process, the files are whole.
        let output = shell(folder.path(), &[], &format!("ulimit -f 0; exec \"$LINT\" {verb}"));
        assert_eq!(output.status.code(), None, "{verb}");
        let left = texts(folder.path());
        assert!(before.iter().all(|(name, text)| left[name] == *text), "{verb}: {left:?}");
    }
}

#[test]
fn a_full_file_system_changes_no_file() {
    let probe = project(FILES);
    let Some(wrapper) = mounting(probe.path()) else { return };
    // The last folder to be written into is full; or all of it, to the last byte or the last file.
    let full = "mount -t tmpfs -o size=64k none ops && cp kept ops/shop.monit && ! head -c 1M /dev/zero > ops/fill 2>/dev/null";
    let no_more_files = "mount -t tmpfs -o nr_inodes=3 none ops && cp kept ops/shop.monit && touch ops/last && ! touch ops/more 2>/dev/null";
    for verb in [FIX, MIGRATE] {
        for filling in [full, no_more_files] {
            let folder = project(FILES);
            fs::copy(folder.path().join("ops/shop.monit"), folder.path().join("kept")).unwrap();
            let before = texts(folder.path());
            let after = "rm -f ops/fill ops/last; cmp ops/shop.monit kept && [ \"$(ls -A ops)\" = shop.monit ] || echo damaged";
            let output = shell(
                folder.path(),
                wrapper,
                &format!("{filling} && \"$LINT\" {verb}; code=$?; {after}; exit $code"),
            );
            let words = ["ops/shop.monit: ", "No space left on device (os error 28)"];
            refused(&output, &before, &folder, &words, &format!("{verb}: {filling}"));
            assert_eq!(stdout(&output), "", "{verb}: {filling}");
        }
    }
}

#[test]
fn a_read_only_file_system_changes_no_file() {
    let probe = project(FILES);
    let Some(wrapper) = mounting(probe.path()) else { return };
    for verb in [FIX, MIGRATE] {
        let folder = project(FILES);
        let before = texts(folder.path());
        let output = shell(
            folder.path(),
            wrapper,
            &format!("mount --bind ops ops && mount -o remount,bind,ro ops && \"$LINT\" {verb}"),
        );
        let words = ["ops/shop.monit: creating a file beside it: Read-only file system"];
        refused(&output, &before, &folder, &words, verb);
    }
}

#[test]
fn what_belongs_to_somebody_else_is_left_alone() {
    let folder = project(FILES);
    let me = fs::metadata(folder.path()).unwrap().uid();
    let nobody: &[&str] = &["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    if me != 0 || !has("setpriv") {
        println!("skipped: only root can become somebody else");
        return;
    }
    let (ops, monit) = (folder.path().join("ops"), folder.path().join("ops/shop.monit"));
    let mode = |path: &Path, mode: u32| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let before = texts(folder.path());
    for (open, words) in [
        // Nothing may be written beside the file.
        (&[][..], "Permission denied"),
        // The folders are everybody's, the files are not.
        (&["", "config", "deploy", "ops"], "run as the file's owner"),
    ] {
        mode(folder.path(), 0o755);
        open.iter().for_each(|name| mode(&folder.path().join(name), 0o777));
        for verb in [FIX, MIGRATE] {
            let output = shell(folder.path(), nobody, &format!("\"$LINT\" {verb}"));
            refused(&output, &before, &folder, &[words], verb);
        }
    }
    // A file that must not even be read is none of a run that does not need it.
    mode(&monit, 0o600);
    let output = shell(folder.path(), nobody, &format!("\"$LINT\" {FIX}"));
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("shop.monit"), "{}", stderr(&output));
    assert_eq!(texts(folder.path()), before);
    mode(&ops, 0o755);
}

#[test]
fn links_modes_and_other_names() {
    for verb in [FIX, MIGRATE] {
        let arguments: Vec<&str> = verb.split(' ').collect();
        // Another name for one of the files: it would keep the old text.
        let folder = project(FILES);
        fs::hard_link(folder.path().join("ops/shop.monit"), folder.path().join("ops/other-name")).unwrap();
        let before = texts(folder.path());
        refused(&lint(folder.path(), &arguments), &before, &folder, &["it has 2 names (hard links)"], verb);
        // A link stays one, and what it leads to keeps its mode.
        let folder = project(FILES);
        let (link, real) = (folder.path().join("config/puma.rb"), folder.path().join("real.rb"));
        fs::rename(&link, &real).unwrap();
        symlink("../real.rb", &link).unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        lint(folder.path(), &arguments);
        assert_eq!(fs::read_link(&link).unwrap(), Path::new("../real.rb"), "{verb}");
        assert!(!fs::read_to_string(&real).unwrap().contains("daemonize"), "{verb}");
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640, "{verb}");
        // A file that its owner may not write is not written.
        let folder = project(FILES);
        let monit = folder.path().join("ops/shop.monit");
        fs::set_permissions(&monit, fs::Permissions::from_mode(0o400)).unwrap();
        let before = texts(folder.path());
        refused(&lint(folder.path(), &arguments), &before, &folder, &["the file is read-only"], verb);
    }
}
