//! A command: the canary replays fixtures and checks through old and new, then one link is flipped.

use anyhow::Result;
use factory::operations::checking::{self, Subject};
use factory::operations::effect::effect;
use factory::terminal::output::Output;
use factory::types::check::{Report, Verdict};
use factory::types::intent::{Anchor, Intent};
use factory::types::release::Artifact;
use serde_json::json;

use crate::context::Context;
use crate::pipeline::build::check_out;
use crate::pipeline::checks::intents_of;
use crate::pipeline::plan::Plan;
use crate::pipeline::record::Recorder;
use crate::target::local::Local;
use crate::target::{Slot, Target};

/// Put a staged release of a command into service.
pub fn roll_out(
    context: &Context,
    plan: &Plan,
    target: &Local,
    artifacts: &[Artifact],
    recorder: &mut Recorder<'_>,
    output: &Output,
) -> Result<()> {
    let previous = target.observe()?.stable.filter(|stable| *stable != plan.release);
    if let Some(stable) = previous.as_deref().filter(|_| plan.canary) {
        point(target, Slot::Canary, plan, recorder, "canary")?;
        recorder.publish()?;
        match judge(context, plan, target, stable, output)? {
            Judgement::Good => {}
            Judgement::Bad(reason) => {
                target.route(Slot::Canary, None)?;
                return recorder.add(recorder.event("rolled-back").with("reason", reason));
            }
            Judgement::Nothing => {
                let reason = "nothing to replay: no fixtures and no run checks in any intent";
                return recorder.add(recorder.event("held").with("reason", reason));
            }
        }
    }
    promote(plan, target, artifacts, recorder)
}

/// Flip the link, see that it leads to the whole release, and record it.
pub fn promote(
    plan: &Plan,
    target: &Local,
    artifacts: &[Artifact],
    recorder: &mut Recorder<'_>,
) -> Result<()> {
    let previous = target.observe()?.stable.filter(|stable| *stable != plan.release);
    recorder.add(recorder.event("promoting").with("previous", previous.clone()))?;
    point(target, Slot::Stable, plan, recorder, "flipped")?;
    target.route(Slot::Canary, None)?;
    if !target.has(&plan.release, artifacts)? {
        target.route(Slot::Stable, previous.as_deref())?;
        let reason = "the files on the target are not those that were built";
        return recorder.add(recorder.event("rolled-back").with("reason", reason));
    }
    recorder.add(recorder.event("verified"))?;
    recorder.add(recorder.event("promoted").with("previous", previous))?;
    recorder.publish()
}

fn point(target: &Local, slot: Slot, plan: &Plan, recorder: &mut Recorder<'_>, op: &str) -> Result<()> {
    let detail = json!({"slot": slot.word(), "before": target.observe()?.stable});
    let event = recorder.event(op).with("slot", slot.word());
    let act = || target.route(slot, Some(&plan.release));
    let there = || {
        let observed = target.observe()?;
        let now = if slot == Slot::Stable { observed.stable } else { observed.canary };
        Ok((now.as_deref() == Some(plan.release.as_str())).then_some(()))
    };
    effect(recorder, slot.word(), &detail, act, there, |()| event)
}

enum Judgement {
    Good,
    Bad(String),
    Nothing,
}

/// Run what the intents say through the new release and the old; a crash, a failed check or a new
/// failure is bad. Failures that stable shares are no news, and are said.
fn judge(context: &Context, plan: &Plan, target: &Local, stable: &str, output: &Output) -> Result<Judgement> {
    let intents: Vec<Intent> = intents_of(context, plan)?.into_iter().map(only_replayable).collect();
    if intents.iter().all(|intent| intent.acceptance.is_empty()) {
        return Ok(Judgement::Nothing);
    }
    let checkout = check_out(context, plan, output)?;
    let through = |release: &str| -> Result<Vec<Report>> {
        let subject =
            Subject::new(&checkout.folder, intents.clone()).programs(target.folder(release).join("bin"));
        checking::check(&subject, |_| {})
    };
    let (new, old) = (through(&plan.release)?, through(stable)?);
    if new.is_empty() {
        return Ok(Judgement::Nothing);
    }
    for report in &new {
        let before = old.iter().find(|r| r.name() == report.name());
        let was = before.map_or("unverified", |report| report.verdict.word());
        if report.verdict == Verdict::Waiting {
            continue;
        }
        if report.verdict != Verdict::Pass {
            let what = format!(
                "{} is {} ({}), with stable it is {was}",
                report.name(),
                report.verdict.word(),
                report.reason
            );
            return Ok(Judgement::Bad(what));
        }
        if was != "pass" {
            output.note(format!("  {} passes now; with stable it is {was}", report.name()));
        }
    }
    Ok(Judgement::Good)
}

fn only_replayable(mut intent: Intent) -> Intent {
    // Contracts hold or do not whatever is installed; the acceptance step has judged them.
    intent.contracts.clear();
    intent.acceptance.retain(|check| matches!(check.anchor, Anchor::Run(_) | Anchor::Fixtures(_)));
    intent
}
