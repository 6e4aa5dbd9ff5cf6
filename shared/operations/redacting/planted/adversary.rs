//! Forms written down without having read the other tables: what must be found, and what must stay.
//!
//! A line of `adversary.jsonl` is the kind, whether it is certain, and a text with the secret between
//! `⟦` and `⟧`; what follows must stay, from `⟪` on where something goes along. A `·` breaks secrets
//! off, so that no token shape stands in that file.

use super::super::{Found, Redactor};

/// What is wrong with a row.
fn wrong(line: &str) -> Option<String> {
    let (kind, certain, text): (String, bool, String) = serde_json::from_str(line).unwrap();
    let text = text.replace('·', "");
    let (before, rest) = text.split_once('⟦').unwrap();
    let (secret, after) = rest.split_once('⟧').unwrap();
    let stays = after.split_once('⟪').map_or(after, |(_, stays)| stays);
    let redacted = Redactor::default().redact(&format!("{before}{secret}{}", after.replace('⟪', "")));
    let again = Redactor::default().redact(&redacted.text);
    let told = redacted.found.contains(&Found { kind, certain });
    let right = !redacted.text.contains(secret) && told && redacted.text.ends_with(stays);
    (!right || again.text != redacted.text || !again.found.is_empty())
        .then(|| format!("{text}\n  became {}, {:?}, then {again:?}", redacted.text, redacted.found))
}

#[test]
fn every_form_an_adversary_thought_of_is_found() {
    let lines: Vec<&str> = include_str!("adversary.jsonl").lines().collect();
    assert!(lines.len() >= 300, "{}", lines.len());
    // As `cargo ship` looks through a tree.
    let seen = Redactor::default().only_certain().redact(include_str!("adversary.jsonl"));
    assert_eq!(seen.found, [], "a shape stands in the file itself");
    let wrong: Vec<String> = lines.iter().filter_map(|line| wrong(line)).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), lines.len(), wrong.join("\n"));
}

#[test]
fn what_an_adversary_took_for_harmless_comes_through_unchanged() {
    let texts: Vec<String> =
        include_str!("spared.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(texts.len() >= 200, "{}", texts.len());
    let redacted = texts.iter().map(|text| (text, Redactor::default().redact(text)));
    let lost: Vec<String> = redacted
        .filter(|(text, redacted)| redacted.text != **text || !redacted.found.is_empty())
        .map(|(text, redacted)| format!("{text}\n  became {}", redacted.text))
        .collect();
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}
