//! A line on the terminal while a search takes long. A fast run never shows it.

use std::cell::{Cell, RefCell};
use std::io::Write;
use std::time::{Duration, Instant};

/// How long nobody wonders.
const SILENCE: Duration = Duration::from_secs(1);

/// How often the line changes.
const PACE: Duration = Duration::from_millis(100);

/// The line. It goes when this is dropped.
pub struct Progress<W: Write> {
    due: Cell<Instant>,
    shown: Cell<bool>,
    /// None where nobody would see it.
    terminal: Option<RefCell<W>>,
}

impl<W: Write> Progress<W> {
    /// A line on `terminal`, if it is one.
    pub fn new(terminal: Option<W>) -> Self {
        Self {
            due: Cell::new(Instant::now() + SILENCE),
            shown: Cell::new(false),
            terminal: terminal.map(RefCell::new),
        }
    }

    /// So many files were seen by now.
    pub fn searched(&self, files: usize) {
        if self.terminal.is_some() {
            self.searched_at(files, Instant::now());
        }
    }

    fn searched_at(&self, files: usize, now: Instant) {
        if now >= self.due.get() {
            self.due.set(now + PACE);
            self.shown.set(true);
            self.write(&format!("\r\x1b[Kpuma-lint: searched {files} files"));
        }
    }

    fn write(&self, text: &str) {
        if let Some(terminal) = &self.terminal {
            let mut terminal = terminal.borrow_mut();
            // Nothing depends on it.
            let _ = terminal.write_all(text.as_bytes()).and_then(|()| terminal.flush());
        }
    }
}

impl<W: Write> Drop for Progress<W> {
    fn drop(&mut self) {
        if self.shown.get() {
            self.write("\r\x1b[K");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fast_search_shows_nothing_and_a_slow_one_cleans_up() {
        let (mut fast, mut slow) = (Vec::new(), Vec::new());
        let start = Instant::now();
        let after = |milliseconds| start + Duration::from_millis(milliseconds);
        let progress = Progress::new(Some(&mut fast));
        progress.searched_at(1000, after(500));
        drop(progress);
        assert_eq!(fast, b"");

        let progress = Progress::new(Some(&mut slow));
        for (files, at) in [(1, 500), (20, 1500), (21, 1550), (30, 1700)] {
            progress.searched_at(files, after(at));
        }
        drop(progress);
        let shown = String::from_utf8(slow).unwrap();
        assert_eq!(shown, "\r\x1b[Kpuma-lint: searched 20 files\r\x1b[Kpuma-lint: searched 30 files\r\x1b[K");
    }
}
