//! `backup_stream`: entries, file objects and chunks are asked of Python one by one, in the calling thread.

use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;

use holdfast_backup::{StreamEntry, backup_stream};
use holdfast_format::Result;
use holdfast_format::node::{Node, NodeType, Xattr};
use holdfast_format::time::Timestamp;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyDict, PyIterator, PyString};

use crate::backup::{Choosing, Storing};
use crate::keywords::{Keywords, PathText, options};
use crate::node::go_mode;
use crate::opening::Repository;
use crate::times::Moment;
use crate::work::Errands;

/// Bytes that a file object is asked for at once.
const CHUNK: usize = 1 << 20;

options! {
    /// `Metadata` of `_backup.py`.
    Metadata {
        r#type: String,
        mode: u32,
        mtime: Moment,
        uid: u32,
        gid: u32,
        user: String,
        group: String,
        linktarget: PathText,
        device: u64,
        xattrs: std::collections::BTreeMap<String, PyBackedBytes>,
    }
}

/// Where the bytes of an entry come from.
enum Source {
    Bytes(PyBackedBytes),
    File(Py<PyAny>),
    Chunks(Py<PyIterator>),
}

/// The entries of an iterable.
struct Entries {
    iterator: Arc<Py<PyIterator>>,
    time: Timestamp,
    errands: Errands,
}

impl Iterator for Entries {
    type Item = Result<StreamEntry>;

    fn next(&mut self) -> Option<Self::Item> {
        let (iterator, time, errands) = (self.iterator.clone(), self.time, self.errands.clone());
        let asked = self.errands.ask(move |py| {
            iterator.bind(py).clone().next().map(|entry| read_entry(&entry?, time, errands)).transpose()
        });
        asked.transpose()
    }
}

fn read_entry(entry: &Bound<'_, PyAny>, time: Timestamp, errands: Errands) -> PyResult<StreamEntry> {
    let (path, metadata, content): (PathText, Bound<'_, PyDict>, Bound<'_, PyAny>) = entry
        .extract()
        .map_err(|error| PyTypeError::new_err(format!("an entry is (path, metadata, content): {error}")))?;
    let keywords = Keywords::new(entry.py(), Some(&metadata))?;
    let node = Metadata::take(&keywords)?.node(time)?;
    keywords.finish("metadata")?;
    let source = source(&content)?;
    if source.is_some() && node.kind != NodeType::File {
        let message = format!("{}: a {} has no content", path.lossy(), node.kind.name());
        return Err(PyValueError::new_err(message));
    }
    let reader = (node.kind == NodeType::File).then(|| Reader { source, errands, rest: None, read: 0 });
    Ok(StreamEntry { path: path.0, node, reader: reader.map(|reader| Box::new(reader) as _) })
}

impl Metadata {
    fn node(self, time: Timestamp) -> PyResult<Node> {
        let kind = kind(self.r#type.as_deref())?;
        let mtime = self.mtime.map_or(time, |moment| moment.0);
        let mode = self.mode.unwrap_or(if kind == NodeType::Dir { 0o755 } else { 0o644 });
        let xattrs = self.xattrs.unwrap_or_default().into_iter();
        Ok(Node {
            kind,
            mode: go_mode(mode, kind),
            mtime,
            atime: mtime,
            ctime: mtime,
            uid: self.uid.unwrap_or(0),
            gid: self.gid.unwrap_or(0),
            user: self.user.unwrap_or_default(),
            group: self.group.unwrap_or_default(),
            linktarget: self.linktarget.map_or(vec![], |target| target.0),
            device: self.device.unwrap_or(0),
            xattrs: xattrs.map(|(name, value)| Xattr { name, value: Some(value.to_vec()) }).collect(),
            ..Node::default()
        })
    }
}

fn kind(name: Option<&str>) -> PyResult<NodeType> {
    Ok(match name {
        None | Some("file") => NodeType::File,
        Some("dir") => NodeType::Dir,
        Some("symlink") => NodeType::Symlink,
        Some("dev") => NodeType::Dev,
        Some("chardev") => NodeType::CharDev,
        Some("fifo") => NodeType::Fifo,
        Some(other) => {
            let message = format!("type {other:?} is unknown: file, dir, symlink, dev, chardev or fifo");
            return Err(PyValueError::new_err(message));
        }
    })
}

fn source(content: &Bound<'_, PyAny>) -> PyResult<Option<Source>> {
    if content.is_none() {
        return Ok(None);
    }
    if content.is_instance_of::<PyString>() {
        return Err(PyTypeError::new_err("content is bytes, not str: encode it"));
    }
    if content.hasattr("read")? {
        return Ok(Some(Source::File(content.clone().unbind())));
    }
    Ok(Some(match as_bytes(content) {
        Ok(bytes) => Source::Bytes(bytes),
        Err(_) => Source::Chunks(content.try_iter()?.unbind()),
    }))
}

/// Without a copy for `bytes`.
fn as_bytes(object: &Bound<'_, PyAny>) -> PyResult<PyBackedBytes> {
    if object.is_instance_of::<pyo3::types::PyMemoryView>() {
        return Ok(object.call_method0("tobytes")?.extract::<PyBackedBytes>()?);
    }
    object.extract().map_err(|_| PyTypeError::new_err("contents are bytes"))
}

/// The bytes of one entry.
struct Reader {
    source: Option<Source>,
    errands: Errands,
    rest: Option<PyBackedBytes>,
    read: usize,
}

impl Reader {
    /// The next bytes, not empty; `None` at the end.
    fn fetch(&mut self) -> Result<Option<PyBackedBytes>> {
        let Some(source) = self.source.take() else { return Ok(None) };
        let (source, bytes) = self.errands.ask(move |py| pull(py, source))?;
        self.source = source;
        Ok(bytes)
    }
}

/// One step of a source, and what is left of it.
fn pull(py: Python<'_>, source: Source) -> PyResult<(Option<Source>, Option<PyBackedBytes>)> {
    match source {
        Source::Bytes(bytes) => Ok((None, Some(bytes).filter(|bytes| !bytes.is_empty()))),
        Source::File(file) => {
            let bytes = as_bytes(file.call_method1(py, "read", (CHUNK,))?.bind(py))?;
            Ok(if bytes.is_empty() { (None, None) } else { (Some(Source::File(file)), Some(bytes)) })
        }
        Source::Chunks(chunks) => {
            let mut iterator = chunks.bind(py).clone();
            while let Some(chunk) = iterator.next().transpose()? {
                let bytes = as_bytes(&chunk)?;
                if !bytes.is_empty() {
                    return Ok((Some(Source::Chunks(chunks)), Some(bytes)));
                }
            }
            Ok((None, None))
        }
    }
}

impl Read for Reader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.rest.as_ref().is_none_or(|rest| rest.len() == self.read) {
            (self.rest, self.read) = (self.fetch().map_err(io::Error::other)?, 0);
        }
        let Some(rest) = &self.rest else { return Ok(0) };
        let count = out.len().min(rest.len() - self.read);
        out[..count].copy_from_slice(&rest[self.read..self.read + count]);
        self.read += count;
        Ok(count)
    }
}

#[pymethods]
impl Repository {
    #[pyo3(signature = (entries, paths, /, **options))]
    fn backup_stream<'py>(
        &self,
        py: Python<'py>,
        entries: &Bound<'py, PyAny>,
        paths: Vec<PathBuf>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let keywords = Keywords::new(py, options)?;
        let mut storing = Storing::take(&keywords)?;
        keywords.finish("backup_stream")?;
        storing.force = Some(storing.parent.is_none());
        let iterator = Arc::new(entries.try_iter()?.unbind());
        let paths: Vec<_> = paths.iter().map(|path| path.to_string_lossy().into_owned()).collect();
        let plan = storing.plan(py, &paths, Choosing::default())?;
        plan.run(py, self, |operation, saving| {
            let time = saving.options.time;
            let mut entries = Entries { iterator, time, errands: saving.errands.clone() };
            let (repository, cancel) = (&operation.repository, &operation.cancel);
            let (lock, counters, watcher) = (saving.lock.clone(), saving.counters, saving.watcher);
            backup_stream(repository, lock, &mut entries, &paths, saving.options, counters, watcher, cancel)
        })
    }
}
