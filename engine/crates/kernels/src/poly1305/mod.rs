//! Poly1305, the one-time authenticator.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod ifma;
#[cfg(target_arch = "x86_64")]
mod powers;
mod scalar;
#[cfg(test)]
mod tests;

use crate::choice::{Form, Set};
use scalar::Tag;

/// Key, message and tag of RFC 8439, section 2.5.2.
pub(crate) const RFC: (&[u8; 32], &[u8], &[u8; 16]) = (
    b"\x85\xd6\xbe\x78\x57\x55\x6d\x33\x7f\x44\x52\xfe\x42\xd5\x06\xa8\x01\x03\x80\x8a\xfb\x0d\xb2\xfd\x4a\xbf\xf6\xaf\x41\x49\xf5\x1b",
    b"Cryptographic Forum Research Group",
    b"\xa8\x06\x1d\xc1\x30\x51\x36\xc6\xc2\x2b\x8b\xaf\x0c\x01\x27\xa9",
);

/// Tag of `data` under `r || s` (r is clamped here).
pub fn tag(key: &[u8; 32], data: &[u8]) -> [u8; 16] {
    tag_with(Form::chosen(), key, data)
}

/// [`tag`] in a form of the caller's choice.
pub fn tag_with(form: Form, key: &[u8; 32], data: &[u8]) -> [u8; 16] {
    let mut tag = Tag::new(key);
    let rest = match form.set {
        Set::Scalar => data,
        #[cfg(target_arch = "x86_64")]
        Set::Avx2 | Set::Avx2Gfni if data.len() >= avx2::SHORTEST => avx2::absorb(form, &mut tag, data),
        #[cfg(target_arch = "x86_64")]
        Set::Avx512 if data.len() >= ifma::SHORTEST => ifma::absorb(form, &mut tag, data),
        #[cfg(target_arch = "x86_64")]
        _ => data,
    };
    tag.absorb(rest);
    tag.finish()
}

/// What a form is for this kernel.
pub(crate) fn describe(form: Form) -> &'static str {
    match form.set {
        #[cfg(target_arch = "x86_64")]
        Set::Avx512 => "8 lanes avx512 ifma",
        #[cfg(target_arch = "x86_64")]
        Set::Avx2 | Set::Avx2Gfni => "4 lanes avx2",
        Set::Scalar => "scalar",
    }
}
