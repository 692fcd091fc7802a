//! Searches a folder for files that may be of a known kind. Decides by names only, and reads nothing.

use std::fs;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::exclude::Excludes;
use super::kinds;
use super::read::words;
use crate::model::FileKind;

/// Folders in which nobody keeps what is deployed. Not passed over if named by hand.
const PRUNED: &[&str] = &[
    ".bundle",
    ".cache",
    ".git",
    ".hg",
    ".svn",
    "coverage",
    "log",
    "node_modules",
    "public",
    "storage",
    "target",
    "tmp",
    "vendor",
];

/// What a search brought.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// The files that may be of a known kind, by path.
    pub found: Vec<Found>,
    /// How many files were seen.
    pub searched: usize,
    /// The folders that could not be searched, and the system's words for it.
    pub unsearched: Vec<(PathBuf, String)>,
    /// The links that were not followed, and why.
    pub unfollowed: Vec<(PathBuf, &'static str)>,
    /// The links that are named after an instance of a unit.
    pub instances: Vec<PathBuf>,
}

/// A file that may be of a known kind.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Where it was found.
    pub path: PathBuf,
    /// Where it really is.
    pub real: PathBuf,
    /// What its name tells.
    pub sign: Sign,
}

/// What a name tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// The kind.
    Kind(FileKind),
    /// A kind that the content may show.
    Candidate(FileKind, InMonitFolder),
}

/// What a search leaves out, and what is known beforehand.
#[derive(Clone, Copy, Default)]
pub(super) struct Searching<'a> {
    pub excludes: Option<&'a Excludes>,
    /// Files whose kind is known, whatever their names say.
    pub told: &'a [(PathBuf, FileKind)],
}

/// Whether a folder on the way bears Monit's name.
pub(super) type InMonitFolder = bool;

/// Searches `dir` (absolute, without symbolic links), which is never passed over itself. Links to folders
/// are not followed; links to files are, as long as they lead to somewhere inside `confines`.
/// `seen` is told how many files were seen.
pub(super) fn walk(
    dir: &Path,
    confines: &Path,
    deep: bool,
    searching: &Searching<'_>,
    seen: &dyn Fn(usize),
) -> Walk {
    let left_out = |path: &Path| searching.excludes.is_some_and(|excludes| excludes.names(path));
    let mut walk = Walk::default();
    let entries = WalkDir::new(dir)
        .max_depth(if deep { usize::MAX } else { 1 })
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || !(is_pruned(entry) || left_out(entry.path())));
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().unwrap_or(dir).to_owned();
                let why = error.io_error().map_or_else(|| error.to_string(), words);
                walk.unsearched.push((path, why));
                continue;
            }
        };
        let (file, link) = (entry.file_type().is_file(), entry.file_type().is_symlink());
        if entry.file_type().is_dir() {
            continue;
        }
        walk.searched += 1;
        seen(walk.searched);
        let told = searching.told.iter().find(|(path, _)| path == entry.path());
        let sign = told.map(|(_, kind)| Sign::Kind(*kind)).or_else(|| sign(entry.path(), dir));
        let Some(sign) = sign else { continue };
        let path = entry.into_path();
        if link {
            if matches!(sign, Sign::Kind(FileKind::Systemd)) && is_instance(&path) {
                walk.instances.push(path.clone());
            }
            match behind(&path, confines) {
                Ok(Some(real)) => walk.found.push(Found { path, real, sign }),
                Ok(None) => {}
                // Where only the content would have told, there is nothing to regret.
                Err(why) if matches!(sign, Sign::Kind(_)) && !is_switch(&path) => {
                    walk.unfollowed.push((path, why));
                }
                Err(_) => {}
            }
        } else if file || matches!(sign, Sign::Kind(_)) {
            walk.found.push(Found { real: path.clone(), path, sign });
        }
    }
    walk
}

fn is_pruned(entry: &DirEntry) -> bool {
    entry.file_type().is_dir() && entry.file_name().to_str().is_some_and(|name| PRUNED.contains(&name))
}

/// What a file's name tells, and the names of the folders down to it from `dir`.
fn sign(path: &Path, dir: &Path) -> Option<Sign> {
    let candidate = |path: &Path| {
        let monit = in_monit_folder(path, dir);
        kinds::candidate(path, monit).map(|kind| (kind, monit))
    };
    let made = kinds::made_by_template(path).map(|(made, _)| made);
    let name = made.as_deref().unwrap_or(path);
    match kinds::by_name(name) {
        // Nobody makes a lock by a template.
        Some(kind) if made.is_some() && kind.only_decides() => None,
        Some(kind) => Some(Sign::Kind(kind)),
        None => candidate(name).map(|(kind, monit)| Sign::Candidate(kind, monit)),
    }
}

/// Whether `dir` or a folder between it and the file bears Monit's name.
fn in_monit_folder(path: &Path, dir: &Path) -> bool {
    // Asked of every file of a search, and the answer is nearly always in this line.
    if !path.to_str().is_some_and(|path| path.contains("monit")) {
        return false;
    }
    let below = path.strip_prefix(dir.parent().unwrap_or(dir)).ok().and_then(Path::parent);
    below.is_some_and(|way| way.iter().any(|name| name.to_str().is_some_and(kinds::is_monit_folder)))
}

/// Whether a unit's name has an instance: `puma@shop.service`.
fn is_instance(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.split_once('@'));
    name.is_some_and(|(_, instance)| !instance.starts_with('.'))
}

/// Whether a link is one that systemd makes to enable a unit. The unit itself lies where it leads to.
fn is_switch(link: &Path) -> bool {
    let folder = link.parent().and_then(Path::extension);
    folder.is_some_and(|suffix| suffix == "wants" || suffix == "requires")
}

/// The file behind a symbolic link; nothing if it is a folder, or `/dev/null`, which masks a unit.
fn behind(link: &Path, confines: &Path) -> Result<Option<PathBuf>, &'static str> {
    let Ok(real) = fs::canonicalize(link) else {
        return Err("a symbolic link that leads to nothing: not read");
    };
    if real.is_dir() || real == Path::new("/dev/null") {
        return Ok(None);
    }
    if !real.starts_with(confines) {
        return Err("a symbolic link that leads out of the project: not read (name it by hand to check it)");
    }
    Ok(Some(real))
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn names_and_links_decide_what_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let dir = fs::canonicalize(folder.path()).unwrap();
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("puma.rb"), "").unwrap();
        for file in [
            "app/config/puma.rb",
            "app/config/shared.rb",
            "app/config/puma.rb.erb",
            "app/config/nginx.conf",
            "app/config/nginx.conf.j2",
            "app/monit.d/shop",
            "app/lib/thing.rb",
            "app/vendor/puma.rb",
            "app/tmp/puma.rb",
            "app/log",
            "app/shared/linked.rb",
        ] {
            fs::create_dir_all(dir.join(file).parent().unwrap()).unwrap();
            fs::write(dir.join(file), "").unwrap();
        }
        let app = dir.join("app");
        symlink("../shared/linked.rb", app.join("config/puma_linked.rb")).unwrap();
        symlink(outside.path().join("puma.rb"), app.join("config/puma_outside.rb")).unwrap();
        symlink("nowhere", app.join("config/puma_nowhere.rb")).unwrap();
        symlink("../config", app.join("shared/config")).unwrap();
        symlink(".", app.join("shared/puma.rb")).unwrap();
        symlink("/dev/null", app.join("masked.service")).unwrap();
        fs::create_dir(app.join("multi-user.target.wants")).unwrap();
        symlink("/nowhere/x.service", app.join("multi-user.target.wants/x.service")).unwrap();

        let walk = walk(&app, &app, true, &Searching::default(), &|_| {});
        let found: Vec<_> = walk
            .found
            .iter()
            .map(|f| (f.path.strip_prefix(&app).unwrap().to_str().unwrap(), f.sign))
            .collect();
        assert_eq!(
            found,
            [
                ("config/nginx.conf", Sign::Candidate(FileKind::Monit, false)),
                ("config/nginx.conf.j2", Sign::Candidate(FileKind::Monit, false)),
                ("config/puma.rb", Sign::Kind(FileKind::Puma)),
                ("config/puma.rb.erb", Sign::Kind(FileKind::Puma)),
                ("config/puma_linked.rb", Sign::Kind(FileKind::Puma)),
                ("config/shared.rb", Sign::Candidate(FileKind::Puma, false)),
                ("monit.d/shop", Sign::Candidate(FileKind::Monit, true)),
            ]
        );
        assert_eq!(walk.found[4].real, app.join("shared/linked.rb"));
        let unfollowed: Vec<_> = walk
            .unfollowed
            .iter()
            .map(|(path, why)| (path.file_name().unwrap().to_str().unwrap(), why.split(':').next().unwrap()))
            .collect();
        assert_eq!(
            unfollowed,
            [
                ("puma_nowhere.rb", "a symbolic link that leads to nothing"),
                ("puma_outside.rb", "a symbolic link that leads out of the project"),
            ]
        );
    }

    #[test]
    fn a_pruned_name_is_searched_if_it_is_the_start() {
        let folder = tempfile::tempdir().unwrap();
        let dir = fs::canonicalize(folder.path()).unwrap().join("vendor");
        fs::create_dir_all(dir.join("tmp")).unwrap();
        fs::write(dir.join("puma.rb"), "").unwrap();
        fs::write(dir.join("tmp/puma.rb"), "").unwrap();
        assert_eq!(walk(&dir, &dir, true, &Searching::default(), &|_| {}).found.len(), 1);
        assert_eq!(walk(&dir, &dir, true, &Searching::default(), &|_| {}).searched, 1);
    }
}
