//! One program for all tests that drive the real binaries against real temporary repositories.
#![allow(clippy::print_stderr, reason = "a skipped test says so aloud, a measuring one what it measured")]
#![allow(clippy::unwrap_used)]

mod feedback;
mod formats;
mod intent;
mod ship;
mod storage;
mod story;
mod support;
mod tidy;
