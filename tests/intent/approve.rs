//! `cargo intent approve`: signing off, with real keys.

use std::process::Stdio;

use expectrl::Expect;
use serde_json::Value;

use super::work::events;
use crate::support::{INTENT, Sandbox, finish, has};

pub const WANTED: &str =
    "schema = 1\ntitle = \"Small\"\noutcome = \"o\"\n\n[[acceptance]]\nid = \"a\"\nrun = \"true\"\n";

/// A repository with the intent `x`, where nobody need sit at a terminal.
pub fn project() -> Sandbox {
    let sandbox = Sandbox::unborn();
    prepare(&sandbox);
    sandbox
}

fn prepare(sandbox: &Sandbox) {
    sandbox.write("factory.toml", "[approval]\nterminal = false\n");
    sandbox.write("intents/x.toml", WANTED);
    sandbox.commit("want x");
}

/// Sign with a new key; the file of allowed signers is in the work tree, named as git takes it.
pub fn with_key(sandbox: &Sandbox) {
    let key = sandbox.home.join("key");
    let made = ["-q", "-t", "ed25519", "-N", "", "-C", "ada", "-f", key.to_str().unwrap()];
    sandbox.run("ssh-keygen", &made).ok();
    let public = std::fs::read_to_string(key.with_extension("pub")).unwrap();
    sandbox.write("keys/allowed", format!("ada@example.org {public}"));
    sandbox.git(&["config", "gpg.format", "ssh"]);
    sandbox.git(&["config", "user.signingKey", "~/key"]);
    sandbox.git(&["config", "gpg.ssh.allowedSignersFile", "keys/allowed"]);
}

/// A project with a key, where ssh-keygen is there.
pub fn signed() -> Option<Sandbox> {
    has("ssh-keygen").then(|| {
        let sandbox = project();
        with_key(&sandbox);
        sandbox
    })
}

/// The one row of `approve --verify`, which ends with `code`.
#[track_caller]
pub fn verified(sandbox: &Sandbox, code: i32) -> Value {
    let ran = sandbox.intent(&["approve", "--verify", "x", "--format", "json"]).exits(code);
    ran.json()["intents"][0].clone()
}

#[test]
fn a_signed_approval_outlives_a_comment_and_not_a_weakened_check() {
    let Some(sandbox) = signed() else { return };
    assert_eq!(verified(&sandbox, 1)["approval"], "unapproved");
    let told = sandbox.intent(&["approve", "x", "--format", "json"]).ok().json();
    assert_eq!((&told["approval"], &told["signed_by"]), (&"approved".into(), &"ada@example.org".into()));
    let event = &events(&sandbox, "approve")[0];
    assert!(event["signature"].as_str().unwrap().starts_with("-----BEGIN SSH SIGNATURE-----"), "{event}");
    assert_eq!(event["commit"].as_str().unwrap(), sandbox.git(&["rev-parse", "HEAD"]).trim());
    sandbox.intent(&["approve", "x"]).ok().says("nothing to do: x is approved, signed by ada@example.org");

    sandbox.write("intents/x.toml", format!("# why\n{}", WANTED.replace("Small", "Tiny")));
    assert_eq!(verified(&sandbox, 0)["signed_by"], "ada@example.org");
    // From a folder below, where the relative name of the signers' file leads nowhere.
    let mut below = sandbox.command(INTENT);
    finish(below.args(["show", "x"]).current_dir(sandbox.path("keys")))
        .ok()
        .says("signed by ada@example.org");
    sandbox.write("intents/x.toml", WANTED.replace("\"true\"", "\"true --really\""));
    assert_eq!(verified(&sandbox, 1)["approval"], "stale");
    sandbox.intent(&["list"]).ok().says("  stale");
    sandbox.intent(&["approve", "x"]).exits(2).says("acceptance/a/run differs").says("git commit");
    sandbox.commit("want more");
    sandbox.intent(&["approve", "x"]).ok().says("x is approved, signed by ada@example.org");
    let all = events(&sandbox, "approve");
    assert_eq!(all[1]["previous"], all[0]["id"]);
}

#[test]
fn signatures_are_verified_once_and_remembered() {
    let Some(sandbox) = signed() else { return };
    for name in ["x", "y", "z"] {
        sandbox.write(&format!("intents/{name}.toml"), WANTED);
    }
    sandbox.commit("want more");
    for name in ["x", "y", "z"] {
        sandbox.intent(&["approve", name]).ok();
    }
    let memory = sandbox.path(".git/factory/signatures");
    std::fs::remove_file(&memory).unwrap();
    // A program in place of ssh-keygen that counts how often it is started.
    let program = sandbox.home.join("counting");
    std::fs::write(&program, "#!/bin/sh\necho >> \"$HOME/calls\"\nexec ssh-keygen \"$@\"\n").unwrap();
    sandbox.run("chmod", &["+x", program.to_str().unwrap()]).ok();
    sandbox.git(&["config", "gpg.ssh.program", "~/counting"]);
    let calls = || std::fs::read_to_string(sandbox.home.join("calls")).unwrap_or_default().lines().count();
    let list = || {
        let listed = sandbox.intent(&["list"]).ok().stdout;
        assert_eq!(listed.lines().filter(|line| line.ends_with("  approved")).count(), 3, "{listed}");
    };
    list();
    let first = calls();
    assert!(first >= 3, "{first}");
    list();
    assert_eq!(calls(), first, "the second list starts nothing");
    // Whoever is allowed has changed: nothing remembered of before holds.
    sandbox.write("keys/allowed", "");
    sandbox.intent(&["list"]).ok().says("unknown signer");
    assert!(calls() > first);
    std::fs::write(&memory, "no line of ours\n").unwrap();
    verified(&sandbox, 1);
}

#[test]
fn without_a_key_it_is_unsigned_and_says_so_unless_signatures_are_required() {
    let sandbox = project();
    sandbox.intent(&["approve", "x"]).ok().says("x is approved, unsigned").says("git config gpg.format ssh");
    assert_eq!(verified(&sandbox, 0)["signed_by"], Value::Null);
    sandbox.intent(&["list"]).ok().says("approved, unsigned");
    sandbox.write("factory.toml", "[approval]\nterminal = false\nrequire-signed = true\n");
    assert_eq!(verified(&sandbox, 0)["approval"], "approved", "an edit nobody committed");
    sandbox.commit("be strict");
    assert_eq!(verified(&sandbox, 1)["approval"], "unsigned");
    sandbox.intent(&["approve", "x"]).exits(3).says("require-signed").says("git config gpg.format ssh");
    assert_eq!(events(&sandbox, "approve").len(), 1);
    if !has("ssh-keygen") {
        return;
    }
    with_key(&sandbox);
    sandbox.write("keys/allowed", "");
    sandbox.intent(&["approve", "x"]).exits(3).says("would not count").says("allowedSignersFile");
    assert_eq!(events(&sandbox, "approve").len(), 1);
    let public = std::fs::read_to_string(sandbox.home.join("key.pub")).unwrap();
    sandbox.write("keys/allowed", format!("ada@example.org namespaces=\"factory\" {public}"));
    sandbox.intent(&["approve", "x"]).ok().says("signed by ada@example.org");
    verified(&sandbox, 0);
}

#[test]
fn a_revocation_takes_back_what_was_before_it() {
    let Some(sandbox) = signed() else { return };
    sandbox.intent(&["approve", "x", "--revoke"]).exits(2).says("was never approved");
    sandbox.intent(&["approve", "x"]).ok();
    sandbox.intent(&["approve", "x", "--because", "y"]).exits(2);
    sandbox.intent(&["approve", "x", "--revoke", "--because", "too weak"]).ok().says("is revoked");
    let row = verified(&sandbox, 1);
    assert_eq!((&row["approval"], &row["reason"]), (&"revoked".into(), &"too weak".into()));
    for command in ["list", "show"] {
        let args: &[&str] = if command == "list" { &["list"] } else { &["show", "x"] };
        sandbox.intent(args).ok().says("revoked");
    }
    sandbox.intent(&["approve", "x", "--revoke"]).exits(2).says("revoked already");
    let (given, revoked) = (&events(&sandbox, "approve")[0], &events(&sandbox, "revoke")[0]);
    assert_eq!(revoked["previous"], given["id"]);
    assert!(revoked["signature"].as_str().unwrap().starts_with("-----BEGIN SSH"));
    sandbox.intent(&["approve", "x"]).ok();
    verified(&sandbox, 0);
}

#[test]
fn a_person_is_asked_once_on_a_terminal() {
    let sandbox = Sandbox::unborn();
    sandbox.write("intents/x.toml", WANTED);
    sandbox.commit("want x");
    sandbox.intent(&["approve", "x", "--yes"]).exits(2).says("needs a terminal").says("terminal = false");
    sandbox.write("factory.toml", "[approval]\nterminal = false\n");
    sandbox.intent(&["approve", "x"]).exits(2).says("needs a terminal");
    let on_terminal = |args: &[&str], answer: &str| {
        let mut command = sandbox.command(INTENT);
        // The terminal is the test's to give; null input is the sandbox's default.
        command.args(args).stdin(Stdio::inherit());
        let mut session = expectrl::Session::spawn(command).unwrap();
        session.set_expect_timeout(Some(std::time::Duration::from_secs(20)));
        let shown = session.expect("Type yes:").unwrap();
        let shown = String::from_utf8_lossy(shown.before()).into_owned();
        session.send_line(answer).unwrap();
        session.expect(expectrl::Eof).unwrap();
        shown
    };
    on_terminal(&["approve", "x"], "y");
    let shown = on_terminal(&["approve", "x"], "no");
    assert!(shown.contains("x: Small") && shown.contains("never approved before"), "{shown}");
    assert!(events(&sandbox, "approve").is_empty());
    on_terminal(&["approve", "x"], "yes");
    assert_eq!(events(&sandbox, "approve").len(), 1);
    sandbox.intent(&["approve", "x", "--revoke"]).exits(2).says("needs a terminal");
    sandbox.write("intents/x.toml", WANTED.split("\n[[acceptance]]").next().unwrap());
    sandbox.git(&["commit", "-q", "-m", "want less", "intents"]);
    let shown = on_terminal(&["approve", "x"], "yes");
    assert!(shown.contains("- check a") && shown.contains("1 change(s) since it was approved in"), "{shown}");
    assert!(shown.contains("1 weaker"), "{shown}");
    on_terminal(&["approve", "x", "--revoke"], "yes");
    assert_eq!(events(&sandbox, "revoke").len(), 1);
}
