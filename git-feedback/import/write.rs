//! What was gathered into the notes: evidence first, then the events that are new.

use anyhow::Result;
use factory::operations::fingerprint::identity::Identity;
use factory::operations::fingerprint::log;
use factory::operations::recording;
use factory::operations::redacting::{Clean, Redactor};
use factory::storage::notes;
use factory::storage::repo::{Oid, Repo};
use factory::terminal::output::Output;
use factory::terminal::safe;
use factory::types::event::{Event, SubjectKind};
use factory::types::id;
use factory::types::item::Items;

use super::gather::Gathered;
use super::reader::Reader;
use super::record::Record;
use super::{batch, events, proposed};
use crate::store;

/// More events than this go into one piece of evidence that a `batch` names.
const MOST_SINGLE_EVENTS: usize = 8;

pub struct Writer<'w> {
    pub repo: &'w Repo,
    pub redactor: &'w Redactor,
    pub commit: Oid,
    pub release: Option<&'w str>,
    pub dry_run: bool,
    pub output: &'w Output,
}

impl Writer<'_> {
    /// Write what is new so far; how many events that was.
    pub fn flush(&self, gathered: &mut Gathered<'_>) -> Result<usize> {
        (gathered.new_items, gathered.new_counts) = (false, false);
        let lines = store::read(self.repo)?;
        let new = events::of(gathered, &store::items(self.repo, &lines)?, self.release);
        self.write(new, Vec::new())
    }

    /// Write the rest of an input, and keep what of it could not be read.
    pub fn last(&self, reader: &mut Reader<'_>) -> Result<usize> {
        let kept = (reader.told.unread > 0).then(|| unread(reader));
        let lines = store::read(self.repo)?;
        let known = store::items(self.repo, &lines)?;
        let mut new = events::of(&reader.gathered, &known, self.release);
        let mut pieces = Vec::new();
        if let Some((item, bytes)) = kept {
            let bytes = self.redactor.bytes(&bytes);
            new.extend(attached(&item, bytes.get(), &known));
            pieces.push(bytes);
        }
        self.write(new, pieces)
    }

    /// Propose links between items, where there are new events; how many.
    pub fn propose(&self, new_events: usize) -> Result<usize> {
        if new_events == 0 || self.dry_run {
            return Ok(0);
        }
        let lines = store::read(self.repo)?;
        let known = store::items(self.repo, &lines)?;
        let logs = known.by_id.values().filter(|item| item.kind() == "log").count();
        if logs > proposed::MOST_MINED {
            self.output.note(format!("{logs} log items are too many to propose which of them are one"));
        }
        let links = proposed::links(&known);
        self.write(links, Vec::new())
    }

    fn write(&self, mut events: Vec<Event>, mut pieces: Vec<Clean<Vec<u8>>>) -> Result<usize> {
        let count = events.len();
        if count == 0 {
            return Ok(0);
        }
        if self.dry_run {
            events.iter().for_each(|event| self.output.line(safe::line(&event.line())));
            return Ok(count);
        }
        if count > MOST_SINGLE_EVENTS {
            events = batch::batches(&events, self.redactor, &mut pieces);
        }
        recording::keep(self.repo, &pieces)?;
        let events: Vec<(Oid, Event)> = events.into_iter().map(|event| (self.commit, event)).collect();
        recording::append(self.repo, self.redactor, notes::FEEDBACK, &events)?;
        Ok(count)
    }
}

/// The evidence of what could not be read, where the item does not have it yet.
fn attached(item: &str, bytes: &[u8], known: &Items<'_>) -> Option<Event> {
    let digest = id::sha256_hex(bytes);
    let there = known.get(item).is_some_and(|item| item.evidence.iter().any(|piece| piece.digest == digest));
    let attach = Event::now(SubjectKind::Item, item, "attach", None);
    (!there)
        .then(|| attach.with("evidence", digest).with("name", "unread.txt").with("size_bytes", bytes.len()))
}

/// The item of what could not be read, and its evidence.
fn unread(reader: &mut Reader<'_>) -> (String, Vec<u8>) {
    let source = &reader.gathered.source;
    let fingerprint = log::fingerprint(&format!("lines of {source} are not read"));
    let record = Record {
        kind: "log",
        severity: "warning",
        title: format!("lines of {source} could not be read by import"),
        body: reader.told.shown.join("\n"),
        identity: Identity::Own(fingerprint.clone(), "same source".to_owned()),
        fingerprint: fingerprint.clone(),
        ..Record::default()
    };
    reader.gathered.file(record);
    (id::item_id("log", &fingerprint), reader.told.kept.clone().into_bytes())
}
