//! The one function every effect goes through: intent journalled, act, outcome journalled.

use anyhow::Result;
use serde_json::Value;

use crate::types::event::Event;

/// Where an effect is written down; each call is durable when it returns.
pub trait Log {
    /// An effect is about to happen.
    fn begin(&mut self, effect: &str, detail: &Value) -> Result<()>;
    /// It happened.
    fn done(&mut self, event: Event) -> Result<()>;
}

/// Do one thing to the outside so that a kill at any moment can be mended.
///
/// `observe` looks at the outside itself and gives the result where the effect is there already, so
/// that a resumed release does nothing twice and trusts no old exit code. `act` must be idempotent:
/// a kill between it and its record runs it again unless `observe` sees it.
pub fn effect<T>(
    log: &mut impl Log,
    name: &str,
    detail: &Value,
    act: impl FnOnce() -> Result<T>,
    observe: impl FnOnce() -> Result<Option<T>>,
    record: impl FnOnce(&T) -> Event,
) -> Result<T> {
    kill_point();
    let there = observe()?;
    log.begin(name, detail)?;
    kill_point();
    let value = match there {
        Some(value) => value,
        None => act()?,
    };
    kill_point();
    log.done(record(&value))?;
    kill_point();
    Ok(value)
}

/// Ends the process as `kill -9` would, at the point whose number `FACTORY_KILL_AT` holds: so tests
/// walk every point between effects.
fn kill_point() {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};
    static TARGET: OnceLock<Option<u64>> = OnceLock::new();
    static PASSED: AtomicU64 = AtomicU64::new(0);
    let target = TARGET.get_or_init(|| std::env::var("FACTORY_KILL_AT").ok()?.parse().ok());
    let Some(target) = target else { return };
    if PASSED.fetch_add(1, Ordering::SeqCst) + 1 == *target {
        let own = rustix::process::getpid();
        // Cannot fail for one's own process; were it to, the test that set the variable would see it.
        let _ = rustix::process::kill_process(own, rustix::process::Signal::KILL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::event::SubjectKind;

    #[derive(Default)]
    struct Told(Vec<String>);

    impl Log for Told {
        fn begin(&mut self, effect: &str, _: &Value) -> Result<()> {
            self.0.push(format!("begin {effect}"));
            Ok(())
        }

        fn done(&mut self, event: Event) -> Result<()> {
            self.0.push(format!("done {}", event.op));
            Ok(())
        }
    }

    fn staged(_: &u32) -> Event {
        Event::now(SubjectKind::Release, "r", "staged", None)
    }

    #[test]
    fn the_intent_is_written_before_the_act_and_the_outcome_after() {
        let mut told = Told::default();
        let value = effect(&mut told, "stage", &Value::Null, || Ok(1), || Ok(None), staged).unwrap();
        assert_eq!((value, told.0), (1, vec!["begin stage".to_owned(), "done staged".to_owned()]));
    }

    #[test]
    fn what_is_there_already_is_not_done_again() {
        let mut told = Told::default();
        let act = || -> Result<u32> { panic!("acted twice") };
        assert_eq!(effect(&mut told, "stage", &Value::Null, act, || Ok(Some(2)), staged).unwrap(), 2);
        assert_eq!(told.0.last().unwrap(), "done staged");
    }

    #[test]
    fn a_failed_act_leaves_its_intent_and_no_outcome() {
        let mut told = Told::default();
        let failed = effect(&mut told, "stage", &Value::Null, || anyhow::bail!("no"), || Ok(None), staged);
        assert!(failed.is_err());
        assert_eq!(told.0, ["begin stage"]);
    }
}
