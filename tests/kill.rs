//! `fix`, killed at any moment: each file of the project is whole, its old text or its new one.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use puma_lint::write::{TEMPORARY_PREFIX, TEMPORARY_SUFFIX};
use support::project;

/// Most are killed while they write, where there is something to tear.
const RUNS: u64 = 500;
const THREADS: u64 = 4;

/// One run of so many is killed at any moment; the others while they write.
const ANY_MOMENT: u64 = 8;

/// The folders that files are written into.
const FOLDERS: [&str; 4] = ["config", "deploy", "deploy/puma.service.d", "ops"];

/// A comment that makes a file long enough for a write in place to show.
fn long(mark: &str) -> String {
    format!("{mark} padding\n").repeat(20)
}

fn files() -> Vec<(&'static str, String)> {
    vec![
        (
            "config/puma.rb",
            format!("daemonize true\npidfile '/srv/app/puma.pid'\n{}daemonize true\n", long("#")),
        ),
        (
            "deploy/puma.service",
            format!(
                "{}[Service]\nType=forking\nUser=a\nWorkingDirectory=/srv/app\nExecStart=/bin/puma -d\n",
                long("#")
            ),
        ),
        ("deploy/puma.service.d/a.conf", format!("{}[Service]\nRemainAfterExit=yes\n", long(";"))),
        (
            "ops/puma.monit",
            format!(
                "{}check process puma with pidfile /run/x.pid\n  start program = \"/bin/puma -d\"\n",
                long("#")
            ),
        ),
        ("Gemfile.lock", String::new()),
    ]
}

fn fix(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_puma-lint"));
    command.args(["fix", "--unsafe", "--target-version", "8"]).current_dir(folder).env_clear();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn texts(folder: &Path) -> BTreeMap<&'static str, String> {
    files().into_iter().map(|(name, _)| (name, fs::read_to_string(folder.join(name)).unwrap())).collect()
}

/// The names of everything in the folder that isn't one of the project's files, which are removed.
fn strangers(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for below in FOLDERS {
        for entry in fs::read_dir(folder.join(below)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            if path.is_file() && !files().iter().any(|(known, _)| *known == name) {
                found.push(path.file_name().unwrap().to_str().unwrap().to_owned());
                fs::remove_file(path).unwrap();
            }
        }
    }
    found
}

/// Waits until a run begins to write, or has ended.
fn await_writing(folder: &Path, child: &mut Child) {
    let begun = || {
        let entries = FOLDERS.iter().flat_map(|below| fs::read_dir(folder.join(below)).unwrap());
        entries.into_iter().any(|entry| {
            entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with(TEMPORARY_PREFIX))
        })
    };
    while !begun() && child.try_wait().unwrap().is_none() {
        thread::sleep(Duration::from_micros(200));
    }
}

/// How the runs of one thread ended.
#[derive(Default)]
struct Ends {
    old: u64,
    new: u64,
    between: u64,
    left_behind: usize,
}

/// Kills one run after another; delays spread over the time that it writes, or over all that a run takes.
fn kill_again_and_again(thread: u64) -> Ends {
    let given = files();
    let pairs: Vec<(&str, &str)> = given.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let folder = project(&pairs);
    let old = texts(folder.path());
    // What the files come to, and how long that takes.
    let before = Instant::now();
    let mut child = fix(folder.path()).spawn().unwrap();
    await_writing(folder.path(), &mut child);
    let until = before.elapsed();
    let status = child.wait().unwrap();
    let whole = before.elapsed();
    assert!(status.code().is_some_and(|code| code < 2), "{status}");
    let new = texts(folder.path());
    let changed = old.iter().filter(|(name, text)| new[**name] != **text).count();
    assert_eq!(changed, 4, "every file but the lock changes");

    let mut ends = Ends::default();
    let mut seed = 0x9E37_79B9_7F4A_7C15 ^ thread;
    for run in 0..RUNS / THREADS {
        for (name, text) in &old {
            fs::write(folder.path().join(name), text).unwrap();
        }
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let part = u32::try_from(seed >> 40).unwrap() % 1_000;
        let mut child = fix(folder.path()).spawn().unwrap();
        if run % ANY_MOMENT == 0 {
            thread::sleep(whole * part / 1_000);
        } else {
            await_writing(folder.path(), &mut child);
            // Most of that time passes before the first file takes its place.
            thread::sleep((whole - until) * (300 + part) / 1_200);
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let now = texts(folder.path());
        let mut fixed = 0;
        for (name, text) in &now {
            assert!(*text == old[name] || *text == new[name], "run {run}: {name} holds {} bytes", text.len());
            fixed += usize::from(*text == new[name] && new[name] != old[name]);
        }
        match fixed {
            0 => ends.old += 1,
            4 => ends.new += 1,
            _ => ends.between += 1,
        }
        // What is left behind does not stand in the way of the next run.
        if run % 25 == 0 {
            fix(folder.path()).status().unwrap();
            assert_eq!(texts(folder.path()), new, "run {run}: a later run does not finish the work");
        }
        for name in strangers(folder.path()) {
            assert!(name.starts_with(TEMPORARY_PREFIX) && name.ends_with(TEMPORARY_SUFFIX), "{name}");
            ends.left_behind += 1;
        }
    }
    ends
}

#[test]
fn a_fix_that_is_killed_leaves_every_file_whole() {
    let before = Instant::now();
    let threads: Vec<_> = (0..THREADS).map(|at| thread::spawn(move || kill_again_and_again(at))).collect();
    let mut all = Ends::default();
    for ends in threads.into_iter().map(|thread| thread.join().unwrap()) {
        all.old += ends.old;
        all.new += ends.new;
        all.between += ends.between;
        all.left_behind += ends.left_behind;
    }
    println!(
        "{RUNS} runs in {:?}: {} killed before, {} after, {} between two files; {} temporary files left",
        before.elapsed(),
        all.old,
        all.new,
        all.between,
        all.left_behind
    );
    assert!(all.old > 0 && all.new > 0, "every run was killed on the same side");
    assert!(
        all.between + u64::try_from(all.left_behind).unwrap() > RUNS / 4,
        "hardly a run was killed as it wrote"
    );
}
