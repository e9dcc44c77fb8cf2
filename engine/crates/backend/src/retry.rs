//! Operations that fail for a while are done again, ever more slowly.
//!
//! What counts as temporary is in [`crate::failure`]. A cancel ends waits at once and lets no transfer of a pack begin; other
//! files are small, and an operation that stops must still be able to take its lock along, so they are tried once.

use std::fmt::Display;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::{Duration, Instant};

use holdfast_format::{Error, FileType, Result};

use crate::failure::{failed, is_permanent, retry_after};
use crate::passing::pass_on;
use crate::{Backend, Cancel, Handle, Listed, Notices, Spill, Take};

/// When to try again and when to give up.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Before the second attempt; doubles from there.
    pub first: Duration,
    /// No wait is longer, unless the store asks for it.
    pub longest: Duration,
    /// No attempt begins after that, but two are always made.
    pub give_up: Duration,
}

impl Policy {
    /// restic's: 1 s, up to 60 s, for 15 minutes.
    pub const STANDARD: Self = Self {
        first: Duration::from_secs(1),
        longest: Duration::from_secs(60),
        give_up: Duration::from_secs(15 * 60),
    };
    /// The same in a thousandth of the time, for stores that fail on purpose.
    pub const QUICK: Self = Self {
        first: Duration::from_millis(1),
        longest: Duration::from_millis(60),
        give_up: Duration::from_millis(900),
    };

    /// How long to wait after so many failures, the first attempt so long ago; `None` is to give up. `asked` is what the
    /// store wants, `random` lies in 0..1 and spreads the waits by half in both directions.
    pub fn wait(
        &self,
        failures: u32,
        elapsed: Duration,
        asked: Option<Duration>,
        random: f64,
    ) -> Option<Duration> {
        let doubled = self.first.saturating_mul(1 << failures.saturating_sub(1).min(30));
        let spread = doubled.min(self.longest).mul_f64(0.5 + random);
        let wait = spread.max(asked.unwrap_or_default().min(self.give_up));
        (failures <= 1 || elapsed + wait <= self.give_up).then_some(wait)
    }
}

/// Does again what fails for a while.
#[derive(Debug)]
pub struct Patience {
    /// How long.
    pub policy: Policy,
    /// Ends it.
    pub cancel: Cancel,
    /// Hears of it.
    pub notices: Notices,
}

impl Patience {
    /// `attempt` learns how many failed before it.
    pub fn retry<T>(&self, what: impl Display, mut attempt: impl FnMut(u32) -> Result<T>) -> Result<T> {
        let began = Instant::now();
        let mut failures = 0;
        loop {
            let why = match attempt(failures) {
                Err(why) if !is_permanent(&why) => why,
                done => return done.inspect(|_| self.say_recovered(&what, failures)),
            };
            failures += 1;
            let wait = self.policy.wait(failures, began.elapsed(), retry_after(&why), random());
            let Some(wait) = wait else { return Err(why) };
            self.say_failed(&what, wait, &why);
            self.cancel.wait(wait)?;
        }
    }

    fn say_failed(&self, what: &impl Display, wait: Duration, why: &Error) {
        let Error::Store { source, .. } = why else { return };
        self.notices.say(&format!("{what} returned error, retrying after {wait:.0?}: {source}"));
    }

    fn say_recovered(&self, what: &impl Display, failures: u32) {
        if failures > 0 {
            self.notices.say(&format!("{what} successful after {failures} retries"));
        }
    }
}

/// Any store, more patient.
#[derive(Debug)]
pub struct Retrying {
    inner: Arc<dyn Backend>,
    patience: Patience,
}

impl Retrying {
    /// Around a store.
    pub fn new(inner: Arc<dyn Backend>, patience: Patience) -> Self {
        Self { inner, patience }
    }

    fn retry_on<T>(
        &self,
        operation: &str,
        file: &Handle,
        attempt: impl FnMut(u32) -> Result<T>,
    ) -> Result<T> {
        self.admit(file.kind)?;
        self.patience.retry(format_args!("{operation} {file}"), attempt)
    }

    fn admit(&self, kind: FileType) -> Result<()> {
        if kind == FileType::Pack { self.patience.cancel.check() } else { Ok(()) }
    }

    fn write_patiently(&self, file: &Handle, length: usize, write: impl Fn() -> Result<()>) -> Result<()> {
        self.retry_on("write", file, |failures| match failures {
            0 => write(),
            _ => self.write_again(file, length, &write),
        })
    }

    /// An attempt whose reply got lost may have stored the file.
    fn write_again(&self, file: &Handle, length: usize, write: impl Fn() -> Result<()>) -> Result<()> {
        match self.inner.stat(file) {
            Ok(size) if size == length as u64 => return Ok(()),
            Ok(_) if file.kind == FileType::Config => {
                return Err(failed("write", file, ErrorKind::AlreadyExists.into()));
            }
            Ok(_) => self.inner.remove(file)?, // half of what this very operation sent: nobody else writes this name
            Err(Error::Missing { .. }) => {}
            Err(why) => return Err(why),
        }
        write()
    }

    /// An attempt whose reply got lost may have removed the file.
    fn remove_again(&self, file: &Handle) -> Result<()> {
        match self.inner.remove(file) {
            Err(Error::Missing { .. }) => Ok(()),
            done => done,
        }
    }
}

impl Backend for Retrying {
    pass_on!(location connections folder forget);

    fn create(&self) -> Result<()> {
        self.patience.retry("create", |_| self.inner.create())
    }

    fn stat(&self, file: &Handle) -> Result<u64> {
        self.retry_on("stat", file, |_| self.inner.stat(file))
    }

    fn read(&self, file: &Handle, offset: u64, length: Option<usize>, out: &mut Vec<u8>) -> Result<()> {
        self.retry_on("read", file, |_| self.inner.read(file, offset, length, out))
    }

    /// Goes on behind what was handed out already.
    fn stream(&self, file: &Handle, offset: u64, length: usize, take: &mut Take<'_>) -> Result<()> {
        let mut taken = 0;
        self.retry_on("read", file, |_| {
            self.inner.stream(file, offset + taken as u64, length - taken, &mut |piece| {
                taken += piece.len();
                take(piece)
            })
        })
    }

    fn write(&self, file: &Handle, bytes: &[u8]) -> Result<()> {
        self.write_patiently(file, bytes.len(), || self.inner.write(file, bytes))
    }

    fn write_spilled(&self, file: &Handle, spill: &Spill) -> Result<()> {
        self.write_patiently(file, spill.length(), || self.inner.write_spilled(file, spill))
    }

    fn list(&self, kind: FileType) -> Result<Vec<Listed>> {
        self.admit(kind)?;
        self.patience.retry(format_args!("list {}", kind.folder()), |_| self.inner.list(kind))
    }

    fn remove(&self, file: &Handle) -> Result<()> {
        self.retry_on("remove", file, |failures| match failures {
            0 => self.inner.remove(file),
            _ => self.remove_again(file),
        })
    }
}

/// In 0..1. Without randomness waits are merely not spread.
fn random() -> f64 {
    getrandom::u32().map_or(0.5, |random| f64::from(random) / 2f64.powi(32))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn wait(failures: u32, elapsed: Duration) -> Option<Duration> {
        Policy::STANDARD.wait(failures, elapsed, None, 0.5)
    }

    #[test]
    fn waits_double_up_to_a_minute() {
        let waits: Vec<_> = (1..=8).filter_map(|failures| wait(failures, SECOND)).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60].map(|seconds| SECOND * seconds));
        assert_eq!(wait(u32::MAX, SECOND), Some(SECOND * 60));
    }

    #[test]
    fn waits_are_spread_by_half() {
        let spread = |random| Policy::STANDARD.wait(2, SECOND, None, random);
        assert_eq!(spread(0.0), Some(SECOND));
        assert_eq!(spread(0.999_999).map(|wait| wait.as_secs_f64().round()), Some(3.0));
    }

    #[test]
    fn after_a_quarter_of_an_hour_it_is_over_but_never_after_one_attempt() {
        assert_eq!(wait(9, SECOND * 839), Some(SECOND * 60));
        assert_eq!(wait(9, SECOND * 841), None);
        assert_eq!(wait(1, SECOND * 5000), Some(SECOND));
    }

    #[test]
    fn a_store_that_asks_for_time_gets_it_within_reason() {
        let asked = |seconds| Policy::STANDARD.wait(1, SECOND, Some(SECOND * seconds), 0.5);
        assert_eq!(asked(0), Some(SECOND));
        assert_eq!(asked(120), Some(SECOND * 120));
        assert_eq!(asked(1_000_000), Some(SECOND * 900));
    }

    proptest::proptest! {
        #[test]
        fn no_wait_outlasts_the_policy(failures in 2u32.., elapsed in 0u64..2000, random in 0f64..1.0) {
            if let Some(wait) = Policy::STANDARD.wait(failures, SECOND * elapsed as u32, None, random) {
                proptest::prop_assert!(SECOND * elapsed as u32 + wait <= Policy::STANDARD.give_up);
                proptest::prop_assert!(wait >= Policy::STANDARD.first / 2);
            }
        }
    }
}
