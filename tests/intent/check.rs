//! `cargo intent check`: every verdict, on real programs.

use std::process::{Command, Stdio};

use super::list::SMALL;
use crate::support::{INTENT, Ran, Sandbox, wait_for};

/// A sandbox with one intent of these checks.
pub fn with(checks: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("intents/x.toml", format!("{SMALL}{checks}"));
    sandbox
}

pub fn check(id: &str, rest: &str) -> String {
    format!("[[acceptance]]\nid = \"{id}\"\n{rest}\n")
}

#[track_caller]
pub fn has_line(ran: &Ran, start: &str) {
    assert!(
        ran.stdout.lines().any(|line| line.starts_with(start)),
        "{start:?} in\n{}\n{}",
        ran.stdout,
        ran.stderr
    );
}

#[test]
fn commands_pass_and_fail_by_exit_code_and_words() {
    let sandbox = with(
        &[
            check("yes", "run = \"sh -c 'echo out; echo err >&2; exit 2'\"\nexit = 2\nstdout = \"out\"\nstderr = \"err\""),
            check("code", "run = \"sh -c 'exit 7'\""),
            check("words", "run = \"echo hello\"\nstdout = \"bye\""),
            check("input", "run = \"cat\"\nstdin = \"README.md\"\nstdout = \"a project\""),
            check("env", "run = \"sh -c 'echo $A in $(basename $PWD)'\"\nenv = { A = \"b\" }\ndir = \"intents\"\nstdout = \"b in intents\""),
        ]
        .concat(),
    );
    let ran = sandbox.intent(&["check"]).exits(1);
    has_line(&ran, "pass        x/yes");
    has_line(&ran, "fail        x/code");
    has_line(&ran, "fail        x/words");
    has_line(&ran, "pass        x/input");
    has_line(&ran, "pass        x/env");
    assert!(ran.stdout.contains("exit code 7, expected 0"));
    assert!(ran.stdout.contains("stdout does not contain \"bye\"\n    stdout:\n    hello"), "{}", ran.stdout);
    assert!(ran.stderr.contains("3 pass, 2 fail") && ran.stderr.contains("unconfined"), "{}", ran.stderr);
    let quiet = sandbox.intent(&["check", "--quiet"]).exits(1);
    assert_eq!(quiet.stderr, "");
}

#[test]
fn what_cannot_be_found_out_is_unverified_and_names_what_is_missing() {
    let sandbox = with(
        &[
            check("program", "run = \"no-such-program --help\""),
            check("file", "run = \"cat\"\nstdin = \"nowhere.txt\""),
            check("folder", "run = \"ls\"\ndir = \"nowhere\""),
            check("nothing", "text = \"later\""),
            check("test", "test = \"a::b\""),
            check("cases", "fixtures = \"cat {input}\""),
        ]
        .concat(),
    );
    let ran = sandbox.intent(&["check"]).exits(3);
    assert!(ran.stdout.lines().all(|line| line.starts_with("unverified")), "{}", ran.stdout);
    for reason in [
        "no-such-program is missing",
        "nowhere.txt does not exist",
        "asserts nothing: add one of",
        "no cargo project",
        "no case",
    ] {
        assert!(ran.stdout.contains(reason), "{reason} in {}", ran.stdout);
    }
}

#[test]
fn what_waits_leaves_the_code_alone_unless_strict() {
    let sandbox = with(
        &[
            check("person", "inspect = \"Is it kind?\""),
            check("service", "http = \"GET /health\""),
            check("signal", "signal = \"error-rate\"\nmax = 0.01"),
        ]
        .concat(),
    );
    let ran = sandbox.intent(&["check"]).ok();
    assert!(ran.stdout.lines().all(|line| line.starts_with("waiting")), "{}", ran.stdout);
    assert!(ran.stderr.contains("accepted, not acted on by this version: `signal` of signal"));
    sandbox.intent(&["check", "--strict"]).exits(3);
}

#[test]
fn a_hanging_check_is_ended_with_everything_it_started() {
    let sandbox = with(&check(
        "hangs",
        "run = \"sh -c 'setsid sh -c \\\"echo \\\\$$ > grandchild; exec sleep 300\\\" & sleep 300'\"\ntimeout = \"1s\"",
    ));
    let ran = sandbox.intent(&["check"]).exits(1);
    has_line(&ran, "timeout     x/hangs");
    let pid: i32 = sandbox.read("grandchild").trim().parse().unwrap();
    wait_for("the grandchild to be gone", 5, || {
        let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok();
        state.is_none_or(|state| state.contains(") Z ")).then_some(())
    });
}

#[test]
fn each_fixture_folder_is_a_case_and_differences_are_shown() {
    let sandbox = with(&check("cases", "fixtures = \"sh convert.sh {input}\"\ncompare = \"json\""));
    sandbox.write(
        "convert.sh",
        "[ \"$2\" = -f ] && exit 4\necho \"{\\\"v\\\": $(cat $1), \\\"e\\\": \\\"$E\\\"}\"\n",
    );
    let case = |name: &str, file: &str, text: &str| sandbox.write(&format!("intents/x/{name}/{file}"), text);
    case("good", "input.txt", "1");
    case("good", "expected.json", "{ \"e\": \"yes\", \"v\": 1.0 }");
    case("good", "env", "E=yes\n");
    case("wrong", "input.txt", "2");
    case("wrong", "expected.json", "{\"v\": 3, \"e\": \"\"}");
    case("failing", "input.txt", "2");
    case("failing", "args", "-f 'two words'");
    case("failing", "exit", "4\n");
    case("failing", "expected.json", "{}");
    case("open", "input.txt", "2");
    case("two", "input.a", "2");
    case("two", "input.b", "2");
    let ran = sandbox.intent(&["check"]).exits(1);
    has_line(&ran, "pass        x/cases/good");
    has_line(&ran, "fail        x/cases/wrong");
    assert!(ran.stdout.contains("    $.v: expected 3, got 2\n"), "{}", ran.stdout);
    has_line(&ran, "fail        x/cases/failing");
    has_line(&ran, "waiting     x/cases/open");
    assert!(ran.stdout.contains("write intents/x/open/expected.*"), "{}", ran.stdout);
    has_line(&ran, "unverified  x/cases/two");
    let json = sandbox.intent(&["check", "--format", "json"]).exits(1).json();
    assert_eq!(json["checks"].as_array().unwrap().len(), 5);
    assert_eq!((json["schema"].as_u64(), json["checks"][0]["case"].as_str()), (Some(1), Some("failing")));
}

#[test]
fn fixtures_may_be_binary_large_or_wrongly_made() {
    let sandbox = with(&check("cases", "fixtures = \"sh convert.sh\""));
    sandbox.write("convert.sh", "cat\n");
    let large = b"0123456\n".repeat(1_200_000);
    let mut other = large.clone();
    other[10] = b'x';
    for (case, input, expected) in [
        ("large", large.as_slice(), large.as_slice()),
        ("large-wrong", &large, &other),
        ("binary", b"\xff\x00\x01", b"\xff\x00\x01"),
        ("binary-wrong", b"\xff\x00\x01", b"\xff\x00\x02\x03"),
    ] {
        sandbox.write(&format!("intents/x/{case}/input.bin"), input);
        sandbox.write(&format!("intents/x/{case}/expected.bin"), expected);
    }
    sandbox.write("intents/x/no-input/expected.txt", "a");
    sandbox.write("intents/x/outside/input", "a");
    std::os::unix::fs::symlink("/etc/hostname", sandbox.path("intents/x/outside/expected")).unwrap();
    sandbox.write("intents/x/folder/input/inner", "a");
    sandbox.write("intents/x/folder/expected", "a");
    let ran = sandbox.intent(&["check"]).exits(1);
    has_line(&ran, "pass        x/cases/large ");
    has_line(&ran, "fail        x/cases/large-wrong");
    assert!(
        ran.stdout.contains("expected 9600000 bytes, got 9600000; first difference at byte 10, in line 2")
    );
    has_line(&ran, "pass        x/cases/binary ");
    has_line(&ran, "fail        x/cases/binary-wrong");
    assert!(
        ran.stdout.contains("    binary: expected 4 bytes, got 3; first difference at byte 2\n"),
        "{}",
        ran.stdout
    );
    has_line(&ran, "unverified  x/cases/no-input  no input: write intents/x/no-input/input.*");
    has_line(&ran, "unverified  x/cases/outside  intents/x/outside/expected leads outside the repository");
    has_line(&ran, "unverified  x/cases/folder  intents/x/folder/input is not a file");
}

#[test]
fn a_check_of_one_case_takes_it_from_the_others_and_misses_it_when_gone() {
    let own = check("mine", "fixtures = \"head -n 5\"\ncase = \"fb-1\"");
    let gone = check("lost", "fixtures = \"head -n 5\"\ncase = \"fb-2\"");
    let sandbox = with(&format!("{}{own}{gone}", check("all", "fixtures = \"head -n 5\"")));
    for case in ["fb-1", "other"] {
        sandbox.write(&format!("intents/x/{case}/input"), "text");
        sandbox.write(&format!("intents/x/{case}/expected"), "text");
    }
    let ran = sandbox.intent(&["check"]).exits(1);
    has_line(&ran, "pass        x/all/other");
    has_line(&ran, "pass        x/mine/fb-1");
    has_line(&ran, "drift       x/lost/fb-2");
    assert_eq!(ran.stdout.lines().count(), 3, "{}", ran.stdout);
}

#[test]
fn broken_files_are_named_and_the_others_are_checked_all_the_same() {
    let sandbox = with(&check("ok", "run = \"git --version\""));
    sandbox.write("intents/bad.toml", "schema = 1\ntitle = \"t\"\noutcom = \"o\"\n");
    let ran = sandbox.intent(&["check"]).exits(2);
    has_line(&ran, "pass        x/ok");
    assert!(ran.stderr.contains("--> intents/bad.toml:3:1"), "{}", ran.stderr);
    assert!(ran.stderr.contains("1 pass, 1 broken"), "{}", ran.stderr);
    sandbox.intent(&["check", "x"]).ok();
    sandbox.intent(&["check", "y"]).exits(2).says("no intent is called \"y\"");
    let twice = format!("{}{}", check("a", "run = \"true\""), check("a", "run = \"true\""));
    sandbox.write("intents/bad.toml", format!("{SMALL}{twice}"));
    sandbox.intent(&["check"]).exits(2).says("duplicate id \"a\"").says("first used here");
}

#[test]
fn without_running_only_the_files_are_judged() {
    let checks = [check("would-fail", "run = \"false\""), check("empty", "text = \"x\"")].concat();
    let many: String = (0..13).map(|n| check(&format!("c{n}"), "run = \"false\"")).collect();
    let sandbox = with(&format!("{checks}{many}"));
    let ran = sandbox.intent(&["check", "--no-run"]).exits(3).says("15 checks are many");
    has_line(&ran, "waiting     x/would-fail  not run");
    has_line(&ran, "unverified  x/empty  asserts nothing");
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let many: String = (0..200).map(|n| check(&format!("c{n}"), "inspect = \"q\"")).collect();
    let sandbox = with(&many);
    let mut child = sandbox
        .command(INTENT)
        .args(["check", "--quiet"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), b"".as_slice()));
}

#[test]
fn ctrl_c_ends_the_checks_and_what_they_started() {
    let sandbox = with(&check("long", "run = \"sh -c 'echo $$ > pid; sleep 300'\"\ntimeout = \"400s\""));
    let mut child =
        sandbox.command(INTENT).arg("check").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let pid = wait_for("the check to begin", 10, || {
        std::fs::read_to_string(sandbox.path("pid")).ok()?.trim().parse::<u32>().ok()
    });
    let id = child.id().to_string();
    assert!(Command::new("sh").args(["-c", &format!("kill -INT {id}")]).status().unwrap().success());
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(130));
    wait_for("the check to be gone", 5, || {
        (!std::path::Path::new(&format!("/proc/{pid}")).exists()).then_some(())
    });
}

#[test]
fn outside_a_repository_it_says_so() {
    Sandbox::bare().intent(&["check"]).exits(2).says("not a git repository");
}
