//! Attempts of agents and what a person decided about them: the fold of a slug's notes.

use super::event::{Event, SubjectKind};

/// What the checks of an attempt answered, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: u64,
    /// Fail, timeout, flaky, vacuous, drift; and what the attempt itself did wrong.
    pub findings: u64,
    pub unverified: u64,
    pub waiting: u64,
}

impl Counts {
    /// Whether everything that could be asked was answered well.
    pub fn holds(self) -> bool {
        self.findings == 0 && self.unverified == 0
    }

    /// `3 passed, 1 waiting`.
    pub fn words(self) -> String {
        let parts = [
            (self.passed, "passed"),
            (self.findings, "failed"),
            (self.unverified, "unverified"),
            (self.waiting, "waiting"),
        ];
        let said: Vec<String> =
            parts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
        if said.is_empty() { "nothing was checked".to_owned() } else { said.join(", ") }
    }
}

/// One agent run in one worktree, as recorded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attempt {
    /// `a20261122-…`.
    pub id: String,
    pub agent: String,
    pub rounds: u64,
    /// The commit it started from.
    pub base: String,
    pub tree: String,
    /// The tip of the change; absent where nothing was taken.
    pub commit: Option<String>,
    /// SHA-256 of the last brief.
    pub brief: String,
    /// The intent's digest at the base.
    pub intent: String,
    pub counts: Counts,
    pub minutes: f64,
    /// Paths it edited and may not; the first of them where they are many.
    pub outside: Vec<String>,
    /// What the attempt itself did wrong, in words.
    pub problems: Vec<String>,
    /// Lessons whose rule caught something in any round, by id.
    pub fired: Vec<String>,
    pub boundary: String,
    /// Evidence: everything the agent wrote to its terminal.
    pub transcript: Option<String>,
    /// Evidence: the reports of the deciding checks.
    pub reports: Option<String>,
    /// The agent's closing words. A claim, not evidence.
    pub rationale: Option<String>,
    pub t: String,
}

impl Attempt {
    pub fn event(&self, slug: &str, newest: Option<&str>) -> Event {
        Event::now(SubjectKind::Slug, slug, "attempt", newest)
            .with("attempt", self.id.as_str())
            .with("agent", self.agent.as_str())
            .with("rounds", self.rounds)
            .with("base", self.base.as_str())
            .with("tree", self.tree.as_str())
            .with("commit", self.commit.clone())
            .with("brief", self.brief.as_str())
            .with("intent", self.intent.as_str())
            .with("passed", self.counts.passed)
            .with("findings", self.counts.findings)
            .with("unverified", self.counts.unverified)
            .with("waiting", self.counts.waiting)
            .with("minutes", self.minutes)
            .with("outside", self.outside.clone())
            .with("problems", self.problems.clone())
            .with("fired", self.fired.clone())
            .with("boundary", self.boundary.as_str())
            .with("transcript", self.transcript.clone())
            .with("reports", self.reports.clone())
            .with("rationale", self.rationale.clone())
    }

    fn read(event: &Event) -> Option<Self> {
        let text = |key: &str| event.text(key).map(str::to_owned);
        let owned = |key: &str| event.texts(key).into_iter().map(str::to_owned).collect();
        let count = |key: &str| event.count(key).unwrap_or(0);
        Some(Self {
            id: text("attempt")?,
            agent: text("agent").unwrap_or_default(),
            rounds: count("rounds"),
            base: text("base")?,
            tree: text("tree").unwrap_or_default(),
            commit: text("commit"),
            brief: text("brief").unwrap_or_default(),
            intent: text("intent").unwrap_or_default(),
            counts: Counts {
                passed: count("passed"),
                findings: count("findings"),
                unverified: count("unverified"),
                waiting: count("waiting"),
            },
            minutes: event.fields.get("minutes").and_then(serde_json::Value::as_f64).unwrap_or(0.0),
            outside: owned("outside"),
            problems: owned("problems"),
            fired: owned("fired"),
            boundary: text("boundary").unwrap_or_default(),
            transcript: text("transcript"),
            reports: text("reports"),
            rationale: text("rationale"),
            t: event.t.clone(),
        })
    }
}

/// What a person decided about an attempt.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    Accepted { commit: String },
    Rejected { because: String },
}

/// All that is known of the changes of one intent, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    pub attempts: Vec<(Attempt, Option<Decision>)>,
    /// The newest event about the slug, after which the next one is numbered.
    pub newest: Option<String>,
}

impl Changes {
    /// Fold `events`, which are in order of their ids. What is not about `slug` or not known is passed over.
    pub fn fold<'a>(slug: &str, events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut all = Self::default();
        for event in events.into_iter().filter(|event| event.is_about(SubjectKind::Slug, slug)) {
            all.newest = Some(event.id.clone());
            match event.op.as_str() {
                "attempt" => all.attempts.extend(Attempt::read(event).map(|attempt| (attempt, None))),
                "accept" => all.decide(event, |event| {
                    Some(Decision::Accepted { commit: event.text("commit")?.to_owned() })
                }),
                "reject" => all.decide(event, |event| {
                    Some(Decision::Rejected { because: event.text("because")?.to_owned() })
                }),
                _ => {}
            }
        }
        all
    }

    fn decide(&mut self, event: &Event, read: impl Fn(&Event) -> Option<Decision>) {
        let about =
            self.attempts.iter_mut().rev().find(|(a, _)| Some(a.id.as_str()) == event.text("attempt"));
        if let (Some((_, decision)), Some(read)) = (about, read(event)) {
            *decision = Some(read);
        }
    }

    /// The newest attempt, where a person has not decided about it yet.
    pub fn waiting(&self) -> Option<&Attempt> {
        self.attempts.last().filter(|(_, decision)| decision.is_none()).map(|(attempt, _)| attempt)
    }

    /// Why attempts were rejected since the last accepted one, oldest first.
    pub fn reasons<'a>(&'a self) -> Vec<&'a str> {
        let accepted = |(_, d): &(Attempt, Option<Decision>)| matches!(d, Some(Decision::Accepted { .. }));
        let since = self.attempts.iter().rposition(accepted).map_or(0, |at| at + 1);
        let because = |(_, decision): &'a (Attempt, Option<Decision>)| match decision {
            Some(Decision::Rejected { because }) => Some(because.as_str()),
            _ => None,
        };
        self.attempts[since..].iter().filter_map(because).collect()
    }

    pub fn has_attempt(&self, id: &str) -> bool {
        self.attempts.iter().any(|(attempt, _)| attempt.id == id)
    }
}

/// The recorded decision that `attempt`'s commit was merged.
pub fn accept_event(
    slug: &str,
    attempt: &Attempt,
    commit: &str,
    despite: bool,
    newest: Option<&str>,
) -> Event {
    let event = Event::now(SubjectKind::Slug, slug, "accept", newest)
        .with("attempt", attempt.id.as_str())
        .with("commit", commit);
    if despite { event.with("despite", true) } else { event }
}

/// The recorded decision that `attempt` is not wanted as it is.
pub fn reject_event(slug: &str, attempt: &Attempt, because: &str, newest: Option<&str>) -> Event {
    Event::now(SubjectKind::Slug, slug, "reject", newest)
        .with("attempt", attempt.id.as_str())
        .with("because", because)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(id: &str) -> Attempt {
        Attempt { id: id.into(), base: "b".into(), commit: Some("c".into()), ..Attempt::default() }
    }

    #[test]
    fn an_attempt_survives_its_event() {
        let told = Attempt {
            outside: vec!["intents/x.toml".into()],
            minutes: 0.5,
            counts: Counts { passed: 2, findings: 1, ..Counts::default() },
            ..attempt("a1")
        };
        let event = told.event("x", None);
        let read = Attempt { t: told.t.clone(), ..Attempt::read(&event).unwrap() };
        assert_eq!(read, told);
    }

    #[test]
    fn the_newest_undecided_attempt_waits() {
        let (first, second) = (attempt("a1"), attempt("a2"));
        let mut events = vec![first.event("x", None), second.event("y", None)];
        assert_eq!(Changes::fold("x", &events).waiting().unwrap().id, "a1");
        events.push(reject_event("x", &first, "too slow", None));
        let folded = Changes::fold("x", &events);
        assert!(folded.waiting().is_none());
        assert_eq!(folded.reasons(), ["too slow"]);
    }

    #[test]
    fn reasons_from_before_an_accepted_change_are_done_with() {
        let (first, second) = (attempt("a1"), attempt("a2"));
        let events = [
            first.event("x", None),
            reject_event("x", &first, "too slow", None),
            second.event("x", None),
            accept_event("x", &second, "d", false, None),
        ];
        assert!(Changes::fold("x", &events).reasons().is_empty());
    }

    #[test]
    fn unverified_checks_do_not_hold() {
        assert!(Counts { passed: 1, waiting: 1, ..Counts::default() }.holds());
        assert!(!Counts { passed: 1, unverified: 1, ..Counts::default() }.holds());
    }
}
