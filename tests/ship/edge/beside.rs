//! What goes with a canary beside its requests: signals of the user's own, the command that is told, replay.

use serde_json::{Value, json};

use super::driver::{Edge, service};
use crate::support::wait_for;

fn line(edge: &Edge, script: &str) -> Value {
    let path = edge.dir().join("script.sh");
    std::fs::write(&path, format!("{script}\n")).unwrap();
    json!({"line": format!("sh {}", path.display()), "dir": edge.dir()})
}

fn with_signal(edge: &Edge, script: &str) -> Value {
    let mut plan = edge.plan("r2", json!({}));
    let command = line(edge, script);
    plan["signals"] = json!([{"check": "app/queue", "name": "queue-depth", "command": command, "max": 5.0, "timeout_ms": 2000}]);
    plan
}

#[test]
fn a_signal_of_the_users_own_promotes_rolls_back_or_says_nothing() {
    assert!(service().exists());
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    edge.canary(with_signal(&edge, "echo 5; test -n \"$CANARY_URL\""));
    edge.wait_phase(&["promoted"]);

    let mut plan = with_signal(&edge, "echo 7.5");
    plan["slot"]["release"] = json!("r3");
    edge.canary(plan);
    let ended = edge.wait_phase(&["rolled-back"]);
    let reason = "it is wrong in `app/queue`: queue-depth is 7.5, above 5";
    assert_eq!(ended["reason"], reason, "{ended}");

    for (release, script, why) in
        [("r4", "exit 3", "exit"), ("r5", "echo many", "no number"), ("r6", "sleep 30", "")]
    {
        let mut plan = with_signal(&edge, script);
        plan["slot"]["release"] = json!(release);
        plan["signals"][0]["timeout_ms"] = json!(300);
        plan["max_ms"] = json!(1500);
        edge.canary(plan);
        let told = wait_for("words on the missing data", 20, || {
            let plan = edge.status()["plan"].clone();
            let waits = plan["waits"].as_str().unwrap().to_owned();
            (plan["release"] == release && waits.contains("no data")).then_some(waits)
        });
        assert!(told.contains("app/queue: no data: ") && told.contains(why), "{told}");
        // No data is never a pass: at the longest time it is held.
        edge.wait_phase(&["held"]);
        edge.ask(json!({"v": 1, "do": "rollback", "reason": ""}));
        edge.wait_phase(&["rolled-back"]);
    }
}

#[test]
fn the_command_that_is_told_hears_of_hold_promotion_and_rollback_and_its_failure_changes_nothing() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let heard = edge.dir().join("heard");
    let command =
        line(&edge, &format!("cat >> {0}; echo \"$FACTORY_EVENT: $FACTORY_WORDS\" >> {0}", heard.display()));
    let mut plan = edge.plan("r2", json!({}));
    (plan["notify"], plan["promote_auto"]) = (command, json!(false));
    edge.canary(plan.clone());
    let held = || std::fs::read_to_string(&heard).unwrap_or_default();
    wait_for("to hear of the hold", 30, || held().contains("\nheld: r2 is held at 50 %").then_some(()));
    let first: Value = serde_json::from_str(held().lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["schema"], &first["event"], &first["release"]),
        (&json!(1), &json!("held"), &json!("r2"))
    );
    edge.ask(json!({"v": 1, "do": "promote"}));
    wait_for("to hear of the promotion", 30, || held().contains("promoted: r2 was promoted").then_some(()));

    plan["slot"] = edge.spec("r3", json!({"WRONG_PATH": "/hello"}));
    plan["notify"] = json!({"line": "/nonexistent/program", "dir": edge.dir()});
    edge.canary(plan);
    edge.wait_phase(&["rolled-back"]);
    let told = wait_for("the record", 20, || {
        let journal = edge.journal();
        journal.into_iter().find(|record| record["op"] == "notified" && record["release"] == "r3")
    });
    assert!(told["trouble"].as_str().unwrap().contains("/nonexistent/program"), "{told}");
    let ops = edge.ops();
    let place = |op: &str| ops.iter().rposition(|known| known == op).unwrap();
    assert!(place("rolled-back") < place("notified"), "{ops:?}");
}

#[test]
fn a_request_of_stables_traffic_is_asked_of_both_and_an_error_counts_where_a_difference_is_shown() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    for path in ["/when", "/rare?x=1"] {
        (0..3).for_each(|_| assert_eq!(edge.get(path).0, 200));
    }
    let private = "GET /private HTTP/1.1\r\nhost: a\r\ncookie: s=1\r\nconnection: close\r\n\r\n";
    assert_eq!(edge.send(private).0, 200);
    // Fetched by the next tick.
    wait_for("a tick", 20, || {
        let status = edge.status();
        std::thread::sleep(std::time::Duration::from_millis(1100));
        (status["port"] == edge.port).then_some(())
    });
    let mut plan = edge.plan("r2", json!({"WRONG_PATH": "/rare?x=1"}));
    (plan["replay"], plan["promote_auto"]) = (json!(true), json!(false));
    edge.canary(plan.clone());
    let held = edge.wait_phase(&["held"]);
    let differs: Vec<&str> = held["differs"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(differs.len(), 1, "{differs:?}");
    assert!(
        differs[0].starts_with("GET /rare?x=1: character 1: \"hello from r1\" with stable"),
        "{differs:?}"
    );
    edge.ask(json!({"v": 1, "do": "rollback", "reason": ""}));

    plan["slot"] = edge.spec("r3", json!({"FAIL_PATH": "/rare?x=1"}));
    edge.canary(plan);
    let ended = edge.wait_phase(&["rolled-back"]);
    assert!(
        ended["reason"].as_str().unwrap().starts_with("it is wrong in `replay` where stable is right"),
        "{ended}"
    );
    let failures = edge.failures();
    let failure = failures.iter().find(|failure| failure["release"] == "r3").unwrap();
    assert_eq!((&failure["path"], &failure["status"]), (&json!("/rare?x=1"), &json!(500)));
    assert!(failure["log"].as_str().unwrap().contains("r3 begins"), "{failure}");
    assert!(!std::fs::read_to_string(edge.dir().join("state.json")).unwrap().contains("private"));
}
