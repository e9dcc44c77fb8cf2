//! Salsa20/8, a permutation of sixteen words, and the bytes that they stand for.

/// A state.
pub(super) type Salsa = [u32; 16];

#[inline(always)]
pub(super) fn salsa8(state: Salsa) -> Salsa {
    let mut x = state;
    for _ in 0..4 {
        for n in 0..4 {
            quarter(&mut x, [0, 4, 8, 12].map(|row| (row + 5 * n) % 16));
        }
        for n in 0..4 {
            quarter(&mut x, [0, 1, 2, 3].map(|column| 4 * n + (column + n) % 4));
        }
    }
    std::array::from_fn(|n| x[n].wrapping_add(state[n]))
}

#[inline(always)]
fn quarter(x: &mut Salsa, [first, second, third, fourth]: [usize; 4]) {
    x[second] ^= x[first].wrapping_add(x[fourth]).rotate_left(7);
    x[third] ^= x[second].wrapping_add(x[first]).rotate_left(9);
    x[fourth] ^= x[third].wrapping_add(x[second]).rotate_left(13);
    x[first] ^= x[fourth].wrapping_add(x[third]).rotate_left(18);
}

#[inline(always)]
pub(super) fn xor(x: Salsa, y: Salsa) -> Salsa {
    std::array::from_fn(|n| x[n] ^ y[n])
}

pub(super) fn load(bytes: &[u8; 64]) -> Salsa {
    let words = bytes.as_chunks().0;
    std::array::from_fn(|n| u32::from_le_bytes(words[n]))
}

pub(super) fn store(x: &Salsa, bytes: &mut [u8; 64]) {
    for (bytes, word) in bytes.as_chunks_mut().0.iter_mut().zip(x) {
        *bytes = word.to_le_bytes();
    }
}
