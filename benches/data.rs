//! Repositories to measure on, made once and removed at the end.

use std::path::{Path, PathBuf};
use std::process::Command;

use factory::operations::approving::{Subject, approve};
use factory::operations::digest::{AtCommit, Digester};
use factory::storage::repo::Repo;
use factory::storage::signing::Key;
use factory::storage::{intents, notes};
use factory::types::event::{Event, SubjectKind};
use factory::types::id;

/// A new folder under the build folder; the next run of the same name replaces it.
fn folder() -> PathBuf {
    let dir = tempfile::Builder::new().prefix("factory-bench-").tempdir().expect("a temporary folder");
    dir.keep()
}

pub fn empty() -> PathBuf {
    folder()
}

fn git(folder: &Path, args: &[&str]) {
    let identity = ["-c", "user.name=Bench", "-c", "user.email=bench@example.invalid"];
    let status = Command::new("git").args(identity).args(args).current_dir(folder).status().expect("git");
    assert!(status.success(), "git {args:?}");
}

/// A repository with `items` feedback items spread over `commits` commits, packed.
pub fn repository(items: usize, commits: usize) -> PathBuf {
    let folder = folder();
    git(&folder, &["init", "-q", "-b", "main"]);
    git(&folder, &["config", "user.name", "Bench"]);
    git(&folder, &["config", "user.email", "bench@example.invalid"]);
    git(&folder, &["commit", "-q", "--allow-empty", "-m", "begin"]);
    let repo = Repo::discover(&folder).expect("a repository");
    let head = repo.require_head().expect("a commit");
    let tree = repo.tree_of(head).expect("a tree");
    let mut parent = head;
    let mut history = vec![head];
    while history.len() < commits {
        parent = repo.write_commit(tree, &[parent], &format!("commit {}", history.len())).expect("a commit");
        history.push(parent);
    }
    git(&folder, &["update-ref", "refs/heads/main", &parent.to_string()]);
    let events: Vec<_> = (0..items)
        .map(|n| {
            let event = Event::now(SubjectKind::Item, &id::random_item_id(), "add", None)
                .with("kind", "error")
                .with("severity", if n % 7 == 0 { "fatal" } else { "error" })
                .with("title", format!("request {n} failed: connection to the store was reset"));
            (history[n % history.len()], event)
        })
        .collect();
    notes::append(&repo, notes::FEEDBACK, &events).expect("notes");
    git(&folder, &["gc", "-q"]);
    folder
}

/// `count` committed intents with one check and one constraint each.
pub fn intents(folder: &Path, count: usize) {
    write_intents(folder, count, "a second");
    git(folder, &["add", "-A", "intents"]);
    git(folder, &["commit", "-q", "-m", "want much"]);
}

/// The same, not committed; each must take less than `bound`.
pub fn write_intents(folder: &Path, count: usize, bound: &str) {
    std::fs::create_dir_all(folder.join("intents")).expect("a folder");
    for n in 0..count {
        let text = format!(
            "schema = 1\ntitle = \"Intent number {n}\"\noutcome = \"What {n} promises is true.\"\n\n\
             [[constraint]]\nid = \"fast\"\nkind = \"performance\"\ntext = \"It takes less than {bound}.\"\n\
             check = \"works\"\n\n[[acceptance]]\nid = \"works\"\ntext = \"WHEN asked THE tool SHALL answer\"\n\
             run = \"tool --number {n}\"\nstdout = \"{n}\"\n"
        );
        std::fs::write(folder.join(format!("intents/intent-{n:04}.toml")), text).expect("an intent");
    }
}

/// An approval of each intent as it is committed; signed, where a key is made for it.
pub fn approvals(folder: &Path, signed: bool) {
    if signed {
        make_key(folder);
    }
    let repo = Repo::discover(folder).expect("a repository");
    let head = repo.require_head().expect("a commit");
    let key = signed.then(|| Key::of(&repo).expect("settings").expect("a key"));
    let committed = AtCommit::new(&repo, head);
    let digester = Digester::new(&committed);
    let events: Vec<_> = intents::all(folder)
        .expect("intents")
        .into_iter()
        .map(|found| {
            let intent = found.read.expect("an intent that can be read").intent;
            let digest = digester.digest(&intent).expect("a digest");
            let subject = Subject { slug: &intent.slug, digest: &digest, commit: head };
            (head, approve(&repo, &subject, key.as_ref()).expect("an approval"))
        })
        .collect();
    notes::append(&repo, notes::INTENT, &events).expect("notes");
}

fn make_key(folder: &Path) {
    let path = folder.join(".git/key");
    let status = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", "bench", "-f"])
        .arg(&path)
        .status()
        .expect("ssh-keygen");
    assert!(status.success(), "ssh-keygen: {status}");
    let public = std::fs::read_to_string(path.with_extension("pub")).expect("a public key");
    let signers = folder.join(".git/allowed");
    std::fs::write(&signers, format!("bench@example.invalid {public}")).expect("a file");
    git(folder, &["config", "gpg.format", "ssh"]);
    git(folder, &["config", "user.signingKey", &path.to_string_lossy()]);
    git(folder, &["config", "gpg.ssh.allowedSignersFile", &signers.to_string_lossy()]);
}

/// What is in the files of the intents.
pub fn texts(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder.join("intents")).expect("a folder");
    files.map(|file| std::fs::read_to_string(file.expect("an entry").path()).expect("an intent")).collect()
}
