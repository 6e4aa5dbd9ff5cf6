//! The items of the repository one stands in, and finding one by the beginning of its id.

use anyhow::Result;
use factory::operations::filing::ground;
use factory::operations::fingerprint::log::header;
use factory::operations::{recording, returning};
use factory::storage::repo::{Oid, Repo};
use factory::storage::{evidence, notes};
use factory::terminal::output::Output;
use factory::terminal::safe;
use factory::types::event::{self, Event, Line, SubjectKind};
use factory::types::hint::Hinted;
use factory::types::id;
use factory::types::item::fold::fold;
use factory::types::item::{Evidence, Item, Items};
use factory::types::toml::nearest;

/// So much of a digest tells two pieces of evidence apart.
const SHORT_DIGEST: usize = 12;

pub fn open() -> Result<Repo> {
    Repo::discover(&std::env::current_dir()?)
}

/// Git's settings of the repository one stands in, by key.
pub fn settings() -> impl Fn(&str) -> Option<String> {
    let repo = open().ok();
    move |key| repo.as_ref()?.setting(key)
}

/// Every line of `refs/notes/feedback`.
pub fn read(repo: &Repo) -> Result<Vec<Line>> {
    notes::read(repo, notes::FEEDBACK)
}

/// The items the lines tell of, with what came back decided by releases.
pub fn items<'l>(repo: &Repo, lines: &'l [Line]) -> Result<Items<'l>> {
    let mut items = fold(lines, id::now_ms());
    returning::settle(repo, &mut items)?;
    Ok(items)
}

/// Say why there is nothing to show, and the command that begins.
pub fn nothing_yet(repo: &Repo, output: &Output) -> Result<()> {
    output.note(match repo.head()? {
        Some(_) => "no feedback here yet: git feedback add \"what happened\", or git feedback sync",
        None => "the repository has no commit yet, on which feedback hangs: git add -A && git commit -m \"first commit\"",
    });
    Ok(())
}

/// What it is about, in a line: of a log line the message alone, since level and time stand beside it.
pub fn headline<'e>(item: &Item<'e>) -> &'e str {
    match item.kind() {
        "log" => header::read(item.title()).message,
        _ => item.title(),
    }
}

/// The one item whose id begins so.
///
/// # Errors
/// None or several, which are listed.
pub fn find<'i, 'e>(items: &'i Items<'e>, prefix: &str) -> Result<&'i Item<'e>> {
    match items.matching(prefix).as_slice() {
        [only] => Ok(only),
        [] => Err(Hinted::usage(format!("no item begins with {prefix:?}")).hint(meant(items, prefix)).into()),
        several => {
            let mut shown: Vec<String> =
                several.iter().take(10).map(|item| format!("{} {}", item.id, headline(item))).collect();
            if several.len() > shown.len() {
                shown.push(format!("and {} more", several.len() - shown.len()));
            }
            Err(Hinted::usage(format!(
                "{prefix:?} may be one of {}:\n  {}",
                several.len(),
                shown.join("\n  ")
            ))
            .hint("write more of the id")
            .into())
        }
    }
}

/// What somebody meant who wrote no item's id: the id that is almost the same, or a word of a title.
fn meant(items: &Items<'_>, written: &str) -> String {
    const LIST: &str = "git feedback list --all";
    let lower = written.to_lowercase();
    let tail = lower.strip_prefix("fb-").unwrap_or(&lower);
    let said = |item: &Item<'_>| format!("{} {}", item.id, headline(item));
    if tail.chars().count() < 4 {
        return LIST.to_owned();
    }
    let begins =
        |id: &'_ str| id.trim_start_matches("fb-").chars().take(tail.chars().count()).collect::<String>();
    let known: Vec<(String, &Item<'_>)> = items.by_id.values().map(|item| (begins(item.id), item)).collect();
    if let Some(near) = nearest(tail, known.iter().map(|(begins, _)| begins.as_str()))
        && let Some((_, item)) = known.iter().find(|(begins, _)| begins == near)
    {
        return format!("did you mean {}? {LIST}", said(item));
    }
    let named = items.by_id.values().filter(|item| item.title().to_lowercase().contains(&lower));
    let named: Vec<String> = named.take(3).map(said).collect();
    match named.is_empty() {
        true => LIST.to_owned(),
        false => format!("by title: {}", named.join(", or ")),
    }
}

/// The one id that begins so, also that of a part.
///
/// # Errors
/// As of [`find`].
pub fn find_id<'e>(items: &Items<'e>, prefix: &str) -> Result<&'e str> {
    let item = find(items, prefix)?;
    let wanted = prefix.to_ascii_lowercase();
    let begins =
        |id: &&str| id.strip_prefix("fb-").unwrap_or(id).starts_with(wanted.trim_start_matches("fb-"));
    Ok(item.parts.iter().copied().find(|part| begins(part) && !begins(&item.id)).unwrap_or(item.id))
}

/// One more event of an item, after all that are known of it.
pub fn next_event(item: &Item<'_>, op: &str) -> Event {
    Event::now(SubjectKind::Item, item.id, op, item.newest)
}

/// Add an event where the item's first note hangs.
pub fn append(repo: &Repo, item: &Item<'_>, event: Event) -> Result<()> {
    let commit: Oid = item.commit.parse()?;
    recording::append(repo, &ground::of(repo)?.redactor, notes::FEEDBACK, &[(commit, event)])
}

/// Say which lines are not as they should be: how many, and with `-v` each of them.
pub fn tell_oddities(lines: &[Line], output: &Output) {
    let odd: Vec<(Line, String)> =
        event::oddities(lines).into_iter().map(|(line, why)| (line.clone(), why)).collect();
    tell_odd(&odd, output);
}

/// The same of lines already known to be odd.
pub fn tell_odd(odd: &[(Line, String)], output: &Output) {
    if odd.is_empty() {
        return;
    }
    let each = if odd.len() == 1 { "1 line is".to_owned() } else { format!("{} lines are", odd.len()) };
    output.warn(format!("{each} not as written by this tool; kept as found, -v shows them"));
    for (line, why) in odd {
        let commit = line.commit.get(..10).unwrap_or(&line.commit);
        output.detail(format!("  on {commit}: {}\n    {}", safe::line(why), safe::bytes(&line.raw)));
    }
}

/// The item's pieces of evidence of this name, or whose digest begins so.
pub fn evidence_called<'i, 'e>(item: &'i Item<'e>, name: &str) -> Vec<&'i Evidence<'e>> {
    let named: Vec<_> = item.evidence.iter().filter(|piece| piece.name == name).collect();
    match named.is_empty() && name.len() >= SHORT_DIGEST / 2 {
        true => item.evidence.iter().filter(|piece| piece.digest.starts_with(name)).collect(),
        false => named,
    }
}

/// What a piece of the item's evidence is asked for by: its name, where no other has the same.
pub fn called<'e>(item: &Item<'e>, piece: &Evidence<'e>) -> &'e str {
    match evidence_called(item, piece.name).len() {
        1 => piece.name,
        _ => piece.digest.get(..SHORT_DIGEST).unwrap_or(piece.digest),
    }
}

/// Name and bytes of the item's piece of evidence that is called so.
///
/// # Errors
/// No such piece or several, with what they are called; or one that is not here.
pub fn evidence_named(repo: &Repo, item: &Item<'_>, name: &str) -> Result<(String, Vec<u8>)> {
    let piece = match evidence_called(item, name).as_slice() {
        [only] => *only,
        found => {
            let all: Vec<&Evidence<'_>> =
                if found.is_empty() { item.evidence.iter().collect() } else { found.to_vec() };
            let names: Vec<&str> = all.into_iter().map(|piece| called(item, piece)).collect();
            let there = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            let count = if found.is_empty() { "no".to_owned() } else { found.len().to_string() };
            return Err(Hinted::usage(format!("{} has {count} evidence named {name:?}", item.id))
                .hint(format!("it has {there}"))
                .into());
        }
    };
    match evidence::get(repo, piece.digest)? {
        Some(bytes) => Ok((piece.name.to_owned(), bytes)),
        None => Err(Hinted::unverified(format!("evidence {} is not here", piece.name))
            .hint("git feedback sync")
            .into()),
    }
}
