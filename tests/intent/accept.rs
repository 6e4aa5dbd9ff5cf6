//! `cargo intent accept`.

use expectrl::Expect;

use super::work::{build, built, events, project};

#[test]
fn an_accepted_change_is_merged_and_its_intent_approved() {
    let sandbox = built();
    let change = sandbox.git(&["rev-parse", "intent/say"]);
    let json = sandbox.intent(&["accept", "say", "--format", "json"]).ok().json();
    assert_eq!(sandbox.git(&["rev-parse", "HEAD"]), change, "a fast-forward");
    assert_eq!(sandbox.read("result.txt"), "done\n");
    let approvals = events(&sandbox, "approve");
    assert_eq!(approvals[0]["digest"], json["digest"]);
    assert_eq!(approvals[0]["commit"].as_str().unwrap(), change.trim());
    assert_eq!(approvals[0]["signature"], "unsigned");
    assert_eq!(events(&sandbox, "accept").len(), 1);
    assert_eq!(sandbox.git(&["worktree", "list"]).lines().count(), 1, "the worktree is gone");
    sandbox.intent(&["accept", "say"]).exits(2).says("was decided");
}

#[test]
fn main_that_moved_on_gets_a_merge_commit() {
    let sandbox = built();
    sandbox.write("other.txt", "other");
    sandbox.commit("meanwhile");
    sandbox.intent(&["accept", "say"]).ok();
    assert_eq!(sandbox.git(&["rev-list", "--parents", "-1", "HEAD"]).split_whitespace().count(), 3);
    assert_eq!(sandbox.read("result.txt"), "done\n");
}

#[test]
fn without_a_terminal_it_is_refused_unless_the_base_commit_allows_it() {
    let sandbox = project("echo done > result.txt");
    let text = sandbox.read("factory.toml").replace("terminal = false", "terminal = true");
    sandbox.write("factory.toml", text);
    sandbox.commit("ask me");
    build(&sandbox, &[]).ok();
    // An edit after the build, committed or not, does not open the door.
    sandbox.write("factory.toml", "[approval]\nterminal = false\n");
    sandbox.intent(&["accept", "say", "--yes"]).exits(2).says("terminal = false");
    sandbox.commit("too late");
    sandbox.intent(&["accept", "say", "--yes"]).exits(2).says("terminal = false");
    assert!(events(&sandbox, "accept").is_empty());
}

#[test]
fn a_conflict_changes_nothing_and_names_the_file() {
    let sandbox = built();
    sandbox.write("result.txt", "something else\n");
    let before = sandbox.commit("meanwhile");
    sandbox.intent(&["accept", "say"]).exits(1).says("conflicts with HEAD in result.txt");
    assert_eq!(sandbox.git(&["rev-parse", "HEAD"]).trim(), before);
    assert_eq!(sandbox.git(&["status", "--porcelain"]), "");
    assert!(events(&sandbox, "accept").is_empty());
}

#[test]
fn an_uncommitted_edit_in_the_way_is_named() {
    let sandbox = built();
    sandbox.write("result.txt", "mine\n");
    sandbox.intent(&["accept", "say"]).exits(2).says("git stash");
    assert_eq!(sandbox.read("result.txt"), "mine\n");
}

#[test]
fn failures_must_be_accepted_by_name() {
    let sandbox = project("echo nearly > result.txt");
    build(&sandbox, &["--rounds", "1"]).exits(1);
    sandbox.intent(&["accept", "say"]).exits(1).says("--despite-failures");
    sandbox.intent(&["accept", "say", "--despite-failures"]).ok();
    assert_eq!(events(&sandbox, "accept")[0]["despite"], true);
}

#[test]
fn an_intent_that_moved_since_the_build_does_not_slip_through() {
    let sandbox = built();
    let text = sandbox.read("intents/say.toml").replace("-c done", "-c 'well done'");
    sandbox.write("intents/say.toml", text);
    sandbox.commit("want more");
    sandbox.intent(&["accept", "say"]).exits(1).says("the intent changed since");
}

#[test]
fn hooks_of_the_repository_do_not_run_on_a_merge() {
    let sandbox = built();
    let hook = sandbox.path(".git/hooks/post-merge");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, "#!/bin/sh\ntouch \"$HOME/ran\"\n").unwrap();
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    sandbox.intent(&["accept", "say"]).ok();
    assert!(!sandbox.home.join("ran").exists());
}

#[test]
fn a_person_on_a_terminal_is_asked_once_with_what_the_yes_stands_for() {
    let sandbox = project("echo done > result.txt");
    let text = sandbox.read("factory.toml").replace("terminal = false", "terminal = true");
    sandbox.write("factory.toml", text);
    sandbox.commit("ask me");
    build(&sandbox, &[]).ok();
    let on_terminal = |answer: &str| {
        let mut command = sandbox.command(crate::support::INTENT);
        // The terminal is the test's to give; null input is the sandbox's default.
        command.args(["accept", "say"]).stdin(std::process::Stdio::inherit());
        let mut session = expectrl::Session::spawn(command).unwrap();
        session.set_expect_timeout(Some(std::time::Duration::from_secs(20)));
        let shown = session.expect("Type yes:").unwrap();
        let shown = String::from_utf8_lossy(shown.before()).into_owned();
        session.send_line(answer).unwrap();
        session.expect(expectrl::Eof).unwrap();
        shown
    };
    let shown = on_terminal("no");
    assert!(shown.contains("you judge it good: constraint kind-words"), "{shown}");
    assert!(events(&sandbox, "accept").is_empty());
    on_terminal("yes");
    assert_eq!(events(&sandbox, "accept").len(), 1);
}

#[test]
fn a_secret_that_came_with_the_change_blocks_it() {
    let key = ["AKIA", "IOSFODNN7EXAMPLQ"].concat();
    let sandbox = project(&format!("mkdir -p src; echo '{key}' > src/key; echo done > result.txt"));
    build(&sandbox, &[]).ok();
    sandbox.intent(&["review", "say"]).ok().says("src/key holds a secret");
    let refused = sandbox.intent(&["accept", "say"]).exits(1).says("src/key holds a secret");
    assert!(!refused.stderr.contains(&key));
}

#[test]
fn a_dirty_tree_is_no_obstacle_unless_the_change_touches_it() {
    let sandbox = built();
    sandbox.write("result.txt", "mine, not committed");
    sandbox.intent(&["accept", "say"]).exits(2).says("result.txt has uncommitted edits").says("git stash");
    assert_eq!(sandbox.read("result.txt"), "mine, not committed");
    // As the hint says; an untracked file needs -u.
    sandbox.git(&["stash", "-u"]);
    sandbox.write("README.md", "edited");
    sandbox.write("other.txt", "untracked");
    sandbox.intent(&["accept", "say"]).ok();
    assert_eq!((sandbox.read("README.md"), sandbox.read("result.txt")), ("edited".into(), "done\n".into()));
}

#[test]
fn staged_edits_the_change_does_not_touch_stay_staged_through_a_merge() {
    let sandbox = built();
    sandbox.write("moved-on.txt", "x");
    sandbox.commit("main moves on");
    sandbox.write("README.md", "staged");
    sandbox.git(&["add", "README.md"]);
    sandbox.intent(&["accept", "say"]).ok();
    assert_eq!(sandbox.git(&["status", "--porcelain"]).trim(), "M  README.md");
    assert_eq!((sandbox.read("README.md"), sandbox.read("result.txt")), ("staged".into(), "done\n".into()));
}
