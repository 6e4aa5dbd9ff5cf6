//! `cargo intent new`: write the file of a new intent.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use factory::storage::intents::{FOLDER, file_of, path_of};
use factory::storage::repo::Repo;
use factory::storage::{config, editor, fs};
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use factory::terminal::safe;
use factory::types::config::Config;
use factory::types::hint::Hinted;
use factory::types::intent::Intent;
use factory::types::intent::parse::parse;
use factory::types::intent::schema;
use factory::types::intent::slug::{check_slug, suggest};
use factory::types::intent::write::written;
use factory::types::problem::Problems;
use serde_json::Map;

use crate::capture::input::{self, Raw};
use crate::capture::{Captured, Example, Said, capture, started, waiting, without_text};
use crate::drafting::{self, Drafted};

pub use crate::capture::UNSAID;

/// Write down a new intent
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo intent new csv2json --title \"Turn CSV exports into JSON\"
  cargo intent new csv2json --from memo.txt
  pbpaste | cargo intent new csv2json --from -
  cargo intent new login --from openspec/specs/auth/spec.md
  cargo intent new csv2json --voice memo.wav
  cargo intent new csv2json --voice                records until you press Enter
  cargo intent new csv2json --from memo.txt --draft

Of a text with --from, sentences that bound become constraints, scenarios, checklists and WHEN … \
SHALL … become checks; Markdown, an issue's text, Gherkin, and the files of OpenSpec, spec-kit and \
Kiro are known. Every word that finds no place of its own is kept in `rationale`. On a terminal \
the file is opened in $VISUAL or $EDITOR, unless --from, --voice or --outcome is given.")]
pub struct Args {
    /// Its name: lowercase letters, digits and hyphens
    pub slug: String,
    /// What is wanted, in one line
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// What is true when it is done
    #[arg(long, value_name = "TEXT")]
    pub outcome: Option<String>,
    /// Make it of the raw text of a file, or of standard input with -
    #[arg(long, value_name = "FILE")]
    pub from: Option<String>,
    /// Make it of what is said in a recording; without FILE, record now
    #[arg(long, value_name = "FILE", num_args = 0..=1, conflicts_with = "from")]
    pub voice: Option<Option<PathBuf>>,
    /// Let an agent propose a better one, to accept or leave
    #[arg(long)]
    pub draft: bool,
    /// The agent of --draft: a name from factory.toml or a known CLI
    #[arg(long, value_name = "NAME", requires = "draft")]
    pub agent: Option<String>,
    /// Open the file in the editor, also with --from, --voice or --outcome
    #[arg(long)]
    pub edit: bool,
}

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    if let Err(message) = check_slug(&args.slug) {
        let error = Hinted::usage(message);
        let hint = suggest(&args.slug)
            .map_or("choose another name".into(), |slug| format!("cargo intent new {slug}"));
        bail!(error.hint(hint));
    }
    let repo = Repo::discover(&std::env::current_dir()?)?;
    let root = repo.root()?.to_owned();
    let path = path_of(&root, &args.slug);
    let file = file_of(&args.slug);
    if path.symlink_metadata().is_ok() {
        bail!(
            Hinted::usage(format!("{file} is there already"))
                .hint(format!("edit it, or: cargo intent show {}", args.slug))
        );
    }
    // Read only where it matters: a broken configuration is no reason not to write an intent down.
    let needs_settings = args.draft || args.voice.is_some();
    let settings = if needs_settings { config::load(&root)? } else { Config::default() };
    let raw = raw(&args, &repo, &settings, output)?;
    let made = make(&args, raw.as_ref());
    let mut text = written(&made.intent);
    if root.join(schema::FILE).is_file() {
        text.insert_str(0, schema::COMMENT);
    }
    parse(&args.slug, &file, text.as_bytes()).map_err(Problems)?;
    let mut told = Told { slug: &args.slug, file: &file, made: &made, raw: raw.as_ref(), proposal: None };
    let (text, exit) = match args.draft {
        false => (text, Exit::Holds),
        true => {
            let words = raw.as_ref().map_or(made.intent.outcome.as_str(), |raw| raw.text.as_str());
            let draft = (&made.intent, text.as_str());
            let drafted = drafting::run(&repo, &settings.agent, args.agent.as_deref(), draft, words, output)?;
            match drafted {
                Drafted::Write(text, exit) => (text, exit),
                Drafted::Kept(proposal) => {
                    told.proposal = Some(proposal);
                    tell(&told, output);
                    return Ok(Exit::Unverified);
                }
            }
        }
    };
    write_examples(&root, &args.slug, &made.examples)?;
    write_new(&path, &text)?;
    if args.edit || (raw.is_none() && args.outcome.is_none()) {
        edit(&repo, &path, args.edit)?;
    }
    let now = parse(&args.slug, &file, &fs::read(&path)?).map_err(Problems)?.intent;
    let made = Captured { intent: now, ..made.clone() };
    tell(&Told { made: &made, ..told }, output);
    Ok(exit)
}

fn raw(args: &Args, repo: &Repo, settings: &Config, output: &Output) -> Result<Option<Raw>> {
    if let Some(recording) = &args.voice {
        let transcriber = settings.capture.transcriber.as_deref();
        return input::speech(repo, &args.slug, recording.as_deref(), transcriber, output).map(Some);
    }
    args.from.as_deref().map(input::text).transpose()
}

fn make(args: &Args, raw: Option<&Raw>) -> Captured {
    let said = Said {
        slug: args.slug.clone(),
        title: args.title.clone(),
        outcome: args.outcome.clone(),
        // A transcriber mishears; what it heard stays readable as it was heard.
        whole: raw.is_some_and(|raw| raw.heard.is_some()),
    };
    match raw {
        Some(raw) => capture(raw.name.as_deref(), &raw.text, &said),
        None => without_text(&said),
    }
}

/// The result, for the person or the program that asked.
struct Told<'a> {
    slug: &'a str,
    file: &'a str,
    made: &'a Captured,
    raw: Option<&'a Raw>,
    proposal: Option<PathBuf>,
}

fn tell(told: &Told, output: &Output) {
    let intent = &told.made.intent;
    let waits = waiting(intent);
    if output.is_json() {
        output.json(document(told, waits));
        return;
    }
    if let Some(proposal) = &told.proposal {
        output.line(proposal.display().to_string());
        let place = safe::line(told.file).into_owned();
        output.note(format!("nothing was written; to take the proposal: cp {} {place}", proposal.display()));
        return;
    }
    output.line(told.file);
    if let Some(remark) = &told.made.remark {
        output.warn(safe::line(remark));
    }
    if let Some((recording, by)) = told.raw.and_then(|raw| raw.heard.as_ref()) {
        output.note(format!("heard by {by} in {}; read it over", recording.display()));
    }
    if told.raw.is_some() {
        output.note(counted(intent, told.made));
    }
    for command in started(intent) {
        output.note(format!("check will start: {}", safe::line(command)));
    }
    output.note(next(told.slug, told.file, intent, waits));
}

fn next(slug: &str, file: &str, intent: &Intent, waits: usize) -> String {
    if waits > 0 {
        let checks = if waits == 1 { "1 check waits" } else { &format!("{waits} checks wait") };
        return format!(
            "{checks} for a person's answer; next: put `run`, `test` or `fixtures` in place of `inspect` in \
{file}, then: cargo intent check {slug}"
        );
    }
    match intent.acceptance.is_empty() {
        true => format!("next: say how one will know, in {file}, then: cargo intent check {slug}"),
        false => format!("next: cargo intent check {slug}"),
    }
}

fn counted(intent: &Intent, made: &Captured) -> String {
    let count = |count: usize, one: &str| match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {one}s"),
    };
    let rest = intent.rationale.as_deref().map_or(0, |text| text.lines().count());
    let mut parts =
        vec![count(intent.constraints.len(), "constraint"), count(intent.acceptance.len(), "check")];
    if !made.examples.is_empty() {
        parts.push(count(made.examples.len(), "example"));
    }
    parts.push(format!("{} kept as rationale", count(rest, "line")));
    format!("read as {}: {}", made.format.word(), parts.join(", "))
}

fn document(told: &Told, waits: usize) -> Map<String, serde_json::Value> {
    let intent = &told.made.intent;
    let mut document = Map::new();
    document.insert("slug".into(), told.slug.into());
    document.insert("file".into(), told.file.into());
    if let Some(raw) = told.raw {
        document.insert("format".into(), told.made.format.word().into());
        if let Some((recording, by)) = &raw.heard {
            document.insert("recording".into(), recording.display().to_string().into());
            document.insert("transcriber".into(), by.as_str().into());
        }
    }
    document.insert("constraints".into(), intent.constraints.len().into());
    document.insert("acceptance".into(), intent.acceptance.len().into());
    document.insert("waiting".into(), waits.into());
    document.insert("commands".into(), started(intent).into());
    let cases: Vec<&str> = told.made.examples.iter().map(|example| example.case.as_str()).collect();
    document.insert("examples".into(), cases.into());
    document.insert("remark".into(), told.made.remark.clone().into());
    document.insert("written".into(), told.proposal.is_none().into());
    if let Some(proposal) = &told.proposal {
        document.insert("proposal".into(), proposal.display().to_string().into());
    }
    document
}

/// The fixture folders; one that is there already is somebody's.
fn write_examples(root: &Path, slug: &str, examples: &[Example]) -> Result<()> {
    let folder = root.join(FOLDER).join(slug);
    let taken = examples.iter().map(|example| folder.join(&example.case)).find(|case| case.exists());
    if let Some(case) = taken {
        bail!(
            Hinted::usage(format!("{} is there already", case.display()))
                .hint("move it away, or choose another name for the intent")
        );
    }
    for example in examples {
        let case = folder.join(&example.case);
        fs::create_dir_all(&case)?;
        for (name, content) in &example.files {
            fs::write(&case.join(name), content)?;
        }
    }
    Ok(())
}

/// Write the file only if nobody wrote one meanwhile.
fn write_new(path: &Path, text: &str) -> Result<()> {
    use std::io::Write;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .with_context(|| format!("cannot write {}", path.display()))?;
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))
}

/// Open the person's editor, on a terminal only.
fn edit(repo: &Repo, path: &Path, asked: bool) -> Result<()> {
    if !Output::is_interactive() {
        if asked {
            bail!(Hinted::usage("--edit needs a terminal").hint(format!("edit {}", path.display())));
        }
        return Ok(());
    }
    editor::open(repo, path, &format!("the file is kept; edit {}", path.display()))
}
