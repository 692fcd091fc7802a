//! A file that its program cannot read.

use super::monit_spelling;
use super::view::FileView;
use super::{Check, Rule};
use crate::model::{Applicability, Diagnostic, Edit, Fix, Location, Severity, Span, Speaker};
use crate::parsed::Parsed;
use crate::ruby::Rejection;
use crate::yaml::YamlError;

pub(super) const RULE: Rule = Rule {
    name: "syntax-error",
    summary: "a file that Ruby, Monit or Docker Compose cannot read",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/syntax-error.md"),
    check: Check::File(check),
};

/// What some editors put before UTF-8. Monit takes it for a part of the first word.
const BOM: &[u8] = b"\xEF\xBB\xBF";

fn check(view: &FileView<'_>) -> Vec<Diagnostic> {
    let at = |span| Location { file: view.file, span };
    let finding = |span, message: String| Diagnostic::new(RULE.name, RULE.severity, at(span), message);
    match view.files.parsed(view.file) {
        Parsed::Puma(Err(rejection)) => {
            let found = match rejection {
                Rejection::Syntax(error) => {
                    let found =
                        finding(error.span, "Ruby cannot read this file: the server will not boot".into())
                            .label(error.message.clone());
                    return vec![match &error.hint {
                        Some(hint) => found.help(hint.clone()),
                        None => found
                            .help("mend this place first; what follows is not checked (read as Ruby 3.1)"),
                    }];
                }
                Rejection::TooDeep { span } => {
                    finding(*span, "this file is nested too deeply to be checked".into())
                        .label("at this place")
                }
                other => finding(Span::at(0), format!("this file cannot be checked: {other}")),
            };
            vec![found.help(
                "a config is a page of plain calls: move what computes elsewhere, and check it by hand",
            )]
        }
        Parsed::Monit(control) => control
            .error
            .iter()
            .map(|error| {
                let found =
                    finding(error.span, "Monit cannot read this file: it will not start, nor reload".into())
                        .label("here")
                        .quote(Speaker::Monit, error.words.clone());
                if error.span.start == 0 && view.files.source(view.file).bytes().starts_with(BOM) {
                    return found.help("take away the byte order mark, which no editor shows").fix(Fix {
                        title: "take the byte order mark away".into(),
                        applicability: Applicability::Safe,
                        edits: vec![Edit {
                            file: view.file,
                            span: Span::new(0, BOM.len()),
                            replacement: String::new(),
                        }],
                    });
                }
                match monit_spelling::mend(view.file, view.files.bytes(view.file), error) {
                    Some(spelling) => found.help(spelling.help).fix(spelling.fix),
                    None => found.help(
                        "mend this place first; what follows is not checked. `monit -t` shows the same error",
                    ),
                }
            })
            .collect(),
        Parsed::Compose(compose) => {
            let error = compose.error.as_ref().filter(|error| error.certain && is_surely_compose(view));
            error.map(|error| no_yaml(view, error)).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Whether a compose file is read as it stands: nothing fills it in before.
fn is_surely_compose(view: &FileView<'_>) -> bool {
    let bytes = view.files.source(view.file).bytes();
    let holds = |words: &str| bytes.windows(words.len()).any(|part| part == words.as_bytes());
    let made = view.files.template(view.file).is_some() || ["{{", "{%", "<%"].into_iter().any(holds);
    let begins = bytes.split(|byte| *byte == b'\n').any(|line| line.starts_with(b"services:"));
    !made && begins && holds("puma")
}

/// What Docker Compose cannot read.
fn no_yaml(view: &FileView<'_>, error: &YamlError) -> Diagnostic {
    let source = view.files.source(view.file);
    let line = source.line_span(source.line_of(error.span.start));
    let mut indent = source.bytes()[line.range()].iter().take_while(|byte| byte.is_ascii_whitespace());
    let help = if indent.any(|byte| *byte == b'\t') {
        "indent with blanks: YAML allows no tab there"
    } else {
        "mend this place, or the line above it; what follows is not checked. `docker compose config` stops here, too"
    };
    let message = "Docker Compose cannot read this file: none of its services start";
    let place = Location { file: view.file, span: error.span };
    Diagnostic::new(RULE.name, RULE.severity, place, message).label(error.words.clone()).help(help)
}
