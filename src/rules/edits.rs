//! Edits of unit files that several rules make.

use std::ops::Range;

use super::view::{Command, Scene};
use crate::deployment::Service;
use crate::model::{Applicability, Edit, FileId, Fix, Span};
use crate::systemd::{self, Entry};

/// Puts another value in the place of an entry's; `None` if it isn't written as plainly as it is read.
pub(super) fn set_value(scene: &Scene<'_>, service: &Service, entry: &Entry, value: &str) -> Option<Edit> {
    let place = service.value(entry);
    let written = scene.files.source(place.file).bytes().get(place.span.range())?;
    (written == entry.value.text().as_bytes()).then(|| Edit {
        file: place.file,
        span: place.span,
        replacement: value.to_owned(),
    })
}

/// Takes an entry's lines away; `None` if a comment stands among them.
pub(super) fn remove_entry(scene: &Scene<'_>, service: &Service, entry: &Entry) -> Option<Edit> {
    let place = service.at(entry, entry.lines);
    let comments = &scene.files.unit(place.file)?.comments;
    let bare = !comments.iter().any(|comment| entry.lines.contains(*comment));
    bare.then(|| Edit { file: place.file, span: place.span, replacement: String::new() })
}

/// Takes a setting of `[Service]` away, whatever files it is made in: the deciding entry, and those before it that
/// would then decide and are no better.
pub(super) fn remove_setting(
    scene: &Scene<'_>,
    service: &Service,
    key: &str,
    is_harmful: impl Fn(&Entry) -> bool,
) -> Option<Vec<Edit>> {
    let entries = service.unit.entries.iter().filter(|entry| entry.section == "Service" && entry.key == key);
    let harmful = entries.rev().take_while(|entry| is_harmful(entry));
    harmful.map(|entry| remove_entry(scene, service, entry)).collect()
}

/// Takes away the line of a unit's command that sends a signal by a plain `kill`, if it holds nothing else.
pub(super) fn remove_command(scene: &Scene<'_>, command: &Command<'_>, word: Span) -> Option<Edit> {
    let service = command.service?;
    let holds = |entry: &&Entry| service.value(entry).file == command.file && entry.lines.contains(word);
    let entry = service.unit.entries.iter().find(holds)?;
    let line = systemd::commands(entry, &service.context);
    let [only] = line.commands.as_slice() else { return None };
    // Not within a shell, which may do more.
    let direct = only.argv.iter().any(|given| given.span() == word);
    if direct { remove_entry(scene, service, entry) } else { None }
}

/// Sends USR2 instead, spelled as the signal was: `-TSTP`, `-SIGTSTP`, `--signal=TSTP`, `-20`. That restarts Puma,
/// whatever was wanted, so somebody has to decide.
pub(super) fn resend(scene: &Scene<'_>, file: FileId, word: Span) -> Option<Fix> {
    let written = std::str::from_utf8(scene.files.source(file).bytes().get(word.range())?).ok()?;
    let name = written.rsplit(['-', '=']).next()?;
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let bare = name.strip_prefix("SIG").unwrap_or(name);
    let span = Span::new(word.end - bare.len(), word.end);
    Some(Fix {
        title: "send USR2".into(),
        applicability: Applicability::Unsafe,
        edits: vec![Edit { file, span, replacement: "USR2".into() }],
    })
}

/// Moves the comment behind a value to a line of its own above it. In the value's text, `gap` is what stands between
/// the two.
pub(super) fn move_comment(scene: &Scene<'_>, file: FileId, entry: &Entry, gap: Range<usize>) -> Option<Fix> {
    let (text, span) = (entry.value.text(), entry.value.span());
    let bytes = scene.files.source(file).bytes();
    // A value of one line, which stands in the file as it is read.
    if bytes.get(span.range())? != text.as_bytes() {
        return None;
    }
    let above = format!("{}{}", &text[gap.end..], line_end(bytes, entry.lines.start));
    let cut = Span::new(span.start + gap.start, span.end);
    Some(Fix {
        title: "move the comment to a line of its own".into(),
        applicability: Applicability::Safe,
        edits: vec![
            Edit { file, span: Span::at(entry.lines.start), replacement: above },
            Edit { file, span: cut, replacement: String::new() },
        ],
    })
}

/// How the line at an offset ends, so that a line that is put before it ends alike.
pub(super) fn line_end(bytes: &[u8], at: usize) -> &'static str {
    let rest = bytes.get(at..).unwrap_or_default();
    let end = rest.iter().position(|byte| *byte == b'\n');
    match end.and_then(|end| end.checked_sub(1)).map(|before| rest[before]) {
        Some(b'\r') => "\r\n",
        _ => "\n",
    }
}
