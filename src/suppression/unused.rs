//! Suppressions that silence nothing.

use super::{Name, Suppression, Suppressions};
use crate::model::{Applicability, Diagnostic, Edit, FileId, Fix, Location, Source, Span};
use crate::parsed::Files;
use crate::rules::{RULES, rule, unused_suppression};
use crate::settings::nearest;

impl Suppressions {
    /// Whether any comment was of no use so far; `asked` tells of which rules in which files that counts.
    pub fn has_unused(&self, asked: &dyn Fn(FileId, &str) -> bool) -> bool {
        self.all.iter().any(|suppression| suppression.unused(asked).next().is_some())
    }

    /// What there is to say about comments that mean nothing, and about those that were of no use; `asked` tells of which
    /// rules in which files the latter counts.
    pub fn complaints(&self, files: &Files<'_>, asked: &dyn Fn(FileId, &str) -> bool) -> Vec<Diagnostic> {
        let mut complaints = Vec::new();
        for (file, mistake) in &self.mistakes {
            let at = Location { file: *file, span: mistake.span };
            complaints.push(unused_suppression::finding(at, mistake.message).help(mistake.help));
        }
        for suppression in &self.all {
            let source = files.source(suppression.file);
            let unknown = suppression.names.iter().filter(|name| rule(&name.text).is_none());
            complaints.extend(unknown.map(|name| suppression.unknown(source, name)));
            let unused: Vec<&Name> = suppression.unused(asked).collect();
            if !unused.is_empty() {
                complaints.push(suppression.useless(source, &unused));
            }
        }
        complaints
    }
}

impl Suppression {
    fn unused(&self, asked: &dyn Fn(FileId, &str) -> bool) -> impl Iterator<Item = &Name> {
        self.names.iter().filter(|name| {
            let known = rule(&name.text).is_some() && name.text != unused_suppression::RULE.name;
            known && !name.used && asked(self.file, &name.text)
        })
    }

    fn useless(&self, source: &Source, unused: &[&Name]) -> Diagnostic {
        let list = unused.iter().map(|name| format!("`{}`", name.text)).collect::<Vec<_>>().join(" and ");
        let place = match (self.lines, self.own_line) {
            (None, _) => "in this file",
            (Some(_), true) => "in the statement below",
            (Some(_), false) => "in this statement",
        };
        let at = match unused {
            [only] if self.names.len() > 1 => only.span,
            _ => self.comment,
        };
        unused_suppression::finding(self.at(at), format!("there is no {list} {place}: nothing is silenced"))
            .help("take it away, so that it hides nothing that comes later")
            .fix(self.without(source, &|name| unused.iter().any(|unused| unused.span == name.span)))
    }

    fn unknown(&self, source: &Source, name: &Name) -> Diagnostic {
        let made = unused_suppression::finding(
            self.at(name.span),
            format!("there is no rule `{}`: nothing is silenced", name.text),
        );
        match nearest(&name.text, RULES.iter().map(|rule| rule.name)) {
            Some(meant) => made.help(format!("did you mean `{meant}`?")).fix(Fix {
                title: format!("name {meant}"),
                // It may silence something from now on.
                applicability: Applicability::Unsafe,
                edits: vec![Edit { file: self.file, span: name.span, replacement: meant.to_owned() }],
            }),
            None => made
                .help("`puma-lint rules` lists the rules")
                .fix(self.without(source, &|other| other.span == name.span)),
        }
    }

    fn at(&self, span: Span) -> Location {
        Location { file: self.file, span }
    }

    /// Takes names away, and the comment when none is left.
    fn without(&self, source: &Source, gone: &dyn Fn(&Name) -> bool) -> Fix {
        let left: Vec<&str> =
            self.names.iter().filter(|name| !gone(name)).map(|name| name.text.as_str()).collect();
        let (title, span, replacement) = if left.is_empty() {
            ("remove the comment", self.whole(source), String::new())
        } else {
            ("remove the rule from the comment", self.list, left.join(", "))
        };
        Fix {
            title: title.to_owned(),
            applicability: Applicability::Safe,
            edits: vec![Edit { file: self.file, span, replacement }],
        }
    }

    /// The comment and what nobody needs without it: its line, or the blanks before it.
    fn whole(&self, source: &Source) -> Span {
        let line = source.line_of(self.comment.start);
        let bytes = source.bytes();
        let start = source.line_span(line).start;
        if self.own_line {
            let start = if bytes[start..].starts_with(b"\xEF\xBB\xBF") { start + 3 } else { start };
            return Span::new(start, source.line_span(line + 1).start);
        }
        let code = bytes[start..self.comment.start].trim_ascii_end().len();
        Span::new(start + code, self.comment.end)
    }
}
