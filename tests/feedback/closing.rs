//! `git feedback list`, `show`, `close`, `reopen`.

use super::{add, items};
use crate::support::{FEEDBACK, Sandbox};

#[test]
fn an_empty_list_exits_0() {
    let sandbox = Sandbox::new();
    let ran = sandbox.feedback(&["list"]).ok();
    assert!(ran.stdout.is_empty());
    assert_eq!(sandbox.feedback(&["list", "--format", "json"]).ok().json()["schema"], 1);
}

#[test]
fn the_worst_comes_first_and_then_the_newest() {
    let sandbox = Sandbox::new();
    for (title, severity) in
        [("old error", "error"), ("a debug", "debug"), ("new error", "error"), ("a fatal", "fatal")]
    {
        add(&sandbox, &[title, "--severity", severity]);
    }
    let titles: Vec<String> =
        items(&sandbox).iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect();
    assert_eq!(titles, ["a fatal", "new error", "old error", "a debug"]);
    let list = sandbox.feedback(&["list"]).ok().stdout;
    let columns: Vec<_> = list.lines().map(|line| line.find("incident").unwrap()).collect();
    assert!(columns.windows(2).all(|pair| pair[0] == pair[1]), "not aligned:\n{list}");
}

#[test]
fn closing_and_reopening_is_told_with_its_reason() {
    let sandbox = Sandbox::new();
    let id = add(&sandbox, &["x"]);
    sandbox.feedback(&["close", &id, "--because", "mail to jane@example.org"]).ok().says("resolved");
    assert!(sandbox.feedback(&["list"]).ok().stdout.is_empty());
    sandbox.feedback(&["list", "--status", "resolved"]).ok().says("[resolved] x");
    sandbox.feedback(&["show", &id]).ok().says("resolved: mail to <redacted:e-mail>");
    sandbox.feedback(&["reopen", &id]).ok();
    sandbox.feedback(&["list"]).ok().says("  x");
}

#[test]
fn a_prefix_names_an_item_and_an_ambiguous_one_lists_the_candidates() {
    let sandbox = Sandbox::new();
    let ids: Vec<String> = (0..40).map(|n| add(&sandbox, &[&format!("item {n}")])).collect();
    sandbox.feedback(&["show", &ids[3][3..11]]).ok().says("item 3");
    sandbox.feedback(&["show", &ids[3].to_uppercase()]).ok().says("item 3");
    sandbox.feedback(&["show", "fb-"]).exits(2).says("one of 40").says("and 30 more");
    sandbox.feedback(&["show", "fb-iiii"]).exits(2).says("no item begins with").says("list --all");
    let listed = sandbox.feedback(&["list"]).ok().stdout;
    for line in listed.lines() {
        let prefix = line.split(' ').next().unwrap();
        assert_eq!(ids.iter().filter(|id| id.starts_with(prefix)).count(), 1, "{prefix} is not unique");
    }
}

#[test]
fn an_early_closed_pipe_is_no_error() {
    let sandbox = Sandbox::new();
    for n in 0..20 {
        add(&sandbox, &[&format!("item {n}")]);
    }
    let line = format!("{FEEDBACK} list | head -1; echo ${{PIPESTATUS[0]}}");
    let ran = sandbox.run("bash", &["-c", &line]).ok();
    assert!(ran.stdout.ends_with("\n0\n"), "{} {}", ran.stdout, ran.stderr);
    assert!(ran.stderr.is_empty(), "{}", ran.stderr);
}

#[test]
fn a_title_cannot_act_on_the_terminal() {
    let sandbox = Sandbox::new();
    let id = add(&sandbox, &["evil \u{1b}[2J\u{202e}title"]);
    for args in [&["list"][..], &["show", &id], &["list", "--all", "-v"]] {
        let ran = sandbox.feedback(args).ok();
        assert!(!ran.stdout.contains('\u{1b}') && !ran.stdout.contains('\u{202e}'), "{}", ran.stdout);
        ran.says("\\u{1b}[2J");
    }
}
