//! `cargo intent approve --verify`: whether what stands in the work tree is approved, for CI.

use anyhow::Result;
use factory::operations::digest::InFolder;
use factory::storage::intents;
use factory::storage::repo::Repo;
use factory::terminal::exit::Exit;
use factory::terminal::output::{DIM, Output};
use factory::terminal::safe;
use factory::types::intent::Intent;
use factory::types::standing::Standing;
use serde_json::{Map, Value};
use unicode_width::UnicodeWidthStr;

use crate::standing::{self, Standings};

pub fn run(repo: &Repo, slugs: &[String], output: &Output) -> Result<Exit> {
    let (mut read, mut broken): (Vec<Intent>, _) = (Vec::new(), false);
    if slugs.is_empty() {
        for found in intents::all(repo.root()?)? {
            match found.read {
                Ok(parsed) => read.push(parsed.intent),
                Err(problems) => {
                    output.problems(&problems);
                    broken = true;
                }
            }
        }
    }
    for slug in slugs {
        read.push(intents::one(repo.root()?, slug)?.intent);
    }
    let files = InFolder::new(repo);
    let standings = Standings::read(repo, &files)?;
    standings.prepare(read.iter())?;
    let told: Vec<(&Intent, Standing)> =
        read.iter().map(|intent| Ok((intent, standings.of(intent)?))).collect::<Result<_>>()?;
    if output.is_json() {
        let rows: Vec<Value> = told.iter().map(|(intent, standing)| row(intent, standing)).collect();
        output.json(Map::from_iter([("intents".to_owned(), rows.into())]));
    } else {
        print(&told, output);
    }
    let worst = told.iter().map(|(_, standing)| exit(standing)).max();
    Ok(if broken { Exit::Usage } else { worst.unwrap_or(Exit::Holds) })
}

fn exit(standing: &Standing) -> Exit {
    match standing {
        Standing::Approved { .. } => Exit::Holds,
        Standing::CannotVerify(_) => Exit::Unverified,
        _ => Exit::Finding,
    }
}

fn print(told: &[(&Intent, Standing)], output: &Output) {
    if told.is_empty() {
        output.note("no intents, so nothing to verify");
    }
    let width = told.iter().map(|(intent, _)| intent.slug.width()).max().unwrap_or(0);
    for (intent, standing) in told {
        let slug = &intent.slug;
        let mut line = format!("{slug:width$}  {}", standing::painted(output, standing));
        if let Some(reason) =
            standing.reason().filter(|_| *standing != Standing::Approved { by: None, overtaken: None })
        {
            line.push_str(&format!("  {}", safe::line(&reason)));
        }
        output.line(line);
        if let Some(mend) = standing::mend(standing, slug) {
            output.note(output.paint_err(DIM, &format!("{:width$}  {}", "", safe::line(&mend))));
        }
    }
}

fn row(intent: &Intent, standing: &Standing) -> Value {
    let mut object = Map::new();
    object.insert("slug".into(), intent.slug.clone().into());
    standing::put(&mut object, standing);
    object.insert("mend".into(), standing::mend(standing, &intent.slug).into());
    object.into()
}
