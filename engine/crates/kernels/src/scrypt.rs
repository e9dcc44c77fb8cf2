//! The memory-hard middle of scrypt.

/// scryptROMix of one lane: `block` has 128*r bytes, `n` is a power of two above 1. Takes `128*r*n` bytes while it runs.
pub fn mix(_block: &mut [u8], _r: usize, _n: usize) {
    todo!()
}
