//! Every package is of the crate's version.

use std::fs;

use crate::support::here;

const VERSION: &str = env!("CARGO_PKG_VERSION");

#[test]
fn whoever_names_a_version_names_this_one() {
    for (file, line) in [
        ("pyproject.toml", format!("version = \"{VERSION}\"")),
        ("pyproject.toml", format!("dependencies = [\"puma-lint=={VERSION}\"]")),
        ("packages/pre-commit/.pre-commit-config.yaml", format!("    rev: v{VERSION}")),
        ("packages/github/workflow.yml", format!("      - uses: puma-lint/puma-lint@v{VERSION}")),
        (
            "packages/gitlab/puma-lint.gitlab-ci.yml",
            format!("    - pip install --quiet puma-lint=={VERSION}"),
        ),
    ] {
        let text = fs::read_to_string(here(file)).unwrap();
        assert!(text.lines().any(|other| other == line), "{file} does not say: {line}");
    }
}

/// They read the version out of `Cargo.toml` by its first line that looks like one.
#[test]
fn scripts_find_the_version_of_the_crate() {
    let cargo = fs::read_to_string(here("Cargo.toml")).unwrap();
    let first = cargo.lines().find(|line| line.starts_with("version = "));
    assert_eq!(first, Some(format!("version = \"{VERSION}\"").as_str()));
}
