//! Every pidfile path that is written or watched, worked out for each launch.

use super::view::{Evaluation, Scene};
use crate::capistrano::Stage;
use crate::deployment::Service;
use crate::model::{Location, Piece, ServiceId, Span, Text, Value, hole};
use crate::puma::command_line::Program;
use crate::puma::evaluate::paths;
use crate::puma::same_place::{Verdict, compare_linked};
use crate::puma::{Launch, options};
use crate::systemd;

/// Somebody who writes a pidfile, as one launch runs.
pub(super) struct Writer {
    pub place: Location,
    /// Everywhere it may write; a hole where that isn't known.
    pub written: Vec<Written>,
    /// Who it is: Puma, Rails, or a shell of the unit.
    pub who: &'static str,
}

/// A file that may be written.
#[derive(PartialEq)]
pub(super) struct Written {
    pub path: Text,
    /// The service whose Puma writes it, if it is one's.
    pub service: Option<ServiceId>,
}

impl Writer {
    /// Everywhere it may write as a service.
    pub fn paths_of(&self, service: &Service) -> Vec<&Text> {
        let own = self.written.iter().filter(|written| written.service == Some(service.id));
        own.map(|written| &written.path).collect()
    }
}

/// Somebody who reads a pidfile.
pub(super) struct Reader {
    pub place: Location,
    pub path: Text,
    pub kind: ReaderKind,
    /// The services whose Puma it looks for; none where that isn't known.
    pub services: Vec<ServiceId>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ReaderKind {
    Monit,
    /// `PIDFile=` of a unit that waits for it.
    Waiting,
    /// `PIDFile=` of any other unit: systemd removes the file, no more.
    Idle,
    /// The tasks of a deploy, which stop and restart the Puma whose file it is.
    Deploy,
}

impl Reader {
    /// Whether it looks for what this writer may write.
    pub fn concerns(&self, writer: &Writer) -> bool {
        self.concerned(writer).next().is_some()
    }

    /// Whether it surely looks elsewhere.
    pub fn misses(&self, scene: &Scene<'_>, writer: &Writer) -> bool {
        let links = scene.deployment.links();
        self.concerned(writer).all(|path| compare_linked(path, &self.path, links) == Verdict::Different)
    }

    /// What a writer may write for the services that are meant.
    pub fn concerned<'a>(&'a self, writer: &'a Writer) -> impl Iterator<Item = &'a Text> {
        let meant = |written: &&Written| {
            self.services.is_empty() || written.service.is_none_or(|service| self.services.contains(&service))
        };
        writer.written.iter().filter(meant).map(|written| &written.path)
    }
}

/// Everybody who writes one.
pub(super) fn writers(scene: &Scene<'_>) -> Vec<Writer> {
    let mut writers: Vec<Writer> = Vec::new();
    for evaluation in &scene.evaluations {
        let Some((place, paths)) = pidfile(scene, evaluation) else { continue };
        add(&mut writers, "Puma", place, paths, evaluation.launch.service);
    }
    let launches = scene.deployment.launches.iter().filter(|launch| launch.starter.decides());
    for launch in launches.filter(|launch| launch.configs.is_empty()) {
        let flag = launch.flag("pidfile", scene.release());
        if let (Some(flag), Some(place)) = (flag, launch.place) {
            let text = launch.text(flag.text());
            let path = paths::expand(&text, &launch.directory).unwrap_or(text);
            let place = Location { file: place.file, span: flag.span() };
            add(&mut writers, "Puma", place, vec![path], launch.service);
        }
    }
    for launch in scene.deployment.launches.iter().filter(|launch| launch.starter.decides()) {
        let Some((place, paths)) = written_by_rails(launch) else { continue };
        add(&mut writers, "Rails", place, paths, launch.service);
    }
    for stage in &scene.deployment.stages {
        if let (Some((_, plugin)), true) = (stage.starts().next(), stage.writes_config()) {
            let place = stage.setting("puma_pid").and_then(|setting| setting.origin);
            let place = place.map_or(plugin.place, |origin| origin.place);
            add(&mut writers, "Puma", place, vec![stage.text("puma_pid")], None);
        }
    }
    for (service, place, path) in shell_written(scene) {
        add(&mut writers, "the unit", place, vec![path], Some(service.id));
    }
    writers
}

fn add(
    writers: &mut Vec<Writer>,
    who: &'static str,
    place: Location,
    paths: Vec<Text>,
    service: Option<ServiceId>,
) {
    let at = writers.iter().position(|known| known.place == place).unwrap_or_else(|| {
        writers.push(Writer { place, written: Vec::new(), who });
        writers.len() - 1
    });
    let known = &mut writers[at].written;
    for written in paths.into_iter().map(|path| Written { path, service }) {
        if !known.contains(&written) {
            known.push(written);
        }
    }
}

/// Where a launch's Puma writes its pidfile, and what says so; `None` where it surely writes none.
pub(super) fn pidfile(scene: &Scene<'_>, evaluation: &Evaluation<'_>) -> Option<(Location, Vec<Text>)> {
    let (launch, trace) = (evaluation.launch, &evaluation.trace);
    if let (Some(flag), Some(place)) = (launch.flag("pidfile", scene.release()), launch.place) {
        let value = Value::Text(launch.text(flag.text()));
        let paths: Vec<Text> =
            options::resolve(trace, &launch.directory, &value).into_iter().flatten().collect();
        return Some((Location { file: place.file, span: flag.span() }, paths));
    }
    let (span, mut paths) = configured(evaluation, "pidfile")?;
    if launch.may_have_more_flags() {
        paths.push(Text::from_iter([Piece::Unknown("a template may name another".into())]));
    }
    Some((Location { file: evaluation.config, span }, paths))
}

/// Where `rails server` writes a pidfile of its own.
pub(super) fn written_by_rails(launch: &Launch) -> Option<(Location, Vec<Text>)> {
    let (given, place) = (launch.rails_server()?, launch.place?);
    let hole = |reason: &str| Text::from_iter([Piece::Unknown(reason.to_owned())]);
    let full = |text: Text| paths::expand(&text, &launch.directory).unwrap_or(text);
    if let Some(flag) = &given.pid {
        let path = full(launch.text(flag.text()));
        return Some((Location { file: place.file, span: flag.span() }, vec![path]));
    }
    let development = given.environment(&launch.environment).as_str() == Some("development");
    let written = |value: &Value| match value {
        Value::Text(text) => full(text.clone()),
        Value::Nil if development => full(Text::known("tmp/pids/server.pid")),
        // Elsewhere it writes that one, or none: it depends on its version.
        _ => hole("a pidfile of Rails"),
    };
    let variable = launch.environment.get("PIDFILE");
    let paths = variable.alternatives().into_iter().map(|(_, value)| written(value)).collect();
    Some((place, paths))
}

/// Where a path option of the config points; `None` where it surely is not set.
pub(super) fn configured(evaluation: &Evaluation<'_>, directive: &str) -> Option<(Span, Vec<Text>)> {
    let option = options::last(&evaluation.trace, directive, Value::Nil)?;
    let paths = options::resolve(&evaluation.trace, &evaluation.launch.directory, &option.value);
    let paths: Vec<Text> = paths.into_iter().flatten().collect();
    (!paths.is_empty()).then_some((option.span, paths))
}

/// The files that a unit's shell writes a PID to: `ExecStartPost=/bin/sh -c 'echo $MAINPID > X'`.
pub(super) fn shell_written<'a>(scene: &Scene<'a>) -> Vec<(&'a Service, Location, Text)> {
    let mut found = Vec::new();
    for command in &scene.commands {
        let (Some(output), Some(service)) = (&command.invocation.output, command.service) else { continue };
        let pid = command.invocation.arguments.iter().any(|word| word.text().contains("MAINPID"));
        if command.invocation.program == Program::Echo && (pid || output.text().ends_with(".pid")) {
            let place = Location { file: command.file, span: output.span() };
            found.push((service, place, literal(output.text())));
        }
    }
    found
}

/// A path that stands in a command of a shell.
pub(super) fn literal(text: &str) -> Text {
    if text.contains(['$', '`']) || !hole::is_rooted(text) {
        return Text::from_iter([Piece::Unknown(text.to_owned())]);
    }
    Text::known(text)
}

/// Everybody who reads one.
pub(super) fn readers(scene: &Scene<'_>) -> Vec<Reader> {
    let mut readers = Vec::new();
    for (file, check) in scene.process_checks() {
        if !scene.deployment.monitors(file, check.span) {
            continue;
        }
        if let Some(path) = check.watch.pidfile() {
            if scene.may_watch_any_instance(file, check) {
                continue;
            }
            let services = scene.services_started_by(file, check);
            readers.push(Reader {
                place: Location { file, span: path.span() },
                path: Text::known(path.text()),
                kind: ReaderKind::Monit,
                services: services.iter().map(|service| service.id).collect(),
            });
        }
    }
    readers.extend(scene.deployment.stages.iter().filter_map(deploy_reader));
    for service in scene.pumas() {
        let Some(entry) = service.last("PIDFile") else { continue };
        // What is written there is no path at all, or another one than meant: another rule's matter.
        let misread = super::misread_path::reading(entry).is_some()
            || super::trailing_comment::comment(entry, service.unit.kind).is_some()
            || super::manager_home::user(service).is_some()
                && super::manager_home::specifier(entry.value.text()).is_some();
        if misread {
            continue;
        }
        let path = systemd::pid_file(entry, &service.context);
        let Some(path) = path.written() else { continue };
        readers.push(Reader {
            place: service.value(entry),
            path: Text::known(path.text()),
            kind: if waits(service) { ReaderKind::Waiting } else { ReaderKind::Idle },
            services: vec![service.id],
        });
    }
    readers
}

/// The tasks of a deploy that look for Puma by a pidfile; systemd knows it without one.
fn deploy_reader(stage: &Stage) -> Option<Reader> {
    let (_, plugin) = stage.starts().find(|(start, _)| !start.by_systemd)?;
    // Another config may be the one on the server.
    if !stage.uses_own_config() {
        return None;
    }
    let place = stage.setting("puma_pid")?.origin.map_or(plugin.place, |origin| origin.place);
    let services = Vec::new();
    Some(Reader { place, path: stage.text("puma_pid"), kind: ReaderKind::Deploy, services })
}

/// Whether systemd waits for the service's `PIDFile=`.
pub(super) fn waits(service: &Service) -> bool {
    service.kind() == "forking" || !service.all("ExecStartPost").is_empty()
}

/// Paths for people.
pub(super) fn listed<'a>(paths: impl IntoIterator<Item = &'a Text>) -> String {
    paths.into_iter().map(show).collect::<Vec<_>>().join(" or ")
}

/// A path for people; holes in words.
pub(super) fn show(path: &Text) -> String {
    path.pieces()
        .iter()
        .map(|piece| match piece {
            Piece::Literal(text) => text.clone(),
            Piece::Root => "<app>".into(),
            Piece::Env(name) => format!("${name}"),
            Piece::Hole(hole) => hole.clone(),
            Piece::Unknown(_) => "…".into(),
        })
        .collect()
}
