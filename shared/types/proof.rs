//! What is known of a check beyond that it passes: whether it was seen to fail for the right reason.

use serde_json::{Map, Value};

use super::event::{Event, MAX_LINE_BYTES, SubjectKind};

/// The answer of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was red for the declared reason, or pinned what it was declared to pin.
    Proven,
    /// It held before the change that is asked about, and was not edited since.
    Held,
    /// It also passes on the base, or survives its mutant.
    Vacuous,
    /// Two runs differ.
    Flaky,
    /// It pins what was not there.
    Fail,
    /// It could not be found out.
    Unverified,
    /// It waits for a person or for something to ask.
    Waiting,
}

impl Answer {
    const ALL: [Self; 7] =
        [Self::Proven, Self::Held, Self::Vacuous, Self::Flaky, Self::Fail, Self::Unverified, Self::Waiting];

    pub fn word(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Held => "held",
            Self::Vacuous => "vacuous",
            Self::Flaky => "flaky",
            Self::Fail => "fail",
            Self::Unverified => "unverified",
            Self::Waiting => "waiting",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|answer| answer.word() == word)
    }

    /// Whether it says that the check is not to be believed.
    pub fn is_finding(self) -> bool {
        matches!(self, Self::Vacuous | Self::Flaky | Self::Fail)
    }
}

/// How a check was seen to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// It ran on the base and answered wrongly.
    Assertion,
    /// It names what the base does not have.
    Build,
    /// It pins what was there: nothing had to fail.
    Pinned,
    /// A declared or generated edit turned it red.
    Mutant,
}

impl Way {
    pub fn word(self) -> &'static str {
        match self {
            Self::Assertion => "assertion",
            Self::Build => "build",
            Self::Pinned => "none",
            Self::Mutant => "mutant",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Assertion, Self::Build, Self::Pinned, Self::Mutant].into_iter().find(|way| way.word() == word)
    }
}

/// Edits made to see whether a check notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mutants {
    pub tested: u64,
    pub caught: u64,
}

/// The proof of one check.
#[derive(Clone, Debug, PartialEq)]
pub struct Proof {
    pub slug: String,
    pub check: String,
    pub answer: Answer,
    pub red: Option<Way>,
    /// One line: what was seen.
    pub reason: String,
    /// What the compiler or the program said; may be empty. Not recorded.
    pub detail: String,
    /// The commit it was run on; `None` where none was needed.
    pub base: Option<String>,
    pub mutants: Option<Mutants>,
}

impl Proof {
    pub fn new(slug: &str, check: &str, answer: Answer, reason: impl Into<String>) -> Self {
        Self {
            slug: slug.to_owned(),
            check: check.to_owned(),
            answer,
            red: None,
            reason: reason.into(),
            detail: String::new(),
            base: None,
            mutants: None,
        }
    }

    pub fn name(&self) -> String {
        format!("{}/{}", self.slug, self.check)
    }

    /// `red (assertion) on 3f2a1c9: the output differs`.
    pub fn words(&self) -> String {
        let base: String = self.base.iter().flat_map(|base| base.chars().take(7)).collect();
        let place = if base.is_empty() { String::new() } else { format!(" on {base}") };
        let how = match self.red {
            Some(Way::Pinned) => format!("pinned{place}"),
            Some(Way::Mutant) => "red (mutant)".to_owned(),
            Some(way) => format!("red ({}){place}", way.word()),
            None => return self.reason.clone(),
        };
        if self.reason.is_empty() { how } else { format!("{how}: {}", self.reason) }
    }

    pub fn to_json(&self) -> Map<String, Value> {
        let mut object = Map::new();
        let mut put = |key: &str, value: Value| drop(object.insert(key.to_owned(), value));
        put("check", self.check.as_str().into());
        put("verdict", self.answer.word().into());
        if let Some(way) = self.red {
            put("red", way.word().into());
        }
        put("reason", self.reason.as_str().into());
        if let Some(base) = &self.base {
            put("base", base.as_str().into());
        }
        if let Some(mutants) = self.mutants {
            put("mutants", serde_json::json!({"tested": mutants.tested, "caught": mutants.caught}));
        }
        object
    }

    /// What [`Self::to_json`] wrote.
    pub fn read(slug: &str, value: &Value) -> Option<Self> {
        let text = |key: &str| value[key].as_str().map(str::to_owned);
        let counts = value.get("mutants");
        let count = |key: &str| counts.and_then(|counts| counts[key].as_u64());
        Some(Self {
            red: value["red"].as_str().and_then(Way::from_word),
            base: text("base"),
            mutants: count("tested").zip(count("caught")).map(|(tested, caught)| Mutants { tested, caught }),
            ..Self::new(
                slug,
                value["check"].as_str()?,
                Answer::from_word(value["verdict"].as_str()?)?,
                text("reason").unwrap_or_default(),
            )
        })
    }
}

/// How much of a reason is recorded.
const REASON_CHARS: usize = 160;

/// The proofs of one intent as events, each of which fits its line.
pub fn events(slug: &str, digest: &str, proofs: &[Proof], newest: Option<&str>) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    let mut most = proofs.len().max(1);
    let event = |chunk: &[Proof], newest: Option<&str>| {
        let checks: Vec<Value> = chunk
            .iter()
            .map(|proof| {
                let reason = proof.reason.chars().take(REASON_CHARS).collect();
                Value::Object(Proof { reason, ..proof.clone() }.to_json())
            })
            .collect();
        Event::now(SubjectKind::Slug, slug, "prove", newest).with("digest", digest).with("checks", checks)
    };
    // One check alone always fits: its id, reason and base are bounded.
    while most > 1 && proofs.chunks(most).any(|chunk| event(chunk, None).line().len() > MAX_LINE_BYTES) {
        most = most.div_ceil(2);
    }
    for chunk in proofs.chunks(most) {
        let newest = events.last().map(|event| event.id.clone()).or(newest.map(str::to_owned));
        events.push(event(chunk, newest.as_deref()));
    }
    events
}

/// What is proven of an intent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proofs {
    /// The last proof of each check, for the digest that was asked about.
    pub current: Vec<Proof>,
    /// There are proofs, all of them of another digest.
    pub stale: bool,
}

/// Fold `events`, which are in order of their ids, for the intent as it stands with `digest`.
pub fn fold<'a>(slug: &str, digest: &str, events: impl IntoIterator<Item = &'a Event>) -> Proofs {
    let mut proofs = Proofs::default();
    let mut any = false;
    let about = |event: &&Event| event.op == "prove" && event.is_about(SubjectKind::Slug, slug);
    for event in events.into_iter().filter(about) {
        any = true;
        if event.text("digest") != Some(digest) {
            continue;
        }
        let checks = event.fields.get("checks").and_then(Value::as_array);
        for proof in checks.into_iter().flatten().filter_map(|value| Proof::read(slug, value)) {
            proofs.current.retain(|known| known.check != proof.check);
            proofs.current.push(proof);
        }
    }
    proofs.stale = any && proofs.current.is_empty();
    proofs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof(check: &str, reason: &str) -> Proof {
        Proof {
            red: Some(Way::Assertion),
            base: Some("3f2a1c9d".repeat(5)),
            mutants: Some(Mutants { tested: 3, caught: 2 }),
            ..Proof::new("x", check, Answer::Proven, reason)
        }
    }

    #[test]
    fn a_proof_survives_its_event_and_is_found_by_digest() {
        let written = events("x", "d1", &[proof("a", "left == right"), proof("b", "")], None);
        let found = fold("x", "d1", &written);
        assert_eq!(found.current, [proof("a", "left == right"), proof("b", "")]);
        assert_eq!(found.current[0].words(), "red (assertion) on 3f2a1c9: left == right");
        assert_eq!(fold("x", "d2", &written), Proofs { current: Vec::new(), stale: true });
        assert_eq!(fold("y", "d1", &written), Proofs::default());
    }

    #[test]
    fn many_proofs_are_written_in_events_that_fit() {
        let many: Vec<Proof> = (0..64).map(|n| proof(&format!("check-{n}"), &"\"".repeat(400))).collect();
        let written = events("x", "d1", &many, None);
        assert!(written.len() > 1 && written.iter().all(|event| event.line().len() <= MAX_LINE_BYTES));
        assert!(written.is_sorted_by(|a, b| a.id < b.id));
        assert_eq!(fold("x", "d1", &written).current.len(), 64);
    }
}
