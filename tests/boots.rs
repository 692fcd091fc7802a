//! Fixed means it boots: whatever a release refuses that an older one took is, after a fix, taken by our own check, with
//! the options of before; the installed Puma is asked as well.
//!
//! The recorded verdicts tell who refuses what, in ranges of releases. Of each range the ends are tried, and as a target also
//! each release that begins a series.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

#[path = "catalog/recorded.rs"]
#[allow(dead_code)]
mod recorded;
mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use puma_lint::catalog::{self, Release, behaviour};
use puma_lint::fix::fix;
use puma_lint::lint::{Options, lint};
use puma_lint::model::{Applicability, FileId, FileKind, Location, Severity, Source};
use puma_lint::puma::options::{self, Setting};
use puma_lint::show::show;
use puma_lint::workspace::Workspace;
use serde_json::Value;
use support::{has, here};

fn workspace(text: &[u8]) -> Workspace {
    let source = Source::new("config/puma.rb", "/srv/app/config/puma.rb", FileKind::Puma, text.to_vec());
    Workspace::of("/srv/app", vec![source])
}

fn options(release: Release, name: &str) -> Options {
    // The one case that was recorded with a variable set.
    let production = [("RAILS_ENV".to_owned(), "production".to_owned())];
    let env = if name == "daemonize_production_set" { production.to_vec() } else { Vec::new() };
    Options { target: Some(release.version()), closed_env: true, env, ..Options::default() }
}

/// A run of releases that did the same with a case.
struct Run {
    releases: Vec<Release>,
    accepted: bool,
}

impl Run {
    fn ends(&self) -> Vec<Release> {
        let (first, last) = (self.releases[0], self.releases[self.releases.len() - 1]);
        if first == last { vec![first] } else { vec![first, last] }
    }

    fn targets(&self) -> Vec<Release> {
        let begins = self.releases.iter().filter(|release| release.name().ends_with(".0"));
        let mut targets: Vec<Release> = begins.copied().chain(self.ends()).collect();
        targets.sort_unstable();
        targets.dedup();
        targets
    }
}

/// What the releases did with a case, in order.
fn runs(case: &Value) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for release in Release::all() {
        let Some(config) = recorded::row(&case["config"], release) else { continue };
        let launcher = case.get("launcher").and_then(|rows| recorded::row(rows, release)).unwrap_or(config);
        let accepted = config["outcome"] == "ok" && launcher["outcome"] == "ok";
        match runs.last_mut() {
            Some(run) if run.accepted == accepted => run.releases.push(release),
            _ => runs.push(Run { releases: vec![release], accepted }),
        }
    }
    runs
}

/// The errors of a text, and those of them that could still be mended.
fn errors(text: &[u8], options: &Options) -> (Vec<String>, Vec<String>) {
    let outcome = lint(&workspace(text), options);
    let errors: Vec<_> =
        outcome.findings.iter().map(|f| &f.diagnostic).filter(|d| d.severity == Severity::Error).collect();
    let mendable =
        errors.iter().filter(|d| d.fixes.iter().any(|fix| fix.applicability != Applicability::DisplayOnly));
    (errors.iter().map(|d| d.message.clone()).collect(), mendable.map(|d| d.message.clone()).collect())
}

fn fixed(text: &[u8], options: &Options) -> Vec<u8> {
    let before = workspace(text);
    let fixed = fix(&before, options, Applicability::Unsafe).unwrap();
    fixed.changes.get(&FileId(0)).cloned().unwrap_or_else(|| text.to_vec())
}

/// What the options come to, and those among them that the config itself sets; `but` names the directives that don't
/// count.
struct Held {
    all: BTreeMap<&'static str, String>,
    set: BTreeMap<&'static str, String>,
}

fn held(text: &[u8], options: &Options, but: &dyn Fn(&str) -> bool) -> Held {
    let shown = show(&workspace(text), options).remove(0);
    let of_another = |location: &Location| {
        let start =
            text[..location.span.start].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let line = String::from_utf8_lossy(&text[start..location.span.end]).into_owned();
        line.split(|c: char| !c.is_alphanumeric() && c != '_').any(but)
    };
    let counts = |source: &options::Source| match source {
        options::Source::File(location) => !of_another(location),
        _ => false,
    };
    let values = |setting: &Setting| {
        let values: Vec<_> = setting.possible.iter().map(|possible| &possible.value).collect();
        format!("{values:?}")
    };
    let mut held = Held { all: BTreeMap::new(), set: BTreeMap::new() };
    for (name, setting) in &shown.options {
        held.all.insert(name, values(setting));
        if setting.possible.iter().any(|possible| counts(&possible.source)) {
            held.set.insert(name, values(setting));
        }
    }
    held
}

/// The options that one text sets and that come to something else under the other.
fn lost<'a>(
    set: &'a BTreeMap<&'static str, String>,
    all: &'a BTreeMap<&'static str, String>,
) -> Vec<&'a str> {
    set.iter().filter(|(name, value)| all.get(*name) != Some(value)).map(|(name, _)| *name).collect()
}

fn verdicts() -> BTreeMap<String, Value> {
    serde_json::from_value(recorded::file("verdicts.json")).unwrap()
}

fn text_of(name: &str) -> Vec<u8> {
    fs::read(here(&format!("fixtures/puma/cases/{name}.rb"))).unwrap()
}

#[test]
fn what_a_newer_release_refuses_boots_after_a_fix_or_cannot_be_fixed() {
    let (mut pairs, mut mended, mut differing) = (0, 0, String::new());
    for (name, case) in verdicts() {
        let text = text_of(&name);
        let runs = runs(&case);
        for (at, refusing) in runs.iter().enumerate().filter(|(_, run)| !run.accepted) {
            let accepting: Vec<Release> =
                runs[..at].iter().filter(|run| run.accepted).flat_map(Run::ends).collect();
            if accepting.is_empty() {
                continue;
            }
            for target in &refusing.targets() {
                let after = fixed(&text, &options(*target, &name));
                let (errors, mendable) = errors(&after, &options(*target, &name));
                if !mendable.is_empty() {
                    writeln!(differing, "{name} at {target}: could be mended still: {mendable:?}").unwrap();
                }
                pairs += accepting.len();
                if !errors.is_empty() || after == text {
                    continue;
                }
                let gone = |word: &str| {
                    catalog::directive(word).is_some_and(|d| !d.exists(*target) && d.replacement.is_none())
                };
                let now = held(&after, &options(*target, &name), &|_| false);
                for old in &accepting {
                    // Such a Puma took the directive and did something else.
                    if name == "worker_directory" && behaviour::starts_workers_where_it_started(*old) {
                        continue;
                    }
                    mended += 1;
                    let was = held(&text, &options(*old, &name), &gone);
                    let mut lost = [lost(&was.set, &now.all), lost(&now.set, &was.all)].concat();
                    // Whatever called it, nothing replaces it.
                    lost.retain(|option| *option != "daemon");
                    if !lost.is_empty() {
                        writeln!(differing, "{name}, {old} to {target}: {lost:?} differ").unwrap();
                    }
                }
            }
        }
    }
    println!("{pairs} pairs, {mended} of them mended");
    assert!(differing.is_empty(), "{differing}");
    assert!(pairs > 400 && mended > 100, "{pairs} pairs, {mended} mended");
}

#[test]
fn the_installed_puma_takes_what_was_fixed_for_it() {
    if !has("puma") || !has("ruby") {
        return;
    }
    let output = Command::new("puma").arg("--version").output().unwrap();
    let version = String::from_utf8(output.stdout).unwrap();
    let release = Release::parse(version.split_whitespace().nth(2).unwrap()).unwrap().release;
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for name in verdicts().keys() {
        let text = text_of(name);
        let options = options(release, name);
        let after = fixed(&text, &options);
        if after != text && errors(&after, &options).0.is_empty() {
            let path = folder.path().join(format!("{name}.rb"));
            fs::write(&path, after).unwrap();
            files.push(path);
        }
    }
    let output = Command::new("ruby")
        .arg(here("tests/support/real_puma.rb"))
        .args(&files)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("LANG", "C.UTF-8")
        .output()
        .unwrap();
    let said: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    assert_eq!(said.len(), files.len(), "{}", String::from_utf8_lossy(&output.stderr));
    let refused: Vec<_> = said
        .iter()
        .filter(|said| said["error"].as_str().is_some_and(|words| !words.starts_with("Errno::")))
        .collect();
    println!("{} fixed configs loaded by Puma {release}", files.len());
    assert!(refused.is_empty(), "{refused:#?}");
    assert!(files.len() > 15, "{}", files.len());
}
