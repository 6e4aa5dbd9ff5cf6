//! A row of a tick's record, read.

use serde_json::Value;

use crate::canary::counts::{Bucket, Counts};

/// The bucket's number and its counts; `None` where the row is none of this version.
pub fn from_row(row: &Value) -> Option<(u64, Bucket)> {
    let at = |place: usize| row.get(place)?.as_u64();
    // Rows of earlier versions end before these.
    let later = |place: usize| at(place).unwrap_or(0);
    let counts = |ended: usize, beside: usize, printed: usize| {
        Some(Counts {
            requests: at(ended)?,
            ok: at(ended + 1)?,
            failed: at(ended + 2)?,
            slow_p90: at(beside)?,
            slow_p99: at(beside + 1)?,
            panics: at(beside + 2)?,
            error_lines: later(printed),
            over_p90: later(printed + 1),
            over_p99: later(printed + 2),
        })
    };
    let percent = u8::try_from(at(8)?).ok()?;
    Some((at(0)?, Bucket { percent, stable: counts(2, 9, 15)?, canary: counts(5, 12, 18)? }))
}
