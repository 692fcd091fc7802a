//! Procfiles: a name, a colon, and a command that a shell reads.
//!
//! foreman, overmind and Heroku take the lines that match `^([A-Za-z0-9_-]+):\s*(.+)$` and pass over all others.

use crate::model::Word;

/// A process that a Procfile names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its name: `web`.
    pub name: Word,
    /// Its command line, as a shell gets it.
    pub command: Word,
}

/// The processes of a Procfile, in order.
pub fn parse(bytes: &[u8]) -> Vec<Process> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        found.extend(process(line, start));
        start += line.len();
    }
    found
}

fn process(line: &[u8], start: usize) -> Option<Process> {
    let colon =
        line.iter().position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')))?;
    if colon == 0 || line[colon] != b':' {
        return None;
    }
    let blank = line[colon + 1..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let from = colon + 1 + blank;
    let behind = line.get(from..)?;
    let length = behind.len() - behind.iter().rev().take_while(|byte| byte.is_ascii_whitespace()).count();
    if length == 0 {
        return None;
    }
    let command = Word::read(&behind[..length], start + from);
    Some(Process { name: Word::read(&line[..colon], start), command })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_foreman_reads_them() {
        let text = "# web: no\n\nweb: bundle exec puma -p $PORT  \r\nworker:sidekiq\n a: b\nweb 2: x\nempty:  \n: x\nlast-1_x:\tpuma";
        let found: Vec<_> = parse(text.as_bytes())
            .into_iter()
            .map(|process| (process.name.text().to_owned(), process.command.text().to_owned()))
            .collect();
        let wanted = [("web", "bundle exec puma -p $PORT"), ("worker", "sidekiq"), ("last-1_x", "puma")];
        assert_eq!(found, wanted.map(|(name, command)| (name.to_owned(), command.to_owned())));
    }

    #[test]
    fn words_keep_their_places_behind_bytes_that_are_no_text() {
        let bytes = b"a: x \xff y\nweb: puma -d\n";
        let processes = parse(bytes);
        assert_eq!(processes[0].command.text(), "x \u{fffd} y");
        let y = processes[0].command.text().find('y').unwrap();
        assert_eq!(bytes[processes[0].command.origin(y)], b'y');
        assert_eq!(&bytes[processes[1].command.span().range()], b"puma -d");
    }
}
