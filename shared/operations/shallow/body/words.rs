//! Names that tell whether a macro, a method or a function asserts.

/// What a macro is by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    Asserts,
    /// It is known, and asserts nothing by itself.
    Nothing,
    Unknown,
}

/// Crates and types whose use in a test is an assertion: snapshots, properties, expected output.
pub const LIBRARIES: [&str; 15] = [
    "insta",
    "snapbox",
    "trycmd",
    "expect_test",
    "goldenfile",
    "goldie",
    "proptest",
    "quickcheck",
    "trybuild",
    "mockall",
    "wiremock",
    "speculoos",
    "googletest",
    "TestCases",
    "panic_any",
];

const PLAIN_MACROS: [&str; 31] = [
    "println",
    "eprintln",
    "print",
    "eprint",
    "vec",
    "format",
    "dbg",
    "write",
    "writeln",
    "matches",
    "concat",
    "include_str",
    "include_bytes",
    "env",
    "option_env",
    "stringify",
    "line",
    "file",
    "column",
    "cfg",
    "json",
    "toml",
    "format_args",
    "thread_local",
    "info",
    "debug",
    "trace",
    "warn",
    "error",
    "log",
    "doc",
];

pub fn of_macro(path: &[String]) -> Of {
    let last = path.last().map(String::as_str).unwrap_or_default();
    let stops =
        ["panic", "unreachable", "todo", "unimplemented", "bail", "ensure", "fail", "expect", "verify"];
    if last.contains("assert")
        || stops.iter().any(|stop| last.starts_with(stop))
        || path.iter().any(|segment| LIBRARIES.contains(&segment.as_str()))
    {
        return Of::Asserts;
    }
    if PLAIN_MACROS.contains(&last) { Of::Nothing } else { Of::Unknown }
}

/// Methods that end the test where what they are called on is not as wanted.
pub fn is_asserting_method(name: &str) -> bool {
    let exact = ["unwrap", "unwrap_err", "unwrap_none", "success", "failure", "stdout_eq", "stderr_eq"];
    exact.contains(&name) || ["assert", "expect"].iter().any(|start| name.starts_with(start))
}

/// A function nobody can look into, whose name says that it checks something.
pub fn says_that_it_checks(name: &str) -> bool {
    let starts = ["assert", "check", "verify", "expect", "ensure", "should", "must", "validate"];
    starts.iter().any(|start| name.starts_with(start))
        || ["Err", "exit", "abort", "resume_unwind"].contains(&name)
}

/// Whether a macro's tokens, which need not be expressions, hold something that asserts.
pub fn asserts_in_tokens(tokens: &str) -> bool {
    let mut words = tokens.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.any(|word| {
        word.contains("assert")
            || is_asserting_method(word)
            || word.starts_with("panic")
            || LIBRARIES.contains(&word)
    }) || tokens.contains('?')
}
