//! Values that are one word of a few, a number, a time, a signal, a user.

use std::time::Duration;

use super::unit::is_blank;
use super::{Entry, Problem, Takes};

/// Words that a key takes, and what systemd says of any other: `X, ignoring: VALUE`.
struct Choice {
    takes: Takes,
    values: &'static [&'static str],
    /// Booleans are fine too.
    boolean: bool,
    /// An empty value resets the key.
    empty: bool,
    complaint: &'static str,
}

const CHOICES: [Choice; 12] = [
    Choice {
        takes: Takes::ServiceType,
        values: &["simple", "forking", "oneshot", "dbus", "notify", "idle", "exec"],
        boolean: false,
        empty: false,
        complaint: "Failed to parse service type",
    },
    Choice {
        takes: Takes::ExitType,
        values: &["main", "cgroup"],
        boolean: false,
        empty: false,
        complaint: "Failed to parse service exit type",
    },
    Choice {
        takes: Takes::Restart,
        values: &["no", "on-success", "on-failure", "on-abnormal", "on-watchdog", "on-abort", "always"],
        boolean: false,
        empty: false,
        complaint: "Failed to parse service restart specifier",
    },
    Choice {
        takes: Takes::NotifyAccess,
        values: &["none", "main", "exec", "all"],
        boolean: false,
        empty: false,
        complaint: "Failed to parse notify access specifier",
    },
    Choice {
        takes: Takes::TimeoutFailureMode,
        values: &["terminate", "abort", "kill"],
        boolean: false,
        empty: false,
        complaint: "Failed to parse timeout failure mode",
    },
    Choice {
        takes: Takes::OomPolicy,
        values: &["continue", "stop", "kill"],
        boolean: false,
        empty: false,
        complaint: "Failed to parse OOM policy",
    },
    Choice {
        takes: Takes::PreserveMode,
        values: &["restart"],
        boolean: true,
        empty: false,
        complaint: "Failed to parse runtime directory preserve mode",
    },
    Choice {
        takes: Takes::ProtectHome,
        values: &["read-only", "tmpfs"],
        boolean: true,
        empty: false,
        complaint: "Failed to parse protect home value",
    },
    Choice {
        takes: Takes::ProtectSystem,
        values: &["full", "strict"],
        boolean: true,
        empty: false,
        complaint: "Failed to parse protect system value",
    },
    Choice {
        takes: Takes::KillMode,
        values: &["control-group", "process", "mixed", "none"],
        boolean: false,
        empty: true,
        complaint: "Failed to parse kill mode specification",
    },
    Choice {
        takes: Takes::Boolean,
        values: &[],
        boolean: true,
        empty: false,
        complaint: "Failed to parse boolean value",
    },
    Choice {
        takes: Takes::Output,
        values: &[
            "inherit",
            "null",
            "tty",
            "kmsg",
            "kmsg+console",
            "journal",
            "journal+console",
            "socket",
            "fd",
            "file",
            "append",
            "truncate",
        ],
        boolean: false,
        empty: false,
        complaint: "Failed to parse output specifier",
    },
];

/// What `KillMode=none` brings.
const KILL_NONE: &str = "Unit uses KillMode=none. This is unsafe, as it disables systemd's process lifecycle management for the service. Please update the service to use a safer KillMode=, such as 'mixed' or 'control-group'. Support for KillMode=none is deprecated and will eventually be removed.";

/// What systemd says of a value that is one word. Values of other kinds are no business of this function.
pub(super) fn check(entry: &Entry, takes: Takes) -> Option<Problem> {
    let (key, text) = (&entry.key, entry.value.text());
    // Whatever a template fills in, it may be right.
    if entry.value.has_hole() {
        return None;
    }
    let ignored = |complaint: &str| {
        let words = format!("{complaint}, ignoring: {text}");
        Some(Problem::of(entry, entry.value.span(), words))
    };
    if let Some(choice) = CHOICES.iter().find(|choice| choice.takes == takes) {
        let fine = choice.values.contains(&text)
            || choice.boolean && boolean(text).is_some()
            || choice.empty && text.is_empty();
        if takes == Takes::KillMode && text == "none" {
            return Some(Problem::of(entry, entry.value.span(), KILL_NONE).kept());
        }
        return if fine { None } else { ignored(choice.complaint) };
    }
    let (fine, complaint) = match takes {
        Takes::BooleanFatal => {
            let words = format!("Failed to parse boolean value: {text}");
            let problem = Problem::of(entry, entry.value.span(), words).fatal_if(true);
            return boolean(text).is_none().then_some(problem);
        }
        Takes::Time => (time_span(text).is_some(), "Failed to parse sec value".to_owned()),
        Takes::TimeOrForever => (time_span(text).is_some(), "Failed to parse time value".to_owned()),
        Takes::TimeOrEmpty => (
            text.is_empty() || time_span(text).is_some(),
            "Failed to parse sec_def_infinity value".to_owned(),
        ),
        Takes::Timeout => (time_span(text).is_some(), format!("Failed to parse {key}= parameter")),
        Takes::TimeoutAbort => {
            (text.is_empty() || time_span(text).is_some(), format!("Failed to parse {key}= setting"))
        }
        Takes::Unsigned => {
            let fine = number(text).is_some_and(|number| (0..=i128::from(u32::MAX)).contains(&number));
            (fine, "Failed to parse unsigned value".to_owned())
        }
        Takes::Integer => {
            let fine = number(text).is_some_and(|number| i32::try_from(number).is_ok());
            (fine, "Failed to parse int value".to_owned())
        }
        Takes::Mode => (is_mode(text), "Failed to parse mode value".to_owned()),
        Takes::Signal => (is_signal(text), "Failed to parse signal name".to_owned()),
        _ => return None,
    };
    if fine { None } else { ignored(&complaint) }
}

/// A boolean as systemd takes it, whatever the case of its letters.
pub fn boolean(text: &str) -> Option<bool> {
    const YES: [&str; 6] = ["1", "yes", "y", "true", "t", "on"];
    const NO: [&str; 6] = ["0", "no", "n", "false", "f", "off"];
    let is = |words: [&str; 6]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    if is(YES) { Some(true) } else { is(NO).then_some(false) }
}

const SECOND: u64 = 1_000_000;
/// The units of time in systemd's order: the first that fits counts, so that `m` is a minute and `M` a month.
const UNITS: [(&str, u64); 30] = [
    ("seconds", SECOND),
    ("second", SECOND),
    ("sec", SECOND),
    ("s", SECOND),
    ("minutes", 60 * SECOND),
    ("minute", 60 * SECOND),
    ("min", 60 * SECOND),
    ("months", 2_629_800 * SECOND),
    ("month", 2_629_800 * SECOND),
    ("M", 2_629_800 * SECOND),
    ("msec", 1000),
    ("ms", 1000),
    ("m", 60 * SECOND),
    ("hours", 3600 * SECOND),
    ("hour", 3600 * SECOND),
    ("hr", 3600 * SECOND),
    ("h", 3600 * SECOND),
    ("days", 86_400 * SECOND),
    ("day", 86_400 * SECOND),
    ("d", 86_400 * SECOND),
    ("weeks", 604_800 * SECOND),
    ("week", 604_800 * SECOND),
    ("w", 604_800 * SECOND),
    ("years", 31_557_600 * SECOND),
    ("year", 31_557_600 * SECOND),
    ("y", 31_557_600 * SECOND),
    ("usec", 1),
    ("us", 1),
    ("μs", 1),
    ("µs", 1),
];

/// A time span such as `1min 30s` or `90`; `Duration::MAX` is `infinity`.
///
/// For `TimeoutStopSec=`, `TimeoutStartSec=` and `TimeoutSec=` systemd takes 0 for infinity, too.
pub fn time_span(text: &str) -> Option<Duration> {
    let blanks = |text: &str| text.bytes().take_while(|byte| is_blank(*byte)).count();
    let mut rest = &text[blanks(text)..];
    if let Some(tail) = rest.strip_prefix("infinity") {
        return (blanks(tail) == tail.len()).then_some(Duration::MAX);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: u64 = 0;
    let mut add = |amount: u64| {
        total = total.checked_add(amount).filter(|total| *total < u64::MAX)?;
        Some(total)
    };
    while !rest.is_empty() {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let signed = rest.strip_prefix('+').filter(|tail| digits(tail) > 0).unwrap_or(rest);
        let (whole, tail) = signed.split_at(digits(signed));
        let fraction = tail.strip_prefix('.').map(|tail| tail.split_at(digits(tail)));
        let tail = match fraction {
            Some(("", _)) => return None,
            Some((_, tail)) => tail,
            None if whole.is_empty() => return None,
            None => tail,
        };
        let spaced = &tail[blanks(tail)..];
        let unit = UNITS.iter().find(|unit| spaced.starts_with(unit.0));
        let (after, scale) = unit.map_or((spaced, SECOND), |unit| (&spaced[unit.0.len()..], unit.1));
        if after.len() == tail.len() && !after.is_empty() {
            return None;
        }
        // systemd's numbers are C's `long long`.
        let whole = if whole.is_empty() { 0 } else { whole.parse::<u64>().ok()? };
        if whole > i64::MAX.unsigned_abs() {
            return None;
        }
        add(whole.checked_mul(scale)?)?;
        let mut part = scale / 10;
        for digit in fraction.map_or("", |fraction| fraction.0).bytes() {
            add(u64::from(digit - b'0') * part)?;
            part /= 10;
        }
        rest = &after[blanks(after)..];
    }
    Some(Duration::from_micros(total))
}

/// A number as C reads it: `0x`, `0b`, `0o` and a leading `0` change its base.
fn number(text: &str) -> Option<i128> {
    let text = text.trim_start_matches([' ', '\t', '\n', '\r']);
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let (digits, base) = match lower.get(..2) {
        Some("0x") => (&lower[2..], 16),
        Some("0b") => (&lower[2..], 2),
        Some("0o") => (&lower[2..], 8),
        _ if lower.len() > 1 && lower.starts_with('0') => (&lower[1..], 8),
        _ => (lower.as_str(), 10),
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    i64::from_str_radix(digits, base).ok().map(|number| sign * i128::from(number))
}

/// An octal file mode.
fn is_mode(text: &str) -> bool {
    let digits = text.trim_start_matches([' ', '\t']);
    !digits.starts_with(['+', '-']) && u32::from_str_radix(digits, 8).is_ok_and(|mode| mode <= 0o7777)
}

const SIGNALS: [&str; 31] = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE",
    "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ",
    "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
];

/// Whether systemd takes a word for a signal: `SIGTERM`, `TERM` or a number; upper case only.
pub fn is_signal(text: &str) -> bool {
    /// `SIGRTMAX` - `SIGRTMIN` of glibc.
    const REAL_TIME: i128 = 30;
    if let Some(number) = number(text) {
        return (1..=64).contains(&number);
    }
    let name = text.strip_prefix("SIG").unwrap_or(text);
    let offset = |rest: &str, sign: char| {
        rest.is_empty()
            || rest
                .strip_prefix(sign)
                .and_then(number)
                .is_some_and(|offset| (0..=REAL_TIME).contains(&offset))
    };
    SIGNALS.contains(&name)
        || name.strip_prefix("RTMIN").is_some_and(|rest| offset(rest, '+'))
        || name.strip_prefix("RTMAX").is_some_and(|rest| offset(rest, '-'))
}

/// Whether systemd takes a word for a user or group: nearly anything that could stand in `/etc/passwd`.
pub(super) fn is_user(name: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !name.is_empty() && digits(name) {
        let plain = name == "0" || !name.starts_with('0');
        return plain && name.parse::<u32>().is_ok_and(|id| !matches!(id, 65535 | u32::MAX));
    }
    !(name.is_empty()
        || name.starts_with(' ')
        || name.ends_with(' ')
        || name.contains([':', '/'])
        || name.bytes().any(|byte| byte < b' ' || byte == 0x7F)
        || name.strip_prefix('-').is_some_and(digits)
        || matches!(name, "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn booleans() {
        assert_eq!(boolean("Yes"), Some(true));
        assert_eq!(boolean("OFF"), Some(false));
        assert_eq!(boolean("yes # x"), None);
        assert_eq!(boolean(""), None);
    }

    #[test]
    fn time_spans() {
        let seconds = |text: &str| time_span(text).map(|span| span.as_secs_f64());
        assert_eq!(seconds("90"), Some(90.0));
        assert_eq!(seconds("1min 30s"), Some(90.0));
        assert_eq!(seconds("1min30"), Some(90.0));
        assert_eq!(seconds("5 10"), Some(15.0));
        assert_eq!(seconds("1.5h"), Some(5400.0));
        assert_eq!(seconds("10 ms"), Some(0.01));
        assert_eq!(seconds(".5"), Some(0.5));
        assert_eq!(seconds("1M"), Some(2_629_800.0));
        assert_eq!(time_span("infinity"), Some(Duration::MAX));
        for bad in ["", "x", "-1", "5x", "5.", "1.2.3", "infinity 1", "10 # s", "99999999999999999999"] {
            assert_eq!(time_span(bad), None, "{bad}");
        }
    }

    #[test]
    fn signals_numbers_modes_users() {
        for good in ["SIGTERM", "TERM", "15", "0xF", "RTMIN+3", "SIGRTMAX-1"] {
            assert!(is_signal(good), "{good}");
        }
        for bad in ["term", "SIGFOO", "", "0", "65", "RTMIN+99"] {
            assert!(!is_signal(bad), "{bad}");
        }
        assert_eq!(
            (number("010"), number("0x10"), number("-1"), number("1x")),
            (Some(8), Some(16), Some(-1), None)
        );
        assert!(is_mode("0755") && !is_mode("0888") && !is_mode("rwx"));
        assert!(is_user("deploy") && is_user("root # c") && is_user("1000"));
        assert!(!is_user("a:b") && !is_user("65535") && !is_user("-1") && !is_user(""));
    }
}
