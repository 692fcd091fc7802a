//! Where a config may ask `Rails`, and what it then hears: against the installed Puma, with a stand-in for Rails.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod support;

use std::fs;
use std::process::Command;

use puma_lint::catalog::Release;
use puma_lint::lint::{Options, lint};
use puma_lint::model::{FileKind, Severity, Source};
use puma_lint::puma::options::Status;
use puma_lint::show::show;
use puma_lint::workspace::Workspace;
use serde_json::Value;
use support::{has, here, project};

/// What the stand-in answers: as Rails itself, but for the root, which is where it runs.
const RAILS: &str = "require \"pathname\"
module Rails
  class Inquirer < String
    def local? = self == \"development\" || self == \"test\"
    def respond_to_missing?(name, all = false) = name.end_with?(\"?\") || super
    def method_missing(name, *) = name.end_with?(\"?\") ? self == name[0..-2] : super
  end
  def self.env = Inquirer.new([ENV[\"RAILS_ENV\"], ENV[\"RACK_ENV\"], \"development\"].find { |name| name.to_s != \"\" })
  def self.root = Pathname.new(Dir.pwd)
end
";

const UNIT: &str = "[Service]\nWorkingDirectory=/srv/app\nExecStart=/usr/bin/puma\n";

/// Configs, and what real Puma dies of.
const CONFIGS: &[(&str, Option<&str>)] = &[
    ("environment Rails.env", Some("uninitialized constant Puma::DSL::Rails")),
    ("workers 2 if ::Rails.env.production?", Some("uninitialized constant Rails")),
    ("def env; Rails.env; end\nenvironment env", Some("uninitialized constant #<Class:#<Puma::DSL")),
    ("pidfile \"#{Rails.root}/tmp/puma.pid\"", Some("uninitialized constant Puma::DSL::Rails")),
    ("tag Rails::VERSION::STRING", Some("uninitialized constant Puma::DSL::Rails")),
    ("workers(Rails.env == \"production\" ? 2 : 1)", Some("uninitialized constant Puma::DSL::Rails")),
    ("[1].each { |n| workers n if Rails.env.test? }", Some("uninitialized constant Puma::DSL::Rails")),
    ("require \"etc\"\nrequire \"puma/plugin\"\nx = Rails", Some("uninitialized constant Puma::DSL::Rails")),
    ("plugin :tmp_restart\nx = Rails", Some("uninitialized constant Puma::DSL::Rails")),
    ("begin\n  x = Rails.env\nrescue LoadError\nend", Some("uninitialized constant Puma::DSL::Rails")),
    ("begin\n  x = Rails.env\nrescue NameError\n  x = 'production'\nend", None),
    ("x = Rails.env rescue nil", None),
    ("if defined?(Rails)\n  environment Rails.env\nend", None),
    ("environment(defined?(Rails) ? Rails.env : 'test')", None),
    ("environment Rails.env if defined?(::Rails) && Rails.respond_to?(:env)", None),
    ("environment Rails.env if defined?(Rails.env)", None),
    ("environment Rails.env if Object.const_defined?(:Rails)", None),
    ("environment 'x' unless defined?(Rails)", None),
    ("environment Rails.env unless !defined?(Rails)", None),
    ("before_fork { Rails.logger.info 'x' }", None),
    ("on_worker_boot do |n|\n  ActiveRecord::Base.establish_connection(Rails.env)\nend", None),
    ("lowlevel_error_handler { |e| Rails.logger.error(e); [500, {}, ['no']] }", None),
    ("app do |env|\n  [200, {}, [Rails.env]]\nend", None),
    ("at_exit { Rails.logger.flush if $never }", None),
    ("x = -> { Rails.env }\ny = proc { Rails.root }", None),
    ("def env; Rails.env; end", None),
    ("Rails = Struct.new(:env).new('x')\nenvironment Rails.env", None),
    ("require 'rails'\nenvironment Rails.env", None),
    ("require 'rails/all'\nworkers 2 if Rails.env.production?", None),
    ("require File.expand_path('rails', File.dirname(__FILE__))\nx = Rails", None),
    ("begin\n  require 'rails'\nrescue LoadError\nend\nenvironment Rails.env", None),
    ("require 'opaque'\nenvironment Rails.env", None),
    ("require_relative 'application'\nenvironment Rails.env", None),
    ("require File.expand_path('../environment', __FILE__)\nenvironment Rails.env", None),
    ("Kernel.load File.join(__dir__, 'application.rb')\nenvironment Rails.env", None),
    ("eval 'module Rails; def self.env; :x; end; end'\nenvironment Rails.env.to_s", None),
];

/// What the linter says of a config that a unit starts: the words it quotes, if it is an error.
fn judged(config: &str, release: Release) -> Option<String> {
    let source =
        |path: &str, kind, text: &str| Source::new(path, format!("/srv/app/{path}"), kind, text.into());
    let sources = vec![
        source("config/puma.rb", FileKind::Puma, config),
        source("app.service", FileKind::Systemd, UNIT),
    ];
    let options = Options {
        target: Some(release.version()),
        select: vec!["uninitialized-rails".to_owned()],
        ..Options::default()
    };
    let outcome = lint(&Workspace::of("/srv/app", sources), &options);
    let mut found = outcome.findings.iter().map(|finding| &finding.diagnostic);
    let first = found.next()?;
    assert_eq!(first.severity, Severity::Error, "{config}");
    Some(first.quote.as_ref().unwrap().words.clone())
}

fn installed() -> Release {
    let output = Command::new("puma").arg("--version").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    Release::parse(text.split_whitespace().nth(2).unwrap()).unwrap().release
}

#[test]
fn configs_die_of_rails_where_real_puma_does() {
    for (config, words) in CONFIGS {
        assert_eq!(judged(config, Release::newest()).as_deref(), *words, "{config}");
    }
    if !has("puma") || !has("ruby") {
        return;
    }
    let folder = project(&[
        ("lib/rails.rb", RAILS),
        ("lib/rails/all.rb", "require 'rails'"),
        ("lib/opaque.rb", "require 'rails'"),
    ]);
    let mut paths = Vec::new();
    for (at, (config, _)) in CONFIGS.iter().enumerate() {
        let home = folder.path().join(format!("{at}/config"));
        fs::create_dir_all(&home).unwrap();
        let files = [
            ("puma", *config),
            ("application", "require 'rails'"),
            ("environment", "require 'rails'"),
            ("rails", RAILS),
        ];
        for (name, text) in files {
            fs::write(home.join(name).with_extension("rb"), text).unwrap();
        }
        paths.push(home.join("puma.rb"));
    }
    let output = Command::new("ruby")
        .arg(here("tests/support/real_puma.rb"))
        .args(paths)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("LANG", "C.UTF-8")
        .env("RUBYLIB", folder.path().join("lib"))
        .output()
        .unwrap();
    let said = support::stdout(&output);
    assert_eq!(said.lines().count(), CONFIGS.len(), "{}", support::stderr(&output));
    let release = installed();
    for ((config, words), said) in CONFIGS.iter().zip(said.lines()) {
        let said: Value = serde_json::from_str(said).unwrap();
        let error = said["error"].as_str();
        match words {
            Some(words) => assert!(error.is_some_and(|error| error.contains(words)), "{config}: {error:?}"),
            None => assert_eq!(error, None, "{config}"),
        }
        assert_eq!(judged(config, release).is_some(), words.is_some(), "{config}");
    }
}

/// Asks for the tag that a config sets, under an environment.
fn tag(expression: &str, env: &[(&str, &str)]) -> Option<String> {
    let config = format!("require \"rails\"\ntag(({expression}).to_s)\n");
    let source = Source::new("config/puma.rb", "/srv/app/config/puma.rb", FileKind::Puma, config.into());
    let options = Options {
        env: env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        closed_env: true,
        ..Options::default()
    };
    let shown = show(&Workspace::of("/srv/app", vec![source]), &options);
    match shown[0].options["tag"].status() {
        Status::Known(value) => value.as_str().map(str::to_owned),
        _ => None,
    }
}

#[test]
fn rails_answers_as_rails_does() {
    let environments: &[&[(&str, &str)]] = &[
        &[],
        &[("RAILS_ENV", "production")],
        &[("RACK_ENV", "test")],
        &[("RAILS_ENV", ""), ("RACK_ENV", "staging")],
        &[("RAILS_ENV", "staging"), ("RACK_ENV", "production")],
    ];
    let expressions = [
        "Rails.env",
        "Rails.env.to_sym",
        "Rails.env.production? ? 1 : 2",
        "Rails.env.local? ? 1 : 2",
        "Rails.env == \"staging\" ? 1 : 2",
        "%w[staging production].include?(Rails.env) ? 1 : 2",
        "case Rails.env when \"test\" then 1 else 2 end",
        "Rails.env.empty? ? 1 : 2",
        "\"#{Rails.env}-x\"",
        "name = Rails.env; name.test? ? name : 2",
        "File.basename(Rails.root.join(\"tmp\", \"pids/x.pid\"))",
        "File.basename(\"#{Rails.root}/log\")",
        "Rails.root.join(\"tmp\").relative? ? 1 : 2",
    ];
    let folder = project(&[("lib/rails.rb", RAILS)]);
    let script: String = expressions.iter().map(|asked| format!("puts(({asked}).to_s)\n")).collect();
    let mut known = 0;
    for env in environments {
        let ours: Vec<Option<String>> = expressions.iter().map(|asked| tag(asked, env)).collect();
        known += ours.iter().flatten().count();
        if !has("ruby") {
            continue;
        }
        let output = Command::new("ruby")
            .args(["-rrails", "-e", &script])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("RUBYLIB", folder.path().join("lib"))
            .envs(env.iter().copied())
            .output()
            .unwrap();
        let said = support::stdout(&output);
        assert_eq!(said.lines().count(), expressions.len(), "{}", support::stderr(&output));
        for ((asked, ours), said) in expressions.iter().zip(&ours).zip(said.lines()) {
            assert!(
                ours.as_deref().is_none_or(|ours| ours == said),
                "{asked} in {env:?}: {ours:?}, really {said}"
            );
        }
    }
    println!("{known} answers compared");
    assert!(known >= environments.len() * (expressions.len() - 1), "{known}");
}
