//! `open_file`: contents of a file by position.

use std::borrow::Cow;
use std::sync::Arc;

use holdfast_format::node::{Node, NodeType};
use holdfast_format::{BlobType, Error, Id, Result};
use holdfast_repo::Lock;
use parking_lot::Mutex;
use pyo3::prelude::*;

use crate::errors::exception;
use crate::keywords::PathText;
use crate::lookup::{Root, clean};
use crate::node::PyNode;
use crate::opening::Repository;
use crate::operation::Operation;
use crate::snapshots::Chosen;
use crate::values::class;

/// See `_engine.pyi`.
#[pyclass(frozen, module = "holdfast_engine")]
pub struct FileReader {
    owner: Py<Repository>,
    /// Where each blob begins.
    blobs: Vec<(u64, Id)>,
    #[pyo3(get)]
    size: u64,
    /// The blob that was read last, by its place.
    last: Mutex<Option<(usize, Arc<Vec<u8>>)>>,
    lock: Mutex<Option<Arc<Lock>>>,
}

/// Where each blob of a file begins, and where the last one ends.
fn layout(operation: &Operation<'_>, node: &Node) -> Result<(Vec<(u64, Id)>, u64)> {
    let index = operation.repository.index();
    let mut end = 0;
    let mut blobs = Vec::new();
    for id in node.content.iter().flatten() {
        let place = index.find(BlobType::Data, id);
        let place = place.ok_or_else(|| Error::missing(format!("blob {id} in the index")))?;
        blobs.push((end, *id));
        end += u64::from(place.plain_length());
    }
    Ok((blobs, end))
}

impl FileReader {
    fn blob(&self, py: Python<'_>, at: usize) -> PyResult<Arc<Vec<u8>>> {
        if let Some((_, bytes)) = self.last.lock().as_ref().filter(|(last, _)| *last == at) {
            return Ok(bytes.clone());
        }
        let id = self.blobs[at].1;
        let bytes = self.owner.get().quietly(py, None, |operation| {
            operation.repository.load_blob(BlobType::Data, &id).map(Arc::new)
        })?;
        if bytes.len() as u64
            != self.blobs.get(at + 1).map_or(self.size, |(start, _)| *start) - self.blobs[at].0
        {
            let error = Error::damaged(format!("blob {id}"), "its length is not what the index says");
            return Err(exception(py, error));
        }
        *self.last.lock() = Some((at, bytes.clone()));
        Ok(bytes)
    }
}

#[pymethods]
impl FileReader {
    #[pyo3(signature = (offset, length, /))]
    fn read_at(&self, py: Python<'_>, offset: u64, length: u64) -> PyResult<Cow<'static, [u8]>> {
        let end = offset.saturating_add(length).min(self.size);
        let mut out = Vec::with_capacity(end.saturating_sub(offset) as usize);
        while offset + (out.len() as u64) < end {
            let position = offset + out.len() as u64;
            let at = self.blobs.partition_point(|(start, _)| *start <= position) - 1;
            let bytes = self.blob(py, at)?;
            let part = &bytes[(position - self.blobs[at].0) as usize..];
            out.extend_from_slice(&part[..part.len().min((end - position) as usize)]);
        }
        Ok(Cow::from(out))
    }

    fn close(&self, py: Python<'_>) {
        let (last, lock) = (self.last.lock().take(), self.lock.lock().take());
        py.detach(|| drop((last, lock)));
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
        let (node, (blobs, size), lock) = slf.get().quietly(py, None, |operation| {
            let lock = operation.lock_for_reading()?;
            let root = Root::of(snapshot, operation)?;
            match root.node(operation, &path)? {
                Some(node) if node.kind == NodeType::File => {
                    let layout = layout(operation, &node)?;
                    Ok((node, layout, lock))
                }
                _ => Err(Error::refused(format!("{} is not a file", path.escape_ascii()))),
            }
        })?;
        let owner = slf.clone().unbind();
        let reader = FileReader { owner, blobs, size, last: Mutex::default(), lock: Mutex::new(lock) };
        class(py, "_file", "SnapshotFile")?.call1((reader, PyNode::new(path, node)))
    }
}
