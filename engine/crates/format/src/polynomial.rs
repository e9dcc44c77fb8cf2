//! Polynomials over GF(2), the coefficients as bits: what a new repository needs, and what an old one's is checked for.

use crate::error::Result;

/// Ben-Or's test, as restic's chunker makes it.
pub fn irreducible(_p: u64) -> bool {
    todo!()
}
/// A random irreducible polynomial of degree 53.
pub fn random() -> Result<u64> {
    todo!()
}
