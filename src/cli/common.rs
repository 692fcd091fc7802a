//! What the verbs share: flags, opening the workspace, styles.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Ended;
use super::settings::SettingsFlags;
use crate::catalog::Version;
use crate::lint::{Options, Outcome};
use crate::model::{FileId, FileKind, Severity};
use crate::output::{self, DeploymentSummary, Finding, Format, Report, Style};
use crate::rules;
use crate::settings::{Settings, asked_version};
use crate::workspace::Workspace;
use crate::write::Replacement;

/// Which files are looked at, for which Puma.
#[derive(Debug, Args)]
pub struct Common {
    /// Files and folders; the current folder if none is given.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The Puma to check for: 8, 8.0 or 8.0.2. Else the one in Gemfile.lock, else the newest.
    #[arg(long, value_name = "VERSION", value_parser = asked_version)]
    pub target_version: Option<Version>,
    /// The Puma to upgrade from. Else the one in Gemfile.lock, if --target-version names another.
    #[arg(long, value_name = "VERSION", value_parser = asked_version)]
    pub from: Option<Version>,
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
    /// The least severity that makes the exit code 1; warning if nothing is said.
    #[arg(long, value_name = "SEVERITY")]
    fail_on: Option<FailOn>,
    /// Exit with 0 whatever is found.
    #[arg(long)]
    exit_zero: bool,
}

impl Reporting {
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
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Full => Format::Full,
            FormatName::Concise => Format::Concise,
            FormatName::Json => Format::Json,
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
    let nearest = rules::RULES
        .iter()
        .map(|rule| (strsim::damerau_levenshtein(rule.name, name), rule.name))
        .min()
        .filter(|(distance, _)| *distance <= 4);
    match nearest {
        Some((_, rule)) => {
            format!("there is no rule {name:?}; did you mean {rule:?}? `puma-lint rules` lists them")
        }
        None => format!("there is no rule {name:?}; `puma-lint rules` lists them"),
    }
}

impl Common {
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
    pub fn style(&self) -> Style {
        self.style_for(&std::io::stdout())
    }

    /// How to draw on a stream.
    pub fn style_for(&self, stream: &impl IsTerminal) -> Style {
        let terminal = stream.is_terminal();
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let dumb = set("TERM").is_some_and(|term| term == "dumb");
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

/// What to write where.
pub fn replacements(workspace: &Workspace, changes: &BTreeMap<FileId, Vec<u8>>) -> Vec<Replacement> {
    let replacement = |(file, new): (&FileId, &Vec<u8>)| {
        let source = workspace.source(*file);
        Replacement { path: source.path().to_owned(), old: source.bytes().to_vec(), new: new.clone() }
    };
    changes.iter().map(replacement).collect()
}

/// Whether every path that was named is excluded, and says so.
pub fn everything_is_excluded(workspace: &Workspace) -> bool {
    let nothing = !workspace.files().any(|(file, _)| workspace.is_selected(file));
    let excluded = workspace.excluded();
    if excluded > 0 && nothing && workspace.errors().is_empty() {
        let files = if excluded == 1 { "what is named here is" } else { "all that is named here is" };
        complain(&format!("{files} excluded: nothing was checked"));
        return true;
    }
    false
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
        sources: workspace.sources(),
        findings: &outcome.findings,
        deployments: &outcome.deployments,
        checked: &outcome.checked,
        notes: &[],
        secrets: &outcome.secrets,
        suppressed: outcome.suppressed,
    }
}

/// Writes a report, buffered.
pub fn write(report: &Report<'_>, format: Format, style: &Style, out: &mut dyn Write) -> std::io::Result<()> {
    let mut buffer = std::io::BufWriter::new(out);
    output::write(report, format, style, &mut buffer)?;
    buffer.flush()
}
