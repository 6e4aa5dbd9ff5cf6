//! `cargo intent lesson list`: every lesson, and how often each caught something.

use std::collections::BTreeMap;

use anyhow::Result;
use factory::storage::notes;
use factory::storage::repo::Repo;
use factory::terminal::exit::Exit;
use factory::terminal::output::{DIM, Output};
use factory::terminal::safe;
use factory::types::event::in_order;
use factory::types::lesson::{Kind, Lesson};
use serde_json::{Map, Value, json};

use super::read;

/// List the lessons, how often each was needed, and how often each rule caught an agent
#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(_: &Args, output: &Output) -> Result<Exit> {
    let repo = Repo::discover(&std::env::current_dir()?)?;
    let lessons = read(repo.root()?)?;
    let fired = fired(&repo)?;
    if output.is_json() {
        let all: Vec<Value> = lessons.iter().map(|lesson| to_json(lesson, &fired)).collect();
        let mut object = Map::new();
        object.insert("lessons".into(), all.into());
        output.json(object);
        return Ok(Exit::Holds);
    }
    if lessons.is_empty() {
        output.note("no lessons yet; begin with: cargo intent lesson add \"what to do\"");
    }
    let width = lessons.iter().map(|lesson| lesson.id.len()).max().unwrap_or(0);
    for lesson in &lessons {
        let times = match (&lesson.kind, fired.get(&lesson.id).copied().unwrap_or(0)) {
            (Kind::Rule(_), times) => format!(", fired {times}×"),
            _ => String::new(),
        };
        let about = output.paint(DIM, &format!("{:<8}  {}×{times}", lesson.kind.word(), lesson.count));
        let first = lesson.text.lines().next().unwrap_or_default();
        output.line(format!("{:<width$}  {about}  {}", safe::line(&lesson.id), safe::line(first)));
    }
    Ok(Exit::Holds)
}

/// In how many attempts each lesson's rule caught something.
fn fired(repo: &Repo) -> Result<BTreeMap<String, u64>> {
    let lines = notes::read(repo, notes::INTENT)?;
    let mut times = BTreeMap::new();
    for (event, _) in in_order(&lines).into_iter().filter(|(event, _)| event.op == "attempt") {
        for id in event.texts("fired") {
            *times.entry(id.to_owned()).or_default() += 1;
        }
    }
    Ok(times)
}

fn to_json(lesson: &Lesson, fired: &BTreeMap<String, u64>) -> Value {
    let mut object = Map::new();
    object.insert("id".into(), lesson.id.clone().into());
    object.insert("kind".into(), lesson.kind.word().into());
    object.insert("text".into(), lesson.text.clone().into());
    object.insert("origin".into(), lesson.origin.clone().into());
    object.insert("count".into(), lesson.count.into());
    object.insert("scope".into(), lesson.scope.clone().into());
    match &lesson.kind {
        Kind::Fragment => {}
        Kind::Template { path } => drop(object.insert("path".into(), path.clone().into())),
        Kind::Rule(rule) => {
            let told = json!({
                "pattern": rule.pattern,
                "paths": rule.paths,
                "message": lesson.message(rule),
                "bad": rule.bad,
                "good": rule.good,
                "fired": fired.get(&lesson.id).copied().unwrap_or(0),
            });
            object.insert("rule".into(), told);
        }
    }
    Value::Object(object)
}
