//! Behaviour of a whole repository, over a store in memory that fails on demand.

mod damage;
mod index;
mod keys;
mod locks;
mod opening;
mod snapshots;
mod store;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use holdfast_backend::memory::Memory;
use holdfast_backend::{Backend, Cancel};
use holdfast_format::compression::Compression;
use holdfast_format::keyfile::Scrypt;
use holdfast_format::{FileType, Id, Result, Version};

use crate::{CacheOptions, InitOptions, OpenOptions, Repository, Writer, WriterOptions};

const QUICK: Scrypt = Scrypt { n: 2, r: 1, p: 1 };
const PASSWORD: &[u8] = b"geheim";

/// An empty store.
fn memory() -> Arc<dyn Backend> {
    Arc::new(new_memory())
}

/// One that likes several operations at a time: packs wait on disk.
fn far() -> Arc<dyn Backend> {
    Arc::new(new_memory().with_connections(5))
}

fn new_memory() -> Memory {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    Memory::named(&format!("repo-test-{}", COUNT.fetch_add(1, Ordering::Relaxed)))
}

fn init_options(version: Version) -> InitOptions {
    InitOptions { version, polynomial: None, scrypt: Some(QUICK), owner: None }
}

fn open_options() -> OpenOptions {
    OpenOptions { key_hint: None, cache: CacheOptions::Off, cancel: Cancel::new() }
}

fn init(backend: &Arc<dyn Backend>, version: Version) -> Result<Arc<Repository>> {
    Repository::init(backend.clone(), PASSWORD, &init_options(version)).map(Arc::new)
}

fn open(backend: &Arc<dyn Backend>) -> Result<Arc<Repository>> {
    let repository = Repository::open(backend.clone(), PASSWORD, &open_options())?;
    repository.load_index(&Cancel::new(), &|_, _| ())?;
    Ok(Arc::new(repository))
}

fn writer_options() -> WriterOptions {
    WriterOptions {
        compression: Compression::Auto,
        pack_size: 4096,
        extra_verify: true,
        cancel: Cancel::new(),
        dry_run: false,
    }
}

fn writer(repository: &Arc<Repository>, options: &WriterOptions) -> Result<Arc<Writer>> {
    Writer::new(repository, None, options).map(Arc::new)
}

fn files(backend: &Arc<dyn Backend>, kind: FileType) -> Result<Vec<Id>> {
    Ok(backend.list(kind)?.into_iter().map(|file| file.id).collect())
}

/// Bytes that look random but are always the same.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..length).map(next).collect()
}

/// Waits for what another thread will do.
fn until(mut done: impl FnMut() -> bool) {
    for _ in 0..20_000 {
        if done() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    panic!("it did not happen in 20 s");
}
