//! The story of the bundled deployment, end to end.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs;
use std::path::Path;

use serde_json::Value;
use support::{bundled, here, json, lint, project, stderr, stdout};

/// Every finding as `path:line:column severity[rule]`.
fn findings(report: &Value) -> Vec<String> {
    let all = report["diagnostics"].as_array().unwrap();
    all.iter()
        .map(|d| {
            let at = &d["location"];
            format!(
                "{}:{}:{} {}[{}]",
                at["path"].as_str().unwrap(),
                at["start"]["line"],
                at["start"]["column"],
                d["severity"].as_str().unwrap(),
                d["rule"].as_str().unwrap()
            )
        })
        .collect()
}

/// The text that a finding marks.
fn marked(folder: &Path, finding: &Value) -> String {
    let text = fs::read(folder.join(finding["location"]["path"].as_str().unwrap())).unwrap();
    let offset = |end: &str| usize::try_from(finding["location"][end]["offset"].as_u64().unwrap()).unwrap();
    String::from_utf8(text[offset("start")..offset("end")].to_vec()).unwrap()
}

fn of_rule<'a>(report: &'a Value, rule: &str) -> Vec<&'a Value> {
    report["diagnostics"].as_array().unwrap().iter().filter(|d| d["rule"] == rule).collect()
}

#[test]
fn everything_that_breaks_is_found_where_it_stands() {
    let folder = here("fixtures/projects/article-before");
    let report = json(&folder, &["--target-version", "8"]);
    assert_eq!(
        findings(&report),
        [
            "config/puma.rb:19:1 error[removed-directive]",
            "config/puma.rb:21:8 error[removed-constant]",
            "config/puma.rb:23:1 warning[renamed-directive]",
            "config/puma.rb:25:4 info[changed-default]",
            "config/puma.rb:25:4 info[changed-default]",
            "config/puma.rb:25:4 info[changed-default]",
            "config/puma.rb:25:4 info[changed-default]",
            "deploy/shop.service:6:1 error[forking-service]",
            "deploy/shop.service:11:61 error[removed-flag]",
            "deploy/shop.service:12:22 warning[phased-restart-unavailable]",
            "deploy/shop.service:13:20 warning[ignored-signal]",
            "ops/shop.monit:2:33 error[pidfile-mismatch]",
            "ops/shop.monit:3:94 error[removed-flag]",
        ]
    );
    let marks =
        |rule: &str| -> Vec<String> { of_rule(&report, rule).iter().map(|d| marked(&folder, d)).collect() };
    assert_eq!(marks("removed-directive"), ["daemonize true"]);
    assert_eq!(marks("removed-constant"), ["DefaultRackup"]);
    assert_eq!(marks("renamed-directive"), ["on_worker_boot"]);
    assert_eq!(marks("forking-service"), ["Type=forking"]);
    assert_eq!(marks("removed-flag"), ["--daemon", "--daemon"]);
    assert_eq!(marks("ignored-signal"), ["-TSTP"]);
    assert_eq!(marks("phased-restart-unavailable"), ["-USR1"]);
    for finding in report["diagnostics"].as_array().unwrap() {
        assert!(finding["help"].is_string(), "{finding}");
    }
}

#[test]
fn consequences_name_their_cause() {
    let report = json(&here("fixtures/projects/article-before"), &["--target-version", "8"]);
    let cause = &of_rule(&report, "removed-directive")[0]["id"];
    for rule in ["forking-service", "removed-flag"] {
        for finding in of_rule(&report, rule) {
            assert_eq!(&finding["cause"], cause, "{finding}");
        }
    }
    for rule in ["removed-directive", "removed-constant", "pidfile-mismatch", "ignored-signal"] {
        assert!(of_rule(&report, rule)[0]["cause"].is_null(), "{rule}");
    }
}

#[test]
fn three_pidfile_paths_are_one_finding_in_three_files() {
    let report = json(&here("fixtures/projects/article-before"), &["--target-version", "8"]);
    let found = of_rule(&report, "pidfile-mismatch");
    assert_eq!(found.len(), 1);
    let mut paths: Vec<&str> = found[0]["labels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| l["location"]["path"].as_str().unwrap())
        .collect();
    paths.sort_unstable();
    paths.dedup();
    assert_eq!(paths, ["config/puma.rb", "deploy/shop.service", "ops/shop.monit"]);
    let labels = found[0]["labels"].to_string();
    assert!(labels.contains("/srv/shop/current/tmp/pids/puma.pid"), "{labels}");
}

#[test]
fn the_target_is_found_in_the_lock_and_overruled_by_the_flag() {
    let folder = here("fixtures/projects/article-before");
    let locked = json(&folder, &[]);
    assert_eq!(locked["target_version"], "4.3.12");
    assert_eq!(locked["deployments"][0]["target_source"], "Gemfile.lock");
    for rule in
        ["removed-directive", "removed-constant", "removed-flag", "renamed-directive", "forking-service"]
    {
        assert!(of_rule(&locked, rule).is_empty(), "{rule}");
        assert!(of_rule(&json(&folder, &["--target-version", "4.3.12"]), rule).is_empty(), "{rule}");
    }
    let six = json(&folder, &["--target-version", "6.6"]);
    assert_eq!(six["target_version"], "6.6.1");
    assert!(of_rule(&six, "renamed-directive").is_empty());
    assert_eq!(of_rule(&six, "removed-constant").len(), 1);
}

#[test]
fn clean_projects_are_clean() {
    for name in ["article-after", "plain-rails", "puma-daemon"] {
        for target in [&[][..], &["--target-version", "8"], &["--target-version", "7.2"]] {
            let folder = here("fixtures/projects").join(name);
            // What the upgrade to the target changes is no fault.
            let flags = if target.is_empty() { &[][..] } else { &["--ignore", "changed-default"] };
            let output = lint(&folder, &[&["check", "--fail-on", "info"], flags, target].concat());
            assert_eq!(output.status.code(), Some(0), "{name}: {}", stdout(&output));
        }
    }
}

#[test]
fn fixing_deletes_and_renames_and_keeps_every_other_byte() {
    let text = fs::read_to_string(here("fixtures/projects/article-before/config/puma.rb")).unwrap();
    let wanted = text
        .replace("daemonize true # the init script expects it\n", "")
        .replace("\nrackup DefaultRackup\n", "")
        .replace("on_worker_boot", "before_worker_boot");
    for (text, wanted) in [
        (text.clone(), wanted.clone()),
        (text.replace('\n', "\r\n"), wanted.replace('\n', "\r\n")),
        (text.trim_end().to_owned(), wanted.trim_end().to_owned()),
        (format!("\u{feff}{text}"), format!("\u{feff}{wanted}")),
    ] {
        let project = bundled("article-before");
        let config = project.path().join("config/puma.rb");
        fs::write(&config, &text).unwrap();
        let diff = lint(project.path(), &["fix", "--diff", "config/puma.rb", "--target-version", "8"]);
        assert_eq!(diff.status.code(), Some(1), "{}", stderr(&diff));
        assert_eq!(fs::read_to_string(&config).unwrap(), text, "--diff changes nothing");
        let fixed = lint(project.path(), &["fix", "config/puma.rb", "--target-version", "8"]);
        assert_eq!(fs::read_to_string(&config).unwrap(), wanted);
        let said = stdout(&fixed);
        assert!(said.contains("stays in the foreground"), "{said}");
        assert!(said.contains("deploy/shop.service:6") && said.contains("ops/shop.monit:3"), "{said}");
        let again = lint(project.path(), &["fix", "--diff", "config/puma.rb", "--target-version", "8"]);
        assert_eq!(
            (again.status.code(), stdout(&again)),
            (Some(0), String::new()),
            "fixing again changes nothing"
        );
    }
}

#[test]
fn exit_codes_say_clean_found_and_failed() {
    let folder = here("fixtures/projects/article-before");
    let code = |arguments: &[&str]| lint(&folder, arguments).status.code();
    assert_eq!(code(&["--target-version", "8"]), Some(1));
    assert_eq!(code(&["--target-version", "8", "--exit-zero"]), Some(0));
    assert_eq!(
        code(&["check", "--target-version", "8", "--select", "renamed-directive", "--fail-on", "error"]),
        Some(0)
    );
    assert_eq!(code(&["check", "--target-version", "eight"]), Some(2));
    assert_eq!(code(&["check", "--format", "yaml"]), Some(2));
    assert_eq!(code(&["check", "--select", "no-such-rule"]), Some(2));
    assert_eq!(code(&["check", "nothing-here"]), Some(2));
    assert_eq!(code(&["explain", "removed-directive"]), Some(0));
    assert_eq!(code(&["explain", "removed-directiv"]), Some(2));
    assert_eq!(code(&["rules"]), Some(0));
    assert_eq!(code(&["--help"]), Some(0));
}

#[test]
fn concise_is_one_line_a_finding() {
    let output =
        lint(&here("fixtures/projects/article-before"), &["--target-version", "8", "--format", "concise"]);
    let line = regex::Regex::new(r"^[^:]+:\d+:\d+: (error|warning|info)\[[a-z-]+\] .+$").unwrap();
    let text = stdout(&output);
    assert_eq!(text.lines().count(), 13, "{text}");
    assert!(text.lines().all(|one| line.is_match(one)), "{text}");
}

#[test]
fn bad_input_gives_one_clear_answer() {
    let deep = format!("x = {}1{}\n", "[".repeat(100_000), "]".repeat(100_000));
    let large = format!("# {}\n", "x".repeat(300_000));
    let cases: [(&str, Vec<u8>, i32); 8] = [
        ("an empty config", Vec::new(), 0),
        ("comments alone", b"# nothing\n".to_vec(), 0),
        ("conflict markers", b"<<<<<<< HEAD\nworkers 2\n=======\nworkers 3\n>>>>>>> x\n".to_vec(), 1),
        ("truncated", b"on_worker_boot do\n  puts 1\n".to_vec(), 1),
        ("binary", vec![0, 159, 146, 150, 0, 1, 2], 1),
        ("invalid UTF-8", b"pidfile \"\xff\"\n".to_vec(), 1),
        ("too deep", deep.into_bytes(), 1),
        ("too large", large.into_bytes(), 2),
    ];
    for (what, bytes, code) in cases {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("puma.rb"), bytes).unwrap();
        let output = lint(folder.path(), &["check", "puma.rb", "--format", "concise"]);
        let (out, err) = (stdout(&output), stderr(&output));
        assert_eq!(output.status.code(), Some(code), "{what}: {out}{err}");
        let lines = out.lines().count() + err.lines().count();
        assert_eq!(lines, usize::from(code != 0), "{what}: {out}{err}");
        assert!(!err.contains("panicked"), "{what}: {err}");
    }
}

#[test]
fn what_cannot_be_opened_is_said_and_the_rest_is_checked() {
    let project = project(&[("config/puma.rb", "daemonize\n")]);
    fs::create_dir(project.path().join("a folder")).unwrap();
    for missing in ["nowhere.rb", "a folder"] {
        let output = lint(project.path(), &["check", "config/puma.rb", missing, "--format", "concise"]);
        assert_eq!(output.status.code(), Some(2), "{missing}");
        assert_eq!(stdout(&output).lines().count(), 1, "{missing}: {}", stdout(&output));
        assert_eq!(stderr(&output).lines().count(), 1, "{missing}: {}", stderr(&output));
    }
}

#[test]
fn a_file_alone_is_compared_with_the_project_around_it() {
    let project = bundled("article-before");
    let report = json(project.path(), &["ops/shop.monit", "--target-version", "8"]);
    assert_eq!(
        findings(&report),
        ["ops/shop.monit:2:33 error[pidfile-mismatch]", "ops/shop.monit:3:94 error[removed-flag]"]
    );
    let alone = json(project.path(), &["ops/shop.monit", "--target-version", "8", "--no-context"]);
    assert_eq!(findings(&alone), ["ops/shop.monit:3:94 error[removed-flag]"]);
    let lock = json(project.path(), &["Gemfile.lock", "--target-version", "8"]);
    assert_eq!(findings(&lock).len(), 13);
}

#[test]
fn the_json_is_as_promised() {
    let report = json(&here("fixtures/projects/article-before"), &["--target-version", "8"]);
    assert_eq!(report["schema_version"], 1);
    assert_eq!(report["tool"]["name"], "puma-lint");
    assert_eq!(report["target_version"], "8.0.2");
    assert!(report["from_version"] == "4.3.12");
    assert_eq!(report["suppressed"], 0);
    assert_eq!(report["summary"], serde_json::json!({"error": 6, "warning": 3, "info": 4, "fixable": 7}));
    let finding = of_rule(&report, "removed-directive")[0];
    assert_eq!(finding["deployment"], "1");
    assert_eq!(finding["quote"], "undefined method `daemonize' for #<Puma::DSL");
    assert_eq!(finding["fixes"][0]["applicability"], "safe");
    assert_eq!(finding["location"]["start"]["line"], 19);
}
