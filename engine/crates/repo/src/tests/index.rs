use std::collections::BTreeMap;

use holdfast_backend::Cancel;
use holdfast_format::pack::PackedBlob;
use holdfast_format::{BlobType, Error, FileType, Id, Result, Version, index};
use proptest::prelude::*;

use super::{init, memory, noise, open};
use crate::Place;

/// The same few ids again and again, so that duplicates occur.
fn id(number: u16) -> Id {
    Id::of(&number.to_le_bytes())
}

fn packed() -> impl Strategy<Value = (u16, PackedBlob)> {
    let kind = prop::sample::select(&[BlobType::Data, BlobType::Tree][..]);
    (0..8_u16, 0..60_u16, kind, 0..3_u32, prop::option::of(1..3_u32)).prop_map(
        |(pack, blob, kind, offset, uncompressed)| {
            (pack, PackedBlob { id: id(blob), kind, offset, length: 32 + offset, uncompressed })
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn every_place_of_every_blob_is_found(files in prop::collection::vec(prop::collection::vec(packed(), 0..60), 0..4)) {
        let backend = memory();
        let repository = init(&backend, Version::V2).unwrap();
        let mut expected: BTreeMap<(BlobType, Id), Vec<Place>> = BTreeMap::new();
        for file in &files {
            let mut packs: BTreeMap<u16, Vec<PackedBlob>> = BTreeMap::new();
            for (pack, blob) in file {
                packs.entry(*pack).or_default().push(*blob);
                let PackedBlob { offset, length, uncompressed, .. } = *blob;
                let place = Place { pack: id(1000 + pack), offset, length, uncompressed };
                let places = expected.entry((blob.kind, blob.id)).or_default();
                if !places.contains(&place) {
                    places.push(place);
                }
            }
            let packs: Vec<_> = packs.into_iter().map(|(pack, blobs)| (id(1000 + pack), blobs)).collect();
            repository.save_unpacked(FileType::Index, &index::encode(&packs)).unwrap();
        }
        let repository = open(&backend).unwrap();
        let index = repository.index();
        for kind in [BlobType::Data, BlobType::Tree] {
            for number in 0..70 {
                let key = |place: &Place| (place.pack, place.offset, place.uncompressed);
                let mut found = index.find_all(kind, &id(number));
                let mut places = expected.get(&(kind, id(number))).cloned().unwrap_or_default();
                found.sort_by_key(key);
                places.sort_by_key(key);
                prop_assert_eq!(&found, &places);
                prop_assert_eq!(index.contains(kind, &id(number)), !places.is_empty());
                prop_assert_eq!(index.find(kind, &id(number)).is_some(), !places.is_empty());
            }
            let listed: Vec<Id> = index.blobs(kind).map(|(id, _)| id).collect();
            prop_assert!(listed.is_sorted());
            let first = |id: &Id| listed.iter().position(|other| other == id);
            prop_assert!((0..70).all(|number| index.position(kind, &id(number)) == first(&id(number))));
            prop_assert_eq!(listed.len(), index.len(kind));
        }
        let places: usize = expected.values().map(Vec::len).sum();
        prop_assert_eq!(index.packs().iter().map(|pack| pack.blobs as usize).sum::<usize>(), places);
        let packs: Vec<Id> = (0..9).map(|pack| id(1000 + pack)).collect();
        let contents = index.pack_contents(&packs);
        prop_assert_eq!(contents.iter().map(|(pack, _)| *pack).collect::<Vec<_>>(), packs);
        prop_assert_eq!(contents.iter().map(|(_, blobs)| blobs.len()).sum::<usize>(), places);
        prop_assert!(contents.iter().all(|(_, blobs)| blobs.is_sorted_by_key(|blob| blob.offset)));
    }
}

#[test]
fn compressed_blobs_in_version_1_are_refused_by_the_name_of_the_index_file() -> Result<()> {
    let backend = memory();
    let blob = PackedBlob { id: id(1), kind: BlobType::Data, offset: 0, length: 40, uncompressed: Some(10) };
    let file = init(&backend, Version::V1)?
        .save_unpacked(FileType::Index, &index::encode(&[(id(2), vec![blob])]))?;
    let error = open(&backend).map(drop);
    assert!(
        matches!(&error, Err(Error::Damaged { what, .. }) if what.contains(&file.to_string())),
        "{error:?}"
    );
    Ok(())
}

#[test]
fn progress_counts_every_file_and_a_cancel_stops() -> Result<()> {
    let backend = memory();
    let repository = init(&backend, Version::V2)?;
    for number in 0..5_u16 {
        let blob =
            PackedBlob { id: id(number), kind: BlobType::Tree, offset: 0, length: 40, uncompressed: Some(9) };
        repository.save_unpacked(FileType::Index, &index::encode(&[(id(99), vec![blob])]))?;
    }
    let last = parking_lot::Mutex::new(Vec::new());
    repository.load_index(&Cancel::new(), &|done, all| last.lock().push((done, all)))?;
    let mut seen = last.into_inner();
    seen.sort_unstable();
    assert_eq!(seen, (0..=5).map(|done| (done, 5)).collect::<Vec<_>>());
    assert_eq!(repository.index().files().len(), 5);
    let cancel = Cancel::new();
    cancel.cancel();
    assert!(matches!(repository.load_index(&cancel, &|_, _| ()), Err(Error::Cancelled)));
    assert_eq!(repository.index().len(BlobType::Tree), 5);
    Ok(())
}

#[test]
fn a_blob_takes_at_most_50_bytes() -> Result<()> {
    const PACKS: usize = 32_000;
    const BLOBS: usize = 11;
    let backend = memory();
    let repository = init(&backend, Version::V2)?;
    let ids = noise(7, (BLOBS + 1) * PACKS * 32);
    let mut ids = ids.chunks_exact(32).map(|bytes| Id(std::array::from_fn(|at| bytes[at])));
    let mut blob = |at: usize| PackedBlob {
        id: ids.next().unwrap_or_default(),
        kind: BlobType::Data,
        offset: at as u32,
        length: 1 << 20,
        uncompressed: Some(1 << 21),
    };
    let packs: Vec<_> =
        (0..PACKS).map(|_| (blob(0).id, (0..BLOBS).map(&mut blob).collect::<Vec<_>>())).collect();
    for part in packs.chunks(PACKS / 4) {
        repository.save_unpacked(FileType::Index, &index::encode(part))?;
    }
    let index = open(&backend)?.index();
    assert_eq!(index.len(BlobType::Data), BLOBS * PACKS);
    let bytes = index.bytes();
    assert!(bytes <= 50 * BLOBS * PACKS, "{bytes} bytes for {} blobs", BLOBS * PACKS);
    Ok(())
}
