//! Legal cuts by table look-ups: for every machine and every polynomial. Four lanes hide each other's latency.

use super::{CUT, WINDOW, tables::Tables};

/// Marks the legal cuts after `data[from..to]` in zeroed `bits`.
pub(super) fn scan(tables: &Tables, data: &[u8], from: usize, to: usize, bits: &mut [u64]) {
    let words = (to - from) / 256;
    if words > 0 {
        four(tables, &data[from - WINDOW..], bits, words);
    }
    let done = words * 256;
    one(tables, &data[from + done - WINDOW..to], &mut bits[done / 64..]);
}

/// Each byte of `data` after the first window.
fn one(tables: &Tables, data: &[u8], bits: &mut [u64]) {
    let mut digest = tables.digest(&data[..WINDOW]);
    for (n, (&new, &old)) in data[WINDOW..].iter().zip(data).enumerate() {
        digest = tables.roll(digest, new, old);
        bits[n / 64] |= u64::from(digest & CUT == 0) << (n % 64);
    }
}

/// Four stretches of `words` words of `bits` each.
fn four(tables: &Tables, data: &[u8], bits: &mut [u64], words: usize) {
    let lanes: [&[[u8; 64]]; 4] = std::array::from_fn(|l| data[l * words * 64..].as_chunks().0);
    let mut digests = lanes.map(|lane| tables.digest(&lane[0]));
    for word in 0..words {
        let old = lanes.map(|lane| &lane[word]);
        let new = lanes.map(|lane| &lane[word + 1]);
        let mut found = [0; 4];
        for n in 0..64 {
            for l in 0..4 {
                digests[l] = tables.roll(digests[l], new[l][n], old[l][n]);
                found[l] |= u64::from(digests[l] & CUT == 0) << n;
            }
        }
        for l in 0..4 {
            bits[l * words + word] = found[l];
        }
    }
}
