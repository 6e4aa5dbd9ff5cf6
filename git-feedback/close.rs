//! `git feedback close`: say that an item is resolved, or will not be looked at.

use anyhow::Result;
use factory::operations::filing::ground;
use factory::storage::repo::Repo;
use factory::terminal::completing;
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use factory::types::item::Status;
use serde_json::{Map, Value};

use crate::{candidates, store};

/// Close an item as resolved, or as ignored
///
/// An item seen again after it was closed as resolved shows up as regressed.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  git feedback close k3v9 --because \"fixed by hand\"\n  git feedback close k3v9 --release r20261122-k3v9\n  git feedback close k3v9 --ignore"
)]
pub struct Args {
    /// The id, or as much of it as is unique
    #[arg(add = candidates::open())]
    item: String,
    /// The release that holds the fix
    #[arg(long, add = completing::release_ids())]
    release: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    because: Option<String>,
    /// It will not be looked at: seen again, it stays closed
    #[arg(long, conflicts_with = "release")]
    ignore: bool,
}

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    let repo = store::open()?;
    let head = repo.require_head()?;
    let lines = store::read(&repo)?;
    let items = store::items(&repo, &lines)?;
    let item = store::find(&items, &args.item)?;
    let wanted = if args.ignore { Status::Ignored } else { Status::Resolved };
    if item.status == wanted && args.release.is_none() && args.because.is_none() {
        // Written again, it would hide the release that closed it.
        say(item.id, wanted.word(), true, output);
        return Ok(Exit::Holds);
    }
    let release = match &args.release {
        Some(named) => ground::release(&repo, head, Some(named))?.map(|(id, _)| id),
        None => None,
    };
    let event = store::next_event(item, "close")
        .with("release", release)
        .with("as", if args.ignore { "ignored" } else { "" })
        .with("because", because(&repo, args.because.as_deref(), output)?);
    store::append(&repo, item, event)?;
    say(item.id, wanted.word(), false, output);
    Ok(Exit::Holds)
}

/// The reason, redacted like every text that is written.
pub fn because(repo: &Repo, text: Option<&str>, output: &Output) -> Result<String> {
    let Some(text) = text else { return Ok(String::new()) };
    let redacted = ground::of(repo)?.redactor.redact(text);
    if !redacted.found.is_empty() {
        let kinds = factory::operations::redacting::kinds(&redacted.found);
        output.note(format!("replaced before writing: {kinds}"));
    }
    Ok(redacted.text.chars().take(1000).collect())
}

/// Say how it stands; `already` where nothing had to be written for it.
pub fn say(item: &str, status: &str, already: bool, output: &Output) {
    if output.is_json() {
        let mut document: Map<String, Value> = Map::new();
        document.insert("item".into(), item.into());
        document.insert("status".into(), status.into());
        document.insert("changed".into(), (!already).into());
        output.json(document);
    } else {
        output.line(format!("{item} is {status}{}", if already { " already" } else { "" }));
    }
}
