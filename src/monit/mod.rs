//! x
use crate::model::*;
#[allow(missing_docs)] pub struct Control { pub checks: Vec<ProcessCheck>, pub error: Option<SyntaxError> }
#[allow(missing_docs)] pub struct SyntaxError { pub span: Span, pub words: String }
#[allow(missing_docs)] pub struct ProcessCheck { pub name: Word, pub span: Span, pub watch: Watch, pub start: Option<Program>, pub stop: Option<Program>, pub restart: Option<Program> }
#[allow(missing_docs)] pub struct Program { pub words: Vec<Word>, pub span: Span }
#[allow(missing_docs)] pub enum Watch { Pidfile(Word), Matching(Word) }
#[allow(missing_docs)] pub fn parse(_: &[u8]) -> Control { Control { checks: vec![], error: None } }
