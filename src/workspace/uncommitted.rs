//! Which files git would lose changes of.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The files of a git checkout that differ from what is committed, or that git doesn't know. Outside of git, and without
/// a `git` to ask: none.
pub fn uncommitted(paths: &[PathBuf]) -> Vec<PathBuf> {
    let differs = |path: &&PathBuf| path.is_file() && is_uncommitted(path);
    paths.iter().filter(differs).cloned().collect()
}

fn is_uncommitted(path: &Path) -> bool {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return false };
    let asked = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["status", "--porcelain", "--ignored", "--"])
        .arg(Path::new(".").join(name))
        .output();
    asked.is_ok_and(|answer| answer.status.success() && !answer.stdout.is_empty())
}
