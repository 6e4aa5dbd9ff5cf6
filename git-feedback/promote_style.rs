//! `git feedback promote` of a `style` item: a lesson that agents are told.

use anyhow::{Result, bail};
use factory::storage::repo::Repo;
use factory::storage::{fs, lessons};
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use factory::terminal::safe;
use factory::types::hint::Hinted;
use factory::types::intent::slug;
use factory::types::item::Item;
use factory::types::lesson::{FILE, Kind, Lesson, edit};
use factory::types::problem::Problems;
use serde_json::Map;

use crate::{promote_intent, store};

/// The kind of items that become lessons.
pub const KIND: &str = "style";

pub fn run(
    repo: &Repo,
    item: &Item<'_>,
    intent: Option<&str>,
    asks_for_a_check: bool,
    output: &Output,
) -> Result<Exit> {
    if asks_for_a_check {
        bail!(
            Hinted::usage("a style item becomes a lesson, which has no input, output or command")
                .hint(format!("git feedback promote {}", item.id))
        );
    }
    let root = repo.root()?;
    let known = lessons::all(root)?.map_err(Problems)?;
    if let Some(lesson) = known.iter().find(|lesson| lesson.origin.as_deref() == Some(item.id)) {
        bail!(
            Hinted::usage(format!("{} is the lesson {} already", item.id, lesson.id))
                .hint("cargo intent lesson list")
        );
    }
    let scope = intent.map(|slug| promote_intent::named(root, slug)).transpose()?;
    let lesson = Lesson {
        id: slug::few_words(item.title()).unwrap_or_else(|| item.id.to_owned()),
        text: words(item),
        kind: Kind::Fragment,
        origin: Some(item.id.to_owned()),
        count: u32::try_from(item.occurrences).unwrap_or(u32::MAX).max(1),
        scope: scope.map(|intent| intent.scope.write).unwrap_or_default(),
    };
    let before = fs::read_if_there(&root.join(FILE))?;
    let added = edit::add(&lessons::text(root)?, &lesson)?;
    lessons::write(root, &added.text)?;
    let event = store::next_event(item, "promoted").with("lesson", added.id.clone());
    if let Err(error) = store::append(repo, item, event) {
        // Half a promotion would refuse the next try.
        match before {
            Some(bytes) => fs::write_atomic(&root.join(FILE), &bytes)?,
            None => fs::remove_file(&root.join(FILE))?,
        }
        return Err(error.context("nothing was promoted"));
    }
    let rule = format!("cargo intent lesson promote {} --pattern …", added.id);
    if output.is_json() {
        let mut document = Map::new();
        document.insert("lesson".into(), added.id.into());
        document.insert("files".into(), vec![FILE].into());
        document.insert("next".into(), rule.into());
        output.json(document);
    } else {
        output.line(format!("added the lesson {} to {FILE}", safe::line(&added.id)));
        output.note(format!("agents are told once it is committed; a rule of it: {rule}"));
    }
    Ok(Exit::Holds)
}

/// The title, and what was written below it.
fn words(item: &Item<'_>) -> String {
    match item.text("body").map(str::trim).filter(|body| !body.is_empty()) {
        Some(body) => format!("{}\n{body}", item.title()),
        None => item.title().to_owned(),
    }
}
