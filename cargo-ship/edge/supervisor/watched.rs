//! After the flip: what the promoted release does with all requests, held against what was promised of it.
//!
//! The old release is asked nothing then, so this compares with nothing; what it broke itself while it was stable
//! is no reason to go back to it.

use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::Supervisor;
use super::canary::verify_time;
use super::state::{Phase, since};
use crate::edge::link::Counted;

/// Beyond the time an answer may take, the end of a watch waits for what is missing at most so long.
const BEYOND: Duration = Duration::from_secs(5);

impl Supervisor {
    /// Take in and record what was counted since the flip; nothing where an earlier version flipped, which did
    /// not write down when.
    pub(super) fn count_watched(&mut self, counted: &[Counted]) {
        let Some(course) = self.course.as_ref().filter(|course| course.phase == Phase::Verifying) else {
            return;
        };
        let from = course.flip_epoch;
        if from == 0 || course.limits().promises().next().is_none() {
            return;
        }
        let counted: Vec<Counted> = counted.iter().filter(|row| row.epoch >= from).copied().collect();
        for row in &counted {
            self.ledger.count_watched(row.bucket, row.stable);
        }
        self.note_rows("watched", &counted);
    }

    /// Why the promoted release is to be taken back, where the old one runs and did not do the same.
    pub(super) fn broken_after_flip(&self) -> Option<String> {
        let (before, after) = (self.ledger.evidence.as_ref()?, self.ledger.after.as_ref()?);
        let promise = after.broken_alone(before).filter(|_| self.old.is_some())?;
        Some(format!(
            "it is to {} ({}), and {} of {} did not since it serves",
            promise.words(),
            promise.name(),
            promise.broken_by(after.ripe()),
            after.ripe().requests
        ))
    }

    /// Whether all that began before the end of the watch has ended too, or has had its time.
    pub(super) fn is_window_counted(&self) -> bool {
        let (Some(course), Some(after)) = (&self.course, &self.ledger.after) else { return true };
        let window = verify_time(course);
        let beyond = since(course.phase_since_ms).saturating_sub(window);
        if beyond >= Duration::from_millis(course.plan.slot.answer_ms) + BEYOND {
            return true;
        }
        let end_ms = course.phase_since_ms + course.plan.verify_ms;
        // The last of them were reported by a look after the end.
        let looked = self.last_tick + beyond > Instant::now();
        looked && !after.is_unripe_until(end_ms)
    }

    /// What the watch after the flip was decided by, for the record of its end.
    pub(super) fn watched(&self) -> Option<Value> {
        let after = self.ledger.after.as_ref()?;
        let broken = after.promises().map(|(promise, _, broken)| (promise.name().to_owned(), broken.into()));
        Some(json!({"counts": after.ripe(), "broken": broken.collect::<Map<String, Value>>()}))
    }
}
