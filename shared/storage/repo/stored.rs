//! The bytes of a file as git stores them: held where they are few, else read again, piece by piece,
//! from where they lie.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use super::{Oid, Repo};
use crate::types::hint::Hinted;
use crate::types::id::hex;

/// More bytes than this are not held in memory.
pub const MOST_HELD_BYTES: u64 = 256 * 1024;

const PIECE_BYTES: usize = 64 * 1024;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stored {
    Held(Vec<u8>),
    Large(Large),
}

/// What is read again each time it is needed; equal where the bytes are.
#[derive(Clone, Debug)]
pub struct Large {
    pub size_bytes: u64,
    pub sha256: String,
    place: Place,
}

impl PartialEq for Large {
    fn eq(&self, other: &Self) -> bool {
        (self.size_bytes, &self.sha256) == (other.size_bytes, &other.sha256)
    }
}

impl Eq for Large {}

#[derive(Clone, Debug)]
enum Place {
    /// A file that git stores as it is.
    File(PathBuf),
    Blob {
        git_dir: PathBuf,
        id: Oid,
    },
}

impl Stored {
    pub fn size_bytes(&self) -> u64 {
        match self {
            Self::Held(bytes) => bytes.len() as u64,
            Self::Large(large) => large.size_bytes,
        }
    }

    /// All of the bytes, however many.
    ///
    /// # Errors
    /// As [`Stored::each`].
    pub fn whole(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.each(|piece| bytes.extend_from_slice(piece))?;
        Ok(bytes)
    }

    /// Hand over the bytes, in pieces and in order.
    ///
    /// # Errors
    /// A file that is not what it was when it was looked at first, or cannot be read any more.
    pub fn each(&self, mut take: impl FnMut(&[u8])) -> Result<()> {
        let large = match self {
            Self::Held(bytes) => {
                take(bytes);
                return Ok(());
            }
            Self::Large(large) => large,
        };
        if large.place.pieces(take)? == (large.size_bytes, large.sha256.clone()) {
            return Ok(());
        }
        bail!(
            Hinted::outside(format!("{} changed while it was read", large.place.shown()))
                .hint("the same again, once nothing writes it")
        )
    }
}

impl Large {
    fn at(place: Place) -> Result<Self> {
        let (size_bytes, sha256) = place.pieces(|_| ())?;
        Ok(Self { size_bytes, sha256, place })
    }

    /// A file of the work tree that git stores as it is.
    pub(super) fn of_file(path: PathBuf) -> Result<Self> {
        Self::at(Place::File(path))
    }
}

impl Place {
    /// Size and SHA-256 of what was handed over.
    fn pieces(&self, mut take: impl FnMut(&[u8])) -> Result<(u64, String)> {
        let (mut source, child): (Box<dyn Read>, Option<Child>) = match self {
            Self::File(path) => (Box::new(File::open(path).with_context(|| self.shown())?), None),
            Self::Blob { git_dir, id } => {
                let mut child = cat(git_dir, *id)?;
                let output = child.stdout.take().context("git has no standard output")?;
                (Box::new(output), Some(child))
            }
        };
        let (mut hash, mut size_bytes) = (Sha256::new(), 0);
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            let read = match source.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error).with_context(|| format!("cannot read {}", self.shown())),
            };
            hash.update(&piece[..read]);
            take(&piece[..read]);
            size_bytes += read as u64;
        }
        if let Some(child) = child {
            let ended = child.wait_with_output().context("git cat-file")?;
            if !ended.status.success() {
                bail!("git cat-file failed: {}", String::from_utf8_lossy(&ended.stderr).trim());
            }
        }
        Ok((size_bytes, hex(&hash.finalize())))
    }

    fn shown(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Blob { id, .. } => format!("blob {id}"),
        }
    }
}

/// gix reads an object whole; git streams what is beyond this threshold.
fn cat(git_dir: &std::path::Path, id: Oid) -> Result<Child> {
    let threshold = format!("core.bigFileThreshold={MOST_HELD_BYTES}");
    let mut command = Command::new("git");
    command.args(["-c", &threshold, "--git-dir"]).arg(git_dir).args(["cat-file", "blob", &id.to_string()]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().with_context(|| Hinted::outside("git could not be started").hint("install git"))
}

impl Repo {
    /// A blob, held only where it is small.
    pub fn stored(&self, id: Oid) -> Result<Stored> {
        let header = self.inner.find_header(id.0).with_context(|| format!("blob {id}"))?;
        if header.size() <= MOST_HELD_BYTES {
            return self.read_blob(id).map(Stored::Held);
        }
        Ok(Stored::Large(Large::at(Place::Blob { git_dir: self.git_dir_absolute(), id })?))
    }
}
