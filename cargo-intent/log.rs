//! `cargo intent log`: the commits that changed an intent, each by what it changed.

mod history;

use anyhow::Result;
use factory::operations::meaning::{Change, Op, Part};
use factory::storage::intents;
use factory::storage::repo::Repo;
use factory::terminal::completing;
use factory::terminal::exit::Exit;
use factory::terminal::output::{BAD, DIM, Output, WAIT};
use factory::terminal::safe;
use factory::types::problem::Problem;
use serde_json::{Map, Value, json};

use crate::meaning::{to_json, words};
use history::{Entry, Said, history};

/// How many changes of a commit stand on its line; the rest is counted.
const TOLD: usize = 4;

/// Show the commits that changed an intent, one line each, by meaning
///
/// Newest first: the commit, its day, what it changed, and its summary. A renamed intent is followed
/// to its old name. `cargo intent diff A..B` shows one of them whole.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo intent log csv2json
  cargo intent log csv2json --format json")]
pub struct Args {
    /// Which one; it may be retired
    #[arg(add = completing::slugs())]
    slug: String,
}

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    let repo = Repo::discover(&std::env::current_dir()?)?;
    let head = repo.require_head()?;
    let slug = intents::bare(&args.slug);
    let (entries, complete) = history(&repo, head, slug)?;
    if entries.is_empty() {
        let mut known = repo.root().ok().map(intents::slugs).transpose()?.unwrap_or_default();
        if known.iter().any(|known| known == slug) {
            output.note(format!("no commit holds {slug} yet: git add intents/{slug}.toml && git commit"));
        } else {
            known.sort();
            return Err(intents::unknown(slug, &known).into());
        }
    }
    if output.is_json() {
        let mut document = Map::new();
        document.insert("slug".into(), slug.into());
        document.insert("complete".into(), complete.into());
        document.insert("commits".into(), entries.iter().map(entry_json).collect::<Vec<_>>().into());
        output.json(document);
    } else {
        for entry in &entries {
            output.line(line(entry, output));
        }
    }
    if !complete {
        output.note("the clone is shallow, and so is this log: git fetch --unshallow");
    }
    Ok(Exit::Holds)
}

fn line(entry: &Entry, output: &Output) -> String {
    let commit = &entry.commit;
    let said = match &entry.said {
        Said::Changes(changes) => told(changes, output),
        Said::Broken(problems) => output.paint(WAIT, &format!("cannot be read: {}", first(problems))),
        Said::Mended => "can be read again".to_owned(),
        Said::Begins => "was there already where the history of this clone begins".to_owned(),
    };
    let summary = output.paint(DIM, &safe::line(&commit.summary));
    format!("{}  {}  {said}  {summary}", commit.id.short(), day(commit.seconds))
}

fn told(changes: &[Change], output: &Output) -> String {
    if let Some(new) = changes.iter().find(|change| change.part == Part::Intent && change.op == Op::Added) {
        let count = |part| changes.iter().filter(|change| change.part == part).count();
        let counted =
            [(Part::Constraint, "constraints"), (Part::Contract, "contracts"), (Part::Check, "checks")]
                .map(|(part, word)| (count(part), word));
        let parts: Vec<String> =
            counted.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
        let parts = if parts.is_empty() { "no checks".to_owned() } else { parts.join(", ") };
        return format!("{}: {parts}", words(new));
    }
    let mut ordered: Vec<&Change> = changes.iter().collect();
    ordered.sort_by_key(|change| !change.is_weaker());
    let shown = |change: &&Change| {
        let text = words(change);
        if change.is_weaker() { output.paint(BAD, &text) } else { text }
    };
    let mut parts: Vec<String> = ordered.iter().take(TOLD).map(shown).collect();
    if ordered.len() > TOLD {
        parts.push(format!("and {} more", ordered.len() - TOLD));
    }
    parts.join("; ")
}

fn first(problems: &[Problem]) -> String {
    let said = |problem: &Problem| format!("line {}: {}", problem.line(), problem.message);
    safe::line(&problems.first().map(said).unwrap_or_default()).into_owned()
}

/// `2026-11-22`, in UTC.
fn day(seconds: i64) -> String {
    match jiff::Timestamp::from_second(seconds) {
        Ok(time) => time.strftime("%Y-%m-%d").to_string(),
        Err(_) => format!("{seconds} s"),
    }
}

fn entry_json(entry: &Entry) -> Value {
    let (state, changes, problems) = match &entry.said {
        Said::Changes(changes) => ("read", to_json(changes), Vec::new()),
        Said::Broken(problems) => ("broken", json!([]), problems.iter().map(Problem::to_json).collect()),
        Said::Mended => ("mended", json!([]), Vec::new()),
        Said::Begins => ("begins", json!([]), Vec::new()),
    };
    json!({
        "commit": entry.commit.id.to_string(),
        "seconds": entry.commit.seconds,
        "summary": entry.commit.summary,
        "slug": entry.slug,
        "digest": entry.digest,
        "state": state,
        "changes": changes,
        "problems": problems,
    })
}
