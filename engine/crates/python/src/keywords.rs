//! Options as keyword arguments, read into a struct a verb.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};
use zeroize::Zeroizing;

/// The keyword arguments of one call; what is taken is gone.
pub struct Keywords<'py>(Bound<'py, PyDict>);

impl<'py> Keywords<'py> {
    /// Of a call that may have none.
    pub fn new(py: Python<'py>, keywords: Option<&Bound<'py, PyDict>>) -> PyResult<Self> {
        Ok(Self(keywords.map_or_else(|| Ok(PyDict::new(py)), pyo3::types::PyDictMethods::copy)?))
    }

    /// One of them, `None` when it is not there or None; a value of the wrong type is a `TypeError` that names it.
    pub fn take<T>(&self, name: &str) -> PyResult<Option<T>>
    where
        T: for<'a> FromPyObject<'a, 'py>,
    {
        let Some(value) = self.0.get_item(name)? else { return Ok(None) };
        self.0.del_item(name)?;
        if value.is_none() {
            return Ok(None);
        }
        value.extract::<T>().map(Some).map_err(|error| {
            let error = Into::<PyErr>::into(error);
            PyTypeError::new_err(format!("{name}: {}", error.value(value.py())))
        })
    }

    /// `TypeError` when any is left.
    pub fn finish(&self, verb: &str) -> PyResult<()> {
        match self.0.keys().get_item(0) {
            Ok(name) => Err(PyTypeError::new_err(format!("{verb}() has no option {name:?}"))),
            Err(_) => Ok(()),
        }
    }
}

/// Declares the options of a verb: a struct of optional fields that are read from `Keywords` by their names.
macro_rules! options {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Default)]
        #[allow(missing_docs)]
        pub struct $name { $(pub $field: Option<$type>,)* }

        impl $name {
            /// Takes its fields out of the keyword arguments.
            pub fn take(keywords: &$crate::keywords::Keywords<'_>) -> pyo3::PyResult<Self> {
                Ok(Self { $($field: keywords.take(stringify!($field).trim_start_matches("r#"))?,)* })
            }
        }
    };
}
pub(crate) use options;

/// A path, a name or a pattern: `str` (surrogate escapes are bytes), `bytes` or `PathLike` of either.
#[derive(Clone, Debug)]
pub struct PathText(pub Vec<u8>);

impl PathText {
    /// As a path of this machine.
    pub fn into_path(self) -> PathBuf {
        PathBuf::from(OsString::from_vec(self.0))
    }

    /// For people and for JSON.
    pub fn lossy(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }
}

impl FromPyObject<'_, '_> for PathText {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        if let Ok(bytes) = object.cast::<PyBytes>() {
            return Ok(Self(bytes.as_bytes().to_vec()));
        }
        let path = object.py().import("os")?.call_method1("fspath", (object,))?;
        match path.cast::<PyBytes>() {
            Ok(bytes) => Ok(Self(bytes.as_bytes().to_vec())),
            Err(_) => Ok(Self(path.extract::<OsString>()?.into_vec())),
        }
    }
}

/// Several paths from any iterable; a single one is refused, since its characters would be taken for paths.
pub struct Paths(pub Vec<PathText>);

impl FromPyObject<'_, '_> for Paths {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        if object.is_instance_of::<PyString>() || object.is_instance_of::<PyBytes>() {
            return Err(PyTypeError::new_err("one path where several are expected; put it into a list"));
        }
        object.try_iter()?.map(|path| path?.extract()).collect::<PyResult<_>>().map(Self)
    }
}

impl Paths {
    /// As paths of this machine.
    pub fn into_paths(self) -> Vec<PathBuf> {
        self.0.into_iter().map(PathText::into_path).collect()
    }

    /// As raw bytes.
    pub fn into_bytes(self) -> Vec<Vec<u8>> {
        self.0.into_iter().map(|path| path.0).collect()
    }
}

/// A Python function that is called back.
#[derive(Clone)]
pub struct Function(Arc<Py<PyAny>>);

impl Function {
    /// Calls it with one argument.
    pub fn tell<'py>(&self, py: Python<'py>, argument: impl IntoPyObject<'py>) -> PyResult<()> {
        self.0.call1(py, (argument,)).map(drop)
    }
}

impl FromPyObject<'_, '_> for Function {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        if object.is_callable() {
            return Ok(Self(Arc::new(object.to_owned().unbind())));
        }
        Err(PyTypeError::new_err("it is called, so it must be a function"))
    }
}

/// A password; wiped when dropped.
pub struct Password(pub Zeroizing<Vec<u8>>);

impl FromPyObject<'_, '_> for Password {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let bytes = match object.cast::<PyBytes>() {
            Ok(bytes) => bytes.as_bytes().to_vec(),
            Err(_) => object
                .cast::<PyString>()
                .map_err(|_| PyTypeError::new_err("a password is str or bytes"))?
                .to_cow()?
                .as_bytes()
                .to_vec(),
        };
        Ok(Self(Zeroizing::new(bytes)))
    }
}
