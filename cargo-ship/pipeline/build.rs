//! The deterministic build: a clean checkout of the commit at a fixed path, locked and pinned.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use factory::operations::effect::effect;
use factory::storage::process::{Outcome, Program, Runner};
use factory::storage::{cargo, fs};
use factory::terminal::output::Output;
use factory::terminal::progress::Progress;
use factory::types::event::Event;
use factory::types::hint::Hinted;
use factory::types::id::sha256_hex;
use factory::types::release::{Artifact, Release};
use serde_json::{Value, json};

use super::flags::pinned;
use super::plan::Plan;
use super::record::Recorder;
use super::steps::failure_tail;
use crate::context::Context;

/// The checkout every release of this repository is built in.
pub fn checkout_folder(context: &Context) -> PathBuf {
    context.places.state.join("checkout")
}

/// The build folder that belongs to it.
pub fn target_folder(context: &Context) -> PathBuf {
    context.places.state.join("target")
}

/// Where built files wait, by content, until they are staged.
pub fn store(context: &Context, artifact: &Artifact) -> PathBuf {
    context.places.state.join("artifacts").join(&artifact.sha256)
}

/// The checkout at a release's commit, kept from other environments' ships until dropped.
#[derive(Debug)]
pub struct Checkout {
    pub folder: PathBuf,
    _lock: File,
}

/// Bring the checkout to the release's commit.
pub fn check_out(context: &Context, plan: &Plan, output: &Output) -> Result<Checkout> {
    let folder = checkout_folder(context);
    let path = folder.with_extension("lock");
    let name = || path.display().to_string();
    fs::create_dir_all(&context.places.state)?;
    let lock = File::create(&path).with_context(name)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            output.note("  waiting for the ship to another environment to leave the checkout");
            lock.lock().with_context(name)?;
        }
        Err(TryLockError::Error(error)) => return Err(error).with_context(name),
    }
    context.repo.checkout_tree(plan.commit, &folder)?;
    Ok(Checkout { folder, _lock: lock })
}

/// Build, or find what was built before a kill.
///
/// # Errors
/// A build that fails is a finding; the end of what the compiler said goes with it.
pub fn build(
    context: &Context,
    plan: &Plan,
    known: Option<&Release>,
    recorder: &mut Recorder<'_>,
    output: &Output,
) -> Result<Vec<Artifact>> {
    if let Some(artifacts) = built_before(context, known)? {
        return Ok(artifacts);
    }
    let started = Instant::now();
    let toolchain = toolchain()?;
    let lock = context.repo.file_at(plan.commit, "Cargo.lock")?.map(|bytes| sha256_hex(&bytes));
    let detail = json!({"toolchain": toolchain, "lock": lock});
    let built = recorder.event("built");
    let record = |artifacts: &Vec<Artifact>| -> Event {
        let list: Vec<Value> = artifacts.iter().map(Artifact::to_json).collect();
        built
            .with("artifacts", list)
            .with("toolchain", toolchain.lines().next().unwrap_or_default())
            .with("lock", lock.unwrap_or_default())
            .with("took_ms", u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX))
    };
    let act = || compile(context, plan, output);
    effect(recorder, "build", &detail, act, || Ok(None), record)
}

fn built_before(context: &Context, known: Option<&Release>) -> Result<Option<Vec<Artifact>>> {
    let Some(release) = known.filter(|release| release.has("built")) else { return Ok(None) };
    let whole = |artifact: &Artifact| {
        let staged = context.folder().join("releases").join(&release.id).join("bin").join(&artifact.name);
        [store(context, artifact), staged].iter().any(|path| holds(path, artifact))
    };
    Ok(release.artifacts.iter().all(whole).then(|| release.artifacts.clone()))
}

/// Whether a file holds the artifact's bytes.
pub fn holds(path: &Path, artifact: &Artifact) -> bool {
    fs::read(path).is_ok_and(|bytes| sha256_hex(&bytes) == artifact.sha256)
}

fn compile(context: &Context, plan: &Plan, output: &Output) -> Result<Vec<Artifact>> {
    let checkout = check_out(context, plan, output)?;
    let target = target_folder(context);
    let usual = |name: &String| target.join("release").join(name);
    for name in &plan.binaries {
        // What an earlier build left is not this commit's; cargo puts it there again in no time.
        fs::remove_if_there(&usual(name))?;
    }
    let seconds = context.repo.commit(plan.commit)?.seconds;
    let program = match &context.config.ship.build {
        Some(line) => Program::from_line(line)?,
        None => default_build(plan),
    };
    let folder = checkout.folder.join(&plan.folder);
    let tells = is_cargo_build(&program);
    let program = match tells {
        // Cargo itself knows where what it built lies, whatever profile or target was chosen.
        true => pinned(program, &checkout.folder, &folder, seconds)?.arg(MESSAGES),
        false => program,
    };
    let program = program.dir(&folder).env("CARGO_TARGET_DIR", &target).plain();
    let progress = Progress::start(output, "build");
    let outcome = Runner::default().run(&program)?;
    progress.end();
    super::checks::say(output, "build", outcome.success(), outcome.took, false);
    if !outcome.success() {
        // Cargo's messages on standard output are for us; it showed people the same on the other.
        let stdout = if tells { Vec::new() } else { outcome.stdout.clone() };
        let said = failure_tail(&Outcome { stdout, ..outcome.clone() });
        bail!(
            Hinted::finding(format!("the build failed ({}):\n{said}", outcome.words()))
                .hint("cargo build --release")
        );
    }
    let built = if tells { executables(&outcome.stdout, &plan.package) } else { BTreeMap::new() };
    let path = |name: &String| built.get(name).cloned().unwrap_or_else(|| usual(name));
    plan.binaries.iter().map(|name| keep(context, &path(name), name)).collect()
}

/// The binaries cargo says it made of this package, by name.
fn executables(stdout: &[u8], package: &str) -> BTreeMap<String, PathBuf> {
    let built = cargo::built(stdout);
    let ours = built.bins().filter(|bin| bin.package == package);
    ours.map(|bin| (bin.name.clone(), bin.executable.clone())).collect()
}

/// Has cargo tell what it made, and show the compiler's messages as ever.
const MESSAGES: &str = "--message-format=json-render-diagnostics";

/// Whether a program is cargo, building: only then it takes the flags that pin a build.
fn is_cargo_build(program: &Program) -> bool {
    let mut words = program.args.iter().filter_map(|arg| arg.to_str()).skip_while(|arg| arg.starts_with('+'));
    let builds = words.next().is_some_and(|command| ["build", "b"].contains(&command));
    program.name == "cargo" && builds && !words.any(|arg| arg == "--" || arg.starts_with("--message-format"))
}

fn default_build(plan: &Plan) -> Program {
    let program = Program::new("cargo").args(["build", "--release", "--bins", "--package", &plan.package]);
    if plan.unlocked { program } else { program.arg("--locked") }
}

/// Put a built file into the store under its digest.
fn keep(context: &Context, path: &Path, name: &str) -> Result<Artifact> {
    let Some(bytes) = fs::read_if_there(path)? else {
        bail!(
            Hinted::finding(format!("the build made no {}", path.display()))
                .hint("[ship] build in factory.toml")
        );
    };
    let size_bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let artifact = Artifact { name: name.to_owned(), sha256: sha256_hex(&bytes), size_bytes };
    let kept = store(context, &artifact);
    if let Some(folder) = kept.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy_synced(path, &kept)?;
    Ok(artifact)
}

/// Drop what waits to be staged: it was, or the release is over without it.
pub fn discard(context: &Context, artifacts: &[Artifact]) -> Result<()> {
    artifacts.iter().try_for_each(|artifact| fs::remove_if_there(&store(context, artifact)))
}

/// What `rustc -vV` says of itself: version, host and commit.
pub fn toolchain() -> Result<String> {
    let outcome = Runner::default().run(&Program::new("rustc").arg("-vV"))?;
    if !outcome.success() {
        let said = failure_tail(&outcome);
        bail!(
            Hinted::outside(format!("rustc -vV failed ({}):\n{said}", outcome.words())).hint("rustup show")
        );
    }
    Ok(String::from_utf8_lossy(&outcome.stdout).trim().to_owned())
}
