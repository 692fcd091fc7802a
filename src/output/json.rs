//! One object for scripts. Keys are only ever added within a `schema_version`.

use std::io;

use serde::Serialize;

use super::report::{Report, rule_url};
use super::{DeploymentSummary, Finding};
use crate::model;

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    tool: Tool,
    target_version: Option<&'a str>,
    from_version: Option<&'a str>,
    deployments: Vec<Deployment<'a>>,
    files: Vec<File<'a>>,
    diagnostics: Vec<Diagnostic<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notes: &'a [String],
    suppressed: usize,
    summary: Summary,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Deployment<'a> {
    id: &'a str,
    root: &'a str,
    target_version: &'a str,
    target_source: &'a str,
    from_version: Option<&'a str>,
    files: Vec<&'a str>,
}

#[derive(Serialize)]
struct File<'a> {
    path: &'a str,
    kind: &'static str,
}

#[derive(Serialize)]
struct Diagnostic<'a> {
    id: String,
    cause: Option<String>,
    deployment: Option<&'a str>,
    rule: &'static str,
    severity: &'static str,
    message: &'a str,
    help: Option<&'a str>,
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    quote: Option<&'a str>,
    location: Location<'a>,
    labels: Vec<Label<'a>>,
    fixes: Vec<Fix<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    launches: &'a [String],
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct Position {
    offset: usize,
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct Label<'a> {
    message: &'a str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Fix<'a> {
    title: &'a str,
    applicability: &'static str,
    edits: Vec<Edit<'a>>,
    /// Why there are no edits: one of them would show a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    withheld: Option<&'static str>,
}

#[derive(Serialize)]
struct Edit<'a> {
    path: &'a str,
    start: usize,
    end: usize,
    replacement: &'a str,
}

#[derive(Serialize)]
struct Summary {
    error: usize,
    warning: usize,
    info: usize,
    /// Findings with a safe fix: what a plain `puma-lint fix` would mend.
    fixable: usize,
}

/// Writes a report as one object.
///
/// `labels` begin with what is said at `location` itself, if anything is; the rest is further places.
/// `notes` and a diagnostic's `launches` are present only where there are some.
pub fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let mut text = serde_json::to_vec_pretty(&document(report))?;
    text.push(b'\n');
    out.write_all(&text)
}

fn document<'a>(report: &Report<'a>) -> Document<'a> {
    let counts = report.counts();
    Document {
        schema_version: 1,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        target_version: common(report.deployments, |d| Some(d.target.as_str())),
        from_version: common(report.deployments, |d| d.from.as_deref()),
        deployments: report.deployments.iter().map(|d| deployment(report, d)).collect(),
        files: report
            .checked
            .iter()
            .filter_map(|file| report.source(*file))
            .map(|source| File { path: source.shown(), kind: source.kind().name() })
            .collect(),
        diagnostics: report.findings.iter().map(|finding| diagnostic(report, finding)).collect(),
        notes: report.notes,
        suppressed: report.suppressed,
        summary: Summary {
            error: counts.error,
            warning: counts.warning,
            info: counts.info,
            fixable: counts.fixable,
        },
    }
}

/// What all deployments agree on.
fn common<'a>(
    deployments: &'a [DeploymentSummary],
    get: impl Fn(&'a DeploymentSummary) -> Option<&'a str>,
) -> Option<&'a str> {
    let first = get(deployments.first()?)?;
    deployments.iter().all(|d| get(d) == Some(first)).then_some(first)
}

fn deployment<'a>(report: &Report<'a>, summary: &'a DeploymentSummary) -> Deployment<'a> {
    Deployment {
        id: &summary.id,
        root: &summary.root,
        target_version: &summary.target,
        target_source: &summary.target_source,
        from_version: summary.from.as_deref(),
        files: summary.files.iter().map(|file| path(report, *file)).collect(),
    }
}

fn diagnostic<'a>(report: &Report<'a>, finding: &'a Finding) -> Diagnostic<'a> {
    let made = &finding.diagnostic;
    let here = (!made.label.is_empty())
        .then(|| Label { message: &made.label, location: location(report, made.location) });
    let further = made
        .labels
        .iter()
        .map(|label| Label { message: &label.message, location: location(report, label.location) });
    Diagnostic {
        id: finding.id.to_string(),
        cause: finding.cause.map(|id| id.to_string()),
        deployment: report.deployments.get(finding.deployment).map(|d| d.id.as_str()),
        rule: made.rule,
        severity: made.severity.name(),
        message: &made.message,
        help: made.help.as_deref(),
        url: rule_url(made.rule),
        quote: made.quote.as_ref().map(|quote| quote.words.as_str()),
        location: location(report, made.location),
        labels: here.into_iter().chain(further).collect(),
        fixes: made.fixes.iter().map(|made| fix(report, made)).collect(),
        launches: &made.launches,
    }
}

fn fix<'a>(report: &Report<'a>, made: &'a model::Fix) -> Fix<'a> {
    let edits = made.edits.iter().map(|edit| Edit {
        path: path(report, edit.file),
        start: edit.span.start,
        end: edit.span.end,
        replacement: &edit.replacement,
    });
    let withheld = made.edits.is_empty() && made.applicability != model::Applicability::DisplayOnly;
    Fix {
        title: &made.title,
        applicability: made.applicability.name(),
        edits: edits.collect(),
        withheld: withheld.then_some("an edit holds a secret; puma-lint fix makes it"),
    }
}

fn location<'a>(report: &Report<'a>, at: model::Location) -> Location<'a> {
    let source = report.source(at.file);
    let position = |offset: usize| match source {
        Some(source) => {
            let place = source.line_column(offset);
            Position { offset: offset.min(source.bytes().len()), line: place.line, column: place.column }
        }
        None => Position { offset, line: 1, column: 1 },
    };
    Location { path: path(report, at.file), start: position(at.span.start), end: position(at.span.end) }
}

/// Paths are exact here: JSON has escapes of its own.
fn path<'a>(report: &Report<'a>, file: model::FileId) -> &'a str {
    report.source(file).map_or("", |source| source.shown())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::testing::*;
    use super::*;
    use crate::model::{Applicability, FileKind, Severity, Span, Speaker};

    fn value(world: &World) -> Value {
        serde_json::from_str(&text(|out| write(&world.report(), out))).unwrap()
    }

    #[test]
    fn every_key_of_the_interface() {
        let mut world = World::new();
        let file = world.file("config/puma.rb", FileKind::Puma, "# é\ndaemonize true\n");
        let at = world.at(file, "daemonize true");
        world.find(
            model::Diagnostic::new("removed-directive", Severity::Error, at, "no `daemonize`")
                .label("removed in 5.0.0")
                .quote(Speaker::Puma, "undefined method `daemonize'")
                .help("let systemd keep Puma running")
                .fix(model::Fix {
                    title: "remove `daemonize`".into(),
                    applicability: Applicability::Safe,
                    edits: vec![model::Edit { file, span: Span::new(5, 20), replacement: String::new() }],
                }),
        );
        let place = json!({
            "path": "config/puma.rb",
            "start": {"offset": 5, "line": 2, "column": 1},
            "end": {"offset": 19, "line": 2, "column": 15},
        });
        assert_eq!(
            value(&world),
            json!({
                "schema_version": 1,
                "tool": {"name": "puma-lint", "version": env!("CARGO_PKG_VERSION")},
                "target_version": "8.0.2", "from_version": null,
                "deployments": [{"id": "1", "root": ".", "target_version": "8.0.2",
                    "target_source": "Gemfile.lock", "from_version": null, "files": ["config/puma.rb"]}],
                "files": [{"path": "config/puma.rb", "kind": "puma"}],
                "diagnostics": [{
                    "id": "1", "cause": null, "deployment": "1",
                    "rule": "removed-directive", "severity": "error",
                    "message": "no `daemonize`", "help": "let systemd keep Puma running",
                    "url": "https://github.com/puma-lint/puma-lint/blob/main/fixtures/rules/removed-directive.md",
                    "quote": "undefined method `daemonize'",
                    "location": place,
                    "labels": [{"message": "removed in 5.0.0", "location": place}],
                    "fixes": [{"title": "remove `daemonize`", "applicability": "safe",
                        "edits": [{"path": "config/puma.rb", "start": 5, "end": 20, "replacement": ""}]}],
                }],
                "suppressed": 0,
                "summary": {"error": 1, "warning": 0, "info": 0, "fixable": 1},
            })
        );
    }

    #[test]
    fn versions_are_null_where_deployments_differ() {
        let mut world = World::new();
        world.deployments.push(DeploymentSummary {
            id: "2".into(),
            target: "7.2.0".into(),
            from: Some("6.6.1".into()),
            ..world.deployments[0].clone()
        });
        let value = value(&world);
        assert_eq!((&value["target_version"], &value["from_version"]), (&Value::Null, &Value::Null));
        assert_eq!(value["deployments"][1]["from_version"], "6.6.1");
    }

    #[test]
    fn no_quote_no_key_and_a_cause_is_a_string() {
        let mut world = World::new();
        let file = world.file("a", FileKind::Systemd, "x");
        let far = world.span(file, 90, 99);
        let first = world.find(model::Diagnostic::new("a", Severity::Error, far, "m"));
        world.follow(first, model::Diagnostic::new("b", Severity::Info, far, "m"));
        let value = value(&world);
        assert_eq!(value["diagnostics"][1]["cause"], "1");
        assert!(value["diagnostics"][0].get("quote").is_none());
        assert_eq!(value["diagnostics"][0]["location"]["end"], json!({"offset": 1, "line": 1, "column": 2}));
    }
}
