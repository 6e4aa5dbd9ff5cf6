//! What the schemas of an intent refer to: a check follows it, so an approval holds it.

use std::collections::BTreeMap;

use anyhow::Result;

use super::{Sources, entries, plain};
use crate::operations::contracts::MOST_BYTES;
use crate::operations::contracts::json_schema::followed;
use crate::types::intent::{Anchor, ContractKind, Intent};

/// Entry path and repository path of every file that a schema of the intent refers to, however far.
pub fn of(sources: &dyn Sources, intent: &Intent) -> Result<BTreeMap<String, String>> {
    let contracts = intent.contracts.iter().filter_map(|contract| match &contract.kind {
        ContractKind::JsonSchema { path, .. } => {
            Some((format!("contract/{}/ref", entries::escaped(&contract.id)), path))
        }
        _ => None,
    });
    let checks = intent.acceptance.iter().filter_map(|check| match &check.anchor {
        Anchor::Http(http) => {
            let base = format!("acceptance/{}/schema-ref", entries::escaped(&check.id));
            http.schema.as_ref().map(|path| (base, path))
        }
        _ => None,
    });
    let mut files = BTreeMap::new();
    for (base, path) in contracts.chain(checks) {
        let path = plain(path);
        // What is no file of its own is not followed by a check either.
        let Some(bytes) = bytes(sources, &path)? else { continue };
        let read = |paths: &[String]| {
            sources.prepare(paths)?;
            paths.iter().map(|path| bytes_of(sources, path)).collect()
        };
        for found in followed::paths(&path, &bytes, read)? {
            files.insert(format!("{base}/{}", entries::escaped(&found)), found);
        }
    }
    Ok(files)
}

fn bytes_of(sources: &dyn Sources, path: &str) -> Result<Vec<u8>> {
    Ok(bytes(sources, path)?.unwrap_or_default())
}

fn bytes(sources: &dyn Sources, path: &str) -> Result<Option<Vec<u8>>> {
    match sources.file(path)? {
        Some(file) if file.size_bytes() <= MOST_BYTES && !sources.is_link(path)? => file.whole().map(Some),
        _ => Ok(None),
    }
}
