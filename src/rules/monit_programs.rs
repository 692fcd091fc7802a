//! The fix that lets Monit start and stop Puma through systemd.

use super::view::{Command, Purpose, Scene, units_of};
use crate::deployment::Service;
use crate::model::{Applicability, Edit, FileId, Fix, Span};
use crate::monit::Program;

/// Where `systemctl` is: Monit searches no path. Where `/bin` is a link to `/usr/bin`, this is right as well.
const SYSTEMCTL: &str = "/bin/systemctl";

/// Lets the programs of a check that it has go through `systemctl`. `None` if it isn't known which unit is meant, or if
/// a program isn't written in one pair of quotes.
///
/// A flag is never dropped alone: Monit would then wait for a Puma that stays in the foreground.
pub(super) fn through_systemd(scene: &Scene<'_>, file: FileId, check: Span) -> Option<Fix> {
    let control = scene.files.control(file).filter(|control| control.is_accepted())?;
    let check = control.checks.iter().find(|known| known.span == check)?;
    let service = unit_of(scene, file, check.span)?;
    let unit = service.name().trim_end_matches(".service");
    let mut edits = Vec::new();
    let programs = [
        (&check.start, Purpose::Start, "start"),
        (&check.stop, Purpose::Stop, "stop"),
        (&check.restart, Purpose::Restart, "restart"),
    ];
    for (program, purpose, verb) in programs {
        let Some(program) = program else { continue };
        if !runs_unit(scene, (file, check.span), purpose, service) {
            edits.extend(set_program(scene, file, program, &format!("{SYSTEMCTL} {verb} {unit}"))?);
        }
    }
    (!edits.is_empty()).then(|| Fix {
        title: format!("let Monit use systemctl for {}", service.name()),
        applicability: Applicability::Unsafe,
        edits,
    })
}

/// The unit that a check starts already, else the only one that runs Puma. It has to be one that root's `systemctl`
/// knows by its name.
fn unit_of<'a>(scene: &'a Scene<'a>, file: FileId, check: Span) -> Option<&'a Service> {
    let mut named = commands(scene, (file, check), Purpose::Start)
        .flat_map(|command| units_of(&command.invocation))
        .filter_map(|word| scene.service_named(word.text()))
        .peekable();
    let service = if named.peek().is_some() {
        named.next().filter(|_| named.next().is_none())?
    } else {
        let mut pumas = scene.pumas();
        pumas.next().filter(|_| pumas.next().is_none())?
    };
    let plain =
        |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:@".contains(&byte));
    let known = service.runs_puma()
        && plain(service.name())
        && !service.name().contains("@.")
        && service.is_of_system() != Some(false);
    known.then_some(service)
}

fn commands<'a>(
    scene: &'a Scene<'a>,
    (file, check): (FileId, Span),
    purpose: Purpose,
) -> impl Iterator<Item = &'a Command<'a>> {
    scene.commands.iter().filter(move |command| {
        command.file == file && command.check == Some(check) && command.purpose == purpose
    })
}

/// Whether a program already asks systemd for the unit.
fn runs_unit(scene: &Scene<'_>, check: (FileId, Span), purpose: Purpose, service: &Service) -> bool {
    commands(scene, check, purpose)
        .flat_map(|command| units_of(&command.invocation))
        .any(|word| scene.service_named(word.text()).is_some_and(|named| named.file == service.file))
}

/// Another command between a program's quotes. The user and group go: only root may ask systemd.
fn set_program(scene: &Scene<'_>, file: FileId, program: &Program, command: &str) -> Option<Vec<Edit>> {
    let quotes =
        program.quotes.filter(|_| !program.unclosed && program.words.len() == program.quoted_words)?;
    let mut edits = vec![Edit { file, span: quotes, replacement: command.to_owned() }];
    let users = [&program.uid, &program.gid];
    if let Some(end) = users.into_iter().flatten().map(|user| user.value.span().end).max() {
        let closing = quotes.end + 1;
        let options = Span::new(closing, end);
        let written = scene.files.source(file).bytes().get(options.range())?;
        if written.contains(&b'#') || program.timeout.is_some_and(|timeout| timeout.span.start < end) {
            return None;
        }
        edits.push(Edit { file, span: options, replacement: String::new() });
    }
    Some(edits)
}
