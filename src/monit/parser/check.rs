//! `check process` and its options.

use super::{Parsed, Parser};
use crate::monit::model::{
    Alert, Every, Mode, OnReboot, Place, ProcessCheck, Program, Warning, WarningKind, Watch, WatchKind, When,
};
use crate::monit::token::Kind;

impl Parser<'_> {
    /// `check [process] NAME pidfile|path PATH` or `… matching PATTERN`, and the options.
    pub(super) fn process_check(&mut self) -> Parsed<()> {
        let first = self.at;
        let keyword_span = self.bump().span;
        let name = self.word_of(&[Kind::Name], Place::CheckName)?;
        let watch = self.watch()?;
        self.claim_name(&name);
        let span = self.since(keyword_span);
        self.bodies.push((first, usize::MAX));
        let mut check = ProcessCheck {
            name,
            span,
            keyword_span,
            watch,
            start: None,
            stop: None,
            restart: None,
            tests: Vec::new(),
            depends: Vec::new(),
            groups: Vec::new(),
            mode: None,
            every: None,
            onreboot: None,
            alerts: Vec::new(),
        };
        let body = self.options(&mut check);
        check.span = self.since(keyword_span);
        self.control.checks.push(check);
        body?;
        if !self.at_statement() {
            return Err(Place::Statement);
        }
        if let Some((_, end)) = self.bodies.last_mut() {
            *end = self.at;
        }
        Ok(())
    }

    /// How the process is found.
    fn watch(&mut self) -> Parsed<Watch> {
        let (kind, kinds, place) = match self.kind() {
            Kind::Key("pidfile" | "path") => (WatchKind::Pidfile, &[Kind::Path][..], Place::Pidfile),
            Kind::Key("match") => (WatchKind::Matching, &[Kind::Text, Kind::Path][..], Place::Pattern),
            _ => return Err(Place::Watch),
        };
        let keyword = self.bump().span;
        let value = self.word_of(kinds, place)?;
        let span = keyword.join(value.span());
        Ok(Watch { kind, value, span })
    }

    /// Options, as long as there are any.
    fn options(&mut self, check: &mut ProcessCheck) -> Parsed<()> {
        loop {
            let Kind::Key(key) = self.kind() else { return Ok(()) };
            match key {
                "start" => {
                    let program = self.program()?;
                    self.replace(&mut check.start, program);
                }
                "stop" => {
                    let program = self.program()?;
                    self.replace(&mut check.stop, program);
                }
                "restart" => {
                    let program = self.program()?;
                    self.replace(&mut check.restart, program);
                }
                "if" => {
                    let test = self.test()?;
                    check.tests.push(test);
                }
                "depends" => self.depends(check)?,
                "group" => {
                    self.bump();
                    check.groups.push(self.word_of(&[Kind::GroupName], Place::Option)?);
                }
                "mode" => check.mode = Some(self.mode()?),
                "onreboot" => check.onreboot = Some(self.onreboot()?),
                "every" | "not every" => {
                    let every = self.every(key)?;
                    if let Some(before) = check.every.replace(every) {
                        self.warn(before.span, WarningKind::EveryOverridden);
                    }
                }
                "alert" | "noalert" => check.alerts.push(self.alert(key == "noalert")?),
                _ => return Ok(()),
            }
        }
    }

    /// The last definition of a program holds.
    fn replace(&mut self, slot: &mut Option<Program>, program: Program) {
        if let Some(before) = slot.replace(program) {
            self.warn(before.span, WarningKind::ProgramOverridden);
        }
    }

    fn warn(&mut self, span: crate::model::Span, kind: WarningKind) {
        self.control.warnings.push(Warning { span, kind });
    }

    fn depends(&mut self, check: &mut ProcessCheck) -> Parsed<()> {
        self.bump();
        check.depends.push(self.word_of(&[Kind::Name], Place::Option)?);
        while self.kind() == Kind::Name {
            check.depends.push(self.word_of(&[Kind::Name], Place::Option)?);
        }
        Ok(())
    }

    fn mode(&mut self) -> Parsed<(Mode, crate::model::Span)> {
        let start = self.bump().span;
        let mode = match self.kind() {
            Kind::Key("active") => Mode::Active,
            Kind::Key("passive") => Mode::Passive,
            Kind::Key("manual") => Mode::Manual,
            _ => return Err(Place::Option),
        };
        self.bump();
        let span = self.since(start);
        if mode == Mode::Manual {
            self.warn(span, WarningKind::ModeManual);
        }
        Ok((mode, span))
    }

    /// `onreboot start|nostart|laststate`.
    pub(super) fn onreboot(&mut self) -> Parsed<(OnReboot, crate::model::Span)> {
        let start = self.bump().span;
        let value = match self.kind() {
            Kind::Key("start") => OnReboot::Start,
            Kind::Key("nostart") => OnReboot::NoStart,
            Kind::Key("laststate") => OnReboot::LastState,
            _ => return Err(Place::Option),
        };
        self.bump();
        Ok((value, self.since(start)))
    }

    fn every(&mut self, key: &str) -> Parsed<Every> {
        let start = self.bump().span;
        let when = if key == "not every" {
            When::NotCron(self.word_of(&[Kind::Cron], Place::Option)?)
        } else if self.kind() == Kind::Cron {
            When::Cron(self.word_of(&[Kind::Cron], Place::Option)?)
        } else {
            let cycles = self.number(Place::Option)?;
            self.expect("cycles", Place::Option)?;
            When::Cycles(cycles.value)
        };
        Ok(Every { when, span: self.since(start) })
    }

    fn alert(&mut self, negated: bool) -> Parsed<Alert> {
        let start = self.bump().span;
        let address = self.word_of(&[Kind::Mail], Place::Option)?;
        if !negated {
            self.alert_options()?;
        }
        Ok(Alert { address, negated, span: self.since(start) })
    }
}
