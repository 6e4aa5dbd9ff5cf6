//! Whether a lesson's scope and an intent's have a path in common.

/// Whether two lists of globs may name a common path; an empty list names everything.
///
/// A glob is known by its folder, the part before the first wildcard, and by its extension where it ends
/// with one. Two globs meet unless these tell them apart, so a lesson is rather told once too often.
pub fn meet(one: &[String], other: &[String]) -> bool {
    one.is_empty() || other.is_empty() || one.iter().any(|a| other.iter().any(|b| globs_meet(a, b)))
}

fn globs_meet(one: &str, other: &str) -> bool {
    let (a, b) = (literal(one), literal(other));
    let whole = |glob: &str, literal: &str| glob.len() == literal.len();
    let folders = match (whole(one, a), whole(other, b)) {
        (true, true) => return a == b,
        (true, false) => a.starts_with(b),
        (false, true) => b.starts_with(a),
        (false, false) => a.starts_with(b) || b.starts_with(a),
    };
    let extensions = match (extension(one), extension(other)) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    };
    folders && extensions
}

/// The part before the first wildcard.
fn literal(glob: &str) -> &str {
    let end = glob.find(['*', '?', '[', '{']).unwrap_or(glob.len());
    &glob[..end]
}

/// What follows the last `.` of the last part, where no wildcard is in it.
fn extension(glob: &str) -> Option<&str> {
    let name = glob.rsplit('/').next()?;
    let (_, extension) = name.rsplit_once('.')?;
    (!extension.contains(['*', '?', '[', ']', '{', '}'])).then_some(extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_meet_unless_folder_or_extension_tells_them_apart() {
        let meets = |a: &str, b: &str| {
            let (a, b) = ([a.to_owned()], [b.to_owned()]);
            assert_eq!(meet(&a, &b), meet(&b, &a));
            meet(&a, &b)
        };
        for (a, b) in [
            ("src/**", "src/**/*.rs"),
            ("src/**", "src/row.rs"),
            ("**/*.md", "docs/**"),
            ("**", "Cargo.toml"),
            ("src/row.rs", "src/row.rs"),
            ("src/*.{rs,toml}", "src/a/*.rs"),
        ] {
            assert!(meets(a, b), "{a} {b}");
        }
        for (a, b) in [
            ("src/**", "docs/**"),
            ("src/**/*.rs", "**/*.md"),
            ("src/row.rs", "src/column.rs"),
            ("src/row.rs", "src/row.rs.bak"),
            ("tests/**", "src/row.rs"),
        ] {
            assert!(!meets(a, b), "{a} {b}");
        }
        assert!(meet(&[], &["src/**".into()]) && meet(&["src/**".into()], &[]));
    }
}
