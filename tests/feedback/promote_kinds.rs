//! `git feedback promote` of every kind that has no failing input, and `stats`.

use super::{add, items};
use crate::support::Sandbox;

const INTENT: &str = "schema = 1\ntitle = \"An API\"\noutcome = \"It answers.\"\n";

fn with_intent() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("intents/api.toml", INTENT);
    sandbox.commit("an intent");
    sandbox
}

#[test]
fn friction_becomes_a_draft_intent_whose_check_is_its_expected_signal() {
    let sandbox = Sandbox::new();
    let id =
        add(&sandbox, &["Uploads feel slow", "--kind", "friction", "--body", "People wait for the bar."]);
    let said = [
        "set",
        &id,
        "--signal",
        "error-rate < 1 %",
        "--reach",
        "9",
        "--impact",
        "1",
        "--confidence",
        "50",
        "--effort",
        "3",
    ];
    sandbox.feedback(&said).ok();
    sandbox
        .feedback(&["promote", &id])
        .ok()
        .says("wrote intents/uploads-feel-slow.toml")
        .says("cargo intent check");
    let text = sandbox.read("intents/uploads-feel-slow.toml");
    for part in [
        "title   = \"Uploads feel slow\"",
        "error-rate < 1 %",
        "Worth: RICE 1.5",
        "People wait for the bar.",
        "signal = \"error-rate\"",
        "max = 0.01",
        &format!("origin = \"{id}\""),
    ] {
        assert!(text.contains(part), "no {part} in\n{text}");
    }
    // What it became is seen from both ends.
    sandbox.feedback(&["show", &id]).ok().says("intent uploads-feel-slow, check uploads-feel-slow");
    sandbox.intent(&["show", "uploads-feel-slow"]).ok().says(&format!("(from {id})"));
    assert!(!sandbox.intent(&["next"]).ok().stdout.contains(&format!("show {}", &id[..7])));
    sandbox.feedback(&["promote", &id]).exits(2).says("became the intent uploads-feel-slow already");
}

#[test]
fn toil_becomes_a_draft_or_a_check_of_an_intent_that_is_there() {
    let sandbox = with_intent();
    let id = add(&sandbox, &["Renaming exports by hand", "--kind", "toil"]);
    sandbox.feedback(&["set", &id, "--minutes", "5", "--per", "day"]).ok();
    sandbox.feedback(&["promote", &id, "--intent", "renaming"]).ok();
    let text = sandbox.read("intents/renaming.toml");
    assert!(text.contains("Nobody spends 5 minutes") && text.contains("inspect = "), "{text}");
    sandbox.intent(&["check", "renaming"]).ok().says("waiting");
    let other = add(&sandbox, &["Restarting by hand", "--kind", "toil"]);
    sandbox.feedback(&["promote", &other, "--intent", "api"]).ok().says("added the check restarting-by-hand");
    let text = sandbox.read("intents/api.toml");
    assert!(text.starts_with(INTENT) && text.contains("no longer done by hand"), "{text}");
}

#[test]
fn a_log_or_trace_becomes_a_bound_on_a_signal() {
    let sandbox = with_intent();
    let log = add(&sandbox, &["time-out of the pool", "--kind", "log"]);
    sandbox.feedback(&["promote", &log, "--intent", "api"]).ok();
    let text = sandbox.read("intents/api.toml");
    assert!(text.contains("signal = \"error-rate\"\nmax = 0.01"), "{text}");
    let trace = add(&sandbox, &["GET /orders is slow", "--kind", "trace"]);
    sandbox
        .feedback(&["promote", &trace, "--intent", "api"])
        .exits(2)
        .says("--intent api --signal latency --max N");
    sandbox.feedback(&["promote", &trace, "--intent", "api", "--signal", "latency", "--max", "300"]).ok();
    assert!(sandbox.read("intents/api.toml").contains("signal = \"latency\"\nmax = 300"));
    let queue = add(&sandbox, &["the queue grows", "--kind", "log"]);
    let args = ["promote", &queue, "--intent", "api", "--signal", "queue", "--max", "10"];
    sandbox.feedback(&args).exits(2).says("there are error-rate, latency").says("[signal.queue]");
    sandbox.write("factory.toml", "[signal.queue]\nrun = \"queue-depth\"\n");
    sandbox.feedback(&args).ok();
    assert!(sandbox.read("intents/api.toml").contains("signal = \"queue\""));
    sandbox.intent(&["check", "api"]).ok().says("waiting");
}

#[test]
fn an_item_that_became_a_check_becomes_no_second_one_and_the_check_is_called_by_its_words() {
    let sandbox = with_intent();
    sandbox.write("a.log", "2026-11-22T01:02:03Z ERROR shop::pool: no connection within 30 s\n");
    sandbox.feedback(&["import", "a.log"]).ok();
    let id = items(&sandbox)[0]["id"].as_str().unwrap().to_owned();
    sandbox
        .feedback(&["promote", &id, "--intent", "ap"])
        .exits(2)
        .says("did you mean `api`?")
        .says("cargo intent new ap");
    let other = sandbox.feedback(&["promote", &id, "--intent", "Slow Pool"]).exits(2);
    other.says("hint: cargo intent new slow-pool");
    sandbox
        .feedback(&["promote", &id, "--intent", "api"])
        .ok()
        .says("the check shop-pool-no-connection-within");
    let text = sandbox.read("intents/api.toml");
    let notes = sandbox.note_lines("feedback");
    let again = sandbox.feedback(&["promote", &id, "--intent", "api"]).exits(2);
    again
        .says("already became the check shop-pool-no-connection-within of intent api")
        .says("nothing was changed");
    sandbox.write("intents/other.toml", INTENT);
    sandbox.feedback(&["promote", &id, "--intent", "other"]).exits(2).says("of intent api");
    assert_eq!((sandbox.read("intents/api.toml"), sandbox.note_lines("feedback")), (text, notes));
    // Another question, and one that was taken out again, are asked.
    sandbox.feedback(&["promote", &id, "--intent", "api", "--signal", "latency", "--max", "300"]).ok();
    sandbox.write("intents/api.toml", INTENT);
    sandbox.feedback(&["promote", &id, "--intent", "api"]).ok();
}

#[test]
fn a_failing_test_becomes_a_check_asks_for_proof_or_is_marked_flaky() {
    let sandbox = with_intent();
    sandbox.write("out.txt", "---- orders::sums stdout ----\nthread 'orders::sums' panicked at src/a.rs:1:1:\nassertion failed\n\n");
    sandbox.feedback(&["import", "out.txt"]).ok();
    let id = items(&sandbox)[0]["id"].as_str().unwrap().to_owned();
    sandbox.feedback(&["promote", &id, "--intent", "api"]).ok().says("check api --prove");
    assert!(sandbox.read("intents/api.toml").contains("id = \"orders-sums\""), "called as the test");
    assert!(sandbox.read("intents/api.toml").contains("test = \"orders::sums\""));
    sandbox
        .feedback(&["promote", &id, "--intent", "api"])
        .exits(2)
        .says("holds the test orders::sums already")
        .says("--flaky");
    sandbox.feedback(&["promote", &id, "--flaky"]).ok();
    sandbox.feedback(&["list"]).ok().says("[flaky] orders::sums");
    sandbox.feedback(&["set", &id, "--field", "flaky=false"]).ok();
    assert!(!sandbox.feedback(&["list"]).ok().stdout.contains("[flaky]"));
    let other = add(&sandbox, &["x"]);
    sandbox.feedback(&["promote", &other, "--flaky"]).exits(2).says("no failing test");
}

#[test]
fn stats_keep_the_order_of_releases_and_count_the_future_as_now() {
    let sandbox = Sandbox::new();
    // Of one day, so that the ids' random ends sort the other way.
    let commit = sandbox.git(&["rev-parse", "HEAD"]);
    for (n, release) in ["r20261122-zzzz", "r20261122-mmmm", "r20261122-aaaa"].into_iter().enumerate() {
        let line = format!(
            r#"{{"id":"01M80000000AAAAAAAAAAAAAA{n}","v":1,"release":"{release}","op":"planned","t":"2026-11-22T08:00:00Z","commit":"{}"}}"#,
            commit.trim()
        );
        sandbox.git(&["notes", "--ref=ship", "append", "-m", &line]);
        let id = add(&sandbox, &[&format!("seen in {release}")]);
        sandbox.feedback(&["close", &id, "--release", release]).ok();
    }
    let rows = |args: &[&str]| {
        let all: Vec<&str> = ["stats", "--format", "json"].iter().chain(args).copied().collect();
        let rows = sandbox.feedback(&all).ok().json()["rows"].clone();
        rows.as_array()
            .unwrap()
            .iter()
            .map(|row| row["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(rows(&["--by", "release", "--last", "2"]), ["r20261122-mmmm", "r20261122-aaaa"]);
    let this_week = rows(&[]);
    sandbox.write("far.log", "2999-01-01T00:00:00Z ERROR the clock is wrong\n");
    sandbox.feedback(&["import", "far.log"]).ok();
    assert_eq!(rows(&[]), this_week);
}

#[test]
fn statistics_count_weeks_or_releases_and_name_what_comes_back() {
    let sandbox = Sandbox::new();
    assert!(sandbox.feedback(&["stats"]).ok().stdout.is_empty());
    sandbox.write(
        "a.log",
        "2026-11-02T01:00:00Z ERROR rows are lost\n2026-11-16T01:00:00Z ERROR disk is full\n",
    );
    sandbox.feedback(&["import", "a.log"]).ok();
    let id = items(&sandbox).iter().find(|i| i["title"].as_str().unwrap().contains("rows")).unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    sandbox.feedback(&["close", &id]).ok();
    sandbox.feedback(&["reopen", &id]).ok();
    sandbox.feedback(&["close", &id]).ok();
    let told = sandbox.feedback(&["stats", "--format", "json"]).ok().json();
    assert_eq!((told["items"]["open"].as_u64(), told["items"]["resolved"].as_u64()), (Some(1), Some(1)));
    let rows = told["rows"].as_array().unwrap();
    assert!(
        rows.iter().any(|row| row["name"] == "2026-11-02" && row["opened"] == 1) || rows.len() == 12,
        "{rows:?}"
    );
    assert_eq!(rows.iter().map(|row| row["closed"].as_u64().unwrap()).sum::<u64>(), 1);
    assert_eq!(told["fixed"]["count"], 1);
    assert_eq!(
        (told["recurring"][0]["id"].as_str(), told["recurring"][0]["closed"].as_u64()),
        (Some(&id[..]), Some(2))
    );
    let plain = sandbox.feedback(&["stats"]).ok().says("1 open, 1 resolved").says("closed 2×");
    assert!(plain.stdout.is_ascii() || !plain.stdout.contains('+'), "numbers alone in a pipe");
    sandbox.feedback(&["stats", "--by", "release"]).ok().says("no item names a release yet");
    let drawn = crate::support::on_terminal(&sandbox, 80, &format!("{} stats", crate::support::FEEDBACK));
    assert!(drawn.contains("  -") || drawn.contains('+'), "{drawn}");
}
