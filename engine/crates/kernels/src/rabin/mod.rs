//! Where restic's chunker cuts: Rabin fingerprints of 64 bytes over a polynomial of the repository.
//!
//! A cut is legal after a byte when the fingerprint of the 64 bytes that end with it has its low 20 bits zero. That
//! depends on nothing else, so the legal cuts of a whole buffer can be found in any order and by any number of lanes;
//! the lengths of chunks are applied afterwards.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod lanes;
mod scalar;
#[cfg(target_arch = "x86_64")]
mod slices;
mod tables;
#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;

use crate::choice::{Form, Set};
use tables::Tables;

/// Shortest chunk, in bytes, except at the end of a file.
pub const MIN: usize = 512 << 10;
/// Longest chunk, in bytes.
pub const MAX: usize = 8 << 20;
/// Bytes that decide about a cut.
pub const WINDOW: usize = 64;
/// Degrees that fingerprints of 64 bits have room for. restic's own polynomials have degree 53, and only these take
/// the vector forms.
pub const DEGREES: RangeInclusive<u32> = 8..=56;

/// Bits of the fingerprint that are zero where a cut is legal.
const CUT: u64 = (1 << 20) - 1;
/// Bytes that are scanned before the next look at what was found: 64 lanes of 31 cache lines. The odd number keeps the
/// lanes out of each other's places in the cache.
const STEP: usize = 64 * 31 * 64;

/// Tables of one polynomial.
pub struct Rabin {
    tables: Tables,
    #[cfg(target_arch = "x86_64")]
    slices: slices::Slices,
    form: Form,
}

impl Rabin {
    /// Tables for an irreducible polynomial, the coefficients as bits.
    ///
    /// # Panics
    /// When the degree is not one of `DEGREES`.
    pub fn new(polynomial: u64) -> Self {
        Self::with(Form::chosen(), polynomial)
    }

    /// [`Rabin::new`] in a form of the caller's choice.
    ///
    /// # Panics
    /// When the degree is not one of `DEGREES`.
    pub fn with(form: Form, polynomial: u64) -> Self {
        let degree = tables::degree(polynomial);
        assert!(DEGREES.contains(&degree), "a polynomial of a degree of {DEGREES:?}");
        let tables = Tables::new(polynomial);
        Rabin {
            #[cfg(target_arch = "x86_64")]
            slices: slices::Slices::new(&tables),
            tables,
            form: if degree == 53 { form } else { Form::SCALAR },
        }
    }

    /// Calls `found` with every `i` in `from..to` after which a cut is legal (the fingerprint of `data[i-63..=i]`
    /// ends in 20 zero bits), in ascending order, until it returns false. Needs `from >= WINDOW`.
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

    /// The end of the chunk that starts at `start`; `data` holds at least `MAX` bytes from there or ends with the file.
    pub fn cut(&self, data: &[u8], start: usize) -> usize {
        let mut end = data.len().min(start + MAX);
        self.candidates(data, start + MIN - 1, end, &mut |last| {
            end = last + 1;
            false
        });
        end
    }

    /// Changes the last three bytes so that a cut is legal after `data[last]`: tests need more cuts than chance has.
    pub(crate) fn plant(&self, data: &mut [u8], last: usize) {
        // Bytes as near to the end as these stand in the fingerprint as they are.
        let [low, middle, high, ..] = self.tables.digest(&data[last + 1 - WINDOW..=last]).to_le_bytes();
        data[last] ^= low;
        data[last - 1] ^= middle;
        data[last - 2] ^= high & (CUT >> 16) as u8;
    }

    /// Marks every byte of `data[from..to]` after which a cut is legal, bit 0 of `bits[0]` being byte `from`; `bits`
    /// has a bit for each byte, rounded up to whole words.
    fn scan(&self, data: &[u8], from: usize, to: usize, bits: &mut [u64]) {
        assert!(
            from >= WINDOW && from <= to && to <= data.len(),
            "a window before, the range within the data"
        );
        assert!(bits.len() == (to - from).div_ceil(64), "a bit for each byte");
        bits.fill(0);
        let done = self.scan_vectors(data, from, to, bits);
        scalar::scan(&self.tables, data, from + done, to, &mut bits[done / 64..]);
    }

    /// Bytes that the vector form took, from the first on.
    #[cfg(target_arch = "x86_64")]
    fn scan_vectors(&self, data: &[u8], from: usize, to: usize, bits: &mut [u64]) -> usize {
        let data = &data[from - WINDOW..to];
        match self.form.set {
            Set::Scalar => 0,
            Set::Avx2 => lanes::scan(avx2::Nibbles::new(&self.slices, self.form), data, bits),
            Set::Avx2Gfni => lanes::scan(avx2::Affine::new(&self.slices, self.form), data, bits),
            Set::Avx512 => lanes::scan(avx512::Affine::new(&self.slices, self.form), data, bits),
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn scan_vectors(&self, _data: &[u8], _from: usize, _to: usize, _bits: &mut [u64]) -> usize {
        let Set::Scalar = self.form.set;
        0
    }
}

/// What a form is for this kernel.
pub(crate) fn describe(form: Form) -> &'static str {
    match form.set {
        Set::Scalar => "4 lanes",
        #[cfg(target_arch = "x86_64")]
        Set::Avx2 => "32 lanes avx2",
        #[cfg(target_arch = "x86_64")]
        Set::Avx2Gfni => "32 lanes avx2 gfni",
        #[cfg(target_arch = "x86_64")]
        Set::Avx512 => "64 lanes avx512 gfni",
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
