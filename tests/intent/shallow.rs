//! Checks that assert nothing are named by `check`, without running anything.

use super::check::{check, has_line};
use super::list::SMALL;
use crate::support::Sandbox;

const MANIFEST: &str = "[package]\nname = \"tool\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";

const TESTS: &str = "mod support;
use support::holds;
#[test]
fn empty() {}
#[test]
fn literal() { assert!(true); }
#[test]
fn smoke() { let _ = \"a\".parse::<u8>(); }
#[test]
fn honest() { assert_eq!(\"1\".parse::<u8>(), Ok(1)); }
#[test]
fn helped() { holds(1); }
";

fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("Cargo.toml", MANIFEST);
    sandbox.write("src/lib.rs", "");
    sandbox.write("tests/accept.rs", TESTS);
    sandbox.write("tests/support/mod.rs", "pub fn holds(x: u8) { assert_eq!(x, 1); }\n");
    sandbox
}

#[test]
fn what_cannot_fail_is_vacuous_and_what_only_looks_so_is_remarked_on() {
    let sandbox = project();
    let bound = ["empty", "literal", "smoke", "honest", "helped"];
    let tests: String = bound.iter().map(|name| check(name, &format!("test = \"accept::{name}\""))).collect();
    let others = [
        check("nothing", "run = \"sh -c 'tool || true'\""),
        check("itself", "run = \"echo x\"\nstdout = \"x\""),
        check("version", "run = \"git --version\"\ntext = \"It works as expected\""),
        check("copies", "fixtures = \"cat {input}\""),
        check("slow", "signal = \"latency\""),
        check("later", "text = \"Sorted by name\""),
    ]
    .concat();
    let constraint = "[[constraint]]\nid = \"kind\"\nkind = \"ux\"\ntext = \"It is said kindly.\"\n";
    sandbox.write("intents/x.toml", format!("{SMALL}{constraint}{tests}{others}"));
    for (case, expected) in [("same", "a\n"), ("other", "b\n")] {
        sandbox.write(&format!("intents/x/{case}/input.txt"), "a\n");
        sandbox.write(&format!("intents/x/{case}/expected.txt"), expected);
    }
    let ran = sandbox.intent(&["check", "--no-run"]).exits(1);
    for (verdict, name) in [
        ("vacuous", "empty"),
        ("vacuous", "literal"),
        ("waiting", "smoke"),
        ("waiting", "honest"),
        ("waiting", "helped"),
        ("vacuous", "nothing"),
        ("vacuous", "itself"),
        ("waiting", "version"),
        ("vacuous", "copies/same"),
        ("waiting", "copies/other"),
        ("waiting", "slow"),
        ("unverified", "later"),
    ] {
        has_line(&ran, &format!("{verdict:<12}x/{name}"));
    }
    let ran = ran
        .says("`sh -c 'tool || true'` ends with 0 whatever the project does")
        .says("`echo x` says \"x\" itself")
        .says("`cat {input}` answers as expected without using the project")
        .says("x/smoke: the test accept::smoke has no assertion that can be seen")
        .says("x/version: its text asserts nothing: \"It works as expected\"")
        .says("x/slow: the signal `latency` has no `max`")
        .says("x: no check holds kind: a person judges it when accepting");
    assert!(!ran.stderr.contains("honest") && !ran.stderr.contains("helped"), "{}", ran.stderr);
    assert!(!sandbox.path("target").exists(), "nothing was built");
    let json = sandbox.intent(&["check", "--no-run", "--format", "json"]).exits(1).json();
    let remarks = json["remarks"].as_array().unwrap();
    let of = |about: &str| remarks.iter().filter(|remark| remark["about"] == about).count();
    assert_eq!((of("smoke"), of("version"), of("slow"), of("honest")), (1, 1, 1, 0), "{json}");
}

#[test]
fn a_remark_leaves_the_exit_code_alone_and_a_vacuous_check_is_not_run() {
    let sandbox = Sandbox::new();
    let vague = check("a", "run = \"git --version\"\ntext = \"works\"");
    sandbox.write("intents/x.toml", format!("{SMALL}{vague}"));
    let ran = sandbox.intent(&["check"]).ok().says("its text asserts nothing");
    has_line(&ran, "pass        x/a");
    let touches = check("b", "run = \"sh -c 'touch ran || true'\"");
    sandbox.write("intents/x.toml", format!("{SMALL}{touches}"));
    has_line(&sandbox.intent(&["check"]).exits(1), "vacuous     x/b");
    assert!(!sandbox.path("ran").exists());
}

#[test]
fn a_program_of_the_project_may_be_called_true() {
    let sandbox = Sandbox::new();
    sandbox.write("Cargo.toml", MANIFEST.replace("tool", "true"));
    sandbox.write("src/main.rs", "fn main() {}\n");
    sandbox.write("intents/x.toml", format!("{SMALL}{}", check("own", "run = \"true\"")));
    has_line(&sandbox.intent(&["check", "--no-run"]).ok(), "waiting     x/own");
}

#[test]
fn a_build_does_not_hold_where_its_only_check_asserts_nothing() {
    let sandbox = super::work::project("echo done > result.txt");
    let text = sandbox.read("intents/say.toml").replace("grep -c done result.txt", "true");
    sandbox.write("intents/say.toml", text);
    sandbox.commit("a check that asserts nothing");
    let json = super::work::build(&sandbox, &["--rounds", "1"]).exits(1).json();
    assert_eq!(json["reports"][0]["verdict"], "vacuous", "{json}");
}
