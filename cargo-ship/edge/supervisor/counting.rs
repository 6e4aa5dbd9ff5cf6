//! What the worker counted, summed up; and what failed, kept.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};

use anyhow::Result;
use factory::storage::fs;
use factory::types::event::Event;
use serde_json::{Value, json};

use crate::canary::decision::{Bucket, Counts, Evidence, Limits};
use crate::edge::link::Counted;
use crate::edge::protocol::Failure;

/// Failures kept, the newest.
const KEPT: usize = 50;
/// Buckets whose counts may still change.
const BUCKETS: usize = 4096;

/// The counts of the plan that is under way, and the ring of failures.
pub struct Ledger {
    buckets: BTreeMap<u64, Bucket>,
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
            buckets: BTreeMap::new(),
            evidence: None,
            failures: kept.unwrap_or_default(),
            path: path.to_owned(),
            unsaved: false,
        }
    }

    /// Begin to count anew, for a plan with these limits.
    pub fn begin(&mut self, limits: Limits) {
        self.buckets.clear();
        self.evidence = Some(Evidence::new(limits));
    }

    /// Take in what a bucket counts now.
    pub fn count(&mut self, number: u64, now: Bucket) {
        let Some(evidence) = &mut self.evidence else { return };
        let before = self.buckets.insert(number, now).unwrap_or_default();
        evidence.revise(&before, &now);
        if self.buckets.len() > BUCKETS {
            self.buckets.pop_first();
        }
    }

    /// Take in the ticks of the records after a plan began.
    pub fn recount(&mut self, records: &[Value], release: &str) {
        for record in records.iter().filter(|record| record["op"] == "tick" && record["release"] == release) {
            for row in record["buckets"].as_array().into_iter().flatten() {
                if let Some((number, bucket)) = from_row(row) {
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

/// A tick's record: for each bucket its number, its epoch, then requests, ok and failed of stable and canary.
pub fn tick(event: Event, counted: &[Counted]) -> Event {
    let row = |c: &Counted| {
        let (s, k) = (c.stable, c.canary);
        json!([c.bucket, c.epoch, s.requests, s.ok, s.failed, k.requests, k.ok, k.failed])
    };
    event.with("buckets", counted.iter().map(row).collect::<Vec<_>>())
}

fn from_row(row: &Value) -> Option<(u64, Bucket)> {
    let at = |place: usize| row.get(place)?.as_u64();
    let counts = |from: usize| Some(Counts { requests: at(from)?, ok: at(from + 1)?, failed: at(from + 2)? });
    Some((at(0)?, Bucket { stable: counts(2)?, canary: counts(5)? }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use factory::types::event::SubjectKind;

    #[test]
    fn evidence_is_the_same_when_it_is_computed_again_from_the_records() {
        let limits = Limits { alpha: 0.01, max_error_rate: 0.01 };
        let counted = |bucket, failed| Counted {
            bucket,
            epoch: 1,
            stable: Counts { requests: 90, ok: 89, failed: 1 },
            canary: Counts { requests: 10, ok: 10 - failed, failed },
        };
        let ticks = [vec![counted(1, 0)], vec![counted(1, 2), counted(2, 1)]];
        let mut live = Ledger::open(Path::new("/nonexistent"));
        live.begin(limits);
        let mut records = Vec::new();
        for counts in &ticks {
            counts.iter().for_each(|c| live.count(c.bucket, c.counts()));
            let event = tick(Event::now(SubjectKind::Release, "r1", "tick", None), counts);
            records.push(serde_json::from_str(&event.line()).unwrap());
        }
        let mut again = Ledger::open(Path::new("/nonexistent"));
        again.begin(limits);
        again.recount(&records, "r1");
        assert_eq!(live.evidence, again.evidence);
        assert_eq!(live.evidence.unwrap().canary.failed, 3);
    }
}
