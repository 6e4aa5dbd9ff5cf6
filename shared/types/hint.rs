//! Errors that carry what mends them and what kind of trouble they are.

use std::fmt;

/// What kind of trouble ended a command; [`crate::terminal::exit`] turns it into an exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// Wrong usage or unreadable input.
    Usage,
    /// The outside failed: disk full, permission, network, a program that could not start.
    Outside,
    /// Somebody else holds the lock.
    Busy,
    /// A check failed, drift, a rollback.
    Finding,
    /// It could not be verified, or is held.
    Unverified,
    /// Interrupted by a signal, whose number this is.
    Interrupted(i32),
}

/// An error a person can act on: what happened, and the command or edit that mends it.
#[derive(Debug)]
pub struct Hinted {
    pub what: String,
    pub hint: Option<String>,
    pub trouble: Trouble,
}

impl fmt::Display for Hinted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Hinted {}

impl Hinted {
    pub fn new(trouble: Trouble, what: impl Into<String>) -> Self {
        Self { what: what.into(), hint: None, trouble }
    }

    pub fn usage(what: impl Into<String>) -> Self {
        Self::new(Trouble::Usage, what)
    }

    pub fn outside(what: impl Into<String>) -> Self {
        Self::new(Trouble::Outside, what)
    }

    pub fn busy(what: impl Into<String>) -> Self {
        Self::new(Trouble::Busy, what)
    }

    pub fn finding(what: impl Into<String>) -> Self {
        Self::new(Trouble::Finding, what)
    }

    pub fn unverified(what: impl Into<String>) -> Self {
        Self::new(Trouble::Unverified, what)
    }

    /// Add what mends it: a command, or what to edit.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
