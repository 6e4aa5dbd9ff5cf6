//! The watch over a release after the flip: passed, or held where its checks say nothing.

use std::time::Duration;

use super::Supervisor;
use super::state::{Course, since};

/// How many times as long as it is to be watched a promoted release may go without a green round.
const UNSEEN: u32 = 10;

impl Supervisor {
    /// Look at the checks of a release that was put in service.
    pub(super) fn verify(&mut self) {
        if let Some(reason) = self.broken_after_flip() {
            return self.revert(&reason);
        }
        let Some(course) = &self.course else { return };
        let seen = course.last_round_green && since(course.phase_since_ms) >= verify_time(course);
        if seen && self.is_window_counted() {
            return self.verified("");
        }
        self.hold_when_due();
        self.probe_when_due();
    }

    /// A promoted release about which its checks say neither yes nor no (those that find it wrong roll it
    /// back) is not watched for ever, nor passed in silence: a person is told, who promotes or rolls back. It
    /// passes by itself once a round is green.
    fn hold_when_due(&mut self) {
        let Some(course) = &self.course else { return };
        let due = since(course.phase_since_ms) >= verify_time(course) * UNSEEN && self.last_round.is_some();
        if !due || course.last_round_green || course.is_held_after_flip() {
            return;
        }
        let time = since(course.phase_since_ms).as_secs_f64();
        let trouble =
            self.replay.trouble.clone().unwrap_or_else(|| "no round of probes was green".to_owned());
        let reason =
            format!("it serves, and after {time:.1} s its checks have not said that it is right: {trouble}");
        if course.plan.rollback_on_inconclusive {
            return self.give_up(&reason);
        }
        let event = self.journal.event(Some(course.release()), "held").with("reason", reason.as_str());
        let event = self.with_counts(event.with("after_flip", true));
        if let Some(course) = &mut self.course {
            // It may have been held before the flip, and that was told.
            (course.reason, course.notified) = (reason, None);
        }
        self.save_or_tell();
        self.record_or_tell(event);
    }
}

/// How long it is watched.
pub fn verify_time(course: &Course) -> Duration {
    Duration::from_millis(course.plan.verify_ms)
}
