//! `git feedback set`, and the order of `list` that follows from it.

use super::{add, items, token};
use crate::support::{FEEDBACK, Sandbox};

#[test]
fn a_hypothesis_lists_what_is_missing_and_is_weighed_when_it_is_said() {
    let sandbox = Sandbox::new();
    let id = add(&sandbox, &["uploads feel slow", "--kind", "friction"]);
    let told = sandbox.feedback(&["set", &id]).ok();
    let flags: Vec<&str> = told.stdout.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(flags, ["signal", "reach", "impact", "confidence", "effort"]);
    assert!(
        told.stderr.contains(&format!("next: git feedback set {id} --signal … --reach …")),
        "{}",
        told.stderr
    );
    let asked = sandbox.feedback(&["set", &id, "--format", "json"]).ok().json();
    assert_eq!(asked["missing"].as_array().unwrap().len(), 5);
    sandbox.feedback(&["show", &id]).ok().says("missing:").says("score:       6 = severity 6");
    let args = [
        "set",
        &id,
        "--signal",
        "latency p99 < 300",
        "--reach",
        "10",
        "--impact",
        "2",
        "--confidence",
        "80",
        "--effort",
        "4",
    ];
    sandbox.feedback(&args).ok().says("score 8.32 = severity 6 + worth 2.32");
    sandbox.feedback(&["set", &id]).ok().says("nothing is missing");
    let shown = sandbox.feedback(&["show", &id]).ok().says("RICE 4.0");
    assert!(!shown.stdout.contains("missing:"), "{}", shown.stdout);
    assert_eq!(items(&sandbox)[0]["score"]["worth"], 2.32);
}

#[test]
fn a_chore_is_weighed_by_its_pay_back() {
    let sandbox = Sandbox::new();
    let id = add(&sandbox, &["renaming by hand", "--kind", "toil"]);
    sandbox.feedback(&["set", &id]).ok().says("minutes  How many").says("per ");
    sandbox.feedback(&["set", &id, "--minutes", "30", "--per", "week", "--effort", "2"]).ok();
    sandbox.feedback(&["show", &id]).ok().says("26.0 hours a year, paid back in 4 weeks");
}

#[test]
fn values_that_mean_nothing_are_refused_with_what_was_wanted() {
    let sandbox = Sandbox::new();
    let id = add(&sandbox, &["x", "--kind", "toil"]);
    sandbox.feedback(&["set", &id, "--per", "sometimes"]).exits(2).says("3/week");
    sandbox.feedback(&["set", &id, "--confidence", "120"]).exits(2).says("at most 100");
    sandbox.feedback(&["set", &id, "--field", "fingerprint=x"]).exits(2).says("cannot be set");
    sandbox.feedback(&["set", &id, "--field", "Bad=x"]).exits(2).says("cannot be set");
    sandbox.feedback(&["set", &id, "--field", "novalue"]).exits(2).says("NAME=VALUE");
    sandbox.feedback(&["set", &id, "--severity", "awful"]).exits(2);
    let incident = add(&sandbox, &["y"]);
    sandbox.feedback(&["set", &incident]).exits(2).says("--severity fatal");
    assert_eq!(sandbox.note_lines("feedback").len(), 2, "nothing was written");
}

#[test]
fn any_field_may_be_set_and_is_redacted() {
    let sandbox = Sandbox::new();
    let id = add(&sandbox, &["x"]);
    let body = format!("it says {}", token());
    sandbox
        .feedback(&[
            "set",
            &id,
            "--title",
            "what it is",
            "--field",
            "owner=ada",
            "--field",
            "rows=12",
            "--body",
            &body,
        ])
        .ok()
        .says("replaced before writing");
    let fields = sandbox.feedback(&["show", &id, "--format", "json"]).ok().json()["fields"].clone();
    assert_eq!((fields["title"].as_str(), fields["owner"].as_str()), (Some("what it is"), Some("ada")));
    assert_eq!(fields["rows"], 12);
    assert!(!sandbox.note_lines("feedback").concat().contains(&token()));
}

#[test]
fn what_presses_most_comes_first() {
    let sandbox = Sandbox::new();
    let small = add(&sandbox, &["a small thing", "--severity", "warning"]);
    add(&sandbox, &["an error", "--severity", "error"]);
    sandbox.write("app.log", "WARN disk is nearly full\n".repeat(40));
    sandbox.feedback(&["import", "app.log"]).ok();
    let titles = |sandbox: &Sandbox| -> Vec<String> {
        items(sandbox).iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
    };
    let often = titles(&sandbox);
    assert!(often[0].contains("disk is nearly full") && often[2] == "a small thing", "{often:?}");
    sandbox.feedback(&["set", &small, "--severity", "fatal"]).ok();
    assert_eq!(titles(&sandbox)[0], "a small thing");
    let scores: Vec<f64> =
        items(&sandbox).iter().map(|item| item["score"]["total"].as_f64().unwrap()).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
}

#[test]
fn at_a_terminal_only_what_is_missing_is_asked() {
    use expectrl::Expect;
    let sandbox = Sandbox::new();
    let id = add(&sandbox, &["renaming by hand", "--kind", "toil"]);
    sandbox.feedback(&["set", &id, "--minutes", "30"]).ok();
    let mut command = sandbox.command(FEEDBACK);
    command.args(["set", &id]).stdin(std::process::Stdio::inherit());
    let mut session = expectrl::Session::spawn(command).unwrap();
    session.set_expect_timeout(Some(std::time::Duration::from_secs(20)));
    session.expect("How often?").unwrap();
    session.send_line("now and then").unwrap();
    session.expect("is no frequency").unwrap();
    session.expect("How often?").unwrap();
    session.send_line("3/week").unwrap();
    session.expect("score").unwrap();
    session.expect(expectrl::Eof).unwrap();
    sandbox.feedback(&["show", &id]).ok().says("78.0 hours a year");
}
