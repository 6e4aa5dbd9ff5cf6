//! A service: the edge starts the release beside stable, watches it, and puts it in stable's place.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};
use factory::operations::effect::effect;
use factory::operations::filing::attachment::Attachment;
use factory::storage::{fs, interrupt};
use factory::terminal::output::Output;
use factory::terminal::progress::Progress;
use factory::types::hint::{Hinted, Trouble};
use factory::types::intent::{Anchor, Intent};
use factory::types::release::Release;
use serde_json::json;

use crate::context::Context;
use crate::edge::client::{self, Client};
use crate::edge::place::Place;
use crate::edge::plan::{Plan as EdgePlan, Pointer, Probe, SlotSpec};
use crate::edge::protocol::Failure;
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

/// How often the edge is asked how it goes.
const LOOK: Duration = Duration::from_millis(100);

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
    let runs = known.plan.is_some_and(|running| running.release == plan.release);
    effect(
        recorder,
        "hand-over",
        &detail,
        || edge.canary(wanted).map(|_| ()),
        || Ok(runs.then_some(())),
        |()| event,
    )?;
    recorder.publish()?;
    watch(context, &plan.release, &mut edge, output)
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

/// Watch until the plan is over or held; Ctrl-C leaves the watching, not the canary.
pub fn watch(context: &Context, release: &str, edge: &mut Client, output: &Output) -> Result<()> {
    let progress = Progress::start(output, "canary");
    let mut said = String::new();
    let _held = interrupt::hold()?;
    loop {
        if let Some(signal) = interrupt::received() {
            progress.end();
            output.note("  the edge goes on with it by itself: cargo ship status");
            let what = format!("{release} is no longer watched");
            bail!(Hinted::new(Trouble::Interrupted(signal), what));
        }
        let Some(plan) = edge.status()?.plan.filter(|plan| plan.release == release) else {
            bail!(
                Hinted::unverified(format!("the edge no longer knows of {release}"))
                    .hint("cargo ship resume")
            );
        };
        if plan.words != said {
            progress.note(output, &format!("  {}", plan.words));
            said.clone_from(&plan.words);
        }
        let waits = if plan.waits.is_empty() { String::new() } else { format!(": {}", plan.waits) };
        progress.say(&format!("{}{waits}", plan.words));
        if plan.is_over() || plan.phase == "held" {
            progress.end();
            return publish(context);
        }
        std::thread::sleep(LOOK);
    }
}

/// Bring the edge's journal into the notes. Its records carry their ids, so a second time adds nothing.
pub fn publish(context: &Context) -> Result<()> {
    crate::pipeline::catch_up::publish_edge(context, &edge_place(context)?.journal())
}

fn edge_plan(context: &Context, plan: &Plan, target: &Local) -> Result<EdgePlan> {
    let canary = &context.config.canary;
    let ms = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let (steps, min_ms, verify) = match plan.canary {
        true => (canary.steps.clone(), ms(canary.min_time), canary.min_time.min(Duration::from_secs(30))),
        false => (Vec::new(), 0, VERIFY),
    };
    Ok(EdgePlan {
        slot: slot(context, plan, target),
        steps,
        min_ms,
        max_ms: ms(canary.max_time).max(min_ms),
        alpha: canary.alpha,
        max_error_rate: max_error_rate(context, plan)?,
        latency_ratio: canary.latency_ratio,
        sticky: canary.sticky,
        promote_auto: canary.promote_auto || !plan.canary,
        rollback_on_inconclusive: canary.rollback_on_inconclusive,
        verify_ms: ms(verify),
        pointer: Some(pointer(target, &plan.release)),
        probes: probes(context, plan)?,
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

/// The lowest rate an intent asks for, else the configured one.
fn max_error_rate(context: &Context, plan: &Plan) -> Result<f64> {
    let intents = intents_of(context, plan)?;
    let asked =
        intents.iter().flat_map(|intent| &intent.acceptance).filter_map(|check| match &check.anchor {
            Anchor::Signal { name, max } if name == "error-rate" => *max,
            _ => None,
        });
    Ok(asked.reduce(f64::min).unwrap_or(context.config.canary.max_error_rate))
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

/// What the edge kept of a canary that failed: a title that says it, and the files that show it.
pub fn exhibits(context: &Context, release: &Release) -> Result<(Option<String>, Vec<Attachment>)> {
    let place = edge_place(context)?;
    let mut exhibits = Vec::new();
    let mut title = None;
    let failures: Vec<Failure> = match edge(context)? {
        Some(mut edge) => edge.failures()?,
        None => Vec::new(),
    };
    let ours = failures.iter().filter(|failure| failure.release == release.id);
    // A probe's failure says most; a request of a user the next most.
    if let Some(failure) = ours.max_by_key(|failure| (failure.check.is_some(), failure.body.is_some())) {
        title = Some(failure_title(failure));
        if let Some(body) =
            failure.body.as_ref().and_then(|body| body.bytes().ok()).filter(|body| !body.is_empty())
        {
            exhibits.push(Attachment {
                name: format!("request.{}", extension(context, release, failure)),
                bytes: body,
            });
        }
        exhibits.push(Attachment { name: "failure.json".into(), bytes: serde_json::to_vec_pretty(failure)? });
    }
    if let Some(log) = fs::read_if_there(&place.log("canary"))? {
        let tail = &log[log.len().saturating_sub(16 * 1024)..];
        exhibits.push(Attachment { name: "canary.log".into(), bytes: tail.to_vec() });
    }
    Ok((title, exhibits))
}

fn failure_title(failure: &Failure) -> String {
    let answered = match failure.status {
        0 => "gives no answer".to_owned(),
        status => format!("answers {status}"),
    };
    format!("{} {} {answered}", failure.method, failure.path)
}

/// The ending of a request body's file: of the file the check names, else by its content type.
fn extension(context: &Context, release: &Release, failure: &Failure) -> String {
    let of_check = || {
        let (slug, id) = failure.check.as_deref()?.split_once('/')?;
        let intents = intents_of(context, &Plan::of(release).ok()?).ok()?;
        let intent = intents.iter().find(|intent| intent.slug == slug)?;
        let check = intent.acceptance.iter().find(|check| check.id == id)?;
        let Anchor::Http(http) = &check.anchor else { return None };
        let ending = Path::new(http.body.as_deref()?).extension()?.to_str()?;
        ending.chars().all(char::is_alphanumeric).then(|| ending.to_owned())
    };
    of_check().unwrap_or_else(|| by_content_type(failure).to_owned())
}

fn by_content_type(failure: &Failure) -> &'static str {
    let kind = failure.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    match kind.map(|(_, value)| value.split(';').next().unwrap_or_default().trim()) {
        Some("application/json") => "json",
        Some("text/csv") => "csv",
        Some(text) if text.starts_with("text/") => "txt",
        _ => "bin",
    }
}
