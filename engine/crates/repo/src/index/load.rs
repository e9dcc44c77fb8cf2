//! Reads all index files of a repository.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use holdfast_backend::Cancel;
use holdfast_format::pack::PackedBlob;
use holdfast_format::{Error, FileType, Id, Result, Version, index};

use super::Index;
use super::build::{Heaps, Packs, join};
use crate::{Repository, parallel};

/// Files decoded at the same time: each takes about 15 MB while it is.
const AT_ONCE: usize = 4;

/// Loads everything, or gives the first error; `progress(done, all)` counts files.
pub fn load(repository: &Repository, cancel: &Cancel, progress: &(dyn Fn(u64, u64) + Sync)) -> Result<Index> {
    let files: Vec<Id> =
        repository.backend().list(FileType::Index)?.into_iter().map(|file| file.id).collect();
    let (packs, done, all) = (Packs::default(), AtomicU64::new(0), files.len() as u64);
    progress(0, all);
    let threads = repository.backend().connections().max(parallel::cores()).min(AT_ONCE);
    let mut heaps = parallel::run(files.len(), threads, Heaps::new, |heaps, at| {
        cancel.check()?;
        read(repository, &files[at], &mut |pack, blobs| heaps.add(&packs, pack, blobs))?;
        progress(done.fetch_add(1, Ordering::Relaxed) + 1, all);
        Ok(())
    })?;
    thread::scope(|scope| heaps.iter_mut().for_each(|part| drop(scope.spawn(|| part.sort()))));
    Ok(join(heaps, packs, files))
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
