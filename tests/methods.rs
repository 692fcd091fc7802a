//! What a config's own methods and homes come to: as Ruby says, or not known.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod support;

use std::process::Command;

use puma_lint::lint::{Options, lint};
use puma_lint::model::{FileKind, Source};
use puma_lint::puma::options::Status;
use puma_lint::show::show;
use puma_lint::workspace::Workspace;
use support::has;

/// Bodies of a method `m`, and whether every environment's answer is to be known.
const BODIES: &[(&str, bool)] = &[
    ("return 'a' if ENV['A']; 'z'", true),
    ("return 'a' if ENV['A']; return 'b' unless ENV['B']; 'z'", true),
    ("if ENV['A'] then return 'a' else 'b' end", true),
    ("if ENV['A']\n  return 'ab' if ENV['B']\nelse\n  return 'n'\nend\n'z'", true),
    ("x = 'x'\nx = 'y' if ENV['A']\nreturn x if ENV['B']\nx + '!'", true),
    ("ENV['A'] && (return 'a'); ENV['B'] or return 'nb'; 'z'", true),
    ("return", true),
    ("return 'a'\n'z'", true),
    ("raise 'no' if ENV['C']; 'z'", true),
    ("def n; return 'n' if ENV['A']; 'o'; end\nn + (ENV['B'] || '-')", true),
    ("unless ENV['A'] then (return 'na') end; 'z'", true),
    // What is left from inside of these, nobody can tell without running it.
    ("case ENV['A'] when nil then return 'none' end; 'z'", false),
    ("%w[x y].each { |x| return x if x == 'y' }; 'z'", false),
    ("begin; Integer(ENV['A']); rescue StandardError; return 'r'; end; 'z'", false),
    ("i = 0; loop { return i if i == 3; i += 1 }", false),
    ("while true do return 'w' end", false),
    ("x = ENV['A'] || (return 'n'); x + '1'", false),
    ("if ENV['A']\n  return 'ab' if ENV['B']\n  'a'\nelse\n  'n'\nend", false),
    ("return(ENV['A'] ? (return 'x') : 'y')", false),
];

const ENVIRONMENTS: &[&[(&str, &str)]] = &[&[], &[("A", "1")], &[("B", "1")], &[("A", "x"), ("B", "2")]];

/// What a config's tag is; `None` where that isn't known.
fn tag(config: String, env: &[(&str, &str)], closed_env: bool) -> Option<String> {
    let source = Source::new("config/puma.rb", "/srv/app/config/puma.rb", FileKind::Puma, config.into());
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let shown =
        show(&Workspace::of("/srv/app", vec![source]), &Options { env, closed_env, ..Options::default() });
    match shown[0].options["tag"].status() {
        Status::Known(value) => value.as_str().map(str::to_owned),
        _ => None,
    }
}

fn ruby(script: &str, env: &[(&str, &str)]) -> String {
    let mut command = Command::new("ruby");
    command.args(["-e", script]).env_clear().env("PATH", std::env::var_os("PATH").unwrap());
    support::stdout(&command.envs(env.iter().copied()).output().unwrap())
}

#[test]
fn methods_give_back_what_they_return() {
    let script: String =
        BODIES.iter().map(|(body, _)| format!("def m\n{body}\nend\nputs((m).to_s)\n")).collect();
    let mut known = 0;
    for env in ENVIRONMENTS {
        let really = has("ruby").then(|| ruby(&script, env));
        for (at, (body, certain)) in BODIES.iter().enumerate() {
            let ours = tag(format!("def m\n{body}\nend\ntag((m).to_s)\n"), env, true);
            assert!(ours.is_some() || !certain, "{body} in {env:?} is not known");
            if let (Some(ours), Some(really)) = (&ours, &really) {
                known += 1;
                assert_eq!(Some(ours.as_str()), really.lines().nth(at), "{body} in {env:?}");
            }
        }
    }
    println!("{known} answers compared");
}

#[test]
fn a_method_depends_on_what_decides_its_returns() {
    let config = "def m\n  return 'a' if ENV['A']\n  'z'\nend\ntag m\n";
    assert_eq!(tag(config.to_owned(), &[], false), None);
    assert_eq!(tag(config.to_owned(), &[("A", "1")], false).as_deref(), Some("a"));
}

/// What a config makes of a file that it requires: its tag, and whether Rails is found missing.
fn required(config: &str, file: &str) -> (Option<String>, bool) {
    let sources = || {
        let source =
            |path: &str, kind, text: &str| Source::new(path, format!("/srv/app/{path}"), kind, text.into());
        vec![
            source("config/puma.rb", FileKind::Puma, config),
            source("config/helper.rb", FileKind::Ruby, file),
            source("config/application.rb", FileKind::Ruby, "require 'rails/all'\n"),
        ]
    };
    let options = Options { closed_env: true, ..Options::default() };
    let found = lint(&Workspace::of("/srv/app", sources()), &options).findings;
    let missing = found.iter().any(|finding| finding.diagnostic.rule == "uninitialized-rails");
    let shown = show(&Workspace::of("/srv/app", sources()), &options);
    let tag = shown[0].options.get("tag").and_then(|setting| match setting.status() {
        Status::Known(value) => value.as_str().map(str::to_owned),
        _ => None,
    });
    (tag, missing)
}

#[test]
fn required_files_return_and_ask_as_configs_do() {
    let known = |text: &str| (Some(text.to_owned()), false);
    for (config, file, expected) in [
        ("tag m", "def m\n  return 'a' if ENV['A']\n  'z'\nend\n", known("z")),
        ("tag M", "M = 'm'\nreturn\nM = 'n'\n", known("m")),
        (
            "def x\n  return 'x' if ENV['A']\n  require_relative 'helper'\n  'y'\nend\ntag x",
            "return 1\n",
            known("y"),
        ),
        ("tag(m || 'y')", "def m; Rails.env; end\n", (Some("development".to_owned()), true)),
        ("tag 't'", "Rails.env\n", (Some("t".to_owned()), true)),
        ("require_relative 'application'\ntag Rails.env", "", known("development")),
        ("tag m", "require_relative 'application'\ndef m; Rails.env; end\n", known("development")),
    ] {
        let first = if config.contains("'helper'") { "" } else { "require_relative 'helper'\n" };
        let config = format!("{first}{config}\n");
        assert_eq!(required(&config, file), expected, "{config}{file}");
    }
}

#[test]
fn a_home_is_where_the_variable_says() {
    let paths = [
        "File.expand_path('~/x')",
        "File.expand_path('~')",
        "File.expand_path('../y', '~/x')",
        "Dir.home",
        "Pathname.new('~/x').expand_path",
    ];
    for path in paths {
        let config = format!("require 'pathname'\ntag(({path}).to_s)\n");
        let home = [("HOME", "/srv/home")];
        let ours = tag(config.clone(), &home, true);
        assert!(ours.is_some(), "{path}");
        if has("ruby") {
            let really = ruby(&format!("require 'pathname'; print(({path}).to_s)"), &home);
            assert_eq!(ours, Some(really), "{path}");
        }
        assert_eq!(tag(config, &[], true), None, "{path}: only the host knows");
    }
    assert_eq!(tag("tag File.expand_path('~deploy/x')\n".to_owned(), &[("HOME", "/h")], true), None);
}

/// What `tag ENV["HOME"] || "none"` comes to in a unit.
fn home_of(path: &str, lines: &str) -> Option<String> {
    let unit = format!("[Service]\nWorkingDirectory=/srv/app\nExecStart=/usr/bin/puma\n{lines}");
    let config = "tag ENV['HOME'] || 'none'\n";
    let sources = vec![
        Source::new("config/puma.rb", "/srv/app/config/puma.rb", FileKind::Puma, config.into()),
        Source::new(path, format!("/srv/app/{path}"), FileKind::Systemd, unit.into()),
    ];
    let shown = show(&Workspace::of("/srv/app", sources), &Options::default());
    match shown[0].options["tag"].status() {
        Status::Known(value) => value.as_str().map(str::to_owned),
        _ => None,
    }
}

#[test]
fn a_unit_has_the_home_of_its_user() {
    // systemd.exec(5): set for the units that have User= set.
    assert_eq!(home_of("app.service", "").as_deref(), Some("none"));
    assert_eq!(home_of("app.service", "User=root\n").as_deref(), Some("/root"));
    assert_eq!(home_of("app.service", "User=root\nEnvironment=HOME=/x\n").as_deref(), Some("/x"));
    for lines in
        ["User=deploy\n", "DynamicUser=yes\n", "PAMName=login\n", "User=root\nEnvironmentFile=/etc/x\n"]
    {
        assert_eq!(home_of("app.service", lines), None, "{lines}");
    }
    assert_eq!(home_of("systemd/user/app.service", ""), None);
}
