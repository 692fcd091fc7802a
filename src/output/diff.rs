//! What a fix would change, as a unified diff that `patch -p0` takes.

use std::borrow::Cow;
use std::io;

use similar::{Algorithm, DiffOp, DiffTag};

use super::style::Ink;
use super::{Style, escape};

/// Hides the secrets of a content, and keeps its lines.
pub type Hide<'a> = &'a dyn for<'b> Fn(&'b [u8]) -> Cow<'b, [u8]>;

/// How many unchanged lines surround a change.
const CONTEXT: usize = 3;

/// Writes the difference between two contents of `path`, and nothing if there is none.
///
/// Without colour every byte is kept: line ends, a missing last one, and whatever is no UTF-8.
/// With colour the reader is a person: controls in the lines are made visible.
/// A secret is shown in neither; where one is hidden, a line before the difference says that it can't be applied.
pub fn write(
    path: &str,
    old: Option<&[u8]>,
    new: Option<&[u8]>,
    hide: Hide<'_>,
    style: &Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    if old == new {
        return Ok(());
    }
    let (old_content, new_content) = (old.unwrap_or_default(), new.unwrap_or_default());
    let real = (lines(old_content), lines(new_content));
    let changes = similar::capture_diff_slices(Algorithm::Myers, &real.0, &real.1);
    let hunks = similar::group_diff_ops(changes, CONTEXT);
    let hidden = (hide(old_content), hide(new_content));
    let (shown_old, shown_new) = (lines(&hidden.0), lines(&hidden.1));
    let path = escape::inline(path);
    if hunks.iter().any(|hunk| hides(hunk, (&real.0, &real.1), (&shown_old, &shown_new))) {
        writeln!(out, "# {path}: secrets are shown as ***, so this difference cannot be applied")?;
    }
    let name = |content: Option<&[u8]>| if content.is_some() { path.as_ref() } else { "/dev/null" };
    writeln!(out, "{}", style.paint(Ink::Strong, &format!("--- {}", name(old))))?;
    writeln!(out, "{}", style.paint(Ink::Strong, &format!("+++ {}", name(new))))?;
    for hunk in hunks {
        write_hunk(&hunk, &shown_old, &shown_new, style, out)?;
    }
    Ok(())
}

/// Whether a hunk shows a line that isn't as it is in the file.
fn hides(hunk: &[DiffOp], real: (&[&[u8]], &[&[u8]]), shown: (&[&[u8]], &[&[u8]])) -> bool {
    hunk.iter().any(|change| {
        let (old, new) = (change.old_range(), change.new_range());
        real.0[old.clone()] != shown.0[old] || real.1[new.clone()] != shown.1[new]
    })
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
        write(
            "config/puma.rb",
            old,
            new,
            &|content| Cow::Borrowed(content),
            &Style { color, ..Style::default() },
            &mut out,
        )
        .unwrap();
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
    fn a_hidden_secret_is_said_and_costs_nothing_else() {
        let hide =
            |content: &[u8]| -> Vec<u8> { String::from_utf8_lossy(content).replace("t0ken", "*****").into() };
        let mut out = Vec::new();
        let (old, new) = (b"# far\nt0ken\n2\nd\n".as_slice(), b"# far\nt0ken\n2\n".as_slice());
        write("a", Some(old), Some(new), &|content| hide(content).into(), &Style::default(), &mut out)
            .unwrap();
        let expected = "# a: secrets are shown as ***, so this difference cannot be applied
--- a\n+++ a\n@@ -1,4 +1,3 @@\n # far\n *****\n 2\n-d\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
        let (old, new) = ("t0ken\n1\n2\n3\nd\n", "t0ken\n1\n2\n3\n");
        let mut out = Vec::new();
        let (old, new) = (Some(old.as_bytes()), Some(new.as_bytes()));
        write("a", old, new, &|content| hide(content).into(), &Style::default(), &mut out).unwrap();
        assert!(out.starts_with(b"--- a\n"));
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
