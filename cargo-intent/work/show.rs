//! How attempts and verdicts are shown, in text and as JSON.

use factory::terminal::output::{BAD, GOOD, Output, WAIT};
use factory::terminal::safe;
use factory::types::change::Attempt;
use factory::types::proof::{Answer, Proof};
use serde_json::{Map, Value};

/// One line for each report: verdict, name, why where it did not pass, and how it was proven.
pub fn verdict_lines(reports: Option<&Vec<Value>>, output: &Output) -> Vec<String> {
    let text = |report: &Value, key: &str| report[key].as_str().unwrap_or_default().to_owned();
    reports
        .into_iter()
        .flatten()
        .map(|report| {
            let verdict = text(report, "verdict");
            let style = match verdict.as_str() {
                "pass" => GOOD,
                "waiting" | "unverified" => WAIT,
                _ => BAD,
            };
            let shown = output.paint(style, &format!("{:<10}", safe::line(&verdict)));
            let (name, reason) = (text(report, "name"), text(report, "reason"));
            let why = match verdict.as_str() {
                "pass" => proof_words(&report["proof"]),
                _ => reason,
            };
            let why = if why.is_empty() { why } else { format!("  {why}") };
            format!("{shown} {}{}", safe::line(&name), safe::line(&why))
        })
        .collect()
}

/// How a passing check was proven; that it was not, where it was asked.
fn proof_words(proof: &Value) -> String {
    match Proof::read("", proof) {
        Some(proof) if proof.answer == Answer::Unverified => format!("unproven: {}", proof.reason),
        Some(proof) => proof.words(),
        None => String::new(),
    }
}

/// An attempt as commands write it with `--format json`.
pub fn attempt_json(slug: &str, attempt: &Attempt) -> Map<String, Value> {
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
    put("slug", slug.into());
    put("attempt", attempt.id.as_str().into());
    put("agent", attempt.agent.as_str().into());
    put("rounds", attempt.rounds.into());
    put("minutes", attempt.minutes.into());
    put("base", attempt.base.as_str().into());
    put("commit", attempt.commit.clone().into());
    put("tree", attempt.tree.as_str().into());
    put("holds", attempt.counts.holds().into());
    put("passed", attempt.counts.passed.into());
    put("findings", attempt.counts.findings.into());
    put("unverified", attempt.counts.unverified.into());
    put("waiting", attempt.counts.waiting.into());
    put("problems", attempt.problems.clone().into());
    put("outside", attempt.outside.clone().into());
    put("boundary", attempt.boundary.as_str().into());
    put("rationale", attempt.rationale.clone().into());
    put("transcript", attempt.transcript.clone().into());
    object
}
