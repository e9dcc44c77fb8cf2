//! Where restic's chunker cuts: Rabin fingerprints of 64 bytes over a polynomial of the repository.
//!
//! A cut is legal after a byte when the fingerprint of the 64 bytes that end with it has its low 20 bits zero. That depends on
//! nothing else, so the legal cuts of a whole buffer can be found in any order and by any number of lanes; the lengths of
//! chunks are applied afterwards.

mod scalar;
mod tables;

use std::ops::RangeInclusive;

use tables::Tables;

/// Shortest chunk, in bytes, except at the end of a file.
pub const MIN: usize = 512 << 10;
/// Longest chunk, in bytes.
pub const MAX: usize = 8 << 20;
/// Bytes that decide about a cut.
pub const WINDOW: usize = 64;

/// Degrees that fingerprints of 64 bits have room for. Those of restic's polynomials are 53.
pub const DEGREES: RangeInclusive<u32> = 8..=56;

/// Bits of the fingerprint that are zero where a cut is legal.
const CUT: u64 = (1 << 20) - 1;
/// Bytes that are scanned before the next look at what was found.
const STEP: usize = 256 << 10;

/// Tables of one polynomial.
pub struct Rabin {
    tables: Tables,
}

impl Rabin {
    /// Tables for an irreducible polynomial, the coefficients as bits.
    ///
    /// # Panics
    /// When the degree is not one of `DEGREES`.
    pub fn new(polynomial: u64) -> Self {
        assert!(DEGREES.contains(&tables::degree(polynomial)), "a polynomial of a degree of {DEGREES:?}");
        Rabin { tables: Tables::new(polynomial) }
    }

    /// Calls `found` with every `i` in `from..to` after which a cut is legal (the fingerprint of `data[i-63..=i]`
    /// ends in 20 zero bits), in ascending order, until it returns false. Needs `from >= WINDOW`.
    #[expect(clippy::large_stack_arrays, reason = "32 KiB, and no allocation a file")]
    pub fn candidates(&self, data: &[u8], from: usize, to: usize, found: &mut dyn FnMut(usize) -> bool) {
        let mut bits = [0; STEP / 64];
        for at in (from..to).step_by(STEP) {
            let bits = &mut bits[..STEP.min(to - at).div_ceil(64)];
            self.scan(data, at, to.min(at + STEP), bits);
            if !each(bits, |n| found(at + n)) {
                return;
            }
        }
    }

    /// Marks every byte of `data[from..to]` after which a cut is legal, bit 0 of `bits[0]` being byte `from`.
    ///
    /// # Panics
    /// Unless `from >= WINDOW` and `bits` has a bit for each byte, rounded up to whole words.
    pub fn scan(&self, data: &[u8], from: usize, to: usize, bits: &mut [u64]) {
        assert!(
            from >= WINDOW && from <= to && to <= data.len(),
            "a window before, the range within the data"
        );
        assert!(bits.len() == (to - from).div_ceil(64), "a bit for each byte");
        bits.fill(0);
        if from < to {
            scalar::scan(&self.tables, data, from, to, bits);
        }
    }

    /// The end of the chunk that starts at `start`; `data` holds at least `MAX` bytes from there or ends with the file.
    pub fn cut(&self, data: &[u8], start: usize) -> usize {
        let mut end = data.len().min(start + MAX);
        self.candidates(data, start + MIN - 1, end, &mut |last| {
            end = last + 1;
            false
        });
        end
    }
}

/// Calls `found` with the number of every set bit until it returns false; false then.
fn each(bits: &[u64], mut found: impl FnMut(usize) -> bool) -> bool {
    for (n, &word) in bits.iter().enumerate() {
        let mut word = word;
        while word != 0 {
            if !found(n * 64 + word.trailing_zeros() as usize) {
                return false;
            }
            word &= word - 1;
        }
    }
    true
}
