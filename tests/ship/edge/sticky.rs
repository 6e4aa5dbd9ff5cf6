//! Clients that stay with their slot while a canary takes requests.

use serde_json::json;

use super::driver::Edge;
use crate::support::wait_for;

/// Status, the cookie set, and the body.
fn ask(edge: &Edge, cookie: Option<&str>) -> (Option<String>, String) {
    let line = cookie.map_or(String::new(), |cookie| format!("cookie: own=1; {cookie}\r\n"));
    let request = format!("GET / HTTP/1.1\r\nhost: a\r\n{line}connection: close\r\n\r\n");
    let (head, body) = edge.raw(request.as_bytes());
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let set = head.lines().find_map(|line| line.strip_prefix("set-cookie: "));
    (set.map(str::to_owned), body)
}

#[test]
fn a_client_stays_with_its_slot_when_the_weight_is_raised_and_is_counted_once_an_epoch() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let mut plan = edge.plan("r2", json!({}));
    plan["sticky"] = json!(true);
    (plan["steps"], plan["promote_auto"]) = (json!([20]), json!(false));
    (plan["min_ms"], plan["max_ms"]) = (json!(120_000), json!(240_000));
    edge.canary(plan);
    edge.wait_phase(&["weighing"]);
    let clients: Vec<(String, String)> = (0..60)
        .map(|_| {
            let (set, body) = ask(&edge, None);
            let set = set.expect("a new client gets a cookie");
            assert!(set.contains("; HttpOnly") && set.contains("; SameSite=Lax") && set.contains("; Path=/"));
            (set.split(';').next().unwrap().to_owned(), body)
        })
        .collect();
    let on_canary = |of: &[(String, String)]| of.iter().filter(|(_, body)| body.ends_with("r2")).count();
    assert!((1..=30).contains(&on_canary(&clients)), "{} of 60", on_canary(&clients));
    for _ in 0..3 {
        for (cookie, body) in &clients {
            assert_eq!(ask(&edge, Some(cookie)), (None, body.clone()));
        }
    }
    let counted = wait_for("the counts", 20, || {
        let plan = edge.status()["plan"].clone();
        let of = |slot: &str| plan[slot]["requests"].as_u64().unwrap();
        (of("stable") + of("canary") >= 60).then_some((of("stable"), of("canary")))
    });
    assert_eq!(counted, (60 - on_canary(&clients) as u64, on_canary(&clients) as u64));
    edge.ask(json!({"v": 1, "do": "weight", "percent": 60}));
    let later: Vec<(String, String)> =
        clients.iter().map(|(cookie, _)| (cookie.clone(), ask(&edge, Some(cookie)).1)).collect();
    assert!(on_canary(&later) > on_canary(&clients));
    for (before, after) in clients.iter().zip(&later) {
        assert!(!before.1.ends_with("r2") || after.1.ends_with("r2"), "moved back");
    }
    // A forged cookie is a new client, and ours is not shown to the service.
    let (id, rest) = clients[0].0.split_once('.').unwrap();
    assert!(ask(&edge, Some(&format!("{}0.{rest}", &id[..id.len() - 1]))).0.is_some() || id.ends_with('0'));
    assert!(ask(&edge, Some("factory-client=nonsense")).0.is_some());
    let head = format!(
        "GET /head HTTP/1.1\r\nhost: a\r\ncookie: own=1; {}\r\nconnection: close\r\n\r\n",
        clients[0].0
    );
    assert!(edge.send(&head).1.contains("\ncookie: own=1\n"));
    // The last counts of an epoch stand: each client twice in all, once in each.
    wait_for("both epochs", 20, || {
        let plan = edge.status()["plan"].clone();
        let all = plan["stable"]["requests"].as_u64().unwrap() + plan["canary"]["requests"].as_u64().unwrap();
        assert!(all <= 123, "{plan}");
        (all >= 122).then_some(())
    });
    edge.ask(json!({"v": 1, "do": "rollback", "reason": ""}));
    use std::os::unix::fs::PermissionsExt;
    let key = std::fs::metadata(edge.dir().join("sticky.key")).unwrap();
    assert_eq!(key.permissions().mode() & 0o777, 0o600);
    assert_eq!(ask(&edge, None).0, None, "no cookies without a canary");
}
