//! What an automatic rollback files: requests, answers, logs and counts, without the secrets in them.

use super::project::{self, Running};
use crate::feedback::redacted::everything;
use crate::feedback::routes::{leaks, own, planted};
use crate::support::{SHIP, finish};

#[test]
fn an_item_filed_by_a_rollback_holds_no_form_of_secret() {
    let sandbox = project::service("one", false);
    let _running = Running(&sandbox);
    let rows = vec![planted(0)];
    own(&sandbox, &rows, &sandbox.read("factory.toml"));
    sandbox.commit("name the values");
    let ship = |args: &[&str]| finish(sandbox.command(SHIP).args(args).env("PLANTED_0", &rows[0][6].secret));
    ship(&[]).ok();
    // What it says stands outside the repository, and so in no source of it.
    let said = sandbox.home.join("said.txt");
    std::fs::write(&said, rows[0].iter().map(|row| format!("error: {}\n", row.text)).collect::<String>())
        .unwrap();
    project::edit_service(&sandbox, "two", true);
    let says = format!(
        "let body = std::fs::read_to_string({said:?}).unwrap();\n    eprintln!(\"{{body}}\");\n    let body = body.as_str();"
    );
    sandbox.write("src/main.rs", sandbox.read("src/main.rs").replace("let body = \"two\\n\";", &says));
    sandbox.commit("two");
    ship(&["--canary"]).exits(1).says("was rolled back");
    let all = everything(&sandbox);
    let left = leaks("a rollback", &rows[0], &String::from_utf8_lossy(&all));
    assert!(left.is_empty(), "{}", left.join("\n"));
    let listed = sandbox.feedback(&["list", "--format", "json"]).ok().json();
    let item = listed["items"][0]["id"].as_str().unwrap();
    sandbox.feedback(&["show", item, "--evidence", "canary.log"]).ok().says("<redacted:");
}
