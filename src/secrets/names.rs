//! Which names are of secrets, and which values are none whatever they are called.

/// Parts of names whose values are secrets.
const PARTS: &[&str] = &[
    "token",
    "password",
    "passwd",
    "passphrase",
    "secret",
    "credential",
    "apikey",
    "api_key",
    "access_key",
    "private_key",
    "webhook",
];

/// Names that end in these are of secrets too.
const ENDINGS: &[&str] = &["_key", "_pass", "_pwd", "_pem", "_dsn", "_auth", "_salt", "key_base"];

/// Names that are as short as that.
const WHOLE: &[&str] = &["pass", "dsn"];

/// Names that look like it and aren't.
const HARMLESS: &[&str] = &[
    "no_token",
    "key_password_command",
    "public_key",
    "primary_key",
    "foreign_key",
    "load_credential",
    "load_credential_encrypted",
    "import_credential",
];

/// What ends in these says something about a secret, or where it is.
const HARMLESS_ENDINGS: &[&str] = &[
    "_file",
    "_path",
    "_dir",
    "_command",
    "_ttl",
    "_expiry",
    "_timeout",
    "_length",
    "_size",
    "_name",
    "_host",
    "_port",
    "_enabled",
    "_required",
    "_user",
    "_username",
];

/// Values that say whether rather than what.
const WORDS: &[&str] = &["true", "false", "nil", "null", "none", "yes", "no", "on", "off"];

/// What a path to a key, or to anything else, ends in.
const EXTENSIONS: &[&str] = &[
    "pem", "key", "crt", "cert", "cer", "der", "p12", "pfx", "jks", "rb", "yml", "yaml", "json", "txt",
    "enc", "sock", "pid", "state", "log", "env", "cred",
];

/// Nothing longer than this is looked into: it is no path.
const LONGEST: usize = 1024;

/// What a name says of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspicion {
    /// A key, perhaps, or the path of one.
    Perhaps,
    /// A secret.
    Sure,
}

/// What a name (of a variable, an option, a flag, a key) says of its value; `None` if it is no secret's name.
pub fn suspicion(name: &str) -> Option<Suspicion> {
    let name = snake(name);
    let harmless =
        HARMLESS.contains(&name.as_str()) || HARMLESS_ENDINGS.iter().any(|end| name.ends_with(end));
    if harmless {
        return None;
    }
    if PARTS.iter().any(|part| name.contains(part)) || WHOLE.contains(&name.as_str()) {
        return Some(Suspicion::Sure);
    }
    (name == "key" || ENDINGS.iter().any(|end| name.ends_with(end))).then_some(Suspicion::Perhaps)
}

/// Whether what goes by this name (a variable, an option, a key) is a secret.
pub fn is_secret_name(name: &str) -> bool {
    name != "key" && suspicion(name).is_some()
}

/// `--AuthToken` as `auth_token`.
fn snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    let mut after_lower = false;
    for c in name.trim_matches('-').chars() {
        if after_lower && c.is_ascii_uppercase() {
            snake.push('_');
        }
        after_lower = c.is_ascii_lowercase();
        snake.push(if c == '-' { '_' } else { c.to_ascii_lowercase() });
    }
    snake
}

/// Whether a value can't be a secret, though its name says so: a switch, a hole, a path.
pub fn is_harmless(value: &[u8], suspicion: Suspicion) -> bool {
    let Ok(text) = std::str::from_utf8(value) else { return false };
    if text.len() > LONGEST {
        return false;
    }
    let text = text.trim();
    let masked = text.chars().all(|c| matches!(c, '*' | '…' | '.' | '×' | '∗'));
    masked
        || WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
        || is_hole(text)
        || is_path(text, suspicion)
}

/// Whether nothing but an interpolation, a variable or a template's tag stands there.
fn is_hole(text: &str) -> bool {
    let enclosed =
        [("#{", "}"), ("${", "}"), ("$(", ")"), ("<%", "%>"), ("{{", "}}"), ("%{", "}"), ("<", ">")];
    let whole = enclosed.iter().any(|(open, close)| {
        let inner = text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
        inner.is_some_and(|inner| !inner.contains(open))
    });
    let variable = text.strip_prefix('$').is_some_and(|name| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    });
    whole || variable
}

/// Whether it is the path of a file. A name that is surely of a secret wants an extension as proof.
pub fn is_path(text: &str, suspicion: Suspicion) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./~#{}()[]\"'%$<>= :@,".contains(c);
    if !text.chars().all(plain) {
        return false;
    }
    let extension =
        text.rsplit_once('.').is_some_and(|(stem, end)| !stem.is_empty() && EXTENSIONS.contains(&end));
    let rooted = ["/", "./", "../", "~/", "#{", "%d/", "${"].iter().any(|start| text.starts_with(start));
    extension || (suspicion == Suspicion::Perhaps && rooted && text.contains('/'))
}
