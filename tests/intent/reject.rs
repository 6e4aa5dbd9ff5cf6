//! `cargo intent reject`.

use super::work::{build, built, events, project};

#[test]
fn the_reason_is_in_the_next_brief() {
    let sandbox = project("mkdir -p src; cp \"$1\" src/brief.md; echo done > result.txt");
    build(&sandbox, &[]).ok();
    sandbox.intent(&["reject", "say", "--because", "too terse"]).ok();
    build(&sandbox, &["--resume"]).ok();
    assert!(sandbox.git(&["show", "intent/say:src/brief.md"]).contains("too terse"));
    assert_eq!(events(&sandbox, "reject")[0]["because"], "too terse");
}

#[test]
fn the_branch_stays_unless_it_is_to_be_deleted() {
    let sandbox = built();
    sandbox.intent(&["reject", "say", "--because", "no"]).ok();
    sandbox.git(&["rev-parse", "--verify", "intent/say"]);
    sandbox.intent(&["reject", "say", "--because", "no"]).exits(2).says("no change of say waits");
    build(&sandbox, &["--resume"]).ok();
    sandbox.intent(&["reject", "say", "--because", "no", "--delete"]).ok();
    assert_ne!(sandbox.run("git", &["rev-parse", "--verify", "-q", "intent/say"]).code, 0);
    assert_eq!(sandbox.git(&["worktree", "list"]).lines().count(), 1);
}

#[test]
fn a_secret_in_the_reason_is_not_written() {
    let sandbox = built();
    let key = ["AKIA", "IOSFODNN7EXAMPLQ"].concat();
    sandbox.intent(&["reject", "say", "--because", &format!("it prints {key}")]).ok();
    assert!(!sandbox.note_lines("intent").concat().contains(&key));
}

#[test]
fn what_was_decided_or_never_built_is_told_apart() {
    let sandbox = built();
    sandbox.intent(&["reject", "says", "--because", "x"]).exits(2).says("did you mean `say`?");
    sandbox.intent(&["reject", "say", "--because", "x"]).ok();
    sandbox.intent(&["reject", "say", "--because", "x"]).exits(2).says("the last one was decided");
}

#[test]
fn after_a_rejection_it_is_built_anew_and_waits_again() {
    let sandbox = built();
    sandbox.intent(&["reject", "say", "--because", "too short"]).ok();
    sandbox.intent(&["review"]).ok().says("no change waits");
    super::work::build(&sandbox, &[]).ok();
    sandbox.intent(&["review"]).ok().says("Say done");
    sandbox.intent(&["accept", "say"]).ok();
}
