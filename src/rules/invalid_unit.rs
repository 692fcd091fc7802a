//! What systemd itself says of a unit file: lines that it ignores, units that it refuses.

use super::edits::{line_end, move_comment};
use super::percent;
use super::view::Scene;
use super::{Check, Rule, placeholder};
use crate::deployment::{Service, is_drop_in};
use crate::model::{
    Applicability, Diagnostic, Edit, FileId, Fix, Location, Quote, Severity, Span, Speaker, apply,
};
use crate::systemd::{self, Entry, Problem, Unit, UnitKind};

pub(super) const RULE: Rule = Rule {
    name: "invalid-unit",
    summary: "a unit file that systemd refuses, or lines of it that it ignores",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/invalid-unit.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = Vec::new();
    for (file, unit) in scene.unit_files() {
        let context = scene.files.context(file);
        let problems = systemd::diagnose(unit, &context);
        // One section that is missing is one mistake.
        let homeless = problems.iter().filter(|problem| is_homeless(problem)).count();
        let mut said = false;
        for problem in &problems {
            if is_homeless(problem) && std::mem::replace(&mut said, true) {
                continue;
            }
            let Some(mut diagnostic) = of_problem(scene, file, unit, problem) else { continue };
            if is_homeless(problem) && homeless > 1 {
                let more = homeless - 1;
                diagnostic.message =
                    format!("systemd ignores this line and {more} more: they stand in no section");
            }
            found.push(diagnostic);
        }
    }
    // A unit that cannot be read is not judged as a whole.
    let broken =
        |file: &FileId| found.iter().any(|d| d.location.file == *file && d.severity == Severity::Error);
    let mut refused = Vec::new();
    for service in &scene.deployment.services {
        let masked = scene.files.unit(service.file).is_some_and(|unit| unit.masked);
        // What a template adds may be just what is missing.
        let adds_lines =
            |file: &FileId| scene.files.template(*file).is_some_and(|template| template.adds_lines);
        if masked || service.files.iter().any(|file| broken(file) || adds_lines(file)) {
            continue;
        }
        let Some(refusal) = systemd::refusal(&service.unit, &service.context) else { continue };
        // A socket or a drop-in's unit may have more files than are here.
        let Some(entry) = refusal.entry.and_then(|index| service.unit.entries.get(index)) else {
            // Of the two findings at one place, the graver stays.
            refused.extend(ignored_start(scene, service.file, &found).map(|ignored| Diagnostic {
                severity: Severity::Error,
                message: format!("systemd refuses {}: it does not read this ExecStart=", service.name()),
                quote: Some(Quote { speaker: Speaker::Systemd, words: refusal.words.to_owned() }),
                ..ignored.clone()
            }));
            continue;
        };
        let mut diagnostic = Diagnostic::new(
            RULE.name,
            Severity::Error,
            service.assignment(entry),
            format!("systemd refuses {}: it cannot be started", service.name()),
        )
        .label(if entry.key == "ExecStart" {
            "the second command"
        } else {
            "these settings do not go together"
        })
        .quote(Speaker::Systemd, refusal.words);
        if entry.key == "ExecStart" {
            if let Some(first) = service.all("ExecStart").first().filter(|first| first.lines != entry.lines) {
                diagnostic = diagnostic.also(service.assignment(first), "the first");
            }
            diagnostic = diagnostic.help(if entry.file > 0 {
                "write an empty `ExecStart=` line before this one: it takes the unit's own command away"
            } else {
                "leave one ExecStart=; what has to run before belongs into ExecStartPre="
            });
            if let Some(fix) = reset(scene, service, entry) {
                diagnostic = diagnostic.fix(fix);
            }
        } else {
            diagnostic = diagnostic.help("take this line away, or the Type= that forbids it");
        }
        refused.push(diagnostic);
    }
    found.extend(refused);
    found
}

/// What was said of the line that was to start the service.
fn ignored_start<'a>(scene: &Scene<'_>, file: FileId, found: &'a [Diagnostic]) -> Option<&'a Diagnostic> {
    let unit = scene.files.unit(file)?;
    let meant = |entry: &&Entry| {
        let key = entry.key.to_ascii_lowercase();
        strsim::damerau_levenshtein(&key, "execstart") <= 1
    };
    let lines = unit.entries.iter().find(meant)?.lines;
    found.iter().find(|d| d.location.file == file && lines.contains(d.location.span))
}

fn of_problem(scene: &Scene<'_>, file: FileId, unit: &Unit, problem: &Problem) -> Option<Diagnostic> {
    let entry = unit.entries.iter().find(|entry| entry.lines.contains(problem.span));
    // What a placeholder stands for may be right.
    if problem.kept || placeholder::marked(&scene.files.source(file).text(problem.span)).is_some() {
        return None;
    }
    if let Some(entry) = entry {
        let newer = systemd::newer_key(&entry.key).is_some() && problem.words.starts_with("Unknown key")
            || systemd::newer_value(&entry.key, entry.value.text());
        if newer {
            return None;
        }
    }
    let span = if problem.span.is_empty() { line_at(scene, file, problem.span) } else { problem.span };
    let drop_in = is_drop_in(scene.files, file);
    let (severity, message) = match (problem.fatal, drop_in) {
        (true, false) => {
            (Severity::Error, "systemd does not load this unit: it cannot be started".to_owned())
        }
        (true, true) => (
            Severity::Error,
            "systemd reads no further in this drop-in: what follows has no effect".to_owned(),
        ),
        (false, _) => (Severity::Warning, ignored(entry, problem)),
    };
    let (label, help) = advice(unit.kind, entry, problem);
    let diagnostic = Diagnostic::new(RULE.name, severity, Location { file, span }, message)
        .label(label)
        .quote(Speaker::Systemd, problem.words.clone())
        .help(help);
    Some(match entry.and_then(|entry| fix(scene, file, unit, entry, problem)) {
        Some(fix) => diagnostic.fix(fix),
        None => diagnostic,
    })
}

/// What mends a line, if systemd then has nothing more to say of the file than before, and less of this line.
fn fix(scene: &Scene<'_>, file: FileId, unit: &Unit, entry: &Entry, problem: &Problem) -> Option<Fix> {
    let fix = match comment_at(entry) {
        Some(gap) => move_comment(scene, file, entry, gap)?,
        None if problem.words.contains("output specifier") => append_to(scene, file, entry)?,
        None if problem.words.contains("Invalid slot") => double_percents(scene, file, entry)?,
        None => return None,
    };
    let context = scene.files.context(file);
    let text = apply(scene.files.bytes(file), fix.edits.iter().collect());
    let after = systemd::diagnose(&systemd::parse_as(unit.kind, &text), &context);
    let before = systemd::diagnose(unit, &context);
    let said = |words: &str, all: &[Problem]| all.iter().filter(|other| other.words == words).count();
    let less = problem.fatal || after.len() < before.len();
    (less && said(&problem.words, &after) < said(&problem.words, &before)).then_some(fix)
}

/// The gap between a plain value and the comment behind it.
fn comment_at(entry: &Entry) -> Option<std::ops::Range<usize>> {
    let text = entry.value.text();
    let at = [" #", "\t#", " ;", "\t;"].into_iter().filter_map(|mark| text.find(mark)).min()?;
    let value = text[..at].trim_end();
    // In a command a semicolon separates, and a `#` may stand in what a shell reads.
    let plain = !entry.key.starts_with("Exec") && !text.contains(['"', '\'']);
    (plain && !value.is_empty()).then(|| value.len()..at + 1)
}

/// Appends to the file that was named without saying how. The file's folder has to be there, or the start fails: so
/// somebody has to decide.
fn append_to(scene: &Scene<'_>, file: FileId, entry: &Entry) -> Option<Fix> {
    let span = entry.value.span();
    let plain = entry.value.text().starts_with('/')
        && scene.files.source(file).bytes().get(span.range())? == entry.value.text().as_bytes();
    plain.then(|| Fix {
        title: format!("append to {}", entry.value.text()),
        applicability: Applicability::Unsafe,
        edits: vec![Edit { file, span: Span::at(span.start), replacement: "append:".into() }],
    })
}

/// Doubles the percent signs of a command or a variable that are no specifiers of systemd.
fn double_percents(scene: &Scene<'_>, file: FileId, entry: &Entry) -> Option<Fix> {
    let literal = entry.key.starts_with("Exec") || entry.key == "Environment";
    let signs = percent::meant_literally(entry.value.text(), &scene.files.context(file))?;
    let edits = percent::doubled(scene.files.bytes(file), file, entry, &signs)?;
    literal.then(|| Fix {
        title: "double the percent sign".into(),
        applicability: Applicability::Safe,
        edits,
    })
}

/// Empties the list of commands before the one of a drop-in, so that it stands alone.
fn reset(scene: &Scene<'_>, service: &Service, entry: &Entry) -> Option<Fix> {
    let starts = service.all("ExecStart");
    let own = starts.iter().filter(|other| other.file == entry.file).count();
    let file = service.value(entry).file;
    (entry.file > 0 && own == 1 && starts.last().is_some_and(|last| last.file == entry.file)).then(|| Fix {
        title: "write an empty ExecStart= before it".into(),
        applicability: Applicability::Safe,
        edits: vec![Edit {
            file,
            span: Span::at(entry.lines.start),
            replacement: format!(
                "ExecStart={}",
                line_end(scene.files.source(file).bytes(), entry.lines.start)
            ),
        }],
    })
}

/// Whether a line stands in no section.
fn is_homeless(problem: &Problem) -> bool {
    problem.words.starts_with("Assignment outside")
}

fn ignored(entry: Option<&Entry>, problem: &Problem) -> String {
    match entry {
        Some(entry) if problem.words.starts_with("Unknown key") => {
            format!("systemd does not know `{}` in [{}], and ignores it", entry.key, entry.section)
        }
        _ if is_homeless(problem) => "systemd ignores this line: it stands in no section".to_owned(),
        Some(entry) if problem.span.contains(entry.value.span()) => {
            format!("systemd ignores this {}=: it takes no such value", entry.key)
        }
        Some(entry) => format!("systemd ignores a part of {}=", entry.key),
        None if problem.words.starts_with("Unknown section") => {
            "systemd ignores this section, and everything in it".to_owned()
        }
        None => "systemd ignores this line".to_owned(),
    }
}

/// What to say at the place, and what to do.
fn advice(kind: UnitKind, entry: Option<&Entry>, problem: &Problem) -> (&'static str, String) {
    let words = problem.words.as_str();
    let value = entry.map(|entry| entry.value.text()).unwrap_or_default();
    if let Some(entry) = entry.filter(|_| words.starts_with("Unknown key")) {
        return match meant(kind, &entry.section, &entry.key) {
            Some(help) => ("ignored", help),
            None => ("ignored", "correct the key, or remove the line".to_owned()),
        };
    }
    if value.contains(" #") || value.contains(" ;") && !words.contains("executable") {
        return ("the comment is part of the value", "put the comment on a line of its own".to_owned());
    }
    if words.contains("Neither a valid executable name nor an absolute path") {
        return (
            "not an absolute path",
            "write the whole path of the program; systemd knows no working directory, `~` or $HOME here"
                .to_owned(),
        );
    }
    if words.contains("Invalid slot") {
        return ("no specifier of systemd", "write `%%` for a percent sign".to_owned());
    }
    if words.contains("path is not absolute") || words.contains("not absolute") {
        return (
            "not an absolute path",
            "write the whole path: `~`, `$X` and quotes mean nothing here".to_owned(),
        );
    }
    if words.contains("not normalized") {
        return ("`..` is not allowed here", "write the path without `..`".to_owned());
    }
    if words.starts_with("Missing '='") {
        let help =
            "a command goes on in the next line only if its line ends in a backslash, with nothing behind it";
        return ("neither a key nor a comment", help.to_owned());
    }
    if words.contains("output specifier") {
        return (
            "ignored: the output goes to the journal",
            format!("write `append:{value}` to append to a file"),
        );
    }
    if words.starts_with("Unknown section") {
        return (
            "ignored",
            "sections are called [Unit], [Service], [Socket] and [Install], in this case".to_owned(),
        );
    }
    if is_homeless(problem) {
        return (
            "no section stands above it",
            "put a section header above it: [Unit] or [Service]".to_owned(),
        );
    }
    if words.contains("nbalanced quoting") {
        return ("a quote stays open", "close the quote".to_owned());
    }
    if problem.fatal {
        return ("refused", "correct this line; `systemd-analyze verify` says the same".to_owned());
    }
    ("ignored", "correct this line; `systemd-analyze verify` says the same".to_owned())
}

/// Keys that units of Puma have, to guess which was meant.
const KEYS: &[&str] = &[
    "After",
    "Wants",
    "Requires",
    "BindsTo",
    "PartOf",
    "Before",
    "Description",
    "Documentation",
    "StartLimitIntervalSec",
    "StartLimitBurst",
    "OnFailure",
    "Type",
    "User",
    "Group",
    "WorkingDirectory",
    "RuntimeDirectory",
    "Environment",
    "EnvironmentFile",
    "PassEnvironment",
    "ExecStart",
    "ExecStartPre",
    "ExecStartPost",
    "ExecReload",
    "ExecStop",
    "ExecStopPost",
    "Restart",
    "RestartSec",
    "PIDFile",
    "KillMode",
    "KillSignal",
    "TimeoutSec",
    "TimeoutStartSec",
    "TimeoutStopSec",
    "WatchdogSec",
    "NotifyAccess",
    "RemainAfterExit",
    "StandardOutput",
    "StandardError",
    "SyslogIdentifier",
    "PrivateTmp",
    "UMask",
    "LimitNOFILE",
    "ListenStream",
    "Accept",
    "Service",
    "NoDelay",
    "Backlog",
    "ReusePort",
    "WantedBy",
    "RequiredBy",
    "Alias",
    "Also",
    "Sockets",
    "MemoryMax",
    "ProtectSystem",
    "ReadWritePaths",
    "NoNewPrivileges",
];

/// What an unknown key was meant to be.
fn meant(kind: UnitKind, section: &str, key: &str) -> Option<String> {
    if let Some(other) =
        ["Unit", "Service", "Socket", "Install"].into_iter().find(|s| systemd::takes(kind, s, key).is_some())
    {
        return Some(format!("move the line to [{other}]"));
    }
    let alike = |known: &&&str| {
        let same = known.eq_ignore_ascii_case(key);
        same || strsim::damerau_levenshtein(known, key) <= 1 + key.len() / 8
    };
    let known = KEYS.iter().filter(alike).find(|known| systemd::takes(kind, section, known).is_some());
    known.map(|known| format!("write `{known}=`; case matters"))
}

/// The line around a place that covers nothing.
fn line_at(scene: &Scene<'_>, file: FileId, span: Span) -> Span {
    let bytes = scene.files.source(file).bytes();
    let at = span.start.min(bytes.len());
    let start = bytes[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |before| before + 1);
    let end = bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |length| at + length);
    Span::new(start, end)
}
