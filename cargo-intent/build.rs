//! `cargo intent build`: an agent works in a worktree until the checks pass or its budget ends.

use anyhow::{Result, bail};
use factory::operations::filing::ground;
use factory::storage::boundary::Boundary;
use factory::storage::process::Runner;
use factory::storage::repo::{Oid, Repo};
use factory::storage::{config, intents, lessons};
use factory::terminal::completing;
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use factory::terminal::safe;
use factory::types::change::{Attempt, Changes};
use factory::types::check::{Report, Verdict};
use factory::types::hint::Hinted;
use factory::types::id::attempt_id;
use factory::types::intent::{Intent, parse};
use factory::types::problem::Problems;
use serde_json::Map;

use crate::agent::brief::{Case, Failure};
use crate::agent::{Agent, Kind};
use crate::work::keeping::keep;
use crate::work::record::{self, branch_of, changes};
use crate::work::rounds::{Budget, Job, Worked, work};
use crate::work::show::{attempt_json, verdict_lines};
use crate::work::worktree::{Claim, Started, Worktree};

/// Have an agent build an intent in a worktree, until its checks pass
///
/// The agent gets the intent in words and a worktree of HEAD outside the repository. When it is
/// done its files are taken, the checks run on a clean copy of them, and what failed goes into the
/// next round. The result is a change on the branch intent/SLUG that waits for `review` and `accept`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo intent build csv2json                      with the agent factory.toml names
  cargo intent build csv2json --agent codex --rounds 2
  cargo intent build csv2json --agent hand         prints the worktree; edit there, then:
  cargo intent build csv2json --resume             checks what stands in it and goes on

Exit codes: 0 every check passes, 1 not all do (the change is still there to review), 3 the worktree waits for your hand.")]
pub struct Args {
    /// The intent to build
    #[arg(add = completing::slugs())]
    slug: String,
    /// Who does it: a name from factory.toml, a known CLI, `hand` or `scaffold`
    #[arg(long, value_name = "NAME")]
    agent: Option<String>,
    /// How often the agent is told what failed [default: the intent's, else 3]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rounds: Option<u32>,
    /// How long all rounds may take together; fractions count [default: the intent's, else 20]
    #[arg(long, value_name = "N")]
    minutes: Option<f64>,
    /// Go on in the worktree that is there
    #[arg(long)]
    resume: bool,
}

const ROUNDS: u32 = 3;
const MINUTES: f64 = 20.0;

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    let repo = Repo::discover(&std::env::current_dir()?)?;
    let (root, head) = (repo.root()?.to_owned(), repo.require_head()?);
    let settings = config::load(&root)?;
    if args.minutes.is_some_and(|minutes| !minutes.is_finite() || minutes <= 0.0) {
        bail!(Hinted::usage("--minutes is a number above 0").hint("--minutes 20"));
    }
    // Found out now and not after the agent's work: a commit needs a name.
    repo.git(&["var", "GIT_COMMITTER_IDENT"])?;
    let claim = Claim::take(&repo, &args.slug)?;
    let past = changes(&repo, &args.slug)?;
    let existing =
        claim.existing()?.map(|found| of_here(&repo, &claim, found, output)).transpose()?.flatten();
    let remembered = existing.as_ref().filter(|_| args.resume).map(|w| w.started.agent.clone());
    let agent = Agent::find(args.agent.as_deref().or(remembered.as_deref()), &settings.agent)?;
    let base = match &existing {
        Some(worktree) if args.resume => worktree.started.base.parse()?,
        _ => head,
    };
    let intent = committed(&repo, &root, base, &args.slug, output)?;
    branch_is_ours(&repo, &args.slug, &past)?;
    let worktree = worktree(&repo, &claim, existing, base, &args, &agent, &past)?;
    if matches!(agent.kind, Kind::Hand) && !args.resume {
        return Ok(hand_over(&worktree, &args.slug, output));
    }
    let runner = Runner::new(Boundary::None);
    output.warn(runner.boundary().notice());
    let job = Job {
        repo: &repo,
        intent: &intent,
        cases: &cases(&repo, base, &args.slug)?,
        worktree: &worktree,
        agent: &agent,
        runner,
        reasons: past.reasons().into_iter().map(str::to_owned).collect(),
        lessons: &lessons::all_at(&repo, base)?.map_err(Problems)?,
    };
    let budget = Budget {
        rounds: args.rounds.or(intent.scope.rounds).unwrap_or(ROUNDS),
        minutes: args.minutes.or(intent.scope.minutes.map(f64::from)).unwrap_or(MINUTES),
    };
    let earlier = if args.resume { earlier_failures(&repo, &past)? } else { Vec::new() };
    let worked = work(&job, budget, earlier, output)?;
    let redactor = ground::of(&repo)?.redactor;
    let recorded = keep(&job, &worked, &redactor)?;
    tell(&recorded, &worked, &args.slug, output);
    Ok(if recorded.counts.holds() { Exit::Holds } else { Exit::Finding })
}

/// The intent as the commit has it; an uncommitted edit of it is said.
fn committed(repo: &Repo, root: &std::path::Path, at: Oid, slug: &str, output: &Output) -> Result<Intent> {
    let file = intents::file_of(slug);
    let there = repo.file_at(at, &file)?;
    let on_disk = intents::one(root, slug);
    let Some(bytes) = there else {
        on_disk?;
        bail!(
            Hinted::usage(format!("{file} is not committed, and agents work from commits"))
                .hint(format!("git add intents && git commit -m \"Want {slug}\""))
        );
    };
    if std::fs::read(root.join(&file)).is_ok_and(|disk| disk != bytes) {
        output.warn(format!("{file} has uncommitted edits, which the agent does not see"));
    }
    let parsed = parse::parse(slug, &file, &bytes).map_err(Problems)?;
    Ok(parsed.intent)
}

/// The fixture folders of the intent and their files.
fn cases(repo: &Repo, at: Oid, slug: &str) -> Result<Vec<Case>> {
    let mut cases: Vec<Case> = Vec::new();
    for file in repo.files_under(at, &format!("{}/{slug}", intents::FOLDER))? {
        let Some((folder, name)) = file.path.rsplit_once('/') else { continue };
        match cases.last_mut().filter(|case| case.folder == folder) {
            Some(case) => case.files.push(name.to_owned()),
            None => cases.push(Case { folder: folder.to_owned(), files: vec![name.to_owned()] }),
        }
    }
    Ok(cases)
}

/// A branch with commits nobody recorded is a person's work and stays.
fn branch_is_ours(repo: &Repo, slug: &str, past: &Changes) -> Result<()> {
    let name = format!("intent/{slug}");
    if repo.branch()?.as_deref() == Some(name.as_str()) {
        bail!(Hinted::usage(format!("you are on {name}, which a build moves")).hint("git switch -"));
    }
    let Some(tip) = repo.read_ref(&branch_of(slug))? else { return Ok(()) };
    let recorded = past.attempts.iter().any(|(attempt, _)| attempt.commit == Some(tip.to_string()));
    if recorded {
        return Ok(());
    }
    Err(Hinted::usage(format!("{name} holds work that no attempt recorded"))
        .hint(format!("git branch -m {name} my-{slug}"))
        .into())
}

/// The worktree to work in: the one that is there, or a new one where its work was recorded.
fn worktree(
    repo: &Repo,
    claim: &Claim,
    existing: Option<Worktree>,
    base: Oid,
    args: &Args,
    agent: &Agent,
    past: &Changes,
) -> Result<Worktree> {
    let begin = || claim.begin(repo, base, &attempt_id(), &agent.name);
    let Some(mut worktree) = existing else {
        if args.resume {
            bail!(
                Hinted::usage(format!("there is no worktree of {} to go on in", args.slug))
                    .hint(format!("cargo intent build {}", args.slug))
            );
        }
        claim.remove(repo)?;
        return begin();
    };
    let recorded = past.has_attempt(&worktree.started.attempt);
    if args.resume {
        let attempt = if recorded { attempt_id() } else { worktree.started.attempt };
        worktree.started = Started { attempt, agent: agent.name.clone(), ..worktree.started };
        claim.remember(&worktree.started)?;
        return Ok(worktree);
    }
    if !recorded && !worktree.is_untouched(repo)? {
        bail!(Hinted::usage(format!("an attempt on {} was not finished", args.slug)).hint(format!(
            "cargo intent build {0} --resume to go on, or cargo intent reject {0} --because TEXT --delete",
            args.slug
        )));
    }
    claim.remove(repo)?;
    begin()
}

/// The worktree, or none where it was left by another repository that lay at this path: nothing in it
/// can be compared or resumed here, and it is kept aside.
fn of_here(repo: &Repo, claim: &Claim, found: Worktree, output: &Output) -> Result<Option<Worktree>> {
    if repo.has(found.started.base.parse()?) {
        return Ok(Some(found));
    }
    let aside = claim.set_aside(&found)?;
    output.warn(format!(
        "attempt {} began from {}, which is no commit of this repository; what it left is now in {}",
        found.started.attempt,
        found.started.base.get(..10).unwrap_or_default(),
        aside.display()
    ));
    output.note("  look whether anything in it is wanted, and remove the folder");
    Ok(None)
}

fn hand_over(worktree: &Worktree, slug: &str, output: &Output) -> Exit {
    let path = worktree.path.display().to_string();
    if output.is_json() {
        let mut object = Map::new();
        object.insert("slug".into(), slug.into());
        object.insert("attempt".into(), worktree.started.attempt.clone().into());
        object.insert("worktree".into(), path.into());
        output.json(object);
    } else {
        output.line(path);
        output.note(format!("edit there, then: cargo intent build {slug} --resume"));
    }
    Exit::Unverified
}

/// What failed when the worktree was last left.
fn earlier_failures(repo: &Repo, past: &Changes) -> Result<Vec<Failure>> {
    let Some((last, _)) = past.attempts.last() else { return Ok(Vec::new()) };
    let mut failures: Vec<Failure> = last
        .problems
        .iter()
        .map(|reason| Failure {
            name: "the work itself".into(),
            reason: reason.clone(),
            detail: String::new(),
        })
        .collect();
    for report in record::kept_reports(repo, last)?.unwrap_or_default() {
        let text = |key: &str| report[key].as_str().unwrap_or_default().to_owned();
        if !["pass", "waiting"].contains(&text("verdict").as_str()) {
            let reason = format!("{}: {}", text("verdict"), text("reason"));
            failures.push(Failure { name: text("name"), reason, detail: text("detail") });
        }
    }
    Ok(failures)
}

fn tell(attempt: &Attempt, worked: &Worked, slug: &str, output: &Output) {
    if output.is_json() {
        let mut object = attempt_json(slug, attempt);
        object.insert("reports".into(), record::reports_json(&worked.reports, &worked.proofs));
        output.json(object);
        return;
    }
    // What passed is on the screen of `review`, which comes next; where nothing is to review, here.
    let is_next = |report: &&Report| attempt.commit.is_none() || report.verdict != Verdict::Pass;
    let shown: Vec<Report> = worked.reports.iter().filter(is_next).cloned().collect();
    for line in verdict_lines(record::reports_json(&shown, &worked.proofs).as_array(), output) {
        output.line(line);
    }
    for problem in &attempt.problems {
        output.line(format!("problem    {}", safe::line(problem)));
    }
    for path in &attempt.outside {
        output.line(format!("not taken  {}", safe::line(path)));
    }
    output.line(format!("{}  {}  {}", attempt.id, slug, attempt.counts.words()));
    match &attempt.commit {
        Some(_) => output.note(format!("next: cargo intent review {slug}")),
        None => output.note(format!("nothing to review; cargo intent build {slug} --resume goes on")),
    }
}
