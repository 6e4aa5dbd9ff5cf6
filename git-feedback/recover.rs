//! `git feedback recover`: add back what other writers dropped from the notes.

use anyhow::Result;
use factory::operations::filing::ground;
use factory::operations::recovering;
use factory::storage::notes;
use factory::storage::recover::{self, Found, Piece};
use factory::storage::repo::Repo;
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use factory::terminal::safe;
use serde_json::{Map, Value, json};

use crate::store;

/// Add back lines that other writers dropped
///
/// Looks through everything the log of refs/notes/feedback, refs/notes/intent and refs/notes/ship still
/// names: what `git notes append` overwrote, a forced fetch replaced, `git notes remove` took out, or
/// went when the reference was moved back. All of it is added to what is there; nothing is taken away.
/// A secret is not added back. Evidence with records in it that is missing or damaged is put back from
/// an older state.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  git feedback recover --dry-run -v
  git feedback recover
  git feedback recover --unreachable    # the reference was deleted, and its log with it")]
pub struct Args {
    /// Look in commits too that nothing leads to; reads every commit of the repository
    #[arg(long)]
    unreachable: bool,
    /// Show what would be added and change nothing
    #[arg(long)]
    dry_run: bool,
}

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    let repo = store::open()?;
    let redactor = ground::of(&repo)?.redactor;
    let all = recovering::find(&repo, &redactor, args.unreachable)?;
    if !args.dry_run {
        for found in &all {
            recovering::restore(&repo, found)?;
        }
    }
    let pieces = recovering::pieces(&repo, &redactor)?;
    if !args.dry_run {
        recovering::put_back(&repo, &pieces)?;
    }
    if output.is_json() {
        let mut document = Map::new();
        document.insert("dry_run".into(), args.dry_run.into());
        document.insert("references".into(), all.iter().map(row).collect::<Vec<_>>().into());
        document.insert("evidence".into(), pieces.iter().map(piece_row).collect::<Vec<_>>().into());
        output.json(document);
    } else {
        all.iter().filter(|found| found.count() > 0).for_each(|found| say(found, args.dry_run, output));
        pieces.iter().for_each(|piece| say_piece(piece, args.dry_run, output));
        if all.iter().all(|found| found.count() == 0) && pieces.is_empty() {
            output.line("nothing is missing");
        }
    }
    for found in &all {
        tell_gaps(&repo, found, output)?;
    }
    if !args.unreachable {
        tell_missing(&repo, output)?;
    }
    Ok(Exit::Holds)
}

fn row(found: &Found) -> Value {
    let lines: Vec<Value> = found
        .lines
        .iter()
        .flat_map(|(commit, lines)| {
            let shown =
                |line: &Vec<u8>| json!({"commit": commit.to_string(), "line": String::from_utf8_lossy(line)});
            lines.iter().map(shown)
        })
        .collect();
    json!({"reference": found.reference, "log": found.logged, "not_here": found.gone, "lines": lines})
}

fn say(found: &Found, dry_run: bool, output: &Output) {
    let count = |number: usize, of: &str| format!("{number} {of}{}", if number == 1 { "" } else { "s" });
    let did = if dry_run { "would be added back" } else { "added back" };
    let (lines, commits) = (count(found.count(), "line"), count(found.lines.len(), "commit"));
    output.line(format!("{}: {lines} on {commits} {did}", found.reference.trim_start_matches("refs/")));
    for (commit, lines) in &found.lines {
        for line in lines {
            output.detail(format!("  on {}: {}", commit.short(), safe::bytes(line)));
        }
    }
}

fn piece_row(piece: &Piece) -> Value {
    json!({"digest": piece.digest, "found": piece.bytes.is_some()})
}

fn say_piece(piece: &Piece, dry_run: bool, output: &Output) {
    let digest = safe::line(&piece.digest);
    match &piece.bytes {
        Some(_) if dry_run => output.line(format!("evidence {digest} would be put back")),
        Some(_) => output.line(format!("evidence {digest} put back")),
        None => output.warn(format!(
            "evidence {digest} is missing or damaged, and no older state here has it; another clone may: \
             git feedback sync there, then here"
        )),
    }
}

/// Say where nothing could be looked for, and what would help the next time.
fn tell_gaps(repo: &Repo, found: &Found, output: &Output) -> Result<()> {
    let name = found.reference;
    if found.gone > 0 {
        output.note(format!("{name}: {} objects it once named are not here any more", found.gone));
    }
    if found.logged || repo.read_ref(name)?.is_none() {
        return Ok(());
    }
    output.warn(format!("{name} has no log, so only its own history was looked through"));
    if !repo.keeps_reflogs() {
        let why =
            if repo.root().is_err() { "git keeps none in a bare repository" } else { "it is switched off" };
        output.note(format!("{why}; from now on: git config core.logAllRefUpdates true"));
    }
    Ok(())
}

/// Git deletes the log of a reference with the reference.
fn tell_missing(repo: &Repo, output: &Output) -> Result<()> {
    let mut missing = Vec::new();
    for reference in recover::REFERENCES {
        if repo.read_ref(reference)?.is_none() {
            missing.push(reference);
        }
    }
    let text = format!(
        "not there: {}; where one was deleted, its log went with it: git feedback recover --unreachable",
        missing.join(", ")
    );
    if missing.contains(&notes::FEEDBACK) {
        output.note(text);
    } else if !missing.is_empty() {
        output.detail(text);
    }
    Ok(())
}
