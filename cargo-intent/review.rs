//! `cargo intent review`: one screen with what a person should know before they decide.

use anyhow::{Context, Result, bail};
use factory::operations::approving::{self, Approvals};
use factory::storage::repo::Repo;
use factory::terminal::completing;
use factory::terminal::exit::Exit;
use factory::terminal::output::{BAD, BOLD, Output, WAIT};
use factory::terminal::safe;
use factory::types::hint::Hinted;
use factory::types::standing::Standing;
use serde_json::{Map, Value, json};

use crate::standing::sentence;
use crate::work::record::{digest_at, kept_reports};
use crate::work::show::{attempt_json, verdict_lines};
use crate::work::waiting::{self, Edited, Waiting};

/// Show a change that waits: outcome, verdicts, files, and what only you can answer
///
/// Without a slug the one change that waits is shown, or all of them are listed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo intent review                  what waits
  cargo intent review csv2json --diff  the whole difference, in git's pager")]
pub struct Args {
    /// The intent whose change to show
    #[arg(add = completing::slugs())]
    slug: Option<String>,
    /// Show the difference itself
    #[arg(long)]
    diff: bool,
}

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    let repo = Repo::discover(&std::env::current_dir()?)?;
    let head = repo.require_head()?;
    let slug = match args.slug {
        Some(slug) => slug,
        None => match waiting::all(&repo)?.as_slice() {
            [one] if !output.is_json() || args.diff => one.clone(),
            several => return Ok(list(several, output)),
        },
    };
    let waiting = Waiting::find(&repo, &slug)?;
    if args.diff {
        return diff(&repo, &waiting);
    }
    let reports = kept_reports(&repo, &waiting.attempt)?;
    let standing = standing(&repo, &waiting)?;
    let moved = waiting.intent_moved(&repo, head)?;
    if output.is_json() {
        let mut document = document(&waiting, reports, &standing);
        document.insert("moved".into(), json!(moved));
        output.json(document);
    } else {
        screen(&waiting, reports.as_ref(), (&standing, &moved), output);
    }
    Ok(Exit::Holds)
}

fn list(slugs: &[String], output: &Output) -> Exit {
    if output.is_json() {
        output.json(Map::from_iter([("waiting".to_owned(), json!(slugs))]));
    } else if slugs.is_empty() {
        output.note("no change waits for you");
    }
    if !output.is_json() {
        for slug in slugs {
            output.line(safe::line(slug));
        }
    }
    Exit::Holds
}

/// Git shows it, in its pager on a terminal; no program of the change's choosing runs.
fn diff(repo: &Repo, waiting: &Waiting) -> Result<Exit> {
    let status = repo
        .git_command()
        .args(["diff", "--no-ext-diff", "--no-textconv", "--stat", "--patch"])
        .args([waiting.base.to_string(), waiting.commit.to_string()])
        .status()
        .context("git diff")?;
    // A pager that was left early ends git with a broken pipe, which is no error.
    if status.success() || status.code().is_none() {
        return Ok(Exit::Holds);
    }
    bail!(Hinted::outside(format!("git diff: {status}")))
}

/// How the intent it was built from stands, in a sentence.
pub fn standing(repo: &Repo, waiting: &Waiting) -> Result<String> {
    let digest = digest_at(repo, waiting.base, &waiting.intent)?;
    let policy = approving::policy(repo, Some(waiting.base))?;
    let approvals = Approvals::read(repo, Some(waiting.base), policy.require_signed)?;
    let standing = approvals.standing(&waiting.slug, &digest)?;
    let said = match &standing {
        Standing::Approved { .. } => return Ok(sentence(&standing)),
        Standing::Stale => "changed since it was approved".to_owned(),
        Standing::Never => "not approved yet".to_owned(),
        _ => sentence(&standing),
    };
    Ok(format!("{said}; accepting approves it as shown"))
}

/// `moved` says how what is wanted changed since the build.
fn screen(
    waiting: &Waiting,
    reports: Option<&Vec<Value>>,
    (standing, moved): (&str, &[String]),
    output: &Output,
) {
    let attempt = &waiting.attempt;
    output.line(output.paint(BOLD, &format!("{}: {}", waiting.slug, safe::line(&waiting.intent.title))));
    output.line(safe::line(&waiting.intent.outcome));
    output.line("");
    output.line(format!(
        "{} by {}, {} round(s) in {:.1} minutes, boundary {}, from {} to {} on intent/{}",
        attempt.id,
        safe::line(&attempt.agent),
        attempt.rounds,
        attempt.minutes,
        attempt.boundary,
        waiting.base.short(),
        waiting.commit.short(),
        waiting.slug
    ));
    output.line(format!("intent: {standing}"));
    let mut checks = verdict_lines(reports, output);
    checks.extend(attempt.problems.iter().map(|problem| format!("problem    {}", safe::line(problem))));
    if reports.is_none() {
        checks.push("the reports are not here; git feedback sync fetches them".to_owned());
    }
    section("checks", checks, output);
    let changed = |what: &String| output.paint(WAIT, &safe::line(what));
    section("changed in HEAD since the build", moved.iter().map(changed).collect(), output);
    let marked = |path: &String| output.paint(WAIT, &format!("a check hangs on {}", safe::line(path)));
    section("edited checks", waiting.edited_checks.iter().map(marked).collect(), output);
    let secret = |text: &String| output.paint(BAD, &safe::line(text));
    section("secrets", waiting.secrets.iter().map(secret).collect(), output);
    section("files", waiting.files.iter().map(file_line).collect(), output);
    section("not taken", attempt.outside.iter().map(|path| safe::line(path).into_owned()).collect(), output);
    section("yours to judge", judged(waiting), output);
    let words = attempt.rationale.iter().flat_map(|said| said.lines());
    section("the agent says", words.map(|line| safe::line(line).into_owned()).collect(), output);
    output.note(format!(
        "\nnext: cargo intent accept {0}, cargo intent review {0} --diff, or cargo intent reject {0} --because TEXT",
        waiting.slug
    ));
}

fn section(title: &str, lines: Vec<String>, output: &Output) {
    if lines.is_empty() {
        return;
    }
    output.line(format!("\n{}", output.paint(BOLD, title)));
    for line in lines {
        output.line(format!("  {line}"));
    }
}

fn file_line(file: &Edited) -> String {
    let path = safe::line(&file.path);
    match file.lines {
        Some((added, removed)) => format!("{:>6} {:>6}  {path}", format!("+{added}"), format!("-{removed}")),
        None => format!("{:>13}  {path}", "binary"),
    }
}

/// What no check answers: constraints without one, and questions.
pub fn judged(waiting: &Waiting) -> Vec<String> {
    let constraint = |(id, text): (&str, &str)| format!("constraint {id}: {}", safe::line(text));
    let question = |(id, text): (&str, &str)| format!("{id}: {}", safe::line(text));
    let constraints = waiting.unheld().into_iter().map(constraint);
    constraints.chain(waiting.questions().into_iter().map(question)).collect()
}

fn document(waiting: &Waiting, reports: Option<Vec<Value>>, standing: &str) -> Map<String, Value> {
    let mut object = attempt_json(&waiting.slug, &waiting.attempt);
    let named = |pairs: Vec<(&str, &str)>| -> Vec<Value> {
        pairs.into_iter().map(|(id, text)| json!({"id": id, "text": text})).collect()
    };
    let file = |file: &Edited| {
        json!({
            "path": file.path,
            "added": file.lines.map(|(added, _)| added),
            "removed": file.lines.map(|(_, removed)| removed),
            "edited_check": waiting.edited_checks.contains(&file.path),
        })
    };
    object.insert("title".into(), waiting.intent.title.clone().into());
    object.insert("outcome".into(), waiting.intent.outcome.clone().into());
    object.insert("standing".into(), standing.into());
    object.insert("reports".into(), reports.into());
    object.insert("files".into(), waiting.files.iter().map(file).collect::<Vec<_>>().into());
    object.insert("secrets".into(), waiting.secrets.clone().into());
    object.insert("unheld".into(), named(waiting.unheld()).into());
    object.insert("questions".into(), named(waiting.questions()).into());
    object
}
