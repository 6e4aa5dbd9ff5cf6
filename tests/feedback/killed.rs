//! `git feedback` killed by force while it writes: nothing is half written, and run again it completes.

use super::add;
use crate::support::{FEEDBACK, Ran, Sandbox, has};

/// Ten messages, of which three are one said of three users.
fn log() -> String {
    let said = "disk is full|net went away|row was lost|cart empty at checkout|mail refused by relay|user \
        banned twice|page cannot render|session of user ann was closed by peer|session of user bob was closed \
        by peer|session of user eve was closed by peer";
    let lines = said.split('|').enumerate();
    lines.map(|(n, said)| format!("2026-11-20T01:02:{n:02}Z ERROR {said}\n")).collect()
}

/// The kernel kills the program as it is about to rename the nth file: each object and each reference is
/// put in its place so. False where it came to its end before.
fn killed_at(sandbox: &Sandbox, point: usize, args: &[&str]) -> bool {
    let inject = format!("inject=rename,renameat,renameat2:signal=KILL:when={point}");
    let before =
        ["-qq", "-o", "../home/trace", "-e", "trace=rename,renameat,renameat2", "-e", &inject, FEEDBACK];
    let ran = sandbox.run("strace", &[&before[..], args].concat());
    assert!([0, 137].contains(&ran.code), "{} {}", ran.code, ran.stderr);
    ran.code == 137
}

/// Run again; a lock that the killed one left is removed with the command that is told.
#[track_caller]
fn again(sandbox: &Sandbox, args: &[&str]) -> Ran {
    let ran = sandbox.feedback(args);
    if ran.code != 4 {
        return ran.ok();
    }
    let told = ran
        .stderr
        .lines()
        .find_map(|line| line.split("rm ").nth(1))
        .unwrap_or_else(|| panic!("{}", ran.stderr));
    assert!(told.trim_end_matches(['\'', '`']).ends_with(".lock"), "{told}");
    sandbox.run("sh", &["-c", &format!("rm {told}")]).ok();
    sandbox.feedback(args).ok()
}

/// What is to be the same whenever it was written.
fn items(sandbox: &Sandbox) -> Vec<String> {
    let all = super::items(sandbox);
    let told =
        |item: &serde_json::Value| format!("{} {} {}", item["id"], item["occurrences"], item["proposed"]);
    let mut all: Vec<String> = all.iter().map(told).collect();
    all.sort();
    all
}

/// Kill the command at one point after the other, each time on a repository of its own.
#[track_caller]
fn at_every_point(args: &[&str], prepare: fn(&Sandbox), holds: fn(&Sandbox) -> Vec<String>) {
    if !has("strace") {
        return;
    }
    let prepared = || {
        let sandbox = Sandbox::new();
        prepare(&sandbox);
        sandbox
    };
    let whole = prepared();
    whole.feedback(args).ok();
    let wanted = holds(&whole);
    let step = if std::env::var_os("FACTORY_SLOW").is_some() { 1 } else { 3 };
    for point in (1..).step_by(step) {
        let sandbox = prepared();
        let killed = killed_at(&sandbox, point, args);
        sandbox.git(&["fsck", "--strict"]);
        sandbox.feedback(&["list", "--all"]).ok();
        again(&sandbox, args);
        assert_eq!(holds(&sandbox), wanted, "killed at point {point}");
        sandbox.git(&["fsck", "--strict"]);
        if !killed {
            assert!(point > 3, "it was never killed");
            return;
        }
    }
}

#[test]
fn an_import_that_was_killed_is_completed_by_the_next() {
    at_every_point(&["import", "a.log"], |sandbox| sandbox.write("a.log", log()), items);
}

#[test]
fn a_recovery_that_was_killed_is_completed_by_the_next() {
    let prepare = |sandbox: &Sandbox| {
        add(sandbox, &["one"]);
        let first = sandbox.git(&["rev-parse", "refs/notes/feedback"]);
        add(sandbox, &["two"]);
        add(sandbox, &["three"]);
        sandbox.git(&["update-ref", "refs/notes/feedback", first.trim()]);
    };
    let titles = |sandbox: &Sandbox| {
        let mut all: Vec<String> =
            super::items(sandbox).iter().map(|item| item["title"].to_string()).collect();
        all.sort();
        all
    };
    at_every_point(&["recover"], prepare, titles);
}

#[test]
fn a_sync_that_was_killed_is_completed_by_the_next() {
    let prepare = |sandbox: &Sandbox| {
        let hub = sandbox.home.join("hub.git");
        let (hub, other) = (hub.to_str().unwrap(), sandbox.home.join("other"));
        sandbox.git(&["clone", "-q", "--bare", ".", hub]);
        sandbox.git(&["remote", "add", "origin", hub]);
        sandbox.git(&["clone", "-q", hub, other.to_str().unwrap()]);
        let there = |args: &[&str]| {
            crate::support::finish(sandbox.command(FEEDBACK).args(args).current_dir(&other)).ok();
        };
        for place in ["there", "here"] {
            std::fs::write(sandbox.home.join("evidence.txt"), place).unwrap();
            let args = ["add", place, "--attach", "../evidence.txt"];
            if place == "here" {
                sandbox.feedback(&["add", place, "--attach", "../home/evidence.txt"]).ok();
            } else {
                there(&args);
                there(&["sync"]);
            }
        }
    };
    // Here and at the remote the same.
    let titles = |sandbox: &Sandbox| {
        let refs = |output: String| {
            let mut refs: Vec<String> = output
                .lines()
                .filter(|line| line.contains("notes/feedback") || line.contains("factory"))
                .map(str::to_owned)
                .collect();
            refs.iter_mut().for_each(|line| *line = line.replace('\t', " ").replace(" commit ", " "));
            refs.sort();
            refs
        };
        let here = refs(sandbox.git(&["for-each-ref", "refs/notes/feedback", "refs/factory/"]));
        let there = refs(sandbox.git(&["ls-remote", "origin", "refs/notes/feedback", "refs/factory/*"]));
        assert_eq!(here.len(), 2);
        assert_eq!(here, there);
        let mut all: Vec<String> = super::items(sandbox)
            .iter()
            .map(|item| format!("{} {}", item["title"], item["evidence"]))
            .collect();
        all.sort();
        all
    };
    at_every_point(&["sync"], prepare, titles);
}
