//! From what was seen on the base, and what was declared, to the answer.

use super::Asked;
use crate::storage::repo::Oid;
use crate::types::intent::Red;
use crate::types::proof::{Answer, Mutants, Proof, Way};

/// What a check did on the base.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    /// It failed; `whole` says that the whole program it asks for is new.
    Red {
        way: Way,
        reason: String,
        detail: String,
        whole: bool,
    },
    Passes,
    /// Proven by edits, because it cannot be carried to the base.
    Edited {
        mutants: Mutants,
        reason: String,
    },
    /// Why it is not known.
    Unknown {
        reason: String,
        detail: String,
    },
}

impl Seen {
    pub fn unknown(reason: impl Into<String>) -> Self {
        Self::Unknown { reason: reason.into(), detail: String::new() }
    }

    pub fn new_program(reason: impl Into<String>) -> Self {
        Self::Red { way: Way::Build, reason: reason.into(), detail: String::new(), whole: true }
    }
}

/// Hold what was seen to what was declared.
pub fn settle(one: &Asked, base: Oid, seen: Seen) -> Proof {
    let place = base.short();
    let at = |proof: Proof| Proof { base: Some(base.to_string()), ..proof };
    let proven = |way, reason: String| Proof { red: Some(way), ..one.proof(Answer::Proven, reason) };
    match (one.check.red, seen) {
        (_, Seen::Unknown { reason, detail }) => {
            at(Proof { detail, ..one.proof(Answer::Unverified, reason) })
        }
        (_, Seen::Edited { mutants, reason }) => {
            let answer = if mutants.caught > 0 { Answer::Proven } else { Answer::Vacuous };
            let red = (mutants.caught > 0).then_some(Way::Mutant);
            at(Proof { red, mutants: Some(mutants), ..one.proof(answer, reason) })
        }
        (Red::None, Seen::Passes) => at(proven(Way::Pinned, String::new())),
        (_, Seen::Passes) => {
            let reason = format!("it also passes on {place}; if it pins what was there, say red = \"none\"");
            at(one.proof(Answer::Vacuous, reason))
        }
        (Red::None, Seen::Red { reason, detail, .. }) => {
            let reason = format!("it pins what {place} does not do: {reason}");
            at(Proof { detail, ..one.proof(Answer::Fail, reason) })
        }
        (Red::Assertion, Seen::Red { way: Way::Build, reason, detail, whole: false }) => {
            let reason = format!(
                "red on {place} because it does not build there ({reason}), not because it answered wrongly; if a new name is all it must show, say red = \"build\""
            );
            at(Proof { detail, ..one.proof(Answer::Unverified, reason) })
        }
        (Red::Build, Seen::Red { way: Way::Assertion, reason, detail, .. }) => {
            let reason = format!(
                "it builds on {place} and answered wrongly there ({reason}); red = \"build\" is not what happened, so leave it out"
            );
            at(Proof { detail, ..one.proof(Answer::Unverified, reason) })
        }
        (_, Seen::Red { way, reason, detail, .. }) => at(Proof { detail, ..proven(way, reason) }),
    }
}

/// What a declared mutant did.
#[derive(Clone, Debug, PartialEq)]
pub enum Mutated {
    Caught { reason: String },
    Survived { reason: String },
    Unknown { reason: String, detail: String },
}

/// The proof with what its declared mutant did: one that survives makes the check vacuous.
pub fn with_mutant(proof: Proof, mutated: Mutated) -> Proof {
    match mutated {
        Mutated::Survived { reason } => Proof {
            answer: Answer::Vacuous,
            red: None,
            reason,
            detail: String::new(),
            mutants: Some(Mutants { tested: 1, caught: 0 }),
            ..proof
        },
        Mutated::Unknown { reason, detail } if !proof.answer.is_finding() => {
            Proof { answer: Answer::Unverified, red: None, reason, detail, ..proof }
        }
        Mutated::Unknown { .. } => proof,
        Mutated::Caught { reason } => {
            let mutants = Some(Mutants { tested: 1, caught: 1 });
            match proof.answer {
                Answer::Unverified => Proof {
                    answer: Answer::Proven,
                    red: Some(Way::Mutant),
                    reason,
                    detail: String::new(),
                    base: None,
                    mutants,
                    ..proof
                },
                _ => Proof { mutants, ..proof },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mutant_that_survives_outweighs_a_red_base() {
        let proven = Proof { red: Some(Way::Assertion), ..Proof::new("x", "a", Answer::Proven, "no") };
        let survived = Mutated::Survived { reason: "survives".into() };
        assert_eq!(with_mutant(proven.clone(), survived).answer, Answer::Vacuous);
        let caught = Mutated::Caught { reason: "caught".into() };
        assert_eq!(with_mutant(proven, caught.clone()).red, Some(Way::Assertion));
        let unknown = Proof::new("x", "a", Answer::Unverified, "cannot be carried");
        let shown = with_mutant(unknown, caught);
        assert_eq!((shown.answer, shown.red), (Answer::Proven, Some(Way::Mutant)));
        let vacuous = Proof::new("x", "a", Answer::Vacuous, "also passes");
        let broken = Mutated::Unknown { reason: "no".into(), detail: String::new() };
        assert_eq!(with_mutant(vacuous, broken).answer, Answer::Vacuous);
    }
}
