//! The last lines: what was checked, for which Puma, and what came of it.

use std::collections::BTreeMap;
use std::io;

use super::{DeploymentSummary, Report, Style, columns, escape};
use crate::model::{FileId, FileKind};

/// More files than this are counted rather than named.
const NAMED: usize = 12;

/// What one file of a kind is called, and what several are.
const KINDS: &[(FileKind, &str, &str)] = &[
    (FileKind::Puma, "Puma config", "Puma configs"),
    (FileKind::Systemd, "unit", "units"),
    (FileKind::Monit, "Monit file", "Monit files"),
    (FileKind::Procfile, "Procfile", "Procfiles"),
    (FileKind::Dockerfile, "Dockerfile", "Dockerfiles"),
    (FileKind::Compose, "compose file", "compose files"),
    (FileKind::Capistrano, "deploy file", "deploy files"),
    (FileKind::Script, "script", "scripts"),
    (FileKind::Lock, "lock", "locks"),
    (FileKind::Environment, "environment file", "environment files"),
    (FileKind::Ruby, "Ruby file", "Ruby files"),
];

/// Writes the summary.
pub fn write(report: &Report, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    for note in report.notes {
        write_folded(&format!("note: {}", escape::block(note)), style, out)?;
    }
    let mut groups: Vec<(String, Vec<FileId>)> = Vec::new();
    for file in report.checked {
        let mut targets: Vec<String> = report
            .deployments
            .iter()
            .filter(|deployment| deployment.files.contains(file))
            .map(|deployment| target(deployment, style))
            .collect();
        targets.dedup();
        if targets.is_empty() {
            // With one deployment there is no doubt what a lone file was checked for.
            targets.push(match report.deployments {
                [only] => target(only, style),
                _ => String::new(),
            });
        }
        for target in targets {
            match groups.iter_mut().find(|(name, _)| *name == target) {
                Some((_, files)) if files.last() == Some(file) => {}
                Some((_, files)) => files.push(*file),
                None => groups.push((target, vec![*file])),
            }
        }
    }
    let result = result(report);
    let clean = report.findings.is_empty();
    if groups.is_empty() {
        return writeln!(out, "0 files checked: {result}");
    }
    let single = groups.len() == 1;
    for (target, files) in &groups {
        let count = if files.len() == 1 { "1 file".to_owned() } else { format!("{} files", files.len()) };
        let mut line = format!("{count} checked{target}: {}", names(report, files));
        if clean && single {
            line.push_str(": ");
            line.push_str(&result);
        }
        write_folded(&line, style, out)?;
    }
    if !(clean && single) {
        write_folded(&result, style, out)?;
    }
    Ok(())
}

fn target(deployment: &DeploymentSummary, style: &Style) -> String {
    let arrow = if style.unicode { "→" } else { "->" };
    let from = match &deployment.from {
        Some(from) if *from != deployment.target => format!("{from} {arrow} "),
        _ => String::new(),
    };
    let text = format!(" for Puma {from}{} ({})", deployment.target, deployment.target_source);
    escape::inline(&text).into_owned()
}

/// The files by name, or by kind if they are many.
fn names(report: &Report, files: &[FileId]) -> String {
    if files.len() <= NAMED {
        return files.iter().map(|file| report.path(*file)).collect::<Vec<_>>().join(", ");
    }
    let mut counts: BTreeMap<FileKind, usize> = BTreeMap::new();
    for source in files.iter().filter_map(|file| report.source(*file)) {
        *counts.entry(source.kind()).or_default() += 1;
    }
    let counted = counts.into_iter().map(|(kind, count)| {
        let known = KINDS.iter().find(|(known, _, _)| *known == kind);
        match known {
            Some((_, one, _)) if count == 1 => format!("1 {one}"),
            Some((_, _, many)) => format!("{count} {many}"),
            None => format!("{count} of kind {kind}"),
        }
    });
    counted.collect::<Vec<_>>().join(", ")
}

/// `2 errors, 1 warning; 3 can be fixed: puma-lint fix`.
fn result(report: &Report) -> String {
    let counts = report.counts();
    let mut parts = Vec::new();
    for (count, one, many) in [
        (counts.error, "error", "errors"),
        (counts.warning, "warning", "warnings"),
        (counts.info, "info", "infos"),
        (report.suppressed, "ignored by a comment", "ignored by comments"),
    ] {
        match count {
            0 => {}
            1 => parts.push(format!("1 {one}")),
            count => parts.push(format!("{count} {many}")),
        }
    }
    if report.findings.is_empty() {
        parts.insert(0, "no findings".to_owned());
    }
    let mut result = parts.join(", ");
    match (counts.fixable, counts.fixable_unsafe) {
        (0, 0) => {}
        (safe, 0) => result.push_str(&format!("; {safe} can be fixed: puma-lint fix")),
        (0, more) => result.push_str(&format!("; {more} can be fixed: puma-lint fix --unsafe")),
        (safe, more) => {
            result.push_str(&format!("; {safe} can be fixed: puma-lint fix ({more} more with --unsafe)"));
        }
    }
    result
}

fn write_folded(text: &str, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    for (index, line) in columns::fold(text, 0, 2, style.columns()).iter().enumerate() {
        writeln!(out, "{}{line}", if index == 0 { "" } else { "  " })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::model::{Applicability, Diagnostic, Fix, Severity};

    fn show(world: &World) -> String {
        text(|out| write(&world.report(), &Style::default(), out))
    }

    #[test]
    fn nothing_found() {
        let mut world = World::new();
        world.file("config/puma.rb", FileKind::Puma, "");
        assert_eq!(
            show(&world),
            "1 file checked for Puma 8.0.2 (Gemfile.lock): config/puma.rb: no findings\n"
        );
        world.suppressed = 2;
        world.deployments[0].from = Some("4.3.12".into());
        world.notes.push("9.0.0 is newer than what is known".into());
        assert_eq!(
            show(&world),
            "note: 9.0.0 is newer than what is known
1 file checked for Puma 4.3.12 → 8.0.2 (Gemfile.lock): config/puma.rb: no
  findings, 2 ignored by comments
"
        );
        world.checked.clear();
        world.notes.clear();
        assert_eq!(show(&world), "0 files checked: no findings, 2 ignored by comments\n");
    }

    #[test]
    fn deployments_that_differ_have_a_line_each() {
        let mut world = World::new();
        let shared = world.file("a/puma.rb", FileKind::Puma, "");
        let own = world.file("b/puma.rb", FileKind::Puma, "");
        let mut other = world.deployments[0].clone();
        other.target = "7.2.0".into();
        other.files = vec![shared, own];
        world.deployments[0].files = vec![shared];
        world.deployments.push(other);
        assert_eq!(
            show(&world),
            "1 file checked for Puma 8.0.2 (Gemfile.lock): a/puma.rb
2 files checked for Puma 7.2.0 (Gemfile.lock): a/puma.rb, b/puma.rb
no findings
"
        );
    }

    #[test]
    fn many_files_are_counted_by_kind() {
        let mut world = World::new();
        for index in 0..12 {
            world.file(&format!("{index}\x1b.rb"), FileKind::Puma, "");
        }
        let shown = show(&world);
        assert!(shown.starts_with("12 files checked for Puma 8.0.2 (Gemfile.lock): 0\\x1b.rb, "), "{shown}");
        world.file("a.service", FileKind::Systemd, "");
        world.file("monitrc", FileKind::Monit, "");
        world.file("x.monitrc", FileKind::Monit, "");
        assert_eq!(
            show(&world),
            "15 files checked for Puma 8.0.2 (Gemfile.lock): 12 Puma configs, 1 unit, 2 Monit\n  files: no findings\n"
        );
    }

    #[test]
    fn unsafe_is_named_only_where_it_takes_that() {
        let mut world = World::new();
        let file = world.file("a", FileKind::Puma, "x");
        let at = world.at(file, "x");
        let fix = |applicability| Fix { title: "t".into(), applicability, edits: Vec::new() };
        let made = Diagnostic::new("r", Severity::Warning, at, "m");
        world.find(made.clone().fix(fix(Applicability::DisplayOnly)));
        assert!(show(&world).ends_with("\n1 warning\n"));
        world.find(made.clone().fix(fix(Applicability::Unsafe)));
        assert!(show(&world).ends_with("\n2 warnings; 1 can be fixed: puma-lint fix --unsafe\n"));
        world.find(made.fix(fix(Applicability::Unsafe)).fix(fix(Applicability::Safe)));
        assert!(
            show(&world).ends_with("\n3 warnings; 1 can be fixed: puma-lint fix (1 more with --unsafe)\n")
        );
    }
}
