//! What a check follows is what its approval holds: nothing can be taken out of it from behind.

use std::os::unix::fs::symlink;

use super::check::{check, has_line, with};
use super::list::SMALL;

fn contract(id: &str, rest: &str) -> String {
    format!("[[contract]]\nid = \"{id}\"\n{rest}\n")
}

#[test]
fn what_a_link_inside_the_repository_leads_to_verifies_nothing() {
    let cases = check("cases", "fixtures = \"cat\"");
    let sandbox = with(
        &[
            cases.clone(),
            check("stdin", "run = \"grep a\"\nstdin = \"links/words\""),
            check("body", "http = \"POST /\"\nbody = \"links/words\""),
            check("schema", "http = \"GET /\"\nschema = \"way/schema.json\""),
            contract("file", "kind = \"file\"\npath = \"links/words\""),
            contract("help", "kind = \"cli-help\"\nrun = \"cat words\"\npath = \"links/words\""),
            contract("shape", "kind = \"json-schema\"\npath = \"way/schema.json\"\nexamples = \"one.json\""),
            contract("ref", "kind = \"json-schema\"\npath = \"ref.json\"\nexamples = \"one.json\""),
        ]
        .concat(),
    );
    sandbox.write("words", "a\n");
    sandbox.write("one.json", "1");
    sandbox.write("ref.json", r#"{"$ref": "way/schema.json"}"#);
    sandbox.write("links/.keep", "");
    sandbox.write("real/schema.json", "{}");
    symlink("../words", sandbox.path("links/words")).unwrap();
    symlink("real", sandbox.path("way")).unwrap();
    for name in ["input", "expected.csv", "args", "env", "exit"] {
        for file in ["input", "expected.csv"] {
            sandbox.write(&format!("intents/x/{name}/{file}"), "a\n");
        }
        let path = sandbox.path(format!("intents/x/{name}/{name}"));
        let _ = std::fs::remove_file(&path);
        symlink("../../../words", path).unwrap();
    }
    sandbox.write("intents/y.toml", format!("{SMALL}{cases}"));
    sandbox.write("shared/one/input", "a\n");
    sandbox.write("shared/one/expected", "a\n");
    symlink("../shared", sandbox.path("intents/y")).unwrap();
    let ran = sandbox.intent(&["check", "--url", "http://127.0.0.1:1"]).exits(3);
    let file = "is a link; put the file itself there";
    let folder = "is a link; put the folder itself there";
    for name in ["input", "expected.csv", "args", "env", "exit"] {
        has_line(&ran, &format!("unverified  x/cases/{name}  intents/x/{name}/{name} {file}"));
    }
    has_line(&ran, &format!("unverified  y/cases/one  intents/y {folder}"));
    has_line(&ran, &format!("unverified  x/stdin  stdin: links/words {file}"));
    has_line(&ran, &format!("unverified  x/body  its body: links/words {file}"));
    has_line(&ran, &format!("unverified  x/schema  way {folder}"));
    for id in ["file", "help"] {
        has_line(&ran, &format!("unverified  x/contract:{id}  links/words {file}"));
    }
    has_line(&ran, &format!("unverified  x/contract:shape  way {folder}"));
    let refers = format!("ref.json refers to a file behind a link: way {folder}");
    has_line(&ran, &format!("unverified  x/contract:ref  {refers}"));
}

#[test]
fn a_test_behind_a_link_or_nested_without_end_verifies_nothing() {
    let tests = ["plain::a", "acc::a", "suite::help::a", "deep::a"];
    let checks = tests.map(|test| check(&test.replace("::", "-"), &format!("test = \"{test}\"")));
    let sandbox = with(&checks.concat());
    sandbox.write("Cargo.toml", "[package]\nname = \"p\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    sandbox.write("src/lib.rs", "");
    let test = "#[test] fn a() { assert_eq!(1 + 1, 2); }\n";
    for file in ["tests/plain.rs", "real/acc.rs", "other/mod.rs"] {
        sandbox.write(file, test);
    }
    sandbox.write("tests/suite.rs", "mod help;\n");
    let brackets = format!("const B: u8 = {}1{};\n", "(".repeat(1_000), ")".repeat(1_000));
    sandbox.write("tests/deep.rs", format!("#![allow(unused_parens)]\n{brackets}{test}"));
    symlink("../real/acc.rs", sandbox.path("tests/acc.rs")).unwrap();
    symlink("../other", sandbox.path("tests/help")).unwrap();
    let ran = sandbox.intent(&["check"]).exits(3);
    has_line(&ran, "pass        x/plain-a");
    has_line(&ran, "unverified  x/acc-a  tests/acc.rs is a link; put the file itself there");
    has_line(&ran, "unverified  x/suite-help-a  tests/help is a link; put the folder itself there");
    has_line(&ran, "unverified  x/deep-a  tests/deep.rs nests deeper than is read; write it flatter");
    // No command gives up on code of any depth.
    let without_end = format!("fn b() {{ {}1{}; }}\n", "(".repeat(60_000), ")".repeat(60_000));
    sandbox.write("tests/deep.rs", format!("{without_end}{test}"));
    for args in [&["show", "x"][..], &["list"], &["diff"]] {
        sandbox.intent(args).ok();
    }
    sandbox.write("factory.toml", "[approval]\nterminal = false\n");
    sandbox.commit("all");
    sandbox.intent(&["approve", "x"]).ok();
}

#[test]
fn a_schema_made_weaker_where_another_refers_to_it_makes_the_approval_stale() {
    let shape = "kind = \"json-schema\"\npath = \"schema/o.json\"\nexamples = \"one.json\"";
    let asked = check("asked", "http = \"GET /\"\nschema = \"schema/o.json\"");
    let sandbox = with(&[contract("shape", shape), asked].concat());
    sandbox.write("factory.toml", "[approval]\nterminal = false\n");
    sandbox.write("schema/o.json", r#"{"$ref": "common.json"}"#);
    sandbox.write("schema/common.json", r#"{"required": ["id"]}"#);
    sandbox.write("one.json", r#"{"id": 1}"#);
    sandbox.commit("all");
    sandbox.intent(&["approve", "x"]).ok();
    sandbox.intent(&["approve", "--verify"]).ok();
    sandbox.write("schema/common.json", "{}");
    let told = sandbox.intent(&["diff", "--format", "json"]).ok().json();
    assert_eq!(told["intents"][0]["approval"], "stale", "{told}");
    let changes = told["intents"][0]["changes"].as_array().unwrap();
    let keys: Vec<_> = changes.iter().map(|change| change["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["ref/schema/common.json", "schema-ref/schema/common.json"], "{told}");
    sandbox.commit("weaker");
    assert_ne!(sandbox.intent(&["approve", "--verify"]).code, 0);
}
