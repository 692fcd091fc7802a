//! Which paths are left out.

use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// Patterns of paths that are left out, each set relative to a folder of its own.
///
/// A pattern without `/` is the name of a file or a folder at any depth; one with `/` is a path from the folder.
/// `*` and `?` stand for anything but `/`, `**` for any number of folders. What lies in a folder that is left out
/// is left out with it.
#[derive(Debug, Clone, Default)]
pub struct Excludes {
    sets: Vec<(PathBuf, GlobSet)>,
}

impl Excludes {
    /// Adds patterns that are relative to `folder` (absolute, without symbolic links).
    pub fn add<'a>(
        &mut self,
        folder: &Path,
        patterns: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), BadPattern> {
        let mut set = GlobSetBuilder::new();
        for pattern in patterns {
            set.add(glob(pattern)?);
        }
        let set = set.build().map_err(|error| BadPattern(error.kind().to_string()))?;
        if !set.is_empty() {
            self.sets.push((folder.to_owned(), set));
        }
        Ok(())
    }

    /// Whether a pattern names this very path.
    pub(super) fn names(&self, path: &Path) -> bool {
        let below = |folder: &Path| path.strip_prefix(folder).ok().map(Path::to_owned);
        self.sets.iter().any(|(folder, set)| {
            below(folder).is_some_and(|way| !way.as_os_str().is_empty() && set.is_match(way))
        })
    }

    /// Whether a pattern names this path or a folder that it lies in.
    pub fn cover(&self, path: &Path) -> bool {
        !self.sets.is_empty() && path.ancestors().any(|above| self.names(above))
    }
}

/// Why a pattern cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadPattern(pub String);

/// Checks a pattern.
pub fn check_pattern(pattern: &str) -> Result<(), BadPattern> {
    glob(pattern).map(|_| ())
}

fn glob(pattern: &str) -> Result<globset::Glob, BadPattern> {
    let trimmed = pattern.trim_end_matches('/');
    let from_folder = trimmed.strip_prefix("./").or_else(|| trimmed.strip_prefix('/'));
    let anywhere = from_folder.is_none() && !trimmed.contains('/');
    let trimmed = from_folder.unwrap_or(trimmed);
    if trimmed.is_empty() {
        return Err(BadPattern("it names nothing".to_owned()));
    }
    if trimmed.starts_with('!') {
        return Err(BadPattern("a pattern cannot be negated".to_owned()));
    }
    if trimmed.split('/').any(|part| part == "..") {
        return Err(BadPattern("it leads out of its folder".to_owned()));
    }
    let whole = if anywhere { format!("**/{trimmed}") } else { trimmed.to_owned() };
    GlobBuilder::new(&whole)
        .literal_separator(true)
        .build()
        .map_err(|error| BadPattern(error.kind().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excluded(pattern: &str, path: &str) -> bool {
        let mut excludes = Excludes::default();
        excludes.add(Path::new("/srv/app"), [pattern]).unwrap();
        excludes.cover(Path::new(path))
    }

    #[test]
    fn a_name_is_left_out_anywhere_and_a_path_from_its_folder() {
        for (pattern, path, wanted) in [
            ("old", "/srv/app/a/old/config/puma.rb", true),
            ("old/", "/srv/app/old/puma.rb", true),
            ("old", "/srv/app/older/puma.rb", false),
            ("old", "/srv/old/puma.rb", false),
            ("./old", "/srv/app/a/old/puma.rb", false),
            ("/old", "/srv/app/old/puma.rb", true),
            ("*.service", "/srv/app/deploy/x.service", true),
            ("deploy/*.service", "/srv/app/deploy/x.service", true),
            ("deploy/*.service", "/srv/app/a/deploy/x.service", false),
            ("deploy/*", "/srv/app/deploy/a/x.service", true),
            ("**/fixtures/**", "/srv/app/spec/fixtures/puma.rb", true),
            ("{old,new}/puma.rb", "/srv/app/new/puma.rb", true),
            (".", "/srv/app/puma.rb", false),
        ] {
            assert_eq!(excluded(pattern, path), wanted, "{pattern} {path}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for pattern in ["", "/", "a[", "{a", "!a", "../a", "a/../b"] {
            assert!(check_pattern(pattern).is_err(), "{pattern}");
        }
    }
}
