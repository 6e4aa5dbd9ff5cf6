//! `git feedback add`.

use super::{add, items, token, with_stdin};
use crate::support::{FEEDBACK, SHIP, Sandbox, finish, has};

#[test]
fn words_become_title_and_body_and_the_id_is_printed() {
    let sandbox = Sandbox::new();
    let id = add(&sandbox, &["the export breaks\non Mondays\nand only then"]);
    assert!(id.starts_with("fb-") && id.len() == 13, "{id}");
    let shown = sandbox.feedback(&["show", &id]).ok();
    assert!(shown.stdout.starts_with("the export breaks\n"), "{}", shown.stdout);
    shown.says("    on Mondays").says("status:      open");
    let list = sandbox.feedback(&["list"]).ok();
    assert!(list.stdout.contains("the export breaks") && list.stdout.lines().count() == 1);
}

#[test]
fn the_text_comes_from_standard_input_without_words() {
    let sandbox = Sandbox::new();
    with_stdin(&sandbox, &["add", "--kind", "log"], b"first line\nsecond\n").ok();
    assert_eq!(items(&sandbox)[0]["title"], "first line");
    assert_eq!(items(&sandbox)[0]["kind"], "log");
    with_stdin(&sandbox, &["add"], b"  \n").exits(2).says("nothing was told").says("hint:");
}

#[test]
fn on_a_terminal_the_editor_is_asked() {
    if !has("script") {
        return;
    }
    let sandbox = Sandbox::new();
    let line = format!("{FEEDBACK} add");
    let mut command = sandbox.command("script");
    command.args(["-qec", &line, "/dev/null"]);
    command.env("GIT_EDITOR", "printf 'from the editor\\n\\nmore\\n' >").env("SHELL", "/bin/sh");
    finish(&mut command).ok();
    assert_eq!(items(&sandbox)[0]["title"], "from the editor");
}

#[test]
fn what_was_written_in_the_editor_and_refused_is_there_to_be_mended() {
    if !has("script") {
        return;
    }
    let sandbox = Sandbox::new();
    let add_with = |editor: &str| {
        let mut command = sandbox.command("script");
        command.args(["-qec", &format!("{FEEDBACK} add"), "/dev/null"]);
        finish(command.env("GIT_EDITOR", editor).env("SHELL", "/bin/sh"))
    };
    let refused = add_with(&format!("printf 'long words\\n\\n{}\\n' >", token())).exits(1);
    assert!(
        refused.stdout.contains("FEEDBACK_EDITMSG; git feedback add opens it again"),
        "{}",
        refused.stdout
    );
    assert!(items(&sandbox).is_empty());
    add_with("sed -i s/gh._.*/mended/").ok();
    assert_eq!(items(&sandbox)[0]["title"], "long words");
    assert!(!sandbox.path(".git/FEEDBACK_EDITMSG").exists());
}

#[test]
fn an_attachment_is_kept_under_its_name_without_folders() {
    let sandbox = Sandbox::new();
    std::fs::create_dir_all(sandbox.home.join(".ssh")).unwrap();
    std::fs::write(sandbox.home.join(".ssh/id"), "a;b\n1;2\n").unwrap();
    let id = add(&sandbox, &["broken row", "--attach", "../home/.ssh/id"]);
    let shown = sandbox.feedback(&["show", &id, "--format", "json"]).ok().json();
    assert_eq!(shown["evidence"][0]["name"], "id");
    assert_eq!(shown["evidence"][0]["size_bytes"], 8);
    assert_eq!(sandbox.feedback(&["show", &id, "--evidence", "id"]).ok().stdout, "a;b\n1;2\n");
}

#[test]
fn an_attachment_over_the_limit_or_missing_is_refused_and_nothing_is_written() {
    let sandbox = Sandbox::new();
    let big = std::fs::File::create(sandbox.path("big.log")).unwrap();
    big.set_len(10 * 1024 * 1024 + 1).unwrap();
    sandbox.feedback(&["add", "x", "--attach", "big.log"]).exits(2).says("10 MB").says("tail -c");
    sandbox.feedback(&["add", "x", "--attach", "none.log"]).exits(2).says("cannot be attached");
    sandbox.feedback(&["add", "x", "--attach", "."]).exits(2).says("is no file");
    assert!(items(&sandbox).is_empty());
}

#[test]
fn a_certain_secret_is_refused_and_redact_writes_it_replaced() {
    let sandbox = Sandbox::new();
    let text = format!("clone fails with {}", token());
    let refused = sandbox.feedback(&["add", &text]).exits(1).says("github-token").says("--redact");
    assert!(!refused.stderr.contains(&token()));
    assert!(sandbox.run("git", &["rev-parse", "-q", "--verify", "refs/notes/feedback"]).code != 0);
    sandbox.feedback(&["add", &text, "--redact"]).ok().says("replaced before writing: github-token");
    assert_eq!(items(&sandbox)[0]["title"], "clone fails with <redacted:github-token>");
    sandbox.write("log.txt", format!("ok\n{}\n", token()));
    sandbox.feedback(&["add", "see log", "--attach", "log.txt"]).exits(1).says("log.txt holds a secret");
}

#[test]
fn no_secret_reaches_the_object_database() {
    let sandbox = Sandbox::new();
    sandbox.write("log.txt", format!("pw\n{}\nmail jane@example.org from 10.1.2.3\n", token()));
    add(
        &sandbox,
        &[&format!("t {}", token()), "--redact", "--attach", "log.txt", "--body", "at /home/jane/x"],
    );
    let objects =
        sandbox.git(&["cat-file", "--batch-all-objects", "--batch-check=%(objecttype) %(objectname)"]);
    for row in objects.lines().filter(|row| row.starts_with("blob")) {
        let blob = sandbox.git(&["cat-file", "blob", &row[5..]]);
        for secret in [token().as_str(), "jane@example", "10.1.2.3", "/home/jane"] {
            assert!(!blob.contains(secret), "{secret} in {blob}");
        }
    }
}

#[test]
fn the_projects_own_secrets_and_patterns_are_replaced() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "factory.toml",
        "[feedback]\nredact = [\"ACME-[0-9]{6}\"]\n[secret.DB]\nfrom = \"env:DB_URL\"\n[secret.FILE]\nfrom = \"file:.key\"\n",
    );
    sandbox.write(".key", "swordfish-9\n");
    let mut command = sandbox.command(FEEDBACK);
    command.env("DB_URL", "own value of ours");
    command.args(["add", "--redact", "order ACME-123456: own value of ours and swordfish-9"]);
    finish(&mut command).ok();
    let title = "order <redacted:pattern>: <redacted:own-secret> and <redacted:own-secret>";
    assert_eq!(items(&sandbox)[0]["title"], title);
}

#[test]
fn a_dry_run_shows_the_exact_bytes_and_writes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write("in.csv", "a@example.org\n");
    let ran = sandbox.feedback(&["add", "broken", "--attach", "in.csv", "--dry-run"]).ok();
    let first: serde_json::Value = serde_json::from_str(ran.stdout.lines().next().unwrap()).unwrap();
    assert_eq!((first["op"].as_str(), first["title"].as_str()), (Some("add"), Some("broken")));
    ran.says("\"op\":\"attach\"").says("<redacted:e-mail>");
    assert!(sandbox.git(&["for-each-ref", "refs/notes", "refs/factory"]).is_empty());
}

#[test]
fn a_long_body_is_kept_whole_as_evidence() {
    let sandbox = Sandbox::new();
    let body: String = (0..2000).map(|n| format!("line {n} \u{1}\n")).collect();
    let ran = with_stdin(&sandbox, &["add"], format!("long\n{body}").as_bytes()).ok();
    let id = ran.stdout.trim();
    let whole = sandbox.feedback(&["show", id, "--evidence", "body.txt"]).ok().stdout;
    assert_eq!(whole.trim(), body.trim());
    assert!(sandbox.note_lines("feedback").iter().all(|line| line.len() <= 4096));
}

#[test]
fn the_newest_promoted_release_in_the_history_is_found() {
    let sandbox = Sandbox::new();
    let old = sandbox.git(&["rev-parse", "HEAD"]).trim().to_owned();
    sandbox.write("a", "1");
    let new = sandbox.commit("second");
    let event = |n: u8, release: &str, op: &str, commit: &str| {
        format!(
            r#"{{"id":"01JD000000000000000000000{n}","v":1,"release":"{release}","op":"{op}","t":"2026-11-22T00:00:00Z","commit":"{commit}"}}"#
        )
    };
    let notes = [
        (
            &old,
            [event(1, "r20261122-aaaa", "promoted", &old), event(4, "r20261122-dddd", "failed", &old)]
                .join("\n"),
        ),
        (&new, event(3, "r20261122-cccc", "rolled-back", &new)),
    ];
    for (commit, text) in &notes {
        sandbox.git(&["notes", "--ref=ship", "add", "-m", text, commit.as_str()]);
    }
    let id = add(&sandbox, &["seen in production"]);
    let shown = sandbox.feedback(&["show", &id, "--format", "json"]).ok().json();
    assert_eq!(
        (shown["release"].as_str(), shown["commit"].as_str()),
        (Some("r20261122-aaaa"), Some(old.as_str()))
    );
    let id = add(&sandbox, &["named", "--release", "r20261122-c"]);
    assert_eq!(sandbox.feedback(&["show", &id, "--format", "json"]).ok().json()["release"], "r20261122-cccc");
    sandbox.feedback(&["add", "x", "--release", "r2"]).exits(2).says("may be");
    sandbox.feedback(&["add", "x", "--release", "r9"]).exits(2).says("no release \"r9\"");
}

#[test]
fn eight_writers_at_once_lose_nothing() {
    let sandbox = Sandbox::new();
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let sandbox = &sandbox;
            scope.spawn(move || {
                for n in 0..10 {
                    sandbox.feedback(&["add", &format!("writer {writer} item {n}")]).ok();
                }
            });
        }
    });
    assert_eq!(items(&sandbox).len(), 80);
    sandbox.git(&["fsck", "--strict"]);
}

#[test]
fn help_works_through_git() {
    let sandbox = Sandbox::new();
    let folder = std::path::Path::new(FEEDBACK).parent().unwrap();
    assert_eq!(std::path::Path::new(SHIP).parent(), Some(folder));
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let ran = finish(sandbox.command("git").args(["feedback", "-h"]).env("PATH", path)).ok();
    assert!(ran.stdout.contains("Usage: git feedback"), "{}", ran.stdout);
    sandbox.feedback(&["add", "--help"]).ok().says("Examples:");
}
