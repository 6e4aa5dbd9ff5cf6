//! What the worker counted, summed up; and what failed, kept.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};

use anyhow::Result;
use factory::storage::fs;
use factory::types::event::Event;
use serde_json::{Value, json};

use crate::canary::counts::Bucket;
use crate::canary::evidence::{Evidence, Limits};
use crate::canary::latency::Bars;
use crate::edge::link::Counted;
use crate::edge::protocol::Failure;
use crate::edge::rows::from_row;

/// Failures kept, the newest.
const KEPT: usize = 50;
/// Buckets whose panics are remembered.
const PANICKED: usize = 4096;

/// The counts of the plan that is under way, and the ring of failures.
pub struct Ledger {
    /// Panics of stable and canary, by the bucket they were noticed in: the worker does not know of them.
    panics: BTreeMap<u64, (u64, u64)>,
    /// Those noticed while no bucket was counted.
    unbooked: (u64, u64),
    pub evidence: Option<Evidence>,
    failures: VecDeque<Failure>,
    path: PathBuf,
    unsaved: bool,
}

impl Ledger {
    /// Open with the failures an earlier supervisor kept; a file that cannot be read holds none.
    pub fn open(path: &Path) -> Self {
        let kept = std::fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Self {
            panics: BTreeMap::new(),
            unbooked: (0, 0),
            evidence: None,
            failures: kept.unwrap_or_default(),
            path: path.to_owned(),
            unsaved: false,
        }
    }

    /// Begin to count anew, for a plan with these limits.
    pub fn begin(&mut self, limits: Limits) {
        self.panics.clear();
        self.unbooked = (0, 0);
        self.evidence = Some(Evidence::new(limits));
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
    }

    pub fn set_bars(&mut self, bars: Bars) {
        if let Some(evidence) = &mut self.evidence {
            evidence.bars = Some(bars);
        }
    }

    /// Book panics of stable and canary with the newest of these buckets, and those booked before with theirs.
    pub fn add_panics(&mut self, counted: &mut [Counted], (stable, canary): (u64, u64)) {
        let found = (self.unbooked.0 + stable, self.unbooked.1 + canary);
        match counted.iter().map(|counted| counted.bucket).max() {
            Some(newest) if found != (0, 0) => {
                let booked = self.panics.entry(newest).or_default();
                *booked = (booked.0 + found.0, booked.1 + found.1);
                self.unbooked = (0, 0);
                if self.panics.len() > PANICKED {
                    self.panics.pop_first();
                }
            }
            _ => self.unbooked = found,
        }
        for counted in counted {
            if let Some((stable, canary)) = self.panics.get(&counted.bucket) {
                (counted.stable.panics, counted.canary.panics) = (*stable, *canary);
            }
        }
    }

    /// Take in the ticks of the records after a plan began.
    pub fn recount(&mut self, records: &[Value], release: &str) {
        for record in records.iter().filter(|record| record["op"] == "tick" && record["release"] == release) {
            for row in record["buckets"].as_array().into_iter().flatten() {
                if let Some((number, bucket)) = from_row(row) {
                    if bucket.stable.panics + bucket.canary.panics > 0 {
                        self.panics.insert(number, (bucket.stable.panics, bucket.canary.panics));
                    }
                    self.count(number, bucket);
                }
            }
        }
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

/// A tick's record: for each bucket its number, its epoch, then requests, ok and failed of stable and canary,
/// the canary's weight, then what was slow at the 90th and the 99th percentile and the panics of each.
pub fn tick(event: Event, counted: &[Counted]) -> Event {
    let row = |c: &Counted| {
        let (s, k) = (c.stable, c.canary);
        let ended = [c.bucket, c.epoch, s.requests, s.ok, s.failed, k.requests, k.ok, k.failed];
        let beside = [s.slow_p90, s.slow_p99, s.panics, k.slow_p90, k.slow_p99, k.panics];
        json!(ended.into_iter().chain([u64::from(c.percent)]).chain(beside).collect::<Vec<_>>())
    };
    event.with("buckets", counted.iter().map(row).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests;
