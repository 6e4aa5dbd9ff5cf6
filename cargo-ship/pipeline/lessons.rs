//! The step that holds the rules among the lessons against the files of the commit.

use std::path::Path;

use anyhow::{Result, bail};
use factory::operations::lessons;
use factory::storage::lessons as file;
use factory::types::check::Verdict;
use factory::types::hint::Hinted;
use factory::types::lesson::{Kind, Lesson};
use factory::types::problem::Problems;

use super::checks::Passed;
use super::plan::Plan;
use super::steps::{Step, Work, steps};
use crate::context::Context;

/// The step: every rule catches nothing in the checkout.
pub fn hold(context: &Context, plan: &Plan, checkout: &Path) -> Result<Passed> {
    let reports = lessons::check(checkout, &lessons_of(context, plan)?, None)?;
    let bad: Vec<_> = reports.iter().filter(|report| report.verdict != Verdict::Pass).collect();
    if bad.is_empty() {
        return Ok(Passed::default());
    }
    let ids: Vec<&str> = bad.iter().map(|report| report.check.as_str()).collect();
    let told: Vec<String> = bad
        .iter()
        .map(|report| {
            format!("{} {}: {}\n{}", report.verdict.word(), report.name(), report.reason, report.detail)
        })
        .collect();
    let what = format!("lessons do not hold: {}\n{}", ids.join(", "), told.join("\n"));
    bail!(Hinted::finding(what).hint("cargo intent check lessons"))
}

/// The lessons of the release's commit.
///
/// # Errors
/// A file that cannot be read, with every problem in it.
fn lessons_of(context: &Context, plan: &Plan) -> Result<Vec<Lesson>> {
    Ok(file::all_at(&context.repo, plan.commit)?.map_err(Problems)?)
}

/// The steps of a plan. A project without rules among its lessons sees no step for them.
pub fn steps_of(context: &Context, plan: &Plan) -> Result<Vec<Step>> {
    let mut steps = steps(plan, &context.config.ship.steps)?;
    let is_rule = |lesson: &Lesson| matches!(lesson.kind, Kind::Rule(_));
    if !lessons_of(context, plan)?.iter().any(is_rule) {
        steps.retain(|step| step.work != Work::Lessons);
    }
    Ok(steps)
}
