//! SHA-256, several messages at once.
//!
//! One message keeps a SHA unit busy for about half of the time: each round waits for the last. Up to three in flight
//! fill the gaps. The scalar form is the `sha2` crate.

#[cfg(target_arch = "x86_64")]
mod lanes;
#[cfg(target_arch = "x86_64")]
mod ni;
#[cfg(test)]
mod tests;

use sha2::{Digest, Sha256};

use crate::Form;

/// Digest of "abc", FIPS 180-2, appendix B.1.
pub(crate) const ABC: [u8; 32] = *b"\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23\xb0\x03\x61\xa3\x96\x17\x7a\x9c\xb4\x10\xff\x61\xf2\x00\x15\xad";

/// Digests of messages of any lengths, up to three in flight.
///
/// # Panics
/// When there are not as many places in `out` as messages.
pub fn many(messages: &[&[u8]], out: &mut [[u8; 32]]) {
    many_with(Form::chosen(), messages, out);
}

/// [`many`] in a form of the caller's choice.
///
/// # Panics
/// When there are not as many places in `out` as messages.
pub fn many_with(form: Form, messages: &[&[u8]], out: &mut [[u8; 32]]) {
    assert_eq!(messages.len(), out.len(), "a place for each digest");
    #[cfg(target_arch = "x86_64")]
    if form.sha {
        return lanes::digests(form, messages, out);
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = form;
    for (message, digest) in messages.iter().zip(out) {
        *digest = Sha256::digest(message).into();
    }
}

/// Digest of one message.
pub fn one(message: &[u8]) -> [u8; 32] {
    let mut digest = [[0; 32]];
    many(&[message], &mut digest);
    digest[0]
}

/// What a form is for this kernel.
pub(crate) fn describe(form: Form) -> &'static str {
    if form.sha { "3 lanes sha-ni" } else { "sha2" }
}

/// Digest of a message that comes in pieces.
#[derive(Clone, Default)]
pub struct Hasher(Sha256);

impl Hasher {
    /// A digest of nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// The digest of all pieces.
    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}
