//! An honest intent stays silent while people edit around it: fifty random edits of code and layout.
//!
//! Another run takes another seed; `FACTORY_SEED=N` repeats one.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::support::Sandbox;

const EDITS: usize = 50;

/// The parts of the intent, in whatever order.
const PARTS: [&[&str]; 6] = [
    &["[scope]", "write = [\"src/**\", \"tests/**\"]", "rounds = 2"],
    &[
        "[[constraint]]",
        "id = \"whole\"",
        "kind = \"input\"",
        "text = \"A bad row is named\"",
        "check = \"row\"",
    ],
    &[
        "[[contract]]",
        "id = \"order\"",
        "kind = \"json-schema\"",
        "path = \"order.json\"",
        "examples = \"samples/*.json\"",
    ],
    &[
        "[[contract]]",
        "id = \"notes\"",
        "kind = \"markdown\"",
        "files = \"notes/*.md\"",
        "sections = [\"Why\"]",
    ],
    &[
        "[[acceptance]]",
        "id = \"row\"",
        "text = \"WHEN a row is bad THE tool SHALL name it\"",
        "test = \"accept::row\"",
        "timeout = \"60s\"",
    ],
    &[
        "[[acceptance]]",
        "id = \"cases\"",
        "text = \"Every example is shouted\"",
        "fixtures = \"tiny {input}\"",
        "compare = \"text\"",
    ],
];

/// The bound test as people lay it out.
const LAYOUTS: [&str; 3] = [
    "#[test]\nfn row() {\n    agree(tiny::named(\"a;b\"), Some(1));\n    assert_eq!(tiny::named(\"a\"), None);\n}\n",
    "/// A bad row has a number.\n#[test] fn row() { agree(tiny::named(\"a;b\"), Some(1)); assert_eq!(tiny::named(\"a\"), None); }\n",
    "#[test]\n// As it was asked for.\nfn row()\n{\n\tagree(\n\t\ttiny::named(\"a;b\"), /* the first */ Some(1));\n\n\tassert_eq!(tiny::named(\"a\"), None);\n}\n",
];

const HELPER: &str = "fn agree(a: Option<usize>, b: Option<usize>) { assert_eq!(a, b); }\n";

/// Numbers that look random, the same for the same seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, ceiling: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % ceiling as u64).unwrap()
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }
}

/// What a person may have done to the files, without touching what is demanded.
struct Project {
    parts: Vec<Vec<String>>,
    rationale: String,
    title: String,
    ends: &'static str,
    layout: usize,
    neighbours: Vec<String>,
    row_at: usize,
    helper_first: bool,
    private: String,
    functions: Vec<String>,
    more: usize,
}

impl Project {
    fn new() -> Self {
        let owned = |part: &&[&str]| part.iter().map(|&line| line.to_owned()).collect();
        Self {
            parts: PARTS.iter().map(owned).collect(),
            rationale: "It is asked for.".into(),
            title: "Name bad rows".into(),
            ends: "\n",
            layout: 0,
            neighbours: vec!["#[test]\nfn good() { assert_eq!(tiny::named(\"\"), None); }\n".into()],
            row_at: 0,
            helper_first: true,
            private: "place".into(),
            functions: Vec::new(),
            more: 0,
        }
    }

    fn write(&self, sandbox: &Sandbox) {
        let mut intent = format!(
            "schema = 1\ntitle = \"{}\"\noutcome = \"Bad rows are named.\"\nrationale = \"{}\"\n\n",
            self.title, self.rationale
        );
        self.parts.iter().for_each(|part| intent.push_str(&(part.join("\n") + "\n")));
        sandbox.write("intents/rows.toml", intent.replace('\n', self.ends));
        let mut tests = self.neighbours.clone();
        tests.insert(self.row_at.min(tests.len()), LAYOUTS[self.layout].to_owned());
        tests.insert(if self.helper_first { 0 } else { tests.len() }, HELPER.to_owned());
        sandbox.write("tests/accept.rs", tests.concat().replace('\n', self.ends));
        let private = &self.private;
        let mut functions = self.functions.clone();
        functions.push(format!("pub fn named(row: &str) -> Option<usize> {{ {private}(row) }}\n"));
        functions.push(format!("fn {private}(row: &str) -> Option<usize> {{ row.find(';') }}\n"));
        let turned = self.row_at % functions.len();
        functions.rotate_left(turned);
        sandbox.write("src/lib.rs", functions.concat());
    }

    /// One edit; its name, for whoever must find out what went wrong.
    fn edit(&mut self, dice: &mut Dice, sandbox: &Sandbox) -> String {
        self.more += 1;
        let number = self.more;
        let kind = dice.below(18);
        match kind {
            0 => dice.shuffle(&mut self.parts),
            1 => {
                let at = dice.below(self.parts.len());
                dice.shuffle(&mut self.parts[at][1..]);
            }
            2 => {
                let at = dice.below(self.parts.len());
                self.parts[at].insert(1, format!("# remark {number}: \"[[acceptance]]\""));
            }
            3 => {
                let at = dice.below(self.parts.len());
                let line = self.parts[at].last_mut().unwrap();
                *line = format!("{line}  # {number}").replacen(" = ", "   =  ", 1);
            }
            4 => {
                let at = dice.below(self.parts.len());
                self.parts[at].push(String::new());
            }
            5 => self.rationale = format!("Because of {number} rows a week."),
            6 => self.title = format!("Name bad rows, take {number}"),
            7 => self.ends = if self.ends == "\n" { "\r\n" } else { "\n" },
            8 => self.layout = dice.below(LAYOUTS.len()),
            9 => self.row_at = dice.below(self.neighbours.len() + 1),
            10 => {
                let test = format!(
                    "#[test]\nfn more_{number}() {{ assert!(tiny::named(\"{number}\").is_none()); }}\n"
                );
                self.neighbours.insert(dice.below(self.neighbours.len() + 1), test);
            }
            11 => dice.shuffle(&mut self.neighbours),
            12 => self.helper_first = !self.helper_first,
            13 => self.private = format!("place_{number}"),
            14 => {
                self.functions
                    .push(format!("/// Unused.\npub fn other_{number}() -> usize {{ {number} }}\n"));
                dice.shuffle(&mut self.functions);
            }
            15 => {
                let test =
                    format!("mod deep {{ #[test] fn apart() {{ assert_eq!({number}, {number}); }} }}\n");
                sandbox.write(&format!("tests/apart_{}.rs", dice.below(3)), test);
                sandbox.write(&format!("src/bin/extra_{}.rs", dice.below(2)), "fn main() {}\n");
            }
            16 => {
                sandbox.write("README.md", format!("# tiny\n\nEdit {number}.\n"));
                sandbox.write(
                    &format!("notes/n{}.md", dice.below(4)),
                    format!("# Note\n\n## Why\n\n{number}\n"),
                );
                sandbox.write(&format!("samples/s{}.json", dice.below(4)), format!("{{\"id\": {number}}}"));
            }
            _ => {
                let other = format!(
                    "schema = 1\ntitle = \"Other\"\noutcome = \"{number}\"\n[[acceptance]]\nid = \"a\"\ninspect = \"Well?\"\n"
                );
                sandbox.write(&format!("intents/other-{}.toml", dice.below(3)), other);
            }
        }
        self.write(sandbox);
        format!("{number}: kind {kind}")
    }
}

fn begin() -> (Sandbox, Project) {
    let sandbox = Sandbox::unborn();
    sandbox.write(".gitignore", "/target\nCargo.lock\n");
    sandbox.write("factory.toml", "[approval]\nterminal = false\n");
    sandbox.write("Cargo.toml", "[package]\nname = \"tiny\"\nversion = \"0.1.0\"\nedition = \"2021\"\n");
    sandbox.write(
        "src/main.rs",
        "fn main() { for file in std::env::args().skip(1) { print!(\"{}\", std::fs::read_to_string(file).unwrap().to_uppercase()) } }\n",
    );
    sandbox.write("order.json", r#"{"type": "object", "required": ["id"]}"#);
    sandbox.write("samples/one.json", r#"{"id": 1}"#);
    sandbox.write("notes/first.md", "# First\n\n## Why\n");
    sandbox.write("intents/rows/one/input.txt", "low");
    sandbox.write("intents/rows/one/expected.txt", "LOW");
    let project = Project::new();
    project.write(&sandbox);
    sandbox.commit("want rows");
    sandbox.git(&["tag", "want"]);
    sandbox.intent(&["approve", "rows"]).ok();
    (sandbox, project)
}

/// Nothing that starts no program says anything of it.
#[track_caller]
fn is_silent(sandbox: &Sandbox, after: &str) {
    let checked = sandbox.intent(&["check", "rows", "--no-run", "--format", "json"]);
    let document = checked.json();
    assert_eq!(checked.code, 0, "{after}: {document:#}\n{}", checked.stderr);
    for one in document["checks"].as_array().unwrap() {
        assert!(one["verdict"] == "pass" || one["verdict"] == "waiting", "{after}: {one:#}");
    }
    assert_eq!(document["remarks"], serde_json::json!([]), "{after}");
    let stands = sandbox.intent(&["approve", "--verify", "rows", "--format", "json"]);
    assert_eq!(stands.code, 0, "{after}: {}", stands.stdout);
    let compared = sandbox.intent(&["diff", "want", "rows", "--format", "json"]).ok().json();
    for one in compared["intents"].as_array().unwrap() {
        assert!(one["informative"] == true && one["approval"] == "holds", "{after}: {one:#}");
    }
}

#[test]
fn an_honest_intent_stays_silent_through_fifty_edits_around_it() {
    let given = std::env::var("FACTORY_SEED").ok().and_then(|seed| seed.parse().ok());
    let clock = || u64::from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos());
    let seed = given.unwrap_or_else(clock);
    eprintln!("FACTORY_SEED={seed} repeats these edits");
    let mut dice = Dice(seed);
    let (sandbox, mut project) = begin();
    is_silent(&sandbox, "before any edit");
    let mut done = Vec::new();
    for number in 1..=EDITS {
        done.push(project.edit(&mut dice, &sandbox));
        is_silent(&sandbox, &format!("FACTORY_SEED={seed}, after {done:?}"));
        if number % 10 == 0 {
            sandbox.commit("go on");
        }
        if number % 25 == 0 {
            let ran = sandbox.intent(&["check", "rows"]);
            assert_eq!(ran.code, 0, "FACTORY_SEED={seed}, after {done:?}: {}{}", ran.stdout, ran.stderr);
        }
    }
}
