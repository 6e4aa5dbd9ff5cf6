//! One occurrence an importer found, before it is redacted.

use jiff::Timestamp;
use serde_json::{Map, Value};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// One of the kinds of items.
    pub kind: &'static str,
    pub severity: &'static str,
    pub title: String,
    pub body: String,
    pub fingerprint: String,
    /// Which parts made the fingerprint.
    pub why: String,
    /// `None` where the record tells no time.
    pub time: Option<Timestamp>,
    pub fields: Map<String, Value>,
}

/// Names of levels as loggers write them, and the severity they are filed with; below a warning none.
pub fn severity(level: &str) -> Option<&'static str> {
    match level.to_ascii_lowercase().as_str() {
        "fatal" | "critical" | "crit" | "emerg" | "emergency" | "alert" | "panic" => Some("fatal"),
        "error" | "err" | "severe" => Some("error"),
        "warn" | "warning" => Some("warning"),
        _ => None,
    }
}

/// The first time in a line: RFC 3339, with a blank for the `T` and without a zone as UTC.
pub fn time_in(line: &str) -> Option<Timestamp> {
    let head = line.get(..line.len().min(64)).or_else(|| line.get(..60)).unwrap_or("");
    let from = head.find(|c: char| c.is_ascii_digit())?;
    let text = &head[from..];
    let length = text.bytes().take_while(|byte| byte.is_ascii_digit() || b"-:.,TZ+ ".contains(byte)).count();
    let text = text[..length].trim().replacen(' ', "T", 1).replace(',', ".");
    let text = text.split(' ').next().unwrap_or("");
    let zoned = text.ends_with('Z') || text.get(19..).is_some_and(|rest| rest.contains(['+', '-']));
    if zoned { text.parse().ok() } else { format!("{text}Z").parse().ok() }
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
        ] {
            assert_eq!(time_in(line).map(|time| time.as_second()), Some(1_795_309_323), "{line}");
        }
        assert_eq!(time_in("took 12 ms"), None);
        assert_eq!(time_in("é".repeat(40).as_str()), None);
    }
}
