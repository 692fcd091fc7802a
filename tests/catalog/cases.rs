//! Single calls against what real Puma said of a config that holds them.

use puma_lint::catalog::Argument::{self, Float, Hash, Integer, List, Nil, Symbol, Text};
use puma_lint::catalog::{
    Circumstances, Release, Stage, Without, constant, did_you_mean, directive, variable,
};
use serde_json::Value;

use super::recorded;

/// A case, the directive that it is about, and the arguments it is called with.
type Case = (&'static str, &'static str, &'static [Argument<'static>]);

const CASES: &[Case] = &[
    ("activate_control_app_bare", "activate_control_app", &[]),
    ("activate_control_app_nil_options", "activate_control_app", &[Text("unix:///tmp/pumactl.sock"), Nil]),
    ("activate_control_app_hash_token", "activate_control_app", &[Text("tcp://127.0.0.1:9293"), Hash(&[])]),
    ("bind_no_argument", "bind", &[]),
    ("bind_tcp", "bind", &[Text("tcp://127.0.0.1:3000")]),
    ("bind_to_activated_sockets_only", "bind_to_activated_sockets", &[Text("only")]),
    ("daemonize_true", "daemonize", &[Argument::Boolean(true)]),
    ("daemonize_string", "daemonize", &[Text("yes")]),
    ("debug_bare", "debug", &[]),
    ("debug_false", "debug", &[Argument::Boolean(false)]),
    ("directory_string", "directory", &[Text("/tmp")]),
    ("drain_on_shutdown", "drain_on_shutdown", &[]),
    ("early_hints_false", "early_hints", &[Argument::Boolean(false)]),
    ("enable_keep_alive_singular", "enable_keep_alive", &[Argument::Boolean(false)]),
    ("enable_keep_alives_false", "enable_keep_alives", &[Argument::Boolean(false)]),
    ("environment_nil", "environment", &[Nil]),
    ("environment_symbol", "environment", &[Symbol("production")]),
    ("extra_runtime_dependencies", "extra_runtime_dependencies", &[List(&[Text("json")])]),
    ("fiber_per_request", "fiber_per_request", &[]),
    ("first_data_timeout", "first_data_timeout", &[Integer(10)]),
    ("force_shutdown_after_bare", "force_shutdown_after", &[]),
    ("force_shutdown_after_number", "force_shutdown_after", &[Integer(10)]),
    ("force_shutdown_after_string", "force_shutdown_after", &[Text("10")]),
    ("force_shutdown_after_symbol", "force_shutdown_after", &[Symbol("never")]),
    ("fork_worker_single", "fork_worker", &[]),
    ("group_switch", "group", &[Text("deploy")]),
    ("http_content_length_limit", "http_content_length_limit", &[Integer(1000)]),
    ("log_requests_bare", "log_requests", &[]),
    ("max_fast_inline_infinity", "max_fast_inline", &[Float(f64::INFINITY)]),
    ("max_fast_inline_nil", "max_fast_inline", &[Nil]),
    ("max_io_threads", "max_io_threads", &[Integer(5)]),
    ("max_keep_alive", "max_keep_alive", &[Integer(20)]),
    ("mutate_stdout", "mutate_stdout_and_stderr_to_sync_on_write", &[Argument::Boolean(false)]),
    ("nakayoshi_fork_bare", "nakayoshi_fork", &[]),
    ("persistent_timeout_float", "persistent_timeout", &[Float(1.5)]),
    ("persistent_timeout_string", "persistent_timeout", &[Text("10")]),
    ("persistent_timeout_word", "persistent_timeout", &[Text("ten")]),
    ("pidfile_no_argument", "pidfile", &[]),
    ("pidfile_string", "pidfile", &[Text("tmp/pids/puma.pid")]),
    ("plugin_systemd", "plugin", &[Symbol("systemd")]),
    ("plugin_tmp_restart_string", "plugin", &[Text("tmp_restart")]),
    ("port_blank_string", "port", &[Text("")]),
    ("port_host", "port", &[Integer(3000), Text("127.0.0.1")]),
    ("port_integer", "port", &[Integer(3000)]),
    ("port_word", "port", &[Text("web")]),
    ("preload_app_single", "preload_app!", &[]),
    ("preload_app_no_bang", "preload_app", &[Argument::Boolean(true)]),
    ("prune_bundler_single", "prune_bundler", &[]),
    ("quiet_bare", "quiet", &[]),
    ("rack_url_scheme", "rack_url_scheme", &[Text("https")]),
    ("set_remote_address_bad", "set_remote_address", &[Symbol("nonsense")]),
    ("set_remote_address_header", "set_remote_address", &[Hash(&[("header", Text("x-real-ip"))])]),
    ("set_remote_address_localhost", "set_remote_address", &[Symbol("localhost")]),
    ("set_remote_address_string", "set_remote_address", &[Text("127.0.0.1")]),
    ("shutdown_debug", "shutdown_debug", &[]),
    ("ssl_bind_hash", "ssl_bind", &[Text("127.0.0.1"), Integer(3443), Hash(&[])]),
    ("ssl_bind_no_options", "ssl_bind", &[Text("127.0.0.1"), Integer(3443)]),
    ("state_path_string", "state_path", &[Text("tmp/pids/puma.state")]),
    ("state_permission", "state_permission", &[Integer(0o640)]),
    ("stdout_redirect_bare", "stdout_redirect", &[]),
    (
        "stdout_redirect_three",
        "stdout_redirect",
        &[Text("out.log"), Text("err.log"), Argument::Boolean(true)],
    ),
    ("supported_http_methods_any", "supported_http_methods", &[Symbol("any")]),
    ("supported_http_methods_bad", "supported_http_methods", &[Text("GET")]),
    ("supported_http_methods_list", "supported_http_methods", &[List(&[Text("GET"), Text("POST")])]),
    ("tag_string", "tag", &[Text("myapp")]),
    ("tcp_mode_bang", "tcp_mode!", &[]),
    ("tcp_mode_bare", "tcp_mode", &[]),
    ("threads_colon_string", "threads", &[Text("2:7")]),
    ("threads_min_above_max", "threads", &[Integer(8), Integer(2)]),
    ("threads_one", "threads", &[Integer(3)]),
    ("threads_strings", "threads", &[Text("2"), Text("7")]),
    ("threads_three", "threads", &[Integer(1), Integer(2), Integer(3)]),
    ("umask", "umask", &[Integer(0o22)]),
    ("unknown_directive", "no_such_directive", &[Integer(5)]),
    ("user_switch", "user", &[Text("deploy")]),
    ("wait_for_less_busy_worker_nil", "wait_for_less_busy_worker", &[Nil]),
    ("wait_for_less_busy_worker_zero", "wait_for_less_busy_worker", &[Integer(0)]),
    ("worker_boot_timeout_string", "worker_boot_timeout", &[Text("90")]),
    ("worker_check_interval", "worker_check_interval", &[Integer(10)]),
    ("worker_culling_strategy_bad", "worker_culling_strategy", &[Symbol("random")]),
    ("worker_culling_strategy_string", "worker_culling_strategy", &[Text("oldest")]),
    ("worker_directory", "worker_directory", &[Text("/tmp")]),
    ("worker_shutdown_timeout_string", "worker_shutdown_timeout", &[Text("90")]),
    ("worker_timeout", "worker_timeout", &[Integer(90)]),
    ("worker_timeout_below_interval", "worker_timeout", &[Integer(3)]),
    ("worker_timeout_nil", "worker_timeout", &[Nil]),
    ("worker_timeout_word", "worker_timeout", &[Text("long")]),
    ("workers_auto_symbol", "workers", &[Symbol("auto")]),
    ("workers_empty_string", "workers", &[Text("")]),
    ("workers_float", "workers", &[Float(2.5)]),
    ("workers_float_string", "workers", &[Text("2.5")]),
    ("workers_negative", "workers", &[Integer(-1)]),
    ("workers_no_argument", "workers", &[]),
    ("workers_padded_string", "workers", &[Text(" 2 ")]),
    ("workers_string", "workers", &[Text("2")]),
    ("workers_true", "workers", &[Argument::Boolean(true)]),
    ("workers_two", "workers", &[Integer(2)]),
    ("workers_word", "workers", &[Text("two")]),
    ("workers_zero", "workers", &[Integer(0)]),
    // Hooks: the blocks play no part here.
    ("before_fork_key", "before_fork", &[Symbol("db")]),
    ("before_worker_boot_key", "before_worker_boot", &[Symbol("db")]),
    ("on_refork_key", "on_refork", &[Symbol("db")]),
    ("on_worker_boot_key_integer", "on_worker_boot", &[Integer(1)]),
    ("on_worker_boot_key_string", "on_worker_boot", &[Text("db")]),
    ("on_worker_shutdown_key", "on_worker_shutdown", &[Symbol("db")]),
    ("on_restart", "on_restart", &[]),
    ("on_thread_exit", "on_thread_exit", &[]),
    ("before_thread_start", "before_thread_start", &[]),
];

/// What the catalog says of a call: why the config does not load, with how sure that is.
fn verdict(name: &str, arguments: &[Argument<'_>], release: Release) -> Option<(String, bool)> {
    let Some(form) = directive(name).and_then(|directive| directive.at(release)) else {
        // A block makes it a call, and hooks are called with one.
        let hook = name.starts_with("on_") || name.starts_with("before_");
        let bare = arguments.is_empty() && !name.ends_with('!') && !hook;
        let start = if bare {
            "NameError: undefined local variable or method"
        } else {
            "NoMethodError: undefined method"
        };
        return Some((format!("{start} `{name}' for"), true));
    };
    if !form.arity().takes(arguments.len()) {
        return Some((form.arity().words(arguments.len()), true));
    }
    let refusal = directive(name)?
        .checks_at(release)
        .filter(|check| check.stage == Stage::Config)
        .find_map(|check| check.refuses(arguments, Circumstances::at(release)))?;
    Some((refusal.words, refusal.certain))
}

#[test]
fn calls_load_or_fail_as_they_really_do() {
    let verdicts = recorded::file("verdicts.json");
    for (case, name, arguments) in CASES {
        let rows = &verdicts[case]["config"];
        for release in Release::all() {
            let row = recorded::row(rows, release).unwrap();
            let said = row["error"].as_str();
            let context = format!("{case} at {release}");
            match verdict(name, arguments, release) {
                None => assert_eq!(said, None, "{context}"),
                Some((words, true)) => {
                    let said = said.unwrap_or_else(|| panic!("{context}: {words}, but it loads"));
                    // Some hooks stand below a `fork_worker` that fails first.
                    let earlier = said.contains("`fork_worker'");
                    assert!(
                        earlier || said == words || said.starts_with(&format!("{words} ")),
                        "{context}: {said} | {words}"
                    );
                }
                Some((words, false)) => assert!(said.is_none() || said == Some(words.as_str()), "{context}"),
            }
        }
    }
}

#[test]
fn calls_set_the_options_they_really_set() {
    let verdicts = recorded::file("verdicts.json");
    for (case, name, _) in CASES {
        for release in Release::all() {
            let row = recorded::row(&verdicts[case]["config"], release).unwrap();
            let Some(sets) = row["sets"].as_object() else { continue };
            let told: Vec<&str> = directive(name).unwrap().sets_at(release).collect();
            for option in sets.keys() {
                // Consequences, what other lines of the case set, and where certificates are kept.
                let other =
                    ["preload_app", "workers", "control_url_temp", "store"].contains(&option.as_str());
                assert!(
                    told.contains(&option.as_str()) || other,
                    "{case} at {release} sets {option}, not {told:?}"
                );
            }
        }
    }
}

#[test]
fn some_arguments_fail_later() {
    let verdicts = recorded::file("verdicts.json");
    for (case, argument) in [("environment_nil", Nil), ("environment_symbol", Symbol("production"))] {
        for release in Release::all() {
            let row = recorded::row(&verdicts[case]["launcher"], release).unwrap();
            let refusal = directive("environment").unwrap().refuses(&[argument], Circumstances::at(release));
            // 2.x fails when it runs.
            let launch = refusal.filter(|_| release >= Release::parse("3.0.0").unwrap().release);
            assert_eq!(
                launch.map(|refusal| refusal.words).as_deref(),
                row["error"].as_str(),
                "{case} at {release}"
            );
        }
    }
}

#[test]
fn a_single_thread_count_is_both_bounds() {
    let refuses = |arguments: &[Argument<'_>], release: &str| {
        let release = Release::parse(release).unwrap().release;
        directive("threads")
            .unwrap()
            .refuses(arguments, Circumstances::at(release))
            .map(|refusal| refusal.words)
    };
    let words = "RuntimeError: The maximum number of threads (0) must be greater than 0";
    assert_eq!(refuses(&[Integer(0)], "8").as_deref(), Some(words));
    assert_eq!(refuses(&[Integer(0), Integer(0)], "4").as_deref(), Some(words));
    assert_eq!(refuses(&[Integer(0), Integer(5)], "8"), None);
    assert_eq!(refuses(&[Argument::Unknown], "8"), None);
}

#[test]
fn the_interval_that_is_set_so_far_decides() {
    let timeout = directive("worker_timeout").unwrap();
    let refused = |interval| {
        let circumstances = Circumstances { release: Release::newest(), check_interval: interval };
        timeout.refuses(&[Integer(8)], circumstances).is_some()
    };
    assert_eq!([refused(None), refused(Some(5)), refused(Some(10))], [false, false, true]);
}

#[test]
fn a_missing_block_is_what_it_really_is() {
    let verdicts = recorded::file("verdicts.json");
    for (case, name) in [
        ("before_fork_no_block", "before_fork"),
        ("before_worker_boot_no_block", "before_worker_boot"),
        ("after_worker_boot_no_block", "after_worker_boot"),
        ("out_of_band_no_block", "out_of_band"),
        ("on_booted_no_block", "on_booted"),
        ("app_empty", "app"),
        ("lowlevel_error_handler_empty", "lowlevel_error_handler"),
        ("log_formatter_no_block", "log_formatter"),
        ("cluster_no_block", "cluster"),
    ] {
        let directive = directive(name).unwrap();
        for release in Release::all().filter(|release| directive.exists(*release)) {
            let said = recorded::row(&verdicts[case]["config"], release).unwrap()["error"].as_str();
            let rule = directive.block_at(release).unwrap_or_else(|| panic!("{name} at {release}"));
            let refused = rule.words.filter(|_| rule.without == Without::Refused);
            assert_eq!(refused, said, "{case} at {release}");
            assert_eq!(rule.without == Without::Refused, said.is_some(), "{case} at {release}");
        }
    }
}

#[test]
fn puma_prints_what_the_catalog_quotes() {
    let verdicts = recorded::file("verdicts.json");
    for (case, name, workers) in [
        ("on_worker_boot_single", "on_worker_boot", false),
        ("on_worker_boot_cluster", "on_worker_boot", true),
        ("before_worker_boot_single", "before_worker_boot", false),
        ("on_worker_fork", "on_worker_fork", true),
        ("on_restart", "on_restart", false),
        ("on_thread_exit", "on_thread_exit", false),
        ("on_booted", "on_booted", false),
        ("on_stopped", "on_stopped", false),
        ("on_refork", "on_refork", true),
        ("out_of_band", "out_of_band", false),
        ("max_fast_inline_infinity", "max_fast_inline", false),
        ("worker_directory", "worker_directory", false),
    ] {
        for release in Release::all() {
            let row = recorded::row(&verdicts[case]["config"], release).unwrap();
            if row["outcome"] != "ok" {
                continue;
            }
            let directive = directive(name).unwrap();
            let mut told: Vec<&str> =
                directive.deprecation_at(release).map(|found| found.words).into_iter().collect();
            told.extend(
                directive.single_mode_warning_at(release).filter(|_| !workers).map(|found| found.words),
            );
            let said: Vec<&str> =
                row["output"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            assert_eq!(told, said, "{case} at {release}");
        }
    }
}

#[test]
fn constants_exist_where_they_really_do() {
    let verdicts = recorded::file("verdicts.json");
    for (case, path) in [
        ("constant_config_default", "Puma::ConfigDefault"),
        ("constant_configuration_defaults", "Puma::Configuration::DEFAULTS"),
        ("constant_default_rackup", "Puma::Configuration::DefaultRackup"),
        ("constant_default_tcp_host", "DefaultTCPHost"),
        ("constant_persistent_timeout", "Puma::Const::PERSISTENT_TIMEOUT"),
    ] {
        let constant = constant(path).unwrap();
        for release in Release::all() {
            let said = recorded::row(&verdicts[case]["config"], release).unwrap()["error"].as_str();
            match said.filter(|said| said.contains("uninitialized constant")) {
                Some(said) => {
                    assert!(!constant.exists(release), "{case} at {release}");
                    assert_eq!(constant.words(), said, "{case} at {release}");
                }
                // The directive that gets it may be missing.
                None => assert!(constant.exists(release) || said.is_some(), "{case} at {release}"),
            }
        }
    }
    assert_eq!(
        constant("Const::PERSISTENT_TIMEOUT").map(|found| found.path),
        Some("Puma::Const::PERSISTENT_TIMEOUT")
    );
    assert_eq!(constant("::Puma::DSL").map(|found| found.path), Some("Puma::DSL"));
    assert!(constant("::DefaultRackup").is_none() && constant("Rails").is_none());
    let replaced = constant("Puma::Const::MAX_FAST_INLINE").unwrap().replacement_at(Release::newest());
    assert_eq!(replaced, Some("Puma::Configuration::DEFAULTS[:max_keep_alive]"));
}

#[test]
fn variables_set_what_they_really_set() {
    let recorded = recorded::file("environments.json");
    for (assignment, rows) in recorded.as_object().unwrap() {
        let Some((name, value)) = assignment.split_once('=') else { continue };
        let variable = variable(name);
        for release in Release::all() {
            let row = recorded::row(rows, release).unwrap();
            let refusal = variable.and_then(|variable| variable.refuses(value, release));
            let context = format!("{assignment} at {release}: {refusal:?} instead of {row}");
            match refusal {
                Some(refusal) => assert_eq!(row["error"], refusal.words.as_str(), "{context}"),
                None => assert!(row["error"].is_null(), "{context}"),
            }
            for option in row["sets"].as_object().into_iter().flatten().map(|(option, _)| option.as_str()) {
                let told = variable.and_then(|variable| variable.sets_at(release));
                assert!(told == Some(option) || option == "preload_app", "{context}: {told:?}");
            }
            let sets = row["sets"].as_object().is_some_and(|sets| !sets.is_empty());
            let told = variable.is_some_and(|variable| variable.sets_at(release).is_some());
            // RACK_ENV is read before 3.0.0 too, but shows in no option there.
            assert!(
                !told || sets || value.is_empty() || !row["error"].is_null() || name == "RACK_ENV",
                "{context}"
            );
        }
    }
}

#[test]
fn six_directives_ever_vanished() {
    let gone: Vec<(&str, &str)> = puma_lint::catalog::directives()
        .filter_map(|directive| Some((directive.name, directive.removed_in()?.name())))
        .collect();
    assert_eq!(
        gone,
        [
            ("daemonize", "5.0.0"),
            ("import", "3.8.0"),
            ("nakayoshi_fork", "6.0.0"),
            ("tcp_mode", "5.0.0"),
            ("tcp_mode!", "5.0.0"),
            ("worker_directory", "5.0.0"),
        ]
    );
    assert_eq!(directive("worker_directory").and_then(|found| found.replacement), Some("directory"));
    assert!(did_you_mean("pid_file", Release::newest()).is_some());
}
