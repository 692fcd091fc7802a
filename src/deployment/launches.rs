//! The ways in which the files of an app start Puma.

use std::path::Path;

use super::app::app_root;
use super::{Service, Target, is_start};
use crate::catalog::{self, Release};
use crate::model::{FileId, Location, Piece, Text, Word};
use crate::parsed::Files;
use crate::puma::command_line::{self, Invocation};
use crate::puma::evaluate::paths;
use crate::puma::flags::flags;
use crate::puma::{Environment, Launch, Starter};
use crate::systemd;

/// Every launch; each config that none of them loads gets one of its own, as if somebody typed `puma`.
pub(super) fn launches(
    files: &Files<'_>,
    root: &Path,
    configs: &[FileId],
    services: &[Service],
    monit: &[FileId],
    target: &Target,
) -> Vec<Launch> {
    let scene = Scene { files, root, configs, release: target.resolved.release };
    let mut launches: Vec<Launch> = services.iter().flat_map(|service| scene.of_service(service)).collect();
    // Monit's checks start what the units describe, so where they don't say where the app is, the units do.
    let known_root = launches.iter().find_map(|launch| launch.directory.as_known().map(str::to_owned));
    launches.extend(monit.iter().flat_map(|file| scene.of_monit(*file, known_root.as_deref())));
    for config in configs {
        if !launches.iter().any(|launch| launch.config == Some(*config)) {
            launches.push(scene.by_hand(*config, known_root.as_deref()));
        }
    }
    launches
}

struct Scene<'a> {
    files: &'a Files<'a>,
    root: &'a Path,
    configs: &'a [FileId],
    release: Release,
}

impl Scene<'_> {
    fn of_service(&self, service: &Service) -> Vec<Launch> {
        let (unit, context) = (&service.unit, &service.context);
        let directory = unit.last("Service", "WorkingDirectory").and_then(|entry| {
            let directory = systemd::working_directory(entry, context);
            directory.value.known().map(|path| path.text().to_owned())
        });
        let mut environment = Environment { closed: true, ..Environment::default() };
        for entry in unit.all("Service", "Environment") {
            for set in systemd::assignments(entry, context).assignments {
                let name = set.name.text().to_owned();
                if set.unknown {
                    environment.unknown.insert(name);
                } else {
                    environment.variables.insert(name, set.value.text().to_owned());
                }
            }
        }
        // What these hold isn't in the unit.
        if !unit.all("Service", "EnvironmentFile").is_empty()
            || !unit.all("Service", "PassEnvironment").is_empty()
        {
            environment.closed = false;
        }
        if let Some(entry) = unit.last("Service", "PIDFile")
            && let Some(path) = systemd::pid_file(entry, context).known()
        {
            // systemd passes it on.
            environment.variables.entry("PIDFILE".into()).or_insert(path.text().to_owned());
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
                Launch { service: Some(service.file), ..launch }
            })
            .collect()
    }

    /// What systemd itself sets for a service.
    fn add_session_variables(&self, unit: &systemd::Merged, environment: &mut Environment) {
        let mut set = |name: &str, value: String| {
            environment.variables.entry(name.to_owned()).or_insert(value);
        };
        set("LANG", "C.UTF-8".into());
        if let Some(user) = unit.last("Service", "User").map(|entry| entry.value.text().to_owned()) {
            set("USER", user.clone());
            set("LOGNAME", user);
        }
        if !environment.closed {
            return;
        }
        // The home of a user, the path and the session are the host's.
        for name in ["HOME", "PATH", "SHELL", "INVOCATION_ID", "JOURNAL_STREAM", "NOTIFY_SOCKET"] {
            environment.unknown.insert(name.to_owned());
        }
    }

    fn of_monit(&self, file: FileId, known_root: Option<&str>) -> Vec<Launch> {
        let Some(control) = self.files.control(file) else { return Vec::new() };
        let mut launches = Vec::new();
        for check in &control.checks {
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
        environment.closed &= !invocation.login_shell;
        environment.variables.extend(invocation.variables.iter().cloned());
        let moved = invocation.directory.as_ref().map(Word::text).filter(|path| path.starts_with('/'));
        let directory = moved.map(str::to_owned).or(directory);
        let given = self.config_flag(&invocation);
        let directory = match (directory, &given) {
            (Some(directory), _) => Text::known(directory),
            // `-C /srv/app/current/config/puma.rb` says where the app is, too.
            (None, Some(given)) => match self.root_by_config(given) {
                Some(root) => Text::known(root),
                None => Text::from_iter([Piece::Root]),
            },
            (None, None) => Text::from_iter([Piece::Root]),
        };
        let config = self.find_config(given.as_deref(), &environment);
        let relative = given.or_else(|| config.map(|config| self.below_root(config)));
        let relative = relative.unwrap_or_else(|| "config/puma.rb".to_owned());
        let config_path = paths::expand(&Text::known(relative), &directory).unwrap_or_default();
        Launch {
            name,
            starter,
            place: Some(place),
            service: None,
            config,
            config_path,
            directory,
            environment,
            invocation: Some(invocation),
        }
    }

    /// `puma`, typed in the app's root.
    fn by_hand(&self, config: FileId, known_root: Option<&str>) -> Launch {
        let directory = known_root.map_or_else(|| Text::from_iter([Piece::Root]), Text::known);
        let config_path =
            paths::expand(&Text::known(self.below_root(config)), &directory).unwrap_or_default();
        Launch {
            name: "puma".into(),
            starter: Starter::Default,
            place: None,
            service: None,
            config: Some(config),
            config_path,
            directory,
            environment: Environment::default(),
            invocation: None,
        }
    }

    /// The value of `-C` (or of pumactl's `-F`); the last one given counts.
    fn config_flag(&self, invocation: &Invocation) -> Option<String> {
        let (program, long) = match invocation.program {
            command_line::Program::Pumactl => (catalog::Program::Pumactl, "config-file"),
            _ => (catalog::Program::Puma, "config"),
        };
        let given = flags(program, &invocation.arguments, self.release);
        let mut configs =
            given.into_iter().filter(|flag| flag.found.found().is_some_and(|f| f.flag.long == long));
        configs.next_back().and_then(|flag| flag.value).map(|value| value.text().to_owned())
    }

    /// The config that Puma loads: the one that `-C` names, else `config/puma/ENV.rb`, else `config/puma.rb`.
    fn find_config(&self, given: Option<&str>, environment: &Environment) -> Option<FileId> {
        if let Some(given) = given {
            let named = |config: &&FileId| {
                let below = self.below_root(**config);
                given == below || given.strip_suffix(&*below).is_some_and(|rest| rest.ends_with('/'))
            };
            return self.configs.iter().find(named).copied();
        }
        let environment =
            ["APP_ENV", "RACK_ENV", "RAILS_ENV"].iter().find_map(|name| environment.variables.get(*name));
        let environment = environment.map_or("development", String::as_str);
        let wanted = [format!("config/puma/{environment}.rb"), "config/puma.rb".to_owned()];
        wanted.iter().find_map(|wanted| {
            self.configs.iter().find(|config| self.below_root(**config) == *wanted).copied()
        })
    }

    /// A config's path below the app's root, with `/`.
    fn below_root(&self, config: FileId) -> String {
        let path = self.files.source(config).path();
        let root = if path.starts_with(self.root) { self.root.to_owned() } else { app_root(path) };
        path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
    }

    /// The app's root on the server, from an absolute `-C`.
    fn root_by_config(&self, given: &str) -> Option<String> {
        self.configs.iter().find_map(|config| {
            let root = given.strip_suffix(&*self.below_root(*config))?.strip_suffix('/')?;
            root.starts_with('/').then(|| root.to_owned())
        })
    }
}
