//! Whose line it is, seen from its first hundred bytes, so that only what is folded together is parsed
//! together.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use memchr::memmem;
use serde_json::Value;

use crate::storage::notes::Note;
use crate::types::event::{Event, Line, SubjectKind};

/// Operations that speak of their own item alone; any other may tie it to others.
const OF_ONE: [&[u8]; 7] = [b"add", b"seen", b"set", b"attach", b"close", b"reopen", b"promoted"];

/// A line about an item.
pub struct Placed<'n> {
    pub note: u32,
    pub raw: &'n [u8],
    pub item: Cow<'n, str>,
}

/// The lines of all notes, and which items cannot be folded with their note alone.
#[derive(Default)]
pub struct Scan<'n> {
    /// In order of note.
    pub placed: Vec<Placed<'n>>,
    /// Items in several notes, and those an event ties to others.
    pub spread: HashSet<Cow<'n, str>>,
    /// Lines that are about no item, or cannot be read.
    pub others: Vec<Line>,
    /// In which note each item was met first.
    homes: HashMap<Cow<'n, str>, u32>,
}

impl<'n> Scan<'n> {
    pub fn of(notes: &'n [Note]) -> Self {
        let mut scan = Self::default();
        for (at, note) in notes.iter().enumerate() {
            // Four billion notes would not fit into memory.
            let at = at as u32;
            for raw in note.lines() {
                match envelope(raw) {
                    Some((item, op)) if OF_ONE.contains(&op) => scan.place(at, raw, item.into()),
                    _ => scan.read(at, note, raw),
                }
            }
        }
        scan.homes = HashMap::new();
        scan
    }

    fn place(&mut self, note: u32, raw: &'n [u8], item: Cow<'n, str>) {
        let home = *self.homes.entry(item.clone()).or_insert(note);
        if home != note {
            self.spread.insert(item.clone());
        }
        self.placed.push(Placed { note, raw, item });
    }

    /// A line that is not as this tool begins it, or that may tie items.
    fn read(&mut self, at: u32, note: &'n Note, raw: &'n [u8]) {
        let line = note.line(raw);
        let Ok(Event { subject: Some((SubjectKind::Item, item)), op, fields, .. }) = &line.read else {
            self.others.push(line);
            return;
        };
        if !OF_ONE.contains(&op.as_bytes()) {
            self.spread.insert(item.clone().into());
            let mut named = Vec::new();
            fields.values().for_each(|value| texts(value, &mut named));
            self.spread.extend(named.into_iter().map(|text| text.to_owned().into()));
        }
        self.place(at, raw, item.clone().into());
    }
}

fn texts<'v>(value: &'v Value, into: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => into.push(text),
        Value::Array(list) => list.iter().for_each(|value| texts(value, into)),
        Value::Object(object) => object.values().for_each(|value| texts(value, into)),
        _ => {}
    }
}

/// Item and operation of a line that begins as this tool writes it; `None` where it does not, where
/// something in them is escaped, or where a key further on may say otherwise.
fn envelope(raw: &[u8]) -> Option<(&str, &[u8])> {
    let rest = raw.strip_prefix(b"{\"id\":\"")?.get(26..)?.strip_prefix(b"\",\"v\":")?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (item, rest) = word(rest[digits..].strip_prefix(b",\"item\":\"")?)?;
    let (op, rest) = word(rest.strip_prefix(b",\"op\":\"")?)?;
    let again = [&b"\"item\""[..], b"\"op\"", b"\\u"];
    if again.iter().any(|text| memmem::find(rest, text).is_some()) {
        return None;
    }
    Some((std::str::from_utf8(item).ok()?, op))
}

/// A text up to its closing quote, and what comes behind.
fn word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
    (text[end] == b'"').then(|| (&text[..end], &text[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::envelope;

    #[test]
    fn only_what_begins_as_written_by_this_tool_is_seen_at_a_glance() {
        let line =
            br#"{"id":"01JD0000000000000000000000","v":1,"item":"fb-x","op":"add","t":"x","title":"a"}"#;
        assert_eq!(envelope(line), Some(("fb-x", &b"add"[..])));
        for other in [
            &br#"{"id":"01JD0000000000000000000000","v":1,"item":"fb-\u0078","op":"add"}"#[..],
            br#"{"id":"01JD0000000000000000000000","item":"fb-x","v":1,"op":"add"}"#,
            br#"{"id":"01JD","v":1,"item":"fb-x","op":"add"}"#,
            br#"{"id":"01JD0000000000000000000000","v":1,"op":"batch"}"#,
            br#"{"id":"01JD0000000000000000000000","v":1,"item":"fb-x","op":"add","item":"fb-y"}"#,
            b"plain words",
            b"",
        ] {
            assert_eq!(envelope(other), None);
        }
    }
}
