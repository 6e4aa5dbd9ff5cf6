//! `git feedback link`: say that two items are one, or that they are not.

use anyhow::{Result, bail};
use factory::storage::repo::Repo;
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use factory::terminal::safe;
use factory::types::event::{Event, Line, SubjectKind};
use factory::types::hint::Hinted;
use factory::types::item::{Item, Items};
use serde_json::Map;

use crate::{candidates, store};

/// Say that two items are one; the younger becomes part of the older
///
/// Occurrences, evidence and story count together, under the id of the older; the younger id goes on
/// naming it, and what is imported under it from now on counts there too. `list` shows what an import
/// proposes to link as `[maybe fb-…]`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  git feedback link k3v9 q2m7
  git feedback link k3v9 q2m7 --undo

Where one item holds what should be two: git feedback split ITEM")]
pub struct Args {
    /// The id, or as much of it as is unique
    #[arg(add = candidates::any())]
    item: String,
    /// The other one
    #[arg(add = candidates::any())]
    other: String,
    /// Say that they are not one: takes a link back, or refuses a proposed one
    #[arg(long)]
    undo: bool,
}

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    let repo = store::open()?;
    let lines = store::read(&repo)?;
    let items = store::items(&repo, &lines)?;
    let (one, other) = (store::find(&items, &args.item)?, store::find(&items, &args.other)?);
    if args.undo {
        let (one, other) = (store::find_id(&items, &args.item)?, store::find_id(&items, &args.other)?);
        return undo(&repo, &lines, &items, (one, other), output);
    }
    if one.id == other.id {
        let named = [store::find_id(&items, &args.item)?, store::find_id(&items, &args.other)?];
        let what = if named[0] == named[1] { "an item is one with itself" } else { "they are one already" };
        bail!(Hinted::usage(format!("{what}: {}", one.id)).hint(format!("git feedback show {}", one.id)));
    }
    // What was split off goes back to where it came from, though its occurrences may be older.
    let split_off = |item: &Item<'_>, from: &Item<'_>| item.text("split_from") == Some(from.id);
    let in_order = split_off(other, one) || !split_off(one, other) && began(one) <= began(other);
    let (older, younger) = if in_order { (one, other) } else { (other, one) };
    store::append(&repo, younger, store::next_event(younger, "link").with("to", older.id))?;
    if output.is_json() {
        let mut document = Map::new();
        document.insert("item".into(), older.id.into());
        document.insert("part".into(), younger.id.into());
        document.insert("linked".into(), true.into());
        output.json(document);
    } else {
        output.line(format!("{} is part of {} {}", younger.id, older.id, safe::line(older.title())));
    }
    Ok(Exit::Holds)
}

/// What orders two items by age: when each was first seen; a proposal to link one may be older.
fn began<'e>(item: &Item<'e>) -> (Option<&'e str>, &'e str) {
    let seen = item.story.iter().find(|(event, _)| matches!(event.op.as_str(), "add" | "seen"));
    (seen.map(|(event, _)| event.id.as_str()), item.id)
}

fn undo(
    repo: &Repo,
    lines: &[Line],
    items: &Items<'_>,
    (one, other): (&str, &str),
    output: &Output,
) -> Result<Exit> {
    let whole = store::find(items, one)?;
    let together = items.get(other).is_some_and(|item| item.id == whole.id);
    let proposed = whole.proposed.contains(&other) || store::find(items, other)?.proposed.contains(&one);
    if one == other || !(together || proposed) {
        bail!(
            Hinted::usage(format!("{one} and {other} are not linked"))
                .hint(format!("git feedback show {}", whole.id))
        );
    }
    // Where the link was written, so that the same story tells of both.
    let (one, other) = if is_linked(items, other, one) { (other, one) } else { (one, other) };
    let event = Event::now(SubjectKind::Item, one, "unlink", whole.newest).with("to", other);
    let mut after = lines.to_vec();
    after.push(Line::new(whole.commit, event.line().as_bytes()));
    let then = store::items(repo, &after)?;
    if together && then.get(one).map(|item| item.id) == then.get(other).map(|item| item.id) {
        bail!(
            Hinted::usage(format!("{one} and {other} are one through {}", through(whole, one, other)))
                .hint(format!("git feedback show {} tells which were linked", whole.id))
        );
    }
    store::append(repo, whole, event)?;
    if output.is_json() {
        let mut document = Map::new();
        document.insert("items".into(), vec![one, other].into());
        document.insert("linked".into(), false.into());
        output.json(document);
    } else {
        output.line(format!("{one} and {other} are two"));
    }
    Ok(Exit::Holds)
}

/// Whether an event about `one` links it to the other.
pub fn is_linked(items: &Items<'_>, one: &str, other: &str) -> bool {
    items.written_about(one).any(|event| event.op == "link" && event.text("to") == Some(other))
}

fn through(whole: &Item<'_>, one: &str, other: &str) -> String {
    let all = whole.parts.iter().chain([&whole.id]).copied();
    let others: Vec<&str> = all.filter(|id| *id != one && *id != other).collect();
    others.join(", ")
}
