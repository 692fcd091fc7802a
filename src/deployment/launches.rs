//! The ways in which the files of an app start Puma.

use std::path::Path;

use super::app::app_root;
use super::{Line, Lock, Service, Target, deploys, is_start};
use crate::capistrano::Stage;
use crate::catalog::{self, CommandLine, Release, behaviour};
use crate::model::{FileId, Location, Piece, Span, Text, Word, hole};
use crate::parsed::Files;
use crate::puma::command_line::{self, Invocation};
use crate::puma::evaluate::paths;
use crate::puma::options::command_line_words;
use crate::puma::rails_server::RailsServer;
use crate::puma::{Environment, Launch, Starter};
use crate::systemd;

/// The command line of a launch as `puma` reads it.
fn command_line(launch: &Launch, release: Release) -> CommandLine {
    let words = command_line_words(launch, release);
    let texts: Vec<&str> = words.iter().map(Word::text).collect();
    CommandLine::parse(catalog::Program::Puma, &texts, release)
}

/// The configs that a command line names; none for `-C -` and `--no-config`. `None` if Puma searches by itself.
fn configs(line: &CommandLine) -> Option<Vec<String>> {
    let flags = line.settings.iter().filter(|setting| matches!(setting.flag, "config" | "no-config"));
    let mut given: Vec<String> = flags
        .map(|setting| setting.argument.as_ref().map_or_else(|| "-".to_owned(), |given| given.text.clone()))
        .collect();
    if given.is_empty() {
        return None;
    }
    given.retain(|name| name != "-");
    Some(given)
}

/// What starts Puma.
pub(super) struct Started<'a> {
    pub services: &'a [Service],
    pub monit: &'a [FileId],
    pub lines: &'a [Line],
    pub stages: &'a [Stage],
}

/// Every launch; each config that none of the deciding ones loads gets one of its own, as if somebody typed `puma`.
pub(super) fn launches(
    files: &Files<'_>,
    root: &Path,
    configs: &[FileId],
    started: &Started<'_>,
    target: &Target,
    told: &Told<'_>,
) -> Vec<Launch> {
    let Started { services, monit, lines, stages } = started;
    let scene = Scene { files, root, configs, release: target.resolved.release, told };
    let mut launches: Vec<Launch> = services.iter().flat_map(|service| scene.of_service(service)).collect();
    // Monit's checks start what the units describe, so where they don't say where the app is, the units do.
    let of_units = || launches.iter().find_map(|launch| launch.directory.as_known().map(str::to_owned));
    let known_root = told.root.map(str::to_owned).or_else(of_units).or_else(|| deploys::current_path(stages));
    launches.extend(monit.iter().flat_map(|file| scene.of_monit(*file, known_root.as_deref())));
    leave_configs_of_others(files, &mut launches);
    for config in configs {
        if !launches.iter().any(|launch| launch.configs.iter().any(|(file, _)| file == config)) {
            launches.push(scene.by_hand(*config, known_root.as_deref()));
        }
    }
    launches.extend(lines.iter().flat_map(|line| scene.of_line(line)));
    launches.extend(stages.iter().flat_map(|stage| scene.of_stage(stage)));
    launches
}

/// Takes a config from the launches of other apps: `-C /srv/blog/current/config/puma.rb` names a file of blog's, and one
/// that speaks of `/srv/shop` and never of `/srv/blog` is shop's, though it is the only config here.
fn leave_configs_of_others(files: &Files<'_>, launches: &mut [Launch]) {
    let home = |launch: &Launch| {
        let directory = launch.directory.as_known()?.trim_end_matches('/');
        let home = directory.strip_suffix("/current").unwrap_or(directory);
        (home.len() > 1).then(|| home.to_owned())
    };
    let homes: Vec<Option<String>> = launches.iter().map(home).collect();
    let loaders: Vec<(FileId, String)> = launches
        .iter()
        .zip(&homes)
        .flat_map(|(launch, home)| {
            launch.configs.iter().filter_map(move |(file, _)| Some((*file, home.clone()?)))
        })
        .collect();
    for (launch, own) in launches.iter_mut().zip(&homes) {
        let Some(own) = own else { continue };
        launch.configs.retain(|(file, _)| {
            let text = files.source(*file).bytes();
            let mut others = loaders.iter().filter(|(other, home)| other == file && home != own);
            !others.any(|(_, home)| speaks_of(text, home)) || speaks_of(text, own)
        });
    }
}

/// Whether a text names a folder, or something in it.
fn speaks_of(text: &[u8], folder: &str) -> bool {
    let mut places = text.windows(folder.len() + 1).filter(|part| part.starts_with(folder.as_bytes()));
    places.any(|part| part.last().is_some_and(|end| matches!(end, b'/' | b'"' | b'\'')))
}

/// What the settings tell.
pub(super) struct Told<'a> {
    /// The app's root on the server.
    pub root: Option<&'a str>,
    /// The checks in the app's Monit files that watch another app.
    pub foreign: &'a [(FileId, Span)],
    /// The app's lock.
    pub lock: Option<&'a Lock>,
}

pub(super) struct Scene<'a> {
    files: &'a Files<'a>,
    root: &'a Path,
    configs: &'a [FileId],
    release: Release,
    told: &'a Told<'a>,
}

/// The app's root, from where its own `bin/rails` lies; one of the system or of a Ruby lies elsewhere.
fn root_of_script(program: &str) -> Option<&str> {
    let root = program.strip_suffix("/bin/rails").filter(|root| root.starts_with('/') && root.len() > 1)?;
    let elsewhere =
        root == "/usr" || root.starts_with("/usr/local") || root.contains("/.") || root.contains("ruby");
    (!elsewhere && !root.contains("/gems/")).then_some(root)
}

/// Whether the locked Rack changes to `/` as it daemonizes. Since 3.0 (rackup 0.2) it stays.
fn daemonizes_to_root(lock: &Lock) -> bool {
    let rack = lock.gem("rack").and_then(|gem| gem.version.parse::<catalog::Version>().ok());
    let stays = "3.0.0.a".parse::<catalog::Version>().ok();
    rack.zip(stays).is_some_and(|(rack, stays)| rack < stays)
}

impl Scene<'_> {
    fn of_service(&self, service: &Service) -> Vec<Launch> {
        let (unit, context) = (&service.unit, &service.context);
        let directory = unit.last("Service", "WorkingDirectory").and_then(|entry| {
            let directory = systemd::working_directory(entry, context);
            directory.value.written().map(|path| path.text().to_owned())
        });
        // A user's manager hands on whatever it was given itself.
        let closed = context.manager != systemd::Manager::User;
        let mut environment = Environment { closed, ..Environment::default() };
        for entry in unit.all("Service", "Environment") {
            for set in systemd::assignments(entry, context).assignments {
                let name = set.name.text().to_owned();
                if set.unknown && (!set.value.has_hole() || set.value.text().contains('%')) {
                    environment.unknown.insert(name);
                } else {
                    environment.places.insert(name.clone(), service.at(entry, set.span));
                    environment.variables.insert(name, set.value.text().to_owned());
                }
            }
        }
        if self.may_set_more(service) {
            environment.closed = false;
        }
        // What these hold isn't in the unit.
        for entry in unit.all("Service", "EnvironmentFile") {
            self.read_environment_file(entry, context, directory.as_deref(), &mut environment);
        }
        for entry in unit.all("Service", "PassEnvironment") {
            environment.unknown.extend(entry.value.text().split_whitespace().map(str::to_owned));
        }
        if let Some(entry) = unit.last("Service", "PIDFile")
            && let Some(path) = systemd::pid_file(entry, context).written()
        {
            // systemd passes it on.
            if !environment.variables.contains_key("PIDFILE") {
                let place = service.at(entry, entry.value.span());
                environment.places.insert("PIDFILE".into(), place);
                environment.variables.insert("PIDFILE".into(), path.text().to_owned());
            }
        }
        self.add_session_variables(unit, &mut environment);
        service
            .commands("ExecStart")
            .into_iter()
            .filter_map(|(entry, command)| Some((entry, self.start(&command.argv)?)))
            .map(|(entry, (invocation, place))| {
                let directory = directory.clone();
                let environment = environment.clone();
                let launch = self.launch(
                    service.name().to_owned(),
                    Starter::Systemd,
                    service.at(entry, place.span()),
                    invocation,
                    directory,
                    environment,
                );
                Launch { service: Some(service.id), ..launch }
            })
            .collect()
    }

    /// Whether a template may set more variables than it names.
    fn may_set_more(&self, service: &Service) -> bool {
        let adds = |file: &FileId| self.files.template(*file).is_some_and(|template| template.adds_lines);
        let unnamed = |word: &str| hole::has_hole(word.split_once('=').map_or(word, |(name, _)| name));
        service.files.iter().any(adds)
            || service
                .all("Environment")
                .iter()
                .any(|entry| entry.value.text().split_whitespace().any(unnamed))
    }

    /// What an environment file sets, if it is among the files; else anything may be set.
    fn read_environment_file(
        &self,
        entry: &systemd::Entry,
        context: &systemd::Context,
        directory: Option<&str>,
        environment: &mut Environment,
    ) {
        let (path, _) = systemd::environment_file_path(entry, context);
        let path = path.known().map(|path| path.text().to_owned());
        let below = path.as_deref().zip(directory).and_then(|(path, root)| path.strip_prefix(root));
        let here = below.map(|below| self.root.join(below.trim_start_matches('/')));
        let found = here.and_then(|here| self.files.at(&here));
        let read = found.and_then(|file| Some((file, self.files.environment(file)?)));
        let Some((file, read)) = read.filter(|(_, read)| read.unreadable.is_none()) else {
            // It may not be there, and then sets nothing; or it sets whatever it likes.
            environment.closed = false;
            return;
        };
        for (name, value) in &read.assignments {
            environment.unknown.remove(name.text());
            environment.places.insert(name.text().to_owned(), Location { file, span: name.span() });
            environment.variables.insert(name.text().to_owned(), value.text().to_owned());
        }
    }

    /// What systemd itself sets for a service.
    fn add_session_variables(&self, unit: &systemd::Merged, environment: &mut Environment) {
        let mut set = |name: &str, value: String| {
            environment.variables.entry(name.to_owned()).or_insert(value);
        };
        set("LANG", "C.UTF-8".into());
        let user = unit.last("Service", "User").map(|entry| entry.value.text().to_owned());
        if let Some(user) = &user {
            set("USER", user.clone());
            set("LOGNAME", user.clone());
        }
        if !environment.closed {
            return;
        }
        if user.as_deref() == Some("root") {
            environment.variables.entry("HOME".into()).or_insert_with(|| "/root".into());
        }
        // The home of a user, the path and the session are the host's. Who isn't logged in has no home at all.
        let logs_in = ["User", "DynamicUser", "PAMName", "SetLoginEnvironment"];
        let logged_in = logs_in.iter().any(|key| unit.last("Service", key).is_some());
        let home: &[&str] = if logged_in { &["HOME", "SHELL", "USER", "LOGNAME"] } else { &[] };
        let session = ["PATH", "INVOCATION_ID", "JOURNAL_STREAM", "NOTIFY_SOCKET"];
        for name in session.iter().chain(home).copied() {
            if !environment.variables.contains_key(name) {
                environment.unknown.insert(name.to_owned());
            }
        }
    }

    fn of_monit(&self, file: FileId, known_root: Option<&str>) -> Vec<Launch> {
        let Some(control) = self.files.control(file) else { return Vec::new() };
        let mut launches = Vec::new();
        for check in control.checks.iter().filter(|check| !self.told.foreign.contains(&(file, check.span))) {
            let Some((invocation, place)) =
                check.start.as_ref().and_then(|program| self.start(&program.words))
            else {
                continue;
            };
            let directory = known_root.map(str::to_owned);
            launches.push(self.launch(
                check.name.text().to_owned(),
                Starter::Monit,
                Location { file, span: place.span() },
                invocation,
                directory,
                Environment::default(),
            ));
        }
        launches
    }

    fn of_line(&self, line: &Line) -> Vec<Launch> {
        let starts = line.runs.iter().filter(|run| is_start(run));
        let launch = |run: &Invocation| {
            let place = Location { file: line.file, span: run.name.span() };
            let (directory, environment) = (line.directory.clone(), line.environment.clone());
            self.launch(line.name.clone(), line.starter, place, run.clone(), directory, environment)
        };
        starts.map(launch).collect()
    }

    /// The first command of the words that becomes a Puma.
    fn start(&self, words: &[Word]) -> Option<(Invocation, Word)> {
        let invocation = command_line::invocations(words).into_iter().find(is_start)?;
        let name = invocation.name.clone();
        Some((invocation, name))
    }

    fn launch(
        &self,
        name: String,
        starter: Starter,
        place: Location,
        invocation: Invocation,
        directory: Option<String>,
        mut environment: Environment,
    ) -> Launch {
        let rails = (invocation.program == command_line::Program::RailsServer)
            .then(|| RailsServer::parse(&invocation.arguments));
        environment.closed &= !invocation.login_shell;
        for (name, value) in &invocation.variables {
            // What a shell puts in there isn't read.
            if value.contains(['$', '`']) {
                environment.variables.remove(name);
                environment.unknown.insert(name.clone());
            } else {
                environment.unknown.remove(name);
                environment.variables.insert(name.clone(), value.clone());
            }
            environment.places.insert(name.clone(), place);
        }
        if let Some(rails) = &rails {
            self.add_rails_variables(rails, place, &mut environment);
        }
        let moved = invocation.directory.as_ref().map(Word::text).filter(|path| hole::is_rooted(path));
        let own = rails.as_ref().and_then(|_| root_of_script(invocation.name.text()));
        let directory = moved.map(str::to_owned).or(directory).or(own.map(str::to_owned));
        let mut launch = Launch {
            name,
            starter,
            place: Some(place),
            service: None,
            configs: Vec::new(),
            directory: Text::default(),
            environment,
            invocation: Some(invocation),
            written: Vec::new(),
        };
        let line = command_line(&launch, self.release);
        let given = configs(&line);
        launch.directory = match (directory, given.as_deref()) {
            (Some(directory), _) => Text::known(directory),
            // `-C /srv/app/current/config/puma.rb` says where the app is, too.
            (None, Some(given)) => match given.iter().find_map(|given| self.root_by_config(given)) {
                Some(root) => Text::known(root),
                None => Text::from_iter([Piece::Root]),
            },
            (None, None) => Text::from_iter([Piece::Root]),
        };
        let found: Vec<(FileId, String)> = match given {
            Some(given) => self.named_configs(&given),
            None => match &rails {
                Some(rails) => self.rails_config(rails, &launch.environment),
                None => self.search(&self.rack_environment(&line, &launch.environment)),
            }
            .into_iter()
            .collect(),
        };
        launch.configs = found
            .into_iter()
            .map(|(file, path)| {
                (file, paths::expand(&Text::known(path), &launch.directory).unwrap_or_default())
            })
            .collect();
        launch
    }

    /// `puma`, typed in the app's root; with `-C` or the environment that its name says, where plain `puma` loads another.
    fn by_hand(&self, config: FileId, known_root: Option<&str>) -> Launch {
        let directory = known_root.map_or_else(|| Text::from_iter([Piece::Root]), Text::known);
        let below = self.below_root(config);
        let config_path = paths::expand(&Text::known(below.as_str()), &directory).unwrap_or_default();
        let mut arguments: Vec<&str> = Vec::new();
        if self.search("development").is_none_or(|(found, _)| found != config) {
            let named = below.strip_prefix("config/puma/").and_then(|name| name.strip_suffix(".rb"));
            match named.filter(|name| !name.contains('/')) {
                Some(environment) => arguments.extend(["-e", environment]),
                None => arguments.extend(["-C", &below]),
            }
        }
        let line = std::iter::once("puma").chain(arguments.iter().copied()).collect::<Vec<_>>().join(" ");
        let invocation = (!arguments.is_empty()).then(|| {
            let words = arguments.iter().map(|word| Word::plain(*word, 0)).collect();
            Invocation::plain(command_line::Program::Puma, Word::plain("puma", 0), words)
        });
        Launch {
            name: line,
            starter: Starter::Default,
            place: None,
            service: None,
            configs: vec![(config, config_path)],
            directory,
            environment: Environment::default(),
            invocation,
            written: Vec::new(),
        }
    }

    /// The configs that `-C` names, as this release loads them.
    pub(super) fn named_configs(&self, given: &[String]) -> Vec<(FileId, String)> {
        let last = given.len().saturating_sub(1);
        let skipped = if behaviour::loads_last_config_only(self.release) { last } else { 0 };
        let loaded = given.iter().skip(skipped);
        let find = |given: &String| {
            // What a template names as a whole, is the only config there is.
            if let (true, [only]) = (given.chars().all(hole::is_hole), self.configs) {
                return Some((*only, given.clone()));
            }
            let named = |config: &&FileId| {
                let below = self.below_root(**config);
                let given = given.strip_prefix("./").unwrap_or(given);
                given == below || given.strip_suffix(&*below).is_some_and(|rest| rest.ends_with('/'))
            };
            Some((self.preferred(named)?, given.clone()))
        };
        loaded.filter_map(find).collect()
    }

    /// The config that Puma finds by itself: `config/puma/ENV.rb`, else `config/puma.rb`.
    pub(super) fn search(&self, environment: &str) -> Option<(FileId, String)> {
        let of_an_environment = |config: &FileId| self.below_root(*config).starts_with("config/puma/");
        if hole::has_hole(environment) && self.configs.iter().any(of_an_environment) {
            return None;
        }
        let wanted = [format!("config/puma/{environment}.rb"), "config/puma.rb".to_owned()];
        wanted.into_iter().find_map(|wanted| {
            let config = self.preferred(|config| self.below_root(**config) == wanted)?;
            Some((config, wanted))
        })
    }

    /// The config for which `test` holds; a file that is there is preferred to one that a template makes.
    fn preferred(&self, test: impl Fn(&&FileId) -> bool) -> Option<FileId> {
        let found = self.configs.iter().filter(test);
        found.min_by_key(|config| self.files.source(**config).template().is_some()).copied()
    }

    /// What Rails itself sets before it starts Puma.
    fn add_rails_variables(&self, rails: &RailsServer, place: Location, environment: &mut Environment) {
        let name = rails.environment(environment);
        if let Some(name) = name.as_str().filter(|_| !environment.unknown.contains("RAILS_ENV"))
            && !environment.variables.contains_key("RAILS_ENV")
        {
            environment.places.insert("RAILS_ENV".into(), place);
            environment.variables.insert("RAILS_ENV".into(), name.to_owned());
        }
    }

    /// The config that Puma finds where Rails starts it.
    fn rails_config(&self, rails: &RailsServer, environment: &Environment) -> Option<(FileId, String)> {
        // A Rack that daemonizes by changing to `/` leaves the config behind.
        let lost = rails.daemon.is_some() && self.told.lock.is_some_and(daemonizes_to_root);
        if lost || !behaviour::reads_config_under_rails(self.release) {
            return None;
        }
        let name = rails.environment(environment);
        self.search(name.as_str().unwrap_or("development"))
    }

    /// The environment by which Puma searches: `-e`, else the variables that this release reads.
    fn rack_environment(&self, line: &CommandLine, environment: &Environment) -> String {
        let flag = line.setting("environment").and_then(|setting| setting.argument.as_ref());
        if let Some(given) = flag {
            return given.text.clone();
        }
        let variables = catalog::variables_for("environment", self.release);
        let set = variables.iter().find_map(|variable| environment.variables.get(variable.name));
        set.cloned().unwrap_or_else(|| "development".to_owned())
    }

    /// A config's path below the app's root, with `/`.
    fn below_root(&self, config: FileId) -> String {
        let path = self.files.source(config).made();
        let root = if path.starts_with(self.root) { self.root.to_owned() } else { app_root(path) };
        path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
    }

    /// The app's root on the server, from an absolute `-C`.
    fn root_by_config(&self, given: &str) -> Option<String> {
        self.configs.iter().find_map(|config| {
            let root = given.strip_suffix(&*self.below_root(*config))?.strip_suffix('/')?;
            hole::is_rooted(root).then(|| root.to_owned())
        })
    }
}
