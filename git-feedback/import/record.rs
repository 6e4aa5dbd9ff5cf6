//! One occurrence an importer found, before it is redacted.

use factory::operations::fingerprint::identity::Identity;
use factory::operations::fingerprint::panic::Panic;
use factory::operations::fingerprint::panic::frames::Frame;
use factory::types::item;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// One of the kinds of items.
    pub kind: &'static str,
    pub severity: &'static str,
    pub title: String,
    pub body: String,
    /// Of the text as it stands: it groups in memory, and is never written.
    pub fingerprint: String,
    /// What the fingerprint is made of.
    pub identity: Identity,
    /// Of the program itself, innermost first; shown by names that are redacted before they are normal,
    /// since what is left out of a name may tell that the rest is a secret.
    pub frames: Vec<Frame>,
    /// The one that panicked, where the backtrace tells it for certain.
    pub function: Option<Frame>,
    /// Of a panic, line and column where it says that it was.
    pub place: Option<(u32, u32)>,
    /// `None` where the record tells no time.
    pub time: Option<Timestamp>,
    pub fields: Map<String, Value>,
}

/// The frames of a panic that are shown.
pub fn shown_frames(panic: &Panic) -> Vec<Frame> {
    const MOST: usize = 8;
    panic.own_frames().take(MOST).cloned().collect()
}

#[cfg(test)]
impl Record {
    /// Which parts made the fingerprint.
    pub fn why(&self) -> String {
        self.identity.prints(&factory::operations::redacting::Redactor::default()).why
    }
}

/// The least severity that is filed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Least(usize);

impl Least {
    pub fn of(severity: &str) -> Self {
        Self(item::rank(severity))
    }

    pub fn takes(self, severity: &str) -> bool {
        item::rank(severity) <= self.0
    }
}

/// Names of levels as loggers write them, and the severity they are filed with.
pub fn severity(level: &str) -> Option<&'static str> {
    match level.to_ascii_lowercase().as_str() {
        "fatal" | "critical" | "crit" | "emerg" | "emergency" | "alert" | "panic" => Some("fatal"),
        "error" | "err" | "severe" => Some("error"),
        "warn" | "warning" => Some("warning"),
        "info" | "notice" | "information" => Some("info"),
        "debug" | "trace" | "verbose" | "fine" => Some("debug"),
        _ => None,
    }
}

/// A time further in is none of the line's own.
const TIME_BYTES: usize = 64;

/// The first time in a line: RFC 3339, with a blank for the `T`, with slashes, and without a zone as
/// UTC; or as syslog writes it (`Nov 22 01:02:03`), in the year that makes it the past.
pub fn time_in(line: &str) -> Option<Timestamp> {
    let end = (0..=line.len().min(TIME_BYTES)).rev().find(|at| line.is_char_boundary(*at))?;
    let head = &line[..end];
    let from = head.find(|c: char| c.is_ascii_digit())?;
    let text = &head[from..];
    let length = text.bytes().take_while(|byte| byte.is_ascii_digit() || b"-/:.,TZ+ ".contains(byte)).count();
    let text = text[..length].trim();
    if text.len() < 19 || !text.as_bytes()[4..5].iter().all(|byte| b"-/".contains(byte)) {
        return of_syslog(&head[..from], &head[from..]);
    }
    as_rfc_3339(text).parse().ok()
}

/// The time with a `T`, and with a zone: where none is told it is UTC.
fn as_rfc_3339(text: &str) -> String {
    let mut out = String::with_capacity(TIME_BYTES + 1);
    for (at, sign) in text.chars().enumerate() {
        match sign {
            ' ' if at == 10 => out.push('T'),
            ' ' => break,
            ',' => out.push('.'),
            '/' => out.push('-'),
            _ => out.push(sign),
        }
    }
    if !out.ends_with('Z') && !out.get(19..).is_some_and(|rest| rest.contains(['+', '-'])) {
        out.push('Z');
    }
    out
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A month before the first digit, a day and a time from it on.
fn of_syslog(before: &str, rest: &str) -> Option<Timestamp> {
    let month = before.trim_end().rsplit(|c: char| !c.is_ascii_alphabetic()).next()?;
    let month = i8::try_from(MONTHS.iter().position(|known| *known == month)? + 1).ok()?;
    let mut words = rest.split_whitespace();
    let day: i8 = words.next()?.parse().ok()?;
    let time: jiff::civil::Time = words.next()?.trim_end_matches([']', ',']).parse().ok()?;
    let now = Timestamp::now();
    let year = now.to_zoned(TimeZone::UTC).year();
    let of = |year: i16| {
        let date = Date::new(year, month, day).ok()?;
        DateTime::from_parts(date, time).to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    };
    of(year).filter(|time| *time <= now + jiff::SignedDuration::from_hours(24)).or_else(|| of(year - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_in_the_forms_loggers_write() {
        for line in [
            "2026-11-22T01:02:03Z ERROR x",
            "[2026-11-22 01:02:03,000] x",
            "2026-11-22T02:02:03.000+01:00 y",
            "2026-11-22 01:02:03 WARN z",
            "2026/11/22 01:02:03 [error] z",
        ] {
            assert_eq!(time_in(line).map(|time| time.as_second()), Some(1_795_309_323), "{line}");
        }
        let syslog = time_in("Jun  4 01:02:03 host app[3]: x").unwrap();
        assert!(syslog < Timestamp::now() && syslog.to_string().contains("-06-04T01:02:03"), "{syslog}");
        assert_eq!(time_in("took 12 ms"), None);
        assert_eq!(time_in("é".repeat(70).as_str()), None);
    }
}
