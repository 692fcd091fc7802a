//! What `show` says is what the installed Puma holds, started with the launch's own command line, environment and
//! directory: for every bundled project, and for small ones written here.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use puma_lint::catalog::Release;
use puma_lint::lint::{Options, lint};
use puma_lint::model::{Severity, Word};
use puma_lint::output::show::json;
use puma_lint::puma::options::{self, Status};
use puma_lint::show::{Shown, show};
use puma_lint::workspace::{self, Selection, Workspace};
use serde_json::{Value, json};
use support::{bundled, has, here, project};

/// Values that differ from run to run, or from Ruby object to Ruby object.
const OPAQUE: &[&str] = &["logger", "events"];

fn installed() -> Release {
    let output = Command::new("puma").arg("--version").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    Release::parse(text.split_whitespace().nth(2).unwrap()).unwrap().release
}

fn open(folder: &Path) -> Workspace {
    let paths = [folder.to_owned()];
    let is_directive = |name: &str| puma_lint::catalog::directive(name).is_some();
    workspace::open(&Selection { paths: &paths, ..Selection::default() }, &is_directive).unwrap()
}

fn options(release: Release, env: &[(&str, &str)]) -> Options {
    Options {
        target: Some(release.version()),
        closed_env: true,
        env: env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        ..Options::default()
    }
}

/// What the installed Puma holds under a launch. The folder stands in for the app's root on the server.
fn really(folder: &Path, shown: &Shown, root: &str) -> Value {
    let here = folder.to_str().unwrap();
    let moved = |text: &str| if root.is_empty() { text.to_owned() } else { text.replace(root, here) };
    // systemd replaces variables before Puma starts.
    let variable = |name: &str| shown.launch.environment.variables.get(name).cloned();
    let rails = shown.launch.rails_server().is_some();
    let words = match &shown.launch.invocation {
        Some(invocation) if rails => invocation.arguments.clone(),
        _ => options::command_line_words(&shown.launch, shown.release),
    };
    let words: Vec<Word> =
        words.iter().flat_map(|word| puma_lint::systemd::expand(word, &variable)).collect();
    let launch = json!({
        "directory": here,
        "arguments": words.iter().map(Word::text).map(moved).collect::<Vec<_>>(),
        "environment": shown.launch.environment.variables.iter()
            .map(|(name, value)| (name.clone(), moved(value).into()))
            .collect::<serde_json::Map<String, Value>>(),
    });
    let output = Command::new("ruby")
        .arg(self::here(if rails {
            "tests/support/rails_server.rb"
        } else {
            "tests/support/real_options.rb"
        }))
        .arg(launch.to_string())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("LANG", "C.UTF-8")
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {errors}"))
}

/// The same value with the app's root on the server where the folder is, and numbers by what they are worth.
fn told(value: &Value, root: &str, folder: &str) -> Value {
    match value {
        Value::String(text) if !root.is_empty() => text.replace(root, folder).into(),
        Value::Array(items) => items.iter().map(|item| told(item, root, folder)).collect(),
        Value::Number(number) => number.as_f64().into(),
        value => value.clone(),
    }
}

/// Compares every launch of a folder. How many there were that real Puma boots.
fn compare(name: &str, folder: &Path, env: &[(&str, &str)]) -> usize {
    let release = installed();
    let folder = folder.canonicalize().unwrap();
    let workspace = open(&folder);
    let options = options(release, env);
    let mut booted = 0;
    let mut wrong = Vec::new();
    for shown in show(&workspace, &options) {
        let context = format!("{name}, {}", shown.launch.name);
        // No Puma reads a template.
        let is_template = |file| workspace.source(file).template().is_some();
        let place = shown.launch.place.map(|place| place.file);
        if shown.launch.configs.iter().map(|(file, _)| *file).chain(place).any(is_template) {
            continue;
        }
        // The config that a deploy writes is on the server only.
        if !shown.launch.written.is_empty() {
            continue;
        }
        // What a shell makes of its variables isn't played here.
        let words = shown.launch.invocation.iter().flat_map(|run| &run.arguments);
        if !shown.launch.starter.decides() && words.into_iter().any(|word| word.text().contains('$')) {
            continue;
        }
        let root = shown.launch.directory.as_known().unwrap_or_default().to_owned();
        // Several apps may lie in one tree: each launch runs where its config is.
        let config = shown.launch.configs.first().map(|(file, _)| workspace.source(*file).path());
        let app = config.and_then(Path::parent).and_then(|above| match above.ends_with("config") {
            true => above.parent(),
            false => None,
        });
        let folder = app.map_or(folder.clone(), Path::to_path_buf);
        let real = really(&folder, &shown, &root);
        if let Some(error) = real["error"].as_str() {
            let found = lint(&workspace, &options).findings;
            let expected = found
                .iter()
                .map(|finding| &finding.diagnostic)
                .any(|found| found.severity == Severity::Error || found.rule == "uninitialized-rails")
                || error.starts_with("LoadError");
            assert!(expected, "{context}: {error}, and nothing is said");
            println!("{context}: {error}");
            continue;
        }
        booted += 1;
        let held = real["options"].as_object().unwrap();
        for (name, setting) in &shown.options {
            let Status::Known(value) = setting.status() else { continue };
            let ours = told(&json::plain(value), &root, folder.to_str().unwrap());
            // Below a root that no file names, there is nothing to compare.
            if ours.is_null() && *value != puma_lint::model::Value::Nil {
                continue;
            }
            let theirs = held.get(*name).map_or(Value::Null, |value| told(value, "", ""));
            // The tag is the name of the folder, which is another one here.
            if ours != theirs && !(*name == "tag" && setting.is_default()) {
                wrong.push(format!("{context}: {name} is {theirs}, we say {ours}"));
            }
        }
        for (name, theirs) in held {
            let said = shown.options.contains_key(name.as_str());
            if !theirs.is_null() && !said && !OPAQUE.contains(&name.as_str()) {
                wrong.push(format!("{context}: {name} is {theirs}, and we don't say so"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    booted
}

#[test]
fn bundled_projects_hold_what_show_says() {
    if !has("puma") || !has("ruby") {
        return;
    }
    let mut booted = 0;
    for entry in fs::read_dir(here("fixtures/projects")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let folder = bundled(&name);
        booted += compare(&name, folder.path(), &[]);
        booted += compare(&name, folder.path(), &[("WEB_CONCURRENCY", "3"), ("PORT", "4000")]);
    }
    // Most of them show what keeps this release from booting.
    assert!(booted >= 2, "only {booted} launches boot");
}

/// A unit that starts Puma so.
#[test]
fn rails_servers_hold_what_show_says() {
    if !has("puma") || !has("ruby") {
        return;
    }
    let cases: &[(&str, &str)] = &[
        ("", ""),
        ("-e production", ""),
        ("-p 4000", ""),
        ("-b 127.0.0.1", "Environment=RAILS_ENV=production\n"),
        ("-p 4000 -b ::1 -e test", ""),
        ("-b /tmp/x.sock", ""),
        ("-e staging -P tmp/x.pid -C", "Environment=RAILS_ENV=production\n"),
        ("--early-hints --port=5000", "Environment=APP_ENV=other RACK_ENV=production\n"),
        ("--no-early-hints", "Environment=PORT=70\n"),
        ("", "Environment=PORT=70 BINDING=127.0.0.1 RAILS_ENV=production\n"),
        ("", "Environment=HOST=example.org RAILS_ENV=production\n"),
        ("", "Environment=WEB_CONCURRENCY=2\n"),
        ("-e production", "PIDFile=/run/app/puma.pid\n"),
    ];
    let configs = [
        "workers 2 if Rails.env.production?\npidfile ENV['PIDFILE'] if ENV['PIDFILE']\ntag \"#{Rails.env}-#{ENV['RAILS_ENV']}\"\n",
        "port ENV.fetch('PORT', 3001)\nenvironment ENV.fetch('RAILS_ENV', 'x')\nstate_path Rails.root.join('tmp/s').to_s\n",
        "bind 'tcp://127.0.0.1:9'\nplugin :tmp_restart\nearly_hints false\nthreads 1, 2\ntag defined?(Rails) ? 'r' : 'p'\n",
    ];
    let mut booted = 0;
    for (at, (arguments, more)) in cases.iter().enumerate() {
        for config in [configs[at % 3], configs[(at + 1) % 3]] {
            let start = format!("/srv/app/current/bin/rails server {arguments}");
            let folder = project(&[
                ("config/puma.rb", config),
                ("config/puma/staging.rb", "threads 3, 4\n"),
                ("deploy/app.service", &unit(&start, more)),
            ]);
            booted += compare(&format!("rails server {arguments}, {more}"), folder.path(), &[]);
        }
    }
    println!("{booted} launches compared");
    assert!(booted >= cases.len() * 2, "only {booted} launches boot");
}

fn unit(start: &str, more: &str) -> String {
    format!("[Service]\nWorkingDirectory=/srv/app/current\n{more}ExecStart={start}\n")
}

#[test]
fn launches_of_every_kind_hold_what_show_says() {
    if !has("puma") || !has("ruby") {
        return;
    }
    let config = "port ENV.fetch('PORT') { 3000 }\nworkers ENV.fetch('WEB_CONCURRENCY', 2)\npidfile File.expand_path('../tmp/p.pid', __dir__)\n\
        state_path 'tmp/s'\nactivate_control_app 'unix://tmp/c.sock', { auth_token: 'tttttt' }\non_worker_boot { }\nplugin :tmp_restart\n";
    let cases: &[(&str, &str, &str)] = &[
        ("plain", "/usr/bin/puma", ""),
        (
            "flags",
            "/usr/bin/puma -C config/puma.rb -p 9999 -w 4 -t 2:6 -e staging --pidfile x.pid -S y -q --tag z",
            "",
        ),
        ("bind", "/usr/bin/puma -b tcp://127.0.0.1:1 -b unix:///tmp/x.sock --preload --dir /tmp", ""),
        (
            "variables",
            "/usr/bin/puma -C config/puma.rb -p ${PORT}",
            "Environment=PORT=81 WEB_CONCURRENCY=1 RACK_ENV=staging RAILS_ENV=production\n",
        ),
        (
            "no config",
            "/usr/bin/puma --no-config -t 3 other.ru",
            "Environment=WEB_CONCURRENCY=2 PUMA_MAX_THREADS=9\n",
        ),
        ("dash", "/usr/bin/puma -C - --prune-bundler", ""),
        ("several", "/usr/bin/puma -C config/puma.rb -C config/more.rb", ""),
        ("by environment", "/usr/bin/puma", "Environment=RAILS_ENV=staging\n"),
        ("by flag", "/usr/bin/puma -e staging", "Environment=RAILS_ENV=production\n"),
        (
            "control",
            "/usr/bin/puma --control-url tcp://127.0.0.1:9 --control-token abcd --redirect-stdout o --fork-worker=5",
            "",
        ),
        ("random", "/usr/bin/puma --control-url unix:///tmp/c --redirect-stderr e --redirect-append", ""),
        (
            "shell",
            "/bin/sh -c 'cd /srv/app/current && RAILS_ENV=production exec bundle exec puma -C config/puma.rb -p 5'",
            "",
        ),
        ("pumactl", "/usr/bin/pumactl -F config/puma.rb -e test start", ""),
        ("pidfile", "/usr/bin/puma -C config/env.rb", "PIDFile=/run/app/puma.pid\nUser=deploy\n"),
    ];
    let mut booted = 0;
    for (name, start, more) in cases {
        let folder = project(&[
            ("config/puma.rb", config),
            ("config/more.rb", "threads 7, 8\ntag 'more'\nport 70\n"),
            (
                "config/puma/staging.rb",
                "threads 1, 2\nbind 'tcp://127.0.0.1:2'\nrackup 'a.ru'\nssl_bind 'h', 1, cert: 'c d', key: 'k', verify_mode: 'peer'\n",
            ),
            (
                "config/env.rb",
                "pidfile ENV['PIDFILE'] if ENV['PIDFILE']\ntag ENV['USER'] || 'nobody'\nprune_bundler\nquiet false\nset_default_host '::1'\nport '6'\n",
            ),
            ("deploy/app.service", &unit(start, more)),
        ]);
        let count = compare(name, folder.path(), &[]);
        assert!(count >= 1, "{name}: no launch boots");
        booted += count;
    }
    println!("{booted} launches compared");
}
