//! Numbers as Ruby's `Integer()` and `Float()` read them.

/// What became of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parsed {
    /// It is that number.
    Value(i64),
    /// It is a number, and larger than any option.
    TooLarge,
    /// It is none.
    Invalid,
}

/// Reads text as `Integer()` does: blanks around it, a sign, `0x`, `0o`, `0b`, a leading 0 for octal, and single
/// underscores between digits.
pub fn integer(text: &str) -> Parsed {
    let trimmed = trim(text);
    let (negative, digits) = match trimmed.strip_prefix(['-', '+']) {
        Some(rest) => (trimmed.starts_with('-'), rest),
        None => (false, trimmed),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = match lower.as_bytes() {
        [b'0', b'x', ..] => (16, &lower[2..]),
        [b'0', b'b', ..] => (2, &lower[2..]),
        [b'0', b'o', ..] => (8, &lower[2..]),
        [b'0', b'd', ..] => (10, &lower[2..]),
        [b'0', _, ..] => (8, lower[1..].strip_prefix('_').unwrap_or(&lower[1..])),
        _ => (10, lower.as_str()),
    };
    let Some(digits) = grouped(digits, |c| c.is_digit(radix)) else { return Parsed::Invalid };
    match i64::from_str_radix(&digits, radix) {
        Ok(value) => Parsed::Value(if negative { -value } else { value }),
        Err(_) => Parsed::TooLarge,
    }
}

/// What `to_i` makes of text: the digits it starts with, or 0.
pub fn leading(text: &str) -> i64 {
    let trimmed = text.trim_start();
    let unsigned = trimmed.strip_prefix(['-', '+']).unwrap_or(trimmed);
    let end = unsigned.find(|c: char| !c.is_ascii_digit()).unwrap_or(unsigned.len());
    let value: i64 = unsigned[..end].parse().unwrap_or(0);
    if trimmed.starts_with('-') { -value } else { value }
}

/// Whether `Float()` takes the text.
pub fn is_float(text: &str) -> bool {
    let trimmed = trim(text);
    let unsigned = trimmed.strip_prefix(['-', '+']).unwrap_or(trimmed);
    if unsigned.to_ascii_lowercase().starts_with("0x") {
        return integer(trimmed) != Parsed::Invalid;
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let digits = |part: &str| grouped(part, |c| c.is_ascii_digit()).is_some();
    let mantissa = match mantissa.split_once('.') {
        // `.5` is a number, `5.` is none.
        Some((whole, fraction)) => (whole.is_empty() || digits(whole)) && digits(fraction),
        None => digits(mantissa),
    };
    mantissa && exponent.is_none_or(digits)
}

/// Without the blanks that Ruby skips.
fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b')
}

/// The digits without the underscores that may stand between two of them.
fn grouped(text: &str, digit: impl Fn(char) -> bool) -> Option<String> {
    let sound =
        !text.is_empty() && text.split('_').all(|group| !group.is_empty() && group.chars().all(&digit));
    sound.then(|| text.replace('_', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_read_as_ruby_reads_them() {
        for (text, value) in [
            ("2", 2),
            (" 2 \n", 2),
            ("-1", -1),
            ("1_000", 1000),
            ("0x1f", 31),
            ("017", 15),
            ("0", 0),
            ("0_7", 7),
        ] {
            assert_eq!(integer(text), Parsed::Value(value), "{text}");
        }
        for text in ["", " ", "two", "2.5", "08", "1__0", "_1", "1_", "2:7", "0x", "- 1", "--1"] {
            assert_eq!(integer(text), Parsed::Invalid, "{text}");
        }
        assert_eq!(integer("99999999999999999999"), Parsed::TooLarge);
    }

    #[test]
    fn floats_are_read_as_ruby_reads_them() {
        for text in ["1", "1.5", " 1.5 ", "-1e3", "1_0.5", "0x10", ".5"] {
            assert!(is_float(text), "{text}");
        }
        for text in ["", "ten", "5.", "1e", "1.5s"] {
            assert!(!is_float(text), "{text}");
        }
    }
}
