//! What `git feedback` prints as JSON, held to the page that tells it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{document, named, section};
use crate::support::{FEEDBACK, Sandbox};

/// The keys of an object, and of the objects in its lists; what people or events name themselves is left out.
fn keys(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Array(list) => list.iter().for_each(|value| keys(value, into)),
        Value::Object(object) => {
            into.extend(object.keys().cloned());
            let own = object.iter().filter(|(key, _)| !["fields", "story", "set"].contains(&key.as_str()));
            own.for_each(|(_, value)| keys(value, into));
        }
        _ => {}
    }
}

#[test]
fn every_key_that_git_feedback_prints_is_told() {
    let document = document();
    let told = named(section(&document, "What `git feedback` prints as JSON"));
    let sandbox = Sandbox::new();
    sandbox.write("a.log", "2026-11-20T01:02:03Z ERROR pool 7 timed out\n2026-11-20T02:02:03Z ERROR gone\n");
    sandbox.write("input.txt", "a\n");
    sandbox.git(&["init", "--quiet", "--bare", "../remote"]);
    sandbox.git(&["remote", "add", "origin", "../remote"]);
    let run = |args: &[&str]| {
        let args: Vec<&str> = args.iter().copied().chain(["--format", "json"]).collect();
        let ran = sandbox.run(FEEDBACK, &args).json();
        let mut printed = BTreeSet::new();
        keys(&ran, &mut printed);
        let untold: Vec<&String> = printed.iter().filter(|key| !told.contains(key.as_str())).collect();
        assert!(untold.is_empty(), "{args:?} prints {untold:?}");
        ran
    };
    let one = run(&["add", "one thing", "--attach", "input.txt"])["item"].as_str().unwrap().to_owned();
    let other = run(&["add", "another"])["item"].as_str().unwrap().to_owned();
    run(&["add", "a third", "--dry-run"]);
    run(&["import", "a.log"]);
    run(&["set", &one, "--severity", "fatal"]);
    run(&["set", &one]);
    run(&["link", &one, &other]);
    run(&["link", &one, &other, "--undo"]);
    run(&["split", &one]);
    run(&["close", &one]);
    run(&["reopen", &one]);
    sandbox.write("intents/a.toml", "schema = 1\ntitle = \"A\"\noutcome = \"It is.\"\n");
    run(&["promote", &one, "--intent", "a", "--run", "cat {input}"]);
    for args in
        [&["list"][..], &["list", "--why"], &["show", &one], &["stats"], &["recover"], &["show", "zz"]]
    {
        run(args);
    }
    run(&["sync", "--dry-run"]);
    run(&["sync"]);
}
