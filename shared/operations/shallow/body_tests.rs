//! Tests that must be named, and honest ones that must not.

use std::convert::Infallible;
use std::rc::Rc;

use super::*;

/// Helpers beside the tests of the tables.
const TARGET: &str = r#"
    fn holds(x: u8) { assert_eq!(x, 1); }
    fn through(x: u8) { holds(x) }
    fn quiet(x: u8) -> u8 { x }
    fn round(x: u8) { round(x) }
    struct Sandbox;
    impl Sandbox { fn says(&self, x: &str) -> bool { if x.is_empty() { panic!("no") } true } fn new() -> Self { Self } }
    macro_rules! same { ($a:expr, $b:expr) => { assert_eq!($a, $b) }; }
    macro_rules! make { ($a:expr) => { quiet($a) }; }
"#;

fn judged(body: &str) -> Body {
    // The macro's own name would be taken for one this file uses.
    let body = &body.replace("PRINT", &["println", "!"].concat());
    let source = if body.contains("fn ") { body.to_owned() } else { format!("#[test] fn t() {{ {body} }}") };
    let helpers = || Ok::<_, Infallible>(Rc::new(Helpers::read(&[TARGET.to_owned()])));
    judge(&source, helpers).unwrap()
}

#[test]
fn tests_that_cannot_fail_are_told() {
    for body in [
        "",
        "assert!(true);",
        "assert!(true, \"it works\")",
        "assert!(!false);",
        "assert!(1 == 1);",
        "assert!(1 != 2);",
        "assert_eq!(1, 1);",
        "assert_eq!(1, 0x1);",
        "assert_eq!(\"a\", \"a\", \"message\");",
        "assert_eq!((1, -2), (1, -2));",
        "assert_eq!(&[1, 2], &[1, 2]);",
        "assert_ne!(1, 2);",
        "debug_assert!(true);",
        "pretty_assertions::assert_eq!(2, 2);",
        "PRINT(\"ran\");",
        "let x = 1;",
        "let x = 1; assert!(true);",
        "{ assert!(true); }",
        "()",
        "#[test] fn t() -> Result<(), String> { Ok(()) }",
        "#[tokio::test] async fn t() {}",
        "#[test] #[allow(unused)] fn t() { let x = \"y\"; }",
        "/// Says it all.\n#[test] fn t() { /* later */ }",
    ] {
        assert_eq!(judged(body), Body::CannotFail, "{body}");
    }
}

#[test]
fn tests_that_look_at_nothing_are_told() {
    for body in [
        "parse(\"a,b\");",
        "let rows = parse(\"a,b\");",
        "let _ = parse(\"a,b\");",
        "let expected = 3; run(expected);",
        "PRINT(\"{:?}\", parse(\"a\"));",
        "dbg!(parse(\"a\"));",
        "quiet(1);",
        "make!(1);",
        "round(1);",
        "let sandbox = Sandbox::new(); sandbox.run();",
        "for x in 0..3 { quiet(x); }",
        "if parse(\"a\") == 1 { PRINT(\"good\"); }",
        "let x = parse(\"a\"); assert!(true);",
        "assert_eq!(1, 1); run();",
        "std::thread::spawn(|| run()).join();",
        "run().ok();",
        "let v = vec![run(), run()];",
        "#[test] fn t() -> Result<(), String> { run(); Ok(()) }",
    ] {
        assert_eq!(judged(body), Body::NoAssertion, "{body}");
    }
}

#[test]
fn honest_tests_are_left_alone() {
    for body in [
        "assert_eq!(parse(\"a\"), 1);",
        "assert!(parse(\"a\").is_empty());",
        "assert_ne!(a(), b());",
        "assert!(matches!(parse(\"a\"), Ok(_)));",
        "assert_eq!(x, 1);",
        "assert!(true && run());",
        "debug_assert!(run());",
        "pretty_assertions::assert_eq!(run(), 1);",
        "assert_matches!(run(), Ok(_));",
        "panic!(\"no\");",
        "if !run() { panic!(\"no\"); }",
        "match run() { Ok(_) => {}, Err(_) => unreachable!() }",
        "parse(\"a\").unwrap();",
        "let x = parse(\"a\").expect(\"parses\");",
        "parse(\"\").unwrap_err();",
        "PRINT(\"{}\", parse(\"a\").unwrap());",
        "let v = vec![parse(\"a\").unwrap()];",
        "for x in 0..3 { assert_eq!(run(x), x); }",
        "std::thread::spawn(|| assert!(run())).join();",
        "holds(run());",
        "through(run());",
        "[1, 2].into_iter().for_each(holds);",
        "Sandbox::new().says(\"x\");",
        "same!(run(), 1);",
        "somebody::elses_macro!(run());",
        "insta::assert_snapshot!(run());",
        "expect![[\"1\"]].assert_eq(&run());",
        "trycmd::TestCases::new().case(\"tests/cmd/*.md\");",
        "trybuild::TestCases::new().compile_fail(\"tests/ui/*.rs\");",
        "snapbox::cmd::Command::new(\"x\").assert().success();",
        "Command::cargo_bin(\"x\").arg(\"y\").assert();",
        "proptest!(|(x in 0..9)| { run(x); });",
        "verify_all(&run());",
        "common::check_output(run());",
        "if bad() { std::process::exit(1); }",
        "mock.expect_call().times(1);",
        "#[test] #[should_panic] fn t() { run(); }",
        "#[test] fn t() -> Result<(), String> { run()?; Ok(()) }",
        "#[test] fn t() -> Result<(), String> { run() }",
        "#[test] fn t() -> Result<(), String> { if bad() { return Err(\"no\".into()); } Ok(()) }",
        "#[test_case(1 => 2)] fn t(x: u8) -> u8 { x + 1 }",
        "#[rstest] #[case(1)] fn t(#[case] x: u8) { run(x); }",
        "#[quickcheck] fn t(x: u8) -> bool { x == run(x) }",
        "#[googletest::test] fn t() { expect_that!(run(), eq(1)); }",
    ] {
        assert_eq!(judged(body), Body::Asserts, "{body}");
    }
}
