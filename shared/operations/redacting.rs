//! What must never be written, replaced before every write of events and evidence.
//!
//! A detector replaces what it finds with a placeholder such as `<redacted:aws-key>`, never with a
//! hash, since a hash of a short secret can be guessed. What is *certain* (private keys, tokens of a
//! known shape, the project's own values) is told apart, so that a caller can refuse the write.

mod addresses;
mod assigned;
mod clean;
mod detectors;
mod encoded;
mod entropy;
mod escapes;
mod patterns;
#[cfg(test)]
pub(crate) mod planted;
#[cfg(test)]
mod properties;
mod spared;
mod statements;
#[cfg(test)]
mod survivors;
mod tokens;
mod wrapped;

use std::ops::Range;

use anyhow::Result;
use regex::Regex;

use crate::types::hint::Hinted;
pub use clean::Clean;
pub use encoded::is_utf16;

/// Own values shorter than this are not looked for: they would eat ordinary text.
pub const SHORTEST_OWN_VALUE: usize = 4;

/// How often a text is gone over again while something is found.
const ROUNDS: u32 = 8;
/// Base64 in base64 is read so deep.
const DEEPEST: u32 = 2;

/// Everything looked for: the table, the project's own values and its own patterns.
#[derive(Debug, Default)]
pub struct Redactor {
    own: Vec<String>,
    patterns: Vec<Regex>,
    only_certain: bool,
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
        Ok(Self { own, patterns, only_certain: false })
    }

    /// The same for what is only looked through: nothing but what is certain, which is faster.
    pub fn only_certain(self) -> Self {
        Self { patterns: Vec::new(), only_certain: true, ..self }
    }

    /// The text with everything found replaced; doing it again changes nothing.
    pub fn redact(&self, text: &str) -> Redacted {
        let mut all = self.once(text, 0);
        // What was joined by something replaced may show only now.
        let mut rounds = ROUNDS;
        while rounds > 0 && !all.found.is_empty() {
            let again = self.once(&all.text, 0);
            if again.text == all.text {
                break;
            }
            all.text = again.text;
            all.found.extend(again.found);
            rounds -= 1;
        }
        all.found.sort();
        all.found.dedup();
        all
    }

    /// One time through all detectors; `depth` texts inside texts deep.
    fn once(&self, text: &str, depth: u32) -> Redacted {
        let mut work = Work { text: text.to_owned(), found: Vec::new() };
        for value in &self.own {
            if work.text.contains(value.as_str()) {
                work.text = work.text.replace(value.as_str(), &placeholder("own-secret"));
                work.note("own-secret", true);
            }
        }
        for pattern in &self.patterns {
            work.replace(pattern, "pattern", false, |found, _| detectors::span(found));
        }
        work.spans(tokens::spans(&work.text), true);
        let looked_for = |detector: &&detectors::Detector| detector.certain || !self.only_certain;
        for detector in detectors::hinted(&work.text).into_iter().filter(looked_for) {
            work.replace(detector.regex(), detector.kind, detector.certain, detector.find);
        }
        if depth < DEEPEST {
            let look = |inner: &str| self.once(inner, depth + 1);
            for (span, found) in escapes::spans(&work.text, &look).into_iter().rev() {
                work.text.replace_range(span, &placeholder(&found.kind));
                work.found.push(found);
            }
            for (span, found) in wrapped::spans(&work.text, &look).into_iter().rev() {
                work.text.replace_range(span, &placeholder(&found.kind));
                work.found.push(found);
            }
        }
        if !self.only_certain {
            work.spans(named("ip-address", addresses::spans(&work.text)), false);
            work.spans(named("high-entropy", entropy::spans(&work.text)), false);
        }
        work.found.sort();
        work.found.dedup();
        Redacted { text: work.text, found: work.found }
    }
}

fn named(kind: &'static str, spans: Vec<Range<usize>>) -> Vec<(Range<usize>, &'static str)> {
    spans.into_iter().map(|span| (span, kind)).collect()
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

    /// Replace what `find` says of each match.
    fn replace(
        &mut self,
        regex: &Regex,
        kind: &'static str,
        certain: bool,
        find: fn(&regex::Captures, &str) -> Option<Range<usize>>,
    ) {
        let text = &self.text;
        let spans = regex.captures_iter(text).filter_map(|found| find(&found, text));
        let spans = spans.filter(|span| !span.is_empty() && !text[span.clone()].starts_with("<redacted:"));
        self.spans(spans.map(|span| (span, kind)).collect(), certain);
    }

    /// Replace spans that stand in order; of two that overlap the first.
    fn spans(&mut self, spans: Vec<(Range<usize>, &'static str)>, certain: bool) {
        if spans.is_empty() {
            return;
        }
        let mut out = String::with_capacity(self.text.len());
        let mut from = 0;
        for (span, kind) in spans {
            if span.start >= from {
                out.push_str(&self.text[from..span.start]);
                out.push_str(&placeholder(kind));
                from = span.end;
                self.note(kind, certain);
            }
        }
        out.push_str(&self.text[from..]);
        self.text = out;
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
