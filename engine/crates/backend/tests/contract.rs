//! What every store promises, run over each of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use holdfast_backend::cache::Cached;
use holdfast_backend::fault::Faulty;
use holdfast_backend::fault::plan::Plan;
use holdfast_backend::limit::{Narrowed, Rates, Slowed};
use holdfast_backend::local::Local;
use holdfast_backend::memory::Memory;
use holdfast_backend::retry::{Policy, Retrying};
use holdfast_backend::{Backend, BackendOptions, Cancel, Handle, Listed, Location, Notices, open};
use holdfast_format::{Error, FileType, Id};

const KINDS: [FileType; 5] =
    [FileType::Key, FileType::Pack, FileType::Index, FileType::Snapshot, FileType::Lock];

fn id(byte: u8) -> Id {
    Id([byte; 32])
}

fn read(store: &dyn Backend, file: &Handle, offset: u64, length: Option<usize>) -> Vec<u8> {
    let mut out = b"left over from the last read, and longer than the file".to_vec();
    store.read(file, offset, length, &mut out).unwrap();
    out
}

fn files_of_every_kind() -> impl Iterator<Item = Handle> {
    let named = KINDS.into_iter().map(|kind| Handle::new(kind, id(1)));
    named.chain([Handle::config(), Handle::tree_pack(id(2))])
}

fn what_was_written_is_read(store: &dyn Backend) {
    for file in files_of_every_kind() {
        let bytes = format!("the bytes of {file}").into_bytes();
        store.write(&file, &bytes).unwrap();
        assert_eq!(store.stat(&file).unwrap(), bytes.len() as u64);
        assert_eq!(read(store, &file, 0, None), bytes);
        assert_eq!(read(store, &file, 4, Some(5)), b"bytes");
        assert_eq!(read(store, &file, 4, None), &bytes[4..]);
        assert_eq!(read(store, &file, 0, Some(bytes.len())), bytes);
        assert_eq!(read(store, &file, 4, Some(0)), b"");
    }
}

fn an_empty_file_and_a_big_one_are_kept(store: &dyn Backend) {
    let big: Vec<u8> = (0..5_000_000u32).map(|n| (n % 251) as u8).collect();
    let (empty, full) = (Handle::new(FileType::Pack, id(3)), Handle::new(FileType::Pack, id(4)));
    store.write(&empty, b"").unwrap();
    store.write(&full, &big).unwrap();
    assert_eq!(read(store, &empty, 0, None), b"");
    assert!(read(store, &full, 0, None) == big);
    assert!(read(store, &full, 4_000_000, Some(900_000)) == big[4_000_000..4_900_000]);
}

fn what_ends_too_early_is_damaged(store: &dyn Backend) {
    let file = Handle::new(FileType::Pack, id(5));
    store.write(&file, b"0123456789").unwrap();
    for (offset, length) in
        [(0, Some(11)), (5, Some(6)), (10, Some(1)), (11, Some(0)), (11, None), (u64::MAX, Some(2))]
    {
        let error = store.read(&file, offset, length, &mut Vec::new()).unwrap_err();
        assert!(matches!(&error, Error::Damaged { what, .. } if *what == file.to_string()), "{error:?}");
    }
}

fn what_is_not_there_is_missing(store: &dyn Backend) {
    for file in files_of_every_kind() {
        let answers =
            [store.stat(&file).map(drop), store.read(&file, 0, None, &mut Vec::new()), store.remove(&file)];
        for answer in answers {
            assert!(
                matches!(&answer, Err(Error::Missing { what }) if *what == file.to_string()),
                "{answer:?}"
            );
        }
    }
}

fn nothing_is_written_over(store: &dyn Backend) {
    for file in files_of_every_kind() {
        store.write(&file, b"first").unwrap();
        assert!(matches!(
            store.write(&file, b"second, longer"),
            Err(Error::Store { operation: "write", .. })
        ));
        assert_eq!(read(store, &file, 0, None), b"first");
    }
}

fn a_listing_is_of_one_kind(store: &dyn Backend) {
    for (number, kind) in KINDS.into_iter().enumerate() {
        assert_eq!(store.list(kind).unwrap(), []);
        for byte in 0..=number as u8 {
            store.write(&Handle::new(kind, id(byte)), &[0; 7]).unwrap();
        }
    }
    store.write(&Handle::config(), b"config").unwrap();
    for (number, kind) in KINDS.into_iter().enumerate() {
        let listed = store.list(kind).unwrap();
        assert!(listed.iter().all(|file| *file == Listed { id: file.id, size: 7 }));
        let ids: BTreeSet<Id> = listed.iter().map(|file| file.id).collect();
        assert_eq!(ids, (0..=number as u8).map(id).collect());
        assert_eq!(ids.len(), listed.len());
    }
}

fn what_was_removed_is_gone_and_may_be_written_again(store: &dyn Backend) {
    for file in files_of_every_kind() {
        store.write(&file, b"old").unwrap();
        store.remove(&file).unwrap();
        assert!(matches!(store.stat(&file), Err(Error::Missing { .. })));
        store.write(&file, b"new").unwrap();
        assert_eq!(read(store, &file, 0, None), b"new");
    }
}

fn creating_twice_changes_nothing(store: &dyn Backend) {
    store.write(&Handle::config(), b"config").unwrap();
    store.create().unwrap();
    assert_eq!(read(store, &Handle::config(), 0, None), b"config");
}

fn of_many_writers_one_wins(store: &dyn Backend) {
    let file = Handle::config();
    let write = |n: u8| store.write(&file, &[n; 1000]).is_ok();
    let won: Vec<bool> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..8).map(|n| scope.spawn(move || write(n))).collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    assert_eq!(won.iter().filter(|won| **won).count(), 1);
    let winner = won.iter().position(|won| *won).unwrap() as u8;
    assert_eq!(read(store, &file, 0, None), [winner; 1000]);
}

/// A created store, and what keeps its files alive.
type Made = (Arc<dyn Backend>, Option<tempfile::TempDir>);

fn local(_test: &str) -> Made {
    let folder = tempfile::tempdir().unwrap();
    (Arc::new(Local::open(&folder.path().join("repo"), 2)), Some(folder))
}

fn memory(test: &str) -> Made {
    (Arc::new(Memory::named(test)), None)
}

fn retrying(test: &str) -> Made {
    let patient = Retrying::new(memory(test).0, Policy::QUICK, Cancel::new(), Notices::default());
    (Arc::new(patient), None)
}

fn slowed(test: &str) -> Made {
    let rates = Rates::new(1 << 40, 1 << 40);
    (Arc::new(Slowed::new(memory(test).0, rates, Cancel::new())), None)
}

fn narrowed(test: &str) -> Made {
    (Arc::new(Narrowed::new(memory(test).0)), None)
}

fn faulty(test: &str) -> Made {
    (Arc::new(Faulty::new(memory(test).0, Plan::default(), Cancel::new())), None)
}

fn cached(test: &str) -> Made {
    let folder = tempfile::tempdir().unwrap();
    let cached = Cached::new(memory(test).0, folder.path(), &id(7)).unwrap();
    (Arc::new(cached), Some(folder))
}

fn opened(_test: &str) -> Made {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::Local(folder.path().join("repo"));
    (open(&location, &BackendOptions::default(), &Cancel::new()).unwrap(), Some(folder))
}

macro_rules! contract {
    ($($store:ident),+; $tests:tt) => { $( mod $store { contract!(@tests $store $tests); } )+ };
    (@tests $store:ident [$($test:ident)+]) => { $(
        #[test]
        fn $test() {
            let (store, _folder) = super::$store(concat!(stringify!($store), stringify!($test)));
            store.create().unwrap();
            super::$test(store.as_ref());
        }
    )+ };
}

contract! {
    local, memory, retrying, slowed, narrowed, faulty, cached, opened; [
        what_was_written_is_read
        an_empty_file_and_a_big_one_are_kept
        what_ends_too_early_is_damaged
        what_is_not_there_is_missing
        nothing_is_written_over
        a_listing_is_of_one_kind
        what_was_removed_is_gone_and_may_be_written_again
        creating_twice_changes_nothing
        of_many_writers_one_wins
    ]
}
