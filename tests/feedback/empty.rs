//! Where there is nothing yet: no repository, no commit, no item.

use super::{add, with_stdin};
use crate::support::{FEEDBACK, Sandbox, finish};

#[test]
fn a_repository_without_a_commit_says_what_to_do_and_nothing_is_written() {
    let sandbox = Sandbox::unborn();
    let first = "git add -A && git commit -m \"first commit\"";
    for args in [&["list"][..], &["stats"], &["list", "--all"], &["list", "--format", "json"]] {
        let ran = sandbox.feedback(args).ok();
        assert!(
            ran.stderr.contains("no commit yet") && ran.stderr.contains(first),
            "{args:?}: {}",
            ran.stderr
        );
    }
    for args in [&["add", "x"][..], &["run", "--", "true"], &["import", "/dev/null"]] {
        let ran = sandbox.feedback(args).exits(2);
        assert!(
            ran.stderr.contains("no commit yet") && ran.stderr.contains(first),
            "{args:?}: {}",
            ran.stderr
        );
    }
    assert_eq!(sandbox.git(&["count-objects"]).trim(), "0 objects, 0 kilobytes");
    assert_eq!(sandbox.run("git", &["for-each-ref"]).stdout, "");
}

#[test]
fn a_repository_without_feedback_names_the_command_that_begins() {
    let sandbox = Sandbox::new();
    for args in [["list"], ["stats"]] {
        let ran = sandbox.feedback(&args).ok();
        assert_eq!(ran.stdout, "");
        ran.says("git feedback add");
    }
    assert_eq!(sandbox.feedback(&["list", "-q"]).ok().stderr, "");
    assert_eq!(with_stdin(&sandbox, &["list", "-z"], b"").ok().stdout, "");
    let id = add(&sandbox, &["x"]);
    sandbox.feedback(&["close", &id]).ok();
    sandbox.feedback(&["list"]).ok().says("nothing open");
}

#[test]
fn outside_of_a_repository_it_says_so_as_git_does() {
    let sandbox = Sandbox::bare();
    for args in [&["list"][..], &["stats"], &["show", "x"], &["promote", "x"], &["set", "x"], &["recover"]] {
        let ran = sandbox.feedback(args).exits(2);
        ran.says("not a git repository (or any of the parent directories)").says("git init");
    }
    let mut command = sandbox.command(FEEDBACK);
    finish(command.args(["list"]).env("GIT_DIR", "/nowhere/at/all"))
        .exits(2)
        .says("/nowhere/at/all (from GIT_DIR)");
}

#[test]
fn a_bare_repository_is_listed_and_added_to_and_promotes_nothing() {
    let sandbox = Sandbox::new();
    let id = add(&sandbox, &["seen before the clone"]);
    let bare = sandbox.home.join("bare.git");
    sandbox.git(&["clone", "-q", "--mirror", ".", bare.to_str().unwrap()]);
    let within = |args: &[&str]| finish(sandbox.command(FEEDBACK).args(args).current_dir(&bare));
    within(&["list"]).ok().says("seen before the clone");
    within(&["show", &id]).ok().says("seen before the clone");
    within(&["stats"]).ok().says("1 open");
    within(&["add", "on the server"]).ok();
    within(&["set", &id, "--severity", "fatal"]).ok();
    within(&["promote", &id, "--intent", "x"]).exits(2).says("bare repository");
}
