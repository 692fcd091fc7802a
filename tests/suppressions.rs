//! Comments that silence findings, that are useless, and that are written by `--add-ignore`.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs;
use std::path::Path;

use support::{bundled, json, lint, project, stderr, stdout};

const LOCK: &str = "GEM\n  specs:\n    puma (8.0.2)\n";
const OLD_LOCK: &str = "GEM\n  specs:\n    puma (6.4.0)\n";

fn rules(report: &serde_json::Value) -> Vec<String> {
    report["diagnostics"].as_array().unwrap().iter().map(|d| d["rule"].as_str().unwrap().to_owned()).collect()
}

fn read(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join(file)).unwrap()
}

#[test]
fn a_finding_with_many_places_is_silenced_at_any_of_them() {
    let monit = "check process shop with pidfile /srv/shop/wrong.pid\n  start program = \"/bin/systemctl start shop\"\n";
    let unit = "[Service]\nType=notify\nUser=deploy\nWorkingDirectory=/srv/shop\nExecStart=/usr/bin/bundle exec puma\n";
    let config = "pidfile 'tmp/puma.pid'\n";
    let comment = "# puma-lint: ignore[pidfile-mismatch] -- Monit is being replaced\n";
    let run = |monit: &str, config: &str| {
        let files =
            [("shop.service", unit), ("monitrc", monit), ("config/puma.rb", config), ("Gemfile.lock", LOCK)];
        json(project(&files).path(), &[])
    };
    assert_eq!(rules(&run(monit, config)), ["pidfile-mismatch"]);
    for report in [run(&format!("{comment}{monit}"), config), run(monit, &format!("{comment}{config}"))] {
        assert_eq!(rules(&report), Vec::<String>::new());
        assert_eq!(report["suppressed"], 1);
    }
    // Two comments for one finding are both of use.
    assert_eq!(
        rules(&run(&format!("{comment}{monit}"), &format!("{comment}{config}"))),
        Vec::<String>::new()
    );
}

#[test]
fn a_silenced_cause_leaves_its_consequences() {
    let folder = bundled("article-before");
    let before = json(folder.path(), &["--target-version", "8"]);
    let config = read(folder.path(), "config/puma.rb");
    fs::write(
        folder.path().join("config/puma.rb"),
        config.replacen("\ndaemonize", "\n# puma-lint: ignore[removed-directive] -- soon\ndaemonize", 1),
    )
    .unwrap();
    let after = json(folder.path(), &["--target-version", "8"]);
    assert_eq!(rules(&before).len(), rules(&after).len() + 1);
    let causes = |report: &serde_json::Value| {
        report["diagnostics"].as_array().unwrap().iter().filter(|d| !d["cause"].is_null()).count()
    };
    assert_eq!(causes(&before), causes(&after) + 1, "the next in line is the cause");
    assert_eq!(after["suppressed"], 1);
}

#[test]
fn a_silenced_finding_is_not_fixed() {
    let text = "daemonize # puma-lint: ignore[removed-directive] -- puma-daemon comes back\nworkers 2\n";
    let folder = project(&[("config/puma.rb", text), ("Gemfile.lock", LOCK)]);
    let output = lint(folder.path(), &["fix", "--unsafe"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert_eq!(read(folder.path(), "config/puma.rb"), text);
    assert!(stdout(&output).replace("\n ", "").contains("1 ignored by a comment"), "{}", stdout(&output));
}

#[test]
fn fix_removes_what_silences_nothing() {
    for (before, after) in [
        ("x = 1 # puma-lint: ignore[old-ruby]\n", "x = 1\n"),
        ("x = 1\t # puma-lint: ignore[old-ruby] -- why\r\nport 1\r\n", "x = 1\r\nport 1\r\n"),
        ("  # puma-lint: ignore[old-ruby]\nport 1\n", "port 1\n"),
        ("port 1\n# puma-lint: ignore[old-ruby]", "port 1\n"),
        ("\u{feff}# puma-lint: ignore[old-ruby]\nport 1\n", "\u{feff}port 1\n"),
        (
            "# puma-lint: ignore[old-ruby, removed-directive,missing-gem] -- why\ndaemonize\n",
            "# puma-lint: ignore[removed-directive] -- why\ndaemonize\n",
        ),
        ("# puma-lint: ignore[nothing-like-it, old-ruby]\nport 1\n", "port 1\n"),
        // These are for people to decide.
        (
            "# puma-lint: ignore[removed-directives]\nport 1\n",
            "# puma-lint: ignore[removed-directives]\nport 1\n",
        ),
        ("# puma-lint: disable[old-ruby]\nport 1\n", "# puma-lint: disable[old-ruby]\nport 1\n"),
    ] {
        let folder = project(&[("config/puma.rb", before), ("Gemfile.lock", LOCK)]);
        lint(folder.path(), &["fix"]);
        assert_eq!(read(folder.path(), "config/puma.rb"), after, "{before}");
    }
    let folder = project(&[
        ("x.service", "[Service]\n; puma-lint: ignore[old-ruby]\nExecStart=/bin/true\n"),
        ("monitrc", "set daemon 30 # puma-lint: ignore[old-ruby]\n"),
        ("config/puma.rb", "# puma-lint: ignore[removed-directives]\ndaemonize\n"),
        ("Gemfile.lock", LOCK),
    ]);
    lint(folder.path(), &["fix", "--unsafe", "--ignore", "removed-directive"]);
    assert_eq!(read(folder.path(), "x.service"), "[Service]\nExecStart=/bin/true\n");
    assert_eq!(read(folder.path(), "monitrc"), "set daemon 30\n");
    assert_eq!(read(folder.path(), "config/puma.rb"), "# puma-lint: ignore[removed-directive]\ndaemonize\n");
}

#[test]
fn a_comment_is_of_use_today_or_for_the_upgrade() {
    let run = |lock: &str, text: &str, flags: &[&str]| {
        let folder =
            project(&[("config/puma.rb", text), ("Gemfile.lock", lock), (".git/HEAD", ""), ("a/x", "")]);
        let mut found = rules(&json(folder.path(), flags));
        found.retain(|rule| ["renamed-directive", "unused-suppression"].contains(&rule.as_str()));
        found
    };
    let none = Vec::<String>::new();
    let comment = "# puma-lint: ignore[renamed-directive]\non_worker_boot { }\nworkers 2\n";
    assert_eq!(run(OLD_LOCK, comment, &[]), none, "it waits for the upgrade");
    assert_eq!(run(OLD_LOCK, comment, &["--target-version", "8"]), none);
    assert_eq!(run(OLD_LOCK, "# puma-lint: ignore[changed-default]\nport 1\n", &[]), none);
    let today = "# puma-lint: ignore[unavailable-directive]\nbefore_worker_boot { }\nworkers 2\n";
    assert_eq!(run(OLD_LOCK, today, &["--target-version", "8"]), none, "it is for what runs today");
    assert_eq!(run(LOCK, today, &[]), ["unused-suppression"]);
    // A rule that does not run says nothing about its comments.
    assert_eq!(run(LOCK, today, &["--ignore", "unavailable-directive"]), none);
    assert_eq!(run(LOCK, today, &["--select", "removed-directive"]), none);
    // What is silenced may lie outside of what is looked at.
    assert_eq!(run(LOCK, today, &["config"]), none);
    assert_eq!(run(LOCK, today, &["--no-context", "config/puma.rb"]), none);
    assert_eq!(run(LOCK, today, &["config/puma.rb"]), ["unused-suppression"]);
    assert_eq!(
        run(
            LOCK,
            "# puma-lint: ignore-file[unused-suppression]\n# puma-lint: ignore[old-ruby]\nport 1\n",
            &[]
        ),
        none
    );
}

#[test]
fn a_comment_behind_a_value_is_none_in_a_unit() {
    let folder = project(&[
        (
            "x.service",
            "[Service]\nUser=deploy\nWorkingDirectory=/srv/shop # puma-lint: ignore[trailing-comment]\nExecStart=/usr/bin/puma\n",
        ),
        ("Gemfile.lock", LOCK),
    ]);
    assert!(rules(&json(folder.path(), &[])).contains(&"trailing-comment".to_owned()));
}

#[test]
fn everything_found_can_be_silenced_and_once_is_enough() {
    for name in fs::read_dir(support::here("fixtures/projects")).unwrap() {
        let name = name.unwrap().file_name().into_string().unwrap();
        if name.starts_with("clean-") {
            continue;
        }
        let folder = bundled(&name);
        let before = json(folder.path(), &["--target-version", "8"]);
        let output = lint(
            folder.path(),
            &["check", "--target-version", "8", "--add-ignore", "see OPS-12", "--fail-on", "info"],
        );
        let after = json(folder.path(), &["--target-version", "8"]);
        let left = stderr(&output).lines().filter(|line| line.contains("comment")).count();
        assert_eq!(after["diagnostics"].as_array().unwrap().len(), left, "{name}: {after:#}");
        assert_eq!(output.status.code(), Some(i32::from(left > 0)), "{name}: {}", stdout(&output));
        let total = before["diagnostics"].as_array().unwrap().len()
            + usize::try_from(before["suppressed"].as_u64().unwrap()).unwrap();
        assert_eq!(usize::try_from(after["suppressed"].as_u64().unwrap()).unwrap() + left, total, "{name}");
        let texts = || {
            let all = after["files"].as_array().unwrap();
            all.iter()
                .map(|f| fs::read(folder.path().join(f["path"].as_str().unwrap())).unwrap())
                .collect::<Vec<_>>()
        };
        let once = texts();
        lint(folder.path(), &["check", "--target-version", "8", "--add-ignore", "see OPS-12"]);
        assert!(once == texts(), "{name}: a second time adds nothing");
    }
}

#[test]
fn comments_are_written_above_their_statements() {
    let folder = project(&[
        (
            "config/puma.rb",
            "workers 2\r\nunless ENV['X']\r\n  daemonize(\r\n    true)\r\nend\r\non_worker_boot do\r\n  daemonize; quiet\r\nend\r\n",
        ),
        (
            "shop.service",
            "\u{feff}[Service]\nType=forking\nUser=deploy\nWorkingDirectory=/srv/shop\nExecStart=/usr/bin/bundle exec \\\n  puma --daemon\n",
        ),
        ("Gemfile.lock", LOCK),
    ]);
    let output = lint(folder.path(), &["check", "--add-ignore", "later"]);
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    let config = read(folder.path(), "config/puma.rb");
    assert!(
        config.contains("\r\n  # puma-lint: ignore[removed-directive] -- later\r\n  daemonize(\r\n"),
        "{config}"
    );
    assert!(
        config.contains("\r\n# puma-lint: ignore[renamed-directive] -- later\r\non_worker_boot do\r\n"),
        "{config}"
    );
    let unit = read(folder.path(), "shop.service");
    assert!(unit.contains("] -- later\nExecStart=/usr/bin/bundle exec \\\n  puma --daemon\n"), "{unit}");
    assert!(
        stdout(&output).starts_with("4 findings silenced by 4 comments in 2 files\n"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn what_cannot_be_silenced_is_told() {
    let folder = project(&[
        ("config/puma.rb", "workers 2 do\n"),
        ("Gemfile.lock", "GEM\n  specs:\n    puma (8.0.2)\n\nRUBY VERSION\n   ruby 2.4.0p0\n"),
    ]);
    let output = lint(folder.path(), &["check", "--add-ignore", "later"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("config/puma.rb:2: syntax-error: no comment is read in this file"),
        "{}{}",
        stderr(&output),
        stdout(&output)
    );
    assert_eq!(read(folder.path(), "config/puma.rb"), "workers 2 do\n");
    for reason in ["", "  ", "a\nb"] {
        assert_eq!(lint(folder.path(), &["check", "--add-ignore", reason]).status.code(), Some(2));
    }
}

#[test]
fn ruby_habits() {
    let files = [("config/puma.rb", "quiet\ndaemonize\n"), ("Gemfile.lock", LOCK)];
    for arguments in [
        &["-a"][..],
        &["-a", "config/puma.rb"],
        &["config/puma.rb", "-a"],
        &["-A"],
        &["config/puma.rb", "-A"],
    ] {
        let folder = project(&files);
        let output = lint(folder.path(), arguments);
        assert!(
            !read(folder.path(), "config/puma.rb").contains("daemonize"),
            "{arguments:?}: {}",
            stderr(&output)
        );
    }
    let folder = project(&files);
    assert_eq!(lint(folder.path(), &["check", "--", "-a"]).status.code(), Some(2));
    assert!(read(folder.path(), "config/puma.rb").contains("daemonize"));
}

#[test]
fn add_ignore_writes_into_every_file_that_has_comments() {
    for (name, text, expected) in [
        ("Procfile", "# ours\nweb: puma -d\n", Some("# ours\n{}web: puma -d\n")),
        (
            "Dockerfile",
            "# syntax=docker/dockerfile:1\nFROM ruby\nCMD [\"puma\", \\\n  \"-d\"]\n",
            Some("# syntax=docker/dockerfile:1\nFROM ruby\n{}CMD [\"puma\", \\\n  \"-d\"]\n"),
        ),
        (
            "compose.yaml",
            "services:\n  web:\n    command: puma -d\n",
            Some("services:\n  web:\n    {}command: puma -d\n"),
        ),
        (
            "compose.yaml",
            "services:\n  web:\n    command: >\n      puma\n      -d\n",
            Some("services:\n  web:\n    {}command: >\n      puma\n      -d\n"),
        ),
        ("bin/start.sh", "#!/bin/sh\ncd /srv\nexec puma -d\n", Some("#!/bin/sh\ncd /srv\n{}exec puma -d\n")),
        ("bin/start.sh", "#!/bin/sh\nexec sh -c '\n  puma -d\n'\n", None),
        (
            "shop.service.erb",
            "[Service]\nUser=<%= user %>\nExecStart=/bin/puma -d\n",
            Some("[Service]\nUser=<%= user %>\n{}ExecStart=/bin/puma -d\n"),
        ),
    ] {
        let folder = project(&[(name, text)]);
        lint(folder.path(), &["check", "--target-version", "8", "--add-ignore", "it's meant"]);
        let after = std::fs::read_to_string(folder.path().join(name)).unwrap();
        let Some(expected) = expected else {
            assert_eq!(after, text, "{name}");
            continue;
        };
        let line = after.lines().find(|line| line.contains("# puma-lint: ignore[")).unwrap_or_default();
        let comment = format!("{}\n", line.trim_start());
        let expected =
            expected.replace("{}", &format!("{comment}{}", &line[..line.len() - line.trim_start().len()]));
        assert_eq!(after, expected, "{name}");
        let again = lint(folder.path(), &["check", "--target-version", "8"]);
        assert_eq!(again.status.code(), Some(0), "{name}: {}", stdout(&again));
    }
}
