//! `cargo intent diff`: what changed between two states of the intents, by meaning.

mod states;

use anyhow::Result;
use factory::operations::meaning::{self, Difference, Side};
use factory::storage::repo::Repo;
use factory::terminal::exit::Exit;
use factory::terminal::output::{BOLD, DIM, GOOD, Output, WAIT};
use factory::terminal::safe;
use factory::types::problem::Problem;
use serde_json::{Map, Value, json};

use crate::meaning::{print, to_json};
use states::{Approvals, State, Wanted};

/// Show what changed in the intents, by meaning
///
/// Compares the work tree with HEAD, or with what is named. Checks, constraints, contracts, fixtures
/// and the tests they name are compared, not lines. A change is called weaker only where that is
/// certain, and it is said whether an approval becomes stale.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo intent diff                        the work tree against HEAD
  cargo intent diff csv2json               one intent
  cargo intent diff HEAD~3 csv2json        the work tree against three commits ago
  cargo intent diff v1..v2                 between two revisions
  cargo intent diff main...intent/csv2json what a change did since it left main")]
pub struct Args {
    /// A revision or a range, an intent, or both
    #[arg(value_name = "REV[..REV] | SLUG", num_args = 0..=2)]
    what: Vec<String>,
}

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    let repo = Repo::discover(&std::env::current_dir()?)?;
    let wanted = Wanted::of(&repo, &args.what)?;
    let mut before = wanted.before(&repo)?;
    let mut after = wanted.after(&repo, &before)?;
    // An intent that cannot be read on one side is neither new nor retired.
    before.sides.retain(|side| !after.broken.contains_key(&side.intent.slug));
    after.sides.retain(|side| !before.broken.contains_key(&side.intent.slug));
    let differences = meaning::compare(&before.sides, &after.sides);
    let approvals = Approvals::read(&repo)?;
    let is_wanted = |slug: &str| wanted.slug.as_deref().is_none_or(|wanted| wanted == slug);
    let sides = |d: &Difference| [d.before, d.after].into_iter().flatten().any(|s| is_wanted(&s.intent.slug));
    let differences: Vec<Difference> = differences.into_iter().filter(sides).collect();
    let effects: Vec<&'static str> =
        differences.iter().map(|difference| approvals.effect(difference)).collect::<Result<_>>()?;
    let broken = before.broken.iter().chain(&after.broken).filter(|(slug, _)| is_wanted(slug));
    let problems: Vec<&Problem> = broken.flat_map(|(_, problems)| problems).collect();
    if output.is_json() {
        output.json(document(&before, &after, &differences, &problems, &effects)?);
    } else {
        show(&differences, &effects, output);
        if differences.is_empty() && problems.is_empty() {
            output.note(format!("no intent differs between {} and {}", before.name, after.name));
        }
    }
    output.problems(&problems.iter().copied().cloned().collect::<Vec<_>>());
    Ok(if problems.is_empty() { Exit::Holds } else { Exit::Usage })
}

fn show(differences: &[Difference], effects: &[&'static str], output: &Output) {
    for (at, (difference, effect)) in differences.iter().zip(effects).enumerate() {
        if at > 0 {
            output.line("");
        }
        let title = difference.after.or(difference.before).map_or("", |side| side.intent.title.as_str());
        output.line(output.paint(BOLD, &format!("{}  {}", safe::line(difference.slug()), safe::line(title))));
        print(&difference.changes, output);
        if *effect == "none" && difference.after.is_none() {
            continue;
        }
        let style = match *effect {
            "stale" => WAIT,
            "holds" | "approved" => GOOD,
            _ => DIM,
        };
        output.line(format!("  {}", output.paint(style, sentence(effect, difference))));
    }
}

fn sentence(effect: &str, difference: &Difference) -> &'static str {
    let informs = meaning::is_informative(&difference.changes);
    match (effect, informs) {
        ("stale", _) => "the approval becomes stale",
        ("holds", _) => "only informative: the approval holds",
        ("approved", _) => "approved as it is now",
        ("retired", _) => "the approval ends with it",
        _ if difference.before.is_none() => "not approved yet",
        (_, true) => "only informative: the digest stays",
        (_, false) => "the digest moves; it was not approved",
    }
}

fn document(
    before: &State,
    after: &State,
    differences: &[Difference],
    problems: &[&Problem],
    effects: &[&'static str],
) -> Result<Map<String, Value>> {
    let digest = |side: Option<&Side>| side.map(Side::digest).transpose();
    let one = |(difference, effect): (&Difference, &&str)| -> Result<Value> {
        Ok(json!({
            "slug": difference.slug(),
            "before": digest(difference.before)?,
            "after": digest(difference.after)?,
            "approval": effect,
            "informative": meaning::is_informative(&difference.changes),
            "weaker": difference.changes.iter().any(meaning::Change::is_weaker),
            "changes": to_json(&difference.changes),
        }))
    };
    let mut document = Map::new();
    document.insert("before".into(), before.to_json());
    document.insert("after".into(), after.to_json());
    document.insert(
        "intents".into(),
        differences.iter().zip(effects).map(one).collect::<Result<Vec<_>>>()?.into(),
    );
    let problems: Vec<Value> = problems.iter().map(|problem| problem.to_json()).collect();
    document.insert("problems".into(), problems.into());
    Ok(document)
}
