//! `git feedback`, command by command.

mod add;
mod again;
mod bad_input;
mod closing;
mod colours;
mod completing;
mod converging;
mod counted;
mod empty;
mod found;
mod grouping;
mod hostile;
mod import;
mod killed;
mod live;
mod mended;
mod mixed;
mod odd_records;
mod panics;
mod places;
mod plain_git;
mod produced;
mod promote;
mod promote_kinds;
mod recover;
pub mod redacted;
pub mod routes;
mod run;
mod setting;
mod story;
mod sync;
mod terminal;

use crate::support::{FEEDBACK, Ran, Sandbox};

/// Run with these bytes on standard input.
#[track_caller]
fn with_stdin(sandbox: &Sandbox, args: &[&str], bytes: &[u8]) -> Ran {
    let file = sandbox.home.join("stdin");
    std::fs::write(&file, bytes).unwrap();
    let stdin = std::fs::File::open(file).unwrap();
    crate::support::finish(sandbox.command(FEEDBACK).args(args).stdin(stdin))
}

/// Add an item; its id.
#[track_caller]
fn add(sandbox: &Sandbox, args: &[&str]) -> String {
    let all: Vec<&str> = std::iter::once("add").chain(args.iter().copied()).collect();
    sandbox.feedback(&all).ok().stdout.trim().to_owned()
}

/// The items as JSON, closed ones too.
#[track_caller]
fn items(sandbox: &Sandbox) -> Vec<serde_json::Value> {
    let ran = sandbox.feedback(&["list", "--all", "--format", "json"]).ok();
    ran.json()["items"].as_array().unwrap().clone()
}

/// A token of a known shape, put together here so that none stands in this file.
fn token() -> String {
    format!("gh{}{}", "p_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8")
}

/// A program that finds the binaries as installed ones.
fn installed(sandbox: &Sandbox, program: &str) -> std::process::Command {
    let folder = std::path::Path::new(FEEDBACK).parent().unwrap().to_owned();
    let others = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(folder).chain(std::env::split_paths(&others)));
    let mut command = sandbox.command(program);
    command.env("PATH", path.unwrap());
    command
}
