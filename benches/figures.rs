//! Figures of the tools: CPU time of a whole command, beside git's own for the same data.
//!
//! `cargo bench` prints milliseconds of CPU (user and system, all children, the mean of some runs) and
//! the ratio to what runs beside it. Wall time says little on a busy machine.
#![allow(clippy::print_stdout, clippy::expect_used, reason = "a table is what a bench is for")]

mod cpu;
mod data;

use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};

use cpu::{Table, measure, measure_here};
use factory::types::id::sha256_hex;

const INTENT: &str = env!("CARGO_BIN_EXE_cargo-intent");
const SHIP: &str = env!("CARGO_BIN_EXE_cargo-ship");
const FEEDBACK: &str = env!("CARGO_BIN_EXE_git-feedback");

fn main() {
    // `cargo test --benches` passes this; there is nothing to assert here.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let mut table = Table::default();
    start(&mut table);
    small(&mut table);
    intents(&mut table);
    feedback(&mut table);
    table.print();
}

fn start(table: &mut Table) {
    let folder = data::empty();
    let git = measure(&folder, 50, "git", &["--version"]);
    for (name, program) in [("cargo intent", INTENT), ("cargo ship", SHIP), ("git feedback", FEEDBACK)] {
        let ours = measure(&folder, 50, program, &["--version"]);
        table.row(&format!("start of {name}"), ours, "git --version", git, "≤ 5 ms");
    }
}

fn small(table: &mut Table) {
    let folder = data::repository(10, 1);
    let git = measure(&folder, 30, "git", &["notes", "--ref=feedback", "list"]);
    let ours = measure(&folder, 30, FEEDBACK, &["list"]);
    table.row("git feedback list, 10 items", ours, "git notes list", git, "≤ 15 ms");
    data::intents(&folder, 3);
    let ours = measure(&folder, 30, INTENT, &["list"]);
    table.row("cargo intent list, 3 intents", ours, "git notes list", git, "≤ 15 ms");
}

fn intents(table: &mut Table) {
    let folder = data::repository(1, 1);
    data::intents(&folder, 1_000);
    let floor = floor(&folder);
    let mut row = |what: &str, args: &[&str], goal: &str| {
        let ours = measure(&folder, 10, INTENT, args);
        table.row(&format!("cargo intent {what}"), ours, "toml_edit parse, SHA-256", floor, goal);
    };
    row("list, 1,000 intents", &["list"], "≤ 50 ms");
    row("check --no-run, 1,000", &["check", "--no-run"], "≤ 100 ms");
    row("diff, 1,000, none changed", &["diff"], "");
    row("next, 1,000", &["next"], "");
    data::write_intents(&folder, 1_000, "two seconds");
    row("diff, 1,000, all changed", &["diff"], "");
    data::write_intents(&folder, 1_000, "a second");
    data::approvals(&folder, false);
    row("list, 1,000 approved", &["list"], "≤ 50 ms");
    row("next, 1,000 approved", &["next"], "≤ 50 ms");
    row("diff, 1,000 approved", &["diff"], "≤ 100 ms");
    row("check --no-run, 1,000 approved", &["check", "--no-run"], "≤ 100 ms");
    row("approve --verify, 1,000 approved", &["approve", "--verify"], "");
    if !has_ssh_keygen() {
        println!("SKIPPED: ssh-keygen is not installed, so nothing is signed");
        return;
    }
    data::approvals(&folder, true);
    row("list, 1,000 signed, remembered", &["list"], "≤ 50 ms");
    row("next, 1,000 signed, remembered", &["next"], "≤ 50 ms");
    row("diff, 1,000 signed, remembered", &["diff"], "≤ 100 ms");
    row("approve --verify, 1,000 signed, remembered", &["approve", "--verify"], "");
}

/// The least any tool that reads TOML must do: parse each file and hash it.
fn floor(folder: &Path) -> f64 {
    measure_here(10, || {
        for text in data::texts(folder) {
            let document = toml_edit::Document::parse(text.as_str()).expect("an intent");
            black_box((document.len(), sha256_hex(text.as_bytes())));
        }
    })
}

fn has_ssh_keygen() -> bool {
    Command::new("ssh-keygen").arg("-?").stderr(Stdio::null()).status().is_ok()
}

fn feedback(table: &mut Table) {
    let folder = data::repository(100_000, 1_000);
    let pipe = "git notes --ref=feedback list | cut -d' ' -f1 | git cat-file --batch >/dev/null";
    let git = measure(&folder, 5, "sh", &["-c", pipe]);
    let beside = "git cat-file --batch";
    let forgetful = format!("rm -f .git/factory/index-feedback && exec {FEEDBACK} list");
    let ours = measure(&folder, 5, "sh", &["-c", &forgetful]);
    table.row("git feedback list, 100,000 items, 1,000 commits", ours, beside, git, "≤ 400 ms");
    let after_add = format!("{FEEDBACK} add 'something happened' && exec {FEEDBACK} list");
    let ours = measure(&folder, 5, "sh", &["-c", &after_add]);
    table.row("git feedback add, then list, the same", ours, beside, git, "");
    let ours = measure(&folder, 20, FEEDBACK, &["list"]);
    table.row("git feedback list, the same with its index", ours, beside, git, "≤ 30 ms");
    let ours = measure(&folder, 5, FEEDBACK, &["list", "-n", "0"]);
    table.row("git feedback list -n 0, the same", ours, beside, git, "");
    // Git writes into a copy of the same notes.
    measure(&folder, 1, "git", &["update-ref", "refs/notes/other", "refs/notes/feedback"]);
    let git = measure(&folder, 20, "git", &["notes", "--ref=other", "append", "-m", "something happened"]);
    let ours = measure(&folder, 20, FEEDBACK, &["add", "something happened"]);
    table.row("git feedback add at 100,000 items", ours, "git notes append", git, "≤ 2×");
}
