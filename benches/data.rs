//! Repositories to measure on, made once and removed at the end.

use std::path::{Path, PathBuf};
use std::process::Command;

use factory::storage::notes;
use factory::storage::repo::Repo;
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

/// `count` intents with one check and one constraint each.
pub fn intents(folder: &Path, count: usize) {
    std::fs::create_dir_all(folder.join("intents")).expect("a folder");
    for n in 0..count {
        let text = format!(
            "schema = 1\ntitle = \"Intent number {n}\"\noutcome = \"What {n} promises is true.\"\n\n\
             [[constraint]]\nid = \"fast\"\nkind = \"performance\"\ntext = \"It takes less than a second.\"\n\
             check = \"works\"\n\n[[acceptance]]\nid = \"works\"\ntext = \"WHEN asked THE tool SHALL answer\"\n\
             run = \"tool --number {n}\"\nstdout = \"{n}\"\n"
        );
        std::fs::write(folder.join(format!("intents/intent-{n:04}.toml")), text).expect("an intent");
    }
}
