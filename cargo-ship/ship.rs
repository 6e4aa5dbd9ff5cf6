//! `cargo ship`: from HEAD to a promoted release.

use anyhow::{Result, bail};
use factory::terminal::exit::Exit;
use factory::terminal::output::{BOLD, DIM, GOOD, Output};
use factory::terminal::safe;
use factory::types::config::Kind;
use factory::types::hint::Hinted;
use factory::types::id;
use factory::types::release::{Phase, Release};
use serde_json::{Map, Value};

use crate::context::{Context, unfinished};
use crate::pipeline::checks::intents_at_head;
use crate::pipeline::drive::{Ended, drive};
use crate::pipeline::lessons::steps_of;
use crate::pipeline::plan::{Plan, Wish, plan};
use crate::pipeline::steps::{Step, Work};
use crate::pipeline::{catch_up, lock, record};
use crate::target::Target;
use crate::target::local::Local;

/// Build, check and ship the commit you are on
#[derive(Debug, clap::Args)]
#[group(skip)]
pub struct Args {
    /// Give the release a share of the requests first, and let it prove itself
    #[arg(long)]
    pub canary: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Ship HEAD although the work tree differs from it; the differences are not shipped
    #[arg(long)]
    pub allow_dirty: bool,
}

pub fn run(context: &Context, args: &Args, output: &Output) -> Result<Exit> {
    let wish = Wish { canary: args.canary, allow_dirty: args.allow_dirty };
    if args.dry_run {
        let plan = plan(context, &intents_at_head(context)?, wish)?;
        return dry_run(context, &plan, output);
    }
    let lock = lock::take(context)?;
    catch_up::run(context, &lock, output)?;
    refuse_unfinished(context)?;
    let mut plan = plan(context, &intents_at_head(context)?, wish)?;
    let releases = context.releases()?;
    while releases.iter().any(|release| release.id == plan.release) {
        // Four random characters a day: rarely, but some day, drawn twice.
        plan.release = id::release_id();
    }
    if let Some(release) = serving_already(context, &releases, &plan)? {
        let what = format!("{} of this commit serves already; nothing to do", release.id);
        return done(context, &Ended { release, closed: Vec::new(), filed: None }, &what, output);
    }
    let how = if plan.canary { " as a canary" } else { "" };
    let title = format!("{} {} {} of {}{how}", plan.release, plan.package, plan.version, plan.commit.short());
    output.note(output.paint_err(BOLD, &title));
    warn(context, &plan, output);
    warn_of_rollback(context, &releases, &plan, output);
    let ended = drive(context, &plan, None, output)?;
    report(context, &ended, output)
}

fn warn(context: &Context, plan: &Plan, output: &Output) {
    if plan.unlocked {
        output.warn("the commit has no Cargo.lock, so the build is not pinned: git add Cargo.lock");
    }
    if plan.dirty {
        output.warn("the work tree differs from HEAD; what differs is not part of this release");
    }
    let unheeded = context.unheeded();
    if !unheeded.is_empty() {
        let keys = unheeded.join(", ");
        output.warn(format!("factory.toml: {keys}: read, and not acted on by this version"));
    }
}

/// Shipping again what was rolled back may be meant; it must not go unnoticed.
fn warn_of_rollback(context: &Context, releases: &[Release], plan: &Plan, output: &Output) {
    let commit = plan.commit.to_string();
    let same =
        |release: &&Release| release.commit() == commit && release.environment() == context.environment;
    let before = releases.iter().rfind(same);
    if let Some(release) = before.filter(|release| release.phase == Some(Phase::RolledBack)) {
        let reason = safe::line(release.text("reason")).into_owned();
        output.warn(format!("this commit was rolled back before, as {}: {reason}", release.id));
    }
}

fn refuse_unfinished(context: &Context) -> Result<()> {
    if let Some((to, _)) = record::open_rollback(&context.places, &context.environment)? {
        bail!(Hinted::busy(format!("the rollback to {to} is not finished")).hint("cargo ship resume"));
    }
    let Some(release) = unfinished(context)? else { return Ok(()) };
    let what = format!("{} is not finished: it is {}", release.id, release.phase_word());
    let hint = match release.phase {
        Some(Phase::Held) => "cargo ship promote, or cargo ship rollback",
        _ => "cargo ship resume, or cargo ship abort",
    };
    bail!(Hinted::busy(what).hint(hint))
}

/// The release of the same commit that the target points at whole.
fn serving_already(context: &Context, releases: &[Release], plan: &Plan) -> Result<Option<Release>> {
    let target = Local::new(context.folder());
    let Some(stable) = target.observe()?.stable else { return Ok(None) };
    let same = releases.iter().find(|release| {
        release.id == stable
            && release.environment() == context.environment
            && release.commit() == plan.commit.to_string()
            && release.phase == Some(Phase::Promoted)
    });
    let Some(release) = same else { return Ok(None) };
    let whole = target.has(&release.id, &release.artifacts)?;
    let runs = plan.kind != Kind::Service || crate::rollout::service::serves(context, &release.id)?;
    Ok((whole && runs).then(|| release.clone()))
}

fn dry_run(context: &Context, plan: &Plan, output: &Output) -> Result<Exit> {
    let steps = steps_of(context, plan)?;
    if output.is_json() {
        let mut document = Map::new();
        document.insert("commit".into(), plan.commit.to_string().into());
        document.insert("environment".into(), context.environment.clone().into());
        document.insert("kind".into(), plan.kind.word().into());
        document.insert("package".into(), plan.package.clone().into());
        document.insert("canary".into(), plan.canary.into());
        document.insert("steps".into(), steps.iter().map(|step| Value::from(step.name.as_str())).collect());
        output.json(document);
        return Ok(Exit::Holds);
    }
    let name =
        format!("{} {} of {} to {}", plan.package, plan.version, plan.commit.short(), context.environment);
    output.line(format!("would ship {name}, a {}", plan.kind.word()));
    output.line(format!(
        "  build       {}",
        context.config.ship.build.as_deref().unwrap_or("cargo build --release")
    ));
    for step in &steps {
        output.line(format!("  {:<11} {}", step.name, words(step)));
    }
    output.line(if plan.canary { "  canary      then promote" } else { "  promote" });
    warn(context, plan, output);
    Ok(Exit::Holds)
}

fn words(step: &Step) -> String {
    match &step.work {
        Work::Commands(lines) => lines.join("; "),
        Work::Acceptance => "the acceptance checks of every intent".into(),
        Work::Lessons => "the rules of intents/lessons.toml".into(),
        Work::SecretScan(except) if except.is_empty() => "no secret in the files of the commit".into(),
        Work::SecretScan(except) => format!("no secret in the files of the commit but {}", except.join(", ")),
    }
}

/// Say how a release ended.
pub fn report(context: &Context, ended: &Ended, output: &Output) -> Result<Exit> {
    let release = &ended.release;
    let what = match release.phase {
        Some(Phase::Promoted) => {
            let basis = release.text("basis");
            let basis = if basis.is_empty() { String::new() } else { format!(", {basis}") };
            format!("{} {}{basis}", release.id, output.paint_err(GOOD, "promoted"))
        }
        Some(Phase::RolledBack) => format!("{} rolled back: {}", release.id, release.text("reason")),
        Some(Phase::Held) => format!("{} is held: {}", release.id, release.text("reason")),
        _ => format!("{} is {}", release.id, release.phase_word()),
    };
    done(context, ended, &what, output)
}

fn done(context: &Context, ended: &Ended, what: &str, output: &Output) -> Result<Exit> {
    let release = &ended.release;
    let place = crate::rollout::place(context, release);
    if output.is_json() {
        let mut document = Map::new();
        document.insert("release".into(), release.id.clone().into());
        document.insert("commit".into(), release.commit().into());
        document.insert("environment".into(), release.environment().into());
        document.insert("phase".into(), release.phase_word().into());
        document.insert("reason".into(), release.text("reason").into());
        document.insert("place".into(), place.into());
        document.insert("closed".into(), ended.closed.clone().into());
        document.insert("filed".into(), ended.filed.clone().into());
        output.json(document);
    } else {
        output.line(what);
        if release.phase == Some(Phase::Promoted) {
            output.note(output.paint_err(DIM, &format!("  {place}")));
        }
        for item in &ended.closed {
            output.line(format!("{item} closed: its check is green in {}", release.id));
        }
        if let Some(item) = &ended.filed {
            output.line(format!("filed {item}: git feedback show {item}"));
        }
        if release.phase == Some(Phase::Held) {
            output.note("  cargo ship promote, or cargo ship rollback");
        }
    }
    Ok(match release.phase {
        Some(Phase::Promoted) => Exit::Holds,
        Some(Phase::Held) => Exit::Unverified,
        _ => Exit::Finding,
    })
}
