//! `git feedback import` of what real programs write: kept in `producers/made`, and with `FACTORY_SLOW=1`
//! written anew.

use std::path::{Path, PathBuf};

use super::items;
use crate::support::{Sandbox, finish, has};

const PRODUCERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/feedback/producers");
/// Crates that were built once are there the next time.
const TARGET: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/producers");

/// How many records and items each file holds.
const TOLD: [(&str, u64, u64); 9] = [
    ("cargo-test.txt", 3, 3),
    ("nextest.txt", 3, 3),
    ("junit.xml", 3, 3),
    ("tracing.jsonl", 3, 2),
    ("traces.json", 2, 1),
    ("logs.json", 3, 2),
    ("sentry.jsonl", 4, 3),
    // With a backtrace and without one they have two fingerprints.
    ("panics.txt", 6, 2),
    ("anyhow.txt", 2, 2),
];

fn import_all(sandbox: &Sandbox, folder: &Path) {
    for (name, records, things) in TOLD.iter().filter(|(name, ..)| folder.join(name).exists()) {
        let file = folder.join(name);
        let told = sandbox.feedback(&["import", file.to_str().unwrap(), "--format", "json"]).ok().json();
        let found = (told["records"].as_u64().unwrap(), told["items"].as_u64().unwrap());
        assert_eq!((found, told["unread"].as_u64()), ((*records, *things), Some(0)), "{name}: {told}");
    }
}

fn titles(sandbox: &Sandbox) -> Vec<String> {
    let mut titles: Vec<String> =
        items(sandbox).iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect();
    titles.sort_unstable();
    titles
}

#[test]
fn what_well_known_programs_wrote_becomes_the_items_one_expects() {
    let sandbox = Sandbox::new();
    import_all(&sandbox, &Path::new(PRODUCERS).join("made"));
    let found = items(&sandbox);
    let of = |title: &str| {
        found.iter().filter(|item| item["title"].as_str().unwrap().contains(title)).collect::<Vec<_>>()
    };
    for title in [
        "tests::a_word_is_a_number fails",
        "tests::an_empty_row_has_no_total fails",
        "tests::an_error_is_returned fails: Error: \"no rows\"",
    ] {
        let failing = of(title);
        assert_eq!(
            (failing.len(), failing[0]["occurrences"].as_u64()),
            (1, Some(3)),
            "{title}: whoever ran it"
        );
    }
    // The hook of std with a backtrace and without one, and Sentry's.
    let panics = of("panic: called `Result::unwrap()`");
    assert_eq!((panics.len(), panics[0]["occurrences"].as_u64()), (1, Some(8)), "{panics:?}");
    assert_eq!(of("opening the shop: reading the cart: No such file").len(), 2);
    assert_eq!(of("SELECT users: timeout")[0]["occurrences"], 2);
}

/// Write a package from the sources that lie under other names; its folder.
fn package(sandbox: &Sandbox, name: &str, source: &str) -> PathBuf {
    for (kept, there) in [(format!("{name}.toml"), "Cargo.toml"), (format!("{name}.rs"), source)] {
        let text = std::fs::read_to_string(format!("{PRODUCERS}/{kept}")).unwrap();
        sandbox.write(&format!("{name}/{there}"), text);
    }
    sandbox.path(name)
}

#[test]
fn what_they_write_today_becomes_the_same_items() {
    if std::env::var_os("FACTORY_SLOW").is_none() {
        eprintln!("SKIPPED: builds two packages with the crates they name; FACTORY_SLOW=1 does");
        return;
    }
    let sandbox = Sandbox::new();
    let rows = package(&sandbox, "rows", "src/lib.rs");
    let telemetry = package(&sandbox, "telemetry", "src/main.rs");
    sandbox.write(
        "rows/.config/nextest.toml",
        "[profile.ci]\nfail-fast = false\njunit = { path = \"junit.xml\" }\n",
    );
    let made = sandbox.path("made");
    std::fs::create_dir(&made).unwrap();
    let run = |folder: &Path, program: &str, args: &[&str], backtrace: &str| {
        let mut command = sandbox.command(program);
        let command = command.args(args).current_dir(folder).env("RUST_BACKTRACE", backtrace);
        let ran = finish(command.env("CARGO_NET_OFFLINE", "false").env("CARGO_TARGET_DIR", TARGET));
        format!("{}{}", ran.stdout, ran.stderr)
    };
    let keep = |name: &str, text: String| std::fs::write(made.join(name), text).unwrap();
    keep("cargo-test.txt", run(&rows, "cargo", &["test", "-q"], "1"));
    if has("cargo-nextest") {
        keep("nextest.txt", run(&rows, "cargo", &["nextest", "run", "--profile", "ci"], "1"));
        std::fs::copy(rows.join("target/nextest/ci/junit.xml"), made.join("junit.xml")).unwrap();
    }
    let built = run(&telemetry, "cargo", &["build"], "0");
    assert!(built.contains("Finished"), "{built}");
    let telemetry = |what: &str, backtrace: &str| {
        run(&sandbox.repo, &format!("{TARGET}/debug/telemetry"), &[what], backtrace)
    };
    for (what, name) in [
        ("tracing", "tracing.jsonl"),
        ("traces", "traces.json"),
        ("logs", "logs.json"),
        ("sentry", "sentry.jsonl"),
    ] {
        keep(name, telemetry(what, "0"));
    }
    let panics = ["0", "1", "full"].map(|full| telemetry("panic", full) + &telemetry("async", full));
    keep("panics.txt", panics.concat());
    keep("anyhow.txt", ["0", "1"].map(|full| format!("Error: {}", telemetry("anyhow", full))).concat());
    import_all(&sandbox, &made);
    let kept = Sandbox::new();
    import_all(&kept, &Path::new(PRODUCERS).join("made"));
    assert_eq!(titles(&sandbox), titles(&kept));
}
