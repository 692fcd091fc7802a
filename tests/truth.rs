//! The verdict on a config is what real Puma's was: every recorded case, on each of the recorded releases.
//!
//! `fixtures/puma/verdicts.json` holds what real releases did. What no static tool can know stands in
//! `fixtures/puma/disagreements.txt` with its reason; an entry that is no longer needed fails the test.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use puma_lint::catalog::Release;
use puma_lint::lint::{Options, lint};
use puma_lint::model::{FileKind, Severity, Source};
use puma_lint::workspace::Workspace;
use serde_json::Value;
use support::here;

/// What a release did with a case.
#[derive(Default, Clone)]
struct Verdict {
    refused: Option<String>,
    deprecated: bool,
}

fn releases() -> Vec<Release> {
    Release::all().collect()
}

/// Whether a range as recorded holds a release.
fn covers(range: &str, release: Release) -> bool {
    let (first, last) = range.split_once("..").unwrap();
    let at = |text: &str| Release::parse(text).unwrap().release;
    at(first) <= release && (last.is_empty() || release <= at(last))
}

/// What boots of real releases showed where the recordings end before: `fixtures/puma/boot.txt`.
fn boots() -> BTreeMap<String, Vec<(String, String)>> {
    let text = fs::read_to_string(here("fixtures/puma/boot.txt")).unwrap();
    let mut boots: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        let mut words = line.splitn(3, ' ').map(str::to_owned);
        let (name, range, said) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
        boots.entry(name).or_default().push((range, said));
    }
    boots
}

fn fails_at_boot(rows: &[(String, String)], release: Release) -> Option<String> {
    rows.iter().find(|(range, _)| covers(range, release)).map(|(_, words)| words.clone())
}

fn recorded(case: &Value, boot: &[(String, String)], release: Release) -> Option<Verdict> {
    let stage = |name: &str| {
        let rows = case[name].as_array()?;
        rows.iter().find(|row| covers(row["versions"].as_str().unwrap(), release))
    };
    let config = stage("config")?;
    let decisive = stage("launcher").unwrap_or(config);
    let mut verdict = Verdict { refused: fails_at_boot(boot, release), ..Verdict::default() };
    for row in [config, decisive] {
        if row["outcome"] != "ok" {
            let words = row["error"].as_str().unwrap_or_else(|| row["outcome"].as_str().unwrap());
            // A file or folder of the host that is missing is never the config's fault.
            if !words.starts_with("Errno::") {
                verdict.refused.get_or_insert(words.to_owned());
            }
        }
        let printed = row["output"].to_string();
        verdict.deprecated |= printed.contains("is deprecated");
    }
    Some(verdict)
}

/// What we say of a case: the errors, and whether something is deprecated.
fn judged(text: &[u8], release: Release, env: &[(String, String)]) -> (Vec<String>, bool) {
    let source = Source::new("config/puma.rb", "/srv/app/config/puma.rb", FileKind::Puma, text.to_vec());
    let workspace = Workspace::of("/srv/app", vec![source]);
    let options = Options {
        target: Some(release.version()),
        closed_env: true,
        env: env.to_vec(),
        ..Options::default()
    };
    let outcome = lint(&workspace, &options);
    let diagnostics: Vec<_> = outcome.findings.iter().map(|finding| &finding.diagnostic).collect();
    let errors = diagnostics.iter().filter(|d| d.severity == Severity::Error);
    let deprecated = diagnostics.iter().any(|d| d.rule == "renamed-directive");
    (errors.map(|d| format!("{}: {}", d.rule, d.message)).collect(), deprecated)
}

/// Cases that were recorded with a variable set.
fn environment(name: &str) -> Vec<(String, String)> {
    match name {
        "daemonize_production_set" => vec![("RAILS_ENV".to_owned(), "production".to_owned())],
        _ => Vec::new(),
    }
}

fn known_disagreements() -> BTreeSet<String> {
    let text = fs::read_to_string(here("fixtures/puma/disagreements.txt")).unwrap();
    text.lines()
        .filter(|line| !line.trim_start().starts_with('#') && !line.trim().is_empty())
        .map(|line| line.split_whitespace().next().unwrap().to_owned())
        .collect()
}

#[test]
fn verdicts_are_those_of_the_real_releases() {
    let verdicts: BTreeMap<String, Value> =
        serde_json::from_str(&fs::read_to_string(here("fixtures/puma/verdicts.json")).unwrap()).unwrap();
    let known = known_disagreements();
    let boots = boots();
    let mut needed = BTreeSet::new();
    let mut compared = 0_usize;
    let mut disagreed = 0_usize;
    let mut false_errors = 0_usize;
    let mut report = String::new();
    for (name, case) in &verdicts {
        let text = fs::read(here(&format!("fixtures/puma/cases/{name}.rb"))).unwrap();
        let env = environment(name);
        let boot = boots.get(name).map(Vec::as_slice).unwrap_or_default();
        let mut differing: Vec<(Release, String)> = Vec::new();
        for release in releases() {
            let Some(real) = recorded(case, boot, release) else { continue };
            compared += 1;
            let (errors, deprecated) = judged(&text, release, &env);
            let said = match (&real.refused, errors.first()) {
                (None, Some(error)) => {
                    false_errors += 1;
                    format!("false error: {error}")
                }
                (Some(words), None) => format!("missed: {words}"),
                _ if real.deprecated != deprecated && real.refused.is_none() => {
                    format!("deprecated: really {}, we say {deprecated}", real.deprecated)
                }
                _ => continue,
            };
            disagreed += 1;
            differing.push((release, said));
        }
        if let (Some((first, said)), Some((last, _))) = (differing.first(), differing.last()) {
            needed.insert(name.clone());
            if !known.contains(name) {
                writeln!(report, "{name} {first}..{last} ({}): {said}", differing.len()).unwrap();
            }
        }
    }
    println!("{compared} verdicts compared, {disagreed} differ, {false_errors} false errors");
    assert!(report.is_empty(), "{disagreed} of {compared} differ:\n{report}");
    assert_eq!(false_errors, 0);
    let stale: Vec<_> = known.difference(&needed).collect();
    assert!(stale.is_empty(), "no longer needed in disagreements.txt: {stale:?}");
    assert!(disagreed * 200 <= compared, "agreement is below 99.5 %: {disagreed} of {compared} differ");
}
