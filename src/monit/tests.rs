//! What a control file gives, and where it stands. That Monit agrees is for the test against the real program.

use super::*;
use crate::model::{Span, Word};

const CHECK: &str = "check process puma with pidfile /run/puma.pid\n";

/// The one process check of a file that Monit accepts.
fn check(body: &str) -> (String, ProcessCheck) {
    let file = format!("{CHECK}{body}");
    let control = parse(file.as_bytes());
    assert!(control.is_accepted(), "{:?} {:?}", control.error, control.errors);
    let check = control.checks[0].clone();
    (file, check)
}

fn error(file: &str) -> SyntaxError {
    parse(file.as_bytes()).error.unwrap()
}

fn texts(words: &[Word]) -> Vec<&str> {
    words.iter().map(Word::text).collect()
}

fn start(body: &str) -> (String, Program) {
    let (file, check) = check(body);
    (file, check.start.unwrap())
}

fn warns(program: &Program, kind: ProgramWarningKind) -> bool {
    program.warnings.iter().any(|warning| warning.kind == kind)
}

#[test]
fn every_value_knows_its_place() {
    let (file, check) =
        check("  start program = \"/bin/x 'a b'\" as uid root with timeout 60 seconds\n# end\n");
    let start = check.start.unwrap();
    let text = |span: Span| &file[span.range()];
    assert_eq!(text(check.keyword_span), "check process ");
    assert_eq!(text(check.name.span()), "puma");
    assert_eq!(text(check.watch.span), "pidfile /run/puma.pid");
    assert_eq!(text(start.keyword_span), "start program =");
    assert_eq!(text(start.quotes.unwrap()), "/bin/x 'a b'");
    assert_eq!(text(start.words[1].span()), "'a b'");
    assert_eq!(text(start.words[1].span_of(2..3)), "b");
    assert_eq!(text(start.uid.unwrap().value.span()), "root");
    assert_eq!(text(start.timeout.unwrap().span), "timeout 60 seconds");
    assert!(text(start.span).starts_with("start") && text(start.span).ends_with("60 seconds"));
    assert!(text(check.span).ends_with("60 seconds"));
    assert_eq!(text(parse(file.as_bytes()).comments[0]), "# end");
}

#[test]
fn without_options_a_program_ends_with_its_quote() {
    let (file, program) = start("start program = \"/bin/x a\"  # c\n");
    assert_eq!(&file[program.span.range()], "start program = \"/bin/x a\"");
}

#[test]
fn groups_begin_with_a_word_only() {
    let (_, program) = start("start program = \"/bin/sh -c 'a b'c d'e f'\"\n");
    assert_eq!(texts(&program.words), ["/bin/sh", "-c", "a b", "c", "d'e", "f'"]);
    assert!(program.warnings.is_empty());
}

#[test]
fn a_nested_quote_closes_the_command() {
    let (file, program) = start("start program = \"/bin/bash -c \"cd /a && puma\"\"\n");
    assert_eq!(texts(&program.words), ["/bin/bash", "-c", "cd", "/a", "&&", "puma", ""]);
    assert_eq!(program.quoted_words, 2);
    let warning =
        program.warnings.iter().find(|warning| warning.kind == ProgramWarningKind::WordsAfterQuote).unwrap();
    assert_eq!(&file[warning.span.range()], "cd /a && puma\"\"");
}

#[test]
fn a_keyword_after_a_nested_quote_begins_another_program() {
    let (_, check) = check("start program = \"/bin/bash -lc \"systemctl start shop\"\"\n");
    assert_eq!(texts(&check.start.unwrap().words), ["shop", ""]);
}

#[test]
fn an_unclosed_command_reaches_to_the_end() {
    let (_, program) = start("start program = \"/bin/true\nstop program = /bin/x\n");
    assert!(program.unclosed && warns(&program, ProgramWarningKind::Unclosed));
    assert_eq!(texts(&program.words), ["/bin/true", "stop", "program", "=", "/bin/x"]);
}

#[test]
fn commands_without_argument_mode() {
    let (_, program) = start("start program '/bin/systemctl start puma'\n");
    assert!(!program.quoted && warns(&program, ProgramWarningKind::BlankInProgram));
    let (_, program) = start("start program /bin/systemctl start puma\n");
    assert_eq!(texts(&program.words), ["puma"]);
    assert!(
        warns(&program, ProgramWarningKind::NotQuoted) && warns(&program, ProgramWarningKind::NotAbsolute)
    );
    assert_eq!(error(&format!("{CHECK}start program = /bin/x\n")).words, "syntax error '='");
}

#[test]
fn the_last_program_holds() {
    let file = format!("{CHECK}start = \"/bin/a\"\nstart = \"/bin/b\"\n");
    let control = parse(file.as_bytes());
    assert_eq!(control.checks[0].start.as_ref().unwrap().words[0].text(), "/bin/b");
    assert_eq!(&file[control.warnings[0].span.range()], "start = \"/bin/a\"");
}

#[test]
fn sixty_three_words_and_no_more() {
    let file = |words: usize| format!("{CHECK}start program = \"{}\"\n", "w ".repeat(words));
    assert!(parse(file(63).as_bytes()).is_accepted());
    let complaint = &parse(file(64).as_bytes()).errors[0];
    assert_eq!(complaint.kind, ComplaintKind::TooManyArguments);
    assert_eq!(complaint.words, "Exceeded maximum number of program arguments 'w'");
}

#[test]
fn syntax_errors_name_their_place() {
    let cases = [
        ("check process puma\n  with pidfile tmp/a.pid\n", Place::Pidfile, "syntax error 'tmp/a.pid'", 2),
        ("check process puma\n", Place::Watch, "syntax error ''", 2),
        ("check process a@b pidfile /x\n", Place::Watch, "syntax error '@'", 1),
        (
            "check process a pidfile /x\nstart = \"/x\" timeout 2 minutes",
            Place::Timeout,
            "syntax error 'minutes'",
            2,
        ),
        (
            "check process a pidfile /x\nif mem > 300MB then alert",
            Place::TestValue,
            "syntax error '300MB'",
            2,
        ),
        ("check process a pidfile /x\nif mem > 300 M then alert", Place::TestUnit, "syntax error 'M'", 2),
        ("check process a pidfile /x\nif cpu > 65 then alert", Place::TestUnit, "syntax error 'then'", 2),
        (
            "check process a pidfile /x\nif total_mem > 6 MB then alert",
            Place::Test,
            "syntax error 'total_mem'",
            2,
        ),
        ("check process a pidfile /x\nfoo", Place::Statement, "syntax error 'foo'", 2),
        ("set daemon 30 seconds", Place::Statement, "syntax error 'seconds'", 1),
        ("\u{feff}set daemon 30", Place::Statement, "syntax error '\u{feff}set'", 1),
    ];
    for (file, place, words, line) in cases {
        let error = error(file);
        assert_eq!((error.place, error.words.as_str(), error.line), (place, words, line), "{file}");
    }
}

#[test]
fn a_syntax_error_tells_its_check() {
    assert_eq!(error(&format!("{CHECK}foo")).inside, Some(0));
    assert_eq!(error(&format!("{CHECK}set daemon 3 x")).inside, None);
}

#[test]
fn a_nul_between_tokens_ends_the_file() {
    let file = format!("{CHECK}\0 nonsense");
    let control = parse(file.as_bytes());
    assert!(control.is_accepted());
    assert_eq!(control.nul, Some(CHECK.len()));
    assert_eq!(parse(b"# a\0b\n").nul, None);
}

#[test]
fn an_include_knows_its_check() {
    let file =
        format!("include a\n{CHECK}include b\nstart = \"/x\"\ninclude c\nset daemon 3\ninclude \"d e\"\n");
    let control = parse(file.as_bytes());
    let includes: Vec<_> = control
        .includes
        .iter()
        .map(|found| (found.pattern.text(), found.inside, found.options_follow))
        .collect();
    assert_eq!(
        includes,
        [("a", None, false), ("b", Some(0), true), ("c", Some(0), false), ("d e", None, false)]
    );
}

#[test]
fn tests_keep_what_they_compare() {
    let (file, check) = check("if totalmem usage > 300.5 MB for 3 cycles then restart else alert\n");
    let test = &check.tests[0];
    let Condition::Resources(resources) = &test.condition else { panic!("{test:?}") };
    assert_eq!((resources[0].name, resources[0].operator), ("total memory", ">"));
    assert_eq!((resources[0].value, resources[0].unit), (300.5, Some("megabyte")));
    assert_eq!(&file[resources[0].value_span.range()], "300.5");
    assert_eq!(test.what, "totalmem usage > 300.5 MB");
    assert_eq!(test.rate.map(|rate| (rate.times, rate.cycles)), Some((3, 3)));
    assert_eq!(test.recovery.as_ref().map(|action| action.kind), Some(ActionKind::Alert));
}

#[test]
fn connections_keep_where_they_lead() {
    let (_, check) = check(
        "if failed host ::1 port 3000 protocol http request /up with timeout 10 seconds then restart\n\
         if failed unixsocket /run/puma.sock then alert\n\
         if 3 restarts within 5 cycles then timeout\n",
    );
    let Condition::Port { host, port, protocol, request, timeout, ssl } = &check.tests[0].condition else {
        panic!()
    };
    assert_eq!(
        (host.as_ref().map(Word::text), port.value, *protocol, *ssl),
        (Some("::1"), 3000, Some("http"), false)
    );
    assert_eq!(
        (request.as_ref().map(Word::text), timeout.map(|timeout| timeout.seconds)),
        (Some("/up"), Some(10))
    );
    assert!(
        matches!(&check.tests[1].condition, Condition::UnixSocket { path, .. } if path.text() == "/run/puma.sock")
    );
    assert_eq!(check.tests[2].action.kind, ActionKind::Unmonitor);
}

#[test]
fn sets_keep_their_values() {
    let control =
        parse(b"set daemon 30 with start delay 5\nset limits { startTimeout: 90 s, programOutput: 1 kB }\n");
    let SetValue::Daemon { seconds, start_delay } = &control.sets[0].value else { panic!() };
    assert_eq!((seconds.value, start_delay.map(|delay| delay.value)), (30, Some(5)));
    let SetValue::Limits(limits) = &control.sets[1].value else { panic!() };
    let limits: Vec<_> = limits.iter().map(|limit| (limit.name, limit.value.value, limit.unit)).collect();
    assert_eq!(limits, [("starttimeout", 90, Some("second")), ("programoutput", 1, Some("kilobyte"))]);
}

#[test]
fn other_checks_are_passed_over() {
    let control =
        parse(b"check filex path /etc/passwd\n if changed checksum then alert\ncheck puma pidfile /x\n");
    assert!(control.is_accepted());
    assert_eq!((control.other_checks[0].kind, control.other_checks[0].name.text()), (CheckKind::File, "x"));
    assert_eq!(control.checks[0].name.text(), "puma");
}

#[test]
fn names_and_dependencies_have_to_make_sense() {
    let kinds =
        |file: &str| parse(file.as_bytes()).errors.into_iter().map(|error| error.kind).collect::<Vec<_>>();
    assert_eq!(kinds(&format!("{CHECK}check process PUMA pidfile /x\n")), [ComplaintKind::NameConflict]);
    assert_eq!(kinds("check process /puma pidfile /x"), [ComplaintKind::NameIsPath]);
    assert_eq!(kinds(&format!("{CHECK}depends on x\n")), [ComplaintKind::UnknownDependency]);
    assert_eq!(kinds(&format!("{CHECK}depends on x\ninclude /y\n")), []);
    assert_eq!(kinds(&format!("{CHECK}depends on puma\n")), [ComplaintKind::DependencyLoop]);
    assert_eq!(kinds(&format!("{CHECK}'\n")), [ComplaintKind::Lexical]);
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        parse(&bytes);
    }

    #[test]
    fn any_words_are_read_and_every_place_is_in_the_file(
        words in proptest::collection::vec(proptest::sample::select(vec![
            "check process ", "check ", "puma", " pidfile ", " matching ", "/x", "\"", "'", "\n", " ", "#", "\\", "\\0x4",
            "start program = \"", "stop", "if ", "mem", " > ", "3", " MB ", "then ", "alert ", "depends on ", ",", "group ",
            "every ", "include ", "http://", "http headers ", "from: ", "message:", "{", "}", ":", "@", "\0", "é", "set ",
            "limits ", "path \"", "check program ", "failed port 3", " protocol http ", "[", "]", "timeout ", "seconds",
        ]), 0..40),
    ) {
        let file = words.concat();
        let control = parse(file.as_bytes());
        let whole = Span::new(0, file.len());
        let spans = control.checks.iter().map(|check| check.span)
            .chain(control.comments.iter().copied())
            .chain(control.includes.iter().map(|include| include.span))
            .chain(control.errors.iter().map(|error| error.span))
            .chain(control.error.iter().map(|error| error.span))
            .chain(control.checks.iter().flat_map(|check| &check.start).flat_map(|program| &program.words).map(Word::span));
        for span in spans {
            assert!(whole.contains(span));
            assert!(file.is_char_boundary(span.start) || control.nul.is_none());
        }
    }
}

#[test]
fn time_is_linear_in_hostile_files() {
    for piece in [
        "'",
        "\"",
        "'a",
        "\"/",
        "http://",
        "a:",
        "start \"' ",
        "depends on \n",
        "depends on ,\n",
        "include \"",
        "message:",
        "http headers : \"",
        "every '1 ",
        "1:",
        "cpu ",
        "total ",
        "cpu (",
        "cpu usage",
        "loadavg (",
        "\\0x",
        "#",
        "check \"a",
        "from: <",
        "group \"",
        "http://a:b",
        "http://[",
        "\u{0}",
        "if mem > 3 ",
        "check a pidfile /x ",
        "depends on a ",
        "not    ",
        "start    ",
    ] {
        let file = piece.repeat(100_000 / piece.len());
        let before = std::time::Instant::now();
        parse(file.as_bytes());
        let prefixed = format!("check a pidfile /x start \"{file}");
        parse(prefixed.as_bytes());
        let prefixed = format!("http://{file}");
        parse(prefixed.as_bytes());
        assert!(before.elapsed().as_secs() < 10, "{piece:?} took {:?}", before.elapsed());
    }
}
