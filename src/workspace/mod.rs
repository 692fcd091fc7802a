//! The only reader of files: which files there are, what each is for, and what it holds.
//!
//! A path selects what is reported, not what is known: around a file named by hand the project is read as
//! context. Whatever could not be read is a value ([`Workspace::errors`], [`Workspace::notes`]), so that one bad
//! path never hides what the other files have to say. Every file is read once, and never after [`open`](fn@open) returns.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::model::{FileId, FileKind, Source};

mod exclude;
mod git;
mod kinds;
mod mentions;
mod open;
mod project;
mod read;
mod rotations;
mod uncommitted;
mod walk;

pub use exclude::{BadPattern, Excludes, check_pattern};
pub use git::GitError;
pub use kinds::Names;
pub(crate) use kinds::deploy_root;
pub use project::project_root;
pub use read::{PathError, Reason, stdin};
pub(crate) use rotations::rotations;
pub use uncommitted::uncommitted;

/// What people asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Selection<'a> {
    /// The paths, files and folders, as typed; none means the folder where people stand.
    pub paths: &'a [PathBuf],
    /// The kind of the files named by hand, whatever their names and contents tell.
    pub kind: Option<FileKind>,
    /// Whether the project around a file named by hand is read too.
    pub context: bool,
    /// What a search leaves out.
    pub excludes: Option<&'a Excludes>,
    /// Whether that is left out too if it was named by hand.
    pub force_exclude: bool,
    /// Whether files named by hand of which nothing tells the kind are passed over; else each is an error.
    pub skip_unknown: bool,
    /// Files whose kind the settings tell, whatever their names say.
    pub told: &'a [(PathBuf, FileKind)],
    /// The text of one file, which is all that was asked for: no path is looked at.
    pub unsaved: Option<Unsaved<'a>>,
    /// Is told again and again how many files the searches saw.
    pub watcher: Option<Watcher<'a>>,
}

/// Watches a search.
#[derive(Clone, Copy)]
pub struct Watcher<'a>(pub &'a dyn Fn(usize));

impl fmt::Debug for Watcher<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watcher")
    }
}

/// A text that no file holds yet, as an editor has it.
#[derive(Debug, Clone, Copy)]
pub struct Unsaved<'a> {
    /// Where it will be: its name tells its kind, and the project around it is read as context. What the file holds
    /// now is not. Without a path nothing around the text is known.
    pub path: Option<&'a Path>,
    /// The text.
    pub bytes: &'a [u8],
}

/// Files that can belong to one deployment: a folder that was searched, or the project around files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// The folder: absolute, without symbolic links.
    pub dir: PathBuf,
    /// The folder as shown to people; `.` for where they stand.
    pub shown: String,
    /// Whether it is a whole project, so that what is not among its files is nowhere.
    pub whole: bool,
    /// Its files. A lock file above the folder is among them, and it may be among another root's too.
    pub files: Vec<FileId>,
    /// The links in it that are named after an instance of a unit: where they lead, need not be here.
    pub instances: Vec<PathBuf>,
}

/// Something to say about a path that is no failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The path as shown to people. It may hold any character: escape it before it reaches a terminal.
    pub path: String,
    /// What there is to say.
    pub text: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.text)
    }
}

/// Why there is no workspace at all.
#[derive(Debug)]
pub enum OpenError {
    /// The folder where people stand cannot be found, so that no path means anything.
    CurrentDirectory(io::Error),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::CurrentDirectory(error) => {
                write!(f, "the current directory cannot be found: {}", read::words(error))
            }
        }
    }
}

impl std::error::Error for OpenError {}

/// All files that are known, and which of them were asked for.
#[derive(Debug, Default)]
pub struct Workspace {
    /// By [`FileId`].
    sources: Vec<Source>,
    /// By [`FileId`]: whether it was asked for.
    selected: Vec<bool>,
    /// By [`FileId`]: its place in `roots`.
    root_of: Vec<usize>,
    roots: Vec<Root>,
    errors: Vec<PathError>,
    notes: Vec<Note>,
    searched: usize,
    excluded: usize,
    skipped: usize,
    repository: PathBuf,
    unsaved: Option<(Vec<u8>, Option<FileId>)>,
    earlier: Option<BTreeMap<FileId, Vec<u8>>>,
}

/// Finds and reads the files. `is_directive` tells whether a word is a directive of some release of Puma:
/// it helps to recognise configs whose names say nothing.
pub fn open(selection: &Selection<'_>, is_directive: &dyn Fn(&str) -> bool) -> Result<Workspace, OpenError> {
    let here =
        std::env::current_dir().and_then(std::fs::canonicalize).map_err(OpenError::CurrentDirectory)?;
    Ok(open::open_from(&here, selection, is_directive))
}

/// Reads a settings file, which may lie outside of what is selected.
pub fn read_settings(path: &Path) -> Result<Vec<u8>, Reason> {
    read::whole(path, FileKind::Settings)
}

/// Where a file or a folder is, in the way in which sources name theirs: a symbolic link only in the last step.
/// `None` if nothing is there.
pub fn place(path: &Path) -> Option<PathBuf> {
    let real = read::real(path).ok()?;
    match (path.parent().and_then(|parent| read::real(parent).ok()), path.file_name()) {
        (Some(parent), Some(name)) if !real.is_dir() => Some(parent.join(name)),
        _ => Some(real),
    }
}

/// How the path of a file (absolute, without symbolic links) is shown to people.
pub fn shown(path: &Path) -> String {
    let here = read::real(Path::new(".")).unwrap_or_default();
    let folder = path.parent().map(|parent| project::from_here(parent, &here)).unwrap_or_default();
    project::show(&folder.join(path.file_name().unwrap_or_default()))
}

impl Workspace {
    /// A workspace of sources that were read elsewhere (standard input, an editor): all are selected, under
    /// the root `dir`.
    pub fn of(dir: impl Into<PathBuf>, sources: Vec<Source>) -> Workspace {
        let files = (0..sources.len()).map(id).collect();
        let dir = dir.into();
        Workspace {
            selected: vec![true; sources.len()],
            root_of: vec![0; sources.len()],
            roots: vec![Root { shown: project::show(&dir), dir, whole: true, files, instances: Vec::new() }],
            sources,
            ..Workspace::default()
        }
    }

    /// The same workspace with other bytes in some files, as after a round of fixes. All ids stay.
    pub fn with_overlay(&self, changes: &BTreeMap<FileId, Vec<u8>>) -> Workspace {
        let changed = |(at, source): (usize, &Source)| {
            let bytes = changes.get(&id(at)).map_or(source.bytes(), Vec::as_slice);
            source.with_bytes(bytes.to_vec())
        };
        Workspace {
            sources: self.sources.iter().enumerate().map(changed).collect(),
            selected: self.selected.clone(),
            root_of: self.root_of.clone(),
            roots: self.roots.clone(),
            errors: self.errors.clone(),
            notes: self.notes.clone(),
            searched: self.searched,
            excluded: self.excluded,
            skipped: self.skipped,
            repository: self.repository.clone(),
            unsaved: self.unsaved.clone(),
            earlier: self.earlier.clone(),
        }
    }

    /// The same workspace with one more file, which isn't on disk, below one of its roots. All ids stay.
    pub fn with_file(&self, source: Source) -> Workspace {
        let mut more = self.with_overlay(&BTreeMap::new());
        let file = id(more.sources.len());
        let root = more.roots.iter().position(|root| source.path().starts_with(&root.dir)).unwrap_or(0);
        if let Some(root) = more.roots.get_mut(root) {
            root.files.push(file);
        }
        more.sources.push(source);
        more.selected.push(true);
        more.root_of.push(root);
        more
    }

    /// The text that was given ([`Selection::unsaved`]), as it was given, and its file if it is of a known kind.
    pub fn unsaved(&self) -> Option<(&[u8], Option<FileId>)> {
        self.unsaved.as_ref().map(|(bytes, file)| (bytes.as_slice(), *file))
    }

    /// Every file, selected or context; a [`FileId`] is a place in it.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Every file with its id.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &Source)> {
        self.sources.iter().enumerate().map(|(at, source)| (id(at), source))
    }

    /// A file of this workspace (or of one that it is an overlay of).
    pub fn source(&self, file: FileId) -> &Source {
        &self.sources[index(file)]
    }

    /// Whether the file was asked for; otherwise it is known as context only.
    pub fn is_selected(&self, file: FileId) -> bool {
        self.selected[index(file)]
    }

    /// The root that the file belongs to.
    pub fn root_of(&self, file: FileId) -> &Root {
        &self.roots[self.root_of[index(file)]]
    }

    /// All roots. None lies inside another.
    pub fn roots(&self) -> &[Root] {
        &self.roots
    }

    /// The paths that could not be checked: the exit code is 2, whatever the others bring.
    pub fn errors(&self) -> &[PathError] {
        &self.errors
    }

    /// What else there is to say about paths.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Reads what each lock was at a git revision. One that was not there is noted.
    pub fn read_earlier_locks(&mut self, revision: &str) -> Result<(), GitError> {
        let mut earlier = BTreeMap::new();
        let mut notes = Vec::new();
        for (file, lock) in self.files().filter(|(_, source)| source.kind() == FileKind::Lock) {
            // What counts is where it is, not what leads there.
            let path = read::real_as_far_as_it_goes(lock.path());
            match git::file_at(revision, &path, read::limit(FileKind::Lock))? {
                Some(bytes) => _ = earlier.insert(file, bytes),
                None => notes.push(Note {
                    path: lock.shown().to_owned(),
                    text: format!("was not there in {revision}: no upgrade to speak of"),
                }),
            }
        }
        if earlier.is_empty() && notes.is_empty() {
            let text = format!("no Gemfile.lock here to look for in {revision}: no upgrade to speak of");
            notes.push(Note { path: "--from-ref".to_owned(), text });
        }
        self.notes.extend(notes);
        self.earlier = Some(earlier);
        Ok(())
    }

    /// What the locks were at the revision, if one was named.
    pub fn earlier_locks(&self) -> Option<&BTreeMap<FileId, Vec<u8>>> {
        self.earlier.as_ref()
    }

    /// The root of the repository in which people stand, else where they stand; absolute, without symbolic links.
    pub fn repository(&self) -> &Path {
        &self.repository
    }

    /// How many files the searches saw.
    pub fn searched(&self) -> usize {
        self.searched
    }

    /// How many paths that were named by hand are left out because they are excluded.
    pub fn excluded(&self) -> usize {
        self.excluded
    }

    /// How many files that were named by hand are passed over because they are of no known kind.
    pub fn skipped(&self) -> usize {
        self.skipped
    }

    /// The file that was found at this path ([`Source::path`]), if there is one.
    pub fn find(&self, path: &Path) -> Option<FileId> {
        self.sources.iter().position(|source| source.path() == path).map(id)
    }
}

fn id(at: usize) -> FileId {
    FileId(u32::try_from(at).unwrap_or(u32::MAX))
}

fn index(file: FileId) -> usize {
    usize::try_from(file.0).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
