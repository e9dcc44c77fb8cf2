//! Layers that hold back: so many operations at the same time, so many bytes a second.
//!
//! Locks are never held back: a lock that is not refreshed in time ends the whole operation.

use std::sync::Arc;
use std::time::{Duration, Instant};

use holdfast_format::{FileType, Result};
use parking_lot::{Condvar, Mutex};

use crate::passing::pass_on;
use crate::{Backend, Cancel, Handle, Listed, Spill, Take};

/// Lets bytes through at a rate, for all who share it; what was not used in the last second may be made up for.
#[derive(Debug)]
pub struct Rate {
    bytes_a_second: u64,
    began: Instant,
    /// When everything admitted so far is through, counted from `began`.
    busy_until: Mutex<Duration>,
}

impl Rate {
    /// `None` is no limit, which is what 0 means.
    pub fn new(kib_a_second: u64) -> Option<Self> {
        (kib_a_second > 0).then(|| Self {
            bytes_a_second: kib_a_second.saturating_mul(1024),
            began: Instant::now(),
            busy_until: Mutex::default(),
        })
    }

    /// Admits bytes and says how long they must wait.
    pub fn admit(&self, bytes: usize) -> Duration {
        self.admit_at(self.began.elapsed(), bytes)
    }

    fn admit_at(&self, now: Duration, bytes: usize) -> Duration {
        let mut busy_until = self.busy_until.lock();
        let from = (*busy_until).max(now.saturating_sub(Duration::from_secs(1)));
        *busy_until = from + self.time_of(bytes);
        busy_until.saturating_sub(now)
    }

    fn time_of(&self, bytes: usize) -> Duration {
        let nanoseconds = bytes as u128 * 1_000_000_000 / u128::from(self.bytes_a_second);
        Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
    }
}

/// The two directions of a store; `None` is no limit.
#[derive(Clone, Debug, Default)]
pub struct Rates {
    /// Of writes.
    pub up: Option<Arc<Rate>>,
    /// Of reads.
    pub down: Option<Arc<Rate>>,
}

impl Rates {
    /// KiB/s, 0 is no limit.
    pub fn new(up: u64, down: u64) -> Self {
        Self { up: Rate::new(up).map(Arc::new), down: Rate::new(down).map(Arc::new) }
    }
    /// Nothing to hold back.
    pub fn is_unlimited(&self) -> bool {
        self.up.is_none() && self.down.is_none()
    }
}

/// A store at a rate. Stores behind HTTP do this on their own, piece by piece.
#[derive(Debug)]
pub struct Slowed {
    inner: Arc<dyn Backend>,
    rates: Rates,
    cancel: Cancel,
}

impl Slowed {
    /// Around a store.
    pub fn new(inner: Arc<dyn Backend>, rates: Rates, cancel: Cancel) -> Self {
        Self { inner, rates, cancel }
    }

    fn hold_back(&self, rate: Option<&Rate>, file: &Handle, bytes: usize) -> Result<()> {
        match rate {
            Some(rate) if file.kind != FileType::Lock => self.cancel.wait(rate.admit(bytes)),
            _ => Ok(()),
        }
    }
}

impl Backend for Slowed {
    pass_on!(location connections create stat list remove folder forget);

    fn read(&self, file: &Handle, offset: u64, length: Option<usize>, out: &mut Vec<u8>) -> Result<()> {
        self.inner.read(file, offset, length, out)?;
        self.hold_back(self.rates.down.as_deref(), file, out.len())
    }

    fn write(&self, file: &Handle, bytes: &[u8]) -> Result<()> {
        self.hold_back(self.rates.up.as_deref(), file, bytes.len())?;
        self.inner.write(file, bytes)
    }
}

/// A store that sees no more than `connections()` operations at the same time.
#[derive(Debug)]
pub struct Narrowed {
    inner: Arc<dyn Backend>,
    free: Mutex<usize>,
    freed: Condvar,
}

impl Narrowed {
    /// Around a store.
    pub fn new(inner: Arc<dyn Backend>) -> Self {
        let free = Mutex::new(inner.connections());
        Self { inner, free, freed: Condvar::new() }
    }

    fn within<T>(&self, kind: FileType, operation: impl FnOnce() -> Result<T>) -> Result<T> {
        let _slot = (kind != FileType::Lock).then(|| self.slot());
        operation()
    }

    fn slot(&self) -> Slot<'_> {
        let mut free = self.free.lock();
        self.freed.wait_while(&mut free, |free| *free == 0);
        *free -= 1;
        Slot(self)
    }
}

struct Slot<'a>(&'a Narrowed);

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        *self.0.free.lock() += 1;
        self.0.freed.notify_one();
    }
}

impl Backend for Narrowed {
    pass_on!(location connections create folder forget);

    fn stat(&self, file: &Handle) -> Result<u64> {
        self.within(file.kind, || self.inner.stat(file))
    }

    fn read(&self, file: &Handle, offset: u64, length: Option<usize>, out: &mut Vec<u8>) -> Result<()> {
        self.within(file.kind, || self.inner.read(file, offset, length, out))
    }

    fn stream(&self, file: &Handle, offset: u64, length: usize, take: &mut Take<'_>) -> Result<()> {
        self.within(file.kind, || self.inner.stream(file, offset, length, take))
    }

    fn write(&self, file: &Handle, bytes: &[u8]) -> Result<()> {
        self.within(file.kind, || self.inner.write(file, bytes))
    }

    fn write_spilled(&self, file: &Handle, spill: &Spill) -> Result<()> {
        self.within(file.kind, || self.inner.write_spilled(file, spill))
    }

    fn list(&self, kind: FileType) -> Result<Vec<Listed>> {
        self.within(kind, || self.inner.list(kind))
    }

    fn remove(&self, file: &Handle) -> Result<()> {
        self.within(file.kind, || self.inner.remove(file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn rate(kib_a_second: u64) -> Rate {
        Rate::new(kib_a_second).unwrap()
    }

    #[test]
    fn zero_is_no_limit() {
        assert!(Rates::new(0, 0).is_unlimited());
        assert!(!Rates::new(1, 0).is_unlimited());
        assert!(!Rates::new(0, 1).is_unlimited());
    }

    #[test]
    fn bytes_wait_until_those_before_them_are_through() {
        let rate = rate(100);
        assert_eq!(rate.admit_at(SECOND * 10, 100 * 1024), Duration::ZERO);
        assert_eq!(rate.admit_at(SECOND * 10, 200 * 1024), SECOND * 2);
        assert_eq!(rate.admit_at(SECOND * 11, 100 * 1024), SECOND * 2);
    }

    #[test]
    fn no_more_than_a_second_is_made_up_for() {
        let rate = rate(1);
        assert_eq!(rate.admit_at(SECOND * 3600, 4 * 1024), SECOND * 3);
    }

    proptest::proptest! {
        #[test]
        fn the_average_is_never_above_the_rate(sizes in proptest::collection::vec(0usize..1_000_000, 1..50)) {
            let rate = rate(7);
            let last = sizes.iter().map(|bytes| rate.admit_at(SECOND, *bytes)).last().unwrap_or_default();
            let least = (sizes.iter().sum::<usize>() as u64 * 1_000_000 / (7 * 1024)).saturating_sub(1_000_000);
            proptest::prop_assert!((last.as_micros() as u64).abs_diff(least) <= 60);
        }
    }
}
