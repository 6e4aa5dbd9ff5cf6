//! A signal of the user's own: a command prints a number, which may not pass a bound.
//!
//! The number is no sample and feeds no statistic. It rolls the canary back where it is too high every time
//! it is asked for again, as a probe does; a command that fails, hangs or prints no number says nothing, and
//! a canary about which nothing is said is not trusted more.

use std::time::Duration;

use factory::storage::boundary::Boundary;
use factory::storage::process::{Program, Runner};

use super::{Ask, PAUSE, REPETITIONS, Round, Seen, Verdict};
use crate::edge::plan::{CommandLine, SignalCommand};
use crate::edge::supervisor::slot::INHERITED;

pub fn judge(round: &Round, signal: &SignalCommand) -> Verdict {
    let mut failure = None;
    for repetition in 0..=REPETITIONS {
        if repetition > 0 {
            std::thread::sleep(PAUSE);
        }
        let value = match read(round, signal) {
            Ok(value) => value,
            Err(reason) => return Verdict::NoData(format!("no data: {reason}")),
        };
        match (&failure, value <= signal.max) {
            (None, true) => return Verdict::Right,
            (Some(failure), true) => return Verdict::Unsteady(Clone::clone(failure)),
            (Some(_), false) => {}
            (None, false) => {
                let reason = format!("{} is {value}, above {}", signal.name, signal.max);
                let ask = Ask::Signal(signal.clone());
                failure = Some(round.failure(&ask, &Seen::bare(Ok(())), reason, None));
            }
        }
    }
    // Set in the first repetition, or it would have returned.
    failure.map_or(Verdict::Right, Verdict::Wrong)
}

fn read(round: &Round, signal: &SignalCommand) -> Result<f64, String> {
    let program = program(&signal.command)?
        .env("FACTORY_RELEASE", &round.release)
        .env("CANARY_URL", format!("http://127.0.0.1:{}", round.canary))
        .env("STABLE_URL", round.stable.map_or(String::new(), |port| format!("http://127.0.0.1:{port}")))
        .timeout(Duration::from_millis(signal.timeout_ms));
    let outcome = Runner::new(Boundary::None).run(&program).map_err(|error| format!("{error:#}"))?;
    if !outcome.success() {
        return Err(format!("`{}` {}", signal.command.line, outcome.words()));
    }
    let text = String::from_utf8_lossy(&outcome.stdout).trim().to_owned();
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| {
        format!(
            "`{}` printed {:?}, no number",
            signal.command.line,
            text.chars().take(60).collect::<String>()
        )
    })
}

/// A program with the variables a slot gets, so that it does not matter who started the edge.
pub fn program(command: &CommandLine) -> Result<Program, String> {
    let program = Program::from_line(&command.line).map_err(|error| format!("{error:#}"))?;
    let program = program.dir(&command.dir).only_env();
    let set = INHERITED.iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
    Ok(set.fold(program, |program, (name, value)| program.env(name, value)))
}
