//! Ctrl-C and SIGTERM: the default while nothing runs, a flag to look at while something does.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use anyhow::{Context, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

static RECEIVED: AtomicI32 = AtomicI32::new(0);
static HOLDERS: AtomicUsize = AtomicUsize::new(0);
static IDLE: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// While this lives a signal is only noted; without one a signal ends the process at once.
#[derive(Debug)]
pub struct Held(());

impl Drop for Held {
    fn drop(&mut self) {
        if HOLDERS.fetch_sub(1, Ordering::SeqCst) == 1
            && let Some(idle) = IDLE.get()
        {
            idle.store(true, Ordering::SeqCst);
        }
    }
}

/// Note signals instead of dying, as long as the result lives.
pub fn hold() -> Result<Held> {
    let idle = match IDLE.get() {
        Some(idle) => idle,
        None => {
            let idle = Arc::new(AtomicBool::new(true));
            install(&idle)?;
            IDLE.get_or_init(|| idle)
        }
    };
    HOLDERS.fetch_add(1, Ordering::SeqCst);
    idle.store(false, Ordering::SeqCst);
    Ok(Held(()))
}

fn install(idle: &Arc<AtomicBool>) -> Result<()> {
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register_conditional_default(signal, Arc::clone(idle)).context("signals")?;
        // Safe form of "store the number": one flag for each signal.
        let flag = Arc::new(AtomicBool::new(false));
        signal_hook::flag::register(signal, Arc::clone(&flag)).context("signals")?;
        FLAGS.get_or_init(Default::default).lock().unwrap_or_else(|e| e.into_inner()).push((signal, flag));
    }
    Ok(())
}

type Flags = std::sync::Mutex<Vec<(i32, Arc<AtomicBool>)>>;
static FLAGS: OnceLock<Flags> = OnceLock::new();

/// The signal that came while something was held, if one did.
pub fn received() -> Option<i32> {
    let known = RECEIVED.load(Ordering::SeqCst);
    if known != 0 {
        return Some(known);
    }
    let flags = FLAGS.get()?.lock().unwrap_or_else(|e| e.into_inner());
    let (signal, _) = flags.iter().find(|(_, flag)| flag.load(Ordering::SeqCst))?;
    RECEIVED.store(*signal, Ordering::SeqCst);
    Some(*signal)
}

/// Forget the signal that came: it was the answer to a question, not the end of the work.
pub fn forget() {
    if let Some(flags) = FLAGS.get() {
        for (_, flag) in flags.lock().unwrap_or_else(|e| e.into_inner()).iter() {
            flag.store(false, Ordering::SeqCst);
        }
    }
    RECEIVED.store(0, Ordering::SeqCst);
}
