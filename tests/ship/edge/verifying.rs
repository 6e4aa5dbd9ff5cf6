//! The watch over a release after the flip where its checks say neither yes nor no.

use serde_json::{Value, json};

use super::driver::Edge;
use crate::support::wait_for;

/// A plan whose signal gives a number until there is a file `quiet`, promoted by a person and flipped.
fn unseen(edge: &Edge, release: &str) -> Value {
    let (script, quiet) = (edge.dir().join("script.sh"), edge.dir().join("quiet"));
    std::fs::write(&script, format!("test ! -e {} && echo 1\n", quiet.display())).unwrap();
    let _ = std::fs::remove_file(&quiet);
    let mut plan = edge.plan(release, json!({}));
    plan["promote_auto"] = json!(false);
    let command = json!({"line": format!("sh {}", script.display()), "dir": edge.dir()});
    plan["signals"] =
        json!([{"check": "app/queue", "name": "queue", "command": command, "max": 5.0, "timeout_ms": 2000}]);
    plan
}

/// Begin it, and promote it with a signal that says nothing from then on.
fn flipped(edge: &Edge, plan: Value) {
    edge.canary(plan);
    edge.wait_phase(&["held"]);
    std::fs::write(edge.dir().join("quiet"), "").unwrap();
    edge.ask(json!({"v": 1, "do": "promote"}));
    wait_for("the flip", 20, || edge.slot("old"));
}

fn held(edge: &Edge) -> Value {
    wait_for("the hold", 30, || edge.journal().into_iter().find(|record| record["after_flip"] == true))
}

#[test]
fn a_promoted_release_that_is_never_seen_right_is_held_and_a_person_or_a_green_round_ends_it() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let heard = edge.dir().join("heard");
    let notify = edge.dir().join("notify.sh");
    std::fs::write(&notify, format!("echo \"$FACTORY_EVENT: $FACTORY_WORDS\" >> {}\n", heard.display()))
        .unwrap();
    let mut plan = unseen(&edge, "r2");
    plan["notify"] = json!({"line": format!("sh {}", notify.display()), "dir": edge.dir()});
    flipped(&edge, plan);
    let record = held(&edge);
    assert!(
        record["op"] == "held" && record["reason"].as_str().unwrap().contains("app/queue: no data"),
        "{record}"
    );
    let plan = edge.status()["plan"].clone();
    assert_eq!(plan["phase"], "held", "{plan}");
    assert!(plan["words"].as_str().unwrap().contains("r1 still runs"), "{plan}");
    wait_for("to hear of it", 20, || {
        std::fs::read_to_string(&heard).ok()?.contains("held: r2 is held: it serves").then_some(())
    });
    edge.ask(json!({"v": 1, "do": "promote"}));
    assert_eq!(edge.wait_phase(&["promoted"])["release"], "r2");
    let verified = edge.journal().into_iter().find(|record| record["op"] == "verified").unwrap();
    assert_eq!(verified["by"], "person");

    flipped(&edge, unseen(&edge, "r3"));
    // What was held passes by itself once its checks say that it is right.
    wait_for("the hold", 30, || (edge.status()["plan"]["phase"] == "held").then_some(()));
    std::fs::remove_file(edge.dir().join("quiet")).unwrap();
    edge.wait_phase(&["promoted"]);
    assert_eq!(edge.stable(), "r3");

    let mut plan = unseen(&edge, "r4");
    plan["rollback_on_inconclusive"] = json!(true);
    plan["max_ms"] = json!(600_000);
    flipped(&edge, plan);
    edge.wait_phase(&["rolled-back"]);
    assert_eq!(edge.get("/"), (200, "hello from r3".into()));
}
