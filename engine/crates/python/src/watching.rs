//! What an operation tells while it works: progress by a clock, the rest as it happens; all in the calling thread.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::time::Instant;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};

use crate::keywords::Function;
use crate::values::record;
use crate::work::Errands;

/// A Python function that is told.
#[derive(Clone)]
pub struct Listener {
    function: Function,
    errands: Errands,
}

impl Listener {
    /// One, if there is a function.
    pub fn new(function: Option<&Function>, errands: &Errands) -> Option<Self> {
        function.map(|function| Self { function: function.clone(), errands: errands.clone() })
    }

    /// Tells a record of a module; its fields are made in the calling thread.
    pub fn tell(
        &self,
        module: &'static str,
        name: &'static str,
        fields: impl FnOnce(Python<'_>) -> PyResult<Bound<'_, PyTuple>> + Send + 'static,
    ) {
        let function = self.function.clone();
        self.errands.post(move |py| {
            let fields = fields(py)?;
            function.tell(py, record(py, module, name, fields)?)
        });
    }
}

impl Listener {
    /// Tells one value.
    pub fn say(&self, value: impl for<'py> IntoPyObject<'py> + Send + 'static) {
        let function = self.function.clone();
        self.errands.post(move |py| function.tell(py, value));
    }
}

/// A path as `str` with surrogate escapes and as `bytes`: two fields of many records.
pub fn both(py: Python<'_>, path: &[u8]) -> PyResult<(Py<PyAny>, Py<PyBytes>)> {
    let text = OsStr::from_bytes(path).into_pyobject(py)?;
    Ok((text.into_any().unbind(), PyBytes::new(py, path).unbind()))
}

/// Calls `progress` with a record of a module, made by `fields` from the seconds since now.
pub fn ticker(
    progress: Option<Function>,
    module: &'static str,
    name: &'static str,
    fields: impl Fn(Python<'_>, f64) -> PyResult<Bound<'_, PyTuple>>,
) -> impl FnMut(Python<'_>) -> PyResult<()> {
    let start = Instant::now();
    move |py| {
        let Some(progress) = &progress else { return Ok(()) };
        let fields = fields(py, start.elapsed().as_secs_f64())?;
        progress.tell(py, record(py, module, name, fields)?)
    }
}
