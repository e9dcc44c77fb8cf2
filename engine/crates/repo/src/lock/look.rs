//! Whose locks are there, and whether they are in the way.

use std::collections::HashSet;
use std::sync::Arc;

use holdfast_backend::{Cancel, Handle};
use holdfast_format::lock::LockFile;
use holdfast_format::time::Zone;
use holdfast_format::{Error, FileType, Id, Result};

use super::LockKind;
use super::times::Times;
use crate::repository::named;
use crate::{Repository, parallel};

/// Attempts to read all locks.
const ATTEMPTS: u32 = 4;

/// Looks at the locks of others, each read once.
pub struct Look {
    repository: Arc<Repository>,
    kind: LockKind,
    cancel: Cancel,
    times: Times,
    harmless: HashSet<Id>,
}

impl Look {
    pub fn new(repository: &Arc<Repository>, kind: LockKind, cancel: &Cancel, times: Times) -> Self {
        let (repository, cancel) = (repository.clone(), cancel.clone());
        Self { repository, kind, cancel, times, harmless: HashSet::new() }
    }

    /// These are our own.
    pub fn ignore(&mut self, ids: &[Id]) {
        self.harmless.extend(ids);
    }

    /// `Locked` on conflict; a lock that cannot be read is read again a few times, then its error comes back.
    pub fn look(&mut self) -> Result<()> {
        let mut wait = self.times.unreadable;
        for attempt in 1.. {
            match self.once() {
                Ok(()) => break,
                Err(error @ Error::Locked { .. }) => return Err(error),
                Err(error) if attempt == ATTEMPTS => return Err(with_remedy(error)),
                Err(_) => self.cancel.wait(wait)?,
            }
            wait *= 2;
        }
        Ok(())
    }

    /// A conflict counts more than a lock that cannot be read.
    fn once(&mut self) -> Result<()> {
        let (others, locks) = self.read()?;
        let mut unreadable = Ok(());
        for (id, lock) in others.iter().zip(locks) {
            match lock {
                Ok(lock) if lock.exclusive || self.kind == LockKind::Exclusive => {
                    return Err(locked(id, &lock));
                }
                Ok(_) => drop(self.harmless.insert(*id)),
                Err(error) => unreadable = Err(error),
            }
        }
        unreadable
    }

    /// Reads what was not read yet. A lock that is gone before it is read may have been replaced by a fresher one, so all are
    /// listed again.
    fn read(&self) -> Result<(Vec<Id>, Vec<Result<LockFile>>)> {
        const LISTINGS: u32 = 50;
        for listing in 1.. {
            let others = self.others()?;
            let threads = self.repository.backend().connections();
            let locks = parallel::map(&others, threads, |id| load(&self.repository, id))?;
            let gone = locks.iter().any(|lock| matches!(lock, Err(Error::Missing { .. })));
            if !gone || listing == LISTINGS {
                return Ok((others, locks));
            }
            self.cancel.check()?;
        }
        unreachable!("the loop has no other end")
    }

    /// Empty files are left over from uploads that were interrupted.
    fn others(&self) -> Result<Vec<Id>> {
        let all = self.repository.backend().list(FileType::Lock)?;
        let others = all.iter().filter(|file| file.size > 0).map(|file| file.id);
        Ok(others.filter(|id| !self.harmless.contains(id)).collect())
    }
}

/// Reads a lock.
pub fn load(repository: &Repository, id: &Id) -> Result<LockFile> {
    let json = repository.load_unpacked(FileType::Lock, id)?;
    LockFile::parse(&json).map_err(|error| named(error, &format!("lock {id}")))
}

/// Removes a lock.
pub fn remove(repository: &Repository, id: &Id) -> Result<()> {
    repository.backend().remove(&Handle::new(FileType::Lock, *id))
}

fn locked(id: &Id, lock: &LockFile) -> Error {
    let exclusively = if lock.exclusive { "exclusively " } else { "" };
    let holder = lock.describe(&Zone::local().now());
    Error::Locked { holder: format!("{exclusively}by {holder}\nstorage ID {}", id.short()) }
}

fn with_remedy(error: Error) -> Error {
    match error {
        Error::Damaged { what, why } => Error::damaged(
            what,
            format!(
                "{why}\n\nthe `unlock --remove-all` command can be used to remove invalid locks. Make sure that no other process is accessing the repository when running the command"
            ),
        ),
        other => other,
    }
}
