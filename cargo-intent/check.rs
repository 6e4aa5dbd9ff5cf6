//! `cargo intent check`: run the checks of intents against the work tree.

use std::path::Path;

use anyhow::Result;
use factory::operations::checking::{self, Subject};
use factory::operations::contracts;
use factory::operations::lessons;
use factory::operations::shallow::Shallow;
use factory::storage::boundary::Boundary;
use factory::storage::cargo;
use factory::storage::intents::{self, Found};
use factory::storage::lessons as lesson_file;
use factory::storage::process::Runner;
use factory::storage::repo::Repo;
use factory::terminal::completing;
use factory::terminal::exit::Exit;
use factory::terminal::output::{BAD, DIM, GOOD, Output, WAIT};
use factory::terminal::safe;
use factory::types::check::{Remark, Report, Verdict};
use factory::types::duration;
use factory::types::intent::parse::Parsed;
use factory::types::intent::{Anchor, Intent};
use factory::types::lesson::Lesson;
use factory::types::problem::Problem;
use serde_json::{Map, Value, json};

use crate::{harness, prove, remarks};

/// Run the acceptance checks of intents, and hold their contracts and the lessons
///
/// A check that provably cannot fail is `vacuous` and is not run. What only looks as if it asserted
/// nothing is remarked on.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo intent check
  cargo intent check csv2json --url http://127.0.0.1:8080
  cargo intent check --no-run
  cargo intent check --prove            was it red before it was green?
  cargo intent check csv2json --update-contracts
  cargo intent check lessons        the rules of intents/lessons.toml alone

Contracts have three answers: they hold, they drifted (with the difference), or they could not be \
verified. --update-contracts writes the kept text of cli-help and rust-api contracts anew; the \
intent's approval, which covers that text, becomes stale by it.

Ends with 0 when every check passes, 1 when one does not, 2 when an intent file cannot be read, 3 \
when a check could not be verified. Checks that wait for a person, or for something to ask, leave \
the code alone unless --strict is given.

\
With --prove each check that passes is also run on its base, where it must fail for the reason `red` \
declares. Without --base that is where your work left the main line (origin's, main or master), for \
an older check the commit before the one that first wrote it. Edits of `mutant` are made in a copy.")]
pub struct Args {
    /// Which intents; all of them, and the lessons, where none is named
    #[arg(add = completing::slugs())]
    pub slugs: Vec<String>,
    /// Ask http checks of what runs at this address
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// Count waiting checks as not verified
    #[arg(long)]
    pub strict: bool,
    /// Read the files and say what is wrong with them, starting nothing
    #[arg(long)]
    pub no_run: bool,
    /// Also prove that each check was red before: on its base, or by an edit that must turn it red
    #[arg(long, conflicts_with = "no_run")]
    pub prove: bool,
    /// The commit every check must be red on
    #[arg(long, value_name = "REV", requires = "prove")]
    pub base: Option<String>,
    /// Write the kept texts of the named intents' contracts anew where they differ
    #[arg(long, requires = "slugs", conflicts_with = "no_run")]
    pub update_contracts: bool,
    /// How many checks run at once [default: the number of cores]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
}

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    let repo = Repo::discover(&std::env::current_dir()?)?;
    let root = repo.root()?;
    let found = intents::all(root)?;
    let shared = remarks::shared_files(&found, &args.slugs);
    let (read, mut broken) = choose(found, &args.slugs)?;
    let lessons = wanted_lessons(root, &args.slugs, &mut broken)?;
    output.problems(&broken);
    let mut remarks: Vec<Remark> = read.iter().flat_map(remarks::of).chain(shared).collect();
    let intents: Vec<&Intent> = read.iter().map(|parsed| &parsed.intent).collect();
    for (slug, path) in harness::behind(root, &intents)? {
        let mend = format!("cargo intent build {slug} --agent scaffold");
        remarks.push(Remark::new(&slug, None, format!("{path} does not follow its examples; {mend}")));
    }
    let runner = Runner::new(Boundary::None);
    let subject = Subject {
        url: args.url,
        runner,
        jobs: args.jobs.map(usize::from),
        no_run: args.no_run,
        update_contracts: args.update_contracts,
        history: Some(root.to_owned()),
        ..Subject::new(root, read.into_iter().map(|parsed| parsed.intent).collect())
    };
    let shallow = Shallow::of(root, &subject.intents)?;
    remarks.extend(shallow.remarks.iter().cloned());
    for remark in remarks.iter().filter(|_| !output.is_json()) {
        output.note(format!("{}: {}", safe::line(&remark.name()), safe::line(&remark.text)));
    }
    if !args.no_run && subject.intents.iter().any(runs_something) {
        output.note(format!("checks run {}", runner.boundary().notice()));
        say_what_is_built(&subject, output);
    }
    let on_report = |report: &Report| {
        if !output.is_json() {
            print(report, output);
        }
    };
    let mut reports = checking::check_seen(&subject, &shallow, on_report)?;
    let proofs = match args.prove {
        true => Some(prove::prove(&repo, &subject, &reports, args.base.as_deref(), output)?),
        false => {
            prove::tidy(&repo, output)?;
            None
        }
    };
    let of_lessons = lessons::check(root, &lessons, None)?;
    of_lessons.iter().for_each(on_report);
    reports.extend(of_lessons);
    let of_proofs = proofs.as_ref().map_or(Exit::Holds, |proofs| prove::exit(proofs, args.strict));
    let of_checks = exit(&reports, &broken, args.strict);
    if output.is_json() {
        let mut document = to_json(&reports, &broken, &remarks);
        if let Some(proofs) = &proofs {
            document.insert("proofs".into(), prove::to_json(proofs));
        }
        output.json(document);
    } else {
        let checks = summary(&subject, &reports, &broken);
        match &proofs {
            None => output.note(checks),
            Some(proofs) => {
                prove::print(proofs, output);
                let mut counts = [format!("proofs: {}", prove::counts(proofs)), format!("checks: {checks}")];
                // What decides the exit code is read last.
                if of_proofs > of_checks {
                    counts.reverse();
                }
                counts.iter().for_each(|line| output.note(line));
            }
        }
    }
    Ok(of_checks.max(of_proofs))
}

/// The lessons, where all is checked or they are named.
fn wanted_lessons(root: &Path, slugs: &[String], broken: &mut Vec<Problem>) -> Result<Vec<Lesson>> {
    if !slugs.is_empty() && !slugs.iter().any(|slug| slug == lessons::SLUG) {
        return Ok(Vec::new());
    }
    Ok(lesson_file::all(root)?.unwrap_or_else(|mut problems| {
        broken.append(&mut problems);
        Vec::new()
    }))
}

/// The named intents, or all; what cannot be read apart.
fn choose(found: Vec<Found>, slugs: &[String]) -> Result<(Vec<Parsed>, Vec<Problem>)> {
    let known: Vec<String> = found.iter().map(|found| found.slug.clone()).collect();
    let unknown = |slug: &&String| *slug != lessons::SLUG && !known.contains(slug);
    if let Some(missing) = slugs.iter().find(unknown) {
        return Err(intents::unknown(missing, &known).into());
    }
    let wanted = |found: &Found| slugs.is_empty() || slugs.contains(&found.slug);
    let (mut read, mut broken) = (Vec::new(), Vec::new());
    for found in found.into_iter().filter(wanted) {
        match found.read {
            Ok(parsed) => read.push(parsed),
            Err(mut problems) => broken.append(&mut problems),
        }
    }
    Ok((read, broken))
}

/// Whether a program may be started for it.
fn runs_something(intent: &Intent) -> bool {
    !intent.acceptance.is_empty() || intent.contracts.iter().any(contracts::needs_process)
}

fn say_what_is_built(subject: &Subject, output: &Output) {
    let needs_cargo = subject
        .intents
        .iter()
        .flat_map(|intent| &intent.acceptance)
        .any(|check| matches!(check.anchor, Anchor::Test { .. } | Anchor::Run(_) | Anchor::Fixtures(_)))
        || subject.intents.iter().flat_map(|intent| &intent.contracts).any(contracts::needs_process);
    if needs_cargo && cargo::is_project(&subject.root) {
        output.note("building what the checks need …");
    } else if needs_cargo {
        output.detail("no Cargo.toml at the root: nothing is built");
    }
}

fn print(report: &Report, output: &Output) {
    let verdict = report.verdict;
    let style = match verdict {
        Verdict::Pass => GOOD,
        Verdict::Waiting | Verdict::Unverified => WAIT,
        _ => BAD,
    };
    let word = output.paint(style, &format!("{:<10}", verdict.word()));
    let took = match report.took.is_zero() {
        true => String::new(),
        false => format!("  {}", output.paint(DIM, &duration::shown(report.took))),
    };
    let reason = match report.reason.as_str() {
        "" => String::new(),
        reason => format!("  {}", safe::line(reason)),
    };
    let mut text = format!("{word}  {}{took}{reason}\n", safe::line(&report.name()));
    for line in report.detail.lines() {
        text.push_str(&format!("    {}\n", safe::line(line)));
    }
    output.raw(text.as_bytes());
}

/// Counts of the verdicts, or what to begin with where there is nothing to count.
fn summary(subject: &Subject, reports: &[Report], broken: &[Problem]) -> String {
    if subject.intents.is_empty() && reports.is_empty() && broken.is_empty() {
        return "no intents yet; begin with: cargo intent new <slug> --title \"what you want\"".to_owned();
    }
    let mut parts = Vec::new();
    for word in ["pass", "fail", "timeout", "flaky", "vacuous", "drift", "unverified", "waiting"] {
        let count = reports.iter().filter(|report| report.verdict.word() == word).count();
        if count > 0 {
            parts.push(format!("{count} {word}"));
        }
    }
    if !broken.is_empty() {
        let mut files: Vec<&str> = broken.iter().map(|problem| problem.file.as_str()).collect();
        files.dedup();
        parts.push(format!("{} broken", files.len()));
    }
    if parts.is_empty() {
        parts.push("no checks".to_owned());
    }
    parts.join(", ")
}

/// The worst wins; what waits leaves the code alone unless `strict`.
fn exit(reports: &[Report], broken: &[Problem], strict: bool) -> Exit {
    let of_report = |report: &Report| match report.verdict {
        Verdict::Pass => Exit::Holds,
        Verdict::Unverified => Exit::Unverified,
        Verdict::Waiting if strict => Exit::Unverified,
        Verdict::Waiting => Exit::Holds,
        _ => Exit::Finding,
    };
    let worst = reports.iter().map(of_report).max().unwrap_or(Exit::Holds);
    if broken.is_empty() { worst } else { worst.max(Exit::Usage) }
}

fn to_json(reports: &[Report], broken: &[Problem], remarks: &[Remark]) -> Map<String, Value> {
    let checks: Vec<Value> = reports
        .iter()
        .map(|report| {
            json!({
                "slug": report.slug,
                "check": (!report.is_contract).then_some(&report.check),
                "contract": report.is_contract.then_some(&report.check),
                "case": report.case,
                "verdict": report.verdict.word(),
                "reason": report.reason,
                "detail": report.detail,
                "took_ms": u64::try_from(report.took.as_millis()).unwrap_or(u64::MAX),
            })
        })
        .collect();
    let mut document = Map::new();
    document.insert("checks".into(), checks.into());
    let remark = |remark: &Remark| json!({"slug": remark.slug, "about": remark.about, "text": remark.text});
    document.insert("remarks".into(), remarks.iter().map(remark).collect::<Vec<_>>().into());
    document.insert("problems".into(), broken.iter().map(Problem::to_json).collect::<Vec<_>>().into());
    document
}
