//! How long restic waits for what, and a clock that does not stop while the machine sleeps.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Every wait of the protocol.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// From writing a lock to the second look.
    pub settle: Duration,
    /// Before a lock that could not be read is read again; doubles.
    pub unreadable: Duration,
    /// Between refreshes.
    pub refresh: Duration,
    /// Without a refresh until the lock counts as lost, safely before others call it stale.
    pub expiry: Duration,
    /// Before the second attempt at a lock; doubles.
    pub retry_first: Duration,
    /// Between attempts at the most.
    pub retry_most: Duration,
    /// Between looks at the clock.
    pub tick: Duration,
}

impl Times {
    /// restic's.
    pub const RESTIC: Self = Self {
        settle: Duration::from_millis(200),
        unreadable: Duration::from_secs(5),
        refresh: Duration::from_secs(5 * 60),
        expiry: Duration::from_secs(22 * 60 + 30),
        retry_first: Duration::from_secs(5),
        retry_most: Duration::from_secs(60),
        tick: Duration::from_secs(1),
    };
}

/// A moment; sleep of the machine counts, changes of its clock do not.
#[derive(Clone, Copy)]
pub struct Clock(Duration);

impl Clock {
    pub fn now() -> Self {
        let now = clock_gettime(ClockId::Boottime);
        Self(Duration::new(now.tv_sec as u64, now.tv_nsec as u32))
    }

    pub fn elapsed(self) -> Duration {
        Self::now().0.saturating_sub(self.0)
    }
}
