//! A byte that changes in any file is found, and the error says in which.

use std::sync::Arc;

use holdfast_backend::{Backend, Cancel, Handle};
use holdfast_format::snapshot::Snapshot;
use holdfast_format::{BlobType, Error, FileType, Id, Result, Version};

use super::store::asking;
use super::{PASSWORD, files, init, memory, noise, open, open_options, writer, writer_options};
use crate::{Lock, LockKind, Repository, lock, snapshots};

/// One of everything.
fn filled() -> Result<(Arc<dyn Backend>, Id)> {
    let backend = memory();
    let repository = init(&backend, Version::V2)?;
    let writer = writer(&repository, &writer_options())?;
    let mut added = Vec::new();
    writer.hands().add(BlobType::Data, &[&noise(1, 500), &noise(2, 500)], &mut added)?;
    writer.finish()?;
    repository.save_unpacked(FileType::Snapshot, &Snapshot::default().to_json())?;
    let lock = Lock::acquire(&repository, LockKind::Shared, std::time::Duration::ZERO, &Cancel::new())?;
    let (file, bytes) = only(&backend, FileType::Lock)?;
    lock.release()?;
    backend.write(&file, &bytes)?;
    Ok((backend, added[0].id))
}

fn only(backend: &Arc<dyn Backend>, kind: FileType) -> Result<(Handle, Vec<u8>)> {
    let file = match kind {
        FileType::Config => Handle::config(),
        kind => Handle::new(kind, files(backend, kind)?[0]),
    };
    let mut bytes = Vec::new();
    backend.read(&file, 0, None, &mut bytes)?;
    Ok((file, bytes))
}

/// What a user does that needs the file.
fn use_it(backend: &Arc<dyn Backend>, kind: FileType, blob: &Id) -> Result<()> {
    let repository = Repository::open(backend.clone(), PASSWORD, &open_options())?;
    match kind {
        FileType::Snapshot => snapshots::load_all(&repository, &Cancel::new())?.remove(0).1.map(drop),
        FileType::Lock => lock::list(&repository)?.remove(0).1.map(drop),
        _ => {
            repository.load_index(&Cancel::new(), &|_, _| ())?;
            repository.load_blob(BlobType::Data, blob).map(drop)
        }
    }
}

fn assert_found(kind: FileType, change: impl Fn(&mut Vec<u8>, usize), step: usize) -> Result<()> {
    let (backend, blob) = filled()?;
    use_it(&backend, kind, &blob)?;
    let (file, good) = only(&backend, kind)?;
    // The blob that is read lies in the first half of its pack at least.
    let end = if kind == FileType::Pack { 500 } else { good.len() };
    let pack =
        (kind == FileType::Pack).then(|| open(&backend).map(|made| made.index().find(BlobType::Data, &blob)));
    let from = pack.transpose()?.flatten().map_or(0, |place| place.offset as usize);
    for at in (from..from + end).step_by(step) {
        let mut bad = good.clone();
        change(&mut bad, at);
        backend.remove(&file)?;
        backend.write(&file, &bad)?;
        let error = use_it(&backend, kind, &blob);
        assert!(
            matches!(&error, Err(Error::Damaged { what, .. }) if what.contains(&file.to_string())),
            "{kind} {at}: {error:?}"
        );
    }
    Ok(())
}

const KINDS: [FileType; 6] =
    [FileType::Config, FileType::Key, FileType::Pack, FileType::Index, FileType::Snapshot, FileType::Lock];

#[test]
fn a_changed_bit_is_found_and_named() -> Result<()> {
    KINDS.into_iter().try_for_each(|kind| assert_found(kind, |bytes, at| bytes[at] ^= 1 << (at % 8), 7))
}

#[test]
fn a_truncated_file_is_found_and_named() -> Result<()> {
    // An empty lock is none: see the next test.
    let shortest = |kind| usize::from(kind == FileType::Lock);
    let torn = |kind| move |bytes: &mut Vec<u8>, at: usize| bytes.truncate(at.max(shortest(kind)));
    KINDS.into_iter().try_for_each(|kind| assert_found(kind, torn(kind), 23))
}

#[test]
fn an_empty_lock_is_none() -> Result<()> {
    let (backend, _) = filled()?;
    let (file, _) = only(&backend, FileType::Lock)?;
    backend.remove(&file)?;
    backend.write(&file, &[])?;
    let repository = Repository::open(backend, PASSWORD, &open_options())?;
    assert!(lock::list(&repository)?.is_empty());
    Ok(())
}

#[test]
fn a_good_copy_is_read_when_another_is_damaged() -> Result<()> {
    let (backend, blob) = filled()?;
    let (index, hidden) = only(&backend, FileType::Index)?;
    backend.remove(&index)?;
    let second = writer(&open(&backend)?, &writer_options())?;
    second.hands().add(BlobType::Data, &[&noise(1, 500)], &mut Vec::new())?;
    second.finish()?;
    backend.write(&index, &hidden)?;
    let repository = open(&backend)?;
    assert_eq!(repository.index().find_all(BlobType::Data, &blob).len(), 2);
    for pack in files(&backend, FileType::Pack)? {
        let (file, mut good) = (Handle::new(FileType::Pack, pack), Vec::new());
        backend.read(&file, 0, None, &mut good)?;
        backend.remove(&file)?;
        assert_eq!(repository.load_blob(BlobType::Data, &blob)?, noise(1, 500));
        backend.write(&file, &vec![0; good.len()])?;
        assert_eq!(repository.load_blob(BlobType::Data, &blob)?, noise(1, 500));
        backend.remove(&file)?;
        backend.write(&file, &good)?;
    }
    Ok(())
}

#[test]
fn a_blob_of_a_pack_under_another_name_is_found() -> Result<()> {
    let (backend, blob) = filled()?;
    let repository = open(&backend)?;
    let Some(place) = repository.index().find(BlobType::Data, &blob) else {
        panic!("it is not in the index")
    };
    let mut reader = crate::BlobReader::new(&repository);
    let mut out = Vec::new();
    let error = reader.load(&repository, BlobType::Data, &Id::of(b"another"), &place, &mut out);
    assert!(matches!(&error, Err(Error::Damaged { why, .. }) if why.contains("SHA-256")), "{error:?}");
    let longer = crate::Place { uncompressed: place.uncompressed.map(|length| length + 1), ..place };
    let error = reader.load(&repository, BlobType::Data, &blob, &longer, &mut out);
    assert!(matches!(&error, Err(Error::Damaged { why, .. }) if why.contains("500 bytes")), "{error:?}");
    Ok(())
}

#[test]
fn a_file_under_the_name_of_another_is_found() -> Result<()> {
    let (backend, _) = filled()?;
    let (_, good) = only(&backend, FileType::Snapshot)?;
    let other = Handle::new(FileType::Snapshot, Id::of(b"another"));
    backend.write(&other, &good)?;
    let error = open(&backend)?.load_unpacked(FileType::Snapshot, &other.id);
    assert!(matches!(&error, Err(Error::Damaged { what, .. }) if *what == other.to_string()), "{error:?}");
    Ok(())
}

#[test]
fn a_damaged_copy_is_forgotten_and_the_file_read_again() -> Result<()> {
    let (inner, blob) = filled()?;
    for kind in [FileType::Snapshot, FileType::Index, FileType::Pack] {
        let (file, good) = only(&inner, kind)?;
        let store = inner.clone();
        // Whoever forgets the copy gets the file itself.
        let backend = asking(&inner, move |operation, asked| {
            if operation == "forget" && asked.id == file.id {
                store.remove(&file)?;
                store.write(&file, &good)?;
            }
            Ok(())
        });
        inner.remove(&file)?;
        inner.write(&file, &[0; 2000])?;
        use_it(&backend, kind, &blob)?;
    }
    Ok(())
}
