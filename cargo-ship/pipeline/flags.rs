//! What makes a build the same wherever and whenever it is made.

use std::path::Path;

use anyhow::Result;
use factory::storage::fs;
use factory::storage::process::Program;

/// Add to `cargo` what pins the build: no paths of this machine in the binary (checkout and
/// `$CARGO_HOME`), and the commit's time as the only clock. The person's own flags stay.
pub fn pinned(program: Program, checkout: &Path, folder: &Path, seconds: i64) -> Result<Program> {
    let cargo_home = std::env::var_os("CARGO_HOME")
        .map(std::path::PathBuf::from)
        .or_else(|| Some(std::env::home_dir()?.join(".cargo")))
        .unwrap_or_default();
    let remaps = [
        format!("--remap-path-prefix={}=/src", checkout.display()),
        format!("--remap-path-prefix={}=/cargo", cargo_home.display()),
    ];
    let program = program.env("SOURCE_DATE_EPOCH", seconds.to_string());
    // Cargo takes flags from one place only: the environment, else [target], else [build].
    if let Ok(flags) = std::env::var("CARGO_ENCODED_RUSTFLAGS") {
        let all = std::iter::once(flags).chain(remaps).collect::<Vec<_>>().join("\u{1f}");
        return Ok(program.env("CARGO_ENCODED_RUSTFLAGS", all));
    }
    if let Ok(flags) = std::env::var("RUSTFLAGS") {
        // RUSTFLAGS is split at every space, and a path may hold one; this form is not.
        let own = flags.split_whitespace().map(str::to_owned);
        let all = own.chain(remaps).collect::<Vec<_>>().join("\u{1f}");
        return Ok(program.env("CARGO_ENCODED_RUSTFLAGS", all));
    }
    let table = match target_with_flags(folder, &cargo_home)? {
        Some(target) => format!("target.{target}.rustflags"),
        None => "build.rustflags".to_owned(),
    };
    let list = remaps.map(|flag| toml_edit::Value::from(flag).to_string().trim().to_owned()).join(",");
    Ok(program.arg("--config").arg(format!("{table}=[{list}]")))
}

/// The `[target.…]` table that already sets flags, as a key; cargo joins lists of one key.
fn target_with_flags(folder: &Path, cargo_home: &Path) -> Result<Option<String>> {
    let folders = folder.ancestors().map(|folder| folder.join(".cargo")).chain([cargo_home.to_owned()]);
    for folder in folders {
        for name in ["config.toml", "config"] {
            let Some(bytes) = fs::read_if_there(&folder.join(name))? else { continue };
            // A file cargo cannot read is cargo's to report.
            let Ok(document) = String::from_utf8_lossy(&bytes).parse::<toml_edit::DocumentMut>() else {
                continue;
            };
            let Some(targets) = document.get("target").and_then(toml_edit::Item::as_table_like) else {
                continue;
            };
            let found = targets.iter().find(|(_, table)| table.get("rustflags").is_some());
            if let Some((target, _)) = found {
                return Ok(Some(toml_edit::Value::from(target).to_string().trim().to_owned()));
            }
        }
    }
    Ok(None)
}
