//! The command lines of files that are neither units nor Monit's: what is found in them, and what is left alone.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use serde_json::Value;
use support::{json, lint, project, stdout};

const PUMA: &str = "port ENV.fetch('PORT', 3000)\nworkers 2\n";

/// Rule and line of every finding.
fn findings(files: &[(&str, &str)], target: &str) -> Vec<(String, u64)> {
    let folder = project(files);
    let report = json(folder.path(), &["--target-version", target]);
    let found = report["diagnostics"].as_array().unwrap().iter();
    found
        .map(|d| {
            let line = d["location"]["start"]["line"].as_u64().unwrap();
            (d["rule"].as_str().unwrap().to_owned(), line)
        })
        .collect()
}

fn named(found: &[(String, u64)]) -> Vec<(&str, u64)> {
    found.iter().map(|(rule, line)| (rule.as_str(), *line)).collect()
}

/// What `show` prints of every launch.
fn launches(files: &[(&str, &str)]) -> Vec<Value> {
    let folder = project(files);
    let output = lint(folder.path(), &["show", "--format", "json"]);
    let shown: Value = serde_json::from_str(&stdout(&output)).unwrap();
    shown["launches"].as_array().unwrap().clone()
}

/// The name, kind and configs of every launch.
fn kinds(files: &[(&str, &str)]) -> Vec<(String, String, usize)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let launches = launches(files);
    let each = launches.iter().map(|launch| {
        (text(&launch["name"]), text(&launch["kind"]), launch["config_files"].as_array().unwrap().len())
    });
    each.collect()
}

mod procfile {
    use super::*;

    fn of(line: &str, target: &str) -> Vec<(String, u64)> {
        findings(&[("config/puma.rb", PUMA), ("Procfile", line)], target)
    }

    #[test]
    fn flags_are_checked_in_each_line() {
        let text = "release: bin/rails db:migrate\nweb: bundle exec puma -C config/puma.rb --control tcp://127.0.0.1:1\n# web: puma -d\nother: puma -c config/puma.rb\nold: puma -d -p $PORT\n";
        assert_eq!(named(&of(text, "8")), [("removed-flag", 2), ("unknown-flag", 4), ("removed-flag", 5)]);
    }

    #[test]
    fn a_variable_behind_a_flag_hides_no_mistake() {
        assert_eq!(named(&of("web: puma -p $PORT -P tmp/puma.pid\n", "8")), [("unknown-flag", 1)]);
        for line in [
            "web: bundle exec puma -p $PORT -e ${RACK_ENV:-development}\n",
            "web: bundle exec puma $OPTIONS -P\n",
            "web: bundle exec puma -t ${MIN:-1}:${MAX:-5} -w \"$WORKERS\"\n",
            "web: RAILS_ENV=production bundle exec puma -C config/puma.rb # -d\n",
            "worker: bundle exec sidekiq -c config/puma.rb\n",
            "web: bin/rails server -d\n",
        ] {
            assert_eq!(named(&of(line, "8")), [], "{line}");
        }
    }

    #[test]
    fn an_older_puma_that_leaves_its_process() {
        assert_eq!(named(&of("web: puma -d\n", "4.3.12")), [("backgrounded-start", 1)]);
        assert_eq!(named(&of("web: puma &\n", "8")), [("backgrounded-start", 1)]);
        assert_eq!(named(&of("web: puma & wait\n", "8")), []);
        assert_eq!(named(&of("web: puma\n", "4.3.12")), []);
    }

    #[test]
    fn what_it_starts_is_shown() {
        let files = [("config/puma.rb", PUMA), ("Procfile", "web: puma -p $PORT -w 3\njob: true\n")];
        assert_eq!(kinds(&files), [("Procfile:web".to_owned(), "procfile".to_owned(), 1)]);
        let shown = &launches(&files)[0];
        assert_eq!(shown["options"]["workers"]["value"], 3);
        assert_eq!(shown["source"]["line"], 1);
    }

    /// Another port and another pidfile may be those of another machine.
    #[test]
    fn it_is_not_compared_with_units() {
        let unit = "[Service]\nType=notify\nUser=x\nWorkingDirectory=/srv/shop\nPIDFile=/srv/shop/tmp/pids/puma.pid\nExecStart=/usr/bin/bundle exec puma\n";
        let monit = "check process shop with pidfile /srv/shop/tmp/pids/puma.pid\n  start program = \"/bin/systemctl start shop\"\n  if failed port 3000 then restart\n";
        let config = "port 3000\npidfile 'tmp/pids/puma.pid'\n";
        let files = [
            ("config/puma.rb", config),
            ("shop.service", unit),
            ("shop.monit", monit),
            ("Procfile.dev", "web: PORT=1 puma -p 5000 --pidfile /tmp/dev.pid\n"),
            ("Procfile", "web: puma -p 5000 --pidfile /tmp/dev.pid -C config/puma.rb\n"),
        ];
        assert_eq!(named(&findings(&files, "8")), []);
        // And without the unit.
        assert_eq!(named(&findings(&[files[0], files[2], files[3], files[4]], "8")), []);
    }

    #[test]
    fn each_belongs_to_the_app_around_it() {
        let lock = |version: &str| {
            format!("GEM\n  remote: x\n  specs:\n    puma ({version})\n\nDEPENDENCIES\n  puma\n")
        };
        let (old, new) = (lock("4.3.12"), lock("8.0.2"));
        let files = [
            ("a/config/puma.rb", PUMA),
            ("a/Gemfile.lock", old.as_str()),
            ("a/Procfile", "web: puma --control tcp://127.0.0.1:1\n"),
            ("b/config/puma.rb", PUMA),
            ("b/Gemfile.lock", new.as_str()),
            ("b/Procfile", "web: puma --control tcp://127.0.0.1:1\n"),
            ("a/engines/x/Gemfile.lock", new.as_str()),
            ("a/engines/x/Procfile", "web: puma --control tcp://127.0.0.1:1\n"),
        ];
        let folder = project(&files);
        let report = json(folder.path(), &[]);
        let mut paths: Vec<_> = report["diagnostics"]
            .as_array()
            .unwrap()
            .iter()
            .map(|d| d["location"]["path"].as_str().unwrap())
            .collect();
        paths.sort_unstable();
        assert_eq!(paths, ["a/engines/x/Procfile", "b/Procfile"]);
    }

    #[test]
    fn one_that_never_names_puma_is_none_of_our_business() {
        let folder = project(&[("Procfile", "web: bin/rails server\n")]);
        assert_eq!(lint(folder.path(), &["check"]).status.code(), Some(2));
        assert_eq!(lint(folder.path(), &["check", "Procfile"]).status.code(), Some(0));
    }
}

mod dockerfile {
    use super::*;

    fn of(text: &str, target: &str) -> Vec<(String, u64)> {
        findings(&[("config/puma.rb", PUMA), ("Dockerfile", text)], target)
    }

    #[test]
    fn flags_are_checked_in_either_form() {
        for (text, wanted) in [
            ("FROM ruby\nCMD [\"bundle\", \"exec\", \"puma\", \"-d\"]\n", vec![("removed-flag", 2)]),
            (
                "FROM ruby\nCMD bundle exec puma \\\n  -C config/puma.rb \\\n  --daemon\n",
                vec![("removed-flag", 4)],
            ),
            (
                "FROM ruby\nENTRYPOINT [\"bundle\", \"exec\"]\nCMD [\"puma\", \"-P\", \"x\"]\n",
                vec![("unknown-flag", 3)],
            ),
            (
                "FROM ruby\nENTRYPOINT [\"bin/docker-entrypoint\"]\nCMD [\"puma\", \"-P\", \"x\"]\n",
                vec![("unknown-flag", 3)],
            ),
            ("FROM ruby\nENTRYPOINT puma -P x\nCMD [\"puma\", \"-d\"]\n", vec![("unknown-flag", 2)]),
            ("FROM ruby\nCMD puma -d\nCMD puma\n", vec![]),
            ("FROM ruby AS a\nCMD puma -d\nFROM ruby\nCOPY --from=a /x /x\n", vec![]),
            ("FROM ruby AS a\nCMD puma -d\nFROM a\n", vec![("removed-flag", 2)]),
            ("FROM ruby\nRUN <<EOF\nCMD puma -d\nEOF\nCMD [\"rails\", \"s\"]\n", vec![]),
            ("FROM ruby\nHEALTHCHECK CMD puma -d\nRUN puma -d\n", vec![]),
        ] {
            assert_eq!(named(&of(text, "8")), wanted, "{text}");
        }
    }

    #[test]
    fn no_shell_reads_the_exec_form() {
        for (text, wanted) in [
            ("FROM ruby\nCMD [\"puma\", \"-p\", \"$PORT\"]\n", vec![("shell-syntax", 2)]),
            ("FROM ruby\nCMD [\"cd\", \"/app\", \"&&\", \"puma\"]\n", vec![("shell-syntax", 2)]),
            ("FROM ruby\nCMD puma -p $PORT\n", vec![]),
            ("FROM ruby\nCMD [\"sh\", \"-c\", \"cd /app && puma -p $PORT\"]\n", vec![]),
            // The script may expand it.
            ("FROM ruby\nENTRYPOINT [\"/entry.sh\"]\nCMD [\"puma\", \"-p\", \"$PORT\"]\n", vec![]),
        ] {
            assert_eq!(named(&of(text, "8")), wanted, "{text}");
        }
    }

    #[test]
    fn an_older_puma_that_leaves_its_container() {
        assert_eq!(named(&of("FROM ruby:2.7\nCMD puma -d\n", "4")), [("backgrounded-start", 2)]);
    }

    #[test]
    fn what_it_starts_is_shown() {
        let text = "FROM ruby\nWORKDIR /rails\nENV RAILS_ENV=production\nEXPOSE 3000\nENTRYPOINT [\"/rails/bin/docker-entrypoint\"]\nCMD [\"./bin/thrust\", \"bundle\", \"exec\", \"puma\", \"-w\", \"3\"]\n";
        let files = [("config/puma.rb", PUMA), ("Dockerfile", text)];
        assert_eq!(kinds(&files), [("Dockerfile".to_owned(), "docker".to_owned(), 1)]);
        let shown = &launches(&files)[0];
        assert_eq!(shown["options"]["workers"]["value"], 3);
        assert_eq!(shown["environment"]["RAILS_ENV"], "production");
        assert_eq!((&shown["working_directory"], &shown["source"]["line"]), (&"/rails".into(), &6.into()));
        assert_eq!(shown["environment_is_closed"], false);
    }

    #[test]
    fn another_directory_is_not_compared() {
        let files = [
            ("config/puma.rb", "pidfile File.expand_path('../tmp/pids/puma.pid', __dir__)\nport 3000\n"),
            (
                "shop.monit",
                "check process shop with pidfile /srv/shop/current/tmp/pids/puma.pid\n  start program = \"/bin/systemctl start shop\"\n",
            ),
            (
                "shop.service",
                "[Service]\nType=notify\nUser=x\nWorkingDirectory=/srv/shop/current\nExecStart=/usr/bin/bundle exec puma\n",
            ),
            (
                "Dockerfile",
                "FROM ruby\nWORKDIR /rails\nENV PIDFILE=/x.pid PORT=80\nCMD puma --pidfile /y.pid -p 8080\n",
            ),
        ];
        assert_eq!(named(&findings(&files, "8")), []);
        assert_eq!(named(&findings(&[files[0], files[1], files[3]], "8")), []);
    }
}

mod compose {
    use super::*;

    fn of(service: &str, target: &str) -> Vec<(String, u64)> {
        let text = format!("services:\n  web:\n    build: .\n{service}");
        findings(&[("config/puma.rb", PUMA), ("docker-compose.yml", &text)], target)
    }

    #[test]
    fn flags_are_checked_in_every_form() {
        for (text, wanted) in [
            ("    command: bundle exec puma --preload --daemon\n", vec![("removed-flag", 4)]),
            ("    command: [\"bundle\", \"exec\", \"puma\", \"-P\", \"x\"]\n", vec![("unknown-flag", 4)]),
            ("    command:\n      - puma\n      - -c\n      - x\n", vec![("unknown-flag", 6)]),
            (
                "    command: bash -c \"rm -f tmp/pids/server.pid && puma -p $$PORT -d\"\n",
                vec![("removed-flag", 4)],
            ),
            ("    entrypoint: bundle exec\n    command: puma -d\n", vec![("removed-flag", 5)]),
            ("    entrypoint: ./entry.sh\n    command: puma -d\n", vec![("removed-flag", 5)]),
            (
                "    command: >\n      bundle exec puma\n      -C config/puma.rb\n      -d\n",
                vec![("removed-flag", 7)],
            ),
            ("    command: puma -p ${PORT:-3000} -C config/puma.rb\n", vec![]),
            ("    command: puma $OPTIONS -P x\n", vec![]),
            ("    command: cd /app && puma\n", vec![("shell-syntax", 4)]),
            ("    healthcheck: {test: puma -d}\n", vec![]),
            ("    x-old: &old\n      command: puma -d\n    command: !reset null\n", vec![]),
        ] {
            assert_eq!(named(&of(text, "8")), wanted, "{text}");
        }
    }

    #[test]
    fn a_shared_command_is_reported_once_where_it_stands() {
        let text = "x-app: &app\n  command: puma -d\nservices:\n  a:\n    <<: *app\n  b:\n    <<: *app\n  c:\n    <<: *app\n    command: puma\n";
        assert_eq!(named(&findings(&[("compose.yaml", text)], "8")), [("removed-flag", 2)]);
    }

    #[test]
    fn what_it_starts_is_shown() {
        let text = "services:\n  db:\n    image: postgres\n  web:\n    command: puma -w 3\n    working_dir: /app\n    environment:\n      RAILS_ENV: staging\n";
        let files = [("config/puma.rb", PUMA), ("compose.yml", text)];
        assert_eq!(kinds(&files), [("compose.yml:web".to_owned(), "compose".to_owned(), 1)]);
        let shown = &launches(&files)[0];
        assert_eq!(shown["options"]["workers"]["value"], 3);
        assert_eq!((&shown["working_directory"], &shown["source"]["line"]), (&"/app".into(), &5.into()));
        assert_eq!(shown["environment"]["RAILS_ENV"], "staging");
    }

    #[test]
    fn files_of_variables_are_read_and_outdone_by_the_service() {
        let text = "services:\n  web:\n    command: puma\n    env_file:\n      - web.env\n      - path: ./config/more.env\n        required: false\n      - missing.env\n    environment: [WORKERS=4, OWN]\n";
        let config = "workers ENV.fetch('WORKERS', 1)\npidfile ENV.fetch('WEB_PORT', 'x')\nthreads ENV.fetch('LOW', 1), ENV.fetch('HIGH', 9)\n";
        let files = [
            ("config/puma.rb", config),
            ("compose.yml", text),
            ("web.env", "WORKERS=3\nexport WEB_PORT=8080 # why\nLOW='2'\nHIGH=7\nOWN=x\n"),
            ("config/more.env", "LOW=3\nHIGH=$LOW\n"),
        ];
        let shown = &launches(&files)[0];
        assert_eq!(shown["options"]["workers"]["value"], 4);
        assert_eq!(shown["options"]["pidfile"]["value"], "8080");
        assert_eq!(shown["options"]["min_threads"]["value"], 3);
        // Made of another variable, or of the shell's: nobody knows.
        assert_ne!(shown["options"]["max_threads"]["status"], "known");
        assert_eq!(shown["environment"]["OWN"], serde_json::Value::Null);
    }

    /// Where a file is said to be unreadable.
    fn broken(name: &str, text: &str) -> Vec<u64> {
        let found = findings(&[("config/puma.rb", PUMA), (name, text)], "8");
        found.into_iter().filter(|(rule, _)| rule == "syntax-error").map(|(_, line)| line).collect()
    }

    #[test]
    fn what_is_no_yaml_is_said_where_docker_says_it_too() {
        let start = "services:\n  web:\n    image: x\n";
        for (rest, line) in [
            ("   command: puma\n", 4),
            ("\tcommand: puma\n", 4),
            ("    command: puma: -d\n", 4),
            ("    command: [puma, -d]]\n", 4),
            ("    command: \"puma\n", 4),
            ("    command: puma\n    environment: *none\n", 5),
        ] {
            let text = format!("{start}{rest}");
            assert_eq!(broken("compose.yml", &text), [line], "{rest}");
        }
        for (name, text) in [
            ("compose.yml", format!("{start}    command: puma {{{{ flags }}}}: x: y\n")),
            ("compose.yml", format!("{start}    command: puma\n<% if x %>\n   a: b\n<% end %>\n")),
            ("compose.yml.j2", format!("{start}    command: puma\n   a: b\n")),
            ("compose.yml", "x: puma\n y: z\n".to_owned()),
            ("compose.yml", format!("{start}    command: puma\n---\na: b\n")),
            (
                "compose.yml",
                format!("x-a: &a\n  b: c\n{start}    command: puma\n    environment:\n      <<: *a\n"),
            ),
            ("compose.yml", format!("{start}    command: \"puma\n  -d\"\n")),
            ("compose.yml", format!("{start}    command: puma -p ${{PORT:-80}}\r\n")),
        ] {
            assert_eq!(broken(name, &text), [0; 0], "{text}");
        }
    }
}

mod capistrano {
    use super::*;

    fn of(file: &str, text: &str, gem: &str) -> Vec<(String, u64)> {
        let lock = format!(
            "GEM\n  remote: x\n  specs:\n    capistrano3-puma ({gem})\n    puma (5.6.9)\n\nDEPENDENCIES\n  capistrano3-puma\n"
        );
        findings(&[("Gemfile.lock", &lock), (file, text)], "5.6.9")
    }

    #[test]
    fn a_setting_is_judged_by_the_locked_gem() {
        let text = "set :puma_pid, '/x'\nset :puma_bind, 'tcp://[::]:1'\nset :application, 'x'\n";
        assert_eq!(named(&of("config/deploy.rb", text, "6.0.0")), [("ignored-deploy-setting", 1)]);
        assert_eq!(named(&of("config/deploy/staging.rb", text, "7.1.0")), [("ignored-deploy-setting", 1)]);
        assert_eq!(named(&of("config/deploy.rb", text, "5.2.0")), []);
        assert_eq!(named(&findings(&[("config/deploy.rb", text), ("config/puma.rb", PUMA)], "8")), []);
        let own = format!("{text}task(:x) {{ execute :kill, fetch(:puma_pid) }}\n");
        assert_eq!(named(&of("config/deploy.rb", &own, "7.1.0")), []);
    }

    #[test]
    fn each_stage_is_a_launch() {
        let lock = "GEM\n  specs:\n    capistrano3-puma (5.2.0)\n    puma (5.6.9)\n";
        let folder = support::project(&[
            ("Gemfile.lock", lock),
            (
                "Capfile",
                "require 'capistrano/puma'\ninstall_plugin Capistrano::Puma\ninstall_plugin Capistrano::Puma::Daemon\n",
            ),
            (
                "config/deploy.rb",
                "set :application, 'shop'\nset :deploy_to, '/srv/shop'\nset :puma_workers, 3\n",
            ),
            ("config/deploy/production.rb", "server 'x'\n"),
            ("config/deploy/staging.rb", "set :deploy_to, \"/srv/#{ENV['NAME']}\"\n"),
        ]);
        let output = support::lint(folder.path(), &["show", "--format", "json"]);
        let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
        let [production, staging] = shown["launches"].as_array().unwrap().as_slice() else {
            panic!("{shown}")
        };
        assert_eq!(
            (&production["kind"], &production["name"]),
            (&"capistrano".into(), &"Capfile:production".into())
        );
        assert_eq!(
            (&production["source"]["path"], &production["source"]["line"]),
            (&"Capfile".into(), &3.into())
        );
        assert_eq!(production["working_directory"], "/srv/shop/current");
        assert_eq!(production["environment"]["RACK_ENV"], "production");
        let options = &production["options"];
        assert_eq!(options["pidfile"]["value"], "/srv/shop/shared/tmp/pids/puma.pid");
        assert_eq!(options["pidfile"]["source"]["path"], "Capfile");
        assert_eq!(
            (&options["workers"]["value"], &options["workers"]["source"]["line"]),
            (&3.into(), &3.into())
        );
        assert_eq!(options["workers"]["source"]["path"], "config/deploy.rb");
        assert_eq!(staging["options"]["pidfile"]["status"], "unknown");
    }

    #[test]
    fn a_plugin_is_judged_by_the_locked_gem() {
        for (line, gem, wanted) in [
            ("install_plugin Capistrano::Puma::Daemon # puma\n", "6.0.0", 1),
            ("install_plugin Capistrano::Puma::Daemon # puma\n", "5.0.0", 0),
            ("install_plugin Capistrano::Puma::Systemd # puma\n", "4.0.0", 1),
            ("install_plugin Capistrano::Puma::Systemd # puma\n", "7.0.0", 0),
            ("install_plugin Capistrano::Puma::Nginx # puma\n", "7.0.0", 0),
            ("require 'capistrano/puma/workers'\n", "7.0.0", 1),
            ("require 'capistrano/puma/workers'\n", "3.1.1", 0),
            ("install_plugin Capistrano::Puma::Monit if old # puma\n", "7.0.0", 0),
        ] {
            let found = of("Capfile", line, gem);
            assert_eq!(
                found.iter().filter(|(rule, _)| rule == "missing-deploy-plugin").count(),
                wanted,
                "{line} {gem}"
            );
        }
    }
}

mod script {
    use super::*;

    fn of(text: &str, target: &str) -> Vec<(String, u64)> {
        findings(&[("config/puma.rb", PUMA), ("bin/start", text)], target)
    }

    #[test]
    fn plain_starts_are_checked() {
        for (text, wanted) in [
            (
                "#!/bin/sh\ncd /srv/shop\nexec bundle exec puma \\\n  -C config/puma.rb \\\n  -d\n",
                vec![("removed-flag", 5)],
            ),
            (
                "#!/usr/bin/env bash\ncase \"$1\" in\n  start)\n    bundle exec puma -P x ;;\n  stop) pumactl -P x stop ;;\nesac\n",
                vec![("unknown-flag", 4)],
            ),
            ("#!/bin/bash\nif true; then\n  puma -c x\nfi\n", vec![("unknown-flag", 3)]),
            (
                "#!/bin/bash\nstart() {\n  su - deploy -c \"cd /srv && puma -d\"\n}\n",
                vec![("removed-flag", 3)],
            ),
            ("#!/bin/sh\ncat > x.service <<EOF\nExecStart=puma -d\npuma -d\nEOF\n", vec![]),
            ("#!/bin/sh\n# puma -d\necho 'puma -d'\npgrep -f puma -d,\n", vec![]),
            ("#!/bin/sh\npuma $OPTS --nonsense\n", vec![]),
            ("#!/bin/sh\npuma() { x; }\npuma stop -d\n", vec![]),
            ("#!/usr/bin/env ruby\nsystem 'puma -d'\nputs %x(\npuma -d\n)\n", vec![]),
            ("puma -d\n", vec![]),
        ] {
            assert_eq!(named(&of(text, "8")), wanted, "{text}");
        }
    }

    #[test]
    fn an_older_puma_may_daemonize_in_one() {
        assert_eq!(named(&of("#!/bin/sh\npuma -d\n", "4")), []);
        assert_eq!(named(&of("#!/bin/sh\npuma &\necho $! > x.pid\n", "8")), []);
    }

    #[test]
    fn what_it_starts_is_shown() {
        let text = "#!/bin/sh\nexport RAILS_ENV=staging\ncd /srv/shop\nexec puma -w 3\n";
        let files = [("config/puma.rb", PUMA), ("bin/start", text)];
        assert_eq!(kinds(&files), [("bin/start".to_owned(), "script".to_owned(), 1)]);
        let shown = &launches(&files)[0];
        assert_eq!(shown["options"]["workers"]["value"], 3);
        assert_eq!((&shown["working_directory"], &shown["source"]["line"]), (&"/srv/shop".into(), &4.into()));
    }
}

#[test]
fn comments_silence_in_every_kind() {
    let ignore = "# puma-lint: ignore[removed-flag] -- another Puma\n";
    for (file, text) in [
        ("Procfile", format!("{ignore}web: puma -d\n")),
        ("Dockerfile", format!("FROM ruby\n{ignore}CMD puma \\\n  -d\n")),
        ("compose.yml", format!("services:\n  web:\n    {ignore}    command: puma -d\n")),
        ("bin/start", format!("#!/bin/sh\n{ignore}puma -d\n")),
    ] {
        assert_eq!(named(&findings(&[("config/puma.rb", PUMA), (file, &text)], "8")), [], "{file}");
    }
}
