//! RFC 8439, tags from arithmetic of big integers, and every form of this machine against the scalar one.

use proptest::prelude::*;

use super::*;
use crate::selftest::noise;

/// The low byte of r and the bytes of s are given; the rest of r is zero.
fn simple_tag(form: Form, r: u8, s: u8, data: &[u8]) -> String {
    let mut key = [0; 32];
    key[0] = r;
    key[16..].fill(s);
    hex::encode(tag_with(form, &key, data))
}

fn blocks(starts: &[(u8, u8)]) -> Vec<u8> {
    starts.iter().flat_map(|&(first, others)| std::iter::once(first).chain([others; 15])).collect()
}

#[test]
fn tags_of_the_rfc() {
    for form in Form::available() {
        assert_eq!(tag_with(form, RFC.0, RFC.1), *RFC.2, "{form}");
    }
}

/// RFC 8439, appendix A.3, 7 to 11: sums at and around 2^130 - 5 and 2^128.
#[test]
fn sums_that_wrap() {
    let (three, five) = (format!("03{:030}", 0), format!("05{:030}", 0));
    let cases = [
        (2, 0, blocks(&[(0xff, 0xff)]), three.clone()),
        (2, 0xff, blocks(&[(2, 0)]), three),
        (1, 0, blocks(&[(0xff, 0xff), (0xf0, 0xff), (0x11, 0)]), five),
        (1, 0, blocks(&[(0xff, 0xff), (0xfb, 0xfe), (1, 1)]), "0".repeat(32)),
        (2, 0, blocks(&[(0xfd, 0xff)]), format!("fa{}", "ff".repeat(15))),
    ];
    for (r, s, data, expected) in cases {
        assert_eq!(simple_tag(Form::SCALAR, r, s, &data), expected);
    }
}

#[test]
fn tags_of_messages_around_a_full_set_of_lanes() {
    let key = noise(5, 32);
    let key = key.first_chunk().unwrap();
    let expected = [
        (1, "b7efc57adaf054e1dbf2b3c52515495b"),
        (383, "6e1efb0c422377bbb12487133c47e919"),
        (384, "d9116ddd818fc03ee119497a3fff5179"),
        (511, "421bdd0daaecff3bfdf9e917639a0def"),
        (512, "0cfbc8fd82a4ecb128b7406e8b41af58"),
        (1000, "b93f189ea757bd4551a025306cb315bd"),
        (4096, "650945c72bf962581b913cadf818d9e6"),
    ];
    for form in Form::available() {
        for (len, expected) in expected {
            assert_eq!(hex::encode(tag_with(form, key, &noise(6, len))), expected, "{form} {len}");
        }
        let full = tag_with(form, &[0xff; 32], &[0xff; 2048]);
        assert_eq!(hex::encode(full), "4e0b4b4a1d13afe5968286660570b426", "{form}");
    }
}

#[test]
fn forms_agree_at_every_length() {
    let (key, data) = ([0xfe; 32], noise(7, 900));
    for form in Form::available() {
        for len in 0..data.len() {
            let expected = tag_with(Form::SCALAR, &key, &data[..len]);
            assert_eq!(tag_with(form, &key, &data[..len]), expected, "{form} {len}");
        }
    }
}

proptest! {
    #[test]
    fn forms_agree(key: [u8; 32], seed: u64, len in 0..20_000usize, extreme: Option<bool>) {
        let data = match extreme {
            None => noise(seed, len),
            Some(full) => vec![if full { 0xff } else { 0 }; len],
        };
        let expected = tag_with(Form::SCALAR, &key, &data);
        for form in Form::available() {
            prop_assert_eq!(tag_with(form, &key, &data), expected, "{}", form);
        }
    }
}
