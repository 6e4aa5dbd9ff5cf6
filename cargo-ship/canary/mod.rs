//! What to do with a canary: pure functions over counts, without clock, disk or network.

pub mod course;
pub mod decision;
