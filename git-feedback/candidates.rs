//! The items a shell offers after TAB, what presses most first.

use std::ffi::OsStr;

use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use factory::operations::returning::Returning;
use factory::operations::survey;
use factory::terminal::completing;
use factory::types::id;
use factory::types::item::{Item, Items, Status};

use crate::first::First;
use crate::store;

/// Of the items that may be meant, so many are offered.
const MOST: usize = 50;

/// Ids of items with their titles: the open ones; once a part of the id is typed, of all items.
pub fn any() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let nothing = is_nothing(typed);
        offered(typed, move |status| !nothing || status.is_open())
    })
}

/// Those that are open.
pub fn open() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| offered(typed, Status::is_open))
}

/// Those that are not.
pub fn closed() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| offered(typed, |status| !status.is_open()))
}

/// Whether no part of an id is typed yet.
fn is_nothing(typed: &OsStr) -> bool {
    typed.to_str().is_some_and(|typed| "fb-".starts_with(typed))
}

/// The ids that go on as typed, with or without `fb-`.
fn offered(typed: &OsStr, wanted: impl Fn(Status) -> bool) -> Vec<CompletionCandidate> {
    let Some(repo) = completing::here() else { return Vec::new() };
    let is_bare = !is_nothing(typed) && !typed.as_encoded_bytes().starts_with(b"fb-");
    let typed = typed.to_str().unwrap_or_default();
    let returning = Returning::of(&repo);
    let now_ms = id::now_ms();
    let mut first = First::of(MOST);
    let settle = |items: &mut Items<'_>| returning.settle(items);
    let offer = |item: &Item<'_>| {
        let written = if is_bare { item.id.strip_prefix("fb-").unwrap_or(item.id) } else { item.id };
        if written.starts_with(typed) && wanted(item.status) {
            first.offer(item.place(now_ms), item.id, || completing::candidate(written, Some(&about(item))));
        }
    };
    // The index has the first that are open; of what begins as typed it may have none.
    let surveyed = match "fb-".starts_with(typed) && !wanted(Status::Resolved) {
        true => survey::first_open(&repo, now_ms, MOST, settle, offer),
        false => survey::items(&repo, now_ms, settle, offer),
    };
    // A shell has no place for what went wrong; nothing is offered then.
    if surveyed.is_err() {
        return Vec::new();
    }
    let in_order = first.in_order().into_iter().enumerate();
    in_order.map(|(at, candidate)| candidate.display_order(Some(at))).collect()
}

fn about(item: &Item<'_>) -> String {
    match item.status {
        Status::Open => format!("{}: {}", item.kind(), store::headline(item)),
        status => format!("{}, {}: {}", status.word(), item.kind(), store::headline(item)),
    }
}
