//! A small repository in memory, and hands to damage it.
#![allow(dead_code)] // each test file uses its own part

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use holdfast_backend::memory::Memory;
use holdfast_backend::{Backend, Cancel, Handle};
use holdfast_check::{CheckOptions, CheckOutcome, Problem, ProblemKind, Severity, Subset, check};
use holdfast_format::compression::Compression;
use holdfast_format::keyfile::Scrypt;
use holdfast_format::node::{Node, NodeType};
use holdfast_format::pack::PackedBlob;
use holdfast_format::snapshot::Snapshot;
use holdfast_format::{BlobType, FileType, Id, Result, Version, index, tree};
use holdfast_repo::{
    BlobWriter, CacheOptions, InitOptions, OpenOptions, Repository, SnapshotFilter, Writer, WriterOptions,
};

pub const PASSWORD: &[u8] = b"geheim";
pub const EVERYTHING: CheckOptions = options(Subset::All);
pub const STRUCTURE: CheckOptions = options(Subset::Nothing);

const fn options(read: Subset) -> CheckOptions {
    let filter = SnapshotFilter { hosts: Vec::new(), tags: Vec::new(), paths: Vec::new() };
    CheckOptions { snapshots: Vec::new(), filter, read, unused: false }
}

/// An empty repository with a cheap key.
pub fn empty(version: Version) -> Arc<dyn Backend> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = format!("check-{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let backend: Arc<dyn Backend> = Arc::new(Memory::named(&name));
    let scrypt = Some(Scrypt { n: 2, r: 1, p: 1 });
    let options = InitOptions { version, polynomial: None, scrypt, owner: None };
    Repository::init(backend.clone(), PASSWORD, &options).expect("init");
    backend
}

/// The same repository as a store that is far: packs come to disk.
pub fn far(backend: &Arc<dyn Backend>) -> Arc<dyn Backend> {
    let location = backend.location();
    Arc::new(Memory::named(location.trim_start_matches("memory:")).with_connections(5))
}

/// One with two snapshots, `one` and `two`, each made by a run of its own: packs, index files, a file in common.
pub fn sample(version: Version) -> Arc<dyn Backend> {
    let backend = empty(version);
    for (seed, tag) in [(1, "one"), (2, "two")] {
        add_snapshot(&backend, seed, tag);
    }
    backend
}

pub fn open(backend: &Arc<dyn Backend>) -> Result<Arc<Repository>> {
    let options = OpenOptions { key_hint: None, cache: CacheOptions::Off, cancel: Cancel::new() };
    Repository::open(backend.clone(), PASSWORD, &options).map(Arc::new)
}

/// Opens for writing.
pub fn writer(backend: &Arc<dyn Backend>, pack_size: usize) -> (Arc<Repository>, Arc<Writer>) {
    let repository = open(backend).expect("opens");
    repository.load_index(&Cancel::new(), &|_, _| ()).expect("index loads");
    let cancel = Cancel::new();
    let options = WriterOptions {
        compression: Compression::Auto,
        pack_size,
        extra_verify: true,
        cancel,
        dry_run: false,
    };
    let writer = Arc::new(Writer::new(&repository, None, &options).expect("writer starts"));
    (repository, writer)
}

fn add_snapshot(backend: &Arc<dyn Backend>, seed: u64, tag: &str) {
    let (repository, writer) = writer(backend, 4096);
    let mut hands = writer.hands();
    let files: Vec<Vec<u8>> =
        (0..6).map(|file| noise(seed * 100 + file, 500 + 400 * file as usize)).collect();
    let mut nodes: Vec<Node> = files.iter().map(|bytes| file_node(&mut hands, bytes)).collect();
    nodes.push(file_node(&mut hands, b"in both"));
    let below = save_tree(&mut hands, nodes);
    let root = save_tree(&mut hands, vec![dir_node(below)]);
    writer.finish().expect("writes");
    save_snapshot(&repository, root, tag);
}

pub fn save_snapshot(repository: &Repository, tree: Id, tag: &str) -> Id {
    let paths = vec!["/d".to_owned()];
    let snapshot = Snapshot {
        tree,
        paths,
        tags: vec![tag.to_owned()],
        hostname: "host".to_owned(),
        ..Snapshot::default()
    };
    repository.save_unpacked(FileType::Snapshot, &snapshot.to_json()).expect("snapshot is stored")
}

pub fn add(hands: &mut BlobWriter, kind: BlobType, bytes: &[u8]) -> Id {
    let mut added = Vec::new();
    hands.add(kind, &[bytes], &mut added).expect("blob is stored");
    added[0].id
}

pub fn file_node(hands: &mut BlobWriter, bytes: &[u8]) -> Node {
    let id = add(hands, BlobType::Data, bytes);
    let size = bytes.len() as u64;
    Node { name: id.short().into_bytes(), content: Some(vec![id]), size, ..Node::default() }
}

pub fn dir_node(subtree: Id) -> Node {
    Node { name: b"d".to_vec(), kind: NodeType::Dir, subtree: Some(subtree), ..Node::default() }
}

pub fn save_tree(hands: &mut BlobWriter, mut nodes: Vec<Node>) -> Id {
    nodes.sort_by(|a, b| a.name.cmp(&b.name));
    add(hands, BlobType::Tree, &tree_bytes(&nodes))
}

pub fn tree_bytes(nodes: &[Node]) -> Vec<u8> {
    let written: Vec<Vec<u8>> = nodes
        .iter()
        .map(|node| {
            let mut json = Vec::new();
            node.write(&mut json);
            json
        })
        .collect();
    tree::join(written.iter().map(Vec::as_slice))
}

/// Files of a kind, sorted.
pub fn files(backend: &Arc<dyn Backend>, kind: FileType) -> Vec<Handle> {
    if kind == FileType::Config {
        return vec![Handle::config()];
    }
    let mut ids: Vec<Id> = backend.list(kind).expect("lists").into_iter().map(|file| file.id).collect();
    ids.sort_unstable();
    ids.into_iter().map(|id| Handle::new(kind, id)).collect()
}

pub fn stored(backend: &Arc<dyn Backend>, file: &Handle) -> Vec<u8> {
    let mut bytes = Vec::new();
    backend.read(file, 0, None, &mut bytes).expect("reads");
    bytes
}

/// Puts other bytes into a file.
pub fn replace(backend: &Arc<dyn Backend>, file: &Handle, bytes: &[u8]) {
    backend.remove(file).expect("removes");
    backend.write(file, bytes).expect("writes");
}

/// Rewrites every index file; what `change` leaves empty is dropped.
pub fn rewrite_index(backend: &Arc<dyn Backend>, mut change: impl FnMut(&mut Id, &mut Vec<PackedBlob>)) {
    let repository = open(backend).expect("opens");
    for file in files(backend, FileType::Index) {
        let json = repository.load_unpacked(FileType::Index, &file.id).expect("index reads");
        let mut packs = Vec::new();
        index::decode(&json, &mut |pack, blobs| {
            packs.push((pack, blobs.to_vec()));
            Ok(())
        })
        .expect("index decodes");
        for (pack, blobs) in &mut packs {
            change(pack, blobs);
        }
        packs.retain(|(_, blobs)| !blobs.is_empty());
        backend.remove(&file).expect("removes");
        repository.save_unpacked(FileType::Index, &index::encode(&packs)).expect("index is stored");
    }
}

pub fn run(backend: &Arc<dyn Backend>, options: &CheckOptions) -> Result<CheckOutcome> {
    let repository = open(backend)?;
    check(&repository, options, &(), &Cancel::new())
}

/// Kinds of the errors that a check finds, sorted as they come, each once.
pub fn errors(backend: &Arc<dyn Backend>, options: &CheckOptions) -> Vec<ProblemKind> {
    let outcome = run(backend, options).expect("check ends");
    let mut kinds = Vec::new();
    for problem in outcome.problems.iter().filter(|problem| problem.severity == Severity::Error) {
        if !kinds.contains(&problem.kind) {
            kinds.push(problem.kind);
        }
    }
    kinds
}

/// Everything that is said of an object.
pub fn said_of(outcome: &CheckOutcome, id: &Id) -> Vec<String> {
    let about = |problem: &&Problem| {
        problem.severity == Severity::Error && problem.to_string().contains(&id.to_string())
    };
    outcome.problems.iter().filter(about).map(Problem::to_string).collect()
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
