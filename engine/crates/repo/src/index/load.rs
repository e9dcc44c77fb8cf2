//! Reads all index files of a repository.

use std::sync::atomic::{AtomicU64, Ordering};

use holdfast_backend::Cancel;
use holdfast_format::pack::PackedBlob;
use holdfast_format::{Error, FileType, Id, Result, Version, index};

use super::Index;
use super::build::{Building, Part};
use crate::{Repository, parallel};

/// Files decoded at the same time: each takes about 15 MB while it is.
const AT_ONCE: usize = 4;

/// Told while index files are loaded, from any thread. A closure is told of progress only.
pub trait IndexWatcher: Sync {
    /// A file names a pack, with these blobs; perhaps not only once.
    fn pack(&self, _file: &Id, _pack: Id, _blobs: &[PackedBlob]) {}
    /// A file cannot be read; `Ok` goes on without it.
    fn unreadable(&self, _file: &Id, error: Error) -> Result<()> {
        Err(error)
    }
    /// So many files are done.
    fn progress(&self, done: u64, all: u64);
}

impl<F: Fn(u64, u64) + Sync> IndexWatcher for F {
    fn progress(&self, done: u64, all: u64) {
        self(done, all);
    }
}

/// Loads everything, or gives the first error that the watcher does not take.
pub fn load(repository: &Repository, cancel: &Cancel, watcher: &dyn IndexWatcher) -> Result<Index> {
    let files: Vec<Id> =
        repository.backend().list(FileType::Index)?.into_iter().map(|file| file.id).collect();
    let (building, done, all) = (Building::default(), AtomicU64::new(0), files.len() as u64);
    watcher.progress(0, all);
    let threads = repository.backend().connections().max(parallel::cores()).min(AT_ONCE);
    parallel::run(files.len(), threads, Part::default, |part, at| {
        cancel.check()?;
        let file = &files[at];
        let mut add = |pack, blobs: &[PackedBlob]| {
            building.add(part, pack, blobs);
            watcher.pack(file, pack, blobs);
        };
        read(repository, file, &mut add).or_else(|error| watcher.unreadable(file, error))?;
        building.append(part);
        watcher.progress(done.fetch_add(1, Ordering::Relaxed) + 1, all);
        Ok(())
    })?;
    Ok(building.finish(files, parallel::cores()))
}

/// Hands out the packs of one file.
fn read(repository: &Repository, file: &Id, pack: &mut dyn FnMut(Id, &[PackedBlob])) -> Result<()> {
    let json = repository.load_unpacked(FileType::Index, file)?;
    let old = repository.config().version == Version::V1;
    index::decode(&json, &mut |id, blobs| {
        if old && blobs.iter().any(|blob| blob.uncompressed.is_some()) {
            return Err(Error::damaged(
                "this index file",
                "it names compressed blobs in a repository of version 1",
            ));
        }
        pack(id, blobs);
        Ok(())
    })
    .map_err(|error| named(error, file))
}

/// Says which file it was.
fn named(error: Error, file: &Id) -> Error {
    match error {
        Error::Damaged { why, .. } => Error::damaged(format!("index {file}"), why),
        Error::Refused { what } => Error::refused(format!("index {file}: {what}")),
        other => other,
    }
}
