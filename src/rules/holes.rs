//! What remains of a finding in a template: what a template fills in may be right, whatever it is.

use super::view::Scene;
use crate::model::{Diagnostic, FileId, Location, Severity, Span};

/// The rules that go by names, or that compare texts with their holes: a hole in what they point at does them no harm.
/// A rule that isn't here says nothing where its place holds one.
const AT_HOME: &[&str] = &[
    "backgrounded-start",
    "changed-default",
    "changed-meaning",
    "changed-signal",
    "daemon-in-foreground-service",
    "forking-service",
    "hook-in-single-mode",
    "ignored-signal",
    "ineffective-prune-bundler",
    "missing-block",
    "missing-working-directory",
    "monit-starts-puma",
    "notify-from-child",
    "notify-unsupported",
    "oneshot-service",
    "orphaned-puma",
    "overridden-pidfile",
    "phased-restart-unavailable",
    "pidfile-mismatch",
    "pumactl-mismatch",
    "removed-constant",
    "removed-directive",
    "removed-flag",
    "renamed-directive",
    "repeated-directive",
    "socket-mismatch",
    "stale-pidfile",
    "stop-timeout",
    "strict-hook-lambda",
    "unavailable-constant",
    "unavailable-directive",
    "unavailable-keyword",
    "unwritten-pidfile",
    "watchdog-unsupported",
    "workers-in-mode-block",
];

/// The rules that miss something. Where a template may add lines, it may be among them.
const MISSING: &[&str] = &[
    "competing-stop",
    "hangup-stops",
    "hook-in-single-mode",
    "missing-runtime-directory",
    "missing-working-directory",
    "monit-timeout",
    "notify-unsupported",
    "read-only-path",
    "socket-mismatch",
    "stale-pidfile",
    "stop-timeout",
    "unwritten-pidfile",
    "user-unit",
];

/// The rules that say nothing of templates: what a parser stumbles over, a tag may have brought about anywhere before,
/// and a template may well hold what is still to be replaced.
const SILENT: &[&str] = &["placeholder", "syntax-error"];

/// Leaves out what a template may have brought about, softens what stands under a template's condition, and shows
/// templates as they are written.
pub fn settle(scene: &Scene<'_>, found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let files = scene.deployment.files();
    let templates = || files.iter().filter_map(|file| scene.files.template(*file));
    if templates().next().is_none() {
        return found;
    }
    let adds_lines = templates().any(|template| template.adds_lines);
    found
        .into_iter()
        .filter(|diagnostic| !(adds_lines && MISSING.contains(&diagnostic.rule)))
        .filter(|diagnostic| !doubtful(scene, diagnostic))
        .map(|diagnostic| revealed(scene, softened(scene, diagnostic)))
        .collect()
}

/// Whether a template may have brought it about.
fn doubtful(scene: &Scene<'_>, diagnostic: &Diagnostic) -> bool {
    let touched = |place: &Location| {
        scene.files.template(place.file).is_some_and(|template| template.touches(place.span))
    };
    let is_template = scene.files.template(diagnostic.location.file).is_some();
    is_template && SILENT.contains(&diagnostic.rule)
        || !AT_HOME.contains(&diagnostic.rule) && places(diagnostic).any(touched)
        // Of a place without a length, the whole line may be meant.
        || is_template && diagnostic.location.span.is_empty() && line_is_touched(scene, diagnostic.location)
}

fn line_is_touched(scene: &Scene<'_>, place: Location) -> bool {
    let source = scene.files.source(place.file);
    let line = source.line_span(source.line_of(place.span.start));
    scene.files.template(place.file).is_some_and(|template| template.touches(line))
}

fn places(diagnostic: &Diagnostic) -> impl Iterator<Item = &Location> {
    std::iter::once(&diagnostic.location).chain(diagnostic.labels.iter().map(|label| &label.location))
}

/// What is there only under a template's condition, happens under it. (In Ruby the evaluation knows the condition.)
fn softened(scene: &Scene<'_>, mut diagnostic: Diagnostic) -> Diagnostic {
    let under = places(&diagnostic).find_map(|place| scene.files.template(place.file)?.region(place.span));
    if let Some(region) = under {
        diagnostic.severity = diagnostic.severity.min(Severity::Warning);
        diagnostic.message = format!("{}, where `{}` makes it so", diagnostic.message, region.opening);
    }
    diagnostic
}

/// Nothing is fixed where a template's tag would be touched; holes show what stands in them.
fn revealed(scene: &Scene<'_>, mut diagnostic: Diagnostic) -> Diagnostic {
    let holes = scene.files.holes();
    diagnostic.fixes.retain(|fix| {
        fix.edits.iter().all(|edit| {
            is_free(scene, edit.file, edit.span) && holes.reveal(&edit.replacement) == edit.replacement
        })
    });
    let labels = diagnostic.labels.iter_mut().map(|label| &mut label.message);
    let fixes = diagnostic.fixes.iter_mut().map(|fix| &mut fix.title);
    let quote = diagnostic.quote.iter_mut().map(|quote| &mut quote.words);
    let texts = [&mut diagnostic.message, &mut diagnostic.label];
    let all = texts.into_iter().chain(labels).chain(fixes).chain(quote);
    all.chain(&mut diagnostic.help).chain(&mut diagnostic.launches).for_each(|text| holes.reveal_in(text));
    diagnostic
}

/// Whether an edit leaves a template's tags and what they enclose alone.
fn is_free(scene: &Scene<'_>, file: FileId, span: Span) -> bool {
    scene
        .files
        .template(file)
        .is_none_or(|template| !template.touches(span) && template.region(span).is_none())
}
