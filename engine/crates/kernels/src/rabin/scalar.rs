//! Legal cuts by table look-ups: for every machine and every polynomial.

use super::{CUT, WINDOW, tables::Tables};

/// Marks the legal cuts after `data[from..to]`, which is not empty, in zeroed `bits`.
pub(super) fn scan(tables: &Tables, data: &[u8], from: usize, to: usize, bits: &mut [u64]) {
    let mut digest = tables.digest(&data[from - WINDOW..from]);
    for (n, (&new, &old)) in data[from..to].iter().zip(&data[from - WINDOW..]).enumerate() {
        digest = tables.roll(digest, new, old);
        if digest & CUT == 0 {
            bits[n / 64] |= 1 << (n % 64);
        }
    }
}
