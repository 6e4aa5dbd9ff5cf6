//! Approvals that do not count: replayed, edited, by somebody else, or where nobody can tell.

use serde_json::{Value, json};

use super::approve::{WANTED, project, signed, verified};
use super::work::events;
use crate::support::{Sandbox, has};

/// Put lines into the note of HEAD, in place of all that are there.
fn notes(sandbox: &Sandbox, lines: &[Value]) {
    let text: Vec<String> = lines.iter().map(Value::to_string).collect();
    sandbox.run("git", &["update-ref", "-d", "refs/notes/intent"]).ok();
    std::fs::write(sandbox.home.join("note"), text.join("\n")).unwrap();
    let file = sandbox.home.join("note");
    sandbox.git(&["notes", "--ref=intent", "add", "-F", file.to_str().unwrap(), "HEAD"]);
}

fn with(event: &Value, field: &str, value: Value) -> Value {
    let mut edited = event.clone();
    edited[field] = value;
    edited
}

#[test]
fn an_approval_cannot_be_replayed_or_edited() {
    let Some(sandbox) = signed() else { return };
    sandbox.write("intents/y.toml", WANTED);
    sandbox.commit("want y, which demands the same");
    sandbox.intent(&["approve", "x"]).ok();
    let given = events(&sandbox, "approve").remove(0);
    // As it is it counts wherever it hangs: it is found by its digest.
    notes(&sandbox, std::slice::from_ref(&given));
    assert_eq!(verified(&sandbox, 0)["approval"], "approved");

    notes(&sandbox, &[with(&given, "slug", "y".into())]);
    let row = sandbox.intent(&["approve", "--verify", "y"]).exits(1);
    row.says("tampered").says("its signature does not fit what it says");
    sandbox.intent(&["list"]).ok().says("tampered");
    sandbox.intent(&["show", "y"]).ok().says("does not fit").says("cargo intent approve y");

    let other = sandbox.git(&["rev-parse", "HEAD^"]).trim().to_owned();
    let tree = sandbox.git(&["rev-parse", "HEAD^{tree}"]).trim().to_owned();
    let gone = "1".repeat(40);
    for (field, value) in [
        ("commit", json!(other)),
        ("commit", json!(gone)),
        ("tree", json!(other)),
        ("tree", json!(tree)),
        ("root", json!(gone)),
        ("previous", json!(given["id"])),
        ("kind", json!("release")),
        ("digest", json!("0".repeat(64))),
        ("because", json!("x")),
        ("id", json!("7ZZZZZZZZZZZZZZZZZZZZZZZZZ")),
        ("t", json!("2020-01-01T00:00:00Z")),
        ("signature", json!("-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n")),
        ("signature", json!("signed, I swear")),
        ("signature", Value::Null),
        ("op", json!("revoke")),
    ] {
        if given[field] == value {
            continue;
        }
        notes(&sandbox, &[with(&given, field, value.clone())]);
        let row = verified(&sandbox, 1);
        assert_eq!(row["approval"], "tampered", "{field} = {value}: {row}");
        assert!(row["reason"].is_string(), "{row}");
    }
    notes(&sandbox, &[with(&given, "root", gone.into())]);
    assert!(verified(&sandbox, 1)["reason"].as_str().unwrap().contains("another repository"));
    // The edited copy beside the real one takes nothing from it.
    notes(&sandbox, &[given.clone(), with(&given, "digest", "0".into())]);
    assert_eq!(verified(&sandbox, 0)["approval"], "approved");
}

#[test]
fn no_copy_gets_behind_a_revocation_and_no_edit_voids_it() {
    let Some(sandbox) = signed() else { return };
    sandbox.intent(&["approve", "x"]).ok();
    sandbox.intent(&["approve", "x", "--revoke"]).ok();
    let (given, revoked) = (events(&sandbox, "approve").remove(0), events(&sandbox, "revoke").remove(0));
    let later = with(&given, "id", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ".into());
    notes(&sandbox, &[given.clone(), revoked.clone(), later]);
    assert_eq!(verified(&sandbox, 1)["approval"], "tampered");
    notes(&sandbox, &[given.clone(), with(&revoked, "because", "never mind".into())]);
    let row = verified(&sandbox, 1);
    assert!(row["reason"].as_str().unwrap().starts_with("its revocation:"), "{row}");
    notes(&sandbox, &[given.clone(), with(&revoked, "op", "approve".into())]);
    assert_eq!(verified(&sandbox, 1)["approval"], "tampered");
    // A revocation copied to another intent is none of it.
    sandbox.write("intents/y.toml", WANTED);
    sandbox.commit("want y");
    sandbox.intent(&["approve", "y"]).ok();
    let approved = events(&sandbox, "approve").into_iter().find(|event| event["slug"] == "y").unwrap();
    let copied = with(&with(&revoked, "slug", "y".into()), "id", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ".into());
    notes(&sandbox, &[approved, copied]);
    sandbox.intent(&["approve", "--verify", "y"]).exits(1).says("tampered").says("its revocation:");
}

#[test]
fn who_is_allowed_decides_who_signed() {
    let Some(sandbox) = signed() else { return };
    sandbox.intent(&["approve", "x"]).ok();
    let public = std::fs::read_to_string(sandbox.home.join("key.pub")).unwrap();
    for (line, why) in [
        (String::new(), "no line of the allowed-signers file has its key"),
        (format!("ada valid-before=\"20200101\" {public}"), "has expired"),
        (format!("ada namespaces=\"git\" {public}"), "namespace"),
    ] {
        sandbox.write("keys/allowed", line);
        let row = verified(&sandbox, 1);
        assert_eq!(row["approval"], "unknown-signer", "{row}");
        assert!(row["reason"].as_str().unwrap().contains(why), "{row}");
    }
    // A key that expires later was good when it signed.
    sandbox.write("keys/allowed", format!("ada valid-before=\"29990101\" {public}"));
    assert_eq!(verified(&sandbox, 0)["signed_by"], "ada");
    std::fs::copy(sandbox.home.join("key.pub"), sandbox.home.join("revoked")).unwrap();
    sandbox.git(&["config", "gpg.ssh.revocationFile", "~/revoked"]);
    assert!(verified(&sandbox, 1)["reason"].as_str().unwrap().contains("revoked"));
    sandbox.git(&["config", "--unset", "gpg.ssh.revocationFile"]);

    std::fs::remove_file(sandbox.path("keys/allowed")).unwrap();
    let row = verified(&sandbox, 3);
    assert_eq!(row["approval"], "unverified");
    assert!(row["mend"].as_str().unwrap().contains("git config gpg.ssh.allowedSignersFile"), "{row}");
    sandbox.intent(&["list"]).ok().says("no such file").says("unverified");
    sandbox.git(&["config", "--unset", "gpg.ssh.allowedSignersFile"]);
    assert!(verified(&sandbox, 3)["reason"].as_str().unwrap().contains("name no file"));
    sandbox.git(&["config", "gpg.ssh.program", "no-such-program"]);
    assert!(verified(&sandbox, 3)["reason"].as_str().unwrap().contains("no-such-program"));
}

#[test]
fn what_is_not_committed_or_not_merged_is_not_approved() {
    let sandbox = project();
    sandbox.write("intents/new.toml", WANTED);
    sandbox.intent(&["approve", "new"]).exits(2).says("not committed").says("git commit");
    sandbox.intent(&["approve", "neww"]).exits(2).says("did you mean `new`?");
    sandbox.intent(&["approve", "../x"]).exits(2).says("no intent is called");
    sandbox.intent(&["approve", "x", "new"]).exits(2).says("one intent is approved at a time");
    sandbox.intent(&["approve"]).exits(2);
    sandbox.write("intents/new.toml", format!("<<<<<<< HEAD\n{WANTED}=======\n{WANTED}>>>>>>> theirs\n"));
    sandbox.intent(&["approve", "new"]).exits(2).says("unfinished merge").says("git commit");
    assert!(events(&sandbox, "approve").is_empty());
}

#[test]
fn other_shapes_of_repositories_work_or_say_why_not() {
    if !has("ssh-keygen") {
        return;
    }
    let sandbox = signed().unwrap();
    sandbox.git(&["checkout", "-q", "--detach"]);
    sandbox.intent(&["approve", "x"]).ok();
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.write("more", "more");
    sandbox.commit("go on");
    verified(&sandbox, 0);
    // A shallow clone knows no first commit, so no approval can be held to it.
    let clone = sandbox.home.join("clone");
    let from = format!("file://{}", sandbox.repo.display());
    sandbox.git(&["clone", "-q", "--depth", "1", &from, clone.to_str().unwrap()]);
    let at = |args: &[&str]| {
        let mut command = sandbox.command(crate::support::INTENT);
        crate::support::finish(command.args(args).current_dir(&clone))
    };
    let notes = "refs/notes/intent:refs/notes/intent";
    sandbox.git(&["-C", clone.to_str().unwrap(), "fetch", "-q", "origin", notes]);
    at(&["approve", "--verify"]).exits(3).says("git fetch --unshallow");
    at(&["approve", "x"]).exits(3).says("git fetch --unshallow");
    sandbox.git(&["-C", clone.to_str().unwrap(), "fetch", "-q", "--unshallow"]);
    sandbox.git(&[
        "-C",
        clone.to_str().unwrap(),
        "config",
        "gpg.ssh.allowedSignersFile",
        "../../repo/keys/allowed",
    ]);
    at(&["approve", "--verify"]).ok().says("signed by ada@example.org");

    let sandbox = Sandbox::bare();
    sandbox.git(&["init", "-q", "-b", "main", "--object-format=sha256"]);
    sandbox.write("factory.toml", "[approval]\nterminal = false\n");
    sandbox.write("intents/x.toml", WANTED);
    sandbox.commit("want x");
    super::approve::with_key(&sandbox);
    sandbox.intent(&["approve", "x"]).ok();
    assert_eq!(events(&sandbox, "approve")[0]["commit"].as_str().unwrap().len(), 64);
    verified(&sandbox, 0);
}

#[test]
fn lines_of_another_version_are_kept_and_not_guessed_at() {
    let Some(sandbox) = signed() else { return };
    sandbox.intent(&["approve", "x"]).ok();
    let given = events(&sandbox, "approve").remove(0);
    notes(&sandbox, &[with(&given, "shade", "blue".into())]);
    verified(&sandbox, 0);
    sandbox.intent(&["approve", "x", "--revoke"]).ok();
    assert!(sandbox.note_lines("intent").iter().any(|line| line.contains("\"shade\":\"blue\"")));
    notes(&sandbox, &[with(&given, "v", 2.into())]);
    assert!(verified(&sandbox, 3)["reason"].as_str().unwrap().contains("newer version"));
}

#[test]
fn a_program_that_is_ended_leaves_no_verdict_behind() {
    let Some(sandbox) = signed() else { return };
    sandbox.intent(&["approve", "x"]).ok();
    std::fs::remove_file(sandbox.path(".git/factory/signatures")).unwrap();
    let program = sandbox.home.join("ended");
    std::fs::write(&program, "#!/bin/sh\nkill -INT $$\n").unwrap();
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    sandbox.git(&["config", "gpg.ssh.program", program.to_str().unwrap()]);
    let row = verified(&sandbox, 3);
    assert_eq!(row["approval"], "unverified", "{row}");
    // An older program, which knows no such option, says nothing about the signature either.
    std::fs::write(&program, "#!/bin/sh\necho 'unknown option -- Y' >&2\nexit 1\n").unwrap();
    let row = verified(&sandbox, 3);
    assert!(row["reason"].as_str().unwrap().contains("unknown option"), "{row}");
    sandbox.git(&["config", "--unset", "gpg.ssh.program"]);
    assert_eq!(verified(&sandbox, 0)["approval"], "approved");
}

#[test]
fn the_first_commit_is_found_again_after_history_went_on_or_was_written_anew() {
    let Some(sandbox) = signed() else { return };
    sandbox.intent(&["approve", "x"]).ok();
    assert_eq!(verified(&sandbox, 0)["approval"], "approved");
    sandbox.write("more.txt", "more");
    sandbox.commit("go on");
    assert_eq!(verified(&sandbox, 0)["approval"], "approved");
    sandbox.git(&["checkout", "-q", "--orphan", "other"]);
    sandbox.commit("the same files, another history");
    assert_eq!(verified(&sandbox, 1)["approval"], "tampered");
    std::fs::write(sandbox.path(".git/factory/root"), "no ids").unwrap();
    assert_eq!(verified(&sandbox, 1)["approval"], "tampered");
    sandbox.git(&["checkout", "-q", "main"]);
    assert_eq!(verified(&sandbox, 0)["approval"], "approved");
}
