//! Runs the deploy files in thought, in Capistrano's order.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::expression::Scope;
use super::{DeployFile, DeployFiles, Origin, Part, Plugin, READ, Setting, Stage, generated};
use crate::catalog::{Version, deploy_plugin, installs_by_require};
use crate::model::{Location, Value};
use crate::ruby::{Node, NodeId, NodeKind, Tree, VariableScope};

/// The calls that change a setting.
const CHANGES: &[&str] = &["set", "set_if_empty", "append", "remove", "delete", "ask"];

/// The calls that run code which isn't looked at.
const LOADS: &[&str] = &["load", "require_relative", "import"];

/// The methods of anything that do the same.
const EVALUATES: &[&str] = &["eval", "instance_eval", "class_eval", "send", "public_send"];

/// What a setting holds before anybody fetches it.
#[derive(Clone)]
pub(super) enum Held<'a> {
    /// A value.
    Value(Value),
    /// A block that gives it when it is fetched.
    Later(DeployFile<'a>, NodeId),
}

/// A setting as it is set.
#[derive(Clone)]
pub(super) struct Set<'a> {
    pub held: Held<'a>,
    pub origin: Origin,
}

/// Every stage of the files; without a stage's own file there is one that has no name.
pub fn stages<'a>(files: &'a DeployFiles<'a>, gem: &Version) -> Vec<Stage> {
    let mut names: Vec<Option<&'a str>> = files
        .loaded
        .iter()
        .filter_map(|file| if let Part::Stage(name) = file.part { Some(Some(name)) } else { None })
        .collect();
    names.sort_unstable();
    if names.is_empty() {
        names.push(None);
    }
    names.into_iter().map(|name| stage(files, gem, name)).collect()
}

fn stage<'a>(files: &'a DeployFiles<'a>, gem: &Version, name: Option<&'a str>) -> Stage {
    let mut run = Run { scope: Scope::of(gem, name), users: BTreeSet::new(), plugins: Vec::new() };
    let with = |part: Part<'a>| files.loaded.iter().filter(move |file| file.part == part);
    for file in with(Part::Tasks) {
        run.doubt(*file, &BTreeSet::new());
    }
    let own = name.map_or(Part::Deploy, Part::Stage);
    let order =
        with(Part::Capfile).chain(with(Part::Deploy)).chain(with(own).filter(|_| own != Part::Deploy));
    for file in order {
        run.file(*file);
        if file.part == Part::Capfile {
            // Whoever deploys says which stage, after that.
            run.scope.set.remove("stage");
        }
    }
    let mut settings = BTreeMap::new();
    for name in READ.iter().chain(generated::SETTINGS).copied() {
        if let Some(value) = run.scope.fetch(name) {
            let origin = run.scope.set.get(name).map(|set| set.origin);
            settings.insert(name, Setting { value, origin });
        }
    }
    let user = match run.users.len() {
        1 => run.users.into_iter().next().flatten(),
        _ => None,
    };
    let texts = |value: Value| match value {
        Value::Array(items) => items.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
        _ => None,
    };
    let by_hand = files.loaded.iter().any(links_by_hand);
    let linked = run.scope.fetch("linked_dirs").and_then(texts).filter(|_| !by_hand);
    Stage {
        name: name.map(str::to_owned),
        gem: gem.clone(),
        plugins: run.plugins,
        settings,
        user,
        linked_dirs: linked,
        templates: files.templates.clone(),
        is_rewritten: files.loaded.iter().any(clears_tasks),
    }
}

/// Whether a file may take tasks of the gem away: `Rake::Task['puma:start'].clear`.
fn clears_tasks(file: &DeployFile<'_>) -> bool {
    holds(file, b"Rake::Task") && holds(file, b".clear") && holds(file, b"puma:")
}

fn holds(file: &DeployFile<'_>, words: &[u8]) -> bool {
    file.text.windows(words.len()).any(|part| part == words)
}

/// Whether a file may link folders itself.
fn links_by_hand(file: &DeployFile<'_>) -> bool {
    [&b":ln"[..], b"ln -", b"ln_s", b"symlink"].iter().any(|words| holds(file, words))
}

struct Run<'a> {
    scope: Scope<'a>,
    /// As whom each server is entered, as far as that is plain.
    users: BTreeSet<Option<String>>,
    plugins: Vec<Plugin>,
}

impl<'a> Run<'a> {
    fn file(&mut self, file: DeployFile<'a>) {
        self.scope.locals = HashMap::new();
        self.scope.doubtful_locals = BTreeSet::new();
        let top: BTreeSet<NodeId> = file.tree.statements.iter().copied().collect();
        self.doubt(file, &top);
        for id in &top {
            if !self.statement(file, *id) {
                self.doubt_change(file, *id);
            }
        }
    }

    /// Does what a statement at the top of a file does; whether it was one that is understood.
    fn statement(&mut self, file: DeployFile<'a>, id: NodeId) -> bool {
        match file.tree.kind(id) {
            NodeKind::Assign { scope: VariableScope::Local, name, value: Some(value), .. } => {
                let value = self.scope.value(file, *value);
                self.scope.locals.insert(name.clone(), value);
                true
            }
            NodeKind::Call { receiver: None, name, args, block, .. } => {
                let place = |id: NodeId| Location { file: file.file, span: file.tree.span(id) };
                match (name.as_str(), args.as_slice()) {
                    ("set" | "set_if_empty", [key, rest @ ..]) => {
                        let Some(key) = plain_name(file.tree, *key) else { return false };
                        let held = match (rest, block) {
                            ([value], None) => self.scope.held(file, *value),
                            ([], Some(block)) => Held::Later(file, *block),
                            ([], None) => Held::Value(Value::Nil),
                            _ => return false,
                        };
                        if name == "set" || !self.scope.set.contains_key(key) {
                            let origin =
                                Origin { place: place(rest.first().copied().unwrap_or(id)), node: id };
                            self.scope.set.insert(key.to_owned(), Set { held, origin });
                        }
                        true
                    }
                    ("append", [key, rest @ ..]) => {
                        let Some(key) = plain_name(file.tree, *key) else { return false };
                        let mut items = match self.scope.fetch(key) {
                            None | Some(Value::Nil) => Vec::new(),
                            Some(Value::Array(items)) => items,
                            Some(_) => return false,
                        };
                        items.extend(rest.iter().map(|value| self.scope.value(file, *value)));
                        let held = Held::Value(Value::array(items));
                        let origin = Origin { place: place(id), node: id };
                        self.scope.set.insert(key.to_owned(), Set { held, origin });
                        true
                    }
                    ("install_plugin", [plugin, ..]) => {
                        if let Some(name) = plugin_name(file.tree, *plugin) {
                            self.plugins.push(Plugin { name, place: place(*plugin), node: id });
                        }
                        true
                    }
                    ("require", [feature]) => {
                        if installs_by_require(&self.scope.gem)
                            && let NodeKind::Str(Some(feature)) = file.tree.kind(*feature)
                            && let Some(name) = required_plugin(feature)
                        {
                            self.plugins.push(Plugin { name, place: place(args[0]), node: id });
                        }
                        true
                    }
                    ("server", [_, rest @ ..]) => {
                        let user = rest.iter().find_map(|hash| user_of(file.tree, *hash));
                        let user = match user {
                            Some(value) => Some(self.scope.value(file, value)),
                            None => self.scope.fetch("user"),
                        };
                        let text = user.and_then(|user| user.as_str().map(str::to_owned));
                        self.users.insert(text.filter(|user| is_user(user)));
                        false
                    }
                    ("role", [_, hosts, ..]) => {
                        let hosts = self.scope.value(file, *hosts);
                        let hosts = if let Value::Array(hosts) = hosts { hosts } else { vec![hosts] };
                        for host in &hosts {
                            let user =
                                host.as_str().and_then(|host| Some(host.split_once('@')?.0.to_owned()));
                            self.users.insert(user.filter(|user| is_user(user)));
                        }
                        false
                    }
                    _ => false,
                }
            }
            _ => false,
        }
    }

    /// Notes what a file may change at another time than at its `top`, or under a condition: that isn't known then.
    fn doubt(&mut self, file: DeployFile<'a>, top: &BTreeSet<NodeId>) {
        for (id, node) in file.tree.iter().filter(|(id, _)| !top.contains(id)) {
            self.doubt_change(file, id);
            if let NodeKind::Assign { scope: VariableScope::Local, name, .. } = &node.kind {
                self.scope.doubtful_locals.insert(name.clone());
            }
        }
        // The Capfile loads tasks by these, before anything is set.
        let loads = |node: &Node| match &node.kind {
            NodeKind::Call { receiver, name, .. } => {
                receiver.is_none() && LOADS.contains(&name.as_str()) || EVALUATES.contains(&name.as_str())
            }
            _ => false,
        };
        if matches!(file.part, Part::Deploy | Part::Stage(_)) {
            self.scope.opaque |= file.tree.iter().any(|(_, node)| loads(node));
        }
    }

    /// Notes what a call changes, if it is one that changes a setting.
    fn doubt_change(&mut self, file: DeployFile<'a>, id: NodeId) {
        let NodeKind::Call { receiver: None, name, args, .. } = file.tree.kind(id) else { return };
        if !CHANGES.contains(&name.as_str()) {
            return;
        }
        match args.first().map(|key| plain_name(file.tree, *key)) {
            Some(Some(key)) => _ = self.scope.doubtful.insert(key.to_owned()),
            Some(None) => self.scope.opaque = true,
            None => {}
        }
    }
}

/// The name that a symbol or a string is.
fn plain_name(tree: &Tree, id: NodeId) -> Option<&str> {
    match tree.kind(id) {
        NodeKind::Sym(Some(name)) | NodeKind::Str(Some(name)) => Some(name),
        _ => None,
    }
}

/// The name of one of the gem's plugins, of the constant that is installed; empty for `Capistrano::Puma` itself.
fn plugin_name(tree: &Tree, id: NodeId) -> Option<String> {
    let NodeKind::Const { scope: Some(outer), name, .. } = tree.kind(id) else { return None };
    let NodeKind::Const { scope, name: outer, .. } = tree.kind(*outer) else { return None };
    match scope.map(|scope| tree.kind(scope)) {
        None => (outer == "Capistrano" && name == "Puma").then(String::new),
        Some(NodeKind::Const { scope: None, name: first, .. }) => {
            (first == "Capistrano" && outer == "Puma").then(|| name.clone())
        }
        Some(_) => None,
    }
}

/// The plugin that a `require` loads.
fn required_plugin(feature: &str) -> Option<String> {
    match feature {
        "capistrano/puma" => Some(String::new()),
        _ => {
            let name = feature.strip_prefix("capistrano/puma/")?;
            let mut letters = name.chars();
            let title: String = letters.next()?.to_uppercase().chain(letters).collect();
            deploy_plugin(&title).map(|plugin| plugin.name.to_owned())
        }
    }
}

/// The value of `user:` among keywords.
fn user_of(tree: &Tree, hash: NodeId) -> Option<NodeId> {
    let NodeKind::Hash { pairs, .. } = tree.kind(hash) else { return None };
    pairs.iter().find_map(|pair| match tree.kind(*pair) {
        NodeKind::Pair(key, value) if plain_name(tree, *key) == Some("user") => Some(*value),
        _ => None,
    })
}

fn is_user(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    !text.is_empty() && !text.starts_with('-') && text.chars().all(plain)
}
