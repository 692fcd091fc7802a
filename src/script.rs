//! Shell scripts: their text as the shell reader takes it.

use crate::model::Word;

/// The lines of a script, the bodies of its heredocs blanked: they are data. Nothing of a script that makes
/// `puma` mean something else.
pub fn parse(bytes: &[u8]) -> Word {
    let mut text = bytes.to_vec();
    let mut ends: Vec<Vec<u8>> = Vec::new();
    let mut start = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match ends.first() {
            Some(end) => {
                if line.trim_ascii() == end.as_slice() {
                    ends.remove(0);
                }
                let blanked = text[start..start + line.len()].iter_mut().filter(|byte| **byte != b'\n');
                blanked.for_each(|byte| *byte = b' ');
            }
            None => ends = heredocs(line),
        }
        start += line.len();
    }
    let script = Word::read(&text, 0);
    let redefined = ["puma()", "puma ()", "function puma", "alias puma", "pumactl()"];
    if redefined.iter().any(|words| script.text().contains(words)) { Word::plain("", 0) } else { script }
}

/// The ends of the heredocs that a line begins.
fn heredocs(line: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = line.get(at..).and_then(|rest| rest.windows(2).position(|two| two == b"<<")) {
        at += next + 2;
        // `<<<` is a string, `$((1 << 2))` a number.
        if line.get(at) == Some(&b'<') {
            at += line[at..].iter().take_while(|byte| **byte == b'<').count();
            continue;
        }
        let behind = line[at..].strip_prefix(b"-").unwrap_or(&line[at..]).trim_ascii_start();
        let quoted = behind.iter().take_while(|byte| matches!(byte, b'"' | b'\'' | b'\\')).count();
        let name = &behind[quoted..];
        let length = name.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        if length > 0 && !name[0].is_ascii_digit() {
            found.push(name[..length].to_vec());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heredocs_are_blanked_and_all_else_keeps_its_place() {
        let text = "#!/bin/sh\ncat <<-'EOF' > x\n\tpuma -d\n\tEOF\ncat << A <<B\nx\nA\npuma\nB\ncat <<<A\npuma -p 1 # \u{e9}\n";
        let script = parse(text.as_bytes());
        assert_eq!(script.text().matches("puma").count(), 1);
        let at = script.text().find("puma").unwrap();
        assert_eq!(&text[script.span_of(at..at + 4).range()], "puma");
        assert_eq!(script.text().lines().count(), text.lines().count());
    }

    #[test]
    fn a_script_with_its_own_puma_says_nothing() {
        assert_eq!(parse(b"puma() {\n  true\n}\npuma -d\n").text(), "");
    }
}
