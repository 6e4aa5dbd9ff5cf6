//! JSON Schema (draft 2020-12) of the intent file, for editors that complete and check as one types.
//!
//! Keys stand in one list per table ([`keys`]); tests hold them to the parser's. The schema is a
//! little wider than the parser where only the parser can know: an id used twice, a `check` that names
//! no acceptance check.

pub mod keys;

use serde_json::{Map, Value, json};

use super::SCHEMA;
use keys::{Key, Shape};

/// Where the schema is kept in a repository, for editors.
pub const FILE: &str = "intents/schema.json";

/// The first line of an intent that has editors read the schema beside it.
pub const COMMENT: &str = "#:schema ./schema.json\n";

/// The whole schema.
pub fn schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Intent",
        "description": "What is true when we are done, and how one will know.",
        "type": "object",
        "required": required(keys::ROOT),
        "properties": properties(keys::ROOT),
        "additionalProperties": false,
    })
}

fn required(keys: &[Key]) -> Vec<&str> {
    keys.iter().filter(|key| key.is_required).map(|key| key.name).collect()
}

fn properties(keys: &[Key]) -> Map<String, Value> {
    keys.iter().map(|key| (key.name.to_owned(), property(key))).collect()
}

fn property(key: &Key) -> Value {
    let Value::Object(mut property) = shape(key.shape) else { return Value::Bool(true) };
    property.insert("description".into(), key.says.into());
    Value::Object(property)
}

fn shape(shape: Shape) -> Value {
    match shape {
        Shape::Schema => json!({"type": "integer", "minimum": 1, "maximum": SCHEMA}),
        Shape::Text => json!({"type": "string"}),
        Shape::Said => json!({"type": "string", "pattern": "\\S"}),
        Shape::Line => json!({"type": "string", "pattern": "^[^\\n]*\\S[^\\n]*$"}),
        Shape::Id => json!({"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"}),
        Shape::Path => json!({
            "type": "string",
            "minLength": 1,
            "allOf": [{"not": {"pattern": "^/"}}, {"not": {"pattern": "(^|/)\\.\\.(/|$)"}}],
        }),
        Shape::Case => json!({"type": "string", "pattern": "^[^/\\\\]+$", "not": {"enum": [".", ".."]}}),
        Shape::Test => {
            json!({"type": "string", "pattern": "^[\\p{Alphabetic}\\p{N}_]+(::[\\p{Alphabetic}\\p{N}_]+)*$"})
        }
        Shape::Request => json!({"type": "string", "pattern": "^[A-Z]+ /[!-~]*$"}),
        Shape::Duration => json!({"type": "string", "pattern": "^[0-9]+ *(ms|s|m|h|d)$"}),
        Shape::Texts => json!({"type": "array", "items": {"type": "string"}}),
        Shape::Strings => json!({"type": "object", "additionalProperties": {"type": "string"}}),
        Shape::Whole(least, most) => json!({"type": "integer", "minimum": least, "maximum": most}),
        Shape::NotNegative => json!({"type": "number", "minimum": 0}),
        Shape::Words(words) => json!({"enum": words}),
        Shape::Table(keys) => table(keys),
        Shape::Tables(keys) => json!({"type": "array", "items": table(keys)}),
        Shape::Contracts => json!({"type": "array", "items": {"oneOf": contracts()}}),
        Shape::Checks => json!({"type": "array", "items": check()}),
    }
}

fn table(keys: &[Key]) -> Value {
    json!({
        "type": "object",
        "required": required(keys),
        "properties": properties(keys),
        "additionalProperties": false,
    })
}

/// One form for each kind: what it is held by depends on it.
fn contracts() -> Vec<Value> {
    let form = |(kind, says, keys): &(&str, &str, &[Key])| {
        let mut properties = properties(keys::CONTRACT);
        properties.insert("kind".into(), json!({"const": kind, "description": says}));
        let mut required = required(keys::CONTRACT);
        required.extend(self::required(keys));
        properties.extend(self::properties(keys));
        json!({
            "title": kind,
            "type": "object",
            "required": required,
            "properties": properties,
            "additionalProperties": false,
        })
    };
    keys::CONTRACT_KINDS.iter().map(form).collect()
}

/// At most one anchor, and beside it only the keys that go with it.
fn check() -> Value {
    let mut all = properties(keys::CHECK);
    let (mut rules, anchors) = (Vec::new(), keys::ANCHORS);
    for (at, (anchor, with)) in anchors.iter().enumerate() {
        all.insert(anchor.name.to_owned(), property(anchor));
        all.extend(properties(with));
        for (other, _) in &anchors[at + 1..] {
            rules.push(json!({"not": {"required": [anchor.name, other.name]}}));
        }
        for key in *with {
            // Without any anchor the parser lets a key stand: the check is named as asserting nothing.
            let others = anchors.iter().filter(|(other, _)| other.name != anchor.name);
            let absent: Vec<Value> = others.map(|(other, _)| json!({"required": [other.name]})).collect();
            rules.push(json!({"if": {"required": [key.name]}, "then": {"not": {"anyOf": absent}}}));
        }
    }
    json!({
        "type": "object",
        "required": required(keys::CHECK),
        "properties": all,
        "additionalProperties": false,
        "allOf": rules,
    })
}
