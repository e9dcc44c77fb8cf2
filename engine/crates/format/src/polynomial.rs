//! Polynomials over GF(2), the coefficients as bits: what a new repository needs, and what an old one's is checked for.

use crate::error::Result;
use crate::random;

/// Of the polynomials of new repositories: the largest prime that leaves a byte of room.
const DEGREE: u32 = 53;

/// Ben-Or's test, as restic's chunker makes it (constants are not irreducible here).
pub fn irreducible(p: u64) -> bool {
    let Some(degree) = p.checked_ilog2() else {
        return false;
    };
    let mut power = X; // x^(2^i) mod p
    degree > 0
        && (0..degree / 2).all(|_| {
            power = square(power, p);
            gcd(p, power ^ X) == 1
        })
}

/// A random irreducible polynomial of degree 53.
pub fn random() -> Result<u64> {
    loop {
        let below = u64::from_le_bytes(random::bytes()?) & ((1 << DEGREE) - 1);
        let candidate = below | 1 << DEGREE | 1;
        if irreducible(candidate) {
            return Ok(candidate);
        }
    }
}

const X: u64 = 0b10;

/// `a² mod p`: squaring puts a zero between all coefficients.
fn square(a: u64, p: u64) -> u64 {
    let spread = (0..64).filter(|i| a >> i & 1 == 1).fold(0_u128, |s, i| s | 1 << (2 * i));
    remainder(spread, p)
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, remainder(u128::from(a), b)) }
}

/// `a mod p`; p is not 0.
fn remainder(mut a: u128, p: u64) -> u64 {
    let degree = p.ilog2();
    while let Some(excess) = a.checked_ilog2().and_then(|d| d.checked_sub(degree)) {
        a ^= u128::from(p) << excess;
    }
    a as u64
}
