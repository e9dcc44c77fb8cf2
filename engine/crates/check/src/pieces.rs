//! A large pack in pieces that fit into memory: cut between blobs, in order, without gaps. Pure.

use std::ops::Range;

use holdfast_format::pack::PackedBlob;

/// Bytes of a piece, unless one blob is longer.
const PIECE: u64 = 8 << 20;

/// Bytes of a pack, and the blobs that lie in them whole.
#[derive(PartialEq, Eq, Debug)]
pub struct Piece {
    pub bytes: Range<u64>,
    pub blobs: Range<usize>,
}

/// Cuts `0..end`; blobs are sorted by offset, end before `end` and do not overlap.
pub fn cut(blobs: &[PackedBlob], end: u64) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let (mut from, mut blob) = (0, 0);
    while from < end {
        let fitting = blobs[blob..].iter().take_while(|next| end_of(next) <= from + PIECE).count();
        let count = if fitting == 0 && starts_within(blobs.get(blob), from) { 1 } else { fitting };
        let to = if count == 0 {
            (from + PIECE).min(next_start(blobs.get(blob), end))
        } else {
            end_of(&blobs[blob + count - 1])
        };
        pieces.push(Piece { bytes: from..to, blobs: blob..blob + count });
        (from, blob) = (to, blob + count);
    }
    pieces
}

fn end_of(blob: &PackedBlob) -> u64 {
    u64::from(blob.offset) + u64::from(blob.length)
}

fn starts_within(blob: Option<&PackedBlob>, from: u64) -> bool {
    blob.is_some_and(|blob| u64::from(blob.offset) == from)
}

fn next_start(blob: Option<&PackedBlob>, end: u64) -> u64 {
    blob.map_or(end, |blob| blob.offset.into())
}
