//! How many columns text takes, and folding it into lines.

use unicode_width::UnicodeWidthChar;

/// The columns of a character: 0 for marks that join the one before, 2 for wide scripts and emoji.
///
/// Only cutting and padding rely on it; under the source, miette counts for itself.
pub fn of_char(c: char) -> usize {
    c.width().unwrap_or(1)
}

/// The columns of a text.
pub fn of(text: &str) -> usize {
    text.chars().map(of_char).sum()
}

/// Spaces that make `text` as wide as `width`.
pub fn pad(text: &str, width: usize) -> String {
    " ".repeat(width.saturating_sub(of(text)))
}

/// Folds text between words. `first` columns of the first line are taken already, `rest` columns of
/// every other; a word longer than a line stays whole, so that it can be copied.
pub fn fold(text: &str, first: usize, rest: usize, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut used = if lines.is_empty() { first } else { rest };
        let mut line = String::new();
        let mut remaining = paragraph.trim_end();
        while !remaining.is_empty() {
            let word_at = remaining.find(|c| c != ' ').unwrap_or(remaining.len());
            let (spaces, tail) = remaining.split_at(word_at);
            let (word, tail) = tail.split_at(tail.find(' ').unwrap_or(tail.len()));
            remaining = tail;
            if !line.trim_start().is_empty() && used + spaces.len() + of(word) > width {
                lines.push(std::mem::take(&mut line));
                used = rest;
            } else {
                line.push_str(spaces);
                used += spaces.len();
            }
            line.push_str(word);
            used += of(word);
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_keeps_inner_spaces_and_long_words() {
        assert_eq!(fold("aa   bb cc", 0, 0, 7), ["aa   bb", "cc"]);
        assert_eq!(fold("aaaaaaaaaaaa b", 0, 2, 5), ["aaaaaaaaaaaa", "b"]);
        assert_eq!(fold("a\n  b c", 0, 0, 80), ["a", "  b c"]);
        assert_eq!(fold("aa bb", 4, 0, 6), ["aa", "bb"]);
        assert_eq!(fold("", 0, 0, 5), [""]);
        assert_eq!(fold("日本 語", 0, 0, 6), ["日本", "語"]);
    }

    #[test]
    fn padding_counts_columns() {
        assert_eq!(pad("日本", 6), "  ");
        assert_eq!(pad("long", 2), "");
    }
}
