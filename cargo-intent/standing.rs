//! How intents of the work tree stand: approved, stale, or never approved.

use std::collections::HashSet;

use anyhow::Result;
use factory::operations::digest::{Digester, Entries, InFolder};
use factory::storage::notes;
use factory::storage::repo::Repo;
use factory::terminal::output::{DIM, GOOD, Output, WAIT};
use factory::types::approval::{Approval, Standing, of_slug, standing};
use factory::types::event::{Event, in_order};
use factory::types::intent::Intent;
use factory::types::proof::{self, Proofs};

/// Knows the approvals of a repository; digests are computed only for what was ever approved.
pub struct Standings<'r> {
    digester: Digester<'r>,
    events: Vec<Event>,
    root: String,
    /// Slugs that were ever approved.
    approved: HashSet<String>,
}

impl<'r> Standings<'r> {
    pub fn read(repo: &'r Repo, files: &'r InFolder<'r>) -> Result<Self> {
        let lines = notes::read(repo, notes::INTENT)?;
        let events: Vec<Event> = in_order(&lines).into_iter().map(|(event, _)| event.clone()).collect();
        let root = match repo.head()? {
            Some(head) if !events.is_empty() => repo.root_commit(head)?.to_string(),
            _ => String::new(),
        };
        let approved = events.iter().filter_map(Approval::read).map(|approval| approval.slug).collect();
        Ok(Self { digester: Digester::new(files), events, root, approved })
    }

    /// Read at once what is needed to tell of these intents, so that git is not asked for each.
    pub fn prepare<'i>(&self, intents: impl Iterator<Item = &'i Intent>) -> Result<()> {
        self.digester.prepare(intents.filter(|intent| self.approved.contains(&intent.slug)))
    }

    pub fn of(&self, intent: &Intent) -> Result<Standing> {
        if !self.approved.contains(&intent.slug) {
            return Ok(Standing::Never);
        }
        let approvals = of_slug(&intent.slug, &self.events);
        Ok(standing(&approvals, &self.root, &self.digester.digest(intent)?))
    }

    /// What is proven of the checks of the intent with this digest.
    pub fn proofs(&self, slug: &str, digest: &str) -> Proofs {
        proof::fold(slug, digest, &self.events)
    }

    /// What the digest is over.
    pub fn entries(&self, intent: &Intent) -> Result<Entries> {
        self.digester.entries(intent)
    }
}

pub fn word(standing: &Standing) -> &'static str {
    match standing {
        Standing::Approved => "approved",
        Standing::Stale => "stale",
        Standing::Never => "unapproved",
    }
}

pub fn painted(output: &Output, standing: &Standing) -> String {
    let style = match standing {
        Standing::Approved => GOOD,
        Standing::Stale => WAIT,
        Standing::Never => DIM,
    };
    output.paint(style, word(standing))
}
