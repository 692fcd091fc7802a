//! The only room that names the Ruby parser. It gives an owned [`Tree`] of our own.
use crate::model::*;
mod tree;
pub use tree::*;
#[allow(missing_docs)] pub enum Rejection { Syntax(SyntaxError), TooDeep { span: Span } , Other}
#[allow(missing_docs)] pub struct SyntaxError { pub span: Span, pub message: String, pub hint: Option<String> }
impl std::fmt::Display for Rejection { fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { write!(f, "x") } }
#[allow(missing_docs)] pub fn parse(_: &[u8]) -> Result<Tree, Rejection> { Ok(Tree::default()) }
#[allow(missing_docs)] pub fn remove_statement(_: &[u8], _: &Tree, _: NodeId) -> Result<Vec<(Span, String)>, String> { Err("x".into()) }
