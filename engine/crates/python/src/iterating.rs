//! Iterators: a thread finds values ahead of the loop that takes them, at most so many.

use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};
use holdfast_backend::Cancel;
use holdfast_format::{Error, Result};
use parking_lot::Mutex;
use pyo3::prelude::*;

use crate::cancel::Stop;
use crate::errors::exception;
use crate::keywords::Function;
use crate::opening::Repository;
use crate::operation::Operation;
use crate::work::TICK;

/// Values that may be found and not yet taken.
const AHEAD: usize = 1024;

type Found = Box<dyn for<'py> FnOnce(Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> + Send>;

/// A Python iterator over what a thread finds. Dropped, it stops the thread and waits for its end.
#[pyclass(frozen, module = "holdfast_engine")]
pub struct Iterating {
    found: Mutex<Option<Receiver<Result<Found>>>>,
    first: Mutex<Option<Result<Found>>>,
    stop: Stop,
    cancel: Cancel,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Where the thread puts what it finds.
pub struct Sink<'a>(&'a crossbeam_channel::Sender<Result<Found>>);

impl Sink<'_> {
    /// Hands a value on, which becomes Python's in the loop; `Cancelled` when nobody takes it any more.
    pub fn put(
        &self,
        value: impl for<'py> FnOnce(Python<'py>) -> PyResult<Bound<'py, PyAny>> + Send + 'static,
    ) -> Result<()> {
        self.send(|py| value(py).map(Some))
    }

    /// Tells `on_error`, or ends the loop with the error, when its turn comes.
    pub fn report(&self, on_error: Option<&Function>, error: Error) -> Result<()> {
        let Some(listener) = on_error.cloned() else { return Err(error) };
        self.send(move |py| listener.tell(py, exception(py, &error)).map(|()| None))
    }

    /// The same for an error that others own.
    pub fn retell(&self, on_error: Option<&Function>, error: PyErr) -> Result<()> {
        let listener = on_error.cloned();
        self.send(move |py| match listener {
            Some(listener) => listener.tell(py, error).map(|()| None),
            None => Err(error),
        })
    }

    fn send(
        &self,
        found: impl for<'py> FnOnce(Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> + Send + 'static,
    ) -> Result<()> {
        self.0.send(Ok(Box::new(found))).map_err(|_| Error::Cancelled)
    }
}

impl Iterating {
    /// Starts the thread and waits for its first value, so that what is refused is raised here.
    pub fn start(
        repository: &Bound<'_, Repository>,
        stop: Option<Stop>,
        find: impl FnOnce(&Operation<'_>, &Sink<'_>) -> Result<()> + Send + 'static,
    ) -> PyResult<Self> {
        let py = repository.py();
        let (sender, found) = bounded(AHEAD);
        let (owner, cancel) = (repository.clone().unbind(), Cancel::new());
        let thread = {
            let cancel = cancel.clone();
            std::thread::spawn(move || {
                let found = owner.get().operation(cancel).and_then(|operation| {
                    find(&operation, &Sink(&sender)).map_err(|error| operation.cause(error))
                });
                if let Err(error) = found {
                    let _ = sender.send(Err(error));
                }
            })
        };
        let iterating = Self {
            found: Mutex::new(Some(found)),
            first: Mutex::default(),
            stop: stop.unwrap_or_default(),
            cancel,
            thread: Mutex::new(Some(thread)),
        };
        let first =
            iterating.take(py)?.map(|value| value.map_err(|error| exception(py, &error))).transpose()?;
        *iterating.first.lock() = first.map(Ok);
        Ok(iterating)
    }

    /// Waits for the next value while the calling thread answers signals.
    fn take(&self, py: Python<'_>) -> PyResult<Option<Result<Found>>> {
        let Some(found) = self.found.lock().clone() else { return Ok(None) };
        loop {
            if self.stop.is_set() {
                self.end(py);
                return Ok(Some(Err(Error::Cancelled)));
            }
            let received = found.try_recv().or_else(|_| py.detach(|| found.recv_timeout(TICK)));
            match received {
                Ok(value) => return Ok(Some(value)),
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
                Err(RecvTimeoutError::Timeout) => {
                    py.check_signals().inspect_err(|_| self.end(py))?;
                }
            }
        }
    }

    fn end(&self, py: Python<'_>) {
        self.cancel.cancel();
        drop(self.found.lock().take());
        let thread = self.thread.lock().take();
        py.detach(|| thread.map(JoinHandle::join));
    }
}

#[pymethods]
impl Iterating {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        loop {
            let first = self.first.lock().take();
            match first.map_or_else(|| self.take(py), |first| Ok(Some(first)))? {
                Some(Ok(found)) => {
                    if let Some(value) = found(py)? {
                        return Ok(Some(value));
                    }
                }
                Some(Err(error)) => return Err(exception(py, &error)),
                None => {
                    self.end(py);
                    return Ok(None);
                }
            }
        }
    }

    /// Ends it before its time; the lock is removed when this is back.
    fn close(&self, py: Python<'_>) {
        self.end(py);
    }
}

impl Drop for Iterating {
    fn drop(&mut self) {
        Python::attach(|py| self.end(py));
    }
}
