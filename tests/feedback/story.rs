//! An item through releases: resolved, seen again, and its whole story in `show`.

use serde_json::Value;

use super::add;
use crate::support::Sandbox;

/// A promoted release of HEAD, as `cargo ship` records one.
fn release(sandbox: &Sandbox, n: u8, more: &[&str]) -> String {
    let id = format!("r20261122-000{n}");
    let head = sandbox.git(&["rev-parse", "HEAD"]).trim().to_owned();
    // Before now, so that what is told later comes later.
    let event = |at: u8, op: &str, rest: &str| {
        format!(
            r#"{{"id":"01M80000{n}{at}AAAAAAAAAAAAAAAA","v":1,"release":"{id}","op":"{op}","t":"2026-11-22T08:0{n}:0{at}Z"{rest}}}"#
        )
    };
    let mut lines = vec![event(0, "planned", &format!(r#","commit":"{head}","environment":"local""#))];
    lines.extend(more.iter().enumerate().map(|(at, rest)| {
        let (op, rest) = rest.split_once(' ').unwrap();
        event(at as u8 + 1, op, &format!(",{rest}"))
    }));
    lines.push(event(9, "promoted", ""));
    sandbox.git(&["notes", "--ref=ship", "append", "-m", &lines.join("\n")]);
    id
}

fn three_releases(sandbox: &Sandbox) -> [String; 3] {
    [1, 2, 3].map(|n| {
        sandbox.write("version.txt", n.to_string());
        sandbox.commit("next");
        release(sandbox, n, &[])
    })
}

fn shown(sandbox: &Sandbox, id: &str) -> Value {
    sandbox.feedback(&["show", id, "--format", "json"]).ok().json()
}

fn status(sandbox: &Sandbox, id: &str) -> (String, Option<String>) {
    let shown = shown(sandbox, id);
    (shown["status"].as_str().unwrap().to_owned(), shown["back_in"].as_str().map(str::to_owned))
}

/// One more occurrence of the log line in this release.
fn seen_in(sandbox: &Sandbox, name: &str, release: &str) {
    sandbox.write(name, "ERROR rows are lost\n");
    sandbox.feedback(&["import", name, "--release", release]).ok();
}

#[test]
fn only_a_release_that_contains_the_fix_brings_an_item_back() {
    let sandbox = Sandbox::new();
    let [old, fixed, newer] = three_releases(&sandbox);
    seen_in(&sandbox, "a.log", &old);
    let id = super::items(&sandbox)[0]["id"].as_str().unwrap().to_owned();
    sandbox.feedback(&["close", &id, "--release", &fixed]).ok();
    assert_eq!(status(&sandbox, &id), ("resolved".into(), None));
    seen_in(&sandbox, "b.log", &old);
    assert_eq!(status(&sandbox, &id), ("resolved".into(), None), "the old release does not have the fix");
    assert!(sandbox.feedback(&["list"]).ok().stdout.is_empty());
    seen_in(&sandbox, "c.log", &newer);
    assert_eq!(status(&sandbox, &id), ("regressed".into(), Some(newer.clone())));
    sandbox
        .feedback(&["show", &id])
        .ok()
        .says(&format!("regressed: fixed in {fixed}, seen again in {newer}"));
    sandbox.feedback(&["show", &id]).ok().says("+ regression 2");
    sandbox.feedback(&["list"]).ok().says("[regressed]");
    sandbox.intent(&["next"]).ok().says("regressed");
}

#[test]
fn a_release_on_a_branch_without_the_fix_brings_nothing_back_however_late() {
    let sandbox = Sandbox::new();
    let first = sandbox.git(&["rev-parse", "HEAD"]);
    let [old, fixed, _] = three_releases(&sandbox);
    seen_in(&sandbox, "a.log", &old);
    let id = super::items(&sandbox)[0]["id"].as_str().unwrap().to_owned();
    sandbox.feedback(&["close", &id, "--release", &fixed]).ok();
    sandbox.git(&["checkout", "-q", "-b", "side", first.trim()]);
    sandbox.write("side.txt", "x");
    sandbox.commit("a side");
    let side = release(&sandbox, 4, &[]);
    seen_in(&sandbox, "b.log", &side);
    assert_eq!(status(&sandbox, &id), ("resolved".into(), None));
}

#[test]
fn where_the_release_is_unknown_time_decides() {
    let sandbox = Sandbox::new();
    let add_line = |n: u8, op: &str, rest: &str| {
        let line = format!(
            r#"{{"id":"01M8188QSGB5E6GWEKEMV0C1R{n}","v":1,"item":"fb-0000000001","op":"{op}","t":"2026-11-22T09:09:19.28Z"{rest}}}"#
        );
        sandbox.git(&["notes", "--ref=feedback", "append", "-m", &line]);
    };
    add_line(1, "add", r#","title":"x""#);
    add_line(2, "close", r#","release":"r20200101-gone""#);
    assert_eq!(status(&sandbox, "fb-0000000001"), ("resolved".into(), None));
    add_line(3, "seen", r#","release":"r20200102-gone""#);
    assert_eq!(status(&sandbox, "fb-0000000001"), ("regressed".into(), Some("r20200102-gone".into())));
}

#[test]
fn the_expected_signal_is_told_before_and_after_the_fix() {
    let sandbox = Sandbox::new();
    let counts = r#""counts":{"stable":{"requests":1000,"ok":900,"failed":100},"canary":{"requests":500,"ok":499,"failed":1}}"#;
    let took = r#""took":{"stable":{"p50_us":1000,"p90_us":2000,"p99_us":900000,"units":1000},"canary":{"p50_us":1000,"p90_us":2000,"p99_us":250000,"units":500}}"#;
    sandbox.write("version.txt", "2");
    sandbox.commit("a fix");
    let fixed = release(&sandbox, 2, &[&format!("promoting {counts},{took}")]);
    let of = |signal: &str| {
        let id = add(&sandbox, &["it is slow", "--kind", "friction"]);
        sandbox.feedback(&["set", &id, "--signal", signal]).ok();
        assert!(shown(&sandbox, &id)["moved"].is_null(), "nothing is fixed yet");
        sandbox.feedback(&["close", &id, "--release", &fixed]).ok();
        id
    };
    let errors = of("error-rate < 1 %");
    sandbox
        .feedback(&["show", &errors])
        .ok()
        .says("error-rate 0.1 before, 0.002 after: as expected (stable beside canary");
    let latency = of("latency p99 < 200 ms");
    sandbox.feedback(&["show", &latency]).ok().says("900 ms before, 250 ms after: not as expected");
    let words = shown(&sandbox, &of("fewer mails"))["moved"].clone();
    assert_eq!((words["signal"].as_str(), words["met"].is_null()), (Some("occurrences"), true));
    assert!(words["basis"].as_str().unwrap().contains("is not measured here"), "{words}");
}

#[test]
fn a_flood_of_sightings_is_one_line_of_the_story() {
    let sandbox = Sandbox::new();
    let log: String = (0..9).map(|hour| format!("2026-11-20T0{hour}:00:00Z ERROR rows are lost\n")).collect();
    sandbox.write("a.log", log);
    sandbox.feedback(&["import", "a.log"]).ok();
    let id = super::items(&sandbox)[0]["id"].as_str().unwrap().to_owned();
    sandbox.feedback(&["close", &id, "--ignore", "--because", "known"]).ok();
    let told = shown(&sandbox, &id);
    let words: Vec<&str> =
        told["timeline"].as_array().unwrap().iter().map(|one| one["text"].as_str().unwrap()).collect();
    assert_eq!(words, ["1× from a.log, and 8 more times until 2026-11-20T08:00:00Z", "ignored: known"]);
    assert_eq!(told["story"].as_array().unwrap().len(), 10, "the events themselves are all there");
}
