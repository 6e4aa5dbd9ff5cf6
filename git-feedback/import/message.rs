//! Log messages as records, and the level of a line.

use factory::operations::fingerprint::identity::Identity;
use factory::operations::fingerprint::log::{self, header};

use super::record::{self, Record};

/// So much of a line is a record.
const TITLE_BYTES: usize = 16 * 1024;

/// A log line or message as a record, without its time.
pub fn of(severity: &'static str, line: &str) -> Record {
    let end = (0..=line.len().min(TITLE_BYTES)).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0);
    let line = line[..end].trim();
    Record {
        kind: "log",
        severity,
        title: line.to_owned(),
        fingerprint: log::fingerprint(line),
        identity: Identity::Line(line.to_owned()),
        ..Record::default()
    }
}

/// The level of a line: in its header, or the first word that is one, shouted.
pub fn level(line: &str) -> Option<&str> {
    if let Some(level) = header::read(line).level {
        return Some(level);
    }
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
