//! Edits of an intent file that keep everything else as the person wrote it, byte for byte.
//!
//! The text is spliced at places the parser gives: comments, order, line ends and a byte-order mark
//! are never printed anew.

use std::collections::BTreeMap;
use std::fmt::Write;

use toml_edit::Value;

use super::{Acceptance, Anchor, Compare, Red, SCHEMA};
use crate::types::problem::Problems;
use crate::types::toml::{add_table, decode, document, free_id, quoted, quoted_lines};

/// A file with one more acceptance check, and the id the check got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Added {
    pub text: String,
    pub id: String,
}

/// Add an acceptance check after the last one. An id already taken gets a number.
pub fn add_acceptance(file: &str, text: &str, new: &Acceptance) -> Result<Added, Problems> {
    let body = decode(file, text.as_bytes())?;
    let document = document(file, body)?;
    let id = free_id(document.as_table().get("acceptance"), &new.id);
    let text = add_table(file, text, "acceptance", &entries(&id, new))?;
    Ok(Added { text, id })
}

/// The file `new` writes: valid at once, with a few lines of guidance.
pub fn fresh(title: &str, outcome: &str, rationale: Option<&str>) -> String {
    let mut text =
        format!("schema  = {SCHEMA}\ntitle   = {}\noutcome = {}\n", quoted(title), quoted(outcome));
    if let Some(rationale) = rationale {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "rationale = {}", quoted_lines(rationale));
    }
    text.push_str(GUIDANCE);
    text
}

pub(super) const GUIDANCE: &str = r##"
# Optional, above the first table:
# out-of-scope = ["what this does not do"]

# What bounds the way there; `check` names the acceptance check that holds it up.
# [[constraint]]
# id = "quiet"
# kind = "ux"                # security, performance, ux, budget, time, compatibility, input
# text = "Nothing is printed when nothing went wrong."
# check = "example"

# How one will know: each hangs on one of test, run, fixtures, http, signal, inspect.
# [[acceptance]]
# id = "example"
# text = "WHEN the tool is asked for its version THE tool SHALL print it"
# run = "my-tool --version"
# stdout = "1."
"##;

/// The keys of a check with their values as TOML, in the order people write them.
pub(super) fn entries(id: &str, new: &Acceptance) -> Vec<(&'static str, String)> {
    let mut lines = vec![("id", quoted(id))];
    let mut text = |key, value: &Option<String>| {
        if let Some(value) = value {
            lines.push((key, quoted(value)));
        }
    };
    text("text", &new.text);
    match &new.anchor {
        Anchor::Missing => {}
        Anchor::Test { name } => text("test", &Some(name.clone())),
        Anchor::Inspect { question } => text("inspect", &Some(question.clone())),
        Anchor::Run(run) => {
            text("run", &Some(run.command.clone()));
            text("stdin", &run.stdin);
            text("stdout", &run.stdout);
            text("stderr", &run.stderr);
            text("dir", &run.dir);
            if run.exit != 0 {
                lines.push(("exit", run.exit.to_string()));
            }
            lines.extend(map("env", &run.env));
        }
        Anchor::Fixtures(fixtures) => {
            text("fixtures", &Some(fixtures.command.clone()));
            let compare = match fixtures.compare {
                Compare::Exact => None,
                Compare::Text => Some("text".to_owned()),
                Compare::Json => Some("json".to_owned()),
            };
            text("compare", &compare);
            text("case", &fixtures.case);
        }
        Anchor::Http(http) => {
            text("http", &Some(format!("{} {}", http.method, http.path)));
            text("body", &http.body);
            text("contains", &http.contains);
            text("schema", &http.schema);
            lines.push(("status", http.status.to_string()));
            lines.extend(map("headers", &http.headers));
        }
        Anchor::Signal { name, max } => {
            text("signal", &Some(name.clone()));
            lines.extend(max.map(|max| ("max", Value::from(max).to_string())));
        }
    }
    lines.extend(rest(new));
    lines
}

fn rest(new: &Acceptance) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    match new.red {
        Red::Assertion => {}
        Red::Build => lines.push(("red", quoted("build"))),
        Red::None => lines.push(("red", quoted("none"))),
    }
    if let Some(origin) = &new.origin {
        lines.push(("origin", quoted(origin)));
    }
    if let Some(timeout) = new.timeout {
        lines.push(("timeout", quoted(&format!("{}ms", timeout.as_millis()))));
    }
    if let Some(mutant) = &new.mutant {
        let fields = [("file", &mutant.file), ("find", &mutant.find), ("replace", &mutant.replace)];
        let fields = fields.map(|(key, value)| format!("{key} = {}", quoted(value)));
        lines.push(("mutant", format!("{{ {} }}", fields.join(", "))));
    }
    lines
}

fn map(key: &'static str, map: &BTreeMap<String, String>) -> Option<(&'static str, String)> {
    let fields: Vec<String> =
        map.iter().map(|(name, value)| format!("{} = {}", quoted(name), quoted(value))).collect();
    (!fields.is_empty()).then(|| (key, format!("{{ {} }}", fields.join(", "))))
}

#[cfg(test)]
#[path = "edit_tests.rs"]
mod tests;
