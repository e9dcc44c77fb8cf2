//! `open_file`: contents of a file by position.

use std::borrow::Cow;
use std::sync::Arc;

use holdfast_format::Error;
use holdfast_format::node::NodeType;
use holdfast_repo::Lock;
use holdfast_restore::FileReader;
use parking_lot::Mutex;
use pyo3::prelude::*;

use crate::keywords::PathText;
use crate::lookup::{Root, clean};
use crate::node::PyNode;
use crate::opening::Repository;
use crate::snapshots::Chosen;
use crate::values::class;

/// See `_engine.pyi`.
#[pyclass(frozen, name = "FileReader", module = "holdfast_engine")]
pub struct PyFileReader {
    owner: Py<Repository>,
    reader: Arc<FileReader>,
    lock: Mutex<Option<Arc<Lock>>>,
}

#[pymethods]
impl PyFileReader {
    #[getter]
    fn size(&self) -> u64 {
        self.reader.size()
    }

    #[pyo3(signature = (offset, length, /))]
    fn read_at(&self, py: Python<'_>, offset: u64, length: u64) -> PyResult<Cow<'static, [u8]>> {
        let rest = self.reader.size().saturating_sub(offset);
        let mut out = vec![0; length.min(rest) as usize];
        let out = self.owner.get().quietly(py, None, |_| {
            let read = self.reader.read_at(offset, &mut out)?;
            out.truncate(read);
            Ok(out)
        })?;
        Ok(Cow::from(out))
    }

    fn close(&self, py: Python<'_>) {
        let lock = self.lock.lock().take();
        py.detach(|| drop(lock));
    }
}

#[pymethods]
impl Repository {
    #[pyo3(signature = (snapshot, path, /))]
    fn open_file<'py>(
        slf: &Bound<'py, Self>,
        snapshot: Chosen,
        path: PathText,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (py, path) = (slf.py(), clean(&path.0));
        let (node, reader, lock) = slf.get().quietly(py, None, |operation| {
            let lock = operation.lock_for_reading()?;
            let root = Root::of(snapshot, operation)?;
            match root.node(operation, &path)? {
                Some(node) if node.kind == NodeType::File => {
                    let reader = FileReader::new(&operation.repository, &node)?;
                    Ok((node, Arc::new(reader), lock))
                }
                _ => Err(Error::refused(format!("{} is not a file", path.escape_ascii()))),
            }
        })?;
        let reader = PyFileReader { owner: slf.clone().unbind(), reader, lock: Mutex::new(lock) };
        class(py, "_file", "SnapshotFile")?.call1((reader, PyNode::new(path, node)))
    }
}
