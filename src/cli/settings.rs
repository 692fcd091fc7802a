//! The flags that choose settings and files, and the way to the settings of a run.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use super::common::{Common, Destination, complain};
use super::progress::Progress;
use crate::lint::Options;
use crate::model::{FileKind, Source};
use crate::output::{self, Style};
use crate::rules;
use crate::settings::{self, File, Refused, Settings};
use crate::workspace::{self, BadPattern, Excludes, Selection, Unsaved, Watcher, Workspace};

/// Which settings hold, and which files are left out.
#[derive(Debug, Args)]
pub struct SettingsFlags {
    /// The settings file, instead of the puma-lint.toml that is found from the files upwards.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Look for no settings file.
    #[arg(long, conflicts_with = "config")]
    pub isolated: bool,
    /// Leave out files and folders: a name, or a path from here; may be given several times.
    #[arg(long, value_name = "GLOB", value_parser = pattern)]
    pub exclude: Vec<String>,
    /// Leave them out even if they are named here, as hooks need it.
    #[arg(long)]
    pub force_exclude: bool,
    /// Pass over files named here of which neither name nor content tells the kind, as hooks need it.
    #[arg(long)]
    pub skip_unknown: bool,
}

fn pattern(text: &str) -> Result<String, String> {
    workspace::check_pattern(text).map(|()| text.to_owned()).map_err(|BadPattern(why)| why)
}

/// The names of all rules.
pub fn rule_names() -> Vec<&'static str> {
    rules::RULES.iter().map(|rule| rule.name).collect()
}

impl Common {
    /// Finds the settings, and reads the files. Complains if it cannot.
    pub fn open(&self) -> Option<(Workspace, Options)> {
        let style = self.style(Destination::Stderr);
        let opened = self.stdin().map_err(Failure::Words);
        let opened = opened.and_then(|stdin| self.open_with(self.settings()?, stdin.as_deref()));
        opened.map_err(|failure| failure.complain(&style)).ok()
    }

    /// The settings that are found without looking for files: from the paths upwards, or those of `--config`.
    fn settings(&self) -> Result<Settings, Failure> {
        if self.settings.isolated {
            return Ok(Settings::default());
        }
        if let Some(path) = &self.settings.config {
            let shown = path.to_string_lossy();
            let Some(path) = workspace::place(path) else {
                return Err(Failure::Words(format!("{shown}: not found")));
            };
            return Ok(Settings::everywhere(load(&path, &shown)?));
        }
        let nothing_typed = [PathBuf::from(".")];
        let typed = match &self.stdin_filename {
            Some(name) => std::slice::from_ref(name),
            None if self.paths.is_empty() || self.paths == [Path::new("-")] => &nothing_typed[..],
            None => &self.paths,
        };
        let mut settings = Settings::default();
        for place in typed.iter().filter_map(|path| self.folder_of(path)) {
            let Some(path) = settings::find(&place) else { continue };
            if !settings.knows(&path) {
                let hidden = path.with_file_name(settings::NAMES[1]);
                if hidden != path && hidden.is_file() {
                    let hidden = workspace::shown(&hidden);
                    complain(&output::escape::inline(&format!(
                        "{hidden}: not read, since {} lies beside it",
                        settings::NAMES[0]
                    )));
                }
                settings.add(load(&path, &workspace::shown(&path))?);
            }
        }
        Ok(settings)
    }

    /// Where settings are looked for: in the folder that is meant, or in that of the file. A text that was not saved yet
    /// may come from a folder that is not there yet.
    fn folder_of(&self, path: &Path) -> Option<PathBuf> {
        let place = match &self.stdin_filename {
            None => workspace::place(path),
            Some(_) => {
                let above = |above: &Path| {
                    if above.as_os_str().is_empty() { Path::new(".") } else { above }.to_owned()
                };
                path.ancestors().skip(1).find_map(|path| workspace::place(&above(path)))
            }
        }?;
        if place.is_dir() { Some(place) } else { place.parent().map(Path::to_owned) }
    }

    fn open_with(
        &self,
        mut settings: Settings,
        stdin: Option<&[u8]>,
    ) -> Result<(Workspace, Options), Failure> {
        loop {
            let workspace = self.read(&settings, stdin)?;
            let below = self.settings_below(&workspace, &settings)?;
            // What they leave out or tell may have been read, or not.
            let again = below.iter().any(|file| !(file.exclude.is_empty() && file.deployments.is_empty()));
            below.into_iter().for_each(|file| settings.add(file));
            if !again {
                let workspace = self.with_earlier_locks(workspace).map_err(Failure::Words)?;
                return Ok((workspace, self.options(settings)));
            }
        }
    }

    /// The settings files that a search met.
    fn settings_below(&self, workspace: &Workspace, settings: &Settings) -> Result<Vec<File>, Failure> {
        if self.settings.isolated {
            return Ok(Vec::new());
        }
        let met = workspace.files().map(|(_, source)| source);
        let new = met.filter(|source| source.kind() == FileKind::Settings && !settings.knows(source.path()));
        // Of two in one folder the first name decides.
        let decides = |source: &&Source| {
            settings::find(source.path().parent().unwrap_or(Path::new(""))).as_deref() == Some(source.path())
        };
        new.filter(decides)
            .map(|source| {
                let bytes = source.bytes().to_vec();
                let copy = Source::new(source.shown(), source.path(), FileKind::Settings, bytes);
                Ok(settings::parse(copy, &rule_names())?)
            })
            .collect()
    }

    fn read(&self, settings: &Settings, stdin: Option<&[u8]>) -> Result<Workspace, Failure> {
        let mut excludes = Excludes::default();
        let here = workspace::place(Path::new(".")).unwrap_or_default();
        let given = excludes.add(&here, self.settings.exclude.iter().map(String::as_str));
        given
            .and_then(|()| settings.exclude(&mut excludes))
            .map_err(|BadPattern(why)| Failure::Words(why))?;
        let progress = Progress::new(self.terminal());
        let searched = |files| progress.searched(files);
        let selection = Selection {
            unsaved: stdin.map(|bytes| Unsaved { path: self.stdin_filename.as_deref(), bytes }),
            watcher: Some(Watcher(&searched)),
            paths: &self.paths,
            kind: self.kind.map(FileKind::from),
            context: !self.no_context,
            excludes: Some(&excludes),
            force_exclude: self.settings.force_exclude,
            skip_unknown: self.settings.skip_unknown,
            told: &settings.told(),
        };
        let is_directive = |name: &str| crate::catalog::directive(name).is_some();
        workspace::open(&selection, &is_directive).map_err(|error| Failure::Words(error.to_string()))
    }
}

fn load(path: &Path, shown: &str) -> Result<File, Failure> {
    Ok(settings::load(path, shown, &rule_names())?)
}

/// Why there is nothing to check with.
enum Failure {
    Words(String),
    Settings(Box<settings::Wrong>),
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Unreadable(words) => Failure::Words(words),
            Refused::Wrong(wrong) => Failure::Settings(wrong),
        }
    }
}

impl Failure {
    fn complain(&self, style: &Style) {
        match self {
            Failure::Words(words) => complain(&output::escape::inline(words)),
            Failure::Settings(wrong) => {
                // Nobody is left to tell if that fails.
                let _ = output::settings::write_problems(wrong, style, &mut io::stderr().lock());
            }
        }
    }
}
