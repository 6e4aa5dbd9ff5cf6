//! `cargo intent list`: one line for each intent.

use anyhow::Result;
use factory::operations::digest::InFolder;
use factory::storage::intents::{self, Found};
use factory::storage::repo::Repo;
use factory::terminal::exit::Exit;
use factory::terminal::output::{BAD, Output};
use factory::terminal::safe;
use factory::types::intent::Intent;
use factory::types::problem::Problem;
use factory::types::standing::Standing;
use serde_json::{Map, Value, json};
use unicode_width::UnicodeWidthStr;

use crate::standing::{Standings, label, painted, put, tell_unverified};

/// List the intents, with how each stands
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo intent list
  cargo intent list --format json

Each line has the name, the title, the number of checks, and whether a person approved it: \
approved, stale (what it demands has changed since), unapproved, revoked, tampered, by an unknown \
signer, or not verified. A file that cannot be read is listed as broken, and the command ends with 2.")]
pub struct Args {}

/// What follows a title, without how it stands: two spaces, `123 checks`, two spaces.
const END_WIDTH: usize = 2 + 10 + 2;

/// On a narrow terminal lines wrap rather than hide what an intent is about.
const LEAST_TITLE: usize = 20;

const BROKEN: &str = "broken:";

/// One line of the list.
enum Row {
    Read { intent: Box<Intent>, standing: Standing },
    Broken { slug: String, problems: Vec<Problem> },
}

pub fn run(_args: Args, output: &Output) -> Result<Exit> {
    let repo = Repo::discover(&std::env::current_dir()?)?;
    let found = intents::all(repo.root()?)?;
    let files = InFolder::new(&repo);
    let standings = Standings::read(&repo, &files)?;
    standings.prepare(found.iter().filter_map(|found| Some(&found.read.as_ref().ok()?.intent)))?;
    let rows = found.into_iter().map(|found| row(found, &standings)).collect::<Result<Vec<Row>>>()?;
    if output.is_json() {
        let mut document = Map::new();
        document.insert("intents".into(), rows.iter().map(to_json).collect::<Vec<Value>>().into());
        output.json(document);
    } else {
        print(&rows, output);
    }
    let standings = rows.iter().filter_map(|row| match row {
        Row::Read { standing, .. } => Some(standing),
        Row::Broken { .. } => None,
    });
    tell_unverified(standings, output);
    for row in &rows {
        if let Row::Broken { problems, .. } = row {
            output.problems(problems);
        }
    }
    let broken = rows.iter().any(|row| matches!(row, Row::Broken { .. }));
    Ok(if broken { Exit::Usage } else { Exit::Holds })
}

fn row(found: Found, standings: &Standings) -> Result<Row> {
    Ok(match found.read {
        Ok(parsed) => {
            let standing = standings.of(&parsed.intent)?;
            Row::Read { intent: Box::new(parsed.intent), standing }
        }
        Err(problems) => Row::Broken { slug: found.slug, problems },
    })
}

fn print(rows: &[Row], output: &Output) {
    if rows.is_empty() {
        output.note("no intents yet; begin with: cargo intent new <slug> --title \"what you want\"");
        return;
    }
    let slug_width = rows.iter().map(|row| slug(row).width()).max().unwrap_or(0);
    let columns = output.width().unwrap_or(usize::MAX);
    let left = |end: usize| columns.saturating_sub(slug_width + 2 + end).max(LEAST_TITLE);
    let shortened = |row: &Row| {
        let end = match row {
            Row::Read { standing, .. } => END_WIDTH + label(standing).len(),
            Row::Broken { .. } => BROKEN.len() + 1,
        };
        safe::cut(&title(row), left(end)).into_owned()
    };
    let titles: Vec<String> = rows.iter().map(shortened).collect();
    let read = rows.iter().zip(&titles).filter(|(row, _)| matches!(row, Row::Read { .. }));
    let title_width = read.map(|(_, title)| title.width()).max().unwrap_or(0);
    let mut text = String::new();
    for (row, title) in rows.iter().zip(&titles) {
        let slug = padded(&slug(row), slug_width);
        let end = match row {
            Row::Read { intent, standing } => {
                let title = padded(title, title_width);
                let count = intent.acceptance.len();
                let checks = if count == 1 { " check " } else { " checks" };
                format!("{title}  {count:>3}{checks}  {}", painted(output, standing))
            }
            Row::Broken { .. } => format!("{} {title}", output.paint(BAD, BROKEN)),
        };
        text.push_str(&format!("{slug}  {end}\n"));
    }
    output.raw(text.as_bytes());
}

fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

fn slug(row: &Row) -> String {
    match row {
        Row::Read { intent, .. } => intent.slug.clone(),
        Row::Broken { slug, .. } => safe::line(slug).into_owned(),
    }
}

fn title(row: &Row) -> String {
    match row {
        Row::Read { intent, .. } => safe::line(&intent.title).into_owned(),
        Row::Broken { problems, .. } => {
            let first = problems.first().map(|problem| {
                let more = if problems.len() > 1 {
                    format!(" (and {} more)", problems.len() - 1)
                } else {
                    String::new()
                };
                format!("line {}: {}{more}", problem.line(), problem.message)
            });
            safe::line(&first.unwrap_or_default()).into_owned()
        }
    }
}

fn to_json(row: &Row) -> Value {
    match row {
        Row::Read { intent, standing } => {
            let mut object = Map::new();
            object.insert("slug".into(), intent.slug.clone().into());
            object.insert("title".into(), intent.title.clone().into());
            object.insert("checks".into(), intent.acceptance.len().into());
            put(&mut object, standing);
            object.into()
        }
        Row::Broken { slug, problems } => json!({
            "slug": slug,
            "problems": problems.iter().map(Problem::to_json).collect::<Vec<Value>>(),
        }),
    }
}
