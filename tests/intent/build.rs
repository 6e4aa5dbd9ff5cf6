//! `cargo intent build`.

use std::os::unix::process::ExitStatusExt;
use std::time::Instant;

use super::work::{build, built, events, project};
use crate::support::{INTENT, wait_for};

fn worktree(sandbox: &crate::support::Sandbox) -> std::path::PathBuf {
    let state = sandbox.home.join("state/personal-factory");
    let project = std::fs::read_dir(state).unwrap().next().unwrap().unwrap().path();
    project.join("worktrees/say")
}

#[test]
fn an_agent_that_does_the_work_leaves_a_change_on_its_branch() {
    let sandbox = project("echo done > result.txt; echo thinking; echo; echo 'I said it.'");
    let before = sandbox.git(&["rev-parse", "HEAD"]);
    let answer = build(&sandbox, &[]).ok();
    assert!(answer.stderr.contains("unconfined"), "{}", answer.stderr);
    let json = answer.json();
    assert_eq!((json["passed"].as_u64(), json["holds"].as_bool()), (Some(1), Some(true)));
    assert_eq!(json["rationale"], "I said it.");
    assert_eq!(sandbox.git(&["show", "intent/say:result.txt"]), "done\n");
    assert_eq!(sandbox.git(&["rev-parse", "intent/say^"]), before);
    assert_eq!(sandbox.git(&["rev-parse", "HEAD"]), before, "the current branch does not move");
    assert_eq!(sandbox.git(&["status", "--porcelain"]), "");
    let attempts = events(&sandbox, "attempt");
    assert_eq!(attempts.len(), 1);
    assert_eq!(attempts[0]["boundary"], "none");
    assert_eq!(attempts[0]["commit"].as_str().unwrap(), sandbox.git(&["rev-parse", "intent/say"]).trim());
}

#[test]
fn a_claim_of_success_without_an_edit_is_a_finding() {
    let sandbox = project("echo 'All checks pass.'; exit 0");
    let answer = build(&sandbox, &["--rounds", "2"]).exits(1);
    assert!(answer.json()["problems"][0].as_str().unwrap().starts_with("the agent changed nothing"));
    assert_eq!(answer.json()["rounds"], 2);
    assert!(answer.json()["commit"].is_null());
    sandbox.intent(&["review", "say"]).exits(1).says("the agent changed nothing");
}

#[test]
fn the_second_brief_says_what_failed_in_the_first_round() {
    let sandbox = project(
        "cat \"$1\" > src-brief; mkdir -p src; cp \"$1\" src/brief-$(ls src | wc -l).md; rm src-brief
         if grep -q 'What failed' \"$1\"; then echo done > result.txt; else echo nothing > result.txt; fi",
    );
    let answer = build(&sandbox, &[]).ok();
    assert_eq!(answer.json()["rounds"], 2);
    let first = sandbox.git(&["show", "intent/say:src/brief-0.md"]);
    let second = sandbox.git(&["show", "intent/say:src/brief-1.md"]);
    assert!(!first.contains("What failed") && second.contains("say/says-done"), "{second}");
}

#[test]
fn the_intent_is_not_the_agents_to_change_and_what_it_tried_is_named() {
    let sandbox = project(
        "echo done > result.txt; sed -i 's/done/anything/' intents/say.toml; echo x > elsewhere.txt
         echo '[approval]' > factory.toml; rm README.md",
    );
    let answer = build(&sandbox, &[]).ok();
    let outside: Vec<String> =
        answer.json()["outside"].as_array().unwrap().iter().map(|p| p.as_str().unwrap().to_owned()).collect();
    assert_eq!(
        outside,
        [
            "README.md (outside scope.write)",
            "elsewhere.txt (outside scope.write)",
            "factory.toml (protected)",
            "intents/say.toml (protected)"
        ]
    );
    assert_eq!(sandbox.git(&["diff", "--name-only", "HEAD", "intent/say"]), "result.txt\n");
}

#[test]
fn a_rewritten_git_file_is_refused_and_not_followed() {
    let sandbox = project("echo done > result.txt; echo 'gitdir: /tmp/evil' > .git");
    let answer = build(&sandbox, &["--rounds", "1"]).exits(1);
    assert_eq!(answer.json()["problems"][0], "the worktree's .git file was rewritten");
    assert!(answer.json()["commit"].is_null());
}

#[test]
fn a_hook_the_agent_planted_is_named_and_does_not_run() {
    let sandbox = project(
        "echo done > result.txt; hooks=$(git rev-parse --git-common-dir)/hooks; mkdir -p $hooks
         printf '#!/bin/sh\\ntouch \"$HOME/ran\"\\n' > $hooks/post-index-change; chmod +x $hooks/post-index-change",
    );
    let answer = build(&sandbox, &[]).exits(1);
    assert!(answer.json()["problems"][0].as_str().unwrap().contains("hooks/post-index-change"));
    assert!(!sandbox.home.join("ran").exists());
}

#[test]
fn a_link_that_leads_out_and_a_nested_repository_are_refused() {
    for (script, said) in [
        ("ln -s ../../../../etc/passwd src/x", "src/x is a link that leads out of the repository"),
        ("git init -q src/nested", "src/nested is a repository of its own"),
    ] {
        let sandbox = project(&format!("echo done > result.txt; mkdir -p src; {script}"));
        let answer = build(&sandbox, &["--rounds", "1"]).exits(1);
        assert_eq!(answer.json()["problems"][0], said);
        assert!(answer.json()["commit"].is_null());
    }
}

#[test]
fn an_agent_that_hangs_is_ended_with_its_children_when_its_time_is_up() {
    let sandbox = project("echo $$ > ../../agent.pid; (sleep 300 & echo $! > ../../child.pid; wait)");
    let started = Instant::now();
    let answer = build(&sandbox, &["--minutes", "0.01"]).exits(1);
    assert!(started.elapsed().as_secs() < 20);
    assert!(answer.json()["problems"].to_string().contains("ran out"), "{}", answer.stdout);
    let state = worktree(&sandbox).join("../..").canonicalize().unwrap();
    let child = std::fs::read_to_string(state.join("child.pid")).unwrap();
    wait_for("the child to end", 5, || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.trim()));
        stat.map_or(Some(()), |stat| stat.contains(") Z ").then_some(()))
    });
}

#[test]
fn the_agent_gets_the_variables_it_is_allowed_and_no_others() {
    let sandbox = project("env > src-env; mkdir -p src; mv src-env src/env; echo done > result.txt");
    let answer = sandbox
        .command(INTENT)
        .args(["build", "say"])
        .env("PASSED_IN", "yes")
        .env("SECRET_TOKEN", "no")
        .output()
        .unwrap();
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    let env = sandbox.git(&["show", "intent/say:src/env"]);
    assert!(env.contains("PASSED_IN=yes") && env.contains("PATH="), "{env}");
    assert!(!env.contains("SECRET_TOKEN") && !env.contains("GIT_AUTHOR_NAME"), "{env}");
}

#[test]
fn ctrl_c_leaves_an_attempt_that_can_be_resumed() {
    let sandbox = project(
        "if [ -f result.txt ]; then echo done > result.txt; else echo begun > result.txt; sleep 300; fi",
    );
    let child = sandbox.command(INTENT).args(["build", "say"]).spawn().unwrap();
    wait_for("the agent to begin", 20, || {
        sandbox.home.join("state").exists().then(|| worktree_if_there(&sandbox)).flatten()
    });
    let pid = child.id().to_string();
    sandbox.run("kill", &["-INT", &pid]).ok();
    let status = { child }.wait().unwrap();
    assert!(status.code() == Some(130) || status.signal() == Some(2), "{status}");
    assert!(events(&sandbox, "attempt").is_empty());
    build(&sandbox, &[]).exits(2).says("--resume");
    build(&sandbox, &["--resume"]).ok();
    assert_eq!(sandbox.git(&["show", "intent/say:result.txt"]), "done\n");
}

fn worktree_if_there(sandbox: &crate::support::Sandbox) -> Option<()> {
    let state = std::fs::read_dir(sandbox.home.join("state/personal-factory")).ok()?.next()?.ok()?.path();
    state.join("worktrees/say/result.txt").exists().then_some(())
}

#[test]
fn a_hand_gets_a_worktree_and_its_work_is_checked_on_resume() {
    let sandbox = project("exit 1");
    let given = sandbox.intent(&["build", "say", "--agent", "hand"]).exits(3);
    let worktree = std::path::PathBuf::from(given.stdout.trim());
    std::fs::write(worktree.join("result.txt"), "done by hand\n").unwrap();
    let answer = build(&sandbox, &["--resume"]).ok();
    assert_eq!(answer.json()["agent"], "hand");
}

#[test]
fn the_scaffold_begins_a_crate_and_overwrites_none() {
    let sandbox = project("exit 1");
    let text =
        sandbox.read("intents/say.toml").replace("[scope]\nwrite = [\"result.txt\", \"src/**\"]\n", "");
    sandbox.write("intents/say.toml", text.replace("grep -c done result.txt", "say README.md"));
    sandbox.commit("no scope");
    let answer = build(&sandbox, &["--agent", "scaffold"]).exits(1);
    assert_eq!(answer.json()["rounds"], 1);
    assert!(sandbox.git(&["show", "intent/say:Cargo.toml"]).contains("name = \"say\""));
    let before = sandbox.git(&["rev-parse", "intent/say^{tree}"]);
    let again = build(&sandbox, &["--agent", "scaffold", "--resume"]).exits(1);
    assert_eq!(again.json()["rationale"], "Nothing is missing.");
    assert_eq!(sandbox.git(&["rev-parse", "intent/say^{tree}"]), before);
}

#[test]
fn an_unknown_agent_and_an_uncommitted_intent_say_what_to_do() {
    let sandbox = project("exit 1");
    build(&sandbox, &["--agent", "nobody"]).exits(2).says("[agent.nobody]");
    sandbox.write("factory.toml", "[agent.gone]\ncommand = \"no-such-program\"\n");
    build(&sandbox, &[]).exits(5).says("no-such-program could not be started");
    // Nothing was edited, so there is nothing to go on with.
    build(&sandbox, &[]).exits(5);
    sandbox.write("intents/other.toml", sandbox.read("intents/say.toml"));
    sandbox.intent(&["build", "other"]).exits(2).says("git add intents");
    sandbox.intent(&["build", "missing"]).exits(2).says("no intent is called");
}

#[test]
fn a_branch_with_work_of_a_person_is_not_moved() {
    let sandbox = built();
    sandbox.git(&["checkout", "-q", "intent/say"]);
    build(&sandbox, &[]).exits(2).says("git switch");
    sandbox.write("mine.txt", "mine");
    let mine = sandbox.commit("by hand");
    sandbox.git(&["checkout", "-q", "main"]);
    build(&sandbox, &[]).exits(2).says("git branch -m");
    assert_eq!(sandbox.git(&["rev-parse", "intent/say"]).trim(), mine);
}

#[test]
fn what_another_repository_left_at_this_path_is_kept_aside() {
    let sandbox = project("echo done > result.txt");
    let given = sandbox.intent(&["build", "say", "--agent", "hand"]).exits(3);
    let worktree = std::path::PathBuf::from(given.stdout.trim());
    std::fs::write(worktree.join("result.txt"), "mine\n").unwrap();
    std::fs::remove_dir_all(sandbox.path(".git")).unwrap();
    sandbox.git(&["init", "-q", "-b", "main"]);
    sandbox.write("README.md", "# made anew\n");
    sandbox.commit("begin again");
    let told = build(&sandbox, &[]).ok().says("is no commit of this repository");
    let aside = std::fs::read_dir(worktree.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    let aside = aside.filter(|path| *path != worktree).next().unwrap();
    told.says(&aside.display().to_string());
    assert_eq!(std::fs::read_to_string(aside.join("result.txt")).unwrap(), "mine\n");
}
