//! `cargo intent check` in a cargo project: bound tests, binaries, and what does not build.

use super::check::{check, has_line};
use super::list::SMALL;
use crate::support::{INTENT, Sandbox, finish};

/// A cargo project without dependencies: a binary, unit tests, two test programs, a harness of its own.
fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(
        "Cargo.toml",
        "[package]\nname = \"tool\"\nversion = \"0.3.1\"\nedition = \"2021\"\n[[test]]\nname = \"odd\"\nharness = false\n",
    );
    sandbox.write(
        "src/lib.rs",
        "#[cfg(test)]\nmod tests {\n #[test] fn unit() { assert!(std::env::args().count() > 0); }\n}\n",
    );
    sandbox.write("src/main.rs", "fn main() { println!(\"tool {}\", env!(\"CARGO_PKG_VERSION\")); }\n");
    sandbox.write("tests/odd.rs", "fn main() { println!(\"my own harness\"); }\n");
    sandbox.write(
        "tests/suite.rs",
        "mod accept {\n\
         #[test] fn good() { assert_eq!(std::env::var(\"CARGO_PKG_VERSION\").unwrap(), \"0.3.1\"); }\n\
         #[test] fn bad() { assert_eq!(1 + 1, 3, \"sums\"); }\n\
         #[test] #[ignore] fn left_out() { assert!(std::env::args().count() > 0); }\n\
         #[test] fn leaves() { std::process::exit(0); }\n\
         #[test] fn where_am_i() { assert!(std::path::Path::new(\"Cargo.toml\").exists()); }\n\
         #[test] fn twice() { assert!(std::env::args().count() > 0); }\n}\n",
    );
    sandbox.write(
        "tests/other.rs",
        "mod accept { #[test] fn twice() { assert!(std::env::args().count() > 0); } }\n",
    );
    sandbox
}

#[test]
fn tests_are_found_by_name_and_must_really_have_run() {
    let sandbox = project();
    let names = [
        "accept::good",
        "accept::bad",
        "accept::left_out",
        "accept::leaves",
        "accept::where_am_i",
        "accept::twice",
        "accept::gud",
        "tests::unit",
        "other::accept::twice",
    ];
    let checks: String =
        names.iter().map(|name| check(&name.replace("::", "."), &format!("test = \"{name}\""))).collect();
    let run = check("run", "run = \"tool\"\nstdout = \"tool 0.3.1\"");
    sandbox.write("intents/x.toml", format!("{SMALL}{checks}{run}"));
    let mut command = sandbox.command(INTENT);
    let ran = finish(command.arg("check").current_dir(sandbox.path("src"))).exits(1);
    has_line(&ran, "pass        x/accept.good");
    has_line(&ran, "fail        x/accept.bad");
    assert!(ran.stdout.contains("sums (tests/suite.rs:3:"), "{}", ran.stdout);
    has_line(&ran, "unverified  x/accept.left_out");
    has_line(&ran, "unverified  x/accept.leaves");
    has_line(&ran, "pass        x/accept.where_am_i");
    has_line(&ran, "unverified  x/accept.twice");
    assert!(ran.stdout.contains("say which: other::accept::twice, suite::accept::twice"), "{}", ran.stdout);
    has_line(&ran, "unverified  x/accept.gud");
    assert!(ran.stdout.contains("did you mean accept::good?"), "{}", ran.stdout);
    assert!(ran.stdout.contains("`odd` has a harness of its own"), "{}", ran.stdout);
    has_line(&ran, "pass        x/tests.unit");
    has_line(&ran, "pass        x/other.accept.twice");
    has_line(&ran, "pass        x/run");
}

#[test]
fn what_does_not_build_fails_with_the_compilers_words() {
    let sandbox = project();
    sandbox.write("src/main.rs", "fn main() { let x: u8 = \"no\"; }\n");
    sandbox.write(
        "intents/x.toml",
        format!("{SMALL}{}{}", check("own", "run = \"tool\""), check("foreign", "run = \"git --version\"")),
    );
    let ran = sandbox.intent(&["check"]).exits(1);
    has_line(&ran, "fail        x/own");
    assert!(ran.stdout.contains("tool does not build: error[E0308]: mismatched types"), "{}", ran.stdout);
    assert!(ran.stdout.contains("src/main.rs:1:"), "{}", ran.stdout);
    has_line(&ran, "pass        x/foreign");
    sandbox.write("Cargo.toml", "[package\n");
    sandbox.intent(&["check"]).exits(2).says("cargo cannot read the project");
}
