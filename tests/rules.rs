//! A rule, its line in the list and its page belong together.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use puma_lint::rules::RULES;

fn here(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn stems(folder: &str, skip: &[&str]) -> BTreeSet<String> {
    fs::read_dir(here(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|stem| !skip.contains(&stem.as_str()))
        .collect()
}

#[test]
fn every_rule_has_a_file_a_line_and_a_page() {
    let listed: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
    let mut sorted = listed.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(listed, sorted, "the list is in the order of names");
    let names: BTreeSet<String> = listed.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(stems("fixtures/rules", &[]), names, "pages");
    let files: BTreeSet<String> = stems(
        "src/rules",
        &[
            "mod",
            "upgrade",
            "view",
            "words",
            "pidfiles",
            "edits",
            "foreground",
            "holes",
            "monit_programs",
            "written_files",
            "monit_spelling",
            "percent",
        ],
    )
    .into_iter()
    .map(|stem| stem.replace('_', "-"))
    .collect();
    assert_eq!(files, names, "files");
}

#[test]
fn every_page_says_what_why_and_what_to_do_and_shows_it() {
    let clean = regex::Regex::new("```console\n(\\$ puma-lint check [^\n]*\n)+```").unwrap();
    for rule in RULES {
        let page = rule.page;
        assert!(page.starts_with(&format!("# {}\n", rule.name)), "{}", rule.name);
        for part in ["\n## Why\n", "\n## Example\n", "\n## When to ignore it\n", "\nReferences: "] {
            assert!(page.contains(part), "{}: no {part:?}", rule.name);
        }
        assert!(page.contains("\n## What to do\n") || page.contains("\n## The fix\n"), "{}", rule.name);
        assert!(page.contains(&format!("[{}] ", rule.name)), "{}: no example is reported", rule.name);
        assert!(clean.is_match(page) || page.contains(": no findings"), "{}: no clean example", rule.name);
        let prose = page.split("```").step_by(2).flat_map(str::lines);
        assert!(prose.into_iter().all(|line| line.chars().count() <= 120), "{}: a long line", rule.name);
        assert!(!rule.summary.ends_with('.') && rule.summary.len() <= 70, "{}", rule.name);
    }
}

#[test]
fn a_page_says_what_makes_a_fix_unsafe() {
    let mut unsafe_ones = 0;
    for rule in RULES {
        let code =
            fs::read_to_string(here(&format!("src/rules/{}.rs", rule.name.replace('-', "_")))).unwrap();
        let may_be = ["Applicability::Unsafe", "resend(", "through_systemd(", "foreground::of_"];
        if may_be.iter().any(|made| code.contains(made)) && code.contains(".fix(") {
            unsafe_ones += 1;
            let (_, fix) =
                rule.page.split_once("## The fix\n").unwrap_or_else(|| panic!("{}: no fix", rule.name));
            let linked = fix.contains("(forking-service.md)");
            assert!(linked || fix.contains("`fix --unsafe`"), "{}: does not say what is unsafe", rule.name);
        }
    }
    assert!(unsafe_ones >= 10, "{unsafe_ones}");
}

#[test]
fn no_rule_holds_a_version_number() {
    let address = regex::Regex::new(r"\b\d+\.\d+\.\d+\.\d+\b").unwrap();
    let version = regex::Regex::new(r"\b\d+\.\d+(\.\d+)?\b").unwrap();
    for entry in fs::read_dir(here("src/rules")).unwrap() {
        let path = entry.unwrap().path();
        // How each Ruby words its errors is what this file is about.
        if path.ends_with("words.rs") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            // The one version that is named to people is the Ruby that configs are read as.
            let line = line.replace("read as Ruby 3.1", "");
            // An address is no version.
            let line = address.replace_all(&line, "");
            assert!(!version.is_match(&line), "{}: {line}", path.display());
        }
    }
}

#[test]
fn the_table_of_mistakes_names_rules_that_exist() {
    let text = fs::read_to_string(here("fixtures/supervisors.md")).unwrap();
    let row = regex::Regex::new(r"^\| ([DNPSRXM]\d+) \| (.+) \| (.+) \|$").unwrap();
    let name = regex::Regex::new("`([a-z]+(?:-[a-z]+)+)`").unwrap();
    let rows: Vec<_> = text.lines().filter_map(|line| row.captures(line)).collect();
    let count = |letter: &str| rows.iter().filter(|row| row[1].starts_with(letter)).count();
    let counts: Vec<usize> = ["D", "N", "P", "S", "R", "X", "M"].into_iter().map(count).collect();
    assert_eq!(counts, [8, 8, 20, 20, 10, 6, 20], "every row stands here");
    for row in rows {
        let names: Vec<&str> = name
            .captures_iter(row.get(3).unwrap().as_str())
            .map(|found| found.get(1).unwrap().as_str())
            .collect();
        assert!(!names.is_empty() || row[3].starts_with("none"), "{}: neither a rule nor a reason", &row[1]);
        for name in names {
            assert!(RULES.iter().any(|rule| rule.name == name), "{}: no rule {name}", &row[1]);
        }
    }
}

#[test]
fn the_checklist_of_upgrades_names_rules_that_exist() {
    let text = fs::read_to_string(here("fixtures/checklist.md")).unwrap();
    let rows: Vec<Vec<&str>> = text
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| since"))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    assert!(rows.len() >= 45, "{} rows", rows.len());
    let name = regex::Regex::new("`([a-z]+(?:-[a-z]+)+)`").unwrap();
    for row in rows {
        let found = row[2];
        let names: Vec<&str> =
            name.captures_iter(found).map(|found| found.get(1).unwrap().as_str()).collect();
        assert!(!names.is_empty() || found.starts_with("none: "), "{}: neither a rule nor a reason", row[1]);
        for name in names {
            assert!(RULES.iter().any(|rule| rule.name == name), "{}: no rule {name}", row[1]);
        }
    }
}

#[test]
fn a_name_that_is_cut_or_misspelt_finds_its_rule() {
    for (typed, meant) in [
        ("removed-dir", Some("removed-directive")),
        ("removd-flag", Some("removed-flag")),
        ("pidfile", Some("pidfile-mismatch")),
        ("nonsense", None),
    ] {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_puma-lint"))
            .args(["explain", typed])
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        let asked = meant.map(|meant| format!("did you mean \"{meant}\"?"));
        assert_eq!(output.status.code(), Some(2));
        match asked {
            Some(asked) => assert!(said.contains(&asked), "{said}"),
            None => assert!(!said.contains("did you mean"), "{said}"),
        }
    }
}
