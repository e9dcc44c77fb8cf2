//! Repositories for tests of what reads them: written node by node over a store in memory, damaged on purpose.
//!
//! Only a dev-dependency. What fails here fails the test: everything panics.

#![allow(clippy::missing_panics_doc, reason = "a test that cannot be set up has failed")]

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

/// A repository that is being written.
pub struct Sample {
    backend: Arc<dyn Backend>,
    writer: Arc<Writer>,
}

impl Default for Sample {
    fn default() -> Self {
        Self::new()
    }
}

impl Sample {
    /// An empty repository.
    pub fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!("sample-{}", COUNT.fetch_add(1, Ordering::Relaxed));
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

    /// Stores a blob.
    pub fn add(&self, kind: BlobType, bytes: &[u8]) -> Id {
        let mut added = Vec::new();
        self.writer.hands().add(kind, &[bytes], &mut added).unwrap();
        added[0].id
    }

    /// Stores a data blob under a name that is not its own.
    pub fn forge(&self, id: Id, bytes: &[u8]) {
        self.writer.hands().add_named(BlobType::Data, id, bytes).unwrap();
    }

    /// A file of given blobs.
    pub fn file(&self, name: &str, blobs: &[&[u8]]) -> Node {
        let content = blobs.iter().map(|blob| self.add(BlobType::Data, blob)).collect();
        let size = blobs.iter().map(|blob| blob.len() as u64).sum();
        Node { content: Some(content), size, links: 1, ..node(name, NodeType::File) }
    }

    /// A folder with entries.
    pub fn dir(&self, name: &str, nodes: Vec<Node>) -> Node {
        Node { subtree: Some(self.tree(nodes)), mode: 1 << 31 | 0o755, ..node(name, NodeType::Dir) }
    }

    /// Stores a tree of entries, which are sorted here.
    pub fn tree(&self, mut nodes: Vec<Node>) -> Id {
        nodes.sort_by(|a, b| a.name.cmp(&b.name));
        let json: Vec<Vec<u8>> = nodes.iter().map(json).collect();
        self.add(BlobType::Tree, &tree::join(json.iter().map(Vec::as_slice)))
    }

    /// Everything is written; opens the repository anew, with its index.
    pub fn open(&self) -> Arc<Repository> {
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

/// When every entry of a sample was changed.
pub const TIME: Timestamp = Timestamp { seconds: 1_500_000_000, nanos: 123_456_789, offset: 0 };

/// An entry without contents, of mode 0640, last changed at `TIME`.
pub fn node(name: &str, kind: NodeType) -> Node {
    Node { name: name.into(), kind, mode: 0o640, mtime: TIME, atime: TIME, ..Node::default() }
}

/// Changes one byte of a stored blob.
pub fn damage(repository: &Repository, kind: BlobType, id: &Id) {
    let place = repository.index().find(kind, id).unwrap();
    let handle = Handle::new(FileType::Pack, place.pack);
    let mut pack = Vec::new();
    repository.backend().read(&handle, 0, None, &mut pack).unwrap();
    pack[place.offset as usize + 20] ^= 1;
    repository.backend().remove(&handle).unwrap();
    repository.backend().write(&handle, &pack).unwrap();
}
