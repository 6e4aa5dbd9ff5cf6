//! Running the acceptance checks and contracts of intents against a folder: a work tree, or a clean checkout.

mod apart;
mod asking;
mod bound_test;
mod building;
mod command;
mod compare;
mod fixtures;
mod gone;
mod held;
mod streamed;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;

use crate::operations::contracts::Ground;
use crate::operations::queue;
use crate::operations::shallow::Shallow;
use crate::storage::process::Runner;
use crate::types::check::Verdict;
use crate::types::intent::{Acceptance, Anchor, Contract, Intent};
use building::Builds;

pub use crate::types::check::Report;
pub use apart::one_test;
pub use building::cargo_folder;
pub use compare::difference;
pub use fixtures::{Case, cases, claimed};

/// What is checked, where and how.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The folder: a work tree's root or a clean checkout.
    pub root: PathBuf,
    pub intents: Vec<Intent>,
    /// Where cargo builds; its own choice where absent. Deciding checks give a fresh folder.
    pub target_dir: Option<PathBuf>,
    /// A folder of binaries to use in place of building them.
    pub programs: Option<PathBuf>,
    /// Where `http` checks are asked; without it they wait.
    pub url: Option<String>,
    pub runner: Runner,
    /// How many checks run at once; the number of cores where absent.
    pub jobs: Option<usize>,
    /// Start nothing: say what can be told from the files alone.
    pub no_run: bool,
    /// A folder of the repository whose history the subject belongs to: for baselines of contracts,
    /// and to tell a test that is gone from one that never was. Without it nothing is said of the past.
    pub history: Option<PathBuf>,
    /// Write kept texts of contracts (help, public items) anew where they differ.
    pub update_contracts: bool,
}

impl Subject {
    /// Everything these intents ask for, of this folder, built as cargo does by itself.
    pub fn new(root: impl Into<PathBuf>, intents: Vec<Intent>) -> Self {
        Self {
            root: root.into(),
            intents,
            target_dir: None,
            programs: None,
            url: None,
            runner: Runner::default(),
            jobs: None,
            no_run: false,
            history: None,
            update_contracts: false,
        }
    }

    pub fn target_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.target_dir = Some(folder.into());
        self
    }

    pub fn programs(mut self, folder: impl Into<PathBuf>) -> Self {
        self.programs = Some(folder.into());
        self
    }

    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    pub fn history(mut self, folder: impl Into<PathBuf>) -> Self {
        self.history = Some(folder.into());
        self
    }

    pub fn runner(mut self, runner: Runner) -> Self {
        self.runner = runner;
        self
    }
}

/// One part of an intent, ready to be looked at.
struct Task<'p> {
    intent: &'p Intent,
    part: Part<'p>,
}

enum Part<'p> {
    /// A check, or one fixture case of it.
    Check(&'p Acceptance, Option<fixtures::Case>),
    Contract(&'p Contract),
}

/// What a check found, before it is named.
struct Finding {
    verdict: Verdict,
    reason: String,
    detail: String,
    took: Duration,
}

impl Finding {
    fn new(verdict: Verdict, reason: impl Into<String>) -> Self {
        Self { verdict, reason: reason.into(), detail: String::new(), took: Duration::ZERO }
    }

    fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    fn took(mut self, took: Duration) -> Self {
        self.took = took;
        self
    }
}

/// Check those acceptance checks that `wanted` names by slug and id, and no contracts; the others only
/// say which fixture folders are theirs.
///
/// # Errors
/// As [`check`].
pub fn check_only(subject: &Subject, wanted: impl Fn(&str, &str) -> bool) -> Result<Vec<Report>> {
    let mut tasks = tasks(subject)?;
    tasks.retain(|task| match &task.part {
        Part::Check(check, _) => wanted(&task.intent.slug, &check.id),
        Part::Contract(_) => false,
    });
    let anchors: Vec<&Anchor> = tasks
        .iter()
        .filter_map(|task| match &task.part {
            Part::Check(check, _) => Some(&check.anchor),
            Part::Contract(_) => None,
        })
        .collect();
    let builds = Builds::for_anchors(subject, &anchors, false)?;
    let ground = Ground::open(&subject.root)?;
    // What cannot fail was named before anything is run a second time.
    let seen = Shallow::default();
    let work = |task: &Task| report(subject, &builds, &ground, &seen, task);
    queue::in_order(&tasks, jobs(subject), work, &mut |_| {})
}

fn jobs(subject: &Subject) -> usize {
    subject.jobs.or_else(|| std::thread::available_parallelism().ok().map(usize::from)).unwrap_or(1)
}

/// Check everything of the subject. `on_report` sees each report as soon as those before it are known;
/// the result has them all, in the order of the intents.
///
/// # Errors
/// An interrupt, or a failure that is not a check's: cargo missing, a folder that cannot be read.
pub fn check(subject: &Subject, on_report: impl FnMut(&Report)) -> Result<Vec<Report>> {
    check_seen(subject, &Shallow::of(&subject.root, &subject.intents)?, on_report)
}

/// As [`check`], where the checks were looked at already.
pub fn check_seen(
    subject: &Subject,
    shallow: &Shallow,
    mut on_report: impl FnMut(&Report),
) -> Result<Vec<Report>> {
    let tasks = tasks(subject)?;
    let ground = Ground::open(&subject.root)?;
    let builds = if subject.no_run { Builds::default() } else { Builds::make(subject)? };
    let work = |task: &Task| report(subject, &builds, &ground, shallow, task);
    queue::in_order(&tasks, jobs(subject), work, &mut on_report)
}

fn report(
    subject: &Subject,
    builds: &Builds,
    ground: &Ground,
    shallow: &Shallow,
    task: &Task,
) -> Result<Report> {
    let (finding, check, case) = match &task.part {
        Part::Check(check, case) => {
            let finding = match shallow.of_check(&task.intent.slug, &check.id) {
                Some(why) => Finding::new(Verdict::Vacuous, why),
                None => find(subject, builds, task.intent, check, case)?,
            };
            (finding, &check.id, case)
        }
        Part::Contract(contract) => {
            (held::find(subject, builds, ground, task.intent, contract)?, &contract.id, &None)
        }
    };
    Ok(Report {
        slug: task.intent.slug.clone(),
        check: check.clone(),
        case: case.as_ref().map(|case| case.name.clone()),
        is_contract: matches!(task.part, Part::Contract(_)),
        verdict: finding.verdict,
        reason: finding.reason,
        detail: finding.detail,
        took: finding.took,
    })
}

fn tasks(subject: &Subject) -> Result<Vec<Task<'_>>> {
    let mut tasks = Vec::new();
    for intent in &subject.intents {
        for check in &intent.acceptance {
            let cases = match &check.anchor {
                Anchor::Fixtures(anchor) => fixtures::cases(&subject.root, intent, anchor)?,
                _ => Vec::new(),
            };
            if cases.is_empty() {
                tasks.push(Task { intent, part: Part::Check(check, None) });
            }
            tasks.extend(cases.into_iter().map(|case| Task { intent, part: Part::Check(check, Some(case)) }));
        }
        tasks.extend(intent.contracts.iter().map(|contract| Task { intent, part: Part::Contract(contract) }));
    }
    Ok(tasks)
}

fn find(
    subject: &Subject,
    builds: &Builds,
    intent: &Intent,
    check: &Acceptance,
    case: &Option<fixtures::Case>,
) -> Result<Finding> {
    let limit = check.timeout();
    if subject.no_run && matches!(check.anchor, Anchor::Test { .. } | Anchor::Http(_)) {
        return Ok(Finding::new(Verdict::Waiting, "not run"));
    }
    match &check.anchor {
        Anchor::Missing => Ok(Finding::new(
            Verdict::Unverified,
            "asserts nothing: add one of test, run, fixtures, http, signal, inspect",
        )),
        Anchor::Test { name } => bound_test::find(subject, builds, name, limit),
        Anchor::Run(run) => command::find(subject, builds, run, limit),
        Anchor::Fixtures(fixtures) => match case {
            Some(case) => fixtures::find(subject, builds, fixtures, case, limit),
            None => Ok(Finding::new(
                Verdict::Unverified,
                format!("no case: make intents/{}/<case>/ with input.* and expected.*", intent.slug),
            )),
        },
        Anchor::Http(http) => asking::find(subject, http, limit),
        Anchor::Signal { name, .. } => Ok(Finding::new(
            Verdict::Waiting,
            format!("the signal `{name}` is judged by a canary and after a deploy"),
        )),
        Anchor::Inspect { question } => {
            Ok(Finding::new(Verdict::Waiting, format!("a person answers: {question}")))
        }
    }
}

/// The last lines of a text, limited; says how many were left out.
fn last_lines(text: &str, most: usize) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    if lines.len() <= most {
        return lines.join("\n");
    }
    let left_out = lines.len() - most;
    format!("… {left_out} more lines above\n{}", lines[left_out..].join("\n"))
}

/// The first lines of a text, limited; says how many were left out.
pub(crate) fn first_lines(text: &str, most: usize) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    if lines.len() <= most {
        return lines.join("\n");
    }
    format!("{}\n… {} more lines", lines[..most].join("\n"), lines.len() - most)
}

/// How many lines of a difference or an output a report shows.
const SHOWN_LINES: usize = 20;
