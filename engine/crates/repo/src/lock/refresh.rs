//! The files of a lock that is held, replaced by fresh ones in time.

use std::sync::Arc;
use std::time::Duration;

use holdfast_backend::Cancel;
use holdfast_format::lock::LockFile;
use holdfast_format::time::Zone;
use holdfast_format::{Error, FileType, Id, Result};
use parking_lot::{Condvar, Mutex, MutexGuard};

use super::times::{Clock, Times};
use super::{LockKind, look};
use crate::failure::Failure;
use crate::{Repository, machine};

/// A lock's files and how fresh they are.
pub struct Held {
    pub repository: Arc<Repository>,
    pub cancel: Cancel,
    pub times: Times,
    kind: LockKind,
    state: Mutex<State>,
    wake: Condvar,
    /// Who looks at the locks that are there, and who changes ours.
    turn: Mutex<()>,
    failure: Failure,
}

struct State {
    /// Ours, the freshest last; more than one only until the older ones are removed.
    files: Vec<Id>,
    refreshed: Clock,
    stopped: bool,
}

impl Held {
    /// Writes the first file.
    pub fn write(
        repository: &Arc<Repository>,
        kind: LockKind,
        cancel: &Cancel,
        times: Times,
    ) -> Result<Self> {
        let refreshed = Clock::now();
        let files = vec![write(repository, kind)?];
        Ok(Self {
            repository: repository.clone(),
            cancel: cancel.clone(),
            times,
            kind,
            state: Mutex::new(State { files, refreshed, stopped: false }),
            wake: Condvar::new(),
            turn: Mutex::new(()),
            failure: Failure::default(),
        })
    }

    /// Every file of ours.
    pub fn files(&self) -> Vec<Id> {
        self.state.lock().files.clone()
    }

    /// Whether others still respect it.
    pub fn check(&self) -> Result<()> {
        self.repository.check_process()?;
        self.failure.check()?;
        let age = self.state.lock().refreshed.elapsed();
        if age <= self.times.expiry { Ok(()) } else { Err(self.lose(expired(age))) }
    }

    /// Keeps why it is lost and stops the operation; gives the first reason.
    fn lose(&self, error: Error) -> Error {
        let first = self.failure.set(error);
        self.cancel.cancel();
        first
    }

    /// Removes the lock because of an error that ends it.
    pub fn back_out(&self, error: Error) -> Error {
        let first = self.failure.set(error);
        let _turn = self.unchanged();
        self.stop();
        drop(self.remove());
        first
    }

    /// Tells the thread to end.
    pub fn stop(&self) {
        self.state.lock().stopped = true;
        self.wake.notify_all();
    }

    /// Removes every file of ours; one that is gone already is fine.
    pub fn remove(&self) -> Result<()> {
        let files = std::mem::take(&mut self.state.lock().files);
        files.iter().map(|file| self.remove_file(file)).fold(Ok(()), Result::and)
    }

    fn remove_file(&self, file: &Id) -> Result<()> {
        match look::remove(&self.repository, file) {
            Err(Error::Missing { .. }) => Ok(()),
            other => other,
        }
    }

    /// Until told to end. A refresh that fails is tried again after a fifth of the time.
    pub fn keep_fresh(&self) {
        let (mut tried, mut wait) = (Clock::now(), self.times.refresh);
        while self.sleep() {
            if self.check().is_err() {
                return;
            }
            if tried.elapsed() >= wait {
                wait = if self.refresh().is_ok() { self.times.refresh } else { self.times.refresh / 5 };
                tried = Clock::now();
            }
        }
    }

    /// False when told to end.
    fn sleep(&self) -> bool {
        let mut state = self.state.lock();
        if !state.stopped {
            self.wake.wait_for(&mut state, self.times.tick);
        }
        !state.stopped
    }

    /// Keeps the files as they are while something looks at all locks.
    pub fn unchanged(&self) -> MutexGuard<'_, ()> {
        self.turn.lock()
    }

    /// `Err`, for good, when somebody removed our file: others may have worked here as if we were not there.
    pub fn verify(&self) -> Result<()> {
        let _turn = self.unchanged();
        self.check()?;
        self.find()
    }

    fn find(&self) -> Result<()> {
        let listed = self.repository.backend().list(FileType::Lock)?;
        let ours = self.files();
        let there = ours.last().is_some_and(|last| listed.iter().any(|file| file.id == *last));
        if there { Ok(()) } else { Err(self.lose(removed())) }
    }

    /// A new file first, then the old ones go; what cannot be removed is tried again next time.
    fn refresh(&self) -> Result<()> {
        let _turn = self.unchanged();
        self.check()?;
        self.find()?;
        let now = Clock::now();
        let fresh = write(&self.repository, self.kind)?;
        for file in self.replace(fresh, now) {
            if self.remove_file(&file).is_ok() {
                self.state.lock().files.retain(|kept| *kept != file);
            }
        }
        Ok(())
    }

    /// Adds a fresh file; gives the older ones.
    fn replace(&self, fresh: Id, now: Clock) -> Vec<Id> {
        let mut state = self.state.lock();
        let old = state.files.clone();
        state.files.push(fresh);
        state.refreshed = now;
        old
    }
}

fn write(repository: &Repository, kind: LockKind) -> Result<Id> {
    let user = machine::user();
    let lock = LockFile {
        time: Zone::local().now(),
        exclusive: kind == LockKind::Exclusive,
        hostname: machine::hostname(),
        username: user.name,
        pid: std::process::id(),
        uid: user.uid,
        gid: user.gid,
    };
    repository.save_unpacked(FileType::Lock, &lock.to_json())
}

fn expired(age: Duration) -> Error {
    Error::refused(format!(
        "the lock of the repository could not be refreshed for {} minutes, others may take it for stale: stopped; run it again",
        age.as_secs() / 60
    ))
}

fn removed() -> Error {
    Error::refused(
        "the lock of the repository was removed by somebody else, who may have changed it since: stopped; run it again",
    )
}
