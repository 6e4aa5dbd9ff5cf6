//! From a commit to a promoted release: plan, build, check, stage, roll out, finish.

pub mod build;
pub mod catch_up;
pub mod checks;
pub mod drive;
pub mod finish;
pub mod flags;
pub mod lessons;
pub mod lock;
pub mod plan;
pub mod project;
pub mod record;
pub mod steps;
