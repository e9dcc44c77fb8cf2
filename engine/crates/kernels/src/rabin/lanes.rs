//! Many stretches of a buffer at once, one in each byte of a vector: what the vector forms have in common.

use super::slices::BYTES;
use crate::prefetch::prefetch;

/// 64 consecutive bytes of N lanes, the first byte of every lane first.
#[repr(align(64))]
#[derive(Clone, Copy)]
pub(super) struct Columns<const N: usize>(pub(super) [[u8; N]; 64]);

/// Byte `k` of N digests in `[k]`.
pub(super) type Digests<const N: usize> = [[u8; N]; BYTES];

/// N digests that slide along N stretches.
pub(super) trait Lanes<const N: usize> {
    /// 64 bytes from the start of each stretch; stretches begin `stride` bytes apart.
    fn columns(&mut self, data: &[u8], stride: usize, columns: &mut Columns<N>);

    /// Slides over 64 bytes. Bit `l` of `hits[t]` becomes: lane `l` may be cut after its byte `t`. False if none may.
    fn slide(&mut self, new: &Columns<N>, old: &Columns<N>, hits: &mut [u64; 64]) -> bool;
}

/// Marks legal cuts after the bytes that follow the first window of `data`, as many as fill all lanes, in zeroed `bits`.
/// Returns how many these are.
pub(super) fn scan<const N: usize>(mut lanes: impl Lanes<N>, data: &[u8], bits: &mut [u64]) -> usize {
    let words = (data.len() / 64 - 1) / N;
    let (mut new, mut old) = (Columns([[0; N]; 64]), Columns([[0; N]; 64]));
    let mut hits = [0; 64];
    for word in 0..=if words > 0 { words } else { return 0 } {
        // The first word of each lane is the window before it: it only warms up.
        lanes.columns(&data[word * 64..], words * 64, &mut new);
        if lanes.slide(&new, &old, &mut hits) && word > 0 {
            turn(&mut hits);
            for lane in 0..N {
                bits[lane * words + word - 1] = hits[lane];
            }
        }
        std::mem::swap(&mut new, &mut old);
    }
    N * words * 64
}

/// The bytes at the start of what is left of a stretch. Those of two words later are asked for: no processor foresees
/// that many streams, and data that is not in the cache would take twice as long.
#[inline(always)]
pub(super) fn row<const N: usize>(stretch: &[u8]) -> &[u8; N] {
    prefetch(stretch.as_ptr().wrapping_add(128));
    stretch.first_chunk().expect("a whole word in every lane")
}

/// 64x64 bits, rows to columns.
fn turn(bits: &mut [u64; 64]) {
    for (width, mask) in [
        (32, 0x0000_0000_ffff_ffff),
        (16, 0x0000_ffff_0000_ffff),
        (8, 0x00ff_00ff_00ff_00ff),
        (4, 0x0f0f_0f0f_0f0f_0f0f),
        (2, 0x3333_3333_3333_3333),
        (1, 0x5555_5555_5555_5555),
    ] {
        for row in (0..64).filter(|row| row & width == 0) {
            let moved = ((bits[row] >> width) ^ bits[row + width]) & mask;
            bits[row] ^= moved << width;
            bits[row + width] ^= moved;
        }
    }
}
