//! The compression function on SHA-NI, for several messages whose instructions are interleaved.

use std::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_loadu_si128, _mm_set_epi32, _mm_set_epi64x,
    _mm_sha256msg1_epu32, _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32, _mm_shuffle_epi8, _mm_shuffle_epi32,
    _mm_storeu_si128,
};

use crate::Form;

/// The eight words of a state in the order that SHA-NI wants: f e b a, h g d c.
#[derive(Clone, Copy)]
pub(super) struct State([__m128i; 2]);

/// Proof of SHA-NI and AVX.
#[derive(Clone, Copy)]
pub(super) struct Sha(());

#[rustfmt::skip]
static K: [[u32; 4]; 16] = [
    [0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5], [0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5],
    [0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3], [0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174],
    [0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc], [0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da],
    [0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7], [0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967],
    [0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13], [0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85],
    [0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3], [0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070],
    [0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5], [0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3],
    [0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208], [0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2],
];

impl Sha {
    pub(super) fn new(form: Form) -> Self {
        assert!(form.sha);
        Sha(())
    }

    /// Takes in the first `count` blocks of each message.
    #[expect(clippy::unused_self, reason = "it is the proof")]
    pub(super) fn compress<const N: usize>(
        self,
        states: [State; N],
        messages: [&[[u8; 64]]; N],
        count: usize,
    ) -> [State; N] {
        // SAFETY: the value itself is the proof of the features.
        unsafe { compress(states, messages, count) }
    }
}

impl State {
    /// Before the first block.
    pub(super) fn start() -> Self {
        // SAFETY: SSE2 belongs to the target.
        State(unsafe {
            [
                _mm_set_epi32(0x6a09_e667, 0xbb67_ae85u32 as i32, 0x510e_527f, 0x9b05_688cu32 as i32),
                _mm_set_epi32(0x3c6e_f372, 0xa54f_f53au32 as i32, 0x1f83_d9ab, 0x5be0_cd19),
            ]
        })
    }

    /// The words as the bytes of a digest.
    pub(super) fn digest(self) -> [u8; 32] {
        let [ab, cd] = self.0.map(words);
        let words = [ab[3], ab[2], cd[3], cd[2], ab[1], ab[0], cd[1], cd[0]];
        let mut digest = [0; 32];
        for (bytes, word) in digest.chunks_exact_mut(4).zip(words) {
            bytes.copy_from_slice(&word.to_be_bytes());
        }
        digest
    }
}

fn words(vector: __m128i) -> [u32; 4] {
    let mut words = [0; 4];
    // SAFETY: 16 bytes of any alignment are what this instruction writes, and it belongs to the target.
    unsafe { _mm_storeu_si128(words.as_mut_ptr().cast(), vector) };
    words
}

/// AVX for its instructions with three operands: without them three messages are a quarter slower.
#[target_feature(enable = "sha,avx")]
fn compress<const N: usize>(states: [State; N], messages: [&[[u8; 64]]; N], count: usize) -> [State; N] {
    let messages = messages.map(|message| &message[..count]);
    let mut states = states.map(|state| state.0);
    let mut words = [[_mm_set_epi64x(0, 0); 4]; N];
    for n in 0..count {
        let before = states;
        for lane in 0..N {
            words[lane] = load_block(&messages[lane][n]);
        }
        macro_rules! rounds {
            ($($n:literal)*) => { $( four_rounds::<N, $n>(&mut states, &mut words); )* };
        }
        rounds!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
        for lane in 0..N {
            states[lane][0] = _mm_add_epi32(states[lane][0], before[lane][0]);
            states[lane][1] = _mm_add_epi32(states[lane][1], before[lane][1]);
        }
    }
    states.map(State)
}

/// Rounds `4 * R` to `4 * R + 3` of each message.
#[target_feature(enable = "sha,avx")]
#[inline]
fn four_rounds<const N: usize, const R: usize>(
    states: &mut [[__m128i; 2]; N],
    words: &mut [[__m128i; 4]; N],
) {
    let k = load(&K[R]);
    for lane in 0..N {
        let (state, words) = (&mut states[lane], &mut words[lane]);
        if R >= 4 {
            words[R % 4] = extend(words[R % 4], words[(R + 1) % 4], words[(R + 2) % 4], words[(R + 3) % 4]);
        }
        let sum = _mm_add_epi32(words[R % 4], k);
        state[1] = _mm_sha256rnds2_epu32(state[1], state[0], sum);
        state[0] = _mm_sha256rnds2_epu32(state[0], state[1], _mm_shuffle_epi32::<0x0E>(sum));
    }
}

/// The next four words of the schedule.
#[target_feature(enable = "sha,avx")]
#[inline]
fn extend(oldest: __m128i, second: __m128i, third: __m128i, last: __m128i) -> __m128i {
    let sum = _mm_add_epi32(_mm_sha256msg1_epu32(oldest, second), _mm_alignr_epi8::<4>(last, third));
    _mm_sha256msg2_epu32(sum, last)
}

#[target_feature(enable = "sha,avx")]
#[inline]
fn load_block(block: &[u8; 64]) -> [__m128i; 4] {
    let swap = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
    let (words, _) = block.as_chunks::<16>();
    [
        _mm_shuffle_epi8(load(&words[0]), swap),
        _mm_shuffle_epi8(load(&words[1]), swap),
        _mm_shuffle_epi8(load(&words[2]), swap),
        _mm_shuffle_epi8(load(&words[3]), swap),
    ]
}

#[target_feature(enable = "sha,avx")]
#[inline]
fn load<T>(bytes: &T) -> __m128i {
    const { assert!(size_of::<T>() == 16) };
    // SAFETY: 16 bytes of any alignment are what this instruction reads.
    unsafe { _mm_loadu_si128(std::ptr::from_ref(bytes).cast()) }
}
