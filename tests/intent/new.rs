//! `cargo intent new`.

use std::io::Write;
use std::process::Stdio;

use crate::support::{INTENT, Sandbox};

#[test]
fn a_new_intent_is_valid_at_once_and_names_the_next_command() {
    let sandbox = Sandbox::new();
    let ran = sandbox.intent(&["new", "csv2json", "--title", "Turn CSV into JSON"]).ok();
    assert_eq!(ran.stdout, "intents/csv2json.toml\n");
    assert!(ran.stderr.contains("cargo intent check csv2json"), "{}", ran.stderr);
    sandbox.intent(&["check", "csv2json"]).ok().says("no checks");
    sandbox.intent(&["show", "csv2json"]).ok().says("Turn CSV into JSON").says("still to be said");
}

#[test]
fn the_title_comes_from_the_slug_where_nothing_is_said() {
    let sandbox = Sandbox::unborn();
    sandbox.intent(&["new", "no-partial-output"]).ok();
    assert!(sandbox.read("intents/no-partial-output.toml").contains("title   = \"No partial output\""));
}

#[test]
fn a_raw_text_gives_title_and_outcome_and_keeps_the_rest() {
    let sandbox = Sandbox::new();
    let raw = "# Orders, please\n\nSo um, I want\n\"\"\"exports\"\"\" as JSON.\n\nMore \\ here\ttoo.";
    sandbox.write("memo.txt", raw);
    sandbox.intent(&["new", "orders", "--from", "memo.txt"]).ok();
    let shown = sandbox.intent(&["show", "orders", "--format", "json"]).ok().json();
    assert_eq!(shown["title"], "Orders, please");
    assert_eq!(shown["outcome"], "So um, I want \"\"\"exports\"\"\" as JSON.");
    assert_eq!(shown["rationale"], "More \\ here\ttoo.");
    assert_eq!(shown["schema"], 1);
}

#[test]
fn text_may_come_on_standard_input() {
    let sandbox = Sandbox::new();
    let mut child = sandbox
        .command(INTENT)
        .args(["new", "spoken", "--from", "-", "--outcome", "It is done."])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all("Ein Gedanke, größer\n".as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    let text = sandbox.read("intents/spoken.toml");
    assert!(text.contains("title   = \"Ein Gedanke, größer\"\noutcome = \"It is done.\""), "{text}");
}

#[test]
fn what_is_there_is_never_overwritten() {
    let sandbox = Sandbox::new();
    sandbox.write("intents/a.toml", "mine");
    sandbox.intent(&["new", "a"]).exits(2).says("is there already").says("cargo intent show a");
    assert_eq!(sandbox.read("intents/a.toml"), "mine");
}

#[test]
fn a_bad_name_is_refused_with_a_better_one() {
    let sandbox = Sandbox::new();
    sandbox.intent(&["new", "CSV to JSON"]).exits(2).says("cargo intent new csv-to-json");
    sandbox.intent(&["new", "lessons"]).exits(2).says("reserved");
    sandbox.intent(&["new", "../up"]).exits(2).says("is no slug");
    assert!(!sandbox.path("intents").exists());
}

#[test]
fn unreadable_text_is_named() {
    let sandbox = Sandbox::new();
    sandbox.write("bad.txt", b"fine\n\xff\n");
    sandbox.intent(&["new", "a", "--from", "bad.txt"]).exits(2).says("line 2 of the text is not UTF-8");
    sandbox.intent(&["new", "a", "--from", "none.txt"]).exits(2).says("cannot read none.txt");
    sandbox.intent(&["new", "a", "--edit"]).exits(2).says("needs a terminal");
}

#[test]
fn outside_a_repository_it_says_what_to_do() {
    let sandbox = Sandbox::bare();
    sandbox.intent(&["new", "a"]).exits(2).says("not a git repository").says("hint: git init");
}
