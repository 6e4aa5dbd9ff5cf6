//! `git feedback run`.

use super::{items, token};
use crate::support::{FEEDBACK, Sandbox, finish, wait_for};

#[test]
fn output_and_exit_code_pass_through_unchanged() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(FEEDBACK);
    command.args(["run", "--", "sh", "-c", "printf 'a\\377\\033[1m'; printf b >&2; exit 0"]);
    let output = command.output().unwrap();
    assert_eq!((output.stdout.as_slice(), output.stderr.as_slice()), (&b"a\xff\x1b[1m"[..], &b"b"[..]));
    assert!(items(&sandbox).is_empty(), "nothing failed");
}

#[test]
fn a_failure_is_filed_and_its_exit_code_is_kept() {
    let sandbox = Sandbox::new();
    let script = format!("echo took 12ms; echo error: row 3 {} >&2; exit 42", token());
    let ran = sandbox.feedback(&["run", "--", "sh", "-c", &script]).exits(42).says("filed as fb-");
    assert!(ran.stdout == "took 12ms\n" && ran.stderr.starts_with("error: row 3"));
    let filed = &items(&sandbox)[0];
    assert_eq!((filed["kind"].as_str(), filed["occurrences"].as_u64()), (Some("error"), Some(1)));
    let shown = sandbox.feedback(&["show", filed["id"].as_str().unwrap()]).ok();
    assert!(!shown.stdout.contains(&token()), "{}", shown.stdout);
    shown.says("exit_code:").says("took 12ms").says("<redacted:github-token>");
}

#[test]
fn output_with_a_zero_byte_is_redacted_too() {
    let sandbox = Sandbox::new();
    let script = r#"printf 'a\0b\n'; echo "password=hunter2xyz jane@corp.io 10.1.2.3"; exit 3"#;
    let ran = sandbox.feedback(&["run", "--", "sh", "-c", script]).exits(3);
    assert!(!ran.stderr.contains("kept as it is"), "{}", ran.stderr);
    let id = items(&sandbox)[0]["id"].as_str().unwrap().to_owned();
    let kept = sandbox.feedback(&["show", &id, "--evidence", "output.txt"]).ok().stdout;
    assert!(kept.starts_with("a\0b\n"), "{kept:?}");
    for secret in ["hunter2xyz", "jane@corp.io", "10.1.2.3"] {
        assert!(!kept.contains(secret), "{kept:?}");
    }
}

#[test]
fn no_half_of_a_secret_is_left_where_a_title_is_cut() {
    let sandbox = Sandbox::new();
    let url = "postgres://bob:Sw0rdfishLongPw1@db/x";
    let script = format!("echo 'error: {} connect to {url}' >&2; exit 2", "x".repeat(70));
    sandbox.feedback(&["run", "--", "sh", "-c", &script, "--some-flag", url]).exits(2);
    sandbox.feedback(&["run", "--", "false", "--flag-of-some-length", "aaaaaaaaaaaaaaa", url]).exits(1);
    assert_eq!(items(&sandbox).len(), 2);
    let notes = sandbox.note_lines("feedback").join("\n");
    assert!(!notes.contains("Sw0rdfish"), "{notes}");
}

#[test]
fn the_same_failure_again_is_counted_and_another_is_another_item() {
    let sandbox = Sandbox::new();
    for script in ["echo took $$ms; echo error: row 3 >&2; exit 1", "echo error: no such file; exit 1"] {
        sandbox.feedback(&["run", "--", "sh", "-c", script]).exits(1).says("filed as");
        sandbox.feedback(&["run", "--", "sh", "-c", script]).exits(1).says("seen again as");
    }
    let counts: Vec<_> = items(&sandbox).iter().map(|item| item["occurrences"].as_u64().unwrap()).collect();
    assert_eq!(counts, [2, 2]);
}

#[test]
fn a_resolved_failure_seen_again_is_regressed() {
    let sandbox = Sandbox::new();
    let fail = ["run", "--", "sh", "-c", "echo error: x; exit 1"];
    sandbox.feedback(&fail).exits(1);
    let id = items(&sandbox)[0]["id"].as_str().unwrap().to_owned();
    sandbox.feedback(&["close", &id]).ok();
    sandbox.feedback(&fail).exits(1);
    assert_eq!(items(&sandbox)[0]["status"], "regressed");
    sandbox.feedback(&["list"]).ok().says("[regressed]");
    sandbox.feedback(&["close", &id, "--ignore"]).ok();
    sandbox.feedback(&fail).exits(1);
    assert_eq!(items(&sandbox)[0]["status"], "ignored");
}

#[test]
fn a_signal_and_a_missing_program_have_codes_of_their_own() {
    let sandbox = Sandbox::new();
    sandbox.feedback(&["run", "--", "sh", "-c", "kill -TERM $$"]).exits(143).says("filed as");
    sandbox
        .feedback(&["run", "--", "no-such-program-here"])
        .exits(5)
        .says("could not be started")
        .says("hint:");
    sandbox.feedback(&["run"]).exits(2);
}

#[test]
fn a_failing_cargo_test_is_a_test_failure() {
    let sandbox = Sandbox::new();
    sandbox.write("Cargo.toml", "[package]\nname = \"t\"\nversion = \"0.1.0\"\nedition = \"2021\"\n");
    sandbox.write("src/lib.rs", "#[test]\nfn adds_up() { assert_eq!(1 + 1, 3); }\n");
    let ran = sandbox.feedback(&["run", "--", "cargo", "test", "--quiet", "--lib"]).exits(101);
    assert!(ran.stdout.contains("adds_up"), "{}", ran.stdout);
    sandbox.feedback(&["run", "--", "cargo", "test", "--quiet", "--lib"]).exits(101).says("seen again");
    let filed = items(&sandbox);
    assert_eq!(filed.len(), 1, "{filed:?}");
    assert_eq!(
        (filed[0]["kind"].as_str(), filed[0]["occurrences"].as_u64()),
        (Some("test-failure"), Some(2))
    );
}

#[test]
fn a_command_whose_child_holds_the_output_open_ends() {
    let sandbox = Sandbox::new();
    let started = std::time::Instant::now();
    sandbox.feedback(&["run", "--", "sh", "-c", "sleep 20 & exit 0"]).ok().says("still writes");
    assert!(started.elapsed().as_secs() < 10);
}

#[test]
fn standard_input_reaches_the_command() {
    let sandbox = Sandbox::new();
    let ran = super::with_stdin(&sandbox, &["run", "--", "cat"], b"hello").ok();
    assert_eq!(ran.stdout, "hello");
    finish(sandbox.command(FEEDBACK).args(["run", "--", "true"])).ok();
}

#[test]
fn a_command_stopped_by_hand_is_not_filed() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(FEEDBACK);
    command.args(["run", "--", "sh", "-c", "echo $$ > started; exec sleep 30"]);
    use std::os::unix::process::CommandExt;
    let mut child = command.process_group(0).spawn().unwrap();
    let started = sandbox.path("started");
    wait_for("the command to start", 10, || {
        std::fs::read_to_string(&started).ok().filter(|pid| !pid.is_empty())
    });
    // As a terminal does it: to the whole group.
    sandbox.run("sh", &["-c", &format!("kill -INT -{}", child.id())]).ok();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(items(&sandbox).is_empty());
}
