//! Figures of the tools: CPU time of a whole command, beside git's own for the same data.
//!
//! `cargo bench` prints milliseconds of CPU (user and system, all children, the mean of some runs) and
//! the ratio to what runs beside it. Wall time says little on a busy machine.
#![allow(clippy::print_stdout, clippy::expect_used, reason = "a table is what a bench is for")]

mod cpu;
mod data;

use cpu::{Table, measure};

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
    let git = measure(&folder, 10, "git", &["ls-files", "-o"]);
    let ours = measure(&folder, 10, INTENT, &["list"]);
    table.row("cargo intent list, 1,000 intents", ours, "git ls-files -o", git, "≤ 50 ms");
    let ours = measure(&folder, 10, INTENT, &["check", "--no-run"]);
    table.row("cargo intent check --no-run, 1,000", ours, "git ls-files -o", git, "≤ 100 ms");
}

fn feedback(table: &mut Table) {
    let folder = data::repository(100_000, 1_000);
    let pipe = "git notes --ref=feedback list | cut -d' ' -f1 | git cat-file --batch >/dev/null";
    let git = measure(&folder, 5, "sh", &["-c", pipe]);
    let ours = measure(&folder, 5, FEEDBACK, &["list"]);
    table.row(
        "git feedback list, 100,000 items, 1,000 commits",
        ours,
        "git cat-file --batch",
        git,
        "≤ 400 ms",
    );
    // Git writes into a copy of the same notes.
    measure(&folder, 1, "git", &["update-ref", "refs/notes/other", "refs/notes/feedback"]);
    let git = measure(&folder, 20, "git", &["notes", "--ref=other", "append", "-m", "something happened"]);
    let ours = measure(&folder, 20, FEEDBACK, &["add", "something happened"]);
    table.row("git feedback add at 100,000 items", ours, "git notes append", git, "≤ 2×");
}
