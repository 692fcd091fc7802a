//! The Puma config that releases of the gem write on the server, as a run of it would see it.

use super::{Origin, Stage};
use crate::model::{Clause, Condition, Fact, FileId, Value};
use crate::puma::evaluate::{Argument, Block, Call, Trace};

/// A directive of that config, and where its arguments come from.
struct Line {
    directive: &'static str,
    settings: &'static [&'static str],
    when: When,
}

/// When the config has the line.
enum When {
    /// Where its settings are set.
    Always,
    /// Where another setting is true: it decides.
    True(&'static str),
    /// Where another setting is not true.
    NotTrue(&'static str),
}

const fn line(directive: &'static str, settings: &'static [&'static str]) -> Line {
    Line { directive, settings, when: When::Always }
}

/// The lines, in the order of the config.
const LINES: &[Line] = &[
    line("directory", &["current_path"]),
    line("rackup", &["puma_rackup"]),
    line("environment", &["puma_env"]),
    line("tag", &["puma_tag"]),
    line("pidfile", &["puma_pid"]),
    line("state_path", &["puma_state"]),
    line("stdout_redirect", &["puma_access_log", "puma_error_log"]),
    line("threads", &["puma_threads"]),
    line("bind", &["puma_bind"]),
    Line {
        directive: "activate_control_app",
        settings: &["puma_default_control_app"],
        when: When::True("puma_control_app"),
    },
    line("workers", &["puma_workers"]),
    line("worker_timeout", &["puma_worker_timeout"]),
    Line { directive: "daemonize", settings: &[], when: When::True("puma_daemonize") },
    Line { directive: "preload_app!", settings: &[], when: When::True("puma_preload_app") },
    Line { directive: "prune_bundler", settings: &[], when: When::NotTrue("puma_preload_app") },
];

/// Every setting that the config is made of.
pub(super) const SETTINGS: &[&str] = &[
    "puma_access_log",
    "puma_bind",
    "puma_control_app",
    "puma_daemonize",
    "puma_default_control_app",
    "puma_error_log",
    "puma_pid",
    "puma_preload_app",
    "puma_rackup",
    "puma_state",
    "puma_tag",
    "puma_threads",
    "puma_worker_timeout",
    "puma_workers",
];

/// What some settings are where nobody sets them.
fn default(setting: &str) -> Option<Value> {
    match setting {
        "puma_threads" => Some(Value::Array(vec![Value::Int(0), Value::Int(16)])),
        "puma_workers" => Some(Value::Int(0)),
        "puma_tag" => Some(Value::text("")),
        _ => None,
    }
}

impl Stage {
    /// What the config that the gem writes does, by the file that says so; its defaults are the installed plugin's.
    pub fn written_config(&self) -> Vec<(FileId, Trace)> {
        let Some(plugin) = self.plugins.first() else { return Vec::new() };
        let own = Origin { place: plugin.place, node: plugin.node };
        let mut traces: Vec<(FileId, Trace)> = Vec::new();
        for line in LINES {
            let Some((when, decider)) = self.when(&line.when) else { continue };
            let mut origin = decider.unwrap_or(own);
            let mut values = Vec::new();
            for name in line.settings {
                match self.setting(name) {
                    Some(setting) => {
                        origin = setting.origin.unwrap_or(origin);
                        values.push(setting.value.clone());
                    }
                    None => values.extend(default(name)),
                }
            }
            if values.len() < line.settings.len() {
                continue;
            }
            for arguments in spread(line.directive, values) {
                let file = origin.place.file;
                let call = call(line.directive, origin, &when, arguments);
                match traces.iter_mut().find(|(known, _)| *known == file) {
                    Some((_, trace)) => trace.calls.push(call),
                    None => traces.push((file, Trace { calls: vec![call], ..Trace::default() })),
                }
            }
        }
        traces
    }

    /// When a line is there, and what decides that; `None` if it isn't.
    fn when(&self, when: &When) -> Option<(Condition, Option<Origin>)> {
        let (name, wanted) = match when {
            When::Always => return Some((Condition::always(), None)),
            When::True(name) => (name, true),
            When::NotTrue(name) => (name, false),
        };
        let setting = self.setting(name);
        let origin = setting.and_then(|setting| setting.origin);
        match setting.map_or(Some(false), |setting| setting.value.truthy()) {
            Some(truth) => (truth == wanted).then(|| (Condition::always(), origin)),
            None => {
                let fact = Fact::Opaque(format!("fetch(:{name})"));
                Some((Condition::when(Clause { fact, holds: wanted }), origin))
            }
        }
    }
}

/// The arguments of each call that a line comes to: one for every address, plugin and so on.
fn spread(directive: &str, values: Vec<Value>) -> Vec<Vec<Value>> {
    match (directive, values.as_slice()) {
        ("bind", [Value::Array(all)]) => all.iter().map(|one| vec![one.clone()]).collect(),
        ("threads", [Value::Array(counts)]) => vec![counts.clone()],
        ("stdout_redirect", _) => vec![values.into_iter().chain([Value::Bool(true)]).collect()],
        _ => vec![values],
    }
}

fn call(directive: &str, origin: Origin, when: &Condition, values: Vec<Value>) -> Call {
    let span = origin.place.span;
    let argument = |value| Argument { value, span, keywords: false };
    Call {
        node: origin.node,
        name: directive.to_owned(),
        name_span: span,
        span,
        bare: false,
        arguments: values.into_iter().map(argument).collect(),
        splat: false,
        block: Block::None,
        condition: when.clone(),
        rescued: Vec::new(),
        in_rescue: false,
    }
}
