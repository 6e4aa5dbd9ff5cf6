//! What is counted of each slot, by assignment, between two looks.

use serde::{Deserialize, Serialize};

/// Units of one slot.
///
/// **Unit**: what was randomised. Each request is assigned anew by the weight alone, so a unit is a request;
/// where a client stays with its slot it is the client, once in each epoch, failed if any request of it
/// failed in that epoch. Whoever counts chooses; the rule is the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Assigned, finished or not.
    pub requests: u64,
    pub ok: u64,
    /// The answer was 500 or above, the transport broke, or no answer came in time.
    pub failed: u64,
    /// Slower than the frozen 90th percentile of stable; nothing is, before it is frozen.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub slow_p90: u64,
    /// Slower than the frozen 99th percentile.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub slow_p99: u64,
    /// Panics in what it prints, which may go with answers that look right. Under the first rule
    /// ([`super::signals::Rule`]) lines logged as errors are among them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub panics: u64,
    /// Lines it logs as errors.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub error_lines: u64,
    /// Slower than an intent allows a tenth to be; nothing is, where none says so.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub over_p90: u64,
    /// Slower than an intent allows a hundredth to be.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub over_p99: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Counts {
    pub fn finished(self) -> u64 {
        self.ok + self.failed
    }

    /// Whether every unit's end is known.
    pub fn is_settled(self) -> bool {
        self.finished() >= self.requests
    }

    /// The same counts so many times.
    pub fn times(self, many: u64) -> Self {
        self.zip(self, |count, _| count * many)
    }

    pub fn plus(self, more: Self) -> Self {
        self.zip(more, |a, b| a + b)
    }

    /// What is left without `less`, which is part of it.
    pub fn minus(self, less: Self) -> Self {
        self.zip(less, u64::saturating_sub)
    }

    fn zip(self, other: Self, with: impl Fn(u64, u64) -> u64) -> Self {
        Self {
            requests: with(self.requests, other.requests),
            ok: with(self.ok, other.ok),
            failed: with(self.failed, other.failed),
            slow_p90: with(self.slow_p90, other.slow_p90),
            slow_p99: with(self.slow_p99, other.slow_p99),
            panics: with(self.panics, other.panics),
            error_lines: with(self.error_lines, other.error_lines),
            over_p90: with(self.over_p90, other.over_p90),
            over_p99: with(self.over_p99, other.over_p99),
        }
    }
}

/// What was assigned between two looks under one weight, and what is known of it by now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// The canary's weight: of a hundred units so many were drawn for it.
    pub percent: u8,
    pub stable: Counts,
    pub canary: Counts,
}

impl Bucket {
    pub fn is_settled(&self) -> bool {
        self.stable.is_settled() && self.canary.is_settled()
    }
}
