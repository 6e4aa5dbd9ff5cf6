//! Where the tools keep what is not the repository's: state, and sockets.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::fs;
use super::repo::Repo;
use crate::types::hint::Hinted;
use crate::types::id::sha256_hex;

/// Hexadecimal digits that tell repositories of one name apart.
const KEY_LENGTH: usize = 12;

/// Folders of one repository.
#[derive(Clone, Debug)]
pub struct Places {
    /// In the git common dir: journal, locks, index.
    pub common: PathBuf,
    /// Checkouts, worktrees, builds, environments of the `local` target, logs.
    pub state: PathBuf,
    /// Owner-only, with a path short enough for a socket (108 bytes).
    pub sockets: PathBuf,
}

impl Places {
    /// The places of a repository. Nothing is made yet but the socket folder's parent.
    pub fn of(repo: &Repo) -> Result<Self> {
        let key = &sha256_hex(repo.common_dir().as_os_str().as_encoded_bytes())[..KEY_LENGTH];
        let name: String =
            repo.name().chars().filter(|c| c.is_alphanumeric() || "-_.".contains(*c)).collect();
        Ok(Self {
            common: repo.common_dir().join("factory"),
            state: state_home()?.join("personal-factory").join(format!("{name}-{key}")),
            sockets: socket_home()?.join(key),
        })
    }
}

/// The folder of what is no repository's.
pub fn state_folder() -> Result<PathBuf> {
    Ok(state_home()?.join("personal-factory"))
}

/// A repository's folders as they are found without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub state: PathBuf,
    pub sockets: PathBuf,
}

/// Every repository that has a state folder.
pub fn known() -> Result<Vec<Known>> {
    let folder = state_folder()?;
    let listing = match std::fs::read_dir(&folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        listing => listing.with_context(|| folder.display().to_string())?,
    };
    let home = socket_home()?;
    let mut known = Vec::new();
    for entry in listing {
        let state = entry?.path();
        // The end of its name is what the socket folder is called.
        let name = state.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if let Some((_, key)) = name.rsplit_once('-').filter(|(_, key)| key.len() == KEY_LENGTH) {
            known.push(Known { state, sockets: home.join(key) });
        }
    }
    Ok(known)
}

/// Where the person's own manual pages and completions belong.
pub fn data_home() -> Result<PathBuf> {
    home_folder("XDG_DATA_HOME", ".local/share")
}

/// The person's own configuration file.
pub fn config_file() -> Option<PathBuf> {
    Some(config_home().ok()?.join("personal-factory/config.toml"))
}

/// Where the person's own settings of programs belong.
pub fn config_home() -> Result<PathBuf> {
    home_folder("XDG_CONFIG_HOME", ".config")
}

fn state_home() -> Result<PathBuf> {
    home_folder("XDG_STATE_HOME", ".local/state")
}

fn home_folder(variable: &str, usual: &str) -> Result<PathBuf> {
    if let Some(folder) = absolute(variable) {
        return Ok(folder);
    }
    let home = std::env::home_dir().filter(|home| home.is_absolute());
    let home = home
        .ok_or_else(|| Hinted::outside("no home folder is known").hint(format!("set HOME or {variable}")))?;
    Ok(home.join(usual))
}

/// A variable that names an absolute folder; the specification has others ignored.
fn absolute(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute())
}

/// Room for `/<12 hex>/<environment>.<what>.sock` below the 108 bytes of a socket's path.
const SOCKET_HOME_BYTES: usize = 60;

fn socket_home() -> Result<PathBuf> {
    if let Some(runtime) = absolute("XDG_RUNTIME_DIR") {
        let folder = runtime.join("personal-factory");
        if folder.as_os_str().len() <= SOCKET_HOME_BYTES && fs::create_private_dir(&folder).is_ok() {
            return Ok(folder);
        }
    }
    let user = rustix::process::getuid().as_raw();
    // In a place everyone can write; a folder there that is not ours is passed over.
    let folder = ["/tmp".into(), std::env::temp_dir()]
        .into_iter()
        .map(|temporary: PathBuf| temporary.join(format!("personal-factory-{user}")))
        .find(|folder| {
            folder.as_os_str().len() <= SOCKET_HOME_BYTES && fs::create_private_dir(folder).is_ok()
        })
        .ok_or_else(|| {
            Hinted::outside("no folder for sockets").hint("set XDG_RUNTIME_DIR to a short folder of yours")
        })?;
    Ok(folder)
}
