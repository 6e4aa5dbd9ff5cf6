//! `git feedback import` of many formats: in one file, over many lines, compressed, from several places.

use std::io::Write;

use super::{items, with_stdin};
use crate::support::{Sandbox, finish, has};

const LOG: &str = "2026-11-20T01:02:04Z ERROR lost 4 rows\n";

fn told(sandbox: &Sandbox, args: &[&str]) -> serde_json::Value {
    let all: Vec<&str> = ["import", "--format", "json"].iter().chain(args).copied().collect();
    sandbox.feedback(&all).ok().json()
}

fn occurrences(sandbox: &Sandbox) -> u64 {
    items(sandbox).iter().map(|item| item["occurrences"].as_u64().unwrap()).sum()
}

#[test]
fn every_format_is_told_line_by_line() {
    let sandbox = Sandbox::new();
    let pretty = "{\n  \"timestamp\": \"2026-11-20T01:02:04Z\",\n  \"level\": \"ERROR\",\n  \"message\": \"no } disk\"\n}\n";
    let list = "[\n{\"level\":\"error\",\"message\":\"a is gone\"},\n{\n\"level\":\"error\",\n\"message\":\"b is gone\"\n}\n]\n";
    let xml = "<?xml version=\"1.0\"?>\n<testsuite name=\"s\"><testcase name=\"t\" classname=\"C\"><failure message=\"1 &lt; 2\"/></testcase>\n<testcase name=\"u\"/></testsuite>\n";
    let panic = "thread 'main' (3) panicked at src/a.rs:3:5:\nbad row\nnote: run with\n";
    let text =
        format!("{LOG}{pretty}{list}{xml}{panic}{{\"level\":\"error\",\"message\":\"c is gone\"}}\r\n");
    let found = with_stdin(&sandbox, &["import", "-", "--format", "json"], text.as_bytes()).ok().json();
    assert_eq!((found["records"].as_u64(), found["unread"].as_u64()), (Some(7), Some(0)), "{found}");
    let titles: Vec<String> = items(&sandbox).iter().map(|item| item["title"].to_string()).collect();
    for title in [
        "lost 4 rows",
        "no } disk",
        "a is gone",
        "b is gone",
        "c is gone",
        "C::t fails: 1 < 2",
        "panic: bad row",
    ] {
        assert!(titles.iter().any(|found| found.contains(title)), "{title} in {titles:?}");
    }
}

#[test]
fn logs_of_one_name_are_counted_apart_and_a_log_turned_over_is_not_counted_again() {
    let sandbox = Sandbox::new();
    for (folder, second) in [("a", 3), ("b", 7)] {
        sandbox.write(&format!("{folder}/app.log"), format!("2026-11-20T01:02:0{second}Z INFO up\n{LOG}"));
        sandbox.write(&format!("{folder}/out.txt"), "ERROR: no disk\n");
        told(&sandbox, &[&format!("{folder}/app.log"), &format!("{folder}/out.txt")]);
    }
    assert_eq!(occurrences(&sandbox), 4);
    let notes = || sandbox.git(&["rev-parse", "refs/notes/feedback"]);
    let before = notes();
    std::fs::rename(sandbox.path("a/app.log"), sandbox.path("a/app.log.1")).unwrap();
    told(&sandbox, &["a/app.log.1", "b/app.log", "b/out.txt"]);
    assert_eq!((occurrences(&sandbox), notes()), (4, before));
}

#[test]
fn lines_below_a_warning_and_without_a_level_come_in_where_they_are_asked_for() {
    let sandbox = Sandbox::new();
    let log = "Dec 10 06:55:46 LabSZ sshd[24200]: Failed password for root from 10.0.0.7 port 9\nDec 10 06:55:48 other sshd[7]: Failed password for root from 10.0.0.9 port 1\nDec 10 06:55:49 other cron[7]: DEBUG up\n";
    sandbox.write("auth.log", log);
    sandbox.feedback(&["import", "auth.log"]).ok().says("--min-severity info");
    assert_eq!(told(&sandbox, &["auth.log", "--min-severity", "info"])["items"], 1);
    assert_eq!(told(&sandbox, &["auth.log", "--min-severity", "debug"])["items"], 2);
    let grouped = sandbox.feedback(&["list", "--why"]).ok();
    grouped.says("same log message once values are masked: Failed password for root from * port *");
}

#[test]
fn what_was_compressed_or_broke_off_is_read_as_far_as_it_goes() {
    let sandbox = Sandbox::new();
    let lines: String =
        (0..4000).map(|n| format!("2026-11-20T01:02:04.{n:03}Z ERROR lost {n} rows\n")).collect();
    sandbox.write("a.log", &lines);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(lines.as_bytes()).unwrap();
    let whole = gzip.finish().unwrap();
    sandbox.write("a.log.gz", &whole);
    sandbox.write("cut.log.gz", &whole[..whole.len() / 2]);
    let cut = told(&sandbox, &["cut.log.gz"]);
    assert!(cut["records"].as_u64().unwrap() > 100 && cut["unread"] == 1, "{cut}");
    sandbox.feedback(&["import", "cut.log.gz"]).ok().says("the input breaks off");
    assert_eq!(told(&sandbox, &["a.log.gz"])["records"], 4000);
    if has("zstd") {
        finish(sandbox.command("zstd").args(["-q", "-k", "a.log"])).ok();
        assert_eq!(told(&sandbox, &["a.log.zst"])["events"], 0, "the same log, whatever it is packed in");
    }
}

#[test]
fn an_item_that_an_earlier_version_made_goes_on() {
    use factory::operations::fingerprint::log;
    use factory::types::id;
    let prints = log::earlier(LOG.trim_end());
    assert_eq!(prints.len(), 2, "every version there was");
    for print in prints {
        let sandbox = Sandbox::new();
        let item = id::item_id("log", &print);
        let event = format!(
            r#"{{"id":"01JD4000000000000000000000","v":1,"item":"{item}","op":"add","t":"2026-11-19T01:02:04Z","title":"lost","kind":"log","severity":"error","fingerprint":"{print}"}}"#
        );
        sandbox.git(&["notes", "--ref=feedback", "add", "-m", &event]);
        sandbox.write("a.log", LOG);
        told(&sandbox, &["a.log"]);
        let found = items(&sandbox);
        assert_eq!(
            (found.len(), found[0]["id"].as_str(), found[0]["occurrences"].as_u64()),
            (1, Some(&*item), Some(2))
        );
    }
}

#[test]
fn what_may_be_one_is_proposed_and_joined_by_nobody() {
    let sandbox = Sandbox::new();
    let users = ["ann", "bob", "eve", "kim", "lee", "max", "sue", "tom"];
    let log: String = users
        .iter()
        .map(|user| format!("2026-11-20T01:02:04Z ERROR session of user {user} was closed by peer\n"))
        .collect();
    sandbox.write("a.log", &log);
    let found = told(&sandbox, &["a.log"]);
    assert_eq!((found["items"].as_u64(), found["proposed"].as_u64()), (Some(8), Some(7)), "{found}");
    assert_eq!(items(&sandbox).len(), 8, "proposals join nothing");
    sandbox.feedback(&["list", "--why"]).ok().says("may be fb-").says("git feedback link");
    let why = sandbox.feedback(&["list", "--why", "--format", "json"]).ok().json();
    let proposed = why["items"].as_array().unwrap().iter().filter(|item| item["proposed"][0].is_string());
    assert_eq!(proposed.count(), 8, "told from both ends");
    sandbox.write("b.log", log.replace("01:02:04", "02:02:04"));
    assert_eq!(told(&sandbox, &["b.log"])["proposed"], 0, "proposed once");
}
