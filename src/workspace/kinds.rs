//! What a file is for: told by its name, else by a cheap look at its content. All rules are tables.
//!
//! The look at Ruby goes by lines and is no parser: it decides what to read, never what to report.

use std::path::{Component, Path, PathBuf};

use crate::model::{FileKind, TemplateLanguage};

/// Names that tell the kind. A pattern is matched against the end of the path, folder by folder;
/// `*` stands for any number of characters within one name.
const NAMES: &[(&str, FileKind)] = &[
    ("puma.rb", FileKind::Puma),
    ("config/puma*.rb", FileKind::Puma),
    ("config/puma/*.rb", FileKind::Puma),
    ("*.puma.rb", FileKind::Puma),
    ("*.service", FileKind::Systemd),
    ("*.socket", FileKind::Systemd),
    ("*.service.d/*.conf", FileKind::Systemd),
    ("*.socket.d/*.conf", FileKind::Systemd),
    ("monitrc", FileKind::Monit),
    ("*.monitrc", FileKind::Monit),
    ("*.monit", FileKind::Monit),
    ("Procfile", FileKind::Procfile),
    ("Procfile.*", FileKind::Procfile),
    ("Dockerfile", FileKind::Dockerfile),
    ("Dockerfile.*", FileKind::Dockerfile),
    ("*.Dockerfile", FileKind::Dockerfile),
    ("*.dockerfile", FileKind::Dockerfile),
    ("Containerfile", FileKind::Dockerfile),
    ("Containerfile.*", FileKind::Dockerfile),
    ("docker-compose.yml", FileKind::Compose),
    ("docker-compose.yaml", FileKind::Compose),
    ("docker-compose.*.yml", FileKind::Compose),
    ("docker-compose.*.yaml", FileKind::Compose),
    ("docker-compose-*.yml", FileKind::Compose),
    ("docker-compose-*.yaml", FileKind::Compose),
    ("compose.yml", FileKind::Compose),
    ("compose.yaml", FileKind::Compose),
    ("compose.*.yml", FileKind::Compose),
    ("compose.*.yaml", FileKind::Compose),
    ("compose-*.yml", FileKind::Compose),
    ("compose-*.yaml", FileKind::Compose),
    ("Capfile", FileKind::Capistrano),
    ("config/deploy.rb", FileKind::Capistrano),
    ("config/deploy/*.rb", FileKind::Capistrano),
    ("lib/capistrano/tasks/*.rake", FileKind::Capistrano),
    ("lib/capistrano/tasks/*.cap", FileKind::Capistrano),
    ("Gemfile.lock", FileKind::Lock),
    ("gems.locked", FileKind::Lock),
    ("puma-lint.toml", FileKind::Settings),
    (".puma-lint.toml", FileKind::Settings),
    (".ruby-version", FileKind::RubyVersion),
];

/// Names whose content is worth a look when a folder is searched. A file named by hand is always worth it.
const CANDIDATES: &[(&str, FileKind)] = &[
    ("*.conf", FileKind::Monit),
    ("*.target", FileKind::Systemd),
    ("config/*.rb", FileKind::Puma),
    ("*puma*.rb", FileKind::Puma),
    ("puma*/*.rb", FileKind::Puma),
    ("*.sh", FileKind::Script),
    ("bin/*", FileKind::Script),
    ("script/*", FileKind::Script),
    ("scripts/*", FileKind::Script),
    ("init.d/*", FileKind::Script),
];

/// What a template adds to the name of the file that it makes.
const TEMPLATE_SUFFIXES: &[(&str, TemplateLanguage)] =
    &[(".erb", TemplateLanguage::Erb), (".j2", TemplateLanguage::Jinja), (".tt", TemplateLanguage::Erb)];

/// The names of folders in which any file may be Monit's.
const MONIT_FOLDER: &str = "monit*";

/// The words that Monit knows behind `set`.
const MONIT_SET: &[&str] = &[
    "alert",
    "daemon",
    "eventqueue",
    "expectbuffer",
    "fips",
    "http",
    "httpd",
    "idfile",
    "init",
    "limits",
    "log",
    "logfile",
    "mail-format",
    "mailserver",
    "mmonit",
    "onreboot",
    "pidfile",
    "ssl",
    "statefile",
    "tls",
];

/// The words that Monit knows behind `check`.
const MONIT_CHECK: &[&str] =
    &["device", "directory", "fifo", "file", "filesystem", "host", "network", "process", "program", "system"];

/// How the lines of Ruby files begin that look like Puma configs and belong to another tool.
/// Quotes are compared as `"`.
const FOREIGN_RUBY: &[(&str, &[&str])] = &[
    ("an Eye config", &["Eye.application", "Eye.app ", "Eye.config", "Eye.load", "process \"", "process :"]),
    ("a god config", &["God.watch", "God.task", "God.contact", "God.load"]),
    ("a mina deploy file", &["require \"mina/", "set :domain"]),
    (
        "a Capistrano deploy file",
        &["set :application", "lock \"~> 3", "lock \"3", "load \"deploy\"", "require \"capistrano/"],
    ),
    ("a file of Capistrano or Rake tasks", &["namespace :"]),
    ("a Unicorn config", &["worker_processes ", "stderr_path "]),
    ("a Chef recipe", &["cookbook_file ", "gem_package ", "include_recipe ", "node[", "template \"/"]),
    (
        "a Rails application template",
        &["after_bundle do", "after_bundler do", "copy_file \"", "create_file \"", "gsub_file \""],
    ),
];

/// Words that begin a block in any Ruby file.
const RUBYS_BLOCKS: &[&str] = &[
    "at_exit",
    "begin",
    "catch",
    "for",
    "instance_eval",
    "lambda",
    "loop",
    "proc",
    "trap",
    "until",
    "while",
];

/// The names of all files that a search of a folder reads or looks into, for programs that choose the files for us. `*`
/// stands for any number of characters within one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// How their paths end, folder by folder.
    pub files: Vec<&'static str>,
    /// The folders anywhere below which every file is looked into.
    pub folders: Vec<&'static str>,
    /// What may stand behind each name, where a template makes the file.
    pub template_suffixes: Vec<&'static str>,
}

impl Names {
    /// All of them.
    pub fn all() -> Names {
        Names {
            files: NAMES.iter().chain(CANDIDATES).map(|(pattern, _)| *pattern).collect(),
            folders: vec![MONIT_FOLDER],
            template_suffixes: TEMPLATE_SUFFIXES.iter().map(|(suffix, _)| *suffix).collect(),
        }
    }
}

/// The kind that a path's name tells.
pub(super) fn by_name(path: &Path) -> Option<FileKind> {
    // `Dockerfile.*` would be a template's name, too.
    if made_by_template(path).is_some() { None } else { in_table(NAMES, path) }
}

/// The kind that the content may show, for files found by a search. `in_monit_folder`: some folder
/// between the search's start and the file bears Monit's name.
pub(super) fn candidate(path: &Path, in_monit_folder: bool) -> Option<FileKind> {
    in_table(CANDIDATES, path).or(in_monit_folder.then_some(FileKind::Monit))
}

/// Whether a folder's name is Monit's.
pub(super) fn is_monit_folder(name: &str) -> bool {
    name_matches(name, MONIT_FOLDER)
}

/// The path that a template makes and its language, if the name is a template's.
pub(super) fn made_by_template(path: &Path) -> Option<(PathBuf, TemplateLanguage)> {
    let name = path.file_name()?.to_str()?;
    let (made, language) = TEMPLATE_SUFFIXES
        .iter()
        .find_map(|(suffix, language)| Some((name.strip_suffix(suffix)?, *language)))?;
    (!made.is_empty()).then(|| (path.with_file_name(made), language))
}

fn in_table(table: &[(&str, FileKind)], path: &Path) -> Option<FileKind> {
    let name = path.file_name()?.to_str()?;
    let matches = |pattern: &str| match pattern.rsplit_once('/') {
        None => name_matches(name, pattern),
        Some((folders, last)) => {
            name_matches(name, last) && path.parent().is_some_and(|p| ends_with(p, folders))
        }
    };
    table.iter().find(|(pattern, _)| matches(pattern)).map(|(_, kind)| *kind)
}

/// Whether the last names of the path match the pattern's.
fn ends_with(path: &Path, pattern: &str) -> bool {
    let mut names = path.components().rev();
    pattern.rsplit('/').all(|wanted| match names.next() {
        Some(Component::Normal(name)) => name.to_str().is_some_and(|name| name_matches(name, wanted)),
        _ => false,
    })
}

/// Whether a name matches a pattern in which `*` stands for any characters.
fn name_matches(name: &str, pattern: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return name == pattern };
    let Some(mut name) = name.strip_prefix(first) else { return false };
    let (between, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    for piece in between.split('*') {
        let Some((_, behind)) = name.split_once(piece) else { return false };
        name = behind;
    }
    name.ends_with(last)
}

/// What the look at a file's content shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// It is of this kind.
    Kind(FileKind),
    /// It belongs to another tool, whose name this is.
    Foreign(&'static str),
    /// Nothing that we know.
    Unknown,
}

/// Tells the kind of a file that was named by hand and whose name tells nothing.
pub(super) fn by_content(bytes: &[u8], in_monit_folder: bool, is_directive: &dyn Fn(&str) -> bool) -> Look {
    if is_monit(bytes, in_monit_folder) {
        return Look::Kind(FileKind::Monit);
    }
    look_at_ruby(bytes, is_directive)
}

/// Tells whether a file is a Puma config, another tool's, or none that we know.
pub(super) fn look_at_ruby(bytes: &[u8], is_directive: &dyn Fn(&str) -> bool) -> Look {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}');
    if text.lines().next().is_some_and(is_puma_shebang) {
        return Look::Kind(FileKind::Puma);
    }
    if let Some(tool) = foreign_tool(text) {
        return Look::Foreign(tool);
    }
    let mut directives: Vec<&str> = top_level_calls(text).filter(|word| is_directive(word)).collect();
    directives.sort_unstable();
    directives.dedup();
    if directives.len() > 1 { Look::Kind(FileKind::Puma) } else { Look::Unknown }
}

/// The files that Capistrano itself loads, and how far above them the app's root is.
const DEPLOY_FILES: &[(&str, usize)] = &[("Capfile", 1), ("config/deploy.rb", 2), ("config/deploy/*.rb", 3)];

/// The app's root, if it is a file that Capistrano itself loads.
pub(crate) fn deploy_root(path: &Path) -> Option<&Path> {
    let (_, above) = DEPLOY_FILES.iter().find(|(pattern, _)| ends_with(path, pattern))?;
    path.ancestors().nth(*above)
}

/// What a file is that bears the name of a kind, if it plainly is something else. Where Puma itself looks for a config,
/// it is one, whatever it holds.
pub(super) fn look_alike(
    path: &Path,
    kind: FileKind,
    bytes: &[u8],
    is_directive: &dyn Fn(&str) -> bool,
) -> Option<&'static str> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}');
    match kind {
        FileKind::Puma if ends_with(path, "config/puma.rb") => None,
        FileKind::Puma => puma_look_alike(text, is_directive),
        FileKind::Systemd => {
            let first = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
            (first == Some("[D-BUS Service]")).then_some("a D-Bus service file")
        }
        FileKind::Monit => {
            let shebang =
                text.lines().next().is_some_and(|line| line.starts_with("#!") && !line.contains("monit"));
            shebang.then_some("a script")
        }
        _ => None,
    }
}

/// Whether Puma's name stands somewhere in a file that may hold any commands.
pub(super) fn names_puma(bytes: &[u8]) -> bool {
    bytes.windows(4).any(|four| four == b"puma")
}

/// Whether it is a target that names an instance of a template. Others have nothing to say of Puma.
pub(super) fn names_instances(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let first = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with(['#', ';']));
    first.is_some_and(|line| line.starts_with('[')) && text.contains('@')
}

/// Whether it is a script of a shell that names Puma.
pub(super) fn is_script(bytes: &[u8]) -> bool {
    const SHELLS: &[&[u8]] = &[b"sh", b"bash", b"dash", b"zsh", b"ksh"];
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let mut words = first.strip_prefix(b"#!").unwrap_or_default().split(u8::is_ascii_whitespace);
    let shell =
        words.any(|word| word.rsplit(|byte| *byte == b'/').next().is_some_and(|n| SHELLS.contains(&n)));
    shell && names_puma(bytes)
}

fn puma_look_alike(text: &str, is_directive: &dyn Fn(&str) -> bool) -> Option<&'static str> {
    if text.lines().next().is_some_and(is_puma_shebang) {
        return None;
    }
    foreign_tool(text)
        .or_else(|| {
            let defines = text.lines().any(|line| line.starts_with("module ") || line.starts_with("class "));
            (defines && !top_level_calls(text).any(is_directive)).then_some("a Ruby library")
        })
        .or_else(|| is_of_another_language(text, is_directive).then_some("a file of another tool"))
}

/// Whether it opens blocks by words that are none of Puma's, and says nothing else to Puma.
/// A hook under a wrong name is a mistake in a config.
fn is_of_another_language(text: &str, is_directive: &dyn Fn(&str) -> bool) -> bool {
    let is_hook = |word: &str| ["after_", "before_", "on_"].iter().any(|start| word.starts_with(start));
    let mut opens = false;
    for line in ruby_lines(text) {
        let Some(word) = called(line.trim_start()) else { continue };
        if is_directive(word) || is_hook(word) {
            return false;
        }
        let block = line.ends_with(" do") || line.ends_with('|') && line.contains(" do |");
        opens |= block && called(line).is_some() && !RUBYS_BLOCKS.contains(&word);
    }
    opens
}

/// `#!/usr/bin/env puma`, `#!/usr/bin/puma -C`: the interpreter's own name is `puma`.
fn is_puma_shebang(line: &str) -> bool {
    line.strip_prefix("#!").is_some_and(|command| {
        command.split_whitespace().any(|word| word.rsplit('/').next().is_some_and(|name| name == "puma"))
    })
}

/// The tool whose words begin one of the lines.
fn foreign_tool(text: &str) -> Option<&'static str> {
    ruby_lines(text).find_map(|line| {
        let line = line.trim_start().replace('\'', "\"");
        FOREIGN_RUBY
            .iter()
            .find(|(_, begins)| begins.iter().any(|b| line.starts_with(b)))
            .map(|(tool, _)| *tool)
    })
}

/// The lines that are code, as far as a look at each line can tell.
fn ruby_lines(text: &str) -> impl Iterator<Item = &str> {
    let mut in_comment = false;
    text.lines().take_while(|line| line.trim_end() != "__END__").filter(move |line| {
        if line.starts_with("=begin") {
            in_comment = true;
        }
        let code = !in_comment && !line.trim_start().starts_with('#');
        if line.starts_with("=end") {
            in_comment = false;
        }
        code
    })
}

/// The first words of the lines that are not indented, where they can be calls: no assignment, no receiver.
fn top_level_calls(text: &str) -> impl Iterator<Item = &str> {
    ruby_lines(text).filter_map(called)
}

/// The first word of a line, where it can be a call.
fn called(line: &str) -> Option<&str> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut end = line.find(|c| !is_word(c)).unwrap_or(line.len());
    if line[end..].starts_with(['!', '?']) {
        end += 1;
    }
    let (word, rest) = line.split_at(end);
    let after = rest.trim_start();
    let assigned = after.starts_with('=') || after.starts_with("||=") || after.starts_with("+=");
    let begins = word.starts_with(|c: char| c.is_ascii_lowercase());
    (begins && !assigned && !rest.starts_with(['.', ':'])).then_some(word)
}

/// Whether the first statements are Monit's. An `include` says little by itself (nginx and logrotate know it
/// too): it is passed over, and it suffices only in a folder that bears Monit's name.
pub(super) fn is_monit(bytes: &[u8], in_monit_folder: bool) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let mut included = false;
    for line in text.trim_start_matches('\u{feff}').lines() {
        let mut words = line.split_whitespace();
        let Some(first) = words.next() else { continue };
        // Comments, and the lines of a template.
        if first.starts_with('#') || first.starts_with("<%") || first.starts_with("{%") {
            continue;
        }
        let second = words.next().unwrap_or_default().to_ascii_lowercase();
        match first.to_ascii_lowercase().as_str() {
            "include" => included = true,
            "set" => return MONIT_SET.contains(&second.as_str()),
            "check" => return MONIT_CHECK.contains(&second.as_str()),
            _ => return false,
        }
    }
    included && in_monit_folder
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_directive(word: &str) -> bool {
        ["bind", "daemonize", "pidfile", "port", "preload_app!", "threads", "workers"].contains(&word)
    }

    #[test]
    fn names_tell_kinds() {
        for (path, want) in [
            ("puma.rb", Some(FileKind::Puma)),
            ("a/config/puma.rb", Some(FileKind::Puma)),
            ("config/puma_production.rb", Some(FileKind::Puma)),
            ("config/puma/production.rb", Some(FileKind::Puma)),
            ("shop.puma.rb", Some(FileKind::Puma)),
            ("lib/puma_tools.rb", None),
            ("puma/production.rb", None),
            ("deploy/shop.service", Some(FileKind::Systemd)),
            ("shop.socket", Some(FileKind::Systemd)),
            ("shop.service.d/override.conf", Some(FileKind::Systemd)),
            ("shop.timer.d/override.conf", None),
            ("override.conf", None),
            ("monitrc", Some(FileKind::Monit)),
            ("shop.monitrc", Some(FileKind::Monit)),
            ("ops/shop.monit", Some(FileKind::Monit)),
            ("Procfile", Some(FileKind::Procfile)),
            ("app/Procfile.dev", Some(FileKind::Procfile)),
            ("MyProcfile", None),
            ("Procfile.erb", None),
            ("Dockerfile", Some(FileKind::Dockerfile)),
            ("docker/Dockerfile.web", Some(FileKind::Dockerfile)),
            ("web.dockerfile", Some(FileKind::Dockerfile)),
            ("Containerfile", Some(FileKind::Dockerfile)),
            ("Dockerfile.j2", None),
            ("docker-compose.yml", Some(FileKind::Compose)),
            ("docker/docker-compose.prod.yaml", Some(FileKind::Compose)),
            ("compose.yaml", Some(FileKind::Compose)),
            ("composer.yml", None),
            ("Capfile", Some(FileKind::Capistrano)),
            ("config/deploy.rb", Some(FileKind::Capistrano)),
            ("config/deploy/production.rb", Some(FileKind::Capistrano)),
            ("deploy.rb", None),
            ("Gemfile.lock", Some(FileKind::Lock)),
            ("gems.locked", Some(FileKind::Lock)),
            ("gemfile.lock", None),
            ("Gemfile", None),
        ] {
            assert_eq!(by_name(Path::new(path)), want, "{path}");
        }
    }

    #[test]
    fn stars_match_anything_within_a_name() {
        for (name, pattern, want) in [
            ("my_puma_x.rb", "*puma*.rb", true),
            ("puma.rb", "*puma*.rb", true),
            ("puma", "*puma*.rb", false),
            ("pumrb", "*puma*.rb", false),
            ("puma.rb", "puma*.rb", true),
            ("a.conf", "*.conf", true),
            ("rb", "*.rb", false),
        ] {
            assert_eq!(name_matches(name, pattern), want, "{name} {pattern}");
        }
    }

    #[test]
    fn templates_are_known_by_what_they_make() {
        for (path, want) in [
            ("a/puma.rb.erb", Some("a/puma.rb")),
            ("puma.service.j2", Some("puma.service")),
            ("monitrc.tt", Some("monitrc")),
            (".erb", None),
            ("puma.rb", None),
        ] {
            let made = made_by_template(Path::new(path)).map(|(made, _)| made);
            assert_eq!(made.as_deref(), want.map(Path::new), "{path}");
        }
    }

    #[test]
    fn content_tells_puma() {
        for (text, want) in [
            ("#!/usr/bin/env puma\n", Look::Kind(FileKind::Puma)),
            ("#!/usr/bin/env -S puma -C\n", Look::Kind(FileKind::Puma)),
            ("#!/usr/bin/env ruby\nputs 1\n", Look::Unknown),
            ("port 3000\nworkers 2\n", Look::Kind(FileKind::Puma)),
            ("\u{feff}port(3000)\r\npreload_app!\r\n", Look::Kind(FileKind::Puma)),
            ("port 3000\nport 3001\n", Look::Unknown),
            ("port = 3000\nworkers ||= 2\n", Look::Unknown),
            ("app do\n  port 3000\n  workers 2\nend\n", Look::Unknown),
            ("# port 3000\n# workers 2\n", Look::Unknown),
            ("=begin\nport 3000\nworkers 2\n=end\n", Look::Unknown),
            ("__END__\nport 3000\nworkers 2\n", Look::Unknown),
            ("port 3000\nworkers 2\nEye.application 'x' do\nend\n", Look::Foreign("an Eye config")),
            ("worker_processes 2\nport 1\nbind 2\n", Look::Foreign("a Unicorn config")),
            ("", Look::Unknown),
        ] {
            assert_eq!(by_content(text.as_bytes(), false, &is_directive), want, "{text:?}");
        }
    }

    #[test]
    fn another_tools_file_is_not_a_puma_config_whatever_its_name() {
        for (text, want) in [
            ("Eye.application 'shop' do\n  process :puma do\n    daemonize true\n", Some("an Eye config")),
            ("if ROLES\n  process 'web' do\n", Some("an Eye config")),
            ("  God.watch do |w|\n", Some("a god config")),
            ("set :application, 'shop'\n", Some("a Capistrano deploy file")),
            ("lock '~> 3.17'\n", Some("a Capistrano deploy file")),
            ("namespace :puma do\n", Some("a file of Capistrano or Rake tasks")),
            ("require 'mina/rails'\n", Some("a mina deploy file")),
            ("class Puma < Cat\n  threads 1\nend\n", Some("a Ruby library")),
            ("class Helper\nend\nthreads 1, 5\n", None),
            ("gem_package 'puma' do\n  version '~> 2'\nend\n", Some("a Chef recipe")),
            ("node['app']['dirs'].each do |dir|\n  directory dir do\n", Some("a Chef recipe")),
            (
                "create_file 'config/puma.rb', <<-HERE\nport 3000\nHERE\n",
                Some("a Rails application template"),
            ),
            ("category 'Puma'\n\ndescribe_samples do\n  sample(1)\nend\n", Some("a file of another tool")),
            ("%w[a b].each do |x|\n  puts x\nend\n", None),
            ("if ENV['A']\n  threads 1, 5\nend\nextra_thing do |x|\nend\n", None),
            ("on_worker_bot do\nend\n", None),
            ("at_exit do\n  puts 1\nend\n", None),
            ("frobnicate 3\n", None),
            ("# Eye.application\nport 3000\n", None),
            ("#!/usr/bin/env puma\nset :application, 1\n", None),
            ("", None),
        ] {
            let look = |path| look_alike(Path::new(path), FileKind::Puma, text.as_bytes(), &is_directive);
            assert_eq!(look("recipes/puma.rb"), want, "{text:?}");
            assert_eq!(look("shop/config/puma.rb"), None, "{text:?}: Puma loads it all the same");
        }
    }

    #[test]
    fn a_service_of_d_bus_is_not_a_unit() {
        let look = |text: &str| look_alike(Path::new("x"), FileKind::Systemd, text.as_bytes(), &is_directive);
        assert_eq!(look("# D-Bus\n\n[D-BUS Service]\nName=x\n"), Some("a D-Bus service file"));
        assert_eq!(look("[Unit]\n# [D-BUS Service]\n"), None);
    }

    #[test]
    fn a_script_is_not_a_control_file() {
        let look = |text: &str| look_alike(Path::new("x"), FileKind::Monit, text.as_bytes(), &is_directive);
        assert_eq!(look("#!/bin/sh\n"), Some("a script"));
        assert_eq!(look("# Monit\nset daemon 30\n"), None);
    }

    #[test]
    fn content_tells_monit() {
        for (text, outside, inside) in [
            ("# shop\n\ncheck process shop with pidfile /x\n", true, true),
            ("CHECK PROCESS shop\n", true, true),
            ("set daemon 30\n", true, true),
            ("include /etc/monit/conf.d/*\n", false, true),
            ("include /etc/monit/conf.d/*\nset daemon 30\n", true, true),
            ("<% if x %>\ncheck process <%= name %>\n", true, true),
            ("include mime.types;\nserver {\n", false, false),
            ("set -g prefix C-a\n", false, false),
            ("check this\n", false, false),
            ("server {\n  set $x 1;\n", false, false),
            ("", false, false),
        ] {
            assert_eq!(is_monit(text.as_bytes(), false), outside, "{text:?}");
            assert_eq!(is_monit(text.as_bytes(), true), inside, "{text:?}");
        }
    }
}
