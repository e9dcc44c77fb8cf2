//! The class `Node`: values are made when they are asked for, so that listing many entries is cheap.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use holdfast_format::node::{Node, NodeType};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};

use crate::times::{datetime, nanoseconds, text};

const SETUID: u32 = 1 << 23;
const SETGID: u32 = 1 << 22;
const STICKY: u32 = 1 << 20;
/// Letters of Go's `fs.FileMode.String`, from bit 31 down.
const LETTERS: &[u8] = b"dalTLDpSugct?";

/// See `_engine.pyi`.
#[pyclass(frozen, name = "Node", module = "holdfast_engine")]
pub struct PyNode {
    path: Vec<u8>,
    node: Node,
}

impl PyNode {
    /// An entry at an absolute path.
    pub fn new(path: Vec<u8>, node: Node) -> Self {
        Self { path, node }
    }
}

/// As `st_mode` has it.
fn unix_mode(node: &Node) -> u32 {
    let kind = match node.kind {
        NodeType::File | NodeType::Irregular => 0o100_000,
        NodeType::Dir => 0o040_000,
        NodeType::Symlink => 0o120_000,
        NodeType::Dev => 0o060_000,
        NodeType::CharDev => 0o020_000,
        NodeType::Fifo => 0o010_000,
        NodeType::Socket => 0o140_000,
    };
    [(SETUID, 0o4000), (SETGID, 0o2000), (STICKY, 0o1000)].iter().fold(
        kind | node.mode & 0o777,
        |mode, (go, unix)| if node.mode & go == 0 { mode } else { mode | unix },
    )
}

/// Go's `fs.FileMode` for what `os.chmod` takes and a kind of entry.
pub fn go_mode(unix: u32, kind: NodeType) -> u32 {
    let kind = match kind {
        NodeType::File => 0,
        NodeType::Dir => 1 << 31,
        NodeType::Symlink => 1 << 27,
        NodeType::Dev => 1 << 26,
        NodeType::CharDev => 1 << 26 | 1 << 21,
        NodeType::Fifo => 1 << 25,
        NodeType::Socket => 1 << 24,
        NodeType::Irregular => 1 << 19,
    };
    [(SETUID, 0o4000), (SETGID, 0o2000), (STICKY, 0o1000)]
        .iter()
        .fold(kind | unix & 0o777, |mode, (go, bit)| if unix & bit == 0 { mode } else { mode | go })
}

/// `drwxr-xr-x`, as Go shows a mode.
fn permissions(mode: u32) -> String {
    let special = LETTERS.iter().enumerate().filter(|(bit, _)| mode & (1 << (31 - bit)) != 0);
    let mut shown: String = special.map(|(_, letter)| char::from(*letter)).collect();
    if shown.is_empty() {
        shown.push('-');
    }
    let bits = b"rwxrwxrwx".iter().enumerate();
    shown.extend(
        bits.map(|(bit, letter)| if mode & (1 << (8 - bit)) == 0 { '-' } else { char::from(*letter) }),
    );
    shown
}

fn name(bytes: &[u8]) -> &OsStr {
    OsStr::from_bytes(bytes)
}

#[pymethods]
impl PyNode {
    #[getter]
    fn name(&self) -> &OsStr {
        name(&self.node.name)
    }

    #[getter]
    fn raw_name(&self) -> Cow<'_, [u8]> {
        Cow::from(&self.node.name)
    }

    #[getter]
    fn path(&self) -> &OsStr {
        name(&self.path)
    }

    #[getter]
    fn raw_path(&self) -> Cow<'_, [u8]> {
        Cow::from(&self.path)
    }

    #[getter]
    fn r#type(&self) -> &'static str {
        self.node.kind.name()
    }

    #[getter]
    fn mode(&self) -> u32 {
        unix_mode(&self.node)
    }

    #[getter]
    fn go_mode(&self) -> u32 {
        self.node.mode
    }

    #[getter]
    fn permissions(&self) -> String {
        permissions(self.node.mode)
    }

    #[getter]
    fn mtime<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        datetime(py, self.node.mtime)
    }

    #[getter]
    fn mtime_ns(&self) -> i128 {
        nanoseconds(&self.node.mtime)
    }

    #[getter]
    fn mtime_text(&self) -> String {
        text(&self.node.mtime)
    }

    #[getter]
    fn atime_ns(&self) -> i128 {
        nanoseconds(&self.node.atime)
    }

    #[getter]
    fn atime_text(&self) -> String {
        text(&self.node.atime)
    }

    #[getter]
    fn ctime_ns(&self) -> i128 {
        nanoseconds(&self.node.ctime)
    }

    #[getter]
    fn ctime_text(&self) -> String {
        text(&self.node.ctime)
    }

    #[getter]
    fn uid(&self) -> u32 {
        self.node.uid
    }

    #[getter]
    fn gid(&self) -> u32 {
        self.node.gid
    }

    #[getter]
    fn user(&self) -> &str {
        &self.node.user
    }

    #[getter]
    fn group(&self) -> &str {
        &self.node.group
    }

    #[getter]
    fn inode(&self) -> u64 {
        self.node.inode
    }

    #[getter]
    fn device_id(&self) -> u64 {
        self.node.device_id
    }

    #[getter]
    fn size(&self) -> u64 {
        self.node.size
    }

    #[getter]
    fn links(&self) -> u64 {
        self.node.links
    }

    #[getter]
    fn linktarget(&self) -> &OsStr {
        name(&self.node.linktarget)
    }

    #[getter]
    fn raw_linktarget(&self) -> Cow<'_, [u8]> {
        Cow::from(&self.node.linktarget)
    }

    #[getter]
    fn device(&self) -> u64 {
        self.node.device
    }

    #[getter]
    fn xattrs<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        for xattr in &self.node.xattrs {
            dict.set_item(&xattr.name, PyBytes::new(py, xattr.value.as_deref().unwrap_or_default()))?;
        }
        Ok(dict)
    }

    #[getter]
    fn content<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyTuple>>> {
        let ids = |content: &Vec<_>| PyTuple::new(py, content.iter().map(ToString::to_string));
        self.node.content.as_ref().map(ids).transpose()
    }

    #[getter]
    fn subtree(&self) -> Option<String> {
        self.node.subtree.map(|id| id.to_string())
    }

    #[getter]
    fn error(&self) -> &str {
        &self.node.error
    }

    fn to_json(&self) -> Cow<'static, [u8]> {
        let mut json = Vec::new();
        self.node.write(&mut json);
        Cow::from(json)
    }

    fn __repr__(&self) -> String {
        format!("<Node {} {}>", permissions(self.node.mode), self.path.escape_ascii())
    }
}
