//! `git feedback set`: say more of an item, or mend what was said.

use std::io::BufRead;

use anyhow::{Context, Result, bail};
use clap::builder::PossibleValuesParser;
use factory::operations::filing::ground;
use factory::operations::redacting::{Found, Redactor, kinds};
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use factory::terminal::safe;
use factory::types::hint::Hinted;
use factory::types::id;
use factory::types::item::measures::{self, Measure};
use factory::types::item::{Item, KINDS, SEVERITIES, score};
use serde_json::{Map, Value, json};

use crate::{candidates, store};

/// Set fields of an item: severity, kind, title, and what its priority is computed from
///
/// Without any field it asks for what is missing: of `friction` the expected signal, reach, impact,
/// confidence and effort (RICE), of `toil` how long it takes and how often. Without a terminal it lists
/// what is missing and the command that says it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  git feedback set k3v9
  git feedback set k3v9 --severity fatal
  git feedback set k3v9 --signal \"error-rate < 0.01\" --reach 20 --effort 4
  git feedback set k3v9 --minutes 15 --per 3/week
  git feedback set k3v9 --field owner=ada")]
pub struct Args {
    /// The id, or as much of it as is unique
    #[arg(add = candidates::open())]
    item: String,
    /// How bad it is
    #[arg(long, value_parser = PossibleValuesParser::new(SEVERITIES), value_name = "SEVERITY")]
    severity: Option<String>,
    /// What kind of thing it is
    #[arg(long, value_parser = PossibleValuesParser::new(KINDS), value_name = "KIND")]
    kind: Option<String>,
    /// What it is called
    #[arg(long)]
    title: Option<String>,
    /// What is told below the title
    #[arg(long)]
    body: Option<String>,
    /// What would show that it is better: a signal with a bound, or words
    #[arg(long, value_name = "TEXT")]
    signal: Option<String>,
    /// How often it is met, in times a week
    #[arg(long, value_name = "N")]
    reach: Option<String>,
    /// How much it matters: 3 massive, 2 high, 1 medium, 0.5 low, 0.25 minimal
    #[arg(long, value_name = "N")]
    impact: Option<String>,
    /// How sure you are, in percent
    #[arg(long, value_name = "PERCENT")]
    confidence: Option<String>,
    /// Hours it would take to mend
    #[arg(long, value_name = "HOURS")]
    effort: Option<String>,
    /// Minutes a chore takes each time
    #[arg(long, value_name = "N")]
    minutes: Option<String>,
    /// How often a chore comes: day, week, 3/week, month, quarter, year
    #[arg(long, value_name = "HOW-OFTEN")]
    per: Option<String>,
    /// Any other field; may be given several times
    #[arg(long = "field", value_name = "NAME=VALUE")]
    fields: Vec<String>,
}

/// What is the event's or the record's own, and never a field to set.
const OWN: [&str; 12] = [
    "id",
    "v",
    "item",
    "op",
    "t",
    "count",
    "source",
    "hour",
    "fingerprint",
    "release",
    "grouped_by",
    "split_from",
];

/// Longest title, as `add` keeps it.
const TITLE_CHARS: usize = 200;

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    let repo = store::open()?;
    let lines = store::read(&repo)?;
    let items = store::items(&repo, &lines)?;
    let item = store::find(&items, &args.item)?;
    let mut told = told(&args)?;
    if told.is_empty() {
        let kind = item.kind();
        if measures::of_kind(kind).is_empty() {
            bail!(
                Hinted::usage(format!("nothing is missing of an item of kind {kind}; say what to set"))
                    .hint(format!("git feedback set {} --severity fatal", item.id))
            );
        }
        let missing = measures::missing(item);
        if missing.is_empty() || output.is_json() || !Output::may_ask() {
            list_missing(item, &missing, output);
            return Ok(Exit::Holds);
        }
        told = asked(item, &missing, output)?;
        if told.is_empty() {
            output.note("nothing was set");
            return Ok(Exit::Holds);
        }
    }
    let mut event = store::next_event(item, "set");
    let redactor = ground::of(&repo)?.redactor;
    let mut found = Vec::new();
    for (name, value) in &mut told {
        by_name(&redactor, name, value, &mut found);
    }
    event.fields.extend(redactor.fields(told, &mut found));
    found.sort();
    found.dedup();
    if !found.is_empty() {
        output.note(format!("replaced before writing: {}", kinds(&found)));
    }
    let said = event.fields.clone();
    store::append(&repo, item, event)?;
    let lines = store::read(&repo)?;
    let items = store::items(&repo, &lines)?;
    say(store::find(&items, item.id)?, &said, output);
    Ok(Exit::Holds)
}

/// The fields the command line gives, each checked.
fn told(args: &Args) -> Result<Map<String, Value>> {
    let mut told = Map::new();
    if let Some(title) = &args.title {
        let title: String = title.trim().replace(['\n', '\r'], " ").chars().take(TITLE_CHARS).collect();
        if title.is_empty() {
            bail!(Hinted::usage("the title is empty").hint("--title \"what happened\""));
        }
        told.insert("title".to_owned(), title.into());
    }
    for (name, value) in [("kind", &args.kind), ("severity", &args.severity), ("body", &args.body)] {
        told.extend(value.as_ref().map(|value| (name.to_owned(), value.trim().into())));
    }
    let given =
        [&args.signal, &args.reach, &args.impact, &args.confidence, &args.effort, &args.minutes, &args.per];
    for (measure, value) in measures::ALL.iter().zip(given) {
        let Some(value) = value else { continue };
        let value = measure.value(value).map_err(|why| Hinted::usage(why).hint(measure.question))?;
        told.insert(measure.field.to_owned(), value);
    }
    for field in &args.fields {
        let (name, value) = other(field)?;
        told.insert(name, value);
    }
    Ok(told)
}

/// `name=value`, a number where it is one.
fn other(field: &str) -> Result<(String, Value)> {
    let example = "--field owner=ada";
    let Some((name, value)) = field.split_once('=') else {
        bail!(Hinted::usage(format!("{field:?} is no field: NAME=VALUE")).hint(example));
    };
    let lawful = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() <= 40
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !lawful || OWN.contains(&name) {
        bail!(Hinted::usage(format!("{name:?} cannot be set: lowercase letters, digits and `_`, and not what the record itself uses")).hint(example));
    }
    // What has a rule of its own keeps it.
    if let Some(measure) = measures::ALL.iter().find(|measure| measure.field == name) {
        return Ok((name.to_owned(), measure.value(value).map_err(Hinted::usage)?));
    }
    if (name == "kind" && !KINDS.contains(&value)) || (name == "severity" && !SEVERITIES.contains(&value)) {
        bail!(Hinted::usage(format!("{value:?} is no {name}")).hint(format!("--{name}")));
    }
    let number = value.parse::<f64>().ok().filter(|number| number.is_finite());
    let value = match (value, number) {
        ("true", _) => true.into(),
        ("false", _) => false.into(),
        (_, Some(_)) => serde_json::from_str(value).unwrap_or_else(|_| value.into()),
        (_, None) => value.into(),
    };
    Ok((name.to_owned(), value))
}

/// A value may be a secret by its name alone.
fn by_name(redactor: &Redactor, name: &str, value: &mut Value, found: &mut Vec<Found>) {
    let Value::String(text) = value else { return };
    let redacted = redactor.redact(&format!("{name}={text}"));
    if let Some(rest) = redacted.text.strip_prefix(&format!("{name}=")).filter(|rest| rest != text) {
        *text = rest.to_owned();
        found.extend(redacted.found);
    }
}

/// Ask for each that is missing; Enter leaves one out, the end of input the rest.
fn asked(item: &Item<'_>, missing: &[&Measure], output: &Output) -> Result<Map<String, Value>> {
    output.question(format!("{} {}", item.id, safe::line(item.title())));
    let mut told = Map::new();
    for measure in missing {
        loop {
            output.question(format!("{} [Enter: later]", measure.question));
            let mut answer = String::new();
            if std::io::stdin().lock().read_line(&mut answer).context("the terminal")? == 0 {
                return Ok(told);
            }
            if answer.trim().is_empty() {
                break;
            }
            match measure.value(&answer) {
                Ok(value) => {
                    told.insert(measure.field.to_owned(), value);
                    break;
                }
                Err(why) => output.question(format!("  {why}")),
            }
        }
    }
    Ok(told)
}

/// The command that says all that is missing, with a word where each value goes.
fn command(item: &Item<'_>, missing: &[&Measure]) -> String {
    let flags: Vec<String> = missing.iter().map(|measure| format!("--{} …", measure.flag)).collect();
    format!("git feedback set {} {}", item.id, flags.join(" "))
}

fn list_missing(item: &Item<'_>, missing: &[&Measure], output: &Output) {
    if output.is_json() {
        let rows: Vec<Value> = missing
            .iter()
            .map(|one| json!({"field": one.field, "flag": format!("--{}", one.flag), "question": one.question}))
            .collect();
        let mut document = Map::new();
        document.insert("item".into(), item.id.into());
        document.insert("kind".into(), item.kind().into());
        document.insert("missing".into(), rows.into());
        document.insert("next".into(), (!missing.is_empty()).then(|| command(item, missing)).into());
        return output.json(document);
    }
    if missing.is_empty() {
        return output.note(format!("nothing is missing; git feedback show {}", item.id));
    }
    let width = missing.iter().map(|measure| measure.flag.len()).max().unwrap_or(0);
    for measure in missing {
        output.line(format!("{:<width$}  {}", measure.flag, measure.question));
    }
    output.note(format!("next: {}", command(item, missing)));
}

fn say(item: &Item<'_>, told: &Map<String, Value>, output: &Output) {
    let score = score::of(item, id::now_ms());
    if output.is_json() {
        let mut document = Map::new();
        document.insert("item".into(), item.id.into());
        document.insert("set".into(), told.clone().into());
        document.insert("score".into(), score.total().into());
        return output.json(document);
    }
    let words: Vec<String> = told
        .iter()
        .map(|(name, value)| {
            format!("{name} {}", value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        })
        .collect();
    output.line(format!("{}: {}", item.id, safe::cut(&safe::line(&words.join(", ")), 200)));
    output.note(format!("score {}", score.words()));
}
