//! The files of a glob, as contracts name them: `*` stays within its folder, `**` does not.

use globset::GlobBuilder;

use super::Answer;
use crate::storage::inside::Inside;

pub fn files_of(inside: &Inside, glob: &str) -> Result<Vec<String>, Answer> {
    let glob = glob.strip_prefix("./").unwrap_or(glob);
    let Some(first) = glob.find(['*', '?', '[', '{', '\\']) else {
        // One file by its name: it may be one git ignores.
        return match inside.look(glob) {
            Ok(()) => Ok(vec![glob.to_owned()]),
            Err(refused) => Err(Answer::of_refused(glob, refused)),
        };
    };
    let built = GlobBuilder::new(glob).literal_separator(true).build();
    let matcher = match built {
        Ok(built) => built.compile_matcher(),
        Err(error) => return Err(Answer::unverified(format!("{glob:?} is no glob: {}", error.kind()))),
    };
    let files = inside
        .files()
        .map_err(|why| Answer::unverified(format!("the repository cannot be listed: {why}")))?;
    let prefix = &glob[..first];
    let from = files.partition_point(|path| path.as_str() < prefix);
    let below = files[from..].iter().take_while(|path| path.starts_with(prefix));
    let found: Vec<String> = below.filter(|path| matcher.is_match(path)).cloned().collect();
    match found.is_empty() {
        true => Err(Answer::unverified(format!("no file matches {glob}"))),
        false => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_that_matches_nothing_is_no_pass_and_a_name_that_is_gone_is_drift() {
        let root = tempfile::tempdir().unwrap();
        for path in ["notes/a.md", "notes/deep/b.md", "other.md"] {
            std::fs::create_dir_all(root.path().join(path).parent().unwrap()).unwrap();
            std::fs::write(root.path().join(path), "").unwrap();
        }
        let inside = Inside::open(root.path()).unwrap();
        let found = |glob: &str| files_of(&inside, glob);
        assert_eq!(found("notes/**/*.md").unwrap(), ["notes/a.md", "notes/deep/b.md"]);
        assert_eq!(found("./*.md").unwrap(), ["other.md"]);
        assert_eq!(found("{notes/a,other}.md").unwrap(), ["notes/a.md", "other.md"]);
        assert_eq!(found("none/*.md").unwrap_err(), Answer::unverified("no file matches none/*.md"));
        assert_eq!(found("gone.md").unwrap_err(), Answer::drift("there is no file gone.md"));
        assert_eq!(found("../*.md").unwrap_err(), Answer::unverified("no file matches ../*.md"));
        assert!(matches!(found("[").unwrap_err(), Answer::Unverified { .. }));
    }
}
