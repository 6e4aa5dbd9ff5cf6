//! What an occurrence is known by, from which its fingerprint is made once no secret is in it.
//!
//! A fingerprint is a hash, and a hash of a short secret can be guessed: what is written is made from
//! the redacted text, with what was replaced masked as any value is, so that the same failure with
//! another secret is the same item. The fingerprint of the text as it stood only groups in memory, and
//! finds an item that was filed by it.

use super::failure::Failure;
use super::log;
use super::panic::Panic;
use super::trace::Trace;
use crate::operations::redacting::Redactor;

#[derive(Clone, Debug, PartialEq)]
pub enum Identity {
    /// A log line or message.
    Line(String),
    Panic(Panic),
    Failure(Failure),
    Trace(Trace),
    /// Something of our own: its fingerprint and why it is one.
    Own(String, String),
}

impl Default for Identity {
    fn default() -> Self {
        Self::Line(String::new())
    }
}

/// What is written of an identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prints {
    pub fingerprint: String,
    /// What it may be known by already, the newest first; never written.
    pub earlier: Vec<String>,
    /// What it shares with those that may be the same, although their fingerprints differ.
    pub related: Option<String>,
    /// Which parts made the fingerprint.
    pub why: String,
}

impl Identity {
    /// The fingerprint of it as it stands, for grouping in memory.
    pub fn fingerprint(&self) -> String {
        match self {
            Self::Line(line) => log::fingerprint(line),
            Self::Panic(panic) => panic.fingerprint(),
            Self::Failure(failure) => failure.fingerprint(),
            Self::Trace(trace) => trace.fingerprint(),
            Self::Own(fingerprint, _) => fingerprint.clone(),
        }
    }

    /// What is written of it.
    pub fn prints(&self, redactor: &Redactor) -> Prints {
        let clean = self.without_secrets(redactor);
        let (own, as_it_stood) = (clean.fingerprint(), self.fingerprint());
        let mut earlier = self.earlier();
        if own != as_it_stood {
            earlier.insert(0, as_it_stood);
        }
        Prints { fingerprint: own, earlier, related: clean.related(), why: clean.why() }
    }

    /// The fingerprints earlier versions made of it.
    fn earlier(&self) -> Vec<String> {
        match self {
            Self::Line(line) => log::earlier(line),
            Self::Panic(panic) => panic.earlier(),
            _ => Vec::new(),
        }
    }

    fn related(&self) -> Option<String> {
        match self {
            Self::Panic(panic) => Some(panic.related()),
            _ => None,
        }
    }

    fn why(&self) -> String {
        match self {
            Self::Line(line) => log::why(&log::template_of_line(line)),
            Self::Panic(panic) => panic.why(),
            Self::Failure(failure) => failure.why(),
            Self::Trace(trace) => trace.why(),
            Self::Own(_, why) => why.clone(),
        }
    }

    fn without_secrets(&self, redactor: &Redactor) -> Self {
        let hide = |text: &str| masked(redactor, text);
        match self {
            Self::Line(line) => Self::Line(hide(line)),
            Self::Panic(panic) => Self::Panic(panic.with_texts(&hide)),
            Self::Failure(failure) => Self::Failure(failure.with_texts(&hide)),
            Self::Trace(trace) => Self::Trace(trace.with_texts(&hide)),
            Self::Own(..) => self.clone(),
        }
    }
}

/// The text with a value, as masks know it, for each thing that was replaced.
pub fn masked(redactor: &Redactor, text: &str) -> String {
    const VALUE: &str = "0";
    let redacted = redactor.redact(text);
    if redacted.found.is_empty() {
        return redacted.text;
    }
    let mut out = String::with_capacity(redacted.text.len());
    let mut pieces = redacted.text.split("<redacted:");
    out.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        out.push_str(VALUE);
        out.push_str(piece.split_once('>').map_or("", |(_, rest)| rest));
    }
    // A home was an absolute path, and is masked as one.
    let homes = redacted.found.iter().any(|found| found.kind == "home-path");
    if homes { out.replace('~', "/0") } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(identity: &Identity) -> String {
        identity.prints(&Redactor::default()).fingerprint
    }

    #[test]
    fn a_secret_in_words_is_no_part_of_what_is_written() {
        let line = |secret: &str| Identity::Line(format!("ERROR login failed with secret: {secret}"));
        let panic = |secret: &str| {
            Identity::Panic(Panic { message: format!("refused secret: {secret}"), ..Panic::default() })
        };
        let failure = |secret: &str| {
            let said = format!("expected secret: {secret}");
            Identity::Failure(Failure { test: format!("login::<password>{secret}</password>"), said })
        };
        let trace = |secret: &str| {
            let failing = format!("login secret: {secret}");
            Identity::Trace(Trace { failing, root: format!("secret: {secret}"), ..Trace::default() })
        };
        let all: [&dyn Fn(&str) -> Identity; 4] = [&line, &panic, &failure, &trace];
        for of in all {
            let (one, other) = (of("Swordfish"), of("Carpfish"));
            assert_ne!(one.fingerprint(), other.fingerprint(), "they differ as they stand");
            assert_eq!(print(&one), print(&other));
            let prints = one.prints(&Redactor::default());
            assert_eq!(prints.earlier[0], one.fingerprint());
            assert!(!prints.why.contains("Swordfish"), "{}", prints.why);
            assert_eq!(prints.related, other.prints(&Redactor::default()).related);
        }
    }

    #[test]
    fn what_masks_take_anyway_is_known_by_the_same_fingerprint_as_before() {
        for line in [
            "2026-11-22T01:02:03Z ERROR user bob@mail.example from 10.0.0.7:5022 via eth1",
            "ERROR open /home/jane/orders/a.db: gone",
            "10.2.3.4 - - [22/Nov/2026:10:11:12 +0000] \"GET /x?token=a8f3k2l9d0s8f7 HTTP/1.1\" 500 12",
            "WARN peer 2a02:8071:b1::17 left, key 9Qf8sK2mVx7Zp4LtR6wYb3Nc",
            "plain words only",
        ] {
            let line = Identity::Line(line.to_owned());
            assert_eq!(print(&line), line.fingerprint(), "{line:?}");
        }
        let panic = Panic { file: "/home/jane/app/src/a.rs".to_owned(), ..Panic::default() };
        assert_eq!(print(&Identity::Panic(panic.clone())), panic.fingerprint());
    }
}
