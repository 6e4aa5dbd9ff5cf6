//! What importing came to: counts, and the lines that could not be read.

use factory::operations::redacting::Redactor;
use factory::terminal::output::Output;
use serde_json::{Map, Value, json};

/// Of lines that could not be read, so many bytes are kept, and so many are shown.
const KEPT_BYTES: usize = 256 * 1024;
const KEPT_CHARS_OF_LINE: usize = 2000;
const SHOWN: usize = 5;
/// So much of a line is looked at for secrets, well beyond what is kept of it.
const LOOKED_AT_BYTES: usize = 64 * 1024;

/// What one input came to.
#[derive(Default)]
pub struct Told {
    pub lines: u64,
    pub records: u64,
    pub passed_over: u64,
    /// Of those passed over, lines that name no level.
    pub without_level: u64,
    pub items: usize,
    pub unread: u64,
    /// Records of a time before 1970 or more than a day ahead.
    pub odd_times: u64,
    pub events: usize,
    /// Panics that became part of their function's.
    pub joined: usize,
    pub proposed: usize,
    /// The first that could not be read: where and why.
    pub shown: Vec<String>,
    pub kept: String,
}

impl Told {
    pub fn add(&mut self, other: &Told) {
        self.lines += other.lines;
        self.records += other.records;
        self.passed_over += other.passed_over;
        self.without_level += other.without_level;
        self.items += other.items;
        self.unread += other.unread;
        self.odd_times += other.odd_times;
        self.events += other.events;
        self.joined += other.joined;
        self.proposed += other.proposed;
    }

    /// A line that is no record: counted, shown, kept; never fatal.
    pub fn refuse(&mut self, number: u64, why: &str, line: &str, redactor: &Redactor) {
        self.unread += 1;
        if self.shown.len() < SHOWN {
            self.shown.push(format!("line {number} is not read: {why}"));
        }
        if self.kept.len() < KEPT_BYTES {
            // Redacted before it is cut: half a token is not told from a word.
            let redacted = redactor.redact(whole_words(line)).text;
            let kept: String = redacted.chars().take(KEPT_CHARS_OF_LINE).collect();
            self.kept.push_str(&format!("{number}: {kept}\n"));
        }
    }

    pub fn say(&self, dry_run: bool, output: &Output) {
        if output.is_json() {
            let mut document = Map::new();
            let fields: [(&str, Value); 9] = [
                ("lines", json!(self.lines)),
                ("records", json!(self.records)),
                ("passed_over", json!(self.passed_over)),
                ("without_level", json!(self.without_level)),
                ("items", json!(self.items)),
                ("unread", json!(self.unread)),
                ("events", json!(if dry_run { 0 } else { self.events })),
                ("joined", json!(self.joined)),
                ("proposed", json!(self.proposed)),
            ];
            document.extend(fields.map(|(name, value)| (name.to_owned(), value)));
            output.json(document);
            return;
        }
        let verb = if dry_run { "would be written" } else { "written" };
        output.note(format!(
            "{} lines: {} records of {} items, {} passed over, {} not read; {} events {verb}",
            self.lines, self.records, self.items, self.passed_over, self.unread, self.events
        ));
        if self.without_level > 0 && self.records == 0 {
            output.note(format!(
                "{} lines name no level; --min-severity info files them too",
                self.without_level
            ));
        }
        if self.odd_times > 0 {
            output.note(format!(
                "{} records tell a time before 1970 or still to come; kept as told",
                self.odd_times
            ));
        }
        if self.joined > 0 {
            output.note(format!(
                "{} items of panics that told no function are part of their function's; git feedback list --why",
                self.joined
            ));
        }
        if self.proposed > 0 {
            output.note(format!(
                "{} items may be others said differently; git feedback list --why",
                self.proposed
            ));
        }
    }
}

/// The beginning of a line; where it is cut, up to the last blank.
fn whole_words(line: &str) -> &str {
    if line.len() <= LOOKED_AT_BYTES {
        return line;
    }
    let end = (0..=LOOKED_AT_BYTES).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0);
    let end = line[..end].rfind(char::is_whitespace).unwrap_or(end);
    &line[..end]
}
