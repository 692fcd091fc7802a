//! The one fix that lets a Puma that used to daemonize stay in the foreground.
//!
//! `daemonize` in the config, `--daemon` in `ExecStart=`, `Type=forking` and `RemainAfterExit=` hold each other up:
//! taken away one by one, each leaves a unit that does not start. So they go together, in all files that a config
//! and its services share, or not at all.

use std::collections::BTreeSet;

use super::edits::{remove_setting, set_value};
use super::monit_programs;
use super::notify_unsupported::tells_systemd;
use super::view::{Evaluation, Scene, requires};
use super::words::undefined_class;
use crate::catalog::{self, Program};
use crate::deployment::Service;
use crate::model::{Applicability, Edit, FileId, Fix, ServiceId, Span, Value, Word};
use crate::puma::Starter;
use crate::puma::command_line;
use crate::puma::evaluate::Call;
use crate::puma::flags::{flags, removed};
use crate::ruby;
use crate::systemd;

const DIRECTIVE: &str = "daemonize";

/// The fix for a service, with everything that hangs on it.
pub(super) fn of_service(scene: &Scene<'_>, service: &Service) -> Option<Fix> {
    let mut group = Group::default();
    group.services.insert(service.id);
    group.mend(scene)
}

/// Whether every Puma stays in the foreground: it no longer forks, and the gem puma-daemon is not there.
pub(super) fn stays(scene: &Scene<'_>) -> bool {
    let gone = catalog::directive(DIRECTIVE).and_then(|directive| directive.removed_in());
    gone.is_some_and(|gone| gone <= scene.release()) && !scene.daemonizes_by_gem()
}

/// Whether a call asks for a daemon, or may do so.
fn asks_for_daemon(call: &Call) -> bool {
    call.name == DIRECTIVE
        && !matches!(call.arguments.first().map(|a| &a.value), Some(Value::Bool(false) | Value::Nil))
}

/// Configs that daemonize, and the services that load them.
#[derive(Default)]
struct Group {
    services: BTreeSet<ServiceId>,
    configs: BTreeSet<FileId>,
}

impl Group {
    fn mend(mut self, scene: &Scene<'_>) -> Option<Fix> {
        if !stays(scene) {
            return None;
        }
        self.close(scene);
        let mut mended = Mended::default();
        for config in &self.configs {
            mended.config(scene, *config)?;
        }
        for service in scene.pumas().filter(|service| self.services.contains(&service.id)) {
            mended.service(scene, service)?;
        }
        for (file, check) in self.checks(scene) {
            let fix = monit_programs::through_systemd(scene, file, check)?;
            mended.say(&fix.title);
            mended.edits.extend(fix.edits);
            mended.applicability = fix.applicability;
        }
        mended.edits.sort();
        mended.edits.dedup();
        let overlaps = |pair: &[Edit]| pair[0].file == pair[1].file && pair[0].span.end > pair[1].span.start;
        if mended.edits.windows(2).any(overlaps) {
            return None;
        }
        let fix =
            Fix { title: mended.said.join(", "), applicability: mended.applicability, edits: mended.edits };
        (!fix.edits.is_empty()).then_some(fix)
    }

    /// Adds what shares a config that daemonizes, until nothing more does.
    fn close(&mut self, scene: &Scene<'_>) {
        let shared: Vec<(FileId, ServiceId)> = scene
            .evaluations
            .iter()
            .filter(|evaluation| daemonizes(evaluation))
            .filter_map(|evaluation| Some((evaluation.config, evaluation.launch.service?)))
            .collect();
        loop {
            let before = self.services.len() + self.configs.len();
            for (config, service) in &shared {
                if self.configs.contains(config) || self.services.contains(service) {
                    self.configs.insert(*config);
                    self.services.insert(*service);
                }
            }
            if self.services.len() + self.configs.len() == before {
                return;
            }
        }
    }

    /// The Monit checks whose start programs would not end without the configs' `daemonize`.
    fn checks(&self, scene: &Scene<'_>) -> Vec<(FileId, Span)> {
        let release = scene.release();
        let starts = scene.evaluations.iter().filter(|evaluation| {
            let launch = evaluation.launch;
            let given = launch.invocation.as_ref().map(|run| run.arguments.as_slice()).unwrap_or_default();
            launch.starter == Starter::Monit
                && self.configs.contains(&evaluation.config)
                && launch.invocation.as_ref().is_some_and(|run| !run.background)
                && daemon_flags(Program::Puma, given, release).is_empty()
        });
        let places = starts.filter_map(|evaluation| evaluation.launch.place);
        let check = |place: crate::model::Location| {
            let checks = &scene.files.control(place.file)?.checks;
            let check = checks.iter().find(|check| check.span.contains(place.span))?;
            Some((place.file, check.span))
        };
        places.filter_map(check).collect()
    }
}

/// Whether a config asks for a daemon by a directive that the target lacks.
fn daemonizes(evaluation: &Evaluation<'_>) -> bool {
    let trace = &evaluation.trace;
    let own = requires(trace, "puma/daemon") || trace.methods.contains(DIRECTIVE);
    !own && refused(evaluation).next().is_some()
}

/// The calls of a config that ask for a daemon, and that nobody rescues.
fn refused<'a>(evaluation: &'a Evaluation<'_>) -> impl Iterator<Item = &'a Call> {
    evaluation
        .trace
        .calls
        .iter()
        .filter(|call| asks_for_daemon(call) && !call.is_rescued_from(undefined_class(&call.name, call.bare)))
}

/// What was done so far.
struct Mended {
    edits: Vec<Edit>,
    said: Vec<String>,
    applicability: Applicability,
}

impl Default for Mended {
    fn default() -> Self {
        Self { edits: Vec::new(), said: Vec::new(), applicability: Applicability::Safe }
    }
}

impl Mended {
    fn say(&mut self, what: &str) {
        if !self.said.iter().any(|said| said == what) {
            self.said.push(what.to_owned());
        }
    }

    /// Every call that asks for a daemon goes.
    fn config(&mut self, scene: &Scene<'_>, config: FileId) -> Option<()> {
        let evaluations = scene.evaluations.iter().filter(|evaluation| evaluation.config == config);
        for evaluation in evaluations {
            for call in refused(evaluation) {
                let edits =
                    ruby::remove_statement(scene.files.bytes(config), evaluation.tree, call.node).ok()?;
                let edits = edits.into_iter();
                self.edits.extend(edits.map(|(span, replacement)| Edit { file: config, span, replacement }));
                self.say(&format!("remove `{DIRECTIVE}`"));
            }
        }
        Some(())
    }

    /// The flag, the type and what keeps a dead service active go.
    fn service(&mut self, scene: &Scene<'_>, service: &Service) -> Option<()> {
        let waits = matches!(service.kind(), "forking" | "oneshot");
        let runs = service.pumas();
        // A shell that sends Puma to the background is another way to fork; a one-shot may have more to do.
        let does_more = service.kind() == "oneshot" && service.commands("ExecStart").len() != 1;
        if does_more || runs.iter().any(|(_, run)| run.background) {
            return None;
        }
        for (entry, run) in &runs {
            let program = match run.program {
                command_line::Program::Puma => Program::Puma,
                command_line::Program::Pumactl => Program::Pumactl,
                // `rails server` has a `-d` of its own, and knows what to do with it.
                _ => return None,
            };
            let file = service.value(entry).file;
            for flag in daemon_flags(program, &run.arguments, scene.release()) {
                let before = flag.checked_sub(1).map_or(&run.name, |before| &run.arguments[before]);
                self.edits.push(drop_word(scene, file, before, &run.arguments[flag])?);
                self.say(&format!("drop `{}`", run.arguments[flag].text()));
            }
        }
        if !waits {
            return Some(());
        }
        if service.is_on("RemainAfterExit") {
            let is_on = |entry: &systemd::Entry| systemd::boolean(entry.value.text()) == Some(true);
            self.edits.extend(remove_setting(scene, service, "RemainAfterExit", is_on)?);
            self.say("remove RemainAfterExit=");
        }
        let kind = best_type(scene, service);
        self.edits.push(set_value(scene, service, service.last("Type")?, kind)?);
        self.say(&format!("make it Type={kind}"));
        Some(())
    }
}

/// The places of the arguments that ask for a daemon in words that the release no longer knows.
fn daemon_flags(program: Program, arguments: &[Word], release: catalog::Release) -> Vec<usize> {
    let given = flags(program, arguments, release)
        .into_iter()
        .filter(|given| removed(program, &given.name, release).is_some_and(|flag| flag.long == "daemon"));
    let place = |span: Span| arguments.iter().position(|word| word.span().contains(span));
    given.filter_map(|given| place(given.span)).collect()
}

/// Takes a word away, from the end of the word before it; `None` if more than blanks stands between them, or if
/// either is written with quotes.
fn drop_word(scene: &Scene<'_>, file: FileId, before: &Word, word: &Word) -> Option<Edit> {
    let span = Span::new(before.span().end, word.span().end);
    let bytes = scene.files.source(file).bytes();
    let between = bytes.get(span.start..word.span().start)?;
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\\' | b'\r' | b'\n');
    let plain = bytes.get(word.span().range())? == word.text().as_bytes();
    let apart = !between.is_empty() && between.iter().all(blank);
    (plain && apart).then(|| Edit { file, span, replacement: String::new() })
}

/// The type of service that fits the Puma that systemd would start.
pub(super) fn best_type(scene: &Scene<'_>, service: &Service) -> &'static str {
    let becomes_puma = service
        .pumas()
        .iter()
        .all(|(entry, run)| run.kept.is_none() && !entry.value.text().split(is_separator).any(waits));
    if becomes_puma && tells_systemd(scene, service) { "notify" } else { "simple" }
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\'' | '"' | ';' | '&' | '|' | '(' | ')')
}

/// Programs that start another one and wait for it, besides the shells that [`command_line`] knows.
fn waits(word: &str) -> bool {
    const STAY: &[&str] = &["timeout", "time", "setsid", "rvm", "chruby-exec", "sudo", "su", "runuser"];
    STAY.contains(&word.rsplit('/').next().unwrap_or_default())
}
