//! SARIF 2.1.0, for code scanning: GitHub, editors, and whatever else reads it.

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path};

use serde::Serialize;

use super::fingerprint::fingerprints;
use super::report::{PROJECT_URL, rule_url};
use super::{Finding, Report, plain};
use crate::model::{self, Applicability, FileId, Severity, Span};
use crate::rules::{self, RULES};

/// The version of the schema that the OASIS committee corrected last.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What stands for the root of the repository.
const ROOT: &str = "%SRCROOT%";

/// The name of our fingerprints; its number changes if their making ever does.
const FINGERPRINT: &str = "pumaLint/v1";

#[derive(Serialize)]
struct Log {
    version: &'static str,
    #[serde(rename = "$schema")]
    schema: &'static str,
    runs: Vec<Run>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    original_uri_base_ids: BTreeMap<&'static str, Base>,
    column_kind: &'static str,
    results: Vec<Outcome>,
}

#[derive(Serialize)]
struct Base {
    description: Text,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    version: &'static str,
    semantic_version: &'static str,
    information_uri: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    name: String,
    short_description: Text,
    full_description: Text,
    help: Help,
    help_uri: String,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Text,
    locations: [Location; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Fix>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: Place,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fix {
    description: Text,
    artifact_changes: Vec<Change>,
    properties: FixProperties,
}

#[derive(Serialize)]
struct FixProperties {
    applicability: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    artifact_location: Artifact,
    replacements: Vec<Replacement>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    #[serde(skip_serializing_if = "Option::is_none")]
    inserted_content: Option<Text>,
}

/// Writes a report as one run. Of the rules it holds those that found something.
pub fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let mut found: Vec<&str> = report.findings.iter().map(|finding| finding.diagnostic.rule).collect();
    found.sort_unstable();
    found.dedup();
    let results = report.findings.iter().zip(fingerprints(report));
    let run = Run {
        tool: Tool {
            driver: Driver {
                name: env!("CARGO_PKG_NAME"),
                version: env!("CARGO_PKG_VERSION"),
                semantic_version: env!("CARGO_PKG_VERSION"),
                information_uri: PROJECT_URL,
                rules: found.iter().map(|name| rule(name)).collect(),
            },
        },
        original_uri_base_ids: BTreeMap::from([(
            ROOT,
            Base { description: Text { text: "The root of the repository.".to_owned() } },
        )]),
        column_kind: "unicodeCodePoints",
        results: results.map(|(finding, print)| outcome(report, finding, &found, print)).collect(),
    };
    let log = Log { version: "2.1.0", schema: SCHEMA, runs: vec![run] };
    let mut text = serde_json::to_vec_pretty(&log)?;
    text.push(b'\n');
    out.write_all(&text)
}

fn rule(name: &str) -> Rule {
    let known = rules::rule(name).unwrap_or(&RULES[0]);
    let page = absolute_links(known.page);
    Rule {
        id: known.name,
        name: camel_case(known.name),
        short_description: Text { text: format!("{}.", known.summary) },
        full_description: Text { text: first_paragraph(known.page) },
        help: Help { text: page.clone(), markdown: page },
        help_uri: rule_url(known.name),
        default_configuration: Configuration { level: level(known.severity) },
    }
}

/// What the page says below its title.
fn first_paragraph(page: &str) -> String {
    let paragraphs = page.split("\n\n").find(|paragraph| !paragraph.starts_with('#'));
    paragraphs.unwrap_or_default().replace('\n', " ")
}

/// The pages name each other by file; whoever reads one here has no such files.
fn absolute_links(page: &str) -> String {
    let mut pieces = page.split("](");
    let mut linked = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        linked.push_str("](");
        match piece.split_once(".md)") {
            Some((name, rest)) if rules::rule(name).is_some() => {
                linked.push_str(&format!("{}){rest}", rule_url(name)));
            }
            _ => linked.push_str(piece),
        }
    }
    linked
}

/// `RemovedDirective`: SARIF wants names as programs have them.
fn camel_case(name: &str) -> String {
    name.split('-').fold(String::new(), |mut camel, word| {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.extend(letters);
        camel
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn outcome(report: &Report, finding: &Finding, found: &[&str], fingerprint: String) -> Outcome {
    let made = &finding.diagnostic;
    let related = made.labels.iter().enumerate().map(|(at, label)| Location {
        id: Some(at + 1),
        physical_location: place(report, label.location),
        message: message(&label.message),
    });
    Outcome {
        rule_id: made.rule,
        rule_index: found.iter().position(|name| *name == made.rule).unwrap_or_default(),
        level: level(made.severity),
        message: Text { text: no_links(&plain::lines(made).join("\n")) },
        locations: [Location {
            id: None,
            physical_location: place(report, made.location),
            message: message(&made.label),
        }],
        related_locations: related.collect(),
        partial_fingerprints: BTreeMap::from([(FINGERPRINT, fingerprint)]),
        fixes: made.fixes.iter().filter_map(|made| fix(report, made)).collect(),
    }
}

fn message(text: &str) -> Option<Text> {
    (!text.is_empty()).then(|| Text { text: no_links(&super::escape::block(text)) })
}

/// In SARIF `[text](url)` is a link, and what a config holds must not make one.
fn no_links(text: &str) -> String {
    if text.contains("](") { text.replace('[', "\\[").replace(']', "\\]") } else { text.to_owned() }
}

fn place(report: &Report, at: model::Location) -> Place {
    Place { artifact_location: artifact(report, at.file), region: region(report, at.file, at.span) }
}

fn artifact(report: &Report, file: FileId) -> Artifact {
    match (report.below_repository(file), report.source(file)) {
        (Some(path), _) => Artifact { uri: uri(path), uri_base_id: Some(ROOT) },
        (None, Some(source)) => Artifact { uri: format!("file://{}", uri(source.path())), uri_base_id: None },
        (None, None) => Artifact { uri: "unknown".to_owned(), uri_base_id: None },
    }
}

/// A path with everything escaped that has a meaning in a URI, whatever bytes it holds.
fn uri(path: &Path) -> String {
    let names = path.components().filter(|part| *part != Component::RootDir);
    let names: Vec<String> = names.map(|name| escaped(name.as_os_str().as_encoded_bytes())).collect();
    format!("{}{}", if path.has_root() { "/" } else { "" }, names.join("/"))
}

fn escaped(name: &[u8]) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let escape =
        |byte: &u8| if plain(*byte) { char::from(*byte).to_string() } else { format!("%{byte:02X}") };
    name.iter().map(escape).collect()
}

fn region(report: &Report, file: FileId, span: Span) -> Region {
    let (start, end) = report.extent(model::Location { file, span });
    Region { start_line: start.line, start_column: start.column, end_line: end.line, end_column: end.column }
}

/// What a program may do; what only people can do stands in the help.
fn fix(report: &Report, made: &model::Fix) -> Option<Fix> {
    if made.edits.is_empty() || made.applicability == Applicability::DisplayOnly {
        return None;
    }
    let mut changes: BTreeMap<FileId, Vec<Replacement>> = BTreeMap::new();
    for edit in &made.edits {
        changes.entry(edit.file).or_default().push(Replacement {
            deleted_region: region(report, edit.file, edit.span),
            inserted_content: (!edit.replacement.is_empty()).then(|| Text { text: edit.replacement.clone() }),
        });
    }
    let change = |(file, replacements)| Change { artifact_location: artifact(report, file), replacements };
    Some(Fix {
        description: Text { text: no_links(&super::escape::inline(&made.title)) },
        artifact_changes: changes.into_iter().map(change).collect(),
        properties: FixProperties { applicability: made.applicability.name() },
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::testing::*;
    use super::*;
    use crate::model::{Diagnostic, Edit, FileKind};

    fn run(world: &World) -> Value {
        let log: Value = serde_json::from_str(&text(|out| write(&world.report(), out))).unwrap();
        log["runs"][0].clone()
    }

    #[test]
    fn a_result_with_everything() {
        let mut world = World::new();
        let file = world.file("a dir/é:puma.rb", FileKind::Puma, "# é\r\n é daemonize\r\n");
        let other = world.file("/etc/x.service", FileKind::Systemd, "Type=forking\n");
        let at = world.at(file, "daemonize");
        let elsewhere = world.at(other, "forking");
        world.find(
            Diagnostic::new("removed-directive", Severity::Error, at, "no \x1b[1m `daemonize`")
                .label("gone")
                .also(elsewhere, "waits [here](http://x)")
                .help("let systemd")
                .fix(model::Fix {
                    title: "remove it".into(),
                    applicability: Applicability::Safe,
                    edits: vec![
                        Edit { file, span: at.span, replacement: String::new() },
                        Edit { file: other, span: elsewhere.span, replacement: "notify".into() },
                    ],
                })
                .fix(model::Fix {
                    title: "think".into(),
                    applicability: Applicability::DisplayOnly,
                    edits: vec![Edit { file, span: at.span, replacement: String::new() }],
                }),
        );
        let run = run(&world);
        let here = json!({"uri": "a%20dir/%C3%A9%3Apuma.rb", "uriBaseId": "%SRCROOT%"});
        let there = json!({"uri": "file:///etc/x.service"});
        let marked = json!({"startLine": 2, "startColumn": 4, "endLine": 2, "endColumn": 13});
        let waiting = json!({"startLine": 1, "startColumn": 6, "endLine": 1, "endColumn": 13});
        assert_eq!(
            run["results"],
            json!([{
                "ruleId": "removed-directive", "ruleIndex": 0, "level": "error",
                "message": {"text": "no \\x1b[1m `daemonize`\ngone\nhelp: let systemd"},
                "locations": [{
                    "physicalLocation": {"artifactLocation": here, "region": marked},
                    "message": {"text": "gone"},
                }],
                "relatedLocations": [{
                    "id": 1,
                    "physicalLocation": {"artifactLocation": there, "region": waiting},
                    "message": {"text": "waits \\[here\\](http://x)"},
                }],
                "partialFingerprints": {"pumaLint/v1": fingerprints(&world.report())[0]},
                "fixes": [{
                    "description": {"text": "remove it"},
                    "artifactChanges": [
                        {"artifactLocation": here, "replacements": [{"deletedRegion": marked}]},
                        {"artifactLocation": there, "replacements":
                            [{"deletedRegion": waiting, "insertedContent": {"text": "notify"}}]},
                    ],
                    "properties": {"applicability": "safe"},
                }],
            }])
        );
        let rule = &run["tool"]["driver"]["rules"][0];
        assert_eq!(rule["id"], "removed-directive");
        assert_eq!(rule["name"], "RemovedDirective");
        assert_eq!(rule["defaultConfiguration"]["level"], "error");
        assert!(rule["help"]["markdown"].as_str().unwrap().starts_with("# removed-directive\n"));
        assert_eq!(
            rule["fullDescription"]["text"],
            "A directive that the target Puma no longer has. The server does not boot."
        );
    }

    #[test]
    fn pages_lead_to_each_other_by_address() {
        assert_eq!(
            absolute_links("[a](removed-flag.md) and [b](https://x/y.md), [c](nothing.md)"),
            format!("[a]({}) and [b](https://x/y.md), [c](nothing.md)", rule_url("removed-flag"))
        );
    }
}
