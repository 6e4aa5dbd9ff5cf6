//! Repositories and notes that are not as one would wish.

use super::{add, items};
use crate::support::{FEEDBACK, Sandbox, finish};

#[test]
fn outside_a_repository_every_command_says_so() {
    let sandbox = Sandbox::bare();
    for args in [&["list"][..], &["add", "x"], &["show", "x"], &["sync"], &["run", "--", "true"]] {
        sandbox.feedback(args).exits(2).says("not a git repository").says("hint: git init");
    }
}

#[test]
fn before_the_first_commit_nothing_is_written() {
    let sandbox = Sandbox::unborn();
    sandbox.feedback(&["add", "x"]).exits(2).says("no commit yet").says("git commit");
    sandbox.feedback(&["run", "--", "sh", "-c", "echo ran > ran"]).exits(2);
    assert!(!sandbox.path("ran").exists());
    assert!(sandbox.feedback(&["list"]).ok().stdout.is_empty());
    assert!(!sandbox.path(".git/refs/notes").exists());
}

/// Put these bytes into the note on HEAD.
fn put_note(sandbox: &Sandbox, bytes: &[u8]) {
    std::fs::write(sandbox.home.join("note"), bytes).unwrap();
    sandbox.run("sh", &["-c", "git notes --ref=feedback add -f -C $(git hash-object -w ../home/note)"]).ok();
}

fn note(sandbox: &Sandbox) -> Vec<u8> {
    sandbox.command("git").args(["notes", "--ref=feedback", "show"]).output().unwrap().stdout
}

#[test]
fn lines_that_are_no_events_are_shown_and_kept_byte_for_byte() {
    let sandbox = Sandbox::new();
    put_note(&sandbox, b"zz not \xff\xfe text\n\n{\"half\": \nplain words\n");
    let id = add(&sandbox, &["an item"]);
    assert!(note(&sandbox).starts_with(b"zz not \xff\xfe text\n\n{\"half\": \nplain words\n"));
    let ran = sandbox.feedback(&["list"]).ok();
    assert!(ran.stdout.contains("an item"));
    ran.says("3 lines are not as written by this tool").says("-v shows them");
    sandbox.feedback(&["list", "-v"]).ok().says("zz not \\xff\\xfe text").says("not a JSON object");
    sandbox.feedback(&["close", &id]).ok();
    assert!(note(&sandbox).starts_with(b"zz not \xff\xfe text\n\n{\"half\": \nplain words\n"));
}

#[test]
fn the_same_id_with_other_bytes_is_shown_and_both_are_kept() {
    let sandbox = Sandbox::new();
    let line = |title: &str| {
        format!(
            r#"{{"id":"01JD0000000000000000000000","v":1,"item":"fb-0000000001","op":"add","t":"2026-11-22T00:00:00Z","title":"{title}"}}"#
        )
    };
    put_note(&sandbox, format!("{}\n{}\n", line("a"), line("b")).as_bytes());
    sandbox.feedback(&["list"]).ok().says("1 line is not as written");
    sandbox.feedback(&["list", "-v"]).ok().says("another event has the id 01JD");
    sandbox.feedback(&["close", "fb-0000000001"]).ok();
    let kept = String::from_utf8(note(&sandbox)).unwrap();
    assert!(kept.contains(&line("a")) && kept.contains(&line("b")) && kept.lines().count() == 3);
}

#[test]
fn a_clock_far_ahead_pins_nothing_for_ever() {
    let sandbox = Sandbox::new();
    let wild = r#"{"id":"7ZZZZZZZZZ0000000000000000","v":1,"item":"fb-0000000001","op":"add","t":"9999-01-01T00:00:00Z","title":"wild","severity":"fatal"}"#;
    put_note(&sandbox, format!("{wild}\n").as_bytes());
    sandbox.feedback(&["close", "fb-0000000001"]).ok();
    assert_eq!(items(&sandbox)[0]["status"], "resolved", "an event of today comes after it");
    sandbox.feedback(&["show", "fb-0000000001"]).ok().says("wild").says("with a time that has not come");
    let ids: Vec<String> = sandbox.note_lines("feedback").iter().map(|line| line[7..17].to_owned()).collect();
    assert!(ids.iter().any(|id| id.starts_with("01")), "our own event has the time of today: {ids:?}");
}

#[test]
fn a_stale_lock_is_named() {
    let sandbox = Sandbox::new();
    add(&sandbox, &["first"]);
    sandbox.write(".git/refs/notes/feedback.lock", "");
    let ran = sandbox.feedback(&["add", "second"]).exits(4);
    ran.says("refs/notes/feedback.lock").says("rm ");
    std::fs::remove_file(sandbox.path(".git/refs/notes/feedback.lock")).unwrap();
    assert_eq!(items(&sandbox).len(), 1);
    add(&sandbox, &["second"]);
}

#[test]
fn a_repository_that_cannot_be_written_is_told_and_a_failed_command_keeps_its_code() {
    let sandbox = Sandbox::new();
    // A read-only mount in a namespace of its own: root writes past permissions.
    let line = format!(
        "mount --bind .git .git && mount -o remount,bind,ro .git && {FEEDBACK} add x; echo add $?; {FEEDBACK} run -- false; echo run $?; {FEEDBACK} list; echo list $?"
    );
    let probe = sandbox
        .run("unshare", &["-m", "sh", "-c", "mount --bind .git .git && mount -o remount,bind,ro .git"]);
    if probe.code != 0 {
        eprintln!("SKIPPED: a read-only mount is not possible here: {}", probe.stderr.trim());
        return;
    }
    let ran = finish(sandbox.command("unshare").args(["-m", "sh", "-c", &line])).ok();
    assert!(ran.stdout.contains("add 5\n"), "{} {}", ran.stdout, ran.stderr);
    assert!(
        ran.stdout.contains("run 1\n") && ran.stdout.contains("list 0\n"),
        "{} {}",
        ran.stdout,
        ran.stderr
    );
    ran.says("could not be filed").says("hint:");
}
