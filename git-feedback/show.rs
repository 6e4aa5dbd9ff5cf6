//! `git feedback show`: everything that is known of one item.

use anyhow::Result;
use factory::storage::evidence;
use factory::storage::repo::Repo;
use factory::terminal::exit::Exit;
use factory::terminal::output::{BOLD, DIM, Output};
use factory::terminal::safe;
use factory::types::age;
use factory::types::event::Event;
use factory::types::id;
use factory::types::item::{Evidence, Item, Promotion};
use serde_json::{Map, Value, json};

use crate::expected::{self, Moved};
use crate::timeline::{self, Moment};
use crate::{candidates, facts, list, store};

/// How much of a piece of evidence is shown: bytes, lines, and characters of one line.
const SHOWN_BYTES: usize = 4000;
const SHOWN_LINES: usize = 20;
const SHOWN_CHARS: usize = 200;

/// Show one item: fields, priority, whole story, evidence
///
/// The story tells when it was seen, what it became, the changes built for it and its check's results, the
/// releases that held it, and how it was closed.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  git feedback show fb-k3v9\n  git feedback show k3v9 --evidence input.csv > input.csv"
)]
pub struct Args {
    /// The id, or as much of it as is unique
    #[arg(add = candidates::any())]
    item: String,
    /// Write the bytes of the piece of evidence of this name or digest, and nothing else
    #[arg(long, value_name = "NAME")]
    evidence: Option<String>,
}

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    let repo = store::open()?;
    let lines = store::read(&repo)?;
    let items = store::items(&repo, &lines)?;
    let item = store::find(&items, &args.item)?;
    if let Some(name) = &args.evidence {
        output.raw(&store::evidence_named(&repo, item, name)?.1);
        return Ok(Exit::Holds);
    }
    let moments = timeline::of(&repo, item)?;
    let moved = expected::moved(&repo, item, age::now())?;
    if output.is_json() {
        output.json(document(item, &moments, moved.as_ref()));
    } else {
        if let Some(part) = store::find_id(&items, &args.item).ok().filter(|id| *id != item.id) {
            output.note(format!("{part} is part of {}", item.id));
        }
        facts::show(item, moved.as_ref(), output);
        body(item, output);
        story(&moments, output);
        for piece in &item.evidence {
            show_evidence(&repo, item, piece, output)?;
        }
    }
    store::tell_oddities(&lines, output);
    Ok(Exit::Holds)
}

fn document(item: &Item<'_>, moments: &[Moment], moved: Option<&Moved>) -> Map<String, Value> {
    let mut document = Map::new();
    if let Value::Object(summary) = list::summary(item, id::now_ms()) {
        document.extend(summary);
    }
    let story: Vec<Value> = item.story.iter().map(|(event, _)| event_json(event)).collect();
    let evidence: Vec<Value> = item
        .evidence
        .iter()
        .map(|piece| json!({"name": piece.name, "sha256": piece.digest, "size_bytes": piece.size_bytes}))
        .collect();
    let fields: Map<String, Value> =
        item.fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).clone())).collect();
    document.insert("fields".into(), fields.into());
    document.insert("evidence".into(), evidence.into());
    let moment =
        |one: &Moment| json!({"t": one.t, "what": one.what, "text": one.words, "commit": one.commit});
    document
        .insert("promotions".into(), item.promotions.iter().map(promotion_json).collect::<Vec<_>>().into());
    document.insert("lessons".into(), item.lessons.clone().into());
    document.insert("split_into".into(), item.split_into.clone().into());
    document.insert("moved".into(), moved.map(Moved::to_json).into());
    document.insert("timeline".into(), moments.iter().map(moment).collect::<Vec<_>>().into());
    document.insert("story".into(), story.into());
    document
}

fn promotion_json(promotion: &Promotion<'_>) -> Value {
    json!({"intent": promotion.intent, "check": promotion.check, "fixture": promotion.fixture})
}

fn event_json(event: &Event) -> Value {
    let mut object = Map::new();
    object.insert("id".into(), event.id.clone().into());
    object.insert("op".into(), event.op.clone().into());
    object.insert("t".into(), event.t.clone().into());
    object.extend(event.fields.clone());
    Value::Object(object)
}

fn body(item: &Item<'_>, output: &Output) {
    if let Some(body) = item.text("body") {
        output.line("");
        for line in body.lines() {
            output.line(format!("    {}", safe::line(line)));
        }
    }
}

fn story(moments: &[Moment], output: &Output) {
    output.line("");
    let now = age::now();
    let width = moments.iter().map(|moment| moment.what.len()).max().unwrap_or(0);
    for moment in moments {
        let commit = moment.commit.get(..10).unwrap_or(&moment.commit);
        let when = output.paint(DIM, &format!("{:>5}", age::of(&moment.t, now)));
        let words = safe::line(&moment.words);
        let told = format!("{:<width$}  {}", moment.what, safe::cut(&words, SHOWN_CHARS));
        output.line(format!("{when}  {}  {}", safe::line(commit), told.trim_end()));
    }
}

fn show_evidence(repo: &Repo, item: &Item<'_>, piece: &Evidence<'_>, output: &Output) -> Result<()> {
    let digest = piece.digest.get(..12).unwrap_or(piece.digest);
    let title = format!("{} ({} bytes, {digest})", safe::line(piece.name), piece.size_bytes);
    output.line(format!("\n{}", output.paint(BOLD, &title)));
    let Some(bytes) = evidence::get(repo, piece.digest)? else {
        output.line("    not here; git feedback sync fetches it");
        return Ok(());
    };
    if bytes.contains(&0) {
        output.line("    binary");
        return Ok(());
    }
    let (lines, whole) = beginning(&bytes);
    for line in lines {
        output.line(format!("    {line}"));
    }
    if !whole {
        let name = shlex::try_quote(store::called(item, piece)).unwrap_or(piece.digest.into());
        output.line(format!("    all of it: git feedback show {} --evidence {}", item.id, safe::line(&name)));
    }
    Ok(())
}

/// The first lines of a piece of evidence, and whether that is all of it.
fn beginning(bytes: &[u8]) -> (Vec<String>, bool) {
    let start = &bytes[..bytes.len().min(SHOWN_BYTES)];
    let mut whole = start.len() == bytes.len();
    let mut lines: Vec<&[u8]> = start.strip_suffix(b"\n").unwrap_or(start).split(|b| *b == b'\n').collect();
    whole &= lines.len() <= SHOWN_LINES;
    lines.truncate(SHOWN_LINES);
    let shown = lines.into_iter().map(|line| {
        let shown = safe::bytes(line);
        let short = safe::cut(&shown, SHOWN_CHARS).into_owned();
        whole &= short == shown;
        short
    });
    (shown.collect(), whole)
}
