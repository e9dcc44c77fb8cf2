//! Sixteen blocks at a time on VAES with vectors of 256 bits, which processors and hypervisors without AVX-512 have, too.

use std::arch::x86_64::{
    __m128i, __m256i, _mm_aeskeygenassist_si128, _mm_loadu_si128, _mm_shuffle_epi32, _mm_slli_si128,
    _mm_storeu_si128, _mm_xor_si128, _mm256_add_epi64, _mm256_aesenc_epi128, _mm256_aesenclast_epi128,
    _mm256_broadcastsi128_si256, _mm256_loadu_si256, _mm256_set_epi64x, _mm256_setzero_si256,
    _mm256_shuffle_epi8, _mm256_storeu_si256, _mm256_xor_si256,
};

use zeroize::Zeroizing;

use crate::Form;

/// Bytes of a group: sixteen blocks in eight vectors.
const GROUP: usize = 256;

type Stream = [__m256i; 8];

/// The keys of all rounds. Having them is the proof of VAES and AVX2.
#[derive(Clone)]
pub(super) struct Keys(Zeroizing<[[u64; 2]; 15]>);

impl Keys {
    pub(super) fn new(form: Form, key: &[u8; 32]) -> Self {
        assert!(form.vaes);
        // SAFETY: the form is the proof of the features.
        Self(Zeroizing::new(unsafe { expand(key) }))
    }

    /// Appends `from`, combined with the key stream that begins at a counter.
    pub(super) fn append(&self, counter: u128, from: &[u8], out: &mut Vec<u8>) {
        out.reserve(from.len());
        let to = out.spare_capacity_mut()[..from.len()].as_mut_ptr().cast();
        // SAFETY: the keys are the proof of the features; there is room for as many bytes, and all of them are written.
        unsafe {
            combine(&self.0, counter, from, to);
            out.set_len(out.len() + from.len());
        }
    }
}

/// Writes as many bytes as `from` has.
///
/// # Safety
/// There is room for them at `to`.
#[target_feature(enable = "avx2,vaes")]
unsafe fn combine(keys: &[[u64; 2]; 15], counter: u128, from: &[u8], to: *mut u8) {
    let mut rounds = [_mm256_setzero_si256(); 15];
    for (round, key) in rounds.iter_mut().zip(keys) {
        *round = _mm256_broadcastsi128_si256(load(key));
    }
    let (groups, rest) = from.as_chunks::<GROUP>();
    for (n, group) in groups.iter().enumerate() {
        let stream = stream(&rounds, counter.wrapping_add(16 * n as u128));
        // SAFETY: the place of a whole group.
        unsafe { store(&xor(&stream, group), to.add(n * GROUP)) };
    }
    if !rest.is_empty() {
        let (mut last, done) = ([0; GROUP], groups.len());
        last[..rest.len()].copy_from_slice(rest);
        let last = xor(&stream(&rounds, counter.wrapping_add(16 * done as u128)), &last);
        let mut bytes = [0; GROUP];
        // SAFETY: `bytes` has room for a group, and the rest is what is left at `to`.
        unsafe {
            store(&last, bytes.as_mut_ptr());
            to.add(done * GROUP).copy_from_nonoverlapping(bytes.as_ptr(), rest.len());
        }
    }
}

/// Sixteen blocks of the key stream.
#[target_feature(enable = "avx2,vaes")]
#[inline]
fn stream(rounds: &[__m256i; 15], counter: u128) -> Stream {
    let mut blocks = counters(counter);
    for block in &mut blocks {
        *block = _mm256_xor_si256(*block, rounds[0]);
    }
    for round in &rounds[1..14] {
        for block in &mut blocks {
            *block = _mm256_aesenc_epi128(*block, *round);
        }
    }
    for block in &mut blocks {
        *block = _mm256_aesenclast_epi128(*block, rounds[14]);
    }
    blocks
}

/// Sixteen counters, the highest byte of each first. The upper half changes once in 2^64 blocks.
#[target_feature(enable = "avx2")]
#[inline]
fn counters(first: u128) -> Stream {
    let reverse = _mm256_set_epi64x(
        0x0001_0203_0405_0607,
        0x0809_0a0b_0c0d_0e0f,
        0x0001_0203_0405_0607,
        0x0809_0a0b_0c0d_0e0f,
    );
    let mut counters = [_mm256_setzero_si256(); 8];
    let carries = first as u64 > u64::MAX - 16;
    let start = two(first, first);
    for (n, pair) in (0..).zip(&mut counters) {
        let numbers = if carries {
            two(first.wrapping_add(2 * n as u128), first.wrapping_add(2 * n as u128 + 1))
        } else {
            _mm256_add_epi64(start, _mm256_set_epi64x(0, 2 * n + 1, 0, 2 * n))
        };
        *pair = _mm256_shuffle_epi8(numbers, reverse);
    }
    counters
}

#[target_feature(enable = "avx2")]
#[inline]
fn two(first: u128, second: u128) -> __m256i {
    _mm256_set_epi64x((second >> 64) as i64, second as i64, (first >> 64) as i64, first as i64)
}

#[target_feature(enable = "avx2")]
#[inline]
fn xor(stream: &Stream, group: &[u8; GROUP]) -> Stream {
    let mut combined = *stream;
    for (block, bytes) in combined.iter_mut().zip(group.as_chunks::<32>().0) {
        // SAFETY: 32 bytes of any alignment.
        *block = _mm256_xor_si256(*block, unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) });
    }
    combined
}

/// # Safety
/// There is room for a group at `to`.
#[target_feature(enable = "avx2")]
#[inline]
unsafe fn store(blocks: &Stream, to: *mut u8) {
    for (n, block) in blocks.iter().enumerate() {
        // SAFETY: it lies within the group.
        unsafe { _mm256_storeu_si256(to.add(32 * n).cast(), *block) };
    }
}

/// FIPS 197, section 5.2, for 256 bits.
#[target_feature(enable = "aes,avx2")]
fn expand(key: &[u8; 32]) -> [[u64; 2]; 15] {
    let (halves, _) = key.as_chunks::<16>();
    let (mut even, mut odd) = (load(&halves[0]), load(&halves[1]));
    let mut keys = [[0; 2]; 16];
    macro_rules! rounds {
        ($($n:literal: $constant:literal)*) => { $(
            (keys[2 * $n], keys[2 * $n + 1]) = (words(even), words(odd));
            let turned = _mm_aeskeygenassist_si128::<$constant>(odd);
            even = _mm_xor_si128(spread(even), _mm_shuffle_epi32::<0xFF>(turned));
            let turned = _mm_aeskeygenassist_si128::<0>(even);
            odd = _mm_xor_si128(spread(odd), _mm_shuffle_epi32::<0xAA>(turned));
        )* };
    }
    rounds!(0: 1 1: 2 2: 4 3: 8 4: 16 5: 32 6: 64);
    (keys[14], keys[15]) = (words(even), words(odd));
    std::array::from_fn(|n| keys[n])
}

/// Each word is the sum of all up to it.
#[target_feature(enable = "avx2")]
#[inline]
fn spread(key: __m128i) -> __m128i {
    let key = _mm_xor_si128(key, _mm_slli_si128::<4>(key));
    _mm_xor_si128(key, _mm_slli_si128::<8>(key))
}

#[target_feature(enable = "avx2")]
#[inline]
fn words(key: __m128i) -> [u64; 2] {
    let mut words = [0; 2];
    // SAFETY: 16 bytes of any alignment.
    unsafe { _mm_storeu_si128(words.as_mut_ptr().cast(), key) };
    words
}

#[target_feature(enable = "avx2")]
#[inline]
fn load<T>(bytes: &T) -> __m128i {
    const { assert!(size_of::<T>() == 16) };
    // SAFETY: 16 bytes of any alignment.
    unsafe { _mm_loadu_si128(std::ptr::from_ref(bytes).cast()) }
}
