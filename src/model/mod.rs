//! The words that every room shares. Nothing here reads a file or knows a format.

mod diagnostic;
mod fix;
mod source;
mod value;
mod word;

pub use diagnostic::{Diagnostic, Label, Quote, Role, Severity, Speaker, Story};
pub use fix::{Applicability, Edit, Fix, apply};
pub use source::{FileId, FileKind, LineColumn, Location, Source, Span};
pub use value::{Clause, Condition, Fact, Piece, ProcShape, Text, Value};
pub use word::Word;
