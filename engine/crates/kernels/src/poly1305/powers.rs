//! Powers of r: what all vector forms begin with. In limbs of 44, 44 and 42 bits.

/// At bits 0, 44 and 88.
pub(super) type Limbs = [u64; 3];

pub(super) const M44: u64 = (1 << 44) - 1;
pub(super) const M42: u64 = (1 << 42) - 1;

/// r^1 to r^8, each carried.
pub(super) fn powers(r: [u64; 2]) -> [Limbs; 8] {
    let r = limbs(r);
    let mut powers = [r; 8];
    for n in 1..8 {
        powers[n] = times(powers[n / 2], powers[(n - 1) / 2]); // few that wait for each other
    }
    powers
}

fn limbs([low, high]: [u64; 2]) -> Limbs {
    [low & M44, (low >> 44 | high << 20) & M44, high >> 24]
}

/// `h * r mod 2^130 - 5`, carried.
fn times(h: Limbs, r: Limbs) -> Limbs {
    let wide = |a: u64, b: u64| u128::from(a) * u128::from(b);
    let (s1, s2) = (r[1] * 20, r[2] * 20); // 2^132 counts 4 * 5
    let d0 = wide(h[0], r[0]) + wide(h[1], s2) + wide(h[2], s1);
    let d1 = wide(h[0], r[1]) + wide(h[1], r[0]) + wide(h[2], s2) + (d0 >> 44);
    let d2 = wide(h[0], r[2]) + wide(h[1], r[1]) + wide(h[2], r[0]) + (d1 >> 44);
    let h0 = (d0 as u64 & M44) + (d2 >> 42) as u64 * 5;
    [h0 & M44, (d1 as u64 & M44) + (h0 >> 44), d2 as u64 & M42]
}
