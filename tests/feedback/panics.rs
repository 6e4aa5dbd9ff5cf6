//! `git feedback import` of what real programs say when they panic: the same mistake is one item however the
//! program was built, started and changed around it, and another mistake is another item.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::with_stdin;
use crate::support::{Sandbox, finish, has};

const SOURCE: &str = include_str!("producers/panics.rs");

/// A way to build the program: a name, what of the source is replaced, and what rustc is told.
type Build = (&'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);

const BUILDS: [Build; 3] = [
    ("debug", &[], &["-g"]),
    ("release", &[], &["-O"]),
    // Other lines, another name of a function beside it, another argument of the generic type.
    (
        "changed",
        &[
            ("// MORE LINES", "#[allow(dead_code)]\nfn more() -> u32 {\n    7\n}\n"),
            ("unrelated", "renamed"),
            ("type Row = u32", "type Row = Vec<Option<String>>"),
        ],
        &["-g"],
    ),
];

const MORE_BUILDS: [Build; 7] = [
    ("lines", &[], &["-O", "-C", "debuginfo=line-tables-only"]),
    ("stripped", &[], &["-O", "-C", "strip=symbols"]),
    ("abort", &[], &["-O", "-C", "panic=abort"]),
    ("lto", &[], &["-O", "-C", "lto=fat", "-C", "codegen-units=1"]),
    ("small", &[], &["-C", "opt-level=z"]),
    ("v0", &[], &["-g", "-C", "symbol-mangling-version=v0"]),
    ("moved", &[("// MORE LINES", "\n\n\n\n\n")], &["-O"]),
];

/// Build the program in a folder of its own; where it is.
fn build(sandbox: &Sandbox, (name, replaced, told): Build) -> PathBuf {
    let source = replaced.iter().fold(SOURCE.to_owned(), |source, (old, new)| source.replace(old, new));
    let folder = sandbox.home.join(format!("{name}/src"));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("app.rs"), source).unwrap();
    let mut rustc = sandbox.command("rustc");
    rustc.args(["--edition", "2024", "-A", "warnings", "-C", "overflow-checks=on", "-o", "app"]);
    finish(rustc.args(told).arg("src/app.rs").current_dir(sandbox.home.join(name))).ok();
    sandbox.home.join(name).join("app")
}

fn mistakes() -> Vec<&'static str> {
    let arms = SOURCE.lines().filter_map(|line| line.strip_prefix("        \"")?.split_once("\" => "));
    arms.map(|(name, _)| name).collect()
}

fn said(sandbox: &Sandbox, program: &Path, mistake: &str, value: usize, backtrace: &str) -> String {
    let mut command = sandbox.command(program);
    command.args([mistake, &value.to_string()]).env("RUST_BACKTRACE", backtrace);
    finish(&mut command).stderr
}

/// Of each mistake, which was given as the source, the items that it is counted in.
fn items_of(sandbox: &Sandbox) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut wholes: BTreeMap<String, String> = BTreeMap::new();
    for line in sandbox.note_lines("feedback") {
        let event: serde_json::Value = serde_json::from_str(&line).unwrap();
        let (Some(item), Some(source)) = (event["item"].as_str(), event["source"].as_str()) else { continue };
        let whole = wholes.entry(item.to_owned()).or_insert_with(|| {
            let shown = sandbox.feedback(&["show", item, "--format", "json"]).ok().json();
            shown["id"].as_str().unwrap().to_owned()
        });
        found.entry(source.to_owned()).or_default().insert(whole.clone());
    }
    found
}

#[test]
fn a_mistake_is_one_item_in_every_build_with_and_without_a_backtrace() {
    if !has("rustc") {
        return;
    }
    let slow = std::env::var_os("FACTORY_SLOW").is_some();
    let sandbox = Sandbox::new();
    let more = if slow { &MORE_BUILDS[..] } else { &[] };
    let builds: Vec<&Build> = BUILDS.iter().chain(more).collect();
    let programs: Vec<PathBuf> = std::thread::scope(|scope| {
        let started = builds.iter().map(|how| scope.spawn(|| build(&sandbox, **how)));
        let started: Vec<_> = started.collect();
        started.into_iter().map(|building| building.join().unwrap()).collect()
    });
    let backtraces = if slow { &["1", "0", "full"][..] } else { &["1"] };
    for mistake in mistakes() {
        let runs = programs.iter().flat_map(|program| backtraces.iter().map(move |full| (program, full)));
        let runs = runs.chain([(&programs[0], &"0")]);
        let all: Vec<String> = runs
            .enumerate()
            .map(|(n, (program, full))| said(&sandbox, program, mistake, n + 3, full))
            .collect();
        let count = format!("{} records", all.len());
        let args = ["import", "-", "--source", mistake];
        with_stdin(&sandbox, &args, all.concat().as_bytes()).ok().says(&count);
    }
    let found = items_of(&sandbox);
    let mut taken: BTreeMap<&String, &String> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (mistake, items) in &found {
        if items.len() != 1 {
            wrong.push(format!("{mistake} is {} items", items.len()));
        }
        for item in items {
            if let Some(other) = taken.insert(item, mistake) {
                wrong.push(format!("{mistake} and {other} are one"));
            }
        }
    }
    let listed = sandbox.feedback(&["list", "--why", "-n", "0"]).ok().stdout;
    assert!(wrong.is_empty() && found.len() == mistakes().len(), "{wrong:#?}\n{listed}");
}

/// A panic at a line, column 13, of `src/a.rs`; with the function where one is told.
fn panic(line: u32, function: Option<&str>) -> String {
    let head = format!("thread 'main' (3) panicked at src/a.rs:{line}:13:\nno rows\n");
    let frames = function.map_or_else(
        || "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n".to_owned(),
        |name| {
            format!(
                "stack backtrace:\n   0: std::panicking::begin_panic\n             at /rustc/1/library/std/src/p.rs:1:1\n   1: {name}\n             at ./src/a.rs:{line}:13\nnote: x\n"
            )
        },
    );
    head + &frames
}

/// How many panics each item has, and how many were joined, after importing these one after the other.
fn counted(sandbox: &Sandbox, panics: &[String]) -> Vec<u64> {
    for (n, panic) in panics.iter().enumerate() {
        let source = format!("part {n}");
        with_stdin(sandbox, &["import", "-", "--source", &source], panic.as_bytes()).ok();
    }
    let mut counts: Vec<u64> =
        super::items(sandbox).iter().map(|item| item["occurrences"].as_u64().unwrap()).collect();
    counts.sort_unstable();
    counts
}

#[test]
fn a_panic_without_a_function_is_counted_with_the_only_function_it_can_be_of_in_any_order() {
    let (bare, first, second) =
        (panic(40, None), panic(42, Some("app::read")), panic(88, Some("app::write")));
    let orders: [[&String; 3]; 3] = [[&bare, &first, &bare], [&first, &bare, &bare], [&bare, &bare, &first]];
    for order in orders {
        let sandbox = Sandbox::new();
        assert_eq!(counted(&sandbox, &order.map(Clone::clone)), [3], "{order:?}");
        sandbox.feedback(&["list", "--why"]).ok().says("the same message at the same place");
        // Two functions fit, and neither has the line: nobody knows.
        let next = [second.clone()];
        let source = ["import", "-", "--source", "later"];
        with_stdin(&sandbox, &source, next[0].as_bytes()).ok();
        assert_eq!(counted(&sandbox, &[]), [1, 1, 2], "{order:?}");
        // At a line of its own it is told again.
        with_stdin(&sandbox, &["import", "-", "--source", "last"], panic(42, None).as_bytes()).ok();
        assert_eq!(counted(&sandbox, &[]), [1, 4], "{order:?}");
    }
}

#[test]
fn what_a_person_says_of_two_panics_stands() {
    let sandbox = Sandbox::new();
    assert_eq!(counted(&sandbox, &[panic(40, None), panic(42, Some("app::read"))]), [2]);
    let whole = super::items(&sandbox)[0]["id"].as_str().unwrap().to_owned();
    let parts = sandbox.feedback(&["show", &whole, "--format", "json"]).ok().json();
    let part = parts["parts"][0].as_str().unwrap().to_owned();
    sandbox.feedback(&["link", "--undo", &part, &whole]).ok();
    assert_eq!(counted(&sandbox, &[]), [1, 1]);
    with_stdin(&sandbox, &["import", "-", "--source", "later"], panic(42, None).as_bytes()).ok();
    assert_eq!(counted(&sandbox, &[]), [1, 2], "not joined again");
}

#[test]
fn a_panic_that_an_earlier_version_filed_goes_on_and_is_joined() {
    use factory::operations::fingerprint::panic::Panic;
    let sandbox = Sandbox::new();
    let text = panic(42, Some("app::read"));
    let lines: Vec<&str> = text.lines().collect();
    let read = Panic::read(&lines).unwrap();
    let (print, related) = (read.earlier()[0].clone(), read.related());
    let item = factory::types::id::item_id("error", &print);
    let event = format!(
        r#"{{"id":"01JD4000000000000000000000","v":1,"item":"{item}","op":"add","t":"2026-11-19T01:02:04Z","title":"panic: no rows","kind":"error","severity":"error","fingerprint":"{print}","related":"{related}","stacktrace":[{{"function":"app::read","line":7,"in_app":true}}]}}"#
    );
    sandbox.git(&["notes", "--ref=feedback", "add", "-m", &event]);
    assert_eq!(counted(&sandbox, &[text.clone(), panic(40, None)]), [3]);
    assert_eq!(super::items(&sandbox)[0]["id"], item.as_str());
}
