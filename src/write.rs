//! Replaces files so that each holds its old or its new text at every moment, and never half of one.
//!
//! Everything that can fail is done before anything is renamed: all new files lie complete beside their
//! targets, with the targets' mode and owner, before the first one takes its place. Where a replacement would lose
//! something (a hard link, an owner, an edit made in the meantime) it is refused. What is not kept: access
//! control lists and extended attributes, which the standard library cannot see.
//!
//! A new file appears complete as well, and never in the place of another one.
//!
//! A process that is killed while it writes leaves the file that lies ready behind: hidden, with a name that no Puma, systemd
//! or Monit reads. The next run that writes into the folder takes it away, once it is an hour old and so nobody's any more.

use std::collections::HashSet;
use std::fmt;
use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::NamedTempFile;

/// What the name of every temporary file begins with. A killed process may leave one behind; it can be deleted.
pub const TEMPORARY_PREFIX: &str = ".puma-lint-";

/// What the name of every temporary file ends with.
pub const TEMPORARY_SUFFIX: &str = ".tmp";

/// A temporary file of this age belongs to nobody any more: a run takes seconds.
const STALE: Duration = Duration::from_secs(60 * 60);

/// A file that does not exist yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Creation {
    /// The file. Folders that are missing on the way are made.
    pub path: PathBuf,
    /// What it shall hold.
    pub text: Vec<u8>,
}

/// A new content for a file that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// The file. If it is a symbolic link, the file it leads to is replaced and the link stays.
    pub path: PathBuf,
    /// What the file is known to hold: if it holds anything else by now, it is left alone.
    pub old: Vec<u8>,
    /// What it shall hold.
    pub new: Vec<u8>,
}

/// Why files were not, or not all, replaced.
#[derive(Debug)]
pub struct WriteError {
    /// The file that could not be replaced.
    pub path: PathBuf,
    /// What stood in the way.
    pub reason: WriteProblem,
    /// The files that hold their new text.
    pub replaced: Vec<PathBuf>,
    /// The files that hold what they held before, `path` among them if it was not replaced.
    pub unchanged: Vec<PathBuf>,
}

/// What can stand in the way of a replacement.
#[derive(Debug)]
pub enum WriteProblem {
    /// It is a folder, a device, a pipe or a socket.
    NotAFile,
    /// Its owner may not write it.
    ReadOnly,
    /// The owner of its folder may not write there.
    ReadOnlyDirectory,
    /// It has this many names; a replacement would separate them.
    HardLinks(u64),
    /// The new file cannot be given the owner and group of the old one.
    Owner,
    /// It no longer holds what was checked.
    Changed,
    /// The same file is to be replaced twice.
    Twice,
    /// A file that was to be new is there already.
    Exists,
    /// What should be a folder on the way to it is none.
    NoFolder(PathBuf),
    /// The system said no while this was done.
    Io(&'static str, io::Error),
}

impl fmt::Display for WriteProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WriteProblem::NotAFile => f.write_str("not a regular file"),
            WriteProblem::ReadOnly => f.write_str("the file is read-only (chmod u+w makes it writable)"),
            WriteProblem::ReadOnlyDirectory => {
                f.write_str("its folder is read-only, and a file is replaced by a new one beside it")
            }
            WriteProblem::HardLinks(names) => {
                write!(f, "it has {names} names (hard links), and only this one would get the new text")
            }
            WriteProblem::Owner => {
                f.write_str("the new file cannot be given the same owner and group; run as the file's owner")
            }
            WriteProblem::Changed => f.write_str("it was changed since it was read; run again"),
            WriteProblem::Twice => {
                f.write_str("two of the paths lead to this file, with a new text for each")
            }
            WriteProblem::Exists => f.write_str("it is there already, and would be overwritten"),
            WriteProblem::NoFolder(path) => write!(f, "{} is not a folder", path.display()),
            WriteProblem::Io(doing, error) => write!(f, "{doing}: {error}"),
        }
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.reason)?;
        if self.replaced.is_empty() {
            return f.write_str("; no file was changed");
        }
        write!(f, "; already changed: {}", list(&self.replaced))?;
        if !self.unchanged.is_empty() {
            write!(f, "; not changed: {}", list(&self.unchanged))?;
        }
        Ok(())
    }
}

impl std::error::Error for WriteError {}

fn list(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// A new file that lies ready beside its target.
struct Prepared<'a> {
    replacement: &'a Replacement,
    /// The file behind all symbolic links.
    target: PathBuf,
    temporary: NamedTempFile,
}

/// A file that lies ready to appear.
struct Fresh<'a> {
    creation: &'a Creation,
    temporary: NamedTempFile,
    /// The folders that were made for it, the outermost first.
    made: Made,
}

/// Folders that were made, and go again if nothing comes to lie in them.
#[derive(Default)]
struct Made(Vec<PathBuf>);

impl Drop for Made {
    fn drop(&mut self) {
        // Those that hold something stay.
        self.0.iter().rev().for_each(|folder| drop(fs::remove_dir(folder)));
    }
}

/// Replaces the files whose new bytes differ from the old ones.
///
/// # Errors
/// As [`write_all`].
pub fn replace_all(replacements: &[Replacement]) -> Result<(), WriteError> {
    write_all(&[], replacements)
}

/// Creates the new files, then replaces those whose new bytes differ from the old ones.
///
/// # Errors
/// Nothing is changed unless every file could be prepared. After that only a rename can fail (or somebody
/// change a file at the same time): then the error tells which files are new and which are old.
pub fn write_all(creations: &[Creation], replacements: &[Replacement]) -> Result<(), WriteError> {
    let wanted: Vec<_> = replacements.iter().filter(|r| r.old != r.new).collect();
    let created = creations.iter().map(|creation| &creation.path);
    let paths: Vec<&PathBuf> = created.chain(wanted.iter().map(|r| &r.path)).collect();
    let fail = |at: usize, reason: WriteProblem, written: usize| WriteError {
        path: paths[at].clone(),
        reason,
        replaced: paths[..written].iter().map(|path| (*path).clone()).collect(),
        unchanged: paths[written..].iter().map(|path| (*path).clone()).collect(),
    };

    let mut fresh: Vec<Fresh<'_>> = Vec::with_capacity(creations.len());
    for (at, creation) in creations.iter().enumerate() {
        if creations[..at].iter().any(|other| other.path == creation.path) {
            return Err(fail(at, WriteProblem::Twice, 0));
        }
        fresh.push(prepare_new(creation).map_err(|reason| fail(at, reason, 0))?);
    }
    let first = creations.len();
    let mut prepared: Vec<Prepared<'_>> = Vec::with_capacity(wanted.len());
    let mut targets = HashSet::new();
    for (at, replacement) in wanted.iter().enumerate() {
        let ready = prepare(replacement).map_err(|reason| fail(first + at, reason, 0))?;
        if !targets.insert(ready.target.clone()) {
            return Err(fail(first + at, WriteProblem::Twice, 0));
        }
        prepared.push(ready);
    }
    for (at, ready) in prepared.iter().enumerate() {
        ready.check().map_err(|reason| fail(first + at, reason, 0))?;
    }
    for (at, ready) in fresh.into_iter().enumerate() {
        let folder = folder(&ready.creation.path).to_owned();
        let put = ready.temporary.persist_noclobber(&ready.creation.path);
        put.map_err(|e| fail(at, existing(e.error), at))?;
        drop(ready.made);
        sync_directory(&folder).map_err(|e| fail(at, WriteProblem::Io(SYNC, e), at + 1))?;
    }
    for (at, ready) in prepared.into_iter().enumerate() {
        let at = first + at;
        ready.check().map_err(|reason| fail(at, reason, at))?;
        let directory = folder(&ready.target).to_owned();
        let renamed = ready.temporary.persist(&ready.target);
        renamed.map_err(|e| fail(at, WriteProblem::Io("putting the new file in its place", e.error), at))?;
        sync_directory(&directory).map_err(|e| fail(at, WriteProblem::Io(SYNC, e), at + 1))?;
    }
    Ok(())
}

/// Writes a report: a new file or an old one holds the whole of it, or what it held before.
///
/// Devices and pipes are written to, not replaced. A symbolic link stays, and the file that it leads to is replaced.
pub fn write_report(path: &Path, text: &[u8]) -> io::Result<()> {
    let before = fs::metadata(path).ok();
    match &before {
        Some(metadata) if metadata.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        Some(metadata) if !metadata.is_file() => {
            return File::options().write(true).open(path)?.write_all(text);
        }
        Some(metadata) if is_read_only(metadata) => return Err(io::ErrorKind::PermissionDenied.into()),
        _ => {}
    }
    let target = if before.is_some() { fs::canonicalize(path)? } else { path.to_owned() };
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY_PREFIX).suffix(TEMPORARY_SUFFIX);
    allow_as_usual(&mut builder);
    let mut temporary = builder.tempfile_in(folder(&target))?;
    temporary.write_all(text)?;
    if let Some(metadata) = before {
        temporary.as_file().set_permissions(metadata.permissions())?;
    }
    temporary.as_file().sync_all()?;
    temporary.persist(&target).map_err(|error| error.error)?;
    sync_directory(folder(&target))
}

/// A new file may be read by whom the user's mask lets.
#[cfg(unix)]
fn allow_as_usual(builder: &mut tempfile::Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(fs::Permissions::from_mode(0o666));
}

#[cfg(not(unix))]
fn allow_as_usual(_: &mut tempfile::Builder<'_, '_>) {}
/// What was done when only the last step failed.
const SYNC: &str = "the file is new, but making sure that it stays so";

fn existing(error: io::Error) -> WriteProblem {
    match error.kind() {
        io::ErrorKind::AlreadyExists => WriteProblem::Exists,
        _ => WriteProblem::Io("putting the new file in its place", error),
    }
}

/// Makes the folders that are missing, and lays the new file into the last one under another name.
fn prepare_new(creation: &Creation) -> Result<Fresh<'_>, WriteProblem> {
    // A link that leads nowhere is something, too.
    if fs::symlink_metadata(&creation.path).is_ok() {
        return Err(WriteProblem::Exists);
    }
    let folder = folder(&creation.path);
    let made = make_folder(folder)?;
    let around = fs::metadata(folder).map_err(|e| WriteProblem::Io("looking at its folder", e))?;
    if is_read_only(&around) {
        return Err(WriteProblem::ReadOnlyDirectory);
    }
    sweep(folder);
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY_PREFIX).suffix(TEMPORARY_SUFFIX);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any new file: the mask of the process decides.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let temporary = builder.tempfile_in(folder);
    let mut temporary = temporary.map_err(|e| WriteProblem::Io("creating a file beside it", e))?;
    let writing = |e| WriteProblem::Io("writing a file beside it", e);
    temporary.write_all(&creation.text).map_err(writing)?;
    temporary.as_file().sync_all().map_err(writing)?;
    Ok(Fresh { creation, temporary, made })
}

fn make_folder(folder: &Path) -> Result<Made, WriteProblem> {
    let mut made = Made::default();
    let missing: Vec<&Path> = folder.ancestors().take_while(|path| !path.exists()).collect();
    let there = folder.ancestors().nth(missing.len());
    if let Some(there) = there.filter(|path| !path.as_os_str().is_empty() && !path.is_dir()) {
        return Err(WriteProblem::NoFolder(there.to_owned()));
    }
    for path in missing.into_iter().rev().filter(|path| !path.as_os_str().is_empty()) {
        fs::create_dir(path).map_err(|e| WriteProblem::Io("making its folder", e))?;
        made.0.push(path.to_owned());
    }
    Ok(made)
}

/// Takes away what killed runs have left in a folder. Whatever cannot be taken away stays.
fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let ours = name.starts_with(TEMPORARY_PREFIX) && name.ends_with(TEMPORARY_SUFFIX);
        let stale = |entry: &fs::DirEntry| {
            let metadata = entry.metadata().ok().filter(Metadata::is_file)?;
            metadata.modified().ok()?.elapsed().ok().filter(|age| *age > STALE)
        };
        if ours && stale(&entry).is_some() {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Checks everything that can be checked, and lays the new file beside the target.
fn prepare(replacement: &Replacement) -> Result<Prepared<'_>, WriteProblem> {
    let target = fs::canonicalize(&replacement.path).map_err(|e| WriteProblem::Io("finding the file", e))?;
    let before = acceptable(&target)?;
    let directory = folder(&target);
    let around = fs::metadata(directory).map_err(|e| WriteProblem::Io("looking at its folder", e))?;
    if is_read_only(&around) {
        return Err(WriteProblem::ReadOnlyDirectory);
    }
    if !holds(&target, &replacement.old)? {
        return Err(WriteProblem::Changed);
    }

    sweep(directory);
    let mut temporary = tempfile::Builder::new()
        .prefix(TEMPORARY_PREFIX)
        .suffix(TEMPORARY_SUFFIX)
        .tempfile_in(directory)
        .map_err(|e| WriteProblem::Io("creating a file beside it", e))?;
    let writing = |e| WriteProblem::Io("writing a file beside it", e);
    temporary.write_all(&replacement.new).map_err(writing)?;
    // The owner first: a change of owner takes away set-user-id bits.
    keep_owner(temporary.as_file(), &before)?;
    temporary.as_file().set_permissions(before.permissions()).map_err(writing)?;
    temporary.as_file().sync_all().map_err(writing)?;
    Ok(Prepared { replacement, target, temporary })
}

impl Prepared<'_> {
    /// Whether the path still leads to the target, and the target still is what was checked.
    fn check(&self) -> Result<(), WriteProblem> {
        let target =
            fs::canonicalize(&self.replacement.path).map_err(|e| WriteProblem::Io("finding the file", e))?;
        acceptable(&target)?;
        if target != self.target || !holds(&target, &self.replacement.old)? {
            return Err(WriteProblem::Changed);
        }
        Ok(())
    }
}

/// The metadata of a file that may be replaced.
fn acceptable(target: &Path) -> Result<Metadata, WriteProblem> {
    let metadata = fs::metadata(target).map_err(|e| WriteProblem::Io("looking at the file", e))?;
    if !metadata.is_file() {
        return Err(WriteProblem::NotAFile);
    }
    if is_read_only(&metadata) {
        return Err(WriteProblem::ReadOnly);
    }
    match names(&metadata) {
        0 | 1 => Ok(metadata),
        names => Err(WriteProblem::HardLinks(names)),
    }
}

/// Whether the file holds exactly these bytes. Reads no more than it takes to tell.
fn holds(target: &Path, bytes: &[u8]) -> Result<bool, WriteProblem> {
    let reading = |e| WriteProblem::Io("reading the file", e);
    let mut found = Vec::with_capacity(bytes.len() + 1);
    let limit = u64::try_from(bytes.len()).unwrap_or(u64::MAX).saturating_add(1);
    File::open(target).map_err(reading)?.take(limit).read_to_end(&mut found).map_err(reading)?;
    Ok(found == bytes)
}

fn folder(target: &Path) -> &Path {
    target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Whether the owner may not write. Asked of the mode, since root may write everything and should not.
#[cfg(unix)]
fn is_read_only(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o200 == 0
}

#[cfg(not(unix))]
fn is_read_only(metadata: &Metadata) -> bool {
    metadata.is_file() && metadata.permissions().readonly()
}

#[cfg(unix)]
fn names(metadata: &Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt;
    metadata.nlink()
}

#[cfg(not(unix))]
fn names(_: &Metadata) -> u64 {
    1
}

#[cfg(unix)]
fn keep_owner(new: &File, old: &Metadata) -> Result<(), WriteProblem> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let now = new.metadata().map_err(|e| WriteProblem::Io("looking at the new file", e))?;
    let differing = |new: u32, old: u32| (new != old).then_some(old);
    let (user, group) = (differing(now.uid(), old.uid()), differing(now.gid(), old.gid()));
    if user.is_none() && group.is_none() {
        return Ok(());
    }
    fchown(new, user, group).map_err(|_| WriteProblem::Owner)
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &Metadata) -> Result<(), WriteProblem> {
    Ok(())
}

/// Makes a rename survive a loss of power. Some file systems know no such thing; that is no failure.
#[cfg(unix)]
fn sync_directory(directory: &Path) -> io::Result<()> {
    match File::open(directory).and_then(|opened| opened.sync_all()) {
        Err(e) if !matches!(e.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Err(e),
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests;
