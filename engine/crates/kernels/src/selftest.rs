//! A short proof, once a process, that the chosen kernels compute what they must on this machine.
//!
//! It is against processors, hypervisors and emulators that say they have an instruction and get it wrong: a backup with
//! wrong ids is worse than none. The tests of the crate are what proves the code.

use crate::{Form, VARIABLE, aes, poly1305, rabin, scrypt, sha256};

pub(crate) fn run(form: Form) -> Result<(), String> {
    verdict(
        form,
        &[
            ("cut points", cuts(form)),
            ("SHA-256", digests(form)),
            ("AES", streams(form)),
            ("Poly1305", tags(form)),
            ("scrypt", mixes(form)),
        ],
    )
}

fn verdict(form: Form, results: &[(&str, bool)]) -> Result<(), String> {
    let wrong: Vec<_> = results.iter().filter(|(_, right)| !right).map(|(name, _)| *name).collect();
    if wrong.is_empty() {
        return Ok(());
    }
    let (name, wrong) = (form.name(), wrong.join(", "));
    let remedy = if form == Form::SCALAR { "use another machine" } else { "set HOLDFAST_KERNELS=scalar" };
    Err(format!(
        "{VARIABLE}: the kernels of form {name} compute wrong results on this processor ({wrong}); {remedy}"
    ))
}

/// Planted cuts are found in every lane, and nothing else is.
fn cuts(form: Form) -> bool {
    let rabin = rabin::Rabin::with(form, 0x003D_A335_8B4D_C173);
    let mut data = noise(1, 64 + 2 * 64 * 64 + 99);
    let planted: Vec<_> = (100..data.len()).step_by(61).collect();
    for &last in &planted {
        rabin.plant(&mut data, last);
    }
    let mut found = Vec::new();
    rabin.candidates(&data, 64, data.len(), &mut |last| {
        found.push(last);
        true
    });
    found == planted
}

/// "abc" in every lane, and messages that end in all ways.
fn digests(form: Form) -> bool {
    let data = noise(2, 400);
    let mut messages = [&b"abc"[..]; 9];
    for (message, len) in messages[4..].iter_mut().zip([0, 55, 64, 119, 400]) {
        *message = &data[..len];
    }
    let (mut digests, mut expected) = ([[0; 32]; 9], [[0; 32]; 9]);
    sha256::many_with(form, &messages, &mut digests);
    sha256::many_with(Form::SCALAR, &messages, &mut expected);
    digests == expected && digests[..4] == [sha256::ABC; 4]
}

/// The block of the standard, and what its scalar twin gives for more than a group, over a carry.
fn streams(form: Form) -> bool {
    let stream = |form, counter, plain: &[u8]| {
        let mut out = Vec::new();
        aes::Ctr::with(form, aes::NIST.0).append(counter, plain, &mut out);
        out
    };
    let (plain, before) = (noise(5, 600), u128::from(u64::MAX) - 20);
    stream(form, aes::NIST.1, aes::NIST.2) == aes::NIST.3
        && stream(form, before, &plain) == stream(Form::SCALAR, before, &plain)
}

/// The tag of RFC 8439, and those of its scalar twin for more than a round of all lanes.
fn tags(form: Form) -> bool {
    let (key, data) = (noise(3, 32), noise(4, 1000));
    let key = key.first_chunk().expect("32 bytes");
    let agree = |len| {
        poly1305::tag_with(form, key, &data[..len]) == poly1305::tag_with(Form::SCALAR, key, &data[..len])
    };
    agree(1000)
        && agree(512)
        && agree(90)
        && poly1305::tag_with(form, poly1305::RFC.0, poly1305::RFC.1) == *poly1305::RFC.2
}

/// The block of RFC 7914, alone and beside another one.
fn mixes(form: Form) -> bool {
    let (mut alone, mut beside, mut other) = (*scrypt::RFC.0, *scrypt::RFC.0, *scrypt::RFC.1);
    scrypt::mix(&mut alone, 1, 16);
    scrypt::mix_pair_with(form, [&mut other, &mut beside], 1, 16);
    alone == *scrypt::RFC.1 && beside == alone
}

/// Bytes without a pattern, the same for the same seed.
pub(crate) fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed;
    let bytes = (0..len).map(|_| {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (state >> 56) as u8
    });
    bytes.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_this_machine_passes() {
        for form in Form::available() {
            assert_eq!(run(form), Ok(()));
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_the_way_out() {
        let refusal = verdict(*Form::available().last().unwrap(), &[("SHA-256", false), ("Poly1305", true)]);
        let refusal = refusal.unwrap_err();
        assert!(refusal.contains("(SHA-256)"), "{refusal}");
        assert!(refusal.contains("HOLDFAST_KERNELS"), "{refusal}");
    }
}
