//! Test vectors of the digest, and what changes it and what does not.

mod bound;

use std::collections::BTreeMap;

use super::*;
use crate::types::id::sha256_hex;
use crate::types::intent::parse::parse;

#[derive(Clone, Default)]
pub struct Memory(pub BTreeMap<String, Vec<u8>>);

impl Memory {
    pub fn with(mut self, path: &str, text: &str) -> Self {
        self.0.insert(path.to_owned(), text.as_bytes().to_owned());
        self
    }
}

impl Sources for Memory {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.0.get(path).cloned())
    }

    fn files_under(&self, prefix: &str) -> Result<Vec<String>> {
        Ok(self.0.keys().filter(|path| path.starts_with(prefix)).cloned().collect())
    }
}

pub fn intent(text: &str) -> Intent {
    parse("x", "intents/x.toml", text.as_bytes()).unwrap_or_else(|p| panic!("{p:#?}")).intent
}

pub fn digest(text: &str, sources: &Memory) -> String {
    Digester::new(sources).digest(&intent(text)).unwrap()
}

fn bytes(text: &str, sources: &Memory) -> String {
    let entries = Digester::new(sources).entries(&intent(text)).unwrap();
    let mut all = Vec::new();
    framed(&entries, |piece| all.extend_from_slice(piece)).unwrap();
    String::from_utf8(all).unwrap().replace('\0', "|")
}

const SMALL: &str = "schema = 1\ntitle = \"t\"\noutcome = \"o\"\n";

/// Every part: a constraint, a contract, a bound test, fixtures, a command.
pub const WHOLE: &str = r#"
schema = 1
title = "A title"
outcome = "It works."
rationale = "because"
out-of-scope = ["a", "b"]
[scope]
write = ["src/**"]
rounds = 3
[[constraint]]
id = "quiet"
kind = "ux"
text = "Nothing is printed."
check = "run"
[[contract]]
id = "orders"
kind = "json-schema"
path = "schema/orders.json"
[[acceptance]]
id = "bom"
test = "accept::bom"
origin = "fb-k3v9q2m7xw"
[[acceptance]]
id = "cases"
fixtures = "tool {input}"
compare = "json"
[[acceptance]]
id = "run"
run = "tool"
stdin = "in.txt"
timeout = "30s"
env = { "A/B" = "c" }
[[acceptance]]
id = "few"
signal = "error-rate"
max = 0.01
"#;

pub fn project() -> Memory {
    Memory::default()
        .with("Cargo.toml", "[package]\nname = \"p\"\n")
        .with("src/lib.rs", "pub fn f() {}\n#[cfg(test)]\nmod tests { #[test] fn unit() { super::f(); } }\n")
        .with("tests/suite.rs", "mod accept;\nmod help;\n")
        .with("tests/accept.rs", "use crate::help::one;\n#[test]\nfn bom() {\n    assert_eq!(one(), 1);\n}\n#[test]\nfn other() {}\n")
        .with("tests/help/mod.rs", "pub fn one() -> u32 { 1 }\n")
        .with("schema/orders.json", "{}\n")
        .with("in.txt", "in")
        .with("intents/x/ascii/input.csv", "a,b\n")
        .with("intents/x/ascii/expected.json", "[]\n")
}

#[test]
fn vector_of_the_smallest_intent() {
    let framed = "digest|integer|1|1outcome|text|1|o";
    assert_eq!(bytes(SMALL, &Memory::default()), framed);
    assert_eq!(digest(SMALL, &Memory::default()), sha256_hex(framed.replace('|', "\0").as_bytes()));
    assert_eq!(
        digest(SMALL, &Memory::default()),
        "fd0eca583d739159705bde47ab9bd00cd44df45387e03df847631cbe862ba22a"
    );
}

#[test]
fn vector_of_an_intent_with_every_part() {
    let framed = concat!(
        "acceptance/bom/item/tests/accept.rs/0|tokens|56|",
        "# [ test ] fn bom ( ) { assert_eq ! ( one ( ) , 1 ) ; } ",
        "acceptance/bom/module/tests/accept.rs|tokens|29|use crate : : help : : one ; ",
        "acceptance/bom/module/tests/help/mod.rs|tokens|29|pub fn one ( ) - > u32 { 1 } ",
        "acceptance/bom/red|text|9|assertion",
        "acceptance/bom/test|text|11|accept::bom",
        "acceptance/cases/compare|text|4|json",
        "acceptance/cases/fixtures|text|12|tool {input}",
        "acceptance/cases/red|text|9|assertion",
        "acceptance/few/max|number|4|0.01",
        "acceptance/few/red|text|9|assertion",
        "acceptance/few/signal|text|10|error-rate",
        "acceptance/run/env/A/B|text|1|c",
        "acceptance/run/exit|integer|1|0",
        "acceptance/run/red|text|9|assertion",
        "acceptance/run/run|text|4|tool",
        "acceptance/run/stdin|text|6|in.txt",
        "acceptance/run/stdin-file|file|2|in",
        "acceptance/run/timeout|integer|5|30000",
        "constraint/quiet/check|text|3|run",
        "constraint/quiet/kind|text|2|ux",
        "constraint/quiet/text|text|19|Nothing is printed.",
        "contract/orders/file|file|3|{}\n",
        "contract/orders/kind|text|11|json-schema",
        "contract/orders/path|text|18|schema/orders.json",
        "digest|integer|1|1",
        "fixture/ascii/expected.json|file|3|[]\n",
        "fixture/ascii/input.csv|file|4|a,b\n",
        "out-of-scope/0|text|1|a",
        "out-of-scope/1|text|1|b",
        "outcome|text|9|It works.",
        "scope/rounds|integer|1|3",
        "scope/write/0|text|6|src/**",
    );
    assert_eq!(bytes(WHOLE, &project()), framed);
    assert_eq!(digest(WHOLE, &project()), sha256_hex(framed.replace('|', "\0").as_bytes()));
    assert_eq!(digest(WHOLE, &project()), "5cf73dd0d9ee8dc562038eb8145aef7a923b0b2fb1ea3565de716b9741ffbf3e");
}

#[test]
fn layout_order_and_what_informs_do_not_touch_it() {
    let wanted = digest(WHOLE, &project());
    let head = "schema = 1 # first\n\ntitle='Another'\noutcome = \"\"\"It works.\"\"\"\nrationale = \"other\"\nout-of-scope = [ \"a\",\n \"b\" ]\n";
    let mut blocks: Vec<&str> = WHOLE[WHOLE.find("[scope]").unwrap()..].split_inclusive('\n').collect();
    let mut entries: Vec<Vec<&str>> = Vec::new();
    for line in blocks.drain(..) {
        if line.starts_with('[') {
            entries.push(Vec::new());
        }
        if !line.starts_with("origin") {
            entries.last_mut().unwrap().push(line);
        }
    }
    entries.reverse();
    let reordered = format!("{head}{}", entries.concat().concat());
    assert_eq!(digest(&reordered, &project()), wanted);
    let crlf = format!("\u{feff}{}", WHOLE.replace('\n', "\r\n"));
    assert_eq!(digest(&crlf, &project()), wanted);
    let written = WHOLE.replace("run = \"tool\"\n", "run = \"tool\"\nexit = 0\nred = \"assertion\"\n");
    assert_eq!(digest(&written, &project()), wanted, "a default may be written");
}

#[test]
fn every_bound_it_holds_changes_it() {
    let before = digest(WHOLE, &project());
    for (old, new) in [
        ("It works.", "It works"),
        ("[\"a\", \"b\"]", "[\"ab\"]"),
        ("src/**", "**"),
        ("rounds = 3", "rounds = 4"),
        ("id = \"quiet\"", "id = \"silent\""),
        ("kind = \"ux\"", "kind = \"security\""),
        ("text = \"Nothing", "text = \"nothing"),
        ("check = \"run\"\n", ""),
        ("path = \"schema/orders.json\"", "path = \"schema/other.json\""),
        ("test = \"accept::bom\"", "test = \"accept::other\""),
        ("tool {input}", "tool -v {input}"),
        ("compare = \"json\"", "compare = \"text\""),
        ("compare = \"json\"", "compare = \"json\"\ncase = \"ascii\""),
        ("run = \"tool\"", "run = \"tool\"\nexit = 1"),
        ("timeout = \"30s\"", "timeout = \"31s\""),
        ("stdin = \"in.txt\"\n", ""),
        ("\"A/B\" = \"c\"", "\"A/B\" = \"d\""),
        ("max = 0.01", "max = 0.02"),
        ("max = 0.01\n", "max = 0.01\nmutant = { file = \"a\", find = \"b\", replace = \"c\" }\n"),
        ("max = 0.01\n", "max = 0.01\nred = \"build\"\n"),
    ] {
        assert!(WHOLE.contains(old), "{old}");
        assert_ne!(digest(&WHOLE.replace(old, new), &project()), before, "{old} → {new}");
    }
}

#[test]
fn files_and_test_bodies_change_it_and_their_layout_does_not() {
    let before = digest(WHOLE, &project());
    let with = |path: &str, old: &str, new: &str| {
        let text = String::from_utf8(project().0[path].clone()).unwrap();
        assert!(text.contains(old), "{old} in {path}");
        digest(WHOLE, &project().with(path, &text.replace(old, new)))
    };
    for (path, old, new) in [
        ("intents/x/ascii/expected.json", "[]", "[1]"),
        ("schema/orders.json", "{}", "true"),
        ("in.txt", "in", "out"),
        ("tests/accept.rs", ", 1)", ", 2)"),
        ("tests/accept.rs", "#[test]\nfn bom", "#[test]\n#[ignore]\nfn bom"),
        ("tests/help/mod.rs", "{ 1 }", "{ 2 }"),
    ] {
        assert_ne!(with(path, old, new), before, "{path}: {old} → {new}");
    }
    for (path, old, new) in [
        ("tests/accept.rs", "fn bom() {\n", "fn bom() { // why\n\n"),
        ("tests/accept.rs", "#[test]\nfn bom", "/// What it is for.\n#[test]\nfn bom"),
        ("tests/accept.rs", "\n", "\r\n"),
        ("tests/accept.rs", "fn other() {}", "fn other() { assert!(true); }\n#[test]\nfn third() {}"),
        ("tests/suite.rs", "mod help;", "mod help;\nmod more;"),
        ("src/lib.rs", "pub fn f() {}", "pub fn f() { loop {} }"),
    ] {
        assert_eq!(with(path, old, new), before, "{path}: {old} → {new}");
    }
    let tests = project().with("tests/suite.rs", "mod accept;\nmod help;\nmod more;\n").with(
        "tests/more.rs",
        "use crate::help::*;\nmod a { use super::*; #[test] fn x() {} }\n#[test] fn y() {}\n",
    );
    assert_eq!(digest(WHOLE, &tests), before, "a module of other tests");
    let helper = tests.clone().with("tests/more.rs", "pub fn help() {}");
    assert_ne!(digest(WHOLE, &helper), before, "a module of helpers");
    let more = project().with("intents/x/new/input.csv", "");
    assert_ne!(digest(WHOLE, &more), before);
    let other = project().with("intents/y/new/input.csv", "");
    assert_eq!(digest(WHOLE, &other), before);
}
