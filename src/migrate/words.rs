//! Words as a unit and a shell want them written.

/// Whether a word means the same with and without quotes everywhere.
fn is_plain(word: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_./:@,=+-".contains(c);
    !word.is_empty() && word.chars().all(plain)
}

/// A word of `ExecStart=`.
pub(super) fn in_unit(word: &str) -> String {
    let word = word.replace('%', "%%");
    if is_plain(&word.replace('%', "")) { word } else { format!("\"{word}\"") }
}

/// A word of a line that a shell reads, which stands in single quotes in a unit.
pub(super) fn in_shell(word: &str) -> String {
    if is_plain(word) { word.to_owned() } else { format!("\"{word}\"") }
}

/// An assignment of `Environment=`.
pub(super) fn assignment(name: &str, value: &str) -> String {
    let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%");
    if is_plain(&value) { format!("{name}={value}") } else { format!("\"{name}={value}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_only_where_they_must_be() {
        assert_eq!(in_unit("-C"), "-C");
        assert_eq!(in_unit("50%"), "50%%");
        assert_eq!(in_unit("unix:///a b.sock"), "\"unix:///a b.sock\"");
        assert_eq!(in_unit(""), "\"\"");
        assert_eq!(in_shell("tcp://[::]:80?x&y"), "\"tcp://[::]:80?x&y\"");
        assert_eq!(assignment("RAILS_ENV", "production"), "RAILS_ENV=production");
        assert_eq!(assignment("RUBYOPT", "-W0 -x \"y\" 1%"), "\"RUBYOPT=-W0 -x \\\"y\\\" 1%%\"");
    }
}
