//! What a fixture is made of: the failing input of an item, and the output that is expected.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use factory::storage::repo::Repo;
use factory::types::hint::Hinted;
use factory::types::item::Item;
use serde_json::Value;

use crate::store;

/// A file of the fixture's folder.
pub struct Part {
    pub extension: String,
    pub bytes: Vec<u8>,
}

/// The bytes of a file the person named.
fn given(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| {
        let shown = path.display();
        Hinted::usage(format!("cannot read {shown}: {error}")).hint("name a file that is there").into()
    })
}

/// The failing input: the one named, else the one the item holds.
pub fn input(repo: &Repo, item: &Item<'_>, intent: &str, named: Option<&str>) -> Result<Option<Part>> {
    if let Some(named) = named {
        let is_evidence = !store::evidence_called(item, named).is_empty();
        let path = PathBuf::from(named);
        if !is_evidence && !path.is_file() {
            let names: Vec<&str> = item.evidence.iter().map(|piece| store::called(item, piece)).collect();
            return Err(Hinted::usage(format!("{named:?} is neither evidence of {} nor a file", item.id))
                .hint(match names.as_slice() {
                    [] => "it has no evidence; --input takes a file".to_owned(),
                    names => format!("evidence there is: {}", names.join(", ")),
                })
                .into());
        }
        let (name, bytes) = match is_evidence {
            true => store::evidence_named(repo, item, named)?,
            false => (named.to_owned(), given(&path)?),
        };
        return Ok(Some(Part { extension: extension(&name), bytes }));
    }
    match candidates(item).as_slice() {
        [] => Ok(None),
        [only] => {
            let (name, bytes) = store::evidence_named(repo, item, only)?;
            Ok(Some(Part { extension: extension(&name), bytes }))
        }
        several => Err(Hinted::usage(format!("{} holds several files: {}", item.id, several.join(", ")))
            .hint(format!(
                "git feedback promote {} --intent {} --input {}",
                item.id,
                intent,
                shlex::try_quote(several[0]).unwrap_or_default()
            ))
            .into()),
    }
}

/// Evidence that may be the input: what is named so, the body of a failing request, or what was
/// attached by hand; never what this tool recorded around it.
fn candidates<'e>(item: &Item<'e>) -> Vec<&'e str> {
    const AROUND: [&str; 5] = ["output.txt", "body.txt", "failure.json", "decision.jsonl", "canary.log"];
    let called = |piece| store::called(item, piece);
    for stem in ["input", "request"] {
        let named: Vec<&str> = item
            .evidence
            .iter()
            .filter(|piece| piece.name.split('.').next() == Some(stem))
            .map(called)
            .collect();
        if !named.is_empty() {
            return named;
        }
    }
    item.evidence.iter().filter(|piece| !AROUND.contains(&piece.name)).map(called).collect()
}

/// The extension of a file, or `txt`.
fn extension(name: &str) -> String {
    let file = name.rsplit('/').next().unwrap_or(name);
    match file.rsplit_once('.') {
        Some((stem, end))
            if !stem.is_empty()
                && (1..=10).contains(&end.len())
                && end.chars().all(|c| c.is_ascii_alphanumeric()) =>
        {
            end.to_owned()
        }
        _ => "txt".to_owned(),
    }
}

/// What the command must answer, from a file or from standard input.
pub fn expected(path: &Path, input: Option<&Part>) -> Result<Part> {
    if path.as_os_str() != "-" {
        return Ok(Part { extension: extension(&path.to_string_lossy()), bytes: given(path)? });
    }
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes).context("standard input")?;
    let json = serde_json::from_slice::<Value>(&bytes).is_ok();
    let like_input = input.map_or("txt", |input| input.extension.as_str());
    Ok(Part { extension: if json { "json" } else { like_input }.to_owned(), bytes })
}

#[cfg(test)]
mod tests {
    use super::extension;

    #[test]
    fn an_extension_is_short_and_plain() {
        assert_eq!(extension("a/export.csv"), "csv");
        assert_eq!(extension(".ssh"), "txt");
        assert_eq!(extension("x.tar/../y"), "txt");
        assert_eq!(extension("x.c s"), "txt");
    }
}
