//! Records on their way to events: folded by item and hour as they come, so that memory grows with the
//! number of different things and not with the number of lines.

use std::collections::{BTreeMap, HashMap};

use factory::operations::redacting::{Found, Redactor};
use factory::types::event::{Event, MAX_LINE_BYTES, SubjectKind, VERSION};
use factory::types::id;
use factory::types::item::Items;
use jiff::Timestamp;

use super::record::Record;

/// A hour nobody told.
const NO_HOUR: &str = "unknown";
/// So many characters of a title and of a body are kept in an event.
const TITLE_CHARS: usize = 200;
const BODY_CHARS: usize = 1500;

/// What one source told.
pub struct Gathered<'r> {
    redactor: &'r Redactor,
    source: String,
    by_item: HashMap<String, Seen>,
    pub found: Vec<Found>,
    pub records: u64,
}

/// One item in one source.
struct Seen {
    /// The first in the source, redacted.
    record: Record,
    /// By hour: how often, and when first.
    hours: BTreeMap<String, (u64, Option<Timestamp>)>,
}

impl<'r> Gathered<'r> {
    pub fn new(redactor: &'r Redactor, source: &str) -> Self {
        let source = redactor.redact(source).text;
        Self { redactor, source, by_item: HashMap::new(), found: Vec::new(), records: 0 }
    }

    pub fn take(&mut self, record: Record) {
        self.records += 1;
        let item = id::item_id(record.kind, &record.fingerprint);
        let hour = record.time.map_or(NO_HOUR.to_owned(), |time| time.strftime("%Y-%m-%dT%H").to_string());
        let time = record.time;
        if !self.by_item.contains_key(&item) {
            let record = self.redacted(record);
            self.by_item.insert(item.clone(), Seen { record, hours: BTreeMap::new() });
        }
        let Some(seen) = self.by_item.get_mut(&item) else { return };
        let (count, first) = seen.hours.entry(hour).or_insert((0, time));
        *count += 1;
        *first = (*first).min(time);
    }

    fn redacted(&mut self, mut record: Record) -> Record {
        let mut clean = |text: &str, most: usize| {
            let redacted = self.redactor.redact(text);
            self.found.extend(redacted.found);
            redacted.text.chars().take(most).collect::<String>()
        };
        let told = format!("{} {}", record.title, record.body);
        let all = clean(&record.title, usize::MAX) + " " + &clean(&record.body, usize::MAX);
        record.title = clean(&record.title, TITLE_CHARS);
        record.body = clean(&record.body, BODY_CHARS);
        record.why = clean(&without_replaced(&record.why, &told, &all), TITLE_CHARS);
        record.fields = self.redactor.fields(record.fields, &mut self.found);
        for value in record.fields.values_mut() {
            if let Some(text) = value.as_str() {
                *value = text.chars().take(TITLE_CHARS).collect::<String>().into();
            }
        }
        record
    }

    /// How many different things there are.
    pub fn items(&self) -> usize {
        self.by_item.len()
    }

    /// The events that are not there yet, in the order of their ids.
    pub fn events(&self, known: &Items<'_>, release: Option<&str>) -> Vec<Event> {
        let mut events = Vec::new();
        for (item, seen) in &self.by_item {
            let there = known.get(item).filter(|there| !there.first_seen.is_empty());
            for (place, (hour, (count, first))) in seen.hours.iter().enumerate() {
                let counted = there.is_some_and(|there| {
                    there.story.iter().any(|(event, _)| {
                        event.text("source") == Some(&self.source)
                            && event.text("hour") == Some(hour)
                            && event.count("count").unwrap_or(1) >= *count
                    })
                });
                if counted {
                    continue;
                }
                let adds = there.is_none() && place == 0;
                let mut event = self.event(item, if adds { "add" } else { "seen" }, *first);
                if adds {
                    event = described(event, &seen.record);
                    // Characters of several bytes may take the line over its limit.
                    if event.line().len() > MAX_LINE_BYTES - 400 {
                        event.fields.shift_remove("body");
                        event.fields.shift_remove("stacktrace");
                    }
                }
                event = event.with("release", release).with("count", *count);
                event = event.with("source", self.source.as_str()).with("hour", hour.as_str());
                // The same record of the same source is the same event, on any machine.
                let time_ms = first.map_or(0, |first| u64::try_from(first.as_millisecond()).unwrap_or(0));
                let now_ms = id::now_ms();
                let time_ms = if first.is_none() || time_ms > now_ms + id::FUTURE_TOLERANCE_MS {
                    now_ms
                } else {
                    time_ms
                };
                event.id = id::derived_event_id(time_ms, event.line().as_bytes());
                events.push(event);
            }
        }
        events.sort_by(|a, b| a.id.cmp(&b.id));
        events
    }

    fn event(&self, item: &str, op: &str, time: Option<Timestamp>) -> Event {
        let time = time
            .unwrap_or_else(Timestamp::now)
            .round(jiff::Unit::Millisecond)
            .unwrap_or(Timestamp::UNIX_EPOCH);
        Event {
            id: String::new(),
            v: VERSION,
            subject: Some((SubjectKind::Item, item.to_owned())),
            op: op.to_owned(),
            t: time.to_string(),
            fields: serde_json::Map::new(),
        }
    }
}

/// What made the fingerprint, without the words that were replaced in what was told: masks may have
/// taken the sign between a name and its secret.
fn without_replaced(why: &str, told: &str, redacted: &str) -> String {
    let words = why.split(|c: char| !c.is_alphanumeric());
    let replaced = words.filter(|word| word.len() > 2 && told.contains(word) && !redacted.contains(word));
    replaced.fold(why.to_owned(), |why, word| why.replace(word, "*"))
}

fn described(event: Event, record: &Record) -> Event {
    let mut event = event
        .with("title", record.title.as_str())
        .with("kind", record.kind)
        .with("severity", record.severity)
        .with("body", record.body.as_str())
        .with("fingerprint", record.fingerprint.as_str())
        .with("grouped_by", record.why.as_str());
    for (name, value) in &record.fields {
        event = event.with(name, value.clone());
    }
    event
}
