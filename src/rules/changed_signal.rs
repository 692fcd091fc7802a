//! A signal that comes to something else after an upgrade.

use super::view::CommandView;
use super::{Check, Rule};
use crate::catalog::{self, pumactl};
use crate::deployment::Service;
use crate::model::{Diagnostic, Severity, Span};
use crate::puma::command_line::{Program, signal};

pub(super) const RULE: Rule = Rule {
    name: "changed-signal",
    summary: "a signal that does something else after the upgrade",
    severity: Severity::Info,
    page: include_str!("../../fixtures/rules/changed-signal.md"),
    check: Check::Command(check),
};

fn check(view: &CommandView<'_>) -> Vec<Diagnostic> {
    let Some(from) = &view.scene.deployment.from else { return Vec::new() };
    let (before, after) = (from.release, view.release());
    if before >= after {
        return Vec::new();
    }
    let to = view.scene.deployment.target.name();
    let from = from.name();
    let said = |span: Span, message: String| {
        Diagnostic::new(RULE.name, RULE.severity, view.at(span), message)
            .label("sent here")
            .help("nothing to do if that is what you want; else send another one.")
    };
    let invocation = &view.command.invocation;
    match invocation.program {
        Program::Kill => {
            let launched = view.command.service.is_some_and(Service::runs_puma);
            let Some((name, span)) = signal(invocation).filter(|_| launched) else { return Vec::new() };
            let Some(known) = catalog::signal(&name) else { return Vec::new() };
            let does = |release| known.at(release).map(|meaning| meaning.what);
            match (does(before), does(after)) {
                (was, now) if was == now => Vec::new(),
                (Some(was), Some(now)) => {
                    vec![said(span, format!("with Puma {to}, SIG{name} {now}; with Puma {from} it {was}"))]
                }
                (None, Some(now)) => {
                    vec![said(span, format!("with Puma {to}, SIG{name} {now}; Puma {from} did not trap it"))]
                }
                (_, None) => vec![said(span, format!("Puma {to} does not trap SIG{name}; Puma {from} did"))],
            }
        }
        Program::Pumactl => {
            let sent = invocation.arguments.iter().filter_map(|word| {
                let command = pumactl::command(word.text())?;
                let (was, now) = (command.signal_at(before)?, command.signal_at(after)?);
                (was != now && !was.is_empty() && !now.is_empty()).then(|| {
                    let name = command.name;
                    said(
                        word.span(),
                        format!("`pumactl {name}` of Puma {to} sends {now}; that of Puma {from} sent {was}"),
                    )
                })
            });
            sent.collect()
        }
        _ => Vec::new(),
    }
}
