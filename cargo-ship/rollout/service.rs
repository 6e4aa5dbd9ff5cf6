//! A service: the edge starts the release beside stable, watches it, and puts it in stable's place.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use factory::operations::effect::effect;
use factory::storage::interrupt;
use factory::terminal::output::Output;
use factory::types::hint::Hinted;
use factory::types::intent::{Anchor, Intent};
use serde_json::json;

use super::promises::{self, BUILT_IN, Promised};
use crate::context::Context;
use crate::edge::client::{self, Client};
use crate::edge::place::Place;
use crate::edge::plan::{CommandLine, Plan as EdgePlan, Pointer, Probe, SignalCommand, SlotSpec};
use crate::edge::supervisor;
use crate::pipeline::checks::intents_of;
use crate::pipeline::plan::Plan;
use crate::pipeline::record::Recorder;
use crate::target::local::Local;
use crate::target::{Slot, Target, program};

/// The port of an environment that names none.
const DEFAULT_PORT: u16 = 8080;

/// How long a release put in service without a canary is watched before the old one stops.
const VERIFY: Duration = Duration::from_secs(2);

/// A signal's command that takes longer says nothing.
const LONGEST_SIGNAL: Duration = Duration::from_secs(30);

/// Where this environment's edge lives.
pub fn edge_place(context: &Context) -> Result<Place> {
    Place::new(context.folder().join("edge"), &context.places.sockets)
}

/// The edge, where it runs; one that was killed is started again and adopts what it left.
pub fn edge(context: &Context) -> Result<Option<Client>> {
    let place = edge_place(context)?;
    match client::connect(&place)? {
        Some(client) => Ok(Some(client)),
        None if supervisor::left_slots(&place)? => edge_started(context).map(Some),
        None => Ok(None),
    }
}

/// The edge, started where it does not run.
pub fn edge_started(context: &Context) -> Result<Client> {
    client::connect_or_start(&edge_place(context)?, &std::env::current_exe()?, port(context))
}

fn port(context: &Context) -> u16 {
    context.settings.port.unwrap_or(DEFAULT_PORT)
}

/// Where the service answers.
pub fn address(context: &Context) -> String {
    format!("http://127.0.0.1:{}", port(context))
}

/// Whether the edge serves this release now.
pub fn serves(context: &Context, release: &str) -> Result<bool> {
    let Some(mut edge) = edge(context)? else { return Ok(false) };
    Ok(edge.status()?.slot("stable").is_some_and(|slot| slot.release == release && slot.state == "ready"))
}

/// Put a staged release of a service into service: hand the plan to the edge, and watch it.
pub fn roll_out(
    context: &Context,
    plan: &Plan,
    target: &Local,
    recorder: &mut Recorder<'_>,
    output: &Output,
) -> Result<()> {
    // From here on Ctrl-C leaves the watching, not the canary: the edge may have it already.
    let _held = interrupt::hold()?;
    let mut edge = edge_started(context)?;
    restore_stable(context, target, &mut edge, &plan.release)?;
    let wanted = edge_plan(context, plan, target)?;
    let detail = json!({"steps": wanted.steps, "probes": wanted.probes.len(), "port": port(context)});
    let event = recorder.event("handed-over").with("steps", json!(wanted.steps)).with("port", port(context));
    let known = edge.status()?;
    let runs = known.plan.as_ref().is_some_and(|running| running.release == plan.release);
    if !runs {
        promises::heard(&wanted, &known)?;
    }
    effect(
        recorder,
        "hand-over",
        &detail,
        || edge.canary(wanted).map(|_| ()),
        || Ok(runs.then_some(())),
        |()| event,
    )?;
    recorder.publish()?;
    super::watching::watch(context, &plan.release, &mut edge, output)
}

/// After a reboot nothing serves: bring back what the pointer says before a canary is put beside it.
fn restore_stable(context: &Context, target: &Local, edge: &mut Client, but: &str) -> Result<()> {
    let Some(stable) = target.observe()?.stable.filter(|stable| stable != but) else { return Ok(()) };
    if edge.status()?.slot("stable").is_some() {
        return Ok(());
    }
    let releases = context.releases()?;
    let Some(release) = releases.iter().find(|release| release.id == stable) else { return Ok(()) };
    edge.start(slot(context, &Plan::of(release)?, target), None).map(|_| ())
}

/// Bring the edge's journal into the notes, and let the edge drop what is there; what a person should
/// know of it. Its records carry their ids, so a second time adds nothing.
pub fn publish(context: &Context) -> Result<Vec<String>> {
    let place = edge_place(context)?;
    let (published, remarks) = crate::pipeline::catch_up::publish_edge(context, &place.journal())?;
    if let Some(to) = published
        && let Some(mut edge) = client::connect(&place)?
    {
        // An edge of an earlier version does not know of it, and keeps its journal whole.
        let _ = edge.published(to);
    }
    Ok(remarks)
}

fn edge_plan(context: &Context, plan: &Plan, target: &Local) -> Result<EdgePlan> {
    let canary = &context.config.canary;
    let ms = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let (steps, min_ms, verify) = match plan.canary {
        true => (canary.steps.clone(), ms(canary.min_time), canary.min_time.min(Duration::from_secs(30))),
        false => (Vec::new(), 0, VERIFY),
    };
    let promised = Promised::of(context, plan)?;
    Ok(EdgePlan {
        slot: slot(context, plan, target),
        steps,
        min_ms,
        max_ms: ms(canary.max_time).max(min_ms),
        alpha: canary.alpha,
        max_error_rate: promised.error_rate.unwrap_or(canary.max_error_rate),
        promised_errors: promised.error_rate.is_some(),
        caps: promised.caps,
        latency_ratio: canary.latency_ratio,
        sticky: canary.sticky,
        promote_auto: canary.promote_auto || !plan.canary,
        rollback_on_inconclusive: canary.rollback_on_inconclusive,
        verify_ms: ms(verify),
        pointer: Some(pointer(target, &plan.release)),
        probes: probes(context, plan)?,
        signals: signals(context, plan)?,
        notify: context.settings.notify.clone().map(|line| command_line(context, line)).transpose()?,
        replay: plan.canary,
    })
}

/// The link that says which release is stable, and what it is to lead to.
pub fn pointer(target: &Local, release: &str) -> Pointer {
    Pointer { link: target.link(Slot::Stable), to: Path::new("releases").join(release) }
}

/// The process of a release.
pub fn slot(context: &Context, plan: &Plan, target: &Local) -> SlotSpec {
    let program = program(target, &plan.release, &plan.binary).to_string_lossy().into_owned();
    let argv = std::iter::once(program).chain(plan.args.iter().cloned()).collect();
    let mut slot = SlotSpec::new(&plan.release, argv, target.folder(&plan.release));
    slot.env = context.settings.config.clone();
    slot.health = plan.health.clone();
    slot
}

fn probes(context: &Context, plan: &Plan) -> Result<Vec<Probe>> {
    let mut probes = Vec::new();
    for intent in intents_of(context, plan)? {
        probes.extend(probes_of(context, plan, &intent)?);
    }
    Ok(probes)
}

fn probes_of(context: &Context, plan: &Plan, intent: &Intent) -> Result<Vec<Probe>> {
    let mut probes = Vec::new();
    for check in &intent.acceptance {
        let Anchor::Http(http) = &check.anchor else { continue };
        // A file of the commit where one of that name exists, else the text itself.
        let body = http.body.as_ref().map(|text| match context.repo.file_at(plan.commit, text) {
            Ok(Some(bytes)) => bytes,
            _ => text.clone().into_bytes(),
        });
        probes.push(Probe::of(
            &format!("{}/{}", intent.slug, check.id),
            http,
            body.as_deref(),
            check.timeout(),
        ));
    }
    Ok(probes)
}

fn command_line(context: &Context, line: String) -> Result<CommandLine> {
    Ok(CommandLine { line, dir: context.repo.root()?.to_path_buf() })
}

/// The signals of an intent that name a command of the configuration.
fn signals(context: &Context, plan: &Plan) -> Result<Vec<SignalCommand>> {
    let mut signals = Vec::new();
    for intent in intents_of(context, plan)? {
        for check in &intent.acceptance {
            let Anchor::Signal { name, max: Some(max) } = &check.anchor else { continue };
            let Some(line) = context.config.signals.get(name) else {
                anyhow::ensure!(BUILT_IN.contains(&name.as_str()), no_signal(name, &intent.slug, &check.id));
                continue;
            };
            signals.push(SignalCommand {
                check: format!("{}/{}", intent.slug, check.id),
                name: name.clone(),
                command: command_line(context, line.clone())?,
                max: *max,
                timeout_ms: u64::try_from(check.timeout().min(LONGEST_SIGNAL).as_millis())
                    .unwrap_or(u64::MAX),
            });
        }
    }
    Ok(signals)
}

fn no_signal(name: &str, slug: impl std::fmt::Display, check: &str) -> Hinted {
    Hinted::usage(format!("{slug}/{check} is judged by the signal {name:?}, which no command gives"))
        .hint(format!("add to factory.toml: [signal.{name}] run = \"a command that prints a number\""))
}
