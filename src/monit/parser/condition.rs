//! `if …` of a process check.

use super::{Parsed, Parser};
use crate::model::Span;
use crate::monit::model::{Action, ActionKind, ComplaintKind, Condition, Place, Resource, Test};
use crate::monit::token::Kind;

impl Parser<'_> {
    /// `if CONDITION [RATE] then ACTION [else if … then ACTION]`.
    pub(super) fn test(&mut self) -> Parsed<Test> {
        let start = self.bump().span;
        let first = self.at;
        let on_success = self.is("succeeded");
        let condition = self.condition()?;
        let what = if self.at > first {
            self.quoted(self.tokens[first].span.join(self.tokens[self.at - 1].span))
        } else {
            String::new()
        };
        let rated = !matches!(condition, Condition::Restarts { .. });
        let rate = if rated { self.rate()? } else { None };
        self.expect("then", self.place_of_then(&condition))?;
        let action = if !rated && self.is("timeout") {
            Action { kind: ActionKind::Unmonitor, span: self.bump().span, program: None }
        } else {
            self.action()?
        };
        self.check_restarts(&condition);
        let recovers = rated && !matches!(condition, Condition::Changed(_));
        let recovery = if recovers { self.recovery(on_success)? } else { None };
        Ok(Test { span: self.since(start), what, condition, on_success, rate, action, recovery })
    }

    /// Where a missing `then` is: probably at the unit of the last limit, if that has none.
    fn place_of_then(&self, condition: &Condition) -> Place {
        match condition {
            Condition::Resources(resources) if resources.last().is_some_and(|last| last.unit.is_none()) => {
                Place::TestUnit
            }
            _ => Place::Then,
        }
    }

    /// Restarts must be fewer than cycles, and neither may be 0.
    fn check_restarts(&mut self, condition: &Condition) {
        let Condition::Restarts { restarts, cycles } = condition else { return };
        if restarts.value > cycles.value {
            self.complain(
                ComplaintKind::Rate,
                "The number of restarts must be less than poll cycles".to_owned(),
            );
        }
        if restarts.value == 0 || cycles.value == 0 {
            let words = "Zero or negative values not allowed in a action rate statement".to_owned();
            self.complain(ComplaintKind::Rate, words);
        }
    }

    /// What is tested.
    fn condition(&mut self) -> Parsed<Condition> {
        match self.kind() {
            _ if self.is_number() => {
                let restarts = self.number(Place::Test)?;
                self.expect("restart", Place::Test)?;
                let cycles = self.number(Place::TestValue)?;
                self.expect("cycles", Place::TestUnit)?;
                Ok(Condition::Restarts { restarts, cycles })
            }
            Kind::Key("not") => {
                self.bump();
                self.expect("exist", Place::Test)?;
                Ok(Condition::Exist { negated: true })
            }
            Kind::Key("exist") => {
                self.bump();
                Ok(Condition::Exist { negated: false })
            }
            Kind::Key("changed") => {
                self.bump();
                let Kind::Key(what @ ("pid" | "ppid")) = self.kind() else { return Err(Place::Test) };
                self.bump();
                Ok(Condition::Changed(what))
            }
            Kind::Key("uptime") => {
                self.bump();
                self.operator();
                self.number(Place::TestValue)?;
                if matches!(self.kind(), Kind::Key("second" | "minute" | "hour" | "day" | "month")) {
                    self.bump();
                }
                Ok(Condition::Uptime)
            }
            Kind::Key("failed") => {
                self.bump();
                self.failure()
            }
            Kind::Key("succeeded") => {
                self.bump();
                self.connection()
            }
            Kind::Key("total") => {
                self.bump();
                self.expect("filedescriptors", Place::Test)?;
                self.operator();
                self.number(Place::TestValue)?;
                Ok(Condition::FileDescriptors)
            }
            Kind::Key("filedescriptors") => self.file_descriptors(),
            _ => self.resources(),
        }
    }

    /// `filedescriptors OP N` or `… N%`.
    fn file_descriptors(&mut self) -> Parsed<Condition> {
        self.bump();
        self.operator();
        let real = self.kind() == Kind::Real;
        self.word_of(&[Kind::Number, Kind::Real], Place::TestValue)?;
        if self.eat("percent").is_none() && real {
            return Err(Place::TestUnit);
        }
        Ok(Condition::FileDescriptors)
    }

    /// `failed …`: an owner, or a connection.
    fn failure(&mut self) -> Parsed<Condition> {
        match self.kind() {
            Kind::Key(what @ ("uid" | "euid" | "gid")) => {
                self.bump();
                Ok(Condition::Owner(what, self.word_of(&[Kind::Text, Kind::Number], Place::TestValue)?))
            }
            Kind::Key("security") => {
                self.bump();
                self.expect("attribute", Place::Test)?;
                self.word_of(&[Kind::Text, Kind::Path], Place::TestValue)?;
                Ok(Condition::SecurityAttribute)
            }
            _ => self.connection(),
        }
    }

    /// One limit or more.
    fn resources(&mut self) -> Parsed<Condition> {
        let mut resources = Vec::new();
        while let Some((name, span)) = self.resource_name()? {
            resources.push(self.resource(name, span)?);
        }
        if resources.is_empty() { Err(Place::Test) } else { Ok(Condition::Resources(resources)) }
    }

    /// What is limited.
    fn resource_name(&mut self) -> Parsed<Option<(&'static str, Span)>> {
        let Kind::Key(name) = self.kind() else { return Ok(None) };
        match name {
            "memory" | "total memory" | "cpu" | "total cpu" | "children" | "threads" | "read" | "write" => {
                Ok(Some((name, self.bump().span)))
            }
            "loadavg" => {
                let span = self.bump().span;
                self.eat("core");
                Ok(Some((name, span)))
            }
            "disk" => {
                let span = self.bump().span;
                let name = match self.kind() {
                    Kind::Key("read") => "disk read",
                    Kind::Key("write") => "disk write",
                    _ => return Err(Place::Test),
                };
                Ok(Some((name, span.join(self.bump().span))))
            }
            _ => Ok(None),
        }
    }

    /// The limit.
    fn resource(&mut self, name: &'static str, name_span: Span) -> Parsed<Resource> {
        let operator = self.operator();
        let is_whole = self.is_number();
        if !is_whole && matches!(name, "children" | "threads") {
            return Err(Place::TestValue);
        }
        let word = self.word_of(&[Kind::Number, Kind::Real], Place::TestValue)?;
        let unit = match (name, self.kind()) {
            ("cpu" | "total cpu" | "memory" | "total memory", Kind::Key("percent")) => Some("percent"),
            ("cpu" | "total cpu", _) => return Err(Place::TestUnit),
            ("disk read" | "disk write", Kind::Key("operations")) if is_whole => Some("operations"),
            (
                "memory" | "total memory" | "read" | "write" | "disk read" | "disk write",
                Kind::Key(unit @ ("byte" | "kilobyte" | "megabyte" | "gigabyte")),
            ) => Some(unit),
            _ => None,
        };
        if unit.is_some() {
            self.bump();
        }
        if unit != Some("operations") && matches!(name, "read" | "write" | "disk read" | "disk write") {
            self.eat("second");
        }
        let value = word.text().parse().unwrap_or(f64::MAX);
        Ok(Resource { name, name_span, operator, value, value_span: word.span(), unit })
    }

    /// A comparison; `==` if none is written.
    pub(super) fn operator(&mut self) -> &'static str {
        match self.kind() {
            Kind::Key(operator @ (">" | ">=" | "<" | "<=" | "==" | "!=" | "changed")) => {
                self.bump();
                operator
            }
            _ => "==",
        }
    }
}
