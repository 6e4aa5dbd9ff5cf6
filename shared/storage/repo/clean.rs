//! Files of the work tree as git would store them: after its clean filter.

use std::io::Write;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::git::finish;
use super::{Oid, Repo};
use crate::types::hint::Hinted;

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

    /// The bytes git would store for these files of the work tree, given what they hold now.
    ///
    /// One git process for all of them, none where there are none.
    pub fn cleaned(&self, files: Vec<(String, Vec<u8>)>) -> Result<Vec<(String, Vec<u8>)>> {
        if files.is_empty() {
            return Ok(files);
        }
        let paths: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
        let stored = self.hash_objects(&paths, false)?;
        let changed: Vec<&str> = files
            .iter()
            .zip(&stored)
            .filter(|((_, bytes), oid)| self.blob_id(bytes).ok() != Some(**oid) && !self.has(**oid))
            .map(|((path, _), _)| path.as_str())
            .collect();
        if !changed.is_empty() {
            // What a filter makes of a file can only be read back once it is stored.
            self.hash_objects(&changed, true)?;
        }
        let mut cleaned = Vec::with_capacity(files.len());
        for ((path, bytes), oid) in files.into_iter().zip(stored) {
            let same = self.blob_id(&bytes)? == oid;
            let bytes = if same { bytes } else { self.read_blob(oid)? };
            cleaned.push((path, bytes));
        }
        Ok(cleaned)
    }

    /// The name a blob of these bytes has.
    pub fn blob_id(&self, bytes: &[u8]) -> Result<Oid> {
        let id = gix::objs::compute_hash(self.inner.object_hash(), gix::objs::Kind::Blob, bytes)?;
        Ok(Oid(id))
    }

    fn hash_objects(&self, paths: &[&str], write: bool) -> Result<Vec<Oid>> {
        let mut command = self.git_command();
        command.args(["hash-object", "--stdin-paths"]).args(write.then_some("-w"));
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
