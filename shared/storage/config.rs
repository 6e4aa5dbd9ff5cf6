//! The configuration files: the person's own, and the repository's laid over it.

use std::path::Path;

use anyhow::Result;

use super::{fs, places};
use crate::types::config::Config;
use crate::types::config::parse::lay_over;
use crate::types::problem::Problems;

/// The repository's configuration file, at its root.
pub const FILE: &str = "factory.toml";

/// What holds in the project at `root`; without any file, the defaults.
pub fn load(root: &Path) -> Result<Config> {
    let mut config = Config::default();
    if let Some(personal) = places::config_file() {
        lay(&mut config, &personal, &personal.to_string_lossy())?;
    }
    lay(&mut config, &root.join(FILE), FILE)?;
    let local = config.environments.entry("local".to_owned()).or_default();
    if local.target.is_empty() {
        local.target = "local".to_owned();
    }
    Ok(config)
}

/// Lay the file at `path` over what is there, if there is such a file.
pub fn lay(config: &mut Config, path: &Path, shown: &str) -> Result<()> {
    let Some(bytes) = fs::read_if_there(path)? else { return Ok(()) };
    Ok(lay_over(config, shown, &bytes).map_err(Problems)?)
}
