//! `git feedback import`: what programs wrote down themselves becomes items, counted and redacted.

mod batch;
mod gather;
mod json;
mod lines;
mod record;
mod text;

use std::path::{Path, PathBuf};

use anyhow::Result;
use factory::operations::filing::ground;
use factory::operations::fingerprint::log;
use factory::operations::recording;
use factory::operations::redacting::{Clean, Redactor, kinds};
use factory::storage::notes;
use factory::storage::repo::{Oid, Repo};
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use factory::terminal::progress::Progress;
use factory::terminal::safe;
use factory::types::event::{Event, SubjectKind};
use factory::types::hint::Hinted;
use factory::types::id;
use serde_json::{Map, Value, json};

use crate::store;
use gather::Gathered;
use lines::{Lines, Read1};
use record::Record;

/// More events than this go into one piece of evidence that a `batch` names.
const MOST_SINGLE_EVENTS: usize = 8;
/// Of lines that could not be read, so many bytes are kept, and so many are shown.
const KEPT_BYTES: usize = 256 * 1024;
const SHOWN: usize = 5;

/// Make items of logs, panics, failing tests, Sentry events and OpenTelemetry exports
///
/// Reads Rust panics with and without backtrace, `cargo test` and nextest output, log lines, and JSON
/// lines: tracing's and other loggers', Sentry events, OTLP traces and logs. Lines below a warning are
/// passed over. Files may be compressed with gzip. Importing a file again adds only what is new in it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  git feedback import service.log service.log.1.gz
  cargo test 2>&1 | git feedback import -
  git feedback import --as json events.jsonl --dry-run")]
pub struct Args {
    /// Files to read; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// What the files hold [default: told line by line]
    #[arg(long = "as", value_name = "FORMAT")]
    read_as: Option<Format>,
    /// The name the counts go under [default: the file's name]
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// The release it was seen in [default: the newest promoted one in HEAD's history]
    #[arg(long)]
    release: Option<String>,
    /// Show the exact lines that would be written
    #[arg(long)]
    dry_run: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Log lines, panics and failing tests
    Log,
    /// Panics only
    Panic,
    /// Output of cargo test or nextest
    CargoTest,
    /// JSON lines, Sentry events, OTLP
    Json,
}

/// What one file came to.
#[derive(Default)]
struct Told {
    lines: u64,
    records: u64,
    passed_over: u64,
    items: usize,
    unread: u64,
    /// The first that could not be read: where and why.
    shown: Vec<String>,
    kept: String,
}

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    let repo = store::open()?;
    let head = repo.require_head()?;
    let ground = ground::of(&repo)?;
    let release = ground::release(&repo, head, args.release.as_deref())?;
    let commit = release.as_ref().map_or(head, |(_, commit)| *commit);
    let release = release.map(|(id, _)| id);
    let mut written = 0;
    let mut all = Told::default();
    for file in &args.files {
        let source = args.source.clone().unwrap_or_else(|| name_of(file));
        let mut gathered = Gathered::new(&ground.redactor, &source);
        let progress = Progress::start(output, &format!("reading {}", safe::line(&source)));
        let mut told = read(file, args.read_as, &mut gathered, &ground.redactor)?;
        progress.end();
        told.items = gathered.items();
        for line in &told.shown {
            output.warn(format!("{}: {}", safe::line(&source), safe::line(line)));
        }
        let kept = (told.unread > 0).then(|| unread(&mut gathered, &source, &told));
        written += write(
            &repo,
            &ground.redactor,
            commit,
            &gathered,
            release.as_deref(),
            kept,
            args.dry_run,
            output,
        )?;
        if !gathered.found.is_empty() {
            gathered.found.sort();
            gathered.found.dedup();
            output.note(format!("replaced: {}", kinds(&gathered.found)));
        }
        all.add(&told);
    }
    say(&all, written, args.dry_run, output);
    Ok(Exit::Holds)
}

impl Told {
    fn add(&mut self, other: &Told) {
        self.lines += other.lines;
        self.records += other.records;
        self.passed_over += other.passed_over;
        self.items += other.items;
        self.unread += other.unread;
    }

    /// A line that is no record: counted, shown, kept; never fatal.
    fn refuse(&mut self, number: u64, why: &str, line: &str, redactor: &Redactor) {
        self.unread += 1;
        if self.shown.len() < SHOWN {
            self.shown.push(format!("line {number} is not read: {why}"));
        }
        if self.kept.len() < KEPT_BYTES {
            let end = line.char_indices().nth(2000).map_or(line.len(), |(at, _)| at);
            self.kept.push_str(&format!("{number}: {}\n", redactor.redact(&line[..end]).text));
        }
    }
}

fn name_of(file: &Path) -> String {
    if file == Path::new("-") {
        return "standard input".to_owned();
    }
    file.file_name().map_or_else(|| "file".to_owned(), |name| name.to_string_lossy().into_owned())
}

fn read(
    file: &Path,
    format: Option<Format>,
    gathered: &mut Gathered<'_>,
    redactor: &Redactor,
) -> Result<Told> {
    let mut lines = Lines::open(file)?;
    let mut told = Told::default();
    let only_panics = matches!(format, Some(Format::Panic | Format::CargoTest));
    let mut text = text::Text::only_panics(only_panics);
    let mut bytes = Vec::new();
    loop {
        let read = lines.next(&mut bytes)?;
        let line = String::from_utf8_lossy(&bytes);
        let json = match format {
            Some(Format::Json) => !line.trim().is_empty(),
            None => line.starts_with("{\""),
            Some(_) => false,
        };
        match read {
            Read1::End => break,
            Read1::TooLong => told.refuse(lines.number, "longer than 1 MB", &line, redactor),
            Read1::Line if lines.number == 1 && is_xml(&line) => {
                return Err(Hinted::usage(format!(
                    "{} is XML, which this version does not read",
                    file.display()
                ))
                .hint("import the text that cargo test or nextest prints")
                .into());
            }
            Read1::Line if json => match json::records(&line) {
                Ok((records, passed_over)) => {
                    told.passed_over += passed_over;
                    records.into_iter().for_each(|record| gathered.take(record));
                }
                Err(why) => told.refuse(lines.number, &why, &line, redactor),
            },
            Read1::Line => text.take(&line).into_iter().for_each(|record| gathered.take(record)),
        }
    }
    text.end().into_iter().for_each(|record| gathered.take(record));
    told.lines = lines.number;
    told.records = gathered.records;
    told.passed_over += text.passed_over;
    Ok(told)
}

fn is_xml(line: &str) -> bool {
    let line = line.trim_start_matches('\u{feff}').trim_start();
    line.starts_with("<?xml") || line.starts_with("<testsuite")
}

/// The item of what could not be read, and its evidence.
fn unread(gathered: &mut Gathered<'_>, source: &str, told: &Told) -> (String, Vec<u8>) {
    let fingerprint = log::fingerprint(&format!("lines of {source} are not read"));
    gathered.take(Record {
        kind: "log",
        severity: "warning",
        title: format!("lines of {source} could not be read by import"),
        body: told.shown.join("\n"),
        why: "same source".to_owned(),
        fingerprint: fingerprint.clone(),
        ..Record::default()
    });
    (id::item_id("log", &fingerprint), told.kept.clone().into_bytes())
}

/// Write what is new, evidence first; how many events that was.
#[expect(clippy::too_many_arguments, reason = "what is written, where, and how it is told")]
fn write(
    repo: &Repo,
    redactor: &Redactor,
    commit: Oid,
    gathered: &Gathered<'_>,
    release: Option<&str>,
    kept: Option<(String, Vec<u8>)>,
    dry_run: bool,
    output: &Output,
) -> Result<usize> {
    let lines = store::read(repo)?;
    let known = store::items(&lines);
    let mut events = gathered.events(&known, release);
    let mut pieces: Vec<Clean<Vec<u8>>> = Vec::new();
    if let Some((item, bytes)) = kept {
        let bytes = redactor.bytes(&bytes);
        let digest = id::sha256_hex(bytes.get());
        if !known.get(&item).is_some_and(|item| item.evidence.iter().any(|piece| piece.digest == digest)) {
            let attach = Event::now(SubjectKind::Item, &item, "attach", None);
            events.push(
                attach
                    .with("evidence", digest)
                    .with("name", "unread.txt")
                    .with("size_bytes", bytes.get().len()),
            );
            pieces.push(bytes);
        }
    }
    let count = events.len();
    if dry_run {
        events.iter().for_each(|event| output.line(safe::line(&event.line())));
        return Ok(count);
    }
    if count > MOST_SINGLE_EVENTS {
        events = batch::batches(&events, redactor, &mut pieces);
    }
    recording::keep(repo, &pieces)?;
    let events: Vec<(Oid, Event)> = events.into_iter().map(|event| (commit, event)).collect();
    recording::append(repo, redactor, notes::FEEDBACK, &events)?;
    Ok(count)
}

fn say(told: &Told, written: usize, dry_run: bool, output: &Output) {
    if output.is_json() {
        let mut document = Map::new();
        let fields: [(&str, Value); 6] = [
            ("lines", json!(told.lines)),
            ("records", json!(told.records)),
            ("passed_over", json!(told.passed_over)),
            ("items", json!(told.items)),
            ("unread", json!(told.unread)),
            ("events", json!(if dry_run { 0 } else { written })),
        ];
        document.extend(fields.map(|(name, value)| (name.to_owned(), value)));
        output.json(document);
        return;
    }
    let verb = if dry_run { "would be written" } else { "written" };
    output.note(format!(
        "{} lines: {} records of {} items, {} passed over, {} not read; {written} events {verb}",
        told.lines, told.records, told.items, told.passed_over, told.unread
    ));
}
