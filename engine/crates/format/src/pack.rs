//! The header at the end of a pack.

use crate::crypto::OVERHEAD;
use crate::error::{Error, Result};
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

/// First byte, stored length, id.
const RAW_ENTRY: usize = 1 + 4 + 32;
/// The plain length besides.
const COMPRESSED_ENTRY: usize = RAW_ENTRY + 4;

/// The plain header: entries in order of offset.
pub fn encode(blobs: &[PackedBlob]) -> Vec<u8> {
    let mut header = Vec::with_capacity(header_length(blobs));
    for blob in blobs {
        header.push(mark(blob));
        header.extend_from_slice(&blob.length.to_le_bytes());
        if let Some(length) = blob.uncompressed {
            header.extend_from_slice(&length.to_le_bytes());
        }
        header.extend_from_slice(&blob.id.0);
    }
    header
}

fn mark(blob: &PackedBlob) -> u8 {
    match (blob.uncompressed, blob.kind) {
        (None, BlobType::Data) => 0,
        (None, BlobType::Tree) => 1,
        (Some(_), BlobType::Data) => 2,
        (Some(_), BlobType::Tree) => 3,
    }
}

/// Entries with their offsets; `end` is where the header's envelope begins and must be where the last blob ends.
pub fn decode(plain: &[u8], end: u64) -> Result<Vec<PackedBlob>> {
    let mut blobs = Vec::with_capacity(plain.len() / RAW_ENTRY);
    let (mut rest, mut offset) = (plain, 0);
    while !rest.is_empty() {
        let (blob, after) =
            entry(rest, offset).ok_or_else(|| damaged(unreadable(plain.len() - rest.len())))?;
        offset = offset.checked_add(blob.length).ok_or_else(|| damaged("its blobs have more than 4 GiB"))?;
        blobs.push(blob);
        rest = after;
    }
    if u64::from(offset) != end {
        return Err(damaged(format!("its blobs end at byte {offset}, the header begins at byte {end}")));
    }
    Ok(blobs)
}

/// The first entry and what follows it.
fn entry(bytes: &[u8], offset: u32) -> Option<(PackedBlob, &[u8])> {
    let (mark, rest) = bytes.split_first()?;
    let kind = match mark {
        0 | 2 => BlobType::Data,
        1 | 3 => BlobType::Tree,
        _ => return None,
    };
    let (length, rest) = number(rest)?;
    let (uncompressed, rest) = match mark {
        0 | 1 => (0, rest),
        _ => number(rest)?,
    };
    let (id, rest) = rest.split_first_chunk()?;
    let uncompressed = Some(uncompressed).filter(|n| *n > 0);
    Some((PackedBlob { id: Id(*id), kind, offset, length, uncompressed }, rest))
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((u32::from_le_bytes(*number), rest))
}

fn damaged(why: impl Into<String>) -> Error {
    Error::damaged("the header of a pack", why)
}

fn unreadable(at: usize) -> String {
    format!("its entry at byte {at} is cut short or of an unknown kind")
}

/// Bytes of the envelope of the header of a pack with these blobs (the length field not counted).
pub fn header_length(blobs: &[PackedBlob]) -> usize {
    let entry = |blob: &PackedBlob| if blob.uncompressed.is_some() { COMPRESSED_ENTRY } else { RAW_ENTRY };
    OVERHEAD + blobs.iter().map(entry).sum::<usize>()
}
