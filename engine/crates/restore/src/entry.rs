//! An entry that is to be restored: the part of its node that matters, small enough for tens of thousands in memory.

use std::ops::Range;
use std::sync::Arc;

use holdfast_format::Id;
use holdfast_format::node::{Node, Xattr};

use crate::folder::Folder;

/// Seconds and nanoseconds since 1970.
pub type Time = (i64, u32);

/// What is set after the contents.
#[derive(Debug, Default)]
pub struct Metadata {
    /// As `chmod` has it: permissions, setuid, setgid, sticky.
    pub mode: u32,
    pub uid: u32,
    pub gid: u32,
    pub mtime: Time,
    pub atime: Time,
    pub xattrs: Box<[Xattr]>,
}

/// An entry that is no folder.
#[derive(Debug)]
pub struct Entry {
    pub folder: Arc<Folder>,
    pub name: Box<[u8]>,
    pub metadata: Metadata,
    pub what: What,
}

/// What kind of entry it is.
#[derive(Debug)]
pub enum What {
    File {
        size: u64,
        /// Its blobs among those of the batch.
        blobs: Range<u32>,
        /// Among all selected files of the snapshot, in the order of the walk.
        number: u64,
    },
    /// Another name of a file.
    Link(Arc<Place>),
    Symlink(Box<[u8]>),
    Block(u64),
    Char(u64),
    Fifo,
}

/// Where something is.
#[derive(Debug)]
pub struct Place {
    pub folder: Arc<Folder>,
    pub name: Box<[u8]>,
}

impl Entry {
    /// Inside the snapshot.
    pub fn path(&self) -> Vec<u8> {
        self.folder.path_of(&self.name)
    }

    /// Its blobs, given those of the batch.
    pub fn blobs<'a>(&self, all: &'a [Id]) -> &'a [Id] {
        match &self.what {
            What::File { blobs, .. } => &all[blobs.start as usize..blobs.end as usize],
            _ => &[],
        }
    }

    /// The number of its first blob in the batch.
    pub fn first_blob(&self) -> u32 {
        if let What::File { blobs, .. } = &self.what { blobs.start } else { 0 }
    }

    /// Of a file, see [`What::File`].
    pub fn number(&self) -> Option<u64> {
        if let What::File { number, .. } = self.what { Some(number) } else { None }
    }
}

/// Whether a name stays in its folder.
pub fn is_name(name: &[u8]) -> bool {
    !matches!(name, b"" | b"." | b"..") && !name.iter().any(|byte| matches!(byte, 0 | b'/'))
}

impl Metadata {
    /// Of a node; ownership by name is the caller's.
    pub fn of(node: &mut Node) -> Self {
        Self {
            mode: unix_mode(node.mode),
            uid: node.uid,
            gid: node.gid,
            mtime: node.mtime.instant(),
            atime: node.atime.instant(),
            xattrs: std::mem::take(&mut node.xattrs).into_boxed_slice(),
        }
    }
}

/// Go's bits as `chmod` has them.
pub fn unix_mode(go: u32) -> u32 {
    let special = [(1 << 23, 0o4000), (1 << 22, 0o2000), (1 << 20, 0o1000)];
    special.iter().filter(|(bit, _)| go & bit != 0).fold(go & 0o777, |mode, (_, unix)| mode | unix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_leave_their_folder_are_none() {
        for bad in [&b""[..], b".", b"..", b"a/b", b"/", b"a\0b"] {
            assert!(!is_name(bad), "{bad:?}");
        }
        for good in [&b"a"[..], b"...", b"..a", b"\xff", b"a\nb", b"a\\b"] {
            assert!(is_name(good), "{good:?}");
        }
    }

    #[test]
    fn special_bits_are_moved() {
        assert_eq!(unix_mode(1 << 23 | 0o755), 0o4755);
        assert_eq!(unix_mode(1 << 22 | 1 << 31 | 0o750), 0o2750);
        assert_eq!(unix_mode(1 << 20 | 1 << 31 | 0o777), 0o1777);
    }
}
