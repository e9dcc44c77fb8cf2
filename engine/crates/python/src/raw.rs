//! `list_files`, `blobs`, `cat`: what is stored.

use std::borrow::Cow;

use holdfast_format::{BlobType, Error, FileType, Id, Result};
use holdfast_repo::Place;
use holdfast_repo::snapshots::find_file;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::cancel::Stop;
use crate::iterating::Iterating;
use crate::lookup::Root;
use crate::opening::Repository;
use crate::operation::Operation;
use crate::snapshots::Chosen;
use crate::values::record;

const MODULE: &str = "_inspect";

fn file_type(kind: &str) -> Option<FileType> {
    Some(match kind {
        "pack" => FileType::Pack,
        "index" => FileType::Index,
        "snapshot" => FileType::Snapshot,
        "key" => FileType::Key,
        "lock" => FileType::Lock,
        _ => return None,
    })
}

/// What `cat` shows.
enum Wanted {
    Config,
    File(FileType),
    Blob,
    Tree,
}

impl Wanted {
    fn parse(kind: &str) -> PyResult<Self> {
        Ok(match (kind, file_type(kind)) {
            ("config", _) => Self::Config,
            ("blob", _) => Self::Blob,
            ("tree", _) => Self::Tree,
            (_, Some(kind)) => Self::File(kind),
            _ => return Err(PyValueError::new_err(format!("kind {kind:?} is nothing that is stored"))),
        })
    }

    fn load(&self, operation: &Operation<'_>, name: &str) -> Result<Vec<u8>> {
        let repository = &operation.repository;
        match self {
            Self::Config => Ok(repository.config().to_json()),
            Self::File(kind @ (FileType::Pack | FileType::Key)) => {
                repository.load_raw(*kind, &find_file(repository, *kind, name)?)
            }
            Self::File(kind) => repository.load_unpacked(*kind, &find_file(repository, *kind, name)?),
            Self::Blob => blob(operation, name),
            Self::Tree => tree(operation, name),
        }
    }
}

fn blob(operation: &Operation<'_>, name: &str) -> Result<Vec<u8>> {
    let id: Id = name.parse()?;
    operation.load_index()?;
    let index = operation.repository.index();
    let kind = [BlobType::Data, BlobType::Tree].into_iter().find(|kind| index.contains(*kind, &id));
    kind.ok_or_else(|| Error::missing(format!("blob {id}")))
        .and_then(|kind| operation.repository.load_blob(kind, &id))
}

fn tree(operation: &Operation<'_>, name: &str) -> Result<Vec<u8>> {
    let root = Root::of(Chosen::Named(name.to_owned()), operation)?;
    operation.repository.load_blob(BlobType::Tree, &root.tree)
}

#[pymethods]
impl Repository {
    #[pyo3(signature = (kind, /, *, cancel = None))]
    fn list_files<'py>(
        &self,
        py: Python<'py>,
        kind: &str,
        cancel: Option<Stop>,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let kind = file_type(kind).ok_or_else(|| {
            PyValueError::new_err(format!(
                "kind {kind:?} is no kind of files: pack, index, snapshot, key or lock"
            ))
        })?;
        let files = self.quietly(py, cancel, |operation| {
            if kind != FileType::Lock {
                operation.lock_for_reading()?;
            }
            operation.repository.backend().list(kind)
        })?;
        files.into_iter().map(|f| record(py, MODULE, "ListedFile", (f.id.to_string(), f.size))).collect()
    }

    #[pyo3(signature = (kind, name = "", /, *, cancel = None))]
    fn cat(
        &self,
        py: Python<'_>,
        kind: &str,
        name: &str,
        cancel: Option<Stop>,
    ) -> PyResult<Cow<'static, [u8]>> {
        let wanted = Wanted::parse(kind)?;
        let bytes = self.quietly(py, cancel, |operation| {
            operation.lock_for_reading()?;
            wanted.load(operation, name)
        })?;
        Ok(Cow::from(bytes))
    }

    #[pyo3(signature = (*, cancel = None))]
    fn blobs(slf: &Bound<'_, Self>, cancel: Option<Stop>) -> PyResult<Iterating> {
        Iterating::start(slf, cancel, |operation, sink| {
            operation.lock_for_reading()?;
            operation.load_index()?;
            let index = operation.repository.index();
            let mut all = [BlobType::Data, BlobType::Tree]
                .into_iter()
                .flat_map(|kind| index.blobs(kind).map(move |(id, place)| (kind, id, place)));
            all.try_for_each(|(kind, id, place)| sink.put(move |py| info(py, kind, &id, &place)))
        })
    }
}

fn info<'py>(py: Python<'py>, kind: BlobType, id: &Id, place: &Place) -> PyResult<Bound<'py, PyAny>> {
    let Place { pack, offset, length, uncompressed } = place;
    let fields = (kind.name(), id.to_string(), pack.to_string(), *offset, *length, *uncompressed);
    record(py, MODULE, "BlobInfo", fields)
}
