//! What the tour tells, step by step; each step is held to the outcome told.

use anyhow::{Context, Result};
use factory::storage::{fs, signing};
use serde_json::Value;

use super::example::{EXPECTED, GROUND, IDEA, WISH};
use super::stage::Stage;

/// The whole line: idea, change, release, canary, rollback, feedback, fixture, fix, promoted.
pub fn tell(stage: &Stage) -> Result<()> {
    stage.say(
        "This walks the whole line on a small example, in a folder of its own. Every command is real;\n\
         only the agent is not: in place of a model it applies edits that were prepared beforehand.",
    );
    ground(stage)?;
    idea(stage)?;
    first_release(stage)?;
    wish(stage)?;
    let item = feedback(stage)?;
    fix(stage, &item)
}

/// Leave no process behind.
pub fn leave(stage: &Stage) -> Result<()> {
    if !stage.repository.join("Cargo.toml").exists() {
        return Ok(());
    }
    stage.say("The service is stopped, so that nothing of the tour runs on.");
    stage.stop()
}

fn ground(stage: &Stage) -> Result<()> {
    stage.title("A repository");
    stage.run(&["git", "init", "--quiet", "--initial-branch=main"], 0)?;
    own_settings(stage)?;
    stage.write(GROUND)?;
    let own = std::env::current_exe()?;
    let own = own.to_str().context("this program's path is not UTF-8")?;
    let own = shlex::try_quote(own)?;
    let file = stage.repository.join("factory.toml");
    fs::write(&file, configuration(&own, stage.port))?;
    stage.say("factory.toml names the tour's agent, a free port, and a canary of seconds instead of hours:");
    stage.run(&["cat", "factory.toml"], 0)?;
    commit(stage, "Begin")
}

/// The person's global settings must neither be changed nor stand in the way.
fn own_settings(stage: &Stage) -> Result<()> {
    for (name, value) in [("user.name", "Tour"), ("user.email", "tour@example.invalid")] {
        if !stage.git(&["config", "--get", name])? {
            stage.git(&["config", "--local", name, value])?;
        }
    }
    for (name, value) in
        [("commit.gpgSign", "false"), ("core.hooksPath", "/dev/null"), ("core.autocrlf", "false")]
    {
        stage.git(&["config", "--local", name, value])?;
    }
    signing(stage)
}

/// A key of the tour's own: nobody is asked for a passphrase, and approvals can be verified. Without
/// ssh-keygen they stay unsigned, as `approve --verify` says then.
fn signing(stage: &Stage) -> Result<()> {
    let (key, signers) = (stage.folder.join("key"), stage.folder.join("allowed_signers"));
    let made = signing::new_key(&key, "you@tour.invalid", &signers)?;
    let path = |path: &std::path::Path| if made { path.display().to_string() } else { String::new() };
    for (name, value) in [
        ("gpg.format", "ssh".to_owned()),
        ("gpg.ssh.program", "ssh-keygen".to_owned()),
        ("gpg.ssh.defaultKeyCommand", String::new()),
        ("user.signingKey", path(&key)),
        ("gpg.ssh.allowedSignersFile", path(&signers)),
    ] {
        stage.git(&["config", "--local", name, &value])?;
    }
    Ok(())
}

fn configuration(own: &str, port: u16) -> String {
    let command = toml_edit::Value::from(format!("{own} tour-agent"));
    format!(
        "[agent]
default = \"tour\"
[agent.tour]
command = {command}

[approval]
terminal = false          # the tour says yes for you; by default this needs you and a terminal

[ship]
run    = [\"serve\"]
health = \"/health\"

[canary]
min-time = \"2s\"

[environment.local]
port = {port}
"
    )
}

fn commit(stage: &Stage, message: &str) -> Result<()> {
    stage.run(&["git", "add", "--all"], 0)?;
    stage.run(&["git", "commit", "--quiet", "-m", message], 0)
}

fn idea(stage: &Stage) -> Result<()> {
    stage.title("An idea becomes an intent");
    stage.run(
        &[
            "cargo",
            "intent",
            "new",
            "csv2json",
            "--title",
            "Turn CSV exports into normalised JSON",
            "--outcome",
            "One command turns an export into JSON the orders API accepts; a bad row is named by line and column.",
        ],
        0,
    )?;
    stage.say(
        "Now you say how one will know: checks, an example, what an agent may touch. The tour types for you.",
    );
    stage.write(IDEA)?;
    stage.run(&["cat", "intents/csv2json.toml"], 0)?;
    commit(stage, "Want CSV exports as JSON")
}

fn first_release(stage: &Stage) -> Result<()> {
    stage.title("An agent builds it, a person accepts it, it ships");
    stage.say("The built-in scaffold writes the skeleton. It does nothing yet, so its checks are red.");
    stage.run(&["cargo", "intent", "build", "csv2json", "--agent", "scaffold"], 1)?;
    stage.say("The agent goes on from there, until the checks pass.");
    stage.run(&["cargo", "intent", "build", "csv2json", "--resume", "--agent", "tour"], 0)?;
    accept(stage)?;
    stage.run(&["cargo", "intent", "approve", "--verify"], 0)?;
    stage.say("First release: built from the commit, checked, started behind the edge, asked, then served.");
    stage.run(&["cargo", "ship"], 0)?;
    let (status, page) = stage.request("GET /", b"")?;
    stage.expect("the page is served", status == 200 && page.contains("<textarea"), &page.into())?;
    stage.say(&format!("It answers: http://127.0.0.1:{} has a page to paste an export into.", stage.port));
    Ok(())
}

fn accept(stage: &Stage) -> Result<()> {
    stage.run(&["cargo", "intent", "review", "csv2json"], 0)?;
    stage.run(&["cargo", "intent", "accept", "csv2json"], 0)
}

fn wish(stage: &Stage) -> Result<()> {
    stage.title("A wish, and a release that is not as good as its checks");
    stage.say(
        "Amounts like 1,234.50 should become integer cents. The intent says so, with an example, and asks\n\
         every release to convert the export that accounting sent in August.",
    );
    stage.write(WISH)?;
    commit(stage, "Want amounts in cents")?;
    stage.say("The new example is red, as it should be before the work.");
    stage.run(&["cargo", "intent", "check", "csv2json"], 1)?;
    stage.run(&["cargo", "intent", "build", "csv2json"], 0)?;
    accept(stage)?;
    stage.say("All checks are green. Yet August has an order without an amount, and that the new code cannot bear.\n\
         The canary gets the request beside the stable release; stable is right, the canary is not.");
    stage.run(&["cargo", "ship", "--canary"], 1)?;
    let august = include_bytes!("../../examples/csv2json/samples/august.csv");
    let (status, body) = stage.request("POST /convert", august)?;
    stage.expect("the old release still answers", status == 200 && body.contains("A-1004"), &body.into())?;
    stage.say("It rolled itself back; the first release answers August as before. And it filed what it saw:");
    Ok(())
}

fn feedback(stage: &Stage) -> Result<String> {
    stage.title("What it taught comes back");
    stage.run(&["git", "feedback", "list"], 0)?;
    let listed = stage.ask(&["git", "feedback", "list"])?;
    let open = items(&listed);
    stage.expect("the rollback filed one item", open.len() == 1, &listed)?;
    let item = open[0]["id"].as_str().context("the item has no id")?.to_owned();
    stage.run(&["git", "feedback", "show", &item], 0)?;
    stage.say(
        "The failing request becomes an example, with the answer you expect. One command, nothing copied.",
    );
    stage.write(EXPECTED)?;
    let promote =
        ["git", "feedback", "promote", &item, "--intent", "csv2json", "--expected", "samples/august.json"];
    stage.run(&promote, 0)?;
    commit(stage, "Want August's empty amount to be null")?;
    Ok(item)
}

fn fix(stage: &Stage, item: &str) -> Result<()> {
    stage.title("Red, then green, then promoted");
    stage.run(&["cargo", "intent", "check", "csv2json"], 1)?;
    stage.run(&["cargo", "intent", "build", "csv2json"], 0)?;
    stage.run(&["cargo", "intent", "accept", "csv2json"], 0)?;
    stage.run(&["cargo", "ship", "--canary"], 0)?;
    let august = include_bytes!("../../examples/csv2json/samples/august.csv");
    let (status, body) = stage.request("POST /convert", august)?;
    stage.expect("August is converted, in cents", status == 200 && body.contains("123450"), &body.into())?;
    stage.title("Where things stand");
    stage.run(&["cargo", "intent", "list"], 0)?;
    stage.run(&["git", "feedback", "list"], 0)?;
    let listed = stage.ask(&["git", "feedback", "list"])?;
    stage.expect("no item is open", items(&listed).is_empty(), &listed)?;
    let shown = stage.ask(&["git", "feedback", "show", item])?;
    let resolved = shown["status"] == "resolved" && shown["resolved_in"].is_string();
    stage.expect("the item closed itself with the release", resolved, &shown)?;
    stage.run(&["cargo", "ship", "log"], 0)?;
    stage.say(
        "One sentence became a service; a bad release took itself back, and what it taught is a check now.",
    );
    Ok(())
}

fn items(listed: &Value) -> Vec<&Value> {
    listed["items"].as_array().map(|items| items.iter().collect()).unwrap_or_default()
}
