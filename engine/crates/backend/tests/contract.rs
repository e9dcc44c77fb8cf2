//! What every store promises, run over each of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use holdfast_backend::cache::Cached;
use holdfast_backend::fault::Faulty;
use holdfast_backend::fault::plan::Plan;
use holdfast_backend::limit::{Narrowed, Rates, Slowed};
use holdfast_backend::local::Local;
use holdfast_backend::memory::Memory;
use holdfast_backend::retry::{Patience, Policy, Retrying};
use holdfast_backend::{
    Backend, BackendOptions, Cancel, Handle, Listed, Location, Notices, Spill, create, open,
};
use holdfast_format::{Error, FileType, Id};

const KINDS: [FileType; 5] =
    [FileType::Key, FileType::Pack, FileType::Index, FileType::Snapshot, FileType::Lock];

fn read(store: &dyn Backend, file: &Handle, offset: u64, length: Option<usize>) -> Vec<u8> {
    let mut out = b"left over from the last read, and longer than the file".to_vec();
    store.read(file, offset, length, &mut out).unwrap();
    out
}

/// Servers often do not say that there was nothing to remove.
fn is_server(store: &dyn Backend) -> bool {
    ["s3:", "rest:"].iter().any(|scheme| store.location().starts_with(scheme))
}

/// Files are named by their contents, as in every repository: servers look.
fn named(kind: FileType, bytes: &[u8]) -> Handle {
    Handle::new(kind, Id::of(bytes))
}

fn files_of_every_kind(bytes: &[u8]) -> impl Iterator<Item = Handle> {
    let named = KINDS.into_iter().map(|kind| named(kind, bytes));
    named.chain([Handle::config()])
}

fn what_was_written_is_read(store: &dyn Backend) {
    let bytes = b"the bytes of a file";
    for file in files_of_every_kind(bytes) {
        store.write(&file, bytes).unwrap();
        assert_eq!(store.stat(&file).unwrap(), bytes.len() as u64);
        assert_eq!(read(store, &file, 0, None), bytes);
        assert_eq!(read(store, &file, 4, Some(5)), b"bytes");
        assert_eq!(read(store, &file, 4, None), &bytes[4..]);
        assert_eq!(read(store, &file, 0, Some(bytes.len())), bytes);
        assert_eq!(read(store, &file, 4, Some(0)), b"");
        assert_eq!(read(store, &file, bytes.len() as u64, None), b"");
    }
}

fn an_empty_file_and_a_big_one_are_kept(store: &dyn Backend) {
    let big: Vec<u8> = (0..5_000_000u32).map(|n| (n % 251) as u8).collect();
    let (empty, full) = (named(FileType::Pack, b""), named(FileType::Pack, &big));
    store.write(&empty, b"").unwrap();
    store.write(&full, &big).unwrap();
    assert_eq!(read(store, &empty, 0, None), b"");
    assert!(read(store, &full, 0, None) == big);
    assert!(read(store, &full, 4_000_000, Some(900_000)) == big[4_000_000..4_900_000]);
}

fn a_stream_is_what_is_read(store: &dyn Backend) {
    let big: Vec<u8> = (0..3_000_000u32).map(|n| (n % 251) as u8).collect();
    let file = named(FileType::Pack, &big);
    store.write(&file, &big).unwrap();
    let mut came = Vec::new();
    let stream =
        |length, take: &mut dyn FnMut(&[u8]) -> Result<(), Error>| store.stream(&file, 999, length, take);
    stream(2_500_000, &mut |bytes| {
        came.extend_from_slice(bytes);
        Ok(())
    })
    .unwrap();
    assert!(came == big[999..2_500_999]);
    assert!(matches!(stream(3_000_000, &mut |_| Ok(())), Err(Error::Damaged { .. })));
    assert!(matches!(stream(2_500_000, &mut |_| Err(Error::Cancelled)), Err(Error::Cancelled)));
    let missing = store.stream(&named(FileType::Pack, b"nothing"), 0, 1, &mut |_| Ok(()));
    assert!(matches!(missing, Err(Error::Missing { .. })), "{missing:?}");
}

fn what_waited_on_disk_is_stored(store: &dyn Backend) {
    let bytes: Vec<u8> = (0..200_000u32).map(|n| (n % 251) as u8).collect();
    for file in
        [named(FileType::Pack, &bytes), Handle { tree_pack: true, ..named(FileType::Pack, &bytes[1..]) }]
    {
        let spill = Spill::of(&bytes[usize::from(file.tree_pack)..]).unwrap();
        store.write_spilled(&file, &spill).unwrap();
        assert!(read(store, &file, 0, None) == spill.bytes().unwrap());
    }
}

fn what_ends_too_early_is_damaged(store: &dyn Backend) {
    let file = named(FileType::Pack, b"0123456789");
    store.write(&file, b"0123456789").unwrap();
    for (offset, length) in
        [(0, Some(11)), (5, Some(6)), (10, Some(1)), (11, Some(0)), (11, None), (1 << 60, Some(2))]
    {
        let error = store.read(&file, offset, length, &mut Vec::new()).unwrap_err();
        assert!(matches!(&error, Error::Damaged { what, .. } if *what == file.to_string()), "{error:?}");
    }
}

fn what_is_not_there_is_missing(store: &dyn Backend) {
    for file in files_of_every_kind(b"nothing") {
        let answers = [store.stat(&file).map(drop), store.read(&file, 0, None, &mut Vec::new())];
        for answer in answers {
            assert!(
                matches!(&answer, Err(Error::Missing { what }) if *what == file.to_string()),
                "{answer:?}"
            );
        }
        assert!(matches!(store.remove(&file), Err(Error::Missing { .. })) || is_server(store));
    }
}

fn a_config_is_not_written_over(store: &dyn Backend) {
    store.write(&Handle::config(), b"first").unwrap();
    let second = store.write(&Handle::config(), b"second, longer");
    assert!(matches!(second, Err(Error::Store { operation: "write", .. })), "{second:?}");
    assert_eq!(read(store, &Handle::config(), 0, None), b"first");
}

fn nothing_is_written_over(store: &dyn Backend) {
    for file in files_of_every_kind(b"first") {
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
            store.write(&named(kind, &[byte; 7]), &[byte; 7]).unwrap();
        }
    }
    store.write(&Handle::config(), b"config").unwrap();
    for (number, kind) in KINDS.into_iter().enumerate() {
        let listed = store.list(kind).unwrap();
        assert!(listed.iter().all(|file| *file == Listed { id: file.id, size: 7 }));
        let ids: BTreeSet<Id> = listed.iter().map(|file| file.id).collect();
        assert_eq!(ids, (0..=number as u8).map(|byte| Id::of(&[byte; 7])).collect());
        assert_eq!(ids.len(), listed.len());
    }
}

fn what_was_removed_is_gone_and_may_be_written_again(store: &dyn Backend) {
    for file in files_of_every_kind(b"again") {
        store.write(&file, b"again").unwrap();
        store.remove(&file).unwrap();
        assert!(matches!(store.stat(&file), Err(Error::Missing { .. })));
        store.write(&file, b"again").unwrap();
        assert_eq!(read(store, &file, 0, None), b"again");
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

fn many_threads_work_at_the_same_time(store: &dyn Backend) {
    std::thread::scope(|scope| {
        for thread in 0..8u8 {
            scope.spawn(move || {
                let bytes = vec![thread; 200_000];
                let file = named(FileType::Pack, &bytes);
                store.write(&file, &bytes).unwrap();
                assert!(read(store, &file, 0, None) == bytes);
            });
        }
    });
    assert_eq!(store.list(FileType::Pack).unwrap().len(), 8);
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
    let patience = Patience { policy: Policy::QUICK, cancel: Cancel::new(), notices: Notices::default() };
    (Arc::new(Retrying::new(memory(test).0, patience)), None)
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
    let cached = Cached::new(memory(test).0, folder.path(), &Id([7; 32])).unwrap();
    (Arc::new(cached), Some(folder))
}

fn opened(_test: &str) -> Made {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::Local(folder.path().join("repo"));
    (open(&location, &BackendOptions::default(), &Cancel::new()).unwrap(), Some(folder))
}

/// A server that is named by hand; each test has its own folder there. It needs `RESTIC_…` or `AWS_…` variables of its own.
fn server(test: &str) -> Made {
    let location =
        format!("{}/{test}-{}", std::env::var("HOLDFAST_TEST_LOCATION").unwrap(), std::process::id());
    let options = BackendOptions::default();
    (create(&Location::parse(&location).unwrap(), &options, &Cancel::new()).unwrap(), None)
}

macro_rules! contract {
    (#[$mark:meta] $($store:ident),+; $tests:tt) => {
        $( mod $store { contract!(@tests #[$mark] $store $tests); } )+
    };
    (@tests #[$mark:meta] $store:ident [$($test:ident)+]) => { $(
        #[test]
        #[$mark]
        fn $test() {
            let (store, _folder) = super::$store(concat!(stringify!($store), stringify!($test)));
            store.create().unwrap();
            super::$test(store.as_ref());
        }
    )+ };
}

contract! {
    #[cfg(test)] local, memory, retrying, slowed, narrowed, faulty, cached, opened; [
        what_was_written_is_read
        an_empty_file_and_a_big_one_are_kept
        a_stream_is_what_is_read
        what_waited_on_disk_is_stored
        what_ends_too_early_is_damaged
        what_is_not_there_is_missing
        a_config_is_not_written_over
        nothing_is_written_over
        a_listing_is_of_one_kind
        what_was_removed_is_gone_and_may_be_written_again
        creating_twice_changes_nothing
        of_many_writers_one_wins
        many_threads_work_at_the_same_time
    ]
}

contract! {
    #[ignore = "by hand: HOLDFAST_TEST_LOCATION=s3:http://… or rest:http://…"] server; [
        what_was_written_is_read
        an_empty_file_and_a_big_one_are_kept
        a_stream_is_what_is_read
        what_waited_on_disk_is_stored
        what_ends_too_early_is_damaged
        what_is_not_there_is_missing
        a_config_is_not_written_over
        a_listing_is_of_one_kind
        what_was_removed_is_gone_and_may_be_written_again
        creating_twice_changes_nothing
        many_threads_work_at_the_same_time
    ]
}
