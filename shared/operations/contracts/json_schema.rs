//! `json-schema`: the schema is one, and what it describes still satisfies it.
//!
//! Held against it are the files of `examples`, and what the cases of the intent expect
//! (`expected.json`; `expected.jsonl` and `.ndjson` line by line). Where an intent has several
//! contracts of this kind, one with `examples` is held against those alone: each then describes
//! something else.

pub mod json;
mod schema;

use super::{Answer, Ground, difference};
use crate::storage::inside::Refused;
use crate::types::intent::{Anchor, ContractKind, Intent};

use json::NotRead;
pub use schema::Schema;

/// How many violations are shown.
const SHOWN: usize = 20;

/// A file to be held against a schema, and what came of it.
#[derive(Default)]
struct Held {
    count: usize,
    violations: Vec<String>,
    unread: Vec<String>,
}

pub fn answer(ground: &Ground, intent: &Intent, path: &str, examples: Option<&str>) -> Answer {
    let schema = match Schema::load(ground, path) {
        Ok(schema) => schema,
        Err(answer) => return answer,
    };
    let mut held = Held::default();
    if let Some(glob) = examples {
        match ground.files_of(glob) {
            Ok(files) => files.iter().for_each(|file| held.file(ground, &schema, file)),
            Err(Answer::Drift { reason, .. }) => held.violations.push(format!("examples: {reason}")),
            Err(Answer::Unverified { reason, .. }) => held.unread.push(format!("examples: {reason}")),
            Err(Answer::Holds(_)) => {}
        }
    }
    if examples.is_none() || schemas(intent) == 1 {
        match expected(ground, &intent.slug) {
            Ok(files) => files.iter().for_each(|file| held.file(ground, &schema, file)),
            Err(refused) => {
                held.unread.push(format!("intents/{} cannot be listed: {refused:?}", intent.slug))
            }
        }
    }
    held.answer(intent, path)
}

fn schemas(intent: &Intent) -> usize {
    let kinds = intent.contracts.iter().map(|contract| &contract.kind);
    kinds.filter(|kind| matches!(kind, ContractKind::JsonSchema { .. })).count()
}

/// What the cases of an intent expect, where that is JSON.
fn expected(ground: &Ground, slug: &str) -> Result<Vec<String>, Refused> {
    let folder = format!("intents/{slug}");
    let mut files = Vec::new();
    for case in ground.inside.folders(&folder)? {
        for name in ["expected.json", "expected.jsonl", "expected.ndjson"] {
            let file = format!("{folder}/{case}/{name}");
            if ground.inside.look(&file).is_ok() {
                files.push(file);
            }
        }
    }
    Ok(files)
}

impl Held {
    fn file(&mut self, ground: &Ground, schema: &Schema, path: &str) {
        let bytes = match ground.read_matched(path) {
            Ok(bytes) => bytes,
            Err(Answer::Unverified { reason, .. }) => return self.unread.push(reason),
            Err(Answer::Drift { reason, .. }) => return self.violations.push(reason),
            Err(Answer::Holds(_)) => return,
        };
        // A case that ends with an error may rightly print nothing.
        let is_expected = path.rsplit('/').next().is_some_and(|name| name.starts_with("expected."));
        if is_expected && bytes.trim_ascii().is_empty() {
            return;
        }
        let is_lines = path.ends_with(".jsonl") || path.ends_with(".ndjson");
        if !is_lines {
            return self.document(schema, path, &bytes);
        }
        for (at, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            if !line.trim_ascii().is_empty() {
                self.document(schema, &format!("{path}:{}", at + 1), line);
            }
        }
    }

    fn document(&mut self, schema: &Schema, place: &str, bytes: &[u8]) {
        self.count += 1;
        match json::read(bytes) {
            Ok(value) => {
                self.violations.extend(schema.violations(&value).map(|text| format!("{place}: {text}")));
            }
            Err(NotRead::TooDeep) => self.unread.push(format!("{place} {}", NotRead::TooDeep)),
            Err(NotRead::NotJson(why)) => self.violations.push(format!("{place}: not JSON: {why}")),
        }
    }

    fn answer(self, intent: &Intent, path: &str) -> Answer {
        let count = self.violations.len();
        if count > 0 {
            let mut shown: Vec<String> = self.violations;
            if count > SHOWN {
                shown.truncate(SHOWN);
                shown.push(format!("… {} more", count - SHOWN));
            }
            let said = if count == 1 { "1 violation".to_owned() } else { format!("{count} violations") };
            return Answer::drift(format!("{said} of {path}")).detail(shown.join("\n"));
        }
        if let Some(first) = self.unread.first() {
            return Answer::unverified(first).detail(difference::shown(&self.unread[1..].join("\n")));
        }
        if self.count == 0 && !asked_of_answers(intent, path) {
            let reason = "the schema is one, but nothing is held against it: give `examples`, or cases with expected.json";
            return Answer::unverified(reason);
        }
        Answer::holds()
    }
}

/// Whether an http check of the intent holds its answer against this schema.
fn asked_of_answers(intent: &Intent, path: &str) -> bool {
    intent
        .acceptance
        .iter()
        .any(|check| matches!(&check.anchor, Anchor::Http(http) if http.schema.as_deref() == Some(path)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::intent::parse::parse;

    #[test]
    fn lines_of_which_there_are_none_are_held_against_nothing() {
        let root = tempfile::tempdir().unwrap();
        let text = "schema = 1\ntitle = \"t\"\noutcome = \"o\"\n[[contract]]\nid = \"c\"\nkind = \"json-schema\"\npath = \"a.json\"\nexamples = \"rows.jsonl\"\n";
        let intent = parse("x", "intents/x.toml", text.as_bytes()).unwrap().intent;
        std::fs::write(root.path().join("a.json"), r#"{"type": "number"}"#).unwrap();
        let ground = Ground::open(root.path()).unwrap();
        let told = |rows: &str| {
            std::fs::write(root.path().join("rows.jsonl"), rows).unwrap();
            answer(&ground, &intent, "a.json", Some("rows.jsonl"))
        };
        assert!(matches!(told("\n \n"), Answer::Unverified { .. }));
        assert_eq!(told("1\n\n2\n"), Answer::holds());
        assert!(matches!(told("1\n\"x\"\n"), Answer::Drift { .. }));
        let deep = format!("1\n{}{}\n", "[".repeat(200), "]".repeat(200));
        let why = "rows.jsonl:2 is nested deeper than the 127 levels this tool reads";
        assert_eq!(told(&deep), Answer::unverified(why));
        assert!(matches!(told(&format!("\"x\"\n{deep}")), Answer::Drift { .. }));
    }
}
