//! scryptROMix as RFC 7914 writes it down, for every machine.

type Salsa = [u32; 16];

pub(super) fn mix(block: &mut [u8], r: usize, n: usize) {
    let mut x: Vec<Salsa> = block.chunks_exact(64).map(load).collect();
    let mut y = vec![[0; 16]; 2 * r];
    let mut memory = vec![[0; 16]; 2 * r * n];
    for kept in memory.chunks_exact_mut(2 * r) {
        kept.copy_from_slice(&x);
        mix_block(&x, &mut y);
        std::mem::swap(&mut x, &mut y);
    }
    for _ in 0..n {
        let at = (x[2 * r - 1][0] as usize & (n - 1)) * 2 * r;
        for (x, kept) in x.iter_mut().zip(&memory[at..]) {
            xor(x, kept);
        }
        mix_block(&x, &mut y);
        std::mem::swap(&mut x, &mut y);
    }
    for (bytes, x) in block.chunks_exact_mut(64).zip(&x) {
        store(x, bytes);
    }
}

/// scryptBlockMix: `y` takes the even results first, then the odd ones.
fn mix_block(x: &[Salsa], y: &mut [Salsa]) {
    let half = x.len() / 2;
    let mut state = x[x.len() - 1];
    for (n, x) in x.iter().enumerate() {
        xor(&mut state, x);
        salsa8(&mut state);
        y[n / 2 + n % 2 * half] = state;
    }
}

fn salsa8(state: &mut Salsa) {
    let mut x = *state;
    for _ in 0..4 {
        for n in 0..4 {
            quarter(&mut x, [0, 4, 8, 12].map(|row| (row + 5 * n) % 16));
        }
        for n in 0..4 {
            quarter(&mut x, [0, 1, 2, 3].map(|column| 4 * n + (column + n) % 4));
        }
    }
    for (state, x) in state.iter_mut().zip(x) {
        *state = state.wrapping_add(x);
    }
}

#[inline(always)]
fn quarter(state: &mut Salsa, [a, b, c, d]: [usize; 4]) {
    state[b] ^= state[a].wrapping_add(state[d]).rotate_left(7);
    state[c] ^= state[b].wrapping_add(state[a]).rotate_left(9);
    state[d] ^= state[c].wrapping_add(state[b]).rotate_left(13);
    state[a] ^= state[d].wrapping_add(state[c]).rotate_left(18);
}

fn xor(x: &mut Salsa, y: &Salsa) {
    for (x, y) in x.iter_mut().zip(y) {
        *x ^= y;
    }
}

fn load(bytes: &[u8]) -> Salsa {
    let (words, _) = bytes.as_chunks::<4>();
    std::array::from_fn(|n| u32::from_le_bytes(words[n]))
}

fn store(x: &Salsa, bytes: &mut [u8]) {
    for (bytes, word) in bytes.chunks_exact_mut(4).zip(x) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
}
