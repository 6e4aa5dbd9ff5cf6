//! Nothing that was planted reaches the repository, through whichever door.

#[path = "../../shared/operations/redacting/planted/rows.rs"]
#[allow(dead_code, reason = "the table's own tests use the rest")]
mod rows;

use rows::{Row, rows};

use super::{add, items, token, with_stdin};
use crate::support::{Sandbox, finish};

/// Every object, reachable or not, and every file git has of us.
pub fn everything(sandbox: &Sandbox) -> Vec<u8> {
    let mut command = sandbox.command("git");
    command.args(["cat-file", "--batch-all-objects", "--batch"]);
    let mut all = command.output().unwrap().stdout;
    let mut folders = vec![sandbox.path(".git/factory"), sandbox.path(".git/logs")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                all.extend(std::fs::read(path).unwrap());
            }
        }
    }
    all
}

#[track_caller]
fn assert_none_in(rows: &[Row], bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let json = |secret: &str| serde_json::Value::from(secret).to_string().trim_matches('"').to_owned();
    // Three letters, or a word of the table, stand in other things too.
    let told = |row: &&Row| {
        row.secret.len() >= 6 && (text.contains(&row.secret) || text.contains(&json(&row.secret)))
    };
    let around = |secret: &str| {
        let at = text.find(secret).unwrap_or(0);
        text[..at].chars().rev().take(80).collect::<Vec<_>>().into_iter().rev().collect::<String>() + secret
    };
    let left: Vec<String> = rows.iter().filter(told).map(|row| around(&row.secret)).collect();
    assert!(left.is_empty(), "left: {left:?}");
}

#[test]
fn no_planted_secret_reaches_the_object_database_through_any_door() {
    let sandbox = Sandbox::new();
    let rows = rows();
    let page: String = rows.iter().map(|row| row.text() + "\n\n").collect();
    let json = |text: &str| serde_json::Value::from(text).to_string();
    let outside = |name: &str, text: &str| {
        let path = sandbox.home.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_string_lossy().into_owned()
    };
    // A text, standard input, an attachment and its name.
    let file = outside("jane@mail.example.txt", &page);
    add(&sandbox, &["--redact", "--title", "all of them", "--body", &page, "--attach", &file]);
    with_stdin(&sandbox, &["add", "--redact"], page.as_bytes()).ok();
    // A command: its words and what it says.
    let script = outside("script.sh", &format!("cat {file}\ncat {file} >&2\nexit 3\n"));
    let words = ["run", "--", "sh", &script, "--password", "hunter2-words", "jane@mail.example"];
    sandbox.feedback(&words).exits(3);
    // Every format an import reads.
    let logged: String = rows
        .iter()
        .enumerate()
        .map(|(n, row)| {
            format!("2026-11-22T01:02:03Z ERROR number{n} {}\n", row.text().replace(['\r', '\n'], " "))
        })
        .collect();
    let lines: String = rows
        .iter()
        .enumerate()
        .map(|(n, row)| {
            format!("{{\"level\":\"error\",\"msg\":{}}}\n", json(&format!("number{n} {}", row.text())))
        })
        .collect();
    let panics: String = rows
        .iter()
        .map(|row| {
            format!(
                "thread 'main' panicked at src/a.rs:3:5:\n{}\nnote: x\n\n",
                row.text().replace(['\r', '\n'], " ")
            )
        })
        .collect();
    let sentry: String = rows
        .iter()
        .enumerate()
        .map(|(n, row)| {
            let value = json(&format!("number{n} {}", row.text()));
            format!("{{\"event_id\":\"{n:032x}\",\"platform\":\"rust\",\"request\":{{\"headers\":{value}}},\"exception\":{{\"values\":[{{\"type\":\"E{n}\",\"value\":{value},\"stacktrace\":{{\"frames\":[{{\"function\":{value},\"in_app\":true,\"vars\":{{\"password\":\"hunter2-vars\"}}}}]}}}}]}}}}\n")
        })
        .collect();
    for (name, text) in [("a.log", &logged), ("b.jsonl", &lines), ("c.txt", &panics), ("d.json", &sentry)] {
        let path = outside(name, text);
        sandbox.feedback(&["import", &path]).ok();
    }
    assert!(items(&sandbox).len() > 100);
    let all = everything(&sandbox);
    assert_none_in(&rows, &all);
    let text = String::from_utf8_lossy(&all);
    for secret in ["hunter2-words", "hunter2-vars", "jane@mail.example"] {
        assert!(!text.contains(secret), "{secret}");
    }
    sandbox.git(&["fsck", "--strict"]);
}

#[test]
fn what_a_dry_run_shows_is_what_is_written() {
    let sandbox = Sandbox::new();
    let page: String = rows().iter().map(|row| row.text() + "\n").collect();
    let file = sandbox.home.join("all.txt");
    std::fs::write(&file, &page).unwrap();
    let file = file.to_string_lossy().into_owned();
    let args = ["add", "--redact", "--title", "all", "--body", "x", "--attach", &file, "--format", "json"];
    let shown = sandbox.feedback(&[&args[..], &["--dry-run"]].concat()).ok().json();
    sandbox.feedback(&args).ok();
    let without_ids = |line: &str| {
        let mut event: serde_json::Value = serde_json::from_str(line).unwrap();
        for key in ["id", "t", "item"] {
            event[key] = "".into();
        }
        event.to_string()
    };
    let dry: Vec<String> =
        shown["lines"].as_array().unwrap().iter().map(|line| without_ids(line.as_str().unwrap())).collect();
    let written: Vec<String> = sandbox.note_lines("feedback").iter().map(|line| without_ids(line)).collect();
    assert_eq!(dry, written);
    let kept =
        sandbox.feedback(&["show", items(&sandbox)[0]["id"].as_str().unwrap(), "--evidence", "all.txt"]).ok();
    assert_eq!(shown["evidence"][0]["text"].as_str().unwrap(), kept.stdout);
}

#[test]
fn a_secret_that_was_never_pushed_stops_the_sync_and_is_taken_out() {
    let sandbox = Sandbox::new();
    let remote = sandbox.home.join("remote.git");
    finish(sandbox.command("git").args(["init", "-q", "--bare"]).arg(&remote)).ok();
    sandbox.git(&["remote", "add", "origin", &remote.to_string_lossy()]);
    sandbox.feedback(&["sync"]).ok();
    add(&sandbox, &["pushed before"]);
    sandbox.feedback(&["sync"]).ok();
    // As another program, or an older version, may have written it.
    let line = format!(
        r#"{{"id":"01JD0000000000000000000001","v":1,"item":"fb-0000000000","op":"add","t":"2026-11-22T00:00:00Z","title":"{}"}}"#,
        token()
    );
    sandbox.git(&["notes", "--ref=feedback", "append", "--no-separator", "-m", &line]);
    add(&sandbox, &["written later"]);
    let refused =
        sandbox.feedback(&["sync"]).exits(1).says("fb-0000000000 add").says("github-token").says("--redact");
    assert!(!refused.stderr.contains(&token()));
    let there = |what: &str| {
        finish(sandbox.command("git").arg("--git-dir").arg(&remote).args([
            "grep",
            "-c",
            what,
            "refs/notes/feedback",
        ]))
    };
    assert_eq!(there("written later").code, 1);
    sandbox.feedback(&["sync", "--redact"]).ok();
    assert_eq!(there("written later").code, 0);
    let mut command = sandbox.command("git");
    command.arg("--git-dir").arg(&remote).args(["cat-file", "--batch-all-objects", "--batch"]);
    let all = String::from_utf8_lossy(&command.output().unwrap().stdout).into_owned();
    assert!(
        !all.contains(&token()) && all.contains("<redacted:github-token>") && all.contains("pushed before")
    );
    assert_eq!(items(&sandbox).len(), 3);
    sandbox.git(&["gc", "-q", "--prune=now"]);
    assert!(!String::from_utf8_lossy(&everything(&sandbox)).contains(&token()));
}
