//! One entry of a folder.

use serde_json::value::RawValue;

use crate::id::Id;
use crate::time::Timestamp;

/// Kinds of entries.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
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
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Xattr {
    /// With its namespace, `user.x`.
    pub name: String,
    /// As the kernel gives it; `None` (JSON null) is an empty value written by Go from a nil slice.
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
    pub fn write_stem(&self, _out: &mut Vec<u8>) {
        todo!()
    }
    /// Appends what follows the stem, closing brace included.
    pub fn write_rest(&self, _out: &mut Vec<u8>) {
        todo!()
    }
    /// Appends restic's JSON of the node.
    pub fn write(&self, out: &mut Vec<u8>) {
        self.write_stem(out);
        self.write_rest(out);
    }
    /// Reads one node's JSON; unknown fields are skipped.
    pub fn parse(_json: &[u8]) -> crate::error::Result<Self> {
        todo!()
    }
}
