//! The words that every room shares. Nothing here reads a file or knows a format.

mod diagnostic;
mod fix;
pub mod hole;
mod source;
mod value;
mod word;

pub use diagnostic::{Diagnostic, Label, Quote, Role, Severity, Speaker, Story};
pub use fix::{Applicability, Edit, Fix, apply};
pub use hole::Holes;
pub use source::{FileId, FileKind, LineColumn, Location, ServiceId, Source, Span, TemplateLanguage};
pub use value::{Clause, Condition, Fact, Piece, ProcShape, Text, Value};
pub use word::Word;
