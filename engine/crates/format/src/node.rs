//! One entry of a folder.

use std::str;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::Result;
use crate::id::Id;
use crate::json::{self, Object};
use crate::quote;
use crate::read;
use crate::time::Timestamp;

mod stored;

/// Kinds of entries.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NodeType {
    /// A regular file.
    #[default]
    File,
    /// A folder.
    Dir,
    /// A symbolic link.
    Symlink,
    /// A block device.
    Dev,
    /// A character device.
    CharDev,
    /// A named pipe.
    Fifo,
    /// A socket; never saved.
    Socket,
    /// What nobody knows.
    Irregular,
}

impl NodeType {
    /// As stored: `file`, `dir`, `symlink`, `dev`, `chardev`, `fifo`, `socket`, `irregular`.
    pub fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Dir => "dir",
            Self::Symlink => "symlink",
            Self::Dev => "dev",
            Self::CharDev => "chardev",
            Self::Fifo => "fifo",
            Self::Socket => "socket",
            Self::Irregular => "irregular",
        }
    }
}

/// An extended attribute.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Xattr {
    /// With its namespace, `user.x`. restic's format has no place for bytes that are not UTF-8: `json::lossy` gives what it stores.
    pub name: String,
    /// As the kernel gives it; `None` (JSON null) is an empty value written by Go from a nil slice.
    #[serde(default, deserialize_with = "read::base64")]
    pub value: Option<Vec<u8>>,
}

/// One entry; fields in restic's order. Bytes where the file system has bytes.
#[derive(Clone, Debug, Default)]
pub struct Node {
    /// Raw name.
    pub name: Vec<u8>,
    /// What it is.
    pub kind: NodeType,
    /// Go's `fs.FileMode` bits, 0 is left out.
    pub mode: u32,
    /// Last change of the contents.
    pub mtime: Timestamp,
    /// Last access (the same as mtime unless asked for).
    pub atime: Timestamp,
    /// Last change of the inode.
    pub ctime: Timestamp,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Owner's name or nothing.
    pub user: String,
    /// Group's name or nothing.
    pub group: String,
    /// 0 is left out.
    pub inode: u64,
    /// `st_dev`, 0 is left out.
    pub device_id: u64,
    /// Bytes, 0 is left out.
    pub size: u64,
    /// Hard links, 0 is left out.
    pub links: u64,
    /// Where a symlink points to; raw bytes (stored as `linktarget_raw` besides when not UTF-8).
    pub linktarget: Vec<u8>,
    /// All extended attributes.
    pub xattrs: Vec<Xattr>,
    /// What other systems store, kept as it is.
    pub generic_attributes: Option<Box<RawValue>>,
    /// `st_rdev` of devices, 0 is left out.
    pub device: u64,
    /// Blobs of a file in order (`Some(vec![])` for an empty one); `None` (null) for everything else.
    pub content: Option<Vec<Id>>,
    /// Tree of a folder.
    pub subtree: Option<Id>,
    /// Why it could not be read.
    pub error: String,
}

impl Node {
    /// Appends the JSON up to and including `links`: what statx alone decides. `write` begins with the same bytes.
    pub fn write_stem(&self, out: &mut Vec<u8>) {
        let mut object = Object::begin(out);
        write_name(&self.name, object.field("name"));
        object.string("type", self.kind.name());
        object.some_number("mode", self.mode.into());
        object.time("mtime", &self.mtime);
        object.time("atime", &self.atime);
        object.time("ctime", &self.ctime);
        object.number("uid", self.uid.into());
        object.number("gid", self.gid.into());
        object.some_string("user", &self.user);
        object.some_string("group", &self.group);
        object.some_number("inode", self.inode);
        object.some_number("device_id", self.device_id);
        object.some_number("size", self.size);
        object.some_number("links", self.links);
    }

    /// Appends what follows the stem, closing brace included.
    pub fn write_rest(&self, out: &mut Vec<u8>) {
        let mut object = Object::resume(out);
        self.write_linktarget(&mut object);
        if !self.xattrs.is_empty() {
            json::list(&self.xattrs, object.field("extended_attributes"), Xattr::write);
        }
        if let Some(attributes) = &self.generic_attributes {
            object.field("generic_attributes").extend_from_slice(attributes.get().as_bytes());
        }
        object.some_number("device", self.device);
        match &self.content {
            Some(blobs) => json::list(blobs, object.field("content"), json::id),
            None => object.null("content"),
        }
        object.some_id("subtree", self.subtree.as_ref());
        object.some_string("error", &self.error);
        object.end();
    }

    fn write_linktarget(&self, object: &mut Object<'_>) {
        if self.linktarget.is_empty() {
            return;
        }
        json::string(&self.linktarget, object.field("linktarget"));
        if str::from_utf8(&self.linktarget).is_err() {
            object.base64("linktarget_raw", &self.linktarget);
        }
    }

    /// Appends restic's JSON of the node.
    pub fn write(&self, out: &mut Vec<u8>) {
        self.write_stem(out);
        self.write_rest(out);
    }

    /// Reads one node's JSON; unknown fields are skipped.
    pub fn parse(json: &[u8]) -> Result<Self> {
        stored::parse(json)
    }
}

/// Appends a name in Go's quotes, and those in JSON's.
fn write_name(raw: &[u8], out: &mut Vec<u8>) {
    if json::is_plain(raw) {
        return json::string(raw, out);
    }
    let mut quoted = Vec::with_capacity(2 * raw.len());
    quote::quote(raw, &mut quoted);
    json::string(&quoted, out);
}

impl Xattr {
    fn write(&self, out: &mut Vec<u8>) {
        let mut object = Object::begin(out);
        object.lossy_string("name", &self.name);
        match &self.value {
            Some(value) => object.base64("value", value),
            None => object.null("value"),
        }
        object.end();
    }
}
