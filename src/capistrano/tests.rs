use proptest::prelude::*;

use super::*;
use crate::puma::evaluate::Trace;
use crate::ruby;

/// The stages of these deploy files: the `Capfile`, `config/deploy.rb`, and the files of stages with their names.
fn read(gem: &str, capfile: &str, deploy: &str, stages: &[(&str, &str)]) -> Vec<Stage> {
    let mut texts = vec![(Part::Capfile, capfile), (Part::Deploy, deploy)];
    texts.extend(stages.iter().map(|(name, text)| (Part::Stage(name), *text)));
    let trees: Vec<Option<Tree>> = texts.iter().map(|(_, text)| ruby::parse(text.as_bytes()).ok()).collect();
    let files = texts.iter().zip(&trees).zip(0..);
    let loaded = files
        .filter_map(|(((part, text), tree), at)| {
            Some(DeployFile { file: FileId(at), text: text.as_bytes(), tree: tree.as_ref()?, part: *part })
        })
        .collect();
    super::stages(&DeployFiles { loaded, templates: Vec::new() }, &gem.parse().unwrap())
}

const SYSTEMD: &str = "install_plugin Capistrano::Puma\ninstall_plugin Capistrano::Puma::Systemd\n";

fn only(deploy: &str) -> Stage {
    read("5.2.0", SYSTEMD, deploy, &[("production", "")]).remove(0)
}

#[test]
fn settings_are_what_a_task_would_fetch() {
    let shop = "set :application, 'shop'\nset :deploy_to, '/srv/shop'\n";
    for (deploy, want) in [
        ("", Some("/srv/shop/shared/tmp/pids/puma.pid")),
        ("set :puma_pid, '/run/p.pid'", Some("/run/p.pid")),
        ("set :puma_pid, \"#{shared_path}/p.pid\"", Some("/srv/shop/shared/p.pid")),
        ("set :puma_pid, \"#{release_path}/p.pid\"", Some("/srv/shop/current/p.pid")),
        ("set :puma_pid, -> { \"#{release_path}/p.pid\" }", None),
        (
            "set :puma_pid, \"/run/#{fetch(:application)}-#{fetch(:stage)}.pid\"",
            Some("/run/shop-production.pid"),
        ),
        ("set :puma_pid, -> { File.join(shared_path, 'a', 'p.pid') }", Some("/srv/shop/shared/a/p.pid")),
        ("set(:puma_pid) { shared_path.join('p.pid') }", Some("/srv/shop/shared/p.pid")),
        ("set :puma_pid, proc { current_path + 'p.pid' }", Some("/srv/shop/current/p.pid")),
        ("set :puma_pid, shared_path.join('a', 'p.pid').to_s", Some("/srv/shop/shared/a/p.pid")),
        ("set :puma_pid, fetch(:nothing, '/run/d.pid')", Some("/run/d.pid")),
        ("dir = '/run/' + 'x'\nset :puma_pid, \"#{dir}/p.pid\"", Some("/run/x/p.pid")),
        ("dir = 'a'\ndir = 'b' if ENV['X']\nset :puma_pid, \"/run/#{dir}\"", None),
        ("dir = 'a'\nset :puma_pid, -> { \"/run/#{dir}\" }", None),
        ("set :puma_pid, '/run/a'\nset :puma_pid, '/run/b'", Some("/run/b")),
        ("set :puma_pid, '/run/a'\nset_if_empty :puma_pid, '/run/b'", Some("/run/a")),
        ("set :puma_pid, '/run/a' if ENV['X']", None),
        ("set :puma_pid, '/run/a'\ntask(:x) { set :puma_pid, '/run/b' }", None),
        ("set :puma_pid, '/run/a'\n%i[puma_pid].each { |name| set name, 1 }", None),
        ("set :puma_pid, '/run/a'\nload 'config/more.rb'", None),
        ("set :puma_pid, ENV['PIDFILE']", None),
        ("set :puma_pid, -> { fetch(:x) }\nset :x, -> { fetch(:puma_pid) }", None),
        // What is no block is put together at once, with what is known by then.
        ("set :puma_pid, \"#{shared_path}/p\"\nset :deploy_to, '/srv/b'", Some("/srv/shop/shared/p")),
        ("set :puma_pid, -> { \"#{shared_path}/p\" }\nset :deploy_to, '/srv/b'", Some("/srv/b/shared/p")),
    ] {
        let stage = only(&format!("{shop}{deploy}\n"));
        assert_eq!(stage.known("puma_pid").as_deref(), want, "{deploy}");
    }
    assert_eq!(
        only("set :application, 'shop'").known("shared_path").as_deref(),
        Some("/var/www/shop/shared")
    );
    assert_eq!(
        only("set :current_directory, 'now'\nset :deploy_to, '/s'").known("current_path").as_deref(),
        Some("/s/now")
    );
}

#[test]
fn each_stage_has_its_own() {
    let deploy = "set :deploy_to, '/srv/a'\nset :user, 'web'\n";
    let stages = [
        ("staging", "set :deploy_to, '/srv/b'\nserver 'x'\n"),
        ("production", "server 'x', user: 'deploy'\n"),
    ];
    let all = read("5.2.0", SYSTEMD, deploy, &stages);
    let said: Vec<_> =
        all.iter().map(|s| (s.name.as_deref(), s.known("current_path"), s.user.as_deref())).collect();
    assert_eq!(
        said,
        [
            (Some("production"), Some("/srv/a/current".to_owned()), Some("deploy")),
            (Some("staging"), Some("/srv/b/current".to_owned()), Some("web")),
        ]
    );
    let users = "server 'x', user: 'a'\nserver 'y', user: 'b'\n";
    assert_eq!(read("5.2.0", SYSTEMD, "", &[("p", users)])[0].user, None);
    assert_eq!(read("5.2.0", SYSTEMD, "role :app, %w[a@x a@y]", &[])[0].user.as_deref(), Some("a"));
}

#[test]
fn shared_folders_are_known_where_they_are_plain() {
    let links = |deploy: &str| only(deploy).linked_dirs.map(|dirs| dirs.join(" "));
    assert_eq!(links("append :linked_dirs, 'log', 'tmp'").as_deref(), Some("log tmp"));
    assert_eq!(links("set :linked_dirs, fetch(:linked_dirs, []).push('log')").as_deref(), Some("log"));
    assert_eq!(links("set :linked_dirs, %w{log}\nappend :linked_dirs, 'tmp'").as_deref(), Some("log tmp"));
    for unknown in [
        "",
        "append :linked_dirs, *MORE",
        "append :linked_dirs, 'log' if ENV['X']",
        "append :linked_dirs, 'log'\ntask(:x) { execute :ln, '-s', 'a', 'b' }",
    ] {
        assert_eq!(links(unknown), None, "{unknown}");
    }
}

#[test]
fn a_release_of_the_gem_starts_puma_in_its_own_way() {
    let all = "require 'capistrano/puma'\nrequire 'capistrano/puma/monit'\ninstall_plugin Capistrano::Puma\n\
               install_plugin Capistrano::Puma::Daemon\ninstall_plugin Capistrano::Puma::Systemd\n";
    for (gem, want) in [
        ("1.2.1", "|Monit"),
        ("3.1.1", ""),
        ("4.0.0", ""),
        ("5.0.4", "Daemon|Systemd"),
        ("5.2.0", "Daemon|Systemd"),
        ("6.2.0", "Systemd"),
        ("7.1.0", "Systemd"),
    ] {
        let stage = read(gem, all, "set :deploy_to, '/s'", &[]).remove(0);
        let plugins: Vec<&str> = stage.starts().map(|(start, _)| start.plugin).collect();
        assert_eq!(plugins.join("|"), want, "{gem}");
        assert_eq!(
            stage.starts().all(|(start, _)| start.words.contains(&"--daemon")),
            !want.contains('S'),
            "{gem}"
        );
        assert_eq!(stage.writes_config(), gem < "6", "{gem}");
    }
    let own = "set :deploy_to, '/s'\nset :puma_conf, -> { \"#{current_path}/config/puma.rb\" }";
    assert!(!only(own).writes_config(), "the app has a config of its own");
    let shared = "set :deploy_to, '/s'\nset :puma_conf, -> { \"#{shared_path}/config/puma.rb\" }\n";
    assert!(only(shared).writes_config(), "nobody else puts a config there");
    assert!(!only(&format!("{shared}append :linked_files, 'config/puma.rb'")).writes_config());
    assert!(!only(&format!("{shared}append :linked_files, *FILES")).writes_config());
    let cleared = "Rake::Task['puma:start'].clear";
    assert_eq!(only(cleared).starts().count(), 0, "the app has tasks of its own");
    assert_eq!(read("5.2.0", "install_plugin Capistrano::Puma::Daemon if x", "", &[])[0].starts().count(), 0);
}

#[test]
fn the_written_config_says_what_the_settings_say() {
    let calls = |deploy: &str| {
        let stage = only(&format!("set :deploy_to, '/s'\n{deploy}"));
        let said = |trace: &Trace| trace.calls.iter().map(|call| call.name.clone()).collect::<Vec<_>>();
        stage.written_config().iter().flat_map(|(_, trace)| said(trace)).collect::<Vec<_>>()
    };
    assert!(calls("").contains(&"prune_bundler".to_owned()));
    assert!(!calls("").contains(&"daemonize".to_owned()));
    assert!(calls("set :puma_daemonize, true").contains(&"daemonize".to_owned()));
    assert!(!calls("set :puma_preload_app, true").contains(&"prune_bundler".to_owned()));
    assert_eq!(
        calls("set :puma_bind, %w[tcp://0.0.0.0:1 unix:///s]").iter().filter(|c| *c == "bind").count(),
        2
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 300, ..Default::default() })]

    /// Files as they are, with pieces taken out, doubled or replaced by any bytes.
    #[test]
    fn mutilated_files_are_read(cuts in prop::collection::vec((0..600usize, 0..40usize, ".{0,6}"), 0..6), gem in "[0-9]\\.[0-9]\\.[0-9]") {
        let mut deploy = "set :application, 'shop'\nset :deploy_to, -> { \"/srv/#{fetch(:application)}\" }\n\
            append :linked_dirs, 'log', \"tmp/#{x}\"\nset :puma_pid, File.join(shared_path, 'p')\n\
            set(:puma_conf) { current_path.join('config', 'puma.rb') }\nserver 'x', user: 'y', roles: %w[app]\n\
            set :puma_threads, [1, 2]\nset :puma_bind, %w[a b]\nnamespace(:x) { task(:y) { set :z, fetch(:a) || [] } }\n"
            .to_owned();
        for (at, len, text) in cuts {
            let boundary = |at: usize| (0..=at.min(deploy.len())).rev().find(|at| deploy.is_char_boundary(*at)).unwrap();
            let (from, to) = (boundary(at), boundary(at + len));
            deploy.replace_range(from..to, &text);
        }
        for stage in read(&gem, &format!("{SYSTEMD}{deploy}"), &deploy, &[("p", &deploy)]) {
            stage.written_config();
            stage.starts().count();
        }
    }
}

/// What a file does without end, or at any size, costs a moment.
#[test]
fn hostile_files_are_read_soon() {
    for deploy in [
        format!("set :a, 'aaaaaaaa'\n{}", "set :a, \"#{fetch(:a)}#{fetch(:a)}\"\n".repeat(300)),
        format!("set :a, [1]\n{}", "set :a, fetch(:a) + fetch(:a)\n".repeat(300)),
        (0..400).map(|n| format!("set :a{n}, -> {{ [fetch(:a{0}), fetch(:a{0})] }}\n", n + 1)).collect(),
        format!("set :puma_pid, {}'x'{}\n", "(".repeat(3000), ")".repeat(3000)),
        "set :a, 1\n".repeat(20_000),
    ] {
        let started = std::time::Instant::now();
        read("5.2.0", SYSTEMD, &format!("{deploy}set :puma_pid, fetch(:a0, fetch(:a))\n"), &[]);
        assert!(started.elapsed().as_secs() < 5, "{}", &deploy[..40]);
    }
}
