//! Approvals that meet others: of another version, and those that `accept` gives.

use super::approve::{WANTED, signed, verified, with_key};
use super::work::{self, built, events};
use crate::support::{Sandbox, has};

#[test]
fn accept_signs_the_same_way_and_refuses_what_would_not_count() {
    let sandbox = built();
    if !has("ssh-keygen") {
        return;
    }
    let config = sandbox.home.join("config/personal-factory");
    std::fs::create_dir_all(&config).unwrap();
    std::fs::write(config.join("config.toml"), "[approval]\nrequire-signed = true\n").unwrap();
    let less = sandbox.read("factory.toml").replace("[approval]\n", "[approval]\nrequire-signed = false\n");
    sandbox.write("factory.toml", &less);
    sandbox.commit("ask for less");
    let before = sandbox.git(&["rev-parse", "HEAD"]);
    sandbox.intent(&["accept", "say"]).exits(3).says("require-signed").says("git config gpg.format ssh");
    assert_eq!(sandbox.git(&["rev-parse", "HEAD"]), before, "nothing was merged");
    with_key(&sandbox);
    sandbox.intent(&["review", "say"]).ok().says("intent: not approved yet");
    sandbox.intent(&["accept", "say"]).ok();
    sandbox.intent(&["approve", "--verify", "say"]).ok().says("signed by ada@example.org");
}

/// A project with a change that waits, where only what is signed counts, and with a key that is not
/// allowed.
fn strict(sandbox: &Sandbox) {
    let config = sandbox.home.join("config/personal-factory");
    std::fs::create_dir_all(&config).unwrap();
    std::fs::write(config.join("config.toml"), "[approval]\nrequire-signed = true\n").unwrap();
    with_key(sandbox);
    sandbox.write("keys/allowed", "");
}

#[test]
fn a_key_that_is_not_allowed_merges_nothing() {
    let sandbox = built();
    if !has("ssh-keygen") {
        return;
    }
    strict(&sandbox);
    let at = |name: &str| sandbox.git(&["rev-parse", name]).trim().to_owned();
    let before = at("HEAD");
    let refused = sandbox.intent(&["accept", "say"]).exits(3).says("would not count");
    refused.says("allowedSignersFile").says("namespaces=");
    assert_eq!((at("HEAD"), events(&sandbox, "accept").len()), (before, 0));
    assert!(!sandbox.path("result.txt").exists());
    let public = std::fs::read_to_string(sandbox.home.join("key.pub")).unwrap();
    sandbox.write("keys/allowed", format!("ada@example.org {public}"));
    // The branch has moved on, so that accepting makes a merge.
    sandbox.write("other.txt", "x");
    sandbox.commit("more");
    let tip = at("HEAD");
    sandbox.intent(&["accept", "say"]).ok();
    assert_eq!((at("HEAD^1"), at("HEAD^2")), (tip, at("intent/say")));
    assert_eq!(sandbox.git(&["log", "-1", "--format=%s"]), "Accept say: Say done\n");
    assert_eq!((sandbox.read("result.txt"), sandbox.read("other.txt")), ("done\n".into(), "x".into()));
    assert_eq!(events(&sandbox, "approve")[0]["commit"], at("HEAD"));
    assert_eq!(sandbox.git(&["status", "--porcelain"]), "");
    sandbox.intent(&["approve", "--verify", "say"]).ok().says("signed by ada@example.org");
}

#[test]
fn an_approval_that_another_version_overtook_counts_and_is_named() {
    let Some(sandbox) = signed() else { return };
    sandbox.intent(&["approve", "x"]).ok();
    sandbox.write("intents/x.toml", WANTED.replace("\"true\"", "\"false\""));
    sandbox.commit("want other");
    sandbox.intent(&["approve", "x"]).ok();
    assert!(verified(&sandbox, 0)["overtaken"].is_null());
    sandbox.write("intents/x.toml", WANTED);
    sandbox.commit("want it as before");
    let given = events(&sandbox, "approve");
    let row = verified(&sandbox, 0);
    assert_eq!(row["approval"], "approved");
    assert_eq!((&row["overtaken"]["approved"], &row["overtaken"]["other"]), (&given[0]["t"], &given[1]["t"]));
    let words = "before the approval of another version on";
    for args in [&["show", "x"][..], &["approve", "--verify", "x"]] {
        sandbox.intent(args).ok().says(words).says("cargo intent approve x");
    }
    let listed = sandbox.intent(&["list", "--format", "json"]).ok().json();
    assert!(listed["intents"][0]["reason"].as_str().unwrap().contains(words), "{listed}");
    sandbox.intent(&["approve", "x"]).ok().says("x is approved, signed by ada@example.org");
    assert_eq!(events(&sandbox, "approve").len(), 3);
    assert!(verified(&sandbox, 0)["overtaken"].is_null());
    sandbox.intent(&["approve", "x"]).ok().says("nothing to do");
}

#[test]
fn a_review_names_an_approval_that_another_version_overtook() {
    let sandbox = work::project("echo done > result.txt");
    sandbox.intent(&["approve", "say"]).ok();
    let wanted = sandbox.read("intents/say.toml");
    sandbox.write("intents/say.toml", wanted.replace("says done", "says so"));
    sandbox.commit("want other");
    sandbox.intent(&["approve", "say"]).ok();
    sandbox.write("intents/say.toml", wanted);
    sandbox.commit("want it as before");
    work::build(&sandbox, &[]).ok();
    sandbox
        .intent(&["review", "say"])
        .ok()
        .says("intent: approved")
        .says("before the approval of another version on");
}
