//! Migrations from every starting point in `fixtures/migrations.txt`: what comes out pleases systemd, Monit and the rules, a
//! second migration finds nothing to do, and a real Puma started as the new unit says is the one that Monit watches.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use support::{has, here, lint, stderr, stdout};

/// Where the apps lie on their server.
const SERVER: &str = "/srv/shop/current";

/// What all releases share there.
const SHARED: &str = "/srv/shop/shared";

/// One starting point.
struct App {
    name: String,
    arguments: Vec<String>,
    files: Vec<(String, String)>,
}

fn apps() -> Vec<App> {
    let text = fs::read_to_string(here("fixtures/migrations.txt")).unwrap();
    let app = |text: &str| {
        let (head, rest) = text.split_once('\n').unwrap();
        let (name, arguments) = head.split_once(": ").unwrap_or((head, ""));
        let rest = format!("\n{rest}");
        let files = rest.split("\n--- ").skip(1).map(|file| file.split_once('\n').unwrap());
        App {
            name: name.to_owned(),
            arguments: arguments.split_whitespace().map(str::to_owned).collect(),
            files: files.map(|(path, text)| (path.to_owned(), format!("{}\n", text.trim_end()))).collect(),
        }
    };
    text.split("\n=== ").skip(1).map(app).collect()
}

impl App {
    fn folder(&self) -> tempfile::TempDir {
        let files: Vec<(&str, &str)> = self.files.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
        support::project(&files)
    }

    fn migrate(&self, folder: &Path, target: &str, more: &[&str]) -> std::process::Output {
        let given = self.arguments.iter().map(String::as_str);
        let all: Vec<&str> = ["migrate", "--target-version", target]
            .into_iter()
            .chain(given)
            .chain(more.iter().copied())
            .collect();
        lint(folder, &all)
    }
}

/// Every file of a folder with its text.
fn texts(folder: &Path) -> BTreeMap<PathBuf, String> {
    let all = walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap);
    let files = all.filter(|entry| entry.file_type().is_file());
    files.map(|entry| (entry.path().to_owned(), fs::read_to_string(entry.path()).unwrap())).collect()
}

fn with_extension(folder: &Path, extension: &str) -> Vec<PathBuf> {
    texts(folder).into_keys().filter(|path| path.extension().is_some_and(|e| e == extension)).collect()
}

fn monit_file(folder: &Path) -> PathBuf {
    let all = texts(folder);
    all.into_iter().find(|(_, text)| text.contains("check process")).map(|(path, _)| path).unwrap()
}

#[test]
fn what_comes_out_is_clean_and_needs_no_second_migration() {
    let apps = apps();
    assert!(apps.len() >= 10);
    for target in ["8", "6.0.2", "5.6.5"] {
        for app in &apps {
            let name = format!("{} for Puma {target}", app.name);
            let folder = app.folder();
            let before = texts(folder.path());
            let diff = app.migrate(folder.path(), target, &[]);
            assert_eq!(diff.status.code(), Some(1), "{name}: {}{}", stdout(&diff), stderr(&diff));
            assert_eq!(texts(folder.path()), before, "{name}: a diff changes nothing");
            let written = app.migrate(folder.path(), target, &["--write"]);
            assert_eq!(written.status.code(), Some(0), "{name}: {}{}", stdout(&written), stderr(&written));
            let after = texts(folder.path());
            assert!(
                !after.values().any(|text| text.contains("daemonize") || text.contains("--daemon")),
                "{name}: {after:?}"
            );
            let check = lint(folder.path(), &["check", "--target-version", target]);
            assert_eq!(check.status.code(), Some(0), "{name}: {}{}", stdout(&check), stderr(&check));
            let again = app.migrate(folder.path(), target, &["--write"]);
            assert_eq!(again.status.code(), Some(0), "{name}: {}", stdout(&again));
            assert_eq!(texts(folder.path()), after, "{name}: a second migration changes nothing");
        }
    }
}

#[test]
fn systemd_and_monit_are_content() {
    let (systemd, monit) = (has("systemd-analyze"), has("monit"));
    for app in apps() {
        let folder = app.folder();
        assert_eq!(app.migrate(folder.path(), "8", &["--write"]).status.code(), Some(0), "{}", app.name);
        for unit in with_extension(folder.path(), "service").iter().filter(|_| systemd) {
            let output = Command::new("systemd-analyze").arg("verify").arg(unit).output().unwrap();
            for line in stderr(&output).lines() {
                let absent = line.ends_with("is not executable: No such file or directory");
                assert!(absent, "{}: {line}\n{}", app.name, fs::read_to_string(unit).unwrap());
            }
        }
        if monit {
            let control = monit_file(folder.path());
            fs::set_permissions(&control, fs::Permissions::from_mode(0o600)).unwrap();
            let output = Command::new("monit").arg("-t").arg("-c").arg(&control).output().unwrap();
            assert!(output.status.success(), "{}: {}{}", app.name, stdout(&output), stderr(&output));
        }
    }
}

/// A process that doesn't outlive the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits for something that takes a while.
fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(30) {
        if let Some(found) = look() {
            return found;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{what}: waited in vain");
}

#[test]
fn a_real_puma_runs_as_the_new_unit_says_and_monit_finds_it() {
    if !has("puma") || !has("monit") {
        return;
    }
    for app in apps() {
        let name = &app.name;
        let folder = app.folder();
        let real = fs::canonicalize(folder.path()).unwrap();
        let server = real.to_str().unwrap();
        // This folder is the server: the programs are where Debian has them, and nobody becomes another user.
        let here = |text: &str| {
            text.replace(SERVER, server)
                .replace(SHARED, &format!("{server}/shared"))
                .replace(" /run/", &format!(" {server}/run/"))
                .replace("\"/run/", &format!("\"{server}/run/"))
                .replace("/usr/local/bin/bundle exec ", "")
                .replace("bundle exec ", "")
                .replace("/usr/local/bin/", "/usr/bin/")
        };
        for (path, text) in texts(&real) {
            let mut text = here(&text);
            if path.ends_with("config/puma.rb") {
                text.push_str(&format!("clear_binds!\nbind \"unix://{server}/puma.sock\"\n"));
            }
            fs::write(path, text).unwrap();
        }
        for folder in ["tmp/pids", "log"] {
            fs::create_dir_all(real.join(folder)).unwrap();
        }
        fs::write(real.join("config.ru"), "run ->(_) { [200, {}, ['x']] }\n").unwrap();
        let arguments: Vec<String> = app.arguments.iter().map(|argument| here(argument)).collect();
        let app = App { arguments, name: app.name.clone(), files: Vec::new() };
        let migrated = app.migrate(&real, "5.6.5", &["--write"]);
        assert_eq!(migrated.status.code(), Some(0), "{name}: {}{}", stdout(&migrated), stderr(&migrated));
        // What was made for the server's /run is for this folder.
        for path in with_extension(&real, "service").into_iter().chain([monit_file(&real)]) {
            fs::write(&path, here(&fs::read_to_string(&path).unwrap())).unwrap();
        }

        let unit = fs::read_to_string(&with_extension(&real, "service")[0]).unwrap();
        let values = |key: &str| {
            unit.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('=')).collect::<Vec<_>>()
        };
        let variables =
            values("Environment").into_iter().filter_map(|set| set.trim_matches('"').split_once('='));
        let monit = monit_file(&real);
        let text = fs::read_to_string(&monit).unwrap();
        let watched = text.split("pidfile").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap();
        let watched = watched.trim_matches('"').to_owned();
        fs::create_dir_all(Path::new(&watched).parent().unwrap()).unwrap();
        // What capistrano3-puma writes on the server, as far as it matters here.
        if unit.contains(&format!("{server}/shared/puma.rb")) {
            let config = format!(
                "pidfile \"{server}/shared/tmp/pids/puma.pid\"\nbind \"unix://{server}/puma.sock\"\n"
            );
            fs::write(real.join("shared/puma.rb"), config).unwrap();
        }
        let puma = Command::new("/bin/sh")
            .args(["-c", &format!("exec {}", values("ExecStart")[0].replace("%%", "%"))])
            .current_dir(values("WorkingDirectory")[0])
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .envs(variables)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut puma = Running(puma);
        let pid = wait_for(&format!("{name}: {watched}"), || {
            fs::read_to_string(&watched).ok()?.trim().parse::<u32>().ok()
        });
        assert_eq!(pid, puma.0.id(), "{name}: Puma is what was started");

        let control = real.join("monitrc.test");
        let set = format!(
            "set daemon 1\nset idfile {server}/m.id\nset statefile {server}/m.state\nset pidfile {server}/m.pid\n\
             set log {server}/m.log\n"
        );
        let checks: String =
            text.lines().filter(|line| !line.starts_with("set ")).map(|line| format!("{line}\n")).collect();
        fs::write(&control, set + &checks).unwrap();
        fs::set_permissions(&control, fs::Permissions::from_mode(0o600)).unwrap();
        let said = fs::File::create(real.join("monit.out")).unwrap();
        let supervisor = Command::new("monit")
            .args(["-v", "-I", "-c"])
            .arg(&control)
            .stdout(said.try_clone().unwrap())
            .stderr(said)
            .spawn()
            .unwrap();
        let supervisor = Running(supervisor);
        let found = format!("process is running with pid {pid}");
        wait_for(&format!("{name}: monit"), || {
            let read = |file: &str| fs::read_to_string(real.join(file)).unwrap_or_default();
            (read("m.log") + &read("monit.out")).contains(&found).then_some(())
        });
        drop(supervisor);

        let term = Command::new("kill").args(["-TERM", &pid.to_string()]).status().unwrap();
        assert!(term.success());
        wait_for(&format!("{name}: the stop"), || puma.0.try_wait().unwrap());
    }
}

#[test]
fn a_puma_that_still_daemonizes_is_asked_where_it_goes() {
    let lock = "GEM\n  remote: https://rubygems.org/\n  specs:\n    puma (4.3.12)\n";
    let folder = support::project(&[("config/puma.rb", "daemonize true\n"), ("Gemfile.lock", lock)]);
    let output = lint(folder.path(), &["migrate"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--target-version"), "{}", stderr(&output));
}

#[test]
fn what_is_not_committed_is_not_overwritten() {
    if !has("git") {
        return;
    }
    let folder = support::project(&[("config/puma.rb", "pidfile 'tmp/puma.pid'\ndaemonize true\n")]);
    let git = |arguments: &[&str]| {
        let run = Command::new("git").args(arguments).current_dir(folder.path()).output().unwrap();
        assert!(run.status.success(), "{}", stderr(&run));
    };
    let migrate = |more: &[&str]| {
        let all =
            [&["migrate", "--write", "--user", "deploy", "--directory", "/srv/shop/current"], more].concat();
        let path = std::env::var("PATH").unwrap();
        Command::new(env!("CARGO_BIN_EXE_puma-lint"))
            .args(all)
            .current_dir(folder.path())
            .env_clear()
            .env("PATH", path)
            .output()
            .unwrap()
    };
    git(&["init", "-q"]);
    let refused = migrate(&[]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        stderr(&refused).contains("config/puma.rb has changes that aren't committed"),
        "{}",
        stderr(&refused)
    );
    assert!(!folder.path().join("deploy").exists());
    git(&["add", "."]);
    git(&["-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-qm", "x"]);
    fs::write(folder.path().join("config/puma.rb"), "pidfile 'tmp/puma.pid'\ndaemonize\n").unwrap();
    assert_eq!(migrate(&[]).status.code(), Some(2));
    assert_eq!(migrate(&["--allow-dirty"]).status.code(), Some(0));
    assert!(folder.path().join("deploy/shop.monit").exists());
}

#[test]
fn what_the_files_do_not_say_is_asked() {
    let folder = support::project(&[("config/puma.rb", "pidfile 'tmp/puma.pid'\ndaemonize true\n")]);
    let output = lint(folder.path(), &["migrate"]);
    for flag in ["(--user)", "(--directory)", "(--environment)"] {
        assert!(stdout(&output).contains(flag), "{flag}: {}", stdout(&output));
    }
    let given =
        ["migrate", "--user", "deploy", "--directory", "/srv/shop/current", "--environment", "production"];
    let output = lint(folder.path(), &given);
    assert!(!stdout(&output).contains("What the files don't say"), "{}", stdout(&output));
    assert!(stdout(&output).contains("+Environment=RAILS_ENV=production\n"), "{}", stdout(&output));
}

#[test]
fn a_unit_takes_over_what_an_init_script_does() {
    let script = "#!/bin/sh\nAPP=/srv/shop/current\nPIDFILE=$APP/tmp/pids/puma.pid\ncase \"$1\" in\n  start)\n    \
        cd $APP && sudo -u deploy RACK_ENV=production /usr/local/bin/bundle exec puma --pidfile \"$PIDFILE\" -d\n    ;;\nesac\n";
    let folder = support::project(&[("config/puma.rb", "threads 2, 4\n"), ("etc/init.d/shop", script)]);
    let written = lint(folder.path(), &["migrate", "--target-version", "8", "--write"]);
    let unit = fs::read_to_string(folder.path().join("deploy/shop.service")).unwrap();
    for line in [
        "User=deploy",
        "WorkingDirectory=/srv/shop/current",
        "Environment=RACK_ENV=production",
        "ExecStart=/usr/local/bin/bundle exec puma --pidfile /srv/shop/current/tmp/pids/puma.pid",
    ] {
        assert!(unit.lines().any(|said| said == line), "{line}:\n{unit}");
    }
    // Whoever still has the script must take it away.
    assert!(stdout(&written).contains("etc/init.d/shop:6: Puma 8.0.2 refuses `-d`"), "{}", stdout(&written));
}

#[test]
fn a_unit_is_what_the_deploy_will_restart() {
    let apps = apps();
    let plan = |name: &str| {
        let app = apps.iter().find(|app| app.name == name).unwrap();
        let folder = app.folder();
        let written = app.migrate(folder.path(), "5.6.5", &["--write"]);
        (stdout(&written), folder)
    };
    let (said, folder) = plan("Capistrano that has Monit watch");
    let read = |path: &str| fs::read_to_string(folder.path().join(path)).unwrap();
    let unit = read("deploy/puma_shop_production.service");
    for line in [
        "User=deploy",
        "WorkingDirectory=/srv/shop/current",
        "Environment=RACK_ENV=production",
        "ExecStart=bundle exec puma -C /srv/shop/shared/puma.rb",
    ] {
        assert!(unit.lines().any(|said| said == line), "{line}:\n{unit}");
    }
    assert!(read("deploy/puma_shop_production.monit").contains("\"/srv/shop/shared/tmp/pids/puma.pid\""));
    assert!(
        read("Capfile")
            .ends_with("install_plugin Capistrano::Puma\ninstall_plugin Capistrano::Puma::Systemd\n")
    );
    for step in ["cap production puma:config ", "sudo rm /etc/monit/conf.d/puma_shop_production.conf "] {
        assert!(said.contains(step), "{step}: {said}");
    }
    let (said, _folder) = plan("Capistrano, and a Monit file and a logrotate file beside it");
    let step =
        "in config/logrotate/shop:5: systemctl kill --kill-who=main -s HUP puma_shop_production.service";
    assert!(said.contains(step), "{said}");
    let (said, _folder) = plan("Capistrano with a config of the app's own");
    let said: Vec<&str> = said.split_whitespace().collect();
    assert!(said.join(" ").contains("set :puma_service_unit_name, \"shop\""), "{said:?}");
}

#[test]
fn a_gem_that_knows_no_systemd_has_to_go_first() {
    let folder = support::project(&[
        ("Capfile", "require 'capistrano/puma'\ninstall_plugin Capistrano::Puma\n"),
        (
            "config/deploy.rb",
            "set :application, 'shop'\nset :deploy_to, '/srv/shop'\nserver 'x', user: 'deploy'\n",
        ),
        ("Gemfile.lock", "GEM\n  specs:\n    capistrano3-puma (4.0.0)\n    puma (4.3.12)\n"),
    ]);
    let output = lint(folder.path(), &["migrate", "--target-version", "5.6.5"]);
    assert!(stdout(&output).contains("4.0.0 passes --daemon by itself"), "{}", stdout(&output));
    assert!(stdout(&output).contains("Capfile:2: Puma 5.6.5 refuses `--daemon`"), "{}", stdout(&output));
}

#[test]
fn a_reload_asks_for_the_restart_that_will_happen() {
    for (config, signal) in [
        ("threads 1, 2\n", "USR2"),
        ("workers 2\npreload_app!\n", "USR2"),
        ("workers 2\nprune_bundler\n", "USR1"),
        ("workers ENV.fetch('WEB_CONCURRENCY', 0)\nprune_bundler\n", "USR2"),
    ] {
        let text = format!("pidfile 'tmp/puma.pid'\ndaemonize\n{config}");
        let folder = support::project(&[("config/puma.rb", &text)]);
        lint(folder.path(), &["migrate", "--write", "--user", "deploy", "--directory", "/srv/shop/current"]);
        let unit = fs::read_to_string(folder.path().join("deploy/shop.service")).unwrap();
        let line = format!("ExecReload=/bin/kill -{signal} $MAINPID");
        assert!(unit.lines().any(|said| said == line), "{config}: {unit}");
    }
}
