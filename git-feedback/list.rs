//! `git feedback list`: what is open, what presses most first.

use std::borrow::Cow;

use anyhow::Result;
use clap::builder::PossibleValuesParser;
use factory::operations::returning::Returning;
use factory::operations::survey;
use factory::terminal::exit::Exit;
use factory::terminal::output::{BAD, DIM, Output, WAIT};
use factory::terminal::safe;
use factory::types::id;
use factory::types::item::score;
use factory::types::item::{Item, Items, KINDS, Status};
use serde_json::{Map, Value, json};
use unicode_width::UnicodeWidthStr;

use crate::first::First;
use crate::store;
use crate::why::Why;
use factory::types::age;

/// List open items, what presses most first
///
/// Each line: id, severity, kind, how often it was seen, when last, title. The order is that of one
/// score of severity, occurrences, recency, regression and worth, which `show` explains. With -z: id, status, severity, kind, how often, when last, title.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  git feedback list\n  git feedback list --kind test-failure -n 0\n  git feedback list --why\n  git feedback list -z | fzf --read0 --delimiter '\\t' | cut -f1\n  git feedback list --status resolved --format json"
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
    /// Show at most so many, 0 for all [default: 50, and all as JSON]
    #[arg(short = 'n', long, value_name = "COUNT")]
    limit: Option<usize>,
    /// Tell under each item what made its occurrences one, and which other items may be the same
    #[arg(long)]
    why: bool,
    /// For scripts: end each line with NUL, part columns by a tab, and neither shorten nor escape
    #[arg(short = 'z', conflicts_with_all = ["why", "format"])]
    nul: bool,
}

/// More than a person reads of what comes worst first.
const DEFAULT_LIMIT: usize = 50;

/// On a narrow terminal lines wrap rather than hide what an item is about.
const LEAST_TITLE: usize = 20;

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    let repo = store::open()?;
    let wanted = |item: &Item<'_>| {
        let status = match &args.status {
            Some(status) => item.status.word() == status,
            None => args.all || item.status.is_open(),
        };
        status && args.kind.as_deref().is_none_or(|kind| item.kind() == kind)
    };
    // Of all, what is shown and no more is kept.
    let for_programs = output.is_json() || args.nul;
    let most = args.limit.unwrap_or(if for_programs { 0 } else { DEFAULT_LIMIT });
    let mut first = First::of(most);
    let now = age::now();
    let now_ms = id::now_ms();
    let offer = |item: &Item<'_>| {
        let why = || args.why.then(|| Why::of(item));
        let shown = || match (output.is_json(), args.nul) {
            (true, _) => Shown::Json(with_why(item, now_ms, why())),
            (_, true) => Shown::Line(line(item)),
            _ => Shown::Row(Row { why: why(), ..row(item, now) }),
        };
        if wanted(item) {
            first.offer(item.place(now_ms), item.id, shown);
        }
    };
    let returning = Returning::of(&repo);
    let settle = |items: &mut Items<'_>| returning.settle(items);
    // What is open is what the index has.
    let usual = !args.all && !args.why && args.kind.is_none() && args.status.is_none() && most > 0;
    let survey = if usual {
        survey::first_open(&repo, now_ms, most, settle, offer)?
    } else {
        survey::items(&repo, now_ms, settle, offer)?
    };
    if let Some(remark) = &survey.remark {
        output.detail(remark);
    }
    let matching = if usual { survey.open } else { first.offered };
    let listed = first.in_order();
    if output.is_json() {
        let mut document = Map::new();
        let items: Vec<Value> = listed.into_iter().filter_map(Shown::json).collect();
        document.insert("items".into(), items.into());
        document.insert("oddities".into(), survey.oddities.len().into());
        output.json(document);
    } else if args.nul {
        output.raw(&listed.into_iter().filter_map(Shown::line).collect::<Vec<_>>().concat());
    } else {
        let rows: Vec<Row> = listed.into_iter().filter_map(Shown::row).collect();
        output.raw(table(&rows, survey.short_length, output).as_bytes());
        if rows.is_empty() && survey.items > 0 && !args.all {
            output.note("nothing open; --all lists closed items");
        } else if rows.len() < matching {
            output.note(format!("{} of {matching} shown; -n 0 shows all", rows.len()));
        }
    }
    if survey.items == 0 {
        store::nothing_yet(&repo, output)?;
    }
    store::tell_odd(&survey.oddities, output);
    Ok(Exit::Holds)
}

fn with_why(item: &Item<'_>, now_ms: u64, why: Option<Why>) -> Value {
    let mut summary = summary(item, now_ms);
    if let (Some(why), Some(fields)) = (why, summary.as_object_mut()) {
        fields.insert("grouped_by".into(), why.grouped_by.into());
    }
    summary
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

/// What is shown of an item.
enum Shown {
    Row(Row),
    Json(Value),
    Line(Vec<u8>),
}

impl Shown {
    fn row(self) -> Option<Row> {
        if let Self::Row(row) = self { Some(row) } else { None }
    }

    fn json(self) -> Option<Value> {
        if let Self::Json(value) = self { Some(value) } else { None }
    }

    fn line(self) -> Option<Vec<u8>> {
        if let Self::Line(line) = self { Some(line) } else { None }
    }
}

/// An item as `-z` writes it; a title may hold anything but NUL.
fn line(item: &Item<'_>) -> Vec<u8> {
    let (count, status) = (item.occurrences.to_string(), item.status.word());
    let columns = [item.id, status, item.severity(), item.kind(), &count, item.last_seen, item.title()];
    format!("{}\0", columns.map(|column| column.replace('\0', "")).join("\t")).into_bytes()
}

/// Columns in order; the id whole, and how bad it is as a number.
struct Row {
    cells: [String; 6],
    severity: usize,
    /// The id, whole, of an item that it may be one with.
    maybe: Option<String>,
    why: Option<Why>,
}

fn row(item: &Item<'_>, now: jiff::Timestamp) -> Row {
    let mut marks =
        if item.status == Status::Open { String::new() } else { format!("[{}] ", item.status.word()) };
    if item.status.is_open() && !(item.promotions.is_empty() && item.lessons.is_empty()) {
        marks.push_str("[promoted] ");
    }
    if item.is_flaky() {
        marks.push_str("[flaky] ");
    }
    let cells = [
        item.id.to_owned(),
        safe::line(item.severity()).into_owned(),
        safe::line(item.kind()).into_owned(),
        format!("{}×", item.occurrences),
        age::of(item.last_seen, now),
        format!("{marks}{}", safe::line(store::headline(item))),
    ];
    let maybe = item.proposed.first().map(|other| (*other).to_owned());
    Row { cells, severity: item.severity_rank(), maybe, why: None }
}

fn table(rows: &[Row], id_length: usize, output: &Output) -> String {
    let short = |id: &str| safe::line(id.get(..id_length).unwrap_or(id)).into_owned();
    let id = |row: &Row| short(&row.cells[0]);
    let widest = |of: &dyn Fn(&Row) -> usize| rows.iter().map(of).max().unwrap_or(0);
    let width = |row: &Row, at: usize| if at == 0 { id(row).width() } else { row.cells[at].width() };
    let widths: [usize; 5] = std::array::from_fn(|at| widest(&|row| width(row, at)));
    // The last column takes what the others and the spaces between them leave.
    let before = widths.iter().sum::<usize>() + 2 * widths.len();
    let left = output.width().map(|columns| columns.saturating_sub(before).max(LEAST_TITLE));
    let mut table = String::new();
    for row in rows {
        let title = match row.maybe.as_ref().filter(|_| row.why.is_none()) {
            Some(other) => Cow::Owned(format!("[maybe {}] {}", short(other), row.cells[5])),
            None => Cow::Borrowed(&*row.cells[5]),
        };
        let title = left.map_or(Cow::Borrowed(&*title), |left| safe::cut(&title, left));
        table.push_str(&aligned(row, &id(row), &title, &widths, output));
        table.push('\n');
        if let Some(why) = &row.why {
            table.push_str(&why.told(&row.cells[0], id_length, output));
        }
    }
    table
}

fn aligned(row: &Row, id: &str, title: &str, widths: &[usize; 5], output: &Output) -> String {
    let padded = |at: usize, text: &str, right: bool| {
        let space = " ".repeat(widths[at].saturating_sub(text.width()));
        if right { format!("{space}{text}") } else { format!("{text}{space}") }
    };
    let cell = |at: usize, right: bool| padded(at, &row.cells[at], right);
    let severity = match row.severity {
        0 | 1 => output.paint(BAD, &cell(1, false)),
        2 => output.paint(WAIT, &cell(1, false)),
        _ => cell(1, false),
    };
    let age = output.paint(DIM, &cell(4, true));
    format!("{}  {severity}  {}  {}  {age}  {title}", padded(0, id, false), cell(2, false), cell(3, true))
}
