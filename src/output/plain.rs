//! A finding in plain text, line by line, for programs that show it to people.

use super::escape;
use crate::model::Diagnostic;

/// The message, what is said at the place, what a real program says of it, for which launches it holds if not for
/// all, and what to do. Nothing in it hides or drives a terminal.
pub fn lines(diagnostic: &Diagnostic) -> Vec<String> {
    let mut lines = vec![diagnostic.message.clone(), diagnostic.label.clone()];
    lines.extend(
        diagnostic.quote.as_ref().map(|quote| format!("{} says: {}", quote.speaker.name(), quote.words)),
    );
    lines.extend(diagnostic.help.as_ref().map(|help| format!("help: {help}")));
    lines.retain(|line| !line.is_empty());
    lines.iter().map(|line| escape::block(line).into_owned()).collect()
}
