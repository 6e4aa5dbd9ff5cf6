//! Who approved the planted intents, and what was done to some of the approvals since.

use factory::operations::approving::{Subject, approve, revoke};
use factory::operations::digest::{AtCommit, Digester};
use factory::storage::intents;
use factory::storage::repo::{Oid, Repo};
use factory::storage::signing::Key;
use factory::types::event::Event;
use serde_json::Value;

use super::table::Row;
use crate::support::Sandbox;

/// Rows that need a signature.
pub fn is_signed(slug: &str) -> bool {
    ["honest-signed", "unknown-signer"].contains(&slug) || slug.starts_with("tampered-")
}

/// The approvals of the rows as they stood at `want`; the intents must stand so in the work tree.
pub fn given(sandbox: &Sandbox, rows: &[Row], can_sign: bool) -> Vec<Value> {
    let repo = Repo::discover(&sandbox.repo).unwrap();
    let head = repo.require_head().unwrap();
    let (ours, theirs) =
        if can_sign { (Some(key(sandbox, "ours")), Some(key(sandbox, "theirs"))) } else { (None, None) };
    if can_sign {
        let public = std::fs::read_to_string(sandbox.home.join("ours.pub")).unwrap();
        std::fs::write(sandbox.home.join("allowed"), format!("ada@example.org {public}")).unwrap();
        let signers = sandbox.home.join("allowed");
        sandbox.git(&["config", "gpg.ssh.allowedSignersFile", signers.to_str().unwrap()]);
    }
    let mut events = Vec::new();
    for row in rows.iter().filter(|row| !row.before.is_empty() && row.slug != "never-approved") {
        let digest = digest(sandbox, &repo, head, row.slug);
        let subject = Subject { slug: row.slug, digest: &digest, commit: head };
        let key = match row.slug {
            "unknown-signer" => theirs.as_ref(),
            slug if is_signed(slug) => ours.as_ref(),
            _ => None,
        };
        events.push(approve(&repo, &subject, key).unwrap());
        if row.slug == "revoked" {
            std::thread::sleep(std::time::Duration::from_millis(2));
            events.push(revoke(&repo, &subject, Some("it went too far"), None).unwrap());
        }
    }
    events.iter().map(|event: &Event| serde_json::from_str(&event.line()).unwrap()).collect()
}

/// Write the approvals into the note of `want`, as they were given or as somebody edited them.
pub fn plant(sandbox: &Sandbox, mut given: Vec<Value>) {
    let repo = Repo::discover(&sandbox.repo).unwrap();
    let head = repo.require_head().unwrap();
    let signed = given.iter().find(|event| event["slug"] == "honest-signed").cloned();
    for event in &mut given {
        match event["slug"].as_str().unwrap() {
            "tampered-replayed" => {
                *event = signed.clone().unwrap();
                event["slug"] = "tampered-replayed".into();
            }
            "tampered-digest" => event["digest"] = digest(sandbox, &repo, head, "tampered-digest").into(),
            "tampered-tree" => event["tree"] = repo.tree_of(head).unwrap().to_string().into(),
            "tampered-root" => event["root"] = "1".repeat(40).into(),
            "tampered-time" => event["t"] = "2020-01-01T00:00:00Z".into(),
            "tampered-signature" => {
                event["signature"] =
                    "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n".into();
            }
            _ => {}
        }
    }
    let lines: Vec<String> = given.iter().map(Value::to_string).collect();
    let file = sandbox.home.join("note");
    std::fs::write(&file, lines.join("\n")).unwrap();
    sandbox.git(&["notes", "--ref=intent", "add", "-F", file.to_str().unwrap(), "want"]);
}

fn digest(sandbox: &Sandbox, repo: &Repo, commit: Oid, slug: &str) -> String {
    let intent = intents::one(&sandbox.repo, slug).unwrap().intent;
    Digester::new(&AtCommit::new(repo, commit)).digest(&intent).unwrap()
}

/// A new key; git's settings name it until the next.
fn key(sandbox: &Sandbox, name: &str) -> Key {
    let path = sandbox.home.join(name);
    let path = path.to_str().unwrap();
    sandbox.run("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", path]).ok();
    sandbox.git(&["config", "gpg.format", "ssh"]);
    sandbox.git(&["config", "user.signingKey", path]);
    Key::of(&Repo::discover(&sandbox.repo).unwrap()).unwrap().unwrap()
}
