//! Runs every console block of the README and of the rules' pages, and compares what it prints.
//!
//! A block ```` ```ruby title=config/puma.rb ```` writes a file; a block ```` ```console ```` runs its `$ puma-lint …`
//! lines in the folder of the files above it. `UPDATE=1 cargo test --test markdown` writes what is printed.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A fenced block of a Markdown file.
struct Block {
    info: String,
    body: String,
    /// The lines of the body, from 0.
    lines: std::ops::Range<usize>,
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open: Option<Block> = None;
    for (at, line) in text.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                open = Some(Block { info: info.to_owned(), body: String::new(), lines: at + 1..at + 1 });
            }
            (Some(block), Some(_)) => {
                block.lines.end = at;
                blocks.extend(open.take());
            }
            (Some(block), None) => {
                block.body.push_str(line);
                block.body.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is never closed");
    blocks
}

/// What a shell would show for the commands of a block: each command and all it prints.
fn session(block: &Block, folder: &Path) -> String {
    let mut shown = String::new();
    for line in block.body.lines().filter_map(|line| line.strip_prefix("$ ")) {
        writeln!(shown, "$ {line}").unwrap();
        let words: Vec<&str> = line.split_whitespace().collect();
        let arguments = match words.as_slice() {
            ["puma-lint", arguments @ ..] => arguments,
            ["cargo", "run", "--release", "--", arguments @ ..] => arguments,
            // The tests are already running.
            ["cargo", "test"] | ["./test"] => continue,
            other => panic!("a command that the test cannot run: {other:?}"),
        };
        let output = Command::new(env!("CARGO_BIN_EXE_puma-lint"))
            .args(arguments)
            .current_dir(folder)
            .env_clear()
            .output()
            .unwrap();
        shown.push_str(&String::from_utf8(output.stdout).unwrap());
        shown.push_str(&String::from_utf8(output.stderr).unwrap());
    }
    shown
}

fn check(path: &Path, folder: Option<&Path>) {
    let text = fs::read_to_string(path).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let folder = folder.unwrap_or(scratch.path());
    let mut wanted: Vec<(std::ops::Range<usize>, String)> = Vec::new();
    for block in blocks(&text) {
        if let Some((_, title)) = block.info.split_once("title=") {
            let file = folder.join(title.trim());
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, &block.body).unwrap();
        } else if block.info == "console" {
            let shown = session(&block, folder);
            if shown != block.body {
                wanted.push((block.lines, shown));
            }
        }
    }
    if wanted.is_empty() {
        return;
    }
    if std::env::var_os("UPDATE").is_some() {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for (range, shown) in wanted.into_iter().rev() {
            lines.splice(range, shown.lines().map(str::to_owned));
        }
        fs::write(path, lines.join("\n") + "\n").unwrap();
        return;
    }
    let (range, shown) = &wanted[0];
    panic!("{}:{}: prints something else:\n{shown}", path.display(), range.start + 1);
}

fn here() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_readme_shows_what_is_printed() {
    check(&here().join("README.md"), Some(&here()));
}

#[test]
fn the_pages_of_the_rules_show_what_is_printed() {
    let mut pages: Vec<_> =
        fs::read_dir(here().join("fixtures/rules")).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    assert!(!pages.is_empty());
    pages.iter().for_each(|page| check(page, None));
}
