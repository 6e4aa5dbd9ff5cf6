//! `git feedback stats`: what opens and closes, how long a fix takes, what comes back.

use std::collections::BTreeMap;

use anyhow::Result;
use factory::terminal::exit::Exit;
use factory::terminal::output::{BOLD, DIM, Output};
use factory::terminal::safe;
use factory::types::item::{Item, Items, Status};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use crate::store;

/// Show what opens and closes over time, how long fixes take, and what comes back
///
/// By weeks, which begin on Monday (UTC), or by releases: opened in the one an item was first seen in,
/// closed in the one that resolved it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  git feedback stats\n  git feedback stats --by release --format json")]
pub struct Args {
    /// Count by weeks or by releases
    #[arg(long, value_enum, default_value = "week", value_name = "WHAT")]
    by: By,
    /// So many of the newest weeks or releases
    #[arg(long, default_value = "12", value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    last: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum By {
    Week,
    Release,
}

/// Opened and closed in one week or release.
type Row = (String, u64, u64);

/// How many of what comes back are named.
const NAMED: usize = 5;
const BAR: usize = 24;

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    let repo = store::open()?;
    let lines = store::read(&repo)?;
    let items = store::items(&repo, &lines)?;
    let rows = rows(&items, args.by, usize::from(args.last));
    let mut days: Vec<f64> = items.by_id.values().filter_map(days_to_fix).collect();
    days.sort_by(f64::total_cmp);
    let back = recurring(&items);
    if output.is_json() {
        output.json(document(&items, &rows, &days, &back, args.by));
    } else if !items.by_id.is_empty() {
        show(&items, &rows, &days, &back, output);
    }
    store::tell_oddities(&lines, output);
    Ok(Exit::Holds)
}

fn date(time: &str) -> Option<Date> {
    let time: Timestamp = time.parse().ok()?;
    Some(time.to_zoned(TimeZone::UTC).date())
}

/// The Monday of the week.
fn week(time: &str) -> Option<String> {
    let date = date(time)?;
    let back = i32::from(date.weekday().to_monday_zero_offset());
    Some(date.checked_sub(jiff::Span::new().days(back)).ok()?.to_string())
}

/// The event that closed it for the time being.
fn closed_at<'e>(item: &Item<'e>) -> Option<&'e str> {
    let closed = matches!(item.status, Status::Resolved | Status::Ignored);
    let event = item.story.iter().rev().find(|(event, _)| event.op == "close").filter(|_| closed)?;
    Some(&event.0.t)
}

fn rows(items: &Items<'_>, by: By, last: usize) -> Vec<Row> {
    let mut counts: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for item in items.by_id.values() {
        let (opened, closed) = match by {
            By::Week => (week(item.first_seen), closed_at(item).and_then(week)),
            By::Release => {
                let resolved = item.resolved_in.filter(|_| item.status == Status::Resolved);
                (item.release().map(str::to_owned), resolved.map(str::to_owned))
            }
        };
        if let Some(opened) = opened {
            counts.entry(opened).or_default().0 += 1;
        }
        if let Some(closed) = closed {
            counts.entry(closed).or_default().1 += 1;
        }
    }
    if by == By::Week {
        fill_weeks(&mut counts, last);
    }
    let from = counts.len().saturating_sub(last);
    counts.into_iter().skip(from).map(|(name, (opened, closed))| (name, opened, closed)).collect()
}

/// Weeks in which nothing happened, within the newest ones.
fn fill_weeks(counts: &mut BTreeMap<String, (u64, u64)>, last: usize) {
    let (Some(first), Some(newest)) = (counts.keys().next().cloned(), counts.keys().last().cloned()) else {
        return;
    };
    let mut at: Option<Date> = newest.parse().ok();
    for _ in 0..last {
        let Some(date) = at.filter(|date| date.to_string() >= first) else { return };
        counts.entry(date.to_string()).or_default();
        at = date.checked_sub(jiff::Span::new().weeks(1)).ok();
    }
}

/// Days from the first sighting to the close, of what was resolved and stayed so.
fn days_to_fix(item: &Item<'_>) -> Option<f64> {
    let closed: Timestamp = closed_at(item).filter(|_| item.status == Status::Resolved)?.parse().ok()?;
    let first: Timestamp = item.first_seen.parse().ok()?;
    Some(((closed.as_millisecond() - first.as_millisecond()) as f64 / 86_400_000.0).max(0.0))
}

/// The value below which this share of them lies; `sorted` is not empty.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    // At most the last place, since the share is at most 1.
    sorted[((sorted.len() - 1) as f64 * share).round() as usize]
}

/// What came back after it was closed, the most often closed first.
fn recurring<'i, 'e>(items: &'i Items<'e>) -> Vec<(&'i Item<'e>, usize)> {
    let closes = |item: &Item<'_>| item.story.iter().filter(|(event, _)| event.op == "close").count();
    let mut back: Vec<_> = items
        .by_id
        .values()
        .map(|item| (item, closes(item)))
        .filter(|(item, closes)| item.status == Status::Regressed || *closes > 1)
        .collect();
    back.sort_by_key(|(item, closes)| (std::cmp::Reverse((*closes, item.occurrences)), item.id));
    back.truncate(NAMED);
    back
}

fn count(items: &Items<'_>, status: Status) -> usize {
    items.by_id.values().filter(|item| item.status == status).count()
}

fn document(
    items: &Items<'_>,
    rows: &[Row],
    days: &[f64],
    back: &[(&Item<'_>, usize)],
    by: By,
) -> Map<String, Value> {
    let mut document = Map::new();
    let statuses = Status::ALL.map(|status| (status.word().to_owned(), count(items, status).into()));
    document.insert("items".into(), Value::Object(Map::from_iter(statuses)));
    document.insert("by".into(), (if by == By::Week { "week" } else { "release" }).into());
    let row = |(name, opened, closed): &Row| json!({"name": name, "opened": opened, "closed": closed});
    document.insert("rows".into(), rows.iter().map(row).collect::<Vec<_>>().into());
    let fixed = (!days.is_empty()).then(
        || json!({"count": days.len(), "median_days": quantile(days, 0.5), "p90_days": quantile(days, 0.9)}),
    );
    document.insert("fixed".into(), fixed.into());
    let one = |(item, closes): &(&Item<'_>, usize)| {
        json!({"id": item.id, "title": item.title(), "closed": closes, "occurrences": item.occurrences,
               "status": item.status.word(), "back_in": item.back_in})
    };
    document.insert("recurring".into(), back.iter().map(one).collect::<Vec<_>>().into());
    document
}

fn show(items: &Items<'_>, rows: &[Row], days: &[f64], back: &[(&Item<'_>, usize)], output: &Output) {
    let counted: Vec<String> =
        Status::ALL.into_iter().map(|status| format!("{} {}", count(items, status), status.word())).collect();
    output.line(counted.join(", "));
    let most = rows.iter().map(|(_, opened, closed)| *opened.max(closed)).max().unwrap_or(0);
    let width = rows.iter().map(|row| row.0.len()).max().unwrap_or(0);
    // Bars are for eyes; a pipe gets the numbers.
    let bars = output.width().is_some();
    if rows.is_empty() {
        output.note("no item names a release yet");
    } else {
        output.line(format!("\n{}", output.paint(BOLD, &format!("{:<width$}  opened  closed", ""))));
    }
    for (name, opened, closed) in rows {
        let drawn = match bars {
            true => format!("  {}", output.paint(DIM, &bar(*opened, *closed, most))),
            false => String::new(),
        };
        output.line(format!("{:<width$}  {opened:>6}  {closed:>6}{drawn}", safe::line(name)).trim_end());
    }
    if !days.is_empty() {
        output.line(format!(
            "\nfrom first seen to fixed: half within {:.1} days, nine of ten within {:.1} ({} fixed)",
            quantile(days, 0.5),
            quantile(days, 0.9),
            days.len()
        ));
    }
    if !back.is_empty() {
        output.line(format!("\n{}", output.paint(BOLD, "what comes back")));
    }
    for (item, closes) in back {
        let release = item.back_in.map_or(String::new(), |release| format!(", again in {release}"));
        output.line(format!(
            "{}  closed {closes}×{}  {}",
            safe::line(item.id),
            safe::line(&release),
            safe::line(item.title())
        ));
    }
}

/// `+` for each opened and `-` for each closed, to the scale of the longest row.
fn bar(opened: u64, closed: u64, most: u64) -> String {
    let columns = |count: u64| {
        let scaled = if most <= BAR as u64 { count } else { (count * BAR as u64).div_ceil(most) };
        usize::try_from(scaled).unwrap_or(BAR)
    };
    format!("{}{}", "+".repeat(columns(opened)), "-".repeat(columns(closed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_monday() {
        assert_eq!(week("2026-11-22T23:59:59Z").as_deref(), Some("2026-11-16"));
        assert_eq!(week("2026-11-23T00:00:00Z").as_deref(), Some("2026-11-23"));
        assert_eq!(week("yesterday"), None);
    }

    #[test]
    fn a_bar_is_to_the_scale_of_the_longest() {
        assert_eq!(bar(2, 1, 5), "++-");
        assert_eq!(bar(1000, 1, 1000).len(), BAR + 1);
        assert_eq!(bar(0, 0, 0), "");
    }

    #[test]
    fn weeks_without_items_are_there_too() {
        let mut counts =
            BTreeMap::from([("2026-11-02".to_owned(), (1, 0)), ("2026-11-23".to_owned(), (0, 1))]);
        fill_weeks(&mut counts, 12);
        assert_eq!(counts.len(), 4);
    }
}
