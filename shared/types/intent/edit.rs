//! Edits of an intent file that keep everything else as the person wrote it, byte for byte.
//!
//! The text is spliced at places the parser gives: comments, order, line ends and a byte-order mark
//! are never printed anew.

use std::collections::BTreeMap;
use std::fmt::Write;

use toml_edit::{Item, Table, TableLike, Value};

use super::{Acceptance, Anchor, Compare, Red, SCHEMA};
use crate::types::problem::{Problem, Problems};
use crate::types::toml::{decode, document, quoted, quoted_lines};

/// A file with one more acceptance check, and the id the check got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Added {
    pub text: String,
    pub id: String,
}

/// Add an acceptance check after the last one. An id already taken gets a number.
pub fn add_acceptance(file: &str, text: &str, new: &Acceptance) -> Result<Added, Problems> {
    let body = decode(file, text.as_bytes())?;
    let mark = text.len() - body.len();
    let document = document(file, body)?;
    let item = document.as_table().get("acceptance");
    let id = free_id(item, &new.id);
    let lines = entries(&id, new);
    let (at, block) = match item {
        Some(Item::Value(Value::Array(array))) => inline_block(array, body, &lines),
        Some(Item::ArrayOfTables(tables)) => {
            let last = tables.iter().last().map_or(body.len(), |table| end_of_block(table, body));
            (last, table_block(body, last, &lines))
        }
        Some(_) => {
            let span = item.and_then(Item::span).unwrap_or(0..0);
            return Err(
                Problem::at(file, body, span, "`acceptance` must be written as [[acceptance]]").into()
            );
        }
        None => (body.len(), table_block(body, body.len(), &lines)),
    };
    let block = if body.contains("\r\n") { block.replace('\n', "\r\n") } else { block };
    let mut edited = text.to_owned();
    edited.insert_str(mark + at, &block);
    Ok(Added { text: edited, id })
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

fn free_id(item: Option<&Item>, wanted: &str) -> String {
    let mut taken = Vec::new();
    let mut take = |table: &dyn TableLike| {
        taken.extend(table.get("id").and_then(Item::as_str).map(str::to_owned));
    };
    match item {
        Some(Item::ArrayOfTables(tables)) => tables.iter().for_each(|table| take(table)),
        Some(Item::Value(Value::Array(array))) => {
            array.iter().filter_map(Value::as_inline_table).for_each(|table| take(table));
        }
        _ => {}
    }
    let numbered = (2..).map(|number| format!("{wanted}-{number}"));
    let mut candidates = std::iter::once(wanted.to_owned()).chain(numbered);
    candidates.find(|id| !taken.contains(id)).unwrap_or_else(|| wanted.to_owned())
}

/// The last byte of a block: its values, its tables, and comment lines that lean on them.
fn end_of_block(table: &Table, body: &str) -> usize {
    let mut end = 0;
    extend(&mut end, table);
    let mut end = end_of_line(body, end);
    // Comment lines right below belong to the block, unless they stand right above the next header.
    let mut below = end;
    while body[below..].trim_start_matches([' ', '\t']).starts_with('#') {
        below = end_of_line(body, below);
    }
    if !body[below..].trim_start_matches([' ', '\t']).starts_with('[') {
        end = below;
    }
    end
}

fn extend(end: &mut usize, table: &Table) {
    *end = (*end).max(table.span().map_or(0, |span| span.end));
    for (_, item) in table {
        match item {
            Item::Table(table) => extend(end, table),
            Item::ArrayOfTables(tables) => tables.iter().for_each(|table| extend(end, table)),
            item => *end = (*end).max(item.span().map_or(0, |span| span.end)),
        }
    }
}

fn end_of_line(body: &str, at: usize) -> usize {
    body[at..].find('\n').map_or(body.len(), |newline| at + newline + 1)
}

fn table_block(body: &str, at: usize, lines: &[(&str, String)]) -> String {
    let mut block = String::new();
    if at > 0 && !body[..at].ends_with('\n') {
        block.push('\n');
    }
    if !body[..at].trim_end_matches('\r').is_empty() {
        block.push('\n');
    }
    block.push_str("[[acceptance]]\n");
    for (key, value) in lines {
        // Writing to a String cannot fail.
        let _ = writeln!(block, "{key} = {value}");
    }
    block
}

/// The check as an inline table, for a file that writes `acceptance = [{ … }]`.
fn inline_block(array: &toml_edit::Array, body: &str, lines: &[(&str, String)]) -> (usize, String) {
    let fields: Vec<String> = lines.iter().map(|(key, value)| format!("{key} = {value}")).collect();
    let table = format!("{{ {} }}", fields.join(", "));
    match array.iter().last().and_then(Value::span) {
        None => (array.span().map_or(body.len(), |span| span.start + 1), table),
        Some(last) => {
            let start = body[..last.start].rfind('\n').map_or(0, |at| at + 1);
            let indent = &body[start..last.start];
            // An element on a line of its own is followed by one on a line of its own.
            let own_line = start > 0 && indent.trim().is_empty();
            let between = if own_line { format!(",\n{indent}") } else { ", ".to_owned() };
            (last.end, format!("{between}{table}"))
        }
    }
}

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
