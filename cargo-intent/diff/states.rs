//! The two states that are compared: a commit each, or the work tree.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Result, bail};
use factory::operations::approving;
use factory::operations::digest::{AtCommit, Digester, InFolder, Sources};
use factory::operations::meaning::{Difference, Side, is_informative};
use factory::storage::intents::{self, file_of, path_of};
use factory::storage::repo::{Oid, Repo};
use factory::types::hint::Hinted;
use factory::types::intent::slug::check_slug;
use factory::types::problem::Problem;
use factory::types::standing::Standing;
use serde_json::{Value, json};

/// The intents of one state.
pub struct State {
    /// What people call it: `HEAD`, `the work tree`.
    pub name: String,
    commit: Option<Oid>,
    pub sides: Vec<Side>,
    /// Files that could not be read, by slug.
    pub broken: BTreeMap<String, Vec<Problem>>,
}

/// What is to be compared.
pub struct Wanted {
    /// `None` where there is no commit yet.
    before: Option<(String, Oid)>,
    /// `None` is the work tree.
    after: Option<(String, Oid)>,
    /// Only this one, under its old or its new name.
    pub slug: Option<String>,
}

impl Wanted {
    /// What the arguments mean: a revision or range first, an intent last; either may be left out.
    ///
    /// # Errors
    /// A revision nobody knows, an intent nobody knows, or a word that may be both.
    pub fn of(repo: &Repo, words: &[String]) -> Result<Self> {
        let (revision, slug) = match words {
            [] => (None, None),
            [revision, slug, ..] => (Some(revision.as_str()), Some(slug.as_str())),
            [word] => sorted(repo, word)?,
        };
        let (before, after) = match revision {
            Some(revision) => range(repo, revision)?,
            None => (repo.head()?.map(|head| ("HEAD".to_owned(), head)), None),
        };
        let slug = slug.map(|slug| intents::bare(slug).to_owned());
        let wanted = Self { before, after, slug };
        wanted.is_known(repo)?;
        Ok(wanted)
    }

    pub fn before(&self, repo: &Repo) -> Result<State> {
        match &self.before {
            Some((name, commit)) => State::at(repo, name, *commit, None),
            None => {
                Ok(State { name: "nothing".into(), commit: None, sides: Vec::new(), broken: BTreeMap::new() })
            }
        }
    }

    /// What has the same bytes as `before` is not read again.
    pub fn after(&self, repo: &Repo, before: &State) -> Result<State> {
        match &self.after {
            Some((name, commit)) => State::at(repo, name, *commit, Some(before)),
            None => State::of_work_tree(repo, before),
        }
    }

    /// An intent that neither state has is a slip of the pen.
    fn is_known(&self, repo: &Repo) -> Result<()> {
        let Some(slug) = &self.slug else { return Ok(()) };
        let lawful = check_slug(slug).is_ok();
        for state in [self.before.as_ref(), self.after.as_ref()].into_iter().flatten() {
            if lawful && repo.file_at(state.1, &file_of(slug))?.is_some() {
                return Ok(());
            }
        }
        let known = match (&self.after, &self.before) {
            (Some((_, at)), _) => slugs_at(repo, *at)?,
            (None, _) if lawful && path_of(repo.root()?, slug).exists() => return Ok(()),
            (None, _) => intents::slugs(repo.root()?)?,
        };
        Err(intents::unknown(slug, &known).into())
    }
}

/// One word: a range, a revision or an intent.
fn sorted<'w>(repo: &Repo, word: &'w str) -> Result<(Option<&'w str>, Option<&'w str>)> {
    if word.contains("..") || word == "HEAD" {
        return Ok((Some(word), None));
    }
    let slug = intents::bare(word);
    let in_head = || -> Result<bool> {
        let Some(head) = repo.head()? else { return Ok(false) };
        Ok(repo.file_at(head, &file_of(slug))?.is_some())
    };
    let is_slug = check_slug(slug).is_ok()
        && (repo.root().is_ok_and(|root| path_of(root, slug).exists()) || in_head()?);
    match (is_slug, repo.resolve(word).is_ok()) {
        (true, true) => bail!(
            Hinted::usage(format!("{word:?} is an intent and a revision"))
                .hint(format!("cargo intent diff HEAD {word}, or cargo intent diff {word}.."))
        ),
        (true, false) => Ok((None, Some(word))),
        (false, true) => Ok((Some(word), None)),
        (false, false) => {
            let known = repo.root().ok().map(intents::slugs).transpose()?.unwrap_or_default();
            let hint = intents::unknown(word, &known).hint;
            let error = Hinted::usage(format!("{word:?} is neither an intent nor a revision"));
            bail!(error.hint(hint.unwrap_or_else(|| "git log --oneline --all".into())))
        }
    }
}

type Named = Option<(String, Oid)>;

/// `REV`, `A..B`, `A...B`; a side left out is HEAD, as with git.
fn range(repo: &Repo, text: &str) -> Result<(Named, Named)> {
    let named = |revision: &str| -> Result<(String, Oid)> {
        let revision = if revision.is_empty() { "HEAD" } else { revision };
        if revision == "HEAD" {
            return Ok((revision.to_owned(), repo.require_head()?));
        }
        Ok((revision.to_owned(), repo.resolve_commit(revision)?))
    };
    if let Some((from, to)) = text.split_once("...") {
        let (from, to) = (named(from)?, named(to)?);
        let Some(base) = repo.merge_base(from.1, to.1)? else {
            bail!(
                Hinted::usage(format!("{} and {} have no common history", from.0, to.0))
                    .hint(format!("cargo intent diff {}..{}", from.0, to.0))
            );
        };
        return Ok((Some((base.short(), base)), Some(to)));
    }
    match text.split_once("..") {
        Some((from, to)) => Ok((Some(named(from)?), Some(named(to)?))),
        None => Ok((Some(named(text)?), None)),
    }
}

fn slugs_at(repo: &Repo, at: Oid) -> Result<Vec<String>> {
    let files = repo.files_under(at, intents::FOLDER)?;
    Ok(files.iter().filter_map(|file| intents::slug_of(&file.path)).map(str::to_owned).collect())
}

impl State {
    fn at(repo: &Repo, name: &str, commit: Oid, known: Option<&Self>) -> Result<Self> {
        let mut files = Vec::new();
        for file in repo.files_under(commit, intents::FOLDER)? {
            let Some(slug) = intents::slug_of(&file.path) else { continue };
            files.push((slug.to_owned(), repo.read_blob(file.oid)?));
        }
        let sources = AtCommit::new(repo, commit);
        let mut state = Self::of(name, files, &sources, known)?;
        for problem in state.broken.values_mut().flatten() {
            problem.file = format!("{name}:{}", problem.file);
        }
        Ok(Self { commit: Some(commit), ..state })
    }

    fn of_work_tree(repo: &Repo, known: &Self) -> Result<Self> {
        let root = repo.root()?;
        let (mut files, mut unread) = (Vec::new(), Vec::new());
        for slug in intents::slugs(root)? {
            match intents::bytes(root, &slug) {
                Some(Ok(bytes)) => files.push((slug, bytes)),
                Some(Err(problem)) => unread.push((slug, vec![problem])),
                None => {}
            }
        }
        let mut state = Self::of("the work tree", files, &InFolder::new(repo), Some(known))?;
        state.broken.extend(unread);
        Ok(state)
    }

    fn of(
        name: &str,
        files: Vec<(String, Vec<u8>)>,
        sources: &dyn Sources,
        known: Option<&Self>,
    ) -> Result<Self> {
        let known = known.into_iter().flat_map(|state| &state.sides);
        let known: HashMap<&str, &Side> = known.map(|side| (side.intent.slug.as_str(), side)).collect();
        let (mut read, mut broken) = (Vec::new(), BTreeMap::new());
        for (slug, bytes) in files {
            if let Some(side) = known.get(slug.as_str()).filter(|side| side.file.as_ref() == Some(&bytes)) {
                read.push((side.intent.clone(), bytes));
                continue;
            }
            match intents::read(&slug, &bytes).read {
                Ok(parsed) => read.push((parsed.intent, bytes)),
                Err(problems) => drop(broken.insert(slug, problems)),
            }
        }
        let digester = Digester::new(sources);
        digester.prepare(read.iter().map(|(intent, _)| intent))?;
        let mut sides = Vec::new();
        for (intent, bytes) in read {
            let entries = digester.entries(&intent)?;
            sides.push(Side { intent, entries, file: Some(bytes) });
        }
        Ok(Self { name: name.to_owned(), commit: None, sides, broken })
    }

    pub fn to_json(&self) -> Value {
        json!({"name": self.name, "commit": self.commit.map(|commit| commit.to_string())})
    }
}

/// The approvals of a repository, read once.
pub struct Approvals<'r>(approving::Approvals<'r>);

impl<'r> Approvals<'r> {
    pub fn read(repo: &'r Repo) -> Result<Self> {
        let head = repo.head()?;
        let policy = approving::policy(repo, head)?;
        Ok(Self(approving::Approvals::read(repo, head, policy.require_signed)?))
    }

    /// What a difference does to the approval: `holds`, `stale`, `approved` (as it is now), `retired`,
    /// or `none` where there was none.
    pub fn effect(&self, difference: &Difference) -> Result<&'static str> {
        let is_approved = |side: Option<&Side>| -> Result<bool> {
            let Some(side) = side.filter(|side| self.0.knows(&side.intent.slug)) else { return Ok(false) };
            let standing = self.0.standing(&side.intent.slug, &side.digest()?)?;
            Ok(matches!(standing, Standing::Approved { .. }))
        };
        let after = is_approved(difference.after)?;
        Ok(match (is_approved(difference.before)?, after) {
            (true, _) if difference.after.is_none() => "retired",
            (true, true) if is_informative(&difference.changes) => "holds",
            (_, true) => "approved",
            (true, false) => "stale",
            (false, false) => "none",
        })
    }
}
