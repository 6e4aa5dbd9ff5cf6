//! Files of the work tree as git would store them: after its clean filter.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Write};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::git::finish;
use super::stored::{Large, MOST_HELD_BYTES, Stored};
use super::{Oid, Repo};
use crate::types::hint::Hinted;

/// More paths than this are not named to git: the whole index is read then.
const MOST_NAMED: usize = 500;

impl Repo {
    /// Paths of the work tree that git tracks, or would with `git add`.
    ///
    /// # Errors
    /// A path under `intents/` that is not UTF-8, named. Elsewhere such a path is left out.
    pub fn listed_files(&self) -> Result<Vec<String>> {
        let args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        let listed = finish(self.git_command().args(args))?;
        let mut paths = Vec::new();
        for raw in listed.split(|byte| *byte == 0).filter(|raw| !raw.is_empty()) {
            match std::str::from_utf8(raw) {
                Ok(path) => paths.push(path.to_owned()),
                Err(_) if raw.starts_with(b"intents/") => {
                    let shown = String::from_utf8_lossy(raw).into_owned();
                    bail!(Hinted::usage(format!("the path {shown} is not UTF-8")).hint("rename the file"))
                }
                Err(_) => {}
            }
        }
        Ok(paths)
    }

    /// What git would store for these files of the work tree, in their order.
    ///
    /// One git process for all of them, a second one where some are large; none where there are none.
    pub fn cleaned(&self, paths: &[String]) -> Result<Vec<Stored>> {
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        let mut stored = self.hash_objects(paths, &[])?;
        let (mut large, mut held) = (Vec::new(), HashMap::new());
        for path in paths {
            match self.small(path)? {
                Some(bytes) => drop(held.insert(path, bytes)),
                None => large.push(path.clone()),
            }
        }
        let mut ids: HashMap<&String, Oid> = HashMap::new();
        for (path, bytes) in &held {
            ids.insert(path, self.blob_id(bytes)?);
        }
        ids.extend(large.iter().zip(self.hash_objects(&large, &["--no-filters"])?));
        self.keep_as_added(paths, &ids, &mut stored)?;
        let is_filtered = |path: &String, oid: Oid| ids.get(path) != Some(&oid);
        let pairs = paths.iter().zip(&stored);
        let fresh = pairs.filter(|(path, oid)| is_filtered(path, **oid) && !self.has(**oid));
        // What a filter makes of a file can only be read back once it is stored.
        self.hash_objects(&fresh.map(|(path, _)| path.clone()).collect::<Vec<_>>(), &["-w"])?;
        let mut cleaned = Vec::with_capacity(paths.len());
        for (path, oid) in paths.iter().zip(stored) {
            cleaned.push(match held.remove(path) {
                _ if is_filtered(path, oid) => self.stored(oid)?,
                Some(bytes) => Stored::Held(bytes),
                None => Stored::Large(Large::of_file(self.root()?.join(path))?),
            });
        }
        Ok(cleaned)
    }

    /// What is byte for byte as it was added stays so, whatever a filter would make of it now: git
    /// leaves the line ends of such a file alone, and `hash-object` does not know that it was added.
    fn keep_as_added(&self, paths: &[String], ids: &HashMap<&String, Oid>, stored: &mut [Oid]) -> Result<()> {
        let filtered: Vec<&String> = paths
            .iter()
            .zip(&*stored)
            .filter(|(path, oid)| ids.get(path) != Some(oid))
            .map(|p| p.0)
            .collect();
        let added = self.added(&filtered)?;
        for (path, oid) in paths.iter().zip(stored) {
            if let Some(id) = ids.get(path).filter(|id| added.get(path) == Some(id)) {
                *oid = *id;
            }
        }
        Ok(())
    }

    /// The blobs that the index has of these paths; none of one in conflict.
    fn added(&self, paths: &[&String]) -> Result<HashMap<String, Oid>> {
        if paths.is_empty() {
            return Ok(HashMap::new());
        }
        let mut command = self.git_command();
        command.env("GIT_LITERAL_PATHSPECS", "1").args(["ls-files", "--stage", "-z", "--"]);
        if paths.len() <= MOST_NAMED {
            command.args(paths);
        }
        let listed = finish(&mut command)?;
        let mut blobs = HashMap::new();
        for row in String::from_utf8_lossy(&listed).split('\0') {
            let Some((about, path)) = row.split_once('\t') else { continue };
            if let [_, id, "0"] = about.split(' ').collect::<Vec<_>>()[..] {
                blobs.insert(path.to_owned(), id.parse()?);
            }
        }
        Ok(blobs)
    }

    /// The bytes of a file of the work tree that are few enough to be held.
    fn small(&self, path: &str) -> Result<Option<Vec<u8>>> {
        let full = self.root()?.join(path);
        let about = || format!("cannot read {}", full.display());
        let mut bytes = Vec::new();
        let file = File::open(&full).with_context(about)?;
        file.take(MOST_HELD_BYTES + 1).read_to_end(&mut bytes).with_context(about)?;
        Ok((bytes.len() as u64 <= MOST_HELD_BYTES).then_some(bytes))
    }

    /// The name a blob of these bytes has.
    pub fn blob_id(&self, bytes: &[u8]) -> Result<Oid> {
        let id = gix::objs::compute_hash(self.inner.object_hash(), gix::objs::Kind::Blob, bytes)?;
        Ok(Oid(id))
    }

    fn hash_objects(&self, paths: &[String], options: &[&str]) -> Result<Vec<Oid>> {
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        let mut command = self.git_command();
        command.args(["hash-object", "--stdin-paths"]).args(options);
        let list: String = paths.iter().map(|path| quoted(path)).collect();
        let said = fed(&mut command, list.into_bytes())?;
        let oids: Vec<Oid> = said.lines().map(str::parse).collect::<Result<_>>()?;
        if oids.len() != paths.len() {
            bail!("git hash-object answered {} names for {} files", oids.len(), paths.len());
        }
        Ok(oids)
    }
}

/// A path on a line of its own as git reads it, whatever it holds.
fn quoted(path: &str) -> String {
    let escaped = path.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{escaped}\"\n")
}

/// Run a git command that reads its standard input; its standard output.
fn fed(command: &mut Command, input: Vec<u8>) -> Result<String> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().context("git could not be started")?;
    let mut stdin = child.stdin.take().context("git has no standard input")?;
    let feeder = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().context("git hash-object")?;
    // Where git ended early its own words say why.
    let _ = feeder.join();
    if !output.status.success() {
        bail!("git hash-object failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
