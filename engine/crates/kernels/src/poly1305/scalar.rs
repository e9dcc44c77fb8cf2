//! Poly1305 block after block: two limbs of 64 bits and a small third one, for every machine.

/// An authenticator at work: the sum so far, and the two halves of its key.
pub(super) struct Tag {
    /// Below 2^130 + 2^128, not fully reduced.
    sum: [u64; 3],
    r: [u64; 2],
    s: u128,
}

fn word(bytes: &[u8], n: usize) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(&bytes[8 * n..8 * n + 8]);
    u64::from_le_bytes(word)
}

fn wide(a: u64, b: u64) -> u128 {
    u128::from(a) * u128::from(b)
}

impl Tag {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        let r = [word(key, 0) & 0x0fff_fffc_0fff_ffff, word(key, 1) & 0x0fff_fffc_0fff_fffc];
        Tag { sum: [0; 3], r, s: u128::from(word(key, 2)) | u128::from(word(key, 3)) << 64 }
    }

    /// The clamped half of the key.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn r(&self) -> [u64; 2] {
        self.r
    }

    /// Starts from limbs at bits 0, 44 and 88, each below 2^47.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn set_sum(&mut self, [h0, h1, h2]: [u64; 3]) {
        let low = u128::from(h0) + (u128::from(h1) << 44);
        let high = (low >> 64) + (u128::from(h2) << 24);
        self.sum = reduce([low as u64, high as u64, (high >> 64) as u64]);
    }

    /// Takes in `data`; only the last piece of a message may end within a block.
    pub(super) fn absorb(&mut self, data: &[u8]) {
        let (blocks, rest) = data.as_chunks::<16>();
        for block in blocks {
            self.block(block, 1);
        }
        if !rest.is_empty() {
            let mut block = [0; 16];
            block[..rest.len()].copy_from_slice(rest);
            block[rest.len()] = 1;
            self.block(&block, 0);
        }
    }

    /// `sum = (sum + block) * r mod 2^130 - 5`, `top` being bit 128 of the block.
    #[inline(always)]
    fn block(&mut self, block: &[u8; 16], top: u64) {
        let low = u128::from(self.sum[0]) + u128::from(word(block, 0));
        let high = u128::from(self.sum[1]) + u128::from(word(block, 1)) + (low >> 64);
        let h = [low as u64, high as u64, self.sum[2] + top + (high >> 64) as u64];
        let [r0, r1] = self.r;
        let fold = r1 + (r1 >> 2); // r1 * 2^128 = (r1 / 4) * 2^130, and 2^130 counts 5
        let d0 = wide(h[0], r0) + wide(h[1], fold);
        let d1 = wide(h[0], r1) + wide(h[1], r0) + u128::from(h[2] * fold) + (d0 >> 64);
        let d2 = h[2] * r0 + (d1 >> 64) as u64;
        self.sum = reduce([d0 as u64, d1 as u64, d2]);
    }

    pub(super) fn finish(self) -> [u8; 16] {
        let [h0, h1, h2] = reduce(self.sum);
        let h = u128::from(h0) | u128::from(h1) << 64;
        let (less, carry) = h.overflowing_add(5);
        let above = 0u128.wrapping_sub(u128::from((h2 + u64::from(carry)) >> 2)); // all ones from 2^130 - 5 on
        (h & !above | less & above).wrapping_add(self.s).to_le_bytes()
    }
}

/// Brings what stands above bit 130 back in at the bottom, five times.
#[inline(always)]
fn reduce([h0, h1, h2]: [u64; 3]) -> [u64; 3] {
    let h0 = u128::from(h0) + u128::from((h2 >> 2) * 5);
    let h1 = u128::from(h1) + (h0 >> 64);
    [h0 as u64, h1 as u64, (h2 & 3) + (h1 >> 64) as u64]
}
