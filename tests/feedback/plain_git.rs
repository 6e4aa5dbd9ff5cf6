//! Plain git on what the tool wrote, and the tool on what plain git wrote.

use super::{add, items};
use crate::support::Sandbox;

#[test]
fn git_shows_logs_and_checks_what_was_written() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "x");
    let id = add(&sandbox, &["the export breaks", "--attach", "a.txt"]);
    let shown = sandbox.git(&["notes", "--ref=feedback", "show"]);
    assert!(shown.contains("the export breaks") && shown.lines().count() == 2, "{shown}");
    assert!(shown.lines().all(|line| line.starts_with("{\"id\":\"01")), "{shown}");
    assert!(sandbox.git(&["log", "--notes=feedback"]).contains(&id));
    sandbox.git(&["fsck", "--strict"]);
}

#[test]
fn git_merges_what_two_clones_wrote() {
    let sandbox = Sandbox::new();
    add(&sandbox, &["first"]);
    sandbox.git(&["update-ref", "refs/notes/other", "refs/notes/feedback"]);
    add(&sandbox, &["ours"]);
    sandbox.git(&["update-ref", "refs/notes/kept", "refs/notes/feedback"]);
    sandbox.git(&["update-ref", "refs/notes/feedback", "refs/notes/other"]);
    add(&sandbox, &["theirs"]);
    sandbox.git(&["notes", "--ref=feedback", "merge", "-q", "-s", "cat_sort_uniq", "refs/notes/kept"]);
    assert_eq!(items(&sandbox).len(), 3);
    add(&sandbox, &["after the merge"]);
    assert_eq!(items(&sandbox).len(), 4);
}

#[test]
fn what_git_appends_is_read_beside_ours() {
    let sandbox = Sandbox::new();
    let id = add(&sandbox, &["a title"]);
    let set = format!(
        r#"{{"id":"01ZZ0000000000000000000000","v":1,"item":"{id}","op":"dance","t":"2026-11-22T00:00:00Z","steps":3}}"#
    );
    let known = format!(
        r#"{{"id":"01M00000000000000000000000","v":1,"item":"{id}","op":"set","t":"2026-11-22T00:00:00Z","severity":"debug","zz":1}}"#
    );
    sandbox.git(&["notes", "--ref=feedback", "append", "-m", &set]);
    sandbox.git(&["notes", "--ref=feedback", "append", "-m", &known]);
    sandbox.feedback(&["show", &id]).ok().says("a title").says("dance steps 3").says("unknown:     dance");
    assert!(
        sandbox.feedback(&["list"]).ok().stderr.is_empty(),
        "blank lines that git puts between are no oddity"
    );
}

#[test]
fn a_bare_repository_and_a_linked_work_tree_work() {
    let sandbox = Sandbox::new();
    let tree = sandbox.home.join("tree");
    sandbox.git(&["worktree", "add", "-q", "-b", "side", tree.to_str().unwrap()]);
    let mut command = sandbox.command(crate::support::FEEDBACK);
    crate::support::finish(command.args(["add", "from the linked tree"]).current_dir(&tree)).ok();
    assert_eq!(items(&sandbox)[0]["title"], "from the linked tree");
    let bare = sandbox.home.join("bare.git");
    sandbox.git(&["clone", "-q", "--bare", sandbox.repo.to_str().unwrap(), bare.to_str().unwrap()]);
    let in_bare = |args: &[&str]| {
        crate::support::finish(sandbox.command(crate::support::FEEDBACK).args(args).current_dir(&bare))
    };
    let id = in_bare(&["add", "in the bare one"]).ok().stdout.trim().to_owned();
    in_bare(&["list"]).ok().says("in the bare one");
    in_bare(&["promote", &id, "--intent", "x"]).exits(2).says("bare repository");
    let elsewhere = sandbox.home.join("empty");
    std::fs::create_dir(&elsewhere).unwrap();
    let mut command = sandbox.command(crate::support::FEEDBACK);
    command.arg("list").current_dir(elsewhere).env("GIT_DIR", &bare);
    crate::support::finish(&mut command).ok().says("in the bare one");
}
