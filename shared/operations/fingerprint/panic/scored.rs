//! A labelled generator of panics and the pairwise F1 of the items they become.
//!
//! The shapes are those rustc 1.9x prints. A bug is a statement in a function; its panics differ in
//! values, lines, names of locals, arguments of generics, callers (inlined or not), thread, folder of the
//! build, profile, mangling and how much of the backtrace there is. Of builds without debug information
//! three of five have the function inlined, as one finds building thirty small bugs for release.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Panic;
use super::twins::{self, Known, Place};
use crate::operations::fingerprint::miner::dice::Dice;

/// Lines shift from revision to revision of the program.
const REVISIONS: usize = 6;

struct Bug {
    file: String,
    /// Printed by the older mangling, by the newer, and where only lines are known.
    function: [String; 3],
    message: &'static str,
    line: usize,
    column: usize,
}

/// What the panics of a run are like.
#[derive(Clone, Copy, Debug)]
struct Mix {
    /// So many in a hundred have no backtrace.
    bare: usize,
    /// So many in a hundred of the others come from builds with debug information.
    debug: usize,
    /// Columns are as alike as they are in published crates: of two calls of `unwrap`, or two of `[]`, in
    /// functions of one file, 16 % have the same (mean of some 1,850 files).
    alike: bool,
    /// The importer knows of which release a panic is.
    release: bool,
}

const MESSAGES: [&str; 16] = [
    "called `Option::unwrap()` on a `None` value",
    "index out of bounds: the len is {n} but the index is {n}",
    "called `Result::unwrap()` on an `Err` value: ParseIntError { kind: InvalidDigit }",
    "called `Result::unwrap()` on an `Err` value: Os { code: 2, kind: NotFound, message: \"No such file\" }",
    "attempt to subtract with overflow",
    "assertion `left == right` failed\n  left: {n}\n right: {n}",
    "assertion `left == right` failed: rows of {q}\n  left: [{n}]\n right: [{n}, {n}]",
    "assertion failed: {v}.len() > {n}",
    "assertion failed: {v}.is_sorted()",
    "byte index {n} is not a char boundary; it is inside 'é' (bytes {n}..{n}) of `{q}`",
    "amount {n} is below zero",
    "no account {q} in ledger",
    "config is readable: Os { code: 13, kind: PermissionDenied, message: \"Permission denied\" }",
    "internal error: entered unreachable code: state {n}",
    "already borrowed: BorrowMutError",
    "range end index {n} out of range for slice of length {n}",
];

fn bugs(count: usize, alike: bool, dice: &mut Dice) -> Vec<Bug> {
    let modules = ["ledger", "row", "store", "parse", "net"];
    (0..count)
        .map(|number| {
            let module = modules[dice.below(modules.len())];
            let f = format!("step_{}", ["read", "sum", "open", "fold", "close"][number % 5].to_owned() + &"x".repeat(number / 5));
            let [older, newer] = match dice.below(5) {
                0 => [format!("app::{module}::{f}"), format!("app[9f1c2d3e4b5a6978]::{module}::{f}")],
                1 => [format!("app::{module}::Book<T>::{f}"), format!("<app[9f1c2d3e4b5a6978]::{module}::Book<{{g}}>>::{f}")],
                2 => [
                    format!("<app::{module}::Book<T> as app::{module}::Keeps>::{f}"),
                    format!("<app[9f1c2d3e4b5a6978]::{module}::Book<{{g}}> as app[9f1c2d3e4b5a6978]::{module}::Keeps>::{f}"),
                ],
                3 => [format!("app::{module}::{f}::{{{{closure}}}}"), format!("app[9f1c2d3e4b5a6978]::{module}::{f}::{{closure#0}}")],
                _ => [format!("app::{module}::{f}"), format!("app[9f1c2d3e4b5a6978]::{module}::{f}::<{{g}}>")],
            };
            let message = MESSAGES[dice.below(MESSAGES.len())];
            let column = match dice.below(100) {
                0..30 if alike => 9,
                30..55 if alike => 13,
                _ if alike => 5 + dice.below(60),
                _ => 5 + number % 40,
            };
            let function = [older, newer, format!("{f}<{{g}}>")];
            Bug { file: format!("src/{module}.rs"), function, message, line: 10 + number * 7, column }
        })
        .collect()
}

/// The panic as printed, and the place it tells.
fn print(bug: &Bug, revision: usize, mix: Mix, dice: &mut Dice) -> String {
    let folder = ["", "./", "/home/mara/app/", "/build/7f3/app/"][dice.below(4)];
    let (bare, placed) = (dice.below(100) < mix.bare, dice.below(100) < mix.debug);
    let (full, mangling) = (dice.below(2) == 0, dice.below(if placed { 3 } else { 2 }));
    let stripped = !placed && dice.below(4) == 0;
    let local = ["rows", "records", "r"][dice.below(3)];
    // What was put in above it.
    let line = bug.line + (0..revision).map(|at| bug.file.len() * (at + 3) % 11).sum::<usize>();
    let mut message = bug
        .message
        .replace("{v}", local)
        .replace("{q}", &format!("\"{}\"", ["a b", "x", "Übung"][dice.below(3)]));
    while message.contains("{n}") {
        message = message.replacen("{n}", &dice.below(5000).to_string(), 1);
    }
    let thread = ["main", "tokio-runtime-worker", "<unnamed>"][dice.below(3)];
    let mut out = format!(
        "thread '{thread}' ({}) panicked at {folder}{}:{line}:{}:\n{message}\n",
        dice.below(90_000),
        bug.file,
        bug.column
    );
    if bare {
        return out + "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n";
    }
    let generic = ["u32", "alloc::vec::Vec<u8>", "app::net::Peer<'_>"][dice.below(3)];
    let library = "/rustc/59807616/library";
    let mut frames = vec![
        ("__rustc::rust_begin_unwind".to_owned(), format!("{library}/std/src/panicking.rs:689:5")),
        ("core::panicking::panic_fmt".to_owned(), format!("{library}/core/src/panicking.rs:80:14")),
        ("core::option::Option<T>::unwrap".to_owned(), format!("{library}/core/src/option.rs:9:5")),
    ];
    let inlined = !placed && dice.below(5) < 3;
    if !inlined {
        frames.push((
            bug.function[mangling].replace("{g}", generic),
            format!("{folder}{}:{line}:{}", bug.file, bug.column),
        ));
    }
    for caller in [
        "app::serve::handle::{{closure}}",
        "<tokio::task::Core<T> as core::future::future::Future>::poll",
        "app::serve::answer",
        "app::main",
    ] {
        if caller == "app::main" || dice.below(3) > 0 {
            frames.push((caller.to_owned(), format!("{folder}src/main.rs:{}:9", dice.below(300))));
        }
    }
    frames.push(("main".to_owned(), String::new()));
    out += "stack backtrace:\n";
    for (at, (name, place)) in frames.iter().enumerate() {
        let name = if stripped { "<unknown>" } else { name };
        let hash = if full && mangling == 0 && !stripped {
            format!("::h{:016x}", dice.roll())
        } else {
            String::new()
        };
        let address = if full { format!("    {:#x} - ", dice.roll() >> 20) } else { String::new() };
        out += &format!("{at:4}: {address}{name}{hash}\n");
        // Rust's own libraries have their places in every build.
        if (placed || place.starts_with(library) && !stripped) && !place.is_empty() {
            out += &format!("             at {place}\n");
        }
    }
    out
}

/// Pairwise precision, recall and F1 of the items that many panics become.
fn scored(mix: Mix) -> (f64, f64, f64) {
    let mut dice = Dice(7);
    let bugs = bugs(120, mix.alike, &mut dice);
    let mut known: BTreeMap<String, Known> = BTreeMap::new();
    let mut panics: Vec<(usize, String)> = (0..1500)
        .map(|_| {
            let (label, revision) = (dice.below(bugs.len()), dice.below(REVISIONS));
            let text = print(&bugs[label], revision, mix, &mut dice);
            let lines: Vec<&str> = text.lines().collect();
            let panic = Panic::read(&lines).unwrap();
            let release = if mix.release { format!("r{revision}") } else { String::new() };
            let item = known.entry(panic.fingerprint()).or_insert_with(|| Known {
                related: panic.related(),
                function: panic.function().is_some(),
                places: BTreeSet::new(),
            });
            item.places.insert(Place { release, line: panic.line, column: panic.column });
            (label, panic.fingerprint())
        })
        .collect();
    let known = known.iter().map(|(print, known)| (print.as_str(), known.clone())).collect();
    let wholes = twins::decided(&known);
    for (_, print) in &mut panics {
        if let Some(whole) = wholes.get(print.as_str()) {
            *print = (*whole).to_owned();
        }
    }
    pairwise(&panics)
}

#[test]
fn the_same_panic_is_one_item_and_another_is_another_whatever_the_mix() {
    for bare in [0, 5, 50, 95, 100] {
        for debug in [0, 50, 100] {
            let mix = Mix { bare, debug, alike: false, release: false };
            let (precision, recall, f1) = scored(mix);
            assert!(f1 >= 0.98, "{mix:?}: precision {precision:.4} recall {recall:.4} F1 {f1:.4}");
        }
    }
}

/// Without its function, a statement is known by its column, and one of six has that of another: what is left
/// is what backtraces with functions tell.
#[test]
fn columns_that_are_alike_cost_what_they_must() {
    let percent = [(0, 100), (5, 100), (50, 50), (95, 50), (100, 0)].map(|(bare, debug)| {
        let (.., f1) = scored(Mix { bare, debug, alike: true, release: true });
        (f1 * 100.0).round()
    });
    assert_eq!(percent, [95.0, 93.0, 89.0, 90.0, 88.0]);
}

/// Of all pairs of panics: together in both, in the fingerprints only, in the labels only.
fn pairwise(panics: &[(usize, String)]) -> (f64, f64, f64) {
    let pairs = |counts: Vec<f64>| counts.iter().map(|count| count * (count - 1.0) / 2.0).sum::<f64>();
    let (mut both, mut labels, mut prints) = (HashMap::new(), HashMap::new(), HashMap::new());
    for (label, print) in panics {
        *both.entry((label, print)).or_insert(0.0) += 1.0;
        *labels.entry(label).or_insert(0.0) += 1.0;
        *prints.entry(print).or_insert(0.0) += 1.0;
    }
    let together = pairs(both.into_values().collect());
    let (precision, recall) =
        (together / pairs(prints.into_values().collect()), together / pairs(labels.into_values().collect()));
    (precision, recall, 2.0 * precision * recall / (precision + recall))
}
