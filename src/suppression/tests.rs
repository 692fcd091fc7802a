use super::*;
use crate::model::{FileKind, Location, Severity};

/// The lines (from 1) at which findings of `rule` would be silenced.
fn silenced(kind: FileKind, text: &str, rule: &'static str) -> Vec<usize> {
    let name = if kind == FileKind::Systemd { "x.service" } else { "x" };
    let sources = [Source::new(name, name, kind, text.as_bytes().to_vec())];
    let files = Files::parse(&sources);
    let mut suppressions = Suppressions::read(&files);
    let at = |line: usize| Location { file: FileId(0), span: Span::at(sources[0].line_span(line).start) };
    let mut silences =
        |line: usize| suppressions.silences(&files, &Diagnostic::new(rule, Severity::Error, at(line), ""));
    // What is silenced besides the comment's own line.
    (0..text.lines().count()).filter(|line| silences(*line)).map(|line| line + 1).collect()
}

#[test]
fn in_ruby_a_comment_means_its_statement() {
    let lines = |text| silenced(FileKind::Puma, text, "a");
    assert_eq!(lines("x 1 # puma-lint: ignore[a]\nx 2\n"), [1]);
    assert_eq!(lines("x 0\n# puma-lint: ignore[a] -- why\nx 1\nx 2\n"), [2, 3]);
    assert_eq!(lines("# puma-lint: ignore[b, a]\n# more\nx 1\n"), [1, 2, 3]);
    assert_eq!(lines("# puma-lint: ignore[a]\n\nx 1\n"), [1, 2]);
    assert_eq!(lines("x 1,\n  2, # puma-lint: ignore[a]\n  3\nx 2\n"), [1, 2, 3]);
    assert_eq!(lines("# puma-lint: ignore[a]\nx 1,\n  2\nx 2\n"), [1, 2, 3]);
    // A block's statements are others.
    assert_eq!(lines("# puma-lint: ignore[a]\nx do\n  y 1\nend\n"), [1, 2]);
    assert_eq!(lines("x do # puma-lint: ignore[a]\n  y 1\nend\n"), [1]);
    assert_eq!(lines("x do\n  # puma-lint: ignore[a]\n  y 1\n  y 2\nend\n"), [2, 3]);
    assert_eq!(lines("if z\n  x 1\nelse\n  y 1 # puma-lint: ignore[a]\nend\n"), [4]);
    assert_eq!(lines("x 1; y(2, # puma-lint: ignore[a]\n 3)\n"), [1, 2]);
    assert_eq!(lines("x 1 # puma-lint: ignore[b]\n"), Vec::<usize>::new());
    // No comments.
    assert_eq!(lines("x '# puma-lint: ignore[a]'\n"), Vec::<usize>::new());
    assert_eq!(lines("x <<~E\n# puma-lint: ignore[a]\nE\n"), Vec::<usize>::new());
    assert_eq!(lines("=begin\npuma-lint: ignore[a]\n=end\nx\n"), Vec::<usize>::new());
    assert_eq!(lines("# see puma-lint: ignore[a]\nx\n"), Vec::<usize>::new());
}

#[test]
fn a_whole_file_is_silenced_from_its_top() {
    let lines = |text| silenced(FileKind::Puma, text, "a");
    assert_eq!(lines("#!/usr/bin/env puma\n# puma-lint: ignore-file[a]\nx 1\nx 2\n"), [1, 2, 3, 4]);
    assert_eq!(lines("\u{feff}# puma-lint: ignore-file[a]\nx 1\n"), [1, 2]);
    assert_eq!(lines("x 1\n# puma-lint: ignore-file[a]\nx 2\n"), Vec::<usize>::new());
    assert_eq!(lines("# puma-lint: ignore-file[a]\n"), [1]);
}

#[test]
fn in_units_only_a_line_of_its_own_is_a_comment() {
    let lines = |text| silenced(FileKind::Systemd, text, "a");
    assert_eq!(lines("[Service]\n# puma-lint: ignore[a]\nA=1\nA=2\n"), [2, 3]);
    assert_eq!(lines("[Service]\n  ;puma-lint: ignore[a]\nA=1\nA=2\n"), [2, 3]);
    assert_eq!(lines("[Service]\n# puma-lint: ignore[a]\nA=1 \\\n  2 \\\n# c\n  3\nA=2\n"), [2, 3, 4, 5, 6]);
    assert_eq!(lines("[Service]\nA=1 # puma-lint: ignore[a]\n"), Vec::<usize>::new());
    assert_eq!(lines("[Service]\r\n# puma-lint: ignore[a]\r\nA=1\r\n"), [2, 3]);
}

#[test]
fn in_monit_files_an_option_is_a_statement() {
    let lines = |text| silenced(FileKind::Monit, text, "a");
    let text = "# puma-lint: ignore[a]\ncheck process x\n  with pidfile /x\n  start program = \"/x\"\n  stop program = \"/y\"\n";
    assert_eq!(lines(text), [1, 2, 3]);
    let text = "check process x with pidfile /x # puma-lint: ignore[a]\n  start program = \"/x\"\n";
    assert_eq!(lines(text), [1]);
    let text = "check process x with pidfile /x\n  # puma-lint: ignore[a]\n  start program = \"/x\n y\" with timeout\n 3 seconds\n  stop program = \"/x\"\n";
    assert_eq!(lines(text), [2, 3, 4, 5]);
}

#[test]
fn what_is_not_understood_is_told() {
    let told = |text: &str| {
        let sources = [Source::new("x", "x", FileKind::Puma, text.as_bytes().to_vec())];
        let files = Files::parse(&sources);
        let suppressions = Suppressions::read(&files);
        suppressions
            .complaints(&files, &|_, _| true)
            .into_iter()
            .map(|c| c.message)
            .collect::<Vec<_>>()
            .join("; ")
    };
    for (text, wanted) in [
        ("# puma-lint: disable[x]\n", "does not understand it"),
        ("# puma-lint: ignore\n", "does not say which rule"),
        ("# puma-lint: ignore because\n", "does not say which rule"),
        ("# puma-lint: ignore[]\n", "does not say which rule"),
        ("# puma-lint: ignore[ , ]\n", "does not say which rule"),
        ("# puma-lint: ignore[syntax-error\n", "`]` is missing"),
        ("# puma-lint: ignore[syntax-error] because\n", "the reason stands behind `--`"),
        ("x\n# puma-lint: ignore-file[syntax-error]\n", "above the first statement only"),
        ("# puma-lint: ignore[syntax-errors]\n", "there is no rule `syntax-errors`"),
        ("# puma-lint: ignore[syntax-error]\n", "there is no `syntax-error` in the statement below"),
        (
            "x # puma-lint: ignore[old-ruby, syntax-error]\n",
            "there is no `old-ruby` and `syntax-error` in this statement",
        ),
        ("# puma-lint: ignore-file[syntax-error]\n", "there is no `syntax-error` in this file"),
        ("#puma-lint:ignore[unused-suppression]\n", ""),
        ("# puma-lint is a linter\n", ""),
    ] {
        let told = told(text);
        assert!(told.contains(wanted) && told.is_empty() == wanted.is_empty(), "{text}: {told}");
    }
}

#[test]
fn any_bytes_are_survived() {
    for kind in [FileKind::Puma, FileKind::Systemd, FileKind::Monit] {
        let text = b"\xef\xbb\xbf# puma-lint: ignore[\xff, a\x00] -- \xfe\r\nx # puma-lint: ignore[\n;puma-lint:ignore[,]";
        for end in 0..=text.len() {
            let sources = [Source::new("x", "x.service", kind, text[..end].to_vec())];
            let files = Files::parse(&sources);
            Suppressions::read(&files).complaints(&files, &|_, _| true);
        }
    }
}
