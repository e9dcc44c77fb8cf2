//! Which blob is where: at most 50 bytes a blob, sorted by id.

mod build;
pub(crate) mod load;
mod table;

use std::collections::HashMap;

use holdfast_format::pack::PackedBlob;
use holdfast_format::{BlobType, Id, crypto, pack};

pub use load::IndexWatcher;
use table::{Spot, Table};

/// Kinds of blobs.
const KINDS: usize = 2;

/// The table of a kind.
fn slot(kind: BlobType) -> usize {
    match kind {
        BlobType::Data => 0,
        BlobType::Tree => 1,
    }
}

/// Where a blob lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// The pack.
    pub pack: Id,
    /// From its start.
    pub offset: u32,
    /// Stored, envelope included.
    pub length: u32,
    /// Plain length of a compressed blob.
    pub uncompressed: Option<u32>,
}

impl Place {
    /// Plain length.
    pub fn plain_length(&self) -> u32 {
        self.uncompressed.unwrap_or(self.length.saturating_sub(crypto::OVERHEAD as u32))
    }
}

/// Everything that the loaded index files say; never changes (a `Writer` keeps what is new).
#[derive(Default)]
pub struct Index {
    tables: [Table; KINDS],
    packs: Vec<Id>,
    files: Vec<Id>,
}

impl Index {
    /// Any place of a blob.
    pub fn find(&self, kind: BlobType, id: &Id) -> Option<Place> {
        self.table(kind).find(id).next().map(|spot| self.place(spot))
    }

    /// All places of a blob (duplicates are legal).
    pub fn find_all(&self, kind: BlobType, id: &Id) -> Vec<Place> {
        self.table(kind).find(id).map(|spot| self.place(spot)).collect()
    }

    /// Whether a blob is anywhere.
    pub fn contains(&self, kind: BlobType, id: &Id) -> bool {
        !self.table(kind).positions(id).is_empty()
    }

    /// Where `blobs` has the first place of a blob, from 0: for sets of blobs that take a bit a blob.
    pub fn position(&self, kind: BlobType, id: &Id) -> Option<usize> {
        let range = self.table(kind).positions(id);
        (!range.is_empty()).then_some(range.start)
    }

    /// Blobs of a kind, duplicates counted.
    pub fn len(&self, kind: BlobType) -> usize {
        self.table(kind).len()
    }

    /// Nothing in it.
    pub fn is_empty(&self) -> bool {
        self.tables.iter().all(|table| table.len() == 0)
    }

    /// Every blob of a kind, sorted by id.
    pub fn blobs(&self, kind: BlobType) -> Box<dyn Iterator<Item = (Id, Place)> + '_> {
        Box::new(self.table(kind).entries().map(|(id, spot)| (id, self.place(spot))))
    }

    /// Every pack that is named, with whether it holds trees, data or both, and the size that its file must have.
    pub fn packs(&self) -> Vec<IndexedPack> {
        let mut packs: Vec<_> = self.packs.iter().map(|id| IndexedPack::empty(*id)).collect();
        for kind in [BlobType::Data, BlobType::Tree] {
            for spot in self.table(kind).spots() {
                packs[spot.pack as usize].add(kind, spot);
            }
        }
        packs
    }

    /// The names of all packs.
    pub(crate) fn pack_ids(&self) -> impl Iterator<Item = &Id> {
        self.packs.iter()
    }

    /// Blobs of one pack by offset. Slow for one, so ask for many: `(pack, blobs)` in the order given.
    pub fn pack_contents(&self, packs: &[Id]) -> Vec<(Id, Vec<PackedBlob>)> {
        let asked: HashMap<&Id, usize> = packs.iter().enumerate().map(|(at, id)| (id, at)).collect();
        let wanted: Vec<Option<usize>> = self.packs.iter().map(|id| asked.get(id).copied()).collect();
        let mut found: Vec<_> = packs.iter().map(|id| (*id, Vec::new())).collect();
        for kind in [BlobType::Data, BlobType::Tree] {
            for (id, spot) in self.table(kind).entries() {
                if let Some(at) = wanted[spot.pack as usize] {
                    found[at].1.push(packed(id, kind, spot));
                }
            }
        }
        for (_, blobs) in &mut found {
            blobs.sort_unstable_by_key(|blob| (blob.offset, blob.id));
        }
        found
    }

    /// Index files it was loaded from.
    pub fn files(&self) -> &[Id] {
        &self.files
    }

    fn table(&self, kind: BlobType) -> &Table {
        &self.tables[slot(kind)]
    }

    fn place(&self, spot: Spot) -> Place {
        Place {
            pack: self.packs[spot.pack as usize],
            offset: spot.offset,
            length: spot.length,
            uncompressed: compressed(spot),
        }
    }
}

fn compressed(spot: Spot) -> Option<u32> {
    (spot.uncompressed > 0).then_some(spot.uncompressed)
}

fn packed(id: Id, kind: BlobType, spot: Spot) -> PackedBlob {
    PackedBlob { id, kind, offset: spot.offset, length: spot.length, uncompressed: compressed(spot) }
}

/// A pack as the index knows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct IndexedPack {
    pub id: Id,
    pub has_data: bool,
    pub has_trees: bool,
    pub blobs: u32,
    pub size: u64,
}

impl IndexedPack {
    fn empty(id: Id) -> Self {
        let size = (crypto::OVERHEAD + pack::LENGTH_FIELD) as u64;
        Self { id, has_data: false, has_trees: false, blobs: 0, size }
    }

    fn add(&mut self, kind: BlobType, spot: Spot) {
        self.has_data |= kind == BlobType::Data;
        self.has_trees |= kind == BlobType::Tree;
        self.blobs += 1;
        self.size += u64::from(spot.length) + entry_length(compressed(spot).is_some()) as u64;
    }
}

/// Bytes that a blob takes in the header of its pack.
pub(crate) fn entry_length(compressed: bool) -> usize {
    if compressed { 41 } else { 37 }
}

#[cfg(test)]
impl Index {
    /// Bytes that it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.tables.iter().map(Table::bytes).sum::<usize>()
            + self.packs.capacity() * 32
            + self.files.capacity() * 32
    }
}
