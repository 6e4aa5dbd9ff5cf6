//! One immutable JSON object on one line: the unit everything is recorded in.
//!
//! Order of keys: `id` (a ULID, so that sorted lines read in time order), `v` (format version), the
//! subject (`item`, `release` or `slug`), `op`, `t` (RFC 3339, the true time as reported), the rest.

pub mod glance;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use serde::Deserializer;
use serde::de::{MapAccess, Visitor};
use serde_json::{Map, Value};

use super::id;

/// The version of the event format written here.
pub const VERSION: u64 = 1;

/// The most bytes one event's line may have.
pub const MAX_LINE_BYTES: usize = 4096;

/// What an event is about; where its note hangs proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SubjectKind {
    Item,
    Release,
    Slug,
}

impl SubjectKind {
    pub const ALL: [Self; 3] = [Self::Item, Self::Release, Self::Slug];

    pub fn key(self) -> &'static str {
        match self {
            Self::Item => "item",
            Self::Release => "release",
            Self::Slug => "slug",
        }
    }
}

/// Whether it may name a subject. Names are shown, and stand in commands to be copied, so nothing in one may act
/// on a terminal or in a shell.
pub fn is_name(name: &str) -> bool {
    (1..=100).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.+".contains(&byte))
}

/// One event. Unknown fields are kept in `fields`, in the order read.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub id: String,
    pub v: u64,
    /// `None` for a `batch`, whose members carry their own subjects.
    pub subject: Option<(SubjectKind, String)>,
    pub op: String,
    /// RFC 3339 as reported, which may be far from the time in the id.
    pub t: String,
    pub fields: Map<String, Value>,
}

impl Event {
    /// A new event of now; `newest` is the newest id known of the subject.
    pub fn now(kind: SubjectKind, subject: &str, op: &str, newest: Option<&str>) -> Self {
        let now_ms = id::now_ms();
        Self {
            id: id::event_id(now_ms, newest, now_ms),
            v: VERSION,
            subject: Some((kind, subject.to_owned())),
            op: op.to_owned(),
            t: Timestamp::now().round(jiff::Unit::Millisecond).unwrap_or(Timestamp::UNIX_EPOCH).to_string(),
            fields: Map::new(),
        }
    }

    /// Add a field; an empty string, an empty list and null are left out.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        let empty = match &value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(list) => list.is_empty(),
            _ => false,
        };
        if !empty {
            self.fields.insert(key.to_owned(), value);
        }
        self
    }

    pub fn text(&self, key: &str) -> Option<&str> {
        self.fields.get(key)?.as_str()
    }

    pub fn count(&self, key: &str) -> Option<u64> {
        self.fields.get(key)?.as_u64()
    }

    /// The strings of a list field; anything else in the list is left out.
    pub fn texts(&self, key: &str) -> Vec<&str> {
        let list = self.fields.get(key).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// Whether the event is about this subject.
    pub fn is_about(&self, kind: SubjectKind, name: &str) -> bool {
        matches!(&self.subject, Some((k, n)) if *k == kind && n == name)
    }

    /// The line without its newline.
    pub fn line(&self) -> String {
        let mut object = Map::new();
        object.insert("id".into(), self.id.clone().into());
        object.insert("v".into(), self.v.into());
        if let Some((kind, name)) = &self.subject {
            object.insert(kind.key().into(), name.clone().into());
        }
        object.insert("op".into(), self.op.clone().into());
        object.insert("t".into(), self.t.clone().into());
        object.extend(self.fields.clone());
        Value::Object(object).to_string()
    }

    /// Read one line. The error says in words what is wrong with it; the caller keeps the line.
    pub fn parse(line: &[u8]) -> Result<Self, String> {
        let mut reader = serde_json::Deserializer::from_slice(line);
        let parts =
            reader.deserialize_map(PartsVisitor).map_err(|error| format!("not a JSON object: {error}"))?;
        reader.end().map_err(|error| format!("not a JSON object: {error}"))?;
        parts.event()
    }

    /// Read an event that is already an object.
    pub fn from_object(object: Map<String, Value>) -> Result<Self, String> {
        let mut parts = Parts::default();
        object.into_iter().for_each(|(key, value)| parts.take(key.into(), value));
        parts.event()
    }
}

/// An event's keys as they come: the envelope apart from the rest, whose order stays.
#[derive(Default)]
struct Parts {
    id: Option<Value>,
    v: Option<Value>,
    op: Option<Value>,
    t: Option<Value>,
    rest: Map<String, Value>,
}

impl Parts {
    /// Where the value of one of the envelope's keys goes.
    fn envelope(&mut self, key: &str) -> Option<&mut Option<Value>> {
        match key {
            "id" => Some(&mut self.id),
            "v" => Some(&mut self.v),
            "op" => Some(&mut self.op),
            "t" => Some(&mut self.t),
            _ => None,
        }
    }

    fn take(&mut self, key: Cow<'_, str>, value: Value) {
        match self.envelope(&key) {
            Some(place) => *place = Some(value),
            None => drop(self.rest.insert(key.into_owned(), value)),
        }
    }

    fn event(mut self) -> Result<Event, String> {
        let id = text(self.id, "id")?;
        if id::time_ms(&id).is_none() {
            return Err(format!("id {id:?} is not a ULID"));
        }
        let v = self.v.and_then(|v| v.as_u64()).ok_or("no format version `v`")?;
        // An item's event may name a release as well: then that is a field.
        let kind =
            SubjectKind::ALL.into_iter().find(|kind| self.rest.get(kind.key()).is_some_and(Value::is_string));
        let subject = match kind.map(|kind| (kind, self.rest.shift_remove(kind.key()))) {
            Some((kind, Some(Value::String(name)))) => Some((kind, name)),
            _ => None,
        };
        if let Some((kind, name)) = subject.as_ref().filter(|(_, name)| !is_name(name)) {
            return Err(format!("`{}` is no name: {name:?}", kind.key()));
        }
        Ok(Event { id, v, subject, op: text(self.op, "op")?, t: text(self.t, "t")?, fields: self.rest })
    }
}

fn text(value: Option<Value>, key: &str) -> Result<String, String> {
    match value {
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(format!("`{key}` is not a string")),
        None => Err(format!("no `{key}`")),
    }
}

/// A key, borrowed from the line where nothing in it is escaped.
#[derive(serde::Deserialize)]
struct Key<'k>(#[serde(borrow)] Cow<'k, str>);

struct PartsVisitor;

impl<'de> Visitor<'de> for PartsVisitor {
    type Value = Parts;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parts, A::Error> {
        let mut parts = Parts::default();
        while let Some(Key(key)) = map.next_key()? {
            parts.take(key, map.next_value()?);
        }
        Ok(parts)
    }
}

/// One line of a note as it was found: read, or kept with the reason it could not be.
#[derive(Clone, Debug)]
pub struct Line {
    /// The commit the note hangs on, in hexadecimal; shared by the lines of a note.
    pub commit: Arc<str>,
    /// Without its newline; a part of the note, not a copy.
    pub raw: Bytes,
    pub read: Result<Event, String>,
}

impl Line {
    pub fn new(commit: impl Into<Arc<str>>, raw: &[u8]) -> Self {
        Self { commit: commit.into(), raw: Bytes::copy_from_slice(raw), read: Event::parse(raw) }
    }

    /// A line that lies in `note`.
    pub fn part(commit: &Arc<str>, note: &Bytes, raw: &[u8]) -> Self {
        Self { commit: Arc::clone(commit), raw: note.slice_ref(raw), read: Event::parse(raw) }
    }
}

/// The readable events of `lines` in order of id, with the commit each hangs on; the same line on
/// two commits counts once. A second event with the id of another but other bytes is kept as well.
pub fn in_order(lines: &[Line]) -> Vec<(&Event, &str)> {
    let mut events: Vec<(u128, &Event, &Line)> = lines
        .iter()
        .filter_map(|line| line.read.as_ref().ok().map(|event| (id::order(&event.id), event, line)))
        .collect();
    // Equal lines on two commits are told apart, so that the order of reading plays no part.
    events.sort_unstable_by(|(a, _, left), (b, _, right)| {
        a.cmp(b).then_with(|| left.raw.cmp(&right.raw)).then_with(|| left.commit.cmp(&right.commit))
    });
    events.dedup_by(|(a, _, left), (b, _, right)| a == b && left.raw == right.raw);
    events.into_iter().map(|(_, event, line)| (event, &*line.commit)).collect()
}

/// The events about each intent, in order of id.
pub fn by_slug(lines: &[Line]) -> BTreeMap<&str, Vec<&Event>> {
    let mut by_slug: BTreeMap<&str, Vec<&Event>> = BTreeMap::new();
    for (event, _) in in_order(lines) {
        if let Some((SubjectKind::Slug, slug)) = &event.subject {
            by_slug.entry(slug).or_default().push(event);
        }
    }
    by_slug
}

/// Lines that could not be read, and events whose id another event has with other bytes.
pub fn oddities(lines: &[Line]) -> Vec<(&Line, String)> {
    let mut odd: Vec<(&Line, String)> =
        lines.iter().filter_map(|line| Some((line, line.read.as_ref().err()?.clone()))).collect();
    let mut ids: Vec<(u128, &Line, &Event)> = lines
        .iter()
        .filter_map(|line| line.read.as_ref().ok().map(|event| (id::order(&event.id), line, event)))
        .collect();
    // Stable, so that of two with one id it is the one read later that is named.
    ids.sort_by_key(|(order, ..)| *order);
    for same in ids.chunk_by(|(a, ..), (b, ..)| a == b) {
        for (_, line, event) in same.iter().filter(|(_, line, _)| line.raw != same[0].1.raw) {
            odd.push((line, format!("another event has the id {} with other bytes", event.id)));
        }
    }
    odd
}

#[cfg(test)]
mod tests;
