//! Checks that hang on fixtures: one command, run once for each case of the intent.

use std::fs::File;
use std::io::{Seek, Write};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use super::building::Builds;
use super::command::{program, said};
use super::streamed::{Compared, compared};
use super::{Finding, Subject};
use crate::operations::shallow::{self, Answer};
use crate::storage::inside::{Inside, Refused};
use crate::types::check::Verdict;
use crate::types::hint::Hinted;
use crate::types::intent::{Anchor, Fixtures, Intent};

/// No arguments and no environment are longer: the system would not start the program.
const MOST_TEXT_BYTES: u64 = 4 << 20;

/// One folder in `intents/<slug>/`.
#[derive(Clone, Debug)]
pub struct Case {
    pub name: String,
    /// Relative to the root.
    pub folder: String,
}

impl Case {
    /// Whether a person has said what the answer should be.
    pub fn says_what_is_right(&self, root: &Path) -> Result<bool> {
        let folder = root.join(&self.folder);
        Ok(!folder.is_dir() || !named(&folder, "expected")?.is_empty())
    }
}

/// The cases a check runs, by name: its own one, or every folder that no other check claims.
pub fn cases(root: &Path, intent: &Intent, check: &Fixtures) -> Result<Vec<Case>> {
    let folder = format!("intents/{}", intent.slug);
    let case = |name: &str| Case { name: name.to_owned(), folder: format!("{folder}/{name}") };
    if let Some(name) = &check.case {
        return Ok(vec![case(name)]);
    }
    let claimed = claimed(intent);
    let names = folders(&root.join(&folder))?;
    Ok(names.iter().filter(|name| !claimed.contains(&name.as_str())).map(|name| case(name)).collect())
}

/// Folders that checks name as their own.
pub fn claimed(intent: &Intent) -> Vec<&str> {
    let own = intent.acceptance.iter().filter_map(|check| match &check.anchor {
        Anchor::Fixtures(fixtures) => fixtures.case.as_deref(),
        _ => None,
    });
    own.collect()
}

/// Names of the visible folders in a folder, sorted; none where it does not exist.
fn folders(folder: &Path) -> Result<Vec<String>> {
    let listing = match std::fs::read_dir(folder) {
        Ok(listing) => listing,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", folder.display())),
    };
    let mut names = Vec::new();
    for entry in listing {
        let entry = entry.with_context(|| format!("cannot read {}", folder.display()))?;
        let name = entry.file_name();
        let Some(shown) = name.to_str() else {
            let shown = entry.path().display().to_string();
            return Err(Hinted::usage(format!("the name of {shown} is not UTF-8")).hint("rename it").into());
        };
        if entry.path().is_dir() && !shown.starts_with('.') {
            names.push(shown.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// The files of a case.
struct Files {
    /// Relative to the root.
    input: String,
    expected: File,
    args: Vec<String>,
    env: Vec<(String, String)>,
    exit: i32,
}

pub fn find(
    subject: &Subject,
    builds: &Builds,
    fixtures: &Fixtures,
    case: &Case,
    limit: Duration,
) -> Result<Finding> {
    let inside = Inside::open(&subject.root)?;
    let mut files = match files(&inside, &subject.root, case)? {
        Ok(files) => files,
        Err(finding) => return Ok(finding),
    };
    let given = shlex::split(&fixtures.command).unwrap_or_default();
    if let Some(finding) = vacuous((builds, &inside), fixtures, &given, &mut files)? {
        return Ok(finding);
    }
    if subject.no_run {
        return Ok(Finding::new(Verdict::Waiting, "not run"));
    }
    let from_stdin = !given.iter().any(|word| word.contains("{input}"));
    let words: Vec<String> =
        given.iter().map(|word| word.replace("{input}", &files.input)).chain(files.args).collect();
    let mut program = match program(builds, &words, &subject.root) {
        Ok(program) => program.timeout(limit),
        Err(finding) => return Ok(finding),
    };
    for (name, value) in &files.env {
        program = program.env(name, value);
    }
    if from_stdin {
        match inside.file(&files.input) {
            Ok(file) => program = program.stdin_file(file),
            Err(refused) => {
                return Ok(Finding::new(Verdict::Unverified, format!("{} {refused}", files.input)));
            }
        }
    }
    let (outcome, mut output) = subject.runner.run_keeping(&program)?;
    let shown = || said(&String::from_utf8_lossy(&outcome.stdout), &String::from_utf8_lossy(&outcome.stderr));
    let finding = if outcome.timed_out {
        Finding::new(Verdict::Timeout, outcome.words()).detail(shown())
    } else if outcome.code != Some(files.exit) {
        let reason = format!("{}, expected {}", outcome.words(), files.exit);
        Finding::new(Verdict::Fail, reason).detail(shown())
    } else {
        match compared(fixtures.compare, &mut files.expected, &mut output)? {
            Compared::Same => Finding::new(Verdict::Pass, String::new()),
            Compared::Differs(detail) => Finding::new(Verdict::Fail, "the output differs").detail(detail),
            Compared::TooBig(why) => Finding::new(Verdict::Unverified, why),
        }
    };
    Ok(finding.took(outcome.took))
}

/// The finding where the command answers as expected without the project: `cat {input}`, say.
fn vacuous(
    (builds, inside): (&Builds, &Inside),
    fixtures: &Fixtures,
    given: &[String],
    files: &mut Files,
) -> Result<Option<Finding>> {
    let own = given.first().is_some_and(|name| builds.is_own(name));
    if own || !files.args.is_empty() || files.env.iter().any(|(name, _)| name == "PATH") {
        return Ok(None);
    }
    let Some(answer) = shallow::answer(given, files.exit) else { return Ok(None) };
    let mut said = match answer {
        Answer::Input => match inside.file(&files.input) {
            Ok(file) => file,
            // Whoever runs the case says so.
            Err(_) => return Ok(None),
        },
        Answer::Bytes(bytes) => {
            let mut file = tempfile::tempfile()?;
            file.write_all(&bytes).and_then(|()| file.rewind())?;
            file
        }
    };
    let reason = format!("`{}` answers as expected without using the project", fixtures.command);
    let same = compared(fixtures.compare, &mut files.expected, &mut said)? == Compared::Same;
    Ok(same.then(|| Finding::new(Verdict::Vacuous, reason)))
}

fn files(inside: &Inside, root: &Path, case: &Case) -> Result<Result<Files, Finding>> {
    let folder = root.join(&case.folder);
    let shown = &case.folder;
    let unverified = |reason: String| Ok(Err(Finding::new(Verdict::Unverified, reason)));
    match inside.look_for_folder(shown) {
        Ok(()) => {
            if let Some(why) = inside.linked(shown) {
                return unverified(why);
            }
        }
        Err(Refused::Gone | Refused::NoFile) => {
            return Ok(Err(Finding::new(Verdict::Drift, format!("its fixture folder {shown} is gone"))));
        }
        Err(refused) => return unverified(format!("{shown} {refused}")),
    }
    let input = match named(&folder, "input")?.as_slice() {
        [one] => match inside.look(&format!("{shown}/{one}")) {
            Err(refused) => return unverified(foreign(&format!("{shown}/{one}"), &refused)),
            Ok(()) => format!("{shown}/{one}"),
        },
        [] => return unverified(format!("no input: write {shown}/input.*")),
        several => return unverified(format!("several inputs in {shown}: {}", several.join(", "))),
    };
    let (expected_path, expected) = match named(&folder, "expected")?.as_slice() {
        [one] => match inside.file(&format!("{shown}/{one}")) {
            Err(refused) => return unverified(foreign(&format!("{shown}/{one}"), &refused)),
            Ok(file) => (format!("{shown}/{one}"), file),
        },
        [] => {
            let reason = format!("what is right is not said: write {shown}/expected.*, or remove the case");
            return Ok(Err(Finding::new(Verdict::Waiting, reason)));
        }
        several => return unverified(format!("several expected files in {shown}: {}", several.join(", "))),
    };
    let (args, env, exit) = match texts(inside, &folder, shown) {
        Ok(texts) => texts,
        Err(why) => return unverified(why),
    };
    let own = ["args", "env", "exit"].map(|name| format!("{shown}/{name}"));
    if let Some(why) = own.iter().chain([&input, &expected_path]).find_map(|path| inside.linked(path)) {
        return unverified(why);
    }
    let Some(args) = shlex::split(&args) else {
        return unverified(format!("{shown}/args does not split into words: a quote is open"));
    };
    let mut pairs = Vec::new();
    for line in env.lines().filter(|line| !line.trim().is_empty()) {
        match line.split_once('=') {
            Some((name, value)) => pairs.push((name.to_owned(), value.to_owned())),
            None => return unverified(format!("{shown}/env: {line:?} is not NAME=value")),
        }
    }
    let exit = match exit.trim() {
        "" => 0,
        number => match number.parse() {
            Ok(code) => code,
            Err(_) => return unverified(format!("{shown}/exit: {number:?} is no exit code")),
        },
    };
    Ok(Ok(Files { input, expected, args, env: pairs, exit }))
}

/// Why a file of a case that is listed is not read.
fn foreign(path: &str, refused: &Refused) -> String {
    match refused {
        Refused::Gone => format!("{path} is a link that leads nowhere"),
        refused => format!("{path} {refused}"),
    }
}

/// Files called `stem` or `stem.*`.
fn named(folder: &Path, stem: &str) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let rest = name.strip_prefix(stem);
        if rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.')) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// The texts of the optional files `args`, `env` and `exit`, or why one is not read.
fn texts(inside: &Inside, folder: &Path, shown: &str) -> Result<(String, String, String), String> {
    let text = |name: &str| match inside.read(&format!("{shown}/{name}"), MOST_TEXT_BYTES) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(Refused::Gone) if !folder.join(name).is_symlink() => Ok(String::new()),
        Err(refused) => Err(foreign(&format!("{shown}/{name}"), &refused)),
    };
    Ok((text("args")?, text("env")?, text("exit")?))
}
