//! 64 lanes: the linear maps on GFNI, the columns by byte permutes.

use std::arch::x86_64::{
    __m512i, _mm512_and_si512, _mm512_gf2p8affine_epi64_epi8, _mm512_loadu_si512, _mm512_or_si512,
    _mm512_permutex2var_epi8, _mm512_set1_epi8, _mm512_set1_epi64, _mm512_setzero_si512, _mm512_storeu_si512,
    _mm512_ternarylogic_epi64, _mm512_testn_epi8_mask, _mm512_xor_si512,
};

use super::{
    lanes::{Columns, Digests, Lanes, row},
    slices::{BYTES, Map, Slices},
};
use crate::choice::{Form, Set};

const XOR: i32 = 0x96;
const OR_AND: i32 = 0xF8;

/// 64 digests that slide by matrices.
pub(super) struct Affine<'a> {
    slices: &'a Slices,
    digests: Digests<64>,
    scratch: Columns<64>,
}

impl<'a> Affine<'a> {
    pub(super) fn new(slices: &'a Slices, form: Form) -> Self {
        assert!(form.set == Set::Avx512);
        Self { slices, digests: [[0; 64]; BYTES], scratch: Columns([[0; 64]; 64]) }
    }
}

impl Lanes<64> for Affine<'_> {
    fn columns(&mut self, data: &[u8], stride: usize, columns: &mut Columns<64>) {
        // SAFETY: `new` saw the form, and the form is the proof of the features.
        unsafe { transpose(data, stride, &mut self.scratch, columns) }
    }

    fn slide(&mut self, new: &Columns<64>, old: &Columns<64>, hits: &mut [u64; 64]) -> bool {
        // SAFETY: as above.
        unsafe { slide(self.slices, &mut self.digests, new, old, hits) }
    }
}

#[target_feature(enable = "avx512f,avx512bw,gfni")]
fn slide(
    slices: &Slices,
    digests: &mut Digests<64>,
    new: &Columns<64>,
    old: &Columns<64>,
    hits: &mut [u64; 64],
) -> bool {
    let (top, gone) = (maps(&slices.top), maps(&slices.gone));
    let [new0, new1] = maps(&slices.new);
    let mut s = [_mm512_setzero_si512(); BYTES];
    for k in 0..BYTES {
        s[k] = load(&digests[k]);
    }
    let mut any = 0;
    for t in 0..64 {
        let (new, old, over) = (load(&new.0[t]), load(&old.0[t]), s[6]);
        let new1 = _mm512_gf2p8affine_epi64_epi8::<0>(new, new1);
        let up = [
            _mm512_gf2p8affine_epi64_epi8::<0>(new, new0),
            _mm512_xor_si512(s[0], new1),
            s[1],
            s[2],
            s[3],
            s[4],
            s[5],
        ];
        for k in 0..BYTES {
            let over = _mm512_gf2p8affine_epi64_epi8::<0>(over, top[k]);
            let gone = _mm512_gf2p8affine_epi64_epi8::<0>(old, gone[k]);
            s[k] = _mm512_ternarylogic_epi64::<XOR>(over, gone, up[k]);
        }
        hits[t] = legal(&s);
        any |= hits[t];
    }
    for k in 0..BYTES {
        digests[k] = bytes(s[k]);
    }
    any != 0
}

/// Lanes whose low 20 bits (from bit 3 on, see `slices`) are zero.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn legal(s: &[__m512i; BYTES]) -> u64 {
    let low = _mm512_and_si512(s[0], _mm512_set1_epi8(!7));
    let z = _mm512_or_si512(s[1], _mm512_ternarylogic_epi64::<OR_AND>(low, s[2], _mm512_set1_epi8(0x7f)));
    _mm512_testn_epi8_mask(z, z)
}

#[target_feature(enable = "avx512f")]
#[inline]
fn maps<const N: usize>(maps: &[Map; N]) -> [__m512i; N] {
    let mut vectors = [_mm512_setzero_si512(); N];
    for (vector, map) in vectors.iter_mut().zip(maps) {
        *vector = _mm512_set1_epi64(map.matrix);
    }
    vectors
}

/// 64 rows of 64 bytes, `stride` apart, to columns: six rounds of perfect shuffles.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn transpose(data: &[u8], stride: usize, scratch: &mut Columns<64>, columns: &mut Columns<64>) {
    let (left, right) = data.split_at(32 * stride);
    for (n, (x, y)) in left.chunks(stride).zip(right.chunks(stride)).enumerate() {
        [scratch.0[2 * n], scratch.0[2 * n + 1]] = zip(load(row(x)), load(row(y)));
    }
    shuffle(scratch, columns);
    shuffle(columns, scratch);
    shuffle(scratch, columns);
    shuffle(columns, scratch);
    shuffle(scratch, columns);
}

/// Interleaves the bytes of the first half of the rows with those of the second half.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
#[inline]
fn shuffle(rows: &Columns<64>, out: &mut Columns<64>) {
    for n in 0..32 {
        [out.0[2 * n], out.0[2 * n + 1]] = zip(load(&rows.0[n]), load(&rows.0[n + 32]));
    }
}

/// The bytes of two rows in turn.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
#[inline]
fn zip(x: __m512i, y: __m512i) -> [[u8; 64]; 2] {
    const LOW: [u8; 64] = zipped(0);
    const HIGH: [u8; 64] = zipped(32);
    [bytes(_mm512_permutex2var_epi8(x, load(&LOW), y)), bytes(_mm512_permutex2var_epi8(x, load(&HIGH), y))]
}

/// Takes bytes from `first` on from both of two vectors in turn.
const fn zipped(first: u8) -> [u8; 64] {
    let mut index = [0; 64];
    let mut n = 0;
    while n < 64 {
        index[n] = first + n as u8 / 2 + n as u8 % 2 * 64;
        n += 1;
    }
    index
}

#[target_feature(enable = "avx512f")]
#[inline]
fn load(bytes: &[u8; 64]) -> __m512i {
    // SAFETY: 64 bytes of any alignment are what this instruction reads.
    unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
}

#[target_feature(enable = "avx512f")]
#[inline]
fn bytes(vector: __m512i) -> [u8; 64] {
    let mut bytes = [0; 64];
    // SAFETY: 64 bytes of any alignment are what this instruction writes.
    unsafe { _mm512_storeu_si512(bytes.as_mut_ptr().cast(), vector) };
    bytes
}
