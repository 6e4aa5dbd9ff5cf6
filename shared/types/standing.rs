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

/// Whether an intent is approved as it stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
    /// Approved with exactly this digest, and signed by this person, if it is signed.
    Approved {
        by: Option<String>,
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
            Self::Approved { by: Some(who) } => Some(format!("signed by {who}")),
            Self::Approved { by: None } => Some("not signed".to_owned()),
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
/// What stands before a revocation counts for nothing. A revocation that cannot be believed leaves
/// the intent unapproved all the same: a key that is lost or gone must not bring back what it withdrew.
pub fn standing<E>(
    approvals: &[Approval],
    digest: &str,
    require_signed: bool,
    mut verify: impl FnMut(&Approval) -> Result<Verdict, E>,
) -> Result<Standing, E> {
    // Why what should approve it does not; whether it was approved with another digest; why not.
    let (mut doubt, mut others, mut doubt_of_others) = (None, false, None);
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
        if !ours && others {
            continue;
        }
        match counting(verify(approval)?, require_signed) {
            Ok(by) if ours && approval.kind == Kind::Intent => return Ok(Standing::Approved { by }),
            Ok(_) => others |= approval.kind == Kind::Intent,
            Err(why) if ours => doubt = doubt.or(Some(why)),
            Err(why) => doubt_of_others = doubt_of_others.or(Some(why)),
        }
    }
    Ok(doubt.or(others.then_some(Standing::Stale)).or(doubt_of_others).unwrap_or(end))
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
