//! Each rule at the last release that accepts and the first that refuses, or the other way round.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;

use puma_lint::catalog::{self, Arity, Need, Release, Without};
use puma_lint::lint::{Options, lint};
use puma_lint::model::{FileKind, Severity, Source};
use puma_lint::workspace::Workspace;

/// The rules that find something, with their severities.
fn found(files: &[(&str, FileKind, &str)], release: Release) -> BTreeSet<(&'static str, Severity)> {
    let sources = files.iter().map(|(name, kind, text)| {
        Source::new(*name, format!("/srv/app/{name}"), *kind, text.as_bytes().to_vec())
    });
    let workspace = Workspace::of("/srv/app", sources.collect());
    let options = Options { target: Some(release.version()), closed_env: true, ..Options::default() };
    let outcome = lint(&workspace, &options);
    outcome.findings.iter().map(|finding| (finding.diagnostic.rule, finding.diagnostic.severity)).collect()
}

fn config(text: &str, release: Release) -> BTreeSet<(&'static str, Severity)> {
    found(&[("config/puma.rb", FileKind::Puma, text)], release)
}

fn has(found: &BTreeSet<(&'static str, Severity)>, rule: &str) -> bool {
    found.iter().any(|(name, _)| *name == rule)
}

fn at(text: &str) -> Release {
    let resolved = Release::parse(text).unwrap();
    assert!(resolved.exact, "{text}");
    resolved.release
}

#[test]
fn directives_are_removed_and_not_yet_there_exactly_where_the_catalog_says() {
    for directive in catalog::directives() {
        for form in directive.forms {
            let call = format!("{}()\n", directive.name);
            if let Some(before) = form.releases.first().previous()
                && directive.at(before).is_none()
                // Where the DSL has no `load`, Ruby has.
                && directive.name != "load"
            {
                let found = config(&call, before);
                assert!(has(&found, "unavailable-directive"), "{} at {before}: {found:?}", directive.name);
            }
            for release in [form.releases.first(), form.releases.last()] {
                let found = config(&call, release);
                for rule in ["unavailable-directive", "removed-directive", "unknown-directive"] {
                    assert!(!has(&found, rule), "{} at {release}: {found:?}", directive.name);
                }
            }
        }
        if let Some(removed) = directive.removed_in() {
            let found = config(&format!("{}()\n", directive.name), removed);
            assert!(has(&found, "removed-directive"), "{} at {removed}: {found:?}", directive.name);
        }
    }
}

#[test]
fn old_names_warn_from_the_release_that_deprecates_them() {
    for directive in catalog::directives() {
        let Some(deprecation) = &directive.deprecation else { continue };
        let call = format!("{} {{ }}\n", directive.name);
        let first = deprecation.releases.first();
        assert!(
            config(&call, first).contains(&("renamed-directive", Severity::Warning)),
            "{}",
            directive.name
        );
        let before = first.previous().unwrap();
        assert!(!has(&config(&call, before), "renamed-directive"), "{} at {before}", directive.name);
    }
}

#[test]
fn wrong_numbers_of_arguments_are_refused_at_both_ends_of_each_form() {
    for directive in catalog::directives() {
        for form in directive.forms {
            let Arity { min, max } = form.arity();
            for release in [form.releases.first(), form.releases.last()] {
                let call = |count: usize| {
                    format!("{}({}) {{ }}\n", directive.name, vec!["unknown"; count].join(", "))
                };
                let define = "def unknown\n  File.read('x')\nend\n";
                let refused =
                    |count| has(&config(&format!("{define}{}", call(count)), release), "invalid-argument");
                assert!(refused(max + 1), "{} with {} at {release}", directive.name, max + 1);
                assert!(!refused(max), "{} with {max} at {release}", directive.name);
                if let Some(fewer) = min.checked_sub(1) {
                    assert!(refused(fewer), "{} with {fewer} at {release}", directive.name);
                }
            }
        }
    }
}

#[test]
fn blocks_are_missed_where_each_release_misses_them() {
    for directive in catalog::directives() {
        for rule in directive.blocks {
            for release in [rule.releases.first(), rule.releases.last()] {
                if !directive.exists(release) || rule.need == Need::Optional {
                    continue;
                }
                let found = config(&format!("workers 2\n{}\n", directive.name), release);
                let expected = match rule.without {
                    Without::Accepted => None,
                    Without::Ignored => Some(("missing-block", Severity::Warning)),
                    _ => Some(("missing-block", Severity::Error)),
                };
                match expected {
                    Some(expected) => {
                        assert!(found.contains(&expected), "{} at {release}: {found:?}", directive.name)
                    }
                    None => {
                        assert!(!has(&found, "missing-block"), "{} at {release}: {found:?}", directive.name)
                    }
                }
            }
        }
    }
}

#[test]
fn constants_come_and_go_where_the_catalog_says() {
    for constant in catalog::constants() {
        let text = format!("x = {}\n", constant.path);
        for range in constant.releases.iter() {
            for release in [range.first(), range.last()] {
                let found = config(&text, release);
                assert!(
                    !has(&found, "removed-constant") && !has(&found, "unavailable-constant"),
                    "{}",
                    constant.path
                );
            }
            if let Some(before) = range.first().previous().filter(|before| !constant.exists(*before)) {
                assert!(has(&config(&text, before), "unavailable-constant"), "{} at {before}", constant.path);
            }
        }
        if let Some(removed) = constant.removed_in() {
            assert!(has(&config(&text, removed), "removed-constant"), "{} at {removed}", constant.path);
        }
    }
}

#[test]
fn flags_are_refused_from_the_release_that_removes_them() {
    for flag in catalog::Program::Puma.flags() {
        let Some(removed) = flag.removed_in() else { continue };
        let unit =
            format!("[Service]\nWorkingDirectory=/srv/app\nExecStart=/usr/bin/puma --{} x\n", flag.long);
        let check =
            |release| has(&found(&[("app.service", FileKind::Systemd, &unit)], release), "removed-flag");
        assert!(check(removed), "--{} at {removed}", flag.long);
        assert!(!check(flag.releases.last()), "--{} at {}", flag.long, flag.releases.last());
    }
}

#[test]
fn single_rules_turn_where_puma_turned() {
    // Rule, config, the last release on which it is silent, the first on which it speaks.
    let table = [
        ("invalid-argument", "port nil\n", "5.1.1", "5.2.0"),
        ("invalid-argument", "workers '2x'\n", "7.1.0", "7.2.0"),
        ("invalid-argument", "worker_timeout 5\n", "3.12.6", "4.0.0"),
        ("invalid-argument", "threads 0, 0\n", "2.16.0", "3.0.0"),
        ("invalid-argument", "worker_timeout 'long'\n", "3.11.3", "3.11.4"),
        ("invalid-argument", "pidfile nil\n", "2.16.0", "3.0.0"),
        ("invalid-argument", "quiet 1, 2\n", "1.0", "2.0.0"),
        ("repeated-bind", "bind 'tcp://a:1'\nbind 'tcp://a:1'\n", "2.16.0", "3.0.0"),
        ("strict-hook-lambda", "before_thread_start(&-> { })\n", "7.2.1", "8.0.0"),
        ("workers-in-mode-block", "workers 2\ncluster { workers 3 }\n", "1.0", "8.0.0"),
        ("hook-in-single-mode", "workers 0\nbefore_fork { }\n", "2.12.3", "2.13.0"),
    ];
    for (rule, text, silent, speaks) in table {
        assert!(has(&config(text, at(speaks)), rule), "{rule} at {speaks}: {text}");
        if silent != "1.0" {
            assert!(!has(&config(text, at(silent)), rule), "{rule} at {silent}: {text}");
        }
    }
    // And those that end.
    for (rule, text, speaks, silent) in [
        ("invalid-argument", "threads 3\n", "6.4.3", "6.5.0"),
        ("invalid-argument", "environment nil\n", "5.6.9", "6.0.0"),
        ("invalid-argument", "worker_culling_strategy 'oldest'\n", "6.6.0", "6.6.1"),
        ("unknown-plugin", "plugin :systemd\n", "6.0.2", "6.1.0"),
        ("unknown-puma-method", "x = Puma.forkable?\n", "4.3.12", "5.0.0"),
    ] {
        assert!(has(&config(text, at(speaks)), rule), "{rule} at {speaks}: {text}");
        assert!(!has(&config(text, at(silent)), rule), "{rule} at {silent}: {text}");
    }
}

#[test]
fn guards_silence_and_look_alikes_are_no_directives() {
    let newest = Release::newest();
    for text in [
        "daemonize if respond_to?(:daemonize)\n",
        "daemonize if self.respond_to?(:daemonize)\n",
        "rackup DefaultRackup if defined?(DefaultRackup)\n",
        "rackup defined?(DefaultRackup) ? DefaultRackup : 'config.ru'\n",
        "daemonize if Puma::Const::VERSION < '5'\n",
        "daemonize if Gem::Version.new(Puma::Const::VERSION) < Gem::Version.new('5.0.0')\n",
        "if Puma::Const::PUMA_VERSION.to_i < 5\n  daemonize\nend\n",
        "begin\n  daemonize\nrescue NameError\nend\n",
        "begin\n  daemonize true\nrescue => e\n  warn e.message\nend\n",
        "daemonize rescue nil\n",
        "daemonize if false\n",
        "return\ndaemonize\n",
        "def daemonize(*)\nend\ndaemonize true\n",
        "require 'puma/daemon'\ndaemonize\n",
        "daemonize = true\nport 3000 if daemonize\n",
        "directory = '/srv/app'\npidfile \"#{directory}/p.pid\"\n",
        "helper = nil\nhelper&.daemonize true\n",
        "app do |env|\n  daemonize\nend\n",
        "lowlevel_error_handler { |e| daemonize }\n",
        "workers 2\nbefore_fork do\n  daemonize\nend\n",
        "x = -> { daemonize }\n",
        "# daemonize true\n",
        "port 3000\n__END__\ndaemonize\n",
    ] {
        let found = config(text, newest);
        let quiet = found.iter().all(|(_, severity)| *severity == Severity::Info);
        assert!(quiet, "{text}: {found:?}");
    }
    for text in [
        "self.daemonize true\n",
        "send(:daemonize)\n",
        "public_send 'daemonize', true\n",
        "begin\n  daemonize\nrescue ArgumentError\nend\n",
        "daemonize if respond_to?(:port)\n",
        "%w[a b].each { |x| daemonize }\n",
        "def background\n  daemonize\nend\nbackground\n",
    ] {
        let found = config(text, newest);
        assert!(found.contains(&("removed-directive", Severity::Error)), "{text}: {found:?}");
    }
}

#[test]
fn leaving_on_purpose_is_no_error_where_somebody_catches_it() {
    let newest = Release::newest();
    for text in [
        "catch(:done) { throw :done }\n",
        "begin\n  raise Missing\nrescue Missing\nend\n",
        "begin\n  raise ArgumentError, 'x'\nrescue ArgumentError, TypeError\nend\n",
        "begin\n  exit\nrescue SystemExit\nend\n",
        "ENV.fetch('X') rescue nil\n",
        "raise 'x' if ENV['X']\n",
    ] {
        assert!(!has(&config(text, newest), "reached-halt"), "{text}");
    }
    for text in ["raise 'x'\n", "abort\n", "begin\n  exit\nrescue StandardError\nend\n", "ENV.fetch('X')\n"] {
        assert!(has(&config(text, newest), "reached-halt"), "{text}");
    }
}

/// What a unit's own launch says of a variable that nothing in the files sets.
fn missing_variable(config: &str) -> bool {
    let unit = "[Service]\nWorkingDirectory=/srv/app\nExecStart=/usr/bin/puma\n";
    let sources = [("config/puma.rb", FileKind::Puma, config), ("app.service", FileKind::Systemd, unit)];
    let sources = sources.map(|(name, kind, text)| {
        Source::new(name, format!("/srv/app/{name}"), kind, text.as_bytes().to_vec())
    });
    let outcome = lint(&Workspace::of("/srv/app", sources.into()), &Options::default());
    outcome.findings.iter().any(|finding| finding.diagnostic.rule == "reached-halt")
}

#[test]
fn what_a_config_loads_may_set_variables() {
    assert!(missing_variable("port ENV.fetch('APP_PORT')\n"));
    assert!(missing_variable("require 'etc'\nport ENV.fetch('APP_PORT')\n"));
    for text in [
        "require 'dotenv/load'\nport ENV.fetch('APP_PORT')\n",
        "require_relative 'environment_variables'\nport ENV.fetch('APP_PORT')\n",
        "Dotenv.load('.env')\nport ENV.fetch('APP_PORT')\n",
    ] {
        assert!(!missing_variable(text), "{text}");
    }
}
