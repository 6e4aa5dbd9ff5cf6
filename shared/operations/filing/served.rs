//! Which release served when: what was seen then, was seen in it.

use std::cell::RefCell;
use std::collections::BTreeMap;

use anyhow::Result;
use jiff::Timestamp;

use crate::storage::notes;
use crate::storage::repo::{Oid, Repo};
use crate::types::event::{Line, SubjectKind, in_order};

/// What was promoted when, as far as HEAD contains it.
pub struct Served<'r> {
    repo: &'r Repo,
    head: Oid,
    /// The one that was named stands for all times.
    named: Option<(String, Oid)>,
    /// In order of time.
    promoted: Vec<Promoted>,
    /// Whether HEAD contains a commit.
    contained: RefCell<BTreeMap<Oid, bool>>,
}

struct Promoted {
    since: Timestamp,
    release: String,
    commit: Oid,
    environment: Option<String>,
}

impl<'r> Served<'r> {
    /// What the notes tell now.
    pub fn read(repo: &'r Repo, named: Option<(String, Oid)>) -> Result<Self> {
        let there = named.is_none() && repo.read_ref(notes::SHIP)?.is_some();
        let promoted = if there { promoted(&notes::read(repo, notes::SHIP)?) } else { Vec::new() };
        Ok(Self { repo, head: repo.require_head()?, named, promoted, contained: RefCell::default() })
    }

    /// The release that served at this time, now where it is not told, and the commit what was seen then
    /// concerns. In an environment that releases are promoted to, only those count.
    pub fn at(&self, time: Option<Timestamp>, environment: Option<&str>) -> Result<(Option<&str>, Oid)> {
        if let Some((release, commit)) = &self.named {
            return Ok((Some(release), *commit));
        }
        let of = |promoted: &&Promoted| promoted.environment.as_deref() == environment;
        let known = environment.is_some() && self.promoted.iter().any(|promoted| of(&promoted));
        let before = |promoted: &&Promoted| time.is_none_or(|time| promoted.since <= time);
        let here = self.promoted.iter().rev().filter(|promoted| !known || of(promoted)).filter(before);
        for promoted in here {
            if self.contains(promoted.commit)? {
                return Ok((Some(&promoted.release), promoted.commit));
            }
        }
        Ok((None, self.head))
    }

    fn contains(&self, commit: Oid) -> Result<bool> {
        if let Some(answer) = self.contained.borrow().get(&commit) {
            return Ok(*answer);
        }
        let answer = self.repo.has(commit) && self.repo.is_ancestor(commit, self.head)?;
        self.contained.borrow_mut().insert(commit, answer);
        Ok(answer)
    }
}

fn promoted(lines: &[Line]) -> Vec<Promoted> {
    let mut places: BTreeMap<&str, (Oid, Option<&str>)> = BTreeMap::new();
    let mut found = Vec::new();
    let events = in_order(lines);
    for (event, hung_on) in &events {
        let Some((SubjectKind::Release, release)) = &event.subject else { continue };
        if let Ok(commit) = event.text("commit").unwrap_or(hung_on).parse::<Oid>() {
            let place = places.entry(release).or_insert((commit, None));
            place.1 = event.text("environment").or(place.1);
        }
    }
    for (event, _) in &events {
        let Some((SubjectKind::Release, release)) = &event.subject else { continue };
        // After a rollback the one before serves again.
        let serves = match event.op.as_str() {
            "promoted" => Some(release.as_str()),
            "rolled-back" => event.text("to"),
            _ => None,
        };
        let place = serves.and_then(|serves| Some((serves, *places.get(serves)?)));
        if let (Some((serves, (commit, environment))), Ok(since)) = (place, event.t.parse()) {
            let environment = environment.map(str::to_owned);
            found.push(Promoted { since, release: serves.to_owned(), commit, environment });
        }
    }
    found.sort_by_key(|promoted| promoted.since);
    found
}
