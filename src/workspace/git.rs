//! What a file was at a git revision. Git itself is asked: nobody else knows all the ways in which it stores things.

use std::fmt;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long git may take. A clone without blobs may have to fetch one.
const PATIENCE: Duration = Duration::from_secs(20);

/// How much of git's complaints is read.
const WORDS: u64 = 4 << 10;

/// Variables by which a hook's git tells its children of its own repository. The file's own is meant.
const REPOSITORY: &[&str] = &["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"];

/// Why a revision could not be read.
#[derive(Debug)]
pub enum GitError {
    /// Git could not be run.
    NoGit(io::Error),
    /// The file's repository has no such revision.
    UnknownRevision(String),
    /// Git refused, in its own words: the file lies in no repository, or in one of somebody else.
    Refused(String),
    /// Git took too long.
    Slow,
    /// The file was larger than any that is read.
    TooLarge,
}

impl fmt::Display for GitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GitError::NoGit(error) => write!(f, "git cannot be run: {}", super::read::words(error)),
            GitError::UnknownRevision(revision) => {
                write!(
                    f,
                    "git knows no revision {revision:?} here; a shallow clone may have to fetch it first"
                )
            }
            GitError::Refused(words) => write!(f, "git says: {words}"),
            GitError::Slow => write!(f, "git did not answer within {} seconds", PATIENCE.as_secs()),
            GitError::TooLarge => f.write_str("the file was too large there"),
        }
    }
}

impl std::error::Error for GitError {}

/// The content of a file (absolute, without symbolic links) at a revision; `None` if it was not there.
pub(super) fn file_at(revision: &str, path: &Path, limit: u64) -> Result<Option<Vec<u8>>, GitError> {
    let (Some(dir), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Ok(None);
    };
    let unknown = || GitError::UnknownRevision(revision.to_owned());
    // It would be an option.
    if revision.starts_with('-') {
        return Err(unknown());
    }
    let commit = format!("{revision}^{{commit}}");
    let found = run(dir, &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit], 100)?;
    match found.code {
        Some(0) => {}
        Some(1) => return Err(unknown()),
        _ => return Err(GitError::Refused(found.words)),
    }
    let commit = String::from_utf8_lossy(&found.text).trim().to_owned();
    let file = run(dir, &["cat-file", "blob", &format!("{commit}:./{name}")], limit)?;
    match file.code {
        Some(0) => Ok(Some(file.text)),
        _ if file.words.contains("does not exist in") || file.words.contains("but not in") => Ok(None),
        _ => Err(GitError::Refused(file.words)),
    }
}

/// What git answered.
pub(super) struct Answer {
    /// Its exit code.
    pub code: Option<i32>,
    /// What it printed.
    pub text: Vec<u8>,
    words: String,
}

/// Asks the repository that a folder lies in.
pub(super) fn run(dir: &Path, arguments: &[&str], limit: u64) -> Result<Answer, GitError> {
    let mut git = Command::new("git");
    REPOSITORY.iter().for_each(|name| _ = git.env_remove(name));
    git.args(arguments).current_dir(dir).env("LC_ALL", "C");
    git.env("GIT_TERMINAL_PROMPT", "0").env("GIT_OPTIONAL_LOCKS", "0");
    git.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = git.spawn().map_err(GitError::NoGit)?;
    let (answer, answered) = mpsc::channel();
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    // If git never answers, this ends when git is ended below.
    thread::spawn(move || {
        let mut text = Vec::new();
        let mut words = Vec::new();
        let read = stdout.map_or(Ok(0), |out| out.take(limit + 1).read_to_end(&mut text));
        let read = read.and_then(|_| stderr.map_or(Ok(0), |err| err.take(WORDS).read_to_end(&mut words)));
        // Nobody waits any more if that fails.
        let _ = answer.send(read.map(|_| (text, words)));
    });
    let read = answered.recv_timeout(PATIENCE);
    if read.is_err() {
        // It may just have ended.
        let _ = child.kill();
    }
    let status = child.wait().map_err(GitError::NoGit)?;
    let (text, words) = read.map_err(|_| GitError::Slow)?.map_err(GitError::NoGit)?;
    if u64::try_from(text.len()).is_ok_and(|length| length > limit) {
        return Err(GitError::TooLarge);
    }
    Ok(Answer { code: status.code(), text, words: first_complaint(&words) })
}

fn first_complaint(words: &[u8]) -> String {
    let words = String::from_utf8_lossy(words);
    let lines = words.lines().filter_map(|line| line.split_once(": "));
    let complaint =
        lines.filter(|(kind, _)| matches!(*kind, "fatal" | "error")).map(|(_, words)| words).next();
    complaint.or(words.lines().next()).unwrap_or("nothing").to_owned()
}
