//! `cargo intent new --from`: structure from raw text, and an agent's proposal for it.

use super::work::project;
use crate::support::{INTENT, Sandbox};

const MEMO: &str = "I want one command that tidies my downloads. It gets messy.\n\
It must never delete a file. `git --version` exits with 0. Not photos.\n";

#[test]
fn a_memo_becomes_bounds_checks_and_rationale_and_the_next_step_is_named() {
    let sandbox = Sandbox::new();
    sandbox.write("memo.txt", format!("\u{feff}{}", MEMO.replace('\n', "\r\n")));
    let ran = sandbox.intent(&["new", "tidy", "--from", "memo.txt"]).ok();
    assert_eq!(ran.stdout, "intents/tidy.toml\n");
    let ran = ran.says("read as prose: 1 constraint, 1 check, 1 line kept as rationale");
    ran.says("check will start: git --version").says("next: cargo intent check tidy");
    let shown = sandbox.intent(&["show", "tidy", "--format", "json"]).ok().json();
    assert_eq!(shown["outcome"], "I want one command that tidies my downloads.");
    assert_eq!(shown["rationale"], "It gets messy.");
    assert!(!sandbox.read("intents/tidy.toml").contains('\r'));
    sandbox.intent(&["check", "tidy"]).ok().says("1 pass");
}

#[test]
fn lines_in_the_manner_of_ears_are_checks_each_without_full_stops() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "spec.txt",
        "WHEN a row is bad THE tool SHALL name it\nWHEN the file is empty THE tool SHALL say so\n",
    );
    sandbox.intent(&["new", "rows", "--from", "spec.txt"]).ok().says("2 checks");
    let shown = sandbox.intent(&["show", "rows", "--format", "json"]).ok().json();
    assert_eq!(shown["outcome"], "WHEN a row is bad THE tool SHALL name it");
    assert_eq!(shown["rationale"], serde_json::Value::Null, "{shown}");
}

#[test]
fn checks_without_an_anchor_wait_and_are_counted() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "spec.md",
        "# Login\n\nPeople get in.\n\n### Requirement: Lock\nIt SHALL lock.\n\n#### Scenario: Five\n- **WHEN** five\n- **THEN** locked\n",
    );
    let ran = sandbox.intent(&["new", "login", "--from", "spec.md"]).ok();
    ran.says("read as openspec").says("1 check waits for a person's answer").says("in place of `inspect`");
    sandbox.intent(&["check", "login"]).ok().says("waiting");
    let told = sandbox.intent(&["new", "again", "--from", "spec.md", "--format", "json"]).ok().json();
    assert_eq!(
        (&told["format"], &told["waiting"], &told["written"]),
        (&"openspec".into(), &1.into(), &true.into())
    );
}

#[test]
fn marked_examples_become_fixture_folders_that_check_runs() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "notes.md",
        "# Keep\n\n`head -n 99 {input}` keeps a file.\n\nInput:\n\n```txt\nas is\n```\n\nExpected:\n\n```txt\nas is\n```\n",
    );
    sandbox.intent(&["new", "keep", "--from", "notes.md"]).ok().says("1 example");
    assert_eq!(sandbox.read("intents/keep/example-1/input.txt"), "as is\n");
    sandbox.intent(&["check", "keep"]).ok().says("1 pass");
    sandbox.git(&["rm", "-q", "--cached", "-r", "--ignore-unmatch", "intents"]);
    std::fs::remove_file(sandbox.path("intents/keep.toml")).unwrap();
    sandbox.intent(&["new", "keep", "--from", "notes.md"]).exits(2).says("example-1 is there already");
    assert!(!sandbox.path("intents/keep.toml").exists());
}

#[test]
fn what_is_no_text_is_refused_and_nothing_is_written() {
    let sandbox = Sandbox::new();
    sandbox.write("nul.txt", b"one\ntwo\0\n");
    sandbox.write("long.txt", "word ".repeat(300_000));
    sandbox.write("blank.txt", " \n\n");
    sandbox.write("specs/a.md", "x");
    for (from, says) in [
        ("nul.txt", "line 2 of the text holds a NUL byte"),
        ("long.txt", "longer than 1 MiB"),
        ("blank.txt", "the text is empty"),
        ("specs", "specs is a folder with a.md"),
    ] {
        sandbox.intent(&["new", "a", "--from", from]).exits(2).says(says);
    }
    assert!(!sandbox.path("intents").exists());
}

/// An agent that puts this file in place of the draft.
fn agent(proposal: &str) -> Sandbox {
    let sandbox = project(&format!("cat > intents/tidy.toml <<'END'\n{proposal}END\ntouch elsewhere\n"));
    sandbox.write("memo.txt", MEMO);
    sandbox
}

const BETTER: &str = "schema = 1\ntitle = \"Tidy\"\noutcome = \"I want one command that tidies my downloads.\"\n\
out-of-scope = [\"Not photos.\"]\n[[acceptance]]\nid = \"x\"\nrun = \"git --version\"\n";

#[test]
fn a_proposal_nobody_can_be_asked_about_is_kept_and_nothing_is_written() {
    let sandbox = agent(BETTER);
    let ran = sandbox.intent(&["new", "tidy", "--from", "memo.txt", "--draft"]).exits(3);
    let kept = ran.stdout.trim().to_owned();
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), BETTER);
    assert!(!kept.starts_with(sandbox.repo.to_str().unwrap()), "{kept}");
    let ran = ran.says("-title   = \"I want").says("+title = \"Tidy\"").says("nothing was written");
    ran.says("the proposal leaves out: It must never delete a file.");
    assert!(!sandbox.path("intents/tidy.toml").exists() && !sandbox.path("elsewhere").exists());
    let told =
        sandbox.intent(&["new", "tidy", "--from", "memo.txt", "--draft", "--format", "json"]).exits(3).json();
    assert_eq!(told["written"], false);
    assert_eq!(std::fs::read_to_string(told["proposal"].as_str().unwrap()).unwrap(), BETTER);
}

#[test]
fn a_person_takes_the_proposal_or_keeps_the_draft() {
    let sandbox = agent(BETTER);
    let new = format!("{INTENT} new tidy --from memo.txt --draft --color never");
    for (answer, taken) in [("yes", true), ("no", false)] {
        let shown = answered(&sandbox, &new, answer);
        assert!(shown.contains("Take the proposal?"), "{shown}");
        assert_eq!(sandbox.read("intents/tidy.toml") == BETTER, taken, "{shown}");
        std::fs::remove_file(sandbox.path("intents/tidy.toml")).unwrap();
    }
}

/// What a command shows on a terminal whose person types one answer.
fn answered(sandbox: &Sandbox, line: &str, answer: &str) -> String {
    use expectrl::Expect;
    let mut command = sandbox.command("sh");
    command.args(["-c", line]).stdin(std::process::Stdio::inherit());
    let mut session = expectrl::Session::spawn(command).unwrap();
    session.set_expect_timeout(Some(std::time::Duration::from_secs(20)));
    let asked = session.expect("Take the proposal?").unwrap();
    let mut shown = String::from_utf8_lossy(asked.as_bytes()).into_owned();
    session.send_line(answer).unwrap();
    let rest = session.expect(expectrl::Eof).unwrap();
    shown.push_str(&String::from_utf8_lossy(rest.as_bytes()));
    shown
}

#[test]
fn a_proposal_that_cannot_be_read_leaves_the_draft() {
    let sandbox = agent("schema = 1\ntitel = \"x\"\n");
    let ran = sandbox.intent(&["new", "tidy", "--from", "memo.txt", "--draft"]).exits(3);
    ran.says("unknown key `titel`").says("the draft made by rules is kept");
    assert!(sandbox.read("intents/tidy.toml").contains("It must never delete a file."));
    let sandbox = project("exit 1");
    sandbox.write("memo.txt", MEMO);
    let ran = sandbox.intent(&["new", "b", "--from", "memo.txt", "--draft"]).exits(3);
    ran.says("the agent proposed nothing (exit code 1)");
    assert!(sandbox.path("intents/b.toml").exists());
    sandbox
        .intent(&["new", "c", "--from", "memo.txt", "--draft", "--agent", "hand"])
        .exits(2)
        .says("no intents");
}
