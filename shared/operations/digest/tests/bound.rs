//! What of a bound test, and of what lies around it, the digest is over.

use super::*;

#[test]
fn what_a_bound_test_leans_on_counts_wherever_it_stands() {
    let text = WHOLE;
    let sources = |suite: &str, accept: &str, help: &str| {
        project()
            .with("tests/suite.rs", suite)
            .with("tests/accept.rs", accept)
            .with("tests/help/mod.rs", help)
    };
    let suite = "use std::cmp::max as best;\nmod accept;\nmod help;\n";
    let accept = "use super::*;\nuse help::one;\n#[test]\nfn bom() { assert_eq!(best(1, one()), 1); also(); }\n#[test]\nfn also() { assert!(true); }\n#[test]\nfn third() {}\n";
    let help = "use std::cmp::min as least;\npub fn one() -> u32 { least(1, 2) }\n";
    let before = digest(text, &sources(suite, accept, help));
    let changed = [
        (suite.replace("max", "min"), accept.to_owned(), help.to_owned(), "an import of the parent"),
        (suite.to_owned(), accept.to_owned(), help.replace("min", "max"), "an import of a helper"),
        (suite.to_owned(), accept.replace("true", "!false"), help.to_owned(), "a test that is called"),
        (
            suite.replace("mod accept", "#[cfg(any())]\nmod accept"),
            accept.to_owned(),
            help.to_owned(),
            "no module",
        ),
        (suite.to_owned(), format!("#![cfg(any())]\n{accept}"), help.to_owned(), "no file"),
    ];
    for (suite, accept, help, why) in changed {
        assert_ne!(digest(text, &sources(&suite, &accept, &help)), before, "{why}");
    }
    let same = [
        (suite.replace("mod help", "/// Helpers.\nmod help"), accept.to_owned(), "a comment of a module"),
        (suite.to_owned(), accept.replace("fn third() {}", "fn third() { panic!() }"), "a test nobody calls"),
        (format!("{suite}mod more {{ use std::fs; #[test] fn x() {{}} }}"), accept.to_owned(), "other tests"),
    ];
    for (suite, accept, why) in same {
        assert_eq!(digest(text, &sources(&suite, &accept, help)), before, "{why}");
    }
}

#[test]
fn a_test_that_a_macro_makes_counts_by_the_macro() {
    let made = |body: &str| {
        let file = format!(
            "proptest! {{ #[test] fn bom(n in 0..9u32) {{ {body} }} }}\nmod inner {{ case!(deep, 1); }}"
        );
        digest(WHOLE, &project().with("tests/accept.rs", &file))
    };
    assert_eq!(made("assert!(n < 9);"), made("assert!( n<9 ); /* as before */"));
    assert_ne!(made("assert!(n < 9);"), made(""));
    let deep = WHOLE.replace("accept::bom", "accept::inner::deep");
    let cases =
        |cases: &str| digest(&deep, &project().with("tests/accept.rs", &format!("mod inner {{ {cases} }}")));
    assert_ne!(cases("case!(deep, 1);"), cases("case!(deep, 2);"));
}

#[test]
fn a_test_that_is_not_there_yet_joins_once_it_is() {
    let mut without = project();
    without.0.remove("tests/accept.rs");
    assert!(bytes(WHOLE, &without).contains("acceptance/bom/item|missing|0|"));
    assert_ne!(digest(WHOLE, &without), digest(WHOLE, &project()));
}

#[test]
fn tests_are_found_wherever_cargo_compiles_them() {
    let sources = project()
        .with("tests/alone.rs", "#[test]\nfn first() {}\nmod inner { #[test] fn deep() {} mod file; }\n")
        .with("tests/inner/file.rs", "#[test] fn bottom() {}")
        .with("tests/folder/main.rs", "#[path = \"../shared/x.rs\"] mod other;")
        .with("tests/shared/x.rs", "#[test] fn by_path() {}")
        .with(
            "member/Cargo.toml",
            "[package]\nname = \"m\"\nautotests = false\n[[test]]\nname = \"odd\"\npath = \"odd.rs\"\n",
        )
        .with("member/odd.rs", "#[test] fn odd_one() {}")
        .with("member/tests/left_out.rs", "#[test] fn never() {}");
    let digester = Digester::new(&sources);
    let files = |name: &str| -> Vec<String> {
        digester.test_items(name).unwrap().into_iter().map(|item| item.file).collect()
    };
    assert_eq!(files("accept::bom"), ["tests/accept.rs"]);
    assert_eq!(files("tests::unit"), ["src/lib.rs"]);
    assert_eq!(files("first"), ["tests/alone.rs"]);
    assert_eq!(files("alone::first"), ["tests/alone.rs"], "by the target's own name");
    assert_eq!(files("inner::deep"), ["tests/alone.rs"]);
    assert_eq!(files("inner::file::bottom"), ["tests/inner/file.rs"]);
    assert_eq!(files("other::by_path"), ["tests/shared/x.rs"]);
    assert_eq!(files("odd_one"), ["member/odd.rs"]);
    assert!(files("never").is_empty());
    assert!(files("no::such").is_empty());
}
