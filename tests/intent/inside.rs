//! Nothing outside the repository is read, wherever links in it lead.

use std::os::unix::fs::symlink;

use super::check::{check, has_line, with};
use super::list::SMALL;
use crate::support::Sandbox;

#[test]
fn checks_read_nothing_that_a_link_finds_outside() {
    let sandbox = with(
        &[
            check("stdin", "run = \"cat\"\nstdin = \"links/words\"\nstdout = \"secret\""),
            check("dir", "run = \"ls\"\ndir = \"links/out\""),
            check("ask", "http = \"POST /\"\nbody = \"links/words\""),
            check("cases", "fixtures = \"cat\""),
        ]
        .concat(),
    );
    let outside = sandbox.home.join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("words"), "0 secret\n").unwrap();
    std::fs::create_dir(sandbox.path("links")).unwrap();
    symlink(outside.join("words"), sandbox.path("links/words")).unwrap();
    symlink(&outside, sandbox.path("links/out")).unwrap();
    for name in ["args", "env", "exit"] {
        for file in ["input", "expected"] {
            sandbox.write(&format!("intents/x/{name}/{file}"), "a");
        }
        symlink(outside.join("words"), sandbox.path(format!("intents/x/{name}/{name}"))).unwrap();
    }
    sandbox.write("other/input", "a");
    sandbox.write("other/expected", "a");
    symlink("../../other", sandbox.path("intents/x/linked")).unwrap();
    symlink(&outside, sandbox.path("intents/x/away")).unwrap();
    let ran = sandbox.intent(&["check", "--url", "http://127.0.0.1:1"]).exits(3);
    let leads = "leads outside the repository";
    has_line(&ran, &format!("unverified  x/stdin  stdin: links/words {leads}"));
    has_line(&ran, &format!("unverified  x/dir  the folder links/out {leads}"));
    has_line(&ran, &format!("unverified  x/ask  its body: links/words {leads}"));
    for name in ["args", "env", "exit"] {
        has_line(&ran, &format!("unverified  x/cases/{name}  intents/x/{name}/{name} {leads}"));
    }
    has_line(&ran, "unverified  x/cases/linked  intents/x/linked is a link; put the folder itself there");
    has_line(&ran, &format!("unverified  x/cases/away  intents/x/away {leads}"));
    assert!(!ran.stdout.contains("secret"), "{}", ran.stdout);
}

#[test]
fn an_intent_that_is_a_link_out_of_the_repository_is_not_read() {
    let sandbox = Sandbox::new();
    let outside = sandbox.home.join("x.toml");
    std::fs::write(&outside, format!("{SMALL}# secret\nnonsense = 1\n")).unwrap();
    std::fs::create_dir(sandbox.path("intents")).unwrap();
    symlink(&outside, sandbox.path("intents/x.toml")).unwrap();
    sandbox.write("intents/y.toml", SMALL);
    for args in [&["show", "x"][..], &["list"], &["check"], &["approve", "x"]] {
        let ran = sandbox.intent(args).exits(2).says("it leads outside the repository");
        let said = [ran.stdout, ran.stderr].concat();
        assert!(!said.contains("nonsense"), "{said}");
    }
    sandbox.intent(&["show", "y"]).ok();
}

#[test]
fn a_linked_folder_among_the_files_of_a_glob_is_named_and_no_drift() {
    let sandbox = Sandbox::new();
    let glob = "[[contract]]\nid = \"notes\"\nkind = \"markdown\"\nfiles = \"notes/*\"\nsections = [\"A\"]\n";
    sandbox.write("intents/x.toml", format!("{SMALL}{glob}"));
    sandbox.write("notes/a.md", "# A\n");
    sandbox.write("more/b.md", "# B\n");
    symlink("../more", sandbox.path("notes/more")).unwrap();
    let ran = sandbox.intent(&["check"]).exits(3);
    has_line(&ran, "unverified  x/contract:notes");
    assert!(ran.stdout.contains("notes/more is a link to a folder"), "{}", ran.stdout);
    sandbox.write("notes/a.md", "# C\n");
    has_line(&sandbox.intent(&["check"]).exits(1), "drift       x/contract:notes");
}
