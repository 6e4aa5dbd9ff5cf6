//! Exit codes of all three tools; the worst wins.

use crate::types::hint::{Hinted, Trouble};
use crate::types::problem::Problems;

/// How a command ended, from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// It holds.
    Holds,
    /// It could not be verified, or is held.
    Unverified,
    /// A finding: a check failed, drift, a rollback.
    Finding,
    /// Somebody else holds the lock.
    Busy,
    /// The outside failed: disk full, permission, network, a program that could not start.
    Outside,
    /// Wrong usage or unreadable input.
    Usage,
    /// A signal ended the command.
    Signal(i32),
    /// A command was run for somebody, and this is its own code.
    Command(i32),
}

impl Exit {
    pub fn code(self) -> i32 {
        match self {
            Self::Holds => 0,
            Self::Finding => 1,
            Self::Usage => 2,
            Self::Unverified => 3,
            Self::Busy => 4,
            Self::Outside => 5,
            Self::Signal(number) => 128 + number,
            Self::Command(code) => code,
        }
    }

    /// The code that stands for this error: what a hint says, else what the system said.
    pub fn of(error: &anyhow::Error) -> Self {
        // Asked of the error itself: what was added as context does not show in its chain.
        if let Some(hinted) = error.downcast_ref::<Hinted>() {
            return hinted.trouble.into();
        }
        if error.is::<Problems>() { Self::Usage } else { Self::Outside }
    }
}

impl From<Trouble> for Exit {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Usage => Self::Usage,
            Trouble::Outside => Self::Outside,
            Trouble::Busy => Self::Busy,
            Trouble::Finding => Self::Finding,
            Trouble::Unverified => Self::Unverified,
            Trouble::Interrupted(number) => Self::Signal(number),
        }
    }
}
