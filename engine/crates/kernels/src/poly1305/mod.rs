//! Poly1305, the one-time authenticator.

mod scalar;

use scalar::Tag;

/// Tag of `data` under `r || s` (r is clamped here).
pub fn tag(key: &[u8; 32], data: &[u8]) -> [u8; 16] {
    let mut tag = Tag::new(key);
    tag.absorb(data);
    tag.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The message of RFC 8439, section 2.5.2.
    #[test]
    fn the_rfc_tag() {
        let key = *b"\x85\xd6\xbe\x78\x57\x55\x6d\x33\x7f\x44\x52\xfe\x42\xd5\x06\xa8\x01\x03\x80\x8a\xfb\x0d\xb2\xfd\x4a\xbf\xf6\xaf\x41\x49\xf5\x1b";
        let expected = *b"\xa8\x06\x1d\xc1\x30\x51\x36\xc6\xc2\x2b\x8b\xaf\x0c\x01\x27\xa9";
        assert_eq!(tag(&key, b"Cryptographic Forum Research Group"), expected);
    }
}
