//! What a heading says of the text below it.

/// What the blocks of a section are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// Each sentence by its words.
    Any,
    Outcome,
    Acceptance,
    Constraints,
    OutOfScope,
    /// Functional requirements: each of them is something to know, with an id.
    Requirements,
    /// What happens and how it comes about; why, and therefore rationale.
    Story,
}

const ROLES: [(Role, &[&str]); 6] = [
    (Role::OutOfScope, &["out of scope", "non-goal", "not in scope", "won't do", "no goals", "not planned"]),
    (
        Role::Acceptance,
        &[
            "acceptance",
            "done when",
            "definition of done",
            "success criteria",
            "measurable outcome",
            "expected",
            "how one will know",
        ],
    ),
    (Role::Requirements, &["functional requirement", "requirements"]),
    (Role::Constraints, &["constraint", "limits", "rules"]),
    (Role::Outcome, &["outcome", "goal", "purpose", "introduction", "summary", "overview"]),
    (
        Role::Story,
        &["reproduce", "actual", "user stor", "edge case", "key entit", "background", "assumption", "why"],
    ),
];

/// The role the words of a heading give; `None` where they say nothing.
pub fn role(heading: &str) -> Option<Role> {
    let heading = heading.to_lowercase();
    // "Non-functional requirements" bound the way there.
    if heading.contains("non-functional") || heading.contains("nonfunctional") {
        return Some(Role::Constraints);
    }
    let found = ROLES.iter().find(|(_, words)| words.iter().any(|word| heading.contains(word)));
    found.map(|(role, _)| role.clone())
}

/// The sections this place is in, outermost first.
#[derive(Default)]
pub struct Path {
    open: Vec<(u8, String, Option<Role>)>,
}

impl Path {
    pub fn enter(&mut self, level: u8, heading: &str) {
        self.open.retain(|(outer, ..)| *outer < level);
        self.open.push((level, heading.to_owned(), role(heading)));
    }

    /// The role of the innermost section that has one. The title of a text gives none.
    pub fn role(&self) -> Role {
        let said = self.open.iter().rev().filter(|(level, ..)| *level > 1);
        said.filter_map(|(_, _, role)| role.clone()).next().unwrap_or(Role::Any)
    }

    /// What stands after `word` and a number, in the innermost heading that has both:
    /// `### Requirement 2: Login` gives 2 for `requirement`.
    pub fn number_after(&self, word: &str) -> Option<u64> {
        self.open.iter().rev().find_map(|(_, heading, _)| {
            let heading = heading.to_lowercase();
            let rest = heading[heading.find(word)? + word.len()..].trim_start();
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().ok()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_heading_that_says_something_decides() {
        let mut path = Path::default();
        path.enter(1, "Requirements of all kinds");
        assert_eq!(path.role(), Role::Any);
        path.enter(2, "Functional Requirements");
        path.enter(3, "The list");
        assert_eq!(path.role(), Role::Requirements);
        path.enter(2, "Out of scope");
        assert_eq!(path.role(), Role::OutOfScope);
        path.enter(2, "Notes");
        assert_eq!(path.role(), Role::Any);
        assert_eq!(role("Non-functional requirements"), Some(Role::Constraints));
    }

    #[test]
    fn a_number_is_read_from_the_heading() {
        let mut path = Path::default();
        path.enter(3, "User Story 2 - Export (Priority: P1)");
        assert_eq!(path.number_after("user story"), Some(2));
        assert_eq!(path.number_after("requirement"), None);
    }
}
