//! The ordinary state: words, numbers, strings, signs and comments.

use super::{Lexer, State};
use crate::monit::bytes;
use crate::monit::keywords;
use crate::monit::token::{CheckKind, Kind};

/// What a phrase of several words means.
#[derive(Clone, Copy)]
enum Phrase {
    /// Nothing; it is passed over.
    Noise,
    /// A word of the language.
    Key(&'static str),
    /// A word of the language, after which the lexer is in another state.
    Enter(&'static str, State),
    /// `check …`.
    Check(CheckKind),
    /// A word after which argument mode begins.
    Opener(&'static str),
    /// `path "`: argument mode in a `check program`, otherwise only `path`, and the quote is read again.
    PathOpener,
}

/// Several words between which only spaces stand (`false`: one space at most).
const SPACED: &[(&str, &str, bool, &str)] = &[
    ("total", "memory", false, "total memory"),
    ("total", "mem", false, "total memory"),
    ("total", "cpu", false, "total cpu"),
    ("service", "time", false, "service time"),
    ("access", "timestamp", false, "atime"),
    ("access", "time", false, "atime"),
    ("change", "timestamp", false, "ctime"),
    ("change", "time", false, "ctime"),
    ("modification", "timestamp", false, "mtime"),
    ("modification", "time", false, "mtime"),
    ("modify", "timestamp", false, "mtime"),
    ("modify", "time", false, "mtime"),
    ("enable", "ssl", true, "ssl"),
];

/// What may follow `check`. The name may follow without a blank: `check filex` checks the file `x`.
const CHECKS: &[(&str, CheckKind)] = &[
    ("program", CheckKind::Program),
    ("device", CheckKind::Filesystem),
    ("filesystem", CheckKind::Filesystem),
    ("file", CheckKind::File),
    ("directory", CheckKind::Directory),
    ("host", CheckKind::Host),
    ("network", CheckKind::Network),
    ("fifo", CheckKind::Fifo),
    ("system", CheckKind::System),
];

/// What `cpu (…)` may name.
const CPU_PARTS: &[&str] = &[
    "usr",
    "us",
    "user",
    "sys",
    "sy",
    "system",
    "wa",
    "wait",
    "nice",
    "hardirq",
    "softirq",
    "steal",
    "guest",
    "guestnice",
];

impl Lexer<'_> {
    /// One token, or what stands between tokens. True when the file ended here.
    pub(super) fn initial(&mut self) -> bool {
        let first = self.peek(0);
        if bytes::is_wide_blank(first) {
            let length = self.run(0, bytes::is_wide_blank);
            self.take(length);
            return false;
        }
        match first {
            b'\n' | b'#' => self.line_end(),
            b'"' | b'\'' => self.string(first),
            b'%' => {
                let span = self.take(1);
                self.emit(Kind::Key("percent"), span, None);
            }
            b'!' if self.peek(1) == b'=' => {
                let span = self.take(2);
                self.emit(Kind::Key("!="), span, None);
            }
            _ => return self.word(),
        }
        false
    }

    /// A comment, a backslash or a line's end: each counts as a line.
    fn line_end(&mut self) {
        let mut length = 0;
        if self.peek(0) == b'#' {
            length = self.run(0, |byte| byte != b'\n');
            let span = crate::model::Span::new(self.at, self.at + length);
            self.out.comments.push(span);
        } else if self.peek(0) == b'\\' {
            length = 1;
        }
        if self.peek(length) == b'\n' {
            length += 1;
        }
        self.take(length);
        self.line += 1;
    }

    /// A quoted string. It is a path when it starts with `/` and stays on its line.
    fn string(&mut self, quote: u8) {
        match self.quoted(0, quote, |_| true) {
            Some(length) => {
                let one_line = !self.rest()[..length].contains(&b'\n');
                let kind = if self.peek(1) == b'/' && one_line { Kind::Path } else { Kind::Text };
                self.emit_quoted(kind, length);
            }
            None => {
                let span = self.take(1);
                self.complain("unbalanced quotes", span);
            }
        }
    }

    /// Whatever begins with an unquoted string: the longest match wins, and a word of the language wins a tie.
    fn word(&mut self) -> bool {
        let string = self.string_run(0);
        if let Some((phrase, length)) = self.phrase(string).filter(|(_, length)| *length >= string) {
            self.enter(phrase, length);
            return false;
        }
        if self.peek(0) == b'\\' && string <= 1 {
            self.line_end();
            return false;
        }
        let (kind, length) = self.plain(string);
        if length == 0 {
            return self.emit_sign();
        }
        match kind {
            Some(Kind::Key("")) => {
                self.take(length);
            }
            Some(Kind::Key("include")) => {
                self.take(length);
                self.state = State::Include;
            }
            Some(kind @ Kind::Key(key)) => {
                let span = self.take(length);
                self.emit(kind, span, None);
                if key == "every" {
                    self.state = State::Every;
                }
            }
            Some(kind) => self.emit_plain(kind, length),
            None => self.begin_url(length),
        }
        false
    }

    /// What an unquoted string is, and how long; `None` for the beginning of an URL.
    fn plain(&self, string: usize) -> (Option<Kind>, usize) {
        let text = &self.rest()[..string];
        let address = if self.peek(string) == b'@' && string > 0 { self.string_run(string + 1) } else { 0 };
        if address > 0 {
            return (Some(Kind::Mail), string + 1 + address);
        }
        let ipv6 = self.ipv6();
        if ipv6 > string {
            return (Some(Kind::Text), ipv6);
        }
        if string > 0
            && text.iter().all(u8::is_ascii_alphanumeric)
            && self.rest()[string..].starts_with(b"://")
        {
            return (None, string + 3);
        }
        let kind = match text {
            [] => Kind::Text,
            _ if text.eq_ignore_ascii_case(b"every") => Kind::Key("every"),
            _ if text.eq_ignore_ascii_case(b"include") => Kind::Key("include"),
            _ => match keywords::lookup(text) {
                Some(key) => Kind::Key(key),
                None => classify(text),
            },
        };
        (Some(kind), string)
    }

    /// The beginning of an URL, up to and including `://`.
    fn begin_url(&mut self, length: usize) {
        let span = self.take(length);
        let protocol = &self.file[span.start..span.end - 3];
        if !protocol.eq_ignore_ascii_case(b"http") && !protocol.eq_ignore_ascii_case(b"https") {
            self.complain("URL protocol not supported -- ", span);
        }
        self.state = State::Url;
        self.url_start = span.start;
        self.url_has_host = false;
    }

    /// The length of an IPv6 address with an optional prefix length.
    fn ipv6(&self) -> usize {
        const LONGEST: usize = 45;
        let rest = self.rest();
        let run = rest
            .iter()
            .take(LONGEST)
            .take_while(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'));
        let mut length = run.count();
        if !rest[..length].contains(&b':') {
            return 0;
        }
        while length >= 2 {
            let text = std::str::from_utf8(&rest[..length]).unwrap_or_default();
            if text.parse::<std::net::Ipv6Addr>().is_ok() {
                if self.peek(length) == b'/' {
                    length += 1;
                }
                return length + self.run(length, |byte| byte.is_ascii_digit()).min(3);
            }
            length -= 1;
        }
        0
    }

    /// Acts on a phrase.
    fn enter(&mut self, phrase: Phrase, length: usize) {
        match phrase {
            Phrase::Noise => {
                self.take(length);
            }
            Phrase::Key(key) => {
                let span = self.take(length);
                self.emit(Kind::Key(key), span, None);
            }
            Phrase::Enter(key, state) => {
                let span = self.take(length);
                self.enter_state(key, state, span);
            }
            Phrase::Check(kind) => self.emit_check(kind, length),
            Phrase::Opener(key) => self.emit_opener(key, length),
            Phrase::PathOpener if self.in_check_program => self.emit_opener("path", length),
            Phrase::PathOpener => {
                let span = self.take(length - 1);
                self.emit(Kind::Key("path"), span, None);
            }
        }
    }

    /// Emits the word that leads into another state, and enters it.
    fn enter_state(&mut self, key: &'static str, state: State, span: crate::model::Span) {
        match key {
            "subject:" | "message:" => {
                self.count_lines(span);
                self.emit(Kind::MailText, span, None);
            }
            _ => self.emit(Kind::Key(key), span, None),
        }
        self.state = state;
        self.has_address = false;
    }

    /// The longest phrase of several words, or of a word and a sign, that starts here.
    fn phrase(&self, string: usize) -> Option<(Phrase, usize)> {
        let word = self.rest().get(..string)?;
        if let Some(length) = self.opener_length(word) {
            return Some(length);
        }
        for (first, second, many, key) in SPACED {
            if let Some(length) = self.spaced(first, second, *many) {
                return Some((Phrase::Key(key), length));
            }
        }
        self.ssl_phrase().or_else(|| self.measure()).or_else(|| self.state_phrase())
    }

    /// `start program = "` and its kin.
    fn opener_length(&self, word: &[u8]) -> Option<(Phrase, usize)> {
        let openers = [
            ("start", true),
            ("stop", true),
            ("restart", true),
            ("execute", false),
            ("exec", false),
            ("path", false),
        ];
        let (name, program) = openers.into_iter().find(|(name, _)| starts_with(word, name))?;
        let mut length = name.len() + self.run(name.len(), bytes::is_blank);
        if program {
            if starts_with(&self.rest()[length..], "program") {
                length += "program".len();
                length += self.run(length, bytes::is_blank);
            }
            if self.peek(length) == b'=' {
                length += 1;
                length += self.run(length, bytes::is_blank);
            }
        }
        if self.peek(length) != b'"' {
            return None;
        }
        let phrase = match name {
            "path" => Phrase::PathOpener,
            "execute" => Phrase::Opener("exec"),
            name => Phrase::Opener(name),
        };
        Some((phrase, length + 1))
    }

    /// `ssl disable`, `disable ssl` (both ignored) and `ssl enable`.
    fn ssl_phrase(&self) -> Option<(Phrase, usize)> {
        let blank = |byte| matches!(byte, b' ' | b'\t');
        for (first, second, phrase) in [
            ("ssl", "disable", Phrase::Noise),
            ("disable", "ssl", Phrase::Noise),
            ("ssl", "enable", Phrase::Key("ssl")),
        ] {
            if starts_with(self.rest(), first) {
                let gap = self.run(first.len(), blank);
                if gap > 0 && starts_with(&self.rest()[first.len() + gap..], second) {
                    return Some((phrase, first.len() + gap + second.len()));
                }
            }
        }
        None
    }

    /// Two words with spaces between them: any number, or one at most.
    fn spaced(&self, first: &str, second: &str, many: bool) -> Option<usize> {
        if !starts_with(self.rest(), first) {
            return None;
        }
        let spaces = self.run(first.len(), |byte| byte == b' ');
        let fits = if many {
            spaces > 0
        } else {
            spaces <= 1 && (spaces == 1 || first == "total" || first == "service")
        };
        let length = first.len() + spaces;
        (fits && starts_with(&self.rest()[length..], second)).then_some(length + second.len())
    }

    /// `loadavg(5min)` and `cpu usage (user)`.
    fn measure(&self) -> Option<(Phrase, usize)> {
        let space = |byte| byte == b' ';
        let rest = self.rest();
        if starts_with(rest, "loadavg") {
            let bare = 7 + self.run(7, space);
            let long = self.bracketed(bare, |text| {
                let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
                let unit = text[digits..].trim_ascii_start();
                matches!(&text[..digits], b"1" | b"5" | b"15")
                    && (unit.is_empty()
                        || unit.eq_ignore_ascii_case(b"m")
                        || unit.eq_ignore_ascii_case(b"min"))
            });
            return Some((Phrase::Key("loadavg"), long.unwrap_or(bare)));
        }
        if starts_with(rest, "cpu") {
            let mut length = 3 + self.run(3, space);
            while starts_with(&rest[length..], "usage") {
                length += 5;
            }
            length += self.run(length, space);
            let part = |text: &[u8]| {
                text.is_empty() || CPU_PARTS.iter().any(|part| part.as_bytes().eq_ignore_ascii_case(text))
            };
            return self.bracketed(length, part).map(|length| (Phrase::Key("cpu part"), length));
        }
        None
    }

    /// The length up to the closing bracket, if a bracket opens `from` bytes ahead and what it holds fits.
    fn bracketed(&self, from: usize, fits: impl Fn(&[u8]) -> bool) -> Option<usize> {
        if self.peek(from) != b'(' {
            return None;
        }
        let inside = self.run(from + 1, |byte| byte == b' ' || byte.is_ascii_alphanumeric());
        let text = self.rest().get(from + 1..from + 1 + inside)?.trim_ascii();
        (self.peek(from + 1 + inside) == b')' && fits(text)).then_some(from + inside + 2)
    }

    /// Phrases after which other rules hold.
    fn state_phrase(&self) -> Option<(Phrase, usize)> {
        let rest = self.rest();
        let blank = |byte| matches!(byte, b' ' | b'\t');
        let gap = |from: usize| self.run(from, blank);
        if starts_with(rest, "check") && gap(5) > 0 {
            let after = 5 + gap(5);
            let following = &rest[after..];
            if starts_with(following, "process") && blank(self.peek(after + 7)) {
                return Some((Phrase::Check(CheckKind::Process), after + 8));
            }
            let named = CHECKS
                .iter()
                .filter(|(name, _)| starts_with(following, name))
                .max_by_key(|(name, _)| name.len());
            let Some((name, kind)) = named else { return Some((Phrase::Check(CheckKind::Process), after)) };
            let blank_after = *name == "program" && blank(self.peek(after + name.len()));
            return Some((Phrase::Check(*kind), after + name.len() + usize::from(blank_after)));
        }
        for name in ["depends", "depend"] {
            if starts_with(rest, name) && gap(name.len()) > 0 {
                let mut length = name.len() + gap(name.len());
                if starts_with(&rest[length..], "on") {
                    length += 2;
                    length += gap(length);
                }
                return Some((Phrase::Enter("depends", State::Depends), length));
            }
        }
        if starts_with(rest, "group") && gap(5) > 0 {
            return Some((Phrase::Enter("group", State::GroupName), 5 + gap(5)));
        }
        if let Some(length) = self.spaced("not", "every", true) {
            return Some((Phrase::Enter("not every", State::Every), length));
        }
        if starts_with(rest, "http headers") && bytes::is_blank(self.peek(12)) {
            return Some((Phrase::Enter("[", State::HttpHeaders), 12 + self.run(12, bytes::is_blank)));
        }
        self.mail_phrase()
    }

    /// The lines of a mail format.
    fn mail_phrase(&self) -> Option<(Phrase, usize)> {
        let rest = self.rest();
        let blank = |byte| matches!(byte, b' ' | b'\t');
        for name in ["from:", "reply-to:"] {
            if starts_with(rest, name) {
                return Some((
                    Phrase::Enter("from:", State::Address),
                    name.len() + self.run(name.len(), blank),
                ));
            }
        }
        if starts_with(rest, "subject:") {
            let length = self.run(0, |byte| byte != b'}' && byte != b'\n');
            return Some((Phrase::Enter("subject:", State::Initial), length));
        }
        if starts_with(rest, "message:") {
            return Some((Phrase::Enter("message:", State::Initial), self.run(0, |byte| byte != b'}')));
        }
        None
    }
}

/// What an unquoted string is that is no word of the language.
fn classify(text: &[u8]) -> Kind {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == text.len() {
        return Kind::Number;
    }
    let fraction = text[digits..].strip_prefix(b".").unwrap_or_default();
    if digits > 0 && !fraction.is_empty() && fraction.iter().all(u8::is_ascii_digit) {
        return Kind::Real;
    }
    if text.starts_with(b"/") { Kind::Path } else { Kind::Text }
}

/// Whether the text starts with the word, whatever the case.
fn starts_with(text: &[u8], word: &str) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
}
