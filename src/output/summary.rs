//! The last lines: what was checked, for which Puma, and what came of it.

use std::io;

use super::{DeploymentSummary, Report, Style, columns, escape};
use crate::model::FileId;

/// More files than this are counted rather than named.
const NAMED: usize = 12;

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

fn names(report: &Report, files: &[FileId]) -> String {
    let named = if files.len() > NAMED + 1 { NAMED } else { files.len() };
    let mut names: Vec<_> = files[..named].iter().map(|file| report.path(*file)).collect();
    if named < files.len() {
        names.push(format!("and {} more", files.len() - named).into());
    }
    names.join(", ")
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
