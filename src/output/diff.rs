//! What a fix would change, as a unified diff that `patch -p0` takes.

use std::io;

use similar::{Algorithm, DiffOp, DiffTag};

use super::style::Ink;
use super::{Style, escape};

/// How many unchanged lines surround a change.
const CONTEXT: usize = 3;

/// Writes the difference between two contents of `path`, and nothing if there is none.
///
/// Without colour every byte is kept: line ends, a missing last one, and whatever is no UTF-8.
/// With colour the reader is a person: controls in the lines are made visible.
pub fn write(
    path: &str,
    old: Option<&[u8]>,
    new: Option<&[u8]>,
    style: &Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    if old == new {
        return Ok(());
    }
    let path = escape::inline(path);
    let name = |content: Option<&[u8]>| if content.is_some() { path.as_ref() } else { "/dev/null" };
    writeln!(out, "{}", style.paint(Ink::Strong, &format!("--- {}", name(old))))?;
    writeln!(out, "{}", style.paint(Ink::Strong, &format!("+++ {}", name(new))))?;
    let (old, new) = (lines(old.unwrap_or_default()), lines(new.unwrap_or_default()));
    let changes = similar::capture_diff_slices(Algorithm::Myers, &old, &new);
    for hunk in similar::group_diff_ops(changes, CONTEXT) {
        write_hunk(&hunk, &old, &new, style, out)?;
    }
    Ok(())
}

/// The lines, each with its line end.
fn lines(content: &[u8]) -> Vec<&[u8]> {
    content.split_inclusive(|byte| *byte == b'\n').collect()
}

fn write_hunk(
    hunk: &[DiffOp],
    old: &[&[u8]],
    new: &[&[u8]],
    style: &Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { return Ok(()) };
    let place = format!(
        "@@ -{} +{} @@",
        extent(first.old_range().start, last.old_range().end),
        extent(first.new_range().start, last.new_range().end),
    );
    writeln!(out, "{}", style.paint(Ink::Place, &place))?;
    for change in hunk {
        let (was, is) = (&old[change.old_range()], &new[change.new_range()]);
        if change.tag() == DiffTag::Equal {
            write_lines(' ', was, None, style, out)?;
        } else {
            write_lines('-', was, Some(Ink::Removed), style, out)?;
            write_lines('+', is, Some(Ink::Added), style, out)?;
        }
    }
    Ok(())
}

/// Where a hunk stands in one of the files: an empty one stands after the line it names.
fn extent(start: usize, end: usize) -> String {
    match end - start {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        count => format!("{},{count}", start + 1),
    }
}

fn write_lines(
    sign: char,
    lines: &[&[u8]],
    ink: Option<Ink>,
    style: &Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    for line in lines {
        if style.color {
            let text = format!("{sign}{}", visible(line));
            writeln!(out, "{}", ink.map_or_else(|| text.clone(), |ink| style.paint(ink, &text)))?;
        } else {
            write!(out, "{sign}")?;
            out.write_all(line)?;
            if !line.ends_with(b"\n") {
                writeln!(out)?;
            }
        }
        if !line.ends_with(b"\n") {
            writeln!(out, "\\ No newline at end of file")?;
        }
    }
    Ok(())
}

/// A line for a terminal: tabs stay, a line end is left to the caller, all else that hides is escaped.
fn visible(line: &[u8]) -> String {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let mut shown = String::with_capacity(line.len());
    for chunk in line.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c == '\t' { shown.push(c) } else { escape::push(&mut shown, c) }
        }
        for byte in chunk.invalid() {
            escape::push_byte(&mut shown, *byte);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(old: Option<&[u8]>, new: Option<&[u8]>, color: bool) -> Vec<u8> {
        let mut out = Vec::new();
        write("config/puma.rb", old, new, &Style { color, ..Style::default() }, &mut out).unwrap();
        out
    }

    fn plain(old: &str, new: &str) -> String {
        String::from_utf8(diff(Some(old.as_bytes()), Some(new.as_bytes()), false)).unwrap()
    }

    #[test]
    fn a_removed_line_with_its_surroundings() {
        assert_eq!(
            plain("1\n2\n3\n4\ndaemonize\n5\n6\n7\n8\n", "1\n2\n3\n4\n5\n6\n7\n8\n"),
            "--- config/puma.rb\n+++ config/puma.rb\n@@ -2,7 +2,6 @@\n 2\n 3\n 4\n-daemonize\n 5\n 6\n 7\n"
        );
    }

    #[test]
    fn line_ends_are_part_of_a_line() {
        assert_eq!(
            plain("a\r\nb", "a\r\nb\r\n"),
            "--- config/puma.rb\n+++ config/puma.rb\n@@ -1,2 +1,2 @@\n a\r\n-b\n\\ No newline at end of file\n+b\r\n"
        );
    }

    #[test]
    fn a_new_file_an_emptied_file_and_no_change() {
        let head = "--- /dev/null\n+++ config/puma.rb\n@@ -0,0 +1 @@\n+a\n";
        assert_eq!(diff(None, Some(b"a\n"), false), head.as_bytes());
        assert_eq!(plain("a\n", ""), "--- config/puma.rb\n+++ config/puma.rb\n@@ -1 +0,0 @@\n-a\n");
        assert_eq!(plain("a\n", "a\n"), "");
    }

    #[test]
    fn bytes_stay_without_colour_and_are_visible_with_it() {
        let (old, new): (&[u8], &[u8]) = (b"\xff\x1b\n", b"\t\xff\n");
        assert!(diff(Some(old), Some(new), false).ends_with(b"-\xff\x1b\n+\t\xff\n"));
        let shown = String::from_utf8(diff(Some(old), Some(new), true)).unwrap();
        assert!(shown.ends_with("\x1b[31m-\\xff\\x1b\x1b[0m\n\x1b[32m+\t\\xff\x1b[0m\n"), "{shown:?}");
    }
}
