//! What ends every `if`: how often, `then` what, and what when it is well again.

use super::{Parsed, Parser};
use crate::monit::model::{Action, ActionKind, ComplaintKind, Place, Rate};
use crate::monit::token::Kind;

/// The most cycles that Monit looks back.
const MOST_CYCLES: u64 = 64;

impl Parser<'_> {
    /// `[for N cycles | N times within M cycles]`.
    pub(super) fn rate(&mut self) -> Parsed<Option<Rate>> {
        if !self.is_number() {
            return Ok(None);
        }
        let first = self.number(Place::Then)?;
        let second = if self.is_number() { Some(self.number(Place::Then)?) } else { None };
        self.expect("cycles", Place::Then)?;
        let cycles = second.unwrap_or(first).value;
        if !(1..=MOST_CYCLES).contains(&cycles) {
            self.complain(
                ComplaintKind::Rate,
                format!("The number of cycles must be between 1 and {MOST_CYCLES}"),
            );
        } else if !(1..=cycles).contains(&first.value) {
            let words = "The number of events must be between 1 and less then poll cycles".to_owned();
            self.complain(ComplaintKind::Rate, words);
        }
        Ok(Some(Rate { times: first.value, cycles, span: self.since(first.span) }))
    }

    /// `alert`, `exec …`, `restart`, `start`, `stop`, `unmonitor`.
    pub(super) fn action(&mut self) -> Parsed<Action> {
        let kind = match self.kind() {
            Kind::Key("alert") => ActionKind::Alert,
            Kind::Key("exec") => return self.exec(),
            Kind::Key("restart") => ActionKind::Restart,
            Kind::Key("start") => ActionKind::Start,
            Kind::Key("stop") => ActionKind::Stop,
            Kind::Key("unmonitor") => ActionKind::Unmonitor,
            _ => return Err(Place::Action),
        };
        Ok(Action { kind, span: self.bump().span, program: None })
    }

    /// `exec "…" [as uid U] [repeat every [N] cycles]`.
    fn exec(&mut self) -> Parsed<Action> {
        let program = self.command()?;
        let mut span = program.span;
        if self.eat("repeat").is_some() {
            self.expect("every", Place::Action)?;
            if self.is_number() {
                self.number(Place::Action)?;
            }
            span = span.join(self.expect("cycles", Place::Action)?);
        }
        Ok(Action { kind: ActionKind::Exec, span, program: Some(program) })
    }

    /// `[else [if succeeded|recovered|passed [RATE] then] ACTION]`; after `if succeeded`, it is `else if failed`.
    pub(super) fn recovery(&mut self, on_success: bool) -> Parsed<Option<Action>> {
        if self.eat("else").is_none() {
            return Ok(None);
        }
        if self.eat("if").is_none() {
            return self.action().map(Some).map_err(|_| Place::Recovery);
        }
        match self.kind() {
            Kind::Key("failed") if on_success => {}
            Kind::Key("succeeded" | "recovered" | "passed") if !on_success => {}
            _ => return Err(Place::Recovery),
        }
        self.bump();
        self.rate()?;
        self.expect("then", Place::Recovery)?;
        self.action().map(Some)
    }
}
