//! What every format receives.

use std::borrow::Cow;
use std::path::Path;

use super::escape;
use crate::model::{Applicability, Diagnostic, FileId, Fix, LineColumn, Location, Severity, Source, Span};

/// Everything there is to say about one run.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// The root of the repository, which the formats for forges show paths from.
    pub repository: &'a Path,
    /// All sources, indexed by [`FileId`].
    pub sources: &'a [Source],
    /// What was found, in the order in which to report it.
    pub findings: &'a [Finding],
    /// The deployments that were looked at.
    pub deployments: &'a [DeploymentSummary],
    /// The files that were checked, as opposed to those only read as context.
    pub checked: &'a [FileId],
    /// Remarks on the run itself, such as a release that is newer than the newest known.
    pub notes: &'a [String],
    /// Secrets that are known by value, beside those that the sources name: they are shown nowhere.
    pub secrets: &'a [String],
    /// How many findings were silenced by a comment.
    pub suppressed: usize,
}

/// A diagnostic and its place among the others.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Unique within the report.
    pub id: usize,
    /// The finding this one follows from.
    pub cause: Option<usize>,
    /// Its deployment, as an index.
    pub deployment: usize,
    /// What the rule said.
    pub diagnostic: Diagnostic,
    /// The files that its first fix edits, if one of them was not asked for: only if all are named is it applied.
    pub unnamed: Vec<FileId>,
}

/// One deployment: what belongs together, and the release it is checked for.
#[derive(Debug, Clone)]
pub struct DeploymentSummary {
    /// Unique within the report.
    pub id: String,
    /// The app's root, as a path to show.
    pub root: String,
    /// The release that the files must work on, such as `8.0.2`.
    pub target: String,
    /// Where the target comes from: `Gemfile.lock`, `--target-version`, `newest known`.
    pub target_source: String,
    /// Where the upgrade starts, if there is one.
    pub from: Option<String>,
    /// The deployment's files.
    pub files: Vec<FileId>,
}

/// How many findings there are of each sort.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Errors.
    pub error: usize,
    /// Warnings.
    pub warning: usize,
    /// Infos.
    pub info: usize,
    /// Findings with a safe fix.
    pub fixable: usize,
    /// Findings with an unsafe fix and no safe one.
    pub fixable_unsafe: usize,
}

impl<'a> Report<'a> {
    /// The source of a file, unless the id names none.
    pub fn source(&self, file: FileId) -> Option<&'a Source> {
        self.sources.get(usize::try_from(file.0).ok()?)
    }

    /// A file's path for people, with control characters made visible.
    pub fn path(&self, file: FileId) -> Cow<'a, str> {
        self.source(file).map_or(Cow::Borrowed("?"), |source| escape::inline(source.shown()))
    }

    /// A file's path in the repository; `None` if it lies elsewhere.
    pub fn below_repository(&self, file: FileId) -> Option<&'a Path> {
        self.source(file)?.path().strip_prefix(self.repository).ok()
    }

    /// A file's path in the repository, with `/`; if it lies elsewhere, its whole path. As it is, not escaped.
    pub fn path_in_repository(&self, file: FileId) -> Cow<'a, str> {
        let path = self.below_repository(file).or_else(|| Some(self.source(file)?.path()));
        let text = path.unwrap_or(Path::new("?")).to_string_lossy();
        if std::path::MAIN_SEPARATOR == '/' { text } else { text.replace('\\', "/").into() }
    }

    /// Where a location starts and ends.
    pub fn extent(&self, location: Location) -> (LineColumn, LineColumn) {
        let end = Location { span: Span::at(location.span.end), ..location };
        (self.position(location), self.position(end))
    }

    /// Where a location starts.
    pub fn position(&self, location: Location) -> LineColumn {
        self.source(location.file)
            .map_or(LineColumn { line: 1, column: 1 }, |source| source.line_column(location.span.start))
    }

    /// Counts the findings.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for finding in self.findings {
            match finding.diagnostic.severity {
                Severity::Error => counts.error += 1,
                Severity::Warning => counts.warning += 1,
                Severity::Info => counts.info += 1,
            }
            let fixes = if finding.unnamed.is_empty() { finding.diagnostic.fixes.as_slice() } else { &[] };
            let has = |wanted| fixes.iter().any(|fix| fix.applicability == wanted);
            if has(Applicability::Safe) {
                counts.fixable += 1;
            } else if has(Applicability::Unsafe) {
                counts.fixable_unsafe += 1;
            }
        }
        counts
    }
}

impl Finding {
    /// The command that applies one of its fixes.
    pub fn command(&self, report: &Report<'_>, fix: &Fix) -> String {
        let command = match fix.applicability {
            Applicability::Safe => "puma-lint fix",
            Applicability::Unsafe => "puma-lint fix --unsafe",
            Applicability::DisplayOnly => return "by hand".to_owned(),
        };
        let files = self.unnamed.iter().map(|file| format!(" {}", in_shell(&report.path(*file))));
        std::iter::once(command.to_owned()).chain(files).collect()
    }
}

/// A path as a shell takes it for one word.
fn in_shell(path: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/_.-+@%:,=".contains(&byte);
    if path.bytes().all(plain) {
        return Cow::Borrowed(path);
    }
    Cow::Owned(format!("'{}'", path.replace('\'', "'\\''")))
}

/// Where this program is at home.
pub const PROJECT_URL: &str = "https://github.com/puma-lint/puma-lint";

/// Where a rule is explained.
pub fn rule_url(rule: &str) -> String {
    format!("{PROJECT_URL}/blob/main/fixtures/rules/{rule}.md")
}
