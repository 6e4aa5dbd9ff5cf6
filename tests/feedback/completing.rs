//! What shells offer after TAB, asked of the shells themselves.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use super::{add, installed as shell};
use crate::support::{Ran, Sandbox, finish, has};

/// Where git's own completion for bash lies, by the packages that bring it.
const OF_GIT: [&str; 3] = [
    "/usr/share/bash-completion/completions/git",
    "/usr/share/git/completion/git-completion.bash",
    "/usr/share/git-core/contrib/completion/git-completion.bash",
];

/// With setup's scripts, an open item, a closed one, and an intent.
fn prepared() -> (Sandbox, String, String) {
    let sandbox = Sandbox::new();
    sandbox.intent(&["setup"]).ok();
    sandbox
        .write("intents/orders.toml", "schema = 1\ntitle = \"Take orders\"\noutcome = \"They are taken.\"\n");
    sandbox.commit("an intent");
    let open = add(&sandbox, &["rows are lost; $(touch bad) `touch bad`", "--kind", "log"]);
    let closed = add(&sandbox, &["mended by hand"]);
    sandbox.feedback(&["close", &closed]).ok();
    (sandbox, open, closed)
}

/// What bash offers for words of which the last is to be completed, one a line; `kind` is its `COMP_TYPE`.
fn in_bash(sandbox: &Sandbox, kind: u8, words: &[&str]) -> String {
    let data = sandbox.home.join(".local/share/bash-completion/completions");
    let (script, function) = match words[0] {
        "git" => {
            let found = OF_GIT.iter().find(|path| Path::new(path).exists()).unwrap();
            (format!(". {found}; . {}/git-feedback", data.display()), "__git_wrap__git_main".to_owned())
        }
        tool => {
            (format!(". {}/{tool}", data.display()), format!("_clap_complete_{}", tool.replace('-', "_")))
        }
    };
    let words: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let line = format!(
        "{script}; COMP_WORDS=({}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); COMP_LINE=\"${{COMP_WORDS[*]}}\"; \
         COMP_POINT=${{#COMP_LINE}}; COMP_TYPE={kind}; \
         {function} {} \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"; \
         printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        words.join(" "),
        words[0],
    );
    finish(shell(sandbox, "bash").args(["--norc", "-c", &line])).ok().stdout
}

#[test]
fn gits_own_completion_in_bash_offers_ids_and_tells_their_titles_only_where_it_lists() {
    if !OF_GIT.iter().any(|path| Path::new(path).exists()) {
        eprintln!("SKIPPED: git's completion for bash is not installed");
        return;
    }
    let (sandbox, open, closed) = prepared();
    let offered = |words: &[&str]| in_bash(&sandbox, 9, &[&["git", "feedback"], words].concat());
    assert_eq!(offered(&["show", ""]), format!("{open} \n"), "open ones, while nothing is typed");
    assert_eq!(offered(&["show", &closed[..8]]), format!("{closed} \n"));
    let bare = open.trim_start_matches("fb-");
    assert_eq!(offered(&["set", &bare[..3]]), format!("{bare} \n"), "also without `fb-`");
    assert_eq!(offered(&["reopen", ""]), format!("{closed} \n"));
    assert_eq!(offered(&["promote", &open, "--intent", ""]), "orders \n");
    assert!(offered(&[""]).starts_with("add \nrun \n") && !offered(&[""]).contains("--"));
    assert!(offered(&["list", "--s"]).contains("--status "));
    assert_eq!(offered(&["list", "--status", "=", "reg"]), "regressed \n");
    let elsewhere = ["git", "-C", sandbox.repo.to_str().unwrap(), "feedback", "close", ""];
    assert_eq!(in_bash(&sandbox, 9, &elsewhere), format!("{open} \n"));

    let other = add(&sandbox, &["another"]);
    let listed = in_bash(&sandbox, 63, &["git", "feedback", "show", ""]);
    assert!(listed.contains(&format!("{open}  (log: rows are lost; $(touch bad)")), "{listed}");
    assert!(listed.contains(&other), "{listed}");
    assert_eq!(offered(&["show", ""]).lines().count(), 2);
    assert!(!offered(&["show", ""]).contains("rows"), "a title is never put on the command line");
    assert!(!sandbox.path("bad").exists(), "nor run");
}

#[test]
fn bash_completes_the_tools_by_their_own_names() {
    let (sandbox, open, _) = prepared();
    assert_eq!(in_bash(&sandbox, 9, &["git-feedback", "show", ""]).trim_end(), open);
    assert_eq!(in_bash(&sandbox, 9, &["cargo-intent", "show", "or"]).trim_end(), "orders");
    assert_eq!(in_bash(&sandbox, 9, &["cargo-ship", "rol"]).trim_end(), "rollback");
}

#[test]
fn fish_completes_git_feedback_and_cargo_intent_with_titles() {
    if !has("fish") {
        return;
    }
    let (sandbox, open, _) = prepared();
    let offered = |line: &str| -> Ran {
        finish(
            shell(&sandbox, "fish")
                .env("XDG_DATA_HOME", sandbox.home.join(".local/share"))
                .args(["-c", &format!("complete -C '{line}'")]),
        )
    };
    for line in ["git feedback show ", "git-feedback show ", "git -C . feedback show "] {
        let told = offered(line).ok().stdout;
        assert!(told.contains(&format!("{open}\tlog: rows are lost; $(touch bad)")), "{line}: {told}");
    }
    assert!(offered("cargo intent show ").ok().stdout.contains("orders\tTake orders"));
    assert!(!sandbox.path("bad").exists());
}

#[test]
fn zsh_completes_git_feedback_with_titles() {
    use expectrl::Expect;
    if !has("zsh") {
        return;
    }
    let (sandbox, open, closed) = prepared();
    // A second one, since one alone is put on the line without being listed.
    sandbox.feedback(&["reopen", &closed]).ok();
    let folder: PathBuf = sandbox.home.join(".local/share/zsh/site-functions");
    let start = format!(
        "fpath=({} $fpath); autoload -U compinit; compinit -u -D; PS1='> '; print be''gin",
        folder.display()
    );
    let mut command = shell(&sandbox, "zsh");
    command.args(["-f", "-i"]).env("TERM", "dumb").env("COLUMNS", "100").stdin(Stdio::inherit());
    let mut session = expectrl::Session::spawn(command).unwrap();
    session.set_expect_timeout(Some(Duration::from_secs(60)));
    session.send_line(&start).unwrap();
    session.expect("begin").unwrap();
    session.send("git feedback show \t\t").unwrap();
    session.expect(format!("{open}  -- log: rows are lost; $(touch bad)")).unwrap();
    session.send("\u{3}").unwrap();
    session.send_line("exit").unwrap();
    assert!(!sandbox.path("bad").exists());
}
