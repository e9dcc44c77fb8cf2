//! `dump`.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use holdfast_format::{Error, Result};
use holdfast_restore::dump::{Archive, Found, file, find, folder};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::cancel::Stop;
use crate::keywords::PathText;
use crate::lookup::Root;
use crate::opening::Repository;
use crate::operation::Operation;
use crate::snapshots::Chosen;
use crate::work::Errands;

/// Where it goes.
enum Target {
    Path(PathBuf),
    File(Arc<Py<PyAny>>),
}

impl FromPyObject<'_, '_> for Target {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        if object.hasattr("write")? {
            return Ok(Self::File(Arc::new(object.to_owned().unbind())));
        }
        Ok(Self::Path(object.extract::<PathText>()?.into_path()))
    }
}

impl Target {
    fn open(self, errands: &Errands) -> Result<Box<dyn Write>> {
        match self {
            Self::Path(path) => {
                let made = File::create(&path);
                let made = made.map_err(|error| Error::local(path.as_os_str().as_encoded_bytes(), error))?;
                Ok(Box::new(made))
            }
            Self::File(file) => Ok(Box::new(Pipe { file, errands: errands.clone() })),
        }
    }
}

/// A Python file object, written to by the calling thread.
struct Pipe {
    file: Arc<Py<PyAny>>,
    errands: Errands,
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let (file, bytes) = (self.file.clone(), bytes.to_vec());
        let written = self.errands.ask(move |py| {
            let written = file.call_method1(py, "write", (PyBytes::new(py, &bytes),))?;
            Ok(written.extract::<usize>(py).unwrap_or(bytes.len()))
        });
        written.map_err(io::Error::other)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn archive(name: &str) -> PyResult<Archive> {
    match name {
        "tar" => Ok(Archive::Tar),
        "zip" => Ok(Archive::Zip),
        other => Err(PyValueError::new_err(format!("archive {other:?} is unknown: tar or zip"))),
    }
}

fn dump(
    operation: &Operation<'_>,
    errands: &Errands,
    snapshot: Chosen,
    path: &[u8],
    target: Target,
    archive: Archive,
) -> Result<()> {
    operation.lock_for_reading()?;
    let root = Root::of(snapshot, operation)?;
    let (repository, cancel) = (&operation.repository, &operation.cancel);
    match find(repository, &root.tree, path)? {
        Found::File(node) => file(repository, &node, &mut target.open(errands)?, cancel),
        Found::Folder(path, tree) => {
            folder(repository, &tree, &path, archive, &mut target.open(errands)?, cancel)
        }
    }
}

#[pymethods]
impl Repository {
    #[pyo3(signature = (snapshot, path, target, /, *, archive = "tar", cancel = None))]
    #[pyo3(name = "dump")]
    fn py_dump(
        &self,
        py: Python<'_>,
        snapshot: Chosen,
        path: PathText,
        target: Target,
        archive: &str,
        cancel: Option<Stop>,
    ) -> PyResult<()> {
        let archive = self::archive(archive)?;
        self.operate(py, cancel, &mut |_| Ok(()), |operation, errands| {
            dump(operation, errands, snapshot, &path.0, target, archive)
        })
    }
}
