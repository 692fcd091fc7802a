//! The JSON schema of a settings file, for editors, made from the same keys that are read.

use serde_json::{Map, Value, json};

use super::keys::{DEPLOYMENT, Key, SEVERITIES, TOP, Takes};

/// The schema; `rules` are the names of all rules.
pub fn schema(rules: &[&str]) -> Value {
    let mut schema = table(TOP);
    schema.insert("$schema".into(), json!("http://json-schema.org/draft-07/schema#"));
    schema.insert("title".into(), json!("puma-lint.toml"));
    let definitions = json!({
        "rule": {"enum": rules},
        "version": {"type": "string", "pattern": "^[0-9]+(\\.[0-9A-Za-z]+)*$"},
    });
    schema.insert("definitions".into(), definitions);
    Value::Object(schema)
}

/// A table that takes these keys and no others.
fn table(keys: &[Key]) -> Map<String, Value> {
    let properties: Map<String, Value> =
        keys.iter().map(|key| (key.name.to_owned(), property(key))).collect();
    let mut table = Map::new();
    table.insert("type".into(), json!("object"));
    table.insert("additionalProperties".into(), json!(false));
    table.insert("properties".into(), Value::Object(properties));
    table
}

fn property(key: &Key) -> Value {
    let list = |items: Value| json!({"type": "array", "items": items});
    let text = || json!({"type": "string"});
    let mut property = match key.takes {
        Takes::Version => json!({"allOf": [{"$ref": "#/definitions/version"}]}),
        Takes::Severity => json!({"enum": SEVERITIES[1..]}),
        Takes::Rules => list(json!({"$ref": "#/definitions/rule"})),
        Takes::Patterns | Takes::Names => list(text()),
        Takes::Severities => json!({
            "type": "object",
            "propertyNames": {"$ref": "#/definitions/rule"},
            "additionalProperties": {"enum": SEVERITIES},
        }),
        Takes::Deployments => {
            let mut items = table(DEPLOYMENT);
            let one_of_these = ["config", "units", "monit"].map(|name| json!({"required": [name]}));
            items.insert("anyOf".into(), json!(one_of_these));
            list(Value::Object(items))
        }
        Takes::Paths => json!({"oneOf": [text(), list(text())]}),
        Takes::ServerPath => json!({"type": "string", "pattern": "^/"}),
    };
    if let Value::Object(property) = &mut property {
        property.insert("description".into(), json!(key.about));
    }
    property
}
