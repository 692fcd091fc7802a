//! The options that we say a config comes to are those that real Puma held: every recorded case, on each release.
//!
//! `fixtures/puma/verdicts.json` holds, per case and release, the options that differ from those of an empty config
//! (options set to nil are left out). Whatever is called known must be exactly that.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use puma_lint::catalog::{self, Release};
use puma_lint::lint::Options;
use puma_lint::model::{FileKind, Source};
use puma_lint::output::show::json;
use puma_lint::puma::options::{self, Status};
use puma_lint::show::{Shown, show};
use puma_lint::workspace::Workspace;
use serde_json::Value;
use support::here;

/// Whether a range as recorded holds a release.
fn covers(range: &str, release: Release) -> bool {
    let (first, last) = range.split_once("..").unwrap();
    let at = |text: &str| Release::parse(text).unwrap().release;
    at(first) <= release && (last.is_empty() || release <= at(last))
}

/// What the launcher held, or else the config, if both loaded.
fn recorded(case: &Value, release: Release) -> Option<&Value> {
    let stage = |name: &str| {
        let rows = case[name].as_array()?;
        rows.iter().find(|row| covers(row["versions"].as_str().unwrap(), release))
    };
    let config = stage("config")?;
    let row = stage("launcher").unwrap_or(config);
    (config["outcome"] == "ok" && row["outcome"] == "ok").then_some(row)
}

fn shown(text: &[u8], release: Release, env: &[(String, String)]) -> Shown {
    let source = Source::new("config/puma.rb", "/srv/app/config/puma.rb", FileKind::Puma, text.to_vec());
    let options = Options {
        target: Some(release.version()),
        closed_env: true,
        env: env.to_vec(),
        ..Options::default()
    };
    show(&Workspace::of("/srv/app", vec![source]), &options).remove(0)
}

/// Whether a value is what was recorded; numbers by what they are worth.
fn equal(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, value)| b.get(key).is_some_and(|b| equal(value, b)))
        }
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        // Before 3.0.0 a path is kept as it is given.
        (Value::String(_), Value::String(b)) if b == "<Pathname>" => true,
        _ => ours == theirs,
    }
}

/// The default of a release as it is recorded.
fn default(option: &str, release: Release) -> Option<String> {
    catalog::default(option)?.at(release).map(ToString::to_string)
}

#[derive(Default)]
struct Count {
    known: usize,
    open: usize,
    missed: usize,
    compared: usize,
}

/// Compares one run; the report names what differs.
fn compare(context: &str, shown: &Shown, real: &Value, count: &mut Count, report: &mut String) {
    let nothing = serde_json::Map::new();
    let sets = real["sets"].as_object().unwrap_or(&nothing);
    for (name, setting) in &shown.options {
        let Status::Known(value) = setting.status() else { continue };
        count.compared += 1;
        let ours = json::plain(value);
        let right = match sets.get(*name) {
            Some(theirs) => equal(&ours, theirs),
            // The value of an empty config, or nil.
            None => {
                let empty = shown.empty.get(name).map(options::Setting::status);
                ours.is_null() || matches!(empty, Some(Status::Known(empty)) if empty == value)
            }
        };
        if !right {
            let theirs = sets
                .get(*name)
                .map_or_else(|| format!("{:?}", default(name, shown.release)), Value::to_string);
            writeln!(report, "{context}: {name} is {theirs}, we say {ours}").unwrap();
        }
    }
    for (name, theirs) in sets {
        if std::env::var_os("VERBOSE").is_some()
            && !matches!(shown.options.get(name.as_str()).map(|s| s.status()), Some(Status::Known(_)))
        {
            println!(
                "{context}: {name} is {theirs}: {:?}",
                shown.options.get(name.as_str()).map(|s| s.status())
            );
        }
        match shown.options.get(name.as_str()).map(options::Setting::status) {
            Some(Status::Known(_)) => count.known += 1,
            // Something sets it, so it can't be Puma's own default.
            Some(Status::Unknown(_))
                if matches!(shown.options[name.as_str()].source(), Some(options::Source::Default(None))) =>
            {
                writeln!(report, "{context}: {name} is {theirs}, and we see nothing that sets it").unwrap();
            }
            Some(Status::Unknown(reason)) if !reason.is_empty() => count.open += 1,
            Some(Status::Conditional) => {
                let all = &shown.options[name.as_str()].possible;
                let among = all.iter().any(|possible| {
                    options::unknown(&possible.value).is_some()
                        || equal(&json::plain(&possible.value), theirs)
                });
                if among {
                    count.open += 1;
                } else {
                    writeln!(report, "{context}: {name} is {theirs}, none of {all:?}").unwrap();
                }
            }
            _ => count.missed += 1,
        }
    }
}

/// One line for each run of releases with the same complaint.
fn shorten(report: &str) -> String {
    let mut runs: Vec<(String, String, String, String)> = Vec::new();
    for line in report.lines() {
        let (context, rest) = line.split_once(": ").unwrap();
        let (case, release) = context.split_once(" at ").unwrap();
        match runs.last_mut() {
            Some(run) if run.0 == case && run.3 == rest => run.2 = release.to_owned(),
            _ => runs.push((case.to_owned(), release.to_owned(), release.to_owned(), rest.to_owned())),
        }
    }
    let mut text = String::new();
    runs.sort_by(|a, b| (&a.0, &a.3).cmp(&(&b.0, &b.3)));
    for (case, first, last, rest) in runs {
        writeln!(text, "{case} {first}..{last}: {rest}").unwrap();
    }
    text
}

fn check(count: &Count, report: &str) {
    let sets = count.known + count.open + count.missed;
    println!(
        "{} known values compared; of {sets} options set {} known, {} open with a reason, {} not said",
        count.compared, count.known, count.open, count.missed
    );
    assert!(report.is_empty(), "{}", shorten(report));
    assert!((count.known + count.open) * 100 >= sets * 97, "{} of {sets} are not said", count.missed);
    assert!(count.known * 100 >= sets * 95, "only {} of {sets} are known", count.known);
}

#[test]
fn known_options_are_those_that_real_puma_held() {
    let verdicts: BTreeMap<String, Value> =
        serde_json::from_str(&fs::read_to_string(here("fixtures/puma/verdicts.json")).unwrap()).unwrap();
    let (mut count, mut report) = (Count::default(), String::new());
    for (name, case) in &verdicts {
        let text = fs::read(here(&format!("fixtures/puma/cases/{name}.rb"))).unwrap();
        for release in Release::all() {
            let Some(real) = recorded(case, release) else { continue };
            let shown = shown(&text, release, &[]);
            compare(&format!("{name} at {release}"), &shown, real, &mut count, &mut report);
        }
    }
    check(&count, &report);
}

#[test]
fn variables_set_what_they_really_set() {
    let recorded: BTreeMap<String, Value> =
        serde_json::from_str(&fs::read_to_string(here("fixtures/puma/environments.json")).unwrap()).unwrap();
    let (mut count, mut report) = (Count::default(), String::new());
    for (assignment, rows) in &recorded {
        let env: Vec<(String, String)> =
            assignment.split_once('=').map(|(name, value)| (name.into(), value.into())).into_iter().collect();
        for release in Release::all() {
            let row = rows
                .as_array()
                .unwrap()
                .iter()
                .find(|row| covers(row["versions"].as_str().unwrap(), release));
            let Some(row) = row.filter(|row| row["outcome"] == "ok") else { continue };
            let mut shown = shown(b"", release, &env);
            // What is recorded differs from an empty environment.
            shown.empty = self::shown(b"", release, &[]).options;
            compare(&format!("{assignment} at {release}"), &shown, row, &mut count, &mut report);
        }
    }
    check(&count, &report);
}

#[test]
fn an_empty_config_has_the_recorded_defaults() {
    let facts: Value =
        serde_json::from_str(&fs::read_to_string(here("fixtures/puma/facts.json")).unwrap()).unwrap();
    for release in Release::all() {
        let options = shown(b"", release, &[]).options;
        for (name, rows) in facts["defaults"].as_object().unwrap() {
            let row = rows
                .as_array()
                .unwrap()
                .iter()
                .find(|row| covers(row["versions"].as_str().unwrap(), release));
            let Some(row) = row else { continue };
            let real = &row["value"];
            let Some(Status::Known(value)) = options.get(name.as_str()).map(options::Setting::status) else {
                continue;
            };
            let described = real.as_str().is_some_and(|text| text.starts_with('<'));
            assert!(
                described || equal(&json::plain(value), real),
                "{name} at {release}: {real}, we say {value:?}"
            );
        }
    }
}

/// What a config does without end, or at any size, costs `show` a moment.
#[test]
fn hostile_configs_are_shown_soon() {
    let doubled = |grow: &str| {
        format!("x = 'aaaaaaaa'\n{}pidfile x.to_s\nbind x.to_s\n", format!("{grow}\n").repeat(200))
    };
    let branches: String =
        (0..40).map(|n| format!("if ENV['A{n}']\n  x = \"#{{x}}{n}\"\n  pidfile x\nend\n")).collect();
    let methods: String = (0..60).map(|n| format!("def m{n}; m{0}; m{0}; end\n", n + 1)).collect();
    for config in [
        "while true\n  pidfile 'x'\nend\n".to_owned(),
        "loop { workers 2 }\nuntil false do port 1 end\n".to_owned(),
        "def a(x) = b(x + x)\ndef b(x) = a(x)\npidfile a('x')\n".to_owned(),
        "pidfile 'a' * 10**9\nstate_path \"#{'b' * 2**62}\"\n".to_owned(),
        "(1..10**9).each { |n| bind \"tcp://0:#{n}\" }\n10**9.times { port 1 }\n".to_owned(),
        "workers 9**9**9**9\nthreads 1 << 2**60, 2\n".to_owned(),
        doubled("x = x + x"),
        doubled("x = \"#{x}#{x}\""),
        doubled("x = [x, x]"),
        doubled("x = { a: x, b: x }"),
        branches,
        methods + "def m60; end\nm0\n",
        format!("pidfile {}'x'{}\n", "(".repeat(3000), ")".repeat(3000)),
        "port 1\n".repeat(20_000),
    ] {
        let folder = support::project(&[("config/puma.rb", &config)]);
        for arguments in [["show", "--all"], ["show", "--format=json"]] {
            let started = std::time::Instant::now();
            let output = support::lint(folder.path(), &arguments);
            let start = config.chars().take(60).collect::<String>();
            assert!(output.status.code() == Some(0), "{start}: {}", support::stderr(&output));
            assert!(started.elapsed().as_secs() < 20, "{start}: {:?}", started.elapsed());
            assert!(output.stdout.len() < 4 << 20, "{start}: {} bytes", output.stdout.len());
        }
    }
}
