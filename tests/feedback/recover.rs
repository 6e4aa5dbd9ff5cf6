//! `git feedback recover`: what other writers dropped comes back.

use super::{add, items};
use crate::support::Sandbox;

const REFERENCE: &str = "refs/notes/feedback";

fn at(sandbox: &Sandbox) -> String {
    sandbox.git(&["rev-parse", REFERENCE]).trim().to_owned()
}

/// A repository with three items, and where its notes stood after the first.
fn three() -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    add(&sandbox, &["one"]);
    let first = at(&sandbox);
    add(&sandbox, &["two"]);
    add(&sandbox, &["three"]);
    (sandbox, first)
}

#[test]
fn a_reference_that_was_moved_back_gets_its_lines_again() {
    let (sandbox, first) = three();
    sandbox.git(&["update-ref", REFERENCE, &first]);
    add(&sandbox, &["after it"]);
    assert_eq!(items(&sandbox).len(), 2);
    let before = at(&sandbox);
    let ran = sandbox.feedback(&["recover", "--dry-run", "-v"]).ok();
    ran.says("notes/feedback: 2 lines on 1 commit would be added back").says("\"title\":\"two\"");
    assert_eq!(at(&sandbox), before, "a dry run moves nothing");
    let shown = sandbox.feedback(&["recover", "--format", "json"]).ok().json();
    assert_eq!(shown["references"][0]["lines"].as_array().unwrap().len(), 2);
    assert_eq!((&shown["dry_run"], &shown["references"][0]["log"]), (&false.into(), &true.into()));
    assert_eq!(items(&sandbox).len(), 4);
    sandbox.feedback(&["recover"]).ok().says("nothing is missing");
    sandbox.git(&["fsck", "--strict"]);
}

#[test]
fn what_a_forced_fetch_replaced_comes_back() {
    let (sandbox, first) = three();
    let hub = sandbox.home.join("hub.git");
    sandbox.git(&["init", "-q", "--bare", hub.to_str().unwrap()]);
    sandbox.git(&["push", "-q", hub.to_str().unwrap(), &format!("{first}:{REFERENCE}")]);
    sandbox.git(&["fetch", "-q", hub.to_str().unwrap(), &format!("+{REFERENCE}:{REFERENCE}")]);
    assert_eq!(items(&sandbox).len(), 1);
    sandbox.feedback(&["recover"]).ok().says("2 lines on 1 commit added back");
    assert_eq!(items(&sandbox).len(), 3);
}

#[test]
fn a_note_that_git_removed_or_overwrote_comes_back_without_a_log_too() {
    let (sandbox, _) = three();
    sandbox.git(&["notes", "--ref=feedback", "remove", "HEAD"]);
    std::fs::remove_file(sandbox.path(".git/logs/refs/notes/feedback")).unwrap();
    let ran = sandbox.feedback(&["recover"]).ok();
    ran.says("3 lines on 1 commit added back").says("refs/notes/feedback has no log");
    sandbox.git(&["notes", "--ref=feedback", "add", "-f", "-m", "by hand"]);
    sandbox.feedback(&["recover"]).ok().says("3 lines");
    assert_eq!(items(&sandbox).len(), 3);
    let note = sandbox.git(&["notes", "--ref=feedback", "show"]);
    assert!(note.contains("by hand"), "{note}");
}

#[test]
fn a_deleted_reference_comes_back_from_commits_that_nothing_leads_to() {
    let (sandbox, _) = three();
    sandbox.git(&["notes", "add", "-m", "of nobody's concern"]);
    sandbox.git(&["update-ref", "-d", "refs/notes/commits"]);
    sandbox.git(&["update-ref", "-d", REFERENCE]);
    let ran = sandbox.feedback(&["recover"]).ok();
    ran.says("nothing is missing").says("not there: refs/notes/feedback").says("recover --unreachable");
    sandbox.feedback(&["recover", "--unreachable"]).ok().says("3 lines on 1 commit added back");
    assert_eq!(items(&sandbox).len(), 3);
    let note = sandbox.git(&["notes", "--ref=feedback", "show"]);
    assert!(!note.contains("nobody's"), "a note of another kind stays where it is: {note}");
}

#[test]
fn a_bare_repository_is_told_how_to_keep_a_log() {
    let (sandbox, _) = three();
    let bare = sandbox.home.join("bare.git");
    sandbox.git(&["clone", "-q", "--mirror", sandbox.repo.to_str().unwrap(), bare.to_str().unwrap()]);
    let mut command = sandbox.command(crate::support::FEEDBACK);
    let ran = crate::support::finish(command.arg("recover").current_dir(&bare)).ok();
    ran.says("git keeps none in a bare repository").says("git config core.logAllRefUpdates true");
}

#[test]
fn a_reftable_repository_is_recovered_through_git() {
    let sandbox = Sandbox::bare();
    if sandbox.run("git", &["init", "-q", "--ref-format=reftable", "-b", "main"]).code != 0 {
        eprintln!("SKIPPED: this git knows no reftable");
        return;
    }
    sandbox.write("a", "a");
    sandbox.commit("begin");
    add(&sandbox, &["one"]);
    let first = at(&sandbox);
    add(&sandbox, &["two"]);
    sandbox.git(&["update-ref", REFERENCE, &first]);
    sandbox.feedback(&["recover"]).ok().says("1 line on 1 commit added back");
    assert_eq!(items(&sandbox).len(), 2);
}

/// `git notes append` moves its reference without looking at what it has replaced.
#[test]
fn what_git_overwrites_while_eight_write_is_found_again() {
    let sandbox = Sandbox::new();
    std::thread::scope(|scope| {
        let sandbox = &sandbox;
        for writer in 0..8 {
            scope.spawn(move || (0..5).for_each(|n| drop(add(sandbox, &[&format!("item {writer} {n}")]))));
        }
        for writer in 0..2 {
            scope.spawn(move || {
                for n in 0..20 {
                    let line = format!("git {writer} {n}");
                    // It gives up where the reference is locked; then nothing of it is to be found.
                    sandbox.run("git", &["notes", "--ref=feedback", "append", "-m", &line]);
                }
            });
        }
    });
    let before = items(&sandbox).len();
    sandbox.feedback(&["recover"]).ok();
    assert_eq!(items(&sandbox).len(), 40, "{before} were there before");
    let note = sandbox.git(&["notes", "--ref=feedback", "show"]);
    assert!(note.lines().any(|line| line.starts_with("git ")), "git wrote as well");
    sandbox.feedback(&["recover"]).ok().says("nothing is missing");
}

/// Bytes that do not fit the digest a batch names, as a damaged disk or a foreign writer leaves them.
fn damage(sandbox: &Sandbox, digest: &str) {
    let script = format!(
        "set -e; blob=$(echo other bytes | git hash-object -w --stdin); export GIT_INDEX_FILE=.git/damage; \
         git read-tree refs/factory/evidence; \
         git update-index --cacheinfo 100644,$blob,{}/{digest}; tree=$(git write-tree); \
         git update-ref refs/factory/evidence $(git commit-tree -p refs/factory/evidence -m damage $tree)",
        &digest[..2]
    );
    sandbox.run("sh", &["-c", &script]).ok();
}

#[test]
fn one_damaged_batch_hides_no_other_record_and_is_put_back() {
    let sandbox = Sandbox::new();
    let lines: String =
        (1..13).map(|n| format!("{{\"level\":\"error\",\"msg\":\"failure {}\"}}\n", "x".repeat(n))).collect();
    let file = sandbox.home.join("app.jsonl");
    std::fs::write(&file, lines).unwrap();
    sandbox.feedback(&["import", file.to_str().unwrap()]).ok();
    let id = add(&sandbox, &["stands by itself"]);
    let all = items(&sandbox).len();
    let note = sandbox.note_lines("feedback").join("\n");
    let batch = note.lines().find(|line| line.contains("\"op\":\"batch\"")).unwrap();
    let batch: serde_json::Value = serde_json::from_str(batch).unwrap();
    let digest = batch["evidence"].as_str().unwrap();
    damage(&sandbox, digest);
    sandbox.feedback(&["list", "-v"]).ok().says("stands by itself").says("other bytes than its name says");
    sandbox.feedback(&["show", &id]).ok();
    sandbox.feedback(&["stats"]).ok();
    sandbox.feedback(&["run", "--", "sh", "-c", "echo error: x; exit 1"]).exits(1);
    // Not the same file again, which would keep the same evidence again.
    let other = sandbox.home.join("other.log");
    std::fs::write(&other, "2026-11-20T01:00:00Z ERROR of another kind\n").unwrap();
    sandbox.feedback(&["import", other.to_str().unwrap()]).ok();
    sandbox.feedback(&["close", &id]).ok();
    sandbox.feedback(&["recover", "--dry-run"]).ok().says(&format!("evidence {digest} would be put back"));
    sandbox.feedback(&["recover"]).ok().says(&format!("evidence {digest} put back"));
    assert_eq!(items(&sandbox).len(), all + 2, "all there were, the failed command and the other log");
    sandbox.feedback(&["recover"]).ok().says("nothing is missing");
}
