//! One thing learned: the fold of its events in `refs/notes/feedback`.
//!
//! Operations: `add` and `set` (fields), `seen` (occurrences), `attach` (evidence), `close`, `reopen`,
//! `promoted`, `link`. Others are kept and shown.

pub mod by_id;
pub mod fold;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde_json::Value;

use super::event::Event;
use super::id;

pub const KINDS: [&str; 8] =
    ["incident", "error", "log", "trace", "friction", "test-failure", "toil", "style"];

/// As Sentry names them, the worst first.
pub const SEVERITIES: [&str; 5] = ["fatal", "error", "warning", "info", "debug"];

pub const DEFAULT_KIND: &str = "incident";
pub const DEFAULT_SEVERITY: &str = "error";

/// What follows from the events; never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Seen again after it was closed.
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
    pub occurrences: u64,
    /// RFC 3339 as reported, by the events' order.
    pub first_seen: &'e str,
    pub last_seen: &'e str,
    pub evidence: Vec<Evidence<'e>>,
    pub promotions: Vec<Promotion<'e>>,
    /// The lessons it became, by id.
    pub lessons: Vec<&'e str>,
    pub links: Vec<&'e str>,
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

    /// Where it stands in a list: open ones first, then the worst, then the newest. Time alone moves an
    /// item back, never forward: the index of the first ones rests on it.
    pub fn place(&self, _now_ms: u64) -> Place {
        Place(!self.status.is_open(), self.severity_rank(), Reverse(self.newest.map(id::order)))
    }

    pub fn release(&self) -> Option<&'e str> {
        self.text("release")
    }
}

/// Of two items the one that comes first in a list has the lesser.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(bool, usize, Reverse<Option<u128>>);

/// Where a severity stands; 0 is the worst.
pub fn rank(severity: &str) -> usize {
    SEVERITIES.iter().position(|known| *known == severity).unwrap_or(SEVERITIES.len())
}

/// Every item of the notes, by id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Items<'e> {
    pub by_id: by_id::ById<'e>,
}

impl Items<'_> {
    /// `fb-` and four characters.
    pub const SHORTEST: usize = 7;
}

impl<'e> Items<'e> {
    pub fn get(&self, id: &str) -> Option<&Item<'e>> {
        self.by_id.get(id)
    }

    /// The wanted items: open ones first, then the worst, then the newest.
    pub fn worst_first(&self, wanted: impl Fn(&&Item<'e>) -> bool) -> Vec<&Item<'e>> {
        let mut listed: Vec<&Item<'e>> = self.by_id.values().filter(wanted).collect();
        listed.sort_by_cached_key(|item| (item.place(0), item.id));
        listed
    }

    /// Items whose id begins so, with or without `fb-`; letters of either case.
    pub fn matching(&self, prefix: &str) -> Vec<&Item<'e>> {
        let wanted = prefix.to_ascii_lowercase();
        if let Some(item) = self.by_id.get(prefix) {
            return vec![item];
        }
        let begins = |id: &str| {
            id.starts_with(&wanted) || id.strip_prefix("fb-").is_some_and(|tail| tail.starts_with(&wanted))
        };
        self.by_id.values().filter(|item| begins(item.id)).collect()
    }

    /// The shortest prefix, of four characters or more behind `fb-`, that names each item alone.
    pub fn short_length(&self) -> usize {
        let ids: Vec<&str> = self.by_id.keys().copied().collect();
        let shared = |a: &str, b: &str| a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
        let longest = ids.windows(2).map(|pair| shared(pair[0], pair[1])).max().unwrap_or(0);
        (longest + 1).max(Self::SHORTEST)
    }
}
