//! `cargo intent show`: one intent on one screen.

mod sheet;

use anyhow::Result;
use factory::operations::digest::{Entries, InFolder};
use factory::storage::repo::Repo;
use factory::storage::{intents, lessons};
use factory::terminal::completing;
use factory::terminal::exit::Exit;
use factory::terminal::output::{DIM, Output};
use factory::terminal::safe;
use factory::types::intent::parse::Parsed;
use factory::types::intent::{Constraint, Intent};
use factory::types::lesson::Lesson;
use factory::types::problem::Problems;
use factory::types::standing::Standing;
use serde_json::{Map, Value, json};

use sheet::Sheet;

use crate::agent::brief::{Brief, Case};
use crate::new::UNSAID;
use crate::prove;
use crate::standing::{Standings, mend, painted, put};
use crate::words;

/// Show one intent: what it wants, what bounds it, how one will know
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo intent show csv2json
  cargo intent show csv2json --for agent
  cargo intent show csv2json --format json

On a terminal it fits one screen; into a pipe goes everything.")]
pub struct Args {
    /// Which one
    #[arg(add = completing::slugs())]
    pub slug: String,
    /// Show it as who is to read it: agent prints the brief an agent is given
    #[arg(long = "for", value_enum, default_value = "person", value_name = "WHO")]
    audience: Audience,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Audience {
    Person,
    Agent,
}

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    let repo = Repo::discover(&std::env::current_dir()?)?;
    let parsed = intents::one(repo.root()?, &args.slug)?;
    let files = InFolder::new(&repo);
    let standings = Standings::read(&repo, &files)?;
    let entries = standings.entries(&parsed.intent)?;
    if args.audience == Audience::Agent {
        let lessons = lessons::all(repo.root()?)?.map_err(Problems)?;
        let brief = brief(&parsed.intent, &entries, &lessons);
        match output.is_json() {
            true => output.json(Map::from_iter([("brief".to_owned(), brief.into())])),
            false => output.raw(safe::lines(&brief).as_bytes()),
        }
        return Ok(Exit::Holds);
    }
    let digest = factory::operations::digest::digest_of(&entries)?;
    let standing = standings.of(&parsed.intent)?;
    let proofs = prove::known(&repo, &parsed.intent.slug, &digest)?;
    if output.is_json() {
        let mut document = to_json(&parsed, &entries, &digest, &standing);
        document.insert("proofs".into(), prove::to_json(&proofs.current));
        document.insert("proof_stale".into(), proofs.stale.into());
        output.json(document);
        return Ok(Exit::Holds);
    }
    let sheet = Sheet::of(&parsed.intent, sized(&entries)).proven(prove::rows(&proofs, &parsed.intent.slug));
    let (lines, cut) = match output.width() {
        Some(columns) => sheet.fitted(columns, output),
        None => (sheet.whole(output), false),
    };
    for line in lines {
        output.line(line);
    }
    output.line("");
    let short = &digest[..16];
    output.line(format!(
        "{}  {}",
        painted(output, &standing),
        output.paint(DIM, &format!("digest {short}…"))
    ));
    if cut {
        output.note(format!("cut to fit; all of it: intents/{}.toml", parsed.intent.slug));
    }
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

/// What it demands, whole, on standard output, with the files of its examples.
pub fn print(intent: &Intent, entries: &Entries, output: &Output) {
    for line in Sheet::of(intent, sized(entries)).whole(output) {
        output.line(line);
    }
}

/// What an agent would be told of the intent as the work tree has it.
fn brief(intent: &Intent, entries: &Entries, lessons: &[Lesson]) -> String {
    let mut cases: Vec<Case> = Vec::new();
    for (path, _) in fixtures(entries) {
        let (case, name) = path.split_once('/').unwrap_or(("", path));
        let folder = format!("{}/{}/{case}", intents::FOLDER, intent.slug);
        match cases.last_mut().filter(|case| case.folder == folder) {
            Some(case) => case.files.push(name.to_owned()),
            None => cases.push(Case { folder, files: vec![name.to_owned()] }),
        }
    }
    Brief { intent, cases: &cases, failures: &[], reasons: &[], lessons }.markdown()
}

/// Path and size of each file of the intent's examples.
fn fixtures(entries: &Entries) -> impl Iterator<Item = (&str, u64)> {
    entries
        .iter()
        .filter_map(|(path, value)| Some((path.strip_prefix("fixture/")?, value.value.size_bytes())))
}

/// The same, as a person reads it.
fn sized(entries: &Entries) -> Vec<(String, String)> {
    fixtures(entries).map(|(path, size)| (path.to_owned(), words::size(size))).collect()
}

fn constraint(constraint: &Constraint) -> (String, String) {
    let holder = match &constraint.check {
        Some(check) => format!("held by {check}"),
        None => "a person judges it".to_owned(),
    };
    (constraint.id.clone(), format!("{}: {} ({holder})", constraint.kind, constraint.text))
}

fn to_json(parsed: &Parsed, entries: &Entries, digest: &str, standing: &Standing) -> Map<String, Value> {
    let intent = &parsed.intent;
    let named = |(id, text): (String, String)| json!({"id": id, "text": text});
    let fixtures: Vec<Value> =
        fixtures(entries).map(|(path, size)| json!({"path": path, "size_bytes": size})).collect();
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
