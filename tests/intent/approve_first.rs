//! `cargo intent approve`: what is told before the first yes, and what the answer is worth after it.

use expectrl::Expect;

use super::approve::{WANTED, project, signed, verified};
use super::work::events;
use crate::support::{INTENT, Sandbox};

#[test]
fn an_intent_that_says_nothing_is_not_approved() {
    let sandbox = project();
    sandbox.intent(&["new", "y", "--title", "Something"]).ok();
    sandbox.commit("want something");
    sandbox.intent(&["approve", "y"]).exits(2).says("outcome is to be said").says("edit intents/y.toml");
    assert!(events(&sandbox, "approve").is_empty());
    let told = sandbox.intent(&["next"]).ok();
    assert!(told.stdout.contains("say the outcome: edit intents/y.toml"), "{}", told.stdout);
}

#[test]
fn the_first_approval_lists_the_fixtures_and_what_is_missing() {
    let sandbox = Sandbox::unborn();
    let more = "\n[[acceptance]]\nid = \"b\"\ntest = \"nowhere\"\n\n[[acceptance]]\nid = \"c\"\nfixtures = \"cat {input}\"\n\n\
        [[contract]]\nid = \"orders\"\nkind = \"file\"\npath = \"schema/orders.json\"\n";
    sandbox.write("intents/x.toml", format!("{WANTED}{more}"));
    sandbox.write("intents/x/one/input.txt", "1\n");
    sandbox.write("intents/x/one/expected.txt", "1\n");
    sandbox.commit("want x");
    let mut command = sandbox.command(INTENT);
    // The terminal is the test's to give; null input is the sandbox's default.
    command.args(["approve", "x"]).stdin(std::process::Stdio::inherit());
    let mut session = expectrl::Session::spawn(command).unwrap();
    session.set_expect_timeout(Some(std::time::Duration::from_secs(20)));
    let shown = session.expect("Type yes:").unwrap();
    let shown = String::from_utf8_lossy(shown.before()).into_owned();
    session.send_line("no").unwrap();
    session.expect(expectrl::Eof).unwrap();
    for part in [
        "one/input.txt",
        "one/expected.txt",
        "missing: check b names a test that is not there yet",
        "missing: the file of contract orders is not there yet",
    ] {
        assert!(shown.contains(part), "no {part:?} in\n{shown}");
    }
}

#[test]
fn a_revocation_that_is_not_signed_asks_for_nothing_again() {
    let sandbox = project();
    sandbox.intent(&["approve", "x"]).ok().says("the same again");
    let told = sandbox.intent(&["approve", "x", "--revoke"]).ok().says("it is not signed");
    assert!(!told.stderr.contains("again"), "{}", told.stderr);
}

#[test]
fn an_approval_that_does_not_count_here_is_no_success() {
    let Some(sandbox) = signed() else { return };
    std::fs::remove_file(sandbox.path("keys/allowed")).unwrap();
    let key = sandbox.home.join("key.pub").display().to_string();
    sandbox.intent(&["approve", "x"]).exits(3).says("x is unverified").says(&format!("$(cat {key})"));
    assert_eq!(verified(&sandbox, 3)["approval"], "unverified");
}
