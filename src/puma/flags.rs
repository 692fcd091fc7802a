//! The flags of a `puma` or `pumactl` command, found as Ruby's OptionParser finds them.

use crate::catalog::{Flag, FlagMatch, Program, Release, Takes};
use crate::model::{Span, Word};

/// A flag as a command line gives it.
#[derive(Debug, Clone)]
pub struct FlagUse {
    /// The flag alone as written, `--daemon` or `-d`, and where.
    pub name: String,
    /// Where the flag alone stands.
    pub span: Span,
    /// What OptionParser makes of it.
    pub found: FlagMatch,
    /// Its value, attached or as the next word.
    pub value: Option<Word>,
}

/// Every flag of the arguments, in order.
pub fn flags(program: Program, arguments: &[Word], release: Release) -> Vec<FlagUse> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(word) = arguments.get(at) {
        at += 1;
        let text = word.text();
        if text == "--" {
            break;
        }
        if !text.starts_with('-') || text.len() == 1 {
            continue;
        }
        let (end, attached) = match (text.starts_with("--"), text.find('=')) {
            (true, Some(equals)) => (equals, Some(equals + 1)),
            (true, None) => (text.len(), None),
            (false, _) => {
                let letter = text[1..].chars().next().map_or(1, char::len_utf8);
                (1 + letter, (text.len() > 1 + letter).then_some(1 + letter))
            }
        };
        let name = text[..end].to_owned();
        let matched = program.find(&name, release);
        // A flag that is gone still says how it was meant: its value is no argument of another.
        let meant = matched.found().map(|found| found.flag).or_else(|| removed(program, &name, release));
        let takes = meant.map_or(Takes::None, |flag| flag.argument);
        let value = match (takes, attached) {
            (Takes::None, _) => None,
            (_, Some(from)) => Some(word.part(from..text.len())),
            (Takes::Attached, None) => None,
            (_, None) => {
                let next = arguments
                    .get(at)
                    .filter(|next| takes == Takes::Required || !next.text().starts_with('-'));
                at += usize::from(next.is_some());
                next.cloned()
            }
        };
        found.push(FlagUse { span: word.span_of(0..end), name, found: matched, value });
    }
    found
}

/// The flag that `name` meant in an older release, if `release` no longer has it.
pub fn removed(program: Program, name: &str, release: Release) -> Option<&'static Flag> {
    program.flags().iter().find(|flag| {
        let gone = flag.removed_in().is_some_and(|removed| removed <= release);
        let meant = || program.find(name, flag.releases.last()).found();
        gone && meant().is_some_and(|found| std::ptr::eq(found.flag, *flag))
    })
}
