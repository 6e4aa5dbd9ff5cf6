//! What was gathered into the notes: evidence first, then the events that are new.

use std::collections::BTreeMap;

use anyhow::Result;
use factory::operations::filing::served::Served;
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
use super::pace::Due;
use super::reader::Reader;
use super::record::Record;
use super::{batch, events, joined, proposed};
use crate::store;

/// More events than this go into one piece of evidence that a `batch` names.
const MOST_SINGLE_EVENTS: usize = 8;

pub struct Writer<'w> {
    pub repo: &'w Repo,
    pub redactor: &'w Redactor,
    /// The release that was named, and its commit.
    pub named: Option<(String, Oid)>,
    pub dry_run: bool,
    pub output: &'w Output,
}

impl Writer<'_> {
    /// Write what is due of a live input; how many events that was.
    pub fn flush(&self, gathered: &mut Gathered<'_>, due: Due) -> Result<usize> {
        let lines = store::read(self.repo)?;
        let known = store::items(self.repo, &lines)?;
        let served = self.served()?;
        let new = events::of(gathered, &known, &served, due)?;
        let (release, _) = served.at(None, None)?;
        gathered.wait_for(|seen| {
            known.get(&events::item_of(seen, &known)).is_some_and(|item| events::awaits(item, release))
        });
        self.write(new, Vec::new())
    }

    /// Write the rest of an input, and keep what of it could not be read.
    pub fn last(&self, reader: &mut Reader<'_>) -> Result<usize> {
        let lines = store::read(self.repo)?;
        let known = store::items(self.repo, &lines)?;
        let kept = (reader.told.unread > 0).then(|| unread(reader, &known));
        let served = self.served()?;
        let mut new = events::of(&reader.gathered, &known, &served, Due::All)?;
        let mut pieces = Vec::new();
        if let Some((item, bytes)) = kept {
            let bytes = self.redactor.bytes(&bytes);
            let (_, commit) = served.at(None, None)?;
            new.extend(attached(&item, bytes.get(), &known).map(|event| (commit, event)));
            pieces.push(bytes);
        }
        self.write(new, pieces)
    }

    fn served(&self) -> Result<Served<'_>> {
        Served::read(self.repo, self.named.clone())
    }

    /// Join panics that told no function with their own, and propose links between other items; how many of
    /// each. Also where no event is new: the import that wrote them may have been killed before it came here.
    pub fn link(&self, records: u64) -> Result<(usize, usize)> {
        if records == 0 || self.dry_run {
            return Ok((0, 0));
        }
        let (_, commit) = self.served()?.at(None, None)?;
        let hung = |links: Vec<Event>| links.into_iter().map(|event| (commit, event)).collect();
        let mut lines = store::read(self.repo)?;
        let (links, joined) = joined::links(&store::items(self.repo, &lines)?);
        if self.write(hung(links), Vec::new())? > 0 {
            lines = store::read(self.repo)?;
        }
        let known = store::items(self.repo, &lines)?;
        let logs = known.by_id.values().filter(|item| item.kind() == "log").count();
        if logs > proposed::MOST_MINED {
            self.output.note(format!("{logs} log items are too many to propose which of them are one"));
        }
        let proposed = self.write(hung(proposed::links(&known)), Vec::new())?;
        Ok((joined, proposed))
    }

    fn write(&self, mut events: Vec<(Oid, Event)>, mut pieces: Vec<Clean<Vec<u8>>>) -> Result<usize> {
        let count = events.len();
        if count == 0 {
            return Ok(0);
        }
        if self.dry_run {
            events.iter().for_each(|(_, event)| self.output.line(safe::line(&event.line())));
            return Ok(count);
        }
        if count > MOST_SINGLE_EVENTS {
            events = self.batched(events, &mut pieces);
        }
        recording::keep(self.repo, &pieces)?;
        recording::append(self.repo, self.redactor, notes::FEEDBACK, &events)?;
        Ok(count)
    }

    /// The events of each commit as one, where they are many.
    fn batched(&self, events: Vec<(Oid, Event)>, pieces: &mut Vec<Clean<Vec<u8>>>) -> Vec<(Oid, Event)> {
        let mut by_commit: BTreeMap<Oid, Vec<Event>> = BTreeMap::new();
        events.into_iter().for_each(|(commit, event)| by_commit.entry(commit).or_default().push(event));
        let mut batched = Vec::new();
        for (commit, mut events) in by_commit {
            if events.len() > 1 {
                events = batch::batches(&events, self.redactor, pieces);
            }
            batched.extend(events.into_iter().map(|event| (commit, event)));
        }
        batched
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
fn unread(reader: &mut Reader<'_>, known: &Items<'_>) -> (String, Vec<u8>) {
    let source = &reader.gathered.source;
    let title = format!("lines of {source} could not be read by import");
    // By the source itself: a mask would make all files one. One that earlier versions made goes on.
    let earlier = log::fingerprint(&format!("lines of {source} are not read"));
    let own = format!("1:unread:{}", &id::sha256_hex(source.as_bytes())[..32]);
    let told = |print: &str| known.get(&id::item_id("log", print)).is_some_and(|item| item.title() == title);
    let fingerprint = if told(&earlier) { earlier } else { own };
    let record = Record {
        kind: "log",
        severity: "warning",
        title,
        body: reader.told.shown.join("\n"),
        identity: Identity::Own(fingerprint.clone(), "same source".to_owned()),
        fingerprint: fingerprint.clone(),
        ..Record::default()
    };
    reader.gathered.file(record);
    (id::item_id("log", &fingerprint), reader.told.kept.clone().into_bytes())
}
