//! Filing an item: what was told, redacted, becomes events and evidence, and only then is written.

pub mod attachment;
pub mod fitting;
pub mod ground;
pub mod served;

use anyhow::Result;
use serde_json::{Map, Value};

use super::recording;
use super::redacting::{Found, Redactor, kinds};
use crate::storage::notes;
use crate::storage::repo::{Oid, Repo};
use crate::types::event::{Event, SubjectKind};
use crate::types::hint::Hinted;
use crate::types::id;
use crate::types::item::{self, fold::fold};
use attachment::{Attachment, Prepared};

/// The longest title; what goes beyond it opens the body.
const MAX_TITLE_CHARS: usize = 200;
/// A body of more bytes than this becomes evidence, and the event keeps its beginning.
const MAX_BODY_BYTES: usize = 2000;
/// What stands behind a body that is cut.
const WHOLE_ELSEWHERE: &str = "\n… (whole in body.txt)";

/// What to do about what is certainly a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certain {
    /// Write nothing and say what was found.
    Refuse,
    /// Write the redacted text.
    Redact,
}

/// An item as it was told, before anything is redacted.
#[derive(Clone, Debug, Default)]
pub struct NewItem {
    /// Empty: the default.
    pub kind: String,
    /// Empty: the default.
    pub severity: String,
    pub title: String,
    pub body: String,
    /// `None`: the newest promoted release that HEAD contains.
    pub release: Option<String>,
    /// The commit it concerns; with one the release is taken as told, without looking for its notes.
    pub commit: Option<Oid>,
    pub environment: Option<String>,
    /// With one, a second item of the same kind and fingerprint is an occurrence of the first.
    pub fingerprint: Option<String>,
    /// Fingerprints it may be known by already, the newest first; never written.
    pub earlier: Vec<String>,
    /// Further fields; every text in them is redacted too.
    pub fields: Map<String, Value>,
    pub attachments: Vec<Attachment>,
}

/// What would be written, to the byte.
#[derive(Clone, Debug)]
pub struct Plan {
    pub item: String,
    /// The item is there already: this is one more occurrence of it.
    pub seen_before: bool,
    pub commit: Oid,
    pub events: Vec<Event>,
    pub evidence: Vec<Prepared>,
    /// What was replaced.
    pub found: Vec<Found>,
    /// What the person should know.
    pub remarks: Vec<String>,
}

/// File an item as another tool does it: nobody is there to ask, so secrets are replaced.
pub fn file(repo: &Repo, new: NewItem) -> Result<Plan> {
    let ground = ground::of(repo)?;
    let plan = plan(repo, &ground.redactor, new, Certain::Redact)?;
    write(repo, &ground.redactor, &plan)?;
    Ok(plan)
}

/// Redact what was told and put it into events; nothing is written.
///
/// # Errors
/// No commit yet, a release nobody knows, an attachment over the limit; with [`Certain::Refuse`] a
/// text that certainly holds a secret.
pub fn plan(repo: &Repo, redactor: &Redactor, new: NewItem, certain: Certain) -> Result<Plan> {
    let head = repo.require_head()?;
    let release = match new.commit {
        Some(commit) => new.release.clone().map(|id| (id, commit)),
        None => ground::release(repo, head, new.release.as_deref())?,
    };
    let mut told = Told { redactor, certain, found: Vec::new() };
    let (title, body) = told.title_and_body(&new)?;
    let mut evidence = Vec::new();
    let mut remarks = Vec::new();
    for attached in &new.attachments {
        let prepared = attachment::prepare(redactor, attached, certain)?;
        told.found.extend(prepared.found.iter().cloned());
        remarks.extend(prepared.remark.clone());
        evidence.push(prepared);
    }
    let (beginning, too_long) = split_body(&body);
    let kind = or_default(&new.kind, item::DEFAULT_KIND);
    let severity = or_default(&new.severity, item::DEFAULT_SEVERITY);
    let known = known(repo, kind, new.fingerprint.as_deref(), &new.earlier)?;
    let release_id = release.as_ref().map(|(id, _)| id.clone());
    let mut event = Event::now(
        SubjectKind::Item,
        &known.id,
        if known.there { "seen" } else { "add" },
        known.newest.as_deref(),
    );
    if known.there {
        evidence.clear();
        event = event.with("release", release_id).with("environment", new.environment);
    } else {
        event = event
            .with("title", title)
            .with("kind", kind)
            .with("severity", severity)
            .with("body", beginning)
            .with("release", release_id)
            .with("environment", new.environment)
            .with("fingerprint", new.fingerprint);
        for (name, value) in redactor.fields(new.fields, &mut told.found) {
            event = event.with(&name, value);
        }
        refuse(certain, &told.found, "a field")?;
    }
    // What stands in the plan is what is written.
    let fitted = fitting::fitted(redactor, event.clone(), WHOLE_ELSEWHERE);
    if !known.there && (too_long || !fitted.cut.is_empty()) {
        let whole = whole(body, &event, &fitted.cut);
        evidence.insert(0, Prepared::text("body.txt", redactor.bytes(whole.as_bytes())));
    }
    let events = with_attachments(fitted.event, &evidence);
    let mut found = told.found;
    found.sort();
    found.dedup();
    let commit = new.commit.or(release.map(|(_, commit)| commit)).unwrap_or(head);
    Ok(Plan { item: known.id, seen_before: known.there, commit, events, evidence, found, remarks })
}

/// Write what was planned: evidence first, then the events that name it.
pub fn write(repo: &Repo, redactor: &Redactor, plan: &Plan) -> Result<()> {
    let pieces: Vec<_> = plan.evidence.iter().map(|piece| piece.bytes.clone()).collect();
    recording::keep(repo, &pieces)?;
    let events: Vec<(Oid, Event)> = plan.events.iter().map(|event| (plan.commit, event.clone())).collect();
    recording::append(repo, redactor, notes::FEEDBACK, &events)
}

fn or_default<'a>(word: &'a str, default: &'a str) -> &'a str {
    if word.is_empty() { default } else { word }
}

/// The item this is about: a fresh one, or the one of the same kind and fingerprint.
struct Known {
    id: String,
    there: bool,
    newest: Option<String>,
}

fn known(repo: &Repo, kind: &str, fingerprint: Option<&str>, earlier: &[String]) -> Result<Known> {
    let Some(fingerprint) = fingerprint else {
        return Ok(Known { id: id::random_item_id(), there: false, newest: None });
    };
    let own = id::item_id(kind, fingerprint);
    let lines = notes::read(repo, notes::FEEDBACK)?;
    let items = fold(&lines, id::now_ms());
    let id = earlier.iter().map(|print| id::item_id(kind, print)).find(|id| items.is_told(id)).unwrap_or(own);
    let item = items.get(&id);
    let newest = item.and_then(|item| item.newest).map(str::to_owned);
    Ok(Known { there: items.is_told(&id), newest, id })
}

/// Texts on their way through the redactor.
struct Told<'r> {
    redactor: &'r Redactor,
    certain: Certain,
    found: Vec<Found>,
}

impl Told<'_> {
    fn text(&mut self, text: &str, what: &str) -> Result<String> {
        let redacted = self.redactor.redact(text);
        refuse(self.certain, &redacted.found, what)?;
        self.found.extend(redacted.found);
        Ok(redacted.text)
    }

    /// Redacted as one text, since a key block may begin in the title.
    fn title_and_body(&mut self, new: &NewItem) -> Result<(String, String)> {
        let whole = self.text(&format!("{}\n{}", new.title.trim(), new.body.trim()), "the text")?;
        let (title, body) = whole.split_once('\n').unwrap_or((&whole, ""));
        match title.char_indices().nth(MAX_TITLE_CHARS) {
            Some((at, _)) => Ok((format!("{}…", &title[..at]), format!("{whole}\n").trim().to_owned())),
            None => Ok((title.to_owned(), body.to_owned())),
        }
    }
}

/// The error of a text that certainly holds a secret.
pub fn refuse(certain: Certain, found: &[Found], what: &str) -> Result<()> {
    let secrets: Vec<Found> = found.iter().filter(|found| found.certain).cloned().collect();
    if certain == Certain::Redact || secrets.is_empty() {
        return Ok(());
    }
    Err(Hinted::finding(format!("{what} holds a secret ({}); nothing was written", kinds(&secrets)))
        .hint("add --redact to write it with the secret replaced; if it is real, revoke it")
        .into())
}

/// What of a body goes into an event, and whether that is not all.
fn split_body(body: &str) -> (String, bool) {
    let too_long = body.len() > MAX_BODY_BYTES;
    (
        if too_long { cut(body, MAX_BODY_BYTES).to_owned() + WHOLE_ELSEWHERE } else { body.to_owned() },
        too_long,
    )
}

/// The body, and whatever else was cut, whole.
fn whole(mut body: String, event: &Event, cut: &[String]) -> String {
    for name in cut.iter().filter(|name| *name != "body") {
        let value = event.fields.get(name).cloned().unwrap_or_default();
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        body.push_str(&format!("\n\n{name}: {text}\n"));
    }
    body
}

/// At most `bytes` bytes of the text, cut between characters.
fn cut(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[..end]
}

fn with_attachments(first: Event, evidence: &[Prepared]) -> Vec<Event> {
    let item = first.subject.as_ref().map_or("", |(_, name)| name).to_owned();
    let mut events = vec![first];
    for piece in evidence {
        let newest = events.last().map(|event| event.id.clone());
        events.push(
            Event::now(SubjectKind::Item, &item, "attach", newest.as_deref())
                .with("evidence", piece.digest.clone())
                .with("name", piece.name.clone())
                .with("size_bytes", piece.bytes.get().len()),
        );
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_too_long_for_a_line_is_kept_whole_as_evidence() {
        let (head, too_long) = split_body(&"é".repeat(3000));
        assert!(too_long && head.len() < 2100 && head.ends_with("body.txt)"));
        assert_eq!(split_body("short"), ("short".to_owned(), false));
    }
}
