//! An agent's proposal for a new intent: asked for in a folder of its own, and only one file taken.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use factory::storage::boundary::Boundary;
use factory::storage::fs;
use factory::storage::intents::file_of;
use factory::storage::places::Places;
use factory::storage::process::{Program, Runner};
use factory::storage::repo::Repo;
use factory::terminal::output::Output;
use factory::types::config::Agents;
use factory::types::hint::Hinted;
use factory::types::id::attempt_id;
use factory::types::intent::parse::parse;
use factory::types::intent::{Anchor, Intent};
use factory::types::problem::Problem;

use super::source::lost;
use crate::agent::{Agent, Kind, Task};

/// How long the agent may think, and the longest file taken from it.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
const LONGEST_BYTES: u64 = 1024 * 1024;

/// What came back.
pub enum Proposal {
    /// A file our parser reads, and the lines of the text it leaves out.
    Read {
        text: String,
        file: PathBuf,
        left_out: Vec<String>,
    },
    Unreadable {
        problems: Vec<Problem>,
        file: PathBuf,
    },
    /// The agent left the draft as it was; how it ended.
    Nothing(String),
}

/// Have the agent turn the draft into a better one.
pub fn ask(
    repo: &Repo,
    agents: &Agents,
    name: Option<&str>,
    draft: (&Intent, &str),
    raw: &str,
    output: &Output,
) -> Result<Proposal> {
    let (intent, text) = draft;
    let agent = Agent::find(name, agents)?;
    if !matches!(agent.kind, Kind::Command(_)) {
        bail!(
            Hinted::usage(format!("{} proposes no intents", agent.name))
                .hint("--agent NAME of one that is a command, or leave --draft out and edit the file")
        );
    }
    let folder = Places::of(repo)?.state.join("proposals").join(format!("{}-{}", intent.slug, attempt_id()));
    let (work, scratch) = (folder.join("work"), folder.join("scratch"));
    fs::create_private_dir(&folder)?;
    fs::create_dir_all(&work.join("intents"))?;
    fs::create_dir_all(&scratch)?;
    let work = work.canonicalize().with_context(|| work.display().to_string())?;
    let file = work.join(file_of(&intent.slug));
    fs::write(&file, text)?;
    fs::write(&work.join("raw.txt"), raw)?;
    let runner = Runner::new(Boundary::None);
    // Some agents refuse to work where there is no repository.
    runner.run(&Program::new("git").args(["init", "-q"]).dir(&work).timeout(Duration::from_secs(60)))?;
    let brief = brief(&intent.slug);
    let brief_file = folder.join("brief.md");
    fs::write(&brief_file, &brief)?;
    output.warn(runner.boundary().notice());
    output.note(format!("{} proposes an intent …", agent.name));
    let task = Task {
        intent,
        worktree: &work,
        scratch: &scratch,
        brief: &brief,
        brief_file: &brief_file,
        limit: PATIENCE,
    };
    let ran = agent.run(runner, &task)?;
    read(&intent.slug, &file, text, raw, &ran.ended)
}

fn read(slug: &str, file: &Path, before: &str, raw: &str, ended: &str) -> Result<Proposal> {
    let found = std::fs::symlink_metadata(file).ok();
    if !found.is_some_and(|found| found.is_file() && found.len() <= LONGEST_BYTES) {
        return Ok(Proposal::Nothing(format!("{ended}, and no file of a lawful size is there")));
    }
    let bytes = fs::read(file)?;
    if bytes == before.as_bytes() {
        return Ok(Proposal::Nothing(ended.to_owned()));
    }
    match parse(slug, &file.to_string_lossy(), &bytes) {
        Err(problems) => Ok(Proposal::Unreadable { problems, file: file.to_owned() }),
        Ok(parsed) => {
            let values = values(&parsed.intent);
            let left_out = lost(raw, &values, &super::markdown::CARRIED);
            Ok(Proposal::Read {
                left_out: left_out.into_iter().map(str::to_owned).collect(),
                // What was parsed is UTF-8.
                text: String::from_utf8_lossy(&bytes).into_owned(),
                file: file.to_owned(),
            })
        }
    }
}

/// Every text an intent holds.
pub fn values(intent: &Intent) -> Vec<String> {
    let mut values = vec![intent.title.clone(), intent.outcome.clone()];
    values.extend(intent.rationale.clone());
    values.extend(intent.out_of_scope.iter().cloned());
    values.extend(intent.constraints.iter().flat_map(|bound| [bound.id.clone(), bound.text.clone()]));
    for check in &intent.acceptance {
        values.push(check.id.clone());
        values.extend(check.text.clone());
        match &check.anchor {
            Anchor::Inspect { question } => values.push(question.clone()),
            Anchor::Run(run) => {
                values.push(run.command.clone());
                values.extend(run.stdout.clone());
                values.extend(run.stderr.clone());
            }
            Anchor::Fixtures(fixtures) => values.push(fixtures.command.clone()),
            _ => {}
        }
    }
    values
}

fn brief(slug: &str) -> String {
    let file = file_of(slug);
    format!(
        "# Write down what is wanted\n\n\
raw.txt holds a person's raw words. {file} holds a draft made of them by rules. Edit {file} and no \
other file so that it says the same more clearly. Build nothing.\n\n\
## The format (TOML)\n\n\
- `schema = 1`, `title` (one line), `outcome` (what is true when it is done), `rationale` (why; keep \
here every word that fits nowhere else), `out-of-scope` (list of texts).\n\
- `[[constraint]]`: `id`, `kind` (security, performance, ux, budget, time, compatibility or input), \
`text`, and `check` where an acceptance check of that id holds it up.\n\
- `[[acceptance]]`: `id`, `text` (best as WHEN … THE … SHALL …), and exactly one of: `test = \"module::name\"`; \
`run = \"command\"` with `exit`, `stdout`, `stderr` (contains; the command is split into words and given to no \
shell); `fixtures = \"command {{input}}\"`; `http = \"GET /path\"` with `status`, `contains`; \
`inspect = \"a question\"` for what only a person can answer.\n\
- Ids and names are lowercase letters, digits and hyphens, each used once.\n\n\
## Rules\n\n\
- Invent nothing: no command, number or promise the words do not hold. What is unclear is an `inspect` question.\n\
- Leave nothing out: what has no key of its own stays in `rationale`, in the person's words.\n\
- A check must be able to fail.\n"
    )
}
