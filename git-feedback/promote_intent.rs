//! Where a promotion goes: the intent that gets the check, what the check is called, and whether the item
//! became the same already.

use std::path::Path;

use anyhow::{Result, bail};
use factory::operations::fingerprint::log::{self, MASK, header};
use factory::storage::intents;
use factory::types::hint::Hinted;
use factory::types::intent::{Acceptance, Anchor, Intent, slug};
use factory::types::item::Item;

use crate::promote_check;

/// The intent asked for.
///
/// # Errors
/// Where there is none of this name: the nearest, and the command that makes it.
pub fn named(root: &Path, wanted: &str) -> Result<Intent> {
    let known = intents::slugs(root)?;
    let wanted = intents::bare(wanted);
    if known.iter().any(|slug| slug == wanted) {
        return Ok(intents::one(root, wanted)?.intent);
    }
    let unknown = intents::unknown(wanted, &known);
    let near = unknown.hint.clone().filter(|hint| hint.starts_with("did you mean"));
    let near = near.map_or(String::new(), |near| format!("{near} Or a new one: "));
    let new = slug::suggest(wanted).unwrap_or("my-first".to_owned());
    Err(unknown.hint(format!("{near}cargo intent new {new}")).into())
}

/// What the check is called: as asked for, else a few words of the title; of a log line those that do not
/// change from one line to the next, of a failing test its name.
pub fn case_name(item: &Item<'_>, wanted: Option<&str>) -> Result<String> {
    if let Some(wanted) = wanted {
        slug::check_id(wanted).map_err(Hinted::usage)?;
        return Ok(wanted.to_owned());
    }
    let title = item.title();
    let lasting = match item.kind() {
        "log" => slug::few_words(&message(title)),
        "test-failure" => promote_check::test_name(item).and_then(slug::few_words),
        _ => None,
    };
    Ok(lasting.or_else(|| slug::few_words(title)).unwrap_or_else(|| item.id.to_owned()))
}

/// The words of a log line: neither its header nor its values.
fn message(line: &str) -> String {
    let template = log::template(header::read(line).message);
    let is_word = |word: &&str| *word != MASK && word.contains(char::is_alphabetic);
    template.split(' ').filter(is_word).collect::<Vec<_>>().join(" ")
}

/// Refuse what would add the same check a second time.
///
/// # Errors
/// Where a check that the item became still stands and asks the same.
pub fn refuse_again(root: &Path, item: &Item<'_>, anchor: &Anchor) -> Result<()> {
    for promotion in &item.promotions {
        // An intent that was retired, or cannot be read, holds no check that this one would repeat.
        let Ok(parsed) = intents::one(root, promotion.intent) else { continue };
        let stands = |check: &&Acceptance| check.id == promotion.check && is_same(&check.anchor, anchor);
        if parsed.intent.acceptance.iter().any(|check| stands(&check)) {
            bail!(
                Hinted::usage(format!(
                    "{} already became the check {} of intent {}; nothing was changed",
                    item.id, promotion.check, promotion.intent
                ))
                .hint(format!("cargo intent show {}", promotion.intent))
            );
        }
    }
    Ok(())
}

/// Two bounds on one signal are one question.
fn is_same(one: &Anchor, other: &Anchor) -> bool {
    match (one, other) {
        (Anchor::Signal { name, .. }, Anchor::Signal { name: other, .. }) => name == other,
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::message;

    #[test]
    fn a_log_line_is_called_by_the_words_that_stay() {
        for (line, words) in [
            (
                "2026-11-22T01:02:03Z ERROR shop::cart: 3 rows of order 17 are lost",
                "shop cart row of order are lost",
            ),
            ("Nov 22 01:02:03 host sshd[77]: refused from 10.0.0.7", "refused from"),
            ("2026-11-22 01:02:03", ""),
        ] {
            assert_eq!(message(line), words, "{line}");
        }
    }
}
