//! A project whose agent is a shell script, for tests of build, review, accept and reject.

use crate::support::{Ran, Sandbox};

/// The check every project here is held to: `result.txt` says `done`.
const INTENT: &str = r#"schema = 1
title = "Say done"
outcome = "result.txt says done."

[scope]
write = ["result.txt", "src/**"]

[[constraint]]
id = "kind-words"
kind = "ux"
text = "It is said kindly."

[[acceptance]]
id = "says-done"
run = "grep -c done result.txt"
"#;

/// A repository with one intent, `say`, and an agent `script` that runs `sh` on this text.
pub fn project(script: &str) -> Sandbox {
    let sandbox = Sandbox::unborn();
    std::fs::write(sandbox.home.join("agent.sh"), script).unwrap();
    let agent = sandbox.home.join("agent.sh");
    sandbox.write(
        "factory.toml",
        format!(
            "[agent.script]\ncommand = \"sh {} {{brief}}\"\nenv = [\"PASSED_IN\"]\n\n[approval]\nterminal = false\n",
            agent.display()
        ),
    );
    sandbox.write("intents/say.toml", INTENT);
    sandbox.write("README.md", "# a project\n");
    sandbox.commit("begin");
    sandbox
}

/// `cargo intent build say --format json`.
pub fn build(sandbox: &Sandbox, more: &[&str]) -> Ran {
    sandbox.intent(&[&["build", "say", "--format", "json"], more].concat())
}

/// A project with a change that waits and holds.
pub fn built() -> Sandbox {
    let sandbox = project("echo done > result.txt; echo 'I said it.'");
    build(&sandbox, &[]).ok();
    sandbox
}

/// The events of `op` in the intent notes.
pub fn events(sandbox: &Sandbox, op: &str) -> Vec<serde_json::Value> {
    let lines = sandbox.note_lines("intent");
    let read = lines.iter().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    read.filter(|event| event["op"] == op).collect()
}
