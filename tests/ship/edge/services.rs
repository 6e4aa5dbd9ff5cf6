//! Services that are worse in every way a service can be: each caught by a real edge, with the requests it took.

use serde_json::{Value, json};

use super::driver::{Edge, service};
use super::loading::Load;
use crate::support::wait_for;

/// How a release is worse, and what of the reason must be said.
fn worse() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("fails 0 → 100 %", json!({"FAIL_PERCENT": "100"}), "fails more often"),
        ("hangs", json!({"HANG_PATH": "/"}), "fails more often"),
        ("closes early", json!({"CLOSE_EARLY": "1"}), "fails more often"),
        ("panics while answering 200", json!({"PANIC_LOG": "1"}), "panics more"),
        ("logs errors while answering 200", json!({"ERROR_LOG": "1"}), "logs errors more"),
        ("leaks until killed", json!({"LEAK_KB": "4096"}), ""),
        ("takes twice as long", json!({"DELAY_MS": "60"}), "is slower than"),
        ("answers a byte at a time", json!({"DRIP_MS": "4"}), "is slower than"),
    ]
}

fn plan(edge: &Edge, release: &str, env: &Value) -> Value {
    let mut plan = edge.plan(release, env.clone());
    (plan["steps"], plan["min_ms"], plan["max_ms"]) = (json!([20, 50]), json!(12_000), json!(60_000));
    if env.get("HANG_PATH").is_some() {
        plan["slot"]["answer_ms"] = json!(400);
    }
    if env.get("LEAK_KB").is_some() {
        // What the kernel would do to the whole machine later, a limit does to the process now.
        let limited = format!("ulimit -v 1500000 && exec {}", service().display());
        plan["slot"]["argv"] = json!(["sh", "-c", limited]);
    }
    plan
}

/// Run a plan to its end under the load there is.
fn judged(edge: &Edge, plan: Value) -> Value {
    edge.canary(plan);
    wait_for("the plan to end", 90, || {
        let plan = edge.status()["plan"].clone();
        ["rolled-back", "promoted", "held"].contains(&plan["phase"].as_str().unwrap()).then_some(plan)
    })
}

fn row(name: &str, ended: &Value) -> String {
    let count = |slot: &str, key: &str| ended[slot][key].as_u64().unwrap();
    format!(
        "{name:<34} {:>6} {:>6} {:>8}   {}",
        count("canary", "requests"),
        count("canary", "failed"),
        count("stable", "requests"),
        ended["reason"]
            .as_str()
            .unwrap_or_default()
            .lines()
            .next()
            .unwrap_or_default()
            .chars()
            .take(60)
            .collect::<String>()
    )
}

#[test]
fn every_way_of_being_worse_is_caught_in_few_requests() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({"DELAY_MS": "30"}));
    let loads = [(); 10].map(|()| edge.load("/"));
    wait_for("stable to be measured", 120, || {
        (loads.iter().map(Load::asked).sum::<u64>() > 2100).then_some(())
    });
    let mut table = vec![format!("{:<34} {:>6} {:>6} {:>8}", "", "canary", "failed", "stable")];
    for (number, (name, mut env, reason)) in worse().into_iter().enumerate() {
        if env.get("DELAY_MS").is_none() {
            env["DELAY_MS"] = json!("30");
        }
        let ended = judged(&edge, plan(&edge, &format!("w{number}"), &env));
        table.push(row(name, &ended));
        assert_eq!(ended["phase"], "rolled-back", "{name}: {ended}");
        assert!(ended["reason"].as_str().unwrap().contains(reason), "{name}: {ended}");
        wait_for("the canary to end", 20, || edge.slot("canary").is_none().then_some(()));
    }
    drop(loads);
    let edge = Edge::start();
    edge.start_stable("r1", json!({"FAIL_PERCENT": "1"}));
    let loads = [(); 4].map(|()| edge.load("/"));
    let ended = judged(&edge, plan(&edge, "w1", &json!({"FAIL_PERCENT": "5"})));
    table.push(row("fails 1 → 5 %", &ended));
    assert_eq!(ended["phase"], "rolled-back", "{ended}");
    drop(loads);
    eprintln!("requests until caught:\n{}", table.join("\n"));
}

#[test]
fn healthy_canaries_are_not_rolled_back_also_where_both_fail_in_clumps() {
    let slow = std::env::var_os("FACTORY_SLOW").is_some();
    let (canaries, requests) = if slow { (20, 20_000) } else { (3, 1_500) };
    let mut table = Vec::new();
    for number in 0..canaries {
        let env = if number % 5 == 1 { json!({"OUTAGE_EVERY_S": "5"}) } else { json!({"FAIL_PERCENT": "1"}) };
        let edge = Edge::start();
        edge.start_stable("r1", env.clone());
        let loads = [(); 8].map(|()| edge.load("/"));
        let mut plan = plan(&edge, "r2", &env);
        // It is not to end before all requests were asked.
        (plan["steps"], plan["min_ms"], plan["max_ms"]) = (json!([50]), json!(600_000), json!(900_000));
        edge.canary(plan);
        let status = wait_for("the requests", 600, || {
            let plan = edge.status()["plan"].clone();
            let asked =
                ["stable", "canary"].iter().map(|slot| plan[slot]["requests"].as_u64().unwrap()).sum::<u64>();
            // Two outages at least.
            let long_enough = env.get("OUTAGE_EVERY_S").is_none() || plan["since_s"].as_u64().unwrap() > 10;
            ((asked >= requests && long_enough) || plan["phase"] == "rolled-back").then_some(plan)
        });
        table.push(row(&format!("healthy {number} {env}"), &status));
        assert_eq!(status["phase"], "weighing", "{}\n{status}", table.join("\n"));
        assert!(status["stable"]["failed"].as_u64().unwrap() > 0, "{status}");
        drop(loads);
    }
    eprintln!("{}", table.join("\n"));
}
