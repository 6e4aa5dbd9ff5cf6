//! `cargo intent new`: write the file of a new intent.

use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail};
use factory::storage::intents::{file_of, path_of};
use factory::storage::repo::Repo;
use factory::storage::{editor, fs};
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use factory::terminal::safe;
use factory::types::hint::Hinted;
use factory::types::intent::edit::fresh;
use factory::types::intent::parse::parse;
use factory::types::intent::schema;
use factory::types::intent::slug::{check_slug, suggest};
use factory::types::problem::Problems;
use serde_json::Map;

/// What stands for an outcome nobody has said yet.
pub const UNSAID: &str = "To be said: what is true when this is done, in one or two sentences.";

/// The longest title taken from a text.
const TITLE_CHARS: usize = 80;

/// Write down a new intent
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo intent new csv2json --title \"Turn CSV exports into JSON\"
  cargo intent new csv2json --from memo.txt
  pbpaste | cargo intent new csv2json --from -

The whole text of --from is kept as the rationale; its first line is the title unless --title \
says otherwise. On a terminal the file is opened in $VISUAL or $EDITOR, unless --from or \
--outcome is given.")]
pub struct Args {
    /// Its name: lowercase letters, digits and hyphens
    pub slug: String,
    /// What is wanted, in one line
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// What is true when it is done
    #[arg(long, value_name = "TEXT")]
    pub outcome: Option<String>,
    /// Take the raw text of a file, or of standard input with -
    #[arg(long, value_name = "FILE")]
    pub from: Option<String>,
    /// Open the file in the editor, also with --from or --outcome
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
    let root = repo.root()?;
    let path = path_of(root, &args.slug);
    let file = file_of(&args.slug);
    if path.symlink_metadata().is_ok() {
        bail!(
            Hinted::usage(format!("{file} is there already"))
                .hint(format!("edit it, or: cargo intent show {}", args.slug))
        );
    }
    let raw = args.from.as_deref().map(raw_text).transpose()?;
    let title = args.title.clone().unwrap_or_else(|| title_of(raw.as_deref(), &args.slug));
    let said = raw.as_deref().and_then(first_paragraph);
    let outcome = args.outcome.clone().or(said).unwrap_or_else(|| UNSAID.to_owned());
    let mut text = fresh(title.trim(), outcome.trim(), raw.as_deref());
    if root.join(schema::FILE).is_file() {
        text.insert_str(0, schema::COMMENT);
    }
    parse(&args.slug, &file, text.as_bytes()).map_err(Problems)?;
    write_new(&path, &text)?;
    if args.edit || (args.from.is_none() && args.outcome.is_none()) {
        edit(&repo, &path, args.edit)?;
        parse(&args.slug, &file, &fs::read(&path)?).map_err(Problems)?;
    }
    tell(&args.slug, &file, output);
    Ok(Exit::Holds)
}

fn tell(slug: &str, file: &str, output: &Output) {
    if output.is_json() {
        let mut document = Map::new();
        document.insert("slug".into(), slug.into());
        document.insert("file".into(), file.into());
        output.json(document);
        return;
    }
    output.line(file);
    output.note(format!("next: say how one will know, in {file}, then: cargo intent check {slug}"));
}

fn raw_text(from: &str) -> Result<String> {
    let bytes = if from == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).context("standard input")?;
        bytes
    } else {
        std::fs::read(from).map_err(|error| {
            anyhow::Error::from(error).context(Hinted::usage(format!("cannot read {}", safe::line(from))))
        })?
    };
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].split(|byte| *byte == b'\n').count();
        Hinted::usage(format!("line {line} of the text is not UTF-8")).hint("save it as UTF-8")
    })?;
    if text.trim().is_empty() {
        bail!(Hinted::usage("the text is empty").hint("give a file with words in it, or --title"));
    }
    Ok(text.to_owned())
}

/// The first line of the text that says something, else the slug's own words.
fn title_of(raw: Option<&str>, slug: &str) -> String {
    let first = raw.and_then(|raw| raw.lines().map(heading).find(|line| !line.is_empty()));
    if let Some(line) = first {
        let clean = safe::line(line).into_owned();
        if clean.chars().count() <= TITLE_CHARS {
            return clean;
        }
        return clean.chars().take(TITLE_CHARS - 1).chain(['…']).collect();
    }
    let words = slug.replace('-', " ");
    let mut letters = words.chars();
    letters.next().map_or(words.clone(), |first| first.to_uppercase().chain(letters).collect())
}

fn heading(line: &str) -> &str {
    line.trim().trim_start_matches('#').trim()
}

/// The first paragraph that is no heading, on one line.
fn first_paragraph(raw: &str) -> Option<String> {
    let lines = raw.lines().map(str::trim).skip_while(|line| line.is_empty() || line.starts_with('#'));
    let words: Vec<&str> =
        lines.take_while(|line| !line.is_empty()).flat_map(str::split_whitespace).collect();
    (!words.is_empty()).then(|| safe::line(&words.join(" ")).into_owned())
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
