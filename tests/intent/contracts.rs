//! Contracts of intents: they hold, drift with the difference, or are unverified with the reason.

use std::os::unix::fs::PermissionsExt;

use super::check::{check, has_line};
use super::list::SMALL;
use crate::support::{INTENT, Sandbox, has};

fn contract(id: &str, kind: &str, rest: &str) -> String {
    format!("[[contract]]\nid = \"{id}\"\nkind = \"{kind}\"\n{rest}\n")
}

/// A sandbox with one intent of these parts.
fn with(parts: &[String]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("intents/x.toml", format!("{SMALL}{}", parts.concat()));
    sandbox
}

/// The contract's entry in `check --format json`.
fn entry(document: &serde_json::Value, id: &str) -> serde_json::Value {
    let all = document["checks"].as_array().unwrap();
    let found = all.iter().find(|entry| entry["contract"] == id);
    found.unwrap_or_else(|| panic!("no {id} in {document}")).clone()
}

const ORDER: &str = r#"{"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}"#;

#[test]
fn contracts_about_files_hold_drift_or_are_unverified_without_running_anything() {
    let sandbox = with(&[
        contract("licence", "file", "path = \"LICENSE\""),
        contract("gone", "file", "path = \"COPYING\""),
        contract("leads-out", "file", "path = \"secrets\""),
        contract(
            "notes",
            "markdown",
            "files = \"notes/*.md\"\nsections = [\"# Note\", \"## Why\"]\nfront-matter = [\"date\"]",
        ),
        contract("one-note", "markdown", "files = \"notes/good.md\"\nsections = [\"Why\"]"),
        contract("no-notes", "markdown", "files = \"elsewhere/*.md\"\nsections = [\"Why\"]"),
        contract("nothing", "markdown", "files = \"notes/*.md\""),
        contract("order", "json-schema", "path = \"order.json\"\nexamples = \"examples/*\""),
        contract("rows", "json-schema", "path = \"rows.json\""),
        contract("no-schema", "json-schema", "path = \"broken.json\""),
        contract("remote", "json-schema", "path = \"remote.json\""),
        contract("help", "cli-help", "run = \"tool --help\"\npath = \"help.txt\""),
        check("licence", "inspect = \"Is it free?\""),
    ]);
    sandbox.write("LICENSE", "MIT\n");
    std::os::unix::fs::symlink("/etc/passwd", sandbox.path("secrets")).unwrap();
    sandbox.write("notes/good.md", "---\ndate: 2026-11-22\n---\n# Note\n\n## Why\n");
    sandbox.write("notes/bad.md", "---\ndate:\n---\n# Note\n\n### Why\n");
    sandbox.write("order.json", ORDER);
    sandbox.write("rows.json", r#"{"type": "array", "items": {"$ref": "order.json"}}"#);
    sandbox.write("broken.json", r#"{"type": "nonsense"}"#);
    sandbox.write("remote.json", r#"{"$ref": "https://example.invalid/order.json"}"#);
    sandbox.write("examples/a.json", r#"{"id": 1}"#);
    sandbox.write("examples/b.jsonl", "{\"id\": 1}\n{\"id\": \"two\"}\n");
    sandbox.write("intents/x/case/input", "");
    sandbox.write("intents/x/case/expected.json", r#"[{"id": 7}]"#);
    let ran = sandbox.intent(&["check", "--no-run"]).exits(1);
    has_line(&ran, "pass        x/contract:licence");
    has_line(&ran, "waiting     x/licence");
    has_line(&ran, "drift       x/contract:gone  there is no file COPYING");
    has_line(&ran, "drift       x/contract:leads-out  secrets leads outside the repository");
    has_line(&ran, "drift       x/contract:notes  1 of 2 files lack what they must have");
    assert!(
        ran.stdout.contains(
            "    notes/bad.md: no section \"## Why\" (there it has level 3); front matter key `date` is empty\n"
        ),
        "{}",
        ran.stdout
    );
    has_line(&ran, "pass        x/contract:one-note");
    has_line(&ran, "unverified  x/contract:no-notes  no file matches elsewhere/*.md");
    has_line(&ran, "unverified  x/contract:nothing  asks for nothing");
    has_line(&ran, "drift       x/contract:order  1 violation of order.json");
    assert!(ran.stdout.contains("    examples/b.jsonl:2: at /id: "), "{}", ran.stdout);
    has_line(&ran, "pass        x/contract:rows");
    has_line(&ran, "drift       x/contract:no-schema  broken.json is no valid schema: at /type");
    has_line(&ran, "unverified  x/contract:remote  remote.json refers to https://example.invalid/order.json");
    has_line(&ran, "waiting     x/contract:help  not run");
    assert!(!ran.stderr.contains("not acted on"), "{}", ran.stderr);

    sandbox.write("intents/x/case/expected.json", r#"[{"id": "seven"}]"#);
    let json = sandbox.intent(&["check", "--no-run", "--format", "json"]).exits(1).json();
    let rows = entry(&json, "rows");
    assert_eq!((rows["verdict"].as_str(), rows["check"].is_null()), (Some("drift"), true), "{rows}");
    assert!(
        rows["detail"].as_str().unwrap().starts_with("intents/x/case/expected.json: at /0/id: "),
        "{rows}"
    );
}

#[test]
fn two_intents_that_claim_one_file_are_named_and_still_hold() {
    let sandbox = with(&[contract("licence", "file", "path = \"README.md\"")]);
    let other = format!("{SMALL}{}", contract("readme", "file", "path = \"README.md\""));
    sandbox.write("intents/other.toml", other);
    sandbox
        .intent(&["check", "x"])
        .ok()
        .says("README.md is a contract of several intents: other, x; a change of it concerns each");
}

#[test]
fn help_that_differs_is_drift_until_a_person_has_it_written_anew() {
    let sandbox =
        with(&[contract("help", "cli-help", "run = \"sh tool.sh --help\"\npath = \"docs/help.txt\"")]);
    let tool = |options: &str| {
        sandbox.write(
            "tool.sh",
            format!("echo \"Usage: tool [OPTIONS]  \"\necho '{options}'\necho \"  wide $COLUMNS\"\n"),
        );
    };
    tool("  --quiet");
    sandbox
        .intent(&["check"])
        .exits(1)
        .says("drift       x/contract:help")
        .says("there is no file docs/help.txt");
    sandbox.intent(&["check", "--update-contracts"]).exits(2).says("<SLUGS>");
    sandbox.intent(&["check", "x", "--update-contracts"]).ok().says("docs/help.txt is written anew");
    assert_eq!(sandbox.read("docs/help.txt"), "Usage: tool [OPTIONS]\n  --quiet\n  wide 80\n");
    sandbox.write("docs/help.txt", "Usage: tool [OPTIONS]\r\n  --quiet  \r\n  wide 80");
    sandbox.intent(&["check"]).ok();
    tool("  --silent");
    let ran = sandbox.intent(&["check"]).exits(1).says("docs/help.txt says something else");
    assert!(ran.stdout.contains("    -  --quiet\n    +  --silent\n"), "{}", ran.stdout);

    let sandbox = with(&[
        contract("none", "cli-help", "run = \"no-such-tool --help\"\npath = \"a.txt\""),
        contract("silent", "cli-help", "run = \"true\"\npath = \"a.txt\""),
        contract("outside", "cli-help", "run = \"echo hello\"\npath = \"out.txt\""),
    ]);
    std::os::unix::fs::symlink("../out.txt", sandbox.path("out.txt")).unwrap();
    let ran = sandbox.intent(&["check"]).exits(1);
    has_line(&ran, "unverified  x/contract:none");
    has_line(&ran, "unverified  x/contract:silent");
    has_line(&ran, "drift       x/contract:outside");
    sandbox.intent(&["check", "x", "--update-contracts"]).exits(1);
    assert!(!sandbox.repo.parent().unwrap().join("out.txt").exists());
}

/// Stand-ins for cargo's subcommands, first on PATH; each prints the file named like it and its
/// folder's state.
fn tools(sandbox: &Sandbox, name: &str, script: &str) {
    let path = sandbox.home.join("tools").join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn with_tools(sandbox: &Sandbox, args: &[&str]) -> crate::support::Ran {
    let path = std::env::join_paths(
        std::iter::once(sandbox.home.join("tools"))
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    crate::support::finish(sandbox.command(INTENT).args(args).env("PATH", path.unwrap()))
}

fn library(sandbox: &Sandbox, source: &str) {
    sandbox.write(
        "Cargo.toml",
        "[package]\nname = \"tiny\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n",
    );
    sandbox.write("src/lib.rs", source);
}

#[test]
fn a_failing_tool_is_unverified_and_only_what_it_finds_is_drift() {
    let sandbox = with(&[contract("api", "rust-api", "path = \"api.txt\"")]);
    library(&sandbox, "");
    let api = |script: &str| {
        tools(&sandbox, "cargo-public-api", script);
        with_tools(&sandbox, &["check"])
    };
    sandbox.write("api.txt", "pub mod tiny\npub fn tiny::a(u32)\n");
    api("echo 'pub mod tiny'; echo 'pub fn tiny::a(u32)'").ok();
    let ran = api("echo 'pub mod tiny'; echo 'pub fn tiny::a(u64)'").exits(1);
    has_line(&ran, "drift       x/contract:api");
    assert!(ran.stdout.contains("    -pub fn tiny::a(u32)\n    +pub fn tiny::a(u64)\n"), "{}", ran.stdout);
    for words in ["Error: unsupported rustdoc format v99", "error: toolchain 'nightly-x' is not installed"] {
        let ran = api(&format!("echo \"{words}\" >&2; exit 1")).exits(3);
        has_line(&ran, "unverified  x/contract:api");
        assert!(ran.stdout.contains(words.trim_start_matches("Error: ")), "{}", ran.stdout);
    }
    has_line(&api("exit 0").exits(3), "unverified  x/contract:api");
    has_line(
        &api("echo 'error: no such command: `public-api`' >&2; exit 101").exits(3),
        "unverified  x/contract:api",
    );

    let sandbox = with(&[contract("api", "rust-api", "baseline = \"HEAD\"")]);
    library(&sandbox, "pub fn a() {}");
    sandbox.commit("library");
    library(&sandbox, "pub fn b() {}");
    // Lists what the crate in its folder has, as the tool would.
    tools(&sandbox, "cargo-public-api", "echo pub mod tiny; grep -o 'fn [a-z]*' src/lib.rs");
    let absent = "echo 'error: no such command: `semver-checks`' >&2; exit 101";
    tools(&sandbox, "cargo-semver-checks", absent);
    let ran = with_tools(&sandbox, &["check"]).exits(1);
    has_line(&ran, "drift       x/contract:api");
    assert!(ran.stdout.contains("    -fn a\n    +fn b\n"), "{}", ran.stdout);
    library(&sandbox, "pub fn a() {}\npub fn b() {}");
    with_tools(&sandbox, &["check"]).ok().says("1 items are new since HEAD");
    // Where it is installed it has the last word.
    let found = "echo '--- failure function_missing: pub fn removed or renamed ---'; echo '  function tiny::a'; echo '     Summary semver requires new major version: 1 major and 0 minor checks failed' >&2; exit 1";
    tools(&sandbox, "cargo-semver-checks", found);
    with_tools(&sandbox, &["check"])
        .exits(1)
        .says("breaks what the baseline offers")
        .says("function tiny::a");
    tools(&sandbox, "cargo-semver-checks", "echo 'error: unsupported rustdoc format v99' >&2; exit 1");
    with_tools(&sandbox, &["check"]).exits(3).says("unsupported rustdoc format v99");
    sandbox.write("intents/x.toml", format!("{SMALL}{}", contract("api", "rust-api", "baseline = \"v9\"")));
    with_tools(&sandbox, &["check"]).exits(3).says("unverified  x/contract:api").says("v9");
}

#[test]
fn the_public_interface_is_held_by_the_real_tool_where_it_is_installed() {
    if !has("cargo-public-api") {
        return;
    }
    let sandbox = with(&[contract("api", "rust-api", "path = \"api.txt\"")]);
    library(&sandbox, "#[derive(Clone)]\npub struct S { pub f: u8 }\npub fn a(x: u32) -> u32 { x }\n");
    let ran = sandbox.intent(&["check", "x", "--update-contracts"]);
    if ran.stdout.starts_with("unverified") {
        eprintln!("SKIPPED: cargo-public-api does not work here: {}", ran.stdout);
        return;
    }
    ran.ok();
    assert!(sandbox.read("api.txt").contains("pub fn tiny::a(u32) -> u32\n"), "{}", sandbox.read("api.txt"));
    library(&sandbox, "#[derive(Clone)]\npub struct S { pub f: u8 }\npub fn a(x: u64) -> u64 { x }\n");
    let ran = sandbox.intent(&["check"]).exits(1);
    assert!(
        ran.stdout.contains("    -pub fn tiny::a(u32) -> u32\n    +pub fn tiny::a(u64) -> u64"),
        "{}",
        ran.stdout
    );
    library(&sandbox, "pub fn a( {");
    has_line(
        &sandbox.intent(&["check"]).exits(3).says("cargo public-api failed (exit code 1): "),
        "unverified  x/contract:api",
    );
}

#[test]
fn a_bound_test_that_is_gone_is_drift_and_one_that_never_was_is_unverified() {
    let sandbox = with(&[
        check("kept", "test = \"kept\""),
        check("moved", "test = \"was_here\""),
        check("never", "test = \"never_was\""),
    ]);
    library(&sandbox, "");
    sandbox.write("tests/it.rs", "#[test] fn kept() { assert!(std::env::args().count() > 0); }\n#[test]\nfn was_here() { assert!(true); }\n");
    sandbox.commit("with the test");
    sandbox.write("tests/it.rs", "#[test] fn kept() { assert!(std::env::args().count() > 0); }\n#[test]\nfn was_there() { assert!(true); }\n");
    let ran = sandbox.intent(&["check"]).exits(1);
    has_line(&ran, "pass        x/kept");
    has_line(&ran, "drift       x/moved  no test is called was_here; did you mean was_there?, and ");
    has_line(&ran, "unverified  x/never  no test is called never_was");
    sandbox.commit("renamed");
    sandbox.write("later", "");
    sandbox.commit("more");
    has_line(&sandbox.intent(&["check"]).exits(1), "drift       x/moved");
    // Left out by a `cfg` is not gone.
    sandbox.write("tests/it.rs", "#[test] fn kept() { assert!(std::env::args().count() > 0); }\n#[cfg(windows)]\n#[test]\nfn was_here() { assert!(std::env::args().count() > 0); }\n");
    has_line(&sandbox.intent(&["check"]).exits(3), "unverified  x/moved");
}
