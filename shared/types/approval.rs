//! A person's sign-off and its withdrawal: what they bind, and the bytes that are signed.

use super::event::{Event, SubjectKind, VERSION};

/// What an approval or a revocation says. All of it is in the signed payload, so that it cannot be
/// replayed for another intent, another repository or another moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Approval {
    /// The event's id: with it in the payload a copy cannot be put behind a revocation.
    pub id: String,
    /// Version of the event, and so of the payload.
    pub v: u64,
    pub t: String,
    pub slug: String,
    pub kind: Kind,
    /// Whether the operation is that of the kind, which is what was signed.
    pub op_fits: bool,
    pub digest: String,
    /// The commit it was given in, and that commit's tree.
    pub commit: String,
    pub tree: String,
    /// The first commit of the repository.
    pub root: String,
    /// The event id of the approval or revocation before this one.
    pub previous: Option<String>,
    /// Why it was revoked.
    pub because: Option<String>,
    pub signature: Signature,
}

/// What was signed off.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    Intent,
    Revocation,
    /// Written by another version, or by hand.
    Other(String),
}

impl Kind {
    pub fn word(&self) -> &str {
        match self {
            Self::Intent => "intent",
            Self::Revocation => "revocation",
            Self::Other(word) => word,
        }
    }
}

/// How an approval is signed, as the event has it.
#[derive(Clone, Debug, PartialEq)]
pub enum Signature {
    /// The person has no key.
    Unsigned,
    /// Armoured.
    Armoured(String),
    /// Too long for a line: evidence of this digest holds it.
    Kept(String),
    Missing,
}

/// The word in place of a signature.
pub const UNSIGNED: &str = "unsigned";

/// What our signatures are for: a signature of a commit or a file is none of an approval.
pub const NAMESPACE: &str = "factory";

impl Approval {
    /// The event without its signature, which is over [`Approval::payload`] of what it reads as.
    pub fn event(&self, newest: Option<&str>) -> Event {
        let op = if self.kind == Kind::Revocation { "revoke" } else { "approve" };
        Event::now(SubjectKind::Slug, &self.slug, op, newest)
            .with("kind", self.kind.word())
            .with("digest", self.digest.as_str())
            .with("commit", self.commit.as_str())
            .with("tree", self.tree.as_str())
            .with("root", self.root.as_str())
            .with("previous", self.previous.clone())
            .with("because", self.because.clone())
    }

    /// The approval or revocation in `event`, or `None` where it is neither. A field that is missing
    /// is empty: nothing it is compared with is.
    pub fn read(event: &Event) -> Option<Self> {
        let (SubjectKind::Slug, slug) = event.subject.as_ref()? else { return None };
        let revokes = match event.op.as_str() {
            "approve" => false,
            "revoke" => true,
            _ => return None,
        };
        let [kind, digest, commit, tree, root, previous, because, signature, kept] = fields(event);
        let said = kind.unwrap_or_default();
        let kind = match said.as_str() {
            "intent" => Kind::Intent,
            "revocation" => Kind::Revocation,
            _ => Kind::Other(said),
        };
        let op_fits = revokes == (kind == Kind::Revocation);
        let signature = match (signature, kept) {
            (Some(word), _) if word == UNSIGNED => Signature::Unsigned,
            (Some(armour), _) => Signature::Armoured(armour),
            (None, Some(digest)) => Signature::Kept(digest),
            (None, None) => Signature::Missing,
        };
        Some(Self {
            id: event.id.clone(),
            v: event.v,
            t: event.t.clone(),
            slug: slug.clone(),
            kind,
            op_fits,
            digest: digest.unwrap_or_default(),
            commit: commit.unwrap_or_default(),
            tree: tree.unwrap_or_default(),
            root: root.unwrap_or_default(),
            previous,
            because,
            signature,
        })
    }

    /// What is signed: each field as `name NUL length NUL bytes`, sorted by name, absent ones left
    /// out; docs/formats.md has the table and an example.
    pub fn payload(&self) -> Vec<u8> {
        let version = self.v.to_string();
        let fields = [
            ("because", self.because.as_deref()),
            ("commit", Some(self.commit.as_str())),
            ("digest", Some(&self.digest)),
            ("id", Some(&self.id)),
            ("kind", Some(self.kind.word())),
            ("namespace", Some(NAMESPACE)),
            ("previous", self.previous.as_deref()),
            ("root", Some(&self.root)),
            ("slug", Some(&self.slug)),
            ("t", Some(&self.t)),
            ("tree", Some(&self.tree)),
            ("version", Some(&version)),
        ];
        let mut bytes = Vec::new();
        for (name, value) in fields {
            let Some(value) = value else { continue };
            bytes.extend_from_slice(format!("{name}\0{}\0", value.len()).as_bytes());
            bytes.extend_from_slice(value.as_bytes());
        }
        bytes
    }

    /// Whether a newer version wrote it, whose payload this one cannot know.
    pub fn is_newer(&self) -> bool {
        self.v > VERSION
    }
}

/// The fields of an approval, in the order they are written.
const FIELDS: [&str; 9] =
    ["kind", "digest", "commit", "tree", "root", "previous", "because", "signature", "signature_evidence"];

/// Their texts, found in one pass: looking each up costs more than all of it.
fn fields(event: &Event) -> [Option<String>; FIELDS.len()] {
    let mut found = [const { None }; FIELDS.len()];
    for (name, value) in &event.fields {
        if let Some(place) = FIELDS.iter().position(|field| field == name) {
            found[place] = value.as_str().map(str::to_owned);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn approval() -> Approval {
        Approval {
            id: "01JD0000000000000000000000".into(),
            v: 1,
            t: "2026-01-01T00:00:00Z".into(),
            slug: "x".into(),
            kind: Kind::Intent,
            op_fits: true,
            digest: "d1".into(),
            commit: "c".into(),
            tree: "t".into(),
            root: "r".into(),
            previous: None,
            because: None,
            signature: Signature::Unsigned,
        }
    }

    #[test]
    fn what_was_written_is_read_again() {
        let event = approval().event(None).with("signature", UNSIGNED);
        let read = Approval::read(&event).unwrap();
        assert_eq!(read, Approval { id: event.id.clone(), t: event.t.clone(), ..approval() });
        let revoked = Approval { kind: Kind::Revocation, because: Some("wrong".into()), ..approval() };
        assert_eq!(Approval::read(&revoked.event(None)).unwrap().signature, Signature::Missing);
    }

    #[test]
    fn the_payload_is_framed_and_sorted() {
        let expected = "commit|1|c digest|2|d1 id|26|01JD0000000000000000000000 kind|6|intent \
            namespace|7|factory root|1|r slug|1|x t|20|2026-01-01T00:00:00Z tree|1|t version|1|1";
        let expected = expected.replace('|', "\0").replace(' ', "");
        assert_eq!(String::from_utf8(approval().payload()).unwrap(), expected);
    }

    #[test]
    fn no_field_can_be_changed_or_moved_into_another() {
        let change: [fn(&mut Approval); 12] = [
            |a| a.id.push('1'),
            |a| a.v = 2,
            |a| a.t.push('1'),
            |a| a.slug.push('y'),
            |a| a.kind = Kind::Revocation,
            |a| a.kind = Kind::Other("release".into()),
            |a| a.digest.push('1'),
            |a| a.commit.push('1'),
            |a| a.tree.push('1'),
            |a| a.root.push('1'),
            |a| a.previous = Some(String::new()),
            |a| a.because = Some("x".into()),
        ];
        let mut payloads = vec![approval().payload()];
        for change in change {
            let mut other = approval();
            change(&mut other);
            payloads.push(other.payload());
        }
        let count = payloads.len();
        payloads.sort();
        payloads.dedup();
        assert_eq!(payloads.len(), count);
    }
}
