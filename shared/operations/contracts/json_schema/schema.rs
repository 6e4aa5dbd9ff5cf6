//! A JSON Schema of the repository: read, found valid, its references followed inside the repository
//! and nowhere else.

use std::error::Error;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Retrieve, Uri, ValidationError, Validator};
use serde_json::Value;

use super::json::{self, NotRead};
use crate::operations::contracts::{Answer, Ground, MOST_BYTES};
use crate::storage::inside::{Inside, Refused};

/// A schema that documents can be held against.
#[derive(Debug)]
pub struct Schema {
    validator: Validator,
}

impl Schema {
    /// Read the schema at `path`.
    ///
    /// # Errors
    /// As an answer: drift where it is gone or no schema, unverified where a reference leads to the
    /// network or outside the repository.
    pub fn load(ground: &Ground, path: &str) -> Result<Self, Answer> {
        Self::open(&ground.inside, path)
    }

    /// The same, of a folder nobody has opened yet.
    pub fn of_folder(root: &Path, path: &str) -> anyhow::Result<Result<Self, Answer>> {
        Ok(Self::open(&Inside::open(root)?, path))
    }

    fn open(inside: &Inside, path: &str) -> Result<Self, Answer> {
        let bytes = inside.read(path, MOST_BYTES).map_err(|refused| Answer::of_refused(path, refused))?;
        if let Some(why) = inside.linked(path) {
            return Err(Answer::unverified(why));
        }
        let value = json::read(&bytes).map_err(|why| match why {
            NotRead::TooDeep => Answer::unverified(format!("{path} {why}")),
            NotRead::NotJson(_) => Answer::drift(format!("{path} {why}")),
        })?;
        let files =
            Files { inside: inside.share().map_err(|error| Answer::unverified(format!("{error:#}")))? };
        let built = jsonschema::options().with_base_uri(base_uri(path)).with_retriever(files).build(&value);
        match built {
            Ok(validator) => Ok(Self { validator }),
            Err(error) => Err(no_schema(path, &error)),
        }
    }

    /// What of a document the schema does not accept: `at /a/0: …`.
    pub fn violations<'d>(&'d self, document: &'d Value) -> impl Iterator<Item = String> + 'd {
        self.validator.iter_errors(document).map(|error| format!("{}: {error}", place(&error)))
    }
}

fn place(error: &ValidationError) -> String {
    match error.instance_path().as_str() {
        "" => "at the top".to_owned(),
        path => format!("at {path}"),
    }
}

/// Why no validator could be made of the schema.
fn no_schema(path: &str, error: &ValidationError) -> Answer {
    if let ValidationErrorKind::Referencing(reference) = error.kind() {
        let mut cause: Option<&(dyn Error + 'static)> = Some(reference);
        while let Some(error) = cause {
            if let Some(unreachable) = error.downcast_ref::<Unreachable>() {
                return unreachable.answer(path);
            }
            cause = error.source();
        }
        if reference.to_string().contains("Unknown meta-schema") {
            return Answer::unverified(format!("{path}: {reference}"));
        }
        return Answer::drift(format!("{path} is no valid schema: {reference}"));
    }
    Answer::drift(format!("{path} is no valid schema: {}: {error}", place(error)))
}

/// The address of a file, the repository being the root of all `file:` addresses here.
pub fn base_uri(path: &str) -> String {
    format!("file:///{}", encoded(path))
}

/// The file of the repository at an address; `None` of another place.
pub fn path_of(uri: &Uri<String>) -> Option<String> {
    let host = uri.authority().map(|authority| authority.as_str()).unwrap_or_default();
    let is_here = uri.scheme().as_str() == "file" && host.is_empty();
    is_here.then(|| decoded(uri.path().as_str().trim_start_matches('/'))).flatten()
}

/// A path as part of a URI.
fn encoded(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    path.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fn decoded(path: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::new(), path.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = rest.get(..2)?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
        rest = &rest[2..];
    }
    String::from_utf8(bytes).ok()
}

/// Resolves references to files of the repository.
struct Files {
    inside: Arc<Inside>,
}

/// Why what a reference names was not read.
#[derive(Debug)]
enum Unreachable {
    Remote(String),
    Linked(String),
    Refused(String, Refused),
    NotRead(String, NotRead),
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Remote(uri) => write!(f, "{uri} is on the network"),
            Self::Linked(why) => write!(f, "{why}"),
            Self::Refused(path, _) => write!(f, "{path} cannot be read"),
            Self::NotRead(path, why) => write!(f, "{path} {why}"),
        }
    }
}

impl Error for Unreachable {}

impl Unreachable {
    fn answer(&self, of: &str) -> Answer {
        match self {
            Self::Remote(uri) => Answer::unverified(format!(
                "{of} refers to {uri}, and nothing is fetched; keep a copy in the repository and refer to it by its path"
            )),
            Self::Linked(why) => Answer::unverified(format!("{of} refers to a file behind a link: {why}")),
            Self::Refused(path, refused) => match Answer::of_refused(path, refused.clone()) {
                Answer::Drift { reason, .. } => Answer::drift(format!("{of} refers to {path}: {reason}")),
                other => other,
            },
            Self::NotRead(_, NotRead::TooDeep) => {
                Answer::unverified(format!("{of} refers to a file that is not read: {self}"))
            }
            Self::NotRead(..) => Answer::drift(format!("{of} refers to a file that is no schema: {self}")),
        }
    }
}

impl Retrieve for Files {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn Error + Send + Sync>> {
        let Some(path) = path_of(uri) else { return Err(Unreachable::Remote(uri.to_string()).into()) };
        let bytes = self
            .inside
            .read(&path, MOST_BYTES)
            .map_err(|refused| Unreachable::Refused(path.clone(), refused))?;
        if let Some(why) = self.inside.linked(&path) {
            return Err(Unreachable::Linked(why).into());
        }
        Ok(json::read(&bytes).map_err(|why| Unreachable::NotRead(path, why))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn load(files: &[(&str, &str)]) -> (tempfile::TempDir, Result<Schema, Answer>) {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            std::fs::create_dir_all(root.path().join(path).parent().unwrap()).unwrap();
            std::fs::write(root.path().join(path), text).unwrap();
        }
        let schema = Schema::of_folder(root.path(), files[0].0).unwrap();
        (root, schema)
    }

    fn reason(files: &[(&str, &str)]) -> (bool, String) {
        match load(files).1.unwrap_err() {
            Answer::Drift { reason, .. } => (true, reason),
            Answer::Unverified { reason, .. } => (false, reason),
            Answer::Holds(_) => panic!(),
        }
    }

    #[test]
    fn violations_name_the_place() {
        let (_root, schema) = load(&[(
            "s.json",
            r#"{"type":"object","properties":{"n":{"items":{"type":"integer"}}},"required":["id"]}"#,
        )]);
        let schema = schema.unwrap();
        let document = json!({"n": [1, "x"]});
        let all: Vec<String> = schema.violations(&document).collect();
        assert_eq!(all.len(), 2, "{all:?}");
        assert!(all.iter().any(|text| text.starts_with("at /n/1: ")), "{all:?}");
        assert!(all.iter().any(|text| text.starts_with("at the top: ") && text.contains("id")), "{all:?}");
    }

    #[test]
    fn references_are_followed_inside_the_repository_only() {
        let (_root, schema) = load(&[
            ("schema/a b.json", r##"{"$ref": "parts/row%20x.json#/$defs/row"}"##),
            ("schema/parts/row x.json", r##"{"$defs": {"row": {"$ref": "../../id.json"}}}"##),
            ("id.json", r#"{"type": "string"}"#),
        ]);
        let schema = schema.unwrap();
        assert_eq!((schema.violations(&json!("x")).count(), schema.violations(&json!(1)).count()), (0, 1));
        let (drift, why) = reason(&[("a.json", r#"{"$ref": "https://example.invalid/x.json"}"#)]);
        assert!(!drift && why.contains("https://example.invalid/x.json"), "{why}");
        let (drift, why) = reason(&[("a.json", r#"{"$ref": "../../../../etc/hostname"}"#)]);
        assert!(drift && why.contains("there is no file etc/hostname"), "{why}");
        let (drift, why) = reason(&[("a.json", r#"{"$ref": "b.json"}"#), ("b.json", "{")]);
        assert!(drift && why.contains("b.json is not JSON"), "{why}");
    }

    #[test]
    fn what_is_no_schema_is_drift_with_its_place() {
        let (drift, why) = reason(&[("a.json", r#"{"properties": {"n": {"type": "nonsense"}}}"#)]);
        assert!(drift && why.contains("at /properties/n/type"), "{why}");
        let (drift, why) = reason(&[("a.json", "{\n  oops")]);
        assert!(drift && why.contains("line 2"), "{why}");
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        for files in [vec![("a.json", &*deep)], vec![("a.json", r#"{"$ref": "b.json"}"#), ("b.json", &deep)]]
        {
            let (drift, why) = reason(&files);
            assert!(!drift && why.contains("nested deeper"), "{why}");
        }
        let (drift, why) = reason(&[("a.json", r##"{"$ref": "#/$defs/nowhere"}"##)]);
        assert!(drift && why.contains("nowhere"), "{why}");
        let (drift, why) = reason(&[("a.json", r#"{"$schema": "https://example.invalid/draft"}"#)]);
        assert!(!drift, "{why}");
    }
}
