//! What to read from which pack, and where it goes. Pure.

use std::collections::HashMap;
use std::ops::Range;

use holdfast_format::Id;
use holdfast_repo::Place;

/// How pieces become ranges.
#[derive(Clone, Copy, Debug)]
pub struct Ranges {
    /// Bytes of one, unless one blob is longer.
    pub longest: u32,
    /// Bytes between two blobs that are rather read than left out.
    pub gap: u32,
}

/// One blob of one file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Piece {
    /// Its pack, numbered in the order of first use.
    pack: u32,
    /// Where its envelope begins in the pack.
    pub offset: u32,
    /// The file among the entries of the batch.
    pub file: u32,
    /// Its id among the blobs of the batch.
    pub blob: u32,
    /// Bytes of the envelope.
    pub length: u32,
    /// Plain bytes of a compressed blob, else 0 (nothing that is compressed is empty).
    uncompressed: u32,
    /// Where its bytes begin in the file.
    pub at: u64,
}

/// Neighbours in a pack that are read together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fetch {
    /// The pack.
    pub pack: Id,
    /// Bytes of it.
    pub bytes: Range<u32>,
    /// The pieces in it, sorted by offset.
    pub pieces: Range<usize>,
}

/// Pieces of a batch.
#[derive(Debug, Default)]
pub struct Pieces {
    packs: Vec<Id>,
    numbers: HashMap<Id, u32>,
    all: Vec<Piece>,
}

impl Piece {
    /// Plain length of a compressed blob.
    pub fn uncompressed(&self) -> Option<u32> {
        (self.uncompressed > 0).then_some(self.uncompressed)
    }

    /// Plain bytes.
    pub fn plain_length(&self) -> usize {
        let raw = self.length.saturating_sub(holdfast_format::crypto::OVERHEAD as u32);
        self.uncompressed().unwrap_or(raw) as usize
    }

    /// Whether another piece is the same blob in the same place.
    pub fn same_blob(&self, other: &Self) -> bool {
        (self.pack, self.offset) == (other.pack, other.offset)
    }

    /// Where its envelope ends in the pack.
    pub fn end(&self) -> u32 {
        self.offset.saturating_add(self.length)
    }
}

impl Pieces {
    /// Notes that a blob, which lies at `place`, goes into a file at `at`.
    pub fn add(&mut self, place: &Place, file: u32, blob: u32, at: u64) {
        let next = self.packs.len() as u32;
        let pack = *self.numbers.entry(place.pack).or_insert(next);
        if pack == next {
            self.packs.push(place.pack);
        }
        let uncompressed = place.uncompressed.unwrap_or(0);
        let (offset, length) = (place.offset, place.length);
        self.all.push(Piece { pack, offset, file, blob, length, uncompressed, at });
    }

    /// Everything in the order of the packs' first use, then by offset, and what to read for it: neighbours that
    /// are near each other together.
    pub fn plan(mut self, ranges: Ranges) -> (Vec<Piece>, Vec<Fetch>) {
        self.all.sort_unstable();
        let mut fetches: Vec<Fetch> = Vec::new();
        let mut last = u32::MAX;
        for (at, piece) in self.all.iter().enumerate() {
            match fetches.last_mut() {
                Some(fetch) if piece.pack == last && joins(&fetch.bytes, piece, ranges) => {
                    fetch.bytes.end = fetch.bytes.end.max(piece.end());
                    fetch.pieces.end = at + 1;
                }
                _ => fetches.push(Fetch {
                    pack: self.packs[piece.pack as usize],
                    bytes: piece.offset..piece.end(),
                    pieces: at..at + 1,
                }),
            }
            last = piece.pack;
        }
        (self.all, fetches)
    }
}

fn joins(bytes: &Range<u32>, piece: &Piece, ranges: Ranges) -> bool {
    let repeated = piece.end() <= bytes.end;
    let near = piece.offset <= bytes.end.saturating_add(ranges.gap);
    repeated || near && piece.end() - bytes.start <= ranges.longest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn place(pack: u8, offset: u32, length: u32) -> Place {
        Place { pack: Id([pack; 32]), offset, length, uncompressed: None }
    }

    fn ranges(gap: u32) -> Ranges {
        Ranges { longest: 4 << 20, gap }
    }

    #[test]
    fn packs_keep_the_order_of_first_use() {
        let mut pieces = Pieces::default();
        pieces.add(&place(9, 100, 50), 0, 0, 0);
        pieces.add(&place(1, 0, 50), 0, 1, 18);
        pieces.add(&place(9, 0, 50), 1, 2, 0);
        let (_, fetches) = pieces.plan(ranges(1000));
        assert_eq!(fetches.iter().map(|fetch| fetch.pack.0[0]).collect::<Vec<_>>(), [9, 1]);
        assert_eq!(fetches[0].bytes, 0..150);
    }

    #[test]
    fn gaps_and_lengths_are_bounded() {
        let mut pieces = Pieces::default();
        pieces.add(&place(1, 0, 50), 0, 0, 0);
        pieces.add(&place(1, 151, 50), 0, 1, 18);
        assert_eq!(pieces.plan(ranges(100)).1.len(), 2);
        let mut pieces = Pieces::default();
        for at in 0..4 {
            pieces.add(&place(1, at << 21, 1 << 21), 0, at, 0);
        }
        assert_eq!(pieces.plan(ranges(0)).1.len(), 2);
    }

    proptest! {
        #[test]
        fn every_piece_is_read_once(
            blobs in prop::collection::vec((0u8..3, 0u32..40, 0u32..9), 0..80), gap in 0u32..500,
        ) {
            let mut pieces = Pieces::default();
            for (number, (pack, slot, file)) in blobs.iter().enumerate() {
                pieces.add(&place(*pack, slot * 100, 60), *file, number as u32, 0);
            }
            let (pieces, fetches) = pieces.plan(ranges(gap));
            prop_assert_eq!(pieces.len(), blobs.len());
            let mut next = 0;
            for fetch in &fetches {
                prop_assert_eq!(fetch.pieces.start, next);
                next = fetch.pieces.end;
                for piece in &pieces[fetch.pieces.clone()] {
                    let (pack, slot, file) = blobs[piece.blob as usize];
                    prop_assert_eq!((Id([pack; 32]), slot * 100, file), (fetch.pack, piece.offset, piece.file));
                    prop_assert!(fetch.bytes.start <= piece.offset && piece.end() <= fetch.bytes.end);
                }
            }
            prop_assert_eq!(next, pieces.len());
        }
    }
}
