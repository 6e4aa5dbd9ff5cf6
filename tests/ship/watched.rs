//! A canary as people see it: drawn on a terminal, told in a pipe, drawn again from its record.

use std::sync::atomic::{AtomicBool, Ordering};

use super::project::{self, Running};
use crate::support::{SHIP, Sandbox, on_terminal};

/// The service with a good canary waiting to be shipped, under load while `body` runs.
fn under_load(sandbox: &Sandbox, body: impl FnOnce()) {
    let port = project::port(sandbox);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let _ = project::ask(port, "/");
                    std::thread::sleep(std::time::Duration::from_millis(5));
                }
            });
        }
        body();
        stop.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_canary_is_drawn_in_a_narrow_terminal_and_again_from_its_record() {
    let sandbox = project::service("one", false);
    let _running = Running(&sandbox);
    sandbox.ship(&[]).ok();
    project::edit_service(&sandbox, "two", false);
    sandbox.commit("two");
    under_load(&sandbox, || {
        let shown = on_terminal(&sandbox, 40, &format!("LC_ALL=C {SHIP} --canary --color never"));
        let drawn: Vec<&str> = shown.lines().filter(|line| line.contains("\u{1b}[K")).collect();
        assert!(drawn.iter().any(|line| line.contains("worse   ")), "{shown}");
        assert!(drawn.iter().any(|line| line.contains("stable  ")), "{shown}");
        let bare = regex::Regex::new("\u{1b}\\[[0-9;]*[A-Za-z]").unwrap();
        for line in drawn {
            let line = bare.replace_all(line, "");
            assert!(line.is_ascii() && line.len() < 40, "{line:?}");
        }
        assert!(shown.contains("\u{1b}[J"), "drawn in place: {shown}");
    });
    let shown = sandbox.ship(&["show", "--format", "json"]).ok().json();
    let course = shown["course"].as_array().unwrap();
    assert!(!course.is_empty() && course.iter().all(|point| point["e"].as_f64().unwrap() < 100.0), "{shown}");
    let utf8 = sandbox.command(SHIP).arg("show").env("LC_ALL", "C.UTF-8").output().unwrap();
    let text = String::from_utf8(utf8.stdout).unwrap();
    for told in ["weight  ", "good    ", "▁", "decided by", "requests failed", "p50/p90/p99"] {
        assert!(text.contains(told), "{told} in {text}");
    }
    sandbox.ship(&["status", "--watch"]).ok().says("no canary runs");
}

#[test]
fn a_rolled_back_canary_tells_the_numbers_in_its_item_and_watching_in_a_pipe_is_lines() {
    let sandbox = project::service("one", false);
    let _running = Running(&sandbox);
    sandbox.ship(&[]).ok();
    project::edit_service(&sandbox, "two", true);
    sandbox.commit("two");
    let ran = sandbox.ship(&["--canary"]).exits(1);
    let ran = ran.says("is probed, without traffic").says("was rolled back: it is wrong in");
    assert!(!ran.stderr.contains('\u{1b}'), "{}", ran.stderr);
    sandbox.ship(&["show"]).ok().says("decided by").says("canary 0 of 0 requests failed");
    let listed = sandbox.feedback(&["list", "--format", "json"]).ok().json();
    let item = listed["items"][0]["id"].as_str().or(listed["items"][0]["item"].as_str()).unwrap().to_owned();
    let shown = sandbox.feedback(&["show", &item]).ok();
    shown
        .says("canary 0 of 0 requests failed")
        .says("failure.json")
        .says("decision.jsonl")
        .says("canary.log");
}

#[test]
fn a_command_that_cannot_be_told_is_named_and_the_release_stands() {
    let sandbox = project::service("one", false);
    let _running = Running(&sandbox);
    let config = sandbox.read("factory.toml");
    let told = "[environment.local]\nnotify = \"sh -c 'echo nobody is there >&2; exit 4'\"\n";
    sandbox.write("factory.toml", config.replace("[environment.local]\n", told));
    sandbox.commit("notify");
    let ran = sandbox.ship(&[]).ok();
    assert!(!ran.stderr.contains("not acted on"), "{}", ran.stderr);
    crate::support::wait_for("the warning", 20, || {
        let said = sandbox.ship(&["status"]).ok().stderr;
        let known = sandbox.ship(&["show"]).ok().stdout;
        (said.contains("could not tell") || known.contains("nobody is there")).then_some(())
    });
    sandbox.ship(&["show"]).ok().says("nobody is there");
}
