//! What `cargo intent check` remarks on without a finding.

use std::collections::{BTreeMap, BTreeSet};

use factory::operations::contracts;
use factory::storage::intents::Found;
use factory::types::check::Remark;
use factory::types::intent::parse::Parsed;

/// More checks than this in one intent are remarked on.
const MANY_CHECKS: usize = 12;

/// What the intent as a whole gives reason to say.
pub fn of(parsed: &Parsed) -> Vec<Remark> {
    let intent = &parsed.intent;
    let mut remarks = Vec::new();
    let mut remark = |text: String| remarks.push(Remark::new(&intent.slug, None, text));
    if !parsed.later.is_empty() {
        remark(format!("accepted, not acted on by this version: {}", parsed.later.join(", ")));
    }
    if intent.acceptance.is_empty() && intent.contracts.is_empty() {
        remark("no checks, so nothing says how one will know".to_owned());
    }
    if intent.acceptance.len() > MANY_CHECKS {
        let count = intent.acceptance.len();
        remark(format!("{count} checks are many for one intent; two intents are easier to approve"));
    }
    remarks
}

/// Files that several intents claim by a contract, as far as a chosen one does.
pub fn shared_files(found: &[Found], chosen: &[String]) -> Vec<Remark> {
    let mut claims: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for intent in found.iter().filter_map(|found| Some(&found.read.as_ref().ok()?.intent)) {
        for path in intent.contracts.iter().filter_map(contracts::claimed_file) {
            claims.entry(path).or_default().insert(&intent.slug);
        }
    }
    let is_chosen = |slug: &&str| chosen.is_empty() || chosen.iter().any(|other| other == slug);
    let shared = claims.into_iter().filter(|(_, slugs)| slugs.len() > 1 && slugs.iter().any(is_chosen));
    shared
        .map(|(path, slugs)| {
            let slugs: Vec<&str> = slugs.into_iter().collect();
            let names = slugs.join(", ");
            let text =
                format!("{path} is a contract of several intents: {names}; a change of it concerns each");
            Remark::new(slugs.first().copied().unwrap_or_default(), None, text)
        })
        .collect()
}
