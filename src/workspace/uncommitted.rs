//! Which files git would lose changes of.

use std::path::{Path, PathBuf};

use super::git;

/// The files of a git checkout that differ from what is committed, or that git doesn't know. Outside of git, and without
/// a `git` to ask: none.
pub fn uncommitted(paths: &[PathBuf]) -> Vec<PathBuf> {
    let differs = |path: &&PathBuf| path.is_file() && is_uncommitted(path);
    paths.iter().filter(differs).cloned().collect()
}

/// How much of git's answer is read: it is about one file.
const ANSWER: u64 = 64 << 10;

fn is_uncommitted(path: &Path) -> bool {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return false;
    };
    let name = format!("./{name}");
    let asked = git::run(folder, &["status", "--porcelain", "--ignored", "--", &name], ANSWER);
    asked.is_ok_and(|answer| answer.code == Some(0) && !answer.text.is_empty())
}
