//! A pumactl, or a kill, that looks where Puma writes nothing.

use super::pidfiles::{self, listed, literal, show};
use super::view::{Command, Evaluation, Purpose, Scene};
use super::{Check, Rule};
use crate::catalog;
use crate::model::{Diagnostic, Location, Severity, Span, Speaker, Text, hole};
use crate::puma::command_line::{Program, is_pumactl_start};
use crate::puma::evaluate::paths;
use crate::puma::flags::flags;
use crate::puma::same_place::{Verdict, compare};

pub(super) const RULE: Rule = Rule {
    name: "pumactl-mismatch",
    summary: "a stop or reload command that looks where Puma writes nothing",
    severity: Severity::Warning,
    page: include_str!("../../fixtures/rules/pumactl-mismatch.md"),
    check: Check::Deployment(check),
};

/// What a command reads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reads {
    Pidfile,
    State,
}

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for command in &scene.commands {
        let launches: Vec<&Evaluation<'_>> = scene
            .evaluations
            .iter()
            .filter(|e| command.service.is_none_or(|service| e.launch.service == Some(service.id)))
            .collect();
        if launches.is_empty() || launches.iter().any(|e| e.trace.opaque) {
            continue;
        }
        found.extend(finds_nothing(scene, command, &launches));
        let Some((reads, path, span)) = reads(scene, command) else { continue };
        let mut written: Vec<(Location, Vec<Text>)> = Vec::new();
        let mut unsure = false;
        for evaluation in &launches {
            let one = match reads {
                Reads::Pidfile => pidfiles::pidfile(scene, evaluation),
                Reads::State => state(scene, evaluation),
            };
            match one {
                Some(one) if !written.contains(&one) => written.push(one),
                Some(_) => {}
                // The call may depend on something that isn't known.
                None => unsure |= calls(evaluation, reads),
            }
        }
        if reads == Reads::Pidfile {
            let shell = pidfiles::shell_written(scene);
            written.extend(shell.into_iter().map(|(_, place, path)| (place, vec![path])));
            written.extend(launches.iter().filter_map(|e| pidfiles::written_by_rails(e.launch)));
        }
        let misses = |(_, paths): &(Location, Vec<Text>)| {
            paths.iter().all(|written| compare(written, &path) == Verdict::Different)
        };
        if unsure || !written.iter().all(misses) {
            continue;
        }
        found.push(finding(command, reads, &path, span, &written));
    }
    found
}

/// `pumactl -F` with a config that names no file and no control server at all.
fn finds_nothing(
    scene: &Scene<'_>,
    command: &Command<'_>,
    launches: &[&Evaluation<'_>],
) -> Option<Diagnostic> {
    let run = &command.invocation;
    if run.program != Program::Pumactl || is_pumactl_start(run) {
        return None;
    }
    let given = flags(catalog::Program::Pumactl, &run.arguments, scene.release());
    let named = |long: &str| given.iter().find(|f| f.found.found().is_some_and(|f| f.flag.long == long));
    let config = named("config-file")?;
    if ["state", "pidfile", "pid", "control-url"].into_iter().any(|long| named(long).is_some()) {
        return None;
    }
    // The config that is named has to be one that was read, and to say nothing, whatever the environment.
    let path = config.value.as_ref()?.text();
    let says = |name: &str| matches!(name, "pidfile" | "state_path" | "activate_control_app");
    let silent = launches.iter().all(|e| {
        let same = e.source.made().file_name().is_some_and(|name| path.rsplit('/').next() == name.to_str());
        same && !e.trace.calls.iter().any(|call| says(&call.name))
    });
    silent.then(|| {
        let (verb, help) = match (command.purpose, command.service.is_some()) {
            (Purpose::Stop, true) => ("the stop command fails", "remove the line: systemd stops Puma with SIGTERM"),
            (_, true) => ("the command fails", "write `/bin/kill -USR2 $MAINPID`, which needs no file"),
            _ => ("the command fails", "add `pidfile` to the config; or let systemd do it: systemctl"),
        };
        let mut diagnostic = Diagnostic::new(
            RULE.name,
            RULE.severity,
            Location { file: command.file, span: run.name.span() },
            format!("pumactl finds no Puma: the config names no pidfile, no state file and no control server, and {verb}"),
        )
        .label("asks the config")
        .quote(Speaker::Puma, "Neither pid nor control url available")
        .help(help);
        if let Some(first) = launches.first() {
            diagnostic = diagnostic.also(Location { file: first.config, span: Span::at(0) }, "names none");
        }
        diagnostic
    })
}

fn finding(
    command: &Command<'_>,
    reads: Reads,
    path: &Text,
    span: Span,
    written: &[(Location, Vec<Text>)],
) -> Diagnostic {
    let (what, directive) = match reads {
        Reads::Pidfile => ("pidfile", "pidfile"),
        Reads::State => ("state file", "state_path"),
    };
    let outcome = match command.purpose {
        Purpose::Stop => "the stop command fails",
        Purpose::Reload => "every reload fails",
        _ => "the command fails",
    };
    let message = format!(
        "{} looks for a {what} that Puma does not write: {outcome}",
        command.invocation.name.text().rsplit('/').next().unwrap_or_default()
    );
    let words = match (reads, command.invocation.program) {
        (Reads::State, _) => format!("State file not found: {}", show(path)),
        (_, Program::Kill) => String::new(),
        (Reads::Pidfile, _) => format!("No such file or directory @ rb_sysopen - {}", show(path)),
    };
    let mut diagnostic =
        Diagnostic::new(RULE.name, RULE.severity, Location { file: command.file, span }, message)
            .label(format!("looks for {}", show(path)));
    if !words.is_empty() {
        diagnostic = diagnostic.quote(Speaker::Puma, words);
    }
    for (place, paths) in written {
        diagnostic = diagnostic.also(*place, format!("written: {}", listed(paths)));
    }
    let help = match (written, command.service) {
        ([(_, paths)], _) if paths.len() == 1 => format!("name {} here", listed(paths)),
        (_, Some(_)) if command.purpose == Purpose::Stop => {
            "remove the line: systemd stops Puma with SIGTERM, and needs no file for it".to_owned()
        }
        _ => format!("name the path in the config, too: `{directive} \"{}\"`", show(path)),
    };
    diagnostic.help(help)
}

/// What a command reads, and where it says so.
fn reads(scene: &Scene<'_>, command: &Command<'_>) -> Option<(Reads, Text, Span)> {
    let run = &command.invocation;
    let base = directory(command);
    let absolute = |text: Text| paths::expand(&text, &base).unwrap_or(text);
    match run.program {
        Program::Pumactl if !is_pumactl_start(run) => {
            let given = flags(catalog::Program::Pumactl, &run.arguments, scene.release());
            let value = |long: &str| {
                let mut named = given.iter().filter(|f| f.found.found().is_some_and(|f| f.flag.long == long));
                named.next_back()?.value.clone()
            };
            // An address of the control server decides before any file.
            if value("control-url").is_some() {
                return None;
            }
            let (reads, word) = match (value("state"), value("pidfile")) {
                (Some(word), _) => (Reads::State, word),
                (None, Some(word)) => (Reads::Pidfile, word),
                _ => return None,
            };
            let text = word.text();
            if text.contains(['$', '%', '`']) {
                return None;
            }
            Some((reads, absolute(Text::known(text)), word.span()))
        }
        Program::Kill => {
            let word = run
                .arguments
                .iter()
                .find(|word| word.text().starts_with("$(cat ") || word.text().starts_with("`cat"))?;
            let inner = word.text().strip_prefix("$(cat ")?.strip_suffix(')')?.trim();
            let path = literal(inner.trim_matches(['"', '\'']));
            path.as_known()?;
            Some((Reads::Pidfile, path, word.span()))
        }
        _ => None,
    }
}

/// Where a command runs.
fn directory(command: &Command<'_>) -> Text {
    if let Some(directory) = command.invocation.directory.as_ref().filter(|d| hole::is_rooted(d.text())) {
        return Text::known(directory.text());
    }
    let unknown = || Text::from_iter([crate::model::Piece::Unknown("the working directory".into())]);
    let Some(service) = command.service else { return unknown() };
    match service.last("WorkingDirectory") {
        Some(entry) => {
            let directory = crate::systemd::working_directory(entry, &service.context);
            directory.value.written().map_or_else(unknown, |path| Text::known(path.text()))
        }
        None if service.is_of_system() == Some(true) => Text::known("/"),
        None => unknown(),
    }
}

/// Where a launch's Puma writes its state file.
fn state(scene: &Scene<'_>, evaluation: &Evaluation<'_>) -> Option<(Location, Vec<Text>)> {
    let launch = evaluation.launch;
    if let (Some(flag), Some(place)) = (launch.flag("state", scene.release()), launch.place) {
        let text = launch.text(flag.text());
        let text = paths::expand(&text, &launch.directory).unwrap_or(text);
        return Some((Location { file: place.file, span: flag.span() }, vec![text]));
    }
    let (span, paths) = pidfiles::configured(evaluation, "state_path")?;
    Some((Location { file: evaluation.config, span }, paths))
}

fn calls(evaluation: &Evaluation<'_>, reads: Reads) -> bool {
    let name = match reads {
        Reads::Pidfile => "pidfile",
        Reads::State => "state_path",
    };
    evaluation.trace.calls.iter().any(|call| call.name == name && !call.condition.is_always())
}
