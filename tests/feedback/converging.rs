//! Three clones that add, see, close, change and sync in any order end with the same items.

use std::path::PathBuf;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::items;
use crate::support::{FEEDBACK, Ran, Sandbox, finish};

/// A bare hub and three clones of it.
struct Three {
    sandbox: Sandbox,
    folders: [PathBuf; 3],
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Add,
    /// The same failure everywhere, so that clones count one item.
    Seen,
    /// An item with evidence of its own.
    Attach,
    /// A log of more records than are written one by one.
    Import,
    Close,
    Reopen,
    /// Say that two items are one.
    Link,
    /// The records of one source go to an item of their own.
    Split,
    /// A line as another version would write it: an operation and a format not known here.
    Strange,
    /// A line somebody wrote by hand.
    ByHand,
    Sync,
}

impl Three {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let hub = sandbox.home.join("hub.git");
        sandbox.git(&["clone", "-q", "--bare", sandbox.repo.to_str().unwrap(), hub.to_str().unwrap()]);
        let folders = ["a", "b", "c"].map(|name| {
            let folder = sandbox.home.join(name);
            sandbox.git(&["clone", "-q", hub.to_str().unwrap(), folder.to_str().unwrap()]);
            folder
        });
        Self { sandbox, folders }
    }

    fn run(&self, clone: usize, program: &str, args: &[&str]) -> Ran {
        finish(self.sandbox.command(program).args(args).current_dir(&self.folders[clone]))
    }

    fn note(&self, clone: usize, line: &str) {
        self.run(clone, "git", &["notes", "--ref=feedback", "append", "-m", line]).ok();
    }

    fn take(&self, n: usize, clone: usize, step: Step) {
        let first = || {
            let shown = self.run(clone, FEEDBACK, &["list", "--all", "--format", "json"]).ok().json();
            shown["items"].as_array().unwrap().last().map(|item| item["id"].as_str().unwrap().to_owned())
        };
        match step {
            Step::Add => drop(self.run(clone, FEEDBACK, &["add", &format!("item {n}")]).ok()),
            Step::Seen => {
                drop(self.run(clone, FEEDBACK, &["run", "--", "sh", "-c", "echo error: x; exit 1"]).exits(1));
            }
            Step::Attach => {
                let name = format!("evidence-{n}.txt");
                std::fs::write(self.folders[clone].join(&name), format!("evidence {n}")).unwrap();
                self.run(clone, FEEDBACK, &["add", &format!("item {n}"), "--attach", &name]).ok();
            }
            Step::Import => {
                // Two sources tell of the same failures, so that there is something to split.
                let name = if n.is_multiple_of(2) { "even.log" } else { "odd.log" };
                let words = ["read", "write", "open", "close", "seek", "sync", "stat", "link", "move", "copy"];
                let line = |(at, word): (usize, &&str)| {
                    format!("2026-11-20T0{at}:00:0{}Z ERROR cannot {word} the table\n", n % 10)
                };
                let text: String = words.iter().enumerate().map(line).collect();
                std::fs::write(self.folders[clone].join(name), text).unwrap();
                self.run(clone, FEEDBACK, &["import", name]).ok();
            }
            Step::Link => {
                let all = self.list(clone);
                let id = |at: usize| all["items"][at]["id"].as_str().map(str::to_owned);
                if let (Some(one), Some(other)) = (id(n % 3), id(n % 3 + 1)) {
                    self.run(clone, FEEDBACK, &["link", &one, &other]).ok();
                }
            }
            Step::Split => {
                let all = self.list(clone);
                let mut logs = all["items"].as_array().unwrap().iter().filter(|item| item["kind"] == "log");
                if let Some(id) = logs.next_back().and_then(|item| item["id"].as_str()) {
                    // It refuses where no record, or every one, is of that source.
                    let ran = self.run(clone, FEEDBACK, &["split", id, "--source", "odd.log"]);
                    assert!([0, 2].contains(&ran.code), "{}", ran.stderr);
                }
            }
            Step::Close => {
                if let Some(id) = first() {
                    self.run(clone, FEEDBACK, &["close", &id, "--because", &format!("done {n}")]).ok();
                }
            }
            Step::Reopen => {
                if let Some(id) = first() {
                    self.run(clone, FEEDBACK, &["reopen", &id, "--because", &format!("not done {n}")]).ok();
                }
            }
            Step::Strange => self.note(
                clone,
                &format!(
                    "{{\"id\":\"01JD{n:022}\",\"v\":9,\"item\":\"fb-0000000001\",\"op\":\"dance\",\"t\":\"2026-11-22T00:00:00Z\",\"steps\":[{n},{{}}]}}"
                ),
            ),
            Step::ByHand => self.note(clone, &format!("a word by hand, number {n}")),
            Step::Sync => drop(self.run(clone, FEEDBACK, &["sync"]).ok()),
        }
    }

    /// Every line of the notes of a clone, sorted.
    fn lines(&self, clone: usize) -> Vec<String> {
        let listed = "git notes --ref=feedback list | cut -d' ' -f1 | git cat-file --batch=''";
        let all = self.run(clone, "sh", &["-c", listed]).ok().stdout;
        let mut lines: Vec<String> = all.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
        lines.sort();
        lines
    }

    /// The pieces of evidence.
    fn evidence(&self, clone: usize) -> String {
        self.run(clone, "sh", &["-c", "git ls-tree -r --name-only refs/factory/evidence || true"]).ok().stdout
    }

    fn list(&self, clone: usize) -> serde_json::Value {
        self.run(clone, FEEDBACK, &["list", "--all", "--format", "json"]).ok().json()
    }
}

fn steps() -> impl Strategy<Value = Vec<(usize, Step)>> {
    use Step::{Add, Attach, ByHand, Close, Import, Link, Reopen, Seen, Split, Strange, Sync};
    let step = prop_oneof![
        3 => Just(Add), 2 => Just(Seen), 2 => Just(Close), 1 => Just(Reopen), 1 => Just(Strange), 1 => Just(ByHand),
        2 => Just(Attach), 3 => Just(Import), 2 => Just(Link), 2 => Just(Split), 5 => Just(Sync)
    ];
    prop::collection::vec((0..3usize, step), 8..20)
}

#[test]
fn three_clones_that_sync_in_any_order_converge() {
    let slow = std::env::var_os("FACTORY_SLOW").is_some();
    let mut runner = TestRunner::new(Config {
        cases: if slow { 60 } else { 3 },
        max_shrink_iters: if slow { 200 } else { 20 },
        failure_persistence: None,
        ..Config::default()
    });
    let result = runner.run(&steps(), |steps| {
        let three = Three::new();
        let mut written: Vec<Vec<String>> = Vec::new();
        for (n, (clone, step)) in steps.iter().enumerate() {
            three.take(n, *clone, *step);
            written.push(three.lines(*clone));
        }
        // Whoever synced last has all; the others fetch it.
        for clone in [0, 1, 2, 1, 0] {
            three.run(clone, FEEDBACK, &["sync"]).ok();
        }
        let (lines, list, evidence) = (three.lines(0), three.list(0), three.evidence(0));
        for clone in [1, 2] {
            prop_assert_eq!(&three.evidence(clone), &evidence);
            prop_assert_eq!(&three.lines(clone), &lines);
            prop_assert_eq!(&three.list(clone), &list);
        }
        let unread = "is not here";
        prop_assert!(!list.to_string().contains(unread), "{}", list);
        three.run(0, "git", &["fsck", "--strict"]).ok();
        for line in written.iter().flatten() {
            prop_assert!(lines.contains(line), "lost: {}", line);
        }
        Ok(())
    });
    result.unwrap();
}

#[test]
fn a_remote_that_somebody_forced_back_gets_everything_again() {
    let three = Three::new();
    three.take(0, 0, Step::Add);
    three.take(0, 0, Step::Sync);
    three.take(1, 1, Step::Sync);
    three.take(1, 1, Step::Add);
    three.take(1, 1, Step::Sync);
    // The third pushes a history of its own over it, by force.
    three.take(2, 2, Step::Add);
    three.run(2, "git", &["push", "-q", "--force", "origin", "refs/notes/feedback"]).ok();
    three.take(3, 0, Step::Sync);
    assert_eq!(three.list(0)["items"].as_array().unwrap().len(), 2, "the first never had the second's");
    for clone in [1, 0, 2] {
        three.take(4, clone, Step::Sync);
    }
    for clone in 0..3 {
        assert_eq!(three.list(clone)["items"].as_array().unwrap().len(), 3);
    }
    // And a remote whose notes were deleted.
    three.run(1, "git", &["push", "-q", "origin", ":refs/notes/feedback"]).ok();
    three.take(5, 2, Step::Sync);
    three.take(5, 1, Step::Sync);
    assert_eq!(three.lines(1), three.lines(2));
    assert_eq!(items(&three.sandbox).len(), 0, "the repository they were cloned from never synced");
}

#[test]
fn a_push_that_is_rejected_is_tried_again_with_what_came_in_between() {
    let three = Three::new();
    three.take(0, 0, Step::Add);
    three.take(1, 1, Step::Add);
    three.run(1, FEEDBACK, &["sync"]).ok();
    // While the first pushes, somebody else moves the reference: once, by a hook of the hub.
    let hub = three.sandbox.home.join("hub.git");
    let theirs = three.run(1, "git", &["rev-parse", "refs/notes/feedback"]).ok().stdout;
    three.run(1, "git", &["push", "-q", "origin", &format!("{}:refs/kept/notes", theirs.trim())]).ok();
    three.run(1, "git", &["push", "-q", "origin", ":refs/notes/feedback"]).ok();
    let hook = hub.join("hooks/pre-receive");
    let script = format!(
        "#!/bin/sh\nif [ ! -e moved ]; then touch moved; unset GIT_QUARANTINE_PATH; \
         git update-ref refs/notes/feedback {}; fi\n",
        theirs.trim()
    );
    std::fs::write(&hook, script).unwrap();
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    three.run(0, FEEDBACK, &["sync"]).ok().says("notes/feedback: 1 received, 1 sent");
    assert!(hub.join("moved").exists(), "the hook ran");
    three.take(2, 2, Step::Sync);
    assert_eq!(three.list(2)["items"].as_array().unwrap().len(), 2);
}
