//! A person's sign-off: what it binds, and how it is found again.

use super::event::{Event, SubjectKind};

/// What a sign-off says. Everything here is in the signed payload, so that it cannot be replayed
/// for another intent, another repository or another moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Approval {
    pub slug: String,
    /// What was approved: `intent`.
    pub kind: String,
    pub digest: String,
    /// The commit it was approved in, and that commit's tree.
    pub commit: String,
    pub tree: String,
    /// The first commit of the repository.
    pub root: String,
    /// The event id of the approval before this one.
    pub previous: Option<String>,
    /// `unsigned` where the person has no key.
    pub signature: String,
}

pub const UNSIGNED: &str = "unsigned";

impl Approval {
    pub fn event(&self, newest: Option<&str>) -> Event {
        Event::now(SubjectKind::Slug, &self.slug, "approve", newest)
            .with("kind", self.kind.as_str())
            .with("digest", self.digest.as_str())
            .with("commit", self.commit.as_str())
            .with("tree", self.tree.as_str())
            .with("root", self.root.as_str())
            .with("previous", self.previous.clone())
            .with("signature", self.signature.as_str())
    }

    /// The approval in `event`, or `None` where it is none.
    pub fn read(event: &Event) -> Option<Self> {
        let (SubjectKind::Slug, slug) = event.subject.as_ref()? else { return None };
        let text = |key: &str| event.text(key).map(str::to_owned);
        (event.op == "approve").then_some(())?;
        Some(Self {
            slug: slug.clone(),
            kind: text("kind")?,
            digest: text("digest")?,
            commit: text("commit")?,
            tree: text("tree")?,
            root: text("root")?,
            previous: text("previous"),
            signature: text("signature")?,
        })
    }
}

/// Whether an intent is approved as it stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
    /// Approved with exactly this digest.
    Approved,
    /// Approved once, and its normative parts changed since.
    Stale,
    Never,
}

/// All approvals of one slug, oldest first, each with its event's id.
pub fn of_slug<'a>(slug: &str, events: impl IntoIterator<Item = &'a Event>) -> Vec<(String, Approval)> {
    let about = events.into_iter().filter(|event| event.is_about(SubjectKind::Slug, slug));
    about.filter_map(|event| Some((event.id.clone(), Approval::read(event)?))).collect()
}

/// How an intent with this digest stands: it is found by digest, wherever the note hangs.
pub fn standing(approvals: &[(String, Approval)], root: &str, digest: &str) -> Standing {
    let mut ours = approvals.iter().filter(|(_, a)| a.kind == "intent" && a.root == root).peekable();
    if ours.peek().is_none() {
        return Standing::Never;
    }
    if ours.any(|(_, approval)| approval.digest == digest) { Standing::Approved } else { Standing::Stale }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn approval(root: &str) -> Approval {
        Approval {
            slug: "x".into(),
            kind: "intent".into(),
            digest: "d1".into(),
            commit: "c".into(),
            tree: "t".into(),
            root: root.into(),
            previous: None,
            signature: UNSIGNED.into(),
        }
    }

    #[test]
    fn it_is_found_by_digest() {
        let events = [approval("r").event(None)];
        let approvals = of_slug("x", &events);
        assert_eq!(approvals[0].1, approval("r"));
        assert_eq!(standing(&approvals, "r", "d1"), Standing::Approved);
        assert_eq!(standing(&approvals, "r", "d2"), Standing::Stale);
        assert_eq!(standing(&[], "r", "d1"), Standing::Never);
    }

    #[test]
    fn one_from_another_repository_counts_for_nothing() {
        let approvals = of_slug("x", &[approval("elsewhere").event(None)]);
        assert_eq!(standing(&approvals, "r", "d1"), Standing::Never);
    }
}
