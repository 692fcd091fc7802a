//! Whole command lines against what the real option parsers made of them.

use std::collections::BTreeMap;

use puma_lint::catalog::command_line::{FailureKind, OptionValue};
use puma_lint::catalog::{CommandLine, FlagMatch, Program, Release, default};
use serde_json::{Value, json};

use super::recorded;

fn parse(program: Program, line: &str, release: Release) -> CommandLine {
    CommandLine::parse(program, &line.split_whitespace().collect::<Vec<_>>(), release)
}

fn release(name: &str) -> Release {
    Release::parse(name).unwrap().release
}

/// What a command line sets, as the recording writes it: without what is as it is anyway.
fn sets(line: &CommandLine, words: &[&str], release: Release) -> BTreeMap<String, String> {
    let mut sets = BTreeMap::new();
    for (option, value) in line.options() {
        let text = match value {
            OptionValue::Known(value) => value.to_string().trim_matches('"').to_owned(),
            OptionValue::Text(text) => text.clone(),
            OptionValue::Integer(value) => value.to_string(),
            // The default host depends on the machine.
            OptionValue::TcpPort(port) => format!("[tcp://*:{port}]"),
            OptionValue::Item(item) => format!("[{item}]"),
        };
        let known = default(option).and_then(|default| default.at(release));
        if known.map(|value| value.to_string()) == Some(text.clone()) {
            continue;
        }
        sets.insert((*option).to_owned(), text);
    }
    if let Some(rackup) = line.operands.first() {
        sets.insert("rackup".into(), words[*rackup].to_owned());
    }
    // Not options of their own, or kept elsewhere.
    for internal in ["config_files", "plugins"] {
        sets.remove(internal);
    }
    // From 3.0.0 on the token counts only together with a control server.
    if release >= self::release("3.0.0") && !sets.contains_key("control_url") {
        sets.remove("control_auth_token");
    }
    // `auto` becomes an address of this process; it is the same option.
    if let Some(url) = sets.get_mut("control_url").filter(|url| *url == "auto") {
        *url = "unix://<tmp>/puma-status-<t>-<pid>".into();
    }
    sets
}

fn recorded_sets(row: &Value, line: &str) -> BTreeMap<String, String> {
    let mut sets = BTreeMap::new();
    for (option, value) in row["sets"].as_object().into_iter().flatten() {
        // Consequences of other options.
        let derived = ["control_url_temp", "tag"].contains(&option.as_str())
            && !line.contains(option.as_str())
            || option == "preload_app" && !line.contains("--preload")
            || *value == json!("<random>");
        if derived {
            continue;
        }
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Array(items) => format!(
                "[{}]",
                items.iter().map(|item| item.as_str().unwrap_or("?")).collect::<Vec<_>>().join(", ")
            ),
            other => other.to_string(),
        };
        sets.insert(
            option.clone(),
            text.replace("tcp://0.0.0.0:", "tcp://*:").replace("tcp://[::]:", "tcp://*:"),
        );
    }
    sets
}

#[test]
fn puma_command_lines() {
    let recorded = recorded::file("command-lines-puma.json");
    let mut rows = 0;
    for (line, verdicts) in recorded.as_object().unwrap() {
        let words: Vec<&str> = line.split_whitespace().collect();
        for release in Release::all() {
            rows += 1;
            let verdict = recorded::row(verdicts, release).unwrap();
            let outcome = verdict["outcome"].as_str().unwrap();
            let error = verdict["error"].as_str();
            let parsed = parse(Program::Puma, line, release);
            let failure = parsed.error.as_ref().map(|error| error.full());
            let context = format!("puma {line} at {release}: {failure:?} instead of {verdict}");

            // What becomes of a file or a directory, no command line tells.
            let elsewhere = error.is_some_and(|error| error.starts_with("Errno::ENOENT"));
            // concurrent-ruby was missing.
            let doubted = parsed.doubts.iter().any(|doubt| Some(doubt.full().as_str()) == error);
            match outcome {
                "ok" => assert!(failure.is_none() && !parsed.exits, "{context}"),
                "error" if elsewhere || doubted => assert!(failure.is_none(), "{context}"),
                "error" => assert_eq!(failure.as_deref(), error, "{context}"),
                _ => assert!(failure.is_none() && parsed.exits, "{context}"),
            }
            // A config's options are not the command line's; the threads of 2.3 are numbers by force.
            let by_force = line == "-t two" && release <= self::release("2.3.2");
            if outcome == "ok" && !line.contains("cases/") && !by_force {
                assert_eq!(sets(&parsed, &words, release), recorded_sets(verdict, line), "{context}");
            }
        }
    }
    assert_eq!(rows, 65 * 152);
}

#[test]
fn pumactl_command_lines() {
    let recorded = recorded::file("command-lines-pumactl.json");
    for (line, verdicts) in recorded.as_object().unwrap() {
        for release in Release::all() {
            let verdict = recorded::row(verdicts, release).unwrap();
            let first = verdict["output"][0].as_str().unwrap();
            let ours = ["invalid option: ", "ambiguous option: ", "missing argument: ", "Invalid command: "];
            let expected = ours.iter().any(|start| first.starts_with(start)).then_some(first);
            let parsed = parse(Program::Pumactl, line, release);
            let failure = parsed.error.as_ref().map(|error| error.words.as_str());
            assert_eq!(failure, expected, "pumactl {line} at {release}");
            // Flags behind the command count only from some release on.
            if line == "stop -P none.pid" {
                assert_eq!(parsed.setting("pidfile").is_some(), first.contains("none.pid"), "at {release}");
            }
        }
    }
}

#[test]
fn a_flag_is_found_as_optionparser_finds_it() {
    let find = |word: &str, at: &str| match Program::Puma.find(word, release(at)) {
        FlagMatch::Known(found) => format!("={}", found.flag.long),
        FlagMatch::Abbreviation(found) => {
            format!("~{}{}", if found.negated { "no-" } else { "" }, found.flag.long)
        }
        FlagMatch::Ambiguous(flags) => flags.iter().map(|flag| flag.long).collect::<Vec<_>>().join("|"),
        FlagMatch::Invalid => "-".into(),
    };
    for (word, at, found) in [
        ("-d", "4.3.12", "=daemon"),
        ("-d", "5.0.0", "dir|debug"),
        ("--control", "4.3.12", "=control"),
        // One that begins all the others is meant.
        ("--contr", "4.3.12", "~control"),
        ("--control", "8", "control-url|control-token"),
        ("--daemon", "8", "-"),
        ("--daem", "4", "~daemon"),
        ("--f-w", "8", "~fork-worker"),
        ("--no-r", "8", "~no-redirect-append"),
        ("--no-redirect-append", "8", "=redirect-append"),
        ("--PIDFILE", "8", "~pidfile"),
        ("--redirect_stdout=x", "8", "=redirect-stdout"),
        ("-p3000", "8", "=port"),
        ("-v", "2.16.0", "~version"),
        ("-P", "8", "-"),
        ("-daemon", "8", "dir|debug"),
    ] {
        assert_eq!(find(word, at), found, "{word} at {at}");
    }
    assert_eq!(Program::Puma.find("-d", release("8")).words("-d").as_deref(), Some("ambiguous option: -d"));
}

#[test]
fn every_setting_knows_where_it_stands() {
    let line = parse(Program::Puma, "-qp3000 --pidfile=x.pid -C - -e production app.ru", Release::newest());
    assert_eq!(line.error, None);
    let places: Vec<(&str, usize, usize)> =
        line.settings.iter().map(|setting| (setting.flag, setting.word, setting.end)).collect();
    assert_eq!(
        places,
        [("quiet", 0, 2), ("port", 0, 3), ("pidfile", 1, 9), ("config", 2, 2), ("environment", 4, 2)]
    );
    let given: Vec<(&str, usize, usize)> = line
        .settings
        .iter()
        .filter_map(|setting| setting.argument.as_ref())
        .map(|given| (given.text.as_str(), given.word, given.start))
        .collect();
    assert_eq!(given, [("3000", 0, 3), ("x.pid", 1, 10), ("-", 3, 0), ("production", 5, 0)]);
    assert_eq!(line.operands, [6]);
}

#[test]
fn failures_say_what_ruby_says() {
    for (line, kind, words) in [
        ("--pidfile", FailureKind::MissingArgument, "missing argument: --pidfile"),
        ("-p", FailureKind::MissingArgument, "missing argument: -p"),
        ("--debug=1", FailureKind::NeedlessArgument, "needless argument: --debug=1"),
        ("-q=1", FailureKind::NeedlessArgument, "needless argument: -q=1"),
        ("--fork-worker=x", FailureKind::InvalidArgument, "invalid argument: --fork-worker=x"),
        ("-qd", FailureKind::Ambiguous, "ambiguous option: -d"),
        (
            "-t 8:2",
            FailureKind::Refused,
            "The minimum (8) number of threads must be less than or equal to the max (2)",
        ),
    ] {
        let failure = parse(Program::Puma, line, Release::newest()).error.unwrap();
        assert_eq!((failure.kind, failure.words.as_str()), (kind, words), "{line}");
    }
    assert_eq!(parse(Program::Puma, "-- -d", Release::newest()).operands, [1]);
    let none = parse(Program::Pumactl, "-P x", Release::newest()).error.unwrap();
    assert_eq!(none.kind, FailureKind::MissingCommand);
}
