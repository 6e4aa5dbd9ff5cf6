//! `cargo intent schema`: the JSON Schema of the intent file, for editors.

use anyhow::Result;
use factory::storage::fs;
use factory::storage::repo::Repo;
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use factory::types::intent::schema::{FILE, schema};
use serde_json::{Map, Value};

/// Print the JSON Schema of the intent file, for editors
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo intent schema
  cargo intent schema --write

--write keeps it as intents/schema.json. From then on cargo intent new begins each file with \
`#:schema ./schema.json`, which taplo and the editors that use it read; put the line into older \
files to have them checked as well.")]
pub struct Args {
    /// Write it to intents/schema.json in place of standard output
    #[arg(long)]
    pub write: bool,
}

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    let schema = schema();
    if !args.write {
        // With either format: the document is JSON, and nothing is said beside it.
        output.raw(text(&schema).as_bytes());
        return Ok(Exit::Holds);
    }
    let repo = Repo::discover(&std::env::current_dir()?)?;
    let path = repo.root()?.join(FILE);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write_atomic(&path, text(&schema).as_bytes())?;
    if output.is_json() {
        let mut document = Map::new();
        document.insert("file".into(), FILE.into());
        output.json(document);
    } else {
        output.line(FILE);
        output.note("cargo intent new names it in each file from now on");
    }
    Ok(Exit::Holds)
}

/// Indented, so that a version of it reads well in a difference.
fn text(schema: &Value) -> String {
    format!("{schema:#}\n")
}
