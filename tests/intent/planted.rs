//! Intents with something wrong planted in them, and honest ones among them: each command runs once
//! over all, and each intent must be called what it is.

mod approvals;
mod project;
mod table;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{Sandbox, has};
use table::Row;

#[test]
fn every_planted_intent_is_called_what_it_is_and_the_honest_ones_stay_silent() {
    let mut rows = table::rows();
    assert!(rows.len() >= 40, "{} rows", rows.len());
    let honest = rows.iter().filter(|row| ["honest", "pinned"].contains(&row.kind)).count();
    assert!(honest * 4 >= rows.len(), "{honest} honest of {}", rows.len());
    let can_sign = has("ssh-keygen");
    rows.retain(|row| can_sign || !approvals::is_signed(row.slug));
    let sandbox = project::before();
    project::want(&sandbox, &rows);
    let given = approvals::given(&sandbox, &rows, can_sign);
    project::work(&sandbox, &rows);
    approvals::plant(&sandbox, given);

    let told = told(&sandbox);
    let wrong: Vec<String> = rows.iter().filter_map(|row| mistake(row, &told)).collect();
    assert!(
        wrong.is_empty(),
        "{} of {} are not what they are:\n{}",
        wrong.len(),
        rows.len(),
        wrong.join("\n")
    );
}

fn mistake(row: &Row, told: &[BTreeMap<String, String>]) -> Option<String> {
    let words: Vec<&str> = told.iter().map(|said| said.get(row.slug).map_or("-", String::as_str)).collect();
    let words = words.join(" ");
    (words != row.told).then(|| {
        format!("{} {} ({})\n  wanted {}\n  got    {words}", row.kind, row.slug, row.planted, row.told)
    })
}

/// What `check`, `check --prove`, `diff` and `approve --verify` say of each intent, and the remarks.
fn told(sandbox: &Sandbox) -> Vec<BTreeMap<String, String>> {
    let json =
        |args: &[&str], code: i32| sandbox.intent(&[args, &["--format", "json"]].concat()).exits(code).json();
    let checked = json(&["check", "--prove", "--base", "main"], 2);
    let compared = json(&["diff", "want"], 2);
    let stand = json(&["approve", "--verify"], 2);
    let mut checks = words(&checked["checks"], |one| one["verdict"].as_str().unwrap().to_owned());
    for problem in checked["problems"].as_array().unwrap() {
        let file = problem["file"].as_str().unwrap();
        let slug = file.trim_start_matches("intents/").trim_end_matches(".toml");
        checks.insert(slug.to_owned(), "broken".to_owned());
    }
    let proofs = words(&checked["proofs"], |one| {
        let word = one["verdict"].as_str().unwrap();
        one["red"].as_str().map_or(word.to_owned(), |red| format!("{word}:{red}"))
    });
    let approvals = words(&stand["intents"], |one| one["approval"].as_str().unwrap().to_owned());
    let remarks = words(&checked["remarks"], |_| "remark".to_owned());
    vec![checks, proofs, words(&compared["intents"], difference), approvals, remarks]
}

/// Each slug's words, each once, in their order.
fn words(list: &Value, word: impl Fn(&Value) -> String) -> BTreeMap<String, String> {
    let mut told: BTreeMap<String, String> = BTreeMap::new();
    for one in list.as_array().unwrap() {
        let (slug, word) = (one["slug"].as_str().unwrap().to_owned(), word(one));
        let said = told.entry(slug).or_default();
        if said.is_empty() {
            *said = word;
        } else if !said.split('+').any(|other| other == word) {
            *said = format!("{said}+{word}");
        }
    }
    told
}

/// What became of an intent, in one word.
fn difference(one: &Value) -> String {
    let changes = one["changes"].as_array().unwrap();
    let of_intent = changes.iter().find(|change| change["part"] == "intent").map(|change| &change["op"]);
    match of_intent.and_then(Value::as_str) {
        Some("added") => "new",
        Some("removed") => "retired",
        Some("renamed") => "renamed",
        _ if one["informative"] == true => "informative",
        _ if one["weaker"] == true => "weaker",
        _ => "changed",
    }
    .to_owned()
}
