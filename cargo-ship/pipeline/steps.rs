//! The graph of steps a release must pass: the default ones, and what `[[ship.step]]` makes of them.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Result, bail};
use factory::storage::process::{Outcome, on_path};
use factory::types::config;
use factory::types::hint::Hinted;

use super::plan::Plan;

/// How long a step may take where nobody says.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30 * 60);

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// Command lines, run one after the other in the checkout.
    Commands(Vec<String>),
    /// The acceptance checks of every intent of the commit.
    Acceptance,
    /// The rules among the lessons of the commit.
    Lessons,
    /// No certain secret in the files of the commit, but for those these patterns name.
    SecretScan(Vec<String>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub name: String,
    pub work: Work,
    pub needs: Vec<String>,
    pub timeout: Duration,
}

impl Step {
    fn new(name: &str, work: Work, needs: &[&str]) -> Self {
        let needs = needs.iter().map(|&need| need.to_owned()).collect();
        Self { name: name.to_owned(), work, needs, timeout: DEFAULT_TIMEOUT }
    }

    /// Whether it reads sources alone, and waits for no other step.
    pub fn needs_no_build(&self) -> bool {
        let reads = match &self.work {
            Work::SecretScan(_) | Work::Lessons => true,
            Work::Commands(lines) => lines.iter().all(|line| line.starts_with("cargo fmt ")),
            Work::Acceptance => false,
        };
        reads && self.needs.is_empty()
    }

    /// What the step is, in bytes that change when it does.
    pub fn definition(&self) -> String {
        format!("{:?} {:?} {:?}", self.name, self.work, self.timeout)
    }
}

/// The steps of a plan in an order in which each comes after what it needs.
///
/// # Errors
/// A step without a command, one that needs an unknown step, a circle.
pub fn steps(plan: &Plan, configured: &[config::Step]) -> Result<Vec<Step>> {
    let mut steps = defaults(plan);
    for wanted in configured {
        let place = steps.iter().position(|step| step.name == wanted.name);
        if wanted.remove {
            let Some(place) = place else { bail!(unknown(&wanted.name, &steps)) };
            steps.remove(place);
            for step in &mut steps {
                step.needs.retain(|need| *need != wanted.name);
            }
            continue;
        }
        if !wanted.except.is_empty()
            && let Some(place) = place
        {
            steps[place].work = Work::SecretScan(wanted.except.clone());
            continue;
        }
        let Some(command) = &wanted.run else {
            bail!(
                Hinted::usage(format!("step {:?} has no `run`", wanted.name))
                    .hint("give it run = \"…\", or remove = true to drop a default step")
            );
        };
        let step = Step {
            name: wanted.name.clone(),
            work: Work::Commands(vec![command.clone()]),
            needs: wanted.needs.clone(),
            timeout: wanted.timeout.unwrap_or(DEFAULT_TIMEOUT),
        };
        match place {
            Some(place) => steps[place] = step,
            None => steps.push(step),
        }
    }
    in_order(steps)
}

fn defaults(plan: &Plan) -> Vec<Step> {
    let locked = if plan.unlocked { "" } else { " --locked" };
    let commands = |lines: &[String]| Work::Commands(lines.to_vec());
    let tests = if on_path("cargo-nextest").is_some() {
        let mut lines = vec![format!("cargo nextest run --no-tests=pass{locked}")];
        if plan.library {
            // nextest leaves documentation tests to cargo.
            lines.push(format!("cargo test --doc{locked}"));
        }
        lines
    } else {
        vec![format!("cargo test{locked}")]
    };
    vec![
        Step::new("secrets", Work::SecretScan(Vec::new()), &[]),
        Step::new("lessons", Work::Lessons, &[]),
        Step::new("fmt", commands(&["cargo fmt --all --check".into()]), &[]),
        Step::new("clippy", commands(&[format!("cargo clippy --all-targets{locked}")]), &[]),
        Step::new("test", commands(&tests), &[]),
        Step::new("doc", commands(&[format!("cargo doc --no-deps{locked}")]), &[]),
        Step::new("acceptance", Work::Acceptance, &[]),
    ]
}

fn unknown(name: &str, steps: &[Step]) -> Hinted {
    let known: Vec<&str> = steps.iter().map(|step| step.name.as_str()).collect();
    Hinted::usage(format!("there is no step {name:?}")).hint(format!("the steps are: {}", known.join(", ")))
}

/// Stable topological order (Kahn): a step goes as early as its place in the list and its needs allow.
fn in_order(mut waiting: Vec<Step>) -> Result<Vec<Step>> {
    let names: BTreeMap<String, ()> = waiting.iter().map(|step| (step.name.clone(), ())).collect();
    for step in &waiting {
        if let Some(missing) = step.needs.iter().find(|need| !names.contains_key(*need)) {
            bail!(unknown(missing, &waiting).hint(format!("step {:?} needs it", step.name)));
        }
    }
    let mut ordered: Vec<Step> = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let ready = |step: &Step| step.needs.iter().all(|need| ordered.iter().any(|done| done.name == *need));
        let Some(next) = waiting.iter().position(ready) else {
            let circle: Vec<&str> = waiting.iter().map(|step| step.name.as_str()).collect();
            bail!(
                Hinted::usage(format!("steps need each other in a circle: {}", circle.join(", ")))
                    .hint("[[ship.step]] needs in factory.toml")
            );
        };
        ordered.push(waiting.remove(next));
    }
    Ok(ordered)
}

/// The end of what a failed program said: standard error, or standard output where that is empty.
pub fn failure_tail(outcome: &Outcome) -> String {
    let both =
        [&outcome.stdout, &outcome.stderr].map(|bytes| String::from_utf8_lossy(bytes).trim_end().to_owned());
    let text = both.iter().filter(|text| !text.is_empty()).cloned().collect::<Vec<_>>().join("\n");
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, needs: &[&str]) -> Step {
        Step::new(name, Work::Acceptance, needs)
    }

    fn names(steps: &[Step]) -> Vec<&str> {
        steps.iter().map(|step| step.name.as_str()).collect()
    }

    #[test]
    fn a_step_comes_after_what_it_needs_and_otherwise_in_its_place() {
        let ordered = in_order(vec![named("a", &["c"]), named("b", &[]), named("c", &[])]).unwrap();
        assert_eq!(names(&ordered), ["b", "c", "a"]);
    }

    #[test]
    fn a_circle_and_an_unknown_need_are_named() {
        let circle = in_order(vec![named("a", &["b"]), named("b", &["a"])]).unwrap_err();
        assert!(circle.to_string().contains("circle: a, b"), "{circle}");
        let missing = in_order(vec![named("a", &["zz"])]).unwrap_err();
        assert!(missing.to_string().contains("zz"), "{missing}");
    }
}
