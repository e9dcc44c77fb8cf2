//! `snapshots`, `snapshot`, and the class `Snapshot`.

use std::hash::{DefaultHasher, Hash, Hasher};

use holdfast_format::snapshot::{Snapshot, Summary};
use holdfast_format::{Id, Result};
use holdfast_repo::SnapshotFilter;
use holdfast_repo::snapshots::{find, load_all};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::keywords::{Keywords, options};
use crate::locks::Listing;
use crate::opening::Repository;
use crate::operation::Operation;
use crate::times::{datetime, text};

/// See `_engine.pyi`.
#[pyclass(frozen, name = "Snapshot", module = "holdfast_engine")]
pub struct PySnapshot {
    id: Id,
    snapshot: Snapshot,
    #[pyo3(get)]
    subfolder: Option<String>,
}

options! {
    /// `SnapshotFilter` of `_common.py`.
    Filter {
        hosts: Vec<String>,
        tags: Vec<Vec<String>>,
        paths: Vec<String>,
    }
}

impl From<Filter> for SnapshotFilter {
    fn from(filter: Filter) -> Self {
        Self {
            hosts: filter.hosts.unwrap_or_default(),
            tags: filter.tags.unwrap_or_default(),
            paths: filter.paths.unwrap_or_default(),
        }
    }
}

/// A snapshot as verbs take it: by name, or one that was found before.
pub enum Chosen {
    /// `latest`, a prefix of an id, with a folder behind a colon.
    Named(String),
    /// As it was found.
    Found(Id, Box<Snapshot>, Option<String>),
}

impl FromPyObject<'_, '_> for Chosen {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        Ok(match object.cast::<PySnapshot>() {
            Ok(found) => {
                let PySnapshot { id, snapshot, subfolder } = found.get();
                Self::Found(*id, Box::new(snapshot.clone()), subfolder.clone())
            }
            Err(_) => Self::Named(object.extract()?),
        })
    }
}

impl Chosen {
    /// The snapshot and the folder in it that is meant.
    pub fn resolve(self, operation: &Operation<'_>) -> Result<(Id, Snapshot, Option<String>)> {
        match self {
            Self::Named(name) => find(&operation.repository, &name, &SnapshotFilter::default()),
            Self::Found(id, snapshot, subfolder) => Ok((id, *snapshot, subfolder)),
        }
    }
}

impl PySnapshot {
    /// One without a subfolder.
    pub fn new(id: Id, snapshot: Snapshot) -> Self {
        Self { id, snapshot, subfolder: None }
    }
}

/// Snapshots, some of which cannot be read.
pub type Loaded = Vec<(Id, Result<Snapshot>)>;

/// Those with these names, else all that fit. A name that is nobody's is an error without an id.
pub fn choose(
    operation: &Operation<'_>,
    names: &[String],
    filter: &SnapshotFilter,
) -> Result<Vec<Result<(Id, Snapshot)>>> {
    let repository = &operation.repository;
    if !names.is_empty() {
        let chosen = |name: &String| find(repository, name, filter).map(|(id, snapshot, _)| (id, snapshot));
        return Ok(names.iter().map(chosen).collect());
    }
    let all = load_all(repository, &operation.cancel)?.into_iter();
    let fits = |found: &Result<Snapshot>| found.as_ref().map_or(true, |snapshot| filter.matches(snapshot));
    Ok(all.filter(|(_, found)| fits(found)).map(|(id, found)| Ok((id, found?))).collect())
}

/// Those that fit; unreadable ones are told or raised.
fn readable(
    py: Python<'_>,
    all: Loaded,
    filter: &SnapshotFilter,
    listing: &Listing,
) -> PyResult<Vec<PySnapshot>> {
    let mut found = Vec::with_capacity(all.len());
    for (id, snapshot) in all {
        match snapshot {
            Ok(snapshot) if filter.matches(&snapshot) => found.push(PySnapshot::new(id, snapshot)),
            Ok(_) => {}
            Err(error) => listing.report(py, error)?,
        }
    }
    Ok(found)
}

#[pymethods]
impl Repository {
    #[pyo3(signature = (**options))]
    fn snapshots(&self, py: Python<'_>, options: Option<&Bound<'_, PyDict>>) -> PyResult<Vec<PySnapshot>> {
        let keywords = Keywords::new(py, options)?;
        let (filter, mut listing) = (Filter::take(&keywords)?.into(), Listing::take(&keywords)?);
        keywords.finish("snapshots")?;
        let all = self.quietly(py, listing.cancel.take(), |operation| {
            operation.lock_for_reading()?;
            load_all(&operation.repository, &operation.cancel)
        })?;
        readable(py, all, &filter, &listing)
    }

    #[pyo3(signature = (name, /, **options))]
    fn snapshot(
        &self,
        py: Python<'_>,
        name: &str,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<PySnapshot> {
        let keywords = Keywords::new(py, options)?;
        let filter = Filter::take(&keywords)?.into();
        keywords.finish("snapshot")?;
        let (id, snapshot, subfolder) = self.quietly(py, None, |operation| {
            operation.lock_for_reading()?;
            find(&operation.repository, name, &filter)
        })?;
        Ok(PySnapshot { id, snapshot, subfolder })
    }
}

#[pymethods]
impl PySnapshot {
    #[getter]
    fn id(&self) -> String {
        self.id.to_string()
    }

    #[getter]
    fn short_id(&self) -> String {
        self.id.short()
    }

    #[getter]
    fn time<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        datetime(py, self.snapshot.time)
    }

    #[getter]
    fn time_text(&self) -> String {
        text(&self.snapshot.time)
    }

    #[getter]
    fn parent(&self) -> Option<String> {
        self.snapshot.parent.map(|id| id.to_string())
    }

    #[getter]
    fn tree(&self) -> String {
        self.snapshot.tree.to_string()
    }

    #[getter]
    fn paths<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.snapshot.paths)
    }

    #[getter]
    fn hostname(&self) -> &str {
        &self.snapshot.hostname
    }

    #[getter]
    fn username(&self) -> &str {
        &self.snapshot.username
    }

    #[getter]
    fn uid(&self) -> u32 {
        self.snapshot.uid
    }

    #[getter]
    fn gid(&self) -> u32 {
        self.snapshot.gid
    }

    #[getter]
    fn excludes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.snapshot.excludes)
    }

    #[getter]
    fn tags<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.snapshot.tags)
    }

    #[getter]
    fn original(&self) -> Option<String> {
        self.snapshot.original.map(|id| id.to_string())
    }

    #[getter]
    fn program_version(&self) -> &str {
        &self.snapshot.program_version
    }

    #[getter]
    fn summary<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        self.snapshot.summary.as_ref().map(|summary| counters(py, summary)).transpose()
    }

    fn to_json(&self) -> Vec<u8> {
        self.snapshot.to_json()
    }

    fn __eq__(&self, other: &Self) -> bool {
        (self.id, &self.subfolder) == (other.id, &other.subfolder)
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.id.hash(&mut hasher);
        hasher.finish()
    }

    fn __repr__(&self) -> String {
        let Snapshot { time, hostname, .. } = &self.snapshot;
        format!("<Snapshot {} of {hostname} at {}>", self.id.short(), text(time))
    }
}

fn counters<'py>(py: Python<'py>, summary: &Summary) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("backup_start", text(&summary.backup_start))?;
    dict.set_item("backup_end", text(&summary.backup_end))?;
    for (name, value) in [
        ("files_new", summary.files_new),
        ("files_changed", summary.files_changed),
        ("files_unmodified", summary.files_unmodified),
        ("dirs_new", summary.dirs_new),
        ("dirs_changed", summary.dirs_changed),
        ("dirs_unmodified", summary.dirs_unmodified),
        ("data_blobs", summary.data_blobs),
        ("tree_blobs", summary.tree_blobs),
        ("data_added", summary.data_added),
        ("data_added_packed", summary.data_added_packed),
        ("total_files_processed", summary.total_files_processed),
        ("total_bytes_processed", summary.total_bytes_processed),
    ] {
        dict.set_item(name, value)?;
    }
    Ok(dict)
}
