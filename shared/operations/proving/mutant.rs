//! The declared mutant of a check: one edit, in a copy, that must turn it red.

use anyhow::Result;

use super::settling::Mutated;
use super::{Asked, Question, ground};
use crate::operations::checking::{self, Subject, cargo_folder};
use crate::operations::digest::{AtCommit, Digester, Entries};
use crate::storage::{cargo, fs};
use crate::types::check::{Report, Verdict};
use crate::types::intent::Anchor;

/// Make the declared edit in a clean copy and run the check there, alone.
pub fn run(question: &Question, one: &Asked) -> Result<Mutated> {
    let Some(mutant) = &one.check.mutant else { return Ok(unknown("none is declared")) };
    let Some(bytes) = question.repo.file_at(question.head, &mutant.file)? else {
        return Ok(unknown(format!("its mutant: {} does not exist", mutant.file)));
    };
    let Ok(text) = String::from_utf8(bytes) else {
        return Ok(unknown(format!("its mutant: {} is not UTF-8", mutant.file)));
    };
    // Overlapping places count too: which one is meant would be a guess.
    let places = (0..text.len()).filter(|at| text.as_bytes()[*at..].starts_with(mutant.find.as_bytes()));
    match places.count() {
        1 => {}
        0 => return Ok(unknown(format!("its mutant: {:?} is not in {}", mutant.find, mutant.file))),
        several => {
            let reason = format!("its mutant: {:?} is {several} times in {}", mutant.find, mutant.file);
            return Ok(unknown(format!("{reason}; name more of the line")));
        }
    }
    let edited = text.replacen(&mutant.find, &mutant.replace, 1);
    if edits_the_check(question, one, &mutant.file, &edited)? {
        return Ok(unknown(format!(
            "its mutant edits the check itself ({}), not what is checked",
            mutant.file
        )));
    }
    let (folder, target) = (question.place.join("copy"), question.place.join("copy-target"));
    question.repo.checkout_tree(question.head, &folder)?;
    let subject = Subject {
        runner: question.subject.runner,
        jobs: question.subject.jobs,
        target_dir: Some(target.clone()),
        ..Subject::new(&folder, vec![one.intent.clone()])
    };
    let only = |subject: &Subject| -> Result<Vec<Report>> {
        checking::check_only(subject, |_, id| id == one.check.id)
    };
    if let Some(report) =
        only(&subject)?.iter().find(|r| !matches!(r.verdict, Verdict::Pass | Verdict::Waiting))
    {
        let reason = format!("its mutant: a clean copy does not pass without it ({})", report.reason);
        return Ok(Mutated::Unknown { reason, detail: report.detail.clone() });
    }
    fs::write(&folder.join(&mutant.file), edited)?;
    // A manifest, and whatever a source includes, can keep it from building as well.
    if let Err(why) = ground::load(&cargo_folder(&folder)?)? {
        return Ok(unknown(format!("its mutant: {why}")));
    }
    if cargo::is_project(&cargo_folder(&folder)?) {
        let build = match one.check.anchor {
            Anchor::Test { .. } => cargo::build_tests,
            _ => cargo::build,
        };
        if let Err(errors) = build(&question.subject.runner, &cargo_folder(&folder)?, Some(&target), &[])? {
            let reason = format!("its mutant does not compile: {}", errors.first);
            return Ok(Mutated::Unknown { reason, detail: errors.rendered });
        }
    }
    Ok(judge(&mutant.file, &only(&subject)?))
}

/// Whether the digest of the check, its test or its fixtures moves: that it turns red then says
/// nothing about it.
fn edits_the_check(question: &Question, one: &Asked, file: &str, edited: &str) -> Result<bool> {
    let repo = question.repo;
    let head = repo.tree_of(question.head)?;
    let mutated = repo.tree_with(head, &[(file.to_owned(), repo.write_blob(edited.as_bytes())?)])?;
    let prefixes = [format!("acceptance/{}/", one.check.id), "fixture/".to_owned()];
    let own = |at| -> Result<Entries> {
        let mut entries = Digester::new(&AtCommit::new(repo, at)).entries(one.intent)?;
        entries.retain(|path, _| prefixes.iter().any(|prefix| path.starts_with(prefix)));
        Ok(entries)
    };
    Ok(own(head)? != own(mutated)?)
}

fn judge(file: &str, reports: &[Report]) -> Mutated {
    let of = |wanted: &[Verdict]| reports.iter().find(|report| wanted.contains(&report.verdict));
    if let Some(red) = of(&[Verdict::Fail, Verdict::Timeout]) {
        return Mutated::Caught { reason: format!("its mutant of {file} turns it red: {}", red.reason) };
    }
    match of(&[Verdict::Unverified, Verdict::Drift]) {
        Some(report) => unknown(format!("its mutant: {}: {}", report.verdict.word(), report.reason)),
        None => Mutated::Survived { reason: format!("it survives its mutant of {file}") },
    }
}

fn unknown(reason: impl Into<String>) -> Mutated {
    Mutated::Unknown { reason: reason.into(), detail: String::new() }
}
