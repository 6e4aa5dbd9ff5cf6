//! What may be typed after `cargo ship`.

use clap::{Parser, Subcommand};
use factory::terminal::output::Common;

use crate::{abort, edge, log, logs, promote, resume, rollback, ship, show, start, status, stop};

/// Build, check and ship the commit you are on; roll it back when it is worse than what serves
#[derive(Debug, Parser)]
#[command(
    name = "cargo-ship",
    bin_name = "cargo ship",
    version,
    max_term_width = 100,
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  cargo ship                 build, check, and put HEAD in service\n  \
                  cargo ship --canary        give it a share of the requests first, and let it prove itself\n  \
                  cargo ship --dry-run       say what would be done\n  \
                  cargo ship status          what serves, and what waits\n  \
                  cargo ship rollback        back to the release before\n\n\
                  Exit codes: 0 promoted, 1 a check failed or it was rolled back, 2 usage, 3 held,\n\
                  4 another ship is under way, 5 the outside failed"
)]
pub struct Args {
    #[command(flatten)]
    pub common: Common,
    /// The environment to act on
    #[arg(long = "env", value_name = "NAME", global = true)]
    pub environment: Option<String>,
    #[command(flatten)]
    pub ship: ship::Args,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    Status(status::Args),
    Log(log::Args),
    Show(show::Args),
    Promote(promote::Args),
    Rollback(rollback::Args),
    Resume(resume::Args),
    Abort(abort::Args),
    Start(start::Args),
    Stop(stop::Args),
    Logs(logs::Args),
    #[command(hide = true)]
    Manual(factory::terminal::manual::Args),
    #[command(hide = true)]
    Edge(edge::supervisor::Args),
    #[command(hide = true)]
    Edges(edge::edges::Args),
    #[command(hide = true)]
    EdgeWorker(edge::worker::Args),
}
