//! `cargo intent lesson`: recurring corrections, in `intents/lessons.toml`.

mod add;
mod list;
mod promote;

use std::path::Path;

use anyhow::Result;
use factory::storage::lessons;
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use factory::types::lesson::Lesson;
use factory::types::problem::Problems;

/// Keep what was corrected more than once, so that nobody corrects it again
///
/// A fragment goes into the brief of every agent whose intent is about the same paths. A template is a
/// file that new work starts from. A rule is a pattern that `cargo intent check` and `cargo ship` hold
/// against the files it names; once a rule holds a lesson, the lesson leaves the briefs.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Add(add::Args),
    List(list::Args),
    Promote(promote::Args),
}

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    match args.command {
        Command::Add(args) => add::run(args, output),
        Command::List(args) => list::run(&args, output),
        Command::Promote(args) => promote::run(args, output),
    }
}

/// The lessons of the work tree.
fn read(root: &Path) -> Result<Vec<Lesson>> {
    Ok(lessons::all(root)?.map_err(Problems)?)
}
