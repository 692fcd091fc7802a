//! What is read beside what was asked for: what files name, the lock above a folder, what Capistrano loads.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use super::{Name, Opening, Outcome};
use crate::model::FileKind;
use crate::workspace::kinds;
use crate::workspace::mentions::mentions;
use crate::workspace::project::{self, Folder};
use crate::workspace::walk::Found;
use crate::workspace::{Reason, Workspace, read};

/// How many files that others name are read.
const MENTIONED: usize = 64;

impl Opening<'_> {
    /// Reads what the files name, and what those name: they are context, unless they were asked for.
    pub(super) fn take_mentioned(&mut self) {
        let apps = app_roots(&self.workspace);
        let mut at = 0;
        let mut read = 0;
        while let Some(source) = self.workspace.sources.get(at) {
            for mention in mentions(source, &apps) {
                for place in mention.places {
                    if read == MENTIONED {
                        return;
                    }
                    read += usize::from(self.take_mention(&place, mention.kind));
                }
            }
            at += 1;
        }
    }

    /// Reads a file that another one names, if it is there and below a root. Whether it was read now.
    fn take_mention(&mut self, place: &Path, kind: FileKind) -> bool {
        let Ok(real) = read::real(place) else { return false };
        let Some(root) = self.workspace.roots.iter().position(|root| real.starts_with(&root.dir)) else {
            return false;
        };
        if !real.is_file() || matches!(self.seen.get(&real), Some(Outcome::Taken(_))) {
            return false;
        }
        let selected = self.nameless.remove(&real);
        let shown = match &selected {
            Some(shown) => shown.clone(),
            None => {
                let root = &self.workspace.roots[root];
                let shown = if root.shown == "." { PathBuf::new() } else { PathBuf::from(&root.shown) };
                Folder { dir: root.dir.clone(), shown }.show(&real)
            }
        };
        if selected.is_some() {
            // Its name told nothing, but now it is known what it is for.
            self.workspace.errors.retain(|error| error.path != shown || error.reason != Reason::UnknownKind);
        }
        let outcome = self.take(&real, &Name::default(), kind, &shown, selected.is_some(), false);
        self.seen.insert(real, outcome);
        matches!(outcome, Outcome::Taken(_))
    }

    /// The nearest lock file above a folder decides which Puma is meant there.
    pub(super) fn take_lock_above(&mut self, folder: &Folder) {
        let Some(lock) = project::nearest_lock(&folder.dir) else { return };
        let Ok(real) = read::real(&lock) else { return };
        let outcome = match self.seen.get(&real) {
            Some(outcome) => *outcome,
            None => {
                let above = lock.parent().unwrap_or(&folder.dir);
                let shown = folder.above(above, self.here).show(&lock);
                let outcome = self.take(&lock, &Name::default(), FileKind::Lock, &shown, false, true);
                self.seen.insert(real, outcome);
                outcome
            }
        };
        if let Outcome::Taken(file) = outcome {
            let root = self.root_with(&folder.dir);
            self.belongs(file, root);
        }
    }

    /// Reads what Capistrano loads beside a deploy file that names Puma: who deploys, and where to, is said there.
    pub(super) fn take_deploy_files(
        &mut self,
        found: &[Found],
        folder: &Folder,
        selected: bool,
    ) -> Vec<Outcome> {
        let is_taken = |found: &&Found| matches!(self.seen.get(&found.real), Some(Outcome::Taken(_)));
        let named = found.iter().filter(is_taken).filter_map(|found| kinds::deploy_root(&found.path));
        let roots: BTreeSet<&Path> = named.collect();
        let is_missing = |found: &&Found| {
            matches!(self.seen.get(&found.real), Some(Outcome::Left))
                && kinds::deploy_root(&found.path).is_some_and(|root| roots.contains(root))
        };
        let missing: Vec<&Found> = found.iter().filter(is_missing).collect();
        let mut outcomes = Vec::new();
        for found in missing {
            let (path, shown) = (&found.path, folder.show(&found.path));
            let outcome = self.take(path, &Name::of(path), FileKind::Capistrano, &shown, selected, true);
            self.seen.insert(found.real.clone(), outcome);
            outcomes.push(outcome);
        }
        outcomes
    }
}

/// The folders that hold a `config/` on this machine: each may be an app's root on the server.
fn app_roots(workspace: &Workspace) -> Vec<PathBuf> {
    let configs = workspace.sources.iter().filter(|source| source.kind() == FileKind::Puma);
    let mut roots: Vec<PathBuf> = configs.filter_map(|config| project::config_root(config.path())).collect();
    roots.extend(workspace.roots.iter().map(|root| root.dir.clone()));
    let mut seen = HashSet::new();
    roots.retain(|root| seen.insert(root.clone()));
    roots
}
