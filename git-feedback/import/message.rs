//! Log messages as records, and the level of a line.

use factory::operations::fingerprint::identity::Identity;
use factory::operations::fingerprint::log::{self, header};

use jiff::Timestamp;

use super::record::{self, Record};

/// So much of a line is a record.
const TITLE_BYTES: usize = 16 * 1024;

/// A log line on its way to be counted: nearly always one like it was seen, so no record is made yet.
#[derive(Clone, Copy, Debug)]
pub struct Logged<'l> {
    pub severity: &'static str,
    /// What a record keeps of the line.
    pub line: &'l str,
    /// The line without its header.
    pub message: &'l str,
    pub time: Option<Timestamp>,
}

impl<'l> Logged<'l> {
    /// A line, and whether it names its level.
    pub fn read(line: &'l str) -> (Self, bool) {
        let line = cut(line);
        let header = header::read(line);
        let level = header.level.or_else(|| level(line));
        let severity = level.and_then(record::severity).unwrap_or("info");
        (Self { severity, line, message: header.message, time: None }, level.is_some())
    }

    pub fn record(&self) -> Record {
        Record { time: self.time, ..with_template(self.severity, self.line, &log::template(self.message)) }
    }
}

/// A log message as a record, without its time.
pub fn of(severity: &'static str, line: &str) -> Record {
    let line = cut(line);
    with_template(severity, line, &log::template_of_line(line))
}

/// The record of a line whose template is known.
pub fn with_template(severity: &'static str, line: &str, template: &str) -> Record {
    Record {
        kind: "log",
        severity,
        title: line.to_owned(),
        fingerprint: log::of_template(template),
        identity: Identity::Line(line.to_owned()),
        ..Record::default()
    }
}

fn cut(line: &str) -> &str {
    let end = (0..=line.len().min(TITLE_BYTES)).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0);
    line[..end].trim()
}

/// The level of a line whose header names none: the first word that is one, shouted.
fn level(line: &str) -> Option<&str> {
    let shouted = |word: &&str| word.bytes().all(|byte| byte.is_ascii_uppercase());
    let words = line.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| word.len() > 2).take(8);
    words.filter(shouted).find(|word| record::severity(word).is_some()).or_else(|| by_key(line))
}

/// `level=error` of logfmt.
fn by_key(line: &str) -> Option<&str> {
    let (_, value) = line.split_once("level=").or_else(|| line.split_once("lvl="))?;
    let end = value.find(|c: char| !c.is_ascii_alphabetic() && c != '"').unwrap_or(value.len());
    Some(value[..end].trim_matches('"')).filter(|level| record::severity(level).is_some())
}
