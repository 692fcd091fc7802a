//! What an upgrade changes without breaking: only on the way from one release to another, and only where it matters.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::collections::BTreeSet;

use puma_lint::catalog::{self, Release};
use puma_lint::lint::{Options, lint};
use puma_lint::model::{Diagnostic, FileKind, Severity, Source};
use puma_lint::workspace::Workspace;
use support::{json, project};

fn locked(version: &str) -> String {
    format!("GEM\n  remote: https://rubygems.org/\n  specs:\n    puma ({version})\n\nPLATFORMS\n  ruby\n")
}

#[test]
fn an_upgrade_starts_at_the_flag_or_else_at_the_lock() {
    let locked = locked("5.6.5");
    let with_lock = project(&[("config/puma.rb", "port 3000, '::'\n"), ("Gemfile.lock", &locked)]);
    let without = project(&[("config/puma.rb", "port 3000, '::'\n")]);
    for (folder, flags, target, from) in [
        (&with_lock, &[][..], "5.6.5", None),
        (&with_lock, &["--target-version", "8"], "8.0.2", Some("5.6.5")),
        (&with_lock, &["--target-version", "8", "--from", "7.2"], "8.0.2", Some("7.2.1")),
        (&with_lock, &["--from", "4"], "5.6.5", Some("4.3.12")),
        (&without, &[], "8.0.2", None),
        (&without, &["--target-version", "7"], "7.2.1", None),
        (&without, &["--from", "6.6.1"], "8.0.2", Some("6.6.1")),
    ] {
        let report = json(folder.path(), flags);
        for place in [&report, &report["deployments"][0]] {
            assert_eq!(place["target_version"], target, "{flags:?}");
            assert_eq!(place["from_version"].as_str(), from, "{flags:?}");
        }
    }
}

/// A case: a change, files that it concerns, and the same files where they say it themselves or where it means nothing.
struct Case {
    topic: &'static str,
    concerned: &'static str,
    spared: &'static [&'static str],
    /// What stands in `Environment=` of the unit, if the change is about that.
    environment: &'static str,
}

const fn case(topic: &'static str, concerned: &'static str, spared: &'static [&'static str]) -> Case {
    Case { topic, concerned, spared, environment: "" }
}

const CASES: &[Case] = &[
    case("load", "load 'x.rb'\n", &["eval(File.read('x.rb'))\n", "Kernel.load 'x.rb'\n"]),
    case("get", "x = get(:port)\n", &["x = ENV['PORT']\n", "h = {}\nx = h.get(:port)\n"]),
    Case {
        environment: "WEB_CONCURRENCY=3",
        ..case("WEB_CONCURRENCY", "port 1\n", &["workers 2\n", "workers ENV['X'] || 0\n"])
    },
    Case {
        environment: "RAILS_ENV=production",
        ..case("RAILS_ENV", "port 1\n", &["environment 'production'\n", "environment ENV['RAILS_ENV']\n"])
    },
    Case {
        environment: "APP_ENV=production",
        ..case("APP_ENV", "port 1\n", &["environment 'production'\n"])
    },
    Case { environment: "MAX_THREADS=8", ..case("MAX_THREADS", "port 1\n", &["threads 1, 8\n"]) },
    Case { environment: "MIN_THREADS=2", ..case("MIN_THREADS", "port 1\n", &["threads 2, 8\n"]) },
    case("max_threads", "port 1\n", &["threads 0, 16\n", "threads 1, 2 if File.exist?('x')\n", "eval 'x'\n"]),
    Case {
        environment: "WEB_CONCURRENCY=3",
        ..case("preload_app by WEB_CONCURRENCY", "port 1\n", &["preload_app! false\n", "preload_app!\n"])
    },
    case("unix://@", "bind 'unix://@app'\n", &["bind 'unix:///run/@app'\n", "bind 'tcp://[::1]:3000'\n"]),
    case(
        "wait_for_less_busy_worker",
        "workers 2\n",
        &["workers 0\n", "port 1\n", "workers 2\nwait_for_less_busy_worker 0\n"],
    ),
    case("HTTP methods", "port 1\n", &["supported_http_methods :any\n"]),
    case(
        "set_remote_address",
        "set_remote_address header: 'X-Real-IP'\n",
        &["set_remote_address :localhost\n", "set_remote_address proxy_protocol: :v1\n"],
    ),
    case(
        "preload_app",
        "workers 2\n",
        &[
            "workers 2\npreload_app! false\n",
            "workers 2\npreload_app!\n",
            "workers 2\nprune_bundler\n",
            "workers 1\n",
            "port 1\n",
        ],
    ),
    case("max_keep_alive", "port 1\n", &["max_keep_alive 10\n", "max_fast_inline 10\n"]),
    case("persistent_timeout", "port 1\n", &["persistent_timeout 20\n"]),
    case(
        "clean_thread_locals",
        "clean_thread_locals\n",
        &["clean_thread_locals false\n", "fiber_per_request\n"],
    ),
    case(
        "host",
        "port 3000\n",
        &[
            "port 3000, '0.0.0.0'\n",
            "bind 'tcp://0.0.0.0:3000'\n",
            "set_default_host '0.0.0.0'\nport 3000\n",
            "bind 'unix:///x'\n",
        ],
    ),
    case("[::]", "bind 'tcp://[::]:3000'\n", &["bind 'tcp://[::1]:3000'\n", "bind 'tcp://0.0.0.0:1'\n"]),
    case("ssl_bind [::]", "ssl_bind '::', 3000, {}\n", &["ssl_bind '::1', 3000, {}\n"]),
    case(
        "supported_http_methods",
        "supported_http_methods %w[GET PROPFIND]\n",
        &["supported_http_methods :any\n", "port 1\n"],
    ),
    case(
        "http_content_length_limit",
        "http_content_length_limit 1000\n",
        &["http_content_length_limit nil\n", "port 1\n"],
    ),
    case("fork_worker", "workers 2\nfork_worker\n", &["workers 2\n"]),
];

fn release(text: &str) -> Release {
    let resolved = Release::parse(text).unwrap();
    assert!(resolved.exact, "{text}");
    resolved.release
}

/// What is found on the way: rule, topic, severity, and whether it is about a file's end or something in it.
fn found(files: &[(&str, FileKind, &str)], from: Option<Release>, to: Release) -> Vec<Diagnostic> {
    let sources = files.iter().map(|(name, kind, text)| {
        Source::new(*name, format!("/srv/app/{name}"), *kind, text.as_bytes().to_vec())
    });
    let workspace = Workspace::of("/srv/app", sources.collect());
    let options = Options {
        target: Some(to.version()),
        from: from.map(Release::version),
        closed_env: true,
        ..Options::default()
    };
    let outcome = lint(&workspace, &options);
    outcome.findings.into_iter().map(|finding| finding.diagnostic).collect()
}

/// The topics of the changes that are found on the way.
fn topics(config: &str, environment: &str, from: Option<Release>, to: Release) -> BTreeSet<&'static str> {
    let mut files = vec![("config/puma.rb", FileKind::Puma, config)];
    let unit =
        format!("[Service]\nWorkingDirectory=/srv/app\nEnvironment={environment}\nExecStart=/usr/bin/puma\n");
    if !environment.is_empty() {
        files.push(("app.service", FileKind::Systemd, &unit));
    }
    let found = found(&files, from, to);
    let changes = found.iter().filter(|d| ["changed-default", "changed-meaning"].contains(&d.rule));
    changes.inspect(|d| assert_eq!(d.severity, Severity::Info)).map(|d| d.topic).collect()
}

#[test]
fn each_change_is_said_where_it_is_crossed_and_only_where_it_matters() {
    let covered: BTreeSet<&str> = CASES.iter().map(|case| case.topic).collect();
    let known: BTreeSet<&str> = catalog::upgrades().iter().map(|upgrade| upgrade.topic).collect();
    assert_eq!(covered, known);
    for upgrade in catalog::upgrades() {
        let case = CASES.iter().find(|case| case.topic == upgrade.topic).unwrap();
        let (first, last_before) = (upgrade.release, upgrade.release.previous().unwrap());
        let says = |config: &str, from, to| topics(config, case.environment, from, to).contains(case.topic);
        let concerned = case.concerned;
        let topic = case.topic;
        assert!(says(concerned, Some(last_before), first), "{topic}: {last_before} to {first}");
        assert!(
            says(concerned, Some(last_before), Release::newest()),
            "{topic}: {last_before} to the newest"
        );
        assert!(!says(concerned, None, first), "{topic}: no upgrade");
        assert!(!says(concerned, Some(first), first), "{topic}: no way at all");
        assert!(!says(concerned, Some(first), Release::newest()), "{topic}: begins after it");
        assert!(!says(concerned, last_before.previous(), last_before), "{topic}: ends before it");
        assert!(!says(concerned, Some(first), last_before), "{topic}: the way back");
        for spared in case.spared {
            let directive = catalog::directive(spared.split(' ').next().unwrap());
            let there = directive.is_none_or(|directive| directive.exists(first));
            assert!(!there || !says(spared, Some(last_before), first), "{topic}: {spared}");
            assert!(!says(spared, Some(last_before), Release::newest()), "{topic}: {spared}");
        }
    }
}

#[test]
fn every_word_of_a_change_is_filled_in() {
    for case in CASES {
        let unit = format!(
            "[Service]\nWorkingDirectory=/srv/app\nEnvironment={}\nExecStart=/usr/bin/puma\n",
            case.environment
        );
        let files =
            [("config/puma.rb", FileKind::Puma, case.concerned), ("app.service", FileKind::Systemd, &*unit)];
        for diagnostic in found(&files, Some(release("2.16.0")), Release::newest()) {
            let help = diagnostic.help.clone().unwrap_or_default();
            for text in [&diagnostic.message, &diagnostic.label, &help] {
                assert!(!text.contains(['{', '}']) || diagnostic.topic.is_empty(), "{text}");
            }
        }
    }
}

#[test]
fn what_the_catalog_calls_a_change_of_a_default_or_a_directive_is_said_or_excused() {
    // Of an option or a directive, with the release: why no upgrade says it.
    let excused = [
        ("rackup", "5.0.0", "two calls of it are for repeated-directive"),
        ("max_fast_inline", "7.0.0", "renamed-directive says that it counts something else"),
        ("pidfile", "3.0.0", "`pidfile nil` is for invalid-argument"),
        ("after_worker_boot", "3.8.0", "it takes two blocks to notice"),
        ("after_worker_boot", "5.5.0", "it takes two blocks to notice"),
        ("after_worker_fork", "3.8.0", "it takes two blocks to notice"),
        ("after_worker_fork", "5.5.0", "it takes two blocks to notice"),
        ("ssl_bind", "3.5.0", "taken back in 3.6.1"),
        ("ssl_bind", "3.6.1", "takes back what 3.5.0 did"),
        ("workers", "7.2.0", "for invalid-argument"),
        ("worker_timeout", "4.0.0", "for invalid-argument"),
        ("worker_timeout", "5.6.0", "for invalid-argument"),
        ("worker_directory", "3.2.0", "gone in 5.0.0: for removed-directive"),
        ("quiet", "3.0.0", "asking for less of what is no longer there hurts nobody"),
        ("log_requests", "3.0.0", "in development alone"),
        ("raise_exception_on_sigterm", "3.10.0", "for changed-signal"),
        ("raise_exception_on_sigterm", "4.0.0", "a new name for what was"),
    ];
    let subjects = [("binds", "tcp_host"), ("port", "tcp_host"), ("workers", "WEB_CONCURRENCY")];
    let of_defaults = catalog::defaults().iter().flat_map(|d| d.changes.iter().map(move |c| (d.option, c)));
    let of_directives = catalog::directives().flat_map(|d| d.changes.iter().map(move |c| (d.name, c)));
    let mut unused: BTreeSet<_> = excused.iter().map(|(name, release, _)| (*name, *release)).collect();
    for (name, change) in of_defaults.chain(of_directives) {
        if unused.remove(&(name, change.release.name())) {
            continue;
        }
        let subject = subjects.iter().find(|(from, _)| *from == name).map_or(name, |(_, to)| to);
        let said = catalog::upgrades().iter().any(|upgrade| {
            let variable = catalog::variable(upgrade.subject).and_then(|variable| variable.sets);
            let about = upgrade.subject == name
                || upgrade.subject == subject
                || variable.is_some_and(|sets| sets.option == name);
            about && upgrade.release == change.release
        });
        assert!(said, "{name} at {}: {}", change.release, change.what);
    }
    assert!(unused.is_empty(), "no longer needed: {unused:?}");
}

#[test]
fn a_lost_phased_restart_is_a_warning_and_not_an_info_as_well() {
    let unit = |reload: &str| {
        format!("[Service]\nWorkingDirectory=/srv/app\nExecStart=/usr/bin/puma\nExecReload={reload}\n")
    };
    let rules = |config: &str, reload: &str, from: &str, to: &str| -> Vec<(&'static str, &'static str)> {
        let unit = unit(reload);
        let files = [("config/puma.rb", FileKind::Puma, config), ("app.service", FileKind::Systemd, &*unit)];
        let found = found(&files, Some(release(from)), release(to));
        let told =
            found.iter().filter(|d| d.topic == "preload_app" || d.rule == "phased-restart-unavailable");
        told.map(|d| (d.rule, d.severity.name())).collect()
    };
    let warned = vec![("phased-restart-unavailable", "warning")];
    let told = vec![("changed-default", "info")];
    for reload in ["/bin/kill -USR1 $MAINPID", "/usr/bin/pumactl -P /srv/app/puma.pid phased-restart"] {
        assert_eq!(rules("workers 2\n", reload, "6.6.1", "7.0.4"), warned, "{reload}");
        assert_eq!(rules("workers 2\n", reload, "6.4.0", "6.6.1"), [], "{reload}");
        assert_eq!(rules("workers 2\npreload_app! false\n", reload, "6.6.1", "8.0.2"), [], "{reload}");
    }
    assert_eq!(rules("workers 2\n", "/bin/kill -USR2 $MAINPID", "6.6.1", "7.0.4"), told);
}

#[test]
fn web_concurrency_ends_phased_restarts_from_the_release_that_reads_it() {
    let unit = "[Service]\nWorkingDirectory=/srv/app\nEnvironment=WEB_CONCURRENCY=2\nExecStart=/usr/bin/puma\nExecReload=/bin/kill -USR1 $MAINPID\n";
    for (config, to, warned) in [
        ("port 1\n", "4.3.12", false),
        ("port 1\n", "5.0.0", true),
        ("workers 2\n", "6.6.1", true),
        ("preload_app! false\n", "6.6.1", false),
        ("prune_bundler\n", "7.0.4", false),
        ("port 1\n", "8.0.2", true),
    ] {
        let files = [("config/puma.rb", FileKind::Puma, config), ("app.service", FileKind::Systemd, unit)];
        let found = found(&files, None, release(to));
        let said = found.iter().any(|d| d.rule == "phased-restart-unavailable");
        assert_eq!(said, warned, "{config} at {to}");
    }
}

#[test]
fn flags_count_as_what_the_config_says() {
    let topics = |config: &str, flags: &str| -> BTreeSet<&'static str> {
        let unit = format!("[Service]\nWorkingDirectory=/srv/app\nExecStart=/usr/bin/puma {flags}\n");
        let files = [("config/puma.rb", FileKind::Puma, config), ("app.service", FileKind::Systemd, &*unit)];
        found(&files, Some(release("4.3.12")), Release::newest()).iter().map(|d| d.topic).collect()
    };
    let bare = topics("quiet\n", "");
    assert!(bare.contains("host") && bare.contains("max_threads") && !bare.contains("preload_app"));
    assert!(!topics("quiet\n", "-t 1:2").contains("max_threads"));
    assert!(!topics("quiet\n", "-b tcp://127.0.0.1:1").contains("host"));
    assert!(topics("bind 'unix:///x'\n", "-p 3000").contains("host"));
    assert!(!topics("port 3000\n", "-b unix:///x").contains("host"));
    assert!(topics("quiet\n", "-b tcp://[::]:1").contains("[::]"));
    assert!(topics("quiet\n", "-w 2").contains("preload_app"));
    assert!(!topics("quiet\n", "-w 2 --preload").contains("preload_app"));
    assert!(topics("quiet\n", "-w 2 --fork-worker").contains("fork_worker"));
}

#[test]
fn each_signal_is_told_where_it_changes() {
    let said = |kill: &str, from: Option<&str>, to: &str| {
        let unit =
            format!("[Service]\nWorkingDirectory=/srv/app\nExecStart=/usr/bin/puma\nExecStop={kill}\n");
        let files =
            [("config/puma.rb", FileKind::Puma, "quiet\n"), ("app.service", FileKind::Systemd, &*unit)];
        found(&files, from.map(release), release(to)).iter().any(|d| d.rule == "changed-signal")
    };
    for (kill, before, first) in [
        ("/bin/kill -PWR $MAINPID", "7.2.1", "8.0.0"),
        ("/bin/kill -s SIGPWR $MAINPID", "7.2.1", "8.0.0"),
        ("/usr/bin/pumactl -P x info", "7.2.1", "8.0.0"),
        ("/bin/kill -TERM $MAINPID", "3.9.1", "3.10.0"),
        ("/bin/kill -HUP $MAINPID", "3.5.2", "3.6.0"),
    ] {
        assert!(said(kill, Some(before), first), "{kill}");
        assert!(said(kill, Some(before), "8.0.2"), "{kill}");
        for (from, to) in
            [(None, first), (Some(first), "8.0.2"), (Some("2.16.0"), before), (Some(first), before)]
        {
            assert!(!said(kill, from, to), "{kill}: {from:?} to {to}");
        }
    }
    for kill in ["/bin/kill -USR2 $MAINPID", "/usr/bin/pumactl -P x stop", "/bin/kill -WINCH $MAINPID"] {
        assert!(!said(kill, Some("4.3.12"), "8.0.2"), "{kill}");
    }
}

fn lock(gems: &str, ruby: &str) -> String {
    format!("GEM\n  specs:\n{gems}\nRUBY VERSION\n   ruby {ruby}\n")
}

#[test]
fn a_ruby_is_too_old_from_the_release_that_needs_a_newer() {
    for (ruby, works, breaks) in
        [("2.7.8p225", "6.6.1", "7.0.0"), ("2.3.8", "5.6.9", "6.0.0"), ("2.1.10", "3.11.4", "3.12.0")]
    {
        let lock = lock("    puma (3.11.4)\n", ruby);
        let rules = |to: &str| {
            let files =
                [("config/puma.rb", FileKind::Puma, "quiet\n"), ("Gemfile.lock", FileKind::Lock, &*lock)];
            found(&files, None, release(to))
                .iter()
                .any(|d| d.rule == "old-ruby" && d.severity == Severity::Error)
        };
        assert!(!rules(works) && rules(breaks), "{ruby}");
    }
    let new = lock("    puma (6.6.1)\n", "3.0.0");
    let files = [("config/puma.rb", FileKind::Puma, "quiet\n"), ("Gemfile.lock", FileKind::Lock, &*new)];
    assert!(found(&files, None, Release::newest()).iter().all(|d| d.rule != "old-ruby"));
}

#[test]
fn a_gem_is_too_old_for_some_releases_only() {
    let rules = |config: &str, gem: &str, to: &str| -> Vec<Severity> {
        let lock = lock(&format!("    {gem}\n    puma (6.6.1)\n"), "3.3.0");
        let files = [("config/puma.rb", FileKind::Puma, config), ("Gemfile.lock", FileKind::Lock, &*lock)];
        let found = found(&files, None, release(to));
        found.iter().filter(|d| d.rule == "incompatible-gem").map(|d| d.severity).collect()
    };
    assert_eq!(rules("quiet\n", "capybara (3.37.1)", "5.6.9"), []);
    assert_eq!(rules("quiet\n", "capybara (3.37.1)", "6.0.0"), [Severity::Warning]);
    assert_eq!(rules("quiet\n", "capybara (3.38.0)", "8.0.2"), []);
    let plugin = "plugin :solid_queue\n";
    assert_eq!(rules(plugin, "solid_queue (1.2.1)", "6.6.1"), []);
    assert_eq!(rules(plugin, "solid_queue (1.2.1)", "7.0.0"), [Severity::Error]);
    assert_eq!(rules(plugin, "solid_queue (1.2.1)", "7.0.1"), []);
    assert_eq!(rules(plugin, "solid_queue (1.2.2)", "7.0.0"), []);
    assert_eq!(rules("quiet\n", "solid_queue (1.2.1)", "7.0.0"), []);
    assert_eq!(rules("plugin :solid_queue if ENV['X']\n", "solid_queue (1.2.1)", "7.0.0"), []);
}

#[test]
fn pumactl_fails_on_some_configs_on_some_releases() {
    let fails = |config: &str, pumactl: &str, to: &str| {
        let unit = format!(
            "[Service]\nWorkingDirectory=/srv/app\nExecStart=/usr/bin/puma\nExecStop=/usr/bin/{pumactl}\n"
        );
        let files = [("config/puma.rb", FileKind::Puma, config), ("app.service", FileKind::Systemd, &*unit)];
        found(&files, None, release(to)).iter().any(|d| d.rule == "broken-pumactl")
    };
    let hook = "workers 2\non_worker_boot { }\n";
    let new = "workers 2\nbefore_worker_boot { }\n";
    let stop = "pumactl -P tmp/puma.pid stop";
    let with = "pumactl -F config/puma.rb stop";
    // Config, command, where it fails first and last.
    for (config, pumactl, first, last) in [
        (hook, stop, "7.0.0", "7.0.1"),
        (new, stop, "7.0.0", "7.0.1"),
        ("max_fast_inline 10\n", with, "7.0.0", "7.0.1"),
        ("on_booted { }\n", with, "6.2.0", "6.6.1"),
        ("before_fork { }\n", with, "6.2.0", "6.3.1"),
        ("quiet\n", with, "3.8.0", "3.8.0"),
        ("quiet\n", stop, "3.0.0", "3.0.1"),
    ] {
        let (first, last) = (release(first), release(last));
        for release in [first, last] {
            assert!(fails(config, pumactl, release.name()), "{config} {pumactl} at {release}");
        }
        for release in [last.next().unwrap(), first.previous().unwrap()] {
            let other = config.contains("on_booted") && release == self::release("7.0.0");
            assert!(other || !fails(config, pumactl, release.name()), "{config} {pumactl} at {release}");
        }
    }
    for (config, pumactl) in [
        ("quiet\n", stop),
        (hook, "pumactl -F - -P tmp/puma.pid stop"),
        (hook, "kill -TERM $MAINPID"),
        ("def on_worker_boot\nend\non_worker_boot\n", stop),
        ("on_worker_boot { } if ENV['X'] == 'y'\n", stop),
    ] {
        assert!(!fails(config, pumactl, "7.0.1"), "{config} {pumactl}");
    }
}

#[test]
fn keywords_are_new_where_the_catalog_says() {
    for directive in catalog::directives() {
        for keyword in directive.keywords {
            let first = keyword.releases.first();
            let Some(before) = first.previous().filter(|before| directive.exists(*before)) else { continue };
            let arguments = match directive.name {
                "ssl_bind" => "'::1', 1, key: 'a', cert: 'b', ",
                "activate_control_app" => "'auto', ",
                _ => "",
            };
            let config = format!("{}({arguments}{}: true)\n", directive.name, keyword.name);
            let rules = |to: Release| -> Vec<&str> {
                let files = [("config/puma.rb", FileKind::Puma, &*config)];
                found(&files, None, to).iter().map(|d| d.rule).collect()
            };
            let (old, new) = (rules(before), rules(first));
            let told = old.contains(&"unavailable-keyword") || old.contains(&"invalid-argument");
            assert!(told, "{config} at {before}: {old:?}");
            assert!(!new.contains(&"unavailable-keyword"), "{config} at {first}: {new:?}");
        }
    }
}
