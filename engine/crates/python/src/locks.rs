//! `lock`, `locks`, `unlock`.

use std::sync::Arc;

use holdfast_format::lock::LockFile;
use holdfast_format::{Error, Id};
use holdfast_repo::{Lock, LockKind};
use parking_lot::Mutex;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::cancel::Stop;
use crate::errors::{IntoPython, exception};
use crate::keywords::{Function, Keywords, options};
use crate::opening::{Repository, Slot};
use crate::times::datetime;
use crate::values::record;

/// A lock that is held; see `_engine.pyi`.
#[pyclass(frozen, name = "Lock", module = "holdfast_engine")]
pub struct PyLock {
    lock: Slot,
    #[pyo3(get)]
    exclusive: bool,
}

options! {
    /// What verbs over several files have in common.
    Listing {
        on_error: Function,
        cancel: Stop,
    }
}

impl Listing {
    /// Tells of an unreadable file, or raises what is wrong with it.
    pub fn report(&self, py: Python<'_>, error: Error) -> PyResult<()> {
        match &self.on_error {
            Some(listener) => listener.tell(py, exception(py, &error)),
            None => Err(exception(py, &error)),
        }
    }
}

impl Repository {
    /// The lock that `lock()` gave out and that is held still.
    pub fn held(&self) -> Option<(Arc<Lock>, LockKind)> {
        let held = self.held.lock();
        held.as_ref().and_then(|(slot, kind)| Some((slot.lock().clone()?, *kind)))
    }
}

#[pymethods]
impl Repository {
    #[pyo3(signature = (*, exclusive = false, cancel = None))]
    fn lock(&self, py: Python<'_>, exclusive: bool, cancel: Option<Stop>) -> PyResult<PyLock> {
        let kind = if exclusive { LockKind::Exclusive } else { LockKind::Shared };
        let lock = self.quietly(py, cancel, |operation| {
            if self.held().is_some() {
                return Err(Error::refused("this repository object holds a lock already; release it first"));
            }
            let lock = operation.lock(kind)?;
            lock.confirm()?;
            let slot = Arc::new(Mutex::new(Some(lock)));
            *self.held.lock() = Some((slot.clone(), kind));
            Ok(slot)
        })?;
        Ok(PyLock { lock, exclusive })
    }

    #[pyo3(signature = (**options))]
    fn locks<'py>(
        &self,
        py: Python<'py>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let keywords = Keywords::new(py, options)?;
        let mut options = Listing::take(&keywords)?;
        keywords.finish("locks")?;
        let locks = self.quietly(py, options.cancel.take(), |operation| {
            holdfast_repo::lock::list(&operation.repository)
        })?;
        let mut infos = Vec::with_capacity(locks.len());
        for (id, lock) in locks {
            match lock {
                Ok(lock) => infos.push(info(py, &id, lock)?),
                Err(error) => options.report(py, error)?,
            }
        }
        Ok(infos)
    }

    #[pyo3(signature = (*, remove_all = false, cancel = None))]
    fn unlock(&self, py: Python<'_>, remove_all: bool, cancel: Option<Stop>) -> PyResult<usize> {
        self.quietly(py, cancel, |operation| holdfast_repo::lock::unlock(&operation.repository, remove_all))
    }
}

impl Drop for PyLock {
    fn drop(&mut self) {
        let lock = self.lock.lock().take();
        Python::attach(|py| py.detach(|| drop(lock)));
    }
}

fn info<'py>(py: Python<'py>, id: &Id, lock: LockFile) -> PyResult<Bound<'py, PyAny>> {
    let time = datetime(py, lock.time)?;
    let LockFile { exclusive, hostname, username, pid, uid, gid, .. } = lock;
    record(py, "_opening", "LockInfo", (id.to_string(), time, exclusive, hostname, username, pid, uid, gid))
}

#[pymethods]
impl PyLock {
    fn release(&self, py: Python<'_>) -> PyResult<()> {
        let lock = self.lock.lock().take();
        py.detach(|| lock.and_then(Arc::into_inner).map_or(Ok(()), Lock::release)).raised(py)
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __exit__(
        &self,
        py: Python<'_>,
        _kind: &Bound<'_, PyAny>,
        _error: &Bound<'_, PyAny>,
        _trace: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        self.release(py)
    }
}
