//! A large pack in pieces that fit into memory: cut between blobs, in order, without gaps. Pure.

use std::ops::Range;

use holdfast_format::pack::PackedBlob;

/// Bytes of a piece, unless one blob is longer.
const PIECE: u64 = 4 << 20;

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

#[cfg(test)]
mod tests {
    use holdfast_format::{BlobType, Id};
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// Blobs with gaps before them, and what lies behind the last one.
    fn pack() -> impl Strategy<Value = (Vec<PackedBlob>, u64)> {
        let length = prop_oneof![0..100_u32, 1_000_000..20_000_000_u32];
        let gap = prop_oneof![3 => Just(0_u32), 1 => 0..20_000_000_u32];
        (vec((gap, length), 0..40), 1..20_000_000_u64).prop_map(|(pieces, rest)| {
            let mut end = 0;
            let blobs = pieces.into_iter().map(|(gap, length)| {
                let offset = end + gap;
                end = offset + length;
                PackedBlob { id: Id::default(), kind: BlobType::Data, offset, length, uncompressed: None }
            });
            let blobs: Vec<_> = blobs.collect();
            (blobs, u64::from(end) + rest)
        })
    }

    proptest! {
        #[test]
        fn pieces_are_the_pack_and_hold_every_blob_whole((blobs, end) in pack()) {
            let pieces = cut(&blobs, end);
            let (mut byte, mut blob) = (0, 0);
            for piece in &pieces {
                prop_assert_eq!((piece.bytes.start, piece.blobs.start), (byte, blob));
                (byte, blob) = (piece.bytes.end, piece.blobs.end);
                let inside = &blobs[piece.blobs.clone()];
                let from = |blob: &PackedBlob| u64::from(blob.offset);
                prop_assert!(inside.iter().all(|blob| from(blob) >= piece.bytes.start && end_of(blob) <= byte));
                prop_assert!(byte - piece.bytes.start <= PIECE || inside.len() == 1);
            }
            prop_assert_eq!((byte, blob), (end, blobs.len()));
        }
    }
}
