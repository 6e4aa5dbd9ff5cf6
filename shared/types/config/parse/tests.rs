//! Tests of the configuration's parser.

use std::time::Duration;

use super::*;

const FULL: &str = r##"
[agent]
default = "codex"
[agent.mine]
command = "my-agent --task {brief}"
hosts = ["api.example.com"]
env = ["MY_AGENT_KEY"]

[approval]
terminal = false
require-signed = true

[ship]
kind = "service"
package = "orders-api"
build = "cargo build --release --locked"
run = ["serve"]
health = "/health"
keep = 3
[[ship.step]]
name = "audit"
run = "cargo deny check"
needs = ["test"]
timeout = "10m"
[[ship.step]]
name = "clippy"
remove = true

[canary]
steps = [5, 100]
sticky = true
alpha = 0.05
max-error-rate = 0.02
latency-ratio = 2
min-time = "30s"
max-time = "2h"
promote = "hold"
on-inconclusive = "rollback"

[environment.local]
port = 8080
[environment.production]
target = "command"
deploy = { stage = "a", start = "b", observe = "c", route = "d", stop = "e" }
config = { RUST_LOG = "info" }
secrets = ["DATABASE_URL"]
gates = ["promote"]
notify = "n"
[environment.production.migrate]
up = "u"
down = "d"
status = "s"
backup = "b"
kind = "expand"

[secret.DATABASE_URL]
from = "command:pass show orders/db"
to = "env"

[signal.queue-depth]
run = "queue-depth"

[feedback]
redact = ["ACME-[0-9]{6}"]
"##;

fn good(text: &str) -> Config {
    let mut config = Config::default();
    lay_over(&mut config, "factory.toml", text.as_bytes()).unwrap_or_else(|p| panic!("{p:#?}"));
    config
}

#[track_caller]
fn says(text: &str, wanted: &str) {
    let mut config = Config::default();
    let problems = lay_over(&mut config, "f", text.as_bytes()).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:#?}");
    let shown = problems[0].to_string();
    assert!(shown.contains(wanted), "{wanted:?} is not in {shown:?}");
    assert_eq!(config, Config::default(), "a broken file changes nothing");
}

#[test]
fn every_key_is_read() {
    let config = good(FULL);
    assert_eq!(config.agent.named["mine"].hosts, ["api.example.com"]);
    assert!(!config.approval.terminal && config.approval.require_signed);
    assert_eq!((config.ship.kind, config.ship.keep), (Some(Kind::Service), 3));
    assert_eq!(config.ship.steps[0].timeout, Some(Duration::from_secs(600)));
    assert!(config.ship.steps[1].remove);
    assert_eq!((config.canary.steps.as_slice(), config.canary.latency_ratio), ([5u8, 100].as_slice(), 2.0));
    assert!(!config.canary.promote_auto && config.canary.rollback_on_inconclusive && config.canary.sticky);
    assert_eq!(config.canary.max_time, Duration::from_secs(7200));
    assert_eq!(config.environments["local"].port, Some(8080));
    assert_eq!(config.environments["local"].target, "local");
    assert_eq!(config.environments["production"].deploy.len(), 5);
    assert_eq!(config.environments["production"].migrate.as_ref().unwrap().up, "u");
    assert_eq!(config.secrets["DATABASE_URL"].to.as_deref(), Some("env"));
    assert_eq!(config.signals["queue-depth"], "queue-depth");
    assert_eq!(config.feedback.redact, ["ACME-[0-9]{6}"]);
}

#[test]
fn an_empty_file_leaves_the_defaults() {
    assert_eq!(good(""), Config::default());
}

#[test]
fn the_repository_wins_key_by_key() {
    let mut config = good(
        "[agent]\ndefault = \"a\"\n[agent.x]\ncommand = \"one\"\nenv = [\"K\"]\n[canary]\nsticky = true\n",
    );
    lay_over(&mut config, "f", b"[agent.x]\ncommand = \"two\"\n[canary]\nalpha = 0.1\n").unwrap();
    assert_eq!(config.agent.default.as_deref(), Some("a"));
    assert_eq!((config.agent.named["x"].command.as_str(), config.agent.named["x"].env.len()), ("two", 1));
    assert!(config.canary.sticky);
    assert_eq!(config.canary.alpha, 0.1);
}

#[test]
fn mistakes_are_named_with_their_place() {
    says("[canary]\nstep = [5]\n", "f:2:1: unknown key `step` in [canary] (did you mean `steps`?)");
    says(
        "[canary]\nsteps = [5, 101]\n",
        "f:2:13: `steps` in [canary] is a list of whole numbers from 1 to 100",
    );
    says("[canary]\nsteps = [25, 5]\n", "must rise");
    says("[canary]\nmin-time = \"1\"\n", "a number and a unit");
    says("[canary]\nmin-time = \"48h\"\n", "longer than `max-time`");
    says("[ship]\nkind = \"servce\"\n", "did you mean \"service\"?");
    says("[ship]\nhealth = \"health\"\n", "must begin with /");
    says("[[ship.step]]\nrun = \"x\"\n", "has no `name`");
    says("[[ship.step]]\nname = \"x\"\n", "f:1:1: [[step]] x has no `run`");
    says("[agent.x]\nhosts = []\n", "[agent.x] has no `command`");
    says(
        "[environment.local]\nprot = 1\n",
        "unknown key `prot` in [environment.local] (did you mean `port`?)",
    );
    says("[environment.local]\nport = 70000\n", "from 1 to 65535");
    says("[environment.p.deploy]\nstrt = \"x\"\n", "did you mean `start`?");
    says("[secret.X]\nfrom = \"vault\"\n", "must say where it comes from");
    says("[feedback]\nredact = [\"(\"]\n", "is no regular expression");
    says("[nothing]\n", "unknown key `nothing` in the configuration");
    says("x = \n", "malformed TOML");
}
