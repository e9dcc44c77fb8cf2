//! Every form against the crate, and a vector of the standard.

use proptest::prelude::*;

use super::*;
use crate::selftest::noise;

fn encrypted(form: Form, key: &[u8; 32], counter: u128, plain: &[u8]) -> Vec<u8> {
    let mut out = b"before".to_vec();
    Ctr::with(form, key).append(counter, plain, &mut out);
    assert_eq!(out[..6], *b"before");
    out.split_off(6)
}

#[test]
fn the_vector_of_the_standard() {
    for form in Form::available() {
        assert_eq!(encrypted(form, NIST.0, NIST.1, NIST.2), NIST.3, "{form}");
    }
}

#[test]
fn every_length_around_a_group_and_every_carry() {
    let (key, plain) = ([7; 32], noise(1, 1100));
    let halves = [u128::MAX, u128::from(u64::MAX), u128::from(u64::MAX) << 64 | u128::from(u64::MAX)];
    for form in Form::available() {
        for length in (0..70).chain(250..260).chain(510..515).chain([1100]) {
            for start in halves.iter().flat_map(|last| (0..40).step_by(3).map(move |back| last - back)) {
                let plain = &plain[..length];
                let expected = encrypted(Form::SCALAR, &key, start, plain);
                assert_eq!(encrypted(form, &key, start, plain), expected, "{form} {length} {start:x}");
            }
        }
    }
}

#[test]
fn only_what_was_encrypted_is_given() {
    for form in Form::available() {
        let (ctr, plain) = (Ctr::with(form, &[9; 32]), noise(2, 10_000));
        let mut sealed = Vec::new();
        ctr.append(5, &plain, &mut sealed);
        assert!(ctr.gives(5, &sealed, &plain) && ctr.gives(5, &[], &[]));
        assert!(!ctr.gives(5, &sealed[1..], &plain) && !ctr.gives(6, &sealed, &plain));
        for at in [0, 4095, 4096, 9_999] {
            sealed[at] ^= 1;
            assert!(!ctr.gives(5, &sealed, &plain), "{form} {at}");
            sealed[at] ^= 1;
        }
    }
}

proptest! {
    #[test]
    fn forms_agree(key: [u8; 32], counter: u128, length in 0usize..3000) {
        let plain = noise(length as u64, length);
        let expected = encrypted(Form::SCALAR, &key, counter, &plain);
        for form in Form::available() {
            prop_assert_eq!(encrypted(form, &key, counter, &plain), expected.clone());
        }
    }
}
