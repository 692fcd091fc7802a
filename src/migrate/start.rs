//! How Puma is started today, as far as the files say: what a unit has to say too.

use crate::catalog::{Program, Release};
use crate::deployment::is_start;
use crate::model::Word;
use crate::puma::command_line::Invocation;
use crate::puma::flags::flags;
use crate::puma::{Launch, Starter};
use crate::rules::view::Scene;

use super::deploy;
use super::words::{in_shell, in_unit};

/// A start of Puma that a unit can take over.
#[derive(Debug, Clone, Default)]
pub(super) struct Start {
    /// The command, as `ExecStart=` says it.
    pub command: String,
    /// The working directory on the server.
    pub directory: Option<String>,
    /// As whom it runs.
    pub user: Option<String>,
    /// The variables that are set for it.
    pub variables: Vec<(String, String)>,
}

/// What stands in the way of saying the same in a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Untranslatable {
    /// The word that only a shell understands.
    pub word: String,
}

/// How the app is started: by Monit, a script or a deploy, if one of them does it, else by hand.
pub(super) fn start(scene: &Scene<'_>) -> Result<Start, Untranslatable> {
    let launches = &scene.deployment.launches;
    let written = launches.iter().find(|launch| {
        launch.service.is_none()
            && launch.starter != Starter::Default
            && (launch.starter.decides() || launch.starter == Starter::Script)
            && launch.invocation.as_ref().is_some_and(is_start)
    });
    if let (None, Some(stage)) = (written, deploy::stage(scene.deployment)) {
        return deploy::start(scene, stage);
    }
    let Some(launch) = written.or(launches.first()) else { return Ok(Start::default()) };
    let user = launch.invocation.as_ref().and_then(|run| run.user.as_ref()).map(Word::text);
    let variables = launch.invocation.as_ref().map(|run| run.variables.clone()).unwrap_or_default();
    if let Some((_, value)) = variables.iter().find(|(_, value)| value.contains(['$', '`'])) {
        return Err(Untranslatable { word: value.clone() });
    }
    Ok(Start {
        command: command(scene, launch)?,
        directory: launch.directory.as_known().map(str::to_owned).or_else(|| configured_directory(scene)),
        user: user.map(str::to_owned).or_else(|| monit_user(scene, launch)),
        variables,
    })
}

/// The command without what makes a daemon of it.
pub(super) fn command(scene: &Scene<'_>, launch: &Launch) -> Result<String, Untranslatable> {
    let Some(run) = launch.invocation.as_ref().filter(|_| launch.starter != Starter::Default) else {
        return Ok(by_hand(scene, launch));
    };
    let daemon = daemon_words(run, scene.release());
    let arguments = run.arguments.iter().enumerate().filter(|(at, _)| !daemon.contains(at));
    let names = run.finders.iter().chain([&run.name]).map(Word::text);
    let words: Vec<&str> = names.chain(arguments.map(|(_, word)| word.text())).collect();
    let shells_only = ['$', '`', '~', '*', '\\', '"', '\'', '\n'];
    if let Some(word) = words.iter().find(|word| word.contains(shells_only)) {
        return Err(Untranslatable { word: (*word).to_owned() });
    }
    if run.login_shell {
        // What it finds Ruby by (rbenv, rvm) is set up there.
        let line = words.iter().map(|word| in_shell(word)).collect::<Vec<_>>().join(" ");
        return Ok(format!("/bin/bash -lc 'exec {}'", line.replace('%', "%%")));
    }
    Ok(words.iter().map(|word| in_unit(word)).collect::<Vec<_>>().join(" "))
}

/// Puma as people start it in the app's root, with Bundler where there is a lock.
fn by_hand(scene: &Scene<'_>, launch: &Launch) -> String {
    let mut words: Vec<String> = match scene.deployment.lock {
        Some(_) => ["bundle", "exec", "puma"].map(str::to_owned).to_vec(),
        None => vec!["puma".to_owned()],
    };
    let given = launch.invocation.iter().flat_map(|run| &run.arguments);
    words.extend(given.map(|word| in_unit(word.text())));
    let named = words.iter().any(|word| matches!(word.as_str(), "-C" | "-e"));
    if let ([(config, _)], false) = (launch.configs.as_slice(), named) {
        let path = scene.files.source(*config).path();
        let below = path.strip_prefix(&scene.deployment.dir).unwrap_or(path);
        words.extend(["-C".to_owned(), in_unit(&below.to_string_lossy())]);
    }
    words.join(" ")
}

/// The places of the words that ask for a daemon.
fn daemon_words(run: &Invocation, release: Release) -> Vec<usize> {
    let program = match run.program {
        crate::puma::command_line::Program::Pumactl => Program::Pumactl,
        _ => Program::Puma,
    };
    let asks = |name: &str| {
        // The oldest release still knows it.
        let found = Program::Puma.find(name, Release::oldest());
        found.found().is_some_and(|found| found.flag.long == "daemon")
    };
    let given = flags(program, &run.arguments, release);
    let spans: Vec<_> = given.iter().filter(|flag| asks(&flag.name)).map(|flag| flag.span).collect();
    let words = run.arguments.iter().enumerate();
    let is_one = |word: &Word| spans.iter().any(|span| word.span().contains(*span));
    words.filter(|(_, word)| is_one(word)).map(|(at, _)| at).collect()
}

/// `as uid` of the check whose program it is.
fn monit_user(scene: &Scene<'_>, launch: &Launch) -> Option<String> {
    let place = launch.place?;
    let control = scene.files.control(place.file)?;
    let program = control.checks.iter().filter_map(|check| check.start.as_ref());
    let mut holding = program.filter(|program| program.span.contains(place.span));
    holding.find_map(|program| Some(program.uid.as_ref()?.value.text().to_owned()))
}

/// The absolute `directory` of the config.
fn configured_directory(scene: &Scene<'_>) -> Option<String> {
    scene.evaluations.iter().find_map(|evaluation| {
        let option = crate::puma::options::last(&evaluation.trace, "directory", crate::model::Value::Nil)?;
        option.value.as_str().filter(|path| path.starts_with('/')).map(str::to_owned)
    })
}
