//! What has been through the redactor: only it makes one, and only this is written.

use serde_json::{Map, Value};

use super::{Found, Redactor};
use crate::types::event::Event;

/// Something without secrets, and what was replaced in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Clean<T> {
    value: T,
    found: Vec<Found>,
}

impl<T> Clean<T> {
    pub fn get(&self) -> &T {
        &self.value
    }

    pub fn into_inner(self) -> T {
        self.value
    }

    /// Each kind once, sorted.
    pub fn found(&self) -> &[Found] {
        &self.found
    }

    pub fn is_certain(&self) -> bool {
        self.found.iter().any(|found| found.certain)
    }
}

impl Clean<Vec<u8>> {
    /// The lines of events, for a piece of evidence that a `batch` names.
    pub fn lines<'e>(events: impl IntoIterator<Item = &'e Clean<Event>>) -> Self {
        let value = events.into_iter().flat_map(|event| (event.value.line() + "\n").into_bytes()).collect();
        Self { value, found: Vec::new() }
    }

    /// The end of it, at most so many bytes.
    pub fn tail(mut self, bytes: usize) -> Self {
        self.value.drain(..self.value.len().saturating_sub(bytes));
        self
    }

    /// The compressed form of what was looked through and kept whole.
    pub fn looked_through(packed: Vec<u8>, inside: &Self) -> Self {
        Self { value: packed, found: inside.found.clone() }
    }

    /// A binary file as it is: replacing bytes would break it. What is certain in it is not allowed.
    pub fn binary(redactor: &Redactor, bytes: &[u8]) -> Self {
        let redacted = redactor.redact_bytes(bytes);
        if redacted.found.iter().any(|found| found.certain) {
            return Self { value: redacted.bytes, found: redacted.found };
        }
        Self { value: bytes.to_vec(), found: Vec::new() }
    }
}

/// Fields that programs read back and act on, or that were signed: addresses and paths in them stay,
/// what is certainly a secret does not.
const READ_BACK: &[&str] = &[
    "args",
    "artifacts",
    "base",
    "binaries",
    "binary",
    "brief",
    "by",
    "check",
    "checks",
    "commit",
    "digest",
    "environment",
    "evidence",
    "fingerprint",
    "folder",
    "health",
    "hour",
    "intent",
    "lock",
    "package",
    "pointer",
    "previous",
    "release",
    "root",
    "signature",
    "signature_evidence",
    "span_id",
    "to",
    "toolchain",
    "trace_id",
    "transcript",
    "tree",
    "version",
];

impl Redactor {
    /// Every text in an event, and the keys of its objects.
    pub fn event(&self, mut event: Event) -> Clean<Event> {
        let mut found = Vec::new();
        event.fields = self.fields(std::mem::take(&mut event.fields), &mut found);
        if let Some((_, subject)) = &mut event.subject {
            *subject = self.text(subject, false, &mut found);
        }
        found.sort();
        found.dedup();
        Clean { value: event, found }
    }

    /// The fields of an event.
    pub fn fields(&self, fields: Map<String, Value>, found: &mut Vec<Found>) -> Map<String, Value> {
        let clean = |(key, value): (String, Value)| {
            let all = !READ_BACK.contains(&key.as_str());
            let value = self.value(value, all, found);
            (key, value)
        };
        fields.into_iter().map(clean).collect()
    }

    /// The text or bytes of a piece of evidence.
    pub fn bytes(&self, bytes: &[u8]) -> Clean<Vec<u8>> {
        let redacted = self.redact_bytes(bytes);
        Clean { value: redacted.bytes, found: redacted.found }
    }

    fn text(&self, text: &str, all: bool, found: &mut Vec<Found>) -> String {
        let redacted = self.redact(text);
        if !all && !redacted.is_certain() {
            return text.to_owned();
        }
        found.extend(redacted.found);
        redacted.text
    }

    fn value(&self, value: Value, all: bool, found: &mut Vec<Found>) -> Value {
        match value {
            Value::String(text) => self.text(&text, all, found).into(),
            Value::Array(list) => list.into_iter().map(|value| self.value(value, all, found)).collect(),
            Value::Object(object) => self.object(object, all, found).into(),
            other => other,
        }
    }

    fn object(&self, object: Map<String, Value>, all: bool, found: &mut Vec<Found>) -> Map<String, Value> {
        let mut clean = Map::new();
        for (key, value) in object {
            let value = match value {
                // A value may be a secret by its key alone.
                Value::String(text) => match self.by_name(&key, &text) {
                    Some(by_name) if all => {
                        found.push(by_name);
                        super::placeholder("password").into()
                    }
                    _ => self.text(&text, all, found).into(),
                },
                other => self.value(other, all, found),
            };
            let mut name = self.text(&key, all, found);
            // Two keys may become one: neither value is lost.
            while clean.contains_key(&name) {
                name.push('\'');
            }
            clean.insert(name, value);
        }
        clean
    }

    fn by_name(&self, key: &str, text: &str) -> Option<Found> {
        let pair = serde_json::json!({ key: text }).to_string();
        let alone = self.redact(text).found;
        self.redact(&pair).found.into_iter().find(|found| found.kind == "password" && !alone.contains(found))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::types::event::SubjectKind;

    #[test]
    fn lists_objects_and_keys_of_an_event_are_redacted() {
        let event = Event::now(SubjectKind::Item, "fb-x", "add", None)
            .with("title", "mail to jane@mail.example")
            .with("stacktrace", json!([{"function": "at /home/jane/x", "vars": {"password": "swordfish"}}]))
            .with("counts", json!({"jane@mail.example": 1, "joe@mail.example": 2}));
        let clean = Redactor::default().event(event);
        let line = clean.get().line();
        for secret in ["jane", "joe", "swordfish"] {
            assert!(!line.contains(secret), "{line}");
        }
        assert_eq!(clean.get().fields["counts"].as_object().unwrap().len(), 2);
        let again = Redactor::default().event(clean.get().clone());
        assert_eq!(again.get().line(), line);
    }

    #[test]
    fn what_programs_read_back_stays_unless_it_is_certainly_a_secret() {
        let token = format!("gh{}{}", "p_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8");
        let event = Event::now(SubjectKind::Release, "r1", "planned", None)
            .with("args", json!(["serve", "--bind", "10.1.2.3:80"]))
            .with("folder", "/home/jane/releases");
        assert_eq!(Redactor::default().event(event.clone()).get(), &event);
        let event = event.with("args", json!([format!("--key={token}")]));
        let clean = Redactor::default().event(event);
        assert!(clean.is_certain() && !clean.get().line().contains(&token));
    }
}
