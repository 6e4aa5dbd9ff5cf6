//! The group of each line of a log: `cargo bench --bench logs -- FILE [lines|messages]`.
//!
//! Prints for each line the number of its group by masks alone, and by masks and mining. `benches/logs.py`
//! scores them on labelled logs, with Drain3 beside it.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::expect_used, reason = "a bench prints")]

use std::collections::HashMap;
use std::io::{BufWriter, Write};

use factory::operations::fingerprint::{log, miner};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let Some(file) = args.first() else {
        eprintln!("skipped: name a log, as in cargo bench --bench logs -- FILE [lines|messages]");
        return;
    };
    let bytes = std::fs::read(file).unwrap_or_else(|error| panic!("{file}: {error}"));
    let text = String::from_utf8_lossy(&bytes);
    let whole_lines = args.get(1).is_none_or(|kind| kind == "lines");
    let template = |line: &str| if whole_lines { log::template_of_line(line) } else { log::template(line) };
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let mut templates: Vec<String> = Vec::new();
    let mut masks: Vec<usize> = Vec::new();
    for line in text.lines() {
        let template = template(line);
        let next = templates.len();
        let number = *numbers.entry(template.clone()).or_insert(next);
        if number == next {
            templates.push(template);
        }
        masks.push(number);
    }
    let borrowed: Vec<&str> = templates.iter().map(String::as_str).collect();
    let mut group_of = vec![0; templates.len()];
    for (number, group) in miner::mine(&borrowed).iter().enumerate() {
        group.members.iter().for_each(|member| group_of[*member] = number);
    }
    let mut out = BufWriter::new(std::io::stdout().lock());
    for mask in &masks {
        writeln!(out, "{mask} {}", group_of[*mask]).expect("standard output takes it");
    }
}
