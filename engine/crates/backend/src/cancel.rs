//! The caller's way to say stop, and waits that end when it is said.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use holdfast_format::{Error, Result};
use parking_lot::{Condvar, Mutex};

/// Set once, seen by every thread of an operation. To be set from a thread, not from within a signal handler.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    said: AtomicBool,
    waiting: Mutex<()>,
    changed: Condvar,
}

impl Cancel {
    /// Not set.
    pub fn new() -> Self {
        Self::default()
    }
    /// Says stop.
    pub fn cancel(&self) {
        self.0.said.store(true, Ordering::Release);
        let _between_check_and_sleep = self.0.waiting.lock();
        self.0.changed.notify_all();
    }
    /// Takes it back: for a store that outlives the operation that was stopped.
    pub fn reset(&self) {
        self.0.said.store(false, Ordering::Release);
    }
    /// Whether somebody said stop.
    pub fn is_cancelled(&self) -> bool {
        self.0.said.load(Ordering::Acquire)
    }
    /// `Cancelled` when somebody said stop.
    pub fn check(&self) -> Result<()> {
        if self.is_cancelled() { Err(Error::Cancelled) } else { Ok(()) }
    }
    /// Sleeps that long; `Cancelled` as soon as somebody says stop.
    pub fn wait(&self, time: Duration) -> Result<()> {
        let end = Instant::now() + time;
        let mut waiting = self.0.waiting.lock();
        while !self.is_cancelled() {
            if self.0.changed.wait_until(&mut waiting, end).timed_out() {
                break;
            }
        }
        self.check()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_ends_a_wait_that_would_take_for_ever() {
        let cancel = Cancel::new();
        let other = cancel.clone();
        let waiter = std::thread::spawn(move || other.wait(Duration::from_secs(24 * 3600)));
        cancel.cancel();
        assert!(matches!(waiter.join(), Ok(Err(Error::Cancelled))));
    }

    #[test]
    fn a_wait_that_nobody_ends_is_no_error() {
        assert!(Cancel::new().wait(Duration::from_millis(1)).is_ok());
    }

    #[test]
    fn what_is_taken_back_stops_nothing() {
        let cancel = Cancel::new();
        cancel.cancel();
        cancel.reset();
        assert!(cancel.check().is_ok());
    }

    #[test]
    fn nothing_is_waited_for_after_stop() {
        let cancel = Cancel::new();
        cancel.cancel();
        assert!(matches!(cancel.wait(Duration::from_secs(24 * 3600)), Err(Error::Cancelled)));
    }
}
