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
