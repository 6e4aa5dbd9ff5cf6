//! `cargo intent check --prove`: a check is believed once it was red for the right reason.

use serde_json::Value;

use super::check::check;
use super::list::SMALL;
use crate::support::{Ran, Sandbox, has};

const MANIFEST: &str = "[package]\nname = \"tiny\"\nversion = \"0.1.0\"\nedition = \"2018\"\n";

/// A crate before and after a change: its last commit but one is the base.
fn project(checks: &str) -> Sandbox {
    let sandbox = Sandbox::unborn();
    sandbox.write(".gitignore", "/target\n");
    sandbox.write("Cargo.toml", MANIFEST);
    sandbox.write("Cargo.lock", "version = 4\n\n[[package]]\nname = \"tiny\"\nversion = \"0.1.0\"\n");
    sandbox.write(
        "src/lib.rs",
        "pub fn double(x: i32) -> i32 { x + x }\npub fn parse(_: &str) -> i32 { 0 }\npub struct Point { pub x: i32 }\n",
    );
    sandbox.write(
        "src/main.rs",
        "fn main() {\n  for file in std::env::args().skip(1) { print!(\"{}\", std::fs::read_to_string(file).unwrap()); }\n}\n",
    );
    sandbox.write("toggle.sh", "if [ -e ../toggle ]; then rm ../toggle; exit 1; fi\ntouch ../toggle\n");
    sandbox.commit("before");
    sandbox.git(&["switch", "-q", "-c", "work"]);
    sandbox.write("Cargo.toml", MANIFEST.replace("2018", "2021"));
    sandbox.write(
        "src/lib.rs",
        "pub fn double(x: i32) -> i32 { x + x }\npub fn parse(t: &str) -> i32 { t.parse().unwrap() }\n\
         pub struct Point { pub x: i32, pub y: i32 }\npub fn fresh() -> i32 { 1 }\n\
         #[cfg(test)]\nmod tests {\n #[test] fn unit() { assert_eq!(super::double(3), 6); }\n\
         #[test] fn weak() { assert_eq!(super::double(0), 0); }\n}\n",
    );
    sandbox.write(
        "src/main.rs",
        "fn main() {\n  for file in std::env::args().skip(1) { print!(\"{}\", std::fs::read_to_string(file).unwrap().to_uppercase()); }\n}\n",
    );
    sandbox.write("src/bin/extra.rs", "fn main() { println!(\"extra\"); }\n");
    sandbox.write(
        "tests/accept.rs",
        "use tiny::{double, fresh, parse, Point};\n\
         fn wanted() -> i32 { include_str!(\"data/seven.txt\").trim().parse().unwrap() }\n\
         #[test] fn honest() { assert_eq!(parse(\"7\"), wanted()); }\n\
         #[test] fn named() { assert_eq!(fresh(), 1); }\n\
         #[test] fn field() { assert_eq!(Point { x: 1, y: 2 }.y, 2); }\n\
         #[test] fn syntax() { assert_eq!(c\"a\".to_bytes(), b\"a\"); }\n\
         #[test] fn vacuous() { assert_eq!(double(2), 4); }\n",
    );
    sandbox.write("tests/data/seven.txt", "7\n");
    sandbox.write("samples/low.txt", "low");
    for (case, input) in [("same", "SAME"), ("other", "other")] {
        sandbox.write(&format!("intents/x/{case}/input.txt"), input);
        sandbox.write(&format!("intents/x/{case}/expected.txt"), input.to_uppercase());
    }
    sandbox.write("intents/x.toml", format!("{SMALL}{checks}"));
    sandbox.commit("after");
    sandbox
}

/// Id, keys, and what is to be known of each: verdict, red, words in the reason.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str);

const MUTANT: &str = "mutant = { file = \"src/lib.rs\", find = \"x + x\", replace = \"x * x * x\" }";

const TABLE: &[Row] = &[
    ("honest", "test = \"honest\"", "proven", "assertion", "left == right"),
    ("named", "test = \"accept::named\"\nred = \"build\"", "proven", "build", "fresh"),
    ("undeclared", "test = \"named\"", "unverified", "", "say red = \"build\""),
    ("overdeclared", "test = \"honest\"\nred = \"build\"", "unverified", "", "is not what happened"),
    ("field", "test = \"field\"\nred = \"build\"", "proven", "build", "adds (y)"),
    ("syntax", "test = \"syntax\"", "unverified", "", "not for want of what is new"),
    ("vacuous", "test = \"vacuous\"", "vacuous", "", "also passes on"),
    ("pinned", "test = \"vacuous\"\nred = \"none\"", "proven", "none", ""),
    ("unpinned", "test = \"honest\"\nred = \"none\"", "fail", "", "it pins what"),
    ("missing", "test = \"nothing\"", "unverified", "", "does not pass here (unverified: no test is called"),
    ("flaky", "run = \"sh toggle.sh\"", "flaky", "", "two runs differ: pass, then fail"),
    ("run-vacuous", "run = \"tiny\"", "vacuous", "", "also passes on"),
    (
        "run-honest",
        "run = \"tiny samples/low.txt\"\nstdout = \"LOW\"",
        "proven",
        "assertion",
        "stdout does not contain",
    ),
    ("run-new", "run = \"extra\"", "proven", "build", "no program extra on the base"),
    (
        "cases",
        "fixtures = \"tiny {input}\"",
        "proven",
        "assertion",
        "other: the output differs; also passes there: same",
    ),
    ("killed", "test = \"tests::unit\"\nMUTANT", "proven", "mutant", "turns it red"),
    ("survives", "test = \"tests::weak\"\nMUTANT", "vacuous", "", "survives its mutant of src/lib.rs"),
    (
        "twice",
        "test = \"tests::unit\"\nmutant = { file = \"src/lib.rs\", find = \"pub fn\", replace = \"fn\" }",
        "unverified",
        "",
        "3 times in src/lib.rs",
    ),
    (
        "uncompiled",
        "test = \"tests::unit\"\nmutant = { file = \"src/lib.rs\", find = \"x + x\", replace = \"z\" }",
        "unverified",
        "",
        "does not compile",
    ),
    ("alive", "http = \"GET /\"", "waiting", "", "not of a commit"),
];

fn proofs(ran: &Ran) -> Vec<Value> {
    ran.json()["proofs"].as_array().unwrap().clone()
}

#[test]
fn checks_are_told_apart_by_how_they_were_red_on_the_base() {
    let checks: String =
        TABLE.iter().map(|(id, keys, ..)| check(id, &keys.replace("MUTANT", MUTANT))).collect();
    let sandbox = project(&checks);
    let ran = sandbox.intent(&["check", "--prove", "--format", "json"]).exits(1);
    let base = sandbox.git(&["rev-parse", "main"]);
    let mut wrong = Vec::new();
    for ((id, _, verdict, red, words), proof) in TABLE.iter().zip(proofs(&ran)) {
        let text = |key: &str| proof[key].as_str().unwrap_or_default().to_owned();
        let right = text("check") == *id && text("verdict") == *verdict && text("red") == *red;
        let base_is = ["", base.trim()].contains(&text("base").as_str());
        if !(right && base_is && text("reason").contains(words)) {
            wrong.push(format!("{id}: wanted {verdict} {red} {words:?}, got {proof:#}"));
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.join("\n"), ran.stderr);
    assert_eq!(sandbox.git(&["status", "--porcelain"]), "", "the work tree is untouched");
    // It is kept on the commit, shown, and stale once something it depends on changed.
    assert!(sandbox.note_lines("intent").iter().any(|line| line.contains("\"op\":\"prove\"")));
    let shown = sandbox.intent(&["show", "x"]).ok();
    assert!(shown.stdout.contains("proven  red (assertion) on "), "{}", shown.stdout);
    sandbox.write("tests/data/seven.txt", "8\n");
    assert!(sandbox.intent(&["show", "x"]).ok().stdout.contains("proven  red (assertion)"));
    sandbox.write("intents/x.toml", sandbox.read("intents/x.toml").replace("\"LOW\"", "\"L\""));
    sandbox.intent(&["show", "x"]).ok().says("stale");
}

#[test]
fn a_base_that_does_not_build_proves_nothing() {
    let checks = [
        check("run", "run = \"tiny samples/low.txt\"\nstdout = \"LOW\""),
        check("test", "test = \"honest\""),
    ];
    let sandbox = project(&checks.concat());
    let head = sandbox.git(&["rev-parse", "HEAD"]);
    sandbox.git(&["switch", "-q", "main"]);
    sandbox.write("src/lib.rs", "pub fn double(x: i32) -> i32 { \"no\" }\n");
    sandbox.commit("broken");
    sandbox.git(&["switch", "-q", "--detach", head.trim()]);
    let ran = sandbox.intent(&["check", "--prove", "--base", "main"]).exits(3);
    for id in ["run", "test"] {
        let line =
            format!("unverified  x/{id}  the base commit does not build: error[E0308]: mismatched types");
        assert!(ran.stdout.contains(&line), "{line:?} in {}", ran.stdout);
    }
    assert!(ran.stdout.contains("pass        x/run"), "{}", ran.stdout);
    sandbox.intent(&["check", "--base", "main"]).exits(2);
    sandbox.intent(&["check", "--prove", "--base", "nowhere"]).exits(2);
}

#[test]
fn a_unit_test_is_proven_by_generated_mutants_where_cargo_mutants_is_there() {
    let sandbox = project(&check("unit", "test = \"tests::parsing\""));
    let text = sandbox.read("src/lib.rs");
    sandbox.write(
        "src/lib.rs",
        text.replace(
            "#[test] fn weak",
            "#[test] fn parsing() { assert_eq!(super::parse(\"7\"), 7); }\n#[test] fn weak",
        ),
    );
    if !has("cargo-mutants") {
        let ran = sandbox.intent(&["check", "--prove"]).exits(3);
        assert!(ran.stdout.contains("declare a `mutant`, or: cargo install cargo-mutants"), "{}", ran.stdout);
        ran.says("the proof is not kept");
        return;
    }
    let proof = &proofs(&sandbox.intent(&["check", "--prove", "--format", "json"]).ok())[0];
    assert_eq!(
        (proof["verdict"].as_str(), proof["red"].as_str()),
        (Some("proven"), Some("mutant")),
        "{proof:#}"
    );
    assert!(proof["mutants"]["tested"].as_u64() > proof["mutants"]["caught"].as_u64(), "{proof:#}");
    assert!(proof["reason"].as_str().unwrap().contains("survivors: src/lib.rs"), "{proof:#}");
}
