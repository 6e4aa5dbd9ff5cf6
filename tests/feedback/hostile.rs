//! `git feedback import` of what no program should write, in constant memory.

use std::io::Write;
use std::process::Stdio;

use super::{items, with_stdin};
use crate::support::{FEEDBACK, Sandbox};

fn import(sandbox: &Sandbox, bytes: &[u8]) -> serde_json::Value {
    with_stdin(sandbox, &["import", "-", "--format", "json"], bytes).ok().json()
}

#[test]
fn bytes_that_are_no_text_end_nothing() {
    let sandbox = Sandbox::new();
    let mut bytes = b"\0\0\xff\xfe ERROR: \xc3\x28 lost\r\n{\"level\":\"error\",\"message\":\"a\\u0000b\"}\n\x1b[31mERROR\x1b[0m: red\n".to_vec();
    bytes.extend(b"{\"level\": \"error\", \"mess\n<testsuite><testcase name=\"x\n{\"level\":\"error\",\"message\":\"last\"}\n");
    let told = import(&sandbox, &bytes);
    assert_eq!((told["records"].as_u64(), told["unread"].as_u64()), (Some(4), Some(2)), "{told}");
    let titles: Vec<String> = items(&sandbox).iter().map(|item| item["title"].to_string()).collect();
    assert!(titles.iter().any(|title| title.contains("red") && !title.contains("[31m")), "{titles:?}");
}

#[test]
fn clocks_that_are_wrong_are_kept_as_told_and_said() {
    let sandbox = Sandbox::new();
    let log = "1969-12-31T23:00:00Z ERROR old\n2999-01-01T00:00:00Z ERROR new\n2026-11-20T01:02:04Z ERROR b\n2026-11-20T01:02:03Z ERROR b\n2026-11-20T01:02:03Z ERROR b\n";
    sandbox.write("a.log", log);
    sandbox.feedback(&["import", "a.log"]).ok().says("2 records tell a time before 1970 or still to come");
    let found = items(&sandbox);
    let of =
        |title: &str| found.iter().find(|item| item["title"].as_str().unwrap().ends_with(title)).unwrap();
    assert_eq!(of("old")["first_seen"], "1969-12-31T23:00:00Z");
    assert_eq!(of("new")["first_seen"], "2999-01-01T00:00:00Z");
    assert_eq!(
        (of("b")["occurrences"].as_u64(), of("b")["first_seen"].as_str()),
        (Some(3), Some("2026-11-20T01:02:03Z"))
    );
    assert_eq!(sandbox.feedback(&["import", "a.log", "--format", "json"]).ok().json()["events"], 0);
}

#[test]
fn a_line_without_end_is_named_kept_at_its_beginning_and_passed() {
    let sandbox = Sandbox::new();
    let mut bytes = b"ERROR: one\n{\"level\":\"error\",\"message\":\"".to_vec();
    bytes.resize(bytes.len() + (9 << 20), b'x');
    bytes.extend(b"\"}\nERROR: two\n");
    let told = import(&sandbox, &bytes);
    assert_eq!(
        (told["records"].as_u64(), told["unread"].as_u64(), told["lines"].as_u64()),
        (Some(2), Some(1), Some(3))
    );
    let unread = items(&sandbox).into_iter().find(|item| item["severity"] == "warning").unwrap();
    sandbox
        .feedback(&["show", unread["id"].as_str().unwrap()])
        .ok()
        .says("line 2 is not read: longer than 8 MB");
}

/// The most memory the process ever had, in KB.
#[cfg(target_os = "linux")]
fn peak_kb(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn memory_does_not_grow_with_the_input() {
    let sandbox = Sandbox::new();
    let megabytes = if std::env::var_os("FACTORY_SLOW").is_some() { 200 } else { 24 };
    let mut child = sandbox
        .command(FEEDBACK)
        .args(["import", "-", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // Most are passed over, as in life; some are JSON, some panics, some not readable.
    let mut part = Vec::new();
    for n in 0..400 {
        writeln!(
            part,
            "2026-11-20T01:02:04.{n:03}Z INFO request {n} took {n} ms and gave back 200 to 10.0.0.{n}"
        )
        .unwrap();
    }
    part.extend(b"2026-11-20T01:02:05Z ERROR lost 7 rows\n{\"level\":\"error\",\"message\":\"no disk\"}\n{\"level\":\n");
    part.extend(b"thread 'main' (3) panicked at src/a.rs:3:5:\nbad row 7\nnote: run with\n");
    let (mut sent, mut early) = (0, 0);
    while sent < megabytes << 20 {
        stdin.write_all(&part).unwrap();
        sent += part.len();
        if early == 0 && sent > 4 << 20 {
            early = peak_kb(child.id());
        }
    }
    let late = peak_kb(child.id());
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(told["records"].as_u64().unwrap() > 1000, "{told}");
    assert!(late < early + 8 * 1024, "{early} KB after 4 MB, {late} KB after {megabytes} MB");
}

#[test]
#[cfg(target_os = "linux")]
fn a_line_of_a_gigabyte_is_passed_in_constant_memory() {
    let sandbox = Sandbox::new();
    let megabytes = if std::env::var_os("FACTORY_SLOW").is_some() { 1024 } else { 48 };
    let mut command = sandbox.command(FEEDBACK);
    command.args(["import", "-", "--format", "json"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"ERROR: one\n{\"level\":\"error\",\"message\":\"").unwrap();
    let part = vec![b'x'; 1 << 20];
    (0..megabytes).for_each(|_| stdin.write_all(&part).unwrap());
    stdin.write_all(b"\"}\nERROR: two\n").unwrap();
    let peak = peak_kb(child.id());
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((told["records"].as_u64(), told["unread"].as_u64()), (Some(2), Some(1)), "{told}");
    assert!(peak < 48 * 1024, "{peak} KB for a line of {megabytes} MB");
}
