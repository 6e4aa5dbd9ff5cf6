//! The work of an agent: its worktree, what is taken from it, the rounds, and the record of it all.

pub mod by_hand;
pub mod fence;
pub mod keeping;
pub mod paths;
pub mod proof;
pub mod record;
pub mod rounds;
pub mod secrets;
pub mod show;
pub mod taking;
pub mod waiting;
pub mod worktree;
