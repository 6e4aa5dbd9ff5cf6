//! `git feedback list`: what is open, what presses most first.

use anyhow::Result;
use clap::builder::PossibleValuesParser;
use factory::terminal::exit::Exit;
use factory::terminal::output::{BAD, DIM, Output, WAIT};
use factory::terminal::safe;
use factory::types::event;
use factory::types::id;
use factory::types::item::score;
use factory::types::item::{Item, KINDS, Status};
use serde_json::{Map, Value, json};
use unicode_width::UnicodeWidthStr;

use crate::store;
use factory::types::age;

/// List open items, what presses most first
///
/// Each line: id, severity, kind, how often it was seen, when last, title. The order is that of one
/// score of severity, occurrences, recency, regression and worth, which `show` explains.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  git feedback list\n  git feedback list --kind test-failure\n  git feedback list --status resolved --format json"
)]
pub struct Args {
    /// Closed items too
    #[arg(long, conflicts_with = "status")]
    all: bool,
    /// Only items of this kind
    #[arg(long, value_parser = PossibleValuesParser::new(KINDS), value_name = "KIND")]
    kind: Option<String>,
    /// Only items of this status
    #[arg(long, value_parser = PossibleValuesParser::new(Status::ALL.map(Status::word)), value_name = "STATUS")]
    status: Option<String>,
}

/// On a narrow terminal lines wrap rather than hide what an item is about.
const LEAST_TITLE: usize = 20;

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    let repo = store::open()?;
    let lines = store::read(&repo)?;
    let items = store::items(&repo, &lines)?;
    let wanted = |item: &&Item<'_>| {
        let status = match &args.status {
            Some(status) => item.status.word() == status,
            None => args.all || item.status.is_open(),
        };
        status && args.kind.as_deref().is_none_or(|kind| item.kind() == kind)
    };
    let now_ms = id::now_ms();
    let listed = items.first_to_do(now_ms, wanted);
    if output.is_json() {
        let mut document = Map::new();
        document.insert(
            "items".into(),
            listed.iter().map(|item| summary(item, now_ms)).collect::<Vec<_>>().into(),
        );
        document.insert("oddities".into(), event::oddities(&lines).len().into());
        output.json(document);
    } else {
        let now = age::now();
        let length = items.short_length();
        let mut rows: Vec<[String; 6]> = listed.iter().map(|item| row(item, length, now)).collect();
        let widths: Vec<usize> =
            (0..5).map(|at| rows.iter().map(|row| row[at].width()).max().unwrap_or(0)).collect();
        // The last column takes what the others and the spaces between them leave.
        let before = widths.iter().sum::<usize>() + 2 * widths.len();
        if let Some(columns) = output.width() {
            let left = columns.saturating_sub(before).max(LEAST_TITLE);
            rows.iter_mut().for_each(|row| row[5] = safe::cut(&row[5], left).into_owned());
        }
        let table: String =
            listed.iter().zip(&rows).map(|(item, row)| aligned(item, row, &widths, output) + "\n").collect();
        output.raw(table.as_bytes());
        if listed.is_empty() && !items.by_id.is_empty() && !args.all {
            output.note("nothing open; --all lists closed items");
        }
    }
    store::tell_oddities(&lines, output);
    Ok(Exit::Holds)
}

/// An item as every JSON result shows it.
pub fn summary(item: &Item<'_>, now_ms: u64) -> Value {
    let score: Map<String, Value> = score::of(item, now_ms)
        .parts()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    json!({
        "id": item.id,
        "title": item.title(),
        "kind": item.kind(),
        "severity": item.severity(),
        "status": item.status.word(),
        "occurrences": item.occurrences,
        "first_seen": item.first_seen,
        "last_seen": item.last_seen,
        "release": item.release(),
        "resolved_in": item.resolved_in,
        "back_in": item.back_in,
        "score": score,
        "parts": item.parts,
        "proposed": item.proposed,
        "commit": item.commit,
    })
}

fn row(item: &Item<'_>, length: usize, now: jiff::Timestamp) -> [String; 6] {
    let mut marks =
        if item.status == Status::Open { String::new() } else { format!("[{}] ", item.status.word()) };
    if item.is_flaky() {
        marks.push_str("[flaky] ");
    }
    if let Some(other) = item.proposed.first() {
        let other = safe::line(other.get(..length).unwrap_or(other));
        marks.push_str(&format!("[maybe {other}] "));
    }
    [
        safe::line(item.id.get(..length).unwrap_or(item.id)).into_owned(),
        safe::line(item.severity()).into_owned(),
        safe::line(item.kind()).into_owned(),
        format!("{}×", item.occurrences),
        age::of(item.last_seen, now),
        format!("{marks}{}", safe::line(item.title())),
    ]
}

fn aligned(item: &Item<'_>, row: &[String; 6], widths: &[usize], output: &Output) -> String {
    let padded = |at: usize, right: bool| {
        let space = " ".repeat(widths[at].saturating_sub(row[at].width()));
        if right { format!("{space}{}", row[at]) } else { format!("{}{space}", row[at]) }
    };
    let severity = match item.severity_rank() {
        0 | 1 => output.paint(BAD, &padded(1, false)),
        2 => output.paint(WAIT, &padded(1, false)),
        _ => padded(1, false),
    };
    let age = output.paint(DIM, &padded(4, true));
    format!("{}  {severity}  {}  {}  {age}  {}", padded(0, false), padded(2, false), padded(3, true), row[5])
}
