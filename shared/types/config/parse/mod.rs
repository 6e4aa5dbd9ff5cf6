//! The one parser of `factory.toml` and the person's own defaults; one is laid over the other.

mod environment;
#[cfg(test)]
mod tests;

use super::{Config, Kind, Secret, Step};
use crate::types::problem::Problem;
use crate::types::toml::{Section, Source, decode, tables};

/// Lay what the file says over `config`: a key the file does not have stays as it was.
///
/// Tables under free names (an agent, an environment, a secret, a signal) are laid key by key;
/// lists are replaced as a whole.
pub fn lay_over(config: &mut Config, file: &str, text: &[u8]) -> Result<(), Vec<Problem>> {
    let text = decode(file, text).map_err(|problems| problems.0)?;
    let tables = tables(file, text).map_err(|problems| problems.0)?;
    let source = Source::new(file, text);
    let root = Section::new(&source, &tables, "the configuration", 0..0);
    let mut laid = config.clone();
    read(&root, &mut laid);
    root.finish();
    match source.into_problems() {
        problems if problems.is_empty() => {
            *config = laid;
            Ok(())
        }
        problems => Err(problems),
    }
}

fn read(root: &Section, config: &mut Config) {
    if let Some(section) = root.table("agent") {
        agents(&section, config);
    }
    if let Some(section) = root.table("approval") {
        set(&mut config.approval.terminal, section.flag("terminal"));
        set(&mut config.approval.require_signed, section.flag("require-signed"));
        section.finish();
    }
    if let Some(section) = root.table("ship") {
        ship(&section, config);
    }
    if let Some(section) = root.table("canary") {
        canary(&section, config);
    }
    if let Some(sections) = root.table("environment") {
        for (name, section) in sections.named_tables(&[]) {
            environment::environment(&section, config.environments.entry(name).or_default());
        }
    }
    if let Some(sections) = root.table("secret") {
        for (name, section) in sections.named_tables(&[]) {
            secret(&section, config.secrets.entry(name).or_default());
        }
    }
    if let Some(sections) = root.table("signal") {
        for (name, section) in sections.named_tables(&[]) {
            let run = command(&section, "run");
            config.signals.extend(run.map(|run| (name, run)));
            section.finish();
        }
    }
    if let Some(section) = root.table("feedback") {
        set(&mut config.feedback.redact, section.texts("redact"));
        check_patterns(&section, &config.feedback.redact);
        section.finish();
    }
    if let Some(section) = root.table("capture") {
        let transcriber = command(&section, "transcriber");
        if transcriber.as_ref().is_some_and(|line| !line.contains("{input}")) {
            let hint = Some("transcriber = \"my-transcriber {input}\"".to_owned());
            section.wrong_value("transcriber", "`transcriber` does not say where {input} goes", hint);
        }
        set_some(&mut config.capture.transcriber, transcriber);
        section.finish();
    }
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

fn set_some<T>(place: &mut Option<T>, value: Option<T>) {
    if value.is_some() {
        *place = value;
    }
}

fn agents(section: &Section, config: &mut Config) {
    set_some(&mut config.agent.default, section.text("default"));
    for (name, agent) in section.named_tables(&["default"]) {
        let place = config.agent.named.entry(name).or_default();
        set(&mut place.command, command(&agent, "command"));
        set(&mut place.hosts, agent.texts("hosts"));
        set(&mut place.env, agent.texts("env"));
        if place.command.is_empty() && !agent.has("command") {
            let problem =
                agent.source.problem(agent.span.clone(), format!("{} has no `command`", agent.name));
            agent.source.report(problem.hint("add: command = \"my-agent --task {brief}\""));
        }
        agent.finish();
    }
}

fn ship(section: &Section, config: &mut Config) {
    let ship = &mut config.ship;
    set_some(&mut ship.kind, section.word("kind", &Kind::ALL.map(|kind| (kind.word(), kind))));
    set_some(&mut ship.package, section.text("package"));
    set_some(&mut ship.build, command(section, "build"));
    set_some(&mut ship.run, section.texts("run"));
    set_some(&mut ship.health, request_path(section, "health"));
    set(&mut ship.keep, section.whole("keep", 1, 10_000).and_then(|keep| usize::try_from(keep).ok()));
    if section.has("step") {
        ship.steps = section.tables("step").iter().map(step).collect();
    }
    section.know(&["step"]);
    section.finish();
}

fn step(section: &Section) -> Step {
    let step = Step {
        name: section.required("name", "\"audit\""),
        run: command(section, "run"),
        needs: section.texts("needs").unwrap_or_default(),
        timeout: section.duration("timeout"),
        except: section.texts("except").unwrap_or_default(),
        remove: section.flag("remove").unwrap_or(false),
    };
    check_except(section, &step);
    if step.remove && step.run.is_some() {
        section.wrong_value("remove", "a step is either run or removed", None);
    } else if !step.remove && !section.has("run") && !section.has("except") {
        let problem = section.source.problem(section.span.clone(), format!("{} has no `run`", section.name));
        section.source.report(problem.hint("add: run = \"cargo deny check\", or remove = true"));
    }
    section.finish();
    step
}

/// Only the scan for secrets knows files to leave out.
fn check_except(section: &Section, step: &Step) {
    if section.has("except") && (step.name != "secrets" || step.run.is_some() || step.remove) {
        let hint = Some("name = \"secrets\", except = [\"tests/data/**\"]".to_owned());
        section.wrong_value("except", "`except` is for the step `secrets`, and stands alone", hint);
    }
    for pattern in &step.except {
        if let Err(error) = globset::Glob::new(pattern) {
            section.wrong_value("except", format!("{pattern:?} is no pattern: {}", error.kind()), None);
        }
    }
}

fn canary(section: &Section, config: &mut Config) {
    let canary = &mut config.canary;
    if let Some(steps) = section.wholes("steps", 1, 100) {
        if !steps.is_sorted_by(|a, b| a < b) {
            section.wrong_value("steps", "`steps` in [canary] must rise", Some("as in [5, 25, 50]".into()));
        }
        canary.steps = steps.into_iter().filter_map(|percent| u8::try_from(percent).ok()).collect();
    }
    set(&mut canary.sticky, section.flag("sticky"));
    set(&mut canary.alpha, section.number("alpha", 1e-9, 0.5));
    set(&mut canary.max_error_rate, section.number("max-error-rate", 0.0, 1.0));
    set(&mut canary.latency_ratio, section.number("latency-ratio", 1.0, 9.9));
    set(&mut canary.min_time, section.duration("min-time"));
    set(&mut canary.max_time, section.duration("max-time"));
    set(&mut canary.promote_auto, section.word("promote", &[("auto", true), ("hold", false)]));
    let inconclusive = [("hold", false), ("rollback", true)];
    set(&mut canary.rollback_on_inconclusive, section.word("on-inconclusive", &inconclusive));
    if canary.min_time > canary.max_time {
        let key = if section.has("max-time") { "max-time" } else { "min-time" };
        section.wrong_value(key, "`min-time` in [canary] is longer than `max-time`", None);
    }
    section.finish();
}

fn secret(section: &Section, secret: &mut Secret) {
    set(&mut secret.from, section.text("from"));
    let known = ["env:", "file:", "command:"].iter().any(|kind| secret.from.starts_with(kind));
    if !known {
        let message = format!("{} must say where it comes from", section.name);
        let hint = "from = \"env:NAME\", \"file:PATH\" or \"command:…\"";
        section.wrong_value("from", message, Some(hint.to_owned()));
    }
    set_some(&mut secret.to, section.word("to", &[("env", "env"), ("file", "file")]).map(str::to_owned));
    section.finish();
}

/// A command line that splits into words.
fn command(section: &Section, key: &'static str) -> Option<String> {
    let command = section.text(key)?;
    if shlex::split(&command).is_none_or(|words| words.is_empty()) {
        let what =
            if command.trim().is_empty() { "is empty" } else { "does not split into words: a quote is open" };
        section.wrong_value(key, format!("`{key}` in {} {what}", section.name), None);
    }
    Some(command)
}

fn request_path(section: &Section, key: &'static str) -> Option<String> {
    let path = section.text(key)?;
    if !path.starts_with('/') || !path.chars().all(|c| c.is_ascii_graphic()) {
        section.wrong_value(key, format!("`{key}` in {} must begin with /", section.name), None);
    }
    Some(path)
}

fn check_patterns(section: &Section, patterns: &[String]) {
    for pattern in patterns {
        if let Err(error) = regex::Regex::new(pattern) {
            let why = error.to_string();
            let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ");
            section.wrong_value("redact", format!("{pattern:?} is no regular expression: {why}"), None);
        }
    }
}
