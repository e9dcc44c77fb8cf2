//! The engine's errors as the exceptions of `holdfast_engine.errors`, with their details as attributes.

use std::io;

use holdfast_format::Error;
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;

/// What a function of this crate gives before it is back in Python.
pub trait IntoPython<T> {
    /// The value, or the exception that says the same.
    fn raised(self, py: Python<'_>) -> PyResult<T>;
}

impl<T> IntoPython<T> for holdfast_format::Result<T> {
    fn raised(self, py: Python<'_>) -> PyResult<T> {
        self.map_err(|error| exception(py, error))
    }
}

/// The exception for an error; a failure to make it is raised instead.
pub fn exception(py: Python<'_>, error: Error) -> PyErr {
    instance(py, error).map_or_else(|failure| failure, PyErr::from_value)
}

/// The exception as a value.
pub fn instance(py: Python<'_>, error: Error) -> PyResult<Bound<'_, PyAny>> {
    let message = error.to_string();
    let (name, details) = describe(py, error)?;
    let class = py.import("holdfast_engine.errors")?.getattr(name)?;
    let arguments = std::iter::once(message.into_bound_py_any(py)?).chain(details);
    class.call1(pyo3::types::PyTuple::new(py, arguments.collect::<Vec<_>>())?)
}

fn describe(py: Python<'_>, error: Error) -> PyResult<(&'static str, Vec<Bound<'_, PyAny>>)> {
    let texts =
        |values: &[&str]| values.iter().map(|text| text.into_bound_py_any(py)).collect::<PyResult<Vec<_>>>();
    let number = |source: &io::Error| source.raw_os_error().into_bound_py_any(py);
    Ok(match error {
        Error::NoRepository { location, why } => ("NoRepositoryError", texts(&[&location, &why])?),
        Error::Locked { holder } => ("LockedError", texts(&[&holder])?),
        Error::WrongPassword => ("WrongPasswordError", vec![]),
        Error::Cancelled => ("StoppedError", vec![]),
        Error::Incomplete { .. } => ("IncompleteError", vec![]),
        Error::Refused { .. } => ("RefusedError", vec![]),
        Error::Missing { what } => ("MissingError", texts(&[&what])?),
        Error::Damaged { what, why } => ("DamagedError", texts(&[&what, &why])?),
        Error::Store { operation, what, source } => {
            let mut details = texts(&[operation, &what])?;
            details.push(number(&source)?);
            ("StoreError", details)
        }
        Error::Local { path, source } => {
            let mut details = texts(&[&path])?;
            details.push(number(&source)?);
            ("LocalError", details)
        }
        Error::Forked { opened, here } => {
            ("ForkedError", vec![opened.into_bound_py_any(py)?, here.into_bound_py_any(py)?])
        }
    })
}
