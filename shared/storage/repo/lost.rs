//! Commits that no reference leads to any more: in a reference's log, or in no place at all.

use std::collections::BTreeSet;

use anyhow::{Context, Result};

use super::{Oid, Repo};

impl Repo {
    /// Every commit the log of a reference names, where it was moved from and to; `None` where no log
    /// is kept. Git deletes the log with its reference.
    pub fn reflog(&self, name: &str) -> Result<Option<BTreeSet<Oid>>> {
        if self.reftable {
            // Git says nothing of where the oldest entry came from; that lies in its history.
            if self.git(&["reflog", "exists", name]).is_err() {
                return Ok(None);
            }
            let shown = self.git(&["reflog", "show", "--format=%H", name, "--"])?;
            return shown.lines().map(str::parse).collect::<Result<_>>().map(Some);
        }
        let found = self.inner.try_find_reference(name).with_context(|| name.to_owned())?;
        let Some(reference) = found else { return Ok(None) };
        let mut log = reference.log_iter();
        let Some(entries) = log.all().with_context(|| format!("the log of {name}"))? else {
            return Ok(None);
        };
        let mut commits = BTreeSet::new();
        for entry in entries {
            let entry = entry.with_context(|| format!("the log of {name}"))?;
            commits.extend([entry.previous_oid(), entry.new_oid()].map(Oid));
        }
        commits.retain(|oid| !oid.0.is_null());
        Ok(Some(commits))
    }

    /// Commits that nothing leads to, neither a reference nor a log; git's own search, which reads
    /// every commit and tree there is.
    pub fn unreachable_commits(&self) -> Result<BTreeSet<Oid>> {
        let args = ["fsck", "--unreachable", "--connectivity-only", "--no-progress", "--no-dangling"];
        let mut command = self.git_command();
        let output = command.args(args).output().context("git fsck")?;
        // Its exit code tells of damage elsewhere, which is no reason to find nothing here.
        let listed = String::from_utf8_lossy(&output.stdout);
        listed.lines().filter_map(|row| row.strip_prefix("unreachable commit ")).map(str::parse).collect()
    }

    /// Whether git writes a log when a notes reference moves: its default, but in bare repositories.
    pub fn keeps_reflogs(&self) -> bool {
        match self.setting("core.logAllRefUpdates").map(|value| value.to_lowercase()) {
            Some(value) => matches!(value.as_str(), "true" | "always" | "yes" | "on" | "1"),
            None => self.root.is_some(),
        }
    }
}
