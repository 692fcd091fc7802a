//! Writes Rust constants.

use super::releases::Span;

/// A text constant.
pub fn text(value: &str) -> String {
    format!("{value:?}")
}

/// `Some(…)` or `None`.
pub fn option(value: Option<String>) -> String {
    value.map_or_else(|| "None".to_owned(), |value| format!("Some({value})"))
}

/// A slice constant.
pub fn slice<I: IntoIterator<Item = String>>(items: I) -> String {
    let items: Vec<String> = items.into_iter().collect();
    format!("&[{}]", items.join(", "))
}

/// A slice of texts.
pub fn texts(items: &[String]) -> String {
    slice(items.iter().map(|item| text(item)))
}

/// A range of releases.
pub fn range((first, last): Span) -> String {
    format!("Range::of({first}, {last})")
}

/// Ranges of releases.
pub fn ranges(spans: &[Span]) -> String {
    format!("Ranges({})", slice(spans.iter().map(|span| range(*span))))
}

/// One release.
pub fn release(place: usize) -> String {
    format!("Release({place})")
}

/// `at-launch` as the variant `AtLaunch`.
pub fn variant(kebab: &str) -> String {
    kebab
        .split('-')
        .map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_ascii_uppercase())
                .into_iter()
                .chain(letters)
                .collect::<String>()
        })
        .collect()
}

/// A value of an option. Text that starts with a colon is a symbol; text in angle brackets stands for something
/// that the data cannot hold, `<nil>` for nil.
pub fn value(value: &toml::Value) -> Result<String, String> {
    Ok(match value {
        toml::Value::Boolean(value) => format!("Value::Boolean({value})"),
        toml::Value::Integer(value) => format!("Value::Integer({value})"),
        toml::Value::Float(value) => format!("Value::Float({value:?})"),
        toml::Value::Array(items) => {
            format!("Value::List({})", slice(items.iter().map(self::value).collect::<Result<Vec<_>, _>>()?))
        }
        toml::Value::String(text) if text == "<nil>" => "Value::Nil".to_owned(),
        toml::Value::String(text) => match text.strip_prefix(':').filter(|rest| !rest.starts_with(':')) {
            Some(symbol) if !symbol.is_empty() => format!("Value::Symbol({symbol:?})"),
            _ if text.starts_with('<') && text.ends_with('>') => format!("Value::Described({text:?})"),
            _ => format!("Value::Text({text:?})"),
        },
        other => return Err(format!("`{other}` is no value of an option")),
    })
}
