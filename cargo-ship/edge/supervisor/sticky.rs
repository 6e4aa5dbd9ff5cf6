//! The key that makes clients' cookies ours: made once, kept in the edge's folder for its owner alone.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use factory::storage::fs;
use factory::types::id::hex;

use super::Supervisor;
use super::state::Course;
use crate::edge::link::StickyTerms;

const KEY_BYTES: usize = 64;

/// The key, in hexadecimal digits.
pub fn key(path: &Path) -> Result<String> {
    if let Some(kept) = fs::read_if_there(path)? {
        let kept = String::from_utf8_lossy(&kept).trim().to_owned();
        ensure!(
            kept.len() == 2 * KEY_BYTES && kept.bytes().all(|digit| digit.is_ascii_hexdigit()),
            "{} holds no key; remove it, and clients are drawn anew",
            path.display()
        );
        return Ok(kept);
    }
    let mut bytes = [0; KEY_BYTES];
    getrandom::fill(&mut bytes).context("random bytes for the key of clients' cookies")?;
    let fresh = hex(&bytes);
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| path.display().to_string())?;
    file.write_all(fresh.as_bytes()).with_context(|| path.display().to_string())?;
    Ok(fresh)
}

impl Supervisor {
    /// How clients are drawn, while a canary takes traffic whose plan lets them stay with their slot.
    pub(super) fn sticky(&self) -> Option<StickyTerms> {
        let sticks = |course: &&Course| course.plan.sticky && course.phase.takes_traffic();
        let course = self.course.as_ref().filter(sticks)?;
        let plan = course.first_epoch;
        if self.sticky_key.get().is_none() && self.weight > 0 {
            match key(&self.place.sticky_key()) {
                Ok(key) => drop(self.sticky_key.set(key)),
                Err(error) => self.tell(Err(error)),
            }
        }
        self.sticky_key.get().map(|key| StickyTerms { key: key.clone(), plan })
    }

    /// Read the key for a plan that is to begin.
    pub(super) fn read_sticky_key(&mut self) -> Result<()> {
        self.sticky_key = key(&self.place.sticky_key())?.into();
        Ok(())
    }
}
