//! RFC 7914, with PBKDF2 around the kernel.

use super::*;
use crate::selftest::noise;
use crate::sha256;

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let padded = |pad: u8| (0..64).map(|n| pad ^ key.get(n).unwrap_or(&0)).collect::<Vec<u8>>();
    let inner = sha256::one(&[&padded(0x36)[..], message].concat());
    sha256::one(&[&padded(0x5c)[..], &inner].concat())
}

fn pbkdf2(password: &[u8], salt: &[u8], len: usize) -> Vec<u8> {
    let blocks =
        (1..=len.div_ceil(32) as u32).flat_map(|n| hmac(password, &[salt, &n.to_be_bytes()].concat()));
    blocks.take(len).collect()
}

/// The first 16 of 64 bytes.
fn scrypt(password: &str, salt: &str, n: usize, r: usize, p: usize) -> String {
    let mut blocks = pbkdf2(password.as_bytes(), salt.as_bytes(), 128 * r * p);
    blocks.chunks_exact_mut(128 * r).for_each(|block| mix(block, r, n));
    hex::encode(pbkdf2(password.as_bytes(), &blocks, 16))
}

#[test]
fn keys_of_the_rfc() {
    assert_eq!(scrypt("", "", 16, 1, 1), "77d6576238657b203b19ca42c18a0497");
    assert_eq!(scrypt("password", "NaCl", 1024, 8, 16), "fdbabe1c9d3472007856e7190d01e9fe");
    assert_eq!(scrypt("pleaseletmein", "SodiumChloride", 16384, 8, 1), "7023bdcb3afd7348461c06cd81fd38eb");
}

#[test]
fn the_block_of_the_rfc() {
    let mut block = *RFC.0;
    mix(&mut block, 1, 16);
    assert_eq!(block, *RFC.1);
}

#[test]
fn two_lanes_are_what_each_is_alone() {
    for form in Form::available() {
        for (r, n) in [(1, 2), (1, 64), (2, 16), (8, 32), (3, 128)] {
            let (mut one, mut two) = (noise(1, 128 * r), noise(2, 128 * r));
            let (mut first, mut second) = (one.clone(), two.clone());
            mix_pair_with(form, [&mut first, &mut second], r, n);
            mix(&mut one, r, n);
            mix(&mut two, r, n);
            assert_eq!((first, second), (one, two), "{form} {r} {n}");
        }
    }
}

#[test]
#[should_panic(expected = "a block of scrypt has 128 * r bytes")]
fn a_block_of_another_length_is_refused() {
    mix(&mut [0; 100], 1, 16);
}

#[test]
#[should_panic(expected = "a power of two above 1")]
fn a_cost_that_is_no_power_of_two_is_refused() {
    mix(&mut [0; 128], 1, 15);
}
