//! The little of a shell's language that start commands are written in.

use crate::model::{Span, Word};

/// One simple command of a shell line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellCommand {
    /// Its words; variables and substitutions stand as they are written.
    pub words: Vec<Word>,
    /// `echo x > FILE`: where its output goes.
    pub output: Option<Word>,
    /// Whether anything is redirected.
    pub redirected: bool,
    /// What stands behind it.
    pub end: End,
}

/// What ends a simple command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// `;`, a line's end, a parenthesis, or nothing.
    Plain,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `|`
    Pipe,
    /// `&`: it goes to the background.
    Background,
}

/// Splits a shell line into its simple commands. Quotes are taken away, nothing is expanded.
pub fn split(line: &Word) -> Vec<ShellCommand> {
    let mut splitter = Splitter::new(line);
    splitter.run();
    splitter.commands
}

/// Splits a line into words as a shell does, where no shell reads it: nothing but blanks, quotes and backslashes
/// has a meaning.
pub fn words(line: &Word) -> Vec<Word> {
    let bytes = line.text().as_bytes();
    let mut splitter = Splitter { operators: false, ..Splitter::new(line) };
    let mut at = 0;
    while at < bytes.len() {
        at = if bytes[at].is_ascii_whitespace() { at + 1 } else { splitter.word(at) };
    }
    splitter.words
}

/// What the next word is for after a redirection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Redirect {
    Output,
    Other,
}

struct Splitter<'a> {
    line: &'a Word,
    /// Whether `;`, `&`, `$(` and the like mean something.
    operators: bool,
    commands: Vec<ShellCommand>,
    words: Vec<Word>,
    output: Option<Word>,
    redirect: Option<Redirect>,
    redirected: bool,
}

impl<'a> Splitter<'a> {
    fn new(line: &'a Word) -> Self {
        Self {
            line,
            operators: true,
            commands: Vec::new(),
            words: Vec::new(),
            output: None,
            redirect: None,
            redirected: false,
        }
    }

    fn run(&mut self) {
        let text = self.line.text();
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            match bytes[at] {
                b' ' | b'\t' | b'\r' => at += 1,
                // A continued line.
                b'\\' if bytes.get(at + 1) == Some(&b'\n') => at += 2,
                b'\\' if bytes[at + 1..].starts_with(b"\r\n") => at += 3,
                b'\n' | b';' | b'(' | b')' => {
                    self.end(End::Plain);
                    at += 1;
                }
                b'#' => {
                    at += bytes[at..].iter().position(|b| *b == b'\n').unwrap_or(bytes.len() - at);
                }
                b'&' => {
                    let double = bytes.get(at + 1) == Some(&b'&');
                    if bytes.get(at + 1) == Some(&b'>') {
                        self.redirect = Some(Redirect::Output);
                        self.redirected = true;
                        at += 2;
                    } else {
                        self.end(if double { End::And } else { End::Background });
                        at += if double { 2 } else { 1 };
                    }
                }
                b'|' => {
                    let double = bytes.get(at + 1) == Some(&b'|');
                    self.end(if double { End::Or } else { End::Pipe });
                    at += if double { 2 } else { 1 };
                }
                b'>' | b'<' => {
                    at = self.redirection(at);
                }
                digit if digit.is_ascii_digit() && matches!(bytes.get(at + 1), Some(b'>' | b'<')) => {
                    let standard = digit == b'1';
                    at = self.redirection(at + 1);
                    if !standard && self.redirect == Some(Redirect::Output) {
                        self.redirect = Some(Redirect::Other);
                    }
                }
                _ => at = self.word(at),
            }
        }
        self.end(End::Plain);
    }

    /// Steps over `>`, `>>`, `<`, `>&1`; the word that follows is a file.
    fn redirection(&mut self, mut at: usize) -> usize {
        let bytes = self.line.text().as_bytes();
        self.redirected = true;
        self.redirect = Some(if bytes[at] == b'>' { Redirect::Output } else { Redirect::Other });
        while matches!(bytes.get(at), Some(b'>' | b'<' | b'|')) {
            at += 1;
        }
        if bytes.get(at) == Some(&b'&') {
            self.redirect = None;
            at += 1;
            while bytes.get(at).is_some_and(|b| b.is_ascii_digit() || *b == b'-') {
                at += 1;
            }
        }
        at
    }

    fn word(&mut self, start: usize) -> usize {
        let source = self.line.text();
        let bytes = source.as_bytes();
        let (mut text, mut origins) = (Vec::new(), Vec::new());
        let mut at = start;
        let mut quote = None;
        while at < bytes.len() {
            let byte = bytes[at];
            match (quote, byte) {
                (None, b' ' | b'\t' | b'\r' | b'\n') => break,
                (None, b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')') if self.operators => break,
                (None, b'$') if self.operators && bytes.get(at + 1) == Some(&b'(') => {
                    let end = closing(bytes, at + 1);
                    text.extend_from_slice(&bytes[at..end]);
                    origins.extend((at..end).map(|i| self.line.origin(i)));
                    at = end;
                    continue;
                }
                (None, b'\'' | b'"') => quote = Some(byte),
                (Some(open), close) if open == close => quote = None,
                (None, b'\\') | (Some(b'"'), b'\\') if at + 1 < bytes.len() => {
                    let escaped = bytes[at + 1];
                    let literal = quote.is_none() || matches!(escaped, b'"' | b'\\' | b'$' | b'`');
                    if !literal {
                        text.push(b'\\');
                        origins.push(self.line.origin(at));
                    }
                    if escaped != b'\n' {
                        text.push(escaped);
                        origins.push(self.line.origin(at + 1));
                    }
                    at += 1;
                }
                _ => {
                    text.push(byte);
                    origins.push(self.line.origin(at));
                }
            }
            at += 1;
        }
        let span = self.line.span_of(start..at);
        // Only whole characters were copied, so this never replaces anything.
        let word = Word::new(String::from_utf8_lossy(&text).into_owned(), origins, span);
        match self.redirect.take() {
            None => self.words.push(word),
            Some(Redirect::Output) => self.output = Some(word),
            Some(Redirect::Other) => {}
        }
        at
    }

    fn end(&mut self, end: End) {
        self.redirect = None;
        let redirected = std::mem::take(&mut self.redirected);
        let output = self.output.take();
        if !self.words.is_empty() {
            self.commands.push(ShellCommand {
                words: std::mem::take(&mut self.words),
                output,
                redirected,
                end,
            });
        }
    }
}

/// The byte after the parenthesis that closes the one at `open`.
fn closing(bytes: &[u8], open: usize) -> usize {
    let mut depth = 0;
    for (at, byte) in bytes.iter().enumerate().skip(open) {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    bytes.len()
}

/// The span of several words.
pub fn span_of(words: &[Word]) -> Option<Span> {
    Some(words.first()?.span().join(words.last()?.span()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Vec<Vec<String>> {
        let split = split(&Word::plain(line, 0));
        split.into_iter().map(|c| c.words.into_iter().map(|w| w.text().to_owned()).collect()).collect()
    }

    #[test]
    fn commands_are_split_where_a_shell_splits_them() {
        assert_eq!(
            texts(
                "cd /srv/app && RAILS_ENV=production bundle exec puma -C 'config/my puma.rb' >> log/x 2>&1 &"
            ),
            [
                vec!["cd", "/srv/app"],
                vec!["RAILS_ENV=production", "bundle", "exec", "puma", "-C", "config/my puma.rb"]
            ]
        );
        assert_eq!(texts("a;b|c # d\ne"), [["a"], ["b"], ["c"], ["e"]]);
        assert_eq!(texts("kill $(cat /a b.pid) x"), [["kill", "$(cat /a b.pid)", "x"]]);
    }

    #[test]
    fn continued_lines_are_one() {
        assert_eq!(texts("puma \\\n  -C a\\\nb"), [["puma", "-C", "ab"]]);
        assert_eq!(texts("puma \\\r\n -d\nb"), [vec!["puma", "-d"], vec!["b"]]);
    }

    #[test]
    fn without_a_shell_only_quotes_mean_something() {
        let texts = |line: &str| -> Vec<String> {
            words(&Word::plain(line, 0)).iter().map(|word| word.text().to_owned()).collect()
        };
        assert_eq!(texts(" a&b;c \"d $(e\"\n'f g'h # i"), ["a&b;c", "d $(e", "f gh", "#", "i"]);
        assert_eq!(texts("a\\ b \\"), ["a b", "\\"]);
    }

    #[test]
    fn output_and_background_are_seen() {
        let commands = split(&Word::plain("/bin/echo $MAINPID > /run/a.pid; puma &", 10));
        assert_eq!(commands[0].output.as_ref().map(Word::text), Some("/run/a.pid"));
        assert_eq!((commands[0].end, commands[1].end), (End::Plain, End::Background));
        assert!(commands[0].redirected && !commands[1].redirected);
        assert_eq!(commands[1].words[0].span(), Span::new(43, 47));
    }

    #[test]
    fn open_quotes_and_parentheses_end_with_the_line() {
        assert_eq!(texts("a 'b c"), [["a", "b c"]]);
        assert_eq!(texts("a $(b c"), [["a", "$(b c"]]);
        assert_eq!(texts("a \\"), [["a", "\\"]]);
    }
}
