//! What changed between two states of an intent, by meaning: never by line.
//!
//! A state is an intent with the entries its digest is over, so a change is normative here exactly
//! where it moves the digest. *Weaker* and *stronger* are said only where they follow from the two
//! states alone: whatever passed before passes after, or the other way round.

mod at_commit;
mod body;
mod keyed;
mod parts;
mod readable;
mod renamed;
mod strength;

use anyhow::Result;
use serde_json::{Map, Value, json};

use super::digest::{Bytes, Entries, digest_of};
use crate::storage::repo::Stored;
use crate::types::id::sha256_hex;
use crate::types::intent::Intent;

pub use at_commit::{renamed_from, side_at};
pub use renamed::{Difference, compare, predecessor};

/// One state of an intent.
#[derive(Clone, Debug, PartialEq)]
pub struct Side {
    pub intent: Intent,
    /// What its digest is over, from [`super::digest::Digester::entries`].
    pub entries: Entries,
    /// The bytes of its file, where a change of layout alone should be told.
    pub file: Option<Vec<u8>>,
}

impl Side {
    /// # Errors
    /// As [`digest_of`].
    pub fn digest(&self) -> Result<String> {
        digest_of(&self.entries)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    Added,
    Removed,
    Changed,
    /// The same under another name; `before` is the old one.
    Renamed,
}

/// What of the intent changed; in the order in which it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The whole of it: new, retired, or under another slug.
    Intent,
    Title,
    Outcome,
    OutOfScope,
    Scope,
    Constraint,
    Contract,
    Check,
    /// A folder of `intents/<slug>/`.
    Fixture,
    /// A file of `intents/<slug>/` in no folder.
    File,
    Rationale,
    /// Comments, order and layout of the file.
    Layout,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    /// Whatever passed before passes now.
    Weaker,
    /// Whatever passes now passed before.
    Stronger,
}

/// What stood or stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    Text(String),
    /// Bytes that are no text, or too many to show.
    Binary {
        size_bytes: u64,
        sha256: String,
    },
    /// A file or test that is named and does not exist.
    Missing,
}

/// One thing that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub op: Op,
    pub part: Part,
    /// Id of a constraint, contract or check, name of a fixture's folder, slug; else empty.
    pub name: String,
    /// The key of the part as the intent file has it, or `test-body`, `test-module`, `file`,
    /// `stdin-file`, `body-file`, `schema-file`, `order`, or a file of a fixture; `None`: the part.
    pub key: Option<String>,
    /// Path of the test's file, for `test-body` and `test-module`.
    pub file: Option<String>,
    pub before: Option<Content>,
    pub after: Option<Content>,
    pub strength: Option<Strength>,
    /// Why it is weaker or stronger, in a few words.
    pub because: Option<&'static str>,
}

/// Everything that changed from `before` to `after`, in the order of [`Part`]; nothing where they are
/// the same. `None` is an intent that is not there: it is new, or retired.
///
/// Some change [is normative](Change::is_normative) exactly if the digests differ.
pub fn between(before: Option<&Side>, after: Option<&Side>) -> Vec<Change> {
    match (before, after) {
        (None, None) => Vec::new(),
        (None, Some(after)) => {
            let mut changes = vec![Change::of(Op::Added, Part::Intent, &after.intent.slug)];
            changes.extend(parts::all(after));
            changes
        }
        (Some(before), None) => {
            let gone = Change::of(Op::Removed, Part::Intent, &before.intent.slug);
            vec![gone.mark(Strength::Weaker, "nothing of it is demanded any more")]
        }
        (Some(before), Some(after)) if before == after => Vec::new(),
        (Some(before), Some(after)) => parts::changes(before, after),
    }
}

/// Whether the digest stays: only what informs changed.
pub fn is_informative(changes: &[Change]) -> bool {
    !changes.iter().any(Change::is_normative)
}

impl Change {
    fn of(op: Op, part: Part, name: &str) -> Self {
        Self {
            op,
            part,
            name: name.to_owned(),
            key: None,
            file: None,
            before: None,
            after: None,
            strength: None,
            because: None,
        }
    }

    fn key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    fn values(mut self, before: Option<Content>, after: Option<Content>) -> Self {
        (self.before, self.after) = (before, after);
        self
    }

    fn mark(mut self, strength: Strength, because: &'static str) -> Self {
        (self.strength, self.because) = (Some(strength), Some(because));
        self
    }

    fn marked(self, found: Option<(Strength, &'static str)>) -> Self {
        match found {
            Some((strength, because)) => self.mark(strength, because),
            None => self,
        }
    }

    /// Whether it moves the digest, and with it makes an approval stale.
    pub fn is_normative(&self) -> bool {
        match self.part {
            Part::Title | Part::Rationale | Part::Layout => false,
            // The slug is not in the digest.
            Part::Intent => self.op != Op::Renamed,
            _ => self.key.as_deref() != Some("origin"),
        }
    }

    pub fn is_weaker(&self) -> bool {
        self.strength == Some(Strength::Weaker)
    }

    /// The members of a change in the documents of `diff`, `log` and whoever shows a difference.
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        object.insert("op".into(), self.op.word().into());
        object.insert("part".into(), self.part.word().into());
        object.insert("name".into(), self.name.clone().into());
        object.insert("key".into(), self.key.clone().into());
        object.insert("file".into(), self.file.clone().into());
        object.insert("before".into(), self.before.as_ref().map(Content::to_json).into());
        object.insert("after".into(), self.after.as_ref().map(Content::to_json).into());
        object.insert("strength".into(), self.strength.map(Strength::word).into());
        object.insert("because".into(), self.because.into());
        object.insert("normative".into(), self.is_normative().into());
        Value::Object(object)
    }
}

impl Op {
    pub fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::Renamed => "renamed",
        }
    }
}

impl Part {
    pub fn word(self) -> &'static str {
        match self {
            Self::Intent => "intent",
            Self::Title => "title",
            Self::Outcome => "outcome",
            Self::OutOfScope => "out-of-scope",
            Self::Scope => "scope",
            Self::Constraint => "constraint",
            Self::Contract => "contract",
            Self::Check => "check",
            Self::Fixture => "fixture",
            Self::File => "file",
            Self::Rationale => "rationale",
            Self::Layout => "layout",
        }
    }
}

impl Strength {
    pub fn word(self) -> &'static str {
        match self {
            Self::Weaker => "weaker",
            Self::Stronger => "stronger",
        }
    }
}

impl Content {
    fn of(value: &Bytes) -> Self {
        if value.kind == "missing" {
            return Self::Missing;
        }
        let bytes = match &value.value {
            Stored::Held(bytes) => bytes,
            Stored::Large(large) => {
                return Self::Binary { size_bytes: large.size_bytes, sha256: large.sha256.clone() };
            }
        };
        match std::str::from_utf8(bytes) {
            Ok(tokens) if value.kind == "tokens" => Self::Text(readable::readable(tokens)),
            Ok(text) if !text.contains('\0') => Self::Text(text.to_owned()),
            _ => Self::Binary { size_bytes: bytes.len() as u64, sha256: sha256_hex(bytes) },
        }
    }

    fn text(text: &str) -> Option<Self> {
        Some(Self::Text(text.to_owned()))
    }

    fn to_json(&self) -> Value {
        match self {
            Self::Text(text) => text.as_str().into(),
            Self::Binary { size_bytes, sha256 } => json!({"size_bytes": size_bytes, "sha256": sha256}),
            Self::Missing => json!({"missing": true}),
        }
    }
}
