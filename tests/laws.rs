//! Laws: of fixing, over every recorded case; and of reading, over damaged ones.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use puma_lint::catalog::Release;
use puma_lint::fix::fix;
use puma_lint::lint::{Options, lint};
use puma_lint::model::{Applicability, FileId, FileKind, Source};
use puma_lint::workspace::Workspace;
use support::here;

fn cases() -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<_> = fs::read_dir(here("fixtures/puma/cases"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap()))
        .collect();
    all.sort();
    all
}

fn workspace(text: &[u8]) -> Workspace {
    let source = Source::new("config/puma.rb", "/srv/app/config/puma.rb", FileKind::Puma, text.to_vec());
    Workspace::of("/srv/app", vec![source])
}

fn options(release: &str) -> Options {
    let release = Release::parse(release).unwrap().release;
    Options { target: Some(release.version()), ..Options::default() }
}

const RELEASES: [&str; 6] = ["3.12.6", "4.3.12", "5.6.9", "6.6.1", "7.2.1", "8.0.2"];

/// The findings that a fix of at most this applicability would mend.
fn fixable(workspace: &Workspace, options: &Options, most: Applicability) -> Vec<&'static str> {
    let outcome = lint(workspace, options);
    let mends = |fix: &puma_lint::model::Fix| fix.applicability <= most;
    outcome
        .findings
        .iter()
        .filter(|f| f.diagnostic.fixes.iter().any(mends))
        .map(|f| f.diagnostic.rule)
        .collect()
}

#[test]
fn what_is_fixed_is_readable_silent_and_stays() {
    let mut fixed_files = 0;
    for (name, text) in cases() {
        for release in RELEASES {
            for most in [Applicability::Safe, Applicability::Unsafe] {
                let before = workspace(&text);
                let options = options(release);
                let fixed = fix(&before, &options, most)
                    .unwrap_or_else(|error| panic!("{name} at {release}: {error}"));
                if fixed.changes.is_empty() {
                    continue;
                }
                fixed_files += 1;
                let after = before.with_overlay(&fixed.changes);
                assert_eq!(fixable(&after, &options, most), Vec::<&str>::new(), "{name} at {release}");
                let broken =
                    lint(&after, &options).findings.iter().any(|f| f.diagnostic.rule == "syntax-error");
                assert!(!broken, "{name} at {release}");
                let again = fix(&after, &options, most).unwrap();
                assert!(again.changes.is_empty(), "{name} at {release}: fixing again changes something");
            }
        }
    }
    assert!(fixed_files > 50, "{fixed_files}");
}

#[test]
fn lines_without_a_finding_keep_every_byte() {
    let untouched =
        b"# encoding stays \xc3\xa9\r\n\r\n  bind  'tcp://127.0.0.1:1' \t# odd   blanks\r\n".to_vec();
    for (name, text) in cases() {
        let readable = lint(&workspace(&text), &options("8.0.2"));
        if readable.findings.iter().any(|finding| finding.diagnostic.rule == "syntax-error") {
            continue;
        }
        let all = [untouched.clone(), text.clone()].concat();
        let before = workspace(&all);
        let fixed = fix(&before, &options("8.0.2"), Applicability::Safe).unwrap();
        if let Some(new) = fixed.changes.get(&FileId(0)) {
            assert!(new.starts_with(&untouched), "{name}: {}", String::from_utf8_lossy(new));
        }
    }
}

#[test]
fn the_order_of_files_does_not_matter() {
    let files = ["config/puma.rb", "deploy/shop.service", "ops/shop.monit", "Gemfile.lock"];
    let kinds = [FileKind::Puma, FileKind::Systemd, FileKind::Monit, FileKind::Lock];
    let root = here("fixtures/projects/article-before");
    let report = |order: &[usize]| {
        let sources = order.iter().map(|at| {
            let path = format!("/srv/app/{}", files[*at]);
            Source::new(files[*at], path, kinds[*at], fs::read(root.join(files[*at])).unwrap())
        });
        let workspace = Workspace::of("/srv/app", sources.collect());
        let outcome = lint(&workspace, &options("8.0.2"));
        let mut found: BTreeMap<(String, usize, &str), String> = BTreeMap::new();
        for finding in &outcome.findings {
            let d = &finding.diagnostic;
            let file = workspace.source(d.location.file).shown().to_owned();
            found.insert((file, d.location.span.start, d.rule), d.message.clone());
        }
        found
    };
    let first = report(&[0, 1, 2, 3]);
    assert!(first.len() >= 9, "{first:#?}");
    for order in [[3, 2, 1, 0], [1, 0, 3, 2], [2, 3, 0, 1]] {
        assert_eq!(report(&order), first);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// A case with a piece cut out, doubled or replaced never makes anything panic or hang.
    #[test]
    fn damaged_configs_are_survived(at in any::<prop::sample::Index>(), from in 0_usize..400, len in 0_usize..60, junk in ".{0,12}") {
        let all = cases();
        let (_, text) = &all[at.index(all.len())];
        let start = from.min(text.len());
        let end = (start + len).min(text.len());
        let damaged = [&text[..start], junk.as_bytes(), &text[end..]].concat();
        let before = Instant::now();
        let workspace = workspace(&damaged);
        let _ = lint(&workspace, &options("8.0.2"));
        let _ = fix(&workspace, &options("5.6.9"), Applicability::Unsafe);
        prop_assert!(before.elapsed() < Duration::from_secs(20));
    }
}

#[test]
fn evaluation_ends_whatever_the_config_does() {
    let long =
        (0..5_000).map(|at| format!("x{at} = ENV[\"X{at}\"] || x{}\n", at.max(1) - 1)).collect::<String>();
    let branches = (0..2_000).map(|at| format!("if ENV[\"A{at}\"]\n  port {at}\nend\n")).collect::<String>();
    for text in [
        "def a\n  a\nend\na\n".to_owned(),
        "def a\n  b\n  b\nend\ndef b\n  a\n  a\nend\na\n".to_owned(),
        "x = 'a' * 1_000_000_000\npidfile x\n".to_owned(),
        "x = 'ab'\n".to_owned() + &"x = x + x\n".repeat(60) + "pidfile x\n",
        "x = [1]\n".to_owned() + &"x = x + x\n".repeat(40) + "workers x\n",
        "x = [1]\n".to_owned() + &"x = [x, x]\n".repeat(60) + "workers x\n",
        "x = {a: 1}\n".to_owned() + &"x = {a: x, b: x}\n".repeat(60) + "workers x\n",
        "loop { workers 2 }\nwhile true\n  port 1\nend\n".to_owned(),
        long,
        branches,
    ] {
        let before = Instant::now();
        let _ = lint(&workspace(text.as_bytes()), &options("8.0.2"));
        let took = before.elapsed();
        println!("{took:?}: {}", &text[..30.min(text.len())]);
        assert!(took < Duration::from_secs(20), "{took:?}: {}", &text[..60.min(text.len())]);
    }
}

#[test]
fn only_what_does_no_harm_is_dropped() {
    let fixed = |text: &str| {
        let before = workspace(text.as_bytes());
        let fixed = fix(&before, &options("8.0.2"), Applicability::Unsafe).unwrap();
        fixed.changes.get(&FileId(0)).map(|new| String::from_utf8(new.clone()).unwrap())
    };
    assert_eq!(fixed("daemonize true\nport 1\n").as_deref(), Some("port 1\n"));
    assert_eq!(fixed("nakayoshi_fork\nport 1\n").as_deref(), Some("port 1\n"));
    assert_eq!(fixed("worker_directory 'x'\n").as_deref(), Some("directory 'x'\n"));
    // Without these the server would be another one.
    for text in ["tcp_mode\nport 1\n", "tcp_mode!\nport 1\n", "import 'other.rb'\nport 1\n"] {
        assert_eq!(fixed(text), None, "{text}");
    }
}

#[test]
fn an_unsafe_fix_wants_to_be_asked_for() {
    let before = workspace(b"max_fast_inline 5\n");
    let safe = fix(&before, &options("8.0.2"), Applicability::Safe).unwrap();
    assert!(safe.changes.is_empty(), "{:?}", safe.done);
    let asked = fix(&before, &options("8.0.2"), Applicability::Unsafe).unwrap();
    assert_eq!(asked.changes.get(&FileId(0)).unwrap(), b"max_keep_alive 5\n");
}
