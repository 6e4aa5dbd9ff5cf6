//! Whether a text asserts anything.
//!
//! The rule: a text is vague where every word of it is in one of the two lists below: words that carry
//! a sentence (EARS keywords among them), and words that claim without saying what. One other word, a
//! number or a name is enough to say something, so a short honest sentence stays silent.

/// Words that carry a sentence.
const CARRIERS: &str = "a an the this that these those it its they them he she we you i is are was were be been being \
    am has have had do does did done doing shall should must will would can could may might ought to of in on at by \
    for from with as and or but so then if when while where whenever there here what which who not no never always \
    all any every each everything anything something everyone everybody anyone user users person people system app \
    application tool program software code project product feature features function functionality thing things \
    stuff way ways case cases time times";

/// Words that claim, and do not say what.
const CLAIMS: &str = "work works working worked right correct correctly proper properly good well better best fine \
    nice nicely ok okay great perfect perfectly expected expectedly intended needed required necessary appropriate \
    appropriately suitable suitably reasonable reasonably robust robustly reliable reliably stable sensible sensibly \
    correctness quality easy easily simple simply intuitive friendly clean cleanly smooth smoothly seamless \
    seamlessly fast quick quickly efficient efficiently performant modern elegant usable useful handle handles \
    handled behave behaves behaved function functions perform performs happen happens make makes sure ensure \
    ensures support supports supported satisfy satisfies satisfied meet meets met requirement requirements \
    expectation expectations todo tbd fixme later soon";

/// Why the text says nothing; `None` where it says something.
pub fn vague(text: &str) -> Option<String> {
    let words: Vec<String> =
        text.split(|c: char| !c.is_alphanumeric() && c != '\'').map(str::to_lowercase).collect();
    let mut words =
        words.iter().map(|word| word.trim_matches('\'')).filter(|word| !word.is_empty()).peekable();
    if words.peek().is_none() {
        return Some("its text is empty".to_owned());
    }
    let known = |word: &str| [CARRIERS, CLAIMS].iter().any(|list| list.split_whitespace().any(|k| k == word));
    words.all(known).then(|| format!("its text asserts nothing: {text:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_say_nothing_are_named() {
        for text in [
            "",
            "  ",
            "…",
            "works",
            "It works.",
            "Works as expected",
            "The system SHALL do the right thing",
            "The system shall work correctly",
            "WHEN the user does something THE system SHALL behave properly",
            "Everything is fine",
            "It is fast",
            "The tool is easy and intuitive",
            "All features work",
            "TODO",
            "tbd",
            "later",
            "It should handle everything properly",
            "The application performs well",
            "Make sure it works",
            "It meets all requirements",
            "Good quality code",
            "It does what it should do.",
            "The feature is supported",
            "Must be robust and reliable!",
            "OK",
            "Works when needed",
        ] {
            assert!(vague(text).is_some(), "{text:?}");
        }
    }

    #[test]
    fn short_honest_texts_stay_silent() {
        for text in [
            "Exit code 2",
            "No panic",
            "Every example converts",
            "WHEN a file starts with a byte-order mark THE header SHALL be read without it",
            "Nothing is printed",
            "It answers 404",
            "Stays alive",
            "The version is printed",
            "Idempotent",
            "Sorted by name",
            "Blank amounts work",
            "Works offline",
            "Works on Windows",
            "The build is reproducible",
            "A bad row is named",
            "Under 200 ms",
            "UTF-8 works",
            "ein leerer Name wird begrüßt",
            "空の入力を拒否する",
            "Rejects empty input",
            "p95 stays low",
            "The user can log in",
            "The cache is fast",
            "It does not retry",
            "bom",
            "/health is there",
        ] {
            assert_eq!(vague(text), None, "{text:?}");
        }
    }
}
