//! Entries spliced into a TOML text, everything else kept as the person wrote it, byte for byte.

use std::fmt::Write;
use std::ops::Range;

use toml_edit::{Item, Table, TableLike, Value};

use super::{decode, document};
use crate::types::problem::{Problem, Problems};

/// Keys with their values as TOML, in the order they are written.
pub type Lines<'a> = [(&'a str, String)];

/// Add one `[[name]]` of these lines after the last one, or at the end.
pub fn add_table(file: &str, text: &str, name: &str, lines: &Lines) -> Result<String, Problems> {
    let body = decode(file, text.as_bytes())?;
    let document = document(file, body)?;
    let item = document.as_table().get(name);
    let (at, block) = match item {
        Some(Item::Value(Value::Array(array))) => inline_block(array, body, lines),
        Some(Item::ArrayOfTables(tables)) => {
            let last = tables.iter().last().map_or(body.len(), |table| end_of_block(table, body));
            (last, table_block(name, body, last, lines))
        }
        Some(item) => {
            let span = item.span().unwrap_or(0..0);
            let message = format!("`{name}` must be written as [[{name}]]");
            return Err(Problem::at(file, body, span, message).into());
        }
        None => (body.len(), table_block(name, body, body.len(), lines)),
    };
    Ok(spliced(text, body, vec![(at..at, block)]))
}

/// Give the entry of `[[name]]` with this id these values: a key that is there gets the new value in its
/// place, the others come behind the last one.
///
/// # Errors
/// A text that is no TOML, or has no such entry.
pub fn set_in_table(file: &str, text: &str, name: &str, id: &str, lines: &Lines) -> Result<String, Problems> {
    let body = decode(file, text.as_bytes())?;
    let document = document(file, body)?;
    let of_id = |table: &dyn TableLike| table.get("id").and_then(Item::as_str) == Some(id);
    let mut edits = Vec::new();
    match document.as_table().get(name) {
        Some(Item::ArrayOfTables(tables)) => {
            if let Some(table) = tables.iter().find(|table| of_id(*table)) {
                let last = table.iter().filter_map(|(_, item)| Some(item.span()?.end)).max().unwrap_or(0);
                let at = end_of_line(body, last);
                let mut block = if body[..at].ends_with('\n') { String::new() } else { "\n".to_owned() };
                for (key, value) in replaced(table, lines, &mut edits) {
                    // Writing to a String cannot fail.
                    let _ = writeln!(block, "{key} = {value}");
                }
                edits.push((at..at, block));
            }
        }
        Some(Item::Value(Value::Array(array))) => {
            let tables = array.iter().filter_map(Value::as_inline_table);
            if let Some(table) = tables.into_iter().find(|table| of_id(*table)) {
                let last = table.iter().filter_map(|(_, value)| Some(value.span()?.end)).max().unwrap_or(0);
                let mut block = String::new();
                for (key, value) in replaced(table, lines, &mut edits) {
                    let _ = write!(block, ", {key} = {value}");
                }
                edits.push((last..last, block));
            }
        }
        _ => {}
    }
    if edits.is_empty() {
        return Err(Problem::at(file, body, 0..0, format!("no [[{name}]] has the id {id:?}")).into());
    }
    Ok(spliced(text, body, edits))
}

/// Note the edits of keys that are there; the lines whose keys are not.
fn replaced<'l>(
    table: &dyn TableLike,
    lines: &'l Lines<'l>,
    edits: &mut Vec<(Range<usize>, String)>,
) -> Vec<&'l (&'l str, String)> {
    let mut fresh = Vec::new();
    for line in lines {
        match table.get(line.0).and_then(Item::span) {
            Some(span) => edits.push((span, line.1.clone())),
            None => fresh.push(line),
        }
    }
    fresh
}

/// The text with these stretches of its body replaced, in the line ends it has.
fn spliced(text: &str, body: &str, mut edits: Vec<(Range<usize>, String)>) -> String {
    let mark = text.len() - body.len();
    edits.sort_by_key(|(range, _)| range.start);
    let mut edited = text.to_owned();
    for (range, block) in edits.into_iter().rev() {
        let block = if body.contains("\r\n") { block.replace('\n', "\r\n") } else { block };
        edited.replace_range(mark + range.start..mark + range.end, &block);
    }
    edited
}

/// `wanted`, or with a number behind it where one of the tables has it as its `id`.
pub fn free_id(item: Option<&Item>, wanted: &str) -> String {
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

fn table_block(name: &str, body: &str, at: usize, lines: &[(&str, String)]) -> String {
    let mut block = String::new();
    if at > 0 && !body[..at].ends_with('\n') {
        block.push('\n');
    }
    if !body[..at].trim_end_matches('\r').is_empty() {
        block.push('\n');
    }
    // Writing to a String cannot fail.
    let _ = writeln!(block, "[[{name}]]");
    for (key, value) in lines {
        let _ = writeln!(block, "{key} = {value}");
    }
    block
}

/// The entry as an inline table, for a file that writes `name = [{ … }]`.
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
