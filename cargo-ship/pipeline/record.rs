//! The record of one release: a write-ahead journal, published to the notes phase by phase.
//!
//! A journal lies in `<git common dir>/factory/journal/<release>.jsonl`. A line is either
//! `{"begin": effect, "release": id, "detail": …}`, which stays local, or
//! `{"commit": id, "event": {…}}`, which is published as it stands, so that publishing it twice adds
//! nothing. The journal goes once all of it is in the notes and the release is over.

use std::path::PathBuf;

use anyhow::Result;
use factory::operations::effect::Log;
use factory::operations::filing::ground;
use factory::operations::recording;
use factory::operations::redacting::Clean;
use factory::operations::releases::{self, open_journals};
use factory::storage::journal::{self, Journal};
use factory::storage::places::Places;
use factory::storage::repo::{Oid, Repo};
use factory::storage::{fs, notes};
use factory::types::event::{Event, MAX_LINE_BYTES, SubjectKind};
use factory::types::id;
use factory::types::release::Release;
use serde_json::{Value, json};

/// Writes down one release.
pub struct Recorder<'r> {
    repo: &'r Repo,
    pub release: String,
    commit: Oid,
    path: PathBuf,
    /// Begun with the first line.
    journal: Option<Journal>,
    newest: Option<String>,
    unpublished: Vec<Event>,
}

impl<'r> Recorder<'r> {
    /// Begin or go on with the record of a release; `known` is what is recorded of it so far.
    pub fn open(
        repo: &'r Repo,
        places: &Places,
        release: &str,
        commit: Oid,
        known: Option<&Release>,
    ) -> Result<Self> {
        let path = releases::folder(&places.common).join(format!("{release}.jsonl"));
        let unpublished = releases::events(&path)?.into_iter().map(|(_, event)| event).collect();
        Ok(Self {
            repo,
            release: release.to_owned(),
            commit,
            path,
            journal: None,
            newest: known.and_then(Release::newest).map(str::to_owned),
            unpublished,
        })
    }

    /// A new event of this release, later than all before it.
    pub fn event(&self, op: &str) -> Event {
        Event::now(SubjectKind::Release, &self.release, op, self.newest.as_deref())
    }

    fn write(&mut self, line: &Value) -> Result<()> {
        let journal = match self.journal.take() {
            Some(journal) => journal,
            None => Journal::open(&self.path)?,
        };
        self.journal.insert(journal).append(line)
    }

    /// Write an event down durably.
    pub fn add(&mut self, event: Event) -> Result<()> {
        let event = told(self.repo, event)?;
        let line = json!({"commit": self.commit.to_string(), "event": serde_json::from_str::<Value>(&event.line())?});
        self.write(&line)?;
        self.newest = Some(event.id.clone());
        self.unpublished.push(event);
        Ok(())
    }

    /// Bring everything written so far into the notes.
    pub fn publish(&mut self) -> Result<()> {
        let events: Vec<(Oid, Event)> =
            self.unpublished.iter().map(|event| (self.commit, event.clone())).collect();
        append(self.repo, events)?;
        self.unpublished.clear();
        Ok(())
    }

    /// Publish, and drop the journal: the release is over.
    pub fn close(mut self) -> Result<()> {
        self.publish()?;
        fs::remove_if_there(&self.path)
    }
}

impl Log for Recorder<'_> {
    fn begin(&mut self, effect: &str, detail: &Value) -> Result<()> {
        self.write(&json!({"begin": effect, "release": self.release, "detail": detail}))
    }

    fn done(&mut self, event: Event) -> Result<()> {
        self.add(event)
    }
}

/// The longest reason of an event, in characters.
const REASON_CHARS: usize = 600;

/// The event as it may be written: redacted, and what its reason quotes not a page long.
pub fn told(repo: &Repo, event: Event) -> Result<Event> {
    let event = ground::of(repo)?.redactor.event(event).into_inner();
    let (reason, wrong) = (event.text("reason"), event.texts("wrong"));
    let fit = |text: &str| text.chars().take(REASON_CHARS).collect::<String>();
    let (reason, wrong) = (reason.map(&fit), wrong.into_iter().map(fit).collect::<Vec<_>>());
    Ok(event.with("reason", reason).with("wrong", wrong))
}

/// Bring events into the notes; one too long for a line goes in as evidence that a `batch` names.
/// The batch's id follows from the event's, so that publishing again adds nothing.
pub fn append(repo: &Repo, mut events: Vec<(Oid, Event)>) -> Result<()> {
    let redactor = ground::of(repo)?.redactor;
    for (_, event) in &mut events {
        let line = event.line();
        if line.len() <= MAX_LINE_BYTES {
            continue;
        }
        let piece = Clean::lines(&[redactor.event(event.clone())]);
        let digest = recording::keep(repo, &[piece])?.swap_remove(0);
        let batch = Event {
            id: id::derived_event_id(id::time_ms(&event.id).unwrap_or_default(), digest.as_bytes()),
            subject: None,
            op: "batch".into(),
            fields: serde_json::Map::new(),
            ..event.clone()
        };
        *event = batch.with("evidence", digest).with("count", 1);
    }
    recording::append(repo, &redactor, notes::SHIP, &events)
}

/// A rollback that was begun in an environment and whose record is still open: the release to go back
/// to, and the one that served.
pub fn open_rollback(places: &Places, environment: &str) -> Result<Option<(String, String)>> {
    for (release, path) in open_journals(&places.common)? {
        for record in journal::read(&path)?.records {
            let detail = |key: &str| record.get("detail")?.get(key)?.as_str();
            if record.get("begin").and_then(Value::as_str) == Some("rollback")
                && detail("environment") == Some(environment)
                && let Some(from) = detail("from")
            {
                return Ok(Some((release, from.to_owned())));
            }
        }
    }
    Ok(None)
}
