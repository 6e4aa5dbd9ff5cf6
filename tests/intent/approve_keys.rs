//! `cargo intent approve` with keys of every kind: the agent's, locked ones, gpg's.

use std::process::Stdio;

use super::approve::{project, signed, verified};
use super::work::events;
use crate::support::{INTENT, Ran, finish, has, wait_for};

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
    sandbox
        .intent(&["approve", "x"])
        .exits(2)
        .says("cannot be signed in git's format \"x509\"")
        .says("git config gpg.format ssh");
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

#[test]
fn a_verdict_of_gpg_is_believed_no_longer_than_its_key() {
    let sandbox = project();
    // In place of gpg: a clock cannot be moved here. It counts how often it verifies.
    let program = sandbox.home.join("aging");
    let script = "#!/bin/sh\ncase \"$*\" in *--list-keys*) cat \"$HOME/listing\" ;;\n*--verify*)\n\
        cat > /dev/null; echo >> \"$HOME/calls\"\n\
        printf '[GNUPG:] NEWSIG\\n[GNUPG:] GOODSIG AAAA Ada\\n[GNUPG:] VALIDSIG 00AAAA 2026-01-01 1767225600 0 4 0 22 8 00 00AAAA\\n' ;;\n*)\n\
        cat > /dev/null; printf -- '-----BEGIN PGP SIGNATURE-----\\n7\\n-----END PGP SIGNATURE-----\\n'\n\
        echo '[GNUPG:] SIG_CREATED D' >&2 ;;\nesac\n";
    std::fs::write(&program, script).unwrap();
    sandbox.run("chmod", &["+x", program.to_str().unwrap()]).ok();
    sandbox.git(&["config", "gpg.program", "~/aging"]);
    sandbox.git(&["config", "user.signingKey", "ada"]);
    let expires = |when: &str| {
        let row = format!("pub:u:255:22:AAAA:1767225600:{when}::u:::\n");
        std::fs::write(sandbox.home.join("listing"), row).unwrap();
    };
    let calls = || std::fs::read_to_string(sandbox.home.join("calls")).unwrap_or_default().lines().count();
    expires("1767225601");
    sandbox.intent(&["approve", "x"]).ok().says("signed by Ada");
    let before = calls();
    sandbox.intent(&["list"]).ok();
    assert!(calls() > before, "what is past its time is asked anew");
    for (when, until) in [("4102444800", serde_json::json!(4_102_444_800_u64)), ("", serde_json::Value::Null)]
    {
        std::fs::remove_file(sandbox.path(".git/factory/signatures")).unwrap();
        expires(when);
        sandbox.intent(&["list"]).ok();
        let asked = calls();
        sandbox.intent(&["list"]).ok();
        assert_eq!(calls(), asked, "{when}");
        let memory = sandbox.read(".git/factory/signatures");
        let line: serde_json::Value = serde_json::from_str(memory.lines().last().unwrap()).unwrap();
        assert_eq!(line["until"], until);
    }
}
