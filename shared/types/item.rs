//! One thing learned: the fold of its events in `refs/notes/feedback`.
//!
//! Operations: `add` and `set` (fields), `seen` (occurrences), `attach` (evidence), `close`, `reopen`,
//! `promoted`, `link`, `unlink`, `split`. Others are kept and shown.

pub mod alone;
pub mod by_id;
mod counting;
pub mod fold;
pub mod grouping;
pub mod measures;
pub mod score;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde_json::Value;

use super::event::{Event, SubjectKind};
use super::id;

pub use counting::occurrences;

pub const KINDS: [&str; 8] =
    ["incident", "error", "log", "trace", "friction", "test-failure", "toil", "style"];

/// As Sentry names them, the worst first.
pub const SEVERITIES: [&str; 5] = ["fatal", "error", "warning", "info", "debug"];

pub const DEFAULT_KIND: &str = "incident";
pub const DEFAULT_SEVERITY: &str = "error";

/// What follows from the events; never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Seen again, after it was closed, in a release that contains the fix.
    Regressed,
    Open,
    Resolved,
    Ignored,
}

impl Status {
    pub const ALL: [Self; 4] = [Self::Regressed, Self::Open, Self::Resolved, Self::Ignored];

    pub fn word(self) -> &'static str {
        match self {
            Self::Regressed => "regressed",
            Self::Open => "open",
            Self::Resolved => "resolved",
            Self::Ignored => "ignored",
        }
    }

    /// Whether it waits for the person.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::Regressed)
    }
}

/// A file attached to an item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence<'e> {
    pub digest: &'e str,
    /// Without folders.
    pub name: &'e str,
    pub size_bytes: u64,
}

/// The check an item became.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Promotion<'e> {
    pub intent: &'e str,
    pub check: &'e str,
    /// The fixture's folder, where there is one.
    pub fixture: Option<&'e str>,
}

/// An item as its events tell it; texts are borrowed from the lines.
#[derive(Clone, Debug, PartialEq)]
pub struct Item<'e> {
    pub id: &'e str,
    /// The commit the first event hangs on.
    pub commit: &'e str,
    /// Fields of `add` and `set`: the last writer's of each.
    pub fields: BTreeMap<&'e str, &'e Value>,
    pub status: Status,
    /// The release that closed it, where one did.
    pub resolved_in: Option<&'e str>,
    pub because: Option<&'e str>,
    /// The release it was seen in again; `None` where nobody knows, or it is not regressed.
    pub back_in: Option<&'e str>,
    /// Releases it was seen in after it was closed, in order, each once; empty where nobody said which.
    /// With `resolved_in` they are what [`Item::settle`] decides about.
    pub seen_again: Vec<&'e str>,
    pub occurrences: u64,
    /// RFC 3339 as reported, by the events' order.
    pub first_seen: &'e str,
    pub last_seen: &'e str,
    /// The id of the event that `last_seen` is of: its time is one that the clock believes.
    pub last_seen_id: &'e str,
    pub evidence: Vec<Evidence<'e>>,
    pub promotions: Vec<Promotion<'e>>,
    /// The lessons it became, by id.
    pub lessons: Vec<&'e str>,
    /// The items that are this one, by `link`.
    pub parts: Vec<&'e str>,
    /// The items that may be this one; nobody said yes or no.
    pub proposed: Vec<&'e str>,
    /// The items that occurrences of this one were given to, by `split`.
    pub split_into: Vec<&'e str>,
    /// Every event with the commit it hangs on, in order.
    pub story: Vec<(&'e Event, &'e str)>,
    /// The newest event id that this machine's clock believes: what the next event comes after.
    pub newest: Option<&'e str>,
    /// Events whose id claims a time that has not come; they lose against every other.
    pub ahead: usize,
}

impl<'e> Item<'e> {
    pub fn text(&self, field: &str) -> Option<&'e str> {
        self.fields.get(field)?.as_str()
    }

    pub fn title(&self) -> &'e str {
        self.text("title").unwrap_or("(no title)")
    }

    pub fn kind(&self) -> &'e str {
        self.text("kind").unwrap_or(DEFAULT_KIND)
    }

    pub fn severity(&self) -> &'e str {
        self.text("severity").unwrap_or(DEFAULT_SEVERITY)
    }

    /// 0 is the worst; a word not known comes last.
    pub fn severity_rank(&self) -> usize {
        rank(self.severity())
    }

    pub fn release(&self) -> Option<&'e str> {
        self.text("release")
    }

    /// Whether somebody said that its test fails now and then without a fault of the code.
    pub fn is_flaky(&self) -> bool {
        self.fields.get("flaky").and_then(|value| value.as_bool()) == Some(true)
    }

    pub fn number(&self, field: &str) -> Option<f64> {
        self.fields.get(field)?.as_f64()
    }

    /// Where it stands in a list: open ones first, then by [`score`], then the newest. Time alone moves an
    /// item back, never forward: the index of the first ones rests on it.
    pub fn place(&self, now_ms: u64) -> Place {
        let score = score::of(self, now_ms);
        Place { closed: !self.status.is_open(), ..Place::open(&score, self.newest.map(id::order)) }
    }

    /// Decide whether what was seen after the fix has come back. `contains` says of a release whether it
    /// holds the commit of `resolved_in`; `None` where nobody knows: then time decides, and it has.
    pub fn settle(&mut self, contains: impl Fn(&str) -> Option<bool>) {
        if !matches!(self.status, Status::Resolved | Status::Regressed) {
            return;
        }
        let back = self.seen_again.iter().find(|release| {
            release.is_empty() || self.resolved_in.is_none() || contains(release).unwrap_or(true)
        });
        self.back_in = back.copied().filter(|release| !release.is_empty());
        self.status = if back.is_some() { Status::Regressed } else { Status::Resolved };
    }
}

/// Of two items the one that comes first in a list has the lesser.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    closed: bool,
    score: Reverse<i64>,
    newest: Reverse<Option<u128>>,
}

impl Place {
    /// That of an open item; `newest` is the order of its newest event.
    fn open(score: &score::Score, newest: Option<u128>) -> Self {
        Self { closed: false, score: Reverse(score.hundredths()), newest: Reverse(newest) }
    }
}

/// Where a severity stands; 0 is the worst.
pub fn rank(severity: &str) -> usize {
    SEVERITIES.iter().position(|known| *known == severity).unwrap_or(SEVERITIES.len())
}

/// Every item of the notes, by id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Items<'e> {
    pub by_id: by_id::ById<'e>,
    /// Of an item that is part of another one: which.
    pub part_of: BTreeMap<&'e str, &'e str>,
}

impl Items<'_> {
    /// `fb-` and four characters.
    pub const SHORTEST: usize = 7;
}

impl<'e> Items<'e> {
    /// The item of this id, or the one it is part of.
    pub fn get(&self, id: &str) -> Option<&Item<'e>> {
        self.by_id.get(self.part_of.get(id).copied().unwrap_or(id))
    }

    /// The events written about this very id, whichever items they count for now.
    pub fn written_about<'i>(&'i self, id: &'i str) -> impl Iterator<Item = &'e Event> + use<'e, 'i> {
        let item = self.get(id);
        let elsewhere = item.into_iter().flat_map(|item| item.split_into.iter());
        let elsewhere = elsewhere.filter_map(|other| self.get(other));
        let all =
            item.into_iter().chain(elsewhere.filter(move |other| item.is_none_or(|i| i.id != other.id)));
        all.flat_map(|item| item.story.iter().map(|(event, _)| *event))
            .filter(move |event| event.is_about(SubjectKind::Item, id))
    }

    /// Whether this very id was seen, wherever that counts for now.
    pub fn is_told(&self, id: &str) -> bool {
        self.written_about(id).any(|event| matches!(event.op.as_str(), "add" | "seen"))
    }

    /// The wanted items in the order of their places.
    pub fn first_to_do(&self, now_ms: u64, wanted: impl Fn(&&Item<'e>) -> bool) -> Vec<&Item<'e>> {
        let mut listed: Vec<&Item<'e>> = self.by_id.values().filter(wanted).collect();
        listed.sort_by_cached_key(|item| (item.place(now_ms), item.id));
        listed
    }

    /// Items whose id, or that of a part, begins so, with or without `fb-`; letters of either case.
    pub fn matching(&self, prefix: &str) -> Vec<&Item<'e>> {
        let wanted = prefix.to_ascii_lowercase();
        if let Some(item) = self.get(prefix) {
            return vec![item];
        }
        let begins = |id: &str| {
            id.starts_with(&wanted) || id.strip_prefix("fb-").is_some_and(|tail| tail.starts_with(&wanted))
        };
        let whole = |item: &&Item<'e>| begins(item.id) || item.parts.iter().any(|part| begins(part));
        self.by_id.values().filter(whole).collect()
    }

    /// The shortest prefix, of four characters or more behind `fb-`, that names each item alone.
    pub fn short_length(&self) -> usize {
        let mut ids: Vec<&str> = self.by_id.keys().chain(self.part_of.keys()).copied().collect();
        ids.sort_unstable();
        let shared = |a: &str, b: &str| a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
        let longest = ids.windows(2).map(|pair| shared(pair[0], pair[1])).max().unwrap_or(0);
        (longest + 1).max(Self::SHORTEST)
    }
}
