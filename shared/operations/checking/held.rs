//! Contracts among the checks: what each needs is brought, and its answer is told as a finding.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::building::{Builds, cargo_folder};
use super::command::program;
use super::{Finding, Subject};
use crate::operations::contracts::{self, Answer, Ground, cli_help, rust_api};
use crate::storage::cargo;
use crate::storage::repo::Repo;
use crate::types::check::Verdict;
use crate::types::intent::{Contract, ContractKind, Intent};

pub fn find(
    subject: &Subject,
    builds: &Builds,
    ground: &Ground,
    intent: &Intent,
    contract: &Contract,
) -> Result<Finding> {
    if let Some(answer) = contracts::from_files(ground, intent, contract) {
        return Ok(told(answer));
    }
    if subject.no_run {
        return Ok(Finding::new(Verdict::Waiting, "not run"));
    }
    let begun = std::time::Instant::now();
    let finding = match &contract.kind {
        ContractKind::CliHelp { run, path } => help(subject, builds, ground, run, path)?,
        ContractKind::RustApi { package, path, baseline } => {
            let folder = cargo_folder(&subject.root)?;
            if !cargo::is_project(&folder) {
                let reason = "there is no cargo project, or more than one, so there is no interface to list";
                return Ok(Finding::new(Verdict::Unverified, reason));
            }
            let wanted = rust_api::Wanted {
                package: package.as_deref(),
                path: path.as_deref(),
                baseline: baseline.as_deref(),
                folder: &folder,
                target_dir: subject.target_dir.as_deref(),
                update: subject.update_contracts,
            };
            let before = |revision: &str, into: &Path| before(subject, revision, into);
            told(rust_api::answer(ground, &subject.runner, &wanted, &before)?)
        }
        ContractKind::JsonSchema { .. } | ContractKind::Markdown { .. } | ContractKind::File { .. } => {
            return Ok(Finding::new(Verdict::Unverified, "was not looked at"));
        }
    };
    Ok(finding.took(begun.elapsed()))
}

fn help(subject: &Subject, builds: &Builds, ground: &Ground, run: &str, path: &str) -> Result<Finding> {
    let words = shlex::split(run).unwrap_or_default();
    let program = match program(builds, &words, &subject.root) {
        Ok(program) => program,
        // What does not build prints nothing that could be compared.
        Err(finding) => return Ok(Finding { verdict: Verdict::Unverified, ..finding }),
    };
    Ok(told(cli_help::answer(ground, &subject.runner, program, path, subject.update_contracts)?))
}

/// The project as of a revision, checked out into a folder.
fn before(subject: &Subject, revision: &str, into: &Path) -> Result<Result<PathBuf, String>> {
    let Some(place) = &subject.history else {
        return Ok(Err(format!("no history to take {revision} from")));
    };
    let repo = Repo::discover(place)?;
    let commit = match repo.resolve(revision) {
        Ok(commit) => commit,
        Err(error) => return Ok(Err(format!("baseline: {error:#}"))),
    };
    let folder = into.join("baseline");
    repo.checkout_tree(commit, &folder)?;
    let project = cargo_folder(&folder)?;
    Ok(if cargo::is_project(&project) {
        Ok(project)
    } else {
        Err(format!("{revision} has no cargo project"))
    })
}

pub fn told(answer: Answer) -> Finding {
    match answer {
        Answer::Holds(said) => Finding::new(Verdict::Pass, said),
        Answer::Drift { reason, detail } => Finding::new(Verdict::Drift, reason).detail(detail),
        Answer::Unverified { reason, detail } => Finding::new(Verdict::Unverified, reason).detail(detail),
    }
}
