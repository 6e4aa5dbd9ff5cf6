//! Properties of the digest over random intents: what may be edited freely, and that nothing else may.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::Index;

use super::tests::{Memory, digest, intent, project};
use super::*;
use crate::operations::meaning::{Side, between, is_informative};

/// Text that looks like framing, like another field or like TOML.
fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-b01/|]{0,6}", Just("text\x001\x00".to_owned()), Just("a\n[[acceptance]]\n# ü".to_owned())]
}

/// The tables of an intent: each a heading and its keys, an id and values quoted for TOML.
#[derive(Clone, Debug)]
struct Table {
    heading: &'static str,
    keys: Vec<(&'static str, String)>,
}

fn quoted(text: &str) -> String {
    crate::types::toml::quoted(text)
}

fn said(key: &'static str) -> impl Strategy<Value = Option<(&'static str, String)>> {
    proptest::option::of(text().prop_map(move |text| (key, quoted(&text))))
}

fn run() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    let exit = proptest::option::of((0..9u8).prop_map(|exit| ("exit", exit.to_string())));
    let env = btree_map("[A-Z/%]{1,3}", text(), 0..3).prop_map(|env| {
        let pairs: Vec<String> = env.iter().map(|(k, v)| format!("{} = {}", quoted(k), quoted(v))).collect();
        (!env.is_empty()).then(|| ("env", format!("{{ {} }}", pairs.join(", "))))
    });
    ("[a-c]{1,3}", exit, said("stdout"), said("stderr"), env).prop_map(|(command, exit, out, err, env)| {
        let run = ("run", quoted(&command));
        [Some(run), exit, out, err, env].into_iter().flatten().collect()
    })
}

fn anchor() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    let max = proptest::option::of((0..100u32).prop_map(|max| ("max", (f64::from(max) / 8.0).to_string())));
    prop_oneof![
        run(),
        ("[a-c]{1,3}", prop_oneof!["exact", "text", "json"]).prop_map(|(command, compare)| {
            vec![("fixtures", quoted(&command)), ("compare", quoted(&compare))]
        }),
        max.prop_map(|max| [Some(("signal", quoted("error-rate"))), max].into_iter().flatten().collect()),
        Just(vec![("test", quoted("accept::bom"))]),
        "[a-c?]{1,4}".prop_map(|question| vec![("inspect", quoted(&question))]),
    ]
}

fn check() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    let red =
        proptest::option::of(prop_oneof!["assertion", "build", "none"].prop_map(|r| ("red", quoted(&r))));
    let timeout = proptest::option::of((1..90u32).prop_map(|s| ("timeout", format!("\"{s}s\""))));
    (anchor(), red, timeout, said("text")).prop_map(|(mut keys, red, timeout, text)| {
        keys.extend([red, timeout, text].into_iter().flatten());
        keys
    })
}

fn constraint() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    let kind = prop_oneof!["ux", "security"].prop_map(|kind| ("kind", quoted(&kind)));
    (kind, "[a-c|/]{1,5}").prop_map(|(kind, text)| vec![kind, ("text", quoted(&text))])
}

/// Tables of an intent, in the order of their making, and its outcome.
fn intents() -> impl Strategy<Value = (String, Vec<Table>)> {
    let of = |heading: &'static str, keys: BoxedStrategy<Vec<(&'static str, String)>>| {
        btree_map("[a-c]{1,2}", keys, 0..4).prop_map(move |all| {
            let table = |(id, mut keys): (String, Vec<(&'static str, String)>)| {
                keys.insert(0, ("id", quoted(&id)));
                Table { heading, keys }
            };
            all.into_iter().map(table).collect::<Vec<_>>()
        })
    };
    let checks = of("acceptance", check().boxed());
    let constraints = of("constraint", constraint().boxed());
    ("[a-c|/]{1,5}", checks, constraints).prop_map(|(outcome, mut tables, constraints)| {
        tables.extend(constraints);
        (outcome, tables)
    })
}

fn written(outcome: &str, tables: &[Table]) -> String {
    let mut toml = format!("schema = 1\ntitle = \"t\"\noutcome = {}\n", quoted(outcome));
    for table in tables {
        toml.push_str(&format!("[[{}]]\n", table.heading));
        table.keys.iter().for_each(|(key, value)| toml.push_str(&format!("{key} = {value}\n")));
    }
    toml
}

/// The same by the lights of the digest: other order, layout, comments, title and rationale.
fn rewritten(outcome: &str, tables: &[Table], order: &[Index], crlf: bool, words: &str) -> String {
    let mut tables = tables.to_vec();
    for (at, index) in order.iter().enumerate() {
        if !tables.is_empty() {
            let length = tables.len();
            tables.swap(at % length, index.index(length));
            let keys = &mut tables[at % length].keys;
            let length = keys.len();
            keys.swap(at % length, index.index(length));
        }
    }
    let rationale = format!("rationale = {}\n[[", quoted(words));
    let text = written(outcome, &tables).replace("title = \"t\"", &format!("title = {}", quoted("other")));
    let text = if tables.is_empty() { text } else { text.replacen("[[", &rationale, 1) };
    let text = text.replace("\n[[", "\n\n  # why\n[[").replace(" = ", "  =   ").replace("]]\n", "]] # c\n");
    if crlf { format!("\u{feff}{}", text.replace('\n', "\r\n")) } else { text }
}

fn side(text: &str, sources: &Memory) -> Side {
    let intent = intent(text);
    let entries = Digester::new(sources).entries(&intent).unwrap();
    Side { intent, entries, file: Some(text.as_bytes().to_owned()) }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn order_layout_comments_and_rationale_leave_it_alone(
        (outcome, tables) in intents(), order in vec(any::<Index>(), 0..8), crlf: bool, words in "[a-z ]{1,9}",
    ) {
        let (before, sources) = (written(&outcome, &tables), project());
        let after = rewritten(&outcome, &tables, &order, crlf, &words);
        prop_assert_eq!(digest(&before, &sources), digest(&after, &sources), "{}\n{}", before, after);
        let changes = between(Some(&side(&before, &sources)), Some(&side(&after, &sources)));
        prop_assert!(is_informative(&changes), "{:?}", changes);
        prop_assert!(changes.iter().all(|change| change.strength.is_none()));
    }

    /// Two intents have one digest exactly if they demand the same; and the difference by meaning says
    /// so too.
    #[test]
    fn two_intents_collide_only_if_they_demand_the_same((a, one) in intents(), (b, two) in intents()) {
        let sources = project();
        let (a, b) = (side(&written(&a, &one), &sources), side(&written(&b, &two), &sources));
        let demands = |side: &Side| {
            let mut intent = side.intent.clone();
            intent.acceptance.sort_by(|a, b| a.id.cmp(&b.id));
            intent.constraints.sort_by(|a, b| a.id.cmp(&b.id));
            intent
        };
        let same = demands(&a) == demands(&b);
        prop_assert_eq!(a.digest().unwrap() == b.digest().unwrap(), same);
        prop_assert_eq!(is_informative(&between(Some(&a), Some(&b))), same);
    }

    /// One value of one key, or one table less.
    #[test]
    fn any_single_edit_changes_it_and_is_told(
        (outcome, tables) in intents(), at: Index, key: Index, edit in 0..3u8,
    ) {
        prop_assume!(!tables.is_empty());
        let mut edited = tables.clone();
        let at = at.index(tables.len());
        match edit {
            0 => drop(edited.remove(at)),
            1 => {
                let keys = &mut edited[at].keys;
                let key = key.index(keys.len());
                // Text of one key goes to another, or gets longer.
                prop_assume!(matches!(keys[key].0, "text" | "stdout" | "stderr" | "run" | "inspect"));
                keys[key].1 = keys[key].1.replacen('"', "\"b", 1);
            }
            _ => {
                prop_assume!(!edited[at].keys.iter().any(|(key, _)| *key == "stderr"));
                let moved = edited[at].keys.iter_mut().find(|(key, _)| *key == "stdout");
                prop_assume!(moved.is_some());
                if let Some(key) = moved { key.0 = "stderr"; }
            }
        }
        let sources = project();
        let (a, b) = (side(&written(&outcome, &tables), &sources), side(&written(&outcome, &edited), &sources));
        prop_assert_ne!(a.digest().unwrap(), b.digest().unwrap());
        prop_assert!(!is_informative(&between(Some(&a), Some(&b))));
    }

    /// Every byte of a fixture or contract file, and the names of the files.
    #[test]
    fn every_byte_of_a_file_counts(bytes in vec(any::<u8>(), 1..20), at: Index, flip in 1..=255u8, name in "[a-z%. ü]{1,4}") {
        let text = super::tests::WHOLE;
        let mut other = bytes.clone();
        other[at.index(bytes.len())] ^= flip;
        let with = |path: &str, bytes: &[u8]| {
            let mut sources = project();
            sources.0.insert(path.to_owned(), bytes.to_owned());
            side(text, &sources)
        };
        for path in ["intents/x/ascii/input.csv", "schema/orders.json", "in.txt", "intents/x/new/input"] {
            let (a, b) = (with(path, &bytes), with(path, &other));
            prop_assert_ne!(a.digest().unwrap(), b.digest().unwrap());
            let changes = between(Some(&a), Some(&b));
            prop_assert_eq!(changes.len(), 1, "{:?}", changes);
        }
        let (a, b) = (with(&format!("intents/x/new/{name}"), &bytes), with(&format!("intents/x/new/{name}a"), &bytes));
        prop_assert_ne!(a.digest().unwrap(), b.digest().unwrap());
        prop_assert!(!is_informative(&between(Some(&a), Some(&b))));
    }

    /// Statements of a bound test: another body is another digest, another layout is not.
    #[test]
    fn every_token_of_a_bound_test_counts(numbers in vec(0..9u8, 0..4), others in vec(0..9u8, 0..4), spaces in "[ \n\t]{1,3}") {
        let body = |numbers: &[u8], space: &str| {
            let statements: Vec<String> = numbers.iter().map(|n| format!("assert_eq!(one(),{space}{n});")).collect();
            format!("#[test]{space}fn bom(){space}{{{space}{}{space}}} // why", statements.join(space))
        };
        let of = |text: String| digest(super::tests::WHOLE, &project().with("tests/accept.rs", &text));
        let before = of(body(&numbers, " "));
        prop_assert_eq!(&of(body(&numbers, &spaces)), &before);
        prop_assert_eq!(of(body(&others, " ")) == before, numbers == others);
    }

    /// Text that wanders from one element of a list to the next, or looks like framing.
    #[test]
    fn moving_text_between_elements_does_not_collide(
        all in "[ab01|]{2,8}", cut_a in 0usize..8, cut_b in 0usize..8,
    ) {
        let (a, b) = (1 + cut_a % (all.len() - 1), 1 + cut_b % (all.len() - 1));
        let text = |cut: usize| {
            let (one, two) = all.split_at(cut);
            let two = two.replace('|', "\\u0000");
            let one = one.replace('|', "\\u0000");
            format!("schema = 1\ntitle = \"t\"\noutcome = \"o\"\nout-of-scope = [\"{one}\", \"{two}\"]\n")
        };
        let same = digest(&text(a), &Memory::default()) == digest(&text(b), &Memory::default());
        prop_assert_eq!(same, a == b);
    }
}
