//! Lists that users write: patterns, names of sources, sizes. Read here so that the command line reads them as the engine.

use std::ffi::OsStr;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use holdfast_filter::expand::{Folders, glob};
use holdfast_filter::{pattern_file, size, sources, text};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::errors::IntoPython;

/// Patterns of a file for `exclude` and its like.
#[pyfunction]
#[pyo3(signature = (data, /))]
pub fn read_patterns(data: &[u8]) -> Vec<Vec<u8>> {
    let variable = |name: &[u8]| std::env::var_os(OsStr::from_bytes(name)).map(OsStringExt::into_vec);
    pattern_file::patterns(&text::decode(data), &variable)
}

/// Paths of a list of sources in one of restic's forms.
#[pyfunction]
#[pyo3(signature = (data, form, /))]
pub fn read_sources(py: Python<'_>, data: &[u8], form: &str) -> PyResult<Vec<Vec<u8>>> {
    match form {
        "globs" => sources::patterns(&text::decode(data))
            .map(|pattern| glob(pattern, &Machine))
            .collect::<holdfast_format::Result<Vec<_>>>()
            .map(|found| found.concat())
            .raised(py),
        "verbatim" => Ok(sources::verbatim(&text::decode(data)).map(<[u8]>::to_vec).collect()),
        "raw" => sources::raw(data).map(|names| names.into_iter().map(<[u8]>::to_vec).collect()).raised(py),
        _ => Err(PyValueError::new_err(format!("form {form:?} is none of globs, verbatim, raw"))),
    }
}

/// Bytes of a size such as `10M`.
#[pyfunction]
#[pyo3(signature = (text, /))]
pub fn parse_size(py: Python<'_>, text: &str) -> PyResult<u64> {
    size::parse_bytes(text).raised(py)
}

/// The file systems of this machine.
struct Machine;

impl Folders for Machine {
    fn exists(&self, path: &[u8]) -> bool {
        std::fs::symlink_metadata(OsStr::from_bytes(path)).is_ok()
    }

    fn names(&self, folder: &[u8]) -> Vec<Vec<u8>> {
        let entries = std::fs::read_dir(OsStr::from_bytes(folder));
        entries.into_iter().flatten().flatten().map(|entry| entry.file_name().into_vec()).collect()
    }
}
