//! Restores from repositories that are written here, blob by blob, over a store in memory.

mod damage;
mod dumps;
mod existing;
mod names;
mod restoring;

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use holdfast_backend::memory::Memory;
use holdfast_backend::{Backend, Cancel, Handle};
use holdfast_format::compression::Compression;
use holdfast_format::keyfile::Scrypt;
use holdfast_format::node::{Node, NodeType};
use holdfast_format::time::Timestamp;
use holdfast_format::{BlobType, FileType, Id, Version, tree};
use holdfast_repo::{CacheOptions, InitOptions, OpenOptions, Repository, Writer, WriterOptions};
use parking_lot::Mutex;

use crate::{Action, Counters, Item, Outcome, Restore, RestoreOptions, Watcher};

/// A repository and the nodes that are written into it.
struct Sample {
    backend: Arc<dyn Backend>,
    writer: Arc<Writer>,
}

impl Sample {
    fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!("restore-test-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let backend: Arc<dyn Backend> = Arc::new(Memory::named(&name));
        let scrypt = Some(Scrypt { n: 2, r: 1, p: 1 });
        let init = InitOptions { version: Version::V2, polynomial: None, scrypt, owner: None };
        let repository = Arc::new(Repository::init(backend.clone(), b"x", &init).unwrap());
        let options = WriterOptions {
            compression: Compression::Auto,
            pack_size: 4 << 20,
            extra_verify: false,
            cancel: Cancel::new(),
            dry_run: false,
        };
        Self { backend, writer: Arc::new(Writer::new(&repository, None, &options).unwrap()) }
    }

    fn add(&self, kind: BlobType, bytes: &[u8]) -> Id {
        let mut added = Vec::new();
        self.writer.hands().add(kind, &[bytes], &mut added).unwrap();
        added[0].id
    }

    /// A file of given blobs.
    fn file(&self, name: &str, blobs: &[&[u8]]) -> Node {
        let content = blobs.iter().map(|blob| self.add(BlobType::Data, blob)).collect();
        let size = blobs.iter().map(|blob| blob.len() as u64).sum();
        Node { content: Some(content), size, links: 1, ..node(name, NodeType::File) }
    }

    fn dir(&self, name: &str, nodes: Vec<Node>) -> Node {
        Node { subtree: Some(self.tree(nodes)), mode: 1 << 31 | 0o755, ..node(name, NodeType::Dir) }
    }

    fn tree(&self, mut nodes: Vec<Node>) -> Id {
        nodes.sort_by(|a, b| a.name.cmp(&b.name));
        let json: Vec<Vec<u8>> = nodes.iter().map(json).collect();
        self.add(BlobType::Tree, &tree::join(json.iter().map(Vec::as_slice)))
    }

    /// Everything is written; opens the repository anew.
    fn open(&self) -> Arc<Repository> {
        self.writer.finish().unwrap();
        let options = OpenOptions { key_hint: None, cache: CacheOptions::Off, cancel: Cancel::new() };
        let repository = Repository::open(self.backend.clone(), b"x", &options).unwrap();
        repository.load_index(&Cancel::new(), &|_, _| ()).unwrap();
        Arc::new(repository)
    }
}

fn json(node: &Node) -> Vec<u8> {
    let mut json = Vec::new();
    node.write(&mut json);
    json
}

fn node(name: &str, kind: NodeType) -> Node {
    let time = Timestamp { seconds: 1_500_000_000, nanos: 123_456_789, offset: 0 };
    let (uid, gid) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
    Node { name: name.into(), kind, mode: 0o640, mtime: time, atime: time, uid, gid, ..Node::default() }
}

/// Changes one byte of a stored blob.
fn damage(repository: &Repository, id: &Id) {
    let place = repository.index().find(BlobType::Data, id).unwrap();
    let handle = Handle::new(FileType::Pack, place.pack);
    let mut pack = Vec::new();
    repository.backend().read(&handle, 0, None, &mut pack).unwrap();
    pack[place.offset as usize + 20] ^= 1;
    repository.backend().remove(&handle).unwrap();
    repository.backend().write(&handle, &pack).unwrap();
}

/// What a restore told.
#[derive(Default)]
struct Told {
    errors: Mutex<Vec<(String, String)>>,
    items: Mutex<BTreeMap<String, Action>>,
}

impl Watcher for Told {
    fn error(&self, path: &[u8], error: &str) {
        self.errors.lock().push((path.escape_ascii().to_string(), error.into()));
    }

    fn wants_items(&self) -> bool {
        true
    }

    fn item(&self, item: &Item<'_>) {
        self.items.lock().insert(item.path.escape_ascii().to_string(), item.action);
    }
}

impl Told {
    fn action(&self, path: &str) -> Option<Action> {
        self.items.lock().get(path).copied()
    }

    /// The only error.
    fn error(&self) -> (String, String) {
        let errors = self.errors.lock();
        assert_eq!(errors.len(), 1, "{errors:?}");
        errors[0].clone()
    }
}

struct Restored {
    outcome: Outcome,
    counters: Counters,
    told: Told,
    verified: u64,
}

/// Restores and, when there were no errors, verifies.
fn restore(repository: &Arc<Repository>, tree: &Id, target: &Path, options: &RestoreOptions) -> Restored {
    let (counters, told, cancel) = (Counters::default(), Told::default(), Cancel::new());
    let (watcher, lock) = (&told, None);
    let counted = &counters;
    let restore =
        Restore { repository, lock, tree, target, options, counters: counted, watcher, cancel: &cancel };
    let outcome = restore.run().unwrap();
    let verified = if outcome.errors == 0 { restore.verify(&outcome).unwrap() } else { 0 };
    Restored { outcome, counters, told, verified }
}

/// Restores everything, without errors.
fn restore_all(repository: &Arc<Repository>, tree: &Id, target: &Path) -> Restored {
    let restored = restore(repository, tree, target, &RestoreOptions::default());
    assert_eq!(restored.told.errors.lock().as_slice(), []);
    restored
}

/// Sorted names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let name = |entry: std::fs::DirEntry| entry.file_name().as_bytes().escape_ascii().to_string();
    let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| name(entry.unwrap())).collect();
    names.sort();
    names
}
