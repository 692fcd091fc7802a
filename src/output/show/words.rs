//! Values in words, without the secrets.

use crate::model::{Clause, Condition, Fact, Piece, Source, Text, Value};
use crate::puma::Starter;
use crate::puma::options::Options;
use crate::secrets::{Secrets, is_secret_name, of_variable};
use crate::show::Shown;

/// Options whose values are secrets, whatever they look like.
const SECRET_OPTIONS: &[&str] = &["control_auth_token", "store"];

/// What must not be printed, of any launch: a token of one may turn up in another.
pub fn known_secrets(launches: &[Shown], sources: &[Source]) -> Secrets {
    let variables = launches.iter().flat_map(|shown| &shown.launch.environment.variables);
    let mut values: Vec<String> = variables.flat_map(|(name, value)| of_variable(name, value)).collect();
    values.extend(launches.iter().flat_map(|shown| secrets(&shown.options)));
    Secrets::of(sources, &values)
}

/// How to speak of one launch without saying a secret.
pub struct Hidden<'a> {
    secrets: &'a Secrets,
    /// The app's root where nothing says where it is.
    root: String,
}

impl<'a> Hidden<'a> {
    /// For one launch.
    pub fn of(shown: &Shown, secrets: &'a Secrets) -> Self {
        let root = match shown.launch.starter {
            Starter::Default | Starter::Procfile | Starter::Script => {
                shown.root.to_string_lossy().into_owned()
            }
            _ => "(the app's root)".to_owned(),
        };
        Hidden { secrets, root }
    }

    /// Whether an option's value may not be shown at all.
    pub fn hides(&self, option: &str, value: &Value) -> bool {
        if is_secret_option(option) {
            return !empty(value);
        }
        value.as_str().is_some_and(|text| !text.is_empty() && self.clean(text).chars().all(|c| c == '*'))
    }

    /// Whether a part of a value may not be shown.
    pub fn hides_part(&self, value: &Value) -> bool {
        let text = self.ruby(value);
        self.clean(&text) != text
    }

    /// Text without secrets.
    pub fn clean(&self, text: &str) -> String {
        self.secrets.text(text).into_owned()
    }

    /// A condition in words.
    pub fn condition(&self, condition: &Condition) -> String {
        let words = condition.clauses().iter().map(|clause| match clause {
            Clause { fact: Fact::EnvIs(name, _), holds } if is_secret_name(name) => {
                format!("ENV[\"{name}\"] is {}(hidden)", if *holds { "" } else { "not " })
            }
            clause => self.clean(&clause.to_string()),
        });
        words.collect::<Vec<_>>().join(" and ")
    }

    /// A text; what isn't known stands as Ruby would interpolate it.
    pub fn text(&self, text: &Text) -> String {
        let mut whole = String::new();
        for piece in text.pieces() {
            match piece {
                Piece::Literal(text) => whole.push_str(text),
                Piece::Root => whole.push_str(&self.root),
                Piece::Hole(hole) => whole.push_str(hole),
                Piece::Env(name) => whole.push_str(&format!("#{{ENV[\"{name}\"]}}")),
                Piece::Unknown(reason) => whole.push_str(&format!("#{{{reason}}}")),
            }
        }
        whole
    }

    /// A value for people: texts bare, the rest as Ruby writes it.
    pub fn value(&self, value: &Value) -> String {
        match value {
            Value::Text(text) | Value::Path(text) => {
                let text = self.text(text);
                if text.is_empty() { "\"\"".to_owned() } else { text }
            }
            Value::Array(items) if !items.is_empty() => {
                items.iter().map(|item| self.value(item)).collect::<Vec<_>>().join(", ")
            }
            value => self.ruby(value),
        }
    }

    /// A value as Ruby writes it.
    pub fn ruby(&self, value: &Value) -> String {
        match value {
            Value::Nil => "nil".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Int(value) => value.to_string(),
            Value::Float(value) => format!("{value:?}"),
            Value::Sym(name) => format!(":{name}"),
            Value::Text(text) | Value::Path(text) => format!("{:?}", self.text(text)),
            Value::Version(version) => version.clone(),
            Value::Array(items) => {
                format!("[{}]", items.iter().map(|item| self.ruby(item)).collect::<Vec<_>>().join(", "))
            }
            Value::Hash(pairs) => {
                if pairs.first().is_some_and(|(key, value)| is_hook(key, value)) {
                    return "a block".to_owned();
                }
                let pairs = pairs.iter().map(|(key, value)| match key {
                    Value::Sym(name) => format!("{name}: {}", self.ruby(value)),
                    key => format!("{} => {}", self.ruby(key), self.ruby(value)),
                });
                format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
            }
            Value::Proc(_) => "a block".to_owned(),
            Value::OneOf(all) => {
                all.iter().map(|(_, value)| self.ruby(value)).collect::<Vec<_>>().join(" or ")
            }
            Value::Unknown(reason) => format!("not known: {reason}"),
        }
    }
}

fn is_hook(key: &Value, value: &Value) -> bool {
    *key == Value::Sym("block".into()) && matches!(value, Value::Proc(_))
}

/// Whether an option is a secret by its name.
pub fn is_secret_option(option: &str) -> bool {
    SECRET_OPTIONS.contains(&option) || is_secret_name(option)
}

fn empty(value: &Value) -> bool {
    match value {
        Value::Nil => true,
        Value::Array(items) => items.is_empty(),
        Value::Sym(name) => name == "none",
        value => value.as_str() == Some("none"),
    }
}

/// The known values of secret options.
fn secrets(options: &Options) -> Vec<String> {
    let mut found = Vec::new();
    for (_, setting) in options.iter().filter(|(name, _)| is_secret_option(name)) {
        for possible in &setting.possible {
            match &possible.value {
                Value::Array(items) => {
                    found.extend(items.iter().filter_map(Value::as_str).map(str::to_owned))
                }
                value => found.extend(value.as_str().filter(|_| !empty(value)).map(str::to_owned)),
            }
        }
    }
    found
}
