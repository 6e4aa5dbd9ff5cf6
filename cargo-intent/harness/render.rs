//! The text of a file of tests.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use factory::operations::checking::{cases, claimed};
use factory::types::intent::{Acceptance, Anchor, Compare, Fixtures, Intent};

use super::MARK;
use super::names::Names;

const HEAD: &str = include_str!("head.rs.in");
const RUN: &str = include_str!("run.rs.in");
const COMPARISONS: [(Compare, &str, &str); 3] = [
    (Compare::Exact, "as_exact", include_str!("exact.rs.in")),
    (Compare::Text, "as_text", include_str!("text.rs.in")),
    (Compare::Json, "as_json", include_str!("json.rs.in")),
];

/// The tests of the checks that run one of `bins`, for the package in `folder`; `None` where no check
/// does. The same intent and examples give the same text.
pub fn file(root: &Path, intent: &Intent, folder: &str, bins: &[&str]) -> Result<Option<String>> {
    let slug = &intent.slug;
    let again = format!("cargo intent build {slug} --agent scaffold");
    let (mut modules, mut used) = (Names::default(), Vec::new());
    let mut checks = String::new();
    for check in &intent.acceptance {
        let Anchor::Fixtures(fixtures) = &check.anchor else { continue };
        let words = shlex::split(&fixtures.command).unwrap_or_default();
        let Some((program, args)) = words.split_first() else { continue };
        if !bins.contains(&program.as_str()) {
            continue;
        }
        used.push(fixtures.compare);
        let module = modules.give(&check.id);
        checks.push_str(&of_check(root, intent, check, fixtures, (program, args), &module)?);
    }
    if used.is_empty() {
        return Ok(None);
    }
    let up = vec![".."; folder.split('/').filter(|name| !name.is_empty()).count()].join("/");
    let mut text = format!(
        "{MARK}{slug} --agent scaffold` from the examples of intents/{slug}.toml.
//!
//! Each example is a test, compared as `cargo intent check` does. Edits here are undone: change the
//! examples, and run that command again.

{HEAD}
const CASES: &str = \"intents/{slug}\";
/// From this package to the repository's root.
const ROOT: &str = {up:?};
const AGAIN: &str = {again:?};
{checks}
{RUN}"
    );
    for (_, _, comparison) in COMPARISONS.iter().filter(|(compare, ..)| used.contains(compare)) {
        text.push_str(comparison);
    }
    Ok(Some(text))
}

fn of_check(
    root: &Path,
    intent: &Intent,
    check: &Acceptance,
    fixtures: &Fixtures,
    (program, args): (&str, &[String]),
    module: &str,
) -> Result<String> {
    let compare = COMPARISONS.iter().find(|(compare, ..)| *compare == fixtures.compare);
    let compare = compare.map_or("as_exact", |(_, name, _)| name);
    let (mut known, mut unsaid, mut tests) = (Vec::new(), Vec::new(), String::new());
    let mut names = Names::default();
    let gaps = if fixtures.case.is_none() { names.give("every_case_has_a_test") } else { String::new() };
    for case in cases(root, intent, fixtures)? {
        let waits = !case.says_what_is_right(root)?;
        let ignored = match waits {
            true => format!("    #[ignore = {:?}]\n", format!("write {}/expected.*", case.folder)),
            false => String::new(),
        };
        tests.push_str(&format!(
            "\n    #[test]\n{ignored}    fn {}() {{\n        CHECK.holds({:?});\n    }}\n",
            names.give(&case.name),
            case.name
        ));
        if waits {
            unsaid.push(case.name.clone());
        }
        known.push(case.name);
    }
    if !gaps.is_empty() {
        tests.push_str(&format!(
            "\n    #[test]\n    fn {gaps}() {{\n        CHECK.knows_every_case();\n    }}\n"
        ));
    }
    let claimed = if gaps.is_empty() { Vec::new() } else { claimed(intent) };
    Ok(format!(
        "
/// `{}`
mod {module} {{
    const CHECK: super::Check = super::Check {{
        program: env!({:?}),
        args: &{args:?},
        compare: super::{compare},
        seconds: {:?},
        known: &{known:?},
        unsaid: &{unsaid:?},
        claimed: &{claimed:?},
    }};
{tests}}}
",
        check.id,
        format!("CARGO_BIN_EXE_{program}"),
        seconds(check.timeout()),
    ))
}

fn seconds(limit: Duration) -> f64 {
    limit.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use factory::operations::checking::difference;
    use proptest::prelude::*;

    use super::*;

    /// What the files of tests run, compiled here so that it can be held to what `check` does.
    #[allow(dead_code, clippy::all, reason = "written for files of their own")]
    mod written {
        use std::ffi::OsString;
        use std::fs::File;
        use std::path::{Path, PathBuf};
        use std::process::{Command, Stdio};
        use std::sync::atomic::{AtomicUsize, Ordering};
        use std::time::{Duration, Instant};

        const CASES: &str = "";
        const ROOT: &str = "";
        const AGAIN: &str = "";
        include!("run.rs.in");
        include!("exact.rs.in");
        include!("text.rs.in");
        include!("json.rs.in");

        pub fn compared(compare: super::Compare) -> fn(&[u8], &[u8]) -> Option<String> {
            match compare {
                super::Compare::Exact => as_exact,
                super::Compare::Text => as_text,
                super::Compare::Json => as_json,
            }
        }

        pub fn split(text: &str) -> Option<Vec<String>> {
            words(text)
        }
    }

    fn agree(compare: Compare, a: &[u8], b: &[u8]) {
        let (theirs, ours) = (difference(compare, a, b), written::compared(compare)(a, b));
        let shown = (String::from_utf8_lossy(a), String::from_utf8_lossy(b));
        assert_eq!(theirs.is_none(), ours.is_none(), "{shown:?}: check says {theirs:?}, the test {ours:?}");
    }

    #[test]
    fn the_written_tests_compare_as_check_does() {
        let texts = [
            "1",
            "1.0",
            "1e0",
            "-0",
            "0",
            "01",
            "1.",
            "-",
            ".5",
            "18446744073709551615",
            "18446744073709551616",
            "18446744073709551616.0",
            "-9223372036854775808",
            "-9223372036854775809",
            "1e999",
            "\"a\"",
            "\"\\u0061\"",
            "\"\\ud83d\\ude00\"",
            "\"😀\"",
            "\"\\ud83d\"",
            "\"\\ude00\"",
            "\"\\u+061\"",
            "\"\t\"",
            "\"\\x\"",
            "\"",
            "{}",
            "[]",
            "{\"a\":1,\"b\":[]}",
            "{ \"b\" : [ ] , \"a\" : 1.0 }\r\n",
            "{\"a\":2,\"a\":1,\"b\":[]}",
            "[1,]",
            "{\"a\":1,}",
            "[1] 2",
            "null",
            "nul",
            "true",
            "\u{feff}1",
            "",
            " ",
            "[[1],[2]]",
            "[[1],[2],3]",
            "{1:2}",
            "\u{a0}1",
            "NaN",
            "é",
        ];
        for a in texts {
            for b in texts {
                for compare in [Compare::Exact, Compare::Text, Compare::Json] {
                    agree(compare, a.as_bytes(), b.as_bytes());
                }
            }
        }
        for depth in [126, 127, 128, 129] {
            let nested = "[".repeat(depth) + &"]".repeat(depth);
            agree(Compare::Json, nested.as_bytes(), nested.as_bytes());
        }
        agree(Compare::Json, b"\"\xff\"", b"\"\xff\"");
        agree(Compare::Text, b"a \r\nb\r\n\r\n", b"a\nb");
        agree(Compare::Text, b"\xff", b"\xfe");
    }

    proptest! {
        #[test]
        fn whatever_the_json_is(a in "[\\[\\]{}:,\"\\\\u0-9a-e.+ \n-]{0,12}", b in "[\\[\\]{}:,\"0-9.e-]{0,12}") {
            agree(Compare::Json, a.as_bytes(), a.as_bytes());
            agree(Compare::Json, a.as_bytes(), b.as_bytes());
            agree(Compare::Text, a.as_bytes(), b.as_bytes());
        }

        #[test]
        fn arguments_split_into_the_same_words(text in "[ab#$`'\"\\\\ \t\r\n]{0,16}") {
            prop_assert_eq!(written::split(&text), shlex::split(&text));
        }
    }
}
