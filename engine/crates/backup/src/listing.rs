//! The names in a folder.

use std::os::fd::{AsFd, OwnedFd};

use holdfast_format::{Error, Result};
use rustix::fs::{Mode, OFlags, RawDir};
use rustix::io::Errno;

/// Room for what one call gives.
const BUFFER: usize = 64 << 10;

/// Names, one behind the other in one buffer: a folder may have very many.
#[derive(Default)]
pub struct Names {
    bytes: Vec<u8>,
    ranges: Vec<(u32, u32)>,
    buffer: Vec<u8>,
}

impl Names {
    /// Replaces what is in here with the sorted names of an open folder.
    pub fn read(&mut self, folder: impl AsFd) -> Result<(), Errno> {
        self.bytes.clear();
        self.ranges.clear();
        self.buffer.reserve(BUFFER);
        let mut entries = RawDir::new(folder, self.buffer.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if name != b"." && name != b".." {
                let start = self.bytes.len() as u32;
                self.bytes.extend_from_slice(name);
                self.ranges.push((start, self.bytes.len() as u32));
            }
        }
        let bytes = &self.bytes;
        self.ranges.sort_unstable_by_key(|&(start, end)| &bytes[start as usize..end as usize]);
        Ok(())
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.ranges.len()
    }

    /// In order of their bytes.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.ranges.iter().map(|&(start, end)| &self.bytes[start as usize..end as usize])
    }
}

/// Opens a folder for reading its names; `no_follow` refuses a symbolic link.
pub fn open(path: &[u8], no_follow: bool) -> Result<OwnedFd, Errno> {
    let follow = if no_follow { OFlags::NOFOLLOW } else { OFlags::empty() };
    open_quietly(path, OFlags::DIRECTORY | follow)
}

/// Opens for reading without a trace in the access time where that is allowed.
pub fn open_quietly(path: &[u8], flags: OFlags) -> Result<OwnedFd, Errno> {
    open_quietly_at(rustix::fs::CWD, path, flags)
}

/// The same below an open folder.
pub fn open_quietly_at(folder: impl AsFd, name: &[u8], flags: OFlags) -> Result<OwnedFd, Errno> {
    let flags = flags | OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    match rustix::fs::openat(&folder, name, flags | OFlags::NOATIME, Mode::empty()) {
        Err(Errno::PERM) => rustix::fs::openat(&folder, name, flags, Mode::empty()),
        opened => opened,
    }
}

/// All names of a folder; an error stops the backup.
pub fn names_sorted(path: &[u8], no_follow: bool) -> Result<Vec<Vec<u8>>> {
    let mut names = Names::default();
    open(path, no_follow)
        .and_then(|folder| names.read(folder))
        .map_err(|error| Error::local(path, error.into()))?;
    Ok(names.iter().map(<[u8]>::to_vec).collect())
}
