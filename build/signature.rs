//! Ruby signatures, as the data writes them: `(key=nil, &block)`.

/// One parameter.
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// A variant of the catalog's `ParameterKind`.
    pub kind: &'static str,
    /// The default as Ruby source.
    pub default: Option<String>,
}

/// The parameters of a signature.
pub fn parse(text: &str) -> Result<Vec<Parameter>, String> {
    let inner = text
        .trim()
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
        .ok_or_else(|| format!("signature `{text}` is not in parentheses"))?;
    inner.split(',').map(str::trim).filter(|part| !part.is_empty()).map(parameter).collect()
}

fn parameter(part: &str) -> Result<Parameter, String> {
    let (name, kind, default) = if let Some(name) = part.strip_prefix('&') {
        (name, "Block", None)
    } else if let Some((name, default)) = part.split_once(':').filter(|(name, _)| !name.contains('=')) {
        (name, "Keyword", Some(default.trim()))
    } else if let Some((name, default)) = part.split_once('=') {
        (name, "Optional", Some(default.trim()))
    } else {
        (part, "Required", None)
    };
    let name = name.trim();
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err(format!("`{part}` is not a parameter"));
    }
    Ok(Parameter { name: name.to_owned(), kind, default: default.map(str::to_owned) })
}
