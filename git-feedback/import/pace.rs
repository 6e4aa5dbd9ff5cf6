//! Of a live input, when to write: what is new within seconds, counts of what is known and open once in an
//! hour. A steady error would else be an event a minute.

use std::time::{Duration, Instant};

use anyhow::Result;
use factory::storage::notes;
use factory::storage::repo::{Oid, Repo};
use jiff::Timestamp;

use super::gather::Gathered;
use super::tally::hour_of;

/// What is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// All that is not in the notes yet.
    All,
    /// What is new or came back, and the counts of hours before this one.
    News { before: i64 },
}

/// How soon something new is written.
const SOON: Duration = Duration::from_secs(2);
/// Reading the notes takes at most this share of the time.
const SHARE: u32 = 20;

pub struct Pace {
    looked: Instant,
    rest: Duration,
    hour: i64,
    /// The notes as they stood: somebody may have closed something since.
    notes: Option<Oid>,
}

impl Pace {
    pub fn new(repo: &Repo) -> Result<Self> {
        let notes = repo.read_ref(notes::FEEDBACK)?;
        Ok(Self { looked: Instant::now(), rest: SOON, hour: hour_of(Timestamp::now()), notes })
    }

    /// What is due now.
    pub fn due(&mut self, repo: &Repo, gathered: &Gathered<'_>) -> Result<Option<Due>> {
        if gathered.records == 0 || self.looked.elapsed() < self.rest {
            return Ok(None);
        }
        self.looked = Instant::now();
        let hour = hour_of(Timestamp::now());
        if self.hour != hour {
            self.hour = hour;
            return Ok(Some(Due::News { before: hour }));
        }
        let moved = || Ok::<_, anyhow::Error>(repo.read_ref(notes::FEEDBACK)? != self.notes);
        let before = gathered.latest_hour.unwrap_or(i64::MIN);
        Ok((gathered.news || moved()?).then_some(Due::News { before }))
    }

    /// It was written.
    pub fn done(&mut self, repo: &Repo) -> Result<()> {
        self.rest = (self.looked.elapsed() * SHARE).max(SOON);
        self.looked = Instant::now();
        self.notes = repo.read_ref(notes::FEEDBACK)?;
        Ok(())
    }
}
