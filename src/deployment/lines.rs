//! The command lines of files that are neither units nor Monit's.

use std::collections::BTreeMap;
use std::path::Path;

use crate::docker::{self, Command, Service, Setting};
use crate::model::{FileId, Location, Word};
use crate::parsed::{Files, Parsed};
use crate::puma::command_line::{Invocation, invocations, shell_invocations};
use crate::puma::{Environment, Starter};
use crate::script;

/// A command line, or several that belong together.
#[derive(Debug, Clone)]
pub struct Line {
    /// The file it stands in.
    pub file: FileId,
    /// What to call what it starts: the file, and its name in it.
    pub name: String,
    /// Who runs it.
    pub starter: Starter,
    /// The programs that it runs.
    pub runs: Vec<Invocation>,
    /// Its words, where they are run as they are, without a shell.
    pub argv: Vec<Word>,
    /// The environment variables.
    pub environment: Environment,
    /// Where it runs; `None` for the app's root.
    pub directory: Option<String>,
}

/// The most programs of a line, and arguments of a program. What has more is a trick.
const LONGEST: usize = 500;

/// The lines of a file in the app at `root` that run a program we know.
pub(super) fn lines(files: &Files<'_>, root: &Path, file: FileId) -> Vec<Line> {
    let path = files.source(file).path();
    let shown = path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/");
    let line = |name: String, starter: Starter, runs: Vec<Invocation>| Line {
        file,
        name,
        starter,
        runs,
        argv: Vec::new(),
        environment: Environment::default(),
        directory: None,
    };
    let lines = match files.parsed(file) {
        Parsed::Procfile(processes) => processes
            .iter()
            .map(|process| {
                let name = format!("{shown}:{}", process.name.text());
                line(name, Starter::Procfile, shell_invocations(&process.command))
            })
            .collect(),
        Parsed::Dockerfile(image) => {
            let (runs, argv) = of_container(image.entrypoint.as_ref(), image.command.as_ref());
            let environment = Environment {
                variables: image.variables.clone(),
                unknown: image.unknown.clone(),
                ..Environment::default()
            };
            let directory = image.directory.clone();
            vec![Line { argv, environment, directory, ..line(shown, Starter::Docker, runs) }]
        }
        Parsed::Compose(compose) => compose
            .services
            .iter()
            .map(|service| {
                let entrypoint = service.entrypoint.clone().map(Command::Exec);
                let command = Command::Exec(service.command.clone());
                let (runs, argv) = of_container(entrypoint.as_ref(), Some(&command));
                let environment = of_service(files, file, service);
                let directory = service.directory.clone();
                let name = format!("{shown}:{}", service.name);
                Line { argv, environment, directory, ..line(name, Starter::Compose, runs) }
            })
            .collect(),
        Parsed::Script(script) => {
            let variables = script::variables(script);
            let runs = shell_invocations(script).into_iter().map(|run| with_variables(run, &variables));
            vec![line(shown, Starter::Script, runs.collect())]
        }
        _ => Vec::new(),
    };
    let concerns = |line: &Line| {
        if line.runs.len() > LONGEST || line.runs.iter().any(|run| run.arguments.len() > LONGEST) {
            return false;
        }
        !line.runs.is_empty() || line.argv.iter().any(|word| word.text().rsplit('/').next() == Some("puma"))
    };
    lines.into_iter().filter(concerns).collect()
}

/// The variables of a service: those of its files, then its own. What a file that isn't here sets, nobody knows.
fn of_service(files: &Files<'_>, compose: FileId, service: &Service) -> Environment {
    let mut environment = Environment::default();
    for named in service.env_files.iter().filter_map(|path| files.beside(compose, path)) {
        for Setting { name, value } in docker::settings(files.source(named).bytes()) {
            let place = Location { file: named, span: name.span() };
            let name = name.text().to_owned();
            environment.places.insert(name.clone(), place);
            environment.unknown.remove(&name);
            environment.variables.remove(&name);
            match value {
                Some(value) => _ = environment.variables.insert(name, value),
                None => _ = environment.unknown.insert(name),
            }
        }
    }
    for name in service.variables.keys().chain(&service.unknown) {
        environment.places.remove(name);
        environment.unknown.remove(name);
        environment.variables.remove(name);
    }
    environment.variables.extend(service.variables.clone());
    environment.unknown.extend(service.unknown.clone());
    environment
}

/// A command of a script, with the script's own variables filled in. What would be split into words stays as it is.
fn with_variables(mut run: Invocation, variables: &BTreeMap<String, String>) -> Invocation {
    let fill = |text: &str| {
        let filled = script::fill_in(text, |name| variables.get(name).cloned())?;
        (!filled.contains(char::is_whitespace)).then_some(filled)
    };
    for word in run.arguments.iter_mut().chain(&mut run.directory).chain(&mut run.finders) {
        if let Some(filled) = fill(word.text()).filter(|filled| filled != word.text()) {
            *word = Word::new(filled, Vec::new(), word.span());
        }
    }
    for (_, value) in &mut run.variables {
        if let Some(filled) = fill(value) {
            *value = filled;
        }
    }
    run
}

/// What a container runs, and the words of it that no shell reads. An `ENTRYPOINT` that we don't know is a script
/// that passes on its arguments.
fn of_container(entrypoint: Option<&Command>, command: Option<&Command>) -> (Vec<Invocation>, Vec<Word>) {
    let run = |command: &Command| match command {
        Command::Exec(words) => (invocations(words), words.clone()),
        Command::Shell(line) => (shell_invocations(line), Vec::new()),
    };
    match (entrypoint, command) {
        (Some(Command::Exec(entrypoint)), Some(command)) => {
            if let Command::Exec(words) = command {
                let whole = [entrypoint.as_slice(), words].concat();
                let runs = invocations(&whole);
                if !runs.is_empty() {
                    return (runs, whole);
                }
            }
            (run(command).0, Vec::new())
        }
        (Some(command), _) | (None, Some(command)) => run(command),
        (None, None) => Default::default(),
    }
}
