//! `cargo intent accept` where something is not as it was when the change was built.

use expectrl::Expect;

use super::work::{build, built, events, project};
use crate::support::{INTENT, Sandbox};

/// A change that waits, whose intent is also held to `shape.txt`.
fn held_to_a_shape() -> Sandbox {
    let sandbox = project("echo done > result.txt");
    let text = sandbox.read("intents/say.toml");
    let contract = "\n[[contract]]\nid = \"shape\"\nkind = \"file\"\npath = \"shape.txt\"\n";
    sandbox.write("intents/say.toml", text + contract);
    sandbox.write("shape.txt", "one\n");
    sandbox.commit("hold it to a shape");
    build(&sandbox, &[]).ok();
    sandbox
}

#[test]
fn what_the_intent_is_held_to_is_not_approved_unseen() {
    let sandbox = held_to_a_shape();
    sandbox.write("shape.txt", "two\n");
    let before = sandbox.commit("another shape");
    let refused = sandbox.intent(&["accept", "say"]).exits(1).says("the intent changed since this was built");
    refused.says("contract shape").says("cargo intent build say, or");
    assert_eq!(sandbox.git(&["rev-parse", "HEAD"]).trim(), before);
    let screen = sandbox.intent(&["review", "say"]).ok().says("changed in HEAD since the build");
    screen.says("contract shape");
    let told = sandbox.intent(&["accept", "say", "--despite-failures"]).ok();
    told.says("despite: the intent changed").says("main moved on").says("not on the merge");

    // Merged by hand before; what came after is as little seen.
    let sandbox = held_to_a_shape();
    sandbox.git(&["merge", "-q", "intent/say"]);
    sandbox.write("shape.txt", "two\n");
    sandbox.commit("another shape");
    sandbox.intent(&["accept", "say"]).exits(1).says("contract shape");
    sandbox.git(&["revert", "--no-edit", "HEAD"]);
    let told = sandbox.intent(&["accept", "say"]).ok();
    assert!(!told.stderr.contains("moved on"), "{}", told.stderr);
}

#[test]
fn ignored_files_of_the_person_are_not_overwritten() {
    let sandbox = project("mkdir -p src/own; echo theirs > src/own/note; echo done > result.txt");
    build(&sandbox, &[]).ok();
    sandbox.write(".git/info/exclude", "result.txt\nsrc\n");
    sandbox.write("result.txt", "mine\n");
    sandbox.write("src/own", "mine\n");
    let refused = sandbox.intent(&["accept", "say"]).exits(2);
    refused.says("is in no commit: result.txt, src/own").says("mv 'result.txt' 'result.txt.mine'");
    assert_eq!((sandbox.read("result.txt"), sandbox.read("src/own")), ("mine\n".into(), "mine\n".into()));
    for path in ["result.txt", "src/own"] {
        std::fs::rename(sandbox.path(path), sandbox.path(format!("{path}.mine"))).unwrap();
    }
    sandbox.intent(&["accept", "say"]).ok();
    assert_eq!(sandbox.read("src/own/note"), "theirs\n");
}

#[test]
fn a_signature_that_is_required_since_the_build_is_required() {
    let sandbox = built();
    let text = sandbox.read("factory.toml").replace("[approval]\n", "[approval]\nrequire-signed = true\n");
    sandbox.write("factory.toml", text);
    let before = sandbox.commit("be strict");
    sandbox.intent(&["accept", "say"]).exits(3).says("require-signed");
    assert_eq!(sandbox.git(&["rev-parse", "HEAD"]).trim(), before);
}

#[test]
fn it_goes_into_the_branch_the_person_was_asked_on_and_into_no_other() {
    let sandbox = project("echo done > result.txt");
    let text = sandbox.read("factory.toml").replace("terminal = false", "terminal = true");
    sandbox.write("factory.toml", text);
    sandbox.commit("ask me");
    build(&sandbox, &[]).ok();
    sandbox.git(&["switch", "-q", "intent/say"]);
    sandbox.intent(&["accept", "say"]).exits(2).says("the change itself").says("git switch main");
    sandbox.git(&["switch", "-q", "--detach", "main"]);
    sandbox.intent(&["accept", "say"]).exits(2).says("on no branch").says("git switch main");
    sandbox.git(&["switch", "-q", "main"]);
    let mut command = sandbox.command(INTENT);
    // The terminal is the test's to give; null input is the sandbox's default.
    command.args(["accept", "say"]).stdin(std::process::Stdio::inherit());
    let mut session = expectrl::Session::spawn(command).unwrap();
    session.set_expect_timeout(Some(std::time::Duration::from_secs(20)));
    session.expect("Type yes:").unwrap();
    sandbox.git(&["switch", "-q", "-c", "other"]);
    session.send_line("yes").unwrap();
    let said = session.expect(expectrl::Eof).unwrap();
    let said = String::from_utf8_lossy(said.as_bytes()).into_owned();
    assert!(said.contains("on main any more; nothing was changed"), "{said}");
    assert_eq!(sandbox.git(&["rev-parse", "other"]), sandbox.git(&["rev-parse", "main"]));
    assert!(events(&sandbox, "accept").is_empty());
}

#[test]
fn a_second_secret_of_a_kind_is_as_new_as_the_first() {
    let key = |last: char| format!("AKIA{}{last}", "IOSFODNN7EXAMPL");
    for script in [format!("echo '{}' >> src/key", key('R')), format!("echo '{}' > src/key", key('R'))] {
        let sandbox = project(&format!("{script}; echo done > result.txt"));
        sandbox.write("src/key", key('Q') + "\n");
        sandbox.commit("a key was there before");
        build(&sandbox, &[]).ok();
        sandbox.intent(&["review", "say"]).ok().says("src/key holds a secret");
    }
    let sandbox = project("echo '# more' >> src/key; echo done > result.txt");
    sandbox.write("src/key", key('Q') + "\n");
    sandbox.commit("a key was there before");
    build(&sandbox, &[]).ok();
    assert!(!sandbox.intent(&["review", "say"]).ok().stdout.contains("holds a secret"));
}
