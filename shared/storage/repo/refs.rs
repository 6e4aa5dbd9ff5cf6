//! References: read, and moved only from the value they were seen at.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use gix::refs::Target;
use gix::refs::transaction::{Change, LogChange, PreviousValue, RefEdit, RefLog};

use super::git::feed;
use super::{Oid, Repo};
use crate::types::hint::Hinted;

/// How long to wait for somebody else's lock before naming it.
const LOCK_PATIENCE: Duration = Duration::from_secs(3);

impl Repo {
    /// The commit of HEAD; `None` before the first commit.
    pub fn head(&self) -> Result<Option<Oid>> {
        if self.reftable {
            return self.read_ref("HEAD");
        }
        let head = self.inner.head().context("HEAD")?;
        if head.is_unborn() {
            return Ok(None);
        }
        let commit = head.into_peeled_id().context("HEAD")?;
        Ok(Some(Oid(commit.detach())))
    }

    /// The commit of HEAD.
    ///
    /// # Errors
    /// Before the first commit, with the command that makes one.
    pub fn require_head(&self) -> Result<Oid> {
        self.head()?.ok_or_else(|| {
            Hinted::usage("the repository has no commit yet, and records hang on commits")
                .hint("git add -A && git commit -m \"first commit\"")
                .into()
        })
    }

    /// The branch HEAD is on, `main` of `refs/heads/main`; `None` where it is detached.
    pub fn branch(&self) -> Result<Option<String>> {
        if self.reftable {
            return Ok(self
                .git(&["symbolic-ref", "-q", "--short", "HEAD"])
                .ok()
                .map(|name| name.trim().to_owned()));
        }
        Ok(self.inner.head_name()?.map(|name| name.shorten().to_string()))
    }

    /// The object a revision names: a commit where it can be peeled to one.
    pub fn resolve(&self, revision: &str) -> Result<Oid> {
        let unknown =
            || Hinted::usage(format!("{revision:?} names no commit here")).hint("git log --oneline --all");
        if self.reftable {
            let spec = format!("{revision}^{{commit}}");
            let found = self.git(&["rev-parse", "--verify", "--quiet", "--end-of-options", &spec]);
            return found.map_err(|_| unknown())?.trim().parse();
        }
        let id = self.inner.rev_parse_single(revision).map_err(|_| unknown())?;
        let object = id.object().map_err(|_| unknown())?.peel_tags_to_end().map_err(|_| unknown())?;
        Ok(Oid(object.id))
    }

    /// The commit a revision names.
    ///
    /// # Errors
    /// Where it names nothing, or something that is no commit.
    pub fn resolve_commit(&self, revision: &str) -> Result<Oid> {
        let id = self.resolve(revision)?;
        if self.inner.find_commit(id.0).is_err() {
            let error = Hinted::usage(format!("{revision:?} names no commit here"));
            return Err(error.hint("git log --oneline --all").into());
        }
        Ok(id)
    }

    /// What a full reference name points to; `None` where there is no such reference.
    pub fn read_ref(&self, name: &str) -> Result<Option<Oid>> {
        if self.reftable {
            let found = self.git(&["rev-parse", "--verify", "--quiet", name]);
            return found.ok().map(|text| text.trim().parse()).transpose();
        }
        let found = self.inner.try_find_reference(name).with_context(|| name.to_owned())?;
        let Some(mut reference) = found else { return Ok(None) };
        let id = reference.peel_to_id().with_context(|| name.to_owned())?;
        Ok(Some(Oid(id.detach())))
    }

    /// Move a reference from `old` (`None`: it must not exist) to `new`; `false` where somebody else
    /// moved it first, and nothing was written.
    ///
    /// # Errors
    /// A lock that stays (its file is named), or a repository that cannot be written.
    pub fn swap_ref(&self, name: &str, new: Oid, old: Option<Oid>, why: &str) -> Result<bool> {
        let deadline = Instant::now() + LOCK_PATIENCE;
        loop {
            let Err(error) = self.try_swap(name, new, old, why) else { return Ok(true) };
            if self.read_ref(name)? != old {
                return Ok(false);
            }
            let locks = self.locks_of(name);
            if Instant::now() < deadline {
                // Somebody else's transaction; it takes a few milliseconds.
                std::thread::sleep(Duration::from_millis(if locks.is_empty() { 100 } else { 10 }));
                if locks.is_empty() && !is_lock_trouble(&error) {
                    return Err(cannot_write(name, error));
                }
                continue;
            }
            return Err(match locks.first() {
                Some(lock) => Hinted::busy(format!("{name} is locked by {}", lock.display()))
                    .hint(format!("if no git command is running: rm {}", lock.display()))
                    .into(),
                None => cannot_write(name, error),
            });
        }
    }

    fn try_swap(&self, name: &str, new: Oid, old: Option<Oid>, why: &str) -> Result<()> {
        if self.reftable {
            let zero = "0".repeat(new.to_string().len());
            let old = old.map_or(zero, |oid| oid.to_string());
            self.git(&["update-ref", "-m", why, name, &new.to_string(), &old])?;
            return Ok(());
        }
        let expected = match old {
            Some(old) => PreviousValue::MustExistAndMatch(Target::Object(old.0)),
            None => PreviousValue::MustNotExist,
        };
        self.inner.edit_reference(RefEdit {
            change: Change::Update {
                log: LogChange {
                    mode: RefLog::AndReference,
                    force_create_reflog: false,
                    message: why.into(),
                },
                expected,
                new: Target::Object(new.0),
            },
            name: name.try_into().with_context(|| name.to_owned())?,
            deref: false,
        })?;
        Ok(())
    }

    /// Move several references (name, new, old) from where they were seen, all or none; `false` where
    /// somebody else moved one first.
    ///
    /// # Errors
    /// A lock, or a repository that cannot be written.
    pub fn swap_refs(&self, moves: &[(&str, Oid, Oid)], why: &str) -> Result<bool> {
        let rows: String =
            moves.iter().map(|(name, new, old)| format!("update {name} {new} {old}\n")).collect();
        let mut command = self.git_command();
        let Err(error) = feed(command.args(["update-ref", "-m", why, "--stdin"]), rows.as_bytes()) else {
            return Ok(true);
        };
        for (name, _, old) in moves {
            if self.read_ref(name)? != Some(*old) {
                return Ok(false);
            }
        }
        let names: Vec<&str> = moves.iter().map(|(name, ..)| *name).collect();
        Err(cannot_write(&names.join(", "), error))
    }

    /// Begin the log of a reference anew, so that nothing in it keeps alive what the reference held.
    pub fn forget_log(&self, name: &str) -> Result<()> {
        if self.reflog(name)?.is_some() {
            self.git(&["reflog", "expire", "--expire=all", name])?;
        }
        Ok(())
    }

    /// Lock files that stand in the way of moving `name`.
    fn locks_of(&self, name: &str) -> Vec<PathBuf> {
        let candidates =
            [format!("{name}.lock"), "packed-refs.lock".into(), "reftable/tables.list.lock".into()];
        candidates.iter().map(|lock| self.common_dir.join(lock)).filter(|path| path.exists()).collect()
    }

    /// Delete a reference that still has the value `old`.
    pub fn delete_ref(&self, name: &str, old: Oid) -> Result<()> {
        if name == "HEAD" {
            bail!("HEAD is not deleted");
        }
        self.git(&["update-ref", "-d", name, &old.to_string()])?;
        Ok(())
    }
}

fn is_lock_trouble(error: &anyhow::Error) -> bool {
    format!("{error:#}").to_lowercase().contains("lock")
}

fn cannot_write(name: &str, error: anyhow::Error) -> anyhow::Error {
    error.context(
        Hinted::outside(format!("cannot write {name}"))
            .hint("is the repository writable, and the disk not full?"),
    )
}
