//! Records on their way to events: folded by item and hour as they come, so that memory grows with the
//! number of different things and not with the number of lines.

use std::collections::{BTreeMap, HashMap, HashSet};

use factory::operations::filing::fitting;
use factory::operations::fingerprint::identity::{Identity, Prints};
use factory::operations::fingerprint::log;
use factory::operations::fingerprint::panic::frames::Frame;
use factory::operations::redacting::{Found, Redactor};
use factory::types::event::Event;
use factory::types::{id, item};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::message::{self, Logged};
use super::record::Record;
use super::tally::{Hours, Tally, hour_of};

/// So many characters of a title and of a body are kept in an event.
const TITLE_CHARS: usize = 200;
const BODY_CHARS: usize = 1500;
/// So many of a name of a source.
const SOURCE_CHARS: usize = 200;
/// So much of a text is looked at for secrets, well beyond what is kept.
const REDACTED_BYTES: usize = 16 * 1024;
/// More different things are no log.
pub const MOST_ITEMS: usize = 20_000;

/// What one source told.
pub struct Gathered<'r> {
    redactor: &'r Redactor,
    pub source: String,
    /// In the order they came.
    seen: Vec<Seen>,
    /// Where each stands, by the fingerprint of its text as it stands.
    by_print: HashMap<String, usize>,
    by_template: HashMap<String, usize>,
    /// The template of the last line; the next one goes into the same memory.
    template: String,
    /// Records that tell no time happen now: the input comes live.
    pub live: bool,
    pub found: Vec<Found>,
    pub records: u64,
    /// Records of a time before 1970 or more than a day ahead.
    pub odd_times: u64,
    /// Something came that is to be written soon: new, awaited, or of a later hour.
    pub news: bool,
    /// The latest hour that can be believed.
    pub latest_hour: Option<i64>,
    latest: i64,
}

/// There are more different things than are filed.
#[derive(Debug)]
pub struct TooMany;

/// One thing in one source.
#[derive(Debug)]
pub struct Seen {
    /// The first in the source, redacted.
    pub record: Record,
    pub prints: Prints,
    pub hours: Hours,
    /// It is closed: to see it once more is news.
    pub awaited: bool,
}

impl<'r> Gathered<'r> {
    pub fn new(redactor: &'r Redactor, source: &str, live: bool) -> Self {
        let source = redactor.redact(source).text.chars().take(SOURCE_CHARS).collect();
        let now_ms = i64::try_from(id::now_ms() + id::FUTURE_TOLERANCE_MS).unwrap_or(i64::MAX);
        Self {
            redactor,
            source,
            seen: Vec::new(),
            by_print: HashMap::new(),
            by_template: HashMap::new(),
            template: String::new(),
            live,
            found: Vec::new(),
            records: 0,
            odd_times: 0,
            news: false,
            latest_hour: None,
            latest: now_ms,
        }
    }

    /// Count a record.
    ///
    /// # Errors
    /// It is new, and there are too many already.
    pub fn take(&mut self, record: Record) -> Result<(), TooMany> {
        let (severity, once) = (record.severity, Tally::once(record.time, record.place));
        let place = self.place(record)?;
        self.count(place, once, severity);
        Ok(())
    }

    /// Count a log line; a record is made of it where its template is new.
    ///
    /// # Errors
    /// As in [`Gathered::take`].
    pub fn take_logged(&mut self, logged: &Logged<'_>) -> Result<(), TooMany> {
        let mut template = std::mem::take(&mut self.template);
        log::template_into(logged.message, &mut template);
        let known = self.by_template.get(&template).copied();
        let place = known.map_or_else(|| self.place_of_template(logged, &template), Ok);
        self.template = template;
        self.count(place?, Tally::once(logged.time, None), logged.severity);
        Ok(())
    }

    fn place_of_template(&mut self, logged: &Logged<'_>, template: &str) -> Result<usize, TooMany> {
        let place = self.place(message::with_template(logged.severity, logged.line, template))?;
        self.by_template.insert(template.to_owned(), place);
        Ok(place)
    }

    /// Where the thing stands that a record tells of.
    fn place(&mut self, record: Record) -> Result<usize, TooMany> {
        if let Some(place) = self.by_print.get(&record.fingerprint) {
            return Ok(*place);
        }
        if self.seen.len() >= MOST_ITEMS {
            return Err(TooMany);
        }
        self.news = true;
        Ok(self.push(record, BTreeMap::new()))
    }

    fn push(&mut self, record: Record, hours: Hours) -> usize {
        let place = self.seen.len();
        self.by_print.insert(record.fingerprint.clone(), place);
        let seen = self.first_seen(record, hours);
        self.seen.push(seen);
        place
    }

    /// Only here what an occurrence says is redacted: once for each fingerprint.
    fn first_seen(&mut self, record: Record, hours: Hours) -> Seen {
        let prints = record.identity.prints(self.redactor);
        Seen { record: self.redacted(record), prints, hours, awaited: false }
    }

    fn count(&mut self, place: usize, once: Tally, severity: &'static str) {
        let once = once.at(|| self.live.then(Timestamp::now));
        let time = once.last;
        let hour = time.map(hour_of);
        let odd = time.is_some_and(|time| time.as_millisecond() < 0 || time.as_millisecond() > self.latest);
        self.records += 1;
        self.odd_times += u64::from(odd);
        if !odd && hour > self.latest_hour {
            self.news |= self.latest_hour.is_some();
            self.latest_hour = hour;
        }
        if let Some(seen) = self.seen.get_mut(place) {
            self.news |= seen.awaited;
            seen.hours.entry(hour).or_default().add(&once);
            if item::rank(severity) < item::rank(seen.record.severity) {
                seen.record.severity = severity;
                self.news = true;
            }
        }
    }

    /// Count a record of our own, which tells no time and is no record of the input.
    pub fn file(&mut self, record: Record) {
        let hours = BTreeMap::from([(None, Tally::once(None, None))]);
        match self.by_print.get(&record.fingerprint).copied() {
            Some(place) => self.seen[place] = self.first_seen(record, hours),
            None => {
                self.push(record, hours);
            }
        }
    }

    fn redacted(&mut self, mut record: Record) -> Record {
        let mut clean = |text: &str, most: usize| {
            let end = (0..=text.len().min(REDACTED_BYTES)).rev().find(|at| text.is_char_boundary(*at));
            let redacted = self.redactor.redact(&text[..end.unwrap_or(0)]);
            self.found.extend(redacted.found);
            redacted.text.chars().take(most).collect::<String>()
        };
        record.title = clean(&record.title, TITLE_CHARS);
        record.body = clean(&record.body, BODY_CHARS);
        // It was needed for the fingerprints, and holds the text as it stood.
        record.identity = Identity::default();
        if !record.frames.is_empty() {
            let mut shown = |frame: Frame| {
                let line = frame.line;
                let frame = Frame { function: clean(&frame.function, usize::MAX), ..frame };
                json!({"function": frame.name(), "line": line, "in_app": true})
            };
            let frames: Vec<Value> = record.frames.drain(..).map(&mut shown).collect();
            record.fields.insert("stacktrace".to_owned(), frames.into());
        }
        if let Some(frame) = record.function.take() {
            let function = clean(&frame.function, usize::MAX);
            record.fields.insert("function".to_owned(), Frame { function, ..frame }.name().into());
        }
        // Also what programs read back where they wrote it themselves: this came from outside.
        for value in record.fields.values_mut() {
            if let Some(text) = value.as_str() {
                *value = clean(text, TITLE_CHARS).into();
            }
        }
        record.fields = self.redactor.fields(record.fields, &mut self.found);
        record
    }

    /// The event, cut where it is too long for a line.
    pub fn fitted(&self, event: Event) -> Event {
        fitting::fitted(self.redactor, event, "").event
    }

    /// How many different things there are.
    pub fn items(&self) -> usize {
        self.seen.iter().map(|seen| seen.prints.fingerprint.as_str()).collect::<HashSet<_>>().len()
    }

    /// In the order they came.
    pub fn seen(&self) -> impl Iterator<Item = &Seen> {
        self.seen.iter()
    }

    /// From now on, what is closed is awaited.
    pub fn wait_for(&mut self, is_closed: impl Fn(&Seen) -> bool) {
        for seen in &mut self.seen {
            seen.awaited = is_closed(seen);
        }
        self.news = false;
    }
}
