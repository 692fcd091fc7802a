//! `puma-lint.toml`: found, obeyed, overruled by flags, and its mistakes shown.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs;

use support::{here, json, lint, project, stderr, stdout};

const LOCK: &str = "GEM\n  specs:\n    puma (8.0.2)\n";

fn names(report: &serde_json::Value) -> Vec<String> {
    let all = report["diagnostics"].as_array().unwrap();
    all.iter()
        .map(|d| format!("{}[{}]", d["severity"].as_str().unwrap(), d["rule"].as_str().unwrap()))
        .collect()
}

#[test]
fn the_schema_is_the_one_in_the_repository() {
    let rules: Vec<&str> = puma_lint::rules::RULES.iter().map(|rule| rule.name).collect();
    let schema = format!("{:#}\n", puma_lint::settings::schema::schema(&rules));
    let path = here("fixtures/puma-lint.schema.json");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &schema).unwrap();
    }
    assert_eq!(fs::read_to_string(path).unwrap(), schema, "UPDATE=1 cargo test --test settings writes it");
}

#[test]
fn settings_are_found_upwards_and_flags_overrule_them() {
    let folder = project(&[
        (
            "puma-lint.toml",
            "target-version = \"4\"\nfail-on = \"error\"\n[severity]\nremoved-directive = \"info\"\n",
        ),
        ("app/config/puma.rb", "daemonize\n"),
        ("app/Gemfile.lock", LOCK),
        (".git/HEAD", ""),
    ]);
    let app = folder.path().join("app");
    assert_eq!(names(&json(&app, &["--target-version", "8"])), ["info[removed-directive]"]);
    let report = json(&app, &["."]);
    assert_eq!(report["target_version"], "4.3.12");
    assert_eq!(report["deployments"][0]["target_source"], "puma-lint.toml");
    let run = |arguments: &[&str]| lint(&app, arguments).status.code();
    assert_eq!(run(&["--target-version", "8"]), Some(0));
    assert_eq!(run(&["--target-version", "8", "--fail-on", "info"]), Some(1));
    assert_eq!(run(&["--isolated"]), Some(1));
    fs::write(folder.path().join("other.toml"), "[severity]\nremoved-directive = \"off\"\n").unwrap();
    assert_eq!(run(&["--config", "../other.toml"]), Some(0));
    // A rule that is selected by hand runs, whatever the settings say of it.
    assert_eq!(run(&["--config", "../other.toml", "--select", "removed-directive"]), Some(1));
    assert_eq!(run(&["--config", "nowhere.toml"]), Some(2));
    assert_eq!(run(&["--config", "../other.toml", "--isolated"]), Some(2));
}

#[test]
fn lists_of_rules_merge() {
    let folder =
        project(&[("config/puma.rb", "daemonize\non_worker_boot { }\nworkers 2\n"), ("Gemfile.lock", LOCK)]);
    let found = |settings: &str, flags: &[&str]| {
        fs::write(folder.path().join("puma-lint.toml"), settings).unwrap();
        names(&json(folder.path(), flags)).join(" ")
    };
    let (removed, renamed) = ("error[removed-directive]", "warning[renamed-directive]");
    let both = format!("{removed} {renamed}");
    assert_eq!(found("", &[]), both);
    assert_eq!(found("select = [\"removed-directive\"]", &[]), removed);
    assert_eq!(found("ignore = [\"removed-directive\"]", &[]), renamed);
    assert_eq!(found("select = []", &[]), "");
    assert_eq!(found("ignore = [\"removed-directive\"]", &["--ignore", "renamed-directive"]), "");
    assert_eq!(found("select = [\"removed-directive\"]", &["--ignore", "removed-directive"]), "");
    assert_eq!(found("ignore = [\"removed-directive\"]", &["--select", "removed-directive"]), removed);
    assert_eq!(found("select = [\"removed-directive\"]", &["--select", "renamed-directive"]), renamed);
    assert_eq!(found("[severity]\nremoved-directive = \"off\"", &[]), renamed);
    assert_eq!(
        found("[severity]\nrenamed-directive = \"error\"", &[]),
        format!("{removed} error[renamed-directive]")
    );
}

#[test]
fn mistakes_are_shown_where_they_are() {
    let folder = project(&[
        ("puma-lint.toml", "fail_on = \"error\"\n\nignore = [\"removed-directiv\"]\n"),
        ("config/puma.rb", ""),
    ]);
    let output = lint(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(stdout(&output), "");
    let said = stderr(&output);
    for words in [
        "error: unknown key `fail_on`\n",
        "╭─[puma-lint.toml:1:1]\n",
        "help: did you mean `fail-on`?\n",
        "error: there is no rule `removed-directiv`\n",
        "╭─[puma-lint.toml:3:11]\n",
        "help: did you mean `removed-directive`?\n",
    ] {
        assert!(said.contains(words), "{words:?} in:\n{said}");
    }
    let output = lint(folder.path(), &["fix"]);
    assert_eq!(output.status.code(), Some(2));
    let output = lint(folder.path(), &["--isolated"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

#[test]
fn each_app_has_its_own_settings() {
    let folder = project(&[
        ("a/puma-lint.toml", "ignore = [\"removed-directive\"]\nexclude = [\"old\"]\n"),
        ("a/config/puma.rb", "daemonize\n"),
        ("a/old/config/puma.rb", "daemonize\n"),
        ("b/config/puma.rb", "daemonize\n"),
        ("b/puma-lint.toml", "fail-on = \"error\"\n[severity]\nremoved-directive = \"warning\"\n"),
        ("b/old/config/puma.rb", "daemonize\n"),
        (".git/HEAD", ""),
    ]);
    let report = json(folder.path(), &["--target-version", "8"]);
    let paths: Vec<_> = report["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| d["location"]["path"].as_str().unwrap())
        .collect();
    assert_eq!(paths, ["b/config/puma.rb", "b/old/config/puma.rb"]);
    assert_eq!(lint(folder.path(), &["--target-version", "8"]).status.code(), Some(0));
    // Named by hand, as a hook does, the same holds.
    let files = ["--target-version", "8", "a/config/puma.rb", "b/config/puma.rb"];
    assert_eq!(names(&json(folder.path(), &files)), ["warning[removed-directive]"]);
}

#[test]
fn what_is_excluded_is_not_read() {
    let folder = project(&[
        ("puma-lint.toml", "exclude = [\"spec/fixtures\"]\n"),
        ("config/puma.rb", ""),
        ("spec/fixtures/config/puma.rb", "daemonize\n"),
        ("vendor2/config/puma.rb", "daemonize\n"),
        ("Gemfile.lock", LOCK),
        (".git/HEAD", ""),
    ]);
    let run = |arguments: &[&str]| lint(folder.path(), arguments);
    assert_eq!(run(&["--exclude", "vendor*"]).status.code(), Some(0));
    assert_eq!(run(&[]).status.code(), Some(1));
    assert_eq!(run(&["--exclude", "a["]).status.code(), Some(2));
    // By hand it is taken all the same, unless told otherwise.
    let file = "spec/fixtures/config/puma.rb";
    assert_eq!(run(&[file]).status.code(), Some(1));
    let output = run(&["--force-exclude", file]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(stderr(&output), "puma-lint: what is named here is excluded: nothing was checked\n");
    assert_eq!(run(&["--force-exclude", "spec/fixtures"]).status.code(), Some(0));
    assert_eq!(run(&["fix", "--force-exclude", file]).status.code(), Some(0));
    assert_eq!(run(&["--force-exclude", file, "vendor2/config/puma.rb"]).status.code(), Some(1));
}

#[test]
fn a_settings_file_selects_what_it_decides() {
    let folder = project(&[
        ("puma-lint.toml", "target-version = \"8\"\n"),
        ("config/puma.rb", "daemonize\n"),
        (".git/HEAD", ""),
    ]);
    assert_eq!(names(&json(folder.path(), &["puma-lint.toml"])), ["error[removed-directive]"]);
}

#[test]
fn what_holds_is_shown() {
    let folder = project(&[
        (
            "puma-lint.toml",
            "from = \"6\"\nignore = [\"old-ruby\"]\n[severity]\nstray-argument = \"off\"\n[[deployment]]\nconfig = \"config/puma.rb\"\nroot = \"/srv/shop\"\n",
        ),
        ("config/puma.rb", ""),
        ("Gemfile.lock", LOCK),
    ]);
    let output =
        lint(folder.path(), &["check", "--show-settings", "--target-version", "8", "--ignore", "user-unit"]);
    assert_eq!(
        stdout(&output),
        "# puma-lint.toml
target-version           8                            --target-version
from                     6                            puma-lint.toml:1
fail-on                  warning                      default
select                   all rules                    default
ignore                   old-ruby, user-unit          puma-lint.toml:2, --ignore
exclude                  nothing                      default
severity.stray-argument  off                          puma-lint.toml:4
deployment               config/puma.rb at /srv/shop  puma-lint.toml:5
"
    );
    let output = lint(folder.path(), &["check", "--show-files", "config/puma.rb"]);
    assert_eq!(
        stdout(&output),
        "selected  puma      config/puma.rb\ncontext   lock      Gemfile.lock\ncontext   settings  puma-lint.toml\n"
    );
}

#[test]
fn what_holds_is_shown_to_scripts_too() {
    let folder =
        project(&[("puma-lint.toml", "from = \"6\"\n"), ("config/puma.rb", ""), ("Gemfile.lock", LOCK)]);
    let shown = |flag: &str| -> serde_json::Value {
        let output =
            lint(folder.path(), &["check", flag, "--format", "json", "--fail-on", "info", "config/puma.rb"]);
        assert_eq!(output.status.code(), Some(0));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let settings = shown("--show-settings");
    assert_eq!(settings["schema_version"], 1);
    assert_eq!(settings["settings"][0]["path"], "puma-lint.toml");
    let values = settings["settings"][0]["values"].as_array().unwrap();
    let value = |name: &str| values.iter().find(|value| value["name"] == name).unwrap();
    assert_eq!(
        *value("from"),
        serde_json::json!({"name": "from", "value": "6", "source": "puma-lint.toml:1"})
    );
    assert_eq!(value("fail-on")["source"], "--fail-on");
    assert_eq!(
        shown("--show-files"),
        serde_json::json!({"schema_version": 1, "files": [
            {"path": "config/puma.rb", "kind": "puma", "selected": true},
            {"path": "Gemfile.lock", "kind": "lock", "selected": false},
            {"path": "puma-lint.toml", "kind": "settings", "selected": false},
        ]})
    );
}

/// Two apps whose units and checks say nothing of each other: their folders bear other names than on the server.
fn two_apps(settings: &str) -> tempfile::TempDir {
    let unit = |app: &str| {
        format!(
            "[Service]\nType=notify\nUser=deploy\nWorkingDirectory=/srv/{app}/current\n\
             ExecStart=/usr/bin/bundle exec puma -C config/puma.rb\n"
        )
    };
    let check = |name: &str, path: &str, unit: &str| {
        format!(
            "check process {name} with pidfile {path}\n  start program = \"/bin/systemctl start {unit}\"\n  \
             stop program = \"/bin/systemctl stop {unit}\"\n"
        )
    };
    let monit = check("one", "/srv/one/current/tmp/wrong.pid", "one")
        + &check("two", "/srv/two/current/tmp/two.pid", "two");
    project(&[
        ("puma-lint.toml", settings),
        ("Gemfile.lock", LOCK),
        ("apps/a/config/puma.rb", "pidfile \"tmp/one.pid\"\n"),
        ("apps/b/config/puma.rb", "pidfile \"tmp/two.pid\"\n"),
        ("ops/one.service", &unit("one")),
        ("ops/two.service", &unit("two")),
        ("ops/monitrc", &monit),
    ])
}

fn members(report: &serde_json::Value) -> Vec<String> {
    let all = report["deployments"].as_array().unwrap();
    let files = |d: &serde_json::Value| {
        let files = d["files"].as_array().unwrap().iter().map(|f| f.as_str().unwrap().to_owned());
        files.filter(|f| f != "Gemfile.lock").collect::<Vec<_>>().join(" ")
    };
    all.iter().map(files).collect()
}

const TWO: &str = "
[[deployment]]
config = \"apps/a/config/puma.rb\"
units = [\"ops/one.service\"]
monit = [\"ops/monitrc\"]
[[deployment]]
config = \"apps/b/config/puma.rb\"
units = [\"ops/two.service\"]
monit = [\"ops/monitrc\"]
";

#[test]
fn apps_that_share_a_monit_file_are_told_apart() {
    // Left alone, nobody knows.
    let folder = two_apps("");
    assert_eq!(members(&json(folder.path(), &[])).len(), 3);
    let folder = two_apps(TWO);
    let report = json(folder.path(), &[]);
    assert_eq!(
        members(&report),
        [
            "apps/a/config/puma.rb ops/one.service ops/monitrc",
            "apps/b/config/puma.rb ops/two.service ops/monitrc"
        ]
    );
    assert_eq!(names(&report), ["error[pidfile-mismatch]"], "{report:#}");
    assert_eq!(report["diagnostics"][0]["deployment"], "1");
    assert_eq!(report["diagnostics"][0]["location"]["start"]["line"], 1);
}

#[test]
fn checks_are_assigned_by_name_where_nothing_else_tells() {
    let monit = "check process one with pidfile /run/wrong/puma.pid\ncheck process two with pidfile /srv/two/tmp/two.pid\n";
    let settings = |one: &str, two: &str| {
        format!(
            "[[deployment]]\nconfig = \"a/config/puma.rb\"\nmonit = \"monitrc\"\nroot = \"/srv/one\"\n{one}\n\
             [[deployment]]\nconfig = \"b/config/puma.rb\"\nmonit = \"monitrc\"\nroot = \"/srv/two\"\n{two}\n"
        )
    };
    let folder = project(&[
        ("Gemfile.lock", LOCK),
        ("a/config/puma.rb", "pidfile \"tmp/one.pid\"\n"),
        ("b/config/puma.rb", "pidfile \"tmp/two.pid\"\n"),
        ("monitrc", monit),
    ]);
    let run = |text: String| {
        fs::write(folder.path().join("puma-lint.toml"), text).unwrap();
        json(folder.path(), &[])
    };
    // The second check lies below the second root; whose the first one is, nobody can tell.
    assert_eq!(names(&run(settings("", ""))), Vec::<String>::new());
    let report = run(settings("checks = [\"one\"]", ""));
    assert_eq!(names(&report), ["error[pidfile-mismatch]"]);
    let labels = report["diagnostics"][0]["labels"].to_string();
    assert!(labels.contains("/srv/one/tmp/one.pid"), "{labels}");
    assert_eq!(
        names(&run(settings("checks = [\"two\"]", "checks = [\"two\"]"))),
        ["error[pidfile-mismatch]"]
    );
    fs::write(folder.path().join("puma-lint.toml"), settings("checks = [\"on\"]", "")).unwrap();
    let output = lint(folder.path(), &[]);
    assert!(stderr(&output).contains("a Monit check \"on\", and none"), "{}", stderr(&output));
}

#[test]
fn an_apps_root_on_the_server_is_where_its_paths_are() {
    let files = [("config/puma.rb", "pidfile \"tmp/puma.pid\"\n"), ("Gemfile.lock", LOCK)];
    let folder = project(&files);
    let show = || stdout(&lint(folder.path(), &["show"]));
    assert!(!show().contains("/srv/shop/current/tmp/puma.pid"));
    fs::write(
        folder.path().join("puma-lint.toml"),
        "[[deployment]]\nconfig = \"config/puma.rb\"\nroot = \"/srv/shop/current\"\ntarget-version = \"6\"\n",
    )
    .unwrap();
    assert!(show().contains("/srv/shop/current/tmp/puma.pid"), "{}", show());
    assert!(show().contains("Puma 6."), "{}", show());
}

#[test]
fn a_file_that_is_named_there_has_its_kind_from_there() {
    let folder = project(&[
        ("puma-lint.toml", "[[deployment]]\nconfig = \"ops/server.txt\"\n"),
        ("ops/server.txt", "daemonize\n"),
        ("Gemfile.lock", LOCK),
    ]);
    assert_eq!(names(&json(folder.path(), &[])), ["error[removed-directive]"]);
    assert_eq!(names(&json(folder.path(), &["ops/server.txt"])), ["error[removed-directive]"]);
}

#[test]
fn the_guides_settings_are_valid() {
    let guide = fs::read_to_string(here("docs/settings.md")).unwrap();
    let toml = guide.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let folder = project(&[
        ("puma-lint.toml", toml),
        ("apps/shop/config/puma.rb", "daemonize\n"),
        ("ops/shop.service", "[Service]\nExecStart=/bin/true\n"),
        ("ops/monitrc", "check process shop with pidfile /srv/shop/current/tmp/puma.pid\n"),
    ]);
    assert_eq!(names(&json(folder.path(), &[])), ["error[removed-directive]"]);
    let output = lint(folder.path(), &["check", "--show-settings"]);
    assert!(stdout(&output).contains(
        "apps/shop/config/puma.rb, ops/shop.service, ops/monitrc, check shop at /srv/shop/current"
    ));
}

#[test]
fn configs_of_one_folder_are_one_app_unless_the_settings_part_them() {
    let files = [
        ("Gemfile.lock", LOCK),
        ("config/puma/web.rb", "quiet\nport 1\n"),
        ("config/puma/admin.rb", "quiet\nport 2\n"),
        ("config/puma/other.rb", "quiet\nport 3\n"),
    ];
    let folder = project(&files);
    let run = |settings: &str| {
        fs::write(folder.path().join("puma-lint.toml"), settings).unwrap();
        members(&json(folder.path(), &[]))
    };
    assert_eq!(run(""), ["config/puma/admin.rb config/puma/other.rb config/puma/web.rb"]);
    let web = "[[deployment]]\nconfig = \"config/puma/web.rb\"\n";
    assert_eq!(run(web), ["config/puma/web.rb config/puma/admin.rb config/puma/other.rb"]);
    let both = format!("{web}[[deployment]]\nconfig = \"config/puma/admin.rb\"\n");
    assert_eq!(run(&both), ["config/puma/other.rb", "config/puma/web.rb", "config/puma/admin.rb"]);
}

#[test]
fn what_is_wrong_with_a_shared_file_is_said_once() {
    let folder = two_apps(TWO);
    fs::write(folder.path().join("ops/monitrc"), "check process\n").unwrap();
    let report = json(folder.path(), &[]);
    assert_eq!(names(&report), ["error[syntax-error]"]);
}

#[test]
fn a_folder_and_a_unit_stand_for_what_belongs_to_them() {
    let folder = project(&[
        (
            "puma-lint.toml",
            "[[deployment]]\nconfig = \"a/config/puma.rb\"\nunits = [\"ops/x.service\", \"units\"]\n[[deployment]]\nconfig = \"b/config/puma.rb\"\n",
        ),
        ("a/config/puma.rb", ""),
        ("b/config/puma.rb", ""),
        ("ops/x.service", "[Service]\nExecStart=/bin/true\n"),
        ("ops/x.service.d/more.conf", "[Service]\nUser=x\n"),
        ("units/y.service", "[Service]\nExecStart=/bin/true\n"),
        ("Gemfile.lock", LOCK),
    ]);
    let all = members(&json(folder.path(), &[]));
    assert_eq!(
        all,
        ["a/config/puma.rb ops/x.service ops/x.service.d/more.conf units/y.service", "b/config/puma.rb"]
    );
}

#[test]
fn of_two_settings_files_in_a_folder_one_holds_and_the_other_is_named() {
    let folder = project(&[
        ("puma-lint.toml", ""),
        (".puma-lint.toml", "ignore = [\"removed-directive\"]\n"),
        ("config/puma.rb", "daemonize\n"),
    ]);
    let output = lint(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains(".puma-lint.toml: not read, since puma-lint.toml lies beside it"));
}
