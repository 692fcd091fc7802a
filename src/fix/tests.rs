//! Rounds, tried with rules that were made for it: each looks for a word and puts another in its place.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::model::{Diagnostic, FileKind, Location, Severity, Source, Span};
use crate::output::Finding;

/// An artificial rule: wherever `word` stands in a file, `with` takes its place.
struct Made {
    name: &'static str,
    word: &'static str,
    with: &'static str,
}

const fn made(name: &'static str, word: &'static str, with: &'static str) -> Made {
    Made { name, word, with }
}

fn workspace(files: &[(&str, &str)]) -> Workspace {
    let kind = |name: &str| if name.ends_with(".rb") { FileKind::Puma } else { FileKind::Monit };
    let source = |(name, text): &(&str, &str)| {
        Source::new(*name, format!("/srv/{name}"), kind(name), text.as_bytes().to_vec())
    };
    Workspace::of("/srv", files.iter().map(source).collect())
}

fn finding(rule: &'static str, edits: Vec<Edit>) -> Finding {
    let location = Location { file: edits[0].file, span: edits[0].span };
    let fix = Fix { title: rule.to_owned(), applicability: Applicability::Safe, edits };
    let diagnostic = Diagnostic::new(rule, Severity::Warning, location, "m").fix(fix);
    Finding { id: 0, cause: None, deployment: 0, diagnostic, unnamed: Vec::new() }
}

fn places(text: &str, word: &str) -> Vec<Span> {
    text.match_indices(word).map(|(at, _)| Span::new(at, at + word.len())).collect()
}

/// What these rules find, each place a finding.
fn look(rules: &[Made], workspace: &Workspace) -> Outcome {
    let mut outcome = Outcome::default();
    for rule in rules {
        for (file, source) in workspace.files() {
            let text = String::from_utf8(source.bytes().to_vec()).unwrap();
            let edit = |span| Edit { file, span, replacement: rule.with.to_owned() };
            let found = places(&text, rule.word).into_iter().map(|span| finding(rule.name, vec![edit(span)]));
            outcome.findings.extend(found);
        }
    }
    outcome
}

fn fixed(rules: &[Made], text: &str) -> Result<String, FixError> {
    let before = workspace(&[("a", text)]);
    let fixed = rounds(&before, Applicability::Safe, &|workspace| look(rules, workspace))?;
    let text = fixed.changes.get(&FileId(0)).cloned();
    Ok(text.map_or_else(|| text_of(&before), |text| String::from_utf8(text).unwrap()))
}

fn text_of(workspace: &Workspace) -> String {
    String::from_utf8(workspace.source(FileId(0)).bytes().to_vec()).unwrap()
}

#[test]
fn what_a_fix_leaves_is_looked_at_again() {
    let chain = [made("one", "a", "b"), made("two", "b", "c"), made("three", "c", "d")];
    assert_eq!(fixed(&chain, "a.b.c").unwrap(), "d.d.d");
}

#[test]
fn a_fix_that_touches_another_waits_for_the_next_round() {
    // Both at once would leave `xy`.
    let rules = [made("one", "ab", "x"), made("two", "bc", "y")];
    assert_eq!(fixed(&rules, "abc").unwrap(), "xc");
    let rules = [made("one", "a", ""), made("two", "ba", "z")];
    assert_eq!(fixed(&rules, "ba").unwrap(), "z");
    // A long line of them takes few rounds.
    assert_eq!(fixed(&[made("one", "a;", "")], &"a;".repeat(500)).unwrap(), "");
}

#[test]
fn a_loop_is_an_error_that_names_its_rules() {
    let rules = [made("start", "s", "a"), made("there", "a", "b"), made("back", "b", "a")];
    let Err(FixError::Loop(names)) = fixed(&rules, "s") else { panic!("no loop") };
    assert_eq!(names, ["back", "there"]);
    // Back to what the file held on disk.
    let Err(FixError::Loop(names)) = fixed(&rules[1..], "a") else { panic!("no loop") };
    assert_eq!(names, ["back", "there"]);
    let Err(FixError::Loop(names)) = fixed(&[made("still", "a", "a")], "a") else { panic!("no loop") };
    assert_eq!(names, ["still"]);
    let growing = FixError::Loop(vec!["grow"]);
    assert_eq!(fixed(&[made("grow", "a", "ab")], "a").unwrap_err().to_string(), growing.to_string());
}

#[test]
fn a_fix_of_several_files_is_applied_whole_or_not_at_all() {
    let before = workspace(&[("a", "1 2"), ("b", "1 2")]);
    let edit = |file: u32, at: usize, with: &str| Edit {
        file: FileId(file),
        span: Span::new(at, at + 1),
        replacement: with.to_owned(),
    };
    let look = |workspace: &Workspace| {
        let mut outcome = Outcome::default();
        if workspace.source(FileId(0)).bytes().starts_with(b"1") {
            outcome.findings = vec![
                finding("alone", vec![edit(0, 0, "1")]),
                // Touches the one above, so neither of its edits is made in this round.
                finding("both", vec![edit(0, 0, "y"), edit(1, 2, "z")]),
            ];
        }
        outcome
    };
    let Err(FixError::Loop(names)) = rounds(&before, Applicability::Safe, &look) else { panic!("applied") };
    assert_eq!(names, ["alone"]);
}

#[test]
fn a_fix_that_leaves_a_file_unreadable_is_an_error() {
    for (name, text) in [("puma.rb", "port 1\n"), ("monitrc", "set daemon 1\n")] {
        let before = workspace(&[(name, text)]);
        let rules = [made("wrecker", "1", "(")];
        let error = rounds(&before, Applicability::Safe, &|workspace| look(&rules, workspace)).unwrap_err();
        assert!(matches!(&error, FixError::Broken("wrecker", path) if path == name), "{error}");
    }
}
