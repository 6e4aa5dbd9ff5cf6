//! `git feedback reopen`: say that a closed item is not done.

use anyhow::Result;
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;

use crate::{candidates, close, store};

/// Open a closed item again
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  git feedback reopen k3v9 --because \"it also fails on Windows\"")]
pub struct Args {
    /// The id, or as much of it as is unique
    #[arg(add = candidates::closed())]
    item: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    because: Option<String>,
}

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    let repo = store::open()?;
    let lines = store::read(&repo)?;
    let items = store::items(&repo, &lines)?;
    let item = store::find(&items, &args.item)?;
    if item.status.is_open() && args.because.is_none() {
        close::say(item.id, item.status.word(), true, output);
        return Ok(Exit::Holds);
    }
    let because = close::because(&repo, args.because.as_deref(), output)?;
    store::append(&repo, item, store::next_event(item, "reopen").with("because", because))?;
    close::say(item.id, "open", false, output);
    Ok(Exit::Holds)
}
