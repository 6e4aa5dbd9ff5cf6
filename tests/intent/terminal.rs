//! What all commands of `cargo intent` share at the terminal: help, errors, JSON, bad input.

use super::work::{built, project};
use crate::support::{INTENT, Sandbox, on_terminal};

const COMMANDS: [&str; 10] =
    ["new", "list", "show", "check", "approve", "build", "review", "accept", "reject", "tour"];

#[test]
fn each_help_has_examples_and_its_own_options_first() {
    let sandbox = Sandbox::bare();
    for command in COMMANDS {
        for flag in ["-h", "--help"] {
            let help = sandbox.intent(&[command, flag]).ok().stdout;
            assert!(help.contains("Examples:\n"), "{command} {flag}: {help}");
            let shared = help.find("Options of every command:").unwrap();
            assert!(help[shared..].contains("--format") && !help[..shared].contains("--format"), "{help}");
            assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
        }
    }
}

#[test]
fn every_error_is_a_json_object_too() {
    let sandbox = Sandbox::bare();
    for args in [
        &["list"][..],
        &["check"],
        &["show", "a"],
        &["build", "a"],
        &["review"],
        &["accept", "a"],
        &["approve", "a"],
    ] {
        let ran = sandbox.intent(&[args, &["--format", "json"]].concat()).exits(2);
        let told = ran.json();
        assert_eq!(told["schema"], 1, "{told}");
        assert_eq!((&told["exit"], &told["hint"]), (&2.into(), &"git init".into()), "{told}");
        assert!(told["error"].as_str().unwrap().contains("not a git repository"), "{told}");
        ran.says("error: ");
    }
}

#[test]
fn a_broken_file_is_one_json_object_with_its_problems() {
    let sandbox = Sandbox::new();
    sandbox.write("intents/a.toml", "schema = 1\ntitel = \"x\"\n");
    let told = sandbox.intent(&["show", "a", "--format", "json"]).exits(2).json();
    let problems = told["problems"].as_array().unwrap();
    assert!(problems.iter().any(|problem| problem["line"] == 2), "{told}");
}

#[test]
fn before_the_first_commit_it_says_what_to_do() {
    let sandbox = Sandbox::unborn();
    sandbox.intent(&["new", "a", "--outcome", "It is."]).ok();
    sandbox.intent(&["list"]).ok();
    sandbox.intent(&["show", "a"]).ok();
    sandbox.intent(&["check"]).ok();
    for args in [
        &["build", "a"][..],
        &["approve", "a"],
        &["review"],
        &["accept", "a"],
        &["reject", "a", "--because", "x"],
    ] {
        sandbox.intent(args).exits(2).says("no commit yet").says("git commit");
    }
}

#[test]
fn a_slug_that_is_a_path_makes_no_folder_anywhere() {
    let sandbox = project("exit 1");
    let outside = sandbox.home.join("outside");
    for slug in ["../../../../outside", outside.to_str().unwrap(), "..", "a/b"] {
        for args in [&["build", slug][..], &["accept", slug], &["reject", slug, "--because", "x"]] {
            sandbox.intent(args).exits(2).says("is no slug");
        }
    }
    assert!(!outside.exists() && !sandbox.home.join("state").exists());
}

#[test]
fn a_narrow_terminal_cuts_titles_and_a_pipe_gets_them_whole() {
    let sandbox = Sandbox::new();
    let title = "a title that goes on and on and on and on and on to its very end";
    sandbox.write("intents/a.toml", format!("schema = 1\ntitle = \"{title}\"\noutcome = \"o\"\n"));
    sandbox.write("intents/b.toml", format!("schema = 1\n{} = 1\n", "long".repeat(30)));
    let shown = on_terminal(&sandbox, 60, &format!("{INTENT} list --color never 2> /dev/null; true"));
    for line in shown.lines() {
        assert!(line.chars().count() <= 60, "{line}");
    }
    assert!(shown.contains("…    0 checks  unapproved"), "{shown}");
    assert!(sandbox.intent(&["list"]).exits(2).stdout.contains(title));
}

#[test]
fn limits_that_cannot_be_are_refused() {
    let sandbox = project("exit 1");
    for limit in [["--rounds", "0"], ["--minutes", "0"], ["--minutes", "inf"], ["--minutes", "nan"]] {
        sandbox.intent(&["build", "say", limit[0], limit[1]]).exits(2);
    }
}

#[test]
fn nothing_but_results_is_said_when_quiet() {
    let sandbox = built();
    for args in [&["list"][..], &["show", "say"], &["review"], &["check"]] {
        let ran = sandbox.intent(&[args, &["--quiet"]].concat());
        assert!(ran.stderr.is_empty(), "{args:?}: {}", ran.stderr);
    }
}
