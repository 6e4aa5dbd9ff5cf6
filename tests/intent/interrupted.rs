//! Ctrl-C in commands that take long.

use super::check::check;
use super::list::SMALL;
use super::work;
use crate::support::{INTENT, Sandbox, wait_for};

#[test]
fn ctrl_c_in_a_proof_keeps_nothing_and_the_next_one_works() {
    let sandbox = Sandbox::unborn();
    let (begun, go) = (sandbox.home.join("begun"), sandbox.home.join("go"));
    let red =
        format!("touch {}; while [ ! -e {} ]; do sleep 0.05; done; exit 1\n", begun.display(), go.display());
    sandbox.write("work.sh", red);
    sandbox.commit("before");
    sandbox.git(&["switch", "-q", "-c", "work"]);
    sandbox.write("work.sh", "exit 0\n");
    sandbox.write("intents/x.toml", format!("{SMALL}{}", check("slow", "run = \"sh work.sh\"")));
    let base = sandbox.commit("after");
    let mut child = sandbox.command(INTENT).args(["check", "--prove"]).spawn().unwrap();
    wait_for("the check to run on the base", 30, || begun.exists().then_some(()));
    sandbox.run("kill", &["-INT", &child.id().to_string()]).ok();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(work::events(&sandbox, "prove").is_empty());
    assert_eq!(sandbox.git(&["rev-parse", "HEAD"]).trim(), base.trim());
    assert_eq!(sandbox.git(&["status", "--porcelain"]), "");
    std::fs::write(&go, "").unwrap();
    let proven = sandbox.intent(&["check", "--prove", "--format", "json"]).ok();
    assert_eq!(proven.json()["proofs"][0]["verdict"], "proven", "{}", proven.stdout);
    assert_eq!(work::events(&sandbox, "prove").len(), 1);
}
