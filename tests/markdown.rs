//! Runs every console block of the README, the guide and the rules' pages, and compares what it prints.
//!
//! A block ```` ```ruby title=config/puma.rb ```` writes a file; a block ```` ```console ```` runs its `$ …` lines in the
//! folder of the files above it; a block ```` ```yaml file=packages/… ```` shows a file of the repository. The list of
//! rules and the picture of the README are made here, too. `UPDATE=1 cargo test --test markdown` writes all of it.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anstyle::{AnsiColor, Color, RgbColor as Rgb};
use anstyle_svg::{Palette, Term};
use puma_lint::model::Severity;
use puma_lint::rules::RULES;

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
        // The tests are already running.
        if line == "./test" {
            continue;
        }
        let line = line.replacen("cargo run --release --", "puma-lint", 1);
        let binary = Path::new(env!("CARGO_BIN_EXE_puma-lint")).parent().unwrap();
        let output = Command::new("sh")
            .args(["-c", &format!("exec 2>&1; {line}")])
            .current_dir(folder)
            .env_clear()
            .env("PATH", format!("{}:/usr/bin:/bin", binary.display()))
            .output()
            .unwrap();
        shown.push_str(&String::from_utf8(output.stdout).unwrap());
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
            continue;
        }
        let shown = if block.info == "console" {
            session(&block, folder)
        } else if let Some((_, file)) = block.info.split_once("file=") {
            fs::read_to_string(here().join(file)).unwrap()
        } else {
            continue;
        };
        if shown != block.body {
            wanted.push((block.lines, shown));
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

/// Compares a file that is made here, or writes it.
fn is_current(path: &str, made: &str) {
    let path = here().join(path);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, made).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), made, "{} is out of date", path.display());
}

fn pages(folder: &str) -> Vec<PathBuf> {
    let mut pages: Vec<_> =
        fs::read_dir(here().join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.retain(|page| page.extension().is_some_and(|extension| extension == "md"));
    pages.sort();
    assert!(!pages.is_empty());
    pages
}

#[test]
fn the_readme_shows_what_is_printed() {
    check(&here().join("README.md"), Some(&here()));
}

#[test]
fn the_guide_shows_what_is_printed() {
    for page in pages("docs") {
        // This one shows a bundled project.
        let folder = page.ends_with("migrate.md").then(here);
        check(&page, folder.as_deref());
    }
}

#[test]
fn the_pages_of_the_rules_show_what_is_printed() {
    pages("fixtures/rules").iter().for_each(|page| check(page, None));
}

#[test]
fn the_list_of_rules_is_current() {
    let mut list = "# All rules\n\nEach has a page of why, an example, and what to do: `puma-lint explain RULE` prints it, too.\n".to_owned();
    for (severity, heading) in [
        (Severity::Error, "Errors: something does not start, or does not stop"),
        (Severity::Warning, "Warnings: something does not do what its writer meant, or will not for long"),
        (Severity::Info, "Infos: only worth knowing"),
    ] {
        write!(list, "\n## {heading}\n\n| rule | what it finds |\n|---|---|\n").unwrap();
        for rule in RULES.iter().filter(|rule| rule.severity == severity) {
            // Behind the title comes a paragraph that says it.
            let paragraph = rule.page.split("\n\n").nth(1).unwrap().replace('\n', " ").replace('|', "\\|");
            writeln!(list, "| [{0}](../fixtures/rules/{0}.md) | {paragraph} |", rule.name).unwrap();
        }
    }
    is_current("docs/rules.md", &list);
}

/// Colours that can be read on a dark ground: black, red, green, yellow, blue, magenta, cyan, white, and the same bright.
const PALETTE: Palette = {
    const DARK: [Rgb; 8] = [
        Rgb(13, 17, 23),
        Rgb(255, 123, 114),
        Rgb(63, 185, 80),
        Rgb(210, 153, 34),
        Rgb(88, 166, 255),
        Rgb(188, 140, 255),
        Rgb(57, 197, 207),
        Rgb(201, 209, 217),
    ];
    let [black, red, green, yellow, blue, magenta, cyan, white] = DARK;
    Palette([
        black, red, green, yellow, blue, magenta, cyan, white, black, red, green, yellow, blue, magenta,
        cyan, white,
    ])
};

/// The picture of the README: what a terminal of 80 columns shows.
#[test]
fn the_picture_is_what_a_terminal_shows() {
    let command = "puma-lint check --target-version 8 --select removed-directive,forking-service,removed-flag,pidfile-mismatch";
    let output = Command::new(env!("CARGO_BIN_EXE_puma-lint"))
        .args(command.split_whitespace().skip(1))
        .args(["--color", "always"])
        .current_dir(here().join("fixtures/projects/article-before"))
        .env_clear()
        .output()
        .unwrap();
    let command = command.replace("--select", "\\\n    --select");
    let shown = format!("$ {command}\n{}", String::from_utf8(output.stdout).unwrap());
    let terminal = Term::new()
        .palette(PALETTE)
        .fg_color(Color::Ansi(AnsiColor::White))
        .bg_color(Color::Ansi(AnsiColor::Black));
    is_current("docs/picture.svg", &terminal.render_svg(&shown));
}
