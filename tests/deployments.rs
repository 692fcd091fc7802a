//! What belongs together, and what only lies side by side.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use support::{json, project, stdout};

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
    let shown = stdout(&support::lint(project.path(), &["show", "--target-version", "8"]));
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

const TEMPLATE: &str = "[Service]\nUser=deploy\nWorkingDirectory=/srv/shop/current\nRuntimeDirectory=shop-%I\n\
    ExecStart=/usr/bin/bundle exec puma --pidfile /run/shop-%I/puma.pid\n";

/// The pidfiles that `show` knows of the launches.
fn pidfiles(folder: &std::path::Path) -> Vec<String> {
    let output = support::lint(folder, &["show", "--format", "json"]);
    let shown: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let launches = shown["launches"].as_array().unwrap().iter();
    let known = launches.filter_map(|launch| launch["options"]["pidfile"]["resolved"].as_str());
    known.filter(|path| !path.contains('%')).map(str::to_owned).collect()
}

#[test]
fn the_instances_of_a_template_are_those_that_the_files_name() {
    let many: String = (0..40).map(|at| format!("systemctl start shop@{at}\n")).collect();
    let many = format!("#!/bin/sh\n# puma\n{many}");
    let own = TEMPLATE.replace("shop-%I", "solo");
    for (path, text, instances) in [
        ("deploy/x.service", "[Unit]\nWants=shop@a.service\n[Service]\nExecStart=/bin/x\n", vec!["shop-a"]),
        ("deploy/x.service", "[Unit]\nWants=shop@%p.service\n[Service]\nExecStart=/bin/x\n", vec!["shop-x"]),
        ("deploy/shop.target", "[Unit]\nRequires=shop@a.service shop@b.service\n", vec!["shop-a", "shop-b"]),
        ("deploy/shop@a.service.d/x.conf", "[Service]\nEnvironment=A=1\n", vec!["shop-a"]),
        (
            "deploy/shop@a.service.d/x.conf",
            "[Service]\nExecStart=\nExecStart=/usr/bin/puma --pidfile /run/%i\n",
            vec!["a"],
        ),
        (
            "ops/x.monit",
            "check process x pidfile \"/x\"\n start \"/bin/systemctl start shop@a\"\n",
            vec!["shop-a"],
        ),
        ("bin/deploy", "#!/bin/sh\n# puma\nsudo systemctl restart shop@a.service\n", vec!["shop-a"]),
        ("bin/deploy", "#!/bin/sh\n# puma\nsystemctl restart 'shop@a\\x2db'\n", vec!["shop-a-b"]),
        ("bin/deploy", "#!/bin/sh\n# puma\nsystemctl restart shop@srv/b\n", vec!["shop-srv/b"]),
        ("deploy/shop@a.service", &own, vec!["solo"]),
        // What a shell, a template or systemd has still to fill in, and what is another template's.
        ("bin/deploy", "#!/bin/sh\n# puma\nfor i in a b; do systemctl restart shop@$i; done\n", vec![]),
        ("bin/deploy", "#!/bin/sh\n# puma\nsystemctl restart 'shop@*' shop@{a,b}\n", vec![]),
        (
            "deploy/x.service.erb",
            "[Unit]\nWants=shop@<%= x %>.service\n[Service]\nExecStart=/bin/x\n",
            vec![],
        ),
        ("deploy/redis@.service", "[Unit]\nWants=shop@%i.service\n[Service]\nExecStart=/bin/x\n", vec![]),
        ("bin/deploy", "#!/bin/sh\n# puma\nsystemctl restart blog@a myshop@b\n", vec![]),
        ("bin/deploy", &many, vec![]),
    ] {
        let files = [("config/puma.rb", "threads 1, 2\n"), ("deploy/shop@.service", TEMPLATE), (path, text)];
        let folder = project(&files);
        let wanted: Vec<String> = instances
            .iter()
            .map(|name| if *name == "a" { "/run/a".to_owned() } else { format!("/run/{name}/puma.pid") })
            .collect();
        assert_eq!(pidfiles(folder.path()), wanted, "{path}: {text}");
    }
    let with_default = format!("{TEMPLATE}[Install]\nDefaultInstance=main\n");
    let folder = project(&[("config/puma.rb", ""), ("deploy/shop@.service", with_default.as_str())]);
    assert_eq!(pidfiles(folder.path()), ["/run/shop-main/puma.pid"]);
}

#[cfg(unix)]
#[test]
fn links_name_instances() {
    let folder = project(&[("config/puma.rb", ""), ("deploy/shop@.service", TEMPLATE), ("etc/x", "")]);
    let at = |path: &str| folder.path().join(path);
    std::fs::create_dir(at("deploy/multi-user.target.wants")).unwrap();
    for link in
        ["deploy/multi-user.target.wants/shop@a.service", "deploy/shop@b.service", "etc/shop@c.service"]
    {
        std::os::unix::fs::symlink("/etc/systemd/system/shop@.service", at(link)).unwrap();
    }
    assert_eq!(pidfiles(folder.path()), ["/run/shop-a/puma.pid", "/run/shop-b/puma.pid"]);
}

#[test]
fn instances_are_compared_one_by_one() {
    let watch = |instance: &str, pidfile: &str| {
        monit(&format!("puma-{instance}"), pidfile, &format!("/bin/systemctl start shop@{instance}"))
    };
    let (a, b) = ("/run/shop-a/puma.pid", "/run/shop-b/puma.pid");
    let unnamed = monit("puma-c", "/run/shop-c/puma.pid", "/opt/start.sh");
    for (control, wrong) in [
        (watch("a", a) + &watch("b", b), 0),
        (watch("a", b), 1),
        (watch("a", a) + &watch("b", a), 1),
        // An instance that nothing names.
        (watch("a", a) + &unnamed, 0),
        (unnamed.clone(), 0),
    ] {
        let files = [
            ("config/puma.rb", "threads 1, 2\n"),
            ("deploy/shop@.service", TEMPLATE),
            ("ops/x.monit", control.as_str()),
        ];
        assert_eq!(mismatches(&files), wrong, "{control}");
    }
}

#[test]
fn a_section_that_is_missing_is_said_once() {
    let unit = "A=1\nB=2\nnonsense\n[Service]\nExecStart=/bin/true\n";
    let folder = project(&[("config/puma.rb", PUMA), ("deploy/shop.service", unit)]);
    let report = json(folder.path(), &["--target-version", "8"]);
    let said: Vec<_> = report["diagnostics"].as_array().unwrap().iter().map(|d| &d["message"]).collect();
    assert_eq!(said, ["systemd ignores this line and 2 more: they stand in no section"]);
}

#[test]
fn of_a_config_that_is_elsewhere_nothing_is_known() {
    let unit = UNIT.replace("exec puma", "exec puma -w 2 -C /srv/shop/shared/puma.rb");
    let folder = project(&[("config/puma.rb", PUMA), ("deploy/shop.service", &unit)]);
    let output = support::lint(folder.path(), &["show", "--target-version", "8"]);
    let shown = stdout(&output);
    assert!(
        shown.contains("/srv/shop/shared/puma.rb is not among the files: what it says is not known"),
        "{shown}"
    );
    let output =
        support::lint(folder.path(), &["show", "--all", "--target-version", "8", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let launches = report["launches"].as_array().unwrap();
    let options = &launches.iter().find(|launch| launch["name"] == "shop.service").unwrap()["options"];
    assert_eq!(options["workers"]["value"], 2);
    for unsure in ["binds", "max_threads", "preload_app"] {
        assert_eq!(options[unsure]["status"], "unknown", "{unsure}");
    }
}
