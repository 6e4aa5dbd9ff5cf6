//! What the worker counted, summed up; and what failed, kept.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};

use anyhow::Result;
use factory::storage::fs;
use factory::types::event::Event;
use serde_json::{Value, json};

use super::printed::Found;
use crate::canary::counts::{Bucket, Counts};
use crate::canary::evidence::{Evidence, Limits};
use crate::canary::latency::Bars;
use crate::canary::signals::Rule;
use crate::edge::link::Counted;
use crate::edge::protocol::Failure;
use crate::edge::rows::from_row;

/// Failures kept, the newest.
const KEPT: usize = 50;
/// Buckets whose prints are remembered.
const PRINTED: usize = 4096;

/// The counts of the plan that is under way, and the ring of failures.
pub struct Ledger {
    /// What stable and canary printed, by the bucket it was noticed in: the worker does not know of it.
    printed: BTreeMap<u64, [Found; 2]>,
    /// What was noticed while no bucket was counted.
    unbooked: [Found; 2],
    pub evidence: Option<Evidence>,
    /// The promoted release alone, since the flip, where something was promised of it.
    pub after: Option<Evidence>,
    failures: VecDeque<Failure>,
    path: PathBuf,
    unsaved: bool,
}

impl Ledger {
    /// Open with the failures an earlier supervisor kept; a file that cannot be read holds none.
    pub fn open(path: &Path) -> Self {
        let kept = std::fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Self {
            printed: BTreeMap::new(),
            unbooked: Default::default(),
            evidence: None,
            after: None,
            failures: kept.unwrap_or_default(),
            path: path.to_owned(),
            unsaved: false,
        }
    }

    /// Begin to count anew, for a plan with these limits.
    pub fn begin(&mut self, limits: Limits) {
        self.printed.clear();
        self.unbooked = Default::default();
        self.evidence = Some(Evidence::new(limits));
        self.after = None;
    }

    /// Count beside that what is promoted now, where these limits promise something.
    pub fn watch(&mut self, limits: Limits) {
        self.after = limits.promises().next().is_some().then(|| Evidence::new(limits));
    }

    /// Take in what the promoted release counts now in a bucket, where nothing is beside it.
    pub fn count_watched(&mut self, number: u64, promoted: Counts) {
        if let Some(after) = &mut self.after {
            after.count(number, Bucket { canary: promoted, ..Bucket::default() });
        }
    }

    /// Take in what a bucket counts now.
    pub fn count(&mut self, number: u64, now: Bucket) {
        if let Some(evidence) = &mut self.evidence {
            evidence.count(number, now);
        }
    }

    /// What is decided by now.
    pub fn look(&mut self, now_ms: u64) {
        if let Some(evidence) = &mut self.evidence {
            evidence.look(now_ms);
        }
        if let Some(after) = &mut self.after {
            after.look(now_ms);
        }
    }

    pub fn set_time_unseen(&mut self, unseen: bool) {
        if let Some(evidence) = &mut self.evidence {
            evidence.time_unseen = unseen;
        }
    }

    pub fn set_bars(&mut self, bars: Bars) {
        if let Some(evidence) = &mut self.evidence {
            evidence.bars = Some(bars);
        }
    }

    /// Book what stable and canary printed with the newest of these buckets, and what was booked before with
    /// theirs.
    pub fn add_printed(&mut self, counted: &mut [Counted], more: [Found; 2]) {
        let found = sum(self.unbooked, more);
        match counted.iter().map(|counted| counted.bucket).max() {
            Some(newest) if found != <[Found; 2]>::default() => {
                let booked = self.printed.entry(newest).or_default();
                *booked = sum(*booked, found);
                self.unbooked = Default::default();
                if self.printed.len() > PRINTED {
                    self.printed.pop_first();
                }
            }
            _ => self.unbooked = found,
        }
        for counted in counted {
            if let Some(found) = self.printed.get(&counted.bucket) {
                for (counts, found) in [&mut counted.stable, &mut counted.canary].into_iter().zip(found) {
                    (counts.panics, counts.error_lines) = (found.panics, found.error_lines);
                }
            }
        }
    }

    /// Take in the ticks of the records after a plan began.
    pub fn recount(&mut self, records: &[Value], release: &str) {
        for (number, bucket) in rows(records, release, "tick") {
            let found = [bucket.stable, bucket.canary]
                .map(|slot| Found { panics: slot.panics, error_lines: slot.error_lines });
            if found != <[Found; 2]>::default() {
                self.printed.insert(number, found);
            }
            self.count(number, bucket);
        }
    }

    /// Take in what was counted after its flip.
    pub fn recount_watched(&mut self, records: &[Value], release: &str) {
        rows(records, release, "watched")
            .for_each(|(number, bucket)| self.count_watched(number, bucket.stable));
    }

    pub fn keep(&mut self, failure: Failure) {
        if self.failures.len() == KEPT {
            self.failures.pop_front();
        }
        self.failures.push_back(failure);
        self.unsaved = true;
    }

    pub fn failures(&self) -> Vec<Failure> {
        self.failures.iter().cloned().collect()
    }

    pub fn save(&mut self) -> Result<()> {
        if std::mem::take(&mut self.unsaved) {
            let kept: Vec<&Failure> = self.failures.iter().collect();
            fs::write_atomic(&self.path, &serde_json::to_vec_pretty(&kept)?)?;
        }
        Ok(())
    }
}

/// The rows of a release's records of this kind.
fn rows<'a>(records: &'a [Value], release: &'a str, op: &'a str) -> impl Iterator<Item = (u64, Bucket)> + 'a {
    let records = records.iter().filter(move |record| record["op"] == op && record["release"] == release);
    records.flat_map(|record| record["buckets"].as_array().into_iter().flatten()).filter_map(from_row)
}

/// What was printed, as this rule books it: under the first error lines are panics.
pub fn under(rule: Rule, printed: [Found; 2]) -> [Found; 2] {
    printed.map(|found| match rule {
        Rule::First => Found { panics: found.panics + found.error_lines, error_lines: 0 },
        Rule::Second => found,
    })
}

fn sum(one: [Found; 2], other: [Found; 2]) -> [Found; 2] {
    [one[0].plus(other[0]), one[1].plus(other[1])]
}

/// A tick's record: for each bucket its number, its epoch, then requests, ok and failed of stable and canary,
/// the canary's weight, then what was slow at the 90th and the 99th percentile and the panics of each, then the
/// error lines and what took longer than an intent allows a tenth and a hundredth to take, of each.
pub fn tick(event: Event, counted: &[Counted]) -> Event {
    let row = |c: &Counted| {
        let (s, k) = (c.stable, c.canary);
        let ended = [c.bucket, c.epoch, s.requests, s.ok, s.failed, k.requests, k.ok, k.failed];
        let beside = [s.slow_p90, s.slow_p99, s.panics, k.slow_p90, k.slow_p99, k.panics];
        let later = [s.error_lines, s.over_p90, s.over_p99, k.error_lines, k.over_p90, k.over_p99];
        json!(ended.into_iter().chain([u64::from(c.percent)]).chain(beside).chain(later).collect::<Vec<_>>())
    };
    event.with("buckets", counted.iter().map(row).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests;
