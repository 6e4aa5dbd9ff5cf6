//! `git feedback split`: give some of an item's occurrences to another one, for good.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use factory::operations::filing::ground;
use factory::operations::recording;
use factory::storage::notes;
use factory::storage::repo::{Oid, Repo};
use factory::terminal::completing;
use factory::terminal::exit::Exit;
use factory::terminal::output::{DIM, Output};
use factory::terminal::safe;
use factory::types::event::{Event, SubjectKind};
use factory::types::hint::Hinted;
use factory::types::id;
use factory::types::item::{Item, Items, grouping};
use serde_json::{Map, Value, json};

use crate::{candidates, close, link, store};

/// Give occurrences that were grouped wrongly to an item of their own, for good
///
/// What comes from a source, a release or an environment goes there from now on as well, also when it
/// is imported later or in another clone. With --event only the occurrences named go. Without any of
/// them it shows what the occurrences differ in. To take it back: git feedback link the two.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  git feedback split k3v9
  git feedback split k3v9 --source worker.log
  git feedback split k3v9 --release r20261122-k3v9 --title \"the other time-out\"
  git feedback split k3v9 --event 01M8188QVV")]
pub struct Args {
    /// The id, or as much of it as is unique
    #[arg(add = candidates::any())]
    item: String,
    /// What was imported under this name
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// What was seen in this release
    #[arg(long, add = completing::release_ids())]
    release: Option<String>,
    /// What was seen in this environment
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// This occurrence alone, by the beginning of its event's id; may be given several times
    #[arg(long, value_name = "ID", conflicts_with_all = ["source", "release", "environment"])]
    event: Vec<String>,
    /// What the new item is called [default: the title, with what it was split by]
    #[arg(long)]
    title: Option<String>,
}

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    let repo = store::open()?;
    let lines = store::read(&repo)?;
    let items = store::items(&repo, &lines)?;
    let item = store::find(&items, &args.item)?;
    let by = by(&args);
    if by.is_empty() && args.event.is_empty() {
        show_differences(item, output);
        return Ok(Exit::Holds);
    }
    let named = args.event.iter().map(|prefix| occurrence(item, prefix)).collect::<Result<Vec<_>>>()?;
    let goes = |event: &Event| {
        let says = !by.is_empty() && by.iter().all(|(field, value)| grouping::says(event, field, value));
        says || named.contains(&event.id.as_str())
    };
    let (away, stay): (Vec<&Event>, Vec<&Event>) = occurrences(item).partition(|event| goes(event));
    if away.is_empty() || stay.is_empty() {
        let how_many = if away.is_empty() { "none" } else { "every one" };
        bail!(
            Hinted::usage(format!("{how_many} of the occurrences of {} is so", item.id))
                .hint(format!("git feedback split {}", item.id))
        );
    }
    let new = write(&repo, &items, item, &args, &by, &named, output)?;
    if output.is_json() {
        let mut document = Map::new();
        document.insert("item".into(), item.id.into());
        document.insert("into".into(), new.clone().into());
        document.insert("events".into(), away.len().into());
        output.json(document);
    } else {
        output.line(&new);
        let later = if by.is_empty() { "" } else { "; so do later ones" };
        output.note(format!("{} of {} records go there{later}", away.len(), away.len() + stay.len()));
    }
    Ok(Exit::Holds)
}

/// What it is split by: fields and their values.
fn by(args: &Args) -> Vec<(&'static str, &str)> {
    let given = [("source", &args.source), ("release", &args.release), ("environment", &args.environment)];
    given.into_iter().filter_map(|(field, value)| Some((field, value.as_deref()?))).collect()
}

fn occurrences<'i, 'e>(item: &'i Item<'e>) -> impl Iterator<Item = &'e Event> + use<'i, 'e> {
    item.story.iter().map(|(event, _)| *event).filter(|event| matches!(event.op.as_str(), "add" | "seen"))
}

fn occurrence<'e>(item: &Item<'e>, prefix: &str) -> Result<&'e str> {
    let wanted = prefix.to_ascii_uppercase();
    let found: Vec<&str> =
        occurrences(item).map(|event| event.id.as_str()).filter(|id| id.starts_with(&wanted)).collect();
    match found.as_slice() {
        [only] => Ok(only),
        found => bail!(
            Hinted::usage(format!("{} events of {} begin with {prefix:?}", found.len(), item.id))
                .hint(format!("git feedback split {}", item.id))
        ),
    }
}

/// The rule stands in the item and in each of its parts; the new item gets its words.
fn write(
    repo: &Repo,
    items: &Items<'_>,
    item: &Item<'_>,
    args: &Args,
    by: &[(&'static str, &str)],
    events: &[&str],
    output: &Output,
) -> Result<String> {
    // The same split of the same item is the same new item, in every clone.
    let rule: Vec<String> = by.iter().map(|(field, value)| format!("{field}={value}")).collect();
    let rule = if by.is_empty() { events.join(",") } else { rule.join(",") };
    let new = id::item_id(item.kind(), &format!("1:split:{}:{rule}", item.id));
    let shown = if by.is_empty() { "split".to_owned() } else { rule.clone() };
    let title = match &args.title {
        Some(title) => close::because(repo, Some(title), output)?.replace(['\n', '\r'], " "),
        None => format!("{} ({shown})", item.title()).chars().take(200).collect(),
    };
    let commit: Oid = item.commit.parse()?;
    let mut written = Vec::new();
    for member in item.parts.iter().chain([&item.id]).filter(|member| **member != new) {
        let mut event =
            Event::now(SubjectKind::Item, member, "split", item.newest).with("into", new.as_str());
        for (field, value) in by {
            event.fields.insert((*field).to_owned(), (*value).into());
        }
        written.push((commit, event.with("events", events.to_vec())));
    }
    for (one, other) in linked_to(items, item, &new) {
        let apart = Event::now(SubjectKind::Item, one, "unlink", item.newest).with("to", other);
        written.push((commit, apart));
    }
    let words = Event::now(SubjectKind::Item, &new, "set", item.newest)
        .with("title", title)
        .with("kind", item.kind())
        .with("severity", item.severity())
        .with("split_from", item.id);
    written.push((commit, words));
    recording::append(repo, &ground::of(repo)?.redactor, notes::FEEDBACK, &written)?;
    Ok(new)
}

/// Links by which what was split off before was taken back.
fn linked_to<'a>(items: &Items<'_>, item: &'a Item<'_>, new: &'a str) -> Vec<(&'a str, &'a str)> {
    if !item.parts.contains(&new) {
        return Vec::new();
    }
    let others = item.parts.iter().chain([&item.id]).copied().filter(|other| *other != new);
    others
        .flat_map(|other| [(new, other), (other, new)])
        .filter(|(one, other)| link::is_linked(items, one, other))
        .collect()
}

/// The occurrences by what they differ in, so that one can say what goes.
fn show_differences(item: &Item<'_>, output: &Output) {
    let mut values: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for event in occurrences(item) {
        for field in ["source", "release", "environment"] {
            let count = event.count("count").unwrap_or(1);
            if let Some(value) = event.text(field).map(grouping::source_name) {
                let all = values.entry((field, value)).or_default();
                *all = all.saturating_add(count);
            }
        }
    }
    if output.is_json() {
        let differs: Vec<Value> = values
            .iter()
            .map(|((field, value), count)| json!({"by": field, "value": value, "count": count}))
            .collect();
        let events: Vec<Value> =
            occurrences(item).map(|event| json!({"id": event.id, "op": event.op, "t": event.t})).collect();
        let mut document = Map::new();
        document.insert("item".into(), item.id.into());
        document.insert("differs".into(), differs.into());
        document.insert("events".into(), events.into());
        return output.json(document);
    }
    for ((field, value), count) in &values {
        let value = shlex::try_quote(value).unwrap_or_default();
        output.line(format!("--{field} {}  {count}×", safe::line(&value)));
    }
    for event in occurrences(item) {
        let count = event.count("count").unwrap_or(1);
        output.line(format!("--event {}  {count}×  {}", event.id, output.paint(DIM, &safe::line(&event.t))));
    }
    output.note(format!("next: git feedback split {} with one of these", item.id));
}
