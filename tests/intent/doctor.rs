//! `cargo intent doctor`.

use std::time::{Duration, SystemTime};

use crate::support::{INTENT, Sandbox};

fn state(sandbox: &Sandbox, what: &str) -> String {
    let json: serde_json::Value = sandbox.intent(&["doctor", "--format", "json"]).json();
    let found = json["findings"].as_array().unwrap().iter().find(|one| one["what"] == what);
    found.map_or("", |one| one["state"].as_str().unwrap()).to_owned()
}

#[test]
fn it_says_what_is_there_what_would_add_something_and_what_is_broken() {
    let sandbox = Sandbox::new();
    sandbox.intent(&["doctor"]).ok().says("export PATH=").says("unconfined");
    assert_eq!((state(&sandbox, "git").as_str(), state(&sandbox, "remote").as_str()), ("good", "good"));
    assert_eq!(state(&sandbox, "signing"), "missing");
    // No fence yet, whatever is installed.
    assert_eq!((state(&sandbox, "boundary").as_str(), state(&sandbox, "bwrap").as_str()), ("missing", ""));
    sandbox.git(&["remote", "add", "origin", "../nowhere.git"]);
    assert_eq!(state(&sandbox, "remote"), "missing");
    sandbox.intent(&["setup"]).ok();
    assert_eq!(state(&sandbox, "remote"), "good");

    sandbox.write(".git/refs/notes/feedback.lock", "");
    sandbox.intent(&["doctor"]).ok();
    let lock =
        std::fs::File::options().write(true).open(sandbox.path(".git/refs/notes/feedback.lock")).unwrap();
    lock.set_modified(SystemTime::now() - Duration::from_secs(3600)).unwrap();
    sandbox.intent(&["doctor"]).exits(1).says("rm '").says("feedback.lock");
}

#[test]
fn a_tool_that_is_not_beside_it_is_broken() {
    let sandbox = Sandbox::bare();
    let alone = sandbox.home.join("cargo-intent");
    std::fs::copy(INTENT, &alone).unwrap();
    sandbox.run(&alone, &["doctor"]).exits(1).says("is not in").says("cargo install --path . --locked");
}
