//! Where an accepted change goes: whether the branch takes it, and the commit it becomes there.

use std::path::Path;

use anyhow::{Context, Result, bail};
use factory::storage::repo::{Oid, Repo};
use factory::types::hint::Hinted;

use crate::work::waiting::Waiting;

/// Names a main line usually has.
const MAIN: [&str; 2] = ["main", "master"];

/// The branch a change is accepted into, as it was before anybody was asked.
pub struct Place {
    pub branch: String,
    head: Oid,
}

impl Place {
    /// The branch HEAD is on.
    ///
    /// # Errors
    /// None, or the one the change itself is on, which would take nothing in.
    pub fn of(repo: &Repo, waiting: &Waiting, head: Oid) -> Result<Self> {
        let own = format!("intent/{}", waiting.slug);
        let wrong = match repo.branch()? {
            Some(branch) if branch != own => return Ok(Self { branch, head }),
            Some(_) => format!("you are on {own}, which is the change itself, and nothing would take it in"),
            None => "HEAD is on no branch, so none would take the change in".to_owned(),
        };
        let hint = format!("git switch {}", usual_branch(repo, waiting.base)?);
        Err(Hinted::usage(wrong).hint(hint).into())
    }

    /// Find out, without touching anything, whether the change can go in.
    pub fn takes(&self, repo: &Repo, waiting: &Waiting) -> Result<()> {
        let edited = |path: &&String| waiting.files.iter().any(|file| file.path == **path);
        let dirty = repo.dirty_paths()?;
        let in_the_way: Vec<&String> = dirty.iter().filter(edited).collect();
        if let Some(first) = in_the_way.first() {
            bail!(
                Hinted::usage(format!("{first} has uncommitted edits, and the change edits it too"))
                    .hint("commit them, or: git stash -u")
            );
        }
        if repo.is_ancestor(waiting.commit, self.head)? {
            return Ok(());
        }
        self.nothing_is_overwritten(repo, waiting)?;
        if repo.is_ancestor(self.head, waiting.commit)? {
            return Ok(());
        }
        self.merges(repo, waiting)
    }

    /// Git itself overwrites ignored files without a word.
    fn nothing_is_overwritten(&self, repo: &Repo, waiting: &Waiting) -> Result<()> {
        let root = repo.root()?;
        let mut found = Vec::new();
        for path in waiting.files.iter().map(|file| file.path.as_str()) {
            let is_new =
                repo.entry_at(self.head, path)?.is_none() && repo.entry_at(waiting.commit, path)?.is_some();
            if is_new && let Some(there) = in_the_way(root, path) {
                // A file of HEAD that makes room for a folder is git's to remove.
                if repo.entry_at(self.head, there)?.is_none() && !found.contains(&there) {
                    found.push(there);
                }
            }
        }
        let Some(first) = found.first() else { return Ok(()) };
        bail!(
            Hinted::usage(format!(
                "the change would overwrite what lies here and is in no commit: {}",
                found.join(", ")
            ))
            .hint(format!("move it away, then the same again: mv '{first}' '{first}.mine'"))
        );
    }

    fn merges(&self, repo: &Repo, waiting: &Waiting) -> Result<()> {
        let (ours, theirs) = (self.head.to_string(), waiting.commit.to_string());
        let tried = repo
            .git_command()
            .args(["merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", &ours, &theirs])
            .output()
            .context("git merge-tree")?;
        if tried.status.success() {
            return Ok(());
        }
        if tried.status.code() != Some(1) {
            let said = String::from_utf8_lossy(&tried.stderr).trim().to_owned();
            bail!(Hinted::outside(format!("git merge-tree: {said}")).hint("git 2.38 or newer is needed"));
        }
        let listed = String::from_utf8_lossy(&tried.stdout).into_owned();
        let paths: Vec<&str> = listed.split('\0').skip(1).filter(|path| !path.is_empty()).collect();
        Err(Hinted::finding(format!(
            "the change conflicts with HEAD in {}; nothing was changed",
            paths.join(", ")
        ))
        .hint(format!("cargo intent build {} to build it anew from HEAD", waiting.slug))
        .into())
    }

    /// What to say where the merge is of two lines, and no check ever ran on both together.
    pub fn unchecked(&self, repo: &Repo, waiting: &Waiting) -> Result<Option<String>> {
        let (head, change) = (self.head, waiting.commit);
        if repo.is_ancestor(head, change)? || repo.is_ancestor(change, head)? {
            return Ok(None);
        }
        Ok(Some(format!(
            "{} moved on since {}: the checks ran on the change, and not on the merge; afterwards: cargo intent check",
            self.branch,
            waiting.base.short()
        )))
    }

    /// The commit that the branch will be at: the change's own where it can go forward to it, else
    /// a merge of both, which nothing points to yet.
    pub fn merge_commit(&self, repo: &Repo, waiting: &Waiting) -> Result<Oid> {
        if repo.is_ancestor(waiting.commit, self.head)? {
            return Ok(self.head);
        }
        if repo.is_ancestor(self.head, waiting.commit)? {
            return Ok(waiting.commit);
        }
        let (ours, theirs) = (self.head.to_string(), waiting.commit.to_string());
        let tree = repo.git(&["merge-tree", "--write-tree", "--no-messages", &ours, &theirs])?;
        let message = format!("Accept {}: {}", waiting.slug, waiting.intent.title);
        let mut args = vec!["commit-tree", "-p", &ours, "-p", &theirs, "-m", &message];
        // As `git merge` would.
        args.extend(repo.flag("commit.gpgSign").then_some("-S"));
        args.push(tree.trim());
        repo.git(&args)?.trim().parse()
    }

    /// Move the branch forward, without hooks.
    ///
    /// # Errors
    /// Where HEAD moved or went to another branch while the person was asked.
    pub fn merge(&self, repo: &Repo, merged: Oid) -> Result<()> {
        if repo.branch()?.as_deref() != Some(self.branch.as_str()) || repo.head()? != Some(self.head) {
            bail!(
                Hinted::busy(format!(
                    "HEAD is not at {} on {} any more; nothing was changed",
                    self.head.short(),
                    self.branch
                ))
                .hint("the same again")
            );
        }
        if merged != self.head {
            let commit = merged.to_string();
            repo.git(&[
                "-c",
                "core.hooksPath=/dev/null",
                "merge",
                "--ff-only",
                "--no-overwrite-ignore",
                "--no-verify",
                "--quiet",
                &commit,
            ])?;
        }
        Ok(())
    }
}

/// A file or folder that lies where `path` would be written: it, or a folder above it that is none.
fn in_the_way<'p>(root: &Path, path: &'p str) -> Option<&'p str> {
    let above = path.match_indices('/').map(|(end, _)| &path[..end]);
    let is_no_folder =
        |part: &&str| std::fs::symlink_metadata(root.join(part)).is_ok_and(|found| !found.is_dir());
    let mut above = above.filter(is_no_folder);
    above.next().or_else(|| std::fs::symlink_metadata(root.join(path)).is_ok().then_some(path))
}

/// The branch that a change built from `base` most likely belongs into, as `git switch` takes it.
fn usual_branch(repo: &Repo, base: Oid) -> Result<String> {
    let base = base.to_string();
    let listed =
        repo.git(&["for-each-ref", "--format=%(refname:lstrip=2)", "--contains", &base, "refs/heads"])?;
    let branches: Vec<&str> = listed.lines().filter(|name| !name.starts_with("intent/")).collect();
    let main = branches.iter().find(|name| MAIN.contains(name));
    Ok(main.or(branches.first()).map_or("-", |name| *name).to_owned())
}
