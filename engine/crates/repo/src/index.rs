//! Which blob is where: at most 50 bytes a blob, sorted by id.

use holdfast_format::pack::PackedBlob;
use holdfast_format::{BlobType, Id};

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
        self.uncompressed.unwrap_or(self.length.saturating_sub(holdfast_format::crypto::OVERHEAD as u32))
    }
}

/// Everything that the loaded index files say; never changes (a `Writer` keeps what is new).
#[derive(Default)]
pub struct Index {}

impl Index {
    /// Any place of a blob.
    pub fn find(&self, _kind: BlobType, _id: &Id) -> Option<Place> {
        todo!()
    }
    /// All places of a blob (duplicates are legal).
    pub fn find_all(&self, _kind: BlobType, _id: &Id) -> Vec<Place> {
        todo!()
    }
    /// Whether a blob is anywhere.
    pub fn contains(&self, _kind: BlobType, _id: &Id) -> bool {
        todo!()
    }
    /// Blobs of a kind, duplicates counted.
    pub fn len(&self, _kind: BlobType) -> usize {
        todo!()
    }
    /// Nothing in it.
    pub fn is_empty(&self) -> bool {
        todo!()
    }
    /// Every blob of a kind, sorted by id.
    pub fn blobs(&self, _kind: BlobType) -> Box<dyn Iterator<Item = (Id, Place)> + '_> {
        todo!()
    }
    /// Every pack that is named, with whether it holds trees, data or both, and the size that its file must have.
    pub fn packs(&self) -> Vec<IndexedPack> {
        todo!()
    }
    /// Blobs of one pack by offset. Slow for one, so ask for many: `(pack, blobs)` in the order given.
    pub fn pack_contents(&self, _packs: &[Id]) -> Vec<(Id, Vec<PackedBlob>)> {
        todo!()
    }
    /// Index files it was loaded from.
    pub fn files(&self) -> &[Id] {
        todo!()
    }
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
