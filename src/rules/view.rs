//! What rules see: read-only views of what the rooms before them found out.

use std::cell::RefCell;
use std::rc::Rc;

use crate::catalog::{self, Release};
use crate::deployment::{Deployment, Lock, Service};
use crate::model::{FileId, Location, Source, Span, Value, Word};
use crate::monit::{Control, ProcessCheck};
use crate::parsed::Files;
use crate::puma::command_line::{Invocation, Program};
use crate::puma::evaluate::Trace;
use crate::puma::evaluate::methods::method;
use crate::puma::options;
use crate::puma::{Launch, Starter};
use crate::ruby::Tree;
use crate::systemd::Unit;

/// One file.
pub struct FileView<'a> {
    /// Every file.
    pub files: &'a Files<'a>,
    /// This one.
    pub file: FileId,
}

/// A config as one launch evaluates it.
pub struct Evaluation<'a> {
    /// The launch.
    pub launch: &'a Launch,
    /// The config.
    pub config: FileId,
    /// Its text.
    pub source: &'a Source,
    /// Its tree.
    pub tree: &'a Tree,
    /// What it does.
    pub trace: Trace,
    /// The options, by release, as far as somebody has asked for them.
    options: RefCell<Vec<(Release, Rc<options::Options>)>>,
}

/// A command line that runs a program we know.
pub struct Command<'a> {
    /// The file it is written in.
    pub file: FileId,
    /// Who runs it.
    pub starter: Starter,
    /// What it is for.
    pub purpose: Purpose,
    /// The program and its arguments.
    pub invocation: Invocation,
    /// The unit it is part of.
    pub service: Option<&'a Service>,
    /// The Monit check it is part of.
    pub check: Option<Span>,
}

/// What a supervisor runs a command for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// `ExecStart=`, a start program.
    Start,
    /// `ExecReload=`
    Reload,
    /// `ExecStop=`, a stop program.
    Stop,
    /// A restart program.
    Restart,
    /// `ExecStartPre=`, `ExecStartPost=`, `ExecStopPost=`.
    Around,
}

/// A whole deployment with everything that was found out about it.
pub struct Scene<'a> {
    /// Every file.
    pub files: &'a Files<'a>,
    /// The deployment.
    pub deployment: &'a Deployment,
    /// Each config under each launch that loads it.
    pub evaluations: Vec<Evaluation<'a>>,
    /// The command lines of its units and Monit files.
    pub commands: Vec<Command<'a>>,
    /// Those of Puma in its other files, which may be for another machine: each is looked at by itself only.
    pub others: Vec<Command<'a>>,
}

/// One config in its deployment.
pub struct ConfigView<'a> {
    /// The deployment.
    pub scene: &'a Scene<'a>,
    /// The config as one launch evaluates it.
    pub evaluation: &'a Evaluation<'a>,
}

/// One command in its deployment.
pub struct CommandView<'a> {
    /// The deployment.
    pub scene: &'a Scene<'a>,
    /// The command.
    pub command: &'a Command<'a>,
}

impl<'a> Evaluation<'a> {
    /// A config as one launch evaluates it.
    pub fn new(launch: &'a Launch, config: FileId, source: &'a Source, tree: &'a Tree, trace: Trace) -> Self {
        Self { launch, config, source, tree, trace, options: RefCell::default() }
    }

    /// What the options of the launch come to with a release, as if this were its only config.
    pub fn options(&self, release: Release) -> Rc<options::Options> {
        let known = |(of, _): &&(Release, Rc<options::Options>)| *of == release;
        if let Some((_, options)) = self.options.borrow().iter().find(known) {
            return Rc::clone(options);
        }
        let configs = [(self.config, &self.trace)];
        let inputs = options::Inputs { launch: self.launch, configs: &configs, release };
        let options = Rc::new(options::effective(&inputs));
        self.options.borrow_mut().push((release, Rc::clone(&options)));
        options
    }

    /// How many workers Puma starts with: the command line decides, then the config, then the environment.
    pub fn workers(&self, release: Release) -> Value {
        let count = |value: Value| {
            value.map(|value| match value {
                Value::Nil => Value::Int(0),
                Value::Text(_) => method(value, "to_i", &[]).unwrap_or(Value::Unknown("workers".into())),
                value => value,
            })
        };
        if let Some(flag) = self.launch.flag("workers", release) {
            return count(Value::text(flag.text()));
        }
        if let Some(option) = options::last(&self.trace, "workers", Value::Nil) {
            return count(option.value);
        }
        match catalog::variables_for("workers", release).first() {
            Some(variable) => count(self.launch.environment.get(variable.name)),
            None => Value::Int(0),
        }
    }
}

impl<'a> Scene<'a> {
    /// The release that everything must work on.
    pub fn release(&self) -> Release {
        self.deployment.target.resolved.release
    }

    /// The deployment's lock.
    pub fn lock(&self) -> Option<&'a Lock> {
        self.deployment.lock.and_then(|file| self.files.lock(file))
    }

    /// The app's Ruby, and where that is written: in `.ruby-version`, else in the lock.
    pub fn ruby(&self) -> Option<(&'a str, Location)> {
        let locked = || {
            let (version, span) = self.lock()?.ruby.as_ref()?;
            Some((version.as_str(), Location { file: self.deployment.lock?, span: *span }))
        };
        let pinned = || {
            let file = self.deployment.ruby_version?;
            let (version, span) = self.files.ruby_version(file)?;
            Some((version, Location { file, span }))
        };
        pinned().or_else(locked)
    }

    /// Its unit files, drop-ins included.
    pub fn unit_files(&self) -> impl Iterator<Item = (FileId, &'a Unit)> {
        self.deployment.units.iter().filter_map(|file| Some((*file, self.files.unit(*file)?)))
    }

    /// The services that run Puma.
    pub fn pumas(&self) -> impl Iterator<Item = &'a Service> {
        self.deployment.services.iter().filter(|service| service.runs_puma())
    }

    /// Its deploy files that can be read.
    pub fn deploy_files(&self) -> impl Iterator<Item = (FileId, &'a Tree)> {
        self.deployment.others.iter().filter_map(|file| Some((*file, self.files.deploy_file(*file)?)))
    }

    /// Whether a gem is locked; `None` without a lock.
    pub fn has_gem(&self, name: &str) -> Option<bool> {
        self.lock().map(|lock| lock.gem(name).is_some())
    }

    /// The configs as a service's launches evaluate them.
    pub fn evaluations_of<'b>(&'b self, service: &Service) -> impl Iterator<Item = &'b Evaluation<'a>> {
        let id = service.id;
        self.evaluations.iter().filter(move |evaluation| evaluation.launch.service == Some(id))
    }

    /// The configs as one launch evaluates them.
    pub fn evaluations_of_launch<'b>(
        &'b self,
        launch: &'b Launch,
    ) -> impl Iterator<Item = &'b Evaluation<'a>> {
        self.evaluations.iter().filter(move |evaluation| std::ptr::eq(evaluation.launch, launch))
    }

    /// The service that `systemctl start NAME` means, if it is among the files.
    pub fn service_named(&self, name: &str) -> Option<&'a Service> {
        let full = if name.ends_with(".service") { name.to_owned() } else { format!("{name}.service") };
        let template = full.split_once('@').map(|(prefix, _)| format!("{prefix}@.service"));
        let services = &self.deployment.services;
        let named = |name: &str| services.iter().find(|service| service.name() == name);
        named(&full).or_else(|| named(&template?))
    }

    /// The services that a Monit check starts with `systemctl`, as far as they are among the files.
    pub fn services_started_by(&self, file: FileId, check: &ProcessCheck) -> Vec<&'a Service> {
        let named = self.started_by(file, check);
        named.iter().filter_map(|(name, _)| self.service_named(name.text())).collect()
    }

    /// Whether it is a known instance of a template. There may be more of them than the files name.
    pub fn is_instance(&self, service: &Service) -> bool {
        !service.context.unit.is_template() && self.is_template(service.file)
    }

    /// Whether a check may watch an instance of which nothing here speaks.
    pub fn may_watch_any_instance(&self, file: FileId, check: &ProcessCheck) -> bool {
        self.pumas().any(|service| self.is_instance(service))
            && self.services_started_by(file, check).is_empty()
    }

    /// Whether a file is a template's, and so every instance's.
    pub fn is_template(&self, file: FileId) -> bool {
        self.files.unit(file).is_some() && self.files.context(file).unit.is_template()
    }

    /// The unit names that a Monit check starts with `systemctl`.
    pub fn started_by(&self, file: FileId, check: &ProcessCheck) -> Vec<(Word, &Command<'a>)> {
        let mine = self.commands.iter().filter(move |command| {
            command.file == file && command.check == Some(check.span) && command.purpose == Purpose::Start
        });
        mine.flat_map(|command| units_of(&command.invocation).into_iter().map(move |word| (word, command)))
            .collect()
    }

    /// Its Monit files.
    pub fn monit_files(&self) -> impl Iterator<Item = (FileId, &'a Control)> {
        self.deployment.monit.iter().filter_map(|file| Some((*file, self.files.control(*file)?)))
    }

    /// The checks of its Monit files, those of other apps left out.
    pub fn process_checks(&self) -> impl Iterator<Item = (FileId, &'a ProcessCheck)> {
        let all =
            self.monit_files().flat_map(|(file, control)| control.checks.iter().map(move |c| (file, c)));
        all.filter(|(file, check)| !self.deployment.is_foreign(*file, check.span))
    }

    /// Whether the gem that brings `daemonize` back is loaded by a config or can be.
    pub fn daemonizes_by_gem(&self) -> bool {
        self.evaluations.iter().any(|evaluation| requires(&evaluation.trace, "puma/daemon"))
    }
}

impl ConfigView<'_> {
    /// The target release.
    pub fn release(&self) -> Release {
        self.scene.release()
    }

    /// A place in this config.
    pub fn at(&self, span: Span) -> Location {
        Location { file: self.evaluation.config, span }
    }
}

impl CommandView<'_> {
    /// The target release.
    pub fn release(&self) -> Release {
        self.scene.release()
    }

    /// A place in the command's file.
    pub fn at(&self, span: Span) -> Location {
        Location { file: self.command.file, span }
    }

    /// The place of a word.
    pub fn word(&self, word: &Word) -> Location {
        self.at(word.span())
    }
}

/// The type of service that fits the target.
pub fn best_type(scene: &Scene<'_>) -> &'static str {
    if catalog::notifies_systemd(scene.release()) { "Type=notify" } else { "Type=simple" }
}

/// The units that a `systemctl start` or `restart` names.
pub fn units_of(invocation: &Invocation) -> Vec<Word> {
    if invocation.program != Program::Systemctl {
        return Vec::new();
    }
    let mut plain = invocation.arguments.iter().filter(|word| !word.text().starts_with('-'));
    let starts = plain.next().is_some_and(|verb| {
        matches!(verb.text(), "start" | "restart" | "reload-or-restart" | "try-restart" | "stop" | "reload")
    });
    if starts { plain.cloned().collect() } else { Vec::new() }
}

/// Whether a config requires a feature.
pub fn requires(trace: &Trace, feature: &str) -> bool {
    trace.requires.iter().any(|required| required.feature == feature)
}
