//! Whether the signal that a hypothesis names moved with its fix: from what canaries measured, else by counting.

use anyhow::Result;
use factory::operations::releases;
use factory::storage::repo::Repo;
use factory::types::event::Event;
use factory::types::item::Item;
use factory::types::item::measures::Expected;
use factory::types::item::occurrences;
use factory::types::release::{self, Release};
use jiff::Timestamp;
use serde_json::{Map, Value};

/// What was measured before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct Moved {
    pub signal: String,
    pub unit: &'static str,
    pub before: f64,
    pub after: f64,
    /// Where the numbers come from.
    pub basis: String,
    /// Whether what was hoped for came; `None` where no bound was named.
    pub met: Option<bool>,
}

impl Moved {
    pub fn words(&self) -> String {
        let met = match self.met {
            Some(true) => ": as expected",
            Some(false) => ": not as expected",
            None if self.after < self.before => ": less",
            None if self.after > self.before => ": more",
            None => ": the same",
        };
        let number = |value: f64| (value * 10_000.0).round() / 10_000.0;
        let unit = if self.unit.is_empty() { String::new() } else { format!(" {}", self.unit) };
        format!(
            "{} {}{unit} before, {}{unit} after{met} ({})",
            self.signal,
            number(self.before),
            number(self.after),
            self.basis
        )
    }

    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        object.insert("signal".into(), self.signal.clone().into());
        object.insert("unit".into(), self.unit.into());
        object.insert("before".into(), self.before.into());
        object.insert("after".into(), self.after.into());
        object.insert("basis".into(), self.basis.clone().into());
        object.insert("met".into(), self.met.into());
        object.into()
    }
}

/// `None` for what is no hypothesis, or not yet in a release.
pub fn moved(repo: &Repo, item: &Item<'_>, now: Timestamp) -> Result<Option<Moved>> {
    let (Some(text), Some(fixed_in)) = (item.text("expected_signal"), item.resolved_in) else {
        return Ok(None);
    };
    let lines = releases::lines(repo, &repo.common_dir().join("factory"))?;
    let releases = release::fold(&lines);
    let Some(release) = releases.iter().find(|release| release.id == fixed_in) else { return Ok(None) };
    let expected = Expected::read(text);
    Ok(measured(&expected, release).or_else(|| counted(&expected, item, release, now)))
}

/// What the canary of the release measured: the release before served beside it, under the same load.
fn measured(expected: &Expected, release: &Release) -> Option<Moved> {
    let known: fn(&Event, &str, &str) -> Option<f64> = match expected.name.as_str() {
        "error-rate" => |event, slot, _| {
            let counts = event.fields.get("counts")?.get(slot)?;
            let requests = counts.get("requests")?.as_f64().filter(|requests| *requests > 0.0)?;
            Some(counts.get("failed")?.as_f64()? / requests)
        },
        name if name.starts_with("latency") || quantile(name).is_some() => |event, slot, name| {
            let took = event.fields.get("took")?.get(slot)?;
            Some(took.get(quantile(name).unwrap_or("p99_us"))?.as_f64()? / 1000.0)
        },
        _ => return None,
    };
    let value = |slot: &str| release.events.iter().rev().find_map(|event| known(event, slot, &expected.name));
    let (before, after) = (value("stable")?, value("canary")?);
    let unit = if expected.name == "error-rate" { "" } else { "ms" };
    Some(Moved {
        signal: expected.name.clone(),
        unit,
        before,
        after,
        basis: format!("stable beside canary of {}", release.id),
        met: expected.is_met(after),
    })
}

fn quantile(name: &str) -> Option<&'static str> {
    let quantiles = [("p50", "p50_us"), ("p90", "p90_us"), ("p99", "p99_us")];
    quantiles.into_iter().find(|(word, _)| name.contains(word)).map(|(_, field)| field)
}

/// How often a week it was seen before the release was promoted, and since.
fn counted(expected: &Expected, item: &Item<'_>, release: &Release, now: Timestamp) -> Option<Moved> {
    let promoted = release.events.iter().find(|event| event.op == "promoted")?;
    let at: Timestamp = promoted.t.parse().ok()?;
    let first: Timestamp = item.first_seen.parse().ok()?;
    let is_before = |event: &Event| event.t.parse::<Timestamp>().is_ok_and(|t| t < at);
    let of = |before: bool| {
        occurrences(item.story.iter().map(|(event, _)| *event).filter(|event| is_before(event) == before))
    };
    // Less than a day says nothing of a week.
    let weeks = |from: Timestamp, to: Timestamp| {
        ((to.as_second() - from.as_second()) as f64 / 86_400.0).max(1.0) / 7.0
    };
    let (before, after) = (of(true) as f64 / weeks(first, at), of(false) as f64 / weeks(at, now));
    let counts = expected.name == "occurrences";
    Some(Moved {
        signal: "occurrences".to_owned(),
        unit: "a week",
        before,
        after,
        basis: if counts {
            format!("before and after {}", release.id)
        } else {
            format!("{:?} is not measured here; counted before and after {}", expected.name, release.id)
        },
        met: counts.then(|| expected.is_met(after)).flatten(),
    })
}
