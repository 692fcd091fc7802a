//! What people see, as pictures.

use super::*;
use crate::model::{Applicability, Diagnostic, Edit, FileKind, Fix, Severity, Span, Speaker, Story};
use crate::output::testing::*;

fn show(world: &World, style: Style) -> String {
    text(|out| write(&world.report(), &style, out))
}

fn fix(title: &str, applicability: Applicability, at: crate::model::Location) -> Fix {
    Fix {
        title: title.into(),
        applicability,
        edits: vec![Edit { file: at.file, span: at.span, replacement: String::new() }],
    }
}

const CONFIG: &str = "\
app_dir = File.expand_path('..', __dir__)
workers 2
pidfile \"#{app_dir}/tmp/pids/puma.pid\"
daemonize true
on_worker_boot do
  connect
end
";

const UNIT: &str = "\
[Service]
Type=forking
ExecStart=/usr/local/bin/bundle exec puma -C config/puma.rb --daemon
";

const MONIT: &str = "\
check process shop with pidfile \"/srv/shop/shared/puma.pid\"
  start program = \"/bin/bash -lc 'cd /srv/shop/current && bundle exec puma --daemon'\"
";

fn daemonizing() -> World {
    let mut world = World::new();
    let config = world.file("config/puma.rb", FileKind::Puma, CONFIG);
    let unit = world.file("deploy/shop.service", FileKind::Systemd, UNIT);
    let monit = world.file("ops/monitrc", FileKind::Monit, MONIT);
    let at = world.at(config, "daemonize true");
    let cause = world.find(
        Diagnostic::new(
            "removed-directive",
            Severity::Error,
            at,
            "Puma 8.0.2 does not know `daemonize`: the server will not boot",
        )
        .label("removed in 5.0.0, nothing replaces it")
        .quote(Speaker::Puma, "undefined method `daemonize' for #<Puma::DSL")
        .help("let systemd keep Puma running; then nothing needs to daemonize")
        .fix(fix("remove `daemonize`", Applicability::Safe, at)),
    );
    let at = world.at(unit, "Type=forking");
    world.follow(
        cause,
        Diagnostic::new("forking-service", Severity::Error, at, "Puma 8.0.2 does not fork")
            .label("the start will time out")
            .help("make it Type=notify: Puma tells systemd when it is ready")
            .role(Story::Daemonizing, 2)
            .fix(fix("make it Type=notify", Applicability::Safe, at)),
    );
    for file in [unit, monit] {
        let at = world.at(file, "--daemon");
        world.follow(
            cause,
            Diagnostic::new("removed-flag", Severity::Error, at, "Puma 8.0.2 does not know --daemon")
                .label("invalid option: --daemon")
                .role(Story::Daemonizing, 1)
                .fix(fix("remove --daemon", Applicability::Unsafe, at)),
        );
    }
    world
}

fn mismatch() -> World {
    let mut world = World::new();
    let config = world.file("config/puma.rb", FileKind::Puma, format!("{}{CONFIG}", "\n".repeat(9)));
    let monit = world.file("ops/monitrc", FileKind::Monit, MONIT);
    let at = world.at(monit, "\"/srv/shop/shared/puma.pid\"");
    let also = world.at(config, "\"#{app_dir}/tmp/pids/puma.pid\"");
    world.find(
        Diagnostic::new("pidfile-mismatch", Severity::Error, at, "Monit watches a file that nothing writes")
            .label("watched here")
            .also(also, "Puma writes /srv/shop/current/tmp/pids/puma.pid")
            .quote(Speaker::Monit, "'shop' failed to start (exit status 0) -- no output")
            .help("watch the file that Puma writes:\nwith pidfile \"/srv/shop/current/tmp/pids/puma.pid\""),
    );
    world
}

/// One finding in one file, without the summary.
fn one(content: impl AsRef<[u8]>, start: usize, end: usize, label: &str, style: Style) -> String {
    let mut world = World::new();
    let file = world.file("puma.rb", FileKind::Puma, content);
    let at = world.span(file, start, end);
    world.find(Diagnostic::new("rule", Severity::Info, at, "m").label(label));
    let shown = show(&world, style);
    let (finding, _) = shown.split_once("\n\n").unwrap();
    finding.lines().skip(1).map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_cause_and_its_consequences() {
    assert_eq!(
        show(&daemonizing(), Style::default()),
        r##"error[removed-directive]: Puma 8.0.2 does not know `daemonize`: the server will
    not boot
   ╭─[config/puma.rb:4:1]
 3 │ pidfile "#{app_dir}/tmp/pids/puma.pid"
 4 │ daemonize true
   · ───────┬──────
   ·        ╰── removed in 5.0.0, nothing replaces it
   ╰────
  Puma says: undefined method `daemonize' for #<Puma::DSL
  This also waits for a Puma that forks:
    deploy/shop.service:2   Type=forking           the start will time out
      error[forking-service] help: make it Type=notify: Puma tells systemd when
        it is ready
        puma-lint fix    make it Type=notify
    deploy/shop.service:3   ExecStart=… --daemon   invalid option: --daemon
    ops/monitrc:2           … exec puma --daemon   invalid option: --daemon
      error[removed-flag] help: remove --daemon
        puma-lint fix --unsafe    remove --daemon
  help: let systemd keep Puma running; then nothing needs to daemonize
        puma-lint fix    remove `daemonize`

3 files checked for Puma 8.0.2 (Gemfile.lock): config/puma.rb,
  deploy/shop.service, ops/monitrc
4 errors; 2 can be fixed: puma-lint fix (2 more with --unsafe)
"##
    );
}

#[test]
fn labels_in_several_files_share_a_box() {
    assert_eq!(
        show(&mismatch(), Style::default()),
        r##"error[pidfile-mismatch]: Monit watches a file that nothing writes
    ╭─[ops/monitrc:1:33]
  1 │ check process shop with pidfile "/srv/shop/shared/puma.pid"
    ·                                 ─────────────┬─────────────
    ·                                              ╰── watched here
    ├─[config/puma.rb:12:9]
 11 │ workers 2
 12 │ pidfile "#{app_dir}/tmp/pids/puma.pid"
    ·         ───────────────┬──────────────
    ·                        ╰── Puma writes /srv/shop/current/tmp/pids/puma.pid
    ╰────
  Monit says: 'shop' failed to start (exit status 0) -- no output
  help: watch the file that Puma writes:
        with pidfile "/srv/shop/current/tmp/pids/puma.pid"

2 files checked for Puma 8.0.2 (Gemfile.lock): config/puma.rb, ops/monitrc
1 error
"##
    );
}

#[test]
fn ascii_and_narrow() {
    let style = Style { unicode: false, width: 60, ..Style::default() };
    assert_eq!(
        show(&mismatch(), style),
        r##"error[pidfile-mismatch]: Monit watches a file that nothing
    writes
    ,-[ops/monitrc:1:33]
  1 | ...s shop with pidfile "/srv/shop/shared/puma.pid"
    :                        ^^^^^^^^^^^^^|^^^^^^^^^^^^^
    :                                     `-- watched here
    |-[config/puma.rb:12:9]
 11 | workers 2
 12 | ... "#{app_dir}/tmp/pids/puma.pid"
    :     ^^^^^^^^^^^^^^^|^^^^^^^^^^^^^^
    :                    `-| Puma writes
    :                      | /srv/shop/current/tmp/pids/puma.pid
    `----
  Monit says: 'shop' failed to start (exit status 0) -- no
    output
  help: watch the file that Puma writes:
        with pidfile "/srv/shop/current/tmp/pids/puma.pid"

2 files checked for Puma 8.0.2 (Gemfile.lock):
  config/puma.rb, ops/monitrc
1 error
"##
    );
}

#[test]
fn where_there_is_no_room_beside_an_excerpt_words_stand_below() {
    let shown = show(&daemonizing(), Style { width: 60, ..Style::default() });
    assert!(
        shown.contains(
            "    ops/monitrc:2           … exec puma --daemon
      invalid option: --daemon
      error[removed-flag] help: remove --daemon
"
        ),
        "{shown}"
    );
}

#[test]
fn colour_and_links_are_only_where_they_are_wanted() {
    let world = daemonizing();
    assert!(!show(&world, Style::default()).contains('\x1b'));
    let linked = show(&world, Style { links: true, ..Style::default() });
    assert!(linked.contains("\x1b]8;;https://github.com/puma-lint/puma-lint/blob/main/fixtures/rules/removed-directive.md\x1b\\[removed-directive]\x1b]8;;\x1b\\"));
    let coloured = show(&world, Style { color: true, ..Style::default() });
    assert!(coloured.starts_with("\x1b[1;31merror\x1b[0m\x1b[1;31m[removed-directive]\x1b[0m\x1b[1m: Puma"));
    let mut plain = coloured;
    while let Some(start) = plain.find("\x1b[") {
        let end = start + plain[start..].find('m').unwrap();
        plain.replace_range(start..=end, "");
    }
    assert_eq!(plain, show(&world, Style::default()), "colour changes no text");
}

#[test]
fn carets_stand_right_under_wide_characters_and_tabs() {
    assert_eq!(
        one("\tport \"日本é\"\r\n", 6, 16, "here", Style::default()),
        "   ╭─[puma.rb:1:7]\n 1 │     port \"日本é\"\n   ·          ───┬───\n   ·             ╰── here\n   ╰────\n"
    );
}

#[test]
fn at_the_end_of_a_file_something_is_marked() {
    let style = Style::default();
    for (content, at, line) in [
        ("port 1", 6, " 1 │ port 1\n   ·       ▲\n   ·       ╰── end"),
        ("port 1\r\n", 8, " 1 │ port 1\n 2 │\n   · ▲\n   · ╰── end"),
        ("port 1\n", 6, " 1 │ port 1\n   ·       ▲\n   ·       ╰── end"),
        ("", 0, " 1 │\n   · ▲\n   · ╰── end"),
        ("", 99, " 1 │\n   · ▲\n   · ╰── end"),
        ("x", 98, " 1 │ x\n   ·  ▲\n   ·  ╰── end"),
    ] {
        let shown = one(content, at, at + 1, "end", style);
        assert!(shown.contains(&format!("]\n{line}\n   ╰")), "{content:?} {at}\n{shown}");
    }
}

#[test]
fn what_is_not_written_has_no_frame() {
    let mut world = World::new();
    let file = world.file("puma.rb", FileKind::Puma, "port 1\n");
    let at = world.span(file, 6, 6);
    let diagnostic =
        Diagnostic::new("rule", Severity::Info, at, "m").label("nothing sets `x`").help("nothing to do");
    world.find(diagnostic.unwritten());
    let shown = show(&world, Style::default());
    assert!(
        shown.starts_with("info[rule]: m\n  puma.rb: nothing sets `x`\n  help: nothing to do\n\n"),
        "{shown}"
    );
}

#[test]
fn of_a_span_over_several_lines_the_first_is_marked() {
    let start = CONFIG.find("on_worker").unwrap();
    assert_eq!(
        one(CONFIG, start, CONFIG.len(), "", Style::default()),
        "   ╭─[puma.rb:5:1]\n 4 │ daemonize true\n 5 │ on_worker_boot do\n   · ─────────────────\n   ╰────\n"
    );
}

#[test]
fn a_huge_line_is_cut_around_its_label() {
    let content = format!("{} daemonize {}", "é".repeat(300_000), "x".repeat(300_000));
    let shown = one(content, 600_001, 600_010, "removed", Style { width: 50, ..Style::default() });
    assert_eq!(
        shown,
        "   ╭─[puma.rb:1:300002]
 1 │ …éééééééééééééééééééééé daemonize xxxxxxxxxx…
   ·                         ────┬────
   ·                             ╰── removed
   ╰────
"
    );
}

#[test]
fn a_line_that_is_cut_anyway_makes_room_for_its_label() {
    let content =
        "bind \"unix:///srv/shop/shared/tmp/sockets/puma.sock?backlog=1024&umask=0111\", reuse: true\n";
    let start = content.find("reuse").unwrap();
    assert_eq!(
        one(content, start, start + 5, "`bind` takes no options of that name", Style::default()),
        "   ╭─[puma.rb:1:79]
 1 │ …ock?backlog=1024&umask=0111\", reuse: true
   ·                                ──┬──
   ·                                  ╰── `bind` takes no options of that name
   ╰────
"
    );
}

#[test]
fn what_a_file_holds_cannot_drive_the_terminal() {
    let shown = one(b"a\x1b]0;t\x07 \xe2\x80\xae b\xff\rc", 2, 6, "x\x1by", Style::default());
    assert!(shown.contains(" 1 │ a\\x1b]0;t\\x07 \\u{202e} b\\xff\\rc\n"), "{shown}");
    assert!(shown.contains("╰── x\\x1by\n"), "{shown}");
}

#[test]
fn labels_that_share_lines_or_places() {
    let mut world = World::new();
    let file = world.file("puma.rb", FileKind::Puma, "bind \"tcp://0.0.0.0\" # b\n\n\n\n\n\nport 1\n");
    let near = world.at(file, "\"tcp://0.0.0.0\"");
    world.find(
        Diagnostic::new("rule", Severity::Error, world.at(file, "port"), "m")
            .label("own")
            .also(world.at(file, "bind \"tcp://0.0.0.0\""), "outer")
            .also(near, "inner")
            .also(near, "again"),
    );
    let shown = show(&world, Style::default());
    assert!(
        shown.contains(
            "   ╭─[puma.rb:7:1]
 7 │ port 1
   · ──┬─
   ·   ╰── own
   ├─[puma.rb:1:1]
 1 │ bind \"tcp://0.0.0.0\" # b
   · ──┬─────────┬───────
   ·   │         ╰── inner; again
   ·   ╰── outer
   ╰────
"
        ),
        "{shown}"
    );
}

#[test]
fn launches_are_named_where_others_are_not_concerned() {
    let mut world = World::new();
    let file = world.file("puma.rb", FileKind::Puma, "a b\n");
    for (needle, launches) in [("a", vec!["web.service"]), ("b", vec!["web.service", "beta.service"])] {
        let mut diagnostic = Diagnostic::new("rule", Severity::Info, world.at(file, needle), "m");
        diagnostic.launches = launches.into_iter().map(String::from).collect();
        world.find(diagnostic);
    }
    let shown = show(&world, Style::default());
    assert_eq!(shown.matches("  Only for web.service\n").count(), 1, "{shown}");
    assert!(shown.ends_with("puma.rb\n2 infos\n"), "{shown}");
}

#[test]
fn every_finding_is_shown_once_whatever_the_causes_say() {
    let mut world = World::new();
    let file = world.file("puma.rb", FileKind::Puma, "a\n");
    let at = world.at(file, "a");
    for cause in [None, Some(1), Some(2), Some(99), Some(5), Some(7), Some(6)] {
        let id = world.find(Diagnostic::new("rule", Severity::Info, at, "m").label("label"));
        world.findings[id - 1].cause = cause;
        world.findings[id - 1].diagnostic.message = format!("<{id}>");
        world.findings[id - 1].diagnostic.label = format!("<{id}>");
    }
    let shown = show(&world, Style::default());
    for id in 1..=7 {
        assert!(shown.contains(&format!("<{id}>")), "{id}\n{shown}");
    }
    assert_eq!(shown.matches("This follows from it:").count(), 1, "{shown}");
}

#[test]
fn a_thousand_findings_cost_no_more_in_a_large_file() {
    let mut world = World::new();
    let file = world.file("puma.rb", FileKind::Puma, "port ENV.fetch(\"PORT\", 3000) # é\n".repeat(30_000));
    for index in 0..1000 {
        let at = world.span(file, index * 980, index * 980 + 4);
        world.find(Diagnostic::new("rule", Severity::Info, at, "m").label("here").help("h"));
    }
    let begun = std::time::Instant::now();
    assert_eq!(show(&world, Style::default()).matches("╰── here").count(), 1000);
    // Far above what it takes; reading the file for each finding would take longer by far.
    assert!(begun.elapsed().as_millis() < 2500, "{:?}", begun.elapsed());
}

proptest::proptest! {
    /// Whatever the bytes and the places are, it is shown, and without a raw control character.
    #[test]
    fn anything_can_be_shown(
        content in proptest::collection::vec(
            proptest::sample::select(&b"ab \t\n\r\x1b\xff\xc3\xa9\xe6\x97\xa5=\xef\xbb\xbf"[..]), 0..300),
        places in proptest::collection::vec((0usize..320, 0usize..320, "[a-z\u{1b}\n ]{0,60}"), 1..6),
        width in 0usize..120,
        unicode: bool,
    ) {
        let mut world = World::new();
        let files = [
            world.file("a\x07.rb", FileKind::Puma, &content),
            world.file("b.service", FileKind::Systemd, &content),
        ];
        let at = |index: usize| {
            let (start, end, _) = places[index % places.len()];
            crate::model::Location { file: files[index % 2], span: Span::new(start, end) }
        };
        let mut diagnostic = Diagnostic::new("rule", Severity::Error, at(0), "m").label(&places[0].2);
        for (index, (_, _, text)) in places.iter().enumerate().skip(1) {
            diagnostic = diagnostic.also(at(index), text);
        }
        let cause = world.find(diagnostic.clone());
        diagnostic.location = at(1);
        world.follow(cause, diagnostic);
        let shown = show(&world, Style { width, unicode, ..Style::default() });
        proptest::prop_assert!(!shown.chars().any(|c| c != '\n' && c.is_control()), "{shown:?}");
        let marks = if unicode { ['┬', '▲'] } else { ['|', '^'] };
        proptest::prop_assert!(places[0].2.is_empty() || shown.contains(marks), "{shown}");
        text(|out| crate::output::concise::write(&world.report(), out));
        text(|out| crate::output::json::write(&world.report(), out));
    }
}
