//! Poly1305 eight blocks at a time on the 32-bit multipliers, in five limbs of 26 bits.
//!
//! Each of four lanes takes two blocks a step: its sum is multiplied by r^8, the first by r^4, the second added. At the
//! end the lanes are multiplied by r^4 to r^1 and added up.

use std::arch::x86_64::{
    __m256i, _mm256_add_epi64, _mm256_and_si256, _mm256_loadu_si256, _mm256_mul_epu32, _mm256_or_si256,
    _mm256_set_epi64x, _mm256_set1_epi64x, _mm256_setzero_si256, _mm256_slli_epi64, _mm256_srli_epi64,
    _mm256_storeu_si256, _mm256_unpackhi_epi64, _mm256_unpacklo_epi64,
};

use super::powers::{Limbs, powers};
use super::scalar::Tag;
use crate::choice::{Form, Set};

/// Bytes from which on the powers of r are worth their while.
pub(super) const SHORTEST: usize = 768;

const LIMBS: usize = 5;
const M26: u64 = (1 << 26) - 1;

/// The powers of r by which the lanes differ, in the order in which `blocks` deals them out.
const LAST: [usize; 4] = [4, 2, 3, 1];

type Vectors = [__m256i; LIMBS];

/// Takes in as many bytes as fill all lanes, at the beginning of a message. Returns the rest.
pub(super) fn absorb<'a>(form: Form, tag: &mut Tag, data: &'a [u8]) -> &'a [u8] {
    assert!(matches!(form.set, Set::Avx2 | Set::Avx2Gfni));
    let (groups, rest) = data.as_chunks();
    // SAFETY: the form is the proof of the features.
    tag.set_sum(joined(unsafe { sum(&powers(tag.r()), groups) }));
    rest
}

/// Limbs of 26 bits. The second and the fourth may be a little longer.
fn split([a, b, c]: Limbs) -> [u64; LIMBS] {
    [a & M26, (a >> 26) + (b << 18 & M26), b >> 8 & M26, (b >> 34) + (c << 10 & M26), c >> 16]
}

/// Limbs below 2^29 as those of `Tag`.
fn joined(h: [u64; LIMBS]) -> Limbs {
    [
        h[0] + ((h[1] & ((1 << 18) - 1)) << 26),
        (h[1] >> 18) + (h[2] << 8) + ((h[3] & ((1 << 10) - 1)) << 34),
        (h[3] >> 10) + (h[4] << 16),
    ]
}

/// The sum of all blocks, each times its power of r. The limbs are sums of four.
#[target_feature(enable = "avx2")]
fn sum(powers: &[Limbs; 8], groups: &[[u8; 128]]) -> [u64; LIMBS] {
    let powers = powers.map(split);
    let (r8, r4) = (Factor::new([8; 4], &powers), Factor::new([4; 4], &powers));
    let mut sum = [_mm256_setzero_si256(); LIMBS];
    for group in groups {
        step(&mut sum, group, &r8, &r4);
    }
    let carried = carry(sum);
    sum = [_mm256_setzero_si256(); LIMBS];
    add_product(&mut sum, carried, &Factor::new(LAST, &powers));
    carry(sum).map(|lanes| words(lanes).iter().sum())
}

/// A function of its own, because the compiler must see next to each multiplication that both factors have 32 bits. Within the
/// loop it would move that knowledge out of it, and multiply 64 bits.
#[target_feature(enable = "avx2")]
#[inline(never)]
fn step(sum: &mut Vectors, group: &[u8; 128], r8: &Factor, r4: &Factor) {
    let (halves, _) = group.as_chunks::<64>();
    let carried = carry(*sum);
    *sum = blocks(&halves[1]);
    add_product(sum, blocks(&halves[0]), r4);
    add_product(sum, carried, r8);
}

/// A factor for each lane, and its limbs times 5.
struct Factor {
    limbs: Vectors,
    folded: Vectors,
}

impl Factor {
    /// A power of r in each lane.
    #[target_feature(enable = "avx2")]
    fn new(lanes: [usize; 4], powers: &[[u64; LIMBS]; 8]) -> Self {
        let mut limbs = [_mm256_setzero_si256(); LIMBS];
        for limb in 0..LIMBS {
            let word = |lane: usize| powers[lanes[lane] - 1][limb] as i64;
            limbs[limb] = _mm256_set_epi64x(word(3), word(2), word(1), word(0));
        }
        let folded = limbs.map(|limb| _mm256_add_epi64(limb, _mm256_slli_epi64::<2>(limb)));
        Factor { limbs, folded }
    }
}

/// Four blocks, in the order 0 2 1 3 of unpacking.
#[target_feature(enable = "avx2")]
#[inline]
fn blocks(bytes: &[u8; 64]) -> Vectors {
    let (halves, _) = bytes.as_chunks::<32>();
    let (a, b) = (load(&halves[0]), load(&halves[1]));
    let (low, high) = (_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b));
    let middle = _mm256_or_si256(_mm256_srli_epi64::<52>(low), _mm256_slli_epi64::<12>(high));
    [
        cut(low),
        cut(_mm256_srli_epi64::<26>(low)),
        cut(middle),
        cut(_mm256_srli_epi64::<14>(high)),
        _mm256_or_si256(_mm256_srli_epi64::<40>(high), _mm256_set1_epi64x(1 << 24)),
    ]
}

/// Adds `h * factor`, not carried.
#[target_feature(enable = "avx2")]
#[inline]
fn add_product(d: &mut Vectors, h: Vectors, factor: &Factor) {
    for i in 0..LIMBS {
        for j in 0..LIMBS {
            let by = if j <= i { factor.limbs[i - j] } else { factor.folded[LIMBS + i - j] };
            d[i] = _mm256_add_epi64(d[i], _mm256_mul_epu32(h[j], by));
        }
    }
}

/// Limbs of 26 bits and a little more, from sums below 2^60. Two chains at once, as each step waits for the last.
#[target_feature(enable = "avx2")]
#[inline]
fn carry([d0, d1, d2, d3, d4]: Vectors) -> Vectors {
    let (d1, d4) = (_mm256_add_epi64(d1, over(d0)), _mm256_add_epi64(d4, over(d3)));
    let (d0, d3) = (cut(d0), cut(d3));
    let up = over(d4);
    let five = _mm256_add_epi64(up, _mm256_slli_epi64::<2>(up));
    let (d2, d0) = (_mm256_add_epi64(d2, over(d1)), _mm256_add_epi64(d0, five));
    let (d1, d4) = (cut(d1), cut(d4));
    let (d3, d1) = (_mm256_add_epi64(d3, over(d2)), _mm256_add_epi64(d1, over(d0)));
    [cut(d0), d1, cut(d2), cut(d3), _mm256_add_epi64(d4, over(d3))]
}

#[target_feature(enable = "avx2")]
#[inline]
fn cut(x: __m256i) -> __m256i {
    _mm256_and_si256(x, _mm256_set1_epi64x(M26 as i64))
}

#[target_feature(enable = "avx2")]
#[inline]
fn over(x: __m256i) -> __m256i {
    _mm256_srli_epi64::<26>(x)
}

#[target_feature(enable = "avx2")]
#[inline]
fn load<T>(bytes: &T) -> __m256i {
    const { assert!(size_of::<T>() == 32) };
    // SAFETY: 32 bytes of any alignment are what this instruction reads.
    unsafe { _mm256_loadu_si256(std::ptr::from_ref(bytes).cast()) }
}

#[target_feature(enable = "avx2")]
#[inline]
fn words(vector: __m256i) -> [u64; 4] {
    let mut words = [0; 4];
    // SAFETY: 32 bytes of any alignment are what this instruction writes.
    unsafe { _mm256_storeu_si256(words.as_mut_ptr().cast(), vector) };
    words
}
