//! `git feedback link` and `split`.

use super::{add, items};
use crate::support::Sandbox;

const LOG: &str =
    "2026-11-20T01:02:03Z ERROR time-out of the pool\n2026-11-20T01:03:03Z ERROR time-out of the pool\n";

/// The one item, and its id, after importing the log under two names.
fn imported() -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    for name in ["api.log", "worker.log"] {
        sandbox.write(name, LOG);
        sandbox.feedback(&["import", name]).ok();
    }
    let listed = items(&sandbox);
    assert_eq!((listed.len(), listed[0]["occurrences"].as_u64()), (1, Some(4)));
    let id = listed[0]["id"].as_str().unwrap().to_owned();
    (sandbox, id)
}

fn show(sandbox: &Sandbox, id: &str) -> serde_json::Value {
    sandbox.feedback(&["show", id, "--format", "json"]).ok().json()
}

#[test]
fn two_items_become_one_seen_from_both_ends_and_two_again() {
    let sandbox = Sandbox::new();
    sandbox.write("export.csv", "a,b\n");
    let older = add(&sandbox, &["rows are lost", "--severity", "warning"]);
    let younger = add(&sandbox, &["lines are gone", "--severity", "fatal", "--attach", "export.csv"]);
    // The order of the words does not matter: the younger becomes part of the older.
    sandbox
        .feedback(&["link", &older, &younger])
        .ok()
        .says(&format!("{younger} is part of {older} rows are lost"));
    let listed = items(&sandbox);
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["id"], older.as_str());
    assert_eq!(
        (listed[0]["occurrences"].as_u64(), listed[0]["severity"].as_str()),
        (Some(2), Some("warning"))
    );
    let from_younger = show(&sandbox, &younger);
    assert_eq!(from_younger, show(&sandbox, &older));
    assert_eq!(from_younger["parts"][0], younger.as_str());
    assert_eq!(from_younger["evidence"][0]["name"], "export.csv");
    sandbox.feedback(&["show", &younger]).ok().says(&format!("{younger} is part of {older}")).says("linked");
    sandbox.feedback(&["close", &younger, "--because", "done"]).ok().says(&format!("{older} is resolved"));
    sandbox.feedback(&["link", &older, &younger]).exits(2).says("they are one already");
    sandbox.feedback(&["link", &younger, &older, "--undo"]).ok().says("are two");
    let listed = items(&sandbox);
    assert_eq!(listed.len(), 2);
    let of = |id: &str| listed.iter().find(|item| item["id"] == id).unwrap().clone();
    assert_eq!(
        (of(&older)["status"].as_str(), of(&younger)["status"].as_str()),
        (Some("resolved"), Some("open"))
    );
    sandbox.feedback(&["link", &younger, &older, "--undo"]).exits(2).says("are not linked");
    sandbox.feedback(&["link", &older, &older]).exits(2).says("one with itself");
    sandbox.feedback(&["link", &older, "fb-iiii"]).exits(2).says("no item begins with");
}

#[test]
fn items_that_are_one_through_a_third_say_through_which() {
    let sandbox = Sandbox::new();
    let [a, b, c] = ["one", "two", "three"].map(|title| add(&sandbox, &[title]));
    sandbox.feedback(&["link", &b, &a]).ok();
    sandbox.feedback(&["link", &c, &b]).ok().says(&format!("{c} is part of {a}"));
    sandbox.feedback(&["link", &b, &c, "--undo"]).exits(2).says(&format!("one through {a}"));
    sandbox.feedback(&["link", &c, &a, "--undo"]).ok();
    assert_eq!(items(&sandbox).len(), 2);
}

#[test]
fn a_proposed_link_is_shown_confirmed_and_refused() {
    let sandbox = Sandbox::new();
    let [a, b, c] = ["one", "two", "three"].map(|title| add(&sandbox, &[title]));
    for (n, (part, whole)) in [(&b, &a), (&c, &a)].into_iter().enumerate() {
        let line = format!(
            r#"{{"id":"01M8188QSGB5E6GWEKEMV0C1R{n}","v":1,"item":"{part}","op":"link","t":"2026-11-22T09:09:19.28Z","to":"{whole}","proposed":true}}"#
        );
        sandbox.git(&["notes", "--ref=feedback", "append", "-m", &line]);
    }
    assert_eq!(items(&sandbox).len(), 3, "a proposal joins nothing");
    sandbox.feedback(&["list"]).ok().says(&format!("[maybe {}] two", &a[..7]));
    sandbox.feedback(&["show", &b]).ok().says(&format!("one with {a}; git feedback link {b} {a}"));
    sandbox.feedback(&["link", &b, &a]).ok();
    sandbox.feedback(&["link", &c, &a, "--undo"]).ok();
    let listed = items(&sandbox);
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().all(|item| item["proposed"].as_array().unwrap().is_empty()), "{listed:?}");
}

#[test]
fn what_is_imported_for_a_linked_item_counts_for_the_whole() {
    let (sandbox, id) = imported();
    let by_hand = add(&sandbox, &["the pool is too small"]);
    sandbox.feedback(&["link", &id, &by_hand]).ok();
    let before = sandbox.git(&["rev-parse", "refs/notes/feedback"]);
    sandbox.feedback(&["import", "api.log"]).ok().says("0 events written");
    assert_eq!(before, sandbox.git(&["rev-parse", "refs/notes/feedback"]));
    sandbox.write("api.log", format!("{LOG}{}", &LOG[..LOG.len() / 2]));
    sandbox.feedback(&["import", "api.log"]).ok();
    let listed = items(&sandbox);
    assert_eq!((listed.len(), listed[0]["occurrences"].as_u64()), (1, Some(6)));
}

#[test]
fn what_was_split_off_by_its_source_goes_there_for_good() {
    let (sandbox, id) = imported();
    let told = sandbox.feedback(&["split", &id]).ok();
    assert!(told.stdout.contains("--source api.log  2×") && told.stdout.contains("--source worker.log  2×"));
    let new = sandbox.feedback(&["split", &id, "--source", "worker.log"]).ok().stdout.trim().to_owned();
    let count = |id: &str| show(&sandbox, id)["occurrences"].as_u64().unwrap();
    assert_eq!((count(&id), count(&new)), (2, 2));
    assert!(show(&sandbox, &new)["title"].as_str().unwrap().ends_with("(source=worker.log)"));
    assert_eq!(show(&sandbox, &new)["kind"], "log");
    sandbox
        .feedback(&["show", &id])
        .ok()
        .says(&format!("split into:  {new}"))
        .says("source worker.log went to");
    // Again: nothing; grown: what is new goes where it was split to.
    sandbox.feedback(&["import", "worker.log"]).ok().says("0 events written");
    sandbox.write("worker.log", format!("{LOG}2026-11-21T05:00:00Z ERROR time-out of the pool\n"));
    sandbox.feedback(&["import", "worker.log", "api.log"]).ok();
    assert_eq!((count(&id), count(&new)), (2, 3));
    sandbox.feedback(&["split", &id, "--source", "worker.log"]).exits(2).says("none of the occurrences");
    // The words of the item stay where they were, whatever is split off.
    assert_eq!(show(&sandbox, &id)["title"], "2026-11-20T01:02:03Z ERROR time-out of the pool");
    // Linking takes it back.
    sandbox.feedback(&["link", &id, &new]).ok();
    assert_eq!(count(&id), 5);
    // And split again they are two.
    sandbox.feedback(&["split", &id, "--source", "worker.log"]).ok();
    assert_eq!((count(&id), count(&new)), (2, 3));
}

#[test]
fn one_occurrence_alone_is_split_off_by_its_event() {
    let (sandbox, id) = imported();
    let told = sandbox.feedback(&["split", &id, "--format", "json"]).ok().json();
    let event = told["events"][0]["id"].as_str().unwrap().to_owned();
    let args = ["split", &id, "--event", &event[..], "--title", "another one"];
    let new = sandbox.feedback(&args).ok().stdout.trim().to_owned();
    let shown = show(&sandbox, &new);
    assert_eq!((shown["title"].as_str(), shown["occurrences"].as_u64()), (Some("another one"), Some(2)));
    sandbox.feedback(&["split", &id, "--event", "zz"]).exits(2).says("0 events");
    let by_hand = add(&sandbox, &["x"]);
    sandbox.feedback(&["split", &by_hand, "--release", "r1"]).exits(2).says("none");
}
