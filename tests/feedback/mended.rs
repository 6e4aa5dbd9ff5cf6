//! `git feedback sync --redact`: what is taken out is gone, and nothing else is.

use std::path::{Path, PathBuf};

use super::{add, items, token};
use crate::support::{FEEDBACK, Ran, Sandbox, finish};

const SECRET: &str = "plainvalue-Zebra77";
const TOML: &str = "[secret.X]\nfrom = \"env:XSEC\"\n";

/// A repository with a bare remote.
struct Place {
    sandbox: Sandbox,
    hub: PathBuf,
}

impl Place {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let hub = sandbox.home.join("hub.git");
        sandbox.git(&["init", "-q", "--bare", hub.to_str().unwrap()]);
        sandbox.git(&["remote", "add", "origin", hub.to_str().unwrap()]);
        Self { sandbox, hub }
    }

    /// Run where the project's secret is known, which it was not when it was written.
    fn knowing(&self, args: &[&str]) -> Ran {
        finish(self.sandbox.command(FEEDBACK).args(args).env("XSEC", SECRET))
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.sandbox.home.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_string_lossy().into_owned()
    }

    #[track_caller]
    fn assert_not_pushed(&self, secret: &str) {
        let all = objects(&self.sandbox, &self.hub);
        assert!(!all.contains(secret), "the remote has it");
    }
}

/// All objects of a repository, reachable or not.
fn objects(sandbox: &Sandbox, folder: &Path) -> String {
    let mut command = sandbox.command("git");
    command.current_dir(folder).args(["cat-file", "--batch-all-objects", "--batch"]);
    String::from_utf8_lossy(&command.output().unwrap().stdout).into_owned()
}

fn oddities(sandbox: &Sandbox) -> u64 {
    let list = sandbox.feedback(&["list", "--all", "--format", "json"]).ok().json();
    list["oddities"].as_u64().unwrap()
}

#[test]
fn an_attachment_that_is_redacted_is_still_the_attachment() {
    let place = Place::new();
    let file = place.file("f.log", &format!("upload of {SECRET} failed\n"));
    let id = add(&place.sandbox, &["uploads fail", "--attach", &file]);
    place.sandbox.write("factory.toml", TOML);
    place.knowing(&["sync"]).exits(1).says("own-secret");
    place.knowing(&["sync", "--redact"]).ok();
    let shown = place.sandbox.feedback(&["show", &id, "--evidence", "f.log"]).ok();
    assert_eq!(shown.stdout, "upload of <redacted:own-secret> failed\n");
    place.sandbox.feedback(&["show", &id]).ok().says(&format!("({} bytes", shown.stdout.len()));
    place.assert_not_pushed(SECRET);
    let list = place.sandbox.git(&["ls-tree", "-r", "--name-only", "refs/factory/evidence"]);
    assert_eq!(list.lines().count(), 1, "the digest of the secret's file is told nobody: {list}");
    place.sandbox.git(&["fsck", "--strict"]);
}

#[test]
fn a_bare_repository_is_redacted_as_well() {
    let place = Place::new();
    let file = place.file("f.log", "uploads failed\n");
    add(&place.sandbox, &["uploads fail", "--attach", &file]);
    let line = format!(
        r#"{{"id":"01JD0000000000000000000001","v":1,"item":"fb-0000000000","op":"add","t":"2026-11-22T00:00:00Z","title":"{}"}}"#,
        token()
    );
    place.sandbox.git(&["notes", "--ref=feedback", "append", "--no-separator", "-m", &line]);
    let bare = place.sandbox.home.join("bare.git");
    place.sandbox.git(&["init", "-q", "--bare", bare.to_str().unwrap()]);
    place.sandbox.git(&["push", "-q", bare.to_str().unwrap(), "main", "refs/notes/*", "refs/factory/*"]);
    let there =
        |program: &str, args: &[&str]| finish(place.sandbox.command(program).args(args).current_dir(&bare));
    there("git", &["remote", "add", "origin", place.hub.to_str().unwrap()]).ok();
    there(FEEDBACK, &["sync"]).exits(1).says("github-token");
    there(FEEDBACK, &["sync", "--redact"]).ok();
    place.assert_not_pushed(&token());
    there("git", &["gc", "-q", "--prune=now"]).ok();
    assert!(!objects(&place.sandbox, &bare).contains(&token()));
}

#[test]
fn evidence_that_a_batch_names_is_found_under_its_new_name() {
    for always in [false, true] {
        let place = Place::new();
        if always {
            place.sandbox.git(&["config", "core.logAllRefUpdates", "always"]);
        }
        let lines: String = (0..12)
            .map(|n| format!("{{\"level\":\"error\",\"msg\":\"failure {}\"}}\n", "x".repeat(n + 1)))
            .collect();
        let file = place.file("app.jsonl", &format!("{lines}{{\"level\": broken {SECRET}\n"));
        place.sandbox.feedback(&["import", &file]).ok();
        assert!(place.sandbox.note_lines("feedback").iter().any(|line| line.contains("\"op\":\"batch\"")));
        place.sandbox.write("factory.toml", TOML);
        place.knowing(&["sync", "--redact"]).ok();
        let all = items(&place.sandbox);
        let is_unread =
            |item: &&serde_json::Value| item["title"].as_str().unwrap().contains("could not be read");
        let id = all.iter().find(is_unread).unwrap()["id"].as_str().unwrap();
        let shown = place.sandbox.feedback(&["show", id, "--evidence", "unread.txt"]).ok();
        shown.says("<redacted:own-secret>");
        assert_eq!(oddities(&place.sandbox), 0);
        place.assert_not_pushed(SECRET);
    }
}

#[test]
fn a_secret_inside_a_batch_is_taken_out_and_its_records_are_read() {
    let place = Place::new();
    let lines: String = (0..12)
        .map(|n| format!("{{\"level\":\"error\",\"msg\":\"failure {} {SECRET}\"}}\n", "x".repeat(n + 1)))
        .collect();
    let file = place.file("app.jsonl", &lines);
    place.sandbox.feedback(&["import", &file]).ok();
    let before = items(&place.sandbox).len();
    place.sandbox.write("factory.toml", TOML);
    place.knowing(&["sync", "--redact"]).ok();
    assert_eq!((items(&place.sandbox).len(), oddities(&place.sandbox)), (before, 0));
    place.assert_not_pushed(SECRET);
}

#[test]
fn what_the_remote_has_and_was_not_united_yet_stays_there() {
    let place = Place::new();
    add(&place.sandbox, &["from the one"]);
    place.sandbox.feedback(&["sync"]).ok();
    let other = place.sandbox.home.join("other");
    place.sandbox.git(&["clone", "-q", place.hub.to_str().unwrap(), other.to_str().unwrap()]);
    place.sandbox.git(&["push", "-q", "origin", "main"]);
    let there = |args: &[&str]| finish(place.sandbox.command("git").args(args).current_dir(&other)).ok();
    there(&["pull", "-q", "origin", "main"]);
    finish(place.sandbox.command(FEEDBACK).args(["add", "from the other"]).current_dir(&other)).ok();
    finish(place.sandbox.command(FEEDBACK).arg("sync").current_dir(&other)).ok();
    // As the refspecs of `cargo intent setup` have every `git fetch` do it.
    place.sandbox.git(&["fetch", "-q", "origin", "+refs/notes/*:refs/notes-remotes/origin/*"]);
    add(&place.sandbox, &[&format!("with {SECRET}")]);
    place.sandbox.write("factory.toml", TOML);
    place.knowing(&["sync", "--redact"]).ok();
    finish(place.sandbox.command(FEEDBACK).arg("sync").current_dir(&other)).ok();
    assert_eq!(items(&place.sandbox).len(), 3);
    let at = place.hub.to_str().unwrap();
    let text = place.sandbox.git(&["--git-dir", at, "grep", "-h", "title", "refs/notes/feedback"]);
    assert!(text.contains("from the other") && text.contains("own-secret"), "{text}");
}

#[test]
fn lines_lost_before_are_added_back_before_their_history_goes() {
    let place = Place::new();
    add(&place.sandbox, &["first"]);
    let first = place.sandbox.git(&["rev-parse", "refs/notes/feedback"]);
    add(&place.sandbox, &["overwritten"]);
    add(&place.sandbox, &[&format!("overwritten with {SECRET}")]);
    place.sandbox.git(&["update-ref", "refs/notes/feedback", first.trim()]);
    add(&place.sandbox, &[&format!("later with {SECRET}")]);
    place.sandbox.write("factory.toml", TOML);
    place.knowing(&["sync", "--redact"]).ok().says("2 lines that other writers had dropped were added back");
    let titles: Vec<String> =
        items(&place.sandbox).iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect();
    assert_eq!(titles.len(), 4, "{titles:?}");
    assert!(titles.contains(&"overwritten with <redacted:own-secret>".to_owned()), "{titles:?}");
    place.sandbox.feedback(&["recover"]).ok().says("nothing is missing");
    place.assert_not_pushed(SECRET);
}

#[test]
fn what_was_redacted_is_not_recovered() {
    let place = Place::new();
    let file = place.file("f.log", &format!("upload of {SECRET} failed\n"));
    let id = add(&place.sandbox, &[&format!("uploads of {SECRET} fail"), "--attach", &file]);
    place.sandbox.write("factory.toml", TOML);
    place.knowing(&["sync", "--redact"]).ok();
    let here = place.sandbox.git(&["rev-parse", "refs/notes/feedback"]);
    // Also where the secret is not known: that it was redacted shows.
    for ran in
        [place.knowing(&["recover", "--unreachable"]), place.sandbox.feedback(&["recover", "--unreachable"])]
    {
        ran.ok().says("nothing is missing");
    }
    assert_eq!(place.sandbox.git(&["rev-parse", "refs/notes/feedback"]), here);
    assert_eq!(oddities(&place.sandbox), 0);
    place.sandbox.feedback(&["show", &id, "--evidence", "f.log"]).ok();
    // A line that is nowhere else comes back without what is certain.
    let line = format!(
        r#"{{"id":"01JD0000000000000000000001","v":1,"item":"fb-0000000000","op":"add","t":"2026-11-22T00:00:00Z","title":"{}"}}"#,
        token()
    );
    place.sandbox.git(&["notes", "--ref=feedback", "append", "--no-separator", "-m", &line]);
    place.sandbox.git(&["update-ref", "refs/notes/feedback", here.trim()]);
    place.sandbox.feedback(&["recover"]).ok().says("1 line on 1 commit added back");
    let notes = place.sandbox.note_lines("feedback").join("\n");
    assert!(!notes.contains(&token()) && notes.contains("fb-0000000000"), "{notes}");
}

/// The commands of `docs/redaction.md`, in each way a repository may keep its logs and objects.
#[test]
fn what_the_documentation_says_removes_the_old_objects_does() {
    for (packed, always) in [(false, false), (true, false), (false, true), (true, true)] {
        let place = Place::new();
        if always {
            place.sandbox.git(&["config", "core.logAllRefUpdates", "always"]);
        }
        add(&place.sandbox, &["pushed"]);
        place.sandbox.feedback(&["sync"]).ok();
        let file = place.file("f.log", &format!("upload of {SECRET} failed\n"));
        add(&place.sandbox, &[&format!("uploads of {SECRET} fail"), "--attach", &file]);
        if packed {
            place.sandbox.git(&["gc", "-q"]);
        }
        place.sandbox.write("factory.toml", TOML);
        let index = place.sandbox.path(".git/factory/index-feedback");
        std::fs::create_dir_all(index.parent().unwrap()).unwrap();
        std::fs::write(&index, SECRET).unwrap();
        place.knowing(&["sync", "--redact"]).ok().says("git gc --prune=now");
        assert!(!index.exists(), "the index holds lines in clear");
        assert!(objects(&place.sandbox, &place.sandbox.repo).contains(SECRET), "until then it is here");
        place.sandbox.git(&["gc", "-q", "--prune=now"]);
        assert!(!objects(&place.sandbox, &place.sandbox.repo).contains(SECRET), "{packed} {always}");
        let logs = finish(place.sandbox.command("grep").args(["-rl", SECRET, ".git"]));
        assert_eq!(logs.stdout, "");
        assert_eq!(items(&place.sandbox).len(), 2);
        place.sandbox.feedback(&["recover", "--unreachable"]).ok().says("nothing is missing");
    }
}

#[test]
fn a_piece_that_another_remote_has_does_not_come_back() {
    let place = Place::new();
    let second = place.sandbox.home.join("second.git");
    place.sandbox.git(&["init", "-q", "--bare", second.to_str().unwrap()]);
    place.sandbox.git(&["remote", "add", "second", second.to_str().unwrap()]);
    let file = place.file("f.log", &format!("upload of {SECRET} failed\n"));
    add(&place.sandbox, &["uploads fail", "--attach", &file]);
    place.sandbox.feedback(&["sync", "second"]).ok();
    place.sandbox.write("factory.toml", TOML);
    place.knowing(&["sync", "origin", "--redact"]).ok();
    let list = || place.sandbox.git(&["ls-tree", "-r", "--name-only", "refs/factory/evidence"]);
    assert_eq!(list().lines().filter(|path| path.starts_with("pruned/")).count(), 1, "{}", list());
    // The union leaves it out, whoever brings it.
    place.sandbox.feedback(&["sync", "second"]).ok();
    assert_eq!(list().lines().count(), 2, "{}", list());
}
