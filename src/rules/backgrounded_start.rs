//! A start command that leaves Puma behind in the background.

use super::view::Scene;
use super::{Check, Rule};
use crate::model::{Diagnostic, Severity, Word};
use crate::puma::command_line::{Invocation, Program};
use crate::puma::rails_server::RailsServer;

pub(super) const RULE: Rule = Rule {
    name: "backgrounded-start",
    summary: "a unit whose start command sends Puma to the background",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/backgrounded-start.md"),
    check: Check::Deployment(check),
};

/// The flag by which `rails server` goes to the background.
fn by_rails(run: &Invocation) -> Option<Word> {
    let rails = run.program == Program::RailsServer;
    rails.then(|| RailsServer::parse(&run.arguments).daemon)?
}

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for service in scene.pumas() {
        let kind = service.kind();
        let kept = kind == "oneshot" && service.is_on("RemainAfterExit");
        if kind == "forking" || kept {
            continue;
        }
        for (entry, run) in service.pumas() {
            if !run.background {
                continue;
            }
            found.push(match by_rails(&run) {
                Some(flag) => Diagnostic::new(
                    RULE.name,
                    RULE.severity,
                    service.at(entry, flag.span()),
                    "systemd stops this Puma as soon as it is started: the process that it watches exits at once",
                )
                .label("Rails goes to the background before it starts Puma")
                .help(format!("take `{}` away, and make it {}", flag.text(), super::view::best_type(scene))),
                None => Diagnostic::new(
                    RULE.name,
                    RULE.severity,
                    service.at(entry, run.name.span()),
                    "systemd stops this Puma as soon as it is started: the shell before it exits at once",
                )
                .label("sent to the background")
                .help(format!(
                    "take the `&` away (and nohup, which nothing needs here), and make it {}",
                    super::view::best_type(scene)
                )),
            });
        }
    }
    found
}
