//! Objects: commits, blobs, and the tree of a notes reference.

use anyhow::{Context, Result};
use gix::odb::pack::Find;

use super::{Oid, Repo};
use crate::types::hint::Hinted;

/// What is asked of a commit.
#[derive(Clone, Debug)]
pub struct Commit {
    pub id: Oid,
    pub tree: Oid,
    pub parents: Vec<Oid>,
    /// Committer's time, seconds since 1970.
    pub seconds: i64,
    pub summary: String,
}

impl Repo {
    pub fn commit(&self, id: Oid) -> Result<Commit> {
        let commit = self.inner.find_commit(id.0).with_context(|| format!("commit {id}"))?;
        Ok(Commit {
            id,
            tree: Oid(commit.tree_id()?.detach()),
            parents: commit.parent_ids().map(|parent| Oid(parent.detach())).collect(),
            seconds: commit.time()?.seconds,
            summary: commit.message()?.summary().to_string(),
        })
    }

    /// Whether the object is here; a rebased or shallow history may lack it.
    pub fn has(&self, id: Oid) -> bool {
        self.inner.has_object(id.0)
    }

    /// Whether `ancestor` is `commit` or lies in its history.
    pub fn is_ancestor(&self, ancestor: Oid, commit: Oid) -> Result<bool> {
        if ancestor == commit {
            return Ok(true);
        }
        if !self.has(ancestor) || !self.has(commit) {
            return Ok(false);
        }
        let base = self.inner.merge_base(ancestor.0, commit.0)?;
        Ok(base.is_some_and(|base| base.detach() == ancestor.0))
    }

    /// The newest commit both come from; `None` where their histories never met.
    pub fn merge_base(&self, one: Oid, other: Oid) -> Result<Option<Oid>> {
        let bases = self.inner.merge_bases_many(one.0, &[other.0])?;
        Ok(bases.first().map(|base| Oid(base.detach())))
    }

    /// The oldest commit reachable from `commit` by first parents: which repository this is. `None`
    /// where the history is cut off before it, as in a shallow clone. The walk ends early at a commit
    /// whose oldest is `known`.
    pub fn root_commit(&self, commit: Oid, known: Option<(Oid, Oid)>) -> Result<Option<Oid>> {
        let mut id = commit;
        loop {
            if let Some((_, root)) = known.filter(|(at, _)| *at == id) {
                return Ok(Some(root));
            }
            match self.commit(id)?.parents.first() {
                Some(parent) if self.has(*parent) => id = *parent,
                Some(_) => return Ok(None),
                None => return Ok(Some(id)),
            }
        }
    }

    /// The commits of `here` that `there` does not have, the newest first and no two lines of history mixed.
    pub fn commits_beyond(&self, here: Oid, there: Option<Oid>) -> Result<Vec<Oid>> {
        let not = there.map(|there| format!("^{there}"));
        let listed = match &not {
            Some(not) => self.git(&["rev-list", "--topo-order", &here.to_string(), not])?,
            None => self.git(&["rev-list", "--topo-order", &here.to_string()])?,
        };
        listed.lines().map(str::parse).collect()
    }

    pub fn read_blob(&self, id: Oid) -> Result<Vec<u8>> {
        let blob = self.inner.find_blob(id.0).with_context(|| format!("blob {id}"))?;
        // A copy, since what it was decoded in is far longer and serves the next object.
        Ok(blob.data.clone())
    }

    /// The bytes of many blobs, in the order asked for. They are read as they lie in packs, where a blob
    /// stands close to what it is stored as a change of.
    pub fn read_blobs(&self, ids: &[Oid]) -> Result<Vec<Vec<u8>>> {
        let mut objects = self.inner.objects.clone();
        // Else gix does not tell where an object lies.
        objects.prevent_pack_unload();
        let mut buffer = Vec::new();
        // What lies in no pack, or cannot be found, comes first; reading it says what is wrong.
        let mut place = |id: Oid| objects.location_by_oid(&id.0, &mut buffer).ok().flatten();
        let mut order: Vec<usize> = (0..ids.len()).collect();
        order.sort_by_cached_key(|at| place(ids[*at]).map(|place| (place.pack_id, place.pack_offset)));
        let mut blobs = vec![Vec::new(); ids.len()];
        for at in order {
            blobs[at] = self.read_blob(ids[at])?;
        }
        Ok(blobs)
    }

    pub fn write_blob(&self, bytes: &[u8]) -> Result<Oid> {
        let id = self.inner.write_blob(bytes).with_context(cannot_write)?;
        Ok(Oid(id.detach()))
    }

    /// Write a commit that no reference points to yet.
    pub fn write_commit(&self, tree: Oid, parents: &[Oid], message: &str) -> Result<Oid> {
        let parents = parents.iter().map(|parent| parent.0);
        // Opening gave the committer a stand-in where nobody is configured; a record has no other author.
        let committer = self.inner.committer().transpose()?.context("the committer's identity")?;
        let commit = self.inner.new_commit_as(committer, committer, message, tree.0, parents);
        let commit = commit.with_context(cannot_write)?;
        Ok(Oid(commit.id))
    }

    pub fn empty_tree(&self) -> Result<Oid> {
        let id = self.inner.write_object(gix::objs::Tree::empty()).with_context(cannot_write)?;
        Ok(Oid(id.detach()))
    }

    /// The tree of a notes reference at one of its commits, or an empty one.
    pub fn notes_tree(&self, commit: Option<Oid>) -> Result<NotesTree<'_>> {
        let root = match commit {
            Some(commit) => self.commit(commit)?.tree,
            None => self.empty_tree()?,
        };
        let state = gix::note::plumbing::State::new(root.0, &self.inner.objects)?;
        Ok(NotesTree { repo: self, state })
    }
}

fn cannot_write() -> Hinted {
    Hinted::outside("cannot write to the repository").hint("is .git writable, and the disk not full?")
}

/// Notes by annotated object, in git's own layout: the fan-out grows with their number, entries that
/// are no notes stay, and an edit touches only its own path.
pub struct NotesTree<'r> {
    repo: &'r Repo,
    state: gix::note::plumbing::State,
}

impl NotesTree<'_> {
    /// The blob of the note on `annotated`.
    pub fn get(&mut self, annotated: Oid) -> Result<Option<Oid>> {
        Ok(self.state.get(&annotated.0, &self.repo.inner.objects)?.map(Oid))
    }

    pub fn set(&mut self, annotated: Oid, blob: Oid) -> Result<()> {
        self.state.edit(annotated.0, Some(blob.0), &self.repo.inner.objects)?;
        Ok(())
    }

    /// Write what was set; the new root tree.
    pub fn write(&mut self) -> Result<Oid> {
        let root = self.state.write(&self.repo.inner.objects).with_context(cannot_write)?;
        Ok(Oid(root))
    }
}
