//! What one more byte does to a fingerprint, cut into bytes, for lanes that hold byte `k` of their digests in register `k`.
//!
//! The digest is kept times x^3: one of degree 53 then fills seven bytes, and the byte that overflows when it moves up by
//! eight is exactly the top one. All that is added to it is linear over GF(2), so each byte of a contribution is an
//! 8x8 bit matrix (GFNI), or two tables of sixteen entries (PSHUFB), of the byte that causes it.

use super::tables::Tables;

/// Bytes of a digest.
pub(super) const BYTES: usize = 7;

/// A linear map of a byte to a byte.
#[derive(Clone, Copy)]
pub(super) struct Map {
    /// As GF2P8AFFINEQB takes it.
    pub(super) matrix: i64,
    /// Of the low and of the high nibble, as PSHUFB takes it.
    pub(super) nibbles: [[u8; 16]; 2],
}

/// Contributions to the bytes of the next digest.
pub(super) struct Slices {
    /// Of the top byte of the digest.
    pub(super) top: [Map; BYTES],
    /// Of the byte that leaves the window.
    pub(super) gone: [Map; BYTES],
    /// Of the byte that comes in: it reaches two bytes only.
    pub(super) new: [Map; 2],
}

impl Slices {
    pub(super) fn new(tables: &Tables) -> Self {
        Slices {
            top: slice(|byte| tables.folded(byte)),
            gone: slice(|byte| tables.roll(0, 0, byte)),
            new: slice(u64::from),
        }
    }
}

fn slice<const N: usize>(contribution: impl Fn(u8) -> u64) -> [Map; N] {
    std::array::from_fn(|n| Map::of(|byte| (contribution(byte) << 3 >> (8 * n)) as u8))
}

impl Map {
    fn of(image: impl Fn(u8) -> u8) -> Self {
        let matrix = (0..8).fold(0, |matrix, row| matrix | u64::from(bits(&image, row)) << (8 * (7 - row)));
        let low = std::array::from_fn(|nibble| image(nibble as u8));
        let high = std::array::from_fn(|nibble| image((nibble as u8) << 4));
        Map { matrix: matrix as i64, nibbles: [low, high] }
    }
}

/// The bits of a byte that decide about bit `row` of its image.
fn bits(image: impl Fn(u8) -> u8, row: u32) -> u8 {
    (0..8).fold(0, |bits, column| bits | ((image(1 << column) >> row) & 1) << column)
}
