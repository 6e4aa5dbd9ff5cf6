//! Every route by which a text reaches the repository, with one secret of each form on each of them.
//!
//! A row is a route and a form. What each row planted is looked for in every object of the repository,
//! reachable or not, in every file git has of us, and in what `promote` wrote; the mark beside the secret
//! must be there, so that no row is clean because nothing arrived.

mod table;

use std::fmt::Write as _;
use std::path::Path;

use super::redacted::everything;
use super::{items, with_stdin};
use crate::support::{FEEDBACK, Ran, Sandbox, finish};
use table::ROUTES;

/// One secret of one form on its way along one route.
pub struct Planted {
    /// The mark and the secret in its surroundings, on one line.
    pub text: String,
    pub secret: String,
    pub mark: String,
}

/// What is planted: a token of a known shape, a value behind its name, a header, a person's address, a
/// name in tags, the project's own values from a file and from the environment, and its own pattern.
const FORMS: [&str; 8] = ["token", "named", "header", "mail", "tags", "own-file", "own-env", "pattern"];

/// Letters that look like a word and differ from row to row.
pub fn word(seed: usize) -> String {
    let syllables =
        ["ba", "de", "fi", "go", "ku", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "zo", "hu", "wy"];
    let mut state = (seed as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        syllables[(state >> 33) as usize % syllables.len()]
    };
    (0..7).map(|_| next()).collect()
}

pub fn planted(route: usize) -> Vec<Planted> {
    let of = |(at, form): (usize, &&str)| {
        let word = word(route * 100 + at);
        let (text, secret) = match *form {
            "token" => {
                let token = format!("gh{}{word}{word}{word}", "p_");
                (format!("with {token} in it"), token)
            }
            "named" => (format!("password={word} refused"), word),
            "header" => (format!("Authorization: Bearer {word}X7"), format!("{word}X7")),
            "mail" => (format!("no mailbox {word}@mail.example here"), word),
            "tags" => (format!("read <password>{word}</password> there"), word),
            "pattern" => {
                (format!("order ACME-{:06} lost", route * 100 + at), format!("ACME-{:06}", route * 100 + at))
            }
            _ => (format!("it was {word} they said"), word),
        };
        let mark = format!("mark{}of{}", letters(route), form.replace('-', ""));
        Planted { text: format!("{mark} {text}"), secret, mark }
    };
    FORMS.iter().enumerate().map(of).collect()
}

/// Numbers are masked in some places; letters stay.
fn letters(number: usize) -> String {
    number.to_string().bytes().map(|digit| char::from(b'q' + (digit - b'0'))).collect()
}

/// The project's own values, as its configuration names them.
pub fn own(sandbox: &Sandbox, rows: &[Vec<Planted>], more: &str) {
    let mut config = format!("{more}[feedback]\nredact = [\"ACME-[0-9]{{6}}\"]\n");
    let folder = sandbox.home.join("values");
    std::fs::create_dir_all(&folder).unwrap();
    for (route, rows) in rows.iter().enumerate() {
        let file = folder.join(route.to_string());
        std::fs::write(&file, &rows[5].secret).unwrap();
        write!(config, "[secret.FILE_{route}]\nfrom = \"file:{}\"\n", file.display()).unwrap();
        write!(config, "[secret.ENV_{route}]\nfrom = \"env:PLANTED_{route}\"\n").unwrap();
    }
    sandbox.write("factory.toml", config);
}

/// Rows, a sandbox that knows their own values, and a way to run with those of the environment.
pub struct Ground {
    pub sandbox: Sandbox,
    rows: Vec<Vec<Planted>>,
}

impl Ground {
    pub fn ran(&self, args: &[&str]) -> Ran {
        let mut command = self.sandbox.command(FEEDBACK);
        finish(self.with_values(command.args(args)))
    }

    pub fn with_values<'c>(&self, command: &'c mut std::process::Command) -> &'c mut std::process::Command {
        let values = self.rows.iter().enumerate();
        command.envs(values.map(|(route, rows)| (format!("PLANTED_{route}"), rows[6].secret.clone())))
    }

    pub fn outside(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.sandbox.home.join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_string_lossy().into_owned()
    }

    pub fn import(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.outside(name, bytes);
        self.ran(&["import", &path]).ok();
    }

    /// A fresh item, for what is said of one.
    pub fn item(&self, title: &str) -> String {
        self.ran(&["add", "--title", title]).ok().stdout.trim().to_owned()
    }
}

pub const INTENT: &str = "schema = 1\ntitle = \"Answer\"\noutcome = \"It answers.\"\n";

/// What `promote` wrote into the work tree, which is committed and pushed.
fn written(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        all.extend(path.to_string_lossy().bytes());
        all.extend(if path.is_dir() { written(&path) } else { std::fs::read(&path).unwrap() });
    }
    all
}

/// The rows whose secret stands in the text, and those of which nothing arrived.
pub fn leaks(name: &str, rows: &[Planted], text: &str) -> Vec<String> {
    let told = |(row, form): (&Planted, &&str)| match () {
        () if text.contains(&row.secret) => Some(format!("{name}, {form}: {} is there", row.secret)),
        () if !text.contains(&row.mark) => Some(format!("{name}, {form}: nothing arrived")),
        () => None,
    };
    rows.iter().zip(&FORMS).filter_map(told).collect()
}

#[test]
fn no_form_of_secret_reaches_the_repository_by_any_route() {
    let sandbox = Sandbox::new();
    let rows: Vec<Vec<Planted>> = (0..ROUTES.len()).map(planted).collect();
    own(&sandbox, &rows, "");
    let ground = Ground { sandbox, rows };
    for ((_, route), rows) in ROUTES.iter().zip(&ground.rows) {
        route(&ground, rows);
    }
    let mut all = everything(&ground.sandbox);
    all.extend(written(&ground.sandbox.path("intents")));
    let text = String::from_utf8_lossy(&all);
    let left: Vec<String> =
        ROUTES.iter().zip(&ground.rows).flat_map(|((name, _), rows)| leaks(name, rows, &text)).collect();
    assert!(left.is_empty(), "{} of {} rows:\n{}", left.len(), ROUTES.len() * FORMS.len(), left.join("\n"));
    ground.sandbox.git(&["fsck", "--strict"]);
}

#[test]
fn a_fixture_with_a_certain_secret_is_refused_and_nothing_is_written() {
    let sandbox = Sandbox::new();
    sandbox.write("intents/app.toml", INTENT);
    let item = super::add(&sandbox, &["it fails"]);
    let input = sandbox.home.join("input.txt");
    std::fs::write(&input, format!("a {} b", super::token())).unwrap();
    let input = input.to_string_lossy().into_owned();
    let args = ["promote", &item, "--intent", "app", "--run", "cat {input}", "--input", &input];
    sandbox.feedback(&args).exits(1).says("github-token").says("nothing was promoted");
    assert_eq!(sandbox.read("intents/app.toml"), INTENT);
    assert!(!sandbox.path("intents/app").exists());
    std::fs::write(&input, "mail to jane@mail.example").unwrap();
    sandbox.feedback(&args).ok().says("may hold: e-mail");
}

#[test]
fn the_same_failure_with_another_secret_is_the_same_item() {
    let sandbox = Sandbox::new();
    let log = |secret: &str| format!("2026-11-22T01:02:03Z ERROR login failed with secret: {secret}\n");
    let both = log("Swordfish") + &log("Carpfish");
    with_stdin(&sandbox, &["import", "--source", "a", "-"], both.as_bytes()).ok();
    let panic = |secret: &str| {
        format!("thread 'main' panicked at src/a.rs:3:5:\nrefused secret: {secret}\nnote: x\n\n")
    };
    with_stdin(
        &sandbox,
        &["import", "--source", "b", "-"],
        (panic("Swordfish") + &panic("Carpfish")).as_bytes(),
    )
    .ok();
    for secret in ["Swordfish", "Carpfish"] {
        sandbox
            .feedback(&["run", "--", "sh", "-c", &format!("echo 'error: refused secret: {secret}'; exit 3")])
            .exits(3);
    }
    let mut told: Vec<(String, u64)> = items(&sandbox)
        .iter()
        .map(|item| (item["kind"].as_str().unwrap().to_owned(), item["occurrences"].as_u64().unwrap()))
        .collect();
    told.sort();
    assert_eq!(told, [("error".to_owned(), 2), ("error".to_owned(), 2), ("log".to_owned(), 2)]);
    // What an earlier version filed by the text as it stood goes on.
    use factory::operations::fingerprint::log;
    use factory::types::id::item_id;
    let before = Sandbox::new();
    let print = log::fingerprint(log_line("Swordfish").as_str());
    let item = item_id("log", &print);
    let line = format!(
        r#"{{"id":"01JD4000000000000000000000","v":1,"item":"{item}","op":"add","t":"2026-11-19T01:02:04Z","title":"lost","kind":"log","severity":"error","fingerprint":"{print}"}}"#
    );
    before.git(&["notes", "--ref=feedback", "append", "--no-separator", "-m", &line]);
    with_stdin(&before, &["import", "--source", "a", "-"], both.as_bytes()).ok();
    let found = items(&before);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().any(|found| found["id"] == item.as_str() && found["occurrences"] == 2), "{found:?}");
}

fn log_line(secret: &str) -> String {
    format!("2026-11-22T01:02:03Z ERROR login failed with secret: {secret}")
}
