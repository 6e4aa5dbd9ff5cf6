//! Work shared by several threads, its results told in order.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

use anyhow::Result;

/// Do the work for each task with at most `jobs` at once. `on_result` sees the results in the order
/// of the tasks. The first error ends what has not begun.
pub fn in_order<T: Sync, R: Send>(
    tasks: &[T],
    jobs: usize,
    work: impl Fn(&T) -> Result<R> + Sync,
    on_result: &mut dyn FnMut(&R),
) -> Result<Vec<R>> {
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, tasks.len().max(1)) {
            let (sender, next, stop, work) = (sender.clone(), &next, &stop, &work);
            scope.spawn(move || {
                while !stop.load(Ordering::SeqCst) {
                    let at = next.fetch_add(1, Ordering::SeqCst);
                    let Some(task) = tasks.get(at) else { break };
                    let result = work(task);
                    if result.is_err() {
                        stop.store(true, Ordering::SeqCst);
                    }
                    // The receiver is gone only after an error, when nobody waits for results.
                    if sender.send((at, result)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut early: BTreeMap<usize, R> = BTreeMap::new();
        let mut results = Vec::with_capacity(tasks.len());
        for (at, result) in receiver {
            match result {
                Ok(result) => drop(early.insert(at, result)),
                Err(error) => return Err(error),
            }
            while let Some(result) = early.remove(&results.len()) {
                on_result(&result);
                results.push(result);
            }
        }
        Ok(results)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_whoever_is_first() {
        let tasks: Vec<u64> = (0..40).collect();
        let mut seen = Vec::new();
        let slow_first = |task: &u64| {
            std::thread::sleep(std::time::Duration::from_micros(400 - task * 10));
            Ok(*task)
        };
        let all = in_order(&tasks, 8, slow_first, &mut |result| seen.push(*result)).unwrap();
        assert_eq!((all.as_slice(), seen.as_slice()), (tasks.as_slice(), tasks.as_slice()));
        assert!(in_order(&[] as &[u64], 8, slow_first, &mut |_| {}).unwrap().is_empty());
    }

    #[test]
    fn an_error_ends_the_rest() {
        let tasks: Vec<u64> = (0..1000).collect();
        let done = AtomicUsize::new(0);
        let result = in_order(
            &tasks,
            1,
            |task| {
                done.fetch_add(1, Ordering::SeqCst);
                if *task == 3 { anyhow::bail!("no") } else { Ok(()) }
            },
            &mut |()| {},
        );
        assert!(result.is_err());
        assert_eq!(done.load(Ordering::SeqCst), 4);
    }
}
