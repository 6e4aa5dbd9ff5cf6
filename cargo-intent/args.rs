//! What may be typed after `cargo intent`.

use clap::{Parser, Subcommand};
use factory::terminal::output::Common;

use crate::accept;
use crate::approve;
use crate::build;
use crate::check;
use crate::diff;
use crate::doctor;
use crate::lesson;
use crate::list;
use crate::log;
use crate::new;
use crate::next;
use crate::reject;
use crate::review;
use crate::schema;
use crate::setup;
use crate::show;
use crate::tour;

/// Say what is wanted, know whether it holds, and have an agent build it
#[derive(Debug, Parser)]
#[command(name = "cargo-intent", bin_name = "cargo intent", version, max_term_width = 100)]
pub struct Args {
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    Next(next::Args),
    New(new::Args),
    List(list::Args),
    Show(show::Args),
    Check(check::Args),
    Diff(diff::Args),
    Log(log::Args),
    Approve(approve::Args),
    Build(build::Args),
    Review(review::Args),
    Accept(accept::Args),
    Reject(reject::Args),
    Lesson(lesson::Args),
    Schema(schema::Args),
    Tour(tour::Args),
    Doctor(doctor::Args),
    Setup(setup::Args),
    #[command(hide = true)]
    Manual(factory::terminal::manual::Args),
    #[command(hide = true)]
    TourAgent(tour::agent::Args),
}
