//! Two lanes at once on AVX2, one in each half of the vectors.
//!
//! A state is kept as its four diagonals, which makes the columns of Salsa20/8 four independent words of a vector; the rows
//! are the same after turning three of them.

use std::arch::x86_64::{
    __m256i, _mm256_add_epi32, _mm256_extract_epi32, _mm256_loadu2_m128i, _mm256_or_si256,
    _mm256_setzero_si256, _mm256_shuffle_epi32, _mm256_slli_epi32, _mm256_srli_epi32, _mm256_storeu2_m128i,
    _mm256_xor_si256,
};

use super::memory;
use super::salsa::{self, Salsa};
use crate::choice::{Form, Set};
use crate::prefetch::prefetch;

/// The words of a state, diagonal by diagonal.
const DIAGONALS: [usize; 16] = [0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11];

/// Two states, that of the first lane in the lower halves.
type Pair = [__m256i; 4];

/// scryptROMix of two lanes; their lengths and `n` are checked.
pub(super) fn mix(form: Form, blocks: [&mut [u8]; 2], r: usize, n: usize) {
    assert!(form.set != Set::Scalar);
    // SAFETY: every other form is the proof of AVX2.
    unsafe { mix_both(blocks, r, n) }
}

#[target_feature(enable = "avx2")]
fn mix_both([first, second]: [&mut [u8]; 2], r: usize, n: usize) {
    let (one, two) = (first.as_chunks::<64>().0, second.as_chunks::<64>().0);
    let mut x: Vec<Pair> = one.iter().zip(two).map(|(one, two)| load(&turned(one), &turned(two))).collect();
    let mut y = vec![[_mm256_setzero_si256(); 4]; 2 * r];
    let mut memories = [memory::zeroed(2 * r * n), memory::zeroed(2 * r * n)];
    for place in 0..n / 2 {
        fill(&mut x, &mut y, &mut memories, 2 * place);
        fill(&mut y, &mut x, &mut memories, 2 * place + 1);
    }
    for _ in 0..n / 2 {
        step(&mut x, &mut y, &memories);
        step(&mut y, &mut x, &memories);
    }
    let (one, two) = (first.as_chunks_mut::<64>().0, second.as_chunks_mut::<64>().0);
    for ((x, one), two) in x.iter().zip(one).zip(two) {
        let (mut lower, mut upper) = ([0; 16], [0; 16]);
        store(x, &mut lower, &mut upper);
        salsa::store(&straight(&lower), one);
        salsa::store(&straight(&upper), two);
    }
}

/// Keeps `x` in a place of both memories; `y` is the block mix after it.
#[target_feature(enable = "avx2")]
fn fill(x: &mut [Pair], y: &mut [Pair], memories: &mut [Vec<Salsa>; 2], place: usize) {
    let width = x.len();
    let [one, two] = memories.each_mut().map(|memory| &mut memory[place * width..][..width]);
    for ((x, one), two) in x.iter().zip(one).zip(two) {
        store(x, one, two);
    }
    mix_block(x, y);
}

/// One block mix of each lane and the place in its memory that its last state names; `x` is used up.
#[target_feature(enable = "avx2")]
fn step(x: &mut [Pair], y: &mut [Pair], memories: &[Vec<Salsa>; 2]) {
    let width = x.len();
    let last = x[width - 1][0];
    let places = [_mm256_extract_epi32::<0>(last), _mm256_extract_epi32::<4>(last)];
    let kept = |lane: usize| {
        let memory = &memories[lane];
        &memory[(places[lane] as u32 as usize & (memory.len() / width - 1)) * width..][..width]
    };
    let (one, two) = (kept(0), kept(1));
    for state in one.iter().chain(two) {
        prefetch(state.as_ptr().cast());
    }
    for ((x, one), two) in x.iter_mut().zip(one).zip(two) {
        *x = xor(*x, load(one, two));
    }
    mix_block(x, y);
}

/// scryptBlockMix: the even results first, then the odd ones.
#[target_feature(enable = "avx2")]
fn mix_block(x: &[Pair], y: &mut [Pair]) {
    let (even, odd) = y.split_at_mut(x.len() / 2);
    let mut state = x[x.len() - 1];
    for ((x, even), odd) in x.as_chunks::<2>().0.iter().zip(even).zip(odd) {
        state = salsa8(xor(state, x[0]));
        *even = state;
        state = salsa8(xor(state, x[1]));
        *odd = state;
    }
}

#[target_feature(enable = "avx2")]
#[inline]
fn salsa8(state: Pair) -> Pair {
    let [mut first, mut second, mut third, mut fourth] = state;
    for _ in 0..4 {
        [first, second, third, fourth] = quarters([first, second, third, fourth]);
        let turned = [
            first,
            _mm256_shuffle_epi32::<0x39>(fourth),
            _mm256_shuffle_epi32::<0x4E>(third),
            _mm256_shuffle_epi32::<0x93>(second),
        ];
        [first, second, third, fourth] = quarters(turned);
        [second, third, fourth] = [
            _mm256_shuffle_epi32::<0x39>(fourth),
            _mm256_shuffle_epi32::<0x4E>(third),
            _mm256_shuffle_epi32::<0x93>(second),
        ];
    }
    let [a, b, c, d] = state;
    [
        _mm256_add_epi32(a, first),
        _mm256_add_epi32(b, second),
        _mm256_add_epi32(c, third),
        _mm256_add_epi32(d, fourth),
    ]
}

/// The four quarter rounds of all columns, or of all rows.
#[target_feature(enable = "avx2")]
#[inline]
fn quarters([mut first, mut second, mut third, mut fourth]: Pair) -> Pair {
    second = _mm256_xor_si256(second, rotated::<7, 25>(_mm256_add_epi32(first, fourth)));
    third = _mm256_xor_si256(third, rotated::<9, 23>(_mm256_add_epi32(second, first)));
    fourth = _mm256_xor_si256(fourth, rotated::<13, 19>(_mm256_add_epi32(third, second)));
    first = _mm256_xor_si256(first, rotated::<18, 14>(_mm256_add_epi32(fourth, third)));
    [first, second, third, fourth]
}

#[target_feature(enable = "avx2")]
#[inline]
fn rotated<const LEFT: i32, const RIGHT: i32>(x: __m256i) -> __m256i {
    _mm256_or_si256(_mm256_slli_epi32::<LEFT>(x), _mm256_srli_epi32::<RIGHT>(x))
}

#[target_feature(enable = "avx2")]
#[inline]
fn xor(x: Pair, y: Pair) -> Pair {
    [
        _mm256_xor_si256(x[0], y[0]),
        _mm256_xor_si256(x[1], y[1]),
        _mm256_xor_si256(x[2], y[2]),
        _mm256_xor_si256(x[3], y[3]),
    ]
}

#[target_feature(enable = "avx2")]
#[inline]
fn load(one: &Salsa, two: &Salsa) -> Pair {
    let (one, two) = (one.as_chunks::<4>().0, two.as_chunks::<4>().0);
    let mut pair = [_mm256_setzero_si256(); 4];
    for row in 0..4 {
        // SAFETY: each half is 16 bytes of any alignment.
        pair[row] = unsafe { _mm256_loadu2_m128i(two[row].as_ptr().cast(), one[row].as_ptr().cast()) };
    }
    pair
}

#[target_feature(enable = "avx2")]
#[inline]
fn store(pair: &Pair, one: &mut Salsa, two: &mut Salsa) {
    let (one, two) = (one.as_chunks_mut::<4>().0, two.as_chunks_mut::<4>().0);
    for row in 0..4 {
        // SAFETY: each half is 16 bytes of any alignment.
        unsafe {
            _mm256_storeu2_m128i(two[row].as_mut_ptr().cast(), one[row].as_mut_ptr().cast(), pair[row]);
        }
    }
}

/// A state as its diagonals.
fn turned(bytes: &[u8; 64]) -> Salsa {
    let state = salsa::load(bytes);
    DIAGONALS.map(|word| state[word])
}

/// And back.
fn straight(turned: &Salsa) -> Salsa {
    let mut state = [0; 16];
    for (value, word) in turned.iter().zip(DIAGONALS) {
        state[word] = *value;
    }
    state
}
