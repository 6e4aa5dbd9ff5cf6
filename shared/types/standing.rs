//! How an intent stands: the fold of its approvals and revocations and of what their signatures are worth.

use super::approval::{Approval, Kind};

/// What verifying one approval or revocation came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// By a key that is allowed, of this person.
    Signed(String),
    Unsigned,
    /// The signature is good, the key is not allowed.
    UnknownSigner(String),
    /// It does not say what was signed, or was given elsewhere.
    Tampered(String),
    CannotVerify(Unverifiable),
}

/// Why nothing can be said, and the command that mends it.
#[derive(Clone, Debug, PartialEq)]
pub struct Unverifiable {
    pub why: String,
    pub mend: String,
}

/// That an intent stands again as it was approved before another version of it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overtaken {
    /// When what stands was approved, as the approval has it.
    pub approved: String,
    /// When the other version was, the newest of them that counts.
    pub other: String,
}

impl Overtaken {
    /// `approved 2026-11-20, before the approval of another version on 2026-11-22`; with the time of
    /// day where the day is one.
    pub fn words(&self) -> String {
        let day = |t: &str| t.split('T').next().unwrap_or_default().to_owned();
        let (one, other) = match day(&self.approved) == day(&self.other) {
            true => (self.approved.clone(), self.other.clone()),
            false => (day(&self.approved), day(&self.other)),
        };
        format!("approved {one}, before the approval of another version on {other}")
    }
}

/// Whether an intent is approved as it stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
    /// Approved with exactly this digest, and signed by this person, if it is signed.
    Approved {
        by: Option<String>,
        overtaken: Option<Overtaken>,
    },
    /// Approved once, and its normative parts changed since.
    Stale,
    Never,
    Revoked {
        because: Option<String>,
    },
    /// Approved, but only a signed approval counts here.
    Unsigned,
    UnknownSigner(String),
    Tampered(String),
    CannotVerify(Unverifiable),
}

impl Standing {
    pub fn is_approved(&self) -> bool {
        matches!(self, Self::Approved { .. })
    }

    /// One word, as JSON has it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Approved { .. } => "approved",
            Self::Stale => "stale",
            Self::Never => "unapproved",
            Self::Revoked { .. } => "revoked",
            Self::Unsigned => "unsigned",
            Self::UnknownSigner(_) => "unknown-signer",
            Self::Tampered(_) => "tampered",
            Self::CannotVerify(_) => "unverified",
        }
    }

    /// Who signed, or why it is not approved.
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Approved { by, overtaken } => {
                let by = by.as_ref().map_or("not signed".to_owned(), |who| format!("signed by {who}"));
                Some(
                    overtaken.as_ref().map_or(by.clone(), |overtaken| format!("{by}; {}", overtaken.words())),
                )
            }
            Self::Stale => Some("what it demands changed since it was approved".to_owned()),
            Self::Never => None,
            Self::Revoked { because } => because.clone(),
            Self::Unsigned => {
                Some("its approval is not signed, and [approval] require-signed is set".to_owned())
            }
            Self::UnknownSigner(why) | Self::Tampered(why) => Some(why.clone()),
            Self::CannotVerify(unverifiable) => Some(unverifiable.why.clone()),
        }
    }
}

/// How an intent with this digest stands. `approvals` are all of its slug, oldest first; `verify` is
/// asked only where the answer hangs on it, newest first.
///
/// An approval counts for its digest until it is taken back, also where another digest was approved
/// since; that it was is told. What stands before a revocation counts for nothing. A revocation that cannot be believed leaves
/// the intent unapproved all the same: a key that is lost or gone must not bring back what it withdrew.
pub fn standing<E>(
    approvals: &[Approval],
    digest: &str,
    require_signed: bool,
    mut verify: impl FnMut(&Approval) -> Result<Verdict, E>,
) -> Result<Standing, E> {
    // Why what should approve it does not; whether it was approved with another digest; why not.
    let (mut doubt, mut others, mut doubt_of_others) = (None, None, None);
    let mut end = Standing::Never;
    for approval in approvals.iter().rev() {
        if approval.kind == Kind::Revocation {
            let verdict = counting(verify(approval)?, require_signed);
            let because = approval.because.clone();
            end = verdict.map_or_else(of_a_revocation, |_| Standing::Revoked { because });
            break;
        }
        let ours = approval.digest == digest;
        // Once one of another digest counts, older ones of yet another say nothing new.
        if !ours && others.is_some() {
            continue;
        }
        match counting(verify(approval)?, require_signed) {
            Ok(by) if ours && approval.kind == Kind::Intent => {
                let overtaken = others.map(|other| Overtaken { approved: approval.t.clone(), other });
                return Ok(Standing::Approved { by, overtaken });
            }
            Ok(_) if approval.kind == Kind::Intent => others = Some(approval.t.clone()),
            Ok(_) => {}
            Err(why) if ours => doubt = doubt.or(Some(why)),
            Err(why) => doubt_of_others = doubt_of_others.or(Some(why)),
        }
    }
    Ok(doubt.or(others.map(|_| Standing::Stale)).or(doubt_of_others).unwrap_or(end))
}

/// Why a revocation in doubt leaves the intent unapproved.
fn of_a_revocation(doubt: Standing) -> Standing {
    let of = |why: String| format!("its revocation: {why}");
    match doubt {
        Standing::UnknownSigner(why) => Standing::UnknownSigner(of(why)),
        Standing::Tampered(why) => Standing::Tampered(of(why)),
        Standing::CannotVerify(Unverifiable { why, mend }) => {
            Standing::CannotVerify(Unverifiable { why: of(why), mend })
        }
        Standing::Unsigned => Standing::Revoked { because: None },
        other => other,
    }
}

/// Who signed, if anybody, of what counts; else why it does not.
fn counting(verdict: Verdict, require_signed: bool) -> Result<Option<String>, Standing> {
    match verdict {
        Verdict::Signed(who) => Ok(Some(who)),
        Verdict::Unsigned if !require_signed => Ok(None),
        Verdict::Unsigned => Err(Standing::Unsigned),
        Verdict::UnknownSigner(why) => Err(Standing::UnknownSigner(why)),
        Verdict::Tampered(why) => Err(Standing::Tampered(why)),
        Verdict::CannotVerify(unverifiable) => Err(Standing::CannotVerify(unverifiable)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::approval::Signature;

    fn approval(id: &str, kind: Kind, digest: &str) -> Approval {
        Approval {
            id: id.into(),
            v: 1,
            t: String::new(),
            slug: "x".into(),
            kind,
            op_fits: true,
            digest: digest.into(),
            commit: String::new(),
            tree: String::new(),
            root: String::new(),
            previous: None,
            because: None,
            signature: Signature::Unsigned,
        }
    }

    /// `+d` approves the digest d, `-` revokes; what follows a colon is the verdict.
    fn told(story: &str, require_signed: bool) -> &'static str {
        let words: Vec<(&str, &str)> = story.split(' ').map(|word| word.split_once(':').unwrap()).collect();
        let one = |(place, (what, _)): (usize, &(&str, &str))| match what.strip_prefix('+') {
            Some(digest) => approval(&place.to_string(), Kind::Intent, digest),
            None => approval(&place.to_string(), Kind::Revocation, ""),
        };
        let all: Vec<Approval> = words.iter().enumerate().map(one).collect();
        let verify = |approval: &Approval| -> Result<Verdict, ()> {
            let why = String::new();
            Ok(match words[approval.id.parse::<usize>().unwrap()].1 {
                "signed" => Verdict::Signed("me".into()),
                "unsigned" => Verdict::Unsigned,
                "unknown" => Verdict::UnknownSigner(why),
                "tampered" => Verdict::Tampered(why),
                _ => Verdict::CannotVerify(Unverifiable { why, mend: String::new() }),
            })
        };
        standing(&all, "d", require_signed, verify).unwrap().word()
    }

    #[test]
    fn the_newest_that_counts_decides() {
        for (story, word) in [
            ("+d:signed", "approved"),
            ("+d:unsigned", "approved"),
            ("+d:signed +e:signed", "approved"),
            ("+e:signed", "stale"),
            ("+e:unsigned", "stale"),
            ("+d:signed -:signed", "revoked"),
            ("+d:signed -:unsigned", "revoked"),
            ("+d:signed -:signed +d:signed", "approved"),
            ("+d:signed -:signed +e:signed", "stale"),
            ("+d:unknown", "unknown-signer"),
            ("+e:unknown", "unknown-signer"),
            ("+d:?", "unverified"),
            ("+e:signed +d:tampered", "tampered"),
            ("+d:signed +d:tampered", "approved"),
            ("+d:signed +e:tampered", "approved"),
            ("+d:signed -:tampered", "tampered"),
            ("+d:signed -:unknown", "unknown-signer"),
            ("+d:signed -:? +d:signed", "approved"),
        ] {
            assert_eq!(told(story, false), word, "{story}");
        }
    }

    #[test]
    fn an_approval_that_another_version_overtook_counts_and_says_so() {
        let at = |id: &str, kind: Kind, digest: &str, t: &str| Approval {
            t: t.to_owned(),
            ..approval(id, kind, digest)
        };
        let told = |all: &[Approval]| {
            let verify = |_: &Approval| -> Result<Verdict, ()> { Ok(Verdict::Unsigned) };
            standing(all, "d", false, verify).unwrap().reason().unwrap()
        };
        let mut all = vec![
            at("1", Kind::Intent, "d", "2026-11-20T10:00:00Z"),
            at("2", Kind::Intent, "e", "2026-11-21T10:00:00Z"),
            at("3", Kind::Intent, "f", "2026-11-22T10:00:00Z"),
        ];
        let words = "not signed; approved 2026-11-20, before the approval of another version on 2026-11-22";
        assert_eq!(told(&all), words);
        all[0].t = "2026-11-22T09:00:00Z".to_owned();
        assert!(told(&all).contains("approved 2026-11-22T09:00:00Z, before"), "{}", told(&all));
        all.push(at("4", Kind::Intent, "d", "2026-11-23T10:00:00Z"));
        assert_eq!(told(&all), "not signed");
    }

    #[test]
    fn where_signatures_are_required_nothing_else_counts() {
        for (story, word) in [
            ("+d:unsigned", "unsigned"),
            ("+e:unsigned", "unsigned"),
            ("+d:signed +d:unsigned", "approved"),
            ("+d:signed -:unsigned", "revoked"),
        ] {
            assert_eq!(told(story, true), word, "{story}");
        }
    }
}
