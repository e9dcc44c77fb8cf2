//! Damage of every kind in every kind of file: found, and the file named.

mod common;

use common::{
    EVERYTHING, PASSWORD, STRUCTURE, errors, far, files, open, replace, run, said_of, sample, stored,
};
use holdfast_backend::{Cancel, Handle};
use holdfast_check::{ProblemKind, check};
use holdfast_format::pack::LENGTH_FIELD;
use holdfast_format::{Error, FileType, Version};
use holdfast_repo::{LockKind, keys, lock::Lock};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::sync::Arc;
use std::time::Duration;

const KINDS: [FileType; 4] = [FileType::Pack, FileType::Index, FileType::Snapshot, FileType::Key];

/// What can happen to the bytes of a file.
#[derive(Clone, Debug)]
enum Damage {
    Flip(Index, u8),
    Truncate(Index),
    Append(Vec<u8>),
    FlipTail(usize, u8),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        4 => (any::<Index>(), 0..8u8).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        1 => any::<Index>().prop_map(Damage::Truncate),
        1 => proptest::collection::vec(any::<u8>(), 1..20).prop_map(Damage::Append),
        2 => (0..80usize, 0..8u8).prop_map(|(at, bit)| Damage::FlipTail(at, bit)),
    ]
}

fn damaged(mut bytes: Vec<u8>, damage: &Damage) -> Vec<u8> {
    let length = bytes.len();
    match damage {
        Damage::Flip(at, bit) => bytes[at.index(length)] ^= 1 << bit,
        Damage::FlipTail(at, bit) => bytes[length - 1 - at.min(&(length - 1))] ^= 1 << bit,
        Damage::Truncate(at) => bytes.truncate(at.index(length)),
        Damage::Append(more) => bytes.extend(more),
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn a_file_that_changed_is_found_and_named(
        version in select(&[Version::V1, Version::V2]),
        kind in select(&KINDS),
        file in any::<Index>(),
        damage in damage(),
        is_far in any::<bool>(),
    ) {
        let backend = sample(version);
        let backend = if is_far { far(&backend) } else { backend };
        keys::add(&open(&backend).expect("opens"), b"other", None, Some(quick())).expect("second key");
        let file = *file.get(&files(&backend, kind));
        if kind == FileType::Key && opens_alone(&backend, &file) {
            return Ok(()); // the next test
        }
        replace(&backend, &file, &damaged(stored(&backend, &file), &damage));
        let outcome = run(&backend, &EVERYTHING).expect("check ends");
        prop_assert!(!outcome.is_sound());
        prop_assert!(!said_of(&outcome, &file.id).is_empty(), "{:?}", outcome.problems);
    }

    #[test]
    fn a_repository_whose_key_or_config_changed_does_not_open(
        kind in select(&[FileType::Key, FileType::Config]),
        damage in damage(),
    ) {
        let backend = sample(Version::V2);
        let file = files(&backend, kind)[0];
        replace(&backend, &file, &damaged(stored(&backend, &file), &damage));
        match run(&backend, &EVERYTHING) {
            Err(Error::WrongPassword | Error::Damaged { .. } | Error::Refused { .. }) => {}
            Err(error) => prop_assert!(false, "{error}"),
            // what scrypt does not look at: the user's name, or space at the end
            Ok(outcome) => prop_assert!(!said_of(&outcome, &file.id).is_empty(), "{:?}", outcome.problems),
        }
    }
}

fn quick() -> holdfast_format::keyfile::Scrypt {
    holdfast_format::keyfile::Scrypt { n: 2, r: 1, p: 1 }
}

/// The key that everybody else in these tests opens with.
fn opens_alone(backend: &Arc<dyn holdfast_backend::Backend>, file: &Handle) -> bool {
    let json = stored(backend, file);
    holdfast_format::keyfile::KeyFile::parse(&json).and_then(|key| key.open(PASSWORD)).is_ok()
}

#[test]
fn what_is_gone_is_named() {
    let backend = sample(Version::V2);
    for pack in files(&backend, FileType::Pack) {
        let bytes = stored(&backend, &pack);
        backend.remove(&pack).expect("removes");
        let outcome = run(&backend, &STRUCTURE).expect("check ends");
        let said = said_of(&outcome, &pack.id);
        assert!(said.contains(&format!("pack {}: does not exist", pack.id)), "{said:?}");
        assert!(!outcome.broken_packs.contains(&pack.id));
        backend.write(&pack, &bytes).expect("writes");
    }
    for index in files(&backend, FileType::Index) {
        let bytes = stored(&backend, &index);
        backend.remove(&index).expect("removes");
        assert_eq!(errors(&backend, &STRUCTURE), [ProblemKind::Tree]);
        backend.write(&index, &bytes).expect("writes");
    }
    assert!(run(&backend, &EVERYTHING).expect("check ends").problems.is_empty());
}

#[test]
fn packs_that_changed_places_are_both_broken() {
    let backend = sample(Version::V2);
    let packs = files(&backend, FileType::Pack);
    let (first, second) = (stored(&backend, &packs[0]), stored(&backend, &packs[1]));
    replace(&backend, &packs[0], &second);
    replace(&backend, &packs[1], &first);
    let outcome = run(&backend, &EVERYTHING).expect("check ends");
    assert_eq!(outcome.broken_packs, [packs[0].id, packs[1].id]);
}

#[test]
fn a_valid_pack_under_the_name_of_another_is_broken() {
    let backend = sample(Version::V2);
    let packs = files(&backend, FileType::Pack);
    for (pack, other) in packs.iter().zip(packs.iter().skip(1)) {
        let right = stored(&backend, pack);
        replace(&backend, pack, &stored(&backend, other));
        let outcome = run(&backend, &EVERYTHING).expect("check ends");
        assert_eq!(outcome.broken_packs, [pack.id], "{:?}", outcome.problems);
        replace(&backend, pack, &right);
    }
}

#[test]
fn an_index_that_cannot_be_read_ends_the_check_after_all_were_tried() {
    let backend = sample(Version::V2);
    let indexes = files(&backend, FileType::Index);
    for index in &indexes {
        replace(&backend, index, b"short");
    }
    let outcome = run(&backend, &EVERYTHING).expect("check ends");
    assert_eq!((outcome.num_errors, outcome.suggest_repair_index), (indexes.len() as u64, true));
    assert!(indexes.iter().all(|index| !said_of(&outcome, &index.id).is_empty()));
}

#[test]
fn data_is_not_read_unless_asked() {
    let backend = sample(Version::V2);
    let pack = data_pack(&backend);
    let mut bytes = stored(&backend, &pack);
    bytes[20] ^= 1;
    replace(&backend, &pack, &bytes);
    assert_eq!(errors(&backend, &STRUCTURE), []);
    assert_eq!(errors(&backend, &EVERYTHING), [ProblemKind::PackData]);
}

#[test]
fn every_damaged_blob_of_a_pack_is_named() {
    let backend = sample(Version::V2);
    let pack = data_pack(&backend);
    let mut bytes = stored(&backend, &pack);
    let header = bytes.len() - LENGTH_FIELD - 1;
    bytes[20] ^= 1;
    bytes[header] ^= 1;
    replace(&backend, &pack, &bytes);
    let said = said_of(&run(&backend, &EVERYTHING).expect("check ends"), &pack.id).join("\n");
    assert!(said.contains("contains 3 errors"), "{said}");
    assert!(said.contains("the MAC of its header does not fit"), "{said}");
    assert!(said.contains("unexpected pack id"), "{said}");
    assert!(said.contains("is damaged: its MAC does not fit"), "{said}");
}

fn data_pack(backend: &Arc<dyn holdfast_backend::Backend>) -> Handle {
    let repository = open(backend).expect("opens");
    repository.load_index(&Cancel::new(), &|_, _| ()).expect("index loads");
    let pack = repository.index().packs().into_iter().find(|pack| !pack.has_trees).expect("a pack of data");
    Handle::new(FileType::Pack, pack.id)
}

#[test]
fn a_lock_that_cannot_be_read_is_named() {
    let backend = sample(Version::V2);
    let repository = open(&backend).expect("opens");
    let lock =
        Lock::acquire(&repository, LockKind::Exclusive, Duration::ZERO, &Cancel::new()).expect("locks");
    assert_eq!(errors(&backend, &STRUCTURE), []);
    let file = files(&backend, FileType::Lock)[0];
    replace(&backend, &file, b"not a lock");
    let outcome = check(&repository, &STRUCTURE, &(), &Cancel::new()).expect("check ends");
    assert_eq!(said_of(&outcome, &file.id).len(), 1);
    drop(lock);
}
