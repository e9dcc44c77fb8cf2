//! The memory-hard middle of scrypt.

mod scalar;

/// scryptROMix of one lane: `block` has 128*r bytes, `n` is a power of two above 1. Takes `128*r*n` bytes while it runs.
///
/// # Panics
/// When the block has another length or `n` is no such number.
pub fn mix(block: &mut [u8], r: usize, n: usize) {
    assert!(r > 0 && block.len() == 128 * r, "a block of scrypt has 128 * r bytes");
    assert!(n > 1 && n.is_power_of_two(), "scrypt's cost is a power of two above 1");
    scalar::mix(block, r, n);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7914, section 10.
    #[test]
    fn the_rfc_block() {
        let hex = |text: &str| -> Vec<u8> {
            (0..text.len() / 2).map(|n| u8::from_str_radix(&text[2 * n..2 * n + 2], 16).unwrap()).collect()
        };
        let mut block = hex("f7ce0b653d2d72a4108cf5abe912ffdd777616dbbb27a70e8204f3ae2d0f6fad\
             89f68f4811d1e87bcc3bd7400a9ffd29094f0184639574f39ae5a1315217bcd7\
             894991447213bb226c25b54da86370fbcd984380374666bb8ffcb5bf40c254b0\
             67d27c51ce4ad5fed829c90b505a571b7f4d1cad6a523cda770e67bceaaf7e89");
        mix(&mut block, 1, 16);
        let expected = hex("79ccc193629debca047f0b70604bf6b62ce3dd4a9626e355fafc6198e6ea2b46\
             d58413673b99b029d665c357601fb426a0b2f4bba200ee9f0a43d19b571a9c71\
             ef1142e65d5a266fddca832ce59faa7cac0b9cf1be2bffca300d01ee387619c4\
             ae12fd4438f203a0e4e1c47ec314861f4e9087cb33396a6873e8f9d2539a4b8e");
        assert_eq!(block, expected);
    }
}
