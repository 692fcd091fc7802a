//! What a service's Puma makes before it serves, and cannot boot without.

use super::pidfiles;
use super::view::{Evaluation, Scene};
use crate::deployment::Service;
use crate::model::{Location, Text, Value};
use crate::puma::evaluate::Call;
use crate::puma::options;

/// A file or socket of which the path is surely known.
pub(super) struct Written {
    pub place: Location,
    /// Where it is: absolute, if its directory is known.
    pub path: String,
    /// What of the C library and of Ruby complains where it cannot be made.
    pub by: &'static str,
}

/// Pidfile, state file, sockets and logs, each place once.
pub(super) fn written(scene: &Scene<'_>, service: &Service) -> Vec<Written> {
    let mut found: Vec<Written> = Vec::new();
    let mut add = |place: Location, paths: Vec<Text>, by: &'static str| {
        if let [path] = paths.as_slice()
            && let Some(path) = path.as_known()
            && !found.iter().any(|known| known.place == place)
        {
            found.push(Written { place, path: path.to_owned(), by });
        }
    };
    for evaluation in scene.evaluations_of(service) {
        if let Some((place, paths)) = pidfiles::pidfile(scene, evaluation) {
            add(place, paths, "@ rb_sysopen - ");
        }
        let at = |span| Location { file: evaluation.config, span };
        if let Some((span, paths)) = pidfiles::configured(evaluation, "state_path") {
            add(at(span), paths, "@ rb_sysopen - ");
        }
        // A socket that systemd makes is there before.
        let activated =
            scene.deployment.services.iter().any(|s| !s.unit.all("Socket", "ListenStream").is_empty());
        for call in evaluation.trace.calls.iter().filter(|call| call.condition.is_always()) {
            let socket = call.name == "bind" && !activated || call.name == "activate_control_app";
            for argument in call.arguments.iter().take(2) {
                match (call.name.as_str(), socket_path(&argument.value)) {
                    (_, Some(path)) if socket => add(at(argument.span), vec![path], "- connect(2) for "),
                    ("stdout_redirect", _) => {
                        add(
                            at(argument.span),
                            log_path(evaluation, call, &argument.value),
                            "@ rb_io_reopen - ",
                        );
                    }
                    _ => {}
                }
            }
        }
    }
    found
}

/// The path in `unix://…`.
fn socket_path(value: &Value) -> Option<Text> {
    let Value::Text(url) = value else { return None };
    let path = url.as_known()?.strip_prefix("unix://")?;
    Some(Text::known(path.split('?').next().unwrap_or_default()))
}

/// Where a log goes that the config redirects. Of several redirections, the last counts.
fn log_path(evaluation: &Evaluation<'_>, call: &Call, value: &Value) -> Vec<Text> {
    let mut later = evaluation.trace.calls.iter().filter(|other| other.name == call.name);
    if later.next_back().is_some_and(|last| last.span != call.span) {
        return Vec::new();
    }
    options::resolve(&evaluation.trace, &evaluation.launch.directory, value).into_iter().flatten().collect()
}
