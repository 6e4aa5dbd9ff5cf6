//! `git feedback stats`: what opens and closes, how long a fix takes, what comes back.

use std::collections::{BTreeMap, HashMap};

use anyhow::Result;
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use factory::types::item::{Item, Items, Status};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use crate::{stats_drawn, store};

/// Show what opens and closes over time, how long fixes take, and what comes back
///
/// By weeks, which begin on Monday (UTC), or by releases: opened in the one an item was first seen in,
/// closed in each that resolved it, also where it came back.
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
pub type Row = (String, u64, u64);

/// Days within which something was fixed, and the words for it.
const WITHIN: [(f64, &str); 5] =
    [(1.0 / 24.0, "an hour"), (1.0, "a day"), (7.0, "a week"), (30.0, "a month"), (f64::INFINITY, "longer")];

/// How many of what comes back are named.
const NAMED: usize = 5;

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
        stats_drawn::show(&items, &rows, &days, &back, output);
    }
    if items.by_id.is_empty() {
        store::nothing_yet(&repo, output)?;
    }
    store::tell_oddities(&lines, output);
    Ok(Exit::Holds)
}

fn date(time: &str) -> Option<Date> {
    let time: Timestamp = time.parse().ok()?;
    Some(time.to_zoned(TimeZone::UTC).date())
}

/// The Monday of the week; what claims to lie ahead counts as now.
fn week(time: &str) -> Option<String> {
    let date = date(time)?.min(Timestamp::now().to_zoned(TimeZone::UTC).date());
    let back = i32::from(date.weekday().to_monday_zero_offset());
    Some(date.checked_sub(jiff::Span::new().days(back)).ok()?.to_string())
}

/// The event that closed it for the time being.
fn closed_at<'e>(item: &Item<'e>) -> Option<&'e str> {
    let closed = matches!(item.status, Status::Resolved | Status::Ignored);
    let event = item.story.iter().rev().find(|(event, _)| event.op == "close").filter(|_| closed)?;
    Some(&event.0.t)
}

/// The releases that closed it, also where it came back.
fn closed_in(item: &Item<'_>) -> Vec<String> {
    let closes = item.story.iter().map(|(event, _)| event).filter(|event| event.op == "close");
    let mut releases: Vec<String> =
        closes.filter_map(|event| Some(event.text("release")?.to_owned())).collect();
    releases.sort_unstable();
    releases.dedup();
    releases
}

fn rows(items: &Items<'_>, by: By, last: usize) -> Vec<Row> {
    let mut counts: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for item in items.by_id.values() {
        let (opened, closed) = match by {
            By::Week => (week(item.first_seen), closed_at(item).and_then(week).into_iter().collect()),
            By::Release => (item.release().map(str::to_owned), closed_in(item)),
        };
        if let Some(opened) = opened {
            counts.entry(opened).or_default().0 += 1;
        }
        for closed in closed {
            counts.entry(closed).or_default().1 += 1;
        }
    }
    if by == By::Week {
        fill_weeks(&mut counts, last);
    }
    let mut rows: Vec<Row> =
        counts.into_iter().map(|(name, (opened, closed))| (name, opened, closed)).collect();
    if by == By::Release {
        // Two releases of a day differ in random characters alone.
        let named = first_named(items);
        rows.sort_by_cached_key(|(name, ..)| named.get(name.as_str()).copied());
    }
    rows.drain(..rows.len().saturating_sub(last));
    rows
}

/// The first event that names each release.
fn first_named<'e>(items: &Items<'e>) -> HashMap<&'e str, &'e str> {
    let mut named: HashMap<&str, &str> = HashMap::new();
    for (event, _) in items.by_id.values().flat_map(|item| &item.story) {
        if let Some(release) = event.text("release") {
            let first = named.entry(release).or_insert(&event.id);
            *first = (*first).min(&event.id);
        }
    }
    named
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

/// How many of them were fixed within which time, and not within the one before.
pub fn within(sorted: &[f64]) -> Vec<(&'static str, u64)> {
    let mut from = 0;
    let mut counted = Vec::new();
    for (days, words) in WITHIN {
        let to = sorted.partition_point(|one| *one <= days);
        counted.push((words, (to - from) as u64));
        from = to;
    }
    counted
}

/// The value below which this share of them lies; `sorted` is not empty.
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
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

pub fn count(items: &Items<'_>, status: Status) -> usize {
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
        || json!({"count": days.len(), "median_days": quantile(days, 0.5), "p90_days": quantile(days, 0.9),
               "within": within(days).iter().map(|(words, count)| json!({"time": words, "count": count})).collect::<Vec<_>>()}),
    );
    document.insert("fixed".into(), fixed.into());
    let one = |(item, closes): &(&Item<'_>, usize)| {
        json!({"id": item.id, "title": item.title(), "closed": closes, "occurrences": item.occurrences,
               "status": item.status.word(), "back_in": item.back_in})
    };
    document.insert("recurring".into(), back.iter().map(one).collect::<Vec<_>>().into());
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_monday() {
        assert_eq!(week("2025-11-16T23:59:59Z").as_deref(), Some("2025-11-10"));
        assert_eq!(week("2025-11-17T00:00:00Z").as_deref(), Some("2025-11-17"));
        assert_eq!(week("yesterday"), None);
    }

    #[test]
    fn what_was_fixed_is_counted_where_it_first_fits() {
        let counted: Vec<u64> =
            within(&[0.0, 1.0 / 24.0, 0.5, 6.0, 6.5, 400.0]).iter().map(|one| one.1).collect();
        assert_eq!(counted, [2, 1, 2, 0, 1]);
    }

    #[test]
    fn weeks_without_items_are_there_too() {
        let mut counts =
            BTreeMap::from([("2026-11-02".to_owned(), (1, 0)), ("2026-11-23".to_owned(), (0, 1))]);
        fill_weeks(&mut counts, 12);
        assert_eq!(counts.len(), 4);
    }
}
