//! How often an import counts: several files of one name, streams that overlap, worse levels.

use factory::operations::fingerprint;
use factory::types::id;

use super::{items, with_stdin};
use crate::support::Sandbox;

fn errors(seconds: std::ops::Range<u8>) -> String {
    seconds.map(|second| format!("2026-11-20T01:02:{second:02}Z ERROR no disk\n")).collect()
}

fn occurrences(sandbox: &Sandbox) -> u64 {
    items(sandbox).iter().map(|item| item["occurrences"].as_u64().unwrap()).sum()
}

#[test]
fn files_of_one_source_are_counted_together() {
    let sandbox = Sandbox::new();
    sandbox.write("a.log", errors(0..5));
    sandbox.write("b.log", errors(5..10));
    let import = ["import", "--source", "svc", "a.log", "b.log"];
    sandbox.feedback(&import).ok().says("10 records of 1 items");
    assert_eq!(occurrences(&sandbox), 10);
    sandbox.feedback(&import).ok().says("0 events written");
    sandbox.feedback(&["import", "--source", "svc", "b.log"]).ok();
    assert_eq!(occurrences(&sandbox), 10);
}

#[test]
fn a_stream_that_begins_later_is_the_same_stream() {
    let sandbox = Sandbox::new();
    with_stdin(&sandbox, &["import", "-"], errors(0..5).as_bytes()).ok();
    with_stdin(&sandbox, &["import", "-"], errors(1..5).as_bytes()).ok();
    assert_eq!(occurrences(&sandbox), 5);
    sandbox.write("a.log", errors(0..7));
    sandbox.feedback(&["import", "--watch", "cat a.log", "--source", "standard input"]).ok();
    assert_eq!(occurrences(&sandbox), 7);
}

#[test]
fn the_worst_level_of_a_message_is_its_severity_unless_a_person_says_otherwise() {
    let sandbox = Sandbox::new();
    let import = |name: &str, level: &str| {
        sandbox.write(name, format!("2026-11-20T01:02:0{}Z {level} no disk\n", name.len()));
        sandbox.feedback(&["import", name]).ok();
        items(&sandbox)[0]["severity"].as_str().unwrap().to_owned()
    };
    assert_eq!(import("a", "WARN"), "warning");
    assert_eq!(import("bb", "FATAL"), "fatal");
    assert_eq!(import("ccc", "ERROR"), "fatal");
    sandbox.feedback(&["import", "bb"]).ok().says("0 events written");
    sandbox.feedback(&["set", items(&sandbox)[0]["id"].as_str().unwrap(), "--severity", "info"]).ok();
    assert_eq!(import("dddd", "FATAL"), "info");
    let both = "2026-11-20T01:02:03Z WARN no net\n2026-11-20T01:02:04Z FATAL no net\n";
    with_stdin(&sandbox, &["import", "-"], both.as_bytes()).ok();
    assert!(items(&sandbox).iter().any(|item| item["severity"] == "fatal"));
}

#[test]
fn a_file_that_is_not_there_is_found_before_anything_is_written() {
    let sandbox = Sandbox::new();
    sandbox.write("ok.log", errors(0..5));
    for files in [["ok.log", "nosuch"], ["nosuch", "ok.log"]] {
        sandbox.feedback(&["import", files[0], files[1]]).exits(2).says("nosuch cannot be read");
        assert!(items(&sandbox).is_empty());
    }
}

#[test]
fn the_worst_level_counts_also_where_only_a_secret_tells_messages_apart() {
    let lines = ["WARN", "ERROR", "FATAL"].iter().zip(["Swordfish", "Carpfish", "Troutfish"]);
    let lines: Vec<String> = lines
        .map(|(level, secret)| format!("2026-11-20T01:02:03Z {level} login failed with secret: {secret}\n"))
        .collect();
    for order in [[0, 1, 2], [2, 1, 0]] {
        let sandbox = Sandbox::new();
        sandbox.write("a.log", order.map(|at| lines[at].as_str()).concat());
        sandbox.feedback(&["import", "a.log"]).ok();
        let all = items(&sandbox);
        assert_eq!((all.len(), &all[0]["severity"], occurrences(&sandbox)), (1, &"fatal".into(), 3));
    }
}

#[test]
fn a_file_is_not_taken_for_another_of_the_same_name() {
    let sandbox = Sandbox::new();
    std::fs::create_dir_all(sandbox.path("a")).unwrap();
    std::fs::create_dir_all(sandbox.path("b")).unwrap();
    sandbox.write("a/app.log", "2026-11-20T01:02:03Z ERROR gone\n");
    sandbox.write("b/app.log", "2026-11-20T01:02:04Z ERROR gone\n");
    sandbox.feedback(&["import", "a/app.log"]).ok();
    sandbox.feedback(&["import", "--source", "app.log", "b/app.log"]).ok();
    assert_eq!(occurrences(&sandbox), 2);
}

#[test]
fn what_an_item_was_known_by_before_its_secret_was_masked_stays_with_it() {
    let sandbox = Sandbox::new();
    let line = |secret: &str| format!("2026-11-20T01:02:03Z ERROR login failed with secret: {secret}\n");
    let print = fingerprint::log::fingerprint(line("Swordfish").trim_end());
    let event = format!(
        r#"{{"id":"01JD0000000000000000000000","v":1,"item":"{}","op":"add","t":"2026-11-20T01:02:03Z","kind":"log"}}"#,
        id::item_id("log", &print)
    );
    sandbox.git(&["notes", "--ref=feedback", "add", "-m", &event]);
    sandbox.write("a.log", line("Swordfish") + &line("Carpfish"));
    sandbox.feedback(&["import", "a.log"]).ok();
    sandbox.feedback(&["import", "a.log"]).ok().says("0 events written");
    assert_eq!(items(&sandbox).len(), 2);
}
