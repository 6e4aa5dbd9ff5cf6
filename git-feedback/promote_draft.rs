//! `git feedback promote` of `friction` and `toil`: a draft intent, or one more check of an intent that is there.

use std::path::Path;

use anyhow::{Result, bail};
use factory::storage::repo::Repo;
use factory::storage::{config, fs, intents};
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use factory::types::hint::Hinted;
use factory::types::intent::parse::parse;
use factory::types::intent::write::written;
use factory::types::intent::{Acceptance, Anchor, Intent, Red, Scope, slug};
use factory::types::item::Item;
use factory::types::item::measures::{Expected, Worth};
use factory::types::problem::Problems;

use crate::{promote, promote_check, store};

/// The kinds that become an intent of their own.
pub const KINDS: [&str; 2] = ["friction", "toil"];

/// What the person asked for beyond the item.
pub struct Asked<'a> {
    pub intent: Option<&'a str>,
    /// The id of the check.
    pub case: String,
    pub signal: Option<&'a str>,
    pub max: Option<f64>,
}

/// A hypothesis or a chore: a draft of its own, or a check of an intent that is there.
pub fn run(repo: &Repo, root: &Path, item: &Item<'_>, asked: Asked<'_>, output: &Output) -> Result<Exit> {
    if let Some(before) = item.promotions.first() {
        return Err(Hinted::usage(format!("{} became the intent {} already", item.id, before.intent))
            .hint(format!("cargo intent show {}", before.intent))
            .into());
    }
    let slug = slug_of(item, asked.intent)?;
    let mut check = check(root, item, asked.case)?;
    let path = intents::path_of(root, &slug);
    let before = fs::read_if_there(&path)?;
    if let Some(signal) = asked.signal {
        check.anchor = promote_check::signal(root, item, &slug, signal, asked.max)?;
    }
    let (text, id) = match &before {
        Some(_) => {
            let added = promote::edited(root, &slug, &check)?;
            (added.text, added.id)
        }
        None => (draft(root, item, &slug, &check)?, check.id.clone()),
    };
    write(root, &slug, &text)?;
    let event = store::next_event(item, "promoted").with("intent", slug.clone()).with("check", id.clone());
    if let Err(error) = store::append(repo, item, event) {
        match &before {
            Some(bytes) => fs::write_atomic(&path, bytes)?,
            None => fs::remove_file(&path)?,
        }
        return Err(error.context("nothing was promoted"));
    }
    let written = if before.is_none() { vec![intents::file_of(&slug)] } else { Vec::new() };
    promote::tell(&slug, &id, &written, output);
    if item.text("expected_signal").is_none() && item.kind() == "friction" && asked.signal.is_none() {
        output.note(format!(
            "what would show that it is better is not said; a person judges it. Say it with: git feedback set {}, \
             and in {}",
            item.id,
            intents::file_of(&slug)
        ));
    }
    Ok(Exit::Holds)
}

/// The text of a new intent's file: title and outcome from the item, its measures as rationale, and the
/// check that would show it.
fn draft(root: &Path, item: &Item<'_>, slug: &str, check: &Acceptance) -> Result<String> {
    let body = item.text("body").map(str::trim).filter(|body| !body.is_empty());
    let intent = Intent {
        slug: slug.to_owned(),
        title: item.title().to_owned(),
        outcome: outcome(item),
        rationale: Some(rationale(item, body)),
        out_of_scope: Vec::new(),
        scope: Scope::default(),
        constraints: Vec::new(),
        contracts: Vec::new(),
        acceptance: vec![check.clone()],
    };
    let text = written(&intent);
    let file = intents::file_of(slug);
    parse(slug, &file, text.as_bytes()).map_err(Problems)?;
    if intents::path_of(root, slug).symlink_metadata().is_ok() {
        bail!(
            Hinted::usage(format!("{file} is there already"))
                .hint(format!("git feedback promote {} --intent {slug}", item.id))
        );
    }
    Ok(text)
}

/// Write the file of a new intent; the folder may not be there yet.
fn write(root: &Path, slug: &str, text: &str) -> Result<()> {
    fs::create_dir_all(&root.join(intents::FOLDER))?;
    fs::write_atomic(&intents::path_of(root, slug), text.as_bytes())
}

/// The intent it becomes: the one asked for, else one named after it.
fn slug_of(item: &Item<'_>, wanted: Option<&str>) -> Result<String> {
    if let Some(wanted) = wanted {
        let wanted = intents::bare(wanted);
        slug::check_slug(wanted).map_err(|why| Hinted::usage(why).hint("--intent SLUG"))?;
        return Ok(wanted.to_owned());
    }
    let words = slug::few_words(item.title()).filter(|words| slug::check_slug(words).is_ok());
    words.ok_or_else(|| {
        Hinted::usage("the title gives no name for an intent")
            .hint(format!("git feedback promote {} --intent SLUG", item.id))
            .into()
    })
}

fn outcome(item: &Item<'_>) -> String {
    match (item.kind(), item.text("expected_signal"), item.number("minutes")) {
        ("toil", _, Some(minutes)) => {
            format!("Nobody spends {minutes} minutes on it any more: {}.", item.title().trim_end_matches('.'))
        }
        (_, Some(signal), _) => format!("It is better, which shows in: {signal}."),
        _ => format!("This is no longer so: {}.", item.title().trim_end_matches('.')),
    }
}

fn rationale(item: &Item<'_>, body: Option<&str>) -> String {
    let mut lines = vec![format!("From {} ({}), seen {}×.", item.id, item.kind(), item.occurrences)];
    lines.extend(Worth::of(item).map(|worth| format!("Worth: {}.", worth.words())));
    lines.extend(body.map(str::to_owned));
    lines.join("\n")
}

/// The check that would show it: a signal where one is named and can be asked, else a person's answer.
fn check(root: &Path, item: &Item<'_>, id: String) -> Result<Acceptance> {
    let known = config::load(root)?.signals;
    let expected = item.text("expected_signal").map(Expected::read);
    let signal = expected.as_ref().and_then(|expected| {
        let (max, true) = expected.bound? else { return None };
        let name = expected.name.split_whitespace().next()?;
        let asked = name == "error-rate" || name == "latency" || known.contains_key(name);
        asked.then(|| Anchor::Signal { name: name.to_owned(), max: Some(max) })
    });
    let question = match (item.kind(), item.text("expected_signal")) {
        (_, Some(signal)) => format!("Is it so now: {signal}?"),
        ("toil", None) => format!("Is this no longer done by hand: {}?", item.title()),
        _ => format!("Is this gone: {}?", item.title()),
    };
    Ok(Acceptance {
        id,
        text: Some(item.title().to_owned()),
        anchor: signal.unwrap_or(Anchor::Inspect { question }),
        red: Red::Assertion,
        origin: Some(item.id.to_owned()),
        timeout: None,
        mutant: None,
    })
}
