//! Fingerprints one byte at a time: the two tables of a polynomial over GF(2).

use super::WINDOW;

/// Tables for sliding a window of 64 bytes.
pub(super) struct Tables {
    /// What the byte that leaves the window still weighs.
    out: [u64; 256],
    /// What the byte above the degree folds back to, and itself.
    modulus: [u64; 256],
    shift: u32,
}

/// Degree of a polynomial (that of zero is taken as 0).
pub(super) fn degree(p: u64) -> u32 {
    p.checked_ilog2().unwrap_or(0)
}

/// `x` modulo `p`.
pub(super) fn reduce(mut x: u64, p: u64) -> u64 {
    while x != 0 && degree(x) >= degree(p) {
        x ^= p << (degree(x) - degree(p));
    }
    x
}

impl Tables {
    pub(super) fn new(p: u64) -> Self {
        let k = degree(p);
        let append = |h: u64, b: u64| reduce(h << 8 | b, p);
        let out = std::array::from_fn(|b| (1..WINDOW).fold(append(0, b as u64), |h, _| append(h, 0)));
        let modulus = std::array::from_fn(|b| reduce((b as u64) << k, p) | (b as u64) << k);
        Tables { out, modulus, shift: k - 8 }
    }

    /// The digest after `new` came in and `old` left.
    #[inline(always)]
    pub(super) fn roll(&self, digest: u64, new: u8, old: u8) -> u64 {
        let digest = digest ^ self.out[usize::from(old)];
        (digest << 8 | u64::from(new)) ^ self.modulus[(digest >> self.shift) as usize & 255]
    }

    /// What a byte that would stand above the degree adds below it.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn folded(&self, byte: u8) -> u64 {
        self.modulus[usize::from(byte)] & ((1 << (self.shift + 8)) - 1)
    }

    /// The digest of a whole window.
    #[inline(always)]
    pub(super) fn digest(&self, window: &[u8]) -> u64 {
        window.iter().fold(0, |digest, &byte| self.roll(digest, byte, 0))
    }
}
