use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use holdfast_backend::Handle;
use holdfast_format::compression::Compression;
use holdfast_format::crypto::EnvelopeKey;
use holdfast_format::{BlobType, Error, FileType, Id, Result, Version, crypto, pack};
use proptest::prelude::*;

use super::store::asking;
use super::{far, files, init, memory, noise, open, until, writer, writer_options};
use crate::{Added, BlobWriter, Repository, Writer, WriterOptions};

const KINDS: [BlobType; 2] = [BlobType::Data, BlobType::Tree];

/// Text that compresses.
fn text(seed: u64, length: usize) -> Vec<u8> {
    format!("{seed} a folder of files ").into_bytes().into_iter().cycle().take(length).collect()
}

fn add(hands: &mut BlobWriter, kind: BlobType, blob: &[u8]) -> Result<Added> {
    let mut added = Vec::new();
    hands.add(kind, &[blob], &mut added)?;
    Ok(added[0])
}

#[test]
fn what_was_stored_before_a_cancel_is_found_by_the_next_writer() -> Result<()> {
    let backend = memory();
    let repository = init(&backend, Version::V2)?;
    let options = writer_options();
    let writer = writer(&repository, &options)?;
    let mut hands = writer.hands();
    let blob = noise(1, options.pack_size + 1);
    let added = add(&mut hands, BlobType::Data, &blob)?;
    until(|| files(&backend, FileType::Pack).is_ok_and(|packs| !packs.is_empty()));
    options.cancel.cancel();
    assert!(matches!(writer.finish(), Err(Error::Cancelled)));
    assert!(open(&backend)?.index().contains(BlobType::Data, &added.id));
    Ok(())
}

/// Every pack lies as the index says: name, size, header; one kind in each.
fn assert_packs_are_sound(repository: &Repository) -> Result<()> {
    let packs = repository.index().packs();
    let ids: Vec<Id> = packs.iter().map(|pack| pack.id).collect();
    for (known, (id, blobs)) in packs.iter().zip(repository.index().pack_contents(&ids)) {
        let bytes = repository.load_raw(FileType::Pack, &id)?;
        let end = bytes.len() - pack::LENGTH_FIELD;
        let length =
            u32::from_le_bytes([bytes[end], bytes[end + 1], bytes[end + 2], bytes[end + 3]]) as usize;
        let mut header = Vec::new();
        assert!(repository.master().open(&bytes[end - length..end], &mut header).is_some());
        assert_eq!(pack::decode(&header, (end - length) as u64)?, blobs);
        assert_eq!(known.size, bytes.len() as u64);
        assert_eq!(known.blobs as usize, blobs.len());
        assert!(known.has_data != known.has_trees);
    }
    let stored: BTreeSet<Id> = files(repository.backend(), FileType::Pack)?.into_iter().collect();
    assert_eq!(stored, ids.into_iter().collect());
    Ok(())
}

fn blob() -> impl Strategy<Value = (BlobType, Vec<u8>)> {
    let length = prop_oneof![4 => 0..300_usize, 2 => 300..5000_usize, 1 => 4000..20_000_usize];
    let content = (0..40_u64, length, any::<bool>())
        .prop_map(|(seed, length, random)| if random { noise(seed, length) } else { text(seed, length) });
    (prop::sample::select(&KINDS[..]), content)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn what_was_written_is_read_again(
        blobs in prop::collection::vec(blob(), 0..120),
        old in any::<bool>(),
        compress in any::<bool>(),
        extra_verify in any::<bool>(),
        batch in 1..4_usize,
        is_far in any::<bool>(),
    ) {
        let backend = if is_far { far() } else { memory() };
        let repository = init(&backend, if old { Version::V1 } else { Version::V2 }).unwrap();
        let compression = if compress { Compression::Fastest } else { Compression::Off };
        let writer = writer(&repository, &WriterOptions { compression, extra_verify, ..writer_options() }).unwrap();
        let mut hands = writer.hands();
        let mut added = Vec::new();
        for part in blobs.chunks(batch) {
            for kind in KINDS {
                let of_kind: Vec<&[u8]> = part.iter().filter(|blob| blob.0 == kind).map(|blob| &blob.1[..]).collect();
                hands.add(kind, &of_kind, &mut added).unwrap();
            }
        }
        writer.finish().unwrap();
        prop_assert_eq!(added.len(), blobs.len());
        let unique: BTreeMap<_, _> = blobs.iter().map(|(kind, blob)| ((*kind, Id::of(blob)), blob)).collect();
        prop_assert_eq!(added.iter().filter(|added| added.new).count(), unique.len());
        let repository = open(&backend).unwrap();
        for ((kind, id), blob) in &unique {
            prop_assert_eq!(&repository.load_blob(*kind, id).unwrap(), *blob);
            let place = repository.index().find(*kind, id).unwrap();
            prop_assert_eq!(place.plain_length() as usize, blob.len());
            let compressed = !old && !blob.is_empty() && (compress || *kind == BlobType::Tree);
            prop_assert_eq!(place.uncompressed.is_some(), compressed);
        }
        prop_assert_eq!(KINDS.map(|kind| repository.index().len(kind)).iter().sum::<usize>(), unique.len());
        assert_packs_are_sound(&repository).unwrap();
    }
}

#[test]
fn of_many_threads_one_stores_a_blob() -> Result<()> {
    let backend = memory();
    let repository = init(&backend, Version::V2)?;
    let writer = writer(&repository, &writer_options())?;
    let store_all = || {
        let mut hands = writer.hands();
        let new = (0..2000).map(|seed| add(&mut hands, BlobType::Data, &noise(seed, 50)));
        new.filter(|added| added.as_ref().is_ok_and(|added| added.new)).count()
    };
    let new: usize = thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(store_all)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    writer.finish()?;
    assert_eq!(new, 2000);
    let repository = open(&backend)?;
    assert_eq!(repository.index().len(BlobType::Data), 2000);
    assert_packs_are_sound(&repository)
}

#[test]
fn a_blob_that_is_stored_is_not_stored_again() -> Result<()> {
    let backend = memory();
    let first = writer(&init(&backend, Version::V2)?, &writer_options())?;
    let added = add(&mut first.hands(), BlobType::Data, b"blob")?;
    assert!(added.new && added.stored > 32 && first.contains(BlobType::Data, &added.id));
    first.finish()?;
    let second = writer(&open(&backend)?, &writer_options())?;
    assert!(second.contains(BlobType::Data, &added.id));
    let again = add(&mut second.hands(), BlobType::Data, b"blob")?;
    assert_eq!(again, Added { id: added.id, new: false, stored: 0 });
    assert!(add(&mut second.hands(), BlobType::Tree, b"blob")?.new);
    second.finish()?;
    assert_eq!(files(&backend, FileType::Pack)?.len(), 2);
    Ok(())
}

#[test]
fn what_little_is_left_ends_in_one_pack_of_a_kind() -> Result<()> {
    let backend = memory();
    let writer = writer(&init(&backend, Version::V2)?, &writer_options())?;
    let mut hands = writer.hands();
    for seed in 0..24 {
        add(&mut hands, BlobType::Data, &noise(seed, 40))?;
        add(&mut hands, BlobType::Tree, &noise(seed, 40))?;
    }
    writer.finish()?;
    let repository = open(&backend)?;
    assert_eq!(repository.index().packs().iter().map(|pack| pack.blobs).collect::<Vec<_>>(), [24, 24]);
    assert_packs_are_sound(&repository)
}

#[test]
fn blobs_are_spread_over_two_packs() -> Result<()> {
    let backend = memory();
    let writer =
        writer(&init(&backend, Version::V2)?, &WriterOptions { pack_size: 64 << 10, ..writer_options() })?;
    let mut hands = writer.hands();
    let order: Vec<Id> = (0..1000)
        .map(|seed| Ok(add(&mut hands, BlobType::Data, &noise(seed, 100))?.id))
        .collect::<Result<_>>()?;
    writer.finish()?;
    let repository = open(&backend)?;
    let pack = |id| repository.index().find(BlobType::Data, id).map(|place| place.pack);
    let changes = order.windows(2).filter(|pair| pack(&pair[0]) != pack(&pair[1])).count();
    assert!((300..700).contains(&changes), "{changes}");
    Ok(())
}

#[test]
fn a_blob_above_the_size_of_a_pack_gets_its_own() -> Result<()> {
    let backend = memory();
    let writer = writer(&init(&backend, Version::V2)?, &writer_options())?;
    let mut hands = writer.hands();
    add(&mut hands, BlobType::Data, b"small")?;
    let large = add(&mut hands, BlobType::Data, &noise(1, 4096))?.id;
    add(&mut hands, BlobType::Data, b"small too")?;
    writer.finish()?;
    let repository = open(&backend)?;
    let pack = repository.index().find(BlobType::Data, &large).map(|place| place.pack);
    let contents = repository.index().pack_contents(&[pack.unwrap_or_default()]);
    assert_eq!(contents[0].1.len(), 1);
    assert_packs_are_sound(&repository)
}

#[test]
fn a_dry_run_counts_the_same_and_stores_nothing() -> Result<()> {
    let stored = |dry_run| -> Result<(u64, usize)> {
        let backend = memory();
        let writer = writer(&init(&backend, Version::V2)?, &WriterOptions { dry_run, ..writer_options() })?;
        let mut added = Vec::new();
        let blobs: Vec<Vec<u8>> = (0..100).map(|seed| text(seed % 60, 700)).collect();
        let blobs: Vec<&[u8]> = blobs.iter().map(|blob| &blob[..]).collect();
        writer.hands().add(BlobType::Data, &blobs, &mut added)?;
        writer.finish()?;
        let total = added.iter().map(|added| u64::from(added.stored)).sum();
        Ok((total, files(&backend, FileType::Pack)?.len() + files(&backend, FileType::Index)?.len()))
    };
    let (real, files) = stored(false)?;
    assert!(real > 60 * 32 && files > 0);
    assert_eq!(stored(true)?, (real, 0));
    Ok(())
}

fn no_space(file: &Handle) -> Error {
    let source = io::Error::new(io::ErrorKind::StorageFull, "no space left");
    Error::Store { operation: "write", what: file.to_string(), source }
}

/// Writes until the store refuses a pack (and only that one); then everything must say so.
fn assert_failure_stops_everything(fails_at: usize) -> Result<()> {
    let inner = memory();
    init(&inner, Version::V2)?;
    let count = AtomicUsize::new(0);
    let backend = asking(&inner, move |operation, file| {
        let pack = operation == "write" && file.kind == FileType::Pack;
        let fails = pack && count.fetch_add(1, Ordering::Relaxed) == fails_at;
        if fails { Err(no_space(file)) } else { Ok(()) }
    });
    let writer = writer(&open(&backend)?, &writer_options())?;
    let mut hands = writer.hands();
    let mut ids = Vec::new();
    let mut store = |hands: &mut BlobWriter, seed| {
        add(hands, BlobType::Data, &noise(seed, 1000)).map(|added| ids.push(added.id))
    };
    let failed = (0..5000).find_map(|seed| store(&mut hands, seed).err());
    for error in
        [failed, add(&mut hands, BlobType::Tree, b"tree").err(), writer.finish().err(), writer.finish().err()]
    {
        assert!(matches!(&error, Some(Error::Store { operation: "write", .. })), "{error:?}");
    }
    assert!(ids.iter().all(|id| !writer.contains(BlobType::Data, id)));
    assert!(files(&inner, FileType::Index)?.is_empty());
    // The other thread may have been at work already.
    assert!((fails_at..=fails_at + 1).contains(&files(&inner, FileType::Pack)?.len()));
    Ok(())
}

#[test]
fn nothing_is_claimed_that_the_store_refused() -> Result<()> {
    (0..4).try_for_each(assert_failure_stops_everything)
}

#[test]
fn a_pack_that_waits_is_not_stored_after_an_error() -> Result<()> {
    let inner = memory();
    init(&inner, Version::V2)?;
    let (open_gate, gate) = crossbeam_channel::bounded::<()>(0);
    let written = Arc::new(AtomicUsize::new(0));
    let count = written.clone();
    let backend = asking(&inner, move |operation, file| {
        if (operation, file.kind) != ("write", FileType::Pack) {
            return Ok(());
        }
        count.fetch_add(1, Ordering::Relaxed);
        // Nobody sends anything: this waits until the gate is dropped.
        gate.recv().ok();
        Err(no_space(file))
    });
    let writer = writer(&open(&backend)?, &writer_options())?;
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut hands = writer.hands();
            (0..6).find_map(|seed| add(&mut hands, BlobType::Data, &noise(seed, 5000)).err())
        });
        until(|| written.load(Ordering::Relaxed) == 2);
        drop(open_gate);
    });
    assert!(matches!(writer.finish(), Err(Error::Store { .. })));
    assert_eq!(written.load(Ordering::Relaxed), 2);
    Ok(())
}

#[test]
fn a_refused_index_file_is_an_error_of_finish() -> Result<()> {
    let inner = memory();
    init(&inner, Version::V2)?;
    let backend = asking(&inner, |operation, file| match (operation, file.kind) {
        ("write", FileType::Index) => Err(no_space(file)),
        _ => Ok(()),
    });
    let writer = writer(&open(&backend)?, &writer_options())?;
    add(&mut writer.hands(), BlobType::Data, b"blob")?;
    assert!(matches!(writer.finish(), Err(Error::Store { .. })));
    Ok(())
}

#[test]
fn whoever_says_stop_gets_no_index() -> Result<()> {
    let backend = memory();
    let options = writer_options();
    let writer = writer(&init(&backend, Version::V2)?, &options)?;
    let mut hands = writer.hands();
    add(&mut hands, BlobType::Data, b"blob")?;
    options.cancel.cancel();
    assert!(matches!(add(&mut hands, BlobType::Data, b"another"), Err(Error::Cancelled)));
    assert!(matches!(writer.finish(), Err(Error::Cancelled)));
    assert!(files(&backend, FileType::Index)?.is_empty() && files(&backend, FileType::Pack)?.is_empty());
    Ok(())
}

#[test]
fn a_writer_that_is_dropped_stores_no_more() -> Result<()> {
    let backend = memory();
    let writer = writer(&init(&backend, Version::V2)?, &writer_options())?;
    add(&mut writer.hands(), BlobType::Data, b"blob")?;
    drop(writer);
    assert!(files(&backend, FileType::Pack)?.is_empty());
    Ok(())
}

#[test]
fn a_writer_ends_once() -> Result<()> {
    let backend = memory();
    let writer: Arc<Writer> = writer(&init(&backend, Version::V2)?, &writer_options())?;
    let mut hands = writer.hands();
    writer.finish()?;
    writer.finish()?;
    assert!(files(&backend, FileType::Index)?.is_empty());
    let late = add(&mut hands, BlobType::Data, b"late");
    assert!(matches!(late, Err(Error::Refused { .. })), "{late:?}");
    assert!(writer.finish().is_err());
    Ok(())
}

/// A memory that turns a bit of what was encrypted.
fn seal_with_a_flipped_bit(key: &EnvelopeKey, plain: &[u8], out: &mut Vec<u8>) -> Result<()> {
    key.seal(plain, out)?;
    let last = out.len() - 1;
    out[last - plain.len() / 2] ^= 0x10;
    Ok(())
}

/// A processor that encrypts something else, and well.
fn seal_another_text(key: &EnvelopeKey, plain: &[u8], out: &mut Vec<u8>) -> Result<()> {
    let mut other = plain.to_vec();
    other[plain.len() / 2] ^= 0x10;
    key.seal(&other, out)
}

#[test]
fn what_changes_between_encrypting_and_storing_is_refused_and_nothing_is_stored() -> Result<()> {
    for (seal, kind) in [seal_with_a_flipped_bit, seal_another_text].into_iter().zip(KINDS) {
        for compression in [Compression::Off, Compression::Auto] {
            let (backend, options) = (memory(), WriterOptions { compression, ..writer_options() });
            let repository = init(&backend, Version::V2)?;
            let writer = Arc::new(Writer::sealing_by(seal, &repository, None, &options)?);
            let long = noise(1, 2 * options.pack_size);
            let refused = add(&mut writer.hands(), kind, &long).unwrap_err().to_string();
            assert!(refused.contains("memory or processor is faulty; nothing was stored"), "{refused}");
            assert!(writer.finish().is_err());
            assert_eq!(files(&backend, FileType::Pack)?, []);
            assert_eq!(files(&backend, FileType::Index)?, []);
        }
    }
    Ok(())
}

#[test]
fn packs_that_others_cannot_read_are_refused() -> Result<()> {
    let repository = init(&memory(), Version::V2)?;
    for pack_size in [0, (128 << 20) + 1] {
        let refused = writer(&repository, &WriterOptions { pack_size, ..writer_options() }).map(drop);
        assert!(matches!(&refused, Err(Error::Refused { .. })), "{refused:?}");
    }
    writer(&repository, &WriterOptions { pack_size: 128 << 20, ..writer_options() }).map(drop)
}

#[test]
fn index_files_name_50_000_blobs_or_little_more() -> Result<()> {
    let backend = memory();
    let options = WriterOptions { pack_size: 200 << 10, extra_verify: false, ..writer_options() };
    let writer = writer(&init(&backend, Version::V1)?, &options)?;
    let mut hands = writer.hands();
    for number in 0..120_000_u32 {
        add(&mut hands, BlobType::Data, &number.to_le_bytes())?;
    }
    writer.finish()?;
    assert_eq!(files(&backend, FileType::Index)?.len(), 3);
    let repository = open(&backend)?;
    assert_eq!(repository.index().len(BlobType::Data), 120_000);
    assert_eq!(
        crypto::OVERHEAD + 4,
        repository.index().blobs(BlobType::Data).next().map_or(0, |(_, place)| place.length as usize)
    );
    Ok(())
}
