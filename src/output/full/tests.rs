//! What people see, as pictures.

use super::*;
use crate::model::{Diagnostic, Edit, Fix, FileKind, Severity, Span, Speaker, Story};
use crate::output::testing::*;

fn show(world: &World, style: Style) -> String {
    text(|out| write(&world.report(), &style, out))
}

fn fix(title: &str, applicability: Applicability, at: crate::model::Location) -> Fix {
    Fix {
        title: title.into(),
        applicability,
        edits: vec![Edit { file: at.file, span: at.span, replacement: String::new() }],
    }
}

const CONFIG: &str = "\
app_dir = File.expand_path('..', __dir__)
workers 2
pidfile \"#{app_dir}/tmp/pids/puma.pid\"
daemonize true
on_worker_boot do
  connect
end
";

const UNIT: &str = "\
[Service]
Type=forking
ExecStart=/usr/local/bin/bundle exec puma -C config/puma.rb --daemon
";

const MONIT: &str = "\
check process shop with pidfile \"/srv/shop/shared/puma.pid\"
  start program = \"/bin/bash -lc 'cd /srv/shop/current && bundle exec puma --daemon'\"
";

fn daemonizing() -> World {
    let mut world = World::new();
    let config = world.file("config/puma.rb", FileKind::Puma, CONFIG);
    let unit = world.file("deploy/shop.service", FileKind::Systemd, UNIT);
    let monit = world.file("ops/monitrc", FileKind::Monit, MONIT);
    let at = world.at(config, "daemonize true");
    let cause = world.find(
        Diagnostic::new(
            "removed-directive",
            Severity::Error,
            at,
            "Puma 8.0.2 does not know `daemonize`: the server will not boot",
        )
        .label("removed in 5.0.0, nothing replaces it")
        .quote(Speaker::Puma, "undefined method `daemonize' for #<Puma::DSL")
        .help("let systemd keep Puma running; then nothing needs to daemonize")
        .fix(fix("remove `daemonize`", Applicability::Safe, at)),
    );
    let at = world.at(unit, "Type=forking");
    world.follow(
        cause,
        Diagnostic::new("forking-service", Severity::Error, at, "Puma 8.0.2 does not fork")
            .label("the start will time out")
            .help("make it Type=notify: Puma tells systemd when it is ready")
            .role(Story::Daemonizing, 2)
            .fix(fix("make it Type=notify", Applicability::Safe, at)),
    );
    for file in [unit, monit] {
        let at = world.at(file, "--daemon");
        world.follow(
            cause,
            Diagnostic::new("removed-flag", Severity::Error, at, "Puma 8.0.2 does not know --daemon")
                .label("invalid option: --daemon")
                .role(Story::Daemonizing, 1)
                .fix(fix("remove --daemon", Applicability::Unsafe, at)),
        );
    }
    world
}

#[test]
fn print() {
    let mut world = daemonizing();
    let (config, monit) = (crate::model::FileId(0), crate::model::FileId(2));
    let at = world.at(monit, "\"/srv/shop/shared/puma.pid\"");
    let also = world.at(config, "\"#{app_dir}/tmp/pids/puma.pid\"");
    world.find(
        Diagnostic::new("pidfile-mismatch", Severity::Warning, at, "Monit watches a file that nothing writes")
            .label("watched here")
            .also(also, "Puma writes /srv/shop/current/tmp/pids/puma.pid")
            .quote(Speaker::Monit, "'shop' failed to start (exit status 0) -- no output")
            .help("watch the file that Puma writes: with pidfile \"/srv/shop/current/tmp/pids/puma.pid\""),
    );
    let s = Style::default();
    println!("{}", show(&world, s));
    println!("{}", show(&world, Style { width: 60, unicode: false, ..s }));
    println!("{}", show(&world, Style { color: true, links: true, ..s }));
    world.findings.clear();
    println!("{}", show(&world, s));
}
