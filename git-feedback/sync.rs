//! `git feedback sync`: exchange items, approvals, releases and evidence with a remote.

use anyhow::Result;
use factory::operations::filing::ground;
use factory::operations::outgoing::{self, Leak, Mended};
use factory::storage::repo::{Oid, Repo};
use factory::storage::sync::{self, Standing};
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use factory::terminal::safe;
use factory::types::hint::Hinted;
use serde_json::{Map, Value, json};

use crate::store;

/// Exchange items, releases, approvals and evidence with a remote
///
/// Both sides end with all that either had; nothing is forced. Git does the talking, so its
/// credentials and settings hold. What was never pushed is looked through first: a line or piece of
/// evidence that certainly holds a secret is named, and nothing is exchanged. With `--redact` it is
/// written anew without; until `git gc --prune=now` this repository, but no other, still has it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  git feedback sync\n  git feedback sync upstream --dry-run")]
pub struct Args {
    /// The remote [default: the branch's, origin, or the only one]
    remote: Option<String>,
    /// Show where both sides stand and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Take secrets out of what was never pushed, instead of refusing to push it
    #[arg(long)]
    redact: bool,
}

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    let repo = store::open()?;
    let remote = sync::choose_remote(&repo, args.remote.as_deref())?;
    if args.dry_run {
        return preview(&repo, &remote, output);
    }
    look_through(&repo, &remote, args.redact, output)?;
    let synced = sync::run(&repo, &remote)?;
    if output.is_json() {
        let rows: Vec<Value> = synced
            .iter()
            .map(|row| json!({"reference": row.reference, "received": row.received, "sent": row.sent}))
            .collect();
        output.json(document(&remote, rows));
        return Ok(Exit::Holds);
    }
    let moved: Vec<_> = synced.iter().filter(|row| row.received + row.sent > 0).collect();
    if moved.is_empty() {
        output.line(format!("{}: nothing to exchange", safe::line(&remote)));
    }
    for row in moved {
        let name = row.reference.trim_start_matches("refs/");
        output.line(format!("{name}: {} received, {} sent", row.received, row.sent));
    }
    Ok(Exit::Holds)
}

/// So many of what was found are named.
const NAMED: usize = 10;

/// A pushed line returns with every union: a secret in what was never pushed stops everything.
fn look_through(repo: &Repo, remote: &str, redact: bool, output: &Output) -> Result<()> {
    let looking = ground::of(repo)?.redactor.only_certain();
    let mut leaks = outgoing::leaks(repo, &looking, remote)?;
    if redact && !leaks.is_empty() {
        let Mended { recovered, changed } =
            outgoing::mend(repo, &ground::of(repo)?.redactor, remote, &leaks)?;
        if recovered > 0 {
            output.note(format!("{recovered} lines that other writers had dropped were added back first"));
        }
        output.note(format!(
            "{changed} lines or pieces written anew; the old ones stay in this repository until \
             `git gc --prune=now`"
        ));
        leaks = outgoing::leaks(repo, &looking, remote)?;
    }
    if leaks.is_empty() {
        return Ok(());
    }
    let name = |leak: &Leak| format!("\n  {}: {} ({})", leak.reference, safe::line(&leak.place), leak.kinds);
    let mut named: String = leaks.iter().take(NAMED).map(name).collect();
    if leaks.len() > NAMED {
        named.push_str(&format!("\n  and {} more", leaks.len() - NAMED));
    }
    Err(Hinted::finding(format!("what was never pushed holds secrets; nothing was exchanged:{named}"))
        .hint(format!("git feedback sync {remote} --redact; what is real is to be revoked all the same"))
        .into())
}

fn preview(repo: &Repo, remote: &str, output: &Output) -> Result<Exit> {
    let rows = sync::preview(repo, remote)?;
    if output.is_json() {
        let shown = |oid: Option<Oid>| oid.map(|oid| oid.to_string());
        let row = |row: &Standing| json!({"reference": row.reference, "here": shown(row.here), "there": shown(row.there)});
        output.json(document(remote, rows.iter().map(row).collect()));
        return Ok(Exit::Holds);
    }
    for row in rows {
        let says = match (row.here, row.there) {
            (None, None) => "on neither side".to_owned(),
            (Some(_), None) => "would be sent".to_owned(),
            (None, Some(_)) => "would be received".to_owned(),
            (Some(here), Some(there)) if here == there => "the same on both sides".to_owned(),
            (Some(here), Some(there)) => {
                format!("would be united ({} here, {} there)", here.short(), there.short())
            }
        };
        output.line(format!("{}: {says}", row.reference.trim_start_matches("refs/")));
    }
    Ok(Exit::Holds)
}

fn document(remote: &str, rows: Vec<Value>) -> Map<String, Value> {
    let mut document = Map::new();
    document.insert("remote".into(), remote.into());
    document.insert("references".into(), rows.into());
    document
}
