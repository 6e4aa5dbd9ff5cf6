//! One `[environment.NAME]` of the configuration.

use super::{command, set, set_some};
use crate::types::config::{Environment, Migrate};
use crate::types::toml::Section;

const TARGETS: [(&str, &str); 3] = [("local", "local"), ("command", "command"), ("registry", "registry")];

/// The verbs a `command` target has scripts for.
const VERBS: [&str; 5] = ["stage", "start", "observe", "route", "stop"];

pub fn environment(section: &Section, environment: &mut Environment) {
    set(&mut environment.target, section.word("target", &TARGETS).map(str::to_owned));
    if environment.target.is_empty() {
        environment.target = "local".to_owned();
    }
    set_some(
        &mut environment.port,
        section.whole("port", 1, 65_535).and_then(|port| u16::try_from(port).ok()),
    );
    if let Some(deploy) = section.table("deploy") {
        for verb in VERBS {
            environment.deploy.extend(command(&deploy, verb).map(|script| (verb.to_owned(), script)));
        }
        deploy.finish();
    }
    environment.config.extend(section.strings("config"));
    set(&mut environment.secrets, section.texts("secrets"));
    set(&mut environment.gates, section.texts("gates"));
    set_some(&mut environment.notify, command(section, "notify"));
    if let Some(table) = section.table("migrate") {
        environment.migrate = Some(migrate(&table, environment.migrate.take().unwrap_or_default()));
    }
    section.finish();
}

fn migrate(section: &Section, mut migrate: Migrate) -> Migrate {
    set(&mut migrate.up, command(section, "up"));
    set_some(&mut migrate.down, command(section, "down"));
    set_some(&mut migrate.status, command(section, "status"));
    set_some(&mut migrate.backup, command(section, "backup"));
    let kinds = [("expand", "expand"), ("contract", "contract")];
    set_some(&mut migrate.kind, section.word("kind", &kinds).map(str::to_owned));
    if migrate.up.is_empty() && !section.has("up") {
        section.required("up", "\"the command that migrates\"");
    }
    section.finish();
    migrate
}
