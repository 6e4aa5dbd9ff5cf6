//! CPU time of child processes, and the table it is shown in.

use std::path::Path;
use std::process::{Command, Stdio};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// Milliseconds of CPU that this process, or all its ended children, took so far.
fn spent_ms(who: UsageWho) -> f64 {
    let usage = getrusage(who).expect("the kernel tells");
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    micros as f64 / 1_000.0
}

/// Mean CPU milliseconds of one run of a command in `folder`, after one run to warm up.
pub fn measure(folder: &Path, runs: u32, program: &str, args: &[&str]) -> f64 {
    let once = || {
        let status = Command::new(program)
            .args(args)
            .current_dir(folder)
            .env("HOME", folder)
            .env("XDG_STATE_HOME", folder.join(".state"))
            .env("XDG_CONFIG_HOME", folder.join(".config"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
        assert!(status.success(), "{program} {args:?}: {status}");
    };
    once();
    let before = spent_ms(UsageWho::RUSAGE_CHILDREN);
    for _ in 0..runs {
        once();
    }
    (spent_ms(UsageWho::RUSAGE_CHILDREN) - before) / f64::from(runs)
}

/// Mean CPU milliseconds of `work` in this process, after one run to warm up.
pub fn measure_here(runs: u32, mut work: impl FnMut()) -> f64 {
    work();
    let before = spent_ms(UsageWho::RUSAGE_SELF);
    for _ in 0..runs {
        work();
    }
    (spent_ms(UsageWho::RUSAGE_SELF) - before) / f64::from(runs)
}

/// Rows of what, ours, beside it, theirs, ratio, goal.
#[derive(Default)]
pub struct Table(Vec<[String; 6]>);

impl Table {
    pub fn row(&mut self, what: &str, ours: f64, beside: &str, theirs: f64, goal: &str) {
        let ratio = format!("{:.1}×", ours / theirs.max(0.01));
        let row = [
            what.into(),
            format!("{ours:.1} ms"),
            beside.into(),
            format!("{theirs:.1} ms"),
            ratio,
            goal.into(),
        ];
        self.0.push(row);
    }

    pub fn print(&self) {
        let head = ["what", "CPU", "beside", "CPU", "ratio", "goal"].map(str::to_owned);
        let rows: Vec<&[String; 6]> = std::iter::once(&head).chain(&self.0).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..6).map(width).collect();
        for row in rows {
            let cells: Vec<String> =
                row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
            println!("{}", cells.join("  ").trim_end());
        }
    }
}
