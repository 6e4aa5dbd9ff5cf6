//! The work of an agent: its worktree, what is taken from it, the rounds, and the record of it all.

pub mod fence;
pub mod paths;
pub mod record;
pub mod rounds;
pub mod taking;
pub mod worktree;
