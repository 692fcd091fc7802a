//! The logrotate files of an app. They are no kind of file that is checked: only a migration asks for them.

use std::fs;
use std::path::{Path, PathBuf};

use super::kinds;
use super::read;
use crate::model::FileKind;

/// The folders below an app's root in which people keep what is for the server.
const FOLDERS: &[&str] = &["", "config", "deploy", "etc", "ops", "server"];

/// The names of folders that hold nothing else.
const OWN_FOLDERS: [&str; 2] = ["logrotate", "logrotate.d"];

/// Each logrotate file below an app's root with its text, in the order of their paths. What can't be read isn't there.
pub(crate) fn rotations(root: &Path) -> Vec<(PathBuf, String)> {
    let named = FOLDERS.iter().flat_map(|folder| files(&root.join(folder))).filter(|path| is_named(path));
    let inside = FOLDERS.iter().flat_map(|folder| OWN_FOLDERS.map(|own| root.join(folder).join(own)));
    let mut paths: Vec<PathBuf> = named.chain(inside.flat_map(|folder: PathBuf| files(&folder))).collect();
    paths.sort();
    let text = |path: PathBuf| {
        let bytes = read::whole(&path, FileKind::Script).ok()?;
        Some((path, String::from_utf8(bytes).ok()?))
    };
    paths.into_iter().filter_map(text).collect()
}

/// The regular files in a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
        .map(|entry| entry.path())
        .collect()
}

fn is_named(path: &Path) -> bool {
    let made = kinds::made_by_template(path).map(|(made, _)| made);
    let name = made.as_deref().unwrap_or(path).file_name().unwrap_or_default().to_string_lossy();
    name.starts_with("logrotate") || name.ends_with(".logrotate")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_their_names_and_folders() {
        let folder = tempfile::tempdir().unwrap();
        for path in [
            "config/logrotate/shop",
            "deploy/shop.logrotate",
            "logrotate.conf.erb",
            "config/puma.rb",
            "lib/logrotate",
        ] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        fs::write(folder.path().join("deploy/logrotate"), b"\xff").unwrap();
        let found = rotations(folder.path());
        let found: Vec<_> = found.iter().map(|(path, _)| path.strip_prefix(folder.path()).unwrap()).collect();
        let wanted = ["config/logrotate/shop", "deploy/shop.logrotate", "logrotate.conf.erb"];
        assert_eq!(found, wanted.map(Path::new));
    }
}
