//! Having checked nothing is not the same as having found nothing.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use support::{json, lint, project, stderr, stdout};

const LOCK: &str = "GEM\n  specs:\n    puma (6.4.2)\n\nRUBY VERSION\n   ruby 3.2.0\n";

#[test]
fn nothing_of_ours_is_an_error() {
    let folder =
        project(&[("puma.rb", "Eye.application 'x' do\nend\n"), ("notes.txt", "hello"), ("lib/x", "")]);
    for arguments in
        [&["puma.rb"][..], &["."], &["lib"], &["notes.txt"], &["fix", "puma.rb"], &["puma.rb", "--exit-zero"]]
    {
        let output = lint(folder.path(), arguments);
        assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(2), ""), "{arguments:?}");
        assert!(!stderr(&output).is_empty(), "{arguments:?}");
    }
    let output = lint(folder.path(), &["puma.rb"]);
    assert!(stderr(&output).contains("looks like an Eye config"), "{}", stderr(&output));
    assert!(stderr(&output).contains("nothing to check"), "{}", stderr(&output));
    assert_eq!(json(folder.path(), &["puma.rb"])["files"].as_array().unwrap().len(), 0);
}

#[test]
fn a_lock_without_anything_beside_it_is_checked_itself() {
    let folder = project(&[("Gemfile.lock", LOCK)]);
    let output = lint(folder.path(), &["Gemfile.lock"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stdout(&output), "1 file checked for Puma 6.4.2 (Gemfile.lock): Gemfile.lock: no findings\n");
    let old = project(&[("Gemfile.lock", &LOCK.replace("3.2.0", "2.3.0"))]);
    let output = lint(old.path(), &["Gemfile.lock", "--format", "concise"]);
    assert!(stdout(&output).contains("error[old-ruby]"), "{}", stdout(&output));
}

#[test]
fn a_lock_that_decides_nothing_stops_no_commit() {
    let jekyll = LOCK.replace("puma", "jekyll");
    let folder =
        project(&[("docs/Gemfile.lock", &jekyll), ("config/puma.rb", "port 1\n"), (".git/HEAD", "")]);
    let output = lint(folder.path(), &["docs/Gemfile.lock"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(stderr(&output).contains("docs/Gemfile.lock: decides nothing here"), "{}", stderr(&output));
}
