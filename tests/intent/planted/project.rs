//! The repository all planted intents stand in: a crate without dependencies, at three commits.
//!
//! `main` has the code before and no intent; `want` has the intents, tests and files as they were
//! approved; the work tree, committed on `work`, has the code that fulfils them, and what was planted.

use super::table::Row;
use crate::support::Sandbox;

const MANIFEST: &str = "[package]\nname = \"tiny\"\nversion = \"0.1.0\"\nedition = \"2021\"\n";

const LIB_BEFORE: &str = "pub fn double(x: i32) -> i32 { x + x }\n\
    pub fn parse(_: &str) -> i32 { 0 }\n\
    pub fn refuse(_: i32) {}\n\
    pub fn checked(_: &str) -> Result<i32, String> { Err(\"not yet\".into()) }\n\
    pub struct Point { pub x: i32 }\n";

const LIB_AFTER: &str = "/// Twice as much.\npub fn double(number: i32) -> i32 { twice(number) }\n\
    fn twice(x: i32) -> i32 { x + x }\n\
    pub fn parse(t: &str) -> i32 { t.parse().unwrap() }\n\
    pub fn refuse(x: i32) { if x < 0 { panic!(\"negative\") } }\n\
    pub fn checked(t: &str) -> Result<i32, String> { t.parse().map_err(|_| t.to_owned()) }\n\
    pub struct Point { pub x: i32, pub y: i32 }\npub fn fresh() -> i32 { 1 }\n\
    pub fn honest() -> bool { true }\n";

const UNIT_TESTS: &str = "#[cfg(test)]\nmod tests {\n #[test] fn unit() { assert_eq!(super::double(3), 6); }\n\
    #[test] fn weak() { assert_eq!(super::double(0), 0); }\n}\n";

const MAIN_BEFORE: &str = "fn main() {\n match std::env::args().nth(1).unwrap_or_default().as_str() {\n\
    \"--help\" => println!(\"Usage: tiny\"),\n\"--version\" => println!(\"tiny 1\"),\n\"--bad\" => {}\n\
    file => print!(\"{}\", std::fs::read_to_string(file).unwrap()),\n }\n}\n";

const MAIN_AFTER: &str = "fn main() {\n match std::env::args().nth(1).unwrap_or_default().as_str() {\n\
    \"--help\" => println!(\"Usage: tiny FILE\"),\n\"--version\" => println!(\"tiny 1\"),\n\
    \"--bad\" => { eprintln!(\"line 3, column 2\"); std::process::exit(2) }\n\
    file => print!(\"{}\", std::fs::read_to_string(file).unwrap().to_uppercase()),\n }\n}\n";

/// Every test names what it needs in full, so that nothing beside the tests counts.
const TESTS_BEFORE: &str = "#[test] fn honest() { assert_eq!(tiny::parse(\"7\"), 7); }\n\
    #[test] fn moved() { assert_eq!(tiny::parse(\"8\"), 8); }\n\
    #[test] fn named() { assert_eq!(tiny::fresh(), 1); }\n\
    #[test] fn field() { assert_eq!(tiny::Point { x: 1, y: 2 }.y, 2); }\n\
    #[test] #[should_panic] fn refuses() { tiny::refuse(-1); }\n\
    #[test] fn returns() -> Result<(), String> { tiny::checked(\"7\").map(|_| ()) }\n\
    #[test] fn doubled() { assert_eq!(tiny::double(2), 4); }\n\
    #[test] fn ignored() { assert_eq!(tiny::parse(\"7\"), 7); }\n\
    #[test] fn weaker() { assert_eq!(tiny::parse(\"7\"), 7); assert_eq!(tiny::parse(\"9\"), 9); }\n\
    #[test] fn was_here() { assert_eq!(tiny::parse(\"7\"), 7); }\n\
    #[test] fn old_name() { assert_eq!(tiny::parse(\"7\"), 7); }\n\
    #[test] fn empty() {}\n\
    #[test] fn hollow() { tiny::refuse(1); }\n\
    #[test] fn twice() { assert_eq!(tiny::parse(\"7\"), 7); }\n\
    #[test] fn moody() {\n if std::path::Path::new(\"../moody\").exists() { panic!(\"not today\") }\n\
    std::fs::write(\"../moody\", \"\").unwrap();\n}\n";

const TESTS_AFTER: &str = "/// It reads a number.\n#[test]\nfn honest() {\n    // As people write it.\n    assert_eq!(tiny::parse(\"7\"), 7);\n}\n\
    #[test] fn named() { assert_eq!(tiny::fresh(), 1); }\n\
    #[test] fn another() { assert_eq!(tiny::parse(\"11\"), 11); }\n\
    #[test] fn field() { assert_eq!(tiny::Point { x: 1, y: 2 }.y, 2); }\n\
    #[test] #[should_panic] fn refuses() { tiny::refuse(-1); }\n\
    #[test] fn returns() -> Result<(), String> { tiny::checked(\"7\").map(|_| ()) }\n\
    #[test] fn doubled() { assert_eq!(tiny::double(2), 4); }\n\
    #[test] #[ignore] fn ignored() { assert_eq!(tiny::parse(\"7\"), 7); }\n\
    #[test] fn weaker() { assert_eq!(tiny::parse(\"7\"), 7); }\n\
    #[test] fn was_there() { assert_eq!(tiny::parse(\"7\"), 7); }\n\
    #[test] fn new_name() { assert_eq!(tiny::parse(\"7\"), 7); }\n\
    #[test] fn empty() {}\n\
    #[test] fn hollow() { tiny::refuse(1); }\n\
    #[test] fn twice() { assert_eq!(tiny::parse(\"7\"), 7); }\n\
    /// Moved to the end.\n#[test]\nfn moved() {\n    assert_eq!(\n        tiny::parse(\"8\"),\n        8\n    );\n}\n\
    #[test] fn moody() {\n if std::path::Path::new(\"../moody\").exists() { panic!(\"not today\") }\n\
    std::fs::write(\"../moody\", \"\").unwrap();\n}\n";

const LEANING: &str = "fn same(a: i32, b: i32) { assert_eq!(a, b); }\n\
    #[test] fn leans() { same(tiny::parse(\"7\"), 7); }\n\
    #[test] fn twice() { same(tiny::parse(\"7\"), 7); }\n";

const HELPED_BEFORE: &str = "fn agree(a: i32, b: i32) { assert!(a == b); }\n\
    #[test] fn helped() { agree(tiny::parse(\"7\"), 7); }\n";

const HELPED_AFTER: &str = "fn agree(a: i32, b: i32) { assert!(a == b || a > 0); }\n\
    #[test] fn helped() { agree(tiny::parse(\"7\"), 7); }\n";

const SCHEMA: &str = r#"{"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}"#;

/// Files as they were when the intents were approved.
const WANTED: &[(&str, &str)] = &[
    ("tests/accept.rs", TESTS_BEFORE),
    ("tests/leaning.rs", LEANING),
    ("tests/helped.rs", HELPED_BEFORE),
    ("samples/low.txt", "low"),
    ("samples/good.json", r#"{"id": 1}"#),
    ("samples/bad.json", r#"{"id": 2}"#),
    ("schema/order.json", SCHEMA),
    ("schema/strict.json", SCHEMA),
    ("schema/moving.json", SCHEMA),
    ("help.txt", "Usage: tiny FILE\n"),
    ("old-help.txt", "Usage: tiny\n"),
    ("notes/good.md", "# Good\n\n## Why\n"),
    ("notes/bad.md", "# Bad\n\n## Why\n"),
    ("LICENSE", "MIT\n"),
    ("COPYING", "MIT\n"),
    ("intents/honest-fixtures/one/input.txt", "low"),
    ("intents/honest-fixtures/one/expected.txt", "LOW"),
    ("intents/vacuous-fixtures/one/input.txt", "HIGH"),
    ("intents/vacuous-fixtures/one/expected.txt", "HIGH"),
    ("intents/unverified-input/one/expected.txt", "LOW"),
    ("intents/weak-case/one/input.txt", "low"),
    ("intents/weak-case/one/expected.txt", "LOW"),
    ("intents/weak-case/two/input.txt", "lower"),
    ("intents/weak-case/two/expected.txt", "LOWER"),
    ("intents/weak-compare/one/input.txt", "low"),
    ("intents/weak-compare/one/expected.txt", "LOW"),
    ("intents/changed-byte/one/input.txt", "low"),
    ("intents/changed-byte/one/expected.txt", "LOW"),
];

/// What became of them; without a text, the file is gone.
const NOW: &[(&str, Option<&str>)] = &[
    ("src/lib.rs", Some(LIB_AFTER)),
    ("src/main.rs", Some(MAIN_AFTER)),
    ("tests/accept.rs", Some(TESTS_AFTER)),
    ("tests/helped.rs", Some(HELPED_AFTER)),
    ("samples/bad.json", Some(r#"{"id": "two"}"#)),
    ("schema/moving.json", Some(r#"{"type": "object"}"#)),
    ("notes/good.md", Some("# Good\n\n## Why\n\nSo.\n\n## More\n")),
    ("notes/bad.md", Some("# Bad\n\nWhy not.\n")),
    ("COPYING", None),
    ("intents/weak-case/two/input.txt", None),
    ("intents/weak-case/two/expected.txt", None),
    ("intents/changed-byte/one/input.txt", Some("los")),
    ("intents/changed-byte/one/expected.txt", Some("LOS")),
];

/// The repository with the code before, on the branch the work begins on.
pub fn before() -> Sandbox {
    let sandbox = Sandbox::unborn();
    sandbox.write(".gitignore", "/target\nCargo.lock\n");
    sandbox.write("README.md", "# tiny\n");
    sandbox.write("Cargo.toml", MANIFEST);
    sandbox.write("src/lib.rs", LIB_BEFORE);
    sandbox.write("src/main.rs", MAIN_BEFORE);
    let toggle = "if [ -e ../toggle ]; then rm ../toggle; exit 1; fi\ntouch ../toggle\n";
    sandbox.write("toggle.sh", toggle);
    sandbox.commit("before");
    sandbox.git(&["switch", "-q", "-c", "work"]);
    sandbox
}

/// Commit the intents as they are wanted, with their tests and files.
pub fn want(sandbox: &Sandbox, rows: &[Row]) {
    for (path, text) in WANTED {
        sandbox.write(path, text);
    }
    sandbox.write("src/lib.rs", format!("{LIB_BEFORE}{UNIT_TESTS}"));
    for row in rows.iter().filter(|row| !row.before.is_empty()) {
        sandbox.write(&format!("intents/{}.toml", row.slug), text(row.slug, row.before));
    }
    sandbox.commit("want");
    sandbox.git(&["tag", "want"]);
}

/// Commit what fulfils them, and what is planted.
pub fn work(sandbox: &Sandbox, rows: &[Row]) {
    for (path, text) in NOW {
        match text {
            Some(text) => sandbox.write(path, text),
            None => drop(sandbox.git(&["rm", "-q", path])),
        }
    }
    sandbox.write("src/lib.rs", format!("{LIB_AFTER}{UNIT_TESTS}"));
    for row in rows.iter().filter(|row| row.after != "=") {
        let file = format!("intents/{}.toml", row.slug);
        match row.after {
            "" => std::fs::remove_file(sandbox.path(&file)).unwrap(),
            "OUTCOME" => sandbox.write(&file, text(row.slug, row.before).replace("It is so", "It is not so")),
            "SCHEMA" => sandbox.write(&file, text(row.slug, row.before).replace("schema = 1", "schema = 99")),
            after => sandbox.write(&file, text(row.slug, after)),
        }
    }
    sandbox.commit("work");
}

/// The text of an intent; keys alone are those of its one check.
fn text(slug: &str, body: &str) -> String {
    let whole = body.contains("\n[[") || ["[", "<<<<"].iter().any(|start| body.starts_with(start));
    let check = format!("[[acceptance]]\nid = \"a\"\ntext = \"WHEN asked THE tool SHALL answer {slug}\"\n");
    let check = if whole { "" } else { &check };
    format!("schema = 1\ntitle = \"A planted intent\"\noutcome = \"It is so.\"\n{check}{body}\n")
}
