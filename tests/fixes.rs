//! What `fix` does to units and Monit files, byte for byte, and what it leaves to people.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs;
use std::path::Path;

use support::{bundled, lint, project, stdout};

/// The files after `fix`, with these arguments.
fn fixed(files: &[(&str, &str)], arguments: &[&str]) -> Vec<String> {
    let folder = project(files);
    let all: Vec<&str> = ["fix", "--exit-zero"].iter().chain(arguments).copied().collect();
    let output = lint(folder.path(), &all);
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), support::stderr(&output));
    files.iter().map(|(name, _)| read(folder.path(), name)).collect()
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

/// One unit, for Puma 8.
fn unit(text: &str) -> String {
    fixed(&[("shop.service", text)], &["--target-version", "8"]).remove(0)
}

const CONFIG: &str = "workers 2\npidfile \"/srv/shop/puma.pid\"\n";

#[test]
fn a_forking_unit_stays_in_the_foreground_as_a_whole() {
    let before = "[Service]\r\n  Type = forking\r\nUser=deploy\r\nExecStart=/usr/bin/bundle exec puma -d -C \"x\"\r\nRemainAfterExit=yes\r\n# end\r\n";
    let after = "[Service]\r\n  Type = notify\r\nUser=deploy\r\nExecStart=/usr/bin/bundle exec puma -C \"x\"\r\n# end\r\n";
    assert_eq!(unit(before), after);
    assert_eq!(
        unit("[Service]\nType=forking\nExecStart=/bin/puma \\\n  --daemon \\\n  -C x\n"),
        "[Service]\nType=notify\nExecStart=/bin/puma \\\n  -C x\n"
    );
}

#[test]
fn a_service_notifies_only_if_what_is_started_becomes_a_puma_that_does() {
    let kind = |start: &str, files: &[(&str, &str)], target: &str| {
        let text = format!("[Service]\nType=forking\nUser=deploy\nExecStart={start}\n");
        let all: Vec<(&str, &str)> = [("shop.service", text.as_str())].iter().chain(files).copied().collect();
        let fixed = fixed(&all, &["--target-version", target]).remove(0);
        fixed.lines().find_map(|line| line.strip_prefix("Type=")).unwrap().to_owned()
    };
    for start in [
        "/usr/bin/bundle exec puma --daemon",
        "/bin/bash -lc 'cd /srv && exec bundle exec puma --daemon'",
        "/bin/bash -lc 'bundle exec puma -d'",
        "/bin/sh -c 'exec puma --daemon'",
        "/usr/bin/env A=1 rbenv exec bundle exec puma -d",
    ] {
        assert_eq!(kind(start, &[], "8"), "notify", "{start}");
        assert_eq!(kind(start, &[], "5.6.5"), "simple", "{start}");
    }
    for start in [
        "/bin/sh -c 'puma --daemon'",
        "/bin/bash -c 'puma --daemon >> /srv/log'",
        "/usr/bin/sudo -u deploy puma --daemon",
        "/usr/bin/timeout 9 puma --daemon",
        "/usr/bin/setsid puma --daemon",
    ] {
        assert_eq!(kind(start, &[], "8"), "simple", "{start}");
    }
    let lock = |gem: &str| format!("GEM\n  specs:\n    puma (5.6.5)\n{gem}\nPLATFORMS\n  ruby\n");
    let (with, without) = (lock("    sd_notify (0.1.1)\n"), lock(""));
    assert_eq!(kind("/bin/puma -d", &[("Gemfile.lock", &with)], "5.6.5"), "notify");
    assert_eq!(kind("/bin/puma -d", &[("Gemfile.lock", &without)], "5.6.5"), "simple");
    let java = "GEM\n  specs:\n    puma (8.0.2-java)\n\nPLATFORMS\n  java\n";
    assert_eq!(kind("/bin/puma -d", &[("Gemfile.lock", java)], "8"), "simple");
    let skip = "/bin/puma -d\nEnvironment=PUMA_SKIP_SYSTEMD=1";
    assert_eq!(kind(skip, &[], "8"), "simple");
}

#[test]
fn the_entry_that_decides_is_edited_wherever_it_stands() {
    let files = [
        ("shop.service", "[Service]\nType=simple\nRemainAfterExit=yes\nExecStart=/bin/puma\n"),
        ("shop.service.d/a.conf", "[Service]\nType=forking\nRemainAfterExit=yes\n"),
        ("shop.service.d/b.conf", "[Service]\nExecStart=\nExecStart=/bin/puma -d\n"),
    ];
    let after = fixed(&files, &["--target-version", "8"]);
    assert_eq!(after[0], "[Service]\nType=simple\nExecStart=/bin/puma\n");
    assert_eq!(after[1], "[Service]\nType=notify\n");
    assert_eq!(after[2], "[Service]\nExecStart=\nExecStart=/bin/puma\n");
}

#[test]
fn a_unit_changes_only_with_a_config_that_daemonizes() {
    let (config, service) =
        ("daemonize true\nport 1\n", "[Service]\nType=forking\nWorkingDirectory=/srv\nExecStart=/bin/puma\n");
    let files = [("config/puma.rb", config), ("shop.service", service), ("Gemfile.lock", "")];
    let after = fixed(&files, &["--target-version", "8"]);
    assert_eq!(after[0], "port 1\n");
    assert_eq!(after[1], "[Service]\nType=notify\nWorkingDirectory=/srv\nExecStart=/bin/puma\n");
    // The config alone no longer boots, so it is mended; what still waits for a fork is said.
    let folder = project(&files);
    let output = lint(folder.path(), &["fix", "config/puma.rb", "--target-version", "8"]);
    assert_eq!(read(folder.path(), "config/puma.rb"), "port 1\n");
    assert_eq!(read(folder.path(), "shop.service"), service);
    assert!(stdout(&output).contains("shop.service:2 still waits for a fork"), "{}", stdout(&output));
    // A unit alone stays, as long as the config asks for a daemon.
    let folder = project(&files);
    let output = lint(folder.path(), &["fix", "shop.service", "--target-version", "8"]);
    assert_eq!(read(folder.path(), "shop.service"), service);
    let shown = stdout(&output);
    assert!(shown.contains("puma-lint fix config/puma.rb shop.service"), "{shown}");
    assert_eq!(output.status.code(), Some(1));
    // Where the line cannot be taken away, the unit stays as well.
    let stuck = [("config/puma.rb", "x = daemonize(true)\n"), files[1]];
    assert_eq!(fixed(&stuck, &["--target-version", "8"])[1], service);
    // What asks for no daemon is no part of it.
    let off = [
        ("config/puma.rb", "daemonize false\nport 1\n"),
        ("shop.service", "[Service]\nWorkingDirectory=/srv\nExecStart=/bin/puma\n"),
    ];
    assert_eq!(fixed(&off, &["--target-version", "8"])[0], "port 1\n");
}

#[test]
fn monit_goes_through_systemd_as_a_whole_and_only_when_asked() {
    let monit = "check process shop with pidfile \"/srv/shop/puma.pid\"\n  start program = \"/bin/bash -lc 'puma --daemon'\" as uid deploy and gid deploy\n    with timeout 60 seconds # long\n  stop program = \"/bin/bash -lc 'pumactl -P /srv/shop/puma.pid stop'\"\n";
    let wanted = "check process shop with pidfile \"/srv/shop/puma.pid\"\n  start program = \"/bin/systemctl start shop\"\n    with timeout 60 seconds # long\n  stop program = \"/bin/systemctl stop shop\"\n";
    let service = "[Service]\nType=notify\nUser=deploy\nWorkingDirectory=/srv/shop\nExecStart=/bin/puma\n";
    let files = [("ops/shop.monit", monit), ("shop.service", service), ("config/puma.rb", CONFIG)];
    assert_eq!(fixed(&files, &["--target-version", "8"])[0], monit);
    assert_eq!(fixed(&files, &["--target-version", "8", "--unsafe"])[0], wanted);
    // The fix that waits is shown with the flag that would allow it.
    let folder = project(&files);
    for format in ["full", "concise", "json"] {
        let output = lint(folder.path(), &["check", "--target-version", "8", "--format", format]);
        let shown = stdout(&output);
        let flag = if format == "json" { "\"applicability\": \"unsafe\"" } else { "fix --unsafe" };
        assert!(shown.contains(flag), "{format}: {shown}");
    }
    // Two units: which one is meant, nobody knows.
    let two = [files[0], files[1], ("other.service", service), files[2]];
    assert_eq!(fixed(&two, &["--target-version", "8", "--unsafe"])[0], monit);
    // No unit at all.
    assert_eq!(fixed(&[files[0], files[2]], &["--target-version", "8", "--unsafe"])[0], monit);
    // A unit of a user's manager is none of root's.
    let user =
        [files[0], (".config/systemd/user/shop.service", "[Service]\nExecStart=/bin/puma\n"), files[2]];
    assert_eq!(fixed(&user, &["--target-version", "8", "--unsafe"])[0], monit);
}

#[test]
fn what_monit_starts_goes_through_systemd_once_there_is_a_unit() {
    let monit = "check process shop with pidfile \"/srv/shop/puma.pid\"\n  start program = \"/bin/bash -lc 'cd /srv/shop && puma'\"\n";
    let config = "daemonize\npidfile \"/srv/shop/puma.pid\"\n";
    let files = [("ops/shop.monit", monit), ("config/puma.rb", config)];
    let mended = "pidfile \"/srv/shop/puma.pid\"\n";
    assert_eq!(fixed(&files, &["--target-version", "8", "--unsafe"]), [monit, mended]);
    let service = "[Service]\nUser=deploy\nWorkingDirectory=/srv/shop\nExecStart=/bin/puma\n";
    let files = [files[0], files[1], ("shop.service", service)];
    let after = fixed(&files, &["--target-version", "8", "--unsafe"]);
    assert!(after[0].contains("\"/bin/systemctl start shop\""), "{}", after[0]);
    assert_eq!(after[1], mended);
}

#[test]
fn pidfiles_are_read_where_the_one_writer_writes() {
    let monit = |path: &str| {
        format!("check process shop with pidfile {path}\n  start program = \"/bin/systemctl start shop\"\n")
    };
    let service = "[Service]\nUser=deploy\nType=forking\nWorkingDirectory=/srv/shop\nPIDFile=/run/shop.pid\nExecStart=/bin/puma -d\n";
    let right = "/srv/shop/puma.pid";
    for (written, wanted) in [
        ("/run/x.pid", right.to_owned()),
        ("\"/run/x y.pid\"", format!("\"{right}\"")),
        ("'/run/x.pid'", format!("'{right}'")),
    ] {
        let files = [
            ("ops/shop.monit", monit(written)),
            ("shop.service", service.to_owned()),
            ("config/puma.rb", CONFIG.to_owned()),
        ];
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let after = fixed(&files, &["--target-version", "4.3.12"]);
        assert_eq!(after[0], monit(&wanted));
        assert!(after[1].contains("\nPIDFile=/srv/shop/puma.pid\n"), "{}", after[1]);
    }
    // Two paths may be written.
    let either = "pidfile ENV['X'] ? '/srv/a.pid' : '/srv/b.pid'\n";
    let wrong = monit("/run/x.pid");
    let files = [
        ("ops/shop.monit", wrong.as_str()),
        (
            "shop.service",
            "[Service]\nEnvironmentFile=/etc/x\nWorkingDirectory=/srv/shop\nExecStart=/bin/puma\n",
        ),
        ("config/puma.rb", either),
    ];
    assert_eq!(fixed(&files, &["--target-version", "8"])[0], wrong);
}

#[test]
fn small_things_in_units() {
    let start = "User=deploy\nExecStart=/bin/puma";
    let service = |lines: &str| format!("[Service]\n{lines}\n{start}\n");
    for (before, after) in [
        ("Restart=always # keep it up", "# keep it up\nRestart=always"),
        ("\tPIDFile=/run/a.pid\t# here", "# here\n\tPIDFile=/run/a.pid"),
        ("KillSignal=SIGQUIT", "KillSignal=SIGTERM"),
        ("KillSignal=USR2", "KillSignal=SIGTERM"),
        ("KillSignal=SIGKILL", "KillSignal=SIGKILL"),
        ("PIDFile=\"/run/a.pid\"", "PIDFile=/run/a.pid"),
        ("StandardOutput=/srv/log/a.log", "StandardOutput=/srv/log/a.log"),
        ("RemainAfterExit=true", ""),
        ("ExecStartPre=/bin/sh -c 'date +%F > %n'", "ExecStartPre=/bin/sh -c 'date +%%F > %n'"),
        ("ExecStartPre=/bin/sh -c \\\n 'date +%Y-%m-%d'", "ExecStartPre=/bin/sh -c \\\n 'date +%%Y-%%m-%%d'"),
        ("ExecReload=/bin/true %n %F", "ExecReload=/bin/true %n %F"),
        (
            "Environment=A=%i URL=postgres://u:p%40%C3%A9@h/x",
            "Environment=A=%i URL=postgres://u:p%%40%%C3%%A9@h/x",
        ),
        ("PIDFile=/run/%F.pid", "PIDFile=/run/%F.pid"),
        // What stands in a shell's line is the shell's.
        ("ExecStartPre=/bin/sh -c 'true # x'", "ExecStartPre=/bin/sh -c 'true # x'"),
        ("ExecStop=/bin/kill -QUIT $MAINPID", ""),
        ("ExecStop=/bin/kill -s TSTP $MAINPID", ""),
        ("ExecStop=/bin/kill -TSTP $MAINPID ; /bin/rm x", "ExecStop=/bin/kill -TSTP $MAINPID ; /bin/rm x"),
        (
            "ExecStop=/bin/sh -c 'kill -TSTP $MAINPID; rm x'",
            "ExecStop=/bin/sh -c 'kill -TSTP $MAINPID; rm x'",
        ),
        ("ExecReload=/bin/kill -TSTP $MAINPID", "ExecReload=/bin/kill -TSTP $MAINPID"),
    ] {
        let wanted = service(after).replace("\n\n", "\n");
        assert_eq!(unit(&service(before)), wanted, "{before}");
    }
    let unsafely = |before: &str| {
        fixed(
            &[("shop.service", &service(before)), ("config/puma.rb", "workers 2\npreload_app!\n")],
            &["--target-version", "8", "--unsafe"],
        )
        .remove(0)
    };
    for (before, after) in [
        ("StandardOutput=/srv/log/a.log", "StandardOutput=append:/srv/log/a.log"),
        ("KillSignal=SIGKILL", "KillSignal=SIGTERM"),
        ("ExecReload=/bin/kill -TSTP $MAINPID", "ExecReload=/bin/kill -USR2 $MAINPID"),
        ("ExecReload=/bin/kill -s SIGTSTP $MAINPID", "ExecReload=/bin/kill -s SIGUSR2 $MAINPID"),
        ("ExecReload=/bin/kill --signal=20 $MAINPID", "ExecReload=/bin/kill --signal=USR2 $MAINPID"),
        ("ExecReload=/bin/kill -USR1 $MAINPID", "ExecReload=/bin/kill -USR2 $MAINPID"),
        ("ExecReload=/bin/kill -HUP $MAINPID", "ExecReload=/bin/kill -USR2 $MAINPID"),
    ] {
        assert_eq!(unsafely(before), service(after), "{before}");
    }
}

#[test]
fn watchdogs_and_types_that_wait_for_nothing() {
    let old = ["--target-version", "4.3.12"];
    let text = "[Service]\nType=notify\nUser=deploy\nWatchdogSec=10\nExecStart=/bin/puma\n";
    let wanted = "[Service]\nType=simple\nUser=deploy\nExecStart=/bin/puma\n";
    assert_eq!(fixed(&[("shop.service", text)], &old), [wanted]);
    // Whether the gem is there, nobody said.
    let unsure = ["--target-version", "5.6.5"];
    assert_eq!(fixed(&[("shop.service", text)], &unsure), [text]);
    assert_eq!(fixed(&[("shop.service", text)], &["--target-version", "5.6.5", "--unsafe"]), [wanted]);
    let files = [("shop.service", text), ("shop.service.d/w.conf", "[Service]\nWatchdogSec=20\n")];
    assert_eq!(fixed(&files, &old), [wanted, "[Service]\n"]);
}

#[test]
fn flags_with_a_new_name_and_drop_ins_without_a_reset() {
    let text = "[Service]\nUser=deploy\nExecStart=/bin/bash -lc 'puma --control tcp://127.0.0.1:9293 --control-token x'\n";
    assert!(
        unit(text).contains("puma --control-url tcp://127.0.0.1:9293 --control-token x'"),
        "{}",
        unit(text)
    );
    let files = [
        ("shop.service", "[Service]\nExecStart=/bin/puma\n"),
        ("shop.service.d/p.conf", "[Service]\nExecStart=/bin/puma -p 1\n"),
    ];
    let after = fixed(&files, &["--target-version", "8"]);
    assert_eq!(
        after,
        ["[Service]\nExecStart=/bin/puma\n", "[Service]\nExecStart=\nExecStart=/bin/puma -p 1\n"]
    );
}

#[test]
fn a_byte_order_mark_goes_where_monit_minds_it() {
    let monit = "\u{feff}check process shop with pidfile \"/srv/shop/puma.pid\"\r\n  start program = \"/bin/systemctl start shop\"\r\n";
    let after = fixed(&[("ops/shop.monit", monit)], &["--target-version", "8"]);
    assert_eq!(after, [monit.strip_prefix('\u{feff}').unwrap()]);
    // systemd and Ruby don't mind.
    let text = "\u{feff}[Service]\nUser=deploy\nExecStart=/bin/puma\n";
    assert_eq!(unit(text), text);
}

#[test]
fn the_article_comes_out_whole() {
    let folder = bundled("article-before");
    lint(folder.path(), &["fix", "--unsafe", "--target-version", "8"]);
    let unit = read(folder.path(), "deploy/shop.service");
    for (wanted, there) in [
        ("Type=notify\n", true),
        ("--daemon", false),
        ("TSTP", false),
        ("PIDFile=/srv/shop/current/tmp/pids/puma.pid\n", true),
    ] {
        assert_eq!(unit.contains(wanted), there, "{wanted}: {unit}");
    }
    let monit = read(folder.path(), "ops/shop.monit");
    for wanted in [
        "\"/bin/systemctl start shop\"",
        "\"/bin/systemctl stop shop\"",
        "\"/srv/shop/current/tmp/pids/puma.pid\"",
    ] {
        assert!(monit.contains(wanted), "{wanted}: {monit}");
    }
    let output = lint(folder.path(), &["check", "--target-version", "8"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
}

#[test]
fn what_rails_does_with_its_own_flags_is_left_alone() {
    let text = "[Service]\nType=forking\nUser=a\nExecStart=/srv/app/bin/rails server -d\n";
    assert_eq!(unit(text), text);
}

#[test]
fn monit_is_told_what_was_plainly_meant() {
    let monit = |program: &str, test: &str| {
        format!(
            "check process shop with pidfile /run/shop.pid # 300MB\n  start program = \"/bin/systemctl start shop\"{program}\n  stop program = \"/bin/systemctl stop shop\"\n{test}"
        )
    };
    let whole = |text: &str| fixed(&[("ops/shop.monit", text)], &["--target-version", "8"]).remove(0);
    for (before, after) in [
        ("if mem > 300MB then alert", "if mem > 300 MB then alert"),
        ("if mem >300MB then alert", "if mem > 300 MB then alert"),
        ("if mem > 1.5gb then alert", "if mem > 1.5 GB then alert"),
        ("if mem > 300 M for 5cycles then restart", "if mem > 300 MB for 5 cycles then restart"),
        ("if totalmem > 300MiB then alert", "if totalmem > 300 MB then alert"),
        ("if total_mem > 300 MB then alert", "if total mem > 300 MB then alert"),
        ("if cpu > 65 then alert", "if cpu > 65% then alert"),
        ("if total_cpu > 80 for 5 cycles then alert", "if total cpu > 80% for 5 cycles then alert"),
        ("if uptime > 3days then restart", "if uptime > 3 days then restart"),
        (
            "if failed port 80 with timeout 10s then alert",
            "if failed port 80 with timeout 10 seconds then alert",
        ),
    ] {
        assert_eq!(whole(&monit("", before)), monit("", after));
    }
    for (before, after) in [
        (" with timeout 2 minutes", " with timeout 120 seconds"),
        (" with timeout 2m", " with timeout 120 seconds"),
        (" with timeout 120", " with timeout 120 seconds"),
        (" with timeout 90 sec", " with timeout 90 seconds"),
        (
            " with timeout 30 seconds as uid deploy and gid deploy",
            " as uid deploy and gid deploy with timeout 30 seconds",
        ),
    ] {
        assert_eq!(whole(&monit(before, "")), monit(after, ""));
    }
    // Nobody knows how much was meant, or the place is not where the mistake is.
    for test in
        ["if cpu > 0.5 then alert", "if mem > 300 TB then alert", "if children > 10% then alert", "iff 300MB"]
    {
        assert_eq!(whole(&monit("", test)), monit("", test));
    }
    assert_eq!(whole(&monit(" with timeout 1 hour", "")), monit(" with timeout 1 hour", ""));
}

#[test]
fn percent_signs_that_are_none_of_systemds_are_doubled() {
    let service = |line: &str| format!("[Service]\nUser=deploy\n{line}\nExecStart=/bin/puma\n");
    for (before, after) in [
        ("ExecStartPre=/bin/sh -c 'date +%F'", "ExecStartPre=/bin/sh -c 'date +%%F'"),
        (
            "ExecStartPre=/bin/sh -c 'date \"+%F %T\" > %t/x'",
            "ExecStartPre=/bin/sh -c 'date \"+%%F %%T\" > %t/x'",
        ),
        (
            "ExecStartPre=/bin/sh -c 'echo $(date +%F-%H) %n'",
            "ExecStartPre=/bin/sh -c 'echo $(date +%%F-%%H) %n'",
        ),
        ("Environment=STRANGE=%x%%", "Environment=STRANGE=%%x%%"),
        // Known to systemd, or no specifier at all.
        ("ExecStartPre=/bin/echo %H %t", "ExecStartPre=/bin/echo %H %t"),
        (
            "ExecStartPre=/usr/bin/curl -w %{http_code} http://x/",
            "ExecStartPre=/usr/bin/curl -w %{http_code} http://x/",
        ),
    ] {
        assert_eq!(unit(&service(before)), service(after));
    }
}
