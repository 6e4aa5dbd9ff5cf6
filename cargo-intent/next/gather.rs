//! Finding what waits: each reference is read once, and nothing is started.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use factory::operations::digest::InFolder;
use factory::operations::{releases, returning};
use factory::storage::intents::{self, Found};
use factory::storage::repo::Repo;
use factory::storage::{notes, sync};
use factory::types::change::Changes;
use factory::types::event::{Line, by_slug};
use factory::types::id;
use factory::types::item::Status;
use factory::types::item::fold::fold;
use factory::types::release::{self, Phase, Release};
use factory::types::standing::Standing;

use super::{Urgency, Waiting};
use crate::new::UNSAID;
use crate::standing::{Standings, label};

/// Everything that waits, not yet in order of urgency.
pub fn all(repo: &Repo) -> Result<Vec<Waiting>> {
    let mut waiting = of_releases(repo)?;
    let found = intents::all(repo.root()?)?;
    let lines = notes::read(repo, notes::INTENT)?;
    let undecided = of_changes(&lines, &found);
    let under_way: BTreeSet<String> = undecided.iter().map(|change| change.what.clone()).collect();
    waiting.extend(undecided);
    waiting.extend(of_feedback(repo)?);
    waiting.extend(of_intents(repo, &lines, &found, &under_way)?);
    waiting.extend(of_records(repo)?);
    Ok(waiting)
}

fn of_releases(repo: &Repo) -> Result<Vec<Waiting>> {
    let common = repo.common_dir().join("factory");
    let open: Vec<String> = releases::open_journals(&common)?.into_iter().map(|(name, _)| name).collect();
    let lines = releases::lines(repo, &common)?;
    let releases = release::fold(&lines);
    let newest: BTreeMap<&str, &str> =
        releases.iter().map(|release| (release.environment(), release.id.as_str())).collect();
    let is_newest = |release: &Release| newest.get(release.environment()) == Some(&release.id.as_str());
    let one = |release: &Release| of_release(release, is_newest(release), open.contains(&release.id));
    Ok(releases.iter().rev().filter_map(one).collect())
}

fn of_release(release: &Release, is_newest: bool, is_ours: bool) -> Option<Waiting> {
    let reason = || release.text("reason").to_owned();
    let (urgency, why, command) = match release.phase? {
        Phase::Held => (Urgency::Held, reason(), "promote"),
        // What another clone ships is that clone's to finish.
        phase if !phase.is_over() && !is_ours => return None,
        Phase::Canary => (Urgency::Calm, "its canary runs by itself".to_owned(), "status"),
        // Once something newer was shipped there, a failure is history.
        Phase::Failed if is_newest => (Urgency::Broken, reason(), "show"),
        phase if phase.is_over() => return None,
        phase => (Urgency::Unfinished, format!("left when {}", phase.word()), "resume"),
    };
    let environment = release.environment();
    let place = match environment {
        "" | "local" => String::new(),
        name => format!(" --env {name}"),
    };
    let command = match command {
        "show" => format!("cargo ship show {}", release.id),
        verb => format!("cargo ship {verb}{place}"),
    };
    let mut why = format!("{}{}{why}", release.phase_word(), if why.is_empty() { "" } else { ": " });
    if !place.is_empty() {
        why = format!("{environment}: {why}");
    }
    let since = release.times().1.to_owned();
    Some(Waiting { urgency, kind: "release", what: release.id.clone(), why, since, command })
}

fn of_changes(lines: &[Line], found: &[Found]) -> Vec<Waiting> {
    let mut waiting = Vec::new();
    for (slug, events) in by_slug(lines) {
        let changes = Changes::fold(slug, events);
        let Some(attempt) = changes.waiting() else { continue };
        // An intent whose file is gone is retired, and its change with it.
        if !found.iter().any(|found| found.slug == slug) {
            continue;
        }
        let why = match attempt.commit {
            Some(_) => format!("{}, by {}", attempt.counts.words(), attempt.agent),
            None => format!("{} left nothing: {}", attempt.agent, attempt.problems.join("; ")),
        };
        let command = match (&attempt.commit, attempt.counts.holds()) {
            (Some(_), _) => format!("cargo intent review {slug}"),
            (None, _) => format!("cargo intent build {slug} --resume"),
        };
        let since = attempt.t.clone();
        waiting.push((
            !attempt.counts.holds(),
            Waiting {
                urgency: Urgency::Decision,
                kind: "change",
                what: slug.to_owned(),
                why,
                since,
                command,
            },
        ));
    }
    // What can be accepted as it is comes first, then the oldest.
    waiting.sort_by(|(a, one), (b, other)| (a, &one.since).cmp(&(b, &other.since)));
    waiting.into_iter().map(|(_, one)| one).collect()
}

fn of_feedback(repo: &Repo) -> Result<Vec<Waiting>> {
    let lines = notes::read(repo, notes::FEEDBACK)?;
    let now_ms = id::now_ms();
    let mut items = fold(&lines, now_ms);
    returning::settle(repo, &mut items)?;
    let length = items.short_length();
    // What became a check waits for the change that makes it green, not for the person.
    let open = items.first_to_do(now_ms, |item| {
        let became = !item.promotions.is_empty() || !item.lessons.is_empty();
        item.status.is_open() && (!became || item.status == Status::Regressed)
    });
    let shown = open.into_iter().map(|item| {
        let short = item.id.get(..length).unwrap_or(item.id);
        let status = if item.status == Status::Regressed { "regressed " } else { "" };
        Waiting {
            urgency: Urgency::Feedback,
            kind: "item",
            what: short.to_owned(),
            why: format!("{status}{}, {}×: {}", item.severity(), item.occurrences, item.title()),
            since: item.last_seen.to_owned(),
            command: format!("git feedback show {short}"),
        }
    });
    Ok(shown.collect())
}

fn of_intents(
    repo: &Repo,
    lines: &[Line],
    found: &[Found],
    under_way: &BTreeSet<String>,
) -> Result<Vec<Waiting>> {
    let files = InFolder::new(repo);
    let standings = Standings::among(lines, repo, &files)?;
    standings.prepare(found.iter().filter_map(|found| Some(&found.read.as_ref().ok()?.intent)))?;
    let mut waiting = Vec::new();
    for found in found {
        let one = |urgency, why: String, command: String| Waiting {
            urgency,
            kind: "intent",
            what: found.slug.clone(),
            why,
            since: String::new(),
            command,
        };
        match &found.read {
            Err(problems) => {
                let first = problems.first().map(|problem| format!(": {}", problem.message));
                let why = format!("cannot be read{}", first.unwrap_or_default());
                waiting.push(one(Urgency::Broken, why, format!("cargo intent check {}", found.slug)));
            }
            // Accepting a change approves the intent it was built for.
            Ok(_) if under_way.contains(&found.slug) => {}
            Ok(parsed) => {
                let standing = standings.of(&parsed.intent)?;
                if parsed.intent.outcome == UNSAID && !standing.is_approved() {
                    let why = format!("say the outcome: edit {}", found.file);
                    waiting.push(one(Urgency::Intent, why, format!("$EDITOR {}", found.file)));
                    continue;
                }
                let title = &parsed.intent.title;
                let (why, verb) = match &standing {
                    standing if standing.is_approved() => continue,
                    Standing::Stale => ("changed since it was approved".to_owned(), "approve"),
                    Standing::Never => (format!("not approved yet: {title}"), "approve"),
                    Standing::Revoked { .. } | Standing::Unsigned => {
                        (format!("{}: {title}", label(&standing)), "approve")
                    }
                    // What mends it takes more than a line, and is said there.
                    doubtful => {
                        (format!("{}: {}", label(doubtful), doubtful.reason().unwrap_or_default()), "show")
                    }
                };
                let command = format!("cargo intent {verb} {}", found.slug);
                waiting.push(one(Urgency::Intent, why, command));
            }
        }
    }
    Ok(waiting)
}

/// Records that were shared once and have moved on since.
fn of_records(repo: &Repo) -> Result<Vec<Waiting>> {
    let behind = sync::unshared(repo)?;
    if behind.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<&str> = behind.iter().filter_map(|name| name.strip_prefix("refs/notes/")).collect();
    Ok(vec![Waiting {
        urgency: Urgency::Calm,
        kind: "records",
        what: names.join(","),
        why: "differ from what the remote was last seen with".to_owned(),
        since: String::new(),
        command: "git feedback sync".to_owned(),
    }])
}
