//! The laws of fixing, over every bundled project, unit, Monit file and recorded config, and over generated deployments.
//!
//! What was fixed is still read by its program; nothing that could be fixed remains; fixing again changes nothing; a fix
//! brings no new error; the order of files does not matter; a fix is applied whole or not at all.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use puma_lint::catalog::Release;
use puma_lint::fix::{Fixed, fix};
use puma_lint::lint::{Options, Outcome, lint};
use puma_lint::model::{Applicability, Edit, FileId, FileKind, Fix, Severity, Source, Span, apply};
use puma_lint::workspace::{self, Selection, Workspace};
use support::here;

const MOST: [Applicability; 2] = [Applicability::Safe, Applicability::Unsafe];

fn options(release: &str) -> Options {
    Options { target: Some(Release::parse(release).unwrap().release.version()), ..Options::default() }
}

fn open(paths: &[PathBuf]) -> Workspace {
    let is_directive = |name: &str| puma_lint::catalog::directive(name).is_some();
    workspace::open(&Selection { paths, context: true, ..Selection::default() }, &is_directive).unwrap()
}

fn projects() -> Vec<PathBuf> {
    let folders = fs::read_dir(here("fixtures/projects")).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<_> = folders.collect();
    folders.sort();
    folders
}

/// A deployment of these texts.
fn deployment(files: &[(&str, FileKind, &[u8])]) -> Workspace {
    let source = |(name, kind, text): &(&str, FileKind, &[u8])| {
        Source::new(*name, format!("/srv/app/{name}"), *kind, text.to_vec())
    };
    Workspace::of("/srv/app", files.iter().map(source).collect())
}

/// What a program says of a file that it does not read to its end.
fn unreadable(outcome: &Outcome) -> Vec<String> {
    let said = outcome.findings.iter().map(|finding| &finding.diagnostic);
    let broken = |rule: &str, message: &str| {
        rule == "syntax-error" || rule == "invalid-monit" || message.contains("does not load this unit")
    };
    said.filter(|d| d.severity == Severity::Error && broken(d.rule, &d.message))
        .map(|d| d.message.clone())
        .collect()
}

/// How many errors there are of each rule.
fn errors(outcome: &Outcome) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for finding in outcome.findings.iter().filter(|f| f.diagnostic.severity == Severity::Error) {
        *counts.entry(finding.diagnostic.rule).or_default() += 1;
    }
    counts
}

/// The fixes that could be applied.
fn offered(workspace: &Workspace, outcome: &Outcome, most: Applicability) -> Vec<String> {
    let found = outcome.findings.iter();
    found
        .flat_map(|finding| finding.diagnostic.fixes.iter().map(move |fix| (finding.diagnostic.rule, fix)))
        .filter(|(_, fix)| {
            fix.applicability <= most && fix.edits.iter().all(|edit| workspace.is_selected(edit.file))
        })
        .map(|(rule, fix)| format!("{rule}: {}", fix.title))
        .collect()
}

/// Rules that find what hides the rest: a file that is not read to its end, a command that is no command, a path that is
/// none. Once that is mended, what was wrong behind it shows.
const HIDING: &[&str] = &[
    "syntax-error",
    "invalid-unit",
    "monit-quoting",
    "trailing-comment",
    "assignment-as-program",
    "misread-path",
];

/// Fixes, and checks every law that holds for a single workspace. How many fixes were applied.
fn check(name: &str, before: &Workspace, options: &Options, most: Applicability) -> usize {
    let first = lint(before, options);
    let Fixed { changes, done, outcome } =
        fix(before, options, most).unwrap_or_else(|error| panic!("{name}: {error}"));
    let after = before.with_overlay(&changes);
    let again = lint(&after, options);
    assert_eq!(offered(&after, &again, most), Vec::<String>::new(), "{name}: something remains");
    assert_eq!(errors(&outcome), errors(&again), "{name}: what remains was told wrongly");
    assert!(unreadable(&again).len() <= unreadable(&first).len(), "{name}: {:?}", unreadable(&again));
    let hidden = done.iter().any(|done| HIDING.contains(&done.rule));
    let was = errors(&first);
    // Only a check that names its unit tells whose pidfile it misses.
    let named = done.iter().any(|done| done.title.contains("let Monit use systemctl"));
    let told = |rule: &str| hidden || named && rule == "unwritten-pidfile";
    for (rule, count) in errors(&again).into_iter().filter(|(rule, _)| !told(rule)) {
        assert!(count <= was.get(rule).copied().unwrap_or(0), "{name}: new errors of {rule}: {done:?}");
    }
    for (file, text) in &changes {
        assert!(before.is_selected(*file), "{name}: a file that was not asked for");
        assert_ne!(before.source(*file).bytes(), text.as_slice(), "{name}: not a change");
        assert!(done.iter().any(|done| done.files.contains(file)), "{name}: a change that nobody made");
    }
    let twice = fix(&after, options, most).unwrap();
    assert!(twice.changes.is_empty() && twice.done.is_empty(), "{name}: fixing again changes something");
    done.len()
}

const RELEASES: [&str; 2] = ["4.3.12", "8.0.2"];

#[test]
fn every_bundled_project_keeps_the_laws() {
    let mut applied = 0;
    for folder in projects() {
        let before = open(std::slice::from_ref(&folder));
        for release in RELEASES {
            for most in MOST {
                applied +=
                    check(&format!("{} at {release}", folder.display()), &before, &options(release), most);
            }
        }
    }
    assert!(applied > 100, "{applied}");
}

#[test]
fn every_bundled_file_keeps_the_laws() {
    let config: &[u8] = b"workers 2\npidfile '/srv/app/puma.pid'\n";
    let mut applied = 0;
    let files = |folder: &str| {
        let mut all: Vec<_> =
            fs::read_dir(here(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
        all.sort();
        all.into_iter().filter(|path| path.is_file() && path.extension().is_some_and(|e| e != "txt"))
    };
    for path in files("fixtures/systemd").chain(files("fixtures/monit")) {
        let text = fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let kind = if name.ends_with(".monitrc") { FileKind::Monit } else { FileKind::Systemd };
        let unit = b"[Service]\nUser=a\nWorkingDirectory=/srv/app\nExecStart=/bin/puma\n";
        let before = match kind {
            FileKind::Monit => deployment(&[
                (name, kind, &text),
                ("config/puma.rb", FileKind::Puma, config),
                ("puma.service", FileKind::Systemd, unit),
            ]),
            _ => deployment(&[(name, kind, &text), ("config/puma.rb", FileKind::Puma, config)]),
        };
        applied += check(name, &before, &options("8.0.2"), MOST[1]);
    }
    assert!(applied > 10, "{applied}");
}

/// The texts by name, after fixing.
fn texts(before: &Workspace, options: &Options, most: Applicability) -> BTreeMap<String, Vec<u8>> {
    let changes = fix(before, options, most).unwrap().changes;
    let after = before.with_overlay(&changes);
    after.files().map(|(_, source)| (source.shown().to_owned(), source.bytes().to_vec())).collect()
}

#[test]
fn the_order_of_files_does_not_matter_to_a_fix() {
    let mut changed = 0;
    for folder in projects() {
        let opened = open(std::slice::from_ref(&folder));
        let same = |source: &Source| {
            Source::new(source.shown(), source.path(), source.kind(), source.bytes().to_vec())
        };
        let forward: Vec<Source> = opened.sources().iter().map(same).collect();
        let mut backward: Vec<Source> = opened.sources().iter().map(same).collect();
        backward.reverse();
        let mut turned: Vec<Source> = opened.sources().iter().map(same).collect();
        turned.rotate_left(1);
        for release in ["8.0.2"] {
            let wanted = texts(
                &Workspace::of(&folder, forward.iter().map(same).collect()),
                &options(release),
                MOST[1],
            );
            changed += usize::from(forward.iter().any(|source| wanted[source.shown()] != source.bytes()));
            for order in [&backward, &turned] {
                let workspace = Workspace::of(&folder, order.iter().map(same).collect());
                assert_eq!(texts(&workspace, &options(release), MOST[1]), wanted, "{}", folder.display());
            }
        }
    }
    assert!(changed > 10, "{changed}");
}

#[test]
fn a_fix_that_needs_a_file_which_was_not_asked_for_is_not_begun() {
    let mut waiting = 0;
    for folder in projects() {
        // Away from the repository, whose files would all be read around a single one.
        let copy = support::bundled(folder.file_name().unwrap().to_str().unwrap());
        let whole = open(&[copy.path().to_owned()]);
        let paths: Vec<PathBuf> = whole.sources().iter().map(|source| source.path().to_owned()).collect();
        for path in &paths {
            let alone = open(std::slice::from_ref(path));
            let options = options("8.0.2");
            let fixed = fix(&alone, &options, MOST[1]).unwrap();
            for file in fixed.changes.keys() {
                assert!(alone.is_selected(*file), "{}: {}", path.display(), alone.source(*file).shown());
            }
            // Each says which files it takes, and all of them together do it.
            for finding in fixed.outcome.findings.iter().filter(|finding| !finding.unnamed.is_empty()) {
                waiting += 1;
                let files = &finding.diagnostic.fixes[0].edits;
                assert!(files.iter().any(|edit| !alone.is_selected(edit.file)));
                assert!(files.iter().all(|edit| finding.unnamed.contains(&edit.file)));
                let named: Vec<PathBuf> =
                    finding.unnamed.iter().map(|file| alone.source(*file).path().to_owned()).collect();
                let title = &finding.diagnostic.fixes[0].title;
                let left = fix(&open(&named), &options, MOST[1]).unwrap().outcome.findings;
                let waits = |fixes: &[Fix]| fixes.first().is_some_and(|fix| fix.title == *title);
                assert!(
                    !left.iter().any(|left| waits(&left.diagnostic.fixes)),
                    "{}: {title}",
                    path.display()
                );
            }
        }
    }
    assert!(waiting >= 4, "{waiting}");
}

/// One line of a config, in one of the shapes that people write.
fn statement() -> impl Strategy<Value = String> {
    let directive = prop::sample::select(vec![
        "daemonize",
        "daemonize true",
        "daemonize(false)",
        "daemonize ENV['D']",
        "nakayoshi_fork",
        "tcp_mode",
        "workers 2",
        "port 3000",
        "preload_app!",
        "pidfile '/srv/app/puma.pid'",
        "rackup DefaultRackup",
        "worker_directory '/srv'",
        "on_worker_boot { |i| a }",
        "max_fast_inline 3",
        "quiet",
        "daemonize(\n  true\n)",
        "daemonize <<~X\n  yes\nX",
        "before_fork do\n  daemonize\nend",
        "pidfile ENV['PIDFILE'] if ENV['PIDFILE']",
    ]);
    let shape = prop::sample::select(vec![
        "@\n",
        "@ # why\n",
        "  @  \n",
        "# about daemonize\n@\n\n",
        "@ if ENV['X']\n",
        "@ unless x!\n",
        "if ENV['X']\n  @\nend\n",
        "if ENV['X']\n  @\nelse\n  quiet\nend\n",
        "quiet; @\n",
        "@; quiet\n",
        "@;\n",
        "begin\n  @\nrescue NameError\nend\n",
        "x = (@)\n",
        "(@)\n",
        "case 1\nwhen 1 then @\nend\n",
        "@ rescue nil\n",
        "if ENV['A']\n  if ENV['B']\n    @\n  end\nend\n",
        "\n\n@\n\n\n",
        "@ \\\n\n",
    ]);
    (directive, shape).prop_map(|(directive, shape)| shape.replace('@', directive))
}

fn config() -> impl Strategy<Value = String> {
    (prop::collection::vec(statement(), 0..8), prop::bool::ANY).prop_map(|(lines, windows)| {
        let text = lines.concat();
        if windows { text.replace('\n', "\r\n") } else { text }
    })
}

fn unit() -> impl Strategy<Value = String> {
    let line = prop::sample::select(vec![
        "Type=forking",
        "Type=notify",
        "Type=simple # fast",
        "Type = forking",
        "RemainAfterExit=yes",
        "WatchdogSec=10",
        "PIDFile=/run/puma.pid",
        "PIDFile=\"/srv/app/x.pid\"",
        "PIDFile=/run/a.pid # here",
        "Restart=always",
        "KillSignal=SIGQUIT",
        "ExecReload=/bin/kill -USR1 $MAINPID",
        "ExecReload=/bin/kill -s TSTP $MAINPID",
        "ExecStop=/bin/kill -TSTP $MAINPID",
        "ExecStop=/bin/kill -QUIT $MAINPID ; /bin/true",
        "User=deploy # who",
        "StandardOutput=/srv/log # x",
        "ExecStart=",
        "# comment \\",
        "",
        "Environment=A=b",
        "[Install]",
        "[Service]",
    ]);
    let start = prop::sample::select(vec![
        "ExecStart=/usr/bin/bundle exec puma -d",
        "ExecStart=/bin/puma --daemon -C config/puma.rb",
        "ExecStart=/bin/bash -lc 'cd /srv/app && bundle exec puma -d -C \"config/puma.rb\" --control unix:///x'",
        "ExecStart=/bin/sh -c 'puma --daemon'",
        "ExecStart=/bin/puma \\\n  --daemon \\\n  -p 1",
        "ExecStart=RAILS_ENV=x /bin/puma",
        "ExecStart=/bin/puma",
    ]);
    (prop::collection::vec(line, 0..7), start, prop::bool::ANY).prop_map(|(lines, start, windows)| {
        let text = format!("[Service]\nWorkingDirectory=/srv/app\n{start}\n{}\n", lines.join("\n"));
        if windows { text.replace('\n', "\r\n") } else { text }
    })
}

fn monit() -> impl Strategy<Value = String> {
    let path = prop::sample::select(vec!["/run/x.pid", "\"/srv/app/puma.pid\"", "'/srv/app/shared/x.pid'"]);
    let start = prop::sample::select(vec![
        "start program = \"/bin/bash -lc 'puma --daemon'\"",
        "start program = \"/bin/systemctl start puma\"",
        "start \"/usr/bin/puma -d\" as uid deploy with timeout 9 seconds",
        "start program = \"/bin/bash -c \"puma\"\"",
        "",
    ]);
    let stop = prop::sample::select(vec![
        "stop program = \"/bin/kill -9 1\"",
        "stop program = \"/bin/bash -lc 'pumactl -S x stop'\" as uid 1 and gid 2",
        "",
    ]);
    (path, start, stop, prop::sample::select(vec!["", "\u{feff}"])).prop_map(|(path, start, stop, mark)| {
        format!("{mark}check process puma with pidfile {path}\n  {start}\n  {stop}\n")
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, max_shrink_iters: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn generated_deployments_keep_the_laws(
        config in config(), unit in unit(), drop_in in prop::option::of(unit()), monit in monit(),
        release in prop::sample::select(vec!["4.3.12", "5.6.5", "6.6.1", "8.0.2"]), also_unsafe in prop::bool::ANY,
    ) {
        let mut files: Vec<(&str, FileKind, &[u8])> = vec![
            ("config/puma.rb", FileKind::Puma, config.as_bytes()),
            ("deploy/puma.service", FileKind::Systemd, unit.as_bytes()),
            ("ops/puma.monit", FileKind::Monit, monit.as_bytes()),
        ];
        let drop_in = drop_in.unwrap_or_default();
        if !drop_in.is_empty() {
            files.push(("deploy/puma.service.d/a.conf", FileKind::Systemd, drop_in.as_bytes()));
        }
        let before = deployment(&files);
        let most = MOST[usize::from(also_unsafe)];
        check("generated", &before, &options(release), most);
        let wanted = texts(&before, &options(release), most);
        files.reverse();
        prop_assert_eq!(texts(&deployment(&files), &options(release), most), wanted);
    }

    /// Bytes outside the edits are untouched, inside them the replacement stands.
    #[test]
    fn edits_change_what_they_cover_and_nothing_else(
        text in prop::collection::vec(any::<u8>(), 0..60), cuts in prop::collection::btree_set(0_usize..60, 0..8), with in "[a-c]{0,3}",
    ) {
        let cuts: Vec<usize> = cuts.into_iter().filter(|at| *at <= text.len()).collect();
        let edits: Vec<Edit> = cuts
            .chunks_exact(2)
            .map(|pair| Edit { file: FileId(0), span: Span::new(pair[0], pair[1]), replacement: with.clone() })
            .collect();
        let mut wanted = Vec::new();
        for (at, byte) in text.iter().enumerate() {
            if let Some(edit) = edits.iter().find(|edit| edit.span.start == at) {
                wanted.extend_from_slice(edit.replacement.as_bytes());
            }
            if !edits.iter().any(|edit| edit.span.range().contains(&at)) {
                wanted.push(*byte);
            }
        }
        prop_assert_eq!(apply(&text, edits.iter().rev().collect()), wanted);
    }
}

#[test]
fn recorded_configs_keep_the_laws_inside_a_deployment() {
    let unit = b"[Service]\nType=forking\nUser=a\nWorkingDirectory=/srv/app\nExecStart=/usr/bin/bundle exec puma -d\nRemainAfterExit=1\n";
    let mut paths: Vec<_> =
        fs::read_dir(here("fixtures/puma/cases")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut together = 0;
    for path in paths {
        let text = fs::read(&path).unwrap();
        let before = deployment(&[
            ("config/puma.rb", FileKind::Puma, &text),
            ("deploy/puma.service", FileKind::Systemd, unit),
        ]);
        check(name(&path), &before, &options("8.0.2"), MOST[1]);
        let fixed = fix(&before, &options("8.0.2"), MOST[0]).unwrap();
        let daemon = fixed.changes.len() == 2;
        together += usize::from(daemon);
        let forks =
            String::from_utf8_lossy(fixed.changes.get(&FileId(1)).map_or(unit.as_slice(), Vec::as_slice))
                .contains("forking");
        // The unit stops waiting for a fork exactly when no config asks for one any more.
        let asks = fixed.outcome.findings.iter().any(|finding| {
            finding.diagnostic.rule == "removed-directive"
                && finding.diagnostic.message.contains("`daemonize`")
        });
        assert!(!(daemon && forks), "{}", name(&path));
        assert!(!asks || forks || daemon, "{}: the unit went alone", name(&path));
    }
    assert!(together >= 6, "{together}");
}

fn name(path: &Path) -> &str {
    path.file_stem().unwrap().to_str().unwrap()
}
