//! A labelled generator of panics and the pairwise F1 of their fingerprints.
//!
//! The shapes are those rustc 1.9x prints. A bug is a statement in a function; its panics differ in
//! values, lines, names of locals, arguments of generics, callers (inlined or not), thread, folder of the
//! build, profile, mangling and how much of the backtrace there is.

use std::collections::HashMap;

use super::Panic;
use crate::operations::fingerprint::miner::dice::Dice;

struct Bug {
    file: String,
    /// Printed by the older mangling and by the newer.
    function: [String; 2],
    message: &'static str,
    column: usize,
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

fn bugs(count: usize, dice: &mut Dice) -> Vec<Bug> {
    let modules = ["ledger", "row", "store", "parse", "net"];
    (0..count)
        .map(|number| {
            let module = modules[dice.below(modules.len())];
            let f = format!("step_{}", ["read", "sum", "open", "fold", "close"][number % 5].to_owned() + &"x".repeat(number / 5));
            let function = match dice.below(5) {
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
            Bug { file: format!("src/{module}.rs"), function, message, column: 5 + number % 40 }
        })
        .collect()
}

fn print(bug: &Bug, number: usize, whole: bool, dice: &mut Dice) -> String {
    let folder = ["", "./", "/home/mara/app/", "/build/7f3/app/"][dice.below(4)];
    let (full, plain, mangling) = (dice.below(2) == 0, dice.below(3) == 0, dice.below(2));
    let local = ["rows", "records", "r"][dice.below(3)];
    let line = 10 + number * 7 + dice.below(200);
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
    if !whole {
        return out + "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n";
    }
    let generic = ["u32", "alloc::vec::Vec<u8>", "app::net::Peer<'_>"][dice.below(3)];
    let library = "/rustc/59807616/library";
    let mut frames = vec![
        ("__rustc::rust_begin_unwind".to_owned(), format!("{library}/std/src/panicking.rs:689:5")),
        ("core::panicking::panic_fmt".to_owned(), format!("{library}/core/src/panicking.rs:80:14")),
    ];
    if !plain {
        frames.push((
            "core::option::Option<T>::unwrap".to_owned(),
            format!("{library}/core/src/option.rs:9:5"),
        ));
    }
    // A plain release now and then has the function itself inlined.
    if !(plain && dice.below(25) == 0) {
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
        let hash = if full && mangling == 0 { format!("::h{:016x}", dice.roll()) } else { String::new() };
        let address = if full { format!("    {:#x} - ", dice.roll() >> 20) } else { String::new() };
        out += &format!("{at:4}: {address}{name}{hash}\n");
        if !plain && !place.is_empty() {
            out += &format!("             at {place}\n");
        }
    }
    out
}

/// Fingerprints of many panics, of which so many in a hundred have no backtrace.
fn scored(without_backtrace: usize) -> (f64, f64, f64) {
    let mut dice = Dice(7);
    let bugs = bugs(120, &mut dice);
    let panics: Vec<(usize, String)> = (0..4000)
        .map(|_| {
            let label = dice.below(bugs.len());
            let whole = dice.below(100) >= without_backtrace;
            let text = print(&bugs[label], label, whole, &mut dice);
            let lines: Vec<&str> = text.lines().collect();
            (label, Panic::read(&lines).unwrap().fingerprint())
        })
        .collect();
    pairwise(&panics)
}

#[test]
fn the_same_panic_is_one_item_and_another_is_another() {
    for without_backtrace in [0, 100] {
        let (precision, recall, f1) = scored(without_backtrace);
        assert!(f1 >= 0.98, "{without_backtrace}: precision {precision:.4} recall {recall:.4} F1 {f1:.4}");
    }
}

/// What no backtrace tells cannot be known; `related` proposes the link.
#[test]
fn a_few_panics_without_a_backtrace_are_items_of_their_own() {
    let (precision, recall, f1) = scored(5);
    assert!(f1 >= 0.93 && precision >= 0.98, "precision {precision:.4} recall {recall:.4} F1 {f1:.4}");
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
