//! What to do with a canary: pure functions over counts, without clock, disk or network.
//!
//! `counts` is the data, `eprocess` tells worse from equal, `certify` tells good enough, `signals` names
//! what is counted, `latency` says when an answer is slow and `promises` what an intent asks for. `evidence` holds them together, `course`
//! decides, `waiting` says in words why nothing is decided yet. `docs/canary.md` has the whole rule.

pub mod certify;
pub mod counts;
pub mod course;
pub mod eprocess;
pub mod evidence;
pub mod latency;
pub mod promises;
pub mod signals;
#[cfg(test)]
mod simulated;
pub mod waiting;
