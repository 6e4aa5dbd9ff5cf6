//! What will be shipped: one commit of one package to one environment, worked out and said.

use anyhow::{Result, bail};
use factory::storage::cargo::Package;
use factory::storage::repo::Oid;
use factory::types::config::Kind;
use factory::types::hint::Hinted;
use factory::types::id;
use factory::types::intent::{Anchor, Intent};
use factory::types::release::Release;
use serde_json::Value;

use super::project::{choose, library_not_yet, main_binary, project_of, within};
use super::record::Recorder;
use crate::context::Context;

/// A release before anything was done, and what a resumed one is rebuilt from.
#[derive(Clone, Debug)]
pub struct Plan {
    pub release: String,
    pub commit: Oid,
    pub tree: Oid,
    pub kind: Kind,
    /// Where the cargo project lies below the repository's root; empty where it is the root.
    pub folder: String,
    pub package: String,
    pub version: String,
    /// The program a service runs; every binary of the package is shipped.
    pub binary: String,
    pub binaries: Vec<String>,
    pub canary: bool,
    /// The work tree held changes that are not part of this release.
    pub dirty: bool,
    /// The commit has no `Cargo.lock`, so the build is not pinned.
    pub unlocked: bool,
    /// The package has a library, whose documentation tests count.
    pub library: bool,
    /// Arguments of a service.
    pub args: Vec<String>,
    /// The path that tells whether a service is well.
    pub health: Option<String>,
}

/// What a person asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish {
    pub canary: bool,
    pub allow_dirty: bool,
}

/// Work out what HEAD ships as.
///
/// # Errors
/// A dirty tree, no cargo project, no binary, several to choose from: each with what mends it.
pub fn plan(context: &Context, intents: &[Intent], wish: Wish) -> Result<Plan> {
    let commit = context.repo.require_head()?;
    let dirty = context.repo.dirty_paths()?;
    if !dirty.is_empty() && !wish.allow_dirty {
        bail!(
            Hinted::usage(format!("the work tree differs from HEAD: {}", few(&dirty))).hint(
                "git add -A && git commit, or ship HEAD without these changes: cargo ship --allow-dirty"
            )
        );
    }
    let root = context.repo.root()?;
    let wanted = context.config.ship.package.as_deref();
    let (folder, project) = project_of(root, wanted)?;
    let package = choose(&project, wanted)?;
    let kind = kind_of(context, package, intents)?;
    let unlocked = context.repo.file_at(commit, &within(&folder, "Cargo.lock"))?.is_none();
    Ok(Plan {
        release: id::release_id(),
        commit,
        tree: context.repo.tree_of(commit)?,
        kind,
        binary: main_binary(package)?,
        binaries: package.bins.clone(),
        folder,
        package: package.name.clone(),
        version: package.version.clone(),
        canary: wish.canary,
        dirty: !dirty.is_empty(),
        unlocked,
        library: package.has_lib,
        args: context.config.ship.run.clone().unwrap_or_default(),
        health: health_path(context, intents),
    })
}

/// What `[ship] health` says, else the path of an acceptance check that asks `GET /health`.
fn health_path(context: &Context, intents: &[Intent]) -> Option<String> {
    let asked = intents.iter().flat_map(|intent| &intent.acceptance).find_map(|check| match &check.anchor {
        Anchor::Http(http) if http.method == "GET" && http.path == "/health" => Some(http.path.clone()),
        _ => None,
    });
    context.config.ship.health.clone().or(asked)
}

fn kind_of(context: &Context, package: &Package, intents: &[Intent]) -> Result<Kind> {
    let ship = &context.config.ship;
    let kind = ship.kind.unwrap_or_else(|| {
        let asked = intents.iter().flat_map(|intent| &intent.acceptance);
        let http = asked.into_iter().any(|check| matches!(check.anchor, Anchor::Http(_)));
        if http || ship.run.is_some() || ship.health.is_some() { Kind::Service } else { Kind::Cli }
    });
    match kind {
        Kind::Service | Kind::Cli => Ok(kind),
        Kind::Library => Err(library_not_yet(&package.name).into()),
        Kind::Site => {
            Err(Hinted::usage("shipping a site is not built yet").hint("[ship] kind in factory.toml").into())
        }
    }
}

/// The first few of many, for a message.
fn few(paths: &[String]) -> String {
    let shown: Vec<&str> = paths.iter().take(3).map(String::as_str).collect();
    match paths.len().saturating_sub(3) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

impl Plan {
    /// The event that begins a release.
    pub fn event(&self, recorder: &Recorder<'_>, environment: &str) -> factory::types::event::Event {
        let event = recorder
            .event("planned")
            .with("commit", self.commit.to_string())
            .with("tree", self.tree.to_string())
            .with("environment", environment)
            .with("kind", self.kind.word())
            .with("project", self.folder.as_str())
            .with("package", self.package.as_str())
            .with("version", self.version.as_str())
            .with("binary", self.binary.as_str())
            .with("binaries", self.binaries.clone())
            .with("args", self.args.clone())
            .with("health", self.health.clone());
        let flags = [
            ("canary", self.canary),
            ("dirty", self.dirty),
            ("unlocked", self.unlocked),
            ("library", self.library),
        ];
        flags.into_iter().filter(|(_, on)| *on).fold(event, |event, (name, _)| event.with(name, true))
    }

    /// The plan of a release that was begun earlier.
    ///
    /// # Errors
    /// A record that lacks what a plan needs.
    pub fn of(release: &Release) -> Result<Self> {
        let lacks = |key: &str| Hinted::unverified(format!("the record of {} lacks `{key}`", release.id));
        let text = |key: &str| match release.text(key) {
            "" => Err(lacks(key)),
            text => Ok(text.to_owned()),
        };
        let flag = |key: &str| release.fields.get(key).and_then(Value::as_bool).unwrap_or(false);
        let kind = text("kind")?;
        let list = |key: &str| {
            let values = release.fields.get(key).and_then(Value::as_array);
            values.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        Ok(Self {
            release: release.id.clone(),
            commit: text("commit")?.parse()?,
            tree: text("tree")?.parse()?,
            kind: Kind::ALL.into_iter().find(|known| known.word() == kind).ok_or_else(|| lacks("kind"))?,
            folder: release.text("project").to_owned(),
            package: text("package")?,
            version: release.text("version").to_owned(),
            binary: text("binary")?,
            binaries: list("binaries"),
            canary: flag("canary"),
            dirty: flag("dirty"),
            unlocked: flag("unlocked"),
            library: flag("library"),
            args: list("args"),
            health: Some(release.text("health").to_owned()).filter(|path| !path.is_empty()),
        })
    }
}
