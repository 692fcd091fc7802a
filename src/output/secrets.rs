//! What must never be printed: passwords, tokens and keys, recognised by their names.
//!
//! [`mask`] puts as many `*` in the place of a secret as it has characters, so that columns stay true.

use std::ops::Range;

/// Parts of names whose values are secrets.
const NAMES: &[&str] = &[
    "token",
    "password",
    "passwd",
    "passphrase",
    "secret",
    "credential",
    "apikey",
    "api_key",
    "private_key",
];

/// Names that end in these are of secrets too.
const ENDINGS: &[&str] = &["_key", "_pass", "_pwd", "_pem", "_dsn", "key_base"];

/// Names that look like it and aren't.
const HARMLESS: &[&str] = &["no_token", "secret_path", "key_password_command"];

/// Whether what goes by this name (a variable, an option, a key) is a secret.
pub fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('-', "_");
    !HARMLESS.contains(&name.as_str())
        && !name.ends_with("_file")
        && !name.ends_with("_path")
        && (NAMES.iter().any(|part| name.contains(part)) || ENDINGS.iter().any(|end| name.ends_with(end)))
}

/// The text with `*` for every character of a secret in it.
pub fn mask(text: &str) -> String {
    let mut masked = text.to_owned();
    for range in found(text).into_iter().rev() {
        let stars = "*".repeat(text[range.clone()].chars().count());
        masked.replace_range(range, &stars);
    }
    masked
}

/// Whether there is a secret in the text.
pub fn has_secret(text: &str) -> bool {
    !found(text).is_empty()
}

/// Where the secrets are, in order.
fn found(text: &str) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let start = at + rest.len() - rest.trim_start_matches(|c| !is_name(c)).len();
        let name_end = start + text[start..].find(|c| !is_name(c)).unwrap_or(text.len() - start);
        if start >= text.len() {
            break;
        }
        let name = &text[start..name_end];
        at = name_end;
        if is_secret_name(name.trim_matches('-'))
            && let Some(value) = value_after(text, name_end)
        {
            at = value.end.max(name_end);
            ranges.push(value);
        } else if text[name_end..].starts_with("://")
            && let Some(password) = userinfo(text, name_end + 3)
        {
            at = password.end;
            ranges.push(password);
        }
    }
    ranges
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

/// The value that follows a name: `: "x"`, `=x`, `=> 'x'`, `"] = "x"`, ` x` after a flag.
fn value_after(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = &text[at..];
    let after_quote = rest.trim_start_matches(['"', '\'', ']', ')']);
    let gap = after_quote.trim_start_matches([' ', '\t', ':', '=', '>', ',', '(', '|']);
    let between = &rest[..rest.len() - gap.len()];
    if between.is_empty() || between.contains(')') {
        return None;
    }
    let start = at + between.len();
    let quote = gap.chars().next()?;
    if quote == '"' || quote == '\'' {
        let inner = start + 1;
        let end = text[inner..].find(quote).map_or(text.len(), |end| inner + end);
        // `ENV["SECRET"]` names a variable, it doesn't hold its value.
        return (end > inner).then_some(inner..end);
    }
    // Bare words are values in a URL, a variable or a flag; in Ruby they are code.
    let bare = between == "=" || (between == " " && text[..at].contains("--"));
    let end = gap.find([' ', '\t', '"', '\'', '&', ';', ',', ')']).unwrap_or(gap.len());
    (bare && end > 0).then(|| start..start + end)
}

/// The password of `user:password@host`.
fn userinfo(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = &text[at..];
    let end = rest.find(['/', ' ', '"', '\'', '?']).unwrap_or(rest.len());
    let at_sign = rest[..end].rfind('@')?;
    let colon = rest[..at_sign].find(':')?;
    (colon + 1 < at_sign).then(|| at + colon + 1..at + at_sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_where_they_stand() {
        for (text, masked) in [
            (
                "activate_control_app \"tcp://x\", { auth_token: \"t0ken\" }",
                "activate_control_app \"tcp://x\", { auth_token: \"*****\" }",
            ),
            (
                "Environment=SECRET_KEY_BASE=abc RAILS_ENV=production",
                "Environment=SECRET_KEY_BASE=*** RAILS_ENV=production",
            ),
            ("puma --control-token abc -p 3", "puma --control-token *** -p 3"),
            ("DATABASE_URL=postgres://me:pw@db/x", "DATABASE_URL=postgres://me:**@db/x"),
            ("tcp://127.0.0.1:9293?token=abc&x=1", "tcp://127.0.0.1:9293?token=***&x=1"),
            ("ENV[\"API_KEY\"] ||= \"abc\"", "ENV[\"API_KEY\"] ||= \"***\""),
            ("ssl_bind \"0\", 1, key_pem: 'X Y'", "ssl_bind \"0\", 1, key_pem: '***'"),
        ] {
            assert_eq!(mask(text), masked);
        }
        for text in [
            "pidfile \"tmp/puma.pid\"",
            "ssl_bind \"0\", 1, key: \"/etc/ssl/k.pem\", cert: \"c\"",
            "auth_token: ENV[\"PUMA_TOKEN\"]",
            "port ENV.fetch(\"PORT\") { 3000 }",
        ] {
            assert_eq!(mask(text), text);
        }
    }
}
