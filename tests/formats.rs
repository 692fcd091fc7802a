//! The formats for other programs, as those programs read them. `scripts/report-readers` installs these.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use support::{bundled, has, here, json, lint, project, stderr, stdout};

/// A deployment that was made to break whoever reads the report: names and texts full of controls, quotes,
/// and the marks of every format, and bytes that are no text.
fn hostile() -> tempfile::TempDir {
    let folder = project(&[("config/puma \u{1b}[31m&<\"'%:,é\u{202e}.rb", "port 1\n"), ("Gemfile.lock", "")]);
    let config = b"\xef\xbb\xbf# \xff\xfe \x1b[2J\nport 3000 # ]]> \xe2\x80\xae\ndaemonize \"\xff\x01]]>%0A::error::\xef\xbf\xbf](http://x)\"\non_worker_boot do\nend\n";
    fs::write(folder.path().join("config/puma.rb"), config).unwrap();
    let unit = "[Service]\nType=forking\nExecStart=/usr/bin/puma --daemon --nonsense \"a\u{7}b\u{fffe}\"\n";
    fs::write(folder.path().join("a\nb.service"), unit).unwrap();
    folder
}

/// Every bundled deployment and the hostile one, with a name for each.
fn deployments() -> Vec<(String, PathBuf)> {
    let bundled = fs::read_dir(here("fixtures/projects")).unwrap().map(|entry| entry.unwrap());
    bundled.map(|entry| (entry.file_name().into_string().unwrap(), entry.path())).collect()
}

fn report(folder: &Path, format: &str) -> Vec<u8> {
    let output = lint(folder, &["check", "--format", format, "--target-version", "8", "--from", "4.3.12"]);
    assert!(output.status.code().is_some_and(|code| code < 2), "{folder:?}: {}", stderr(&output));
    output.stdout
}

/// The reports of all deployments in one folder, each with the ending of its format.
fn reports(format: &str, ending: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let hostile = hostile();
    let all = deployments().into_iter().chain([("hostile".to_owned(), hostile.path().to_owned())]);
    for (name, deployment) in all {
        fs::write(folder.path().join(format!("{name}.{ending}")), report(&deployment, format)).unwrap();
    }
    folder
}

/// One of the programs (or files) that `scripts/report-readers` installs. Where it has to be, its absence fails.
fn reader(name: &str) -> Option<PathBuf> {
    let path = here("target/report-readers").join(name);
    if path.exists() {
        return Some(path);
    }
    let required = std::env::var_os("PUMA_LINT_REQUIRE_REAL_PROGRAMS").is_some();
    assert!(!required, "{name} is not installed, and has to be: scripts/report-readers");
    println!("skipped: {name} is not installed (scripts/report-readers installs it)");
    None
}

fn run(program: &Path, arguments: &[&str], folder: &Path) -> Output {
    let output = Command::new(program).args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{program:?}: {}{}", stdout(&output), stderr(&output));
    output
}

/// What the SARIF Multitool has against the files in a folder: by file, rule and message.
fn judged(folder: &Path, multitool: &Path) -> Vec<String> {
    let verdict = folder.join("verdict.json");
    let arguments =
        ["validate", "*.sarif", "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning", "--output"];
    run(multitool, &[&arguments[..], &[verdict.to_str().unwrap()]].concat(), folder);
    let verdict: Value = serde_json::from_slice(&fs::read(verdict).unwrap()).unwrap();
    let results = verdict["runs"][0]["results"].as_array().cloned().unwrap_or_default();
    let describe = |result: &Value| {
        let at = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        format!("{} {at} {}", result["ruleId"], result["message"])
    };
    results.iter().map(describe).collect()
}

/// The runs of all reports in a folder in a few files, 20 each, which is as many as GitHub takes: the Multitool takes
/// its time for each file.
fn together(folder: &Path) -> tempfile::TempDir {
    let read = |path: &Path| -> Value { serde_json::from_slice(&fs::read(path).unwrap()).unwrap() };
    let logs: Vec<Value> = fs::read_dir(folder).unwrap().map(|entry| read(&entry.unwrap().path())).collect();
    let together = tempfile::tempdir().unwrap();
    for (at, logs) in logs.chunks(20).enumerate() {
        let mut all = logs[0].clone();
        all["runs"] = logs.iter().map(|log| log["runs"][0].clone()).collect();
        fs::write(together.path().join(format!("{at}.sarif")), all.to_string()).unwrap();
    }
    together
}

#[test]
fn the_sarif_multitool_accepts_every_report() {
    let Some(multitool) = reader("Sarif.Multitool") else { return };
    let folder = reports("sarif", "sarif");
    let article = fs::read_to_string(folder.path().join("article-before.sarif")).unwrap();
    let together = together(folder.path());
    assert_eq!(judged(together.path(), &multitool), [""; 0]);

    // It would say so: of what the schema forbids, and of what only the standard does.
    let broken = tempfile::tempdir().unwrap();
    for (name, from, to) in
        [("schema", "\"ruleId\"", "\"rule\""), ("standard", "\"ruleIndex\": 0", "\"ruleIndex\": 99")]
    {
        assert!(article.contains(from));
        fs::write(broken.path().join(format!("{name}.sarif")), article.replace(from, to)).unwrap();
    }
    let complaints = judged(broken.path(), &multitool);
    for name in ["schema.sarif", "standard.sarif"] {
        assert!(complaints.iter().any(|complaint| complaint.contains(name)), "{name}: {complaints:#?}");
    }
}

/// Where GitLab would show the findings of a report, as `path:line check`.
fn shown(report: &Value) -> BTreeSet<String> {
    let all = report.as_array().unwrap().iter();
    let place = |entry: &Value| {
        let at = &entry["location"];
        format!(
            "{}:{} {}",
            at["path"].as_str().unwrap(),
            at["lines"]["begin"],
            entry["check_name"].as_str().unwrap()
        )
    };
    all.map(place).collect()
}

/// What GitLab documents of its Code Quality reports.
fn follows_gitlab(report: &Value, name: &str) {
    let text = |value: &Value| {
        value.as_str().filter(|text| !text.is_empty()).unwrap_or_else(|| panic!("{name}: {value}")).to_owned()
    };
    let mut prints = BTreeSet::new();
    for entry in report.as_array().unwrap() {
        text(&entry["description"]);
        text(&entry["check_name"]);
        assert!(prints.insert(text(&entry["fingerprint"])), "{name}: one fingerprint twice");
        assert!(
            ["info", "minor", "major", "critical", "blocker"].contains(&text(&entry["severity"]).as_str())
        );
        let path = text(&entry["location"]["path"]);
        assert!(!path.starts_with('/') && !path.starts_with("./"), "{name}: {path}");
        assert!(entry["location"]["lines"]["begin"].as_u64().is_some_and(|line| line > 0));
    }
}

#[test]
fn sarif_tools_makes_of_our_sarif_what_our_gitlab_report_says() {
    let sarif = reader("sarif");
    let folder = reports("gitlab", "json");
    for entry in fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let ours: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        follows_gitlab(&ours, &path.to_string_lossy());
    }
    let Some(sarif) = sarif else { return };
    let article = report(&here("fixtures/projects/article-before"), "sarif");
    fs::write(folder.path().join("article.sarif"), article).unwrap();
    run(&sarif, &["codeclimate", "--output", "theirs.json", "article.sarif"], folder.path());
    let read = |name: &str| -> Value {
        serde_json::from_slice(&fs::read(folder.path().join(name)).unwrap()).unwrap()
    };
    let theirs = shown(&read("theirs.json"));
    assert_eq!(theirs, shown(&read("article-before.json")));
    assert!(
        theirs.contains("fixtures/projects/article-before/config/puma.rb:19 removed-directive"),
        "{theirs:#?}"
    );
}

#[test]
fn the_schema_for_junit_accepts_every_report() {
    let Some(schema) = reader("junit.xsd").filter(|_| has("xmllint")) else { return };
    let folder = reports("junit", "xml");
    let names: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let validate = ["--noout", "--schema", schema.to_str().unwrap()];
    run(Path::new("xmllint"), &[&validate[..], &names].concat(), folder.path());

    fs::write(folder.path().join("bad"), "<testsuites><testsuite/></testsuites>").unwrap();
    let refused = Command::new("xmllint").args(validate).arg(folder.path().join("bad")).output().unwrap();
    assert!(!refused.status.success());
}

#[test]
fn a_workflow_command_is_one_line_and_has_nothing_of_others_in_it() {
    let hostile = hostile();
    let text = String::from_utf8(report(hostile.path(), "github")).unwrap();
    assert!(text.lines().count() > 3, "{text}");
    for line in text.lines() {
        let (command, rest) = line.strip_prefix("::").unwrap().split_once(' ').unwrap();
        assert!(["error", "warning", "notice"].contains(&command), "{line}");
        let (properties, message) = rest.split_once("::").unwrap();
        let names: Vec<_> =
            properties.split(',').map(|property| property.split_once('=').unwrap().0).collect();
        assert!(names.starts_with(&["file", "line"]) && names.ends_with(&["endLine", "title"]), "{line}");
        assert!(
            !message.is_empty() && !line.contains(|c: char| c.is_control() || c == '\u{202e}'),
            "{line:?}"
        );
    }
}

/// `(rule, fingerprint)` of every result.
fn fingerprints(folder: &Path) -> Vec<(String, String)> {
    let log: Value = serde_json::from_slice(&report(folder, "sarif")).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap().iter();
    let print = |result: &Value| {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&result["ruleId"]), text(&result["partialFingerprints"]["pumaLint/v1"]))
    };
    results.map(print).collect()
}

#[test]
fn lines_that_move_do_not_change_a_fingerprint() {
    let folder = bundled("article-before");
    let before = fingerprints(folder.path());
    let config = folder.path().join("config/puma.rb");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, format!("# new\n\n\n{text}")).unwrap();
    let after = fingerprints(folder.path());
    assert_eq!(before, after);
    assert_eq!(after.iter().map(|(_, print)| print).collect::<BTreeSet<_>>().len(), after.len());
}

#[test]
fn paths_are_those_in_the_repository_wherever_people_stand() {
    let folder =
        project(&[("apps/shop/config/puma.rb", "daemonize\n"), ("apps/shop/.keep", ""), (".git/HEAD", "")]);
    let below = folder.path().join("apps/shop");
    let uri = |output: Output| {
        let log: Value = serde_json::from_slice(&output.stdout).unwrap();
        log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"].clone()
    };
    let arguments = ["check", "--target-version", "8", "--format", "sarif"];
    let expected = serde_json::json!({"uri": "apps/shop/config/puma.rb", "uriBaseId": "%SRCROOT%"});
    assert_eq!(uri(lint(folder.path(), &arguments)), expected);
    assert_eq!(uri(lint(&below, &arguments)), expected);
    let github = stdout(&lint(&below, &["check", "--target-version", "8", "--format", "github"]));
    assert!(github.starts_with("::error file=apps/shop/config/puma.rb,line=1,"), "{github}");
}

#[test]
fn the_exit_code_and_the_findings_never_depend_on_the_format() {
    let formats = ["full", "concise", "json", "sarif", "github", "gitlab", "junit"];
    for (project, code) in [("article-before", 1), ("article-after", 0)] {
        let folder = bundled(project);
        let found = json(folder.path(), &[])["diagnostics"].as_array().unwrap().len();
        for format in formats {
            let output = lint(folder.path(), &["check", "--format", format]);
            assert_eq!(output.status.code(), Some(code), "{project} {format}");
            let zero = lint(folder.path(), &["check", "--exit-zero", "--format", format]);
            assert_eq!(zero.status.code(), Some(0), "{project} {format}");
            let text = stdout(&output);
            let count = match format {
                "sarif" => text.matches("\"partialFingerprints\"").count(),
                "gitlab" => text.matches("\"fingerprint\"").count(),
                "junit" => text.matches("<failure").count() + text.matches("<system-out").count(),
                "github" | "concise" => text.lines().count(),
                _ => continue,
            };
            assert_eq!(count, found, "{project} {format}: {text}");
        }
    }
}

#[test]
fn a_report_goes_to_a_file_and_nothing_else_is_printed() {
    let folder = bundled("article-before");
    for format in ["full", "sarif", "junit"] {
        let usual = lint(folder.path(), &["check", "--format", format]);
        let output = lint(folder.path(), &["check", "--format", format, "--output", "report"]);
        assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(1), ""), "{format}");
        assert_eq!(fs::read(folder.path().join("report")).unwrap(), usual.stdout, "{format}");
    }
    let left = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(left.into_iter().all(|name| !name.to_string_lossy().starts_with(".puma-lint")));

    let nowhere = lint(folder.path(), &["check", "--output", "no/such/folder"]);
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(stderr(&nowhere).contains("cannot write the report: no/such/folder: "), "{}", stderr(&nowhere));

    let diff = lint(folder.path(), &["fix", "--diff", "--target-version", "8", "--output", "changes.diff"]);
    assert_eq!((diff.status.code(), stdout(&diff).as_str()), (Some(1), ""));
    assert!(
        fs::read_to_string(folder.path().join("changes.diff")).unwrap().starts_with("--- config/puma.rb\n")
    );
}
