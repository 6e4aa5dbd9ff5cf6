//! Parts of an intent in words.

use factory::types::intent::{Acceptance, Anchor, Compare, Contract, ContractKind, Run};

/// The id of a check, and what it asks.
pub fn check(check: &Acceptance) -> (String, String) {
    let anchor = anchor(&check.anchor);
    let text = match &check.text {
        Some(text) => format!("{text} — {anchor}"),
        None => anchor,
    };
    let origin = check.origin.as_ref().map_or(String::new(), |item| format!(" (from {item})"));
    (check.id.clone(), text + &origin)
}

/// What a check hangs on.
pub fn anchor(anchor: &Anchor) -> String {
    match anchor {
        Anchor::Missing => "asserts nothing".to_owned(),
        Anchor::Test { name } => format!("the test {name} passes"),
        Anchor::Run(run) => command(run),
        Anchor::Fixtures(fixtures) => {
            let how = match fixtures.compare {
                Compare::Exact => "to the byte",
                Compare::Text => "as text",
                Compare::Json => "as JSON",
            };
            let cases = match &fixtures.case {
                Some(case) => format!("the case {case}"),
                None => "each case".to_owned(),
            };
            format!("`{}` gives what is expected in {cases}, {how}", fixtures.command)
        }
        Anchor::Http(http) => {
            let contains = http.contains.as_ref().map(|text| format!(" and contains {text:?}"));
            format!("{} {} answers {}{}", http.method, http.path, http.status, contains.unwrap_or_default())
        }
        Anchor::Signal { name, max: Some(max) } => format!("the signal {name} stays at or below {max}"),
        Anchor::Signal { name, max: None } => format!("the signal {name}"),
        Anchor::Inspect { question } => format!("a person answers: {question}"),
    }
}

fn command(run: &Run) -> String {
    let mut text = format!("`{}` ends with {}", run.command, run.exit);
    for (stream, wanted) in [("stdout", &run.stdout), ("stderr", &run.stderr)] {
        if let Some(wanted) = wanted {
            text.push_str(&format!(", {stream} contains {wanted:?}"));
        }
    }
    text
}

/// The id of a contract, and what must hold.
pub fn contract(contract: &Contract) -> (String, String) {
    let text = match &contract.kind {
        ContractKind::JsonSchema { path, .. } => format!("JSON Schema {path}"),
        ContractKind::CliHelp { run, path } => format!("`{run}` says what {path} holds"),
        ContractKind::RustApi { package, .. } => {
            format!("the public API of {}", package.as_deref().unwrap_or("the package"))
        }
        ContractKind::Markdown { files, sections, .. } => {
            format!("{files} have the sections {}", sections.join(", "))
        }
        ContractKind::File { path } => format!("the file {path}"),
    };
    (contract.id.clone(), text)
}

/// `17 B`, `3.4 kB`.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{}.{} kB", bytes / 1_000, bytes % 1_000 / 100),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}
