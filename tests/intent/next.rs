//! `cargo intent next`.

use crate::support::{INTENT, Sandbox, on_terminal};

fn intent(sandbox: &Sandbox, slug: &str) {
    sandbox.write(
        &format!("intents/{slug}.toml"),
        format!("schema = 1\ntitle = \"Want {slug}\"\noutcome = \"It is so.\"\n[[acceptance]]\nid = \"done\"\nrun = \"cat result.txt\"\n"),
    );
}

/// A line of the ship's notes on HEAD, as `cargo ship` writes them.
fn release(sandbox: &Sandbox, number: u64, id: &str, op: &str, more: &str) {
    let line = format!(
        "{{\"id\":\"01KBQ0000000000000000000{number:02}\",\"v\":1,\"release\":\"{id}\",\"op\":\"{op}\",\"t\":\"2026-11-20T00:00:00Z\"{more}}}"
    );
    sandbox.git(&["notes", "--ref=ship", "append", "-m", &line]);
}

fn kinds(sandbox: &Sandbox) -> Vec<(String, String, String)> {
    let json = sandbox.intent(&["next", "--format", "json"]).ok().json();
    let text = |one: &serde_json::Value, key: &str| one[key].as_str().unwrap().to_owned();
    let all = json["waiting"].as_array().unwrap();
    all.iter().map(|one| (text(one, "urgency"), text(one, "what"), text(one, "command"))).collect()
}

#[test]
fn where_nothing_waits_it_says_so_and_names_the_next_idea() {
    let sandbox = Sandbox::new();
    let said = sandbox.intent(&["next"]).ok();
    assert_eq!(said.stdout, "Nothing waits for you.\n");
    said.says("cargo intent new <slug>");
    assert!(kinds(&sandbox).is_empty());
    Sandbox::unborn().intent(&["next"]).ok().says("Nothing waits");
    Sandbox::bare().intent(&["next"]).exits(2);
}

#[test]
fn what_blocks_most_comes_first_each_with_its_command() {
    let sandbox = Sandbox::new();
    intent(&sandbox, "report");
    intent(&sandbox, "say");
    sandbox.write("intents/torn.toml", "schema = 1\ntitle = ");
    sandbox.write("factory.toml", "[agent.one]\ncommand = \"sh -c 'echo done > result.txt'\"\n");
    sandbox.commit("want it");
    sandbox.intent(&["build", "say"]).ok();
    sandbox.feedback(&["add", "--severity", "warning", "slow"]).ok();
    sandbox.feedback(&["add", "--severity", "fatal", "it lost \u{1b}[31m an order"]).ok();
    release(&sandbox, 1, "r20261120-aaaa", "planned", ",\"environment\":\"local\"");
    release(&sandbox, 2, "r20261120-aaaa", "held", ",\"reason\":\"too little traffic\"");
    release(&sandbox, 3, "r20261120-bbbb", "planned", ",\"environment\":\"production\"");
    release(&sandbox, 4, "r20261120-bbbb", "failed", ",\"reason\":\"the tests\"");
    release(&sandbox, 5, "r20261120-cccc", "planned", ",\"environment\":\"elsewhere\"");
    let found = kinds(&sandbox);
    let first: Vec<(&str, &str)> =
        found.iter().map(|(urgency, _, command)| (urgency.as_str(), command.as_str())).collect();
    assert_eq!(
        first[..4],
        [
            ("held", "cargo ship promote"),
            ("broken", "cargo ship show r20261120-bbbb"),
            ("broken", "cargo intent check torn"),
            ("decision", "cargo intent review say"),
        ]
    );
    assert!(first[4].1.starts_with("git feedback show fb-") && first[5].0 == "feedback");
    assert_eq!(first[6..], [("intent", "cargo intent approve report")]);
    let listed = sandbox.feedback(&["list", "--format", "json"]).json();
    let id = listed["items"][0]["id"].as_str().unwrap();
    assert!(id.starts_with(&found[4].1), "the worst item first, as git feedback list has it");

    let said = sandbox.intent(&["next"]).ok().stdout;
    assert!(said.contains("too little traffic") && said.contains("1 passed, by one"), "{said}");
    assert!(!said.contains('\u{1b}'), "{said:?}");
    let shown = on_terminal(&sandbox, 80, &format!("{INTENT} next"));
    assert!(shown.contains("cargo ship promote"), "{shown}");
    assert!(shown.lines().all(|line| safe_width(line) <= 80), "{shown}");
}

#[test]
fn a_crowd_is_counted_so_that_it_stays_on_one_screen() {
    let sandbox = Sandbox::new();
    for number in 0..30 {
        intent(&sandbox, &format!("one-{number:02}"));
        sandbox.feedback(&["add", &format!("trouble {number}")]).ok();
    }
    sandbox.commit("much");
    let said = sandbox.intent(&["next"]).ok().stdout;
    assert!(said.lines().count() <= 22, "{said}");
    assert!(
        said.contains("and 25 more: git feedback list") && said.contains("and 25 more: cargo intent list"),
        "{said}"
    );
    assert_eq!(kinds(&sandbox).len(), 60);
}

#[test]
fn records_that_moved_on_since_the_last_sync_are_named_once_they_were_shared() {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "-q", "--bare", "../shared.git"]);
    sandbox.git(&["remote", "add", "origin", "../shared.git"]);
    sandbox.feedback(&["add", "--severity", "info", "one"]).ok();
    let commands = || kinds(&sandbox).into_iter().map(|(.., command)| command).collect::<Vec<_>>();
    assert!(!commands().contains(&"git feedback sync".to_owned()), "never shared, nobody's but ours");
    sandbox.feedback(&["sync"]).ok();
    assert!(!commands().contains(&"git feedback sync".to_owned()));
    sandbox.feedback(&["add", "--severity", "info", "two"]).ok();
    assert!(commands().contains(&"git feedback sync".to_owned()));
    sandbox.feedback(&["sync"]).ok();
    assert!(!commands().contains(&"git feedback sync".to_owned()));
}

/// Columns of a line, its colours left out.
fn safe_width(line: &str) -> usize {
    factory::terminal::safe::uncoloured(line).trim_end().chars().count()
}
