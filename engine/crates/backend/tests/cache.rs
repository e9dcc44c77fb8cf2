//! What the cache promises: restic's folder, fewer reads of the store, and never a wrong answer for longer than a `forget`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use holdfast_backend::cache::{self, Cached, MAX_AGE};
use holdfast_backend::fault::Faulty;
use holdfast_backend::fault::plan::Plan;
use holdfast_backend::memory::Memory;
use holdfast_backend::{Backend, Cancel, Handle, Notices};
use holdfast_format::{Error, FileType, Id};
use tempfile::TempDir;

const REPOSITORY: Id = Id([0x77; 32]);
const ID: Id = Id([0xab; 32]);
const BYTES: &[u8] = b"more than the 32 bytes that every encrypted file has at least";

/// A cached store, the store below it and the folder of the copies.
struct Fixture {
    store: Cached,
    below: Arc<Memory>,
    folder: TempDir,
}

fn fixture(name: &str) -> Fixture {
    let (below, folder) = (Arc::new(Memory::named(name)), tempfile::tempdir().unwrap());
    let store = Cached::new(below.clone(), folder.path(), &REPOSITORY).unwrap();
    Fixture { store, below, folder }
}

impl Fixture {
    fn copy(&self, kind: &str) -> PathBuf {
        let hex = ID.to_string();
        self.folder.path().join(REPOSITORY.to_string()).join(kind).join("ab").join(hex)
    }
    fn read(&self, file: &Handle) -> Vec<u8> {
        let mut out = b"left over".to_vec();
        self.store.read(file, 0, None, &mut out).unwrap();
        out
    }
}

fn kept() -> [(Handle, &'static str); 3] {
    let file = |kind| Handle::new(kind, ID);
    [
        (file(FileType::Index), "index"),
        (file(FileType::Snapshot), "snapshots"),
        (Handle::tree_pack(ID), "data"),
    ]
}

fn mode(path: PathBuf) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn the_folder_is_restics() {
    let fixture = fixture("layout");
    let root = fixture.folder.path();
    let own = root.join(REPOSITORY.to_string());
    assert_eq!(fs::read_to_string(own.join("version")).unwrap(), "1");
    let tag = fs::read_to_string(root.join("CACHEDIR.TAG")).unwrap();
    assert_eq!(tag, "Signature: 8a477f597d28d172789f06886806bc55\n");
    fixture.store.write(&Handle::new(FileType::Index, ID), BYTES).unwrap();
    assert_eq!(mode(fixture.copy("index")), 0o600);
    for folder in ["", "data", "index", "snapshots", "index/ab"] {
        assert_eq!(mode(own.join(folder)), 0o700, "{folder}");
    }
}

#[test]
fn what_is_written_is_read_without_the_store() {
    let fixture = fixture("write through");
    for (file, folder) in kept() {
        fixture.store.write(&file, BYTES).unwrap();
        assert_eq!(fs::read(fixture.copy(folder)).unwrap(), BYTES);
        fixture.below.remove(&file).unwrap();
        assert_eq!(fixture.read(&file), BYTES);
    }
}

#[test]
fn a_part_that_is_read_brings_the_whole_file() {
    let fixture = fixture("read through");
    for (file, folder) in kept() {
        fixture.below.write(&file, BYTES).unwrap();
        let mut out = Vec::new();
        fixture.store.read(&file, 5, Some(4), &mut out).unwrap();
        assert_eq!(out, &BYTES[5..9]);
        assert_eq!(fs::read(fixture.copy(folder)).unwrap(), BYTES);
        fixture.below.remove(&file).unwrap();
        fixture.store.read(&file, 9, Some(3), &mut out).unwrap();
        assert_eq!(out, &BYTES[9..12]);
    }
}

#[test]
fn what_many_ask_for_is_fetched_once() {
    let (below, folder) = (Arc::new(Memory::named("once")), tempfile::tempdir().unwrap());
    let bytes = vec![7; 4 << 20];
    below.write(&Handle::tree_pack(ID), &bytes).unwrap();
    let once = Faulty::new(below, Plan::parse("read:2+:denied").unwrap(), Cancel::new());
    let store = Cached::new(Arc::new(once), folder.path(), &REPOSITORY).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut out = Vec::new();
                store.read(&Handle::tree_pack(ID), 1, Some(5), &mut out).unwrap();
                assert_eq!(out, [7; 5]);
            });
        }
    });
}

#[test]
fn other_files_are_not_kept() {
    let fixture = fixture("not kept");
    for kind in [FileType::Pack, FileType::Lock, FileType::Key] {
        let file = Handle::new(kind, ID);
        fixture.store.write(&file, BYTES).unwrap();
        assert_eq!(fixture.read(&file), BYTES);
        assert!(!fixture.store.has(&file));
    }
}

#[test]
fn a_pack_of_trees_serves_reads_that_do_not_know_that_it_is_one() {
    let fixture = fixture("same pack");
    fixture.store.write(&Handle::tree_pack(ID), BYTES).unwrap();
    fixture.below.remove(&Handle::tree_pack(ID)).unwrap();
    assert_eq!(fixture.read(&Handle::new(FileType::Pack, ID)), BYTES);
}

#[test]
fn a_copy_that_is_too_short_is_read_again_from_the_store() {
    for (left, length) in [(0, None), (32, None), (40, Some(BYTES.len()))] {
        let fixture = fixture("short copies");
        let file = Handle::new(FileType::Index, ID);
        drop(fixture.below.write(&file, BYTES));
        fixture.read(&file);
        fs::write(fixture.copy("index"), &BYTES[..left]).unwrap();
        let mut out = Vec::new();
        fixture.store.read(&file, 0, length, &mut out).unwrap();
        assert_eq!(out, BYTES);
        assert_eq!(fs::read(fixture.copy("index")).unwrap(), BYTES);
    }
}

#[test]
fn a_copy_that_turned_out_to_be_wrong_is_read_again_from_the_store() {
    let fixture = fixture("wrong copies");
    for (file, folder) in kept() {
        fixture.store.write(&file, BYTES).unwrap();
        fs::write(fixture.copy(folder), BYTES.to_ascii_uppercase()).unwrap();
        assert_ne!(fixture.read(&file), BYTES);
        fixture.store.forget(&file);
        assert_eq!(fixture.read(&file), BYTES);
    }
}

#[test]
fn copies_go_with_their_files() {
    let fixture = fixture("gone");
    let file = Handle::new(FileType::Snapshot, ID);
    let write = || fixture.store.write(&file, BYTES).unwrap();
    write();
    fixture.store.remove(&file).unwrap();
    assert!(!fixture.store.has(&file));
    write();
    fixture.below.remove(&file).unwrap();
    assert!(matches!(fixture.store.stat(&file), Err(Error::Missing { .. })));
    assert!(!fixture.store.has(&file));
    write();
    fixture.below.remove(&file).unwrap();
    fixture.store.list(FileType::Index).unwrap();
    assert!(fixture.store.has(&file));
    fixture.store.list(FileType::Snapshot).unwrap();
    assert!(!fixture.store.has(&file));
}

#[test]
fn a_cache_that_cannot_keep_anything_is_said_once_and_no_error() {
    let Fixture { store, folder, .. } = fixture("broken");
    let said = Arc::new(std::sync::Mutex::new(Vec::new()));
    let heard = said.clone();
    let store = store.with_notices(Notices::to(move |line| heard.lock().unwrap().push(line.to_owned())));
    let data = folder.path().join(REPOSITORY.to_string()).join("data");
    fs::remove_dir(&data).unwrap();
    fs::write(&data, b"in the way").unwrap();
    for byte in 0..2 {
        let file = Handle::tree_pack(Id([byte; 32]));
        store.write(&file, BYTES).unwrap();
        let mut out = Vec::new();
        store.read(&file, 1, Some(3), &mut out).unwrap();
        assert_eq!(out, &BYTES[1..4]);
    }
    assert_eq!(said.lock().unwrap().len(), 1, "{said:?}");
}

#[test]
fn the_cache_of_a_newer_version_is_refused_with_a_remedy() {
    let Fixture { below, folder, .. } = fixture("newer");
    fs::write(folder.path().join(REPOSITORY.to_string()).join("version"), "2").unwrap();
    let error = Cached::new(below, folder.path(), &REPOSITORY).unwrap_err();
    assert!(error.to_string().contains("--no-cache"), "{error}");
}

#[test]
fn caches_are_listed_with_size_and_old_ones_removed() {
    let fixture = fixture("listed");
    let caches = fixture.folder.path();
    fixture.store.write(&Handle::new(FileType::Index, ID), BYTES).unwrap();
    fs::create_dir(caches.join("something else")).unwrap();
    let listed = cache::list(caches).unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].name, REPOSITORY.to_string());
    assert_eq!(listed[0].size().unwrap(), BYTES.len() as u64 + 1);
    let later = |seconds| listed[0].used + MAX_AGE + Duration::from_secs(seconds);
    assert_eq!(cache::remove_old(caches, later(0), MAX_AGE).unwrap(), []);
    assert_eq!(cache::remove_old(caches, later(1), MAX_AGE).unwrap(), listed);
    assert_eq!(cache::list(caches).unwrap(), []);
    assert_eq!(cache::list(&caches.join("not there")).unwrap(), []);
}

#[test]
fn opening_a_cache_makes_it_young_again() {
    let Fixture { below, folder, .. } = fixture("young");
    let own = folder.path().join(REPOSITORY.to_string());
    fs::File::open(&own).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
    Cached::new(below, folder.path(), &REPOSITORY).unwrap();
    assert!(!cache::list(folder.path()).unwrap()[0].is_old(SystemTime::now(), MAX_AGE));
}
