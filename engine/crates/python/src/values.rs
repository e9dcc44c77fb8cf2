//! The engine's values as the named tuples of the Python modules.

use pyo3::call::PyCallArgs;
use pyo3::prelude::*;
use pyo3::types::PyType;

/// A named tuple of a module of the package, its fields in order.
pub fn record<'py>(
    py: Python<'py>,
    module: &str,
    name: &str,
    fields: impl PyCallArgs<'py>,
) -> PyResult<Bound<'py, PyAny>> {
    class(py, module, name)?.call1(fields)
}

/// A class of a module of the package.
pub fn class<'py>(py: Python<'py>, module: &str, name: &str) -> PyResult<Bound<'py, PyType>> {
    Ok(py.import(format!("holdfast_engine.{module}"))?.getattr(name)?.cast_into()?)
}
