//! A repository in memory, a folder on disk, and what a snapshot says of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use holdfast_backend::memory::Memory;
use holdfast_backend::{Backend, Cancel};
use holdfast_backup::{BackupOptions, ChangeRules, Counters, Excludes, Outcome, Watcher};
use holdfast_format::compression::Compression;
use holdfast_format::keyfile::Scrypt;
use holdfast_format::node::Node;
use holdfast_format::snapshot::Snapshot;
use holdfast_format::time::Zone;
use holdfast_format::{BlobType, FileType, Id, Result, Version};
use holdfast_repo::{CacheOptions, InitOptions, OpenOptions, Repository};
use parking_lot::Mutex;

const PASSWORD: &[u8] = b"geheim";

/// A store that can be opened again and again, so that every backup starts with what was really written.
pub struct Store(Arc<dyn Backend>);

impl Store {
    pub fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!("backup-test-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let backend: Arc<dyn Backend> = Arc::new(Memory::named(&name));
        let scrypt = Some(Scrypt { n: 2, r: 1, p: 1 });
        let options = InitOptions { version: Version::V2, polynomial: None, scrypt, owner: None };
        Repository::init(backend.clone(), PASSWORD, &options).unwrap();
        Self(backend)
    }

    pub fn open(&self) -> Arc<Repository> {
        let options = OpenOptions { key_hint: None, cache: CacheOptions::Off, cancel: Cancel::new() };
        let repository = Repository::open(self.0.clone(), PASSWORD, &options).unwrap();
        repository.load_index(&Cancel::new(), &|_, _| ()).unwrap();
        Arc::new(repository)
    }

    pub fn count(&self, kind: FileType) -> usize {
        self.0.list(kind).unwrap().len()
    }

    pub fn remove_all(&self, kind: FileType) {
        for file in self.0.list(kind).unwrap() {
            self.0.remove(&holdfast_backend::Handle::new(kind, file.id)).unwrap();
        }
    }

    pub fn backup(&self, options: &BackupOptions) -> Result<Outcome> {
        self.backup_told(options, &Told::default())
    }

    pub fn backup_told(&self, options: &BackupOptions, told: &Told) -> Result<Outcome> {
        let counters = Arc::new(Counters::default());
        holdfast_backup::backup(&self.open(), None, options, &counters, told, &Cancel::new())
    }

    pub fn snapshot(&self, id: Id) -> Snapshot {
        Snapshot::parse(&self.open().load_unpacked(FileType::Snapshot, &id).unwrap()).unwrap()
    }

    /// Backs up and gives the snapshot, which must be there.
    pub fn saved(&self, options: &BackupOptions) -> (Id, Snapshot) {
        let id = self.backup(options).unwrap().snapshot.unwrap();
        (id, self.snapshot(id))
    }

    /// Everything in a snapshot, by path.
    pub fn nodes(&self, snapshot: &Snapshot) -> BTreeMap<Vec<u8>, Node> {
        let mut all = BTreeMap::new();
        nodes(&self.open(), &snapshot.tree, b"", &mut all);
        all
    }
}

fn nodes(repository: &Repository, tree: &Id, above: &[u8], all: &mut BTreeMap<Vec<u8>, Node>) {
    for node in repository.load_tree(tree).unwrap() {
        let path = [above, b"/", &node.name].concat();
        if let Some(tree) = &node.subtree {
            nodes(repository, tree, &path, all);
        }
        all.insert(path, node);
    }
}

/// The bytes of a file.
pub fn content(repository: &Repository, node: &Node) -> Vec<u8> {
    let ids = node.content.as_deref().unwrap_or_default();
    ids.iter().flat_map(|id| repository.load_blob(BlobType::Data, id).unwrap()).collect()
}

pub fn options(targets: &[&Path]) -> BackupOptions {
    BackupOptions {
        targets: targets.iter().map(PathBuf::from).collect(),
        excludes: Excludes::default(),
        exclude_texts: Vec::new(),
        parent: None,
        change_rules: ChangeRules::default(),
        time: Zone::utc().at(1_700_000_000, 5),
        hostname: "host".into(),
        tags: vec!["tag".into()],
        with_atime: false,
        skip_if_unchanged: false,
        dry_run: false,
        read_concurrency: 0,
        compression: Compression::Fastest,
        pack_size: 4 << 20,
        extra_verify: true,
        program_version: "holdfast 0.1.0".into(),
    }
}

/// Keeps what it is told.
#[derive(Default)]
pub struct Told {
    pub errors: Mutex<Vec<String>>,
    pub items: Mutex<Vec<(String, &'static str)>>,
}

impl Watcher for Told {
    fn error(&self, _path: &[u8], error: &str, _during: &'static str) {
        self.errors.lock().push(error.to_owned());
    }

    fn wants_items(&self) -> bool {
        true
    }

    fn item(&self, item: &holdfast_backup::Item) {
        self.items.lock().push((String::from_utf8_lossy(&item.path).into_owned(), item.action));
    }
}

/// Bytes that look random but are always the same.
pub fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..length).map(next).collect()
}
