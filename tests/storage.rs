//! The storage layer against real repositories, beside git's own commands.

use factory::storage::repo::{Oid, Repo};
use factory::storage::{evidence, notes};
use factory::types::event::{Event, SubjectKind};

use crate::support::Sandbox;

fn event(subject: &str) -> Event {
    Event::now(SubjectKind::Item, subject, "add", None).with("title", "something happened")
}

fn head(sandbox: &Sandbox) -> (Repo, Oid) {
    let repo = Repo::discover(&sandbox.repo).unwrap();
    let head = repo.require_head().unwrap();
    (repo, head)
}

#[test]
fn what_is_appended_is_read_again_and_by_git() {
    let sandbox = Sandbox::new();
    let (repo, commit) = head(&sandbox);
    notes::append(&repo, notes::FEEDBACK, &[(commit, event("fb-1"))]).unwrap();
    notes::append(&repo, notes::FEEDBACK, &[(commit, event("fb-2"))]).unwrap();
    let lines = notes::read(&repo, notes::FEEDBACK).unwrap();
    assert_eq!(lines.len(), 2);
    assert_eq!(sandbox.note_lines("feedback").len(), 2);
    assert!(sandbox.git(&["log", "--notes=feedback"]).contains("something happened"));
    sandbox.git(&["fsck", "--strict"]);
}

#[test]
fn writers_at_once_lose_nothing() {
    let sandbox = Sandbox::new();
    let path = sandbox.repo.clone();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let path = path.clone();
            scope.spawn(move || {
                let repo = Repo::discover(&path).unwrap();
                let commit = repo.require_head().unwrap();
                for n in 0..10 {
                    let subject = format!("fb-{writer}-{n}");
                    notes::append(&repo, notes::FEEDBACK, &[(commit, event(&subject))]).unwrap();
                }
            });
        }
    });
    assert_eq!(sandbox.note_lines("feedback").len(), 40);
}

#[test]
fn git_and_we_write_the_same_fan_out() {
    let sandbox = Sandbox::new();
    let (repo, _) = head(&sandbox);
    let commits: Vec<Oid> = (0..300)
        .map(|n| {
            let tree = repo.tree_of(repo.require_head().unwrap()).unwrap();
            repo.write_commit(tree, &[], &format!("c{n}")).unwrap()
        })
        .collect();
    let events: Vec<_> = commits.iter().map(|commit| (*commit, event("fb-x"))).collect();
    notes::append(&repo, notes::FEEDBACK, &events).unwrap();
    assert_eq!(sandbox.git(&["notes", "--ref=feedback", "list"]).lines().count(), 300);
    sandbox.git(&["notes", "--ref=feedback", "append", "-m", "by git", &commits[0].to_string()]);
    let lines = notes::read(&repo, notes::FEEDBACK).unwrap();
    assert_eq!(lines.iter().filter(|line| line.read.is_err()).count(), 1);
    assert_eq!(lines.len(), 301);
}

#[test]
fn a_batch_brings_its_members() {
    let sandbox = Sandbox::new();
    let (repo, commit) = head(&sandbox);
    let members = format!("{}\n{}\n", event("fb-1").line(), event("fb-2").line());
    let digest = evidence::put_all(&repo, &[members.as_bytes()]).unwrap().remove(0);
    let mut batch = event("x").with("evidence", digest).with("count", 2);
    batch.op = "batch".into();
    batch.subject = None;
    notes::append(&repo, notes::FEEDBACK, &[(commit, batch)]).unwrap();
    assert_eq!(notes::read(&repo, notes::FEEDBACK).unwrap().len(), 3);
}

#[test]
fn a_piece_that_many_batches_name_is_read_once() {
    let sandbox = Sandbox::new();
    let (repo, commit) = head(&sandbox);
    let members: String = (0..5).map(|n| event(&format!("fb-{n}")).line() + "\n").collect();
    let digest = evidence::put_all(&repo, &[members.as_bytes()]).unwrap().remove(0);
    let batches: Vec<_> = (0..20)
        .map(|_| {
            let mut batch = event("x").with("evidence", digest.clone()).with("count", 5);
            batch.op = "batch".into();
            batch.subject = None;
            (commit, batch)
        })
        .collect();
    notes::append(&repo, notes::FEEDBACK, &batches).unwrap();
    assert_eq!(notes::read(&repo, notes::FEEDBACK).unwrap().len(), 20 + 5);
    sandbox.feedback(&["list", "--all", "--format", "json"]).ok();
}

#[test]
fn each_line_of_a_history_of_versions_is_gone_through_once() {
    let sandbox = Sandbox::new();
    let (repo, commit) = head(&sandbox);
    for n in 0..120 {
        let event = event(&format!("fb-{n:010}")).with("title", format!("item {n}"));
        notes::append(&repo, notes::FEEDBACK, &[(commit, event)]).unwrap();
    }
    let mut versions = notes::Versions::of_notes(&repo);
    let (mut told, mut commits) = (0, 0);
    for commit in repo.commits_beyond(repo.read_ref(notes::FEEDBACK).unwrap().unwrap(), None).unwrap() {
        let tree = repo.tree_of(commit).unwrap();
        versions.tell(tree, &mut |version| told += version.added().count()).unwrap();
        commits += 1;
    }
    assert_eq!((told, commits), (120, 120), "each line is told once, however many versions hold it");
}

#[test]
fn evidence_is_kept_once_under_its_digest() {
    let sandbox = Sandbox::new();
    let (repo, _) = head(&sandbox);
    let digest = evidence::put_all(&repo, &[b"hello"]).unwrap().remove(0);
    assert_eq!(evidence::put_all(&repo, &[b"hello"]).unwrap(), std::slice::from_ref(&digest));
    assert_eq!(evidence::get(&repo, &digest).unwrap().unwrap(), b"hello");
    assert_eq!(sandbox.git(&["rev-list", "--count", evidence::REFERENCE]).trim(), "1");
    assert!(evidence::get(&repo, &"0".repeat(64)).unwrap().is_none());
}

#[test]
fn a_reftable_repository_is_written_where_git_sees_it() {
    let sandbox = Sandbox::bare();
    if sandbox.run("git", &["init", "-q", "--ref-format=reftable", "-b", "main"]).code != 0 {
        eprintln!("SKIPPED: this git knows no reftable");
        return;
    }
    sandbox.write("a", "a");
    let commit = sandbox.commit("begin");
    let (repo, head) = head(&sandbox);
    assert_eq!(head.to_string(), commit);
    notes::append(&repo, notes::FEEDBACK, &[(head, event("fb-1"))]).unwrap();
    notes::append(&repo, notes::FEEDBACK, &[(head, event("fb-2"))]).unwrap();
    assert_eq!(sandbox.note_lines("feedback").len(), 2);
    assert_eq!(notes::read(&repo, notes::FEEDBACK).unwrap().len(), 2);
}

#[test]
fn a_sha256_repository_works() {
    let sandbox = Sandbox::bare();
    sandbox.git(&["init", "-q", "--object-format=sha256", "-b", "main"]);
    sandbox.write("a", "a");
    sandbox.commit("begin");
    let (repo, head) = head(&sandbox);
    notes::append(&repo, notes::FEEDBACK, &[(head, event("fb-1"))]).unwrap();
    assert_eq!(sandbox.note_lines("feedback").len(), 1);
}

#[test]
fn a_stale_lock_is_named_with_the_command_that_removes_it() {
    let sandbox = Sandbox::new();
    let (repo, commit) = head(&sandbox);
    notes::append(&repo, notes::FEEDBACK, &[(commit, event("fb-1"))]).unwrap();
    sandbox.write(".git/refs/notes/feedback.lock", "");
    let error = notes::append(&repo, notes::FEEDBACK, &[(commit, event("fb-2"))]).unwrap_err();
    let text = format!("{error:#}");
    assert!(text.contains("feedback.lock"), "{text}");
}

#[test]
fn a_clean_checkout_holds_the_tree_and_nothing_else() {
    let sandbox = Sandbox::new();
    sandbox.write("src/a.txt", "one");
    let first = sandbox.commit("first");
    sandbox.write("src/a.txt", "two");
    sandbox.write("b.txt", "b");
    let second = sandbox.commit("second");
    let repo = Repo::discover(&sandbox.repo).unwrap();
    let into = sandbox.home.join("checkout");
    repo.checkout_tree(second.parse().unwrap(), &into).unwrap();
    std::fs::write(into.join("stray"), "x").unwrap();
    std::fs::write(into.join("b.txt"), "edited").unwrap();
    repo.checkout_tree(first.parse().unwrap(), &into).unwrap();
    assert_eq!(std::fs::read_to_string(into.join("src/a.txt")).unwrap(), "one");
    assert!(!into.join("stray").exists() && !into.join("b.txt").exists());
}

#[test]
fn a_folder_is_captured_with_an_index_of_our_own() {
    let sandbox = Sandbox::new();
    let (repo, base) = head(&sandbox);
    let into = sandbox.home.join("work");
    repo.checkout_tree(base, &into).unwrap();
    std::fs::write(into.join("new.txt"), "new").unwrap();
    let captured = repo.capture_tree(&into, base).unwrap();
    assert_eq!(repo.file_at(captured.tree, "new.txt").unwrap().unwrap(), b"new");
    assert!(sandbox.git(&["status", "--porcelain"]).is_empty(), "the person's index is untouched");
}

#[test]
fn a_clean_checkout_is_whole_where_the_person_s_own_is_sparse() {
    let sandbox = Sandbox::new();
    sandbox.write("in/a.txt", "a");
    sandbox.write("out/b.txt", "b");
    let commit = sandbox.commit("files");
    sandbox.git(&["sparse-checkout", "set", "in"]);
    assert!(!sandbox.path("out/b.txt").exists());
    let repo = Repo::discover(&sandbox.repo).unwrap();
    let into = sandbox.home.join("checkout");
    repo.checkout_tree(commit.parse().unwrap(), &into).unwrap();
    assert_eq!(std::fs::read_to_string(into.join("out/b.txt")).unwrap(), "b");
}

#[test]
fn a_clean_checkout_leaves_the_person_s_submodules_alone() {
    let sandbox = Sandbox::new();
    let other = Sandbox::new();
    let url = other.repo.to_str().unwrap();
    sandbox.git(&["-c", "protocol.file.allow=always", "submodule", "add", "-q", url, "sub"]);
    let commit = sandbox.commit("submodule");
    sandbox.git(&["config", "submodule.recurse", "true"]);
    let before = sandbox.read(".git/modules/sub/config");
    let repo = Repo::discover(&sandbox.repo).unwrap();
    let into = sandbox.home.join("checkout");
    repo.checkout_tree(commit.parse().unwrap(), &into).unwrap();
    assert_eq!(sandbox.read(".git/modules/sub/config"), before);
    assert!(sandbox.git(&["status", "--porcelain"]).is_empty());
}

#[test]
fn a_record_is_written_where_no_identity_is_configured() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(crate::support::FEEDBACK);
    for role in ["AUTHOR", "COMMITTER"] {
        command.env_remove(format!("GIT_{role}_NAME")).env_remove(format!("GIT_{role}_EMAIL"));
    }
    crate::support::finish(command.args(["add", "nobody is configured"])).ok();
    assert_eq!(sandbox.note_lines("feedback").len(), 1);
}
