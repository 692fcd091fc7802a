//! What the verbs share: flags, opening the workspace, styles.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::Ended;
use super::settings::SettingsFlags;
use crate::catalog::Version;
use crate::lint::{Options, Outcome};
use crate::model::{FileId, FileKind, Severity};
use crate::output::{self, DeploymentSummary, Finding, Format, Report, Style};
use crate::rules;
use crate::settings::{Settings, asked_version};
use crate::workspace::{self, Workspace};
use crate::write::{Replacement, write_report};

/// Which files are looked at, for which Puma.
#[derive(Debug, Args)]
pub struct Common {
    /// Files and folders; the current folder if none is given. `-` is a text on standard input.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The Puma to check for: 8, 8.0 or 8.0.2. Else the one in Gemfile.lock, else the newest.
    #[arg(long, value_name = "VERSION", value_parser = asked_version)]
    pub target_version: Option<Version>,
    /// The Puma to upgrade from. Else the one in Gemfile.lock, if --target-version names another.
    #[arg(long, value_name = "VERSION", value_parser = asked_version)]
    pub from: Option<Version>,
    /// The upgrade starts from the Puma of Gemfile.lock at this git revision: origin/main, say.
    #[arg(long, value_name = "GITREV")]
    pub from_ref: Option<String>,
    /// Only these rules.
    #[arg(long, value_name = "RULE,…", value_delimiter = ',', value_parser = rule_name)]
    pub select: Vec<String>,
    /// All but these rules.
    #[arg(long, value_name = "RULE,…", value_delimiter = ',', value_parser = rule_name)]
    pub ignore: Vec<String>,
    /// A variable that is set wherever Puma is started; may be given several times.
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    pub env: Vec<(String, String)>,
    /// No other variable is set than those of --env and of the units.
    #[arg(long)]
    pub closed_env: bool,
    /// The kind of the files named here, where name and content don't tell.
    #[arg(long, value_name = "KIND")]
    pub kind: Option<Kind>,
    /// Where the text on standard input belongs: its name tells its kind, and the project around it is looked at.
    #[arg(long, value_name = "PATH")]
    pub stdin_filename: Option<PathBuf>,
    /// Look at the named files alone, not at the project around them.
    #[arg(long)]
    pub no_context: bool,
    #[command(flatten)]
    pub settings: SettingsFlags,
    /// When to use colour.
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// Print findings only, no summary.
    #[arg(short, long)]
    pub quiet: bool,
    /// Say which files belong together, and for which Puma each was checked.
    #[arg(short, long)]
    pub verbose: bool,
}

/// How findings are printed, and what they do to the exit code.
#[derive(Debug, Args)]
pub struct Reporting {
    /// How to print what is found.
    #[arg(long, value_name = "FORMAT", default_value = "full")]
    pub format: FormatName,
    /// Write the report to this file, and nothing to standard output.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The least severity that makes the exit code 1; warning if nothing is said.
    #[arg(long, value_name = "SEVERITY")]
    fail_on: Option<FailOn>,
    /// Exit with 0 whatever is found.
    #[arg(long)]
    exit_zero: bool,
}

/// Where a report goes.
#[derive(Debug, Clone, Copy)]
pub enum Destination<'a> {
    /// Standard output.
    Stdout,
    /// Standard error, where standard output holds something else.
    Stderr,
    /// A file.
    File(&'a Path),
}

impl Reporting {
    /// Where the report goes that would go to `usually` if `--output` said nothing.
    pub fn destination<'a>(&'a self, usually: Destination<'a>) -> Destination<'a> {
        self.output.as_deref().map_or(usually, Destination::File)
    }

    /// `--fail-on`
    pub fn fail_on(&self) -> Option<Severity> {
        self.fail_on.map(Severity::from)
    }

    /// What a run comes to that found this; `failed` if a path could not be read.
    pub fn ended(&self, outcome: &Outcome, failed: bool) -> Ended {
        let least = |deployment: usize| outcome.fail_on.get(deployment).copied().unwrap_or(Severity::Warning);
        let counts = |finding: &Finding| finding.diagnostic.severity >= least(finding.deployment);
        let found = outcome.findings.iter().any(counts);
        match found {
            _ if failed => Ended::Failed,
            true if !self.exit_zero => Ended::Found,
            _ => Ended::Clean,
        }
    }
}

/// `--kind`
#[derive(Debug, Clone, Copy, ValueEnum)]
#[allow(missing_docs)]
pub enum Kind {
    Puma,
    Systemd,
    Monit,
    Procfile,
    Dockerfile,
    Compose,
    Capistrano,
    Script,
    Lock,
}

impl From<Kind> for FileKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Puma => FileKind::Puma,
            Kind::Systemd => FileKind::Systemd,
            Kind::Monit => FileKind::Monit,
            Kind::Procfile => FileKind::Procfile,
            Kind::Dockerfile => FileKind::Dockerfile,
            Kind::Compose => FileKind::Compose,
            Kind::Capistrano => FileKind::Capistrano,
            Kind::Script => FileKind::Script,
            Kind::Lock => FileKind::Lock,
        }
    }
}

/// `--color`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum Color {
    Auto,
    Always,
    Never,
}

/// `--format`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum FormatName {
    /// For people
    Full,
    /// One line a finding
    Concise,
    /// For programs
    Json,
    /// For code scanning: SARIF 2.1.0
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// GitLab's Code Quality report
    Gitlab,
    /// Test results, as JUnit's XML
    Junit,
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Full => Format::Full,
            FormatName::Concise => Format::Concise,
            FormatName::Json => Format::Json,
            FormatName::Sarif => Format::Sarif,
            FormatName::Github => Format::Github,
            FormatName::Gitlab => Format::Gitlab,
            FormatName::Junit => Format::Junit,
        }
    }
}

/// `--fail-on`
#[derive(Debug, Clone, Copy, ValueEnum)]
#[allow(missing_docs)]
pub enum FailOn {
    Error,
    Warning,
    Info,
}

impl From<FailOn> for Severity {
    fn from(name: FailOn) -> Self {
        match name {
            FailOn::Error => Severity::Error,
            FailOn::Warning => Severity::Warning,
            FailOn::Info => Severity::Info,
        }
    }
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

fn rule_name(name: &str) -> Result<String, String> {
    match rules::rule(name) {
        Some(rule) => Ok(rule.name.to_owned()),
        None => Err(unknown_rule(name)),
    }
}

/// What to say of a rule that doesn't exist.
pub fn unknown_rule(name: &str) -> String {
    let names = || rules::RULES.iter().map(|rule| rule.name);
    let begun = names().find(|rule| name.len() > 2 && rule.starts_with(name));
    let nearest = || {
        let all = names().map(|rule| (strsim::damerau_levenshtein(rule, name), rule));
        all.min().filter(|(distance, _)| *distance <= 4).map(|(_, rule)| rule)
    };
    match begun.or_else(nearest) {
        Some(rule) => {
            format!("there is no rule {name:?}; did you mean {rule:?}? `puma-lint rules` lists them")
        }
        None => format!("there is no rule {name:?}; `puma-lint rules` lists them"),
    }
}

impl Common {
    /// The text on standard input, if a path stands for it.
    pub fn stdin(&self) -> Result<Option<Vec<u8>>, String> {
        let named = self.paths.iter().any(|path| path.as_os_str() == "-");
        match (named, self.paths.len(), &self.stdin_filename) {
            (true, 1, _) => workspace::stdin().map(Some).map_err(|error| error.to_string()),
            (true, _, _) => {
                Err("`-`, the text on standard input, stands alone: no other path beside it".to_owned())
            }
            (false, _, Some(_)) => {
                Err("--stdin-filename says where the text on standard input belongs: give `-` as the path"
                    .to_owned())
            }
            (false, _, None) => Ok(None),
        }
    }

    /// Reads the locks at `--from-ref`.
    pub fn with_earlier_locks(&self, mut workspace: Workspace) -> Result<Workspace, String> {
        if let Some(revision) = &self.from_ref {
            let read = workspace.read_earlier_locks(revision);
            read.map_err(|error| format!("--from-ref {revision}: {error}"))?;
        }
        Ok(workspace)
    }

    /// Standard error, if it is a terminal that can do what terminals can, and people want to see what is done.
    pub fn terminal(&self) -> Option<io::Stderr> {
        (!self.quiet && io::stderr().is_terminal() && !is_dumb()).then(io::stderr)
    }

    /// What the rules are to do.
    pub fn options(&self, settings: Settings) -> Options {
        Options {
            settings,
            fail_on: None,
            target: self.target_version.clone(),
            from: self.from.clone(),
            env: self.env.clone(),
            closed_env: self.closed_env,
            select: self.select.clone(),
            ignore: self.ignore.clone(),
        }
    }

    /// How to draw, by flags, environment and where the output goes.
    pub fn style(&self, destination: Destination<'_>) -> Style {
        let terminal = match destination {
            Destination::Stdout => std::io::stdout().is_terminal(),
            Destination::Stderr => std::io::stderr().is_terminal(),
            Destination::File(_) => false,
        };
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let dumb = is_dumb();
        let forced = set("CLICOLOR_FORCE").is_some_and(|value| value != "0");
        let color = match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => set("NO_COLOR").is_none() && (forced || terminal && !dumb),
        };
        let width = if terminal { terminal_width() } else { 80 };
        Style { color, width, links: terminal && !dumb && color, unicode: !dumb, summary: !self.quiet }
    }
}

fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// The terminal's width by `COLUMNS`, else what most people have.
fn terminal_width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    columns.filter(|columns| (40..=200).contains(columns)).unwrap_or(100)
}

/// Says on standard error what went wrong.
pub fn complain(message: &str) {
    // Nobody is left to tell if that fails.
    let _ = writeln!(std::io::stderr(), "puma-lint: {message}");
}

/// Complains about every file that could not be read. Whether there was any.
pub fn complain_about_paths(workspace: &Workspace) -> bool {
    for error in workspace.errors() {
        complain(&output::escape::inline(&error.to_string()));
    }
    !workspace.errors().is_empty()
}

/// Whether nothing at all was checked and nobody said why yet: then it says so. A file of a
/// kind that we know, of which nothing concerns Puma, is no failure: hooks name every lock that changes.
pub fn complain_about_nothing(workspace: &Workspace, outcome: &Outcome) -> bool {
    let mut deciding = workspace.files().filter(|(file, _)| workspace.is_selected(*file)).peekable();
    if !outcome.checked.is_empty() || !outcome.findings.is_empty() || !workspace.errors().is_empty() {
        return false;
    }
    let nothing = deciding.peek().is_none();
    for (_, file) in deciding {
        let words = match file.kind().only_decides() {
            true => "decides nothing here: nothing that runs Puma goes with it",
            false => "nothing in it runs Puma",
        };
        complain(&output::escape::inline(&format!("{}: {words}", file.shown())));
    }
    if nothing {
        complain("nothing to check: none of these is a file that configures or runs Puma");
    }
    nothing
}

/// Whether the text came from standard input, where `what` would have to write into files; says so.
pub fn refuse_unsaved(workspace: &Workspace, what: &str) -> bool {
    let unsaved = workspace.unsaved().is_some();
    if unsaved {
        complain(&format!("{what} works on files, not on a text on standard input"));
    }
    unsaved
}

/// What to write where.
pub fn replacements(workspace: &Workspace, changes: &BTreeMap<FileId, Vec<u8>>) -> Vec<Replacement> {
    let replacement = |(file, new): (&FileId, &Vec<u8>)| {
        let source = workspace.source(*file);
        Replacement { path: source.path().to_owned(), old: source.bytes().to_vec(), new: new.clone() }
    };
    changes.iter().map(replacement).collect()
}

/// Whether every path that was named is left out, and says so.
pub fn everything_is_left_out(workspace: &Workspace) -> bool {
    let nothing = !workspace.files().any(|(file, _)| workspace.is_selected(file));
    let (excluded, skipped) = (workspace.excluded(), workspace.skipped());
    if excluded + skipped == 0 || !nothing || !workspace.errors().is_empty() {
        return false;
    }
    let files = if excluded + skipped == 1 { "what is named here is" } else { "all that is named here is" };
    let why = match (excluded, skipped) {
        (_, 0) => "excluded",
        (0, _) => "of no known kind",
        _ => "excluded or of no known kind",
    };
    complain(&format!("{files} {why}: nothing was checked"));
    true
}

/// `--verbose`: what was found out about each deployment.
fn describe(workspace: &Workspace, deployment: &DeploymentSummary) -> String {
    let files = deployment.files.iter().map(|file| workspace.source(*file).shown());
    format!(
        "{}: Puma {} ({}): {}",
        deployment.root,
        deployment.target,
        deployment.target_source,
        files.collect::<Vec<_>>().join(", ")
    )
}

/// Says what else is worth saying.
pub fn mention_notes(workspace: &Workspace, outcome: &Outcome, verbose: bool) {
    for deployment in outcome.deployments.iter().filter(|_| verbose) {
        complain(&output::escape::inline(&describe(workspace, deployment)));
    }
    let notes = workspace.notes().iter().map(ToString::to_string);
    for note in notes.chain(outcome.notes.iter().cloned()) {
        complain(&output::escape::inline(&note));
    }
}

/// The report of a run.
pub fn report<'a>(workspace: &'a Workspace, outcome: &'a Outcome) -> Report<'a> {
    Report {
        repository: workspace.repository(),
        sources: workspace.sources(),
        findings: &outcome.findings,
        deployments: &outcome.deployments,
        checked: &outcome.checked,
        notes: &[],
        secrets: &outcome.secrets,
        suppressed: outcome.suppressed,
    }
}

/// Takes a whole report to where it goes; `out` is standard output.
pub fn deliver(text: &[u8], destination: Destination<'_>, out: &mut dyn Write) -> io::Result<()> {
    match destination {
        Destination::Stdout => out.write_all(text),
        Destination::Stderr => io::stderr().write_all(text),
        Destination::File(path) => write_report(path, text).map_err(|error| {
            io::Error::other(format!("{}: {error}", output::escape::inline(&path.to_string_lossy())))
        }),
    }
}
