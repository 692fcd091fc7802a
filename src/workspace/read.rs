//! Reads one file: bounded, never hanging, and with a reason where it cannot.

use std::fmt;
use std::fs::{self, File, FileType};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::model::FileKind;

const KIB: u64 = 1024;

/// How much of a file is read before its kind is known, when a folder is searched.
const PREFIX: u64 = 8 * KIB;

/// The largest file of a kind that is read.
pub(super) fn limit(kind: FileKind) -> u64 {
    match kind {
        FileKind::Puma
        | FileKind::Ruby
        | FileKind::Procfile
        | FileKind::Dockerfile
        | FileKind::Compose
        | FileKind::Capistrano
        | FileKind::Script => 256 * KIB,
        FileKind::Systemd
        | FileKind::Monit
        | FileKind::Lock
        | FileKind::Settings
        | FileKind::Environment
        | FileKind::RubyVersion => KIB * KIB,
    }
}

/// A path that could not be checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathError {
    /// The path as shown to people. It may hold any character: escape it before it reaches a terminal.
    pub path: String,
    /// Why not.
    pub reason: Reason,
}

/// Why a path could not be checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Nothing is there.
    NotFound,
    /// A symbolic link is there, and leads to nothing.
    DanglingLink,
    /// The system did not let us read it; its words.
    NotReadable(String),
    /// It is something that cannot be read as a file: what it is.
    NotRegular(&'static str),
    /// It is larger than this many bytes.
    TooLarge(u64),
    /// Neither its name nor its content tells a kind.
    UnknownKind,
    /// No file of a known kind is in that folder.
    NothingToCheck {
        /// How many files were looked at.
        searched: usize,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::NotFound => f.write_str("not found"),
            Reason::DanglingLink => f.write_str("a symbolic link that leads to nothing"),
            Reason::NotReadable(words) => write!(f, "not readable: {words}"),
            Reason::NotRegular(what) => write!(f, "{what}, not a regular file"),
            Reason::TooLarge(limit) => match limit / KIB {
                kib if kib < KIB => write!(f, "larger than {kib} KiB: not read"),
                kib => write!(f, "larger than {} MiB: not read", kib / KIB),
            },
            Reason::UnknownKind => {
                f.write_str("neither its name nor its content tells what it is: say so with --kind ")?;
                let [first @ .., last] = FileKind::ALL.map(FileKind::name);
                write!(f, "{} or {last}", first.join(", "))
            }
            Reason::NothingToCheck { searched } => {
                let files = if *searched == 1 { "file" } else { "files" };
                write!(f, "no Puma config, unit, Monit file or Procfile (searched {searched} {files})")
            }
        }
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Reason::NothingToCheck { .. } = self.reason {
            f.write_str("nothing to check in ")?;
        }
        write!(f, "{}: {}", self.path, self.reason)
    }
}

impl std::error::Error for PathError {}

impl Reason {
    fn of(error: &io::Error) -> Reason {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Reason::NotFound,
            _ => Reason::NotReadable(words(error)),
        }
    }
}

/// The system's words for an error, without its number.
pub(super) fn words(error: &io::Error) -> String {
    let text = error.to_string();
    let words = text.split(" (os error").next().unwrap_or_default();
    let mut letters = words.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// What a look at the beginning of a file decides.
pub(super) enum Verdict {
    /// Read it as this kind.
    Read(FileKind),
    /// Leave it.
    Leave,
}

/// Reads standard input to its end, or until it is larger than a file of any kind may be.
pub fn stdin() -> Result<Vec<u8>, PathError> {
    let mut bytes = Vec::new();
    let read = io::stdin().lock().take(KIB * KIB + 1).read_to_end(&mut bytes);
    let failed = |reason| PathError { path: STDIN.to_owned(), reason };
    read.map_err(|error| failed(Reason::of(&error)))?;
    match small_enough(&bytes, KIB * KIB) {
        true => Ok(bytes),
        false => Err(failed(Reason::TooLarge(KIB * KIB))),
    }
}

/// What is shown of a text that has no path.
pub(super) const STDIN: &str = "<stdin>";

/// Whether a text is not larger than a file of the kind may be.
pub(super) fn fits(bytes: &[u8], kind: FileKind) -> Result<(), Reason> {
    if small_enough(bytes, limit(kind)) { Ok(()) } else { Err(Reason::TooLarge(limit(kind))) }
}

fn small_enough(bytes: &[u8], limit: u64) -> bool {
    u64::try_from(bytes.len()).is_ok_and(|size| size <= limit)
}

/// Reads a file whose kind is known.
pub(super) fn whole(path: &Path, kind: FileKind) -> Result<Vec<u8>, Reason> {
    let (mut file, size) = open(path)?;
    if size > limit(kind) {
        return Err(Reason::TooLarge(limit(kind)));
    }
    let mut bytes = Vec::new();
    rest(&mut file, &mut bytes, kind)?;
    Ok(bytes)
}

/// Reads the beginning of a file that may be of the kind, and the rest of it if `decide` says so.
pub(super) fn after_a_look(
    path: &Path,
    candidate: Option<FileKind>,
    decide: impl FnOnce(&[u8]) -> Verdict,
) -> Result<Option<(FileKind, Vec<u8>)>, Reason> {
    let (mut file, size) = open(path)?;
    // Monit's files say at once what they are; a Puma config's directives may stand anywhere.
    let look = match candidate {
        Some(FileKind::Monit) => PREFIX,
        // Programs lie where scripts do.
        Some(FileKind::Script) => 4 * PREFIX,
        _ => limit(FileKind::Puma),
    };
    let mut bytes = Vec::new();
    Read::take(&mut file, look).read_to_end(&mut bytes).map_err(|e| Reason::of(&e))?;
    let Verdict::Read(kind) = decide(&bytes) else { return Ok(None) };
    if size > limit(kind) {
        return Err(Reason::TooLarge(limit(kind)));
    }
    rest(&mut file, &mut bytes, kind)?;
    Ok(Some((kind, bytes)))
}

/// Where a path leads in the end, as far as there is anything.
pub(super) fn real_as_far_as_it_goes(path: &Path) -> PathBuf {
    let there = path.ancestors().find_map(|above| Some((above, fs::canonicalize(above).ok()?)));
    let Some((above, real)) = there else { return path.to_owned() };
    match path.strip_prefix(above) {
        Ok(rest) if !rest.as_os_str().is_empty() => real.join(rest),
        _ => real,
    }
}

/// Where a path leads in the end.
pub(super) fn real(path: &Path) -> Result<PathBuf, Reason> {
    fs::canonicalize(path).map_err(|e| because(&e, path))
}

fn because(error: &io::Error, path: &Path) -> Reason {
    match Reason::of(error) {
        Reason::NotFound if fs::symlink_metadata(path).is_ok() => match fs::metadata(path) {
            // `<(…)` of a shell: /dev/fd/63 leads to a pipe that has no name.
            Ok(there) if !there.is_file() => Reason::NotRegular(what(there.file_type())),
            _ => Reason::DanglingLink,
        },
        reason => reason,
    }
}

/// Opens a regular file. Anything else is not even opened: opening a pipe would wait for its other end.
fn open(path: &Path) -> Result<(File, u64), Reason> {
    let metadata = fs::metadata(path).map_err(|e| because(&e, path))?;
    if !metadata.is_file() {
        return Err(Reason::NotRegular(what(metadata.file_type())));
    }
    let file = File::open(path).map_err(|e| Reason::of(&e))?;
    Ok((file, metadata.len()))
}

/// Reads on to the end, or until the file is larger than it may be: it can grow meanwhile, and some files
/// (those in `/proc`) say that they are empty.
fn rest(file: &mut File, bytes: &mut Vec<u8>, kind: FileKind) -> Result<(), Reason> {
    let limit = limit(kind);
    let read = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    Read::take(file, limit.saturating_sub(read) + 1).read_to_end(bytes).map_err(|e| Reason::of(&e))?;
    fits(bytes, kind)
}

/// What something is that is no regular file.
fn what(file_type: FileType) -> &'static str {
    if file_type.is_dir() {
        return "a folder";
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if file_type.is_fifo() {
            return "a pipe";
        }
        if file_type.is_socket() {
            return "a socket";
        }
        if file_type.is_block_device() || file_type.is_char_device() {
            return "a device";
        }
    }
    "something else"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_up_to_their_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        for (kind, limit) in [(FileKind::Puma, 256 * 1024), (FileKind::Lock, 1024 * 1024)] {
            fs::write(&path, vec![b' '; limit]).unwrap();
            assert_eq!(whole(&path, kind).unwrap().len(), limit);
            let looked = after_a_look(&path, None, |_| Verdict::Read(kind)).unwrap().unwrap();
            assert_eq!((looked.0, looked.1.len()), (kind, limit));
            fs::write(&path, vec![b' '; limit + 1]).unwrap();
            let too_large = Reason::TooLarge(limit as u64);
            assert_eq!(whole(&path, kind), Err(too_large.clone()));
            assert_eq!(after_a_look(&path, None, |_| Verdict::Read(kind)), Err(too_large));
        }
    }

    #[test]
    fn a_look_for_monit_reads_a_small_prefix() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        fs::write(&path, vec![b' '; 3_000_000]).unwrap();
        let mut seen = 0;
        let found = after_a_look(&path, Some(FileKind::Monit), |bytes| {
            seen = bytes.len();
            Verdict::Leave
        });
        assert_eq!((found, seen), (Ok(None), 8192));
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_said_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::os::unix::fs::symlink("nowhere", at("link")).unwrap();
        std::os::unix::fs::symlink("loop", at("loop")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
        let fifo = std::process::Command::new("mkfifo").arg(at("fifo")).status().unwrap().success();
        assert_eq!(whole(&at("none"), FileKind::Puma), Err(Reason::NotFound));
        assert_eq!(whole(&at("link/x"), FileKind::Puma), Err(Reason::NotFound));
        assert_eq!(whole(&at("link"), FileKind::Puma), Err(Reason::DanglingLink));
        assert_eq!(whole(&at("socket"), FileKind::Puma), Err(Reason::NotRegular("a socket")));
        assert_eq!(whole(folder.path(), FileKind::Puma), Err(Reason::NotRegular("a folder")));
        assert_eq!(whole(Path::new("/dev/null"), FileKind::Puma), Err(Reason::NotRegular("a device")));
        let (reader, _writer) = std::io::pipe().unwrap();
        let unnamed = format!("/dev/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&reader));
        assert_eq!(real(Path::new(&unnamed)), Err(Reason::NotRegular("a pipe")));
        assert!(fifo);
        assert_eq!(whole(&at("fifo"), FileKind::Puma), Err(Reason::NotRegular("a pipe")));
        assert_eq!(
            whole(&at("loop"), FileKind::Puma),
            Err(Reason::NotReadable("too many levels of symbolic links".into()))
        );
    }

    #[test]
    fn errors_read_as_sentences() {
        let say = |reason| PathError { path: "x".into(), reason }.to_string();
        assert_eq!(say(Reason::NotFound), "x: not found");
        assert_eq!(say(Reason::of(&io::Error::from_raw_os_error(13))), "x: not readable: permission denied");
        assert_eq!(say(Reason::NotRegular("a socket")), "x: a socket, not a regular file");
        assert_eq!(say(Reason::TooLarge(256 * KIB)), "x: larger than 256 KiB: not read");
        assert_eq!(say(Reason::TooLarge(KIB * KIB)), "x: larger than 1 MiB: not read");
        assert_eq!(
            say(Reason::UnknownKind),
            "x: neither its name nor its content tells what it is: say so with --kind puma, systemd, monit, procfile, dockerfile, compose, capistrano, script or lock"
        );
        assert_eq!(
            say(Reason::NothingToCheck { searched: 214 }),
            "nothing to check in x: no Puma config, unit, Monit file or Procfile (searched 214 files)"
        );
    }
}
