//! Copies of small, often read files on this machine, in restic's folder and layout, so that both tools share them.
//!
//! The layer keeps index files, snapshots and packs of trees as they are stored, encrypted. It never knows whether a copy is
//! right: who finds that it is not calls [`Backend::forget`] and reads again. A cache that fails is only slow, never an error.

mod folder;
mod folders;

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use holdfast_format::{Error, FileType, Id, Result};
use parking_lot::{Condvar, Mutex};

use crate::failure::cut;
use crate::passing::pass_on;
use crate::{Backend, Handle, Listed, Notices, Spill, Take, spilled};

use folder::Folder;
pub use folders::{CacheFolder, MAX_AGE, list, remove_old, standard_folder};

/// Any store, with copies.
#[derive(Debug)]
pub struct Cached {
    inner: Arc<dyn Backend>,
    copies: Folder,
    fetching: Fetching,
    notices: Notices,
    complained: AtomicBool,
}

impl Cached {
    /// Copies of that repository's files below a folder, which is made if it is missing. A folder that a newer version of
    /// restic's cache uses is refused.
    pub fn new(inner: Arc<dyn Backend>, folder: &Path, repository: &Id) -> Result<Self> {
        let copies = Folder::open(folder, repository)?;
        let (notices, complained) = (Notices::default(), AtomicBool::new(false));
        Ok(Self { inner, copies, fetching: Fetching::default(), notices, complained })
    }

    /// Says once when copies cannot be kept.
    #[must_use]
    pub fn with_notices(mut self, notices: Notices) -> Self {
        self.notices = notices;
        self
    }

    /// Whether a copy is kept.
    pub fn has(&self, file: &Handle) -> bool {
        self.copies.has(file)
    }

    /// Removes the copies of all other files of a kind.
    pub fn keep_only(&self, kind: FileType, files: &HashSet<Id>) {
        self.complain(self.copies.clear(kind, files));
    }

    fn read_through(
        &self,
        file: &Handle,
        offset: u64,
        length: Option<usize>,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let _alone = self.fetching.alone(file.id);
        if self.copies.read(file, offset, length, out) {
            return Ok(()); // somebody else fetched it meanwhile
        }
        self.inner.read(file, 0, None, out)?;
        self.keep(file, out);
        cut(file, offset, length, out)
    }

    fn keep(&self, file: &Handle, bytes: &[u8]) {
        self.complain(self.copies.write(file, bytes));
    }

    /// Once, because a full disk would say it for every file.
    fn complain(&self, done: Result<()>) {
        let Err(why) = done else { return };
        if !self.complained.swap(true, Ordering::Relaxed) {
            self.notices.say(&format!("the cache does not work: {why}"));
        }
    }
}

fn is_kept(file: &Handle) -> bool {
    match file.kind {
        FileType::Index | FileType::Snapshot => true,
        FileType::Pack => file.tree_pack,
        _ => false,
    }
}

impl Backend for Cached {
    pass_on!(location connections create folder);

    fn stat(&self, file: &Handle) -> Result<u64> {
        let size = self.inner.stat(file);
        if matches!(size, Err(Error::Missing { .. })) {
            self.forget(file);
        }
        size
    }

    fn read(&self, file: &Handle, offset: u64, length: Option<usize>, out: &mut Vec<u8>) -> Result<()> {
        if self.copies.read(file, offset, length, out) {
            Ok(())
        } else if is_kept(file) {
            self.read_through(file, offset, length, out)
        } else {
            self.inner.read(file, offset, length, out)
        }
    }

    fn stream(&self, file: &Handle, offset: u64, length: usize, take: &mut Take<'_>) -> Result<()> {
        if !is_kept(file) {
            return self.inner.stream(file, offset, length, take);
        }
        let mut bytes = Vec::new();
        self.read(file, offset, Some(length), &mut bytes)?;
        take(&bytes)
    }

    fn write(&self, file: &Handle, bytes: &[u8]) -> Result<()> {
        self.inner.write(file, bytes)?;
        if is_kept(file) {
            self.keep(file, bytes);
        }
        Ok(())
    }

    fn write_spilled(&self, file: &Handle, spill: &Spill) -> Result<()> {
        self.inner.write_spilled(file, spill)?;
        if is_kept(file) {
            self.keep(file, &spilled(spill)?);
        }
        Ok(())
    }

    /// Copies of files that the store no longer has are removed on the way.
    fn list(&self, kind: FileType) -> Result<Vec<Listed>> {
        let listed = self.inner.list(kind)?;
        self.keep_only(kind, &listed.iter().map(|file| file.id).collect());
        Ok(listed)
    }

    fn remove(&self, file: &Handle) -> Result<()> {
        let removed = self.inner.remove(file);
        if matches!(removed, Ok(()) | Err(Error::Missing { .. })) {
            self.forget(file);
        }
        removed
    }

    fn forget(&self, file: &Handle) {
        self.complain(self.copies.remove(file));
        self.inner.forget(file);
    }
}

/// The files that are being fetched, so that two threads do not fetch the same.
#[derive(Debug, Default)]
struct Fetching {
    files: Mutex<HashSet<Id>>,
    done: Condvar,
}

struct Alone<'a>(&'a Fetching, Id);

impl Fetching {
    fn alone(&self, id: Id) -> Alone<'_> {
        let mut files = self.files.lock();
        self.done.wait_while(&mut files, |files| files.contains(&id));
        files.insert(id);
        Alone(self, id)
    }
}

impl Drop for Alone<'_> {
    fn drop(&mut self) {
        self.0.files.lock().remove(&self.1);
        self.0.done.notify_all();
    }
}
