//! What is found, selected, shown and refused, in folders made for the purpose.

use std::fs;
use std::time::{Duration, Instant};

use super::*;
use crate::model::TemplateLanguage;

const PUMA: &str = "port 3000\nworkers 2\n";

struct Place {
    _folder: tempfile::TempDir,
    dir: PathBuf,
}

impl Place {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dir = fs::canonicalize(folder.path()).unwrap();
        let place = Place { _folder: folder, dir };
        for (path, text) in files {
            place.write(path, text);
        }
        place
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.dir.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[cfg(unix)]
    fn link(&self, path: &str, to: &str) {
        let path = self.dir.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(to, path).unwrap();
    }

    /// Opens paths for somebody who stands in `below`.
    fn open_in(&self, below: &str, paths: &[&str]) -> Workspace {
        self.open_as(below, paths, None, true)
    }

    fn open(&self, paths: &[&str]) -> Workspace {
        self.open_in("", paths)
    }

    fn open_as(&self, below: &str, paths: &[&str], kind: Option<FileKind>, context: bool) -> Workspace {
        let paths: Vec<_> = paths.iter().map(PathBuf::from).collect();
        let here = fs::canonicalize(self.dir.join(below)).unwrap();
        let is_directive = |word: &str| ["port", "workers", "threads", "bind"].contains(&word);
        open::open_from(
            &here,
            &Selection { paths: &paths, kind, context, ..Selection::default() },
            &is_directive,
        )
    }
}

/// The files as people see them: `*` marks those that were asked for.
fn files(workspace: &Workspace) -> Vec<String> {
    let mark = |(file, source): (FileId, &Source)| {
        format!("{}{}", if workspace.is_selected(file) { "*" } else { "" }, source.shown())
    };
    let mut files: Vec<_> = workspace.files().map(mark).collect();
    files.sort();
    files
}

fn roots(workspace: &Workspace) -> Vec<&str> {
    workspace.roots().iter().map(|root| root.shown.as_str()).collect()
}

fn errors(workspace: &Workspace) -> Vec<String> {
    workspace.errors().iter().map(ToString::to_string).collect()
}

fn notes(workspace: &Workspace) -> Vec<String> {
    workspace.notes().iter().map(ToString::to_string).collect()
}

fn app(at: &str) -> Vec<(String, &'static str)> {
    [
        ("Gemfile.lock", "GEM\n"),
        ("config/puma.rb", PUMA),
        ("config/application.rb", "module Shop\nend\n"),
        ("config/nginx.conf", "include mime.types;\n"),
        ("deploy/shop.service", "[Unit]\n"),
        ("ops/shop.conf", "check process shop\n"),
        ("node_modules/x/puma.rb", PUMA),
        ("vendor/bundle/puma.rb", PUMA),
        ("README.md", "port 3000\nworkers 2\n"),
    ]
    .map(|(path, text)| (format!("{at}{path}"), text))
    .to_vec()
}

fn app_place(at: &str) -> Place {
    let app = app(at);
    Place::new(&app.iter().map(|(path, text)| (path.as_str(), *text)).collect::<Vec<_>>())
}

#[test]
fn a_folder_is_searched_for_every_kind() {
    let place = app_place("");
    for typed in [&["."][..], &[], &["./"], &["config/.."]] {
        let workspace = place.open(typed);
        let at = if typed == ["config/.."] { "config/../" } else { "" };
        assert_eq!(
            files(&workspace),
            ["Gemfile.lock", "config/puma.rb", "deploy/shop.service", "ops/shop.conf"]
                .map(|file| format!("*{at}{file}"))
        );
        assert_eq!(workspace.errors(), []);
        assert_eq!(workspace.notes(), []);
        assert_eq!(workspace.searched(), 7);
        assert_eq!(workspace.roots().len(), 1);
        assert_eq!(workspace.roots()[0].dir, place.dir);
        assert_eq!(workspace.roots()[0].files.len(), 4);
    }
}

#[test]
fn paths_are_shown_as_they_were_typed() {
    let place = app_place("fixtures/x/");
    assert!(files(&place.open(&["fixtures/x"])).contains(&"*fixtures/x/config/puma.rb".to_owned()));
    assert!(files(&place.open(&["./fixtures//x/"])).contains(&"*fixtures/x/config/puma.rb".to_owned()));
    assert!(files(&place.open_in("fixtures/x", &["."])).contains(&"*config/puma.rb".to_owned()));
    assert!(files(&place.open_in("fixtures/x/config", &[".."])).contains(&"*../config/puma.rb".to_owned()));
    let absolute = place.dir.join("fixtures/x");
    let absolute = absolute.to_str().unwrap();
    assert!(files(&place.open(&[absolute])).contains(&"*fixtures/x/config/puma.rb".to_owned()));
    let elsewhere = Place::new(&[]);
    assert!(files(&elsewhere.open(&[absolute])).contains(&format!("*{absolute}/config/puma.rb")));
}

#[test]
fn around_a_file_the_project_is_context() {
    let place = app_place("app/");
    let workspace = place.open(&["app/config/puma.rb"]);
    assert_eq!(
        files(&workspace),
        ["*app/config/puma.rb", "app/Gemfile.lock", "app/deploy/shop.service", "app/ops/shop.conf"]
    );
    assert_eq!(roots(&workspace), ["app"]);

    let workspace = place.open_in("app/config", &["puma.rb"]);
    assert_eq!(
        files(&workspace),
        ["*puma.rb", "../Gemfile.lock", "../deploy/shop.service", "../ops/shop.conf"]
    );
    assert_eq!(roots(&workspace), [".."]);

    let workspace = place.open_as("", &["app/config/puma.rb"], None, false);
    assert_eq!(files(&workspace), ["*app/config/puma.rb"]);
    assert_eq!(roots(&workspace), ["app"]);
}

#[test]
fn context_never_goes_above_the_project() {
    let place = app_place("git/app/");
    place.write("git/.git/HEAD", "");
    place.write("git/puma.service", "");
    place.write("outside.service", "");
    place.write("Gemfile.lock", "GEM\n");
    assert_eq!(
        files(&place.open(&["git/app/config/puma.rb"])),
        [
            "*git/app/config/puma.rb",
            "git/app/Gemfile.lock",
            "git/app/deploy/shop.service",
            "git/app/ops/shop.conf",
            "git/puma.service"
        ]
    );
    // A folder is the whole world, but for the lock above it.
    assert_eq!(files(&place.open(&["git/app/config"])), ["*git/app/config/puma.rb", "git/app/Gemfile.lock"]);
    assert_eq!(files(&place.open_in("git/app/config", &["."])), ["*puma.rb", "../Gemfile.lock"]);
    fs::remove_file(place.dir.join("git/app/Gemfile.lock")).unwrap();
    assert_eq!(files(&place.open(&["git/app/config"])), ["*git/app/config/puma.rb"]);
}

#[test]
fn the_lock_above_a_folder_belongs_to_its_root() {
    let place = app_place("app/");
    let workspace = place.open(&["app/config"]);
    let [root] = workspace.roots() else { panic!() };
    assert_eq!(root.files.len(), 2);
    let lock = workspace.find(&place.dir.join("app/Gemfile.lock")).unwrap();
    assert_eq!(workspace.root_of(lock), root);
    assert!(!workspace.is_selected(lock));
}

#[test]
fn one_project_is_one_root() {
    let place = app_place("a/");
    for (path, text) in app("b/") {
        place.write(&path, text);
    }
    let workspace = place.open(&["a/config/puma.rb", "b/config/puma.rb", "a/deploy/shop.service"]);
    assert_eq!(roots(&workspace), ["a", "b"]);
    assert_eq!(workspace.sources().len(), 8);
    for root in workspace.roots() {
        assert_eq!(root.files.len(), 4);
        for file in &root.files {
            assert_eq!(workspace.root_of(*file), root);
            assert!(workspace.source(*file).path().starts_with(&root.dir));
        }
    }

    let workspace = place.open(&["a/config", "a/deploy", "b"]);
    assert_eq!(roots(&workspace), ["a", "b"]);
    assert_eq!(files(&workspace)[..2], ["*a/config/puma.rb", "*a/deploy/shop.service"]);
    assert!(!files(&workspace).iter().any(|file| file.ends_with("a/ops/shop.conf")));

    assert_eq!(roots(&place.open(&["a/config", ".", "b/deploy/shop.service"])), ["."]);
}

#[test]
fn a_folder_and_a_file_in_it_are_read_together() {
    let place = app_place("");
    let workspace = place.open(&["config", "deploy/shop.service"]);
    assert_eq!(
        files(&workspace),
        ["*config/puma.rb", "*deploy/shop.service", "Gemfile.lock", "ops/shop.conf"]
    );
    assert_eq!(roots(&workspace), ["."]);
}

#[test]
fn a_file_reached_twice_is_one_source() {
    let place = app_place("");
    for typed in [&["config/puma.rb", "./config/puma.rb"], &[".", "config/puma.rb"], &["config", "."]] {
        let workspace = place.open(typed);
        assert_eq!(
            workspace.sources().iter().filter(|s| s.shown().ends_with("puma.rb")).count(),
            1,
            "{typed:?}"
        );
        assert_eq!(workspace.sources().len(), 4, "{typed:?}");
    }
}

#[cfg(unix)]
#[test]
fn links_to_files_are_read_where_they_stay_inside() {
    let place = Place::new(&[("app/shared/puma.rb", PUMA), ("other/puma.rb", PUMA), ("app/x.service", "")]);
    place.link("app/config/puma.rb", "../shared/puma.rb");
    place.link("app/config/puma_out.rb", "../../other/puma.rb");
    place.link("app/current", "shared");
    let workspace = place.open(&["app"]);
    assert_eq!(files(&workspace), ["*app/config/puma.rb", "*app/x.service"]);
    assert_eq!(notes(&workspace).len(), 1);
    assert!(notes(&workspace)[0].starts_with("app/config/puma_out.rb: a symbolic link that leads out of"));
    assert_eq!(workspace.errors(), []);

    // By hand it is taken, and its project is where the link stands.
    let workspace = place.open(&["app/config/puma_out.rb"]);
    assert_eq!(files(&workspace), ["*app/config/puma_out.rb", "app/config/puma.rb", "app/x.service"]);
    assert_eq!(workspace.notes(), []);
    assert_eq!(roots(&workspace), ["app"]);
}

#[cfg(unix)]
#[test]
fn a_way_through_a_link_is_shown_as_typed() {
    let place = app_place("releases/1/");
    place.link("current", "releases/1");
    let workspace = place.open(&["current/config/puma.rb"]);
    assert_eq!(
        files(&workspace),
        [
            "*current/config/puma.rb",
            "current/Gemfile.lock",
            "current/deploy/shop.service",
            "current/ops/shop.conf"
        ]
    );
    assert_eq!(workspace.roots()[0].dir, place.dir.join("releases/1"));
}

#[test]
fn named_files_are_known_by_name_content_or_kind() {
    let place = Place::new(&[
        ("a/server.rb", PUMA),
        ("a/shop", "check process shop\n"),
        ("a/thing.txt", "hello\n"),
        ("a/monit.d/main", "include /etc/monit/*\n"),
    ]);
    for (path, want) in
        [("a/server.rb", FileKind::Puma), ("a/shop", FileKind::Monit), ("a/monit.d/main", FileKind::Monit)]
    {
        let workspace = place.open(&[path]);
        assert_eq!(workspace.source(FileId(0)).kind(), want, "{path}");
        assert_eq!(workspace.errors(), []);
    }
    assert_eq!(
        errors(&place.open(&["a/thing.txt"])),
        [
            "a/thing.txt: neither its name nor its content tells what it is: say so with --kind puma, systemd, monit, procfile, dockerfile, compose, capistrano, script or lock"
        ]
    );
    let workspace = place.open_as("", &["a/thing.txt", "a/shop"], Some(FileKind::Systemd), true);
    assert!(workspace.sources()[..2].iter().all(|source| source.kind() == FileKind::Systemd));
    assert_eq!(workspace.sources()[2].shown(), "a/monit.d/main");
}

#[test]
fn configs_with_other_names_are_found_where_configs_lie() {
    let place = Place::new(&[
        ("config/server.rb", PUMA),
        ("config/deploy.rb", "lock '~> 3.1'\nport 1\nworkers 2\n"),
        ("lib/my_puma_settings.rb", PUMA),
        ("lib/other.rb", PUMA),
        ("monit/shop", "check process shop\n"),
        ("monit/notes.txt", "Remember the milk.\n"),
    ]);
    let workspace = place.open(&["."]);
    assert_eq!(files(&workspace), ["*config/server.rb", "*lib/my_puma_settings.rb", "*monit/shop"]);
    assert_eq!(workspace.notes(), []);
}

#[test]
fn look_alikes_are_left_with_a_note() {
    let place = Place::new(&[
        ("config/puma.rb", PUMA),
        ("eye/puma.rb", "Eye.application 'shop' do\n  process :puma do\n    daemonize true\n"),
    ]);
    let note = "eye/puma.rb: looks like an Eye config: not checked (--kind puma checks it all the same)";
    let workspace = place.open(&["."]);
    assert_eq!(files(&workspace), ["*config/puma.rb"]);
    assert_eq!(notes(&workspace), [note]);

    let workspace = place.open(&["eye/puma.rb"]);
    assert_eq!((notes(&workspace), errors(&workspace)), (vec![note.to_owned()], vec![]));
    assert_eq!(files(&place.open_as("", &["eye/puma.rb"], Some(FileKind::Puma), false)), ["*eye/puma.rb"]);
    assert_eq!(notes(&place.open(&["config/puma.rb"])), Vec::<String>::new());
}

#[test]
fn where_puma_looks_for_its_config_the_name_decides() {
    let place = Place::new(&[("config/puma.rb", "set :application, 'shop'\nrole :app, 'x'\n")]);
    for path in [".", "config/puma.rb"] {
        let workspace = place.open(&[path]);
        assert_eq!(
            (files(&workspace), notes(&workspace)),
            (vec!["*config/puma.rb".to_owned()], vec![]),
            "{path}"
        );
    }
}

#[test]
fn what_capistrano_loads_beside_a_file_that_names_puma_is_read() {
    let files_of = |capfile: &str| {
        let place = Place::new(&[
            ("shop/Capfile", capfile),
            ("shop/config/deploy.rb", "set :deploy_to, '/srv/shop'\n"),
            ("shop/config/deploy/production.rb", "server 'x'\n"),
            ("shop/lib/capistrano/tasks/x.rake", "task :x\n"),
            ("blog/config/deploy.rb", "set :deploy_to, '/srv/blog'\n"),
            ("blog/config/puma.rb", PUMA),
        ]);
        files(&place.open(&["."]))
    };
    let mut read = files_of("install_plugin Capistrano::Puma # puma\n");
    read.sort();
    assert_eq!(
        read,
        [
            "*blog/config/puma.rb",
            "*shop/Capfile",
            "*shop/config/deploy.rb",
            "*shop/config/deploy/production.rb",
        ]
    );
    assert_eq!(files_of("require 'capistrano/setup'\n"), ["*blog/config/puma.rb"]);
}

#[test]
fn templates_are_of_the_kind_that_they_make() {
    let place = Place::new(&[
        ("config/puma.rb", PUMA),
        ("t/puma.rb.erb", "<%= x %>\n"),
        ("t/puma_monit.conf.erb", "<%= banner %>\n<% if x %>\ncheck process <%= fetch(:x) %>\n"),
        ("t/nginx.conf.erb", "server {\n"),
        ("t/x.service.j2", "{{ x }}\n"),
        ("t/web.puma.rb.tt", "port 1\n"),
        ("t/Gemfile.lock.erb", "GEM\n"),
        ("t/thing.erb", "hello\n"),
        ("t/other.erb", "<% if x %>\nport 1\n<% end %>\nworkers <%= x %>\n"),
    ]);
    let templates = ["*t/puma.rb.erb", "*t/puma_monit.conf.erb", "*t/web.puma.rb.tt", "*t/x.service.j2"];
    let workspace = place.open(&["."]);
    let all: Vec<String> = files(&workspace);
    assert_eq!(all[0], "*config/puma.rb");
    assert_eq!(all[1..], templates);
    assert_eq!(notes(&workspace), Vec::<String>::new());
    let of = |shown: &str| workspace.sources().iter().find(|source| source.shown() == shown).unwrap();
    assert_eq!(of("t/puma_monit.conf.erb").kind(), FileKind::Monit);
    assert_eq!(of("t/x.service.j2").template(), Some(TemplateLanguage::Jinja));
    assert!(of("t/x.service.j2").made().ends_with("t/x.service"));
    assert_eq!(of("config/puma.rb").template(), None);

    for path in templates.map(|path| &path[1..]).into_iter().chain(["t/other.erb"]) {
        let workspace = place.open_as("", &[path], None, false);
        assert_eq!((files(&workspace), errors(&workspace)), (vec![format!("*{path}")], vec![]));
    }
    assert_eq!(place.open(&["t/thing.erb"]).errors()[0].reason, Reason::UnknownKind);
    let named = place.open_as("", &["t/thing.erb"], Some(FileKind::Puma), false);
    assert_eq!(named.sources()[0].template(), Some(TemplateLanguage::Erb));
}

#[test]
fn one_bad_path_does_not_hide_the_others() {
    let place = app_place("");
    place.write("big/puma.rb", &" ".repeat(256 * 1024 + 1));
    let workspace = place.open(&["config/puma.rb", "none.rb", "big/puma.rb", "./none.rb"]);
    assert!(files(&workspace).contains(&"*config/puma.rb".to_owned()));
    assert_eq!(errors(&workspace), ["none.rb: not found", "big/puma.rb: larger than 256 KiB: not read"]);

    assert_eq!(errors(&place.open(&["."])), ["big/puma.rb: larger than 256 KiB: not read"]);
    assert_eq!(errors(&place.open(&["big"])), ["big/puma.rb: larger than 256 KiB: not read"]);
    // As context it is only worth a note.
    let workspace = place.open(&["config/puma.rb"]);
    assert_eq!(workspace.errors(), []);
    assert_eq!(notes(&workspace), ["big/puma.rb: larger than 256 KiB: not read"]);
}

#[test]
fn a_folder_with_nothing_in_it_is_an_error() {
    let place = Place::new(&[("docs/a.md", ""), ("docs/b.md", ""), ("lock/Gemfile.lock", "GEM\n")]);
    fs::create_dir(place.dir.join("empty")).unwrap();
    assert_eq!(
        errors(&place.open(&["docs", "empty", "lock"])),
        [
            "nothing to check in docs: no Puma config, unit, Monit file or Procfile (searched 2 files)",
            "nothing to check in empty: no Puma config, unit, Monit file or Procfile (searched 0 files)",
            "nothing to check in lock: no Puma config, unit, Monit file or Procfile (searched 1 file)",
        ]
    );
    assert_eq!(
        errors(&place.open_in("empty", &[])),
        ["nothing to check in .: no Puma config, unit, Monit file or Procfile (searched 0 files)"]
    );
    // By hand, a lock is something to check.
    assert_eq!(errors(&place.open(&["lock/Gemfile.lock"])), Vec::<String>::new());
}

#[cfg(unix)]
#[test]
fn pipes_and_sockets_do_not_hang() {
    let place = app_place("");
    fs::create_dir(place.dir.join("odd")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(place.dir.join("odd/x.service")).unwrap();
    let fifo = std::process::Command::new("mkfifo").arg(place.dir.join("odd/puma.rb")).status().unwrap();
    assert!(fifo.success());
    place.link("odd/y.service", "x.service");
    let started = Instant::now();
    let workspace = place.open(&[".", "odd/puma.rb", "odd/y.service"]);
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(
        errors(&workspace),
        ["odd/puma.rb: a pipe, not a regular file", "odd/y.service: a socket, not a regular file",]
    );
    assert_eq!(workspace.sources().len(), 4);
}

#[test]
fn an_overlay_changes_bytes_and_nothing_else() {
    let place = app_place("");
    let workspace = place.open(&["config/puma.rb"]);
    let file = workspace.find(&place.dir.join("config/puma.rb")).unwrap();
    let over = workspace.with_overlay(&BTreeMap::from([(file, b"port 1\n".to_vec())]));
    assert_eq!(over.source(file).bytes(), b"port 1\n");
    assert_eq!(workspace.source(file).bytes(), PUMA.as_bytes());
    assert_eq!(files(&over), files(&workspace));
    assert_eq!(over.roots(), workspace.roots());
    for (other, source) in workspace.files().filter(|(other, _)| *other != file) {
        assert_eq!(over.source(other).bytes(), source.bytes());
    }
}

#[test]
fn sources_from_elsewhere_make_a_workspace() {
    let sources = vec![Source::new("config/puma.rb", "config/puma.rb", FileKind::Puma, PUMA.into())];
    let workspace = Workspace::of(".", sources);
    assert_eq!(files(&workspace), ["*config/puma.rb"]);
    assert_eq!(workspace.root_of(FileId(0)).shown, ".");
}

#[test]
fn what_a_unit_or_config_names_is_read_as_context() {
    let unit = "[Service]\nWorkingDirectory=/srv/shop/current\nEnvironmentFile=/srv/shop/current/config/puma.env\nExecStart=/usr/bin/puma\n";
    let place = Place::new(&[
        ("app/config/puma.rb", "require_relative 'puma/limits'\nport 3000\n"),
        ("app/config/puma/limits.rb", "require_relative 'deep'\nMAX = 5\n"),
        ("app/config/puma/deep.rb", "X = 1\n"),
        ("app/config/puma.env", "RACK_ENV=production\n"),
        ("app/.ruby-version", "3.1.2\n"),
        ("app/deploy/shop.service", unit),
        ("secret.rb", "nothing\n"),
    ]);
    place.write("app/config/puma/deep.rb", "require_relative '../../../secret'\n");
    let workspace = place.open(&["app"]);
    let kind = |path: &str| {
        let file = workspace.find(&place.dir.join(path))?;
        Some((workspace.source(file).kind(), workspace.is_selected(file)))
    };
    assert_eq!(kind("app/config/puma.env"), Some((FileKind::Environment, false)));
    assert_eq!(kind("app/.ruby-version"), Some((FileKind::RubyVersion, true)));
    // Named by its place, it is a config.
    assert_eq!(kind("app/config/puma/limits.rb").map(|(kind, _)| kind), Some(FileKind::Puma));
    assert_eq!(kind("secret.rb"), None, "never above the root");
}

#[test]
fn a_nameless_file_that_a_unit_reads_can_be_asked_for() {
    let unit = "[Service]\nEnvironmentFile=/srv/shop/current/config/puma.env\nExecStart=/usr/bin/puma\n";
    let place = Place::new(&[
        ("Gemfile.lock", "GEM\n"),
        ("config/puma.rb", PUMA),
        ("config/puma.env", "RACK_ENV=production\n"),
        ("deploy/shop.service", unit),
        ("config/other.env", "A=b\n"),
    ]);
    let workspace = place.open(&["config/puma.env"]);
    assert_eq!(errors(&workspace), Vec::<String>::new());
    assert!(files(&workspace).contains(&"*config/puma.env".to_owned()));
    assert_eq!(errors(&place.open(&["config/other.env"])).len(), 1);
}
