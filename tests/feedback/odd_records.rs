//! Records that are long, many or deep: cut, never dropped, and never the end of an import.

use std::fmt::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};

use super::{add, items, token, with_stdin};
use crate::support::{FEEDBACK, Sandbox};

fn show(sandbox: &Sandbox, item: &Value) -> Value {
    sandbox.feedback(&["show", item["id"].as_str().unwrap(), "--format", "json"]).ok().json()
}

fn body_txt(sandbox: &Sandbox, id: &str) -> String {
    sandbox.feedback(&["show", id, "--evidence", "body.txt"]).ok().stdout
}

#[test]
fn a_record_of_long_odd_texts_is_cut_and_its_neighbours_are_filed() {
    let sandbox = Sandbox::new();
    for sign in ["😀", "\u{1}"] {
        let odd = |n: usize| {
            let text = format!("{} {}", "x".repeat(n), sign.repeat(200));
            json!({"level": "error", "msg": text, "target": text, "trace_id": text, "span_id": text, "name": text})
        };
        let mut log = String::from("2026-11-20T01:02:04Z ERROR no disk\n");
        (1..12).for_each(|n| writeln!(log, "{}", odd(n)).unwrap());
        let told = with_stdin(&sandbox, &["import", "-", "--format", "json"], log.as_bytes()).ok().json();
        assert_eq!(told["records"], 12);
    }
    let mut log = String::from("2026-11-20T01:02:04Z ERROR no net\n");
    writeln!(log, "{}", json!({"level": "error", "msg": "😀".repeat(900), "target": "😀".repeat(900)}))
        .unwrap();
    with_stdin(&sandbox, &["import", "-"], log.as_bytes()).ok();
    assert!(items(&sandbox).iter().any(|item| item["title"].as_str().unwrap().contains("no net")));
    assert!(sandbox.note_lines("feedback").iter().all(|line| line.len() <= 4096));
}

#[test]
fn a_panic_in_any_script_keeps_its_beginning_and_its_frames() {
    let sandbox = Sandbox::new();
    for message in ["не удалось прочитать строку ", "could not read the row "] {
        let mut panic = format!("thread 'main' (3) panicked at src/a.rs:3:5:\n{}\n", message.repeat(120));
        panic += "stack backtrace:\n   0: core::panicking::panic\n             at /rustc/1/a.rs:1:1\n   1: app::read\n             at ./src/a.rs:3:5\n   2: app::main\n             at ./src/main.rs:9:5\nnote: x\n";
        with_stdin(&sandbox, &["import", "-"], panic.as_bytes()).ok();
    }
    let found = items(&sandbox);
    assert_eq!(found.len(), 2);
    for item in &found {
        let fields = show(&sandbox, item)["fields"].clone();
        let text = fields.to_string();
        assert!(text.contains("app::main") && text.contains("stacktrace"), "{fields}");
        assert!(fields["body"].as_str().is_some_and(|body| body.chars().count() > 700), "{fields}");
    }
}

#[test]
fn what_escapes_make_too_long_is_whole_in_body_txt() {
    let sandbox = Sandbox::new();
    for (n, sign) in ["\"\\", "\u{1b}[1m"].iter().enumerate() {
        let body = format!("{}the end {n}", sign.repeat(1980 / sign.len()));
        let id = add(&sandbox, &["escapes", "--body", &body]);
        let whole = body_txt(&sandbox, &id);
        assert_eq!(whole.trim_end(), body.trim_end());
        sandbox.feedback(&["show", &id]).ok().says("whole in body.txt");
    }
}

#[test]
fn many_failing_spans_of_one_export_are_read_at_once() {
    let sandbox = Sandbox::new();
    let span = |n: usize| {
        json!({"traceId": format!("{:032x}", n / 2), "spanId": format!("{n:016x}"), "name": "load",
            "parentSpanId": if n.is_multiple_of(2) { String::new() } else { format!("{:016x}", n - 1) }, "status": {"code": 2}})
    };
    let spans: Vec<Value> = (0..20_000).map(span).collect();
    let export = json!({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}).to_string();
    let told = with_stdin(&sandbox, &["import", "-", "--format", "json"], export.as_bytes()).ok().json();
    assert_eq!((told["records"].as_u64(), told["passed_over"].as_u64()), (Some(10_000), Some(10_000)));
}

#[test]
fn deep_and_many_elements_of_xml_take_little_memory() {
    let sandbox = Sandbox::new();
    sandbox.write("deep.xml", format!("<testsuite>\n{}", "<a>".repeat(8 << 20)));
    let failure = format!("<failure message=\"{}\"/>\n", "m".repeat(1 << 20));
    let case = format!("<testcase name=\"t\">{}</testcase>", failure.repeat(150));
    sandbox.write("many.xml", format!("<testsuite name=\"s\">{case}</testsuite>\n"));
    for (file, says) in [("deep.xml", "nested deeper than"), ("many.xml", "1 records of 1 items")] {
        // The limit is what the process may write to, in kilobytes.
        let line = format!("ulimit -d 120000; exec {FEEDBACK} import {file}");
        let mut command = sandbox.command("sh");
        let ran = crate::support::finish(command.args(["-c", &line]).stdout(Stdio::null()));
        ran.ok().says(says);
    }
}

#[test]
fn unread_lines_of_each_file_are_an_item_of_their_own_without_half_a_token() {
    let sandbox = Sandbox::new();
    sandbox.write("bad.jsonl", "{\"level\":\n{\"x\":1}\n");
    // Cut at the characters that are kept the token would be half a one.
    let long = format!("{{\"x\":\"{} {}\"}}\n", "y".repeat(1970), token());
    sandbox.write("tok.jsonl", &long);
    sandbox.feedback(&["import", "bad.jsonl", "tok.jsonl"]).ok();
    let found = items(&sandbox);
    assert_eq!(found.len(), 2, "{found:?}");
    for item in &found {
        let id = item["id"].as_str().unwrap();
        let kept = sandbox.feedback(&["show", id, "--evidence", "unread.txt"]).ok().stdout;
        assert!(!kept.contains(&token()[..12]), "{kept}");
        assert_eq!(kept.contains("\"level\""), item["title"].as_str().unwrap().contains("bad.jsonl"));
    }
    sandbox.feedback(&["import", "bad.jsonl", "tok.jsonl"]).ok().says("0 events written");
}
