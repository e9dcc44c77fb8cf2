//! restic's locks: seen by restic, and seeing restic's.
//!
//! A lock is a file. Who wants one looks at the files that are there, writes its own, and looks again 200 ms later; whoever
//! sees a conflict backs out. The second look may overlap with work that only reads (`confirm`), and so there is one more
//! look right after the file is written: an exclusive holder that was at work before is still seen, one that comes later sees
//! us. What is read from then on (the index) cannot be removed behind our back.

mod look;
mod refresh;
mod stale;
mod times;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use holdfast_backend::Cancel;
use holdfast_format::lock::LockFile;
use holdfast_format::{Error, FileType, Id, Result};
use parking_lot::Mutex;

use crate::{Repository, parallel};
use look::Look;
use refresh::Held;
use times::Clock;
pub(crate) use times::Times;

/// What others may do meanwhile.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LockKind {
    /// Read and add.
    Shared,
    /// Nothing.
    Exclusive,
}

/// A lock that is held: refreshed every 5 minutes by a thread of its own, removed when dropped.
pub struct Lock {
    held: Arc<Held>,
    look: Mutex<Look>,
    confirmed: AtomicBool,
    written: Clock,
    thread: Option<JoinHandle<()>>,
}

impl Lock {
    /// Looks, writes the lock, and comes back at once: the second look, 200 ms later, is `confirm`. `Locked` on conflict,
    /// after trying again for as long as `retry` says. `cancel` is set when the lock is lost.
    pub fn acquire(
        repository: &Arc<Repository>,
        kind: LockKind,
        retry: Duration,
        cancel: &Cancel,
    ) -> Result<Self> {
        Self::acquire_with(repository, kind, retry, cancel, Times::RESTIC)
    }

    pub(crate) fn acquire_with(
        repository: &Arc<Repository>,
        kind: LockKind,
        retry: Duration,
        cancel: &Cancel,
        times: Times,
    ) -> Result<Self> {
        repository.check_process()?;
        let (began, mut wait) = (Clock::now(), times.retry_first);
        loop {
            let left = retry.saturating_sub(began.elapsed());
            match Self::attempt(repository, kind, cancel, times) {
                Err(Error::Locked { .. }) if !left.is_zero() => cancel.wait(wait.min(left))?,
                other => return other,
            }
            wait = (wait * 2).min(times.retry_most);
        }
    }

    fn attempt(repository: &Arc<Repository>, kind: LockKind, cancel: &Cancel, times: Times) -> Result<Self> {
        let mut look = Look::new(repository, kind, cancel, times);
        look.look()?;
        let held = Arc::new(Held::write(repository, kind, cancel, times)?);
        let written = Clock::now();
        look.ignore(&held.files());
        look.look().inspect_err(|_| drop(held.remove()))?;
        let refresher = held.clone();
        let thread = Builder::new().name("lock".into()).spawn(move || refresher.keep_fresh());
        let thread = thread.map_err(|source| {
            drop(held.remove());
            Error::Local { path: "starting a thread".into(), source }
        })?;
        let (look, confirmed) = (Mutex::new(look), AtomicBool::new(false));
        Ok(Self { held, look, confirmed, written, thread: Some(thread) })
    }

    /// Waits what is left of the 200 ms, looks again, and backs out on conflict. Nothing may be written before. Cheap when done.
    pub fn confirm(&self) -> Result<()> {
        if self.confirmed.load(Ordering::Acquire) {
            return Ok(());
        }
        self.held.check()?;
        let mut look = self.look.lock();
        if !self.confirmed.load(Ordering::Acquire) {
            self.second_look(&mut look).map_err(|error| self.held.back_out(error))?;
            self.confirmed.store(true, Ordering::Release);
        }
        Ok(())
    }

    fn second_look(&self, look: &mut Look) -> Result<()> {
        self.held.check()?;
        self.held.cancel.wait(self.held.times.settle.saturating_sub(self.written.elapsed()))?;
        let _turn = self.held.unchanged();
        look.ignore(&self.held.files());
        look.look()
    }

    /// `Err`, for good, when somebody removed the lock: then others may have worked here as if nobody held it. To be asked
    /// before what was done counts.
    pub fn verify(&self) -> Result<()> {
        self.confirm()?;
        self.held.verify()
    }

    /// `Err` when it could not be refreshed for too long: the operation must stop.
    pub fn check(&self) -> Result<()> {
        self.held.check()
    }

    /// Removes the lock and says whether that worked; dropping it only tries.
    pub fn release(mut self) -> Result<()> {
        self.end()
    }

    fn end(&mut self) -> Result<()> {
        let Some(thread) = self.thread.take() else { return Ok(()) };
        if let Err(forked) = self.held.repository.check_process() {
            std::mem::forget(thread);
            return Err(forked);
        }
        self.held.stop();
        let ended = thread.join();
        self.held.remove()?;
        ended.map_err(|_| {
            Error::refused("the thread that refreshes the lock ended by itself: please report this")
        })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        drop(self.end());
    }
}

/// All locks, readable ones with their contents. Empty files are none: nobody is stopped by them.
pub fn list(repository: &Repository) -> Result<Vec<(Id, Result<LockFile>)>> {
    repository.check_process()?;
    let listed = repository.backend().list(FileType::Lock)?.into_iter();
    let mut ids: Vec<Id> = listed.filter(|file| file.size > 0).map(|file| file.id).collect();
    ids.sort_unstable();
    let locks = parallel::map(&ids, repository.backend().connections(), |id| look::load(repository, id))?;
    Ok(ids.into_iter().zip(locks).collect())
}

/// Removes stale locks (or all); gives how many. Locks that cannot be read are left alone unless all are to go.
pub fn unlock(repository: &Repository, all: bool) -> Result<usize> {
    repository.check_process()?;
    let mut removed = 0;
    for id in if all { every(repository)? } else { stale(repository)? } {
        match look::remove(repository, &id) {
            Ok(()) => removed += 1,
            Err(Error::Missing { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(removed)
}

fn every(repository: &Repository) -> Result<Vec<Id>> {
    Ok(repository.backend().list(FileType::Lock)?.into_iter().map(|file| file.id).collect())
}

fn stale(repository: &Repository) -> Result<Vec<Id>> {
    let rule = stale::Rule::here();
    let is_stale = |lock: &Result<LockFile>| lock.as_ref().is_ok_and(|lock| rule.is_stale(lock));
    Ok(list(repository)?.into_iter().filter(|(_, lock)| is_stale(lock)).map(|(id, _)| id).collect())
}
