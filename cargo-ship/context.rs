//! What every command of `cargo ship` works with: repository, places, configuration, environment.

use std::path::PathBuf;

use anyhow::Result;
use factory::operations::releases;
use factory::storage::config;
use factory::storage::places::Places;
use factory::storage::repo::Repo;
use factory::types::config::{Config, Environment};
use factory::types::event::Line;
use factory::types::hint::Hinted;
use factory::types::release::{Phase, Release, fold};

/// The open repository and the environment a command is about.
pub struct Context {
    pub repo: Repo,
    pub places: Places,
    pub config: Config,
    pub environment: String,
    pub settings: Environment,
}

impl Context {
    /// # Errors
    /// Not a repository, no commit yet, an unreadable `factory.toml`, an environment nobody declared.
    pub fn open(environment: Option<&str>) -> Result<Self> {
        let repo = Repo::discover(&std::env::current_dir()?)?;
        repo.require_head()?;
        let config = config::load(repo.root()?)?;
        let environment = environment.unwrap_or("local").to_owned();
        let settings = match config.environments.get(&environment) {
            Some(settings) => settings.clone(),
            None if environment == "local" => {
                Environment { target: "local".into(), ..Environment::default() }
            }
            None => return Err(unknown_environment(&environment, &config).into()),
        };
        if settings.target != "local" {
            return Err(Hinted::usage(format!(
                "environment {environment} has the target {:?}, and this version ships to `local` only",
                settings.target
            ))
            .hint("cargo ship --env local")
            .into());
        }
        let places = Places::of(&repo)?;
        Ok(Self { repo, places, config, environment, settings })
    }

    /// What the configuration asks for and this version does not do: said before each ship, since a
    /// person may rely on it.
    pub fn unheeded(&self) -> Vec<String> {
        let settings = &self.settings;
        let here = |key: &str| format!("[environment.{}] {key}", self.environment);
        let keys = [
            (!settings.deploy.is_empty(), here("deploy")),
            (!settings.secrets.is_empty(), here("secrets")),
            (!settings.gates.is_empty(), here("gates")),
            (settings.migrate.is_some(), here("migrate")),
        ];
        keys.into_iter().filter(|(set, _)| *set).map(|(_, key)| key).collect()
    }

    /// Where this environment's releases, links, edge and lock live.
    pub fn folder(&self) -> PathBuf {
        self.places.state.join("environments").join(&self.environment)
    }

    /// Every release known, oldest first: from the notes, and from journals not published yet.
    pub fn releases(&self) -> Result<Vec<Release>> {
        Ok(fold(&self.lines()?))
    }

    pub fn lines(&self) -> Result<Vec<Line>> {
        releases::lines(&self.repo, &self.places.common)
    }

    /// The releases of this environment, oldest first.
    pub fn here(&self) -> Result<Vec<Release>> {
        let mut releases = self.releases()?;
        releases.retain(|release| release.environment() == self.environment);
        Ok(releases)
    }
}

fn unknown_environment(name: &str, config: &Config) -> Hinted {
    let mut known: Vec<&str> = config.environments.keys().map(String::as_str).collect();
    if !known.contains(&"local") {
        known.push("local");
    }
    Hinted::usage(format!("no environment {name:?}; there are: {}", known.join(", ")))
        .hint(format!("declare it in factory.toml: [environment.{name}]"))
}

/// The release that `prefix` names, or the newest one where nothing is named.
pub fn find<'a>(releases: &'a [Release], prefix: Option<&str>) -> Result<&'a Release> {
    let Some(prefix) = prefix else {
        return releases
            .last()
            .ok_or_else(|| Hinted::usage("nothing was shipped yet").hint("cargo ship").into());
    };
    let matching: Vec<&Release> = releases.iter().filter(|release| release.id.starts_with(prefix)).collect();
    match matching.as_slice() {
        [one] => Ok(one),
        [] => Err(Hinted::usage(format!("no release {prefix}")).hint("cargo ship log").into()),
        many => {
            let ids: Vec<&str> = many.iter().map(|release| release.id.as_str()).collect();
            Err(Hinted::usage(format!("{prefix} names several releases: {}", ids.join(", "))).into())
        }
    }
}

/// The release of this environment that has neither ended nor failed, if there is one.
pub fn unfinished(context: &Context) -> Result<Option<Release>> {
    let open = releases::open_journals(&context.places.common)?;
    if open.is_empty() {
        return Ok(None);
    }
    let mut here = context.here()?;
    // A release another clone ships is that clone's to finish: only what has a journal here is ours.
    here.retain(|release| {
        open.iter().any(|(name, _)| *name == release.id) && !release.phase.is_some_and(Phase::is_over)
    });
    Ok(here.pop())
}
