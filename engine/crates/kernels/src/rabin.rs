//! Where restic's chunker cuts: Rabin fingerprints of 64 bytes over a polynomial of the repository.

/// Shortest chunk, in bytes, except at the end of a file.
pub const MIN: usize = 512 << 10;
/// Longest chunk, in bytes.
pub const MAX: usize = 8 << 20;
/// Bytes that decide about a cut.
pub const WINDOW: usize = 64;

/// Tables of one polynomial.
pub struct Rabin {}

impl Rabin {
    /// Tables for an irreducible polynomial, the coefficients as bits.
    pub fn new(_polynomial: u64) -> Self {
        todo!()
    }
    /// Calls `found` with every `i` in `from..to` after which a cut is legal (the fingerprint of `data[i-63..=i]`
    /// ends in 20 zero bits), in ascending order, until it returns false. Needs `from >= WINDOW`.
    pub fn candidates(&self, _data: &[u8], _from: usize, _to: usize, _found: &mut dyn FnMut(usize) -> bool) {
        todo!()
    }
    /// The end of the chunk that starts at `start`; `data` holds at least `MAX` bytes from there or ends with the file.
    pub fn cut(&self, _data: &[u8], _start: usize) -> usize {
        todo!()
    }
}
