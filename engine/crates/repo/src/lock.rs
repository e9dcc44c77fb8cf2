//! restic's locks: seen by restic, and seeing restic's.

use std::time::Duration;

use holdfast_backend::Cancel;
use holdfast_format::lock::LockFile;
use holdfast_format::{Id, Result};

use crate::Repository;

/// What others may do meanwhile.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LockKind {
    /// Read and add.
    Shared,
    /// Nothing.
    Exclusive,
}

/// A lock that is held: refreshed every 5 minutes by a thread of its own, removed when dropped.
pub struct Lock {}

impl Lock {
    /// Looks, writes the lock, and comes back at once: the second look, 200 ms later, is `confirm`. `Locked` on conflict,
    /// after trying again for as long as `retry` says.
    pub fn acquire(
        _repository: &std::sync::Arc<Repository>,
        _kind: LockKind,
        _retry: Duration,
        _cancel: &Cancel,
    ) -> Result<Self> {
        todo!()
    }
    /// Waits what is left of the 200 ms, looks again, and backs out on conflict. Nothing may be written before. Cheap when done.
    pub fn confirm(&self) -> Result<()> {
        todo!()
    }
    /// `Err` when it could not be refreshed for too long: the operation must stop.
    pub fn check(&self) -> Result<()> {
        todo!()
    }
}

/// All locks, readable ones with their contents.
pub fn list(_repository: &Repository) -> Result<Vec<(Id, Result<LockFile>)>> {
    todo!()
}
/// Removes stale locks (or all); gives how many.
pub fn unlock(_repository: &Repository, _all: bool) -> Result<usize> {
    todo!()
}
