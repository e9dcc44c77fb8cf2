//! Which blobs snapshots use: a bit a blob, by its place in the index.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};

use holdfast_format::{BlobType, Id};
use holdfast_repo::{Index, Place};
use parking_lot::Mutex;

/// A set of places.
struct Bits(Vec<AtomicU64>);

impl Bits {
    fn new(places: usize) -> Self {
        Self((0..places.div_ceil(64)).map(|_| AtomicU64::new(0)).collect())
    }
    /// False when it was there already.
    fn insert(&self, place: usize) -> bool {
        let bit = 1 << (place % 64);
        self.0[place / 64].fetch_or(bit, Ordering::Relaxed) & bit == 0
    }
    fn contains(&self, place: usize) -> bool {
        self.0[place / 64].load(Ordering::Relaxed) & 1 << (place % 64) != 0
    }
}

/// Blobs that were met.
pub struct Used {
    trees: Bits,
    data: Option<Bits>,
    /// Trees that are not in the index.
    unknown: Mutex<HashSet<Id>>,
}

impl Used {
    /// Nothing yet; `all` keeps data blobs too.
    pub fn new(index: &Index, all: bool) -> Self {
        Self {
            trees: Bits::new(index.len(BlobType::Tree)),
            data: all.then(|| Bits::new(index.len(BlobType::Data))),
            unknown: Mutex::default(),
        }
    }

    /// Whether a tree is met for the first time.
    pub fn meet_tree(&self, index: &Index, id: &Id) -> bool {
        match index.position(BlobType::Tree, id) {
            Some(place) => self.trees.insert(place),
            None => self.unknown.lock().insert(*id),
        }
    }

    /// Whether a data blob is in the index.
    pub fn meet_data(&self, index: &Index, id: &Id) -> bool {
        let place = index.position(BlobType::Data, id);
        if let (Some(place), Some(data)) = (place, &self.data) {
            data.insert(place);
        }
        place.is_some()
    }

    /// Packs that hold what was met.
    pub fn packs(&self, index: &Index) -> HashSet<Id> {
        let places = self.entries(index).filter(|(used, ..)| *used);
        places.map(|(_, _, _, place)| place.pack).collect()
    }

    /// Blobs that were not met.
    pub fn unused<'a>(&'a self, index: &'a Index) -> impl Iterator<Item = (BlobType, Id)> + 'a {
        self.entries(index).filter(|(used, ..)| !used).map(|(_, kind, id, _)| (kind, id))
    }

    /// Every place of every blob, with whether the blob was met.
    fn entries<'a>(&'a self, index: &'a Index) -> impl Iterator<Item = (bool, BlobType, Id, Place)> + 'a {
        let kinds = [(BlobType::Tree, Some(&self.trees)), (BlobType::Data, self.data.as_ref())];
        kinds.into_iter().flat_map(move |(kind, bits)| {
            let mut first = (Id::default(), 0);
            index.blobs(kind).enumerate().map(move |(place, (id, found))| {
                if place == 0 || first.0 != id {
                    first = (id, place);
                }
                (bits.is_none_or(|bits| bits.contains(first.1)), kind, id, found)
            })
        })
    }
}
