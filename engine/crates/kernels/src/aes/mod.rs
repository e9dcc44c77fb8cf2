//! AES-256 in counter mode, from one buffer into another: the whole IV is a number that counts blocks, as in Go.
//!
//! The scalar form is the crates `aes` and `ctr`, which work in place and take vectors only where AVX-512 is.

#[cfg(test)]
mod tests;
#[cfg(target_arch = "x86_64")]
mod vaes;

use aes::Aes256Enc;
use aes::cipher::{Array, InnerIvInit, KeyInit, StreamCipher, StreamCipherCoreWrapper};
use ctr::CtrCore;
use ctr::flavors::Ctr128BE;

use crate::Form;

/// Key, counter, plain and encrypted bytes of NIST SP 800-38A, F.5.5.
pub(crate) const NIST: (&[u8; 32], u128, &[u8; 16], &[u8; 16]) = (
    b"\x60\x3d\xeb\x10\x15\xca\x71\xbe\x2b\x73\xae\xf0\x85\x7d\x77\x81\x1f\x35\x2c\x07\x3b\x61\x08\xd7\x2d\x98\x10\xa3\x09\x14\xdf\xf4",
    0xf0f1_f2f3_f4f5_f6f7_f8f9_fafb_fcfd_feff,
    b"\x6b\xc1\xbe\xe2\x2e\x40\x9f\x96\xe9\x3d\x7e\x11\x73\x93\x17\x2a",
    b"\x60\x1e\xc3\x13\x77\x57\x89\xa5\xb7\xa7\xf5\x04\xbb\xf3\xd2\x28",
);

/// Bytes that are copied and encrypted together, so that the second pass finds them in the nearest cache.
const STRIDE: usize = 16 << 10;
/// Bytes of a block.
const BLOCK: usize = 16;

/// A key, expanded.
#[derive(Clone)]
pub struct Ctr {
    cipher: Aes256Enc,
    #[cfg(target_arch = "x86_64")]
    vectors: Option<vaes::Keys>,
}

impl Ctr {
    /// In the form of this process.
    pub fn new(key: &[u8; 32]) -> Self {
        Self::with(Form::chosen(), key)
    }

    /// [`Ctr::new`] in a form of the caller's choice.
    pub fn with(form: Form, key: &[u8; 32]) -> Self {
        #[cfg(not(target_arch = "x86_64"))]
        let _ = form;
        Self {
            cipher: Aes256Enc::new(&Array(*key)),
            #[cfg(target_arch = "x86_64")]
            vectors: form.vaes.then(|| vaes::Keys::new(form, key)),
        }
    }

    /// Appends `from`, combined with the key stream that begins at a counter.
    pub fn append(&self, counter: u128, from: &[u8], out: &mut Vec<u8>) {
        #[cfg(target_arch = "x86_64")]
        if let Some(keys) = &self.vectors {
            return keys.append(counter, from, out);
        }
        let mut stream = self.stream(counter);
        for part in from.chunks(STRIDE) {
            let start = out.len();
            out.extend_from_slice(part);
            stream.apply_keystream(&mut out[start..]);
        }
    }

    /// Whether `encrypted`, combined with the key stream that begins at a counter, is `plain`. Takes no memory for it.
    pub fn gives(&self, counter: u128, encrypted: &[u8], plain: &[u8]) -> bool {
        const STEP: usize = 4 << 10;
        let mut opened = Vec::with_capacity(STEP);
        let mut counter = counter;
        let same = |(encrypted, plain): (&[u8], &[u8])| {
            opened.clear();
            self.append(counter, encrypted, &mut opened);
            counter = counter.wrapping_add((STEP / BLOCK) as u128);
            opened == plain
        };
        encrypted.len() == plain.len() && encrypted.chunks(STEP).zip(plain.chunks(STEP)).all(same)
    }

    fn stream(&self, counter: u128) -> StreamCipherCoreWrapper<CtrCore<&Aes256Enc, Ctr128BE>> {
        let counter = Array(counter.to_be_bytes());
        StreamCipherCoreWrapper::from_core(CtrCore::inner_iv_init(&self.cipher, &counter))
    }
}

/// What a form is for this kernel.
pub(crate) fn describe(form: Form) -> &'static str {
    if form.vaes { "16 blocks vaes" } else { "crate" }
}
