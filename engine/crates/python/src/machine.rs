//! What is asked without a repository: kernels and caches of this machine, options of the stores.

use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use holdfast_backend::cache::{CacheFolder, list, remove_old, standard_folder};
use holdfast_backend::options::OPTIONS;
use pyo3::prelude::*;

use crate::errors::IntoPython;

/// `(name, seconds since 1970 when last used, bytes)` of each cache in a folder.
#[pyfunction]
#[pyo3(signature = (folder=None, /))]
pub fn caches(py: Python<'_>, folder: Option<PathBuf>) -> PyResult<Vec<(String, f64, u64)>> {
    let found = place(folder).and_then(|folder| list(&folder));
    found.and_then(|found| found.iter().map(described).collect()).raised(py)
}

/// Removes caches that were not used for so many seconds; gives their names.
#[pyfunction]
#[pyo3(signature = (age, folder=None, /))]
pub fn remove_old_caches(py: Python<'_>, age: u64, folder: Option<PathBuf>) -> PyResult<Vec<String>> {
    let (now, age) = (SystemTime::now(), Duration::from_secs(age));
    let removed = place(folder).and_then(|folder| remove_old(&folder, now, age));
    removed.map(|all| all.into_iter().map(|cache| cache.name).collect()).raised(py)
}

/// The folder of all caches.
#[pyfunction]
pub fn cache_folder(py: Python<'_>) -> PyResult<PathBuf> {
    standard_folder().raised(py)
}

/// `(name, default, help, why it is refused)` of each option of the stores.
#[pyfunction]
pub fn store_options() -> Vec<(&'static str, &'static str, &'static str, Option<&'static str>)> {
    OPTIONS.iter().map(|option| (option.name, option.default, option.help, option.refusal)).collect()
}

/// Which forms of the kernels run on this machine, or why there are none.
#[pyfunction]
pub fn kernels() -> String {
    holdfast_kernels::describe()
}

fn place(folder: Option<PathBuf>) -> holdfast_format::Result<PathBuf> {
    folder.map_or_else(standard_folder, Ok)
}

fn described(cache: &CacheFolder) -> holdfast_format::Result<(String, f64, u64)> {
    let used = cache.used.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok((cache.name.clone(), used.as_secs_f64(), cache.size()?))
}
