//! `git feedback sync`.

use super::{add, items};
use crate::support::{FEEDBACK, Sandbox, finish};

/// Two clones of one bare repository, as folders of one sandbox: its `repo`, and `other`.
struct Clones {
    one: Sandbox,
    other: std::path::PathBuf,
}

impl Clones {
    fn new() -> Self {
        let one = Sandbox::new();
        let hub = one.home.join("hub.git");
        let other = one.home.join("other");
        one.git(&["init", "-q", "--bare", "-b", "main", hub.to_str().unwrap()]);
        one.git(&["remote", "add", "origin", hub.to_str().unwrap()]);
        one.git(&["push", "-q", "-u", "origin", "main"]);
        one.git(&["clone", "-q", hub.to_str().unwrap(), other.to_str().unwrap()]);
        Self { one, other }
    }

    #[track_caller]
    fn there(&self, args: &[&str]) -> crate::support::Ran {
        finish(self.one.command(FEEDBACK).args(args).current_dir(&self.other)).ok()
    }

    fn lines(&self, folder: &std::path::Path) -> Vec<String> {
        let mut command = self.one.command("sh");
        command
            .current_dir(folder)
            .args(["-c", "git notes --ref=feedback list | cut -d' ' -f1 | git cat-file --batch='' "]);
        let mut lines: Vec<String> =
            finish(&mut command).ok().stdout.lines().filter(|l| !l.is_empty()).map(str::to_owned).collect();
        lines.sort();
        lines
    }
}

#[test]
fn two_clones_that_both_added_and_synced_hold_the_same_items() {
    let clones = Clones::new();
    clones.one.write("a.txt", "evidence of one");
    let first = add(&clones.one, &["from one", "--attach", "a.txt"]);
    clones.there(&["add", "from the other"]);
    clones.one.feedback(&["sync"]).ok().says("notes/feedback: 0 received, 2 sent");
    clones.there(&["sync"]).says("notes/feedback: 2 received, 1 sent");
    clones.one.feedback(&["sync"]).ok().says("1 received, 0 sent");
    clones.one.feedback(&["sync"]).ok().says("nothing to exchange");
    assert_eq!(items(&clones.one).len(), 2);
    assert_eq!(clones.lines(&clones.one.repo), clones.lines(&clones.other));
    assert_eq!(clones.there(&["show", &first, "--evidence", "a.txt"]).stdout, "evidence of one");
    let heads = |folder: &std::path::Path| {
        finish(clones.one.command("git").current_dir(folder).args([
            "for-each-ref",
            "refs/notes/",
            "refs/factory/",
        ]))
        .ok()
        .stdout
    };
    assert_eq!(heads(&clones.one.repo), heads(&clones.other), "they end at the same commits");
    clones.one.git(&["fsck", "--strict"]);
}

#[test]
fn the_same_item_seen_by_both_is_one_item_with_both_counts() {
    let clones = Clones::new();
    let fail = ["run", "--", "sh", "-c", "echo error: x; exit 1"];
    clones.one.feedback(&fail).exits(1);
    assert_eq!(finish(clones.one.command(FEEDBACK).args(fail).current_dir(&clones.other)).code, 1);
    clones.one.feedback(&["sync"]).ok();
    clones.there(&["sync"]);
    clones.one.feedback(&["sync"]).ok();
    let all = items(&clones.one);
    assert_eq!((all.len(), all[0]["occurrences"].as_u64()), (1, Some(2)));
}

#[test]
fn a_line_that_cannot_be_read_survives_the_union_of_both_sides() {
    let clones = Clones::new();
    clones.one.git(&["notes", "--ref=feedback", "add", "-m", "by hand, here"]);
    let there = clones.one.home.join("note");
    std::fs::write(&there, b"by hand \xff\xfe there\n").unwrap();
    let mut command = clones.one.command("sh");
    command
        .current_dir(&clones.other)
        .args(["-c", "git notes --ref=feedback add -C $(git hash-object -w ../note)"]);
    finish(&mut command).ok();
    clones.one.feedback(&["sync"]).ok();
    clones.there(&["sync"]);
    clones.one.feedback(&["sync"]).ok();
    for folder in [&clones.one.repo, &clones.other] {
        let shown =
            clones.one.command("git").current_dir(folder).args(["notes", "--ref=feedback", "show"]).output();
        let bytes = shown.unwrap().stdout;
        for wanted in [&b"by hand, here"[..], b"by hand \xff\xfe there"] {
            assert!(
                bytes.windows(wanted.len()).any(|part| part == wanted),
                "{}",
                String::from_utf8_lossy(&bytes)
            );
        }
    }
}

#[test]
fn a_sync_that_races_adds_on_both_sides_loses_nothing() {
    let clones = Clones::new();
    std::thread::scope(|scope| {
        for writer in 0..2 {
            let clones = &clones;
            scope.spawn(move || {
                for n in 0..10 {
                    let title = format!("writer {writer} item {n}");
                    if writer == 0 {
                        clones.one.feedback(&["add", &title]).ok();
                    } else {
                        clones.there(&["add", &title]);
                    }
                }
            });
        }
        for side in 0..2 {
            let clones = &clones;
            scope.spawn(move || {
                for _ in 0..5 {
                    if side == 0 {
                        clones.one.feedback(&["sync"]).ok();
                    } else {
                        clones.there(&["sync"]);
                    }
                }
            });
        }
    });
    clones.one.feedback(&["sync"]).ok();
    clones.there(&["sync"]);
    clones.one.feedback(&["sync"]).ok();
    assert_eq!(items(&clones.one).len(), 20);
    assert_eq!(clones.lines(&clones.one.repo), clones.lines(&clones.other));
}

#[test]
fn a_dry_run_tells_and_moves_nothing() {
    let clones = Clones::new();
    add(&clones.one, &["x"]);
    clones.one.feedback(&["sync", "--dry-run"]).ok().says("notes/feedback: would be sent");
    assert!(clones.one.git(&["ls-remote", "origin", "refs/notes/*"]).is_empty());
}

#[test]
fn a_missing_or_unreachable_remote_is_told_with_a_hint() {
    let sandbox = Sandbox::new();
    sandbox.feedback(&["sync"]).exits(2).says("no remote").says("git remote add origin");
    sandbox.feedback(&["sync", "nowhere"]).exits(2).says("there is no remote \"nowhere\"");
    sandbox.git(&["remote", "add", "origin", "/does/not/exist.git"]);
    sandbox.feedback(&["sync"]).exits(5).says("cannot be reached");
    sandbox.feedback(&["sync", "--upload-pack=x"]).exits(2);
}

#[test]
fn a_remote_that_refuses_keeps_everything_here() {
    let clones = Clones::new();
    let hook = clones.one.home.join("hub.git/hooks/pre-receive");
    std::fs::write(&hook, "#!/bin/sh\nexit 1\n").unwrap();
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    add(&clones.one, &["x"]);
    clones.one.feedback(&["sync"]).exits(5).says("did not take refs/notes/feedback").says("kept here");
    assert_eq!(items(&clones.one).len(), 1);
}
