//! 32 lanes: the linear maps on GFNI, or as look-ups of nibbles where that is missing.

use std::arch::x86_64::{
    __m256i, _mm_loadu_si128, _mm256_and_si256, _mm256_broadcastsi128_si256, _mm256_cmpeq_epi8,
    _mm256_gf2p8affine_epi64_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256,
    _mm256_permute2x128_si256, _mm256_set1_epi8, _mm256_set1_epi64x, _mm256_setzero_si256,
    _mm256_shuffle_epi8, _mm256_slli_epi16, _mm256_srli_epi16, _mm256_storeu_si256, _mm256_unpackhi_epi8,
    _mm256_unpacklo_epi8, _mm256_xor_si256,
};

use super::{
    lanes::{Columns, Digests, Lanes, row},
    slices::{BYTES, Slices},
};
use crate::choice::{Form, Set};

/// Byte `k` of 32 digests in register `k`.
type Vectors = [__m256i; BYTES];

/// 32 digests that slide by matrices.
pub(super) struct Affine<'a>(&'a Slices, Digests<32>);

impl<'a> Affine<'a> {
    pub(super) fn new(slices: &'a Slices, form: Form) -> Self {
        assert!(form.set == Set::Avx2Gfni);
        Self(slices, [[0; 32]; BYTES])
    }
}

impl Lanes<32> for Affine<'_> {
    fn columns(&mut self, data: &[u8], stride: usize, columns: &mut Columns<32>) {
        // SAFETY: `new` saw the form, and the form is the proof of the features.
        unsafe { transpose(data, stride, columns) }
    }

    fn slide(&mut self, new: &Columns<32>, old: &Columns<32>, hits: &mut [u64; 64]) -> bool {
        // SAFETY: as above.
        unsafe { slide_affine(self.0, &mut self.1, new, old, hits) }
    }
}

/// 32 digests that slide by tables of nibbles.
pub(super) struct Nibbles<'a>(&'a Slices, Digests<32>);

impl<'a> Nibbles<'a> {
    pub(super) fn new(slices: &'a Slices, form: Form) -> Self {
        assert!(form.set == Set::Avx2);
        Self(slices, [[0; 32]; BYTES])
    }
}

impl Lanes<32> for Nibbles<'_> {
    fn columns(&mut self, data: &[u8], stride: usize, columns: &mut Columns<32>) {
        // SAFETY: `new` saw the form, and the form is the proof of the features.
        unsafe { transpose(data, stride, columns) }
    }

    fn slide(&mut self, new: &Columns<32>, old: &Columns<32>, hits: &mut [u64; 64]) -> bool {
        // SAFETY: as above.
        unsafe { slide_nibbles(self.0, &mut self.1, new, old, hits) }
    }
}

#[target_feature(enable = "avx2,gfni")]
fn slide_affine(
    slices: &Slices,
    digests: &mut Digests<32>,
    new: &Columns<32>,
    old: &Columns<32>,
    hits: &mut [u64; 64],
) -> bool {
    let mut maps = [[_mm256_setzero_si256(); BYTES]; 2];
    for k in 0..BYTES {
        maps[0][k] = _mm256_set1_epi64x(slices.top[k].matrix);
        maps[1][k] = _mm256_set1_epi64x(slices.gone[k].matrix);
    }
    let mut s = load_all(digests);
    let mut any = 0;
    for t in 0..64 {
        let (over, old) = (s[6], load(&old.0[t]));
        let up = moved_up(&s, load(&new.0[t]));
        for k in 0..BYTES {
            let over = _mm256_gf2p8affine_epi64_epi8::<0>(over, maps[0][k]);
            let gone = _mm256_gf2p8affine_epi64_epi8::<0>(old, maps[1][k]);
            s[k] = _mm256_xor_si256(over, _mm256_xor_si256(gone, up[k]));
        }
        hits[t] = legal(&s);
        any |= hits[t];
    }
    store_all(digests, s);
    any != 0
}

#[target_feature(enable = "avx2")]
fn slide_nibbles(
    slices: &Slices,
    digests: &mut Digests<32>,
    new: &Columns<32>,
    old: &Columns<32>,
    hits: &mut [u64; 64],
) -> bool {
    let mut maps = [[[_mm256_setzero_si256(); 2]; BYTES]; 2];
    for k in 0..BYTES {
        maps[0][k] = [table(&slices.top[k].nibbles[0]), table(&slices.top[k].nibbles[1])];
        maps[1][k] = [table(&slices.gone[k].nibbles[0]), table(&slices.gone[k].nibbles[1])];
    }
    let mut s = load_all(digests);
    let mut any = 0;
    for t in 0..64 {
        let (over, old) = (nibbles(s[6]), nibbles(load(&old.0[t])));
        let up = moved_up(&s, load(&new.0[t]));
        for k in 0..BYTES {
            let gone = _mm256_xor_si256(look_up(maps[1][k], old), up[k]);
            s[k] = _mm256_xor_si256(look_up(maps[0][k], over), gone);
        }
        hits[t] = legal(&s);
        any |= hits[t];
    }
    store_all(digests, s);
    any != 0
}

/// The digests times x^8, without what overflows, plus the new bytes (times x^3, see `slices`).
#[target_feature(enable = "avx2")]
#[inline]
fn moved_up(s: &Vectors, new: __m256i) -> Vectors {
    let low = _mm256_and_si256(_mm256_slli_epi16::<3>(new), _mm256_set1_epi8(!7));
    let high = _mm256_and_si256(_mm256_srli_epi16::<5>(new), _mm256_set1_epi8(7));
    [low, _mm256_xor_si256(s[0], high), s[1], s[2], s[3], s[4], s[5]]
}

/// Lanes whose low 20 bits (from bit 3 on, see `slices`) are zero.
#[target_feature(enable = "avx2")]
#[inline]
fn legal(s: &Vectors) -> u64 {
    let low = _mm256_and_si256(s[0], _mm256_set1_epi8(!7));
    let high = _mm256_and_si256(s[2], _mm256_set1_epi8(0x7f));
    let z = _mm256_or_si256(s[1], _mm256_or_si256(low, high));
    u64::from(_mm256_movemask_epi8(_mm256_cmpeq_epi8(z, _mm256_setzero_si256())) as u32)
}

/// Low and high nibbles, each in a byte.
#[target_feature(enable = "avx2")]
#[inline]
fn nibbles(bytes: __m256i) -> [__m256i; 2] {
    let mask = _mm256_set1_epi8(15);
    [_mm256_and_si256(bytes, mask), _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), mask)]
}

#[target_feature(enable = "avx2")]
#[inline]
fn look_up(tables: [__m256i; 2], nibbles: [__m256i; 2]) -> __m256i {
    _mm256_xor_si256(_mm256_shuffle_epi8(tables[0], nibbles[0]), _mm256_shuffle_epi8(tables[1], nibbles[1]))
}

/// 32 rows of 64 bytes, `stride` apart, to columns: five rounds of perfect shuffles for each half.
#[target_feature(enable = "avx2")]
fn transpose(data: &[u8], stride: usize, columns: &mut Columns<32>) {
    let zero = _mm256_setzero_si256();
    let (mut a, mut b) = ([zero; 32], [zero; 32]);
    for (half, columns) in columns.0.chunks_exact_mut(32).enumerate() {
        for lane in 0..32 {
            a[lane] = load(row(&data[lane * stride + half * 32..]));
        }
        shuffle(&a, &mut b);
        shuffle(&b, &mut a);
        shuffle(&a, &mut b);
        shuffle(&b, &mut a);
        shuffle(&a, &mut b);
        for (column, row) in columns.iter_mut().zip(b) {
            store(column, row);
        }
    }
}

/// Interleaves the bytes of the first half of the rows with those of the second half.
#[target_feature(enable = "avx2")]
#[inline]
fn shuffle(rows: &[__m256i; 32], out: &mut [__m256i; 32]) {
    for n in 0..16 {
        let low = _mm256_unpacklo_epi8(rows[n], rows[n + 16]);
        let high = _mm256_unpackhi_epi8(rows[n], rows[n + 16]);
        out[2 * n] = _mm256_permute2x128_si256::<0x20>(low, high);
        out[2 * n + 1] = _mm256_permute2x128_si256::<0x31>(low, high);
    }
}

#[target_feature(enable = "avx2")]
#[inline]
fn table(entries: &[u8; 16]) -> __m256i {
    // SAFETY: 16 bytes of any alignment are what this instruction reads.
    _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(entries.as_ptr().cast()) })
}

#[target_feature(enable = "avx2")]
#[inline]
fn load_all(digests: &Digests<32>) -> Vectors {
    let mut vectors = [_mm256_setzero_si256(); BYTES];
    for (vector, bytes) in vectors.iter_mut().zip(digests) {
        *vector = load(bytes);
    }
    vectors
}

#[target_feature(enable = "avx2")]
#[inline]
fn store_all(digests: &mut Digests<32>, vectors: Vectors) {
    for (bytes, vector) in digests.iter_mut().zip(vectors) {
        store(bytes, vector);
    }
}

#[target_feature(enable = "avx2")]
#[inline]
fn load(bytes: &[u8; 32]) -> __m256i {
    // SAFETY: 32 bytes of any alignment are what this instruction reads.
    unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
}

#[target_feature(enable = "avx2")]
#[inline]
fn store(bytes: &mut [u8; 32], vector: __m256i) {
    // SAFETY: 32 bytes of any alignment are what this instruction writes.
    unsafe { _mm256_storeu_si256(bytes.as_mut_ptr().cast(), vector) }
}
