//! A release: one commit, built and checked, with its artifacts; the fold of its events.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::event::{Event, Line, SubjectKind, in_order};

/// How far a release has come. The words are the `op` of the events that bring it there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Planned,
    Built,
    Checked,
    Staged,
    Canary,
    Promoting,
    Verified,
    Promoted,
    RolledBack,
    Failed,
    /// Waits for a person.
    Held,
}

impl Phase {
    const ALL: [Self; 11] = [
        Self::Planned,
        Self::Built,
        Self::Checked,
        Self::Staged,
        Self::Canary,
        Self::Promoting,
        Self::Verified,
        Self::Promoted,
        Self::RolledBack,
        Self::Failed,
        Self::Held,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Built => "built",
            Self::Checked => "checked",
            Self::Staged => "staged",
            Self::Canary => "canary",
            Self::Promoting => "promoting",
            Self::Verified => "verified",
            Self::Promoted => "promoted",
            Self::RolledBack => "rolled-back",
            Self::Failed => "failed",
            Self::Held => "held",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.word() == word)
    }

    /// Whether nothing more happens by itself and nobody is asked.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Promoted | Self::RolledBack | Self::Failed)
    }
}

/// One built file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    pub name: String,
    pub sha256: String,
    pub size_bytes: u64,
}

impl Artifact {
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        object.insert("name".into(), self.name.clone().into());
        object.insert("sha256".into(), self.sha256.clone().into());
        object.insert("size_bytes".into(), self.size_bytes.into());
        Value::Object(object)
    }

    pub fn from_json(value: &Value) -> Option<Self> {
        Some(Self {
            name: value.get("name")?.as_str()?.to_owned(),
            sha256: value.get("sha256")?.as_str()?.to_owned(),
            size_bytes: value.get("size_bytes")?.as_u64()?,
        })
    }
}

/// What is known of a release.
#[derive(Clone, Debug)]
pub struct Release {
    pub id: String,
    /// The phase reached last; `None` where no event names one.
    pub phase: Option<Phase>,
    pub artifacts: Vec<Artifact>,
    /// Every other field, last writer wins: `commit`, `environment`, `kind`, `reason`, `item` …
    pub fields: BTreeMap<String, Value>,
    /// In order of id.
    pub events: Vec<Event>,
}

impl Release {
    fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            phase: None,
            artifacts: Vec::new(),
            fields: BTreeMap::new(),
            events: Vec::new(),
        }
    }

    /// Take one more event, which must come in order of id.
    pub fn apply(&mut self, event: &Event) {
        if let Some(phase) = Phase::from_word(&event.op) {
            self.phase = Some(phase);
            // Why it was held says nothing of where it is now.
            self.fields.remove("reason");
        }
        if let Some(list) = event.fields.get("artifacts").and_then(Value::as_array) {
            self.artifacts = list.iter().filter_map(Artifact::from_json).collect();
        }
        // A step's fields are its own, not the release's.
        if event.op != "step" {
            for (key, value) in &event.fields {
                self.fields.insert(key.clone(), value.clone());
            }
        }
        self.events.push(event.clone());
    }

    pub fn text(&self, key: &str) -> &str {
        self.fields.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    pub fn commit(&self) -> &str {
        self.text("commit")
    }

    pub fn environment(&self) -> &str {
        self.text("environment")
    }

    pub fn newest(&self) -> Option<&str> {
        self.events.last().map(|event| event.id.as_str())
    }

    pub fn has(&self, op: &str) -> bool {
        self.events.iter().any(|event| event.op == op)
    }

    /// When it was planned and when it last changed, as reported.
    pub fn times(&self) -> (&str, &str) {
        (self.events.first().map_or("", |e| e.t.as_str()), self.events.last().map_or("", |e| e.t.as_str()))
    }

    pub fn phase_word(&self) -> &'static str {
        self.phase.map_or("unknown", Phase::word)
    }
}

/// The releases that `lines` tell of, oldest first.
pub fn fold(lines: &[Line]) -> Vec<Release> {
    fold_events(in_order(lines).into_iter().map(|(event, _)| event))
}

/// The same over events in order of id.
pub fn fold_events<'a>(events: impl Iterator<Item = &'a Event>) -> Vec<Release> {
    let mut releases: Vec<Release> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for event in events {
        let Some((SubjectKind::Release, id)) = &event.subject else { continue };
        let place = *places.entry(id.clone()).or_insert_with(|| {
            releases.push(Release::new(id));
            releases.len() - 1
        });
        releases[place].apply(event);
    }
    releases
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(release: &str, op: &str, newest: Option<&str>) -> Event {
        Event::now(SubjectKind::Release, release, op, newest)
    }

    #[test]
    fn the_phase_is_the_one_reached_last_whatever_the_order_of_lines() {
        let a = event("r1", "planned", None).with("commit", "c1");
        let b = event("r1", "built", Some(&a.id)).with("reason", "x");
        let c = event("r1", "step", Some(&b.id)).with("reason", "a step's");
        let lines: Vec<Line> = [&c, &b, &a].map(|e| Line::new("c", e.line().as_bytes())).into();
        let releases = fold(&lines);
        assert_eq!(releases[0].phase, Some(Phase::Built));
        assert_eq!(releases[0].text("reason"), "x");
        assert_eq!(releases[0].commit(), "c1");
        assert_eq!(releases[0].events.len(), 3);
    }

    #[test]
    fn every_phase_has_its_own_word() {
        for phase in Phase::ALL {
            assert_eq!(Phase::from_word(phase.word()), Some(phase));
        }
    }
}
