//! Blobs that this writer took on: asked for by every thread for every blob, so in many small sets with a lock each.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

use holdfast_format::{BlobType, Id};
use parking_lot::Mutex;

/// Sets a kind; far more than threads.
const SHARDS: usize = 64;

type Set = HashSet<Id, BuildHasherDefault<Digest>>;

/// Names by kind.
pub struct Known {
    data: Vec<Mutex<Set>>,
    trees: Vec<Mutex<Set>>,
}

impl Known {
    pub fn new() -> Self {
        let shards = || (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { data: shards(), trees: shards() }
    }

    /// True for the one who came first.
    pub fn claim(&self, kind: BlobType, id: &Id) -> bool {
        self.set(kind, id).lock().insert(*id)
    }

    /// Whether somebody claimed it.
    pub fn contains(&self, kind: BlobType, id: &Id) -> bool {
        self.set(kind, id).lock().contains(id)
    }

    fn set(&self, kind: BlobType, id: &Id) -> &Mutex<Set> {
        let shards = match kind {
            BlobType::Data => &self.data,
            BlobType::Tree => &self.trees,
        };
        &shards[usize::from(id.0[31]) % SHARDS]
    }
}

/// Digests are their own hashes.
#[derive(Default)]
struct Digest(u64);

impl Hasher for Digest {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk() {
            self.0 = u64::from_le_bytes(*first);
        }
    }

    fn write_usize(&mut self, _length: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}
