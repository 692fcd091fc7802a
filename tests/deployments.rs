//! What belongs together, and what only lies side by side.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use support::{json, project};

const PUMA: &str = "app_dir = File.expand_path('..', __dir__)\npidfile \"#{app_dir}/tmp/pids/puma.pid\"\n";
const UNIT: &str = "[Service]\nWorkingDirectory=/srv/shop/current\nExecStart=/usr/bin/bundle exec puma\n";

fn mismatches(files: &[(&str, &str)]) -> usize {
    let folder = project(files);
    let report = json(folder.path(), &["--target-version", "8"]);
    report["diagnostics"].as_array().unwrap().iter().filter(|d| d["rule"] == "pidfile-mismatch").count()
}

fn monit(name: &str, pidfile: &str, start: &str) -> String {
    format!("check process {name} with pidfile \"{pidfile}\"\n  start program = \"{start}\"\n")
}

#[test]
fn a_check_of_another_program_is_not_compared() {
    for (name, pidfile, start) in [
        ("sidekiq", "/srv/shop/shared/sidekiq.pid", "/bin/systemctl start sidekiq"),
        ("jobs", "/srv/shop/shared/jobs.pid", "/bin/systemctl start jobs"),
        ("nginx", "/run/nginx.pid", "/usr/sbin/service nginx start"),
        ("mailer", "/run/mailer.pid", "/opt/mailer/start.sh"),
        ("puma_worker_0", "/srv/shop/shared/puma_worker_0.pid", "/opt/start-worker.sh"),
    ] {
        let control = monit(name, pidfile, start);
        let files =
            [("config/puma.rb", PUMA), ("deploy/shop.service", UNIT), ("ops/x.monit", control.as_str())];
        assert_eq!(mismatches(&files), 0, "{name}");
    }
}

#[test]
fn a_check_of_the_app_is_compared_however_it_is_started() {
    for (name, start) in [
        ("shop", "/bin/systemctl start shop"),
        ("shop", "/bin/bash -lc 'sudo systemctl start shop.service'"),
        ("puma", "/opt/start.sh"),
        ("web", "/bin/bash -lc 'cd /srv/shop/current && bundle exec puma -C config/puma.rb'"),
    ] {
        let control = monit(name, "/srv/shop/shared/other.pid", start);
        let files =
            [("config/puma.rb", PUMA), ("deploy/shop.service", UNIT), ("ops/x.monit", control.as_str())];
        assert_eq!(mismatches(&files), 1, "{name} {start}");
    }
}

#[test]
fn two_apps_in_one_tree_are_told_apart() {
    let shop = UNIT.to_owned();
    let blog = UNIT.replace("/srv/shop", "/srv/blog");
    let control = format!(
        "{}{}",
        monit("shop", "/srv/shop/current/tmp/pids/puma.pid", "/bin/systemctl start shop"),
        monit("blog", "/srv/blog/current/tmp/pids/puma.pid", "/bin/systemctl start blog")
    );
    let files = [
        ("apps/shop/config/puma.rb", PUMA),
        ("apps/blog/config/puma.rb", PUMA),
        ("deploy/shop.service", shop.as_str()),
        ("deploy/blog.service", blog.as_str()),
        ("deploy/monitrc", control.as_str()),
    ];
    assert_eq!(mismatches(&files), 0);
}

/// Two apps whose units and checks lie side by side, with what each check watches.
fn two_apps(shop: &str, blog: &str) -> Vec<(String, String, usize)> {
    let unit = |app: &str| UNIT.replace("/srv/shop", &format!("/srv/{app}"));
    let check = |app: &str, pidfile: &str| monit(app, pidfile, &format!("/bin/systemctl start {app}"));
    let files = [
        ("apps/shop/config/puma.rb", PUMA.to_owned()),
        ("apps/blog/config/puma.rb", PUMA.to_owned()),
        ("deploy/shop.service", unit("shop")),
        ("deploy/blog.service", unit("blog")),
        ("deploy/monitrc", format!("{}{}", check("shop", shop), check("blog", blog))),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let folder = project(&files);
    let report = json(folder.path(), &["--target-version", "8"]);
    let found = report["diagnostics"].as_array().unwrap().iter().map(|d| {
        let roots = report["deployments"].as_array().unwrap();
        let of = roots.iter().find(|other| other["id"] == d["deployment"]).unwrap();
        let written = d["labels"].as_array().unwrap().iter().map(|l| l["location"]["path"].as_str().unwrap());
        let written: Vec<&str> = written.filter(|path| path.ends_with("puma.rb")).collect();
        let line = usize::try_from(d["location"]["start"]["line"].as_u64().unwrap()).unwrap();
        (of["root"].as_str().unwrap().to_owned(), written.join(" "), line)
    });
    found.collect()
}

#[test]
fn one_monit_file_watches_two_apps() {
    let (shop, blog) = ("/srv/shop/current/tmp/pids/puma.pid", "/srv/blog/current/tmp/pids/puma.pid");
    let wrong = |app: &str, line| (format!("apps/{app}"), format!("apps/{app}/config/puma.rb"), line);
    assert_eq!(two_apps(shop, blog), []);
    assert_eq!(two_apps("/srv/shop/shared/web.pid", blog), [wrong("shop", 1)]);
    assert_eq!(two_apps(shop, "/srv/blog/shared/web.pid"), [wrong("blog", 3)]);
    // Each watches the other's file.
    assert_eq!(two_apps(blog, shop), [wrong("blog", 3), wrong("shop", 1)]);
}

#[test]
fn a_check_is_an_apps_by_its_paths_too() {
    let unit = |app: &str| UNIT.replace("/srv/shop", &format!("/srv/{app}"));
    let start = "/opt/bin/start-web";
    let control = format!(
        "{}{}{}",
        monit("puma_shop", "/srv/shop/shared/puma.pid", start),
        monit("puma_blog", "/srv/blog/current/tmp/pids/puma.pid", start),
        monit("puma_wiki", "/srv/wiki/puma.pid", "/bin/bash -c 'puma --daemon'"),
    );
    let files = [
        ("apps/a/config/puma.rb", PUMA),
        ("apps/b/config/puma.rb", PUMA),
        ("apps/a/shop.service", &unit("shop")),
        ("apps/b/blog.service", &unit("blog")),
        ("monit/apps.conf", &control),
    ];
    let folder = project(&files);
    let report = json(folder.path(), &["--target-version", "8"]);
    let found = report["diagnostics"].as_array().unwrap();
    let place = |d: &serde_json::Value| d["location"]["start"]["line"].as_u64().unwrap();
    let found: Vec<_> = found.iter().map(|d| (d["rule"].as_str().unwrap(), place(d))).collect();
    // What is nobody's is said once, and is about no app.
    assert_eq!(found, [("pidfile-mismatch", 1), ("removed-flag", 6)]);
}

#[test]
fn what_a_unit_sets_is_shown_even_where_a_login_shell_may_set_more() {
    let unit = "[Service]\nUser=deploy\nWorkingDirectory=/srv/shop/current\nEnvironment=RAILS_ENV=production\n\
        ExecStart=/bin/bash -lc 'exec bundle exec puma'\n";
    let project = support::project(&[("config/puma.rb", "port 3000\n"), ("shop.service", unit)]);
    let shown = support::stdout(&support::lint(project.path(), &["show", "--target-version", "8"]));
    assert!(shown.contains("RAILS_ENV, shop.service:4"), "{shown}");
    assert!(!shown.contains("PUMA_FIBER_PER_REQUEST"), "{shown}");
}

#[test]
fn a_ruby_and_gems_that_the_newest_puma_refuses_say_that_it_is_not_the_one() {
    let lock = "GEM\n  remote: https://rubygems.org/\n  specs:\n    capybara (3.30.0)\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  capybara\n";
    let folder =
        project(&[("config/puma.rb", "port 3000\n"), (".ruby-version", "2.5.3\n"), ("Gemfile.lock", lock)]);
    let rules = |arguments: &[&str]| -> Vec<String> {
        let report = json(folder.path(), arguments);
        let rule = |d: &serde_json::Value| d["rule"].as_str().unwrap().to_owned();
        report["diagnostics"].as_array().unwrap().iter().map(rule).collect()
    };
    assert_eq!(rules(&[]), Vec::<String>::new());
    assert_eq!(rules(&["--target-version", "8"]), ["old-ruby", "incompatible-gem"]);
}

#[test]
fn a_pidfile_that_is_not_what_was_meant_is_said_once() {
    for (pidfile, rule) in [
        ("/srv/shop/current/tmp/pids/puma.pid # ours", "trailing-comment"),
        ("%h/puma.pid", "manager-home"),
        ("tmp/pids/puma.pid", "misread-path"),
        ("/srv/shop/other.pid", "pidfile-mismatch"),
    ] {
        let unit = format!("{UNIT}User=deploy\nPIDFile={pidfile}\n");
        let folder = project(&[("config/puma.rb", PUMA), ("deploy/shop.service", &unit)]);
        let report = json(folder.path(), &["--target-version", "8"]);
        let rules: Vec<_> = report["diagnostics"].as_array().unwrap().iter().map(|d| &d["rule"]).collect();
        assert_eq!(rules, [rule], "{pidfile}");
    }
}
