//! `Cancel`: a caller's way to say stop from any thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::prelude::*;

/// See `_engine.pyi`.
#[pyclass(frozen, name = "Cancel", module = "holdfast_engine")]
#[derive(Default)]
pub struct PyCancel(Arc<AtomicBool>);

/// An operation's view of a `Cancel`, if it was given one. An operation has a token of its own besides, so that what goes
/// wrong in it does not stop others that share the `Cancel`.
#[derive(Clone, Default)]
pub struct Stop(Option<Arc<AtomicBool>>);

impl Stop {
    /// Whether the caller said stop.
    pub fn is_set(&self) -> bool {
        self.0.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed))
    }
}

impl FromPyObject<'_, '_> for Stop {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        Ok(Self(Some(object.cast::<PyCancel>()?.get().0.clone())))
    }
}

#[pymethods]
impl PyCancel {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    #[getter]
    fn cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn __repr__(&self) -> &'static str {
        if self.cancelled() { "<Cancel, set>" } else { "<Cancel>" }
    }
}
