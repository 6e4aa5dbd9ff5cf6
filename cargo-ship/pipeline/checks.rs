//! Running the steps of a release in its clean checkout, and remembering what passed.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use factory::operations::checking::{self, Subject};
use factory::operations::redacting::{self, Redactor};
use factory::storage::process::{Outcome, Program, Runner};
use factory::storage::repo::Oid;
use factory::storage::{fs, intents};
use factory::terminal::output::{BAD, DIM, GOOD, Output};
use factory::terminal::progress::Progress;
use factory::types::check::Verdict;
use factory::types::hint::Hinted;
use factory::types::id::sha256_hex;
use factory::types::intent::{Anchor, Intent};
use factory::types::problem::Problems;
use serde_json::{Value, json};

use super::build::{check_out, target_folder};
use super::lessons;
use super::plan::Plan;
use super::record::Recorder;
use super::steps::{Step, Work, failure_tail};
use crate::context::Context;

/// What a passed step leaves: feedback items whose checks are green now.
#[derive(Clone, Debug, Default)]
pub struct Passed {
    pub green: Vec<String>,
}

/// Run every step that did not pass on the same tree, toolchain and definition before.
///
/// # Errors
/// The first step that fails is a finding, with the end of what it said.
pub fn run(
    context: &Context,
    plan: &Plan,
    steps: &[Step],
    toolchain: &str,
    recorder: &mut Recorder<'_>,
    output: &Output,
) -> Result<Passed> {
    let checkout = check_out(context, plan, output)?;
    let mut all = Passed::default();
    for step in steps {
        let key = sha256_hex(
            format!("{}{}\n{toolchain}\n{}", plan.tree, plan.folder, step.definition()).as_bytes(),
        );
        let marker = context.places.state.join("passed").join(&key);
        let started = Instant::now();
        let remembered = remembered(&marker)?;
        let cached = remembered.is_some();
        let passed = match remembered {
            Some(passed) => passed,
            None => {
                let progress = Progress::start(output, &step.name);
                let passed = work(context, plan, step, &checkout.folder);
                progress.end();
                passed.inspect_err(|_| say(output, &step.name, false, started.elapsed(), false))?
            }
        };
        say(output, &step.name, true, started.elapsed(), cached);
        let event = recorder
            .event("step")
            .with("step", step.name.as_str())
            .with("verdict", Verdict::Pass.word())
            .with("took_ms", u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX))
            .with("green", passed.green.clone());
        recorder.add(if cached { event.with("cached", true) } else { event })?;
        remember(&marker, &passed)?;
        all.green.extend(passed.green);
    }
    Ok(all)
}

/// One line for what was done.
pub fn say(output: &Output, name: &str, passed: bool, took: Duration, cached: bool) {
    let word = if passed { output.paint_err(GOOD, "passed") } else { output.paint_err(BAD, "failed") };
    let how = match cached {
        true => output.paint_err(DIM, "before, on this tree"),
        false => output.paint_err(DIM, &format!("{:.1}s", took.as_secs_f64())),
    };
    output.note(format!("  {word}  {name:<10} {how}"));
}

fn remembered(marker: &Path) -> Result<Option<Passed>> {
    let Some(bytes) = fs::read_if_there(marker)? else { return Ok(None) };
    // A marker this version cannot read is no pass.
    let Ok(value) = serde_json::from_slice::<Value>(&bytes) else { return Ok(None) };
    let Some(green) = value.get("green").and_then(Value::as_array) else { return Ok(None) };
    Ok(Some(Passed { green: green.iter().filter_map(Value::as_str).map(str::to_owned).collect() }))
}

fn remember(marker: &Path, passed: &Passed) -> Result<()> {
    if let Some(folder) = marker.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write_atomic(marker, json!({"green": passed.green}).to_string().as_bytes())
}

fn work(context: &Context, plan: &Plan, step: &Step, checkout: &Path) -> Result<Passed> {
    match &step.work {
        Work::Commands(lines) => commands(context, step, lines, &checkout.join(&plan.folder)),
        Work::Acceptance => acceptance(context, plan, checkout),
        Work::Lessons => lessons::hold(context, plan, checkout),
        Work::SecretScan(except) => secret_scan(context, plan, except),
    }
}

fn commands(context: &Context, step: &Step, lines: &[String], folder: &Path) -> Result<Passed> {
    for line in lines {
        let program = Program::from_line(line)?
            .dir(folder)
            .env("CARGO_TARGET_DIR", target_folder(context))
            .plain()
            .timeout(step.timeout);
        let outcome = Runner::default().run(&program)?;
        if let Some(missing) = missing_component(&outcome) {
            bail!(
                Hinted::outside(format!("step {} could not run {line}: {missing}", step.name)).hint(format!(
                    "{}, then cargo ship resume; or drop the step in factory.toml: [[ship.step]] name = {:?}, remove = true",
                    component_hint(line),
                    step.name
                ))
            );
        }
        if !outcome.success() {
            let hint = format!(
                "mend it and commit, or drop the step in factory.toml: [[ship.step]] name = {:?}, remove = true",
                step.name
            );
            let what = format!(
                "step {} failed ({}): {line}\n{}",
                step.name,
                outcome.words(),
                failure_tail(&outcome)
            );
            bail!(Hinted::finding(what).hint(hint));
        }
    }
    Ok(Passed::default())
}

/// What cargo says where a subcommand is not there: no verdict on the code.
fn missing_component(outcome: &Outcome) -> Option<String> {
    let said = String::from_utf8_lossy(&outcome.stderr);
    let missing = ["is not installed for the toolchain", "no such command:"];
    let line = said.lines().find(|line| missing.iter().any(|words| line.contains(words)))?;
    (!outcome.success()).then(|| line.trim_start_matches("error: ").to_owned())
}

fn component_hint(line: &str) -> String {
    match line.split_whitespace().nth(1) {
        Some("fmt") => "rustup component add rustfmt".to_owned(),
        Some("clippy") => "rustup component add clippy".to_owned(),
        Some(other) => format!("cargo install cargo-{other}"),
        None => "install it".to_owned(),
    }
}

fn acceptance(context: &Context, plan: &Plan, checkout: &Path) -> Result<Passed> {
    let intents = intents_of(context, plan)?;
    if intents.is_empty() {
        return Ok(Passed::default());
    }
    let subject = Subject::new(checkout, intents.clone())
        .target_dir(target_folder(context))
        .history(context.repo.git_dir());
    let reports = checking::check(&subject, |_| {})?;
    let bad: Vec<String> = reports
        .iter()
        .filter(|report| report.verdict.is_finding() || report.verdict == Verdict::Unverified)
        .map(|report| {
            format!("{} {}: {}\n{}", report.verdict.word(), report.name(), report.reason, report.detail)
        })
        .collect();
    if !bad.is_empty() {
        bail!(
            Hinted::finding(format!("acceptance checks do not hold:\n{}", bad.join("\n")))
                .hint("cargo intent check")
        );
    }
    let green = |intent: &Intent, id: &str| {
        let mut of_check =
            reports.iter().filter(|r| !r.is_contract && r.slug == intent.slug && r.check == id).peekable();
        of_check.peek().is_some() && of_check.all(|report| report.verdict == Verdict::Pass)
    };
    let mut passed = Passed::default();
    for intent in &intents {
        for check in &intent.acceptance {
            // An http check is asked of the running release; it is promoted only if that holds.
            let holds = green(intent, &check.id) || matches!(check.anchor, Anchor::Http(_));
            if let Some(origin) = check.origin.as_ref().filter(|_| holds) {
                passed.green.push(origin.clone());
            }
        }
    }
    Ok(passed)
}

/// The intents of the release's commit.
///
/// # Errors
/// An intent file that cannot be read, with every problem in it.
pub fn intents_of(context: &Context, plan: &Plan) -> Result<Vec<Intent>> {
    intents_at(context, plan.commit)
}

/// The intents of HEAD.
pub fn intents_at_head(context: &Context) -> Result<Vec<Intent>> {
    intents_at(context, context.repo.require_head()?)
}

fn intents_at(context: &Context, commit: Oid) -> Result<Vec<Intent>> {
    let mut intents = Vec::new();
    for found in intents::all_at(&context.repo, commit)? {
        intents.push(found.read.map_err(Problems)?.intent);
    }
    Ok(intents)
}

/// Files larger than this are data; they are not scanned.
const SCANNED_BYTES: usize = 1024 * 1024;

fn secret_scan(context: &Context, plan: &Plan, except: &[String]) -> Result<Passed> {
    let mut left_out = globset::GlobSetBuilder::new();
    for pattern in except {
        // The configuration's parser has refused patterns that are none.
        left_out.add(globset::Glob::new(pattern)?);
    }
    let left_out = left_out.build()?;
    let redactor = Redactor::default().only_certain();
    let mut found = Vec::new();
    for file in context.repo.files_under(plan.commit, "")? {
        if left_out.is_match(&file.path) {
            continue;
        }
        let bytes = context.repo.read_blob(file.oid)?;
        if bytes.len() > SCANNED_BYTES || bytes.contains(&0) {
            continue;
        }
        let redacted = redactor.redact(&String::from_utf8_lossy(&bytes));
        let certain: Vec<_> = redacted.found.into_iter().filter(|found| found.certain).collect();
        if !certain.is_empty() {
            found.push(format!("{}: {}", file.path, redacting::kinds(&certain)));
        }
    }
    if found.is_empty() {
        return Ok(Passed::default());
    }
    let what = format!("the commit holds what looks like secrets:\n{}", found.join("\n"));
    bail!(Hinted::finding(what).hint(
        "take them out, and change them: they are in the history. A test's example is named in \
        factory.toml: [[ship.step]] name = \"secrets\", except = [\"tests/data/**\"]"
    ))
}
