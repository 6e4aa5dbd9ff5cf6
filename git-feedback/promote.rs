//! `git feedback promote`: turn an item into a fixture and an acceptance check.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use factory::operations::filing::ground;
use factory::operations::redacting::kinds;
use factory::storage::inside::Inside;
use factory::storage::repo::Repo;
use factory::storage::{fs, intents};
use factory::terminal::completing;
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use factory::terminal::safe;
use factory::types::hint::Hinted;
use factory::types::intent::{Acceptance, Anchor, Compare, Fixtures, Intent, Red, Run, edit, parse};
use factory::types::item::Item;
use factory::types::problem::Problems;
use serde_json::{Map, Value};

use crate::fixture::{Part, expected, input};
use crate::promote_intent::{self, case_name};
use crate::{candidates, promote_check, promote_draft, promote_style, store};

/// Turn an item into a check of an intent, a draft intent, or a lesson
///
/// The failing input becomes intents/SLUG/ITEM/input.*, and the intent gets a check that names
/// the item as its origin; comments and layout of the file stay. The expected output is yours to
/// write, or to give with --expected. Without an input, a `log` or `trace` becomes a bound on a signal
/// of the canary, and a `test-failure` a check that the test passes. `friction` and `toil` become a
/// draft intent of their own. An item of kind `style` becomes a lesson that agents are told; with
/// --intent it is about the paths of that intent alone.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  git feedback promote k3v9 --intent csv-to-json
  git feedback promote k3v9 --intent csv-to-json --case bom --input in.csv --expected out.json
  git feedback promote k3v9 --intent csv-to-json --run \"csv2json {input}\"
  git feedback promote k3v9 --intent api --signal error-rate --max 0.01
  git feedback promote k3v9                        friction or toil: a draft intent
  git feedback promote k3v9 --flaky                a test that fails now and then")]
pub struct Args {
    /// The id, or as much of it as is unique
    #[arg(add = candidates::open())]
    item: String,
    /// The intent that gets the check [default of friction and toil: a new one, from the title]
    #[arg(long, value_name = "SLUG", add = completing::slugs())]
    intent: Option<String>,
    /// The id of the check [default: from the title]
    #[arg(long, value_name = "NAME")]
    case: Option<String>,
    /// The failing input: the name of a piece of evidence, or a file [default: the item's]
    #[arg(long, value_name = "FILE")]
    input: Option<String>,
    /// What the command must answer; `-` reads it from standard input
    #[arg(long, value_name = "FILE")]
    expected: Option<PathBuf>,
    /// The command, where the intent has no `fixtures` check yet
    #[arg(long, value_name = "COMMAND")]
    run: Option<String>,
    /// The signal that must stay low: error-rate, latency (ms), or a name under `[signal]`
    #[arg(long, value_name = "NAME", conflicts_with_all = ["input", "run", "expected"])]
    signal: Option<String>,
    /// The most the signal may be
    #[arg(long, value_name = "N", requires = "signal")]
    max: Option<f64>,
    /// Only mark a failing test as one that fails now and then without a fault of the code
    #[arg(long, conflicts_with_all = ["intent", "case", "input", "expected", "run", "signal"])]
    flaky: bool,
}

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    let repo = store::open()?;
    let root = repo.root()?.to_owned();
    let lines = store::read(&repo)?;
    let items = store::items(&repo, &lines)?;
    let item = store::find(&items, &args.item)?;
    if args.flaky {
        return promote_check::mark_flaky(&repo, item, output);
    }
    if promote_draft::KINDS.contains(&item.kind()) && args.run.is_none() && args.input.is_none() {
        let asked = promote_draft::Asked {
            intent: args.intent.as_deref(),
            case: case_name(item, args.case.as_deref())?,
            signal: args.signal.as_deref(),
            max: args.max,
        };
        return promote_draft::run(&repo, &root, item, asked, output);
    }
    if item.kind() == promote_style::KIND {
        let asks_for_a_check = args.input.is_some() || args.expected.is_some() || args.run.is_some();
        return promote_style::run(&repo, item, args.intent.as_deref(), asks_for_a_check, output);
    }
    let Some(slug) = &args.intent else {
        return Err(Hinted::usage(format!("say which intent gets the check of {}", item.id))
            .hint(format!("git feedback promote {} --intent SLUG", item.id))
            .into());
    };
    let intent = promote_intent::named(&root, slug)?;
    let input = match args.signal {
        Some(_) => None,
        None => input(&repo, item, slug, args.input.as_deref())?,
    };
    let without_input = match (&input, &args.run) {
        (None, None) => promote_check::anchor(&root, item, &intent, args.signal.as_deref(), args.max)?,
        _ => None,
    };
    let of_test = matches!(without_input, Some(Anchor::Test { .. }));
    let expected = args.expected.as_ref().map(|path| expected(path, input.as_ref())).transpose()?;
    let folder = folder_name(item)?;
    let anchor = match without_input {
        Some(anchor) => anchor,
        None => anchor(item, &intent, args.run.as_deref(), &folder, input.as_ref())?,
    };
    promote_intent::refuse_again(&root, item, &anchor)?;
    let check = Acceptance {
        id: case_name(item, args.case.as_deref())?,
        text: Some(store::headline(item).to_owned()),
        anchor,
        red: Red::Assertion,
        origin: Some(item.id.to_owned()),
        timeout: None,
        mutant: None,
    };
    let added = edited(&root, &intent.slug, &check)?;
    without_secrets(
        &repo,
        args.run.as_deref(),
        &[("input", &input), ("expected output", &expected)],
        output,
    )?;
    let inside = format!("{}/{}/{folder}", intents::FOLDER, intent.slug);
    let parts = [("input", &input), ("expected", &expected)];
    let written = write_fixture(&root, &inside, &intent.slug, &parts)?;
    let event = store::next_event(item, "promoted")
        .with("intent", intent.slug.clone())
        .with("check", added.id.clone())
        .with("fixture", input.is_some().then_some(folder));
    let file = intents::path_of(&root, &intent.slug);
    let before = fs::read(&file)?;
    let kept =
        fs::write_atomic(&file, added.text.as_bytes()).and_then(|()| store::append(&repo, item, event));
    if let Err(error) = kept {
        // Half a promotion would refuse the next try.
        fs::write_atomic(&file, &before).with_context(|| format!("{error:#}; taking it back"))?;
        if !written.is_empty() {
            fs::remove_dir_all(&root.join(&inside)).with_context(|| format!("{error:#}; taking it back"))?;
        }
        return Err(error.context("nothing was promoted"));
    }
    tell(&intent.slug, &added.id, &written, output);
    if input.as_ref().is_some_and(|part| part.bytes.windows(10).any(|bytes| bytes == b"<redacted:")) {
        output.warn(format!("the input holds placeholders of what was redacted; look at {inside}/input.*"));
    }
    if of_test {
        output.note(format!(
            "the test is what to improve; what proves that it can fail: cargo intent check {slug} --prove"
        ));
    }
    if expected.is_none() && input.is_some() {
        output.note(format!("the expected output is yours to write: {inside}/expected.*"));
    }
    Ok(Exit::Holds)
}

/// What is written into `intents/` is committed and pushed: a certain secret in it is refused. What is
/// only likely stays, since a fixture is exact to the byte, and is said.
fn without_secrets(
    repo: &Repo,
    run: Option<&str>,
    parts: &[(&str, &Option<Part>)],
    output: &Output,
) -> Result<()> {
    let redactor = ground::of(repo)?.redactor;
    let files = parts.iter().filter_map(|(name, part)| Some((*name, part.as_ref()?.bytes.as_slice())));
    for (name, bytes) in files.chain(run.map(|run| ("command", run.as_bytes()))) {
        let found = redactor.redact_bytes(bytes).found;
        let certain: Vec<_> = found.iter().filter(|found| found.certain).cloned().collect();
        if !certain.is_empty() {
            return Err(Hinted::finding(format!(
                "the {name} holds a secret ({}); nothing was promoted",
                kinds(&certain)
            ))
            .hint("take it out of the file, or put another in its place; if it is real, revoke it")
            .into());
        }
        if !found.is_empty() {
            output.warn(format!("the {name} may hold: {}; look at it before you commit it", kinds(&found)));
        }
    }
    Ok(())
}

/// The intent file with the check in it, read again before anything is written.
pub fn edited(root: &Path, slug: &str, check: &Acceptance) -> Result<edit::Added> {
    let file = intents::file_of(slug);
    let text = fs::read_to_string(&intents::path_of(root, slug))?;
    let added = edit::add_acceptance(&file, &text, check)?;
    parse::parse(slug, &file, added.text.as_bytes()).map_err(Problems)?;
    Ok(added)
}

/// Write the parts there are; their paths within the repository.
fn write_fixture(
    root: &Path,
    inside: &str,
    slug: &str,
    parts: &[(&str, &Option<Part>)],
) -> Result<Vec<String>> {
    if parts.iter().any(|(_, part)| part.is_some()) && root.join(inside).exists() {
        return Err(Hinted::usage(format!("{inside} is there already: the item was promoted before"))
            .hint(format!("cargo intent check {slug}"))
            .into());
    }
    let repository = Inside::open(root)?;
    if let Some(linked) = repository.linked(inside) {
        return Err(Hinted::usage(linked).hint(format!("cargo intent check {slug}")).into());
    }
    let mut written = Vec::new();
    for (name, part) in parts {
        let Some(part) = part else { continue };
        let name = format!("{inside}/{name}.{}", part.extension);
        repository.write(&name, &part.bytes)?;
        written.push(name);
    }
    Ok(written)
}

pub fn tell(slug: &str, check: &str, written: &[String], output: &Output) {
    if output.is_json() {
        let mut document: Map<String, Value> = Map::new();
        document.insert("intent".into(), slug.into());
        document.insert("check".into(), check.into());
        document.insert("files".into(), written.to_vec().into());
        document.insert("next".into(), format!("cargo intent check {slug}").into());
        return output.json(document);
    }
    for name in written {
        output.line(format!("wrote {}", safe::line(name)));
    }
    output.line(format!("added the check {} to {}", safe::line(check), intents::file_of(slug)));
    output.line(format!("next: cargo intent check {slug}"));
}

/// The fixture's folder is the item's id, which came from outside: it must look like one.
fn folder_name(item: &Item<'_>) -> Result<String> {
    let tail = item.id.strip_prefix("fb-").unwrap_or_default();
    if tail.is_empty()
        || tail.len() > 40
        || !tail.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    {
        return Err(Hinted::usage(format!("{:?} is no item id that can name a folder", item.id)).into());
    }
    Ok(item.id.to_owned())
}

/// What the check hangs on: the command of the intent's fixtures, or the one given.
fn anchor(
    item: &Item<'_>,
    intent: &Intent,
    run: Option<&str>,
    folder: &str,
    input: Option<&Part>,
) -> Result<Anchor> {
    let again = format!("git feedback promote {} --intent {}", item.id, intent.slug);
    let existing = intent.acceptance.iter().find_map(|check| match &check.anchor {
        Anchor::Fixtures(fixtures) => Some(fixtures),
        _ => None,
    });
    let of_case = |command: &str, compare| {
        Anchor::Fixtures(Fixtures { command: command.to_owned(), compare, case: Some(folder.to_owned()) })
    };
    match (run, existing, input) {
        (Some(run), _, Some(_)) if run.contains("{input}") => {
            Ok(of_case(run, existing.map_or(Compare::Exact, |fixtures| fixtures.compare)))
        }
        (Some(run), _, Some(part)) => Ok(Anchor::Run(Run {
            command: run.to_owned(),
            stdin: Some(format!("{}/{}/{folder}/input.{}", intents::FOLDER, intent.slug, part.extension)),
            ..Run::default()
        })),
        (Some(run), _, None) if !run.contains("{input}") => {
            Ok(Anchor::Run(Run { command: run.to_owned(), ..Run::default() }))
        }
        (None, Some(fixtures), Some(_)) => Ok(of_case(&fixtures.command, fixtures.compare)),
        (_, _, None) => Err(Hinted::usage("the item holds no input to make a fixture of")
            .hint(format!("{again} --input FILE; or a command that shows the failure: {again} --run \"…\""))
            .into()),
        (None, None, Some(_)) => {
            Err(Hinted::usage(format!("the intent {} has no `fixtures` check to run the input", intent.slug))
                .hint(format!("say how it is run: {again} --run \"my-tool {{input}}\""))
                .into())
        }
    }
}
