//! Where one edge keeps its files and sockets.

use std::path::PathBuf;

use anyhow::Result;
use factory::storage::fs;
use factory::types::hint::Hinted;
use factory::types::id::sha256_hex;

/// The most bytes a Unix socket's path may have where the kernel allows least.
const MAX_SOCKET_PATH: usize = 103;

/// The folder of one environment's edge, and the owner-only folder its sockets are in.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    pub dir: PathBuf,
    pub sockets: PathBuf,
}

impl Place {
    /// `sockets` may be shared by many edges: each names its own after its `dir`.
    pub fn new(dir: impl Into<PathBuf>, sockets: impl Into<PathBuf>) -> Result<Self> {
        let place = Self { dir: dir.into(), sockets: sockets.into() };
        let longest = place.worker_socket();
        if longest.as_os_str().len() > MAX_SOCKET_PATH {
            return Err(Hinted::outside(format!(
                "{} is too long for a socket ({} bytes, at most {MAX_SOCKET_PATH})",
                longest.display(),
                longest.as_os_str().len()
            ))
            .hint("set XDG_RUNTIME_DIR to a shorter folder")
            .into());
        }
        Ok(place)
    }

    pub fn control_socket(&self) -> PathBuf {
        self.socket("control")
    }

    pub fn worker_socket(&self) -> PathBuf {
        self.socket("worker")
    }

    fn socket(&self, name: &str) -> PathBuf {
        self.sockets.join(format!("{}-{name}.sock", self.mark()))
    }

    /// Names this edge among all of the machine: in socket names and in its processes' environment.
    pub fn mark(&self) -> String {
        use std::os::unix::ffi::OsStrExt;
        sha256_hex(self.dir.as_os_str().as_bytes())[..8].to_owned()
    }

    pub fn state(&self) -> PathBuf {
        self.dir.join("state.json")
    }

    pub fn journal(&self) -> PathBuf {
        self.dir.join("journal.jsonl")
    }

    pub fn failures(&self) -> PathBuf {
        self.dir.join("failures.json")
    }

    /// What the cookies of clients are signed with.
    pub fn sticky_key(&self) -> PathBuf {
        self.dir.join("sticky.key")
    }

    /// Held by the supervisor for as long as it lives.
    pub fn lock(&self) -> PathBuf {
        self.dir.join("supervisor.lock")
    }

    /// Held while somebody starts a supervisor.
    pub fn start_lock(&self) -> PathBuf {
        self.dir.join("start.lock")
    }

    /// Why the supervisor did not start.
    pub fn refused(&self) -> PathBuf {
        self.dir.join("refused.json")
    }

    pub fn logs(&self) -> PathBuf {
        self.dir.join("logs")
    }

    /// `stable`, `canary`, `old`, `edge` or `worker`.
    pub fn log(&self, name: &str) -> PathBuf {
        self.logs().join(format!("{name}.log"))
    }

    pub fn access_log(&self) -> PathBuf {
        self.logs().join("access.jsonl")
    }

    /// Make the folders, open to their owner alone.
    pub fn create(&self) -> Result<()> {
        [&self.dir, &self.sockets, &self.logs()].into_iter().try_for_each(|dir| fs::create_private_dir(dir))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_edges_share_a_socket_folder_and_a_long_one_is_refused() {
        let one = Place::new("/a", "/run/x").unwrap();
        let other = Place::new("/b", "/run/x").unwrap();
        assert_ne!(one.control_socket(), other.control_socket());
        assert!(Place::new("/a", format!("/{}", "x".repeat(100))).is_err());
    }
}
