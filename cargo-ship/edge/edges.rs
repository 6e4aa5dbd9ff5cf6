//! `cargo-ship edges`, which the user unit runs: edges that ended without being told to are started again.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use factory::storage::places;
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use rustix::process::{WaitOptions, wait};

use super::client;
use super::place::Place;
use super::supervisor;

/// How often is looked.
const EVERY: Duration = Duration::from_secs(5);
/// The longest pause after an edge could not be started.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// Start each edge again that was killed, or that the machine's restart has ended (run by the user unit)
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Look once, and do not go on looking
    #[arg(long)]
    once: bool,
}

/// An edge that could not be started: how often in a row, and when it is tried again.
struct Refused {
    times: u32,
    until: Instant,
}

/// # Errors
/// With `--once`: that one of the edges could not be started; the others were.
pub fn run(args: &Args, output: &Output) -> Result<Exit> {
    let mut refused: HashMap<PathBuf, Refused> = HashMap::new();
    loop {
        let failed = look(&mut refused, output)?;
        if args.once {
            return Ok(if failed { Exit::Outside } else { Exit::Holds });
        }
        std::thread::sleep(EVERY);
        // Edges it started are its children; one that ended is not to stay as a zombie.
        while let Ok(Some(_)) = wait(WaitOptions::NOHANG) {}
    }
}

/// Start what is to be started; whether anything could not be.
fn look(refused: &mut HashMap<PathBuf, Refused>, output: &Output) -> Result<bool> {
    let mut failed = false;
    for place in places()? {
        if refused.get(&place.dir).is_some_and(|refused| refused.until > Instant::now()) {
            continue;
        }
        match start(&place) {
            Ok(started) => {
                refused.remove(&place.dir);
                if started {
                    output.note(format!("started the edge in {}", place.dir.display()));
                }
            }
            Err(error) => {
                failed = true;
                output.failure(&error.context(format!("the edge in {}", place.dir.display())));
                let times = refused.get(&place.dir).map_or(0, |refused| refused.times);
                let until = Instant::now() + pause(times);
                refused.insert(place.dir, Refused { times: times + 1, until });
            }
        }
    }
    Ok(failed)
}

fn pause(times: u32) -> Duration {
    EVERY.saturating_mul(1 << times.min(10)).min(LONGEST_PAUSE)
}

/// The edges of all environments of all repositories of this user.
fn places() -> Result<Vec<Place>> {
    let mut found = Vec::new();
    for known in places::known()? {
        let Ok(environments) = std::fs::read_dir(known.state.join("environments")) else { continue };
        for environment in environments.flatten() {
            let dir = environment.path().join("edge");
            if dir.is_dir() {
                found.push(Place::new(dir, known.sockets.clone())?);
            }
        }
    }
    Ok(found)
}

/// Whether it had to be started.
fn start(place: &Place) -> Result<bool> {
    let Some(port) = supervisor::left_port(place)? else { return Ok(false) };
    if client::connect(place)?.is_some() {
        return Ok(false);
    }
    client::connect_or_start(place, &std::env::current_exe()?, port)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_that_cannot_be_started_is_tried_less_and_less_often() {
        let pauses: Vec<u64> = [0, 1, 2, 5, 6, 400].map(|times| pause(times).as_secs()).to_vec();
        assert_eq!(pauses, [5, 10, 20, 160, 300, 300]);
    }
}
