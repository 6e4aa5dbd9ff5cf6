//! `git feedback add`: write down what happened, with evidence.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::builder::PossibleValuesParser;
use factory::operations::filing::attachment::Attachment;
use factory::operations::filing::{self, Certain, NewItem, Plan, ground};
use factory::operations::redacting::{Redactor, kinds};
use factory::storage::evidence::MAX_BYTES;
use factory::storage::fs;
use factory::storage::repo::Repo;
use factory::terminal::completing;
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use factory::terminal::safe;
use factory::types::hint::Hinted;
use factory::types::item::{KINDS, SEVERITIES};
use serde_json::{Map, Value, json};

use crate::editor::Written;
use crate::store;

/// Write down what happened
///
/// The first line is the title, the rest the body. Without words the text is read from standard
/// input, or from $EDITOR on a terminal. Keys, tokens, addresses and the like are replaced before
/// anything is written; what is certainly a secret is refused unless --redact is given.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  git feedback add \"a row with a byte-order mark is refused\" --attach export.csv
  git feedback add --kind toil \"renaming the export by hand, 5 minutes, each Monday\"
  journalctl -u orders | tail -50 | git feedback add --severity fatal
  git feedback add \"login fails\" --attach trace.txt --dry-run")]
pub struct Args {
    /// What happened
    words: Vec<String>,
    /// What kind of thing was learned [default: incident]
    #[arg(long, value_parser = PossibleValuesParser::new(KINDS), value_name = "KIND")]
    kind: Option<String>,
    /// How bad it is [default: error]
    #[arg(long, value_parser = PossibleValuesParser::new(SEVERITIES), value_name = "SEVERITY")]
    severity: Option<String>,
    /// The release it was seen in [default: the newest promoted one in HEAD's history]
    #[arg(long, add = completing::release_ids())]
    release: Option<String>,
    /// A file to keep as evidence; may be given several times
    #[arg(long, value_name = "FILE")]
    attach: Vec<PathBuf>,
    /// The title, in place of the first line
    #[arg(long)]
    title: Option<String>,
    /// The body, in place of the other lines
    #[arg(long)]
    body: Option<String>,
    /// Write what is certainly a secret with the secret replaced, instead of refusing it
    #[arg(long)]
    redact: bool,
    /// Show the exact bytes that would be written
    #[arg(long)]
    dry_run: bool,
}

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    let repo = store::open()?;
    repo.require_head()?;
    let ground = ground::of(&repo)?;
    if !ground.unknown.is_empty() {
        let names = ground.unknown.join(", ");
        output.detail(format!("not looked for, since a command gives the value: {}", safe::line(&names)));
    }
    let attachments = args.attach.iter().map(|path| attachment(path)).collect::<Result<_>>()?;
    let written = asked(&args).then(|| Written::ask(&repo)).transpose()?;
    let (title, body) = told(&args, written.as_ref())?;
    let new = NewItem {
        kind: args.kind.unwrap_or_default(),
        severity: args.severity.unwrap_or_default(),
        title,
        body,
        release: args.release,
        attachments,
        ..NewItem::default()
    };
    let certain = if args.redact { Certain::Redact } else { Certain::Refuse };
    let filed = file(&repo, &ground.redactor, new, certain, args.dry_run);
    let done = filed.is_ok() && !args.dry_run;
    match written {
        Some(written) if done => written.filed()?,
        Some(written) => output.note(safe::line(&written.kept())),
        None => {}
    }
    let plan = filed?;
    if args.dry_run {
        show_bytes(&plan, output);
    } else {
        say_written(&plan, output);
    }
    say_replaced(&plan, output);
    Ok(Exit::Holds)
}

fn file(repo: &Repo, redactor: &Redactor, new: NewItem, certain: Certain, dry_run: bool) -> Result<Plan> {
    let plan = filing::plan(repo, redactor, new, certain)?;
    if !dry_run {
        filing::write(repo, redactor, &plan)?;
    }
    Ok(plan)
}

/// Whether the person is to be asked: without words, on a terminal.
fn asked(args: &Args) -> bool {
    args.words.is_empty() && args.title.is_none() && Output::may_ask()
}

/// Title and body, from wherever they were told.
fn told(args: &Args, written: Option<&Written>) -> Result<(String, String)> {
    let text = match (args.words.is_empty(), &args.title, written) {
        (false, ..) => args.words.join(" "),
        (true, Some(_), _) => String::new(),
        (true, None, Some(written)) => written.text.clone(),
        (true, None, None) => read_stdin()?,
    };
    let text = text.trim();
    let (first, rest) = match &args.title {
        Some(title) => (title.as_str(), text),
        None => text.split_once('\n').unwrap_or((text, "")),
    };
    let body = args.body.as_deref().unwrap_or(rest);
    if first.trim().is_empty() {
        return Err(Hinted::usage("nothing was told").hint("git feedback add \"what happened\"").into());
    }
    Ok((first.trim().replace(['\n', '\r'], " "), body.trim().to_owned()))
}

fn read_stdin() -> Result<String> {
    let mut bytes = Vec::new();
    std::io::stdin().take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).context("standard input")?;
    if bytes.len() > MAX_BYTES {
        return Err(Hinted::usage("standard input is over the limit of 10 MB")
            .hint("| tail -c 1000000")
            .into());
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

pub fn attachment(path: &Path) -> Result<Attachment> {
    let shown = path.display();
    let metadata = std::fs::metadata(path).map_err(|error| {
        Hinted::usage(format!("{shown} cannot be attached: {error}")).hint("--attach takes a file")
    })?;
    if !metadata.is_file() {
        return Err(Hinted::usage(format!("{shown} is no file")).hint("--attach takes a file").into());
    }
    if metadata.len() > MAX_BYTES as u64 {
        return Err(Hinted::usage(format!(
            "{shown} has {} bytes; the limit is {MAX_BYTES} (10 MB)",
            metadata.len()
        ))
        .hint(format!("attach an excerpt: tail -c 1000000 {shown} > excerpt"))
        .into());
    }
    Ok(Attachment::given(path.to_string_lossy(), fs::read(path)?))
}

fn show_bytes(plan: &Plan, output: &Output) {
    if output.is_json() {
        let mut document = document(plan);
        let events: Vec<Value> = plan.events.iter().map(|event| event.line().into()).collect();
        let evidence: Vec<Value> = plan
            .evidence
            .iter()
            .map(|piece| {
                json!({"name": piece.name, "sha256": piece.digest, "size_bytes": piece.bytes.get().len(),
                       "text": String::from_utf8_lossy(piece.bytes.get())})
            })
            .collect();
        document.insert("lines".into(), events.into());
        document.insert("evidence".into(), evidence.into());
        return output.json(document);
    }
    output.note(format!("would be added to the note on {} in refs/notes/feedback:", plan.commit.short()));
    for event in &plan.events {
        output.line(safe::line(&event.line()));
    }
    for piece in &plan.evidence {
        output.note(format!("would be kept as evidence {} ({}):", piece.digest, safe::line(&piece.name)));
        match std::str::from_utf8(piece.bytes.get()) {
            Ok(text) => output.line(safe::lines(text)),
            Err(_) => output.line(safe::bytes(piece.bytes.get())),
        }
    }
}

fn say_written(plan: &Plan, output: &Output) {
    if output.is_json() {
        output.json(document(plan));
    } else {
        output.line(&plan.item);
    }
}

fn document(plan: &Plan) -> Map<String, Value> {
    let found: Vec<Value> = plan.found.iter().map(|found| found.kind.clone().into()).collect();
    let mut document = Map::new();
    document.insert("item".into(), plan.item.clone().into());
    document.insert("commit".into(), plan.commit.to_string().into());
    document.insert("redacted".into(), found.into());
    document
}

pub fn say_replaced(plan: &Plan, output: &Output) {
    if !plan.found.is_empty() {
        output.note(format!("replaced before writing: {}", kinds(&plan.found)));
    }
    for remark in &plan.remarks {
        output.warn(safe::line(remark));
    }
}
