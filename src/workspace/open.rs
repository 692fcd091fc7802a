//! From the paths that people typed to a workspace.

mod context;

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::kinds::{self, Look};
use super::project::{self, Folder};
use super::read::{self, Verdict};
use super::walk::{self, Found, InMonitFolder, Searching, Sign};
use super::{Note, PathError, Reason, Root, Selection, Watcher, Workspace, id};
use crate::model::{FileId, FileKind, Source, TemplateLanguage};
use crate::template;

/// A file named by hand.
struct Named {
    /// Its name behind its real folder: absolute, and a symbolic link only in the last step.
    path: PathBuf,
    /// The file behind all links.
    real: PathBuf,
    shown: String,
    /// The project around it.
    around: Folder,
    deep: bool,
}

/// What a name says of templates.
#[derive(Default)]
struct Name {
    /// The path of what is made of the file, and the language that makes it.
    template: Option<(PathBuf, TemplateLanguage)>,
}

impl Name {
    fn of(path: &Path) -> Self {
        Self { template: kinds::made_by_template(path) }
    }

    /// The path that tells the kind.
    fn made<'a>(&'a self, path: &'a Path) -> &'a Path {
        self.template.as_ref().map_or(path, |(made, _)| made)
    }

    /// The bytes to look at: those of a template without its tags.
    fn read<'a>(&self, bytes: &'a [u8], kind: FileKind) -> Cow<'a, [u8]> {
        match self.template {
            Some((_, language)) => Cow::Owned(template::blanked(bytes, language, kind)),
            None => Cow::Borrowed(bytes),
        }
    }

    fn source(&self, source: Source) -> Source {
        let (made, language) = self.template.clone().unzip();
        source.written_in(language, made)
    }
}

/// What became of a file.
#[derive(Clone, Copy)]
enum Outcome {
    Taken(FileId),
    Failed,
    Left,
}

/// A workspace that is being filled.
struct Opening<'a> {
    here: &'a Path,
    kind: Option<FileKind>,
    searching: Searching<'a>,
    force_exclude: bool,
    skip_unknown: bool,
    is_directive: &'a dyn Fn(&str) -> bool,
    watcher: Option<Watcher<'a>>,
    workspace: Workspace,
    /// What became of each file, by where it really is.
    seen: HashMap<PathBuf, Outcome>,
    /// Files named by hand whose kind nothing told so far, by where they really are, as shown.
    nameless: HashMap<PathBuf, String>,
}

/// Opens a workspace for people who stand in `here` (absolute, without symbolic links).
pub(super) fn open_from(
    here: &Path,
    selection: &Selection<'_>,
    is_directive: &dyn Fn(&str) -> bool,
) -> Workspace {
    let mut opening = Opening {
        here,
        kind: selection.kind,
        searching: Searching { excludes: selection.excludes, told: selection.told },
        force_exclude: selection.force_exclude,
        skip_unknown: selection.skip_unknown,
        is_directive,
        watcher: selection.watcher,
        workspace: Workspace { repository: project::repository(here).to_owned(), ..Workspace::default() },
        seen: HashMap::new(),
        nameless: HashMap::new(),
    };
    let nothing_typed = [PathBuf::from(".")];
    let typed = match selection.unsaved {
        Some(_) => &[],
        None if selection.paths.is_empty() => &nothing_typed[..],
        None => selection.paths,
    };
    let (mut named, folders) = opening.sort(typed);
    if let Some(unsaved) = selection.unsaved {
        let file = opening.place(unsaved.path);
        opening.workspace.roots =
            roots(std::slice::from_ref(&file), &[], here, selection.context && unsaved.path.is_some());
        opening.take_unsaved(&file, unsaved.bytes);
        // Without a path nobody knows what is around it.
        named.extend(unsaved.path.is_some().then_some(file));
    } else {
        opening.workspace.roots = roots(&named, &folders, here, selection.context);
    }

    // What was named by hand comes first: `--kind` has a say there, and it is shown as it was typed.
    for file in named.iter().filter(|_| selection.unsaved.is_none()) {
        opening.take_named(file);
    }
    for folder in &folders {
        opening.take_folder(folder);
    }
    for folder in &folders {
        opening.take_lock_above(folder);
    }
    if selection.context {
        let mut done: Vec<&Path> = folders.iter().map(|folder| folder.dir.as_path()).collect();
        for file in &named {
            if !done.contains(&file.around.dir.as_path()) {
                done.push(&file.around.dir);
                opening.take_context(file);
            }
        }
    }
    opening.take_mentioned();
    if opening.skip_unknown {
        opening.pass_over_unknown();
    }
    opening.workspace
}

/// The roots: each folder, and the project around each file; folders of one Ruby project share what holds
/// them all, and what lies inside another belongs to it.
fn roots(named: &[Named], folders: &[Folder], here: &Path, context: bool) -> Vec<Root> {
    let mut grouped: Vec<(Option<PathBuf>, Folder)> = Vec::new();
    for folder in folders {
        let project = project::project_of(&folder.dir);
        match grouped.iter_mut().find(|(other, _)| project.is_some() && *other == project) {
            Some((_, group)) => *group = folder.above(&project::common(&group.dir, &folder.dir), here),
            None => grouped.push((project, folder.clone())),
        }
    }
    let all = grouped.iter().map(|(_, folder)| folder).chain(named.iter().map(|file| &file.around));
    let mut outer: Vec<&Folder> = Vec::new();
    for folder in all {
        if !outer.iter().any(|other| folder.dir.starts_with(&other.dir)) {
            outer.retain(|other| !other.dir.starts_with(&folder.dir));
            outer.push(folder);
        }
    }
    let root = |folder: &Folder| Root {
        dir: folder.dir.clone(),
        shown: project::show(&folder.shown),
        whole: (context || folders.iter().any(|named| named.dir == folder.dir))
            && project::project_root(&folder.dir) == folder.dir,
        files: Vec::new(),
        instances: Vec::new(),
    };
    outer.into_iter().map(root).collect()
}

impl Opening<'_> {
    /// Sorts what was typed into files and folders, each once.
    fn sort(&mut self, typed: &[PathBuf]) -> (Vec<Named>, Vec<Folder>) {
        let mut named: Vec<Named> = Vec::new();
        let mut folders: Vec<Folder> = Vec::new();
        for typed in typed {
            let shown = project::tidy(typed, self.here);
            let path = self.here.join(typed);
            let real = match read::real(&path) {
                Ok(real) => real,
                Err(reason) => {
                    self.error(project::show(&shown), reason);
                    continue;
                }
            };
            if self.is_left_out(&super::place(&path).unwrap_or(real.clone())) {
                self.workspace.excluded += 1;
                continue;
            }
            if real.is_dir() {
                if !folders.iter().any(|folder| folder.dir == real) {
                    folders.push(Folder { dir: real, shown });
                }
                continue;
            }
            if named.iter().any(|file| file.real == real) {
                continue;
            }
            match self.named(&path, &shown, real) {
                Ok(file) => named.push(file),
                Err(reason) => self.error(project::show(&shown), reason),
            }
        }
        (named, folders)
    }

    fn named(&self, path: &Path, shown: &Path, real: PathBuf) -> Result<Named, Reason> {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(Reason::NotFound);
        };
        let dir = read::real(parent)?;
        let around = project::around(&dir);
        let path = dir.join(name);
        let folder = Folder { dir, shown: shown.parent().map(Path::to_owned).unwrap_or_default() };
        Ok(Named {
            path,
            real,
            shown: project::show(shown),
            around: folder.above(&around.root, self.here),
            deep: around.deep,
        })
    }

    /// Where a text belongs that may not have been saved yet.
    fn place(&self, path: Option<&Path>) -> Named {
        let typed = path.unwrap_or(Path::new(read::STDIN));
        let (shown, path) = (project::tidy(typed, self.here), self.here.join(typed));
        let dir = read::real_as_far_as_it_goes(path.parent().unwrap_or(self.here));
        let around = project::around(&dir);
        let named = dir.join(path.file_name().unwrap_or_default());
        let folder = Folder { dir, shown: shown.parent().map(Path::to_owned).unwrap_or_default() };
        Named {
            real: read::real_as_far_as_it_goes(&named),
            path: named,
            shown: project::show(&shown),
            around: folder.above(&around.root, self.here),
            deep: around.deep,
        }
    }

    /// Whether a path is left out though it was named by hand.
    fn is_left_out(&self, path: &Path) -> bool {
        self.force_exclude && self.searching.excludes.is_some_and(|excludes| excludes.cover(path))
    }

    fn take_unsaved(&mut self, file: &Named, bytes: &[u8]) {
        let (path, shown) = (&file.path, &file.shown);
        let name = Name::of(path);
        let told = self.searching.told.iter().find(|(told, _)| told == path).map(|(_, kind)| *kind);
        let named_kind = told.or_else(|| kinds::by_name(name.made(path)));
        let kind = self.kind.or(named_kind).or_else(|| self.hand_look(path, &name, bytes));
        let doubt = self.kind.is_none() && named_kind.is_some();
        let outcome = match kind.map(|kind| (kind, read::fits(bytes, kind))) {
            _ if self.is_left_out(path) => {
                self.workspace.excluded += 1;
                Outcome::Left
            }
            None => self.failed(shown, Reason::UnknownKind, true),
            Some((_, Err(reason))) => self.failed(shown, reason, true),
            Some((kind, Ok(())))
                if doubt && self.is_another_tools(name.made(path), &name, kind, shown, true, bytes) =>
            {
                Outcome::Left
            }
            Some((kind, Ok(()))) => self.add(path, &name, kind, shown, true, bytes.to_vec()),
        };
        let taken = if let Outcome::Taken(id) = outcome { Some(id) } else { None };
        self.workspace.unsaved = Some((bytes.to_vec(), taken));
        self.seen.insert(file.real.clone(), outcome);
    }

    fn take_named(&mut self, file: &Named) {
        let path = &file.path;
        let name = Name::of(path);
        let told = self.searching.told.iter().find(|(told, _)| told == path).map(|(_, kind)| *kind);
        let named_kind = told.or_else(|| kinds::by_name(name.made(path)));
        let outcome =
            match (self.kind, named_kind) {
                (Some(kind), _) => self.take(path, &name, kind, &file.shown, true, false),
                (None, Some(kind)) => self.take(path, &name, kind, &file.shown, true, true),
                (None, None) => self.take_if(path, &name, None, &file.shown, true, |opening, bytes| {
                    match opening.hand_look(path, &name, bytes) {
                        Some(kind) => Verdict::Read(kind),
                        None => {
                            opening.error(file.shown.clone(), Reason::UnknownKind);
                            opening.nameless.insert(file.real.clone(), file.shown.clone());
                            Verdict::Leave
                        }
                    }
                }),
            };
        let another_tools = matches!(outcome, Outcome::Left) && !self.nameless.contains_key(&file.real);
        self.workspace.skipped += usize::from(another_tools && self.skip_unknown);
        self.seen.insert(file.real.clone(), outcome);
    }

    /// The kind that the content of a file named by hand tells.
    fn hand_look(&self, path: &Path, name: &Name, bytes: &[u8]) -> Option<FileKind> {
        let folder = path.parent().and_then(Path::file_name).and_then(|name| name.to_str());
        let in_monit_folder = folder.is_some_and(kinds::is_monit_folder);
        // What a template looks like without its tags depends on what it makes.
        let kind = [FileKind::Monit, FileKind::Puma].into_iter().find(|kind| {
            let bytes = name.read(bytes, *kind);
            kinds::by_content(&bytes, in_monit_folder, self.is_directive) == Look::Kind(*kind)
        });
        kind.or_else(|| kinds::is_script(bytes).then_some(FileKind::Script))
    }

    /// Searches a folder that was named by hand.
    fn take_folder(&mut self, folder: &Folder) {
        let errors = self.workspace.errors.len();
        let (outcomes, searched) = self.search(folder, true, true);
        let something = outcomes.iter().any(|outcome| match outcome {
            Outcome::Taken(file) => !self.workspace.source(*file).kind().only_decides(),
            Outcome::Failed => true,
            Outcome::Left => false,
        });
        if !something && self.workspace.errors.len() == errors {
            self.error(project::show(&folder.shown), Reason::NothingToCheck { searched });
        }
    }

    /// Searches the project around a file that was named by hand.
    fn take_context(&mut self, file: &Named) {
        self.search(&file.around, file.deep, false);
    }

    fn search(&mut self, folder: &Folder, deep: bool, selected: bool) -> (Vec<Outcome>, usize) {
        let root = self.root_with(&folder.dir);
        let confines = self.workspace.roots.get(root).map_or(folder.dir.clone(), |root| root.dir.clone());
        let before = self.workspace.searched;
        let watcher = self.watcher;
        let seen = |searched| watcher.iter().for_each(|watcher| watcher.0(before + searched));
        let walk = walk::walk(&folder.dir, &confines, deep, &self.searching, &seen);
        self.workspace.searched += walk.searched;
        if let Some(root) = self.workspace.roots.get_mut(root) {
            root.instances.extend(walk.instances);
        }
        for (path, why) in walk.unsearched {
            let shown = folder.show(&path);
            if path == folder.dir && selected {
                self.error(shown, Reason::NotReadable(why));
            } else {
                self.note(shown, format!("not searched: {why}"));
            }
        }
        for (path, why) in walk.unfollowed {
            // If it was named by hand, it was followed all the same.
            if self.workspace.find(&path).is_none() {
                self.note(folder.show(&path), why.to_owned());
            }
        }
        let mut outcomes: Vec<Outcome> =
            walk.found.iter().map(|found| self.take_found(found, folder, selected)).collect();
        outcomes.extend(self.take_deploy_files(&walk.found, folder, selected));
        (outcomes, walk.searched)
    }

    fn take_found(&mut self, found: &Found, folder: &Folder, selected: bool) -> Outcome {
        if let Some(outcome) = self.seen.get(&found.real) {
            if let Outcome::Taken(file) = *outcome
                && selected
                && let Some(mark) = self.workspace.selected.get_mut(super::index(file))
            {
                *mark = true;
            }
            return *outcome;
        }
        let path = &found.path;
        let shown = folder.show(path);
        let name = Name::of(path);
        let outcome = match found.sign {
            Sign::Kind(kind) if kind.holds_any_commands() => {
                self.take_if(path, &name, Some((kind, false)), &shown, selected, |_, bytes| {
                    if kinds::names_puma(bytes) { Verdict::Read(kind) } else { Verdict::Leave }
                })
            }
            Sign::Kind(kind) => self.take(path, &name, kind, &shown, selected, true),
            Sign::Candidate(kind, monit) => {
                self.take_if(path, &name, Some((kind, monit)), &shown, selected, |opening, bytes| {
                    let bytes = name.read(bytes, kind);
                    if opening.shows(kind, monit, &bytes) { Verdict::Read(kind) } else { Verdict::Leave }
                })
            }
        };
        self.seen.insert(found.real.clone(), outcome);
        outcome
    }

    /// Whether the content shows the kind that the name made possible.
    fn shows(&self, kind: FileKind, monit: InMonitFolder, bytes: &[u8]) -> bool {
        match kind {
            FileKind::Monit => kinds::is_monit(bytes, monit),
            FileKind::Script => kinds::is_script(bytes),
            FileKind::Systemd => kinds::names_instances(bytes),
            _ => kinds::look_at_ruby(bytes, self.is_directive) == Look::Kind(kind),
        }
    }

    /// Reads a file of a known kind. `doubt`: it may turn out to be another tool's file with the same name.
    fn take(
        &mut self,
        path: &Path,
        name: &Name,
        kind: FileKind,
        shown: &str,
        selected: bool,
        doubt: bool,
    ) -> Outcome {
        match read::whole(path, kind) {
            Ok(bytes)
                if doubt && self.is_another_tools(name.made(path), name, kind, shown, selected, &bytes) =>
            {
                Outcome::Left
            }
            Ok(bytes) => self.add(path, name, kind, shown, selected, bytes),
            Err(reason) => self.failed(shown, reason, selected),
        }
    }

    /// Whether a file only bears the name of a kind; if it was asked for, that is noted.
    fn is_another_tools(
        &mut self,
        made: &Path,
        name: &Name,
        kind: FileKind,
        shown: &str,
        selected: bool,
        bytes: &[u8],
    ) -> bool {
        let other = kinds::look_alike(made, kind, &name.read(bytes, kind), self.is_directive);
        if let Some(other) = other.filter(|_| selected) {
            let text = format!("looks like {other}: not checked (--kind {kind} checks it all the same)");
            self.note(shown.to_owned(), text);
        }
        other.is_some()
    }

    /// Reads a file if its content tells a kind.
    fn take_if(
        &mut self,
        path: &Path,
        name: &Name,
        candidate: Option<(FileKind, InMonitFolder)>,
        shown: &str,
        selected: bool,
        decide: impl FnOnce(&mut Self, &[u8]) -> Verdict,
    ) -> Outcome {
        match read::after_a_look(path, candidate.map(|(kind, _)| kind), |bytes| decide(self, bytes)) {
            Ok(Some((kind, bytes))) => self.add(path, name, kind, shown, selected, bytes),
            Ok(None) => Outcome::Left,
            // It is of a kind, so it counts.
            Err(reason @ Reason::TooLarge(_)) => self.failed(shown, reason, selected),
            Err(reason) => match candidate {
                None => self.failed(shown, reason, selected),
                // Nobody knows whether it is any of our business; where Monit's files lie, it probably is.
                Some((_, in_monit_folder)) => {
                    if in_monit_folder {
                        self.note(shown.to_owned(), reason.to_string());
                    }
                    Outcome::Left
                }
            },
        }
    }

    /// What was asked for and cannot be had is an error; what would only have been context is not.
    fn failed(&mut self, shown: &str, reason: Reason, selected: bool) -> Outcome {
        if selected {
            self.error(shown.to_owned(), reason);
        } else {
            self.note(shown.to_owned(), reason.to_string());
        }
        Outcome::Failed
    }

    fn add(
        &mut self,
        path: &Path,
        name: &Name,
        kind: FileKind,
        shown: &str,
        selected: bool,
        bytes: Vec<u8>,
    ) -> Outcome {
        let file = id(self.workspace.sources.len());
        self.workspace.sources.push(name.source(Source::new(shown, path, kind, bytes)));
        self.workspace.selected.push(selected);
        let root = self.root_with(path);
        self.workspace.root_of.push(root);
        if self.workspace.roots.get(root).is_some_and(|root| path.starts_with(&root.dir)) {
            self.belongs(file, root);
        }
        Outcome::Taken(file)
    }

    fn belongs(&mut self, file: FileId, root: usize) {
        if let Some(root) = self.workspace.roots.get_mut(root)
            && !root.files.contains(&file)
        {
            root.files.push(file);
        }
    }

    /// The root that holds a path; for a lock file above all roots, the first root below it.
    fn root_with(&self, path: &Path) -> usize {
        let roots = &self.workspace.roots;
        let holds = roots.iter().position(|root| path.starts_with(&root.dir));
        let below =
            || roots.iter().position(|root| path.parent().is_some_and(|dir| root.dir.starts_with(dir)));
        holds.or_else(below).unwrap_or(0)
    }

    /// Forgets that nothing told the kind of some files.
    fn pass_over_unknown(&mut self) {
        let errors = &mut self.workspace.errors;
        let before = errors.len();
        errors.retain(|error| error.reason != Reason::UnknownKind);
        self.workspace.skipped += before - errors.len();
    }

    fn error(&mut self, path: String, reason: Reason) {
        let error = PathError { path, reason };
        if !self.workspace.errors.contains(&error) {
            self.workspace.errors.push(error);
        }
    }

    fn note(&mut self, path: String, text: String) {
        let note = Note { path, text };
        if !self.workspace.notes.contains(&note) {
            self.workspace.notes.push(note);
        }
    }
}
