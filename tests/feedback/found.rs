//! Finding an item, and showing it: ids that are wrong, short, of two, of a part; columns, `-z`, statistics.

use super::{add, items};
use crate::support::{FEEDBACK, Sandbox, on_terminal};

#[test]
fn a_wrong_id_is_answered_with_the_nearest_or_with_what_the_title_says() {
    let sandbox = Sandbox::new();
    let id = add(&sandbox, &["A row with a byte-order mark is refused"]);
    let mut wrong: Vec<char> = id.chars().collect();
    wrong.swap(5, 6);
    if wrong[5] == wrong[6] {
        wrong[6] = if wrong[6] == 'z' { 'y' } else { 'z' };
    }
    let wrong: String = wrong.into_iter().collect();
    let ran = sandbox.feedback(&["show", &wrong]).exits(2);
    ran.says(&format!("did you mean {id} A row")).says("git feedback list --all");
    sandbox.feedback(&["close", "byte-order"]).exits(2).says(&format!("by title: {id}"));
    sandbox.feedback(&["show", "u"]).exits(2).says("hint: git feedback list --all");
    let told = sandbox.feedback(&["show", "byte-order", "--format", "json"]).exits(2).json();
    assert!(told["hint"].as_str().unwrap().contains(&id), "{told}");
}

#[test]
fn an_id_of_two_names_both_and_one_of_a_part_leads_to_the_whole() {
    let sandbox = Sandbox::new();
    let (one, other) = (add(&sandbox, &["the first"]), add(&sandbox, &["the second"]));
    sandbox
        .feedback(&["show", "fb-"])
        .exits(2)
        .says(&format!("{one} the first"))
        .says(&format!("{other} the second"));
    sandbox.feedback(&["link", &one, &other]).ok();
    sandbox.feedback(&["show", &other]).ok().says(&format!("{other} is part of {one}")).says("the first");
}

#[test]
fn the_facts_of_an_item_stand_in_one_column() {
    let sandbox = Sandbox::new();
    let id = add(&sandbox, &["Uploads feel slow", "--kind", "friction"]);
    sandbox.feedback(&["set", &id, "--signal", "error-rate < 0.01", "--effort", "3"]).ok();
    let shown = sandbox.feedback(&["show", &id]).ok().stdout;
    let facts: Vec<&str> = shown.lines().skip(1).take_while(|line| !line.is_empty()).collect();
    let value = |line: &str| {
        line.find(": ").map(|at| at + 1 + line[at + 1..].len() - line[at + 1..].trim_start().len())
    };
    let columns: Vec<_> = facts.iter().map(|line| value(line).unwrap()).collect();
    assert!(facts.iter().any(|line| line.starts_with("expected_signal: ")), "{shown}");
    assert!(columns.iter().all(|column| *column == columns[0]), "{shown}");
}

#[test]
fn closing_what_is_closed_hides_no_release_and_opening_what_is_open_writes_nothing() {
    let sandbox = Sandbox::new();
    let commit = sandbox.git(&["rev-parse", "HEAD"]);
    let line = format!(
        r#"{{"id":"01M80000000AAAAAAAAAAAAAAA","v":1,"release":"r1","op":"planned","t":"2026-11-22T08:00:00Z","commit":"{}"}}"#,
        commit.trim()
    );
    sandbox.git(&["notes", "--ref=ship", "append", "-m", &line]);
    let id = add(&sandbox, &["x"]);
    sandbox.feedback(&["reopen", &id]).ok().says("is open already");
    sandbox.feedback(&["close", &id, "--release", "r1"]).ok();
    let notes = sandbox.note_lines("feedback");
    let told = sandbox.feedback(&["close", &id, "--format", "json"]).ok().json();
    assert_eq!((&told["status"], &told["changed"]), (&"resolved".into(), &false.into()));
    assert_eq!(sandbox.note_lines("feedback"), notes);
    sandbox.feedback(&["show", &id]).ok().says("resolved in r1");
    sandbox.feedback(&["reopen", &id]).ok();
    sandbox.feedback(&["stats", "--by", "release"]).ok().says("r1       0       1");
    sandbox.feedback(&["close", &id, "--ignore"]).ok().says("is ignored");
    assert_eq!(items(&sandbox)[0]["status"], "ignored");
}

#[test]
fn a_log_item_is_listed_by_its_message_and_one_that_became_a_check_says_so() {
    let sandbox = Sandbox::new();
    sandbox.write("a.log", "2026-11-22T01:02:03Z ERROR rows are lost\n");
    sandbox.feedback(&["import", "a.log"]).ok();
    let listed = sandbox.feedback(&["list"]).ok().stdout;
    assert!(listed.trim_end().ends_with("  rows are lost"), "{listed}");
    assert!(items(&sandbox)[0]["title"].as_str().unwrap().starts_with("2026-11-22"), "as it was met");
    sandbox.write("intents/api.toml", "schema = 1\ntitle = \"An API\"\noutcome = \"It answers.\"\n");
    let id = items(&sandbox)[0]["id"].as_str().unwrap().to_owned();
    sandbox.feedback(&["promote", &id, "--intent", "api"]).ok();
    sandbox.feedback(&["list"]).ok().says("[promoted] rows are lost");
    assert!(sandbox.read("intents/api.toml").contains("text = \"rows are lost\""));
}

#[test]
fn a_script_gets_whole_ids_and_titles_between_nul() {
    let sandbox = Sandbox::new();
    let id = add(&sandbox, &["a\ttab and an \u{1b}[31mescape"]);
    let other = add(&sandbox, &["another"]);
    sandbox.feedback(&["close", &other]).ok();
    let told = sandbox.feedback(&["list", "--all", "-z"]).ok().stdout;
    let lines: Vec<&str> = told.strip_suffix('\0').unwrap().split('\0').collect();
    let columns: Vec<&str> = lines[0].splitn(7, '\t').collect();
    assert_eq!(columns[..5], [&id[..], "open", "error", "incident", "1"]);
    assert_eq!(columns[6], items(&sandbox)[0]["title"], "as it is");
    assert!(lines[1].starts_with(&format!("{other}\tresolved\t")), "{told}");
    sandbox.feedback(&["list", "-z", "--why"]).exits(2);
}

#[test]
fn statistics_fit_a_narrow_terminal_in_plain_characters() {
    let sandbox = Sandbox::new();
    let lines: String =
        (0..80).map(|at| format!("2026-11-02T01:00:00Z ERROR {} is lost\n", word(at))).collect();
    sandbox.write("a.log", lines);
    sandbox.feedback(&["import", "a.log"]).ok();
    let id = items(&sandbox)[0]["id"].as_str().unwrap().to_owned();
    sandbox.feedback(&["close", &id]).ok();
    for columns in [50, 80] {
        let shown =
            on_terminal(&sandbox, columns, &format!("LC_ALL=C LANG=C {FEEDBACK} stats --color never"));
        assert!(
            shown.is_ascii() && shown.contains("++++") && shown.contains("from first seen to fixed"),
            "{shown}"
        );
        assert!(shown.lines().all(|line| line.len() <= usize::from(columns)), "{shown}");
        assert!(shown.lines().any(|line| line.ends_with(" #")), "{shown}");
    }
}

/// A word without digits, another for each number.
fn word(at: u8) -> String {
    [b'a' + at / 26, b'a' + at % 26].map(|letter| char::from(letter).to_string().repeat(3)).concat()
}
