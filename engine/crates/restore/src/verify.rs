//! Restored files once more: read from the target and compared blob by blob.

use std::fs::File;
use std::os::fd::BorrowedFd;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use crate::entry::Entry;
use crate::files::size;
use crate::folder::Folders;
use crate::look::right_blobs;
use crate::metadata::explain;
use crate::run::Run;

/// Whether a file has the contents of the snapshot, or what is different.
pub fn file(
    run: &Run<'_>,
    folders: &mut Folders<'_>,
    entry: &Entry,
    blobs: &[holdfast_format::Id],
) -> Result<(), String> {
    let path = || run.on_disk(&entry.path());
    let open = folders.open(&entry.folder).and_then(|folder| open(folder, &entry.name));
    let file = open.map_err(|error| explain(("verify", error), path()))?;
    let length = file.metadata().map_err(|error| format!("cannot verify {}: {error}", path()))?.len();
    if length != size(entry) {
        return Err(format!("{} has {length} bytes instead of {}", path(), size(entry)));
    }
    match right_blobs(run.repository, &file, blobs).iter().position(|right| !right) {
        Some(wrong) => Err(format!("{} is not what was restored: blob {} is another", path(), blobs[wrong])),
        None => Ok(()),
    }
}

fn open(folder: BorrowedFd<'_>, name: &[u8]) -> Result<File, Errno> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    rustix::fs::openat(folder, name, flags, Mode::empty()).map(File::from)
}
