//! `cargo intent show`: one intent on one screen.

use anyhow::Result;
use factory::operations::digest::{Entries, InFolder};
use factory::storage::intents;
use factory::storage::repo::Repo;
use factory::terminal::exit::Exit;
use factory::terminal::output::{BOLD, DIM, Output, WAIT};
use factory::terminal::safe;
use factory::types::intent::parse::Parsed;
use factory::types::intent::{Constraint, Intent};
use factory::types::standing::Standing;
use serde_json::{Map, Value, json};

use crate::new::UNSAID;
use crate::standing::{Standings, mend, painted, put};
use crate::words;

/// Show one intent: what it wants, what bounds it, how one will know
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo intent show csv2json
  cargo intent show csv2json --format json")]
pub struct Args {
    /// Which one
    pub slug: String,
}

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    let repo = Repo::discover(&std::env::current_dir()?)?;
    let parsed = intents::one(repo.root()?, &args.slug)?;
    let files = InFolder::new(&repo);
    let standings = Standings::read(&repo, &files)?;
    let entries = standings.entries(&parsed.intent)?;
    let digest = factory::operations::digest::digest_of(&entries);
    let standing = standings.of(&parsed.intent)?;
    if output.is_json() {
        output.json(to_json(&parsed, &entries, &digest, &standing));
        return Ok(Exit::Holds);
    }
    print(&parsed.intent, output);
    fixtures(&entries, output);
    output.line("");
    let short = &digest[..16];
    output.line(format!(
        "{}  {}",
        painted(output, &standing),
        output.paint(DIM, &format!("digest {short}…"))
    ));
    if let Some(reason) = standing.reason() {
        output.line(output.paint(DIM, &format!("  {}", safe::line(&reason))));
        if let Some(mend) = mend(&standing, &parsed.intent.slug) {
            output.note(format!("  to mend it: {}", safe::line(&mend)));
        }
    }
    if !parsed.later.is_empty() {
        output.note(format!("accepted, not acted on by this version: {}", parsed.later.join(", ")));
    }
    if parsed.intent.outcome == UNSAID {
        output.note(format!("the outcome is still to be said: edit intents/{}.toml", parsed.intent.slug));
    }
    Ok(Exit::Holds)
}

/// What it demands, on standard output.
pub fn print(intent: &Intent, output: &Output) {
    let title = safe::line(&intent.title);
    output.line(format!("{}  {}", output.paint(BOLD, &intent.slug), output.paint(BOLD, &title)));
    output.line(safe::lines(&intent.outcome));
    for (name, list) in [("out of scope", &intent.out_of_scope), ("may change", &intent.scope.write)] {
        if !list.is_empty() {
            output.line(format!(
                "{} {}",
                output.paint(DIM, &format!("{name}:")),
                safe::line(&list.join(", "))
            ));
        }
    }
    section("constraints", intent.constraints.iter().map(constraint), output);
    section("contracts", intent.contracts.iter().map(words::contract), output);
    section("checks", intent.acceptance.iter().map(words::check), output);
    if intent.acceptance.is_empty() {
        output.line("");
        output.line(output.paint(WAIT, "no checks: nothing says how one will know"));
    }
}

/// A heading and rows of a name and what there is to say of it.
fn section(heading: &str, rows: impl Iterator<Item = (String, String)>, output: &Output) {
    let rows: Vec<(String, String)> = rows.collect();
    if rows.is_empty() {
        return;
    }
    output.line("");
    output.line(output.paint(DIM, heading));
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    for (name, text) in rows {
        output.line(format!("  {name:width$}  {}", safe::line(&text)));
    }
}

fn constraint(constraint: &Constraint) -> (String, String) {
    let holder = match &constraint.check {
        Some(check) => format!("held by {check}"),
        None => "a person judges it".to_owned(),
    };
    (constraint.id.clone(), format!("{}: {} ({holder})", constraint.kind, constraint.text))
}

fn fixtures(entries: &Entries, output: &Output) {
    let files = entries.iter().filter_map(|(path, value)| Some((path.strip_prefix("fixture/")?, value)));
    section("fixtures", files.map(|(path, value)| (path.to_owned(), words::size(value.bytes.len()))), output);
}

fn to_json(parsed: &Parsed, entries: &Entries, digest: &str, standing: &Standing) -> Map<String, Value> {
    let intent = &parsed.intent;
    let named = |(id, text): (String, String)| json!({"id": id, "text": text});
    let fixtures: Vec<Value> = entries
        .iter()
        .filter_map(|(path, value)| Some((path.strip_prefix("fixture/")?, value)))
        .map(|(path, value)| json!({"path": path, "size_bytes": value.bytes.len()}))
        .collect();
    let mut document = Map::new();
    let mut add = |key: &str, value: Value| drop(document.insert(key.to_owned(), value));
    add("slug", intent.slug.clone().into());
    add("title", intent.title.clone().into());
    add("outcome", intent.outcome.clone().into());
    add("rationale", intent.rationale.clone().into());
    add("out_of_scope", intent.out_of_scope.clone().into());
    add("constraints", intent.constraints.iter().map(constraint).map(named).collect::<Vec<_>>().into());
    add("contracts", intent.contracts.iter().map(words::contract).map(named).collect::<Vec<_>>().into());
    let checks = intent.acceptance.iter().map(|check| {
        json!({"id": check.id, "text": check.text, "anchor": words::anchor(&check.anchor), "origin": check.origin})
    });
    add("checks", checks.collect::<Vec<_>>().into());
    add("fixtures", fixtures.into());
    add("digest", digest.into());
    add("not_acted_on", parsed.later.clone().into());
    put(&mut document, standing);
    document
}
