//! Commands and fixtures, asked of the base's programs.

use std::collections::BTreeSet;

use anyhow::Result;

use super::Asked;
use super::ground::Ground;
use super::settling::Seen;
use crate::operations::checking::{self, Report, Subject};
use crate::types::check::Verdict;
use crate::types::intent::Anchor;
use crate::types::proof::Way;

type Found = Vec<((String, String), Seen)>;

/// What these checks, which hang on commands, did on the base.
pub fn ask(ground: &Ground, checks: &[Asked]) -> Result<Found> {
    let (bins, today) = (ground.bins(), ground.bins_today());
    let mut found = Vec::new();
    let mut left = Vec::new();
    for one in checks {
        let program = words(one).into_iter().next().unwrap_or_default();
        if today.contains(&program) && !bins.contains(&program) && ground.project.is_ok() {
            let reason = format!("no program {program} on the base: all of it is new");
            found.push((one.key(), Seen::new_program(reason)));
        } else {
            left.push(*one);
        }
    }
    if left.is_empty() {
        return Ok(found);
    }
    let broken = |reason: String, detail: String| {
        let reason = format!("the base commit does not build: {reason}");
        left.iter()
            .map(move |one| (one.key(), Seen::Unknown { reason: reason.clone(), detail: detail.clone() }))
    };
    if let Err(why) = &ground.project {
        found.extend(broken(why.clone(), String::new()));
        return Ok(found);
    }
    let programs = match ground.build()? {
        Ok(folder) => folder,
        Err(errors) => {
            found.extend(broken(errors.first, errors.rendered));
            return Ok(found);
        }
    };
    bring_data(ground, &left, &today)?;
    let subject = Subject {
        programs,
        runner: ground.question.subject.runner,
        jobs: ground.question.subject.jobs,
        target_dir: Some(ground.target.clone()),
        ..Subject::new(&ground.folder, ground.question.subject.intents.clone())
    };
    let asked = |slug: &str, id: &str| left.iter().any(|one| one.intent.slug == slug && one.check.id == id);
    let reports = checking::check_only(&subject, asked)?;
    for one in &left {
        let of_check = |r: &&Report| r.slug == one.intent.slug && r.check == one.check.id;
        let of_check: Vec<&Report> = reports.iter().filter(of_check).collect();
        let mut told = Vec::new();
        for case in of_check.iter().filter_map(|report| report.case.as_deref()) {
            if !was_there(ground, &one.intent.slug, case)? {
                told.push(case);
            }
        }
        found.push((one.key(), judge(&of_check, &told)));
    }
    Ok(found)
}

/// Whether the base has this very case: that it passes there is no news.
fn was_there(ground: &Ground, slug: &str, case: &str) -> Result<bool> {
    let folder = format!("intents/{slug}/{case}");
    let today = ground.files.iter().filter(|file| file.path.starts_with(&format!("{folder}/")));
    let there = ground.question.repo.files_under(ground.base, &folder)?;
    Ok(!there.is_empty() && today.eq(there.iter()))
}

fn words(one: &Asked) -> Vec<String> {
    let command = match &one.check.anchor {
        Anchor::Run(run) => &run.command,
        Anchor::Fixtures(fixtures) => &fixtures.command,
        _ => return Vec::new(),
    };
    shlex::split(command).unwrap_or_default()
}

/// Files that are asked about, and not what answers: standard input, and what the words after a
/// program of the project name. A script that another program runs is the product itself.
fn bring_data(ground: &Ground, checks: &[Asked], own: &BTreeSet<String>) -> Result<()> {
    let mut wanted = BTreeSet::new();
    for one in checks {
        let mut words = words(one).into_iter();
        if words.next().is_some_and(|program| own.contains(&program)) {
            wanted.extend(words.map(|word| word.trim_start_matches("./").to_owned()));
        }
        if let Anchor::Run(run) = &one.check.anchor {
            wanted.extend(run.stdin.clone());
        }
    }
    ground.bring(|path| wanted.contains(path))
}

/// One red case is enough; those of the `new` ones that pass are named.
fn judge(reports: &[&Report], new: &[&str]) -> Seen {
    let of = |verdict: Verdict| reports.iter().filter(move |report| report.verdict == verdict);
    if let Some(red) = of(Verdict::Fail).next() {
        let mut reason = red.reason.clone();
        let passing = of(Verdict::Pass).filter_map(|report| report.case.as_deref());
        let passing: Vec<&str> = passing.filter(|case| new.contains(case)).collect();
        if let Some(case) = &red.case {
            reason = format!("{case}: {reason}");
        }
        if !passing.is_empty() {
            reason.push_str(&format!("; also passes there: {}", passing.join(", ")));
        }
        return Seen::Red { way: Way::Assertion, reason, detail: red.detail.clone(), whole: false };
    }
    let other = reports.iter().find(|r| !matches!(r.verdict, Verdict::Pass | Verdict::Waiting));
    match other {
        Some(report) => Seen::Unknown {
            reason: format!("on the base: {}: {}", report.verdict.word(), report.reason),
            detail: report.detail.clone(),
        },
        None if of(Verdict::Pass).next().is_some() => Seen::Passes,
        None => Seen::unknown("on the base nothing ran"),
    }
}
