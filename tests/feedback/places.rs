//! Repositories that are cut off, full, of another kind, or hold names that lead elsewhere.

use factory::operations::survey;
use factory::storage::repo::Repo;
use factory::types::item::Items;

use super::{add, items};
use crate::support::{FEEDBACK, Ran, Sandbox, finish};

#[track_caller]
fn within(sandbox: &Sandbox, folder: &std::path::Path, args: &[&str]) -> Ran {
    finish(sandbox.command(FEEDBACK).args(args).current_dir(folder))
}

/// Put this text into the note on HEAD.
fn put_note(sandbox: &Sandbox, text: &str) {
    std::fs::write(sandbox.home.join("note"), text).unwrap();
    sandbox.run("sh", &["-c", "git notes --ref=feedback add -f -C $(git hash-object -w ../home/note)"]).ok();
}

/// The line that adds the item of this number.
fn line(n: u32) -> String {
    format!(
        "{{\"id\":\"01JD{n:022}\",\"v\":1,\"item\":\"fb-{n:010}\",\"op\":\"add\",\"t\":\"2026-11-22T00:00:00Z\",\"title\":\"item {n}\"}}\n"
    )
}

#[test]
fn ten_thousand_items_on_one_commit_are_listed_and_added_to() {
    let sandbox = Sandbox::new();
    put_note(&sandbox, &(0..10_000).map(line).collect::<String>());
    add(&sandbox, &["one more"]);
    assert_eq!(items(&sandbox).len(), 10_001);
    sandbox.feedback(&["close", "fb-0000004242"]).ok();
    let open = sandbox.feedback(&["list", "--format", "json"]).ok().json();
    assert_eq!(open["items"].as_array().unwrap().len(), 10_000);
    assert_eq!(sandbox.note_lines("feedback").len(), 10_002);
    the_index_is_made_used_and_replaced(&sandbox);
}

#[test]
fn what_is_written_while_an_index_is_made_is_not_hidden_by_it() {
    let sandbox = Sandbox::new();
    // One that a link ties to another is told of last, so that somebody can write before the index is.
    let tied = format!(
        "{}\n",
        line(1).trim_end().replace("01JD0", "01JE0").replace("\"add\"", "\"link\",\"to\":\"fb-0000000002\"")
    );
    put_note(&sandbox, &((0..10_000).map(line).collect::<String>() + &tied));
    let repo = Repo::discover(&sandbox.repo).unwrap();
    let now_ms = factory::types::id::now_ms();
    let written = std::cell::OnceCell::new();
    let settle = |_: &mut Items<'_>| {
        written.get_or_init(|| add(&sandbox, &["--severity", "fatal", "the worst of all"]));
        Ok(true)
    };
    let made = survey::first_open(&repo, now_ms, 5, settle, |_| {}).unwrap();
    assert!(made.remark.unwrap().contains("nothing is indexed"));
    let id = written.get().unwrap();
    let mut seen = false;
    survey::first_open(&repo, now_ms, 5, |_| Ok(true), |item| seen |= item.id == id).unwrap();
    assert!(seen, "an index made before hides it");
}

#[track_caller]
fn the_index_is_made_used_and_replaced(sandbox: &Sandbox) {
    let first = |count: &str, says: &str| {
        let ran = sandbox.feedback(&["list", "-v", "-n", count, "--format", "json"]).ok().says(says);
        ran.json()["items"].as_array().unwrap().clone()
    };
    let (made, used) = ("the first open items are indexed", "read from the index");
    let index = ".git/factory/index-feedback";
    std::fs::remove_file(sandbox.path(index)).unwrap();
    let shown = first("50", made);
    assert_eq!(first("50", used), shown, "the index shows what the notes do");
    assert_eq!(first("2", used), shown[..2]);
    sandbox.feedback(&["list"]).ok().says("50 of 10000 shown; -n 0 shows all");
    let whole = sandbox.read(index);
    for spoilt in ["", "{", "not an index\n", &whole.replacen("\"version\":\"", "\"version\":\"9", 1)] {
        sandbox.write(index, spoilt);
        assert_eq!(first("50", made), shown, "what does not fit is made anew");
    }
    let id = add(sandbox, &["--severity", "fatal", "the worst of all"]);
    let worst = first("50", made);
    assert_eq!((&worst[0]["id"], &worst[1..]), (&id.as_str().into(), &shown[..49]));
    sandbox.feedback(&["close", &id]).ok();
    assert_eq!(first("50", made), shown);
    // Further than the index goes, the notes are read.
    assert_eq!(first("5000", made).len(), 5_000);
    assert_eq!(sandbox.feedback(&["list", "-n", "0"]).ok().stdout.lines().count(), 10_000);
    // What ties items together, and what releases decide, holds in it too.
    let [part, whole] = [0, 1].map(|at| shown[at]["id"].as_str().unwrap());
    sandbox.feedback(&["link", part, whole]).ok();
    let linked = first("50", made);
    assert_eq!(first("50", used), linked);
    assert_eq!(linked.iter().filter(|item| item["parts"].as_array().unwrap().len() == 1).count(), 1);
    let old = sandbox.git(&["rev-parse", "HEAD"]);
    sandbox.write("fix.txt", "x");
    sandbox.commit("a fix");
    let released = |n: u8, commit: &str| {
        let line = format!(
            r#"{{"id":"01M80000{n}0AAAAAAAAAAAAAAAA","v":1,"release":"r{n}","op":"planned","t":"2026-11-22T08:00:00Z","commit":"{commit}"}}"#
        );
        sandbox.git(&["notes", "--ref=ship", "append", "-m", &line]);
    };
    released(1, sandbox.git(&["rev-parse", "HEAD"]).trim());
    sandbox.feedback(&["close", "fb-0000000009", "--release", "r1"]).ok();
    let line = format!(
        r#"{{"id":"{}","v":1,"item":"fb-0000000009","op":"seen","t":"2026-11-22T09:00:00Z","release":"r2"}}"#,
        factory::types::id::event_id(factory::types::id::now_ms(), None, u64::MAX / 2)
    );
    sandbox.git(&["notes", "--ref=feedback", "append", "-m", &line]);
    let back = first("50", made);
    assert_eq!((&back[0]["id"], &back[0]["status"]), (&"fb-0000000009".into(), &"regressed".into()));
    assert_eq!(first("50", used), back);
    released(2, old.trim());
    assert_eq!(first("50", made), linked, "it was seen where the fix is not");
    assert_eq!(first("50", used), linked);
    sandbox.feedback(&["list"]).ok().says("50 of 9998 shown");
}

#[test]
fn an_item_stays_when_its_commit_is_gone() {
    let sandbox = Sandbox::new();
    sandbox.write("a", "a");
    sandbox.commit("to be rewritten");
    let id = add(&sandbox, &["seen on a commit that is no more"]);
    let gone = sandbox.git(&["rev-parse", "HEAD"]);
    sandbox.git(&["reset", "-q", "--hard", "HEAD~1"]);
    sandbox.git(&["reflog", "expire", "--expire=now", "--all"]);
    sandbox.git(&["gc", "-q", "--prune=now"]);
    assert_ne!(sandbox.run("git", &["cat-file", "-e", gone.trim()]).code, 0, "the commit is pruned");
    assert_eq!(items(&sandbox)[0]["commit"], gone.trim());
    sandbox.feedback(&["show", &id]).ok().says("seen on a commit that is no more");
    sandbox.feedback(&["close", &id]).ok();
    assert_eq!(items(&sandbox)[0]["status"], "resolved");
}

#[test]
fn a_shallow_clone_reads_adds_and_syncs() {
    let sandbox = Sandbox::new();
    add(&sandbox, &["on the first commit"]);
    sandbox.write("a", "a");
    sandbox.commit("second");
    let hub = sandbox.home.join("hub.git");
    sandbox.git(&["init", "-q", "--bare", "-b", "main", hub.to_str().unwrap()]);
    sandbox.git(&["remote", "add", "origin", hub.to_str().unwrap()]);
    sandbox.git(&["push", "-q", "origin", "main"]);
    sandbox.feedback(&["sync"]).ok();
    let shallow = sandbox.home.join("shallow");
    let url = format!("file://{}", hub.display());
    sandbox.git(&["clone", "-q", "--depth=1", &url, shallow.to_str().unwrap()]);
    within(&sandbox, &shallow, &["sync"]).ok();
    within(&sandbox, &shallow, &["list"]).ok().says("on the first commit");
    let id = within(&sandbox, &shallow, &["add", "from the shallow one"]).ok().stdout;
    within(&sandbox, &shallow, &["close", id.trim()]).ok();
    within(&sandbox, &shallow, &["sync"]).ok();
    sandbox.feedback(&["sync"]).ok();
    assert_eq!(items(&sandbox).len(), 2);
}

/// Add, attach, close, list and sync, as in any repository.
#[track_caller]
fn works(sandbox: &Sandbox, hub: &[&str]) {
    sandbox.write("a.txt", "evidence");
    sandbox.commit("begin");
    let id = add(sandbox, &["something", "--attach", "a.txt"]);
    add(sandbox, &["something else"]);
    sandbox.feedback(&["close", &id]).ok();
    assert_eq!(items(sandbox).len(), 2);
    assert_eq!(sandbox.feedback(&["show", &id, "--evidence", "a.txt"]).ok().stdout, "evidence");
    let folder = sandbox.home.join("hub.git");
    let mut init = vec!["init", "-q", "--bare", "-b", "main", folder.to_str().unwrap()];
    init.extend(hub);
    sandbox.git(&init);
    sandbox.git(&["remote", "add", "origin", folder.to_str().unwrap()]);
    sandbox.feedback(&["sync"]).ok().says("notes/feedback: 0 received");
    sandbox.feedback(&["sync"]).ok().says("nothing to exchange");
    sandbox.git(&["fsck", "--strict"]);
}

#[test]
fn every_command_works_in_a_reftable_repository() {
    let sandbox = Sandbox::bare();
    if sandbox.run("git", &["init", "-q", "--ref-format=reftable", "-b", "main"]).code != 0 {
        eprintln!("SKIPPED: this git knows no reftable");
        return;
    }
    works(&sandbox, &[]);
}

#[test]
fn every_command_works_in_a_sha256_repository() {
    let sandbox = Sandbox::bare();
    sandbox.git(&["init", "-q", "--object-format=sha256", "-b", "main"]);
    works(&sandbox, &["--object-format=sha256"]);
}

#[test]
fn a_full_disk_is_told_and_what_was_there_stays() {
    let sandbox = Sandbox::new();
    add(&sandbox, &["before"]);
    // The objects on a file system of their own, which is then filled to the last byte.
    let full = "cp -a .git/objects ../home/kept && mount -t tmpfs -o size=400k none .git/objects \
        && cp -a ../home/kept/. .git/objects/ && { cat /dev/zero > .git/objects/fill || true; } 2>/dev/null";
    let probe = sandbox.run("unshare", &["-rm", "sh", "-c", "mount -t tmpfs -o size=4k none .git/objects"]);
    if probe.code != 0 {
        eprintln!("SKIPPED: a small file system is not possible here: {}", probe.stderr.trim());
        return;
    }
    let line = format!(
        "echo 'ERROR: no disk' > a.log; git clone -q --bare . ../home/hub.git; \
         git remote add origin ../home/hub.git; {full}; {FEEDBACK} add full; echo full $?; \
         {FEEDBACK} import a.log; echo import $?; {FEEDBACK} list; echo list $?; \
         rm .git/objects/fill; {FEEDBACK} add after; echo after $?; {FEEDBACK} import a.log; {FEEDBACK} list; \
         {FEEDBACK} sync; echo sync $?; git fsck --strict && echo sound"
    );
    let ran = finish(sandbox.command("unshare").args(["-rm", "sh", "-c", &line])).ok();
    let shown = format!("{}\n{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("full 5\n") && ran.stdout.contains("import 5\n"), "{shown}");
    assert!(ran.stdout.contains("sync 0\n") && ran.stdout.contains("no disk"), "{shown}");
    assert!(ran.stdout.contains("list 0\n"), "{shown}");
    assert!(ran.stderr.contains("hint:") && ran.stderr.contains("disk"), "{shown}");
    assert!(ran.stdout.contains("after 0\n") && ran.stdout.contains("sound\n"), "{shown}");
    assert_eq!(ran.stdout.matches("before").count(), 2, "{shown}");
}

#[test]
fn a_name_of_evidence_that_leads_elsewhere_stays_in_the_repository() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "harmless");
    let id = add(&sandbox, &["x", "--attach", "a.txt"]);
    let note = sandbox.git(&["notes", "--ref=feedback", "show"]);
    let name = "../../.ssh/id\\u001b[2J\\u202e";
    put_note(&sandbox, &note.replace("\"a.txt\"", &format!("\"{name}\"")));
    let ran = sandbox.feedback(&["show", &id]).ok();
    assert!(!ran.stdout.contains('\u{1b}') && !ran.stdout.contains('\u{202e}'), "{}", ran.stdout);
    ran.says("../../.ssh/id");
    sandbox.feedback(&["promote", &id, "--intent", "x", "--run", "cat {input}"]);
    let outside = [sandbox.home.join(".ssh"), sandbox.repo.parent().unwrap().join(".ssh")];
    assert!(outside.iter().all(|folder| !folder.exists()), "nothing was written outside");
    let escaped = sandbox.run("git", &["status", "--porcelain", "-uall"]).ok().stdout;
    assert!(!escaped.contains(".ssh"), "{escaped}");
}

#[test]
fn loose_and_packed_objects_read_alike() {
    let sandbox = Sandbox::new();
    for n in 0..5 {
        add(&sandbox, &[&format!("item {n}")]);
    }
    let loose = items(&sandbox);
    sandbox.git(&["gc", "-q", "--prune=now"]);
    assert!(sandbox.git(&["count-objects"]).starts_with("0 objects"));
    assert_eq!(items(&sandbox), loose);
    add(&sandbox, &["on top of the pack"]);
    assert_eq!(items(&sandbox).len(), 6);
}
