//! The tables, as the build makes them of `data/*.toml`.

use super::behaviour::Behaviour;
use super::check::{Check, CheckKind, Stage};
use super::constant::Constant;
use super::defaults::Default;
use super::directive::{
    BlockRule, Collects, Deprecation, Directive, Form, Judged, Keyword, Need, Parameter, ParameterKind,
    Scope, SingleModeWarning, Visibility, Without,
};
use super::effect::{Conversion, QueryForm, QueryPart, Setting};
use super::environment::{Sets, Variable};
use super::flag::{Broken, Effect, Flag, Takes, To, When};
use super::gem::{Gem, Needed, Pin};
use super::method::ModuleMethod;
use super::plugin::{Plugin, Ruby};
use super::pumactl::{Command, Fails, Quirk};
use super::range::{Range, Ranges};
use super::release::{Release, ReleaseEntry};
use super::signal::{Meaning, Place, Signal};
use super::upgrade::{Affects, Upgrade, UpgradeKind};
use super::value::{Change, Value};

include!(concat!(env!("OUT_DIR"), "/catalog_tables.rs"));
