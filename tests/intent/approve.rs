//! `cargo intent approve`: signing off, with real keys.

use std::process::Stdio;

use expectrl::Expect;
use serde_json::Value;

use super::work::{built, events};
use crate::support::{INTENT, Ran, Sandbox, finish, has, wait_for};

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
fn accept_signs_the_same_way_and_refuses_what_would_not_count() {
    let sandbox = built();
    if !has("ssh-keygen") {
        return;
    }
    let config = sandbox.home.join("config/personal-factory");
    std::fs::create_dir_all(&config).unwrap();
    std::fs::write(config.join("config.toml"), "[approval]\nrequire-signed = true\n").unwrap();
    let less = sandbox.read("factory.toml").replace("[approval]\n", "[approval]\nrequire-signed = false\n");
    sandbox.write("factory.toml", &less);
    sandbox.commit("ask for less");
    let before = sandbox.git(&["rev-parse", "HEAD"]);
    sandbox.intent(&["accept", "say"]).exits(3).says("require-signed").says("git config gpg.format ssh");
    assert_eq!(sandbox.git(&["rev-parse", "HEAD"]), before, "nothing was merged");
    with_key(&sandbox);
    sandbox.intent(&["review", "say"]).ok().says("intent: not approved yet");
    sandbox.intent(&["accept", "say"]).ok();
    sandbox.intent(&["approve", "--verify", "say"]).ok().says("signed by ada@example.org");
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

#[test]
fn a_key_of_the_agent_signs_by_its_public_half() {
    let Some(sandbox) = signed() else { return };
    if !has("ssh-agent") {
        return;
    }
    let socket = sandbox.home.join("agent");
    let mut agent =
        sandbox.command("ssh-agent").arg("-D").arg("-a").arg(&socket).stdout(Stdio::null()).spawn().unwrap();
    wait_for("the agent's socket", 20, || socket.exists().then_some(()));
    let with_agent = |program: &str, args: &[&str]| -> Ran {
        finish(sandbox.command(program).env("SSH_AUTH_SOCK", &socket).args(args))
    };
    with_agent("ssh-add", &["-q", sandbox.home.join("key").to_str().unwrap()]).ok();
    let public = std::fs::read_to_string(sandbox.home.join("key.pub")).unwrap();
    sandbox.git(&["config", "user.signingKey", &format!("key::{}", public.trim())]);
    sandbox.intent(&["approve", "x"]).exits(5).says("did not sign").says("ssh-add");
    assert!(events(&sandbox, "approve").is_empty());
    with_agent(INTENT, &["approve", "x"]).ok().says("signed by ada@example.org");
    // Without a named key git asks a command for one.
    sandbox.git(&["config", "--unset", "user.signingKey"]);
    sandbox.git(&["config", "gpg.ssh.defaultKeyCommand", "ssh-add -L"]);
    sandbox.intent(&["approve", "x", "--revoke"]).exits(5).says("names no key").says("ssh-add");
    with_agent(INTENT, &["approve", "x", "--revoke"]).ok();
    agent.kill().unwrap();
    agent.wait().unwrap();
    assert_eq!(verified(&sandbox, 1)["approval"], "revoked");
}

#[test]
fn a_key_with_a_passphrase_and_nobody_to_ask_records_nothing() {
    let Some(sandbox) = signed() else { return };
    // Without a terminal of its own, so that nobody is asked where the tests run on one.
    if !has("setsid") {
        return;
    }
    let key = sandbox.home.join("locked");
    sandbox.run("ssh-keygen", &["-q", "-t", "ed25519", "-N", "secret", "-f", key.to_str().unwrap()]).ok();
    sandbox.git(&["config", "user.signingKey", "~/locked"]);
    let ran = sandbox.run("setsid", &["--wait", INTENT, "approve", "x"]);
    ran.exits(5).says("ssh-keygen did not sign").says("passphrase").says("ssh-add");
    sandbox.git(&["config", "user.signingKey", "~/nowhere"]);
    sandbox.intent(&["approve", "x"]).exits(5).says("there is no such file");
    sandbox.git(&["config", "gpg.format", "x509"]);
    sandbox.intent(&["approve", "x"]).exits(2).says("x509").says("git config gpg.format ssh");
    assert!(events(&sandbox, "approve").is_empty());
}

#[test]
fn gpg_signs_and_verifies_too() {
    if !has("gpg") || !has("gpgconf") {
        return;
    }
    let sandbox = project();
    // A socket's path is short, and a home of gpg's own is ended without touching another's.
    let home = tempfile::Builder::new().prefix("g").tempdir_in("/tmp").unwrap();
    let with_gpg = |program: &str, args: &[&str]| -> Ran {
        finish(sandbox.command(program).env("GNUPGHOME", home.path()).args(args))
    };
    let key = [
        "--batch",
        "--passphrase",
        "",
        "--quick-gen-key",
        "Ada <ada@example.org>",
        "rsa3072",
        "sign",
        "never",
    ];
    with_gpg("gpg", &key).ok();
    sandbox.git(&["config", "user.signingKey", "ada@example.org"]);
    with_gpg(INTENT, &["approve", "x"]).ok().says("signed by Ada <ada@example.org>");
    let verify = ["approve", "--verify", "x"];
    with_gpg(INTENT, &verify).ok();
    // Another home does not have the key.
    finish(sandbox.command(INTENT).args(verify)).exits(1).says("unknown signer");
    sandbox.git(&["config", "gpg.minTrustLevel", "ultimate"]);
    with_gpg(INTENT, &verify).ok();
    let line = sandbox.note_lines("intent").remove(0);
    let edited = line.replace("\"t\":\"20", "\"t\":\"19");
    sandbox.git(&["notes", "--ref=intent", "add", "-f", "-m", &edited, "HEAD"]);
    with_gpg(INTENT, &verify).exits(1).says("tampered");
    with_gpg("gpgconf", &["--kill", "all"]).ok();
    sandbox.run("gpgconf", &["--kill", "all"]);
}

#[test]
fn a_signature_too_long_for_a_line_is_kept_as_evidence() {
    let sandbox = project();
    // In place of gpg: a real key as long as this would take minutes to make.
    let program = sandbox.home.join("long");
    let script = "#!/bin/sh\ncat > /dev/null\ncase \"$*\" in *--verify*)\n\
        printf '[GNUPG:] NEWSIG\\n[GNUPG:] GOODSIG 01 Ada\\n' ;;\n*)\n\
        printf -- '-----BEGIN PGP SIGNATURE-----\\n%05000d\\n-----END PGP SIGNATURE-----\\n' 7\n\
        echo '[GNUPG:] SIG_CREATED D' >&2 ;;\nesac\n";
    std::fs::write(&program, script).unwrap();
    sandbox.run("chmod", &["+x", program.to_str().unwrap()]).ok();
    sandbox.git(&["config", "gpg.program", "~/long"]);
    sandbox.git(&["config", "user.signingKey", "ada"]);
    sandbox.intent(&["approve", "x"]).ok().says("signed by Ada");
    let event = &events(&sandbox, "approve")[0];
    assert!(event["signature"].is_null() && event["signature_evidence"].is_string(), "{event}");
    verified(&sandbox, 0);
    sandbox.git(&["update-ref", "-d", "refs/factory/evidence"]);
    let row = verified(&sandbox, 3);
    assert_eq!(row["mend"], "git feedback sync", "{row}");
}
