//! The files of the repository that a schema refers to, found by whoever follows the references.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use jsonschema::{Retrieve, Uri};
use memchr::memmem;
use serde_json::{Map, Value};

use super::json;
use super::schema::{base_uri, path_of};

/// What files hold, by path; nothing of those that were asked for and not read yet.
type Known = BTreeMap<String, Option<Value>>;

/// Paths of all files that the schema at `path` with this text refers to, also through others. `read`
/// gives the bytes of files, in their order; of what is not there, none.
///
/// # Errors
/// Those of `read`.
pub fn paths(
    path: &str,
    text: &[u8],
    mut read: impl FnMut(&[String]) -> Result<Vec<Vec<u8>>>,
) -> Result<Vec<String>> {
    let Some(schema) = may_refer(text).then(|| json::read(text).ok()).flatten() else {
        return Ok(Vec::new());
    };
    let met = Met::default();
    loop {
        // Whether it is a schema at all is the check's to say.
        let _ =
            jsonschema::options().with_base_uri(base_uri(path)).with_retriever(met.clone()).build(&schema);
        let fresh: Vec<String> =
            met.known().iter().filter(|(_, value)| value.is_none()).map(|(path, _)| path.clone()).collect();
        if fresh.is_empty() {
            return Ok(met.known().keys().filter(|met| *met != path).cloned().collect());
        }
        let values = read(&fresh)?.into_iter().map(|bytes| json::read(&bytes).unwrap_or_else(|_| empty()));
        met.known().extend(fresh.into_iter().zip(values.map(Some)));
    }
}

/// Whether the text may hold a reference to another file.
fn may_refer(text: &[u8]) -> bool {
    let count = |needle: &str| memmem::find_iter(text, needle).count();
    // `$ref`, `$dynamicRef` and their kin, written plainly or not.
    count("ef\"") > 0 || count("\\u") > 0 || count("$schema") > count("json-schema.org/")
}

/// A schema of nothing.
fn empty() -> Value {
    Value::Object(Map::new())
}

/// Resolves references to what is known, and takes down what is not.
#[derive(Clone, Default)]
struct Met(Arc<Mutex<Known>>);

impl Met {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Retrieve for Met {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn Error + Send + Sync>> {
        let Some(path) = path_of(uri) else { return Ok(empty()) };
        Ok(self.known().entry(path).or_default().clone().unwrap_or_else(empty))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_met_however_they_are_written() {
        let files = BTreeMap::from([
            ("schema/parts/row x.json", r##"{"$defs": {"row": {"$ref": "../../id.json#/a/b"}}}"##),
            ("id.json", r#"{"a": {"b": {"allOf": [{"$ref": "schema/o.json"}, {"$ref": "gone.json"}]}}}"#),
        ]);
        let met = |text: &str| {
            let read = |paths: &[String]| {
                Ok(paths
                    .iter()
                    .map(|path| files.get(path.as_str()).unwrap_or(&"").as_bytes().to_owned())
                    .collect())
            };
            paths("schema/o.json", text.as_bytes(), read).unwrap()
        };
        let all = ["gone.json", "id.json", "schema/parts/row x.json"];
        assert_eq!(met(r##"{"items": {"$ref": "parts/row%20x.json#/$defs/row"}}"##), all);
        assert_eq!(met(r##"{"$\u0072ef": "parts/row%20x.json#/$defs/row"}"##), all);
        assert_eq!(met(r##"{"$id": "file:///a/b.json", "$ref": "c.json"}"##), ["a/c.json"]);
        assert_eq!(met(r##"{"$ref": "#/$defs/a", "$defs": {"a": {}}}"##), [""; 0]);
        assert_eq!(met(r#"{"const": {"$ref": "x.json"}, "$ref": "https://example.invalid/x"}"#), [""; 0]);
        let draft = "https://json-schema.org/draft/2020-12/schema";
        assert_eq!(met(&format!("{{\"$schema\": \"{draft}\"}}")), [""; 0]);
    }
}
