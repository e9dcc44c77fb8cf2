//! Poly1305 eight blocks at a time on the 52-bit multipliers, in limbs of 44, 44 and 42 bits.
//!
//! Lane `l` sums every eighth block, multiplied by r^8 at each step; at the last step the lanes are multiplied by
//! r^8 to r^1 instead and added up.

use std::arch::x86_64::{
    __m512i, _mm512_add_epi64, _mm512_and_si512, _mm512_loadu_si512, _mm512_madd52hi_epu64,
    _mm512_madd52lo_epu64, _mm512_or_si512, _mm512_reduce_add_epi64, _mm512_set1_epi64, _mm512_setzero_si512,
    _mm512_slli_epi64, _mm512_srli_epi64, _mm512_unpackhi_epi64, _mm512_unpacklo_epi64,
};

use super::powers::{Limbs, M42, M44, powers};
use super::scalar::Tag;
use crate::choice::{Form, Set};

/// Bytes from which on the powers of r are worth their while.
pub(super) const SHORTEST: usize = 384;

type Vectors = [__m512i; 3];

/// Takes in as many bytes as fill eight lanes, at the beginning of a message. Returns the rest.
pub(super) fn absorb<'a>(form: Form, tag: &mut Tag, data: &'a [u8]) -> &'a [u8] {
    assert!(form.set == Set::Avx512);
    let (groups, rest) = data.as_chunks();
    // SAFETY: the form is the proof of the features.
    tag.set_sum(unsafe { sum(&powers(tag.r()), groups) });
    rest
}

/// The sum of all blocks, each times its power of r. The limbs are sums of eight, not carried.
#[target_feature(enable = "avx512f,avx512ifma")]
fn sum(powers: &[Limbs; 8], groups: &[[u8; 128]]) -> Limbs {
    let Some((last, groups)) = groups.split_last() else { return [0; 3] };
    let r8 = Factor::new(powers[7].map(|limb| all(limb)));
    let mut h = [_mm512_setzero_si512(); 3];
    for group in groups {
        h = product(plus(h, group), &r8);
    }
    let h = product(plus(h, last), &Factor::new(descending(powers)));
    h.map(|lanes| _mm512_reduce_add_epi64(lanes) as u64)
}

/// A factor and its upper limbs times 20.
struct Factor {
    limbs: Vectors,
    folded: [__m512i; 2],
}

impl Factor {
    #[target_feature(enable = "avx512f")]
    #[inline]
    fn new(limbs: Vectors) -> Self {
        Factor { limbs, folded: [twenty(limbs[1]), twenty(limbs[2])] }
    }
}

#[target_feature(enable = "avx512f")]
#[inline]
fn twenty(x: __m512i) -> __m512i {
    _mm512_add_epi64(_mm512_slli_epi64::<4>(x), _mm512_slli_epi64::<2>(x))
}

/// r^8 to r^1 in the order in which `plus` deals out the blocks.
#[target_feature(enable = "avx512f")]
#[inline]
fn descending(powers: &[Limbs; 8]) -> Vectors {
    let mut lanes = [[0u64; 8]; 3];
    for (lane, block) in [0, 4, 1, 5, 2, 6, 3, 7].into_iter().enumerate() {
        for limb in 0..3 {
            lanes[limb][lane] = powers[7 - block][limb];
        }
    }
    [load(&lanes[0]), load(&lanes[1]), load(&lanes[2])]
}

/// Adds eight blocks, in the order 0 4 1 5 2 6 3 7 of unpacking.
#[target_feature(enable = "avx512f")]
#[inline]
fn plus(h: Vectors, group: &[u8; 128]) -> Vectors {
    let (halves, _) = group.as_chunks::<64>();
    let (a, b) = (load(&halves[0]), load(&halves[1]));
    let (low, high) = (_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b));
    let middle = _mm512_or_si512(_mm512_srli_epi64::<44>(low), _mm512_slli_epi64::<20>(high));
    let top = _mm512_or_si512(_mm512_srli_epi64::<24>(high), all(1 << 40));
    [
        _mm512_add_epi64(h[0], _mm512_and_si512(low, all(M44))),
        _mm512_add_epi64(h[1], _mm512_and_si512(middle, all(M44))),
        _mm512_add_epi64(h[2], top),
    ]
}

/// `h * factor` in each lane, carried.
#[target_feature(enable = "avx512f,avx512ifma")]
#[inline]
fn product(h: Vectors, factor: &Factor) -> Vectors {
    let ([r0, r1, r2], [s1, s2]) = (factor.limbs, factor.folded);
    let (l0, u0) = row(h, [r0, s2, s1]);
    let (l1, u1) = row(h, [r1, r0, s2]);
    let (l2, u2) = row(h, [r2, r1, r0]);
    // A high half counts 2^52: eight bits above a limb of 44, ten above one of 42.
    let l1 = _mm512_add_epi64(l1, _mm512_add_epi64(_mm512_srli_epi64::<44>(l0), _mm512_slli_epi64::<8>(u0)));
    let l2 = _mm512_add_epi64(l2, _mm512_add_epi64(_mm512_srli_epi64::<44>(l1), _mm512_slli_epi64::<8>(u1)));
    let over = _mm512_add_epi64(_mm512_srli_epi64::<42>(l2), _mm512_slli_epi64::<10>(u2));
    let five = _mm512_add_epi64(over, _mm512_slli_epi64::<2>(over));
    let h0 = _mm512_add_epi64(_mm512_and_si512(l0, all(M44)), five);
    let h1 = _mm512_add_epi64(_mm512_and_si512(l1, all(M44)), _mm512_srli_epi64::<44>(h0));
    [_mm512_and_si512(h0, all(M44)), h1, _mm512_and_si512(l2, all(M42))]
}

/// The sum of three products: low halves of 52 bits, and high halves.
#[target_feature(enable = "avx512f,avx512ifma")]
#[inline]
fn row(h: Vectors, by: Vectors) -> (__m512i, __m512i) {
    let (mut low, mut high) = (_mm512_setzero_si512(), _mm512_setzero_si512());
    for limb in 0..3 {
        low = _mm512_madd52lo_epu64(low, h[limb], by[limb]);
        high = _mm512_madd52hi_epu64(high, h[limb], by[limb]);
    }
    (low, high)
}

#[target_feature(enable = "avx512f")]
#[inline]
fn all(x: u64) -> __m512i {
    _mm512_set1_epi64(x as i64)
}

#[target_feature(enable = "avx512f")]
#[inline]
fn load<T>(bytes: &T) -> __m512i {
    const { assert!(size_of::<T>() == 64) };
    // SAFETY: 64 bytes of any alignment are what this instruction reads.
    unsafe { _mm512_loadu_si512(std::ptr::from_ref(bytes).cast()) }
}
