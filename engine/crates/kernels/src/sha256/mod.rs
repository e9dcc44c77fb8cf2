//! SHA-256, several messages at once.

use sha2::{Digest, Sha256};

/// Digests of messages of any lengths, up to three in flight.
///
/// # Panics
/// When there are not as many places in `out` as messages.
pub fn many(messages: &[&[u8]], out: &mut [[u8; 32]]) {
    assert_eq!(messages.len(), out.len(), "one digest for each message");
    for (message, digest) in messages.iter().zip(out) {
        *digest = one(message);
    }
}

/// Digest of one message.
pub fn one(message: &[u8]) -> [u8; 32] {
    Sha256::digest(message).into()
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

#[cfg(test)]
mod tests {
    use super::*;

    /// "abc", FIPS 180-2, appendix B.1.
    const ABC: [u8; 32] = *b"\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23\xb0\x03\x61\xa3\x96\x17\x7a\x9c\xb4\x10\xff\x61\xf2\x00\x15\xad";

    #[test]
    fn the_fips_digest() {
        assert_eq!(one(b"abc"), ABC);
        let mut hasher = Hasher::new();
        hasher.update(b"a");
        hasher.update(b"bc");
        assert_eq!(hasher.finish(), ABC);
    }
}
