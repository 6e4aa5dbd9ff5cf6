//! What all commands of `git feedback` share at the terminal: help, errors, JSON, cut texts.

use super::{add, items};
use crate::support::{FEEDBACK, Sandbox, on_terminal};

const COMMANDS: [&str; 8] = ["add", "run", "list", "show", "promote", "close", "reopen", "sync"];

#[test]
fn each_help_has_examples_and_its_own_options_first() {
    let sandbox = Sandbox::bare();
    for command in COMMANDS {
        for flag in ["-h", "--help"] {
            let help = sandbox.feedback(&[command, flag]).ok().stdout;
            assert!(help.contains("Example"), "{command} {flag}: {help}");
            let shared = help.find("Options of every command:").unwrap();
            assert!(help[shared..].contains("--format") && !help[..shared].contains("--format"), "{help}");
            assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
        }
    }
}

#[test]
fn the_short_help_does_not_send_one_to_a_manual_page_that_git_would_look_for() {
    let sandbox = Sandbox::bare();
    let help = sandbox.feedback(&["-h"]).ok().stdout;
    assert!(!help.contains("see more with"), "{help}");
    assert!(help.contains("refs/notes/feedback"), "{help}");
}

#[test]
fn every_error_is_a_json_object_too() {
    let sandbox = Sandbox::bare();
    for args in [&["add", "x"][..], &["list"], &["show", "x"], &["close", "x"], &["reopen", "x"], &["sync"]] {
        let ran = sandbox.feedback(&[args, &["--format", "json"]].concat()).exits(2);
        let told = ran.json();
        assert_eq!((&told["schema"], &told["exit"]), (&1.into(), &2.into()), "{told}");
        assert_eq!(told["hint"], "git init", "{told}");
        ran.says("error: ");
    }
}

#[test]
fn the_output_of_a_command_that_is_run_holds_nothing_of_ours() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path(".git/refs/notes"), "in the way").unwrap();
    let ran = sandbox.feedback(&["run", "--format", "json", "--", "sh", "-c", "echo own; exit 7"]).exits(7);
    assert_eq!(ran.stdout, "own\n");
    ran.says("could not be filed");
}

#[test]
fn a_narrow_terminal_cuts_titles_and_a_pipe_gets_them_whole() {
    let sandbox = Sandbox::new();
    let title = "a title that goes on and on and on and on and on to its very end";
    add(&sandbox, &[title]);
    let shown = on_terminal(&sandbox, 70, &format!("{FEEDBACK} list --color never"));
    assert!(shown.contains("a title that") && shown.contains('…'), "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() <= 70), "{shown}");
    assert!(sandbox.feedback(&["list"]).ok().stdout.contains(title));
}

#[test]
fn long_evidence_is_cut_in_lines_and_columns_and_the_command_for_the_rest_works() {
    let sandbox = Sandbox::new();
    let wide = format!("{{\"rows\":[{}]}}\n", "\"row\",".repeat(300));
    sandbox.write("wide one.json", &wide);
    let tall: String = (0..50).map(|at| format!("line {at}\n")).collect();
    sandbox.write("tall.txt", &tall);
    sandbox.write("small.txt", "all\nof it\n");
    let files = ["wide one.json", "tall.txt", "small.txt"];
    let id = add(&sandbox, &["x", "--attach", files[0], "--attach", files[1], "--attach", files[2]]);
    let shown = sandbox.feedback(&["show", &id]).ok().stdout;
    assert!(shown.lines().all(|line| line.chars().count() <= 210), "{shown}");
    assert!(shown.contains("line 19\n") && !shown.contains("line 20\n"), "{shown}");
    assert!(shown.contains("    of it\n") && !shown.contains("--evidence small.txt"), "{shown}");
    let rest = shown.lines().find(|line| line.contains("wide one.json'")).unwrap();
    let command = rest.split("git feedback ").nth(1).unwrap();
    let line = format!("{FEEDBACK} {command}");
    assert_eq!(sandbox.run("sh", &["-c", &line]).ok().stdout, wide);
}

#[test]
fn a_path_that_is_not_utf8_can_be_attached() {
    use std::os::unix::ffi::OsStrExt;
    let sandbox = Sandbox::new();
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.txt");
    std::fs::write(sandbox.repo.join(name), "words").unwrap();
    let mut command = sandbox.command(FEEDBACK);
    crate::support::finish(command.args(["add", "x", "--attach"]).arg(name)).ok();
    let id = items(&sandbox)[0]["id"].as_str().unwrap().to_owned();
    sandbox.feedback(&["show", &id]).ok().says("words");
}
