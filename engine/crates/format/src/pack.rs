//! The header at the end of a pack.

use crate::error::Result;
use crate::id::Id;
use crate::kinds::BlobType;

/// A blob inside a pack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PackedBlob {
    /// SHA-256 of the plain bytes.
    pub id: Id,
    /// Data or tree.
    pub kind: BlobType,
    /// From the start of the pack.
    pub offset: u32,
    /// Stored, envelope included.
    pub length: u32,
    /// Plain length of a compressed blob; `None` when stored raw.
    pub uncompressed: Option<u32>,
}

/// Bytes of the length field at the end.
pub const LENGTH_FIELD: usize = 4;
/// Longest header envelope that restic reads.
pub const MAX_HEADER: usize = 16 << 20;

/// The plain header: entries in order of offset.
pub fn encode(_blobs: &[PackedBlob]) -> Vec<u8> {
    todo!()
}
/// Entries with their offsets; `end` is where the header's envelope begins and must be where the last blob ends.
pub fn decode(_plain: &[u8], _end: u64) -> Result<Vec<PackedBlob>> {
    todo!()
}
/// Bytes of the envelope of the header of a pack with these blobs (the length field not counted).
pub fn header_length(_blobs: &[PackedBlob]) -> usize {
    todo!()
}
