//! Work on many things with a few threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use holdfast_format::Result;
use parking_lot::Mutex;

/// Calls `work` for `0..count` on at most `threads` threads, each with a state of its own; gives the states. Nothing new
/// is begun after an error; the first one comes back.
pub fn run<S: Send>(
    count: usize,
    threads: usize,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, usize) -> Result<()> + Sync,
) -> Result<Vec<S>> {
    let next = AtomicUsize::new(0);
    let first_error = Mutex::new(None);
    let one_thread = || {
        let mut own = state();
        loop {
            let item = next.fetch_add(1, Ordering::Relaxed);
            if item >= count {
                return own;
            }
            if let Err(error) = work(&mut own, item) {
                next.store(count, Ordering::Relaxed);
                first_error.lock().get_or_insert(error);
            }
        }
    };
    let states = match threads.min(count) {
        0 | 1 => vec![one_thread()],
        many => thread::scope(|scope| {
            let running: Vec<_> = (0..many).map(|_| scope.spawn(one_thread)).collect();
            running.into_iter().map(joined).collect()
        }),
    };
    first_error.into_inner().map_or(Ok(states), Err)
}

/// Results of `work` for every item, in order.
pub fn map<T: Sync, R: Send>(items: &[T], threads: usize, work: impl Fn(&T) -> R + Sync) -> Result<Vec<R>> {
    let parts = run(items.len(), threads, Vec::new, |done, at| {
        done.push((at, work(&items[at])));
        Ok(())
    })?;
    let mut all: Vec<_> = parts.into_iter().flatten().collect();
    all.sort_unstable_by_key(|(at, _)| *at);
    Ok(all.into_iter().map(|(_, result)| result).collect())
}

/// Cores of this machine.
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn joined<S>(thread: thread::ScopedJoinHandle<'_, S>) -> S {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
