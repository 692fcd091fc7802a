//! A shell's language where no shell reads it.

use super::view::Scene;
use super::{Check, Rule};
use crate::deployment::Line;
use crate::model::{Diagnostic, FileId, Location, Severity, Speaker, Word};
use crate::puma::Starter;
use crate::puma::command_line::{Program, invocations};

pub(super) const RULE: Rule = Rule {
    name: "shell-syntax",
    summary: "&&, cd, >, & or $(…) where no shell reads the command",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/shell-syntax.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for service in scene.deployment.services.iter().filter(|service| concerns_puma(service)) {
        for key in ["ExecStart", "ExecStartPre", "ExecReload", "ExecStop"] {
            for (entry, command) in service.commands(key) {
                let file = service.value(entry).file;
                let fails = match key {
                    "ExecStart" | "ExecStartPre" => "Puma is not started",
                    "ExecReload" => "the reload fails",
                    _ => "the stop command fails",
                };
                let severity = if key == "ExecStart" { Severity::Error } else { Severity::Warning };
                let quote = |word: &Word| {
                    let program = command.argv.first()?.text();
                    (word.text() == program && program == "cd").then(|| {
                        (
                            Speaker::Systemd,
                            "Failed to locate executable cd: No such file or directory".to_owned(),
                        )
                    })
                };
                found.extend(of_words(
                    file,
                    &command.argv,
                    ("systemd", fails, severity),
                    quote,
                    instead(key),
                ));
            }
        }
    }
    for (file, check) in
        scene.process_checks().filter(|(file, check)| scene.deployment.monitors(*file, check.span))
    {
        let programs = [(&check.start, "start"), (&check.stop, "stop"), (&check.restart, "restart")];
        for (program, verb) in programs {
            let Some(program) = program else { continue };
            if program.words.len() != program.quoted_words {
                // Quotes have torn the command apart: another rule's matter.
                continue;
            }
            let fails = format!("the {verb} program fails");
            let quote = |word: &Word| {
                (word.text() == "cd")
                    .then(|| (Speaker::Monit, "Program cd failed: File 'cd' does not exist".to_owned()))
            };
            let help = "hand the line to a shell: \"/bin/sh -c '…'\"";
            found.extend(of_words(file, &program.words, ("Monit", &fails, Severity::Error), quote, help));
        }
    }
    for line in &scene.deployment.lines {
        let (reader, help) = match line.starter {
            Starter::Docker => {
                ("Docker", "write the command without brackets and quotes: then /bin/sh reads it")
            }
            Starter::Compose => ("compose", "hand the line to a shell: sh -c '…'"),
            _ => continue,
        };
        let reader = (reader, "Puma is not started", Severity::Error);
        match of_words(line.file, &line.argv, reader, |_| None, help) {
            Some(diagnostic) => found.push(diagnostic),
            // In a compose file a dollar is compose's own.
            None if line.starter == Starter::Docker => found.extend(unexpanded(line)),
            None => {}
        }
    }
    found
}

/// A variable that nobody puts in.
fn unexpanded(line: &Line) -> Option<Diagnostic> {
    let puma = line.runs.iter().find(|run| run.program == Program::Puma)?;
    let inside = |word: &&Word| line.argv.contains(word);
    let word = puma.arguments.iter().filter(inside).find(|word| word.text().contains('$'))?;
    let place = Location { file: line.file, span: word.span() };
    let message = format!("Docker runs no shell here: Puma gets `{}` as it is written", word.text());
    Some(
        Diagnostic::new(RULE.name, Severity::Warning, place, message)
            .label("no variable to Puma")
            .help("write the command without brackets and quotes: exec bundle exec puma …; or read it in the config: ENV"),
    )
}

/// Whether a service has to do with Puma, even if its command is torn.
fn concerns_puma(service: &crate::deployment::Service) -> bool {
    service.runs_puma() || service.all("ExecStart").iter().any(|entry| entry.value.text().contains("puma"))
}

fn instead(key: &str) -> &'static str {
    match key {
        "ExecStart" => {
            "say WorkingDirectory=, Environment= and StandardOutput= in the unit; or hand the line to a shell: /bin/bash -c '…'"
        }
        _ => "hand the line to a shell: /bin/sh -c '…'",
    }
}

fn of_words(
    file: FileId,
    argv: &[Word],
    (reader, fails, severity): (&str, &str, Severity),
    quote: impl Fn(&Word) -> Option<(Speaker, String)>,
    help: &str,
) -> Option<Diagnostic> {
    let (at, word) = argv.iter().enumerate().find(|(at, word)| is_syntax(*at, word.text()))?;
    // An operator inside what a shell was handed as one word is fine; this one stands alone.
    let shown = if word.text().len() > 20 { "this" } else { word.text() };
    let diagnostic = Diagnostic::new(
        RULE.name,
        severity,
        Location { file, span: word.span() },
        format!("{reader} runs no shell: `{shown}` is an ordinary word here, and {fails}"),
    )
    .label(if at == 0 { "no program of that name" } else { "an argument like any other" })
    .help(help);
    Some(match quote(word) {
        Some((speaker, words)) => diagnostic.quote(speaker, words),
        None => {
            let puma = invocations(argv).iter().any(|run| run.program == Program::Puma);
            if puma && severity == Severity::Error && reader == "systemd" {
                diagnostic.quote(Speaker::Puma, "ERROR: No application configured, nothing to run")
            } else {
                diagnostic
            }
        }
    })
}

/// Whether a word can only be meant for a shell.
fn is_syntax(at: usize, word: &str) -> bool {
    let operator =
        matches!(word, "&&" | "||" | "|" | "&" | ">" | ">>" | "<" | "2>&1" | "&>" | "&>>" | "2>" | "1>");
    let redirected = word
        .strip_prefix("2>")
        .or_else(|| word.strip_prefix('>'))
        .is_some_and(|rest| rest.trim_start_matches('>').starts_with(['/', '&']));
    operator
        || redirected
        || word.starts_with("$(")
        || word.starts_with('`')
        || (at == 0 && matches!(word, "cd" | "source" | "export" | "."))
        || (word.len() > 1 && word.ends_with(';') && !word.contains(' '))
}
