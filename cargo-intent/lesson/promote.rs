//! `cargo intent lesson promote`: make a rule of a lesson.

use anyhow::{Result, bail};
use factory::operations::lessons;
use factory::storage::lessons as lessons_file;
use factory::storage::repo::Repo;
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use factory::terminal::safe;
use factory::types::hint::Hinted;
use factory::types::lesson::rule::Compiled;
use factory::types::lesson::{FILE, Kind, Lesson, Rule, edit};
use factory::types::toml::nearest;
use serde_json::Map;

use super::read;

/// Make a rule of a lesson, so that `check` and `ship` hold it
///
/// The pattern is a regular expression, held against each line of the files the paths name. It must
/// catch every bad example and let every good one pass, or it is refused.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo intent lesson promote hand-errors-on --pattern '\\.unwrap\\(\\)' --paths 'src/**/*.rs' \\
      --bad 'x.unwrap()' --good 'x?' --message 'hand the error on'")]
pub struct Args {
    /// The lesson
    id: String,
    /// What no line may match
    #[arg(long, value_name = "REGEX")]
    pattern: String,
    /// The files it is held against
    #[arg(long, value_name = "GLOB", required = true)]
    paths: Vec<String>,
    /// A text it must catch
    #[arg(long, value_name = "TEXT", required = true, allow_hyphen_values = true)]
    bad: Vec<String>,
    /// A text it must let pass
    #[arg(long, value_name = "TEXT", required = true, allow_hyphen_values = true)]
    good: Vec<String>,
    /// What is said where it matches [default: the lesson's text]
    #[arg(long)]
    message: Option<String>,
}

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    let repo = Repo::discover(&std::env::current_dir()?)?;
    let root = repo.root()?;
    let known = read(root)?;
    let lesson = find(&known, &args.id)?;
    let rule = Rule {
        pattern: args.pattern,
        paths: args.paths,
        message: args.message,
        bad: args.bad,
        good: args.good,
    };
    let compiled = Compiled::of(&rule).map_err(Hinted::usage)?;
    if let Some(why) = compiled.examples_against(&rule) {
        bail!(Hinted::usage(format!("no rule was made: {why}")).hint("change --pattern, or the example"));
    }
    lessons_file::write(root, &edit::promote(&lessons_file::text(root)?, &lesson.id, &rule)?)?;
    let made = Lesson { kind: Kind::Rule(rule), ..lesson.clone() };
    let reports = lessons::check(root, &[made], None)?;
    let found = lessons::fired(&reports).next().is_some();
    let reason = reports.first().map(|report| report.reason.clone()).unwrap_or_default();
    if output.is_json() {
        let mut object = Map::new();
        object.insert("id".into(), lesson.id.clone().into());
        object.insert("kind".into(), "rule".into());
        object.insert("file".into(), FILE.into());
        object.insert("matches".into(), found.into());
        object.insert("reason".into(), reason.into());
        output.json(object);
        return Ok(Exit::Holds);
    }
    output.line(format!("{} is a rule now, and no longer in briefs", lesson.id));
    match found {
        true => output.note(format!("it catches already: {}", safe::line(&reason))),
        false if !reason.is_empty() => output.note(safe::line(&reason)),
        false => {}
    }
    Ok(Exit::Holds)
}

fn find<'l>(known: &'l [Lesson], id: &str) -> Result<&'l Lesson> {
    let Some(lesson) = known.iter().find(|lesson| lesson.id == id) else {
        let error = Hinted::usage(format!("no lesson is called {id:?}"));
        let near = nearest(id, known.iter().map(|lesson| lesson.id.as_str()));
        let hint =
            near.map_or("cargo intent lesson list".to_owned(), |near| format!("did you mean `{near}`?"));
        bail!(error.hint(hint));
    };
    match &lesson.kind {
        Kind::Fragment => Ok(lesson),
        Kind::Rule(_) => {
            bail!(Hinted::usage(format!("{id} is a rule already")).hint(format!("edit it in {FILE}")))
        }
        Kind::Template { .. } => {
            bail!(
                Hinted::usage(format!("{id} is a template; only a fragment becomes a rule"))
                    .hint("cargo intent lesson add")
            )
        }
    }
}
