//! The digest over what lies on disk: large files, and those a commit would not hold.

use std::fs::File;
use std::os::unix::fs::symlink;

use factory::operations::digest::{AtCommit, Digester};
use factory::storage::intents;
use factory::storage::repo::Repo;
use factory::types::id::sha256_hex;

use super::list::SMALL;
use crate::support::{INTENT, Ran, Sandbox};

const LARGE_BYTES: u64 = 6 << 20;

/// The most memory a command may take for itself, in KiB: less than both large files and itself.
const MOST_KIB: u64 = 12 << 10;

/// Run it where more memory is refused.
fn narrow(sandbox: &Sandbox, args: &str) -> Ran {
    sandbox.run("sh", &["-c", &format!("ulimit -d {MOST_KIB} && exec {INTENT} {args}")])
}

/// The digest in the work tree, which is the one in a commit of all of it.
fn digest(sandbox: &Sandbox) -> String {
    let show = || sandbox.intent(&["show", "x", "--format", "json"]).ok().json()["digest"].clone();
    let before = show();
    sandbox.git(&["add", "-A"]);
    sandbox.git(&["commit", "-q", "--allow-empty", "-m", "all"]);
    assert_eq!(show(), before);
    let repo = Repo::discover(&sandbox.repo).unwrap();
    let intent = intents::one(&sandbox.repo, "x").unwrap().intent;
    let at = AtCommit::new(&repo, repo.require_head().unwrap());
    assert_eq!(before, Digester::new(&at).digest(&intent).unwrap().as_str());
    before.as_str().unwrap().to_owned()
}

#[test]
fn large_fixtures_are_read_piece_by_piece() {
    if !cfg!(target_os = "linux") {
        return eprintln!("SKIPPED: only Linux bounds a program's own memory");
    }
    let sandbox = Sandbox::new();
    sandbox.write("factory.toml", "[approval]\nterminal = false\n");
    sandbox.write("intents/x.toml", "schema = 1\ntitle = \"t\"\noutcome = \"o\"\n");
    for case in ["one", "two"] {
        sandbox.write(&format!("intents/x/{case}"), "");
        File::options()
            .write(true)
            .open(sandbox.path(format!("intents/x/{case}")))
            .unwrap()
            .set_len(LARGE_BYTES)
            .unwrap();
    }
    let shown = narrow(&sandbox, "show x --format json").ok().json();
    let zeros = "\0".repeat(usize::try_from(LARGE_BYTES).unwrap());
    let file = |name: &str| format!("fixture/{name}\0file\0{LARGE_BYTES}\0{zeros}");
    let framed = format!("digest\0integer\x001\x001{}{}outcome\0text\x001\0o", file("one"), file("two"));
    assert_eq!(shown["digest"], sha256_hex(framed.as_bytes()));
    sandbox.commit("all");
    narrow(&sandbox, "approve x").ok();
    narrow(&sandbox, "approve --verify").ok();
    std::fs::write(sandbox.path("intents/x/two"), vec![b'1'; usize::try_from(LARGE_BYTES).unwrap()]).unwrap();
    let told = narrow(&sandbox, "diff --format json").ok().json();
    let change = &told["intents"][0]["changes"][0];
    assert_eq!(
        (&change["name"], &change["before"]["size_bytes"]),
        (&"two".into(), &LARGE_BYTES.into()),
        "{told}"
    );
    assert_eq!(change["before"]["sha256"], sha256_hex(zeros.as_bytes()));
    assert_eq!(told["intents"][0]["approval"], "stale");
}

#[test]
fn a_large_file_counts_as_git_stores_it() {
    let sandbox = Sandbox::new();
    sandbox.write(".gitattributes", "*.txt text\n*.bin -text\n");
    sandbox.write("intents/x.toml", SMALL);
    let lines = "a line\r\n".repeat(100_000);
    for name in ["one/input.txt", "one/input.bin"] {
        sandbox.write(&format!("intents/x/{name}"), &lines);
    }
    let before = digest(&sandbox);
    let shown = sandbox.intent(&["show", "x", "--format", "json"]).ok().json();
    let sizes = shown["fixtures"].as_array().unwrap().iter().map(|file| file["size_bytes"].as_u64().unwrap());
    assert_eq!(sizes.collect::<Vec<_>>(), [800_000, 700_000]);
    sandbox.write("intents/x/one/input.txt", lines.replace('\r', ""));
    assert_eq!(digest(&sandbox), before, "line ends are git's");
    sandbox.write("intents/x/one/input.bin", lines.replace('\r', ""));
    assert_ne!(digest(&sandbox), before);
}

#[test]
fn only_what_a_commit_would_hold_counts() {
    let sandbox = Sandbox::new();
    let file =
        |id: &str, path: &str| format!("[[contract]]\nid = \"{id}\"\nkind = \"file\"\npath = \"{path}\"\n");
    let contracts = [
        file("ignored", "build/a"),
        file("linked", "way/a"),
        file("forced", "build/kept"),
        file("dotted", "./real//b"),
    ];
    sandbox.write("intents/x.toml", format!("{SMALL}{}", contracts.concat()));
    sandbox.write(".gitignore", "build\n");
    for path in ["build/a", "build/kept", "real/a", "real/b"] {
        sandbox.write(path, "1");
    }
    symlink("real", sandbox.path("way")).unwrap();
    sandbox.write("intents/x/one/input", "1");
    symlink("../../../real", sandbox.path("intents/x/one/away")).unwrap();
    sandbox.git(&["add", "-f", "build/kept"]);
    let before = digest(&sandbox);
    for path in ["build/a", "real/a"] {
        sandbox.write(path, "2");
        assert_eq!(digest(&sandbox), before, "{path}");
    }
    for path in ["build/kept", "real/b"] {
        sandbox.write(path, "2");
        assert_ne!(digest(&sandbox), before, "{path}");
        sandbox.write(path, "1");
        assert_eq!(digest(&sandbox), before, "{path}");
    }
}

#[test]
fn a_fixture_added_with_its_carriage_returns_stays_as_it_was_added() {
    let sandbox = Sandbox::new();
    sandbox.write("factory.toml", "[approval]\nterminal = false\n");
    sandbox.write("intents/x.toml", SMALL);
    sandbox.write("intents/x/one/input.csv", "a\r\nb\r\n");
    sandbox.write("intents/x/one/large.csv", "a\r\n".repeat(100_000));
    let before = digest(&sandbox);
    sandbox.intent(&["approve", "x"]).ok();
    let holds = |sandbox: &Sandbox| {
        assert_eq!(digest(sandbox), before);
        sandbox.intent(&["approve", "--verify"]).ok();
        let told = sandbox.intent(&["diff", "HEAD", "--format", "json"]).ok().json();
        assert_eq!(told["intents"].as_array().map(Vec::len), Some(0), "{told}");
    };
    for setting in ["input", "true"] {
        sandbox.git(&["config", "core.autocrlf", setting]);
        holds(&sandbox);
    }
    sandbox.git(&["config", "--unset", "core.autocrlf"]);
    sandbox.write(".gitattributes", "* text=auto\n");
    holds(&sandbox);
    sandbox.write("intents/x/one/input.csv", "a\r\nc\r\n");
    let edited = sandbox.intent(&["show", "x", "--format", "json"]).ok().json();
    assert_ne!(edited["digest"], before.as_str());
}
