//! What a `log`, `trace` or `test-failure` item is asked by: a signal of the canary, or the test that failed.

use std::path::Path;

use anyhow::{Result, bail};
use factory::storage::config;
use factory::storage::repo::Repo;
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use factory::types::hint::Hinted;
use factory::types::intent::{Anchor, Intent};
use factory::types::item::Item;
use serde_json::Map;

use crate::store;

/// Signals that need no command of the project.
const BUILT_IN: [&str; 2] = ["error-rate", "latency"];

/// The most of a share of errors where nobody says another.
const DEFAULT_ERROR_RATE: f64 = 0.01;

/// What this item is held by where it has neither input nor command; `None` for other kinds.
pub fn anchor(
    root: &Path,
    item: &Item<'_>,
    intent: &Intent,
    signal: Option<&str>,
    max: Option<f64>,
) -> Result<Option<Anchor>> {
    if let Some(name) = signal {
        return self::signal(root, item, &intent.slug, name, max).map(Some);
    }
    match item.kind() {
        "log" => {
            self::signal(root, item, &intent.slug, "error-rate", max.or(Some(DEFAULT_ERROR_RATE))).map(Some)
        }
        "trace" => self::signal(root, item, &intent.slug, "latency", max).map(Some),
        "test-failure" => test(item, intent).map(Some),
        _ => Ok(None),
    }
}

/// A bound on a signal that the canary can be asked for.
pub fn signal(root: &Path, item: &Item<'_>, slug: &str, name: &str, max: Option<f64>) -> Result<Anchor> {
    let known = config::load(root)?.signals;
    if !BUILT_IN.contains(&name) && !known.contains_key(name) {
        let own: Vec<&str> = BUILT_IN.into_iter().chain(known.keys().map(String::as_str)).collect();
        bail!(
            Hinted::usage(format!("no signal is called {name:?}; there are {}", own.join(", ")))
                .hint(format!("give it a command in factory.toml: [signal.{name}] run = \"…\""))
        );
    }
    let Some(max) = max else {
        bail!(
            Hinted::usage(format!("say how much the signal {name} may be at most"))
                .hint(format!("git feedback promote {} --intent {slug} --signal {name} --max N", item.id))
        );
    };
    Ok(Anchor::Signal { name: name.to_owned(), max: Some(max) })
}

/// The test's name: told, or what stands before `fails` in the title.
pub fn test_name<'e>(item: &Item<'e>) -> Option<&'e str> {
    let of_title = || item.title().split_once(" fails").map(|(name, _)| name);
    item.text("test").or_else(of_title).filter(|name| !name.is_empty() && !name.contains(char::is_whitespace))
}

fn test(item: &Item<'_>, intent: &Intent) -> Result<Anchor> {
    let Some(name) = test_name(item) else {
        bail!(
            Hinted::usage(format!("{} does not say which test fails", item.id))
                .hint(format!("git feedback set {} --field test=module::name", item.id))
        );
    };
    let bound = intent.acceptance.iter().find(|check| check.anchor == Anchor::Test { name: name.to_owned() });
    if let Some(check) = bound {
        bail!(Hinted::usage(format!("the check {} of {} holds the test {name} already", check.id, intent.slug))
            .hint(format!(
                "ask for proof: cargo intent check {} --prove; or it fails now and then: git feedback promote {} --flaky",
                intent.slug, item.id
            )));
    }
    Ok(Anchor::Test { name: name.to_owned() })
}

/// A failing test that says nothing of the code: marked, and nothing else.
pub fn mark_flaky(repo: &Repo, item: &Item<'_>, output: &Output) -> Result<Exit> {
    if item.kind() != "test-failure" {
        return Err(Hinted::usage(format!("{} is {}, and no failing test", item.id, item.kind()))
            .hint(format!("git feedback set {} --kind test-failure", item.id))
            .into());
    }
    store::append(repo, item, store::next_event(item, "set").with("flaky", true))?;
    if output.is_json() {
        output.json(Map::from_iter([("item".to_owned(), item.id.into()), ("flaky".to_owned(), true.into())]));
    } else {
        output.line(format!("{} is flaky", item.id));
        output.note(format!("steady again: git feedback set {} --field flaky=false", item.id));
    }
    Ok(Exit::Holds)
}
