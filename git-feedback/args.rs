//! What may be typed after `git feedback`.

use clap::{Parser, Subcommand};
use factory::terminal::output::Common;

use crate::add;
use crate::close;
use crate::import;
use crate::link;
use crate::list;
use crate::promote;
use crate::recover;
use crate::reopen;
use crate::run_command;
use crate::set;
use crate::show;
use crate::split;
use crate::stats;
use crate::sync;

/// Keep what went wrong next to the code, and turn it into the next fixture
// No second paragraph: `-h` would point at --help, for which git itself looks for a manual page.
#[derive(Debug, Parser)]
#[command(
    name = "git-feedback",
    bin_name = "git feedback",
    version,
    max_term_width = 100,
    after_help = "Items are git notes (refs/notes/feedback): git log --notes=feedback shows them."
)]
pub struct Args {
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    Add(add::Args),
    Run(run_command::Args),
    Import(import::Args),
    List(list::Args),
    Show(show::Args),
    Set(set::Args),
    Link(link::Args),
    Split(split::Args),
    Promote(promote::Args),
    Close(close::Args),
    Reopen(reopen::Args),
    Stats(stats::Args),
    Sync(sync::Args),
    Recover(recover::Args),
    #[command(hide = true)]
    Manual(factory::terminal::manual::Args),
}
