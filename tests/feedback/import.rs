//! `git feedback import`.

use std::process::Command;

use super::{items, token, with_stdin};
use crate::support::{Sandbox, finish, has};

const LOG: &str = "2026-11-20T01:02:03Z INFO up\n2026-11-20T01:02:04Z ERROR lost 4 rows from 10.0.0.7\n2026-11-20T01:09:04Z ERROR lost 12 rows from 10.0.0.9\n2026-11-20T03:00:00Z WARN slow\n";

fn import(sandbox: &Sandbox, name: &str, text: &str) -> serde_json::Value {
    sandbox.write(name, text);
    sandbox.feedback(&["import", name, "--format", "json"]).ok().json()
}

#[test]
fn a_file_imported_again_adds_nothing_and_a_grown_one_what_is_new() {
    let sandbox = Sandbox::new();
    let told = import(&sandbox, "a.log", LOG);
    assert_eq!(
        (told["records"].as_u64(), told["items"].as_u64(), told["passed_over"].as_u64()),
        (Some(3), Some(2), Some(1))
    );
    let before = (items(&sandbox), sandbox.git(&["rev-parse", "refs/notes/feedback"]));
    assert_eq!(import(&sandbox, "a.log", LOG)["events"], 0);
    assert_eq!(before, (items(&sandbox), sandbox.git(&["rev-parse", "refs/notes/feedback"])));
    import(&sandbox, "a.log", &format!("{LOG}2026-11-20T03:01:00Z ERROR lost 1 rows from 10.0.0.2\n"));
    let lost = items(&sandbox).into_iter().find(|item| item["severity"] == "error").unwrap();
    assert_eq!(lost["occurrences"], 3);
    assert!(!lost.to_string().contains("10.0.0."), "{lost}");
}

#[test]
fn what_cannot_be_read_is_told_with_its_line_and_kept() {
    let sandbox = Sandbox::new();
    let good =
        r#"{"timestamp":"2026-11-20T01:02:03Z","level":"ERROR","fields":{"message":"no disk"},"target":"a"}"#;
    let text = format!("{good}\n{{\"level\":\n{good}\n{{\"x\":\"{}\"}}\n", token());
    sandbox.write("a.jsonl", &text);
    sandbox
        .feedback(&["import", "a.jsonl"])
        .ok()
        .says("line 2 is not read")
        .says("line 4 is not read")
        .says("2 not read");
    let unread = items(&sandbox).into_iter().find(|item| item["severity"] == "warning").unwrap();
    let shown = sandbox.feedback(&["show", unread["id"].as_str().unwrap()]).ok().says("unread.txt");
    assert!(!shown.stdout.contains(&token()));
    assert_eq!(import(&sandbox, "a.jsonl", &text)["events"], 0);
}

#[test]
fn many_items_are_one_event_in_the_note() {
    let sandbox = Sandbox::new();
    let words = ["disk", "net", "row", "cart", "mail", "user", "page", "job", "lock", "tax", "key", "map"];
    let log: String =
        words.iter().map(|word| format!("2026-11-20T01:02:04Z ERROR {word} is gone\n")).collect();
    import(&sandbox, "a.log", &log);
    let lines = sandbox.note_lines("feedback");
    // One of items, one of the links that are proposed between them.
    assert!(lines.len() <= 2 && lines.iter().all(|line| line.contains("\"op\":\"batch\"")), "{lines:?}");
    assert_eq!(items(&sandbox).len(), words.len());
}

#[test]
fn a_dry_run_shows_the_lines_and_writes_none() {
    let sandbox = Sandbox::new();
    let log = format!("2026-11-20T01:02:04Z ERROR {} refused\n", token());
    let ran = with_stdin(&sandbox, &["import", "-", "--dry-run"], log.as_bytes()).ok();
    assert!(ran.stdout.contains("\"op\":\"add\"") && !ran.stdout.contains(&token()), "{}", ran.stdout);
    assert!(items(&sandbox).is_empty());
}

#[test]
fn a_real_panic_is_one_item_with_every_kind_of_backtrace() {
    if !has("rustc") {
        eprintln!("skipped: rustc is not there");
        return;
    }
    let sandbox = Sandbox::new();
    let source = "fn row(text: &str) -> u32 { text.parse::<u32>().unwrap() }\nfn main() { println!(\"{}\", row(\"x\")); }";
    sandbox.write("app.rs", source);
    finish(sandbox.command("rustc").args(["-g", "--edition", "2021", "app.rs"])).ok();
    let panic = |full: &str| {
        let ran: std::process::Output =
            Command::new(sandbox.path("app")).env("RUST_BACKTRACE", full).output().unwrap();
        ran.stderr
    };
    for full in ["1", "full"] {
        with_stdin(&sandbox, &["import", "-", "--source", full], &panic(full))
            .ok()
            .says("1 records of 1 items");
    }
    let filed = items(&sandbox);
    assert_eq!(
        (filed.len(), filed[0]["kind"].as_str(), filed[0]["occurrences"].as_u64()),
        (1, Some("error"), Some(2))
    );
    sandbox.feedback(&["show", filed[0]["id"].as_str().unwrap()]).ok().says("in app::row");
}
