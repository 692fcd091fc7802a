//! The states in which other rules hold: command lines, names, cron specifications, URLs, addresses, headers, includes.
//! Each function takes one token or what stands between tokens, and says whether the file ended.

use super::{Lexer, RawInclude, State};
use crate::model::Span;
use crate::monit::bytes::{self, Spelled};
use crate::monit::token::Kind;

/// The longest user's name or password looked for in an URL. Monit knows no bound; this one keeps the time linear.
const LONGEST_LOGIN: usize = 255;

impl Lexer<'_> {
    /// Argument mode: words split on blanks, `'…'` groups where a word begins, up to the next `"`.
    pub(super) fn arguments(&mut self) -> bool {
        match self.peek(0) {
            b'\n' => {
                self.take(1);
                self.line += 1;
            }
            b'"' => {
                let close = self.take(1).start;
                let opener = self.opener;
                if let Some(arguments) =
                    self.out.tokens.get_mut(opener).and_then(|token| token.arguments.as_mut())
                {
                    arguments.close = Some(close);
                }
                self.state = State::Initial;
            }
            _ => self.argument(),
        }
        false
    }

    /// A word of a command line, or the blanks before it. The longest match wins.
    fn argument(&mut self) {
        let blanks = self.run(0, bytes::is_blank);
        let word = self.run(0, |byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'"'));
        if blanks >= word && blanks > 0 {
            self.take(blanks);
            return;
        }
        match self.quoted(0, b'\'', |_| true) {
            Some(group) if group >= word => self.emit_quoted(Kind::Text, group),
            None if self.peek(0) == b'\'' && word == 1 => {
                let span = self.take(1);
                self.complain("unbalanced quotes", span);
            }
            _ => self.emit_plain(Kind::Text, word),
        }
    }

    /// The name after `check`.
    pub(super) fn service_name(&mut self) -> bool {
        if self.peek(0) == b'\n' {
            self.take(1);
            self.line += 1;
            return false;
        }
        if self.skip(bytes::is_blank) {
            return false;
        }
        if self.name() {
            self.state = State::Initial;
            return false;
        }
        if matches!(self.peek(0), b'"' | b'\'') {
            let span = self.take(1);
            self.complain("unbalanced quotes", span);
            return false;
        }
        self.emit_sign()
    }

    /// Names after `depends on`, between commas; blanks without a comma end the list.
    pub(super) fn depends(&mut self) -> bool {
        let wide = self.run(0, bytes::is_wide_blank);
        let break_length = match self.peek(wide) {
            b'\n' => wide + 1 + self.run(wide + 1, bytes::is_wide_blank),
            _ => 0,
        };
        let blanks = self.run(0, |byte| bytes::is_blank(byte) || byte == b'\n');
        let leaves = match self.file.get(self.at + blanks) {
            _ if blanks == 0 => 0,
            // The byte after the blanks must not be a comma; at a comma or the end of the file the last blank stands in.
            Some(byte) if *byte != b',' => blanks + 1,
            _ if blanks >= 2 => blanks,
            _ => 0,
        };
        if wide > 0 || break_length > 0 {
            let longest = wide.max(break_length);
            if leaves > longest {
                let span = Span::new(self.at, self.at + leaves);
                self.count_lines(span);
                self.take(leaves - 1);
                self.state = State::Initial;
            } else {
                self.take(longest);
                self.line += usize::from(break_length > 0);
            }
            return false;
        }
        if self.name() {
            return false;
        }
        self.emit_sign()
    }

    /// A name, quoted or not. False when none stands here.
    fn name(&mut self) -> bool {
        let string = self.string_run(0);
        if string > 0 {
            self.emit_plain(Kind::Name, string);
            return true;
        }
        let inside = |byte: u8| byte >= b' ' && byte != b'"';
        let length = match self.peek(0) {
            b'"' => self.quoted(0, b'"', inside).filter(|length| *length > 2),
            // Up to the last `'`, as far as no `"` and no control byte comes between.
            b'\'' => {
                let run = self.run(1, inside);
                let last = self.rest()[1..=run].iter().rposition(|byte| *byte == b'\'');
                last.filter(|last| *last > 0).map(|last| last + 2)
            }
            _ => None,
        };
        let Some(length) = length else { return false };
        self.emit_quoted(Kind::Name, length);
        true
    }

    /// The name after `group`.
    pub(super) fn group_name(&mut self) -> bool {
        let first = self.peek(0);
        let string = self.string_run(0);
        if string > 0 {
            self.emit_plain(Kind::GroupName, string);
            self.state = State::Initial;
        } else if matches!(first, b'"' | b'\'') {
            match self.quoted(0, first, bytes::is_string).filter(|length| *length > 2) {
                Some(length) => {
                    self.emit_quoted(Kind::GroupName, length);
                    self.state = State::Initial;
                }
                None => {
                    let span = self.take(1);
                    self.complain("unbalanced quotes", span);
                }
            }
        } else if first == b'\n' {
            self.take(1);
        } else {
            return self.emit_sign();
        }
        false
    }

    /// What follows `every`: a number, or five quoted cron fields.
    pub(super) fn every(&mut self) -> bool {
        if self.skip(bytes::is_blank) {
            return false;
        }
        let digits = self.run(0, |byte| byte.is_ascii_digit());
        if digits > 0 {
            self.emit_plain(Kind::Number, digits);
        } else if let Some(length) = self.cron() {
            let span = self.take(length);
            let word = Spelled::new(self.file, span).unquote().into_word(span);
            self.emit(Kind::Cron, span, Some(word));
        } else if self.peek(0) == b'\n' {
            self.take(1);
            return false;
        } else {
            let span = self.take(1);
            self.complain("invalid every format", span);
        }
        self.state = State::Initial;
        false
    }

    /// The length of a quoted cron specification, quotes included.
    fn cron(&self) -> Option<usize> {
        let quote = |byte: u8| matches!(byte, b'"' | b'\'');
        let mut length = 1 + self.run(1, bytes::is_blank);
        for field in 0..5 {
            let bytes = self.run(length, |byte| byte.is_ascii_digit() || matches!(byte, b',' | b'*' | b'-'));
            length += bytes;
            let gap = self.run(length, bytes::is_blank);
            length += gap;
            if bytes == 0 || (gap == 0 && field < 4) {
                return None;
            }
        }
        (quote(self.peek(0)) && quote(self.peek(length))).then_some(length + 1)
    }

    /// What follows `http://`. A blank or a line's end ends it, and is part of the token.
    pub(super) fn url(&mut self) -> bool {
        let blank = self.run(0, bytes::is_blank);
        if blank > 0 || self.peek(0) == b'\n' {
            let end = self.take(blank.max(1));
            self.state = State::Initial;
            if !self.url_has_host {
                self.complain("missing hostname in URL", end);
            }
            let whole = Span::new(self.url_start, end.start);
            let word = Spelled::new(self.file, whole).into_word(whole);
            self.emit(Kind::Url, end, Some(word));
            return false;
        }
        let length = self.url_piece();
        if length == 0 {
            return self.emit_sign();
        }
        self.take(length);
        false
    }

    /// The length of the next piece of an URL; the longest match wins, and the first of two equals.
    fn url_piece(&mut self) -> usize {
        let (user, with_password) = self.url_user();
        let host = self.url_host();
        let line = |byte: u8| !matches!(byte, b' ' | b'\r' | b'\n');
        let rest = match self.peek(0) {
            b'/' => self.run(0, |byte| line(byte) && !matches!(byte, b'?' | b'#')),
            b'?' => self.run(0, |byte| line(byte) && byte != b'#'),
            b'#' => self.run(0, line),
            b':' => self.url_password().max(match self.run(1, |byte| byte.is_ascii_digit()) {
                0 => 0,
                digits => digits + 1,
            }),
            _ => 0,
        };
        if with_password >= host.max(rest) && user > 0 {
            return user;
        }
        self.url_has_host |= host > rest;
        host.max(rest)
    }

    /// The length of a user's name before `:password@`, and of all that.
    fn url_user(&self) -> (usize, usize) {
        let user = self.rest().iter().take(LONGEST_LOGIN);
        let user = user.take_while(|byte| !matches!(byte, b':' | b'@' | b' ')).count();
        if user == 0 || self.peek(user) != b':' {
            return (0, 0);
        }
        let password = self.rest().iter().skip(user + 1).take(LONGEST_LOGIN);
        let password = password.take_while(|byte| !matches!(byte, b':' | b'@' | b' ')).count();
        if password > 0 && self.peek(user + 1 + password) == b'@' {
            (user, user + password + 2)
        } else {
            (0, 0)
        }
    }

    /// The length of `:password@`.
    fn url_password(&self) -> usize {
        let password = self.rest().iter().skip(1).take(LONGEST_LOGIN);
        let password = password.take_while(|byte| !matches!(byte, b'@' | b' ')).count();
        if password > 0 && self.peek(1 + password) == b'@' { password + 2 } else { 0 }
    }

    /// The length of a host's name or its address in square brackets.
    fn url_host(&self) -> usize {
        if self.peek(0) == b'[' {
            let inside =
                self.run(1, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b':' | b'%'));
            return if inside > 0 && self.peek(1 + inside) == b']' { inside + 2 } else { 0 };
        }
        let mut length = 0;
        loop {
            let dot = usize::from(length > 0);
            let label = self.run(length + dot, |byte| byte.is_ascii_alphanumeric() || byte == b'-');
            if label == 0 || (dot == 1 && self.peek(length) != b'.') {
                return length;
            }
            length += dot + label;
        }
    }

    /// What follows `from:`; a `}` or the line's end ends it, and that line is not counted.
    pub(super) fn address(&mut self) -> bool {
        let first = self.peek(0);
        if first == b'}' || first == b'\n' {
            let span = if first == b'}' { Span::at(self.at) } else { self.take(1) };
            self.state = State::Initial;
            if !self.has_address {
                self.complain("missing address", span);
            }
            self.emit(Kind::Address, span, None);
            return false;
        }
        let address = self.run(0, bytes::is_address);
        let name = self.run(0, |byte| bytes::is_address_name(byte) && byte != b'@');
        if address >= name && address > 0 {
            self.has_address = true;
            self.take(address);
        } else if name > 0 {
            self.take(name);
        } else if matches!(first, b'<' | b'>' | b'[' | b']') {
            self.take(1);
        } else {
            let span = self.take(1);
            self.state = State::Initial;
            self.complain("invalid mail format", span);
        }
        false
    }

    /// The list after `http headers`.
    pub(super) fn http_headers(&mut self) -> bool {
        if self.skip(bytes::is_wide_blank) {
            return false;
        }
        match self.peek(0) {
            b'[' => {
                self.take(1);
            }
            b'\n' => {
                self.take(1);
                self.line += 1;
            }
            b']' => {
                let span = self.take(1);
                self.state = State::Initial;
                self.emit(Kind::Sign(b']'), span, None);
            }
            b':' => {
                let span = self.header_value();
                self.emit(Kind::Header, span, None);
            }
            _ => {
                let name =
                    self.run(0, |byte| !matches!(byte, b'\t' | b'\r' | b'\n' | b',' | b'[' | b']' | b':'));
                if name > 0 && self.peek(name) == b':' {
                    self.take(name);
                } else {
                    let span = self.take(1);
                    self.state = State::Initial;
                    self.complain("invalid HTTP header list format", span);
                }
            }
        }
        false
    }

    /// `: value`, quoted or up to a comma, a bracket or the line's end.
    fn header_value(&mut self) -> Span {
        let gap = 1 + self.run(1, bytes::is_blank);
        let plain = 1 + self.run(1, |byte| !matches!(byte, b'\r' | b'\n' | b']' | b','));
        let quote = self.peek(gap);
        let quoted = match quote {
            b'"' | b'\'' => self.quoted(gap, quote, |_| true).map_or(0, |length| gap + length),
            _ => 0,
        };
        self.take(plain.max(quoted))
    }

    /// What follows `include`: line ends before the pattern are passed over and not counted.
    pub(super) fn include(&mut self) -> bool {
        if self.skip(|byte| bytes::is_blank(byte) || byte == b'\n') {
            return false;
        }
        let word = self.run(0, |byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
        let quote = self.peek(0);
        let quoted = match quote {
            b'"' | b'\'' => self
                .quoted(0, quote, |byte| !matches!(byte, b'\r' | b'\n'))
                .filter(|length| *length > 2)
                .unwrap_or(0),
            _ => 0,
        };
        let span = self.take(word.max(quoted));
        let spelled = Spelled::new(self.file, span);
        let pattern = if quoted >= word { spelled.unquote() } else { spelled }.into_word(span);
        let tokens_before = self.out.tokens.len();
        self.out.includes.push(RawInclude { pattern, span, line: self.line, tokens_before });
        self.state = State::Initial;
        false
    }

    /// Passes over bytes; false when there are none.
    fn skip(&mut self, test: impl Fn(u8) -> bool) -> bool {
        let length = self.run(0, test);
        self.take(length);
        length > 0
    }
}
