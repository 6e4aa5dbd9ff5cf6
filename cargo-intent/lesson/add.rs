//! `cargo intent lesson add`: write a lesson down.

use anyhow::{Result, bail};
use factory::storage::lessons as lessons_file;
use factory::storage::notes;
use factory::storage::repo::Repo;
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use factory::types::hint::Hinted;
use factory::types::id;
use factory::types::intent::slug;
use factory::types::item::fold::fold;
use factory::types::lesson::{FILE, Kind, Lesson, edit};
use serde_json::Map;

use super::read;

/// Write down a correction that should not be needed again
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo intent lesson add \"Hand errors on; never unwrap outside tests\" --scope 'src/**'
  cargo intent lesson add \"Begin notes here\" --template templates/note.md --scope 'notes/**'
  cargo intent lesson add \"Name the file in every I/O error\" --origin fb-k3v9q2m7xw

Make a rule of it with: cargo intent lesson promote ID --pattern …")]
pub struct Args {
    /// What to do, as you would tell it
    text: String,
    /// What to call it [default: from the text]
    #[arg(long)]
    id: Option<String>,
    /// The paths it is about [default: all]
    #[arg(long, value_name = "GLOB")]
    scope: Vec<String>,
    /// The feedback item it came from, or as much of its id as is unique
    #[arg(long, value_name = "ITEM")]
    origin: Option<String>,
    /// How often it was corrected so far [default: how often the item was seen, else 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    count: Option<u32>,
    /// The file that new work starts from
    #[arg(long, value_name = "FILE")]
    template: Option<String>,
}

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    let repo = Repo::discover(&std::env::current_dir()?)?;
    let root = repo.root()?;
    let known = read(root)?;
    let same = |lesson: &&Lesson| lesson.text.trim() == args.text.trim();
    if let Some(lesson) = known.iter().find(same) {
        bail!(
            Hinted::usage(format!("the lesson {} says this already", lesson.id))
                .hint("cargo intent lesson list")
        );
    }
    if let Some(path) = args.template.as_ref().filter(|path| !root.join(path).is_file()) {
        bail!(Hinted::usage(format!("{path} is no file of the repository")).hint("write the template first"));
    }
    let origin = args.origin.as_deref().map(|prefix| origin(&repo, prefix)).transpose()?;
    let (origin, seen) = origin.map_or((None, 1), |(item, seen)| (Some(item), seen));
    let lesson = Lesson {
        id: lesson_id(args.id, &args.text)?,
        text: args.text,
        kind: args.template.map_or(Kind::Fragment, |path| Kind::Template { path }),
        origin,
        count: args.count.unwrap_or(seen),
        scope: args.scope,
    };
    let added = edit::add(&lessons_file::text(root)?, &lesson)?;
    lessons_file::write(root, &added.text)?;
    if output.is_json() {
        let mut object = Map::new();
        object.insert("id".into(), added.id.into());
        object.insert("kind".into(), lesson.kind.word().into());
        object.insert("count".into(), lesson.count.into());
        object.insert("file".into(), FILE.into());
        output.json(object);
    } else {
        output.line(format!("added {} to {FILE}", added.id));
        output.note(format!("next: git add {FILE} && git commit; agents are told what is committed"));
    }
    Ok(Exit::Holds)
}

/// A few words of the text, or what was asked for.
fn lesson_id(wanted: Option<String>, text: &str) -> Result<String> {
    if let Some(wanted) = wanted {
        slug::check_id(&wanted).map_err(Hinted::usage)?;
        return Ok(wanted);
    }
    slug::few_words(text).ok_or_else(|| {
        Hinted::usage("no id can be made of the text").hint("say one: --id a-short-name").into()
    })
}

/// The item's whole id, and how often it was seen.
fn origin(repo: &Repo, prefix: &str) -> Result<(String, u32)> {
    let lines = notes::read(repo, notes::FEEDBACK)?;
    let items = fold(&lines, id::now_ms());
    match items.matching(prefix).as_slice() {
        [item] => Ok((item.id.to_owned(), u32::try_from(item.occurrences).unwrap_or(u32::MAX).max(1))),
        [] => Err(Hinted::usage(format!("no item {prefix}")).hint("git feedback list").into()),
        several => {
            let ids: Vec<&str> = several.iter().map(|item| item.id).collect();
            Err(Hinted::usage(format!("{prefix} names several items: {}", ids.join(", "))).into())
        }
    }
}
