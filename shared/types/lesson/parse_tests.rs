//! The lessons file as people write it, and as they get it wrong.

use super::*;

const RULE: &str = "schema = 1
[[lesson]]
id = \"no-unwrap\"
kind = \"rule\"
text = \"Hand the error on\"
origin = \"fb-k3v9q2m7xw\"
count = 4
scope = [\"src/**\"]
pattern = '\\.unwrap\\(\\)'
paths = [\"src/**/*.rs\"]
message = \"unwrap in the product\"
bad = [\"x.unwrap()\"]
good = [\"x?\"]
";

fn problems(text: &str) -> Vec<String> {
    parse(text.as_bytes()).unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn every_key_is_read() {
    let text = format!(
        "{RULE}[[lesson]]\nid = \"a\"\nkind = \"fragment\"\ntext = \"Short sentences\"\n\
         [[lesson]]\nid = \"b\"\nkind = \"template\"\ntext = \"Begin notes here\"\npath = \"t/note.md\"\n"
    );
    let lessons = parse(format!("\u{feff}{}", text.replace('\n', "\r\n")).as_bytes()).unwrap();
    let Kind::Rule(rule) = &lessons[0].kind else { panic!("{lessons:?}") };
    assert_eq!((lessons[0].count, lessons[0].origin.as_deref()), (4, Some("fb-k3v9q2m7xw")));
    assert_eq!(rule.pattern, r"\.unwrap\(\)");
    assert_eq!(lessons[0].message(rule), "unwrap in the product");
    assert_eq!((&lessons[1].kind, lessons[1].count), (&Kind::Fragment, 1));
    assert_eq!(lessons[2].kind, Kind::Template { path: "t/note.md".into() });
    assert!(parse(b"schema = 1\n").unwrap().is_empty());
}

#[test]
fn what_is_wrong_is_named_with_its_place_and_what_mends_it() {
    let wrong = |from: &str, to: &str| problems(&RULE.replace(from, to)).join("\n");
    for (from, to, wanted) in [
        ("schema = 1\n", "", "intents/lessons.toml:1:1: the lessons have no `schema`"),
        ("schema = 1", "schema = 2", "intents/lessons.toml:1:10: schema 2 needs a newer version"),
        ("kind = \"rule\"", "kind = \"rul\"", ":4:8: `kind` in [[lesson]] no-unwrap cannot be \"rul\""),
        ("kind = \"rule\"\n", "", "has no `kind`"),
        ("'\\.unwrap\\(\\)'", "'('", ":9:11: `pattern` in [[lesson]] no-unwrap: unclosed group"),
        ("[\"src/**/*.rs\"]", "[\"src/[\"]", ":10:9: `paths` in [[lesson]] no-unwrap: \"src/[\" is no glob"),
        ("bad = [\"x.unwrap()\"]\n", "", "has no `bad` (add: bad ="),
        ("good = [\"x?\"]", "good = []", "`good` in [[lesson]] no-unwrap is empty"),
        ("count = 4", "count = 0", "must be from 1"),
        ("id = \"no-unwrap\"", "id = \"no unwrap\"", "perhaps \"no-unwrap\""),
        ("message", "mesage", "unknown key `mesage` in [[lesson]] no-unwrap (did you mean `message`?)"),
        ("text = \"Hand the error on\"", "text = \"\"", "`text` in [[lesson]] no-unwrap is empty"),
        ("id = ", "<<<<<<< a\nid = \n=======\n>>>>>>> b\n", "unsolved merge conflict"),
    ] {
        assert!(wrong(from, to).contains(wanted), "{wanted}\n{}", wrong(from, to));
    }
    let twice = format!("{RULE}{}", RULE.replace("schema = 1\n", ""));
    assert!(problems(&twice).join("\n").contains("duplicate id \"no-unwrap\""), "{:?}", problems(&twice));
    assert!(parse(b"\xff").unwrap_err()[0].to_string().contains("not UTF-8"));
}
