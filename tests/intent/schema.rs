//! `cargo intent schema`: editors are told what the parser takes.

use std::collections::BTreeSet;

use factory::types::intent::parse::parse;
use factory::types::intent::schema::schema;
use serde_json::{Map, Value};
use toml_edit::{DocumentMut, Item, TableLike};

use crate::support::Sandbox;
use crate::tidy::root;

fn json(toml: &str) -> Value {
    let document: DocumentMut = toml.parse().unwrap_or_else(|error| panic!("{error} in {toml}"));
    table(document.as_table())
}

fn table(table: &dyn TableLike) -> Value {
    Value::Object(table.iter().map(|(key, item)| (key.to_owned(), item_json(item))).collect::<Map<_, _>>())
}

fn item_json(item: &Item) -> Value {
    match item {
        Item::ArrayOfTables(tables) => tables.iter().map(|inner| table(inner)).collect(),
        Item::Table(inner) => table(inner),
        Item::Value(value) => value_json(value),
        Item::None => Value::Null,
    }
}

fn value_json(value: &toml_edit::Value) -> Value {
    use toml_edit::Value::*;
    match value {
        String(text) => text.value().clone().into(),
        Integer(number) => (*number.value()).into(),
        Float(number) => (*number.value()).into(),
        Boolean(flag) => (*flag.value()).into(),
        Datetime(time) => time.value().to_string().into(),
        Array(array) => array.iter().map(value_json).collect(),
        InlineTable(inner) => table(inner),
    }
}

fn violations(toml: &str) -> Vec<String> {
    let validator = jsonschema::draft202012::new(&schema()).unwrap();
    let document = json(toml);
    validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// Every intent that is shown or shipped somewhere in this repository.
fn intents() -> Vec<(String, String)> {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root().join("examples/csv2json/steps")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".toml.in") {
            let path = format!("examples/csv2json/steps/{name}");
            found.push((path.clone(), read(&path)));
        }
    }
    for path in ["README.md", "docs/formats.md"] {
        let text = read(path);
        for block in text.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()) {
            if block.contains("outcome") {
                found.push((path.to_owned(), block.to_owned()));
            }
        }
    }
    let tests = read("shared/types/intent/parse/tests.rs");
    let full =
        tests.split("const FULL: &str = r##\"").nth(1).and_then(|rest| rest.split("\"##").next()).unwrap();
    found.push(("shared/types/intent/parse/tests.rs".to_owned(), full.to_owned()));
    found
}

#[test]
fn every_intent_of_this_repository_satisfies_the_schema_and_the_parser() {
    let intents = intents();
    assert!(intents.len() >= 4, "{}", intents.len());
    for (path, text) in intents {
        assert!(parse("x", "x.toml", text.as_bytes()).is_ok(), "{path}");
        assert_eq!(violations(&text), Vec::<String>::new(), "{path}");
    }
}

const HEAD: &str = "schema = 1\ntitle = \"t\"\noutcome = \"o\"\n";

#[test]
fn what_the_parser_refuses_the_schema_refuses() {
    let check = |rest: &str| format!("{HEAD}[[acceptance]]\nid = \"a\"\n{rest}\n");
    let contract = |rest: &str| format!("{HEAD}[[contract]]\nid = \"a\"\n{rest}\n");
    for wrong in [
        "title = \"t\"\noutcome = \"o\"\n".to_owned(),
        "schema = 1\ntitle = \" \"\noutcome = \"o\"\n".to_owned(),
        format!("{HEAD}titel = 1\n"),
        format!("{HEAD}[scope]\nrounds = 0\n"),
        format!("{HEAD}[scope]\nwrites = []\n"),
        format!("{HEAD}[[constraint]]\nid = \"a\"\nkind = \"taste\"\ntext = \"t\"\n"),
        check("test = \"a\"\nrun = \"b\""),
        check("test = \"a\"\nexit = 2"),
        check("test = \"a b\""),
        check("http = \"/health\""),
        check("run = \"a\"\nexit = 256"),
        check("run = \"a\"\nstdin = \"../x\""),
        check("run = \"a\"\ntimeout = \"soon\""),
        check("fixtures = \"a\"\ncase = \"a/b\""),
        check("run = \"a\"\nmutant = { file = \"a\" }"),
        contract("kind = \"file\""),
        contract("kind = \"file\"\npath = \"/etc/passwd\""),
        contract("kind = \"file\"\npath = \"a\"\nrun = \"b\""),
        contract("kind = \"picture\"\npath = \"a\""),
    ] {
        assert!(parse("x", "x.toml", wrong.as_bytes()).is_err(), "the parser takes\n{wrong}");
        assert!(!violations(&wrong).is_empty(), "the schema takes\n{wrong}");
    }
}

/// The keys the parser knows in the one table that has `zzzz`, from its own hint.
fn known(toml: &str) -> BTreeSet<String> {
    let problems = parse("x", "x.toml", toml.as_bytes()).unwrap_err();
    let hints = problems.iter().filter_map(|problem| problem.hint.as_deref());
    let list = hints.filter_map(|hint| hint.strip_prefix("known here: ")).next();
    list.unwrap_or_else(|| panic!("{problems:#?}")).split(", ").map(str::to_owned).collect()
}

fn keys(table: &Value) -> BTreeSet<String> {
    table["properties"].as_object().unwrap().keys().cloned().collect()
}

#[test]
fn the_schema_knows_exactly_the_keys_of_the_parser() {
    let schema = schema();
    let part = |name: &str| schema["properties"][name].clone();
    assert_eq!(keys(&schema), known(&format!("{HEAD}zzzz = 1\n")));
    assert_eq!(keys(&part("scope")), known(&format!("{HEAD}[scope]\nzzzz = 1\n")));
    assert_eq!(keys(&part("constraint")["items"]), known(&format!("{HEAD}[[constraint]]\nzzzz = 1\n")));
    let check = part("acceptance")["items"].clone();
    assert_eq!(keys(&check), known(&format!("{HEAD}[[acceptance]]\nzzzz = 1\n")));
    let mutant = format!("{HEAD}[[acceptance]]\nid = \"a\"\nrun = \"b\"\n[acceptance.mutant]\nzzzz = 1\n");
    assert_eq!(keys(&check["properties"]["mutant"]), known(&mutant));
    let mut of_kinds = BTreeSet::new();
    for form in part("contract")["items"]["oneOf"].as_array().unwrap() {
        let kind = form["properties"]["kind"]["const"].as_str().unwrap();
        let known = known(&format!("{HEAD}[[contract]]\nid = \"a\"\nkind = \"{kind}\"\nzzzz = 1\n"));
        assert_eq!(keys(form), known, "{kind}");
        of_kinds.extend(known);
    }
    assert_eq!(of_kinds, known(&format!("{HEAD}[[contract]]\nid = \"a\"\nkind = \"no\"\nzzzz = 1\n")));
}

#[test]
fn every_key_is_described() {
    fn walk(value: &Value, path: &str, missing: &mut Vec<String>) {
        if let Some(properties) = value["properties"].as_object() {
            for (name, property) in properties {
                if property["description"].as_str().is_none_or(str::is_empty) {
                    missing.push(format!("{path}/{name}"));
                }
                walk(property, &format!("{path}/{name}"), missing);
            }
        }
        for inner in [&value["items"]].into_iter().chain(value["oneOf"].as_array().into_iter().flatten()) {
            if !inner.is_null() {
                walk(inner, path, missing);
            }
        }
    }
    let mut missing = Vec::new();
    walk(&schema(), "", &mut missing);
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn it_is_printed_or_kept_and_new_intents_name_it_once_it_is_kept() {
    let sandbox = Sandbox::new();
    let printed = sandbox.intent(&["schema"]).ok();
    assert_eq!(printed.json(), schema());
    assert_eq!(sandbox.intent(&["schema", "--format", "json"]).ok().stdout, printed.stdout);
    sandbox.intent(&["new", "before", "--outcome", "o"]).ok();
    assert_eq!(sandbox.intent(&["schema", "--write"]).ok().stdout, "intents/schema.json\n");
    assert_eq!(sandbox.read("intents/schema.json"), printed.stdout);
    sandbox.intent(&["new", "after", "--outcome", "o"]).ok();
    assert!(!sandbox.read("intents/before.toml").contains("#:schema"));
    assert!(sandbox.read("intents/after.toml").starts_with("#:schema ./schema.json\nschema  = 1\n"));
    assert_eq!(violations(&sandbox.read("intents/after.toml")), Vec::<String>::new());
    // A schema beside the intents is no intent.
    assert_eq!(sandbox.intent(&["list"]).ok().stdout.lines().count(), 2);
}
