//! Directives: the methods a config may call, and what each release makes of them.

use super::check::{Argument, Check, Circumstances, Refusal};
use super::effect::Setting;
use super::range::Range;
use super::release::Release;
use super::tables;
use super::value::Change;

/// A method of Puma's config DSL, in every release that had it.
#[derive(Debug, Clone, Copy)]
pub struct Directive {
    /// Its name, with its `!` if it has one.
    pub name: &'static str,
    /// What it does, in one phrase.
    pub summary: &'static str,
    /// What it looks like, range by range, oldest first. Between two forms it may have been absent.
    pub forms: &'static [Form],
    /// The options it sets where it exists, and to what.
    pub sets: &'static [Setting],
    /// What calling it again does; where no range says otherwise, the last call wins.
    pub collects: &'static [(Range, Collects)],
    /// What its block is to it, range by range; empty if no release asks for one.
    pub blocks: &'static [BlockRule],
    /// When its block runs.
    pub scope: Scope,
    /// Whether what it registers runs only with workers.
    pub cluster_only: bool,
    /// What Puma prints when it is called and there are no workers.
    pub single_mode_warnings: &'static [SingleModeWarning],
    /// Since when it is on its way out.
    pub deprecation: Option<&'static Deprecation>,
    /// What does its work where it no longer exists; `None` also where nothing does.
    pub replacement: Option<&'static str>,
    /// Whether the server does what it was meant to do when its calls are left out, where it no longer exists.
    pub droppable: bool,
    /// What to do where it no longer exists, if more is to be said than to remove or replace it.
    pub advice: Option<&'static str>,
    /// What Puma asks of its arguments.
    pub checks: &'static [Check],
    /// The keys of its options hash.
    pub keywords: &'static [Keyword],
    /// What changed without a change of its name.
    pub changes: &'static [Change],
}

/// What a directive looks like in a range of releases.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    /// Where it looks so.
    pub releases: Range,
    /// As Ruby would write it: `(key=nil, &block)`.
    pub signature: &'static str,
    /// Its parameters, in order.
    pub parameters: &'static [Parameter],
    /// The directive whose second name it is.
    pub alias_of: Option<&'static str>,
    /// Whether a config may call it.
    pub visibility: Visibility,
}

/// A parameter of a directive.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub kind: ParameterKind,
    /// Its default, as Ruby source.
    pub default: Option<&'static str>,
}

/// What a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterKind {
    /// An argument that has to be there.
    Required,
    /// An argument that may be left out.
    Optional,
    /// An argument by name.
    Keyword,
    /// The block.
    Block,
}

/// Whether a config may call a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// It may.
    Public,
    /// Only with `send` or without a receiver, and no documentation speaks of it: no directive.
    Private,
}

/// How many arguments by position are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arity {
    /// At least this many.
    pub min: usize,
    /// At most this many.
    pub max: usize,
}

/// What calling a directive a second time does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collects {
    /// Both calls count.
    List,
    /// The second takes the place of the first.
    Last,
    /// The second is ignored.
    First,
    /// Both calls count, unless they say the same.
    Distinct,
}

/// What a block is to a directive, in a range of releases.
#[derive(Debug, Clone, Copy)]
pub struct BlockRule {
    /// Where it is so.
    pub releases: Range,
    /// Whether there has to be one.
    pub need: Need,
    /// What a call without one comes to.
    pub without: Without,
    /// The error's class and message, if there is one.
    pub words: Option<&'static str>,
}

/// Whether a directive needs its block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// There is no use in calling it without.
    Required,
    /// It may be left out.
    Optional,
    /// It may be left out when there is an argument.
    UnlessArgument,
}

/// What a call without a needed block comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Without {
    /// Nothing happens, rightly.
    Accepted,
    /// Nothing happens, and nothing is said.
    Ignored,
    /// The config does not load.
    Refused,
    /// The config loads, and Puma dies while it boots.
    FailsAtBoot,
    /// Puma runs, and fails when it stops.
    FailsAtStop,
    /// Puma runs, and fails when it restarts.
    FailsAtRestart,
    /// The master runs, and each worker dies as it starts.
    FailsInWorker,
}

/// When a directive's block runs. In each case `self` is the config's own `self`, so names mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// It takes none.
    None,
    /// At once, as a part of the config.
    Now,
    /// At the end of loading, as a part of the config, if the mode is the one it is for.
    Clamp,
    /// While Puma runs: a directive called in it sets nothing any more.
    Later,
}

/// What Puma prints when a hook cannot run for want of workers.
#[derive(Debug, Clone, Copy)]
pub struct SingleModeWarning {
    /// Where it prints it.
    pub releases: Range,
    /// When it looks at the number of workers and at `silence_fork_callback_warning`.
    pub judged: Judged,
    /// Whether it overlooks workers that the command line asks for.
    pub misses_command_line: bool,
    /// What it prints.
    pub words: &'static str,
}

/// When Puma looks at the number of workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    /// As the directive is called: what stands below it in the file does not count.
    AtCall,
    /// When everything is loaded.
    AtEnd,
}

/// A directive that works and is on its way out.
#[derive(Debug, Clone, Copy)]
pub struct Deprecation {
    /// Where Puma says so.
    pub releases: Range,
    /// The directive to use instead.
    pub replacement: &'static str,
    /// What Puma prints.
    pub words: &'static str,
}

/// A key of a directive's options hash. Puma ignores keys that it does not know.
#[derive(Debug, Clone, Copy)]
pub struct Keyword {
    /// Its name.
    pub name: &'static str,
    /// Where it has a meaning.
    pub releases: Range,
    /// What it comes to before, if not to nothing.
    pub before: Option<&'static str>,
}

/// The directive of that name, in whatever release. Private methods are none.
pub fn directive(name: &str) -> Option<&'static Directive> {
    method(name).filter(|found| found.forms.iter().any(|form| form.visibility == Visibility::Public))
}

/// The DSL's method of that name, private ones too.
pub fn method(name: &str) -> Option<&'static Directive> {
    let at = tables::DIRECTIVES.binary_search_by(|entry| entry.name.cmp(name)).ok()?;
    tables::DIRECTIVES.get(at)
}

/// Every directive, by name; private methods are none.
pub fn directives() -> impl Iterator<Item = &'static Directive> {
    tables::DIRECTIVES.iter().filter(|entry| directive(entry.name).is_some())
}

/// Every method of the DSL, by name, private ones too.
pub fn methods() -> &'static [Directive] {
    tables::DIRECTIVES
}

impl Directive {
    /// What it looks like at `release`, if it exists there.
    pub fn at(&self, release: Release) -> Option<&'static Form> {
        self.forms.iter().find(|form| form.releases.contains(release))
    }

    /// Whether it exists at `release`.
    pub fn exists(&self, release: Release) -> bool {
        self.at(release).is_some()
    }

    /// Whether it existed at some release up to `release`.
    pub fn existed(&self, release: Release) -> bool {
        self.introduced_in() <= release
    }

    /// The first release that has it.
    pub fn introduced_in(&self) -> Release {
        self.forms.first().map_or(Release::newest(), |form| form.releases.first())
    }

    /// The first release that no longer has it, if it was removed.
    pub fn removed_in(&self) -> Option<Release> {
        self.forms.last().and_then(|form| form.releases.last().next())
    }

    /// What Puma prints when it is called at `release`, and what to use instead.
    pub fn deprecation_at(&self, release: Release) -> Option<&'static Deprecation> {
        self.deprecation.filter(|deprecation| deprecation.releases.contains(release))
    }

    /// What its block is to it at `release`.
    pub fn block_at(&self, release: Release) -> Option<&'static BlockRule> {
        self.blocks.iter().find(|rule| rule.releases.contains(release))
    }

    /// What Puma prints at `release` when it is called and there are no workers.
    pub fn single_mode_warning_at(&self, release: Release) -> Option<&'static SingleModeWarning> {
        self.single_mode_warnings.iter().find(|warning| warning.releases.contains(release))
    }

    /// What calling it again does at `release`.
    pub fn collects_at(&self, release: Release) -> Collects {
        self.collects
            .iter()
            .find(|(range, _)| range.contains(release))
            .map_or(Collects::Last, |(_, collects)| *collects)
    }

    /// The options it sets at `release`, by Puma's own names (`pidfile`, `min_threads`).
    pub fn sets_at(&self, release: Release) -> impl Iterator<Item = &'static str> {
        self.settings_at(release).map(|setting| setting.option)
    }

    /// The options it sets at `release`, and to what.
    pub fn settings_at(&self, release: Release) -> impl Iterator<Item = &'static Setting> {
        let exists = self.exists(release);
        self.sets.iter().filter(move |setting| exists && setting.releases.contains(release))
    }

    /// What Puma asks of its arguments at `release`.
    pub fn checks_at(&self, release: Release) -> impl Iterator<Item = &'static Check> {
        self.checks.iter().filter(move |check| check.releases.contains(release))
    }

    /// The first refusal that these arguments meet. How many arguments there may be, `Form::arity` says.
    pub fn refuses(&self, arguments: &[Argument<'_>], circumstances: Circumstances) -> Option<Refusal> {
        let form = self.at(circumstances.release)?;
        let mut arguments = arguments.to_vec();
        // `(min, max=min)`: an argument that is left out may be another one.
        for parameter in form.parameters.iter().skip(arguments.len()) {
            if parameter.default == Some("{}") {
                arguments.push(Argument::Hash(&[]));
                continue;
            }
            let other = form.parameters.iter().position(|other| Some(other.name) == parameter.default);
            match other.and_then(|other| arguments.get(other).copied()) {
                Some(argument) => arguments.push(argument),
                None => break,
            }
        }
        self.checks.iter().find_map(|check| check.refuses(&arguments, circumstances))
    }

    /// The key of that name in its options hash.
    pub fn keyword(&self, name: &str) -> Option<&'static Keyword> {
        self.keywords.iter().find(|keyword| keyword.name == name)
    }

    /// What changed after `from`, up to and including `to`.
    pub fn changes_between(&self, from: Release, to: Release) -> impl Iterator<Item = &'static Change> {
        self.changes.iter().filter(move |change| from < change.release && change.release <= to)
    }

    /// The name under which `release` speaks of it: `on_worker_boot` is `before_worker_boot` where it is an alias.
    pub fn canonical_at(&self, release: Release) -> &'static str {
        self.at(release).and_then(|form| form.alias_of).unwrap_or(self.name)
    }
}

impl Form {
    /// How many arguments by position it takes.
    pub fn arity(&self) -> Arity {
        let count = |kind| self.parameters.iter().filter(|parameter| parameter.kind == kind).count();
        let min = count(ParameterKind::Required);
        Arity { min, max: min + count(ParameterKind::Optional) }
    }

    /// Whether it has a parameter for a block. Ruby lets a call give one anyway.
    pub fn takes_block(&self) -> bool {
        self.parameters.iter().any(|parameter| parameter.kind == ParameterKind::Block)
    }

    /// The names of its keyword parameters.
    pub fn keywords(&self) -> impl Iterator<Item = &'static str> {
        self.parameters.iter().filter(|p| p.kind == ParameterKind::Keyword).map(|p| p.name)
    }
}

impl Arity {
    /// Whether `count` arguments are taken.
    pub fn takes(self, count: usize) -> bool {
        self.min <= count && count <= self.max
    }

    /// What Ruby says of `count` arguments.
    pub fn words(self, count: usize) -> String {
        let expected =
            if self.min == self.max { self.min.to_string() } else { format!("{}..{}", self.min, self.max) };
        format!("ArgumentError: wrong number of arguments (given {count}, expected {expected})")
    }
}
