//! `cargo intent list`.

use crate::support::{INTENT, Sandbox, finish};
use factory::operations::approving::{Subject, approve};
use factory::operations::digest::{AtCommit, Digester};
use factory::storage::repo::Repo;
use factory::storage::{intents, notes};

pub const SMALL: &str = "schema = 1\ntitle = \"Small\"\noutcome = \"o\"\n";

#[test]
fn an_empty_list_is_no_error_and_says_how_to_begin() {
    let sandbox = Sandbox::unborn();
    let ran = sandbox.intent(&["list"]).ok();
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("cargo intent new"), "{}", ran.stderr);
    assert_eq!(sandbox.intent(&["list", "--quiet"]).ok().stderr, "");
    assert_eq!(sandbox.intent(&["list", "--format", "json"]).ok().stdout, "{\"schema\":1,\"intents\":[]}\n");
}

#[test]
fn each_intent_is_one_aligned_line() {
    let sandbox = Sandbox::new();
    let check = "[[acceptance]]\nid = \"a\"\nrun = \"git --version\"\n";
    sandbox.write("intents/a.toml", format!("{SMALL}{check}"));
    sandbox.write("intents/longer-name.toml", SMALL.replace("Small", "Größer"));
    sandbox.write("intents/lessons.toml", "anything");
    sandbox.write("intents/notes.md", "anything");
    let ran = sandbox.intent(&["list"]).ok();
    assert_eq!(
        ran.stdout,
        "a            Small     1 check   unapproved\nlonger-name  Größer    0 checks  unapproved\n"
    );
    let json = sandbox.intent(&["list", "--format", "json"]).ok().json();
    assert_eq!(json["intents"][0]["checks"], 1);
    assert_eq!(json["intents"][1]["approval"], "unapproved");
}

#[test]
fn broken_files_are_listed_with_the_reason_beside_the_good_ones() {
    let sandbox = Sandbox::new();
    sandbox.write("intents/good.toml", SMALL);
    sandbox.write("intents/broken.toml", "schema = 1\ntitle = \"x\noutcome = \"o\"\n");
    sandbox.write("intents/odd.toml", format!("{SMALL}titel = 1\n"));
    let ran = sandbox.intent(&["list"]).exits(2);
    assert!(ran.stdout.contains("broken  broken: line 2: malformed TOML"), "{}", ran.stdout);
    assert!(ran.stdout.contains("good    Small"), "{}", ran.stdout);
    assert!(ran.stderr.contains("--> intents/odd.toml:4:1"), "{}", ran.stderr);
    assert!(ran.stderr.contains("hint: did you mean `title`?"), "{}", ran.stderr);
    let json = sandbox.intent(&["list", "--format", "json"]).exits(2).json();
    assert_eq!(json["intents"][2]["problems"][0]["line"], 4);
}

#[test]
fn what_is_no_file_keeps_no_other_intent_from_being_read() {
    let sandbox = Sandbox::new();
    sandbox.write("intents/good.toml", SMALL);
    sandbox.write("intents/folder.toml/x", "");
    std::os::unix::fs::symlink("nowhere", sandbox.path("intents/link.toml")).unwrap();
    sandbox.run("mkfifo", &["intents/pipe.toml"]).ok();
    let ran = sandbox.intent(&["list"]).exits(2);
    assert!(ran.stdout.contains("good    Small"), "{}", ran.stdout);
    for line in ["folder  broken: line 1: it is not a file", "pipe    broken: line 1: it is not a file"] {
        assert!(ran.stdout.contains(line), "{}", ran.stdout);
    }
    assert!(ran.stdout.contains("link    broken: line 1: it is a link that leads nowhere"), "{}", ran.stdout);
    sandbox.intent(&["check", "good", "--no-run"]).ok();
    assert!(sandbox.intent(&["diff"]).exits(2).stdout.contains("good"));
}

#[test]
fn it_works_in_a_folder_below_the_root() {
    let sandbox = Sandbox::new();
    sandbox.write("intents/a.toml", SMALL);
    sandbox.write("deep/er/x", "");
    let mut command = sandbox.command(INTENT);
    let ran = finish(command.arg("list").current_dir(sandbox.path("deep/er"))).ok();
    assert!(ran.stdout.starts_with("a  Small"), "{}", ran.stdout);
    let mut command = sandbox.command(INTENT);
    finish(command.args(["intent", "list"]).current_dir(sandbox.path("deep"))).ok().says("Small");
}

#[test]
fn names_from_outside_cannot_act_on_the_terminal() {
    let sandbox = Sandbox::new();
    sandbox.write("intents/a.toml", "schema = 1\ntitle = \"x\\u001b[2J\\u202ey\"\noutcome = \"o\"\n");
    let ran = sandbox.intent(&["list"]).ok();
    assert!(!ran.stdout.contains('\u{1b}') && !ran.stdout.contains('\u{202e}'), "{:?}", ran.stdout);
}

#[test]
fn paths_that_are_not_utf8_are_named_where_they_matter_and_ignored_elsewhere() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let sandbox = Sandbox::new();
    sandbox.write("intents/a.toml", SMALL);
    sandbox.write("intents/a/case/input.txt", "x");
    std::fs::write(sandbox.path(OsStr::from_bytes(b"odd-\xff.txt")), "x").unwrap();
    sandbox.intent(&["list"]).ok();
    sandbox.intent(&["show", "a"]).ok().says("case/input.txt");
    std::fs::write(sandbox.path("intents/a/case").join(OsStr::from_bytes(b"\xff")), "x").unwrap();
    sandbox.intent(&["show", "a"]).exits(2).says("is not UTF-8");
    std::fs::write(sandbox.path("intents").join(OsStr::from_bytes(b"\xff.toml")), SMALL).unwrap();
    sandbox.intent(&["list"]).exits(2).says("is not UTF-8").says("rename");
}

#[test]
fn a_thousand_intents_are_listed_without_a_process_each() {
    let sandbox = Sandbox::new();
    for number in 0..1000 {
        let text = format!(
            "{SMALL}[[constraint]]\nid = \"c\"\nkind = \"ux\"\ntext = \"t\"\n[[acceptance]]\nid = \"a\"\nrun = \"git --version\"\n"
        );
        sandbox.write(&format!("intents/n{number:04}.toml"), text);
    }
    let ran = sandbox.intent(&["list"]).ok();
    assert_eq!(ran.stdout.lines().count(), 1000);
    let ran = sandbox.intent(&["check", "--no-run"]).ok();
    assert_eq!(ran.stdout.lines().count(), 1000);
}

#[test]
fn an_approval_holds_until_what_is_demanded_changes() {
    let sandbox = Sandbox::new();
    let text = format!("{SMALL}[[acceptance]]\nid = \"a\"\nfixtures = \"cat\"\n");
    sandbox.write("intents/x.toml", &text);
    sandbox.write("intents/x/one/input", "a");
    sandbox.commit("an intent");
    let repo = Repo::discover(&sandbox.repo).unwrap();
    let head = repo.require_head().unwrap();
    let intent = intents::one(&sandbox.repo, "x").unwrap().intent;
    let digest = Digester::new(&AtCommit::new(&repo, head)).digest(&intent).unwrap();
    let event = approve(&repo, &Subject { slug: "x", digest: &digest, commit: head }, None).unwrap();
    notes::append(&repo, notes::INTENT, &[(head, event)]).unwrap();

    let says = |word: &str| {
        let json = sandbox.intent(&["list", "--format", "json"]).ok().json();
        assert_eq!(json["intents"][0]["approval"], word);
    };
    says("approved");
    sandbox.write("intents/x.toml", format!("# a comment\n{}", text.replace("Small", "Another title")));
    says("approved");
    sandbox.write("intents/x/one/input", "b");
    says("stale");
    sandbox.intent(&["show", "x"]).ok().says("stale  digest");
    sandbox.write("intents/x/one/input", "a");
    sandbox.write("intents/x.toml", text.replace("fixtures = \"cat\"", "fixtures = \"cat -A\""));
    says("stale");
}

#[test]
fn git_is_not_asked_for_each_approved_intent() {
    let sandbox = Sandbox::new();
    let text = format!("{SMALL}[[acceptance]]\nid = \"a\"\nfixtures = \"cat\"\n");
    for number in 0..30 {
        sandbox.write(&format!("intents/n{number}.toml"), &text);
        sandbox.write(&format!("intents/n{number}/one/input"), format!("{number}"));
    }
    sandbox.commit("intents");
    let repo = Repo::discover(&sandbox.repo).unwrap();
    let head = repo.require_head().unwrap();
    let at = AtCommit::new(&repo, head);
    let digester = Digester::new(&at);
    let approvals = intents::all(&sandbox.repo).unwrap().into_iter().map(|found| {
        let digest = digester.digest(&found.read.unwrap().intent).unwrap();
        (head, approve(&repo, &Subject { slug: &found.slug, digest: &digest, commit: head }, None).unwrap())
    });
    notes::append(&repo, notes::INTENT, &approvals.collect::<Vec<_>>()).unwrap();
    // A git that writes down each time it is started.
    let git = which::which("git").unwrap();
    sandbox.write("bin/git", format!("#!/bin/sh\necho >> ../calls\nexec {} \"$@\"\n", git.display()));
    sandbox.run("chmod", &["+x", "bin/git"]).ok();
    let path = format!("{}:{}", sandbox.path("bin").display(), std::env::var("PATH").unwrap());
    let ran = finish(sandbox.command(INTENT).arg("list").env("PATH", path)).ok();
    assert_eq!(
        ran.stdout.lines().filter(|line| line.ends_with("  approved, unsigned")).count(),
        30,
        "{}",
        ran.stdout
    );
    let calls = std::fs::read_to_string(sandbox.path("../calls")).unwrap().lines().count();
    assert!(calls <= 4, "git was started {calls} times");
}
