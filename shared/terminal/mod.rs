//! Exit codes, hints and output: the only layer that prints.

pub mod arguments;
pub mod completing;
pub mod exit;
pub mod failures;
pub mod live;
pub mod manual;
pub mod output;
pub mod problems;
pub mod progress;
pub mod safe;
