//! Projects as they lie in the wild: below the root, with odd names, building into odd places.

use super::project;
use crate::support::{SHIP, Sandbox, finish};

/// A command in `folder` that prints its name, with no slow steps.
fn add(sandbox: &Sandbox, folder: &str, name: &str) {
    let file = |path: &str| format!("{folder}/{path}");
    let manifest = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n");
    sandbox.write(&file("Cargo.toml"), manifest);
    let lock = format!("version = 4\n\n[[package]]\nname = \"{name}\"\nversion = \"0.1.0\"\n");
    sandbox.write(&file("Cargo.lock"), lock);
    sandbox.write(&file("src/main.rs"), format!("fn main() {{\n    println!(\"{name}\");\n}}\n"));
}

fn says(sandbox: &Sandbox) -> String {
    let status = sandbox.ship(&["status", "--format", "json"]).json();
    let place = status["place"].as_str().unwrap().to_owned();
    sandbox.run::<&str>(&place, &[]).ok().stdout
}

#[test]
fn a_project_below_the_root_ships_from_wherever_one_stands() {
    let sandbox = Sandbox::unborn();
    add(&sandbox, "services/api", "api");
    sandbox.write("factory.toml", project::QUICK);
    sandbox.commit("begin");
    let folder = sandbox.path("services/api/src");
    let ran = finish(sandbox.command(SHIP).current_dir(folder));
    assert!(!ran.ok().says("promoted").stderr.contains("no Cargo.lock"));
    assert_eq!(says(&sandbox), "api\n");
}

#[test]
fn of_several_projects_the_configuration_says_which() {
    let sandbox = Sandbox::unborn();
    add(&sandbox, "one", "first");
    add(&sandbox, "two", "second");
    sandbox.write("factory.toml", project::QUICK);
    sandbox.commit("begin");
    sandbox.ship(&[]).exits(2).says("one, two").says("[ship] package = \"first\"");
    sandbox.write("factory.toml", format!("[ship]\npackage = \"second\"\n\n{}", project::QUICK));
    sandbox.commit("choose");
    sandbox.ship(&[]).ok();
    assert_eq!(says(&sandbox), "second\n");
    sandbox.write("factory.toml", "[ship]\npackage = \"third\"\n");
    sandbox.commit("mistake");
    sandbox.ship(&[]).exits(2).says("no package \"third\"");
}

#[test]
fn what_cargo_built_is_found_wherever_its_configuration_puts_it() {
    let sandbox = project::command("one");
    let profile = "[profile.slim]\ninherits = \"release\"\n";
    sandbox.write("Cargo.toml", format!("{}\n{profile}", sandbox.read("Cargo.toml")));
    let config = sandbox.read("factory.toml");
    sandbox.write("factory.toml", format!("[ship]\nbuild = \"cargo build --profile slim\"\n\n{config}"));
    sandbox.commit("profile");
    sandbox.ship(&[]).ok().says("promoted");
    assert_eq!(says(&sandbox), "one \n");
}

#[test]
fn a_binary_behind_a_feature_that_is_off_is_not_waited_for() {
    let sandbox = project::command("one");
    let extra = "[features]\nextra = []\n\n[[bin]]\nname = \"extra\"\npath = \"src/extra.rs\"\n\
                 required-features = [\"extra\"]\n";
    sandbox.write("Cargo.toml", format!("{}\n{extra}", sandbox.read("Cargo.toml")));
    sandbox.write("src/extra.rs", "fn main() {}\n");
    sandbox.commit("extra");
    sandbox.ship(&[]).ok().says("promoted");
    let shown = sandbox.ship(&["show", "--format", "json"]).ok().json();
    assert_eq!(shown["events"][0]["binaries"], serde_json::json!(["app"]));
}

#[test]
fn a_folder_with_spaces_and_flags_of_ones_own_do_not_get_in_each_others_way() {
    let mut here = Sandbox::bare();
    here.repo = here.path("Räume und Wege");
    std::fs::create_dir(&here.repo).unwrap();
    here.git(&["init", "-q", "-b", "main"]);
    add(&here, ".", "app");
    here.write("factory.toml", project::QUICK);
    here.commit("begin");
    let mut ship = here.command(SHIP);
    ship.env("RUSTFLAGS", "-C debuginfo=0  -C overflow-checks=on").env("CARGO_TARGET_DIR", "/nonexistent/x");
    ship.env("XDG_STATE_HOME", here.home.join("state with a space"));
    finish(&mut ship).ok().says("promoted");
}
