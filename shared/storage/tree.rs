//! Ending everything a program started, also what moved to a process group of its own.
//!
//! Every program gets a mark in its environment, which its children inherit; on Linux whoever still
//! carries it is found in `/proc`. Elsewhere the process group is all there is to go by.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group, test_kill_process};

use crate::types::id;

/// The environment variable that holds the marks.
pub const VARIABLE: &str = "FACTORY_RUN";

/// How long a tree may take to end by itself after SIGTERM.
const GRACE: Duration = Duration::from_secs(1);

/// What the processes of one run carry. A run inside a run carries both marks.
#[derive(Clone, Debug)]
pub struct Mark {
    own: String,
    all: String,
}

impl Mark {
    pub fn new() -> Self {
        let now_ms = id::now_ms();
        let own = id::event_id(now_ms, None, now_ms);
        let all = match std::env::var(VARIABLE) {
            Ok(outer) => format!("{outer}:{own}"),
            Err(_) => own.clone(),
        };
        Self { own, all }
    }

    pub fn variable(&self) -> (&'static str, &str) {
        (VARIABLE, &self.all)
    }
}

impl Default for Mark {
    fn default() -> Self {
        Self::new()
    }
}

/// End what still runs of a tree. `finished`: its root has ended by itself, so what is left gets no
/// time to clean up after.
pub fn end(roots: &[u32], mark: &Mark, finished: bool) {
    let roots: Vec<Pid> = roots.iter().filter_map(|pid| Pid::from_raw(i32::try_from(*pid).ok()?)).collect();
    if !finished {
        signal_all(&roots, mark, Signal::TERM);
        let deadline = Instant::now() + GRACE;
        while Instant::now() < deadline && any_left(&roots, mark) {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    // What a process starts between a look and its end is found by the next look.
    for _ in 0..10 {
        signal_all(&roots, mark, Signal::KILL);
        if carriers(mark).is_empty() {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn signal_all(roots: &[Pid], mark: &Mark, signal: Signal) {
    for root in roots {
        // Gone already is as good as ended.
        let _ = kill_process_group(*root, signal);
    }
    for pid in carriers(mark) {
        let _ = kill_process(pid, signal);
    }
}

fn any_left(roots: &[Pid], mark: &Mark) -> bool {
    roots.iter().any(|root| rustix::process::test_kill_process_group(*root).is_ok())
        || !carriers(mark).is_empty()
}

/// Live processes whose environment holds the mark.
fn carriers(mark: &Mark) -> Vec<Pid> {
    let Ok(listing) = std::fs::read_dir("/proc") else { return Vec::new() };
    let pids = listing.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(|pid| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        let name = format!("{VARIABLE}=");
        let mut variables = environment.split(|byte| *byte == 0);
        variables
            .any(|entry| entry.strip_prefix(name.as_bytes()).is_some_and(|marks| holds(marks, &mark.own)))
    })
    .filter_map(Pid::from_raw)
    .filter(|pid| test_kill_process(*pid).is_ok())
    .collect()
}

fn holds(marks: &[u8], own: &str) -> bool {
    marks.split(|byte| *byte == b':').any(|mark| mark == own.as_bytes())
}
