//! What an import finds again: after it was closed, in another release, in the same hour, while it runs.

use std::io::Write;
use std::process::{Child, Stdio};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::items;
use crate::support::{FEEDBACK, Sandbox, wait_for};

fn only(sandbox: &Sandbox) -> Value {
    let mut items = items(sandbox);
    assert_eq!(items.len(), 1, "{items:?}");
    items.remove(0)
}

fn shown(sandbox: &Sandbox, item: &Value) -> Value {
    sandbox.feedback(&["show", item["id"].as_str().unwrap(), "--format", "json"]).ok().json()
}

fn close(sandbox: &Sandbox, item: &Value, more: &[&str]) {
    let args = [&["close", item["id"].as_str().unwrap()], more].concat();
    sandbox.feedback(&args).ok();
}

/// A line at this distance from now.
fn line(seconds: i64, message: &str) -> String {
    format!("{} ERROR {message}\n", Timestamp::now() + SignedDuration::from_secs(seconds))
}

/// The hour this many hours from now, at a minute of it.
fn at(hours: i64, minute: i64, message: &str) -> String {
    let hour = Timestamp::now().as_second().div_euclid(3600) + hours;
    format!("{} ERROR {message}\n", Timestamp::from_second(hour * 3600 + minute * 60).unwrap())
}

/// A release of HEAD, promoted at this time.
fn promote(sandbox: &Sandbox, id: &str, time: Timestamp) {
    let head = sandbox.git(&["rev-parse", "HEAD"]).trim().to_owned();
    let event = |op: &str, rest: &str| {
        let id_of_event = ulid::Ulid::from_parts(time.as_millisecond() as u64, 7 + op.len() as u128);
        format!(r#"{{"id":"{id_of_event}","v":1,"release":"{id}","op":"{op}","t":"{time}"{rest}}}"#)
    };
    let planned = event("planned", &format!(r#","commit":"{head}","environment":"local""#));
    let lines = format!("{planned}\n{}", event("promoted", ""));
    sandbox.git(&["notes", "--ref=ship", "append", "-m", &lines]);
}

/// The events about an item in the notes, as they stand there.
fn told(sandbox: &Sandbox, item: &Value) -> Vec<String> {
    let id = item["id"].as_str().unwrap();
    sandbox.note_lines("feedback").into_iter().filter(|line| line.contains(id)).collect()
}

struct Live(Child);

impl Live {
    fn start(sandbox: &Sandbox) -> Self {
        let mut command = sandbox.command(FEEDBACK);
        let live = command.args(["import", "-"]).stdin(Stdio::piped()).stderr(Stdio::null());
        Self(live.spawn().unwrap())
    }

    fn say(&mut self, text: &str) {
        self.0.stdin.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
    }

    fn end(mut self) {
        drop(self.0.stdin.take());
        assert!(self.0.wait().unwrap().success());
    }
}

fn wait_until(sandbox: &Sandbox, what: &str, done: impl Fn(&[Value]) -> bool) {
    wait_for(what, 60, || done(&items(sandbox)).then_some(()));
}

#[test]
fn what_comes_again_in_the_hour_of_its_close_is_regressed() {
    let sandbox = Sandbox::new();
    let first = line(-2, "no disk");
    sandbox.write("a.log", &first);
    sandbox.feedback(&["import", "a.log"]).ok();
    close(&sandbox, &only(&sandbox), &[]);
    sandbox.feedback(&["import", "a.log"]).ok();
    assert_eq!(only(&sandbox)["status"], "resolved", "nothing came");
    sandbox.write("a.log", first + &line(1, "no disk"));
    sandbox.feedback(&["import", "a.log"]).ok();
    let item = only(&sandbox);
    assert_eq!((item["status"].as_str(), item["occurrences"].as_u64()), (Some("regressed"), Some(2)));
    let before = sandbox.git(&["rev-parse", "refs/notes/feedback"]);
    sandbox.feedback(&["import", "a.log"]).ok();
    assert_eq!(before, sandbox.git(&["rev-parse", "refs/notes/feedback"]));
}

#[test]
fn a_log_not_seen_before_tells_of_what_came_after_the_close_in_the_same_hour() {
    let sandbox = Sandbox::new();
    sandbox.write("a.log", line(-2, "no disk"));
    sandbox.feedback(&["import", "a.log"]).ok();
    close(&sandbox, &only(&sandbox), &[]);
    sandbox.write("b.log", line(-2, "no disk") + &line(1, "no disk"));
    sandbox.feedback(&["import", "b.log"]).ok();
    assert_eq!(only(&sandbox)["status"], "regressed");
}

#[test]
fn the_first_and_the_last_time_of_an_hour_are_told() {
    let sandbox = Sandbox::new();
    let hour = |time: &str| format!("2026-11-20T{time}Z ERROR no disk\n");
    sandbox.write("a.log", hour("01:10:00") + &hour("01:20:00"));
    sandbox.write("b.log", hour("01:00:01") + &hour("01:59:59"));
    sandbox.feedback(&["import", "a.log", "b.log"]).ok();
    let item = shown(&sandbox, &only(&sandbox));
    assert_eq!(
        (item["first_seen"].as_str(), item["last_seen"].as_str()),
        (Some("2026-11-20T01:00:01Z"), Some("2026-11-20T01:59:59Z"))
    );
}

#[test]
fn a_record_belongs_to_the_release_that_served_at_its_time() {
    let sandbox = Sandbox::new();
    promote(&sandbox, "r20261118-aaaa", "2026-11-18T12:00:00Z".parse().unwrap());
    sandbox.write("x", "fixed");
    sandbox.commit("fix");
    promote(&sandbox, "r20261120-bbbb", "2026-11-20T12:00:00Z".parse().unwrap());
    let log = |name: &str, time: &str, what: &str| {
        sandbox.write(name, format!("{time} ERROR {what}\n"));
        sandbox.feedback(&["import", name]).ok();
    };
    log("a.log", "2026-11-17T01:00:00Z", "too early");
    log("b.log", "2026-11-19T01:00:00Z", "in the old one");
    log("c.log", "2026-11-21T01:00:00Z", "in the new one");
    let of = |what: &str| {
        let items = items(&sandbox);
        let item = items.iter().find(|item| item["title"].as_str().unwrap().contains(what)).unwrap();
        shown(&sandbox, item)["release"].clone()
    };
    assert_eq!(of("too early"), Value::Null);
    assert_eq!(of("in the old one"), "r20261118-aaaa");
    assert_eq!(of("in the new one"), "r20261120-bbbb");
}

#[test]
fn a_live_import_finds_a_regression_in_a_release_promoted_while_it_runs() {
    let sandbox = Sandbox::new();
    promote(&sandbox, "r20261118-aaaa", Timestamp::now() - SignedDuration::from_hours(5));
    let mut live = Live::start(&sandbox);
    live.say(&line(-60, "no disk"));
    wait_until(&sandbox, "the item", |items| items.len() == 1);
    let item = only(&sandbox);
    assert_eq!(shown(&sandbox, &item)["release"], "r20261118-aaaa");
    sandbox.write("x", "fixed");
    sandbox.commit("fix");
    promote(&sandbox, "r20261122-bbbb", Timestamp::now());
    close(&sandbox, &item, &["--release", "r20261122-bbbb"]);
    live.say(&line(-30, "no disk"));
    live.say(&line(1, "no disk"));
    wait_until(&sandbox, "the regression", |items| items[0]["status"] == "regressed");
    assert_eq!(shown(&sandbox, &item)["back_in"], "r20261122-bbbb");
    live.end();
    assert_eq!(only(&sandbox)["occurrences"], 3);
}

#[test]
fn a_live_import_writes_a_count_when_its_hour_is_over() {
    let sandbox = Sandbox::new();
    let mut live = Live::start(&sandbox);
    live.say(&at(-2, 1, "no disk"));
    wait_until(&sandbox, "the item", |items| items.len() == 1);
    let item = only(&sandbox);
    (0..40).for_each(|minute| live.say(&at(-2, minute, "no disk")));
    live.say(&at(-2, 50, "no net"));
    wait_until(&sandbox, "the other item", |items| items.len() == 2);
    assert_eq!(told(&sandbox, &item).len(), 1, "nothing new of what is known");
    live.say(&at(-1, 0, "no disk"));
    let count = |items: &[Value]| {
        let item = items.iter().find(|other| other["id"] == item["id"]).unwrap();
        item["occurrences"].as_u64().unwrap()
    };
    wait_until(&sandbox, "the count of the hour", |items| count(items) == 41);
    live.say(&at(-1, 1, "no disk"));
    live.end();
    assert_eq!(count(&items(&sandbox)), 43);
    assert_eq!(told(&sandbox, &item).len(), 3, "{:?}", told(&sandbox, &item));
}
