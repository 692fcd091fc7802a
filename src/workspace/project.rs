//! Where a project begins, and how its paths are shown.

use std::path::{Component, Path, PathBuf};

/// Files that stand in the root of a Ruby project.
const MARKERS: &[&str] = &["Gemfile.lock", "gems.locked", "Gemfile", "gems.rb", "config.ru"];

/// The names of a lock file, the one that decides first.
const LOCKS: &[&str] = &["Gemfile.lock", "gems.locked"];

/// A folder, and how it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Folder {
    /// Absolute, without symbolic links.
    pub dir: PathBuf,
    /// As people typed it, or would: relative to where they stand. Empty for where they stand.
    pub shown: PathBuf,
}

impl Folder {
    /// How a path inside the folder is shown.
    pub fn show(&self, path: &Path) -> String {
        match path.strip_prefix(&self.dir) {
            Ok(rest) if rest.as_os_str().is_empty() => show(&self.shown),
            Ok(rest) => show(&self.shown.join(rest)),
            Err(_) => show(path),
        }
    }

    /// A folder above this one, shown in the words that this one was typed in, if they go that far up.
    pub fn above(&self, dir: &Path, here: &Path) -> Folder {
        let steps = self.dir.strip_prefix(dir).map_or(0, |way| way.components().count());
        let mut shown = self.shown.clone();
        let typed = (0..steps).all(|_| {
            let named = matches!(shown.components().next_back(), Some(Component::Normal(_)));
            named && shown.pop()
        });
        // What was typed may have gone through a link.
        if typed && std::fs::canonicalize(here.join(&shown)).is_ok_and(|real| real == dir) {
            return Folder { dir: dir.to_owned(), shown };
        }
        Folder { dir: dir.to_owned(), shown: from_here(dir, here) }
    }
}

/// The project around a file: where its root is, and how deep to search there.
pub(super) struct Around {
    pub root: PathBuf,
    /// False where a search would be of the whole machine.
    pub deep: bool,
}

/// The project around a file that lies in `dir` (absolute, without symbolic links): up to the git root;
/// outside git, up to the nearest mark of a Ruby project; else the folder itself, or what holds its `config`.
pub(super) fn around(dir: &Path) -> Around {
    let root = git_root(dir).or_else(|| marked(dir)).unwrap_or_else(|| {
        let config = dir.ancestors().take(2).find(|above| above.file_name().is_some_and(|n| n == "config"));
        config.and_then(Path::parent).unwrap_or(dir)
    });
    Around { root: root.to_owned(), deep: root.parent().is_some() }
}

/// The git root around a folder, else the folder itself.
pub(super) fn repository(dir: &Path) -> &Path {
    git_root(dir).unwrap_or(dir)
}

/// How far up from a folder (absolute, without symbolic links) settings are searched for.
pub fn project_root(dir: &Path) -> PathBuf {
    around(dir).root
}

fn git_root(dir: &Path) -> Option<&Path> {
    dir.ancestors().find(|above| above.join(".git").exists())
}

fn marked(dir: &Path) -> Option<&Path> {
    up_to_git(dir).find(|above| MARKERS.iter().any(|name| above.join(name).is_file()))
}

/// The folder and those above it, up to the git root if there is one.
fn up_to_git(dir: &Path) -> impl Iterator<Item = &Path> {
    let last = git_root(dir);
    dir.ancestors().take_while(move |above| last.is_none_or(|last| above.starts_with(last)))
}

/// The Ruby project that a folder belongs to, if there is one: what tells that two folders belong together.
pub(super) fn project_of(dir: &Path) -> Option<PathBuf> {
    marked(dir).map(Path::to_owned)
}

/// The nearest lock file in the folder or above it.
pub(super) fn nearest_lock(dir: &Path) -> Option<PathBuf> {
    up_to_git(dir)
        .flat_map(|above| LOCKS.iter().map(move |name| above.join(name)))
        .find(|lock| lock.is_file())
}

/// The folder around the `config` that holds a file.
pub(super) fn config_root(config: &Path) -> Option<PathBuf> {
    let folder = config.ancestors().skip(1).find(|above| above.file_name().is_some_and(|n| n == "config"))?;
    folder.parent().map(Path::to_owned)
}

/// The deepest folder that holds both.
pub(super) fn common(a: &Path, b: &Path) -> PathBuf {
    a.components().zip(b.components()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
}

/// A path as typed, without `.` in it, and without the way to where people stand.
pub(super) fn tidy(typed: &Path, here: &Path) -> PathBuf {
    let path = typed.strip_prefix(here).unwrap_or(typed);
    path.components().filter(|part| *part != Component::CurDir).collect()
}

/// The way from `here` to `dir` (both absolute, without symbolic links), where it goes down or straight up.
pub(super) fn from_here(dir: &Path, here: &Path) -> PathBuf {
    if let Ok(below) = dir.strip_prefix(here) {
        return below.to_owned();
    }
    match here.strip_prefix(dir) {
        // Where people stand in the file system's root, nobody would count the steps up.
        Ok(_) if dir.parent().is_none() => dir.to_owned(),
        Ok(up) => up.components().map(|_| Component::ParentDir).collect(),
        Err(_) => dir.to_owned(),
    }
}

/// A path for people: with `/`, and `.` for where they stand.
pub(super) fn show(path: &Path) -> String {
    if path.as_os_str().is_empty() {
        return ".".to_owned();
    }
    let text = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' { text.into_owned() } else { text.replace('\\', "/") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn tree(files: &[&str]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let dir = fs::canonicalize(folder.path()).unwrap();
        for file in files {
            fs::create_dir_all(dir.join(file).parent().unwrap()).unwrap();
            fs::write(dir.join(file), "").unwrap();
        }
        (folder, dir)
    }

    fn root_around(dir: &Path, below: &str) -> PathBuf {
        around(&dir.join(below)).root.strip_prefix(dir).unwrap().to_owned()
    }

    #[test]
    fn a_git_root_bounds_the_project() {
        let (_folder, dir) =
            tree(&["Gemfile", "app/.git/HEAD", "app/engines/x/Gemfile", "app/engines/x/config/puma.rb"]);
        assert_eq!(root_around(&dir, "app/engines/x/config"), Path::new("app"));
        assert_eq!(project_of(&dir.join("app/engines/x/config")), Some(dir.join("app/engines/x")));
        assert_eq!(project_of(&dir.join("app/engines")), None);
    }

    #[test]
    fn without_git_a_ruby_project_bounds_it() {
        for marker in ["Gemfile.lock", "Gemfile", "config.ru"] {
            let (_folder, dir) = tree(&[&format!("a/{marker}"), "a/b/config/puma.rb"]);
            assert_eq!(root_around(&dir, "a/b/config"), Path::new("a"), "{marker}");
        }
    }

    #[test]
    fn without_either_it_is_the_files_folder() {
        let (_folder, dir) = tree(&["a/config/puma/production.rb", "a/deploy/x.service"]);
        assert_eq!(root_around(&dir, "a/config"), Path::new("a"));
        assert_eq!(root_around(&dir, "a/config/puma"), Path::new("a"));
        assert_eq!(root_around(&dir, "a/deploy"), Path::new("a/deploy"));
        assert!(around(&dir).deep);
        assert!(!around(Path::new("/")).deep || git_root(Path::new("/")).is_some());
    }

    #[test]
    fn the_nearest_lock_decides_and_git_bounds_the_search() {
        let (_folder, dir) = tree(&["Gemfile.lock", "a/gems.locked", "a/b/x", "g/.git/HEAD", "g/c/x"]);
        assert_eq!(nearest_lock(&dir.join("a/b")), Some(dir.join("a/gems.locked")));
        assert_eq!(nearest_lock(&dir), Some(dir.join("Gemfile.lock")));
        assert_eq!(nearest_lock(&dir.join("g/c")), None);
    }

    #[test]
    fn paths_are_shown_as_typed() {
        let here = Path::new("/srv/app");
        for (typed, want) in [
            (".", "."),
            ("./config//puma.rb", "config/puma.rb"),
            ("../x/puma.rb", "../x/puma.rb"),
            ("/srv/app/config", "config"),
            ("/etc/monitrc", "/etc/monitrc"),
        ] {
            assert_eq!(show(&tidy(Path::new(typed), here)), want);
        }
        for (dir, want) in
            [("/srv/app", "."), ("/srv/app/x", "x"), ("/srv", ".."), ("/etc", "/etc"), ("/", "/")]
        {
            assert_eq!(show(&from_here(Path::new(dir), here)), want);
        }
        assert_eq!(common(Path::new("/a/b/c"), Path::new("/a/b/d/e")), Path::new("/a/b"));
    }
}
