//! An operation on an open repository: its thread, its way to be stopped, its lock.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use holdfast_backend::Cancel;
use holdfast_format::{Error, Result};
use holdfast_repo::{Lock, LockKind};
use parking_lot::Mutex;
use pyo3::prelude::*;

use crate::cancel::Stop;
use crate::opening::Repository;
use crate::work::{Calling, Errands, run};

/// What an operation works with.
pub struct Operation<'a> {
    owner: &'a Repository,
    /// The open repository.
    pub repository: Arc<holdfast_repo::Repository>,
    /// Stops it.
    pub cancel: Cancel,
    /// Until the end of the operation.
    lock: Mutex<Option<Arc<Lock>>>,
}

/// How long the store may wait to try again: not at all while the only operation is being stopped. One that is stopped while
/// others run leaves the store its patience, which is theirs too.
pub struct Patience {
    store: Cancel,
    running: AtomicUsize,
}

impl Patience {
    /// With the token that the store was opened with.
    pub fn new(store: Cancel) -> Self {
        Self { store, running: AtomicUsize::new(0) }
    }

    fn begin(&self) -> impl Drop + '_ {
        self.running.fetch_add(1, Ordering::SeqCst);
        Running(self)
    }

    fn lose(&self) {
        if self.running.load(Ordering::SeqCst) == 1 {
            self.store.cancel();
        }
    }
}

/// An operation that has not ended.
struct Running<'a>(&'a Patience);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if self.0.running.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.store.reset();
        }
    }
}

impl Repository {
    /// Runs an operation on a thread of its own, with a way to Python code; `tick` is called at most 10 times a second.
    pub fn operate<T: Send>(
        &self,
        py: Python<'_>,
        stop: Option<Stop>,
        tick: &mut dyn FnMut(Python<'_>) -> PyResult<()>,
        work: impl FnOnce(&Operation<'_>, &Errands) -> Result<T> + Send,
    ) -> PyResult<T> {
        let _running = self.patience.begin();
        let stopping = || self.patience.lose();
        let calling = Calling { stop: &stop.unwrap_or_default(), tick, stopping: &stopping };
        run(py, calling, |cancel, errands| {
            let operation = self.operation(cancel.clone())?;
            work(&operation, errands).map_err(|error| operation.cause(error))
        })
    }

    /// For a thread that outlives the call that started it.
    pub fn operation(&self, cancel: Cancel) -> Result<Operation<'_>> {
        Ok(Operation { owner: self, repository: self.inner()?, cancel, lock: Mutex::default() })
    }

    /// Runs one that tells nothing while it works.
    pub fn quietly<T: Send>(
        &self,
        py: Python<'_>,
        stop: Option<Stop>,
        work: impl FnOnce(&Operation<'_>) -> Result<T> + Send,
    ) -> PyResult<T> {
        self.operate(py, stop, &mut |_| Ok(()), |operation, _| work(operation))
    }
}

impl Operation<'_> {
    /// The lock that `lock()` holds, or one of its own; held until the end of the operation.
    pub fn lock(&self, kind: LockKind) -> Result<Arc<Lock>> {
        let lock = match self.owner.held() {
            Some((_, LockKind::Shared)) if kind == LockKind::Exclusive => {
                return Err(Error::refused(
                    "this needs the repository for itself: take the lock with exclusive=True, or release it",
                ));
            }
            Some((held, _)) => held.check().map(|()| held)?,
            None => {
                Lock::acquire(&self.repository, kind, self.owner.retry_lock, &self.cancel).map(Arc::new)?
            }
        };
        *self.lock.lock() = Some(lock.clone());
        Ok(lock)
    }

    /// For what only reads: none with `no_lock`.
    pub fn lock_for_reading(&self) -> Result<Option<Arc<Lock>>> {
        if self.owner.no_lock { Ok(None) } else { self.lock(LockKind::Shared).map(Some) }
    }

    /// Works while the lock takes its second look, for what writes nothing: a conflict stops the work and is the result.
    pub fn confirming<T>(&self, lock: Option<&Lock>, work: impl FnOnce() -> Result<T>) -> Result<T> {
        std::thread::scope(|scope| {
            let confirm = || lock.map_or(Ok(()), Lock::confirm).inspect_err(|_| self.cancel.cancel());
            let confirming = scope.spawn(confirm);
            let result = work();
            confirming.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)).and(result)
        })
    }

    /// Why it was stopped, when it was: a file object of Python fails only because of that, and a lost lock may be behind it.
    pub fn cause(&self, error: Error) -> Error {
        match error {
            Error::Cancelled | Error::Local { .. } if self.cancel.is_cancelled() => {
                self.lock.lock().as_ref().and_then(|lock| lock.check().err()).unwrap_or(Error::Cancelled)
            }
            error => error,
        }
    }

    /// Loads the index unless the one that is there comes from the very files that are in the store now.
    pub fn load_index(&self) -> Result<()> {
        let listed = self.repository.backend().list(holdfast_format::FileType::Index)?;
        let index = self.repository.index();
        let known = index.files();
        if listed.len() == known.len() && listed.iter().all(|file| known.contains(&file.id)) {
            return Ok(());
        }
        self.repository.load_index(&self.cancel, &|_, _| {})
    }
}
