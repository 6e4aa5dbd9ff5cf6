//! The base commit's checkout, with what checks bring along laid over it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::{Question, carrying};
use crate::operations::checking::cargo_folder;
use crate::operations::digest::{AtCommit, Digester, TestItem};
use crate::storage::cargo::{self, CompilerErrors, Project};
use crate::storage::fs;
use crate::storage::repo::{Oid, TreeFile};
use crate::types::hint::{Hinted, Trouble};

/// A base to ask checks on.
pub struct Ground<'q> {
    pub question: &'q Question<'q>,
    pub base: Oid,
    /// The checkout.
    pub folder: PathBuf,
    pub target: PathBuf,
    /// The base's cargo project, or why cargo cannot read it.
    pub project: Result<Option<Project>, String>,
    /// Folder of its project.
    pub cargo: PathBuf,
    /// The project where the checks pass.
    pub today: Option<Project>,
    /// Its files.
    pub files: Vec<TreeFile>,
}

impl<'q> Ground<'q> {
    /// Check the base out into the question's place, with today's fixtures of all intents asked about.
    pub fn lay(question: &'q Question<'q>, base: Oid) -> Result<Self> {
        let (folder, target) = (question.place.join("base"), question.place.join("base-target"));
        question.repo.checkout_tree(base, &folder)?;
        let today = Project::load(&cargo_folder(&question.subject.root)?)?;
        let files = question.repo.files_under(question.head, "")?;
        let cargo = cargo_folder(&folder)?;
        let ground = Self { question, base, project: load(&cargo)?, folder, target, cargo, today, files };
        for intent in &question.subject.intents {
            let cases = format!("intents/{}", intent.slug);
            fs::remove_dir_all(&ground.folder.join(&cases))?;
            ground.bring(|path| path.starts_with(&format!("{cases}/")))?;
        }
        Ok(ground)
    }

    /// Lay today's files over the base; links stay behind, since they may lead anywhere.
    pub fn bring(&self, wanted: impl Fn(&str) -> bool) -> Result<()> {
        for file in self.files.iter().filter(|file| !file.link && wanted(&file.path)) {
            let (from, to) = (self.question.subject.root.join(&file.path), self.folder.join(&file.path));
            let Some(bytes) = fs::read_if_there(&from)? else { continue };
            if fs::read_if_there(&to).is_ok_and(|there| there.as_ref() == Some(&bytes)) {
                continue;
            }
            if let Some(parent) = to.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(&to, &bytes)?;
        }
        Ok(())
    }

    /// Whether today's tree has this file.
    pub fn has_today(&self, path: &str) -> bool {
        self.files.iter().any(|file| file.path == path && !file.link)
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    /// Names of the base's binaries.
    pub fn bins(&self) -> BTreeSet<String> {
        let project = self.project.as_ref().ok().and_then(Option::as_ref);
        project.into_iter().flat_map(Project::bins).map(str::to_owned).collect()
    }

    /// Names of today's binaries.
    pub fn bins_today(&self) -> BTreeSet<String> {
        self.today.iter().flat_map(Project::bins).map(str::to_owned).collect()
    }

    /// Build the base's binaries; the folder they lie in, where there are any.
    pub fn build(&self) -> Result<Result<Option<PathBuf>, CompilerErrors>> {
        if self.bins().is_empty() {
            return Ok(Ok(None));
        }
        let built = cargo::build(&self.question.subject.runner, &self.cargo, Some(&self.target), &[])?;
        let folder = |built: &cargo::Built| {
            built.bins().next().and_then(|bin| bin.executable.parent().map(Path::to_owned))
        };
        Ok(built.map(|built| folder(&built)))
    }

    /// The items a test's name finds today.
    pub fn test_items(&self, name: &str) -> Result<Vec<TestItem>> {
        let sources = AtCommit::new(self.question.repo, self.question.head);
        Digester::new(&sources).test_items(name)
    }

    /// Bring the target of a test along, with what it needs.
    pub fn carry(&self, item: &TestItem) -> Result<Result<carrying::Carried, String>> {
        let sources = AtCommit::new(self.question.repo, self.question.head);
        let files = Digester::new(&sources).target_files(item)?;
        carrying::carry(self, item, files)
    }

    /// Read the project again, after its manifests changed.
    pub fn reload(&mut self) -> Result<()> {
        self.project = load(&self.cargo)?;
        Ok(())
    }
}

/// The cargo project of a folder; where cargo cannot read it, why.
pub fn load(folder: &Path) -> Result<Result<Option<Project>, String>> {
    match Project::load(folder) {
        Ok(project) => Ok(Ok(project)),
        Err(error) => match error.downcast_ref::<Hinted>() {
            Some(hinted) if hinted.trouble == Trouble::Usage => {
                Ok(Err(hinted.what.lines().take(3).collect::<Vec<_>>().join(" ")))
            }
            _ => Err(error),
        },
    }
}
