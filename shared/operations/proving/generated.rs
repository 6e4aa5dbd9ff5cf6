//! Generated mutants of what the change touches (`cargo mutants --in-diff`), for tests inside `src`.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use super::ground::Ground;
use super::settling::Seen;
use crate::operations::checking::cargo_folder;
use crate::storage::process::on_path;
use crate::storage::{cargo, fs};
use crate::types::proof::Mutants;

/// The longest a run of cargo-mutants may take as a whole.
const LIMIT: Duration = Duration::from_secs(30 * 60);

/// Whether the test catches mutants of the lines that changed since the base.
pub fn catch(ground: &Ground, names: &[&str], limit: Duration) -> Result<Seen> {
    if on_path("cargo-mutants").is_none() {
        return Ok(Seen::unknown(
            "a unit test inside src cannot be carried to the base; declare a `mutant`, or: cargo install cargo-mutants",
        ));
    }
    let question = ground.question;
    let (folder, target) = (question.place.join("copy"), question.place.join("copy-target"));
    question.repo.checkout_tree(question.head, &folder)?;
    let project = cargo_folder(&folder)?;
    let relative = project.strip_prefix(&folder).unwrap_or(&project).to_string_lossy().into_owned();
    let (base, head) = (ground.base.to_string(), question.head.to_string());
    let mut args =
        vec!["diff", "--no-ext-diff", "--no-textconv", "--no-color", "--src-prefix=a/", "--dst-prefix=b/"];
    let within = format!("--relative={relative}");
    args.extend((!relative.is_empty()).then_some(within.as_str()));
    args.extend([base.as_str(), head.as_str()]);
    let diff = question.place.join("change.diff");
    fs::write(&diff, question.repo.git(&args)?)?;
    let results = question.place.join("mutants");
    fs::remove_dir_all(&results)?;
    fs::create_dir_all(&results)?;
    let seconds = limit.as_secs().max(1).to_string();
    let command = cargo::command(&project)
        .args(["mutants", "--in-place", "--no-shuffle", "--colors", "never", "--timeout", &seconds])
        .arg("--in-diff")
        .arg(&diff)
        .arg("--output")
        .arg(&results)
        .args(["--", "--", "--exact"])
        .args(names)
        .env("CARGO_TARGET_DIR", &target)
        .timeout(LIMIT);
    let outcome = question.subject.runner.run(&command)?;
    let told = fs::read_if_there(&results.join("mutants.out/outcomes.json"))?;
    let said = || String::from_utf8_lossy(&outcome.stderr).into_owned();
    match told {
        Some(bytes) => {
            let outcomes: Value = serde_json::from_slice(&bytes).context("outcomes.json of cargo mutants")?;
            Ok(read(&outcomes, &said()))
        }
        None if outcome.success() => Ok(Seen::unknown("0 mutants tested: the change has no lines to mutate")),
        None => {
            let last = said().lines().last().unwrap_or_default().to_owned();
            Ok(Seen::Unknown {
                reason: format!("cargo mutants: {}: {last}", outcome.words()),
                detail: said(),
            })
        }
    }
}

/// What the outcomes come to. Nothing tested is never a proof.
fn read(outcomes: &Value, said: &str) -> Seen {
    let all = outcomes["outcomes"].as_array().map(Vec::as_slice).unwrap_or_default();
    let of = |wanted: &[&str]| -> Vec<&Value> {
        let is = |outcome: &&Value| outcome["summary"].as_str().is_some_and(|word| wanted.contains(&word));
        all.iter().filter(|outcome| outcome["scenario"].as_str() != Some("Baseline")).filter(is).collect()
    };
    let baseline = all.iter().find(|outcome| outcome["scenario"].as_str() == Some("Baseline"));
    if let Some(word) = baseline.and_then(|outcome| outcome["summary"].as_str()).filter(|w| *w != "Success") {
        let reason = format!("cargo mutants: without a mutant it ends with {word}");
        return Seen::Unknown { reason, detail: said.to_owned() };
    }
    let caught = of(&["CaughtMutant", "Timeout"]).len() as u64;
    let missed = of(&["MissedMutant"]);
    let tested = caught + missed.len() as u64;
    if tested == 0 {
        return Seen::unknown("0 mutants tested, which proves nothing");
    }
    let name = |outcome: &&Value| outcome["scenario"]["Mutant"]["name"].as_str().unwrap_or("one").to_owned();
    let survivors: Vec<String> = missed.iter().take(3).map(name).collect();
    let mut reason = format!("catches {caught} of {tested} mutants of what changed");
    if !survivors.is_empty() {
        reason.push_str(&format!("; survivors: {}", survivors.join(", ")));
    }
    Seen::Edited { mutants: Mutants { tested, caught }, reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn seen(summaries: &[&str]) -> Seen {
        let mut all = vec![json!({"scenario": "Baseline", "summary": summaries[0]})];
        all.extend(summaries[1..].iter().map(|summary| {
            json!({"scenario": {"Mutant": {"name": "src/lib.rs:1:1: replace f"}}, "summary": summary})
        }));
        read(&json!({ "outcomes": all }), "")
    }

    #[test]
    fn nothing_tested_is_never_a_proof() {
        for summaries in [&["Success"][..], &["Success", "Unviable"], &["Failure", "CaughtMutant"]] {
            assert!(matches!(seen(summaries), Seen::Unknown { .. }), "{summaries:?}");
        }
    }

    #[test]
    fn survivors_are_named() {
        let Seen::Edited { mutants, reason } = seen(&["Success", "CaughtMutant", "MissedMutant", "Timeout"])
        else {
            panic!("not edited");
        };
        assert_eq!((mutants.tested, mutants.caught), (3, 2));
        assert!(reason.contains("survivors: src/lib.rs:1:1: replace f"), "{reason}");
    }
}
