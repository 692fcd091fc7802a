//! Finds secrets in a text by what stands before them.

use std::ops::Range;

use super::names::{Suspicion, is_harmless, suspicion};
use crate::model::FileKind;

/// How a text is written: it decides whether a bare word can be a value, and where it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    /// Ruby: a bare word is code.
    Ruby,
    /// A unit, a lock, an environment file.
    Lines,
    /// A Monit file.
    Monit,
    /// A sentence for people, with code in backticks; or a value on its own.
    Prose,
}

impl From<FileKind> for Writing {
    fn from(kind: FileKind) -> Self {
        match kind {
            FileKind::Puma => Writing::Ruby,
            FileKind::Monit => Writing::Monit,
            _ => Writing::Lines,
        }
    }
}

/// A key shorter than this may be any word: `key: "name"`.
const SHORTEST_KEY: usize = 8;

/// A user's name in a URL that is this long is a token.
const LONGEST_USER: usize = 20;

/// How far a list is read, or the line on which a heredoc begins: secret ones are short.
const REACH: usize = 1024;

/// Where secrets stand in a text, in order, none overlapping another.
pub fn secrets(text: &[u8], writing: Writing) -> Vec<Range<usize>> {
    let mut scanner =
        Scanner { text, writing, at: 0, found: Vec::new(), pumactl: false, key: None, code: false };
    while let Some(name) = scanner.next_name() {
        let before = scanner.found.len();
        scanner.look(name.clone());
        // What was found is not looked at again; else the next name may stand right behind this one.
        scanner.at =
            scanner.found.get(before..).and_then(<[_]>::last).map_or(name.end, |last| last.end.max(name.end));
    }
    scanner.found
}

struct Scanner<'a> {
    text: &'a [u8],
    writing: Writing,
    at: usize,
    found: Vec<Range<usize>>,
    /// Whether `pumactl` stands before on the same line.
    pumactl: bool,
    /// The first name of the line.
    key: Option<Range<usize>>,
    /// Whether a backtick is open on the line.
    code: bool,
}

/// What stands between a name and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    /// `NAME=value`, without a space
    Tight,
    /// `=`, `:`, `=>`, `||`, `(`, a block and the like
    Operator,
    /// Nothing but space.
    Space,
}

impl Scanner<'_> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.get(at).copied()
    }

    fn starts(&self, at: usize, with: &str) -> bool {
        self.text.get(at..).is_some_and(|rest| rest.starts_with(with.as_bytes()))
    }

    /// The end of what satisfies a condition.
    fn run(&self, at: usize, is: impl Fn(u8) -> bool) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        at + rest.iter().position(|byte| !is(*byte)).unwrap_or(rest.len())
    }

    fn next_name(&mut self) -> Option<Range<usize>> {
        while let Some(byte) = self.byte(self.at) {
            if is_name(byte) {
                let name = self.at..self.run(self.at, is_name);
                self.key.get_or_insert(name.clone());
                return Some(name);
            }
            if byte == b'\n' && self.byte(self.at.wrapping_sub(1)) != Some(b'\\') {
                (self.pumactl, self.key, self.code) = (false, None, false);
            }
            self.code ^= byte == b'`';
            self.at += 1;
        }
        None
    }

    fn name(&self, name: &Range<usize>) -> &str {
        std::str::from_utf8(&self.text[name.clone()]).unwrap_or_default()
    }

    /// Notes the secret that this name announces.
    fn look(&mut self, name: Range<usize>) {
        let word = self.name(&name).to_owned();
        if self.starts(name.end, "://") {
            self.userinfo(name.end + 3);
        } else if word.ends_with("-----BEGIN") {
            self.pem(name.end);
        } else if word == "pumactl" {
            self.pumactl = true;
        } else if word.starts_with("-T") && self.pumactl {
            let start = if word == "-T" { self.run(name.end, is_blank) } else { name.start + 2 };
            let end = self.run(start, |byte| !is_blank(byte) && !matches!(byte, b'"' | b'\'' | b'\n' | b'`'));
            self.note(start..end, Suspicion::Sure);
        } else if word == "allow"
            && self.writing != Writing::Ruby
            && (self.writing != Writing::Prose || self.code)
        {
            self.allow(name.end);
        } else if word.to_ascii_lowercase().ends_with("authorization") {
            self.authorization(name.end);
        } else if let Some(suspicion) = suspicion(&word) {
            self.named(name, &word, suspicion);
        }
    }

    fn note(&mut self, range: Range<usize>, suspicion: Suspicion) {
        if let Some(value) = self.text.get(range.clone())
            && !value.is_empty()
            && !is_harmless(value, suspicion)
        {
            self.found.push(range);
        }
    }

    /// The password of `user:password@host`, or a user's name that is a token.
    fn userinfo(&mut self, at: usize) {
        let end = self.run(at, |byte| {
            !byte.is_ascii_whitespace() && !matches!(byte, b'/' | b'"' | b'\'' | b'?' | b'`')
        });
        let Some(sign) = self.text[at..end].iter().rposition(|byte| *byte == b'@') else { return };
        match self.text[at..at + sign].iter().position(|byte| *byte == b':') {
            Some(colon) => self.note(at + colon + 1..at + sign, Suspicion::Sure),
            None if sign >= LONGEST_USER => self.note(at..at + sign, Suspicion::Sure),
            None => {}
        }
    }

    /// The body of a private key.
    fn pem(&mut self, at: usize) {
        let line = &self.text[at..self.text.len().min(at + 64)];
        let mark = b"PRIVATE KEY-----";
        if let Some(label) = line.windows(mark.len()).position(|part| part == mark) {
            let start = at + label + mark.len();
            let end = find(&self.text[start..], b"-----END").map_or(self.text.len(), |end| start + end);
            self.note(start..end, Suspicion::Sure);
        }
    }

    /// Monit's `allow user:password`; an address is no password.
    fn allow(&mut self, at: usize) {
        let start = self.run(at, is_blank);
        if start == at {
            return;
        }
        let end = match self.quoted(start) {
            Some(content) => {
                let behind = content.end + 1;
                if self.byte(behind) != Some(b':') {
                    if let Some(colon) = self.text[content.clone()].iter().position(|byte| *byte == b':') {
                        self.note(content.start + colon + 1..content.end, Suspicion::Sure);
                    }
                    return;
                }
                behind
            }
            None => {
                self.run(start, |byte| !byte.is_ascii_whitespace() && !matches!(byte, b':' | b'`' | b'}'))
            }
        };
        if self.byte(end) != Some(b':') {
            return;
        }
        if let Some(content) = self.quoted(end + 1) {
            return self.note(content, Suspicion::Sure);
        }
        let stop = self.run(end + 1, |byte| !byte.is_ascii_whitespace() && byte != b'`');
        let address =
            self.text[start..stop].iter().all(|byte| byte.is_ascii_hexdigit() || b":./".contains(byte));
        if !(address && self.text[end + 1..stop].contains(&b':')) {
            self.note(end + 1..stop, Suspicion::Sure);
        }
    }

    /// What follows `Authorization:`, without the scheme.
    fn authorization(&mut self, at: usize) {
        let start = self.run(at, |byte| is_blank(byte) || b"\"'])(:=>,".contains(&byte));
        if !self.text[at..start].iter().any(|byte| b":=,".contains(byte)) {
            return;
        }
        let word = self.run(start, |byte| byte.is_ascii_alphabetic());
        let scheme = [&b"basic"[..], b"bearer", b"token", b"digest"];
        let known = scheme.contains(&self.text[start..word].to_ascii_lowercase().as_slice());
        let start = if known { self.run(word, is_blank) } else { start };
        let end = self.run(start, |byte| !matches!(byte, b'"' | b'\'' | b']' | b'\n' | b'`'));
        self.note(start..end, Suspicion::Sure);
    }

    /// The value of a name.
    fn named(&mut self, name: Range<usize>, word: &str, suspicion: Suspicion) {
        let Some((at, link)) = self.link(&name, word) else { return };
        if self.writing == Writing::Lines && LOADED.iter().any(|key| self.key_is(key)) {
            return;
        }
        let key = word.trim_matches('-').eq_ignore_ascii_case("key");
        if key && (link == Link::Space || (self.writing == Writing::Prose && link != Link::Tight)) {
            return;
        }
        let first = self.found.len();
        self.value(at, link, &name, word, suspicion);
        if key && self.found.get(first).is_some_and(|value| value.len() < SHORTEST_KEY) {
            self.found.truncate(first);
        }
    }

    /// How a name is tied to what follows, and where that starts.
    fn link(&self, name: &Range<usize>, word: &str) -> Option<(usize, Link)> {
        let before = name.start.checked_sub(1).and_then(|at| self.byte(at));
        let quoted = matches!(before, Some(b'"' | b'\'')) && self.byte(name.end) == before;
        let mut at = name.end + usize::from(quoted);
        let bracket = quoted && matches!(self.byte(at), Some(b']' | b')'));
        at += usize::from(bracket);
        let tight = at;
        at = self.run(at, is_blank);
        let listed = quoted || word.starts_with("--");
        let operators: &[&str] = if bracket {
            &["||=", "||", "&&", "==", "=~", "!=", "=>", "=", "{", "do "]
        } else if listed {
            &["||=", "==", "=>", "=", ":", ","]
        } else {
            &["||=", "==", "=~", "!=", "=>", "=", ":", "("]
        };
        // `do` ends the line.
        let block = bracket && (self.starts(at, "do\n") || self.starts(at, "do\r"));
        let operator = operators.iter().find(|operator| self.starts(at, operator)).copied();
        let operator = if block { Some("do") } else { operator };
        match operator {
            Some(":") if self.byte(at + 1) == Some(b':') => None,
            Some("=")
                if at == tight && self.byte(at + 1).is_some_and(|byte| !is_blank(byte) && byte != b'\n') =>
            {
                Some((at + 1, Link::Tight))
            }
            Some(operator) => {
                let behind = at + operator.len();
                let breaks = self.writing == Writing::Ruby;
                Some((
                    self.run(behind, |byte| is_blank(byte) || breaks && byte.is_ascii_whitespace()),
                    Link::Operator,
                ))
            }
            None if bracket || at == tight => None,
            None => Some((self.run(at, |byte| is_blank(byte) || matches!(byte, b'\\' | b'\n')), Link::Space))
                .filter(|(value, _)| {
                    !self.text[at..*value].contains(&b'\n') || self.text[at..*value].contains(&b'\\')
                }),
        }
    }

    /// Notes a value: a string, a list of them, a heredoc, a bare word.
    fn value(&mut self, at: usize, link: Link, name: &Range<usize>, word: &str, suspicion: Suspicion) {
        let flag = word.starts_with("--");
        let monit = self.writing == Writing::Monit && matches!(word, "password" | "passphrase");
        let code = self.code || self.writing != Writing::Prose;
        if link == Link::Space {
            let spaced = match self.writing {
                Writing::Ruby => true,
                Writing::Lines => flag,
                Writing::Monit => flag || monit,
                Writing::Prose => code || word == "password",
            };
            if !spaced {
                return;
            }
        }
        if self.quoted(at).is_some() {
            return self.strings(at, link, suspicion);
        }
        if self.writing == Writing::Ruby && link != Link::Tight {
            if self.starts(at, "<<") {
                return self.heredoc(at + 2, suspicion);
            }
            if self.byte(at) == Some(b'%') {
                return self.percent(at + 1, suspicion);
            }
        }
        if self.byte(at) == Some(b'[') && link == Link::Operator {
            let list = &self.text[at..self.text.len().min(at + REACH)];
            let end = at + list.iter().position(|byte| *byte == b']').unwrap_or(0);
            let mut item = at;
            while item < end {
                if let Some(content) = self.quoted(item) {
                    item = content.end;
                    self.note(content, suspicion);
                }
                item += 1;
            }
            return;
        }
        let number = self.byte(at).is_some_and(|byte| byte.is_ascii_digit());
        let bare = match (link, self.writing) {
            (Link::Tight, Writing::Ruby) => !CODE.iter().any(|code| self.starts(at, code)),
            (Link::Tight, _) => true,
            (Link::Operator, Writing::Lines | Writing::Monit) => true,
            (Link::Operator, Writing::Ruby) => number,
            (Link::Operator, Writing::Prose) => false,
            (Link::Space, Writing::Prose | Writing::Lines | Writing::Ruby) => flag && code,
            (Link::Space, Writing::Monit) => flag || monit,
        };
        if bare && !(link == Link::Space && self.byte(at) == Some(b'-')) {
            let end = self.bare_end(at, link, name, number);
            let colon = self.text[at..end].iter().position(|byte| *byte == b':');
            // `SetCredential=ID:VALUE`
            let id = colon.filter(|_| self.is_set_credential()).map_or(0, |colon| colon + 1);
            self.note(at + id..end, suspicion);
        }
    }

    /// Where a bare word ends.
    fn bare_end(&self, at: usize, link: Link, name: &Range<usize>, number: bool) -> usize {
        let before = name.start.checked_sub(1).and_then(|at| self.byte(at));
        match before {
            // `?token=…&…`
            Some(b'?' | b'&') if link == Link::Tight => {
                self.run(at, |byte| !byte.is_ascii_whitespace() && !b"&#\"'`;<>".contains(&byte))
            }
            // `"SECRET=…"` ends where the quote does, unless it begins a command.
            Some(quote @ (b'"' | b'\'')) if link == Link::Tight && !self.is_command() => {
                self.string_end(at, quote)
            }
            _ if self.writing == Writing::Ruby && link == Link::Operator && number => {
                self.run(at, |byte| byte.is_ascii_alphanumeric() || byte == b'_')
            }
            _ if self.writing == Writing::Lines && self.is_set_credential() => {
                let mut end = at;
                loop {
                    end = self.run(end, |byte| byte != b'\n');
                    if end == self.text.len() || self.byte(end - 1) != Some(b'\\') {
                        return end;
                    }
                    end += 1;
                }
            }
            // In `Environment=` only a word's first character can open a quote.
            _ if self.writing == Writing::Lines && self.key_is("Environment") => {
                self.run(at, |byte| !byte.is_ascii_whitespace())
            }
            // The last of a list.
            _ if self.writing == Writing::Ruby && link == Link::Space => {
                self.run(at, |byte| !byte.is_ascii_whitespace() && !b"\"'`])".contains(&byte))
            }
            _ => self.run(at, |byte| !byte.is_ascii_whitespace() && !b"\"'`".contains(&byte)),
        }
    }

    fn key_is(&self, key: &str) -> bool {
        self.key.as_ref().is_some_and(|name| self.name(name) == key)
    }

    fn is_command(&self) -> bool {
        let exec = self.key.as_ref().is_some_and(|name| self.name(name).starts_with("Exec"));
        self.writing == Writing::Monit || self.writing == Writing::Lines && exec
    }

    fn is_set_credential(&self) -> bool {
        self.key_is("SetCredential") || self.key_is("SetCredentialEncrypted")
    }

    /// What stands between quotes, if one opens here. An escaped quote opens what its like closes.
    fn quoted(&self, at: usize) -> Option<Range<usize>> {
        let (quote, start) = match self.byte(at)? {
            quote @ (b'"' | b'\'') => (quote, at + 1),
            b'\\' => {
                let quote = self.byte(at + 1).filter(|byte| matches!(byte, b'"' | b'\''))?;
                let rest = &self.text[at + 2..];
                let end =
                    find(rest, &[b'\\', quote]).unwrap_or_else(|| self.run(at + 2, |b| b != b'\n') - at - 2);
                return Some(at + 2..at + 2 + end);
            }
            _ => return None,
        };
        Some(start..self.string_end(start, quote))
    }

    /// Where a string ends: at its quote, escapes and interpolations left out of account.
    fn string_end(&self, start: usize, quote: u8) -> usize {
        let mut at = start;
        let mut depth = 0usize;
        while let Some(byte) = self.byte(at) {
            match byte {
                b'\\' => at += 1,
                b'#' if quote == b'"' && self.byte(at + 1) == Some(b'{') => {
                    depth += 1;
                    at += 1;
                }
                b'}' if depth > 0 => depth -= 1,
                // A line that ends inside of a string ends it, except in Ruby.
                b'\n' if self.writing != Writing::Ruby => return at,
                byte if byte == quote && depth == 0 => return at,
                _ => {}
            }
            at += 1;
        }
        self.text.len()
    }

    /// A string, and in Ruby those that are joined to it.
    fn strings(&mut self, mut at: usize, link: Link, suspicion: Suspicion) {
        while let Some(content) = self.quoted(at) {
            let escaped = self.byte(at) == Some(b'\\');
            let behind = (content.end + 1 + usize::from(escaped)).min(self.text.len());
            self.note(content, suspicion);
            if link == Link::Tight && self.writing != Writing::Ruby {
                // `X="a"b`
                let end = self.run(behind, |byte| !byte.is_ascii_whitespace() && !b"\"'`&;,".contains(&byte));
                return self.note(behind..end, suspicion);
            }
            if self.writing != Writing::Ruby {
                return;
            }
            at = self.run(behind, |byte| is_blank(byte) || matches!(byte, b'+' | b'\\' | b'|'));
            if self.text[behind..at].iter().any(|byte| !is_blank(*byte)) {
                at = self.run(at, |byte| byte.is_ascii_whitespace());
            }
        }
    }

    /// `<<~PEM` and the lines up to `PEM`.
    fn heredoc(&mut self, at: usize, suspicion: Suspicion) {
        let at = self.run(at, |byte| b"~-\"'`".contains(&byte));
        let mark = &self.text[at..self.run(at, |byte| byte.is_ascii_alphanumeric() || byte == b'_')];
        if mark.is_empty() {
            return;
        }
        let rest = &self.text[at..self.text.len().min(at + REACH)];
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else { return };
        let start = at + end + 1;
        let mut line = start;
        while line < self.text.len() {
            let end = self.run(line, |byte| byte != b'\n');
            if self.text[line..end].trim_ascii() == mark {
                break;
            }
            line = end + 1;
        }
        self.note(start..line.min(self.text.len()), suspicion);
    }

    /// `q(…)`, `w[…]`
    fn percent(&mut self, at: usize, suspicion: Suspicion) {
        let open = self.run(at, |byte| byte.is_ascii_alphabetic());
        let close = match self.byte(open) {
            Some(b'(') => b')',
            Some(b'[') => b']',
            Some(b'{') => b'}',
            Some(b'<') => b'>',
            Some(byte) if byte.is_ascii_punctuation() => byte,
            _ => return,
        };
        let end = self.run(open + 1, |byte| byte != close);
        self.note(open + 1..end, suspicion);
    }
}

/// Keys of a unit whose values are names and paths.
const LOADED: &[&str] = &["LoadCredential", "LoadCredentialEncrypted", "ImportCredential", "PassEnvironment"];

/// What a bare value starts with in Ruby where it is code.
const CODE: &[&str] = &["ENV[", "ENV.", "File.", "Rails.", "SecureRandom.", "ARGV", "IO.", "`"];

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}
