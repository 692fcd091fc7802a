//! Damaged Dockerfiles, compose files, Procfiles, scripts, deploy files and templates: whatever is in them, `check`, `show`,
//! `fix` and `--add-ignore` come to an end, soon.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use puma_lint::add_ignore::add_ignores;
use puma_lint::fix::fix;
use puma_lint::lint::{Options, lint};
use puma_lint::model::{Applicability, FileId, FileKind};
use puma_lint::show::show;
use puma_lint::workspace::{self, Selection, Workspace};
use support::here;

/// How often each file is damaged.
const TIMES: u64 = 8;

/// The longest that all verbs together may take for one deployment, on a busy machine and without optimization.
const LONGEST: Duration = Duration::from_secs(20);

/// What breaks quotes, blocks, tags and lines, or makes them longer.
const JUNK: &[&[u8]] = &[
    b"\"",
    b"'",
    b"`",
    b"\\",
    b"\\\n",
    b"\n",
    b"\r",
    b"\0",
    b"\xff",
    b"\xEF\xBB\xBF",
    b"<%",
    b"%>",
    b"<%=",
    b"{{",
    b"}}",
    b"{%",
    b"%}",
    b"{#",
    b"-%>",
    b"$(",
    b"${",
    b"$",
    b"<<EOF\n",
    b"<<",
    b"&a [*a]",
    b"&a",
    b"*a",
    b"[",
    b"]",
    b"{",
    b"}",
    b": ",
    b"- ",
    b"|",
    b">",
    b"#",
    b"# puma-lint: ignore[",
    b"\t",
    b"%",
    b"%i",
    b"@",
    b"300MB",
    b"CMD [",
    b"FROM x AS y\n",
    "\u{2028}é\u{100000}".as_bytes(),
];

/// A generator of numbers that gives the same ones in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit.max(1)
    }
}

/// A text with up to five pieces cut out, doubled, moved or put in.
fn damaged(text: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut text = text.to_vec();
    for _ in 0..=numbers.below(5) {
        let start = numbers.below(text.len() + 1);
        let end = (start + numbers.below(40)).min(text.len());
        let piece = text[start..end].to_vec();
        match numbers.below(5) {
            0 => drop(text.drain(start..end)),
            1 => drop(text.splice(start..start, piece.repeat(1 + numbers.below(30)))),
            2 => {
                text.drain(start..end);
                let at = numbers.below(text.len() + 1);
                text.splice(at..at, piece);
            }
            3 => {
                let junk = JUNK[numbers.below(JUNK.len())].repeat(1 + numbers.below(4));
                text.splice(start..end.min(start + 1), junk);
            }
            _ => drop(text.splice(start..start, JUNK[numbers.below(JUNK.len())].iter().copied())),
        }
    }
    text
}

fn is_meant(workspace: &Workspace, file: FileId) -> bool {
    let source = workspace.source(file);
    source.template().is_some()
        || matches!(
            source.kind(),
            FileKind::Dockerfile
                | FileKind::Compose
                | FileKind::Procfile
                | FileKind::Script
                | FileKind::Capistrano
        )
}

#[test]
fn damaged_files_are_survived() {
    let is_directive = |name: &str| puma_lint::catalog::directive(name).is_some();
    let mut folders: Vec<PathBuf> =
        fs::read_dir(here("fixtures/projects")).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let (mut runs, mut slowest) = (BTreeMap::<String, u64>::new(), Duration::ZERO);
    for folder in folders {
        let paths = [folder.clone()];
        let selection = Selection { paths: &paths, context: true, ..Selection::default() };
        let workspace = workspace::open(&selection, &is_directive).unwrap();
        for at in 0..u32::try_from(workspace.sources().len()).unwrap() {
            let file = FileId(at);
            if !is_meant(&workspace, file) {
                continue;
            }
            for round in 0..TIMES {
                let mut numbers = Numbers(u64::from(at) << 32 | round << 8 | 7);
                let text = damaged(workspace.source(file).bytes(), &mut numbers);
                let shown = || {
                    format!(
                        "{} {} {round}: {}",
                        folder.display(),
                        workspace.source(file).shown(),
                        text.escape_ascii()
                    )
                };
                let before = Instant::now();
                let changed = workspace.with_overlay(&BTreeMap::from([(file, text.clone())]));
                let verbs = std::panic::catch_unwind(|| {
                    let options = Options::default();
                    lint(&changed, &options);
                    show(&changed, &options);
                    fix(&changed, &options, Applicability::Unsafe).unwrap();
                    if round % 4 == 0 {
                        add_ignores(&changed, &options, "why");
                    }
                });
                assert!(verbs.is_ok(), "{}", shown());
                let took = before.elapsed();
                assert!(took < LONGEST, "{took:?}: {}", shown());
                slowest = slowest.max(took);
                *runs.entry(format!("{:?}", workspace.source(file).kind())).or_default() += 1;
            }
        }
    }
    println!("{runs:?}, the slowest {slowest:?}");
    for kind in ["Dockerfile", "Compose", "Procfile", "Script", "Capistrano"] {
        assert!(runs.get(kind).is_some_and(|runs| *runs >= TIMES), "{kind}: {runs:?}");
    }
}
