//! The engine's errors as the exceptions of `holdfast_engine.errors`, with their details as attributes.

use std::io;

use holdfast_format::Error;
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// What a function of this crate gives before it is back in Python.
pub trait IntoPython<T> {
    /// The value, or the exception that says the same.
    fn raised(self, py: Python<'_>) -> PyResult<T>;
}

impl<T> IntoPython<T> for holdfast_format::Result<T> {
    fn raised(self, py: Python<'_>) -> PyResult<T> {
        self.map_err(|error| exception(py, &error))
    }
}

/// The exception for an error; a failure to make it is raised instead.
pub fn exception(py: Python<'_>, error: &Error) -> PyErr {
    instance(py, error).map_or_else(|failure| failure, PyErr::from_value)
}

/// Made on a thread that may only look at the error, for another one to raise or tell.
pub fn retold(error: &Error) -> PyErr {
    Python::attach(|py| exception(py, error))
}

fn instance<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyAny>> {
    let (name, details) = describe(py, error)?;
    let class = py.import("holdfast_engine.errors")?.getattr(name)?;
    let arguments = std::iter::once(error.to_string().into_bound_py_any(py)?).chain(details);
    class.call1(PyTuple::new(py, arguments.collect::<Vec<_>>())?)
}

/// The class and what follows the message.
fn describe<'py>(py: Python<'py>, error: &Error) -> PyResult<(&'static str, Vec<Bound<'py, PyAny>>)> {
    let texts = |values: &[&str]| values.iter().map(|text| text.into_bound_py_any(py)).collect();
    let with_number = |values: &[&str], source: &io::Error| -> PyResult<Vec<_>> {
        let mut details: Vec<_> =
            values.iter().map(|text| text.into_bound_py_any(py)).collect::<PyResult<_>>()?;
        details.push(source.raw_os_error().into_bound_py_any(py)?);
        Ok(details)
    };
    let details: PyResult<Vec<_>> = match error {
        Error::NoRepository { location, why } => texts(&[location, why]),
        Error::Locked { holder } => texts(&[holder]),
        Error::Missing { what } => texts(&[what]),
        Error::Damaged { what, why } => texts(&[what, why]),
        Error::Store { operation, what, source } => with_number(&[operation, what], source),
        Error::Local { path, source } => with_number(&[path], source),
        Error::Forked { opened, here } => {
            [opened, here].into_iter().map(|process| process.into_bound_py_any(py)).collect()
        }
        _ => Ok(vec![]),
    };
    Ok((class_name(error), details?))
}

fn class_name(error: &Error) -> &'static str {
    match error {
        Error::NoRepository { .. } => "NoRepositoryError",
        Error::Locked { .. } => "LockedError",
        Error::WrongPassword => "WrongPasswordError",
        Error::Cancelled => "StoppedError",
        Error::Incomplete { .. } => "IncompleteError",
        Error::Refused { .. } => "RefusedError",
        Error::Missing { .. } => "MissingError",
        Error::Damaged { .. } => "DamagedError",
        Error::Store { .. } => "StoreError",
        Error::Local { .. } => "LocalError",
        Error::Forked { .. } => "ForkedError",
    }
}
