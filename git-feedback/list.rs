//! `git feedback list`: what is open, the worst first.

use anyhow::Result;
use clap::builder::PossibleValuesParser;
use factory::terminal::exit::Exit;
use factory::terminal::output::{BAD, DIM, Output, WAIT};
use factory::terminal::safe;
use factory::types::event;
use factory::types::item::{Item, KINDS, Status};
use serde_json::{Map, Value, json};
use unicode_width::UnicodeWidthStr;

use crate::store;
use crate::why;
use factory::types::age;

/// List open items, the worst and newest first
///
/// Each line: id, severity, kind, how often it was seen, when last, title.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  git feedback list\n  git feedback list --kind test-failure\n  git feedback list --why\n  git feedback list --status resolved --format json"
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
    /// Tell under each item what made its occurrences one, and which other items may be the same
    #[arg(long)]
    why: bool,
}

/// On a narrow terminal lines wrap rather than hide what an item is about.
const LEAST_TITLE: usize = 20;

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    let repo = store::open()?;
    let lines = store::read(&repo)?;
    let items = store::items(&lines);
    let wanted = |item: &&Item<'_>| {
        let status = match &args.status {
            Some(status) => item.status.word() == status,
            None => args.all || item.status.is_open(),
        };
        status && args.kind.as_deref().is_none_or(|kind| item.kind() == kind)
    };
    let listed = items.worst_first(wanted);
    if output.is_json() {
        let mut document = Map::new();
        document.insert(
            "items".into(),
            listed.iter().map(|item| with_why(item, args.why)).collect::<Vec<_>>().into(),
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
        let why = |item: &Item<'_>| if args.why { why::told(item, length, output) } else { String::new() };
        let line =
            |(item, row): (&&Item<'_>, &[String; 6])| aligned(item, row, &widths, output) + "\n" + &why(item);
        let table: String = listed.iter().zip(&rows).map(line).collect();
        output.raw(table.as_bytes());
        if listed.is_empty() && !items.by_id.is_empty() && !args.all {
            output.note("nothing open; --all lists closed items");
        }
    }
    store::tell_oddities(&lines, output);
    Ok(Exit::Holds)
}

fn with_why(item: &Item<'_>, wanted: bool) -> Value {
    let mut summary = summary(item);
    if wanted && let Some(fields) = summary.as_object_mut() {
        fields.insert("grouped_by".into(), why::grouped_by(item).into());
        fields.insert("proposed".into(), why::proposed(item).iter().map(|(other, _)| *other).collect());
    }
    summary
}

/// An item as every JSON result shows it.
pub fn summary(item: &Item<'_>) -> Value {
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
        "commit": item.commit,
    })
}

fn row(item: &Item<'_>, length: usize, now: jiff::Timestamp) -> [String; 6] {
    let status =
        if item.status == Status::Open { String::new() } else { format!("[{}] ", item.status.word()) };
    [
        safe::line(item.id.get(..length).unwrap_or(item.id)).into_owned(),
        safe::line(item.severity()).into_owned(),
        safe::line(item.kind()).into_owned(),
        format!("{}×", item.occurrences),
        age::of(item.last_seen, now),
        format!("{status}{}", safe::line(item.title())),
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
