//! Which paths of a change are taken: inside the intent's scope, and never the person's own.

use std::path::{Component, Path};

use anyhow::{Context, Result};
use factory::types::hint::Hinted;
use factory::types::intent::{Anchor, ContractKind, Intent};
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// Protected whatever the scope says: what is wanted, how it ships, and what runs elsewhere on push.
const PROTECTED: &[&str] = &[
    "intents/**",
    "factory.toml",
    ".gitmodules",
    ".ci/**",
    ".github/**",
    ".gitlab-ci.yml",
    ".gitlab/**",
    ".forgejo/**",
    ".gitea/**",
    ".circleci/**",
    ".buildkite/**",
    ".woodpecker/**",
    ".woodpecker.{yml,yaml}",
    ".travis.yml",
    ".drone.yml",
    "Jenkinsfile",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
];

/// What an agent may change.
pub struct Rules {
    /// `None`: everything that is not protected.
    scope: Option<GlobSet>,
    protected: GlobSet,
    /// Files that checks read: contracts, schemas, bodies.
    held: Vec<String>,
}

/// Why a path is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    Protected,
    /// A check reads it, and checks are not the agent's to change.
    Check,
    OutsideScope,
}

impl Refusal {
    pub fn words(self) -> &'static str {
        match self {
            Self::Protected => "protected",
            Self::Check => "read by a check",
            Self::OutsideScope => "outside scope.write",
        }
    }
}

impl Rules {
    pub fn of(intent: &Intent) -> Result<Self> {
        let scope = match intent.scope.write.as_slice() {
            [] => None,
            globs => Some(glob_set(globs.iter().map(String::as_str))?),
        };
        Ok(Self { scope, protected: glob_set(PROTECTED.iter().copied())?, held: read_by_checks(intent) })
    }

    /// Why `path` is not taken; `None` where it is. `existed`: it is in the base.
    pub fn refuses(&self, path: &str, existed: bool) -> Option<Refusal> {
        if self.protected.is_match(path) {
            return Some(Refusal::Protected);
        }
        // A schema that is part of what is asked for may be written; one that stands is not weakened.
        if existed && self.held.iter().any(|held| held == path) {
            return Some(Refusal::Check);
        }
        let inside = self.scope.as_ref().is_none_or(|scope| scope.is_match(path));
        (!inside).then_some(Refusal::OutsideScope)
    }
}

fn glob_set<'a>(globs: impl Iterator<Item = &'a str>) -> Result<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        let built = GlobBuilder::new(glob).literal_separator(true).build();
        set.add(built.with_context(|| {
            Hinted::usage(format!("scope.write: {glob:?} is no glob")).hint("as in \"src/**\"")
        })?);
    }
    Ok(set.build()?)
}

fn read_by_checks(intent: &Intent) -> Vec<String> {
    let contracts = intent.contracts.iter().filter_map(|contract| match &contract.kind {
        ContractKind::JsonSchema { path, .. } | ContractKind::CliHelp { path, .. } => Some(path.clone()),
        ContractKind::RustApi { path, .. } => path.clone(),
        ContractKind::File { path } => Some(path.clone()),
        ContractKind::Markdown { .. } => None,
    });
    let checks = intent.acceptance.iter().flat_map(|check| match &check.anchor {
        Anchor::Run(run) => vec![run.stdin.clone()],
        Anchor::Http(http) => vec![http.body.clone(), http.schema.clone()],
        _ => Vec::new(),
    });
    contracts.chain(checks.flatten()).collect()
}

/// Whether a link at `path` that holds `target` leads out of the repository.
pub fn leads_outside(path: &str, target: &Path) -> bool {
    let mut depth = Path::new(path).components().count().saturating_sub(1);
    for component in target.components() {
        match component {
            Component::RootDir | Component::Prefix(_) => return true,
            Component::CurDir => {}
            Component::ParentDir if depth == 0 => return true,
            Component::ParentDir => depth -= 1,
            Component::Normal(name) if depth == 0 && name == ".git" => return true,
            Component::Normal(_) => depth += 1,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use factory::types::intent::Scope;

    fn rules(write: &[&str]) -> Rules {
        let write = write.iter().map(|glob| (*glob).to_owned()).collect();
        let scope = Scope { write, ..Scope::default() };
        Rules::of(&Intent {
            slug: "x".into(),
            title: "x".into(),
            outcome: "x".into(),
            rationale: None,
            out_of_scope: Vec::new(),
            scope,
            constraints: Vec::new(),
            contracts: Vec::new(),
            acceptance: Vec::new(),
        })
        .unwrap()
    }

    #[test]
    fn without_a_scope_everything_but_the_persons_own_is_taken() {
        let rules = rules(&[]);
        assert_eq!(rules.refuses("anything/at/all", false), None);
        assert_eq!(rules.refuses("intents/x.toml", true), Some(Refusal::Protected));
        assert_eq!(rules.refuses(".github/workflows/ci.yml", false), Some(Refusal::Protected));
    }

    #[test]
    fn a_scope_that_names_protected_paths_does_not_open_them() {
        let rules = rules(&["**", "factory.toml"]);
        assert_eq!(rules.refuses("factory.toml", true), Some(Refusal::Protected));
    }

    #[test]
    fn a_star_stays_within_its_folder() {
        let rules = rules(&["src/*"]);
        assert_eq!(rules.refuses("src/main.rs", true), None);
        assert_eq!(rules.refuses("src/deep/main.rs", true), Some(Refusal::OutsideScope));
    }

    #[test]
    fn links_are_followed_by_their_words() {
        assert!(leads_outside("a", Path::new("/etc/passwd")));
        assert!(leads_outside("a/b", Path::new("../../x")));
        assert!(leads_outside("a/b", Path::new("../.git/config")));
        assert!(!leads_outside("a/b", Path::new("../x")));
        assert!(!leads_outside("a", Path::new("b/../c")));
    }
}
