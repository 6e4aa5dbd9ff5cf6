//! What must never be written, replaced before every write of events and evidence.
//!
//! A detector replaces what it finds with a placeholder such as `<redacted:aws-key>`, never with a
//! hash, since a hash of a short secret can be guessed. What is *certain* (private keys, tokens of a
//! known shape, the project's own values) is told apart, so that a caller can refuse the write.

mod addresses;
mod detectors;
mod entropy;
#[cfg(test)]
mod planted;
mod spared;
#[cfg(test)]
mod survivors;

use anyhow::Result;
use regex::Regex;

use crate::types::hint::Hinted;
use detectors::DETECTORS;

/// Own values shorter than this are not looked for: they would eat ordinary text.
pub const SHORTEST_OWN_VALUE: usize = 4;

/// Everything looked for: the table, the project's own values and its own patterns.
#[derive(Debug, Default)]
pub struct Redactor {
    own: Vec<String>,
    patterns: Vec<Regex>,
}

/// One kind of thing that was found and replaced.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    pub kind: String,
    /// Beyond doubt a secret: the caller refuses the write unless told to go on.
    pub certain: bool,
}

/// A text without what was found in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redacted {
    pub text: String,
    /// Each kind once, sorted.
    pub found: Vec<Found>,
}

/// Bytes of which the parts that are text were redacted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RedactedBytes {
    pub bytes: Vec<u8>,
    pub found: Vec<Found>,
}

impl Redacted {
    pub fn is_certain(&self) -> bool {
        self.found.iter().any(|found| found.certain)
    }
}

/// `aws-key, e-mail`: the kinds found, for a note to the person.
pub fn kinds(found: &[Found]) -> String {
    let kinds: Vec<&str> = found.iter().map(|found| found.kind.as_str()).collect();
    kinds.join(", ")
}

impl Redactor {
    /// `own_values` are secrets looked for literally, also as JSON and URLs write them; `patterns`
    /// are the regular expressions of `[feedback] redact`.
    pub fn new(own_values: &[String], patterns: &[String]) -> Result<Self> {
        let mut own: Vec<String> = own_values.iter().flat_map(|value| spellings(value)).collect();
        own.retain(|value| value.len() >= SHORTEST_OWN_VALUE);
        // The longest first, so that a value which holds another goes whole.
        own.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        own.dedup();
        let patterns = patterns.iter().map(|pattern| own_pattern(pattern)).collect::<Result<_>>()?;
        Ok(Self { own, patterns })
    }

    /// The text with everything found replaced; doing it again changes nothing.
    pub fn redact(&self, text: &str) -> Redacted {
        let mut work = Work { text: text.to_owned(), found: Vec::new() };
        for value in &self.own {
            if work.text.contains(value.as_str()) {
                work.text = work.text.replace(value.as_str(), &placeholder("own-secret"));
                work.note("own-secret", true);
            }
        }
        for pattern in &self.patterns {
            work.replace(pattern, "pattern", false, |_| false);
        }
        let lowercase = text.to_ascii_lowercase();
        for detector in DETECTORS.iter().filter(|detector| detector.may_match(&lowercase)) {
            work.replace(detector.regex(), detector.kind, detector.certain, detector.spares);
        }
        work.spans("ip-address", addresses::spans);
        work.spans("high-entropy", entropy::spans);
        work.found.sort();
        work.found.dedup();
        Redacted { text: work.text, found: work.found }
    }

    /// The same for bytes of unknown encoding: parts that are no UTF-8 stay as they are.
    pub fn redact_bytes(&self, bytes: &[u8]) -> RedactedBytes {
        let mut all = RedactedBytes::default();
        for chunk in bytes.utf8_chunks() {
            let redacted = self.redact(chunk.valid());
            all.bytes.extend_from_slice(redacted.text.as_bytes());
            all.bytes.extend_from_slice(chunk.invalid());
            all.found.extend(redacted.found);
        }
        all.found.sort();
        all.found.dedup();
        all
    }
}

/// What stands in the place of something found; a home needs no more than its short name.
fn placeholder(kind: &str) -> String {
    if kind == "home-path" { "~".to_owned() } else { format!("<redacted:{kind}>") }
}

fn own_pattern(pattern: &str) -> Result<Regex> {
    let regex = Regex::new(pattern).map_err(|error| {
        Hinted::usage(format!(
            "`[feedback] redact` holds {pattern:?}, which is no regular expression: {error}"
        ))
        .hint("mend it in factory.toml; the syntax is that of https://docs.rs/regex")
    })?;
    if regex.is_match("") {
        return Err(Hinted::usage(format!(
            "`[feedback] redact` holds {pattern:?}, which matches nothing at all"
        ))
        .hint("write a pattern of at least one character in factory.toml")
        .into());
    }
    Ok(regex)
}

/// A value as it stands, inside JSON, and inside a URL.
fn spellings(value: &str) -> Vec<String> {
    let value = value.trim();
    let json = serde_json::Value::from(value).to_string();
    let url = value.bytes().fold(String::new(), |mut url, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
        url
    });
    vec![value.to_owned(), json.trim_matches('"').to_owned(), url]
}

/// A text on its way through the detectors.
struct Work {
    text: String,
    found: Vec<Found>,
}

impl Work {
    fn note(&mut self, kind: &str, certain: bool) {
        self.found.push(Found { kind: kind.to_owned(), certain });
    }

    /// Replace the group `s` of each match, or the whole match where there is no such group.
    fn replace(&mut self, regex: &Regex, kind: &str, certain: bool, spares: fn(&regex::Captures) -> bool) {
        let mut out = String::new();
        let mut from = 0;
        for captures in regex.captures_iter(&self.text) {
            let Some(span) = spared::secret(&captures) else { continue };
            if span.is_empty() || span.as_str().starts_with("<redacted:") || spares(&captures) {
                continue;
            }
            out.push_str(&self.text[from..span.start()]);
            out.push_str(&placeholder(kind));
            from = span.end();
        }
        if from > 0 {
            out.push_str(&self.text[from..]);
            self.text = out;
            self.note(kind, certain);
        }
    }

    /// Replace the spans a scanner finds.
    fn spans(&mut self, kind: &str, scan: fn(&str) -> Vec<std::ops::Range<usize>>) {
        let spans = scan(&self.text);
        if spans.is_empty() {
            return;
        }
        for span in spans.into_iter().rev() {
            self.text.replace_range(span, &placeholder(kind));
        }
        self.note(kind, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_values_are_found_as_json_and_urls_write_them() {
        let redactor = Redactor::new(&["p\"q&r s".into(), "abc".into()], &[]).unwrap();
        for text in ["x p\"q&r s y", r#"{"v":"p\"q&r s"}"#, "?v=p%22q%26r%20s"] {
            let redacted = redactor.redact(text);
            assert!(redacted.is_certain(), "{text}");
            assert!(redacted.text.contains("<redacted:own-secret>"), "{}", redacted.text);
        }
        assert_eq!(redactor.redact("abc").text, "abc", "too short to be looked for");
    }

    #[test]
    fn a_pattern_of_the_project_is_replaced_and_a_broken_one_is_named() {
        let redactor = Redactor::new(&[], &["ACME-[0-9]{6}".into()]).unwrap();
        assert_eq!(redactor.redact("order ACME-123456 lost").text, "order <redacted:pattern> lost");
        assert!(Redactor::new(&[], &["(".into()]).unwrap_err().to_string().contains("no regular expression"));
        assert!(Redactor::new(&[], &["x*".into()]).is_err(), "it would match everywhere");
    }

    #[test]
    fn bytes_that_are_no_text_stay_and_text_between_them_is_redacted() {
        let mut bytes = b"\xff\xfeGET x ".to_vec();
        bytes.extend_from_slice(b"10.1.2.3\xff\0z");
        let redacted = Redactor::default().redact_bytes(&bytes);
        assert_eq!(redacted.bytes, b"\xff\xfeGET x <redacted:ip-address>\xff\0z");
    }
}
