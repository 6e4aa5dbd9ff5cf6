//! Taking what an agent left: with our own index, inside the scope, nothing of the worktree's choosing run.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use factory::operations::digest::{AtCommit, Digester, Entries, named_paths, unnamed_paths};
use factory::storage::repo::{Oid, Repo};
use factory::types::intent::{Anchor, Intent};

use super::paths::{Rules, leads_outside};
use super::worktree::Worktree;

/// What was taken of a worktree.
#[derive(Clone, Debug)]
pub struct Taken {
    pub tree: Oid,
    /// Paths that were edited and not taken, each with the reason.
    pub outside: Vec<String>,
    /// Why nothing at all is taken; empty where it is.
    pub refused: Vec<String>,
}

/// One path that differs between two trees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub path: String,
    raw: Vec<u8>,
    old_mode: String,
    old: String,
    pub new_mode: String,
    pub new: String,
}

const LINK: &str = "120000";
const NESTED: &str = "160000";
const ABSENT: &str = "000000";

impl Difference {
    pub fn existed(&self) -> bool {
        self.old_mode != ABSENT
    }
}

/// Take the tree of `worktree` as far as `rules` allow.
pub fn take(repo: &Repo, worktree: &Worktree, rules: &Rules) -> Result<Taken> {
    let base: Oid = worktree.started.base.parse()?;
    let base_tree = repo.tree_of(base)?;
    let refuse = |refused: Vec<String>| Taken { tree: base_tree, outside: Vec::new(), refused };
    if !worktree.pointer_is_ours() {
        return Ok(refuse(vec!["the worktree's .git file was rewritten".to_owned()]));
    }
    let nested = nested_repositories(&worktree.path)?;
    if !nested.is_empty() {
        return Ok(refuse(nested.iter().map(|path| format!("{path} is a repository of its own")).collect()));
    }
    let captured = repo.capture_tree(&worktree.path, base)?;
    let differences = differences(repo, base_tree, captured.tree)?;
    let refused = refusals(repo, &differences)?;
    if !refused.is_empty() {
        return Ok(refuse(refused));
    }
    let mut put_back = Vec::new();
    let mut outside = Vec::new();
    for difference in &differences {
        if let Some(why) = rules.refuses(&difference.path, difference.existed()) {
            outside.push(format!("{} ({})", difference.path, why.words()));
            put_back.push(difference);
        }
    }
    Ok(Taken { tree: with_base(repo, captured.tree, &put_back)?, outside, refused: Vec::new() })
}

/// What must not come in at all: pointers to other repositories, links that lead out of this one.
fn refusals(repo: &Repo, differences: &[Difference]) -> Result<Vec<String>> {
    let mut refused = Vec::new();
    for difference in differences {
        let path = &difference.path;
        if difference.new_mode == NESTED {
            refused.push(format!("{path} is a repository of its own"));
        }
        if difference.new_mode == LINK {
            use std::os::unix::ffi::OsStrExt;
            let bytes = repo.read_blob(difference.new.parse()?)?;
            let target = Path::new(std::ffi::OsStr::from_bytes(&bytes));
            if leads_outside(path, target) {
                refused.push(format!("{path} is a link that leads out of the repository"));
            }
        }
    }
    Ok(refused)
}

/// Folders with a `.git` of their own, which git would store as a pointer or not at all. Folders
/// named `target` and `node_modules` are not searched: they hold what builds fetched.
fn nested_repositories(root: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let entry = entry?;
            let name = entry.file_name();
            if name == ".git" && folder != root {
                let within = folder.strip_prefix(root).unwrap_or(&folder);
                found.push(within.display().to_string());
            } else if entry.file_type()?.is_dir()
                && ![".git", "target", "node_modules"].map(Into::into).contains(&name)
            {
                folders.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The paths in which two trees (or commits) differ.
pub fn differences(repo: &Repo, old: Oid, new: Oid) -> Result<Vec<Difference>> {
    let (old, new) = (old.to_string(), new.to_string());
    let output = repo
        .git_command()
        .args(["diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-ext-diff", "--no-textconv"])
        .args([&old, &new])
        .output()
        .context("git diff-tree")?;
    if !output.status.success() {
        bail!("git diff-tree: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let mut fields = output.stdout.split(|byte| *byte == 0);
    let mut all = Vec::new();
    while let (Some(head), Some(raw)) = (fields.next(), fields.next()) {
        // `:100644 100755 <old> <new> M`
        let head = String::from_utf8_lossy(head);
        let words: Vec<&str> = head.trim_start_matches(':').split(' ').collect();
        let [old_mode, new_mode, old, new, _] = words[..] else { bail!("git diff-tree answered {head:?}") };
        all.push(Difference {
            path: String::from_utf8_lossy(raw).into_owned(),
            raw: raw.to_owned(),
            old_mode: old_mode.to_owned(),
            old: old.to_owned(),
            new_mode: new_mode.to_owned(),
            new: new.to_owned(),
        });
    }
    Ok(all)
}

/// `tree` with these paths as they were before.
fn with_base(repo: &Repo, tree: Oid, paths: &[&Difference]) -> Result<Oid> {
    if paths.is_empty() {
        return Ok(tree);
    }
    let scratch = tempfile::tempdir()?;
    let index = scratch.path().join("index");
    let git = |args: &[&str], input: &[u8]| -> Result<String> {
        let mut child = repo
            .git_command()
            .args(args)
            .env("GIT_INDEX_FILE", &index)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("git")?;
        child.stdin.take().context("git's standard input")?.write_all(input)?;
        let output = child.wait_with_output()?;
        if !output.status.success() {
            bail!("git {}: {}", args[0], String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    git(&["read-tree", &tree.to_string()], b"")?;
    // What goes first: a file cannot come back where a folder of that name stands.
    let (gone, back): (Vec<&Difference>, Vec<&Difference>) = paths.iter().partition(|d| !d.existed());
    for group in [gone, back] {
        let mut rows = Vec::new();
        for difference in group {
            let mode = if difference.existed() { &*difference.old_mode } else { "0" };
            rows.extend_from_slice(format!("{mode} {}\t", difference.old).as_bytes());
            rows.extend_from_slice(&difference.raw);
            rows.push(0);
        }
        git(&["update-index", "-z", "--index-info"], &rows)?;
    }
    git(&["write-tree"], b"")?.parse()
}

/// Paths among `differences` that checks hang on, so that an edit there is an edited check: bound
/// tests, also those that are new, what lies beside them outside `src`, and files that checks read.
pub fn edited_checks(
    repo: &Repo,
    (base, commit): (Oid, Oid),
    intent: &Intent,
    differences: &[Difference],
) -> Result<BTreeSet<String>> {
    let entries = |at| Digester::new(&AtCommit::new(repo, at)).entries(intent);
    let (before, after) = (entries(base)?, entries(commit)?);
    let moved = |one: &Entries, other: &Entries| -> Vec<String> {
        let differs = one.iter().filter(|(path, value)| other.get(*path) != Some(*value));
        unnamed_paths(&differs.map(|(path, value)| (path.clone(), value.clone())).collect())
    };
    let paths = moved(&before, &after).into_iter().chain(moved(&after, &before)).chain(named_paths(intent));
    let is_edited = |path: &String| differences.iter().any(|difference| difference.path == *path);
    let mut found: BTreeSet<String> = paths.filter(is_edited).collect();
    for check in &intent.acceptance {
        let Anchor::Test { name } = &check.anchor else { continue };
        let missing = format!("acceptance/{}/item", check.id);
        if before.contains_key(&missing) || after.contains_key(&missing) {
            found.extend(mentioning(repo, (base, commit), name, differences)?);
        }
    }
    Ok(found)
}

/// Rust files with a function of the test's name, for one that the digest does not find: a macro may
/// write it.
fn mentioning(
    repo: &Repo,
    (base, commit): (Oid, Oid),
    test: &str,
    differences: &[Difference],
) -> Result<Vec<String>> {
    let function = format!("fn {}(", test.rsplit("::").next().unwrap_or(test));
    let mut found = Vec::new();
    for path in differences.iter().map(|difference| &difference.path).filter(|path| path.ends_with(".rs")) {
        for at in [base, commit] {
            let bytes = repo.file_at(at, path)?.unwrap_or_default();
            found.extend(String::from_utf8_lossy(&bytes).contains(&function).then(|| path.clone()));
        }
    }
    Ok(found)
}
