//! Many small pieces of work over a few threads.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use holdfast_format::{Error, Result};

/// Hands out `0..count` in order, `step` at a time, to `threads` threads; each has a state of its own. The first error
/// ends it.
pub fn each<S>(
    threads: usize,
    count: usize,
    step: usize,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, Range<usize>) -> Result<()> + Sync,
) -> Result<()> {
    let next = AtomicUsize::new(0);
    let run = || {
        let mut own = state();
        loop {
            let from = next.fetch_add(step, Ordering::Relaxed);
            if from >= count {
                return Ok(());
            }
            let done = work(&mut own, from..count.min(from + step));
            if done.is_err() {
                next.fetch_max(count, Ordering::Relaxed);
                return done;
            }
        }
    };
    let threads = threads.min(count.div_ceil(step)).max(1);
    thread::scope(|scope| {
        let spawn = |_| thread::Builder::new().name("restore".into()).spawn_scoped(scope, run);
        let others: Vec<_> = (1..threads).map(spawn).collect();
        let mut done = run();
        for other in others {
            done = done.and(join(other));
        }
        done
    })
}

fn join(thread: std::io::Result<thread::ScopedJoinHandle<'_, Result<()>>>) -> Result<()> {
    let thread = thread.map_err(|source| Error::Local { path: "a thread for restoring".into(), source })?;
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
