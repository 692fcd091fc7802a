//! The code of other files: what a config requires by a relative path, and the methods that it finds there.
//!
//! Ruby runs a required file once, with its main object for `self`: constants, globals, methods and `ENV` stay,
//! and Puma's directives are out of reach until the config calls a method that uses them.

use super::{Run, Script};
use crate::model::{Span, Text};
use crate::puma::evaluate::paths;
use crate::ruby::{NodeId, Tree};

/// Where a run stood before it went into another file.
pub(super) struct Caller<'a> {
    script: Script<'a>,
    tree: &'a Tree,
    path: Text,
    site: Option<(NodeId, Span)>,
    is_main: bool,
}

impl<'a> Run<'a> {
    /// Goes into the code of a file, called at a node.
    pub(super) fn enter(&mut self, at: NodeId, script: Script<'a>, path: &Text) -> Caller<'a> {
        let caller = Caller {
            script: self.script,
            tree: self.tree,
            path: self.path_of_script.clone(),
            site: self.site,
            is_main: self.is_main,
        };
        if self.site.is_none() && script.file != self.setting.script.file {
            let span = self.tree.span(at);
            self.site = Some((at, span));
            self.trace.sites.push(span);
        }
        self.script = script;
        self.tree = script.tree;
        self.path_of_script = path.clone();
        caller
    }

    /// Comes back.
    pub(super) fn leave(&mut self, caller: Caller<'a>) {
        self.script = caller.script;
        self.tree = caller.tree;
        self.path_of_script = caller.path;
        self.site = caller.site;
        self.is_main = caller.is_main;
    }

    /// Runs a required file, unless that was done before. Whether it is known what it does.
    pub(super) fn require_relative(&mut self, at: NodeId, feature: &str) -> bool {
        let Some(script) = (self.setting.required)(self.script.file, feature) else { return false };
        if self.required.contains(&script.file) || script.file == self.setting.script.file {
            return true;
        }
        self.required.push(script.file);
        let name = if feature.ends_with(".rb") { feature.to_owned() } else { format!("{feature}.rb") };
        let path = paths::expand(&Text::known(name), &self.config_folder()).unwrap_or_default();
        let caller = self.enter(at, script, &path);
        self.is_main = true;
        let locals = std::mem::take(&mut self.locals);
        // A `return` ends the file, and nothing else.
        let (when, returns) = (self.path.clone(), std::mem::take(&mut self.returns));
        self.statements(&script.tree.statements);
        (self.path, self.returns) = (when, returns);
        self.locals = locals;
        self.leave(caller);
        true
    }
}
