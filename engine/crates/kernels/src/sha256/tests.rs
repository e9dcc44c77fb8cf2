//! FIPS 180-2, and every form of this machine against the `sha2` crate.

use proptest::prelude::*;

use super::*;
use crate::selftest::noise;

fn digests(form: Form, messages: &[&[u8]]) -> Vec<[u8; 32]> {
    let mut digests = vec![[0; 32]; messages.len()];
    many_with(form, messages, &mut digests);
    digests
}

fn digests_by_sha2(messages: &[&[u8]]) -> Vec<[u8; 32]> {
    messages.iter().map(|message| Sha256::digest(message).into()).collect()
}

#[test]
fn digests_of_the_standard() {
    let two_blocks = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    for form in Form::available() {
        let digests: Vec<_> = digests(form, &[b"", b"abc", two_blocks, &vec![b'a'; 1_000_000]]);
        let expected = [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
        ];
        assert_eq!(digests.into_iter().map(hex::encode).collect::<Vec<_>>(), expected, "{form}");
    }
}

#[test]
fn one_message_of_every_length() {
    let data = noise(1, 330);
    for form in Form::available() {
        for len in 0..data.len() {
            let message = [&data[..len]];
            assert_eq!(digests(form, &message), digests_by_sha2(&message), "{form} {len}");
        }
    }
}

#[test]
fn no_message_has_no_digest() {
    many(&[], &mut []);
}

#[test]
#[should_panic(expected = "a place for each digest")]
fn a_missing_place_is_refused() {
    many(&[b"abc"], &mut []);
}

#[test]
fn a_message_in_pieces_has_the_same_digest() {
    let data = noise(2, 1000);
    let mut hasher = Hasher::new();
    for piece in data.chunks(77) {
        hasher.update(piece);
    }
    assert_eq!(hasher.finish(), one(&data));
}

proptest! {
    #[test]
    fn forms_agree(seed: u64, lengths in prop::collection::vec(0..700usize, 0..24)) {
        let data = noise(seed, 700);
        let messages: Vec<_> = lengths.iter().map(|len| &data[700 - len..]).collect();
        let expected = digests_by_sha2(&messages);
        for form in Form::available() {
            prop_assert_eq!(&digests(form, &messages), &expected, "{}", form);
        }
    }
}
