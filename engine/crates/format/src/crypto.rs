//! The envelope around everything: `IV(16) || AES-256-CTR || Poly1305-AES(16)`, encrypt then authenticate.
//!
//! The one-time key of Poly1305 is `r || AES128_k(IV)`; it covers the encrypted bytes only.

use std::array;

use aes::Aes128Enc;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use holdfast_kernels::aes::Ctr;
use holdfast_kernels::poly1305;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::random;

/// Bytes that an envelope adds.
pub const OVERHEAD: usize = IV + TAG;

const IV: usize = 16;
const TAG: usize = 16;

/// The keys of an envelope: the master key of a repository, or a password's key around it.
#[derive(Clone)]
pub struct EnvelopeKey {
    cipher: Ctr,
    mac: Aes128Enc,
    bytes: Zeroizing<[u8; 64]>,
}

impl EnvelopeKey {
    /// Fresh keys from the system's generator.
    pub fn random() -> Result<Self> {
        Ok(Self::from_bytes(&Zeroizing::new(random::bytes()?)))
    }

    /// `encrypt(32) || mac.k(16) || mac.r(16)`.
    pub fn from_bytes(bytes: &[u8; 64]) -> Self {
        let (encrypt, k) = (array::from_fn(|i| bytes[i]), Array(array::from_fn(|i| bytes[32 + i])));
        Self { cipher: Ctr::new(&encrypt), mac: Aes128Enc::new(&k), bytes: Zeroizing::new(*bytes) }
    }

    /// `{"mac":{"k":…,"r":…},"encrypt":…}`, as restic stores (and `cat masterkey` shows) it.
    pub fn to_json(&self) -> String {
        let [encrypt, k, r] = [0..32, 32..48, 48..64].map(|part| STANDARD.encode(&self.bytes[part]));
        format!(r#"{{"mac":{{"k":"{k}","r":"{r}"}},"encrypt":"{encrypt}"}}"#)
    }

    /// Reads `to_json`'s form. Keys of another length, or all zero, are `Damaged`, as restic refuses them.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        let key: KeyJson =
            serde_json::from_slice(json).map_err(|_| damaged("it is not the JSON of a key"))?;
        let mut bytes = Zeroizing::new([0; 64]);
        let (encrypt, mac) = bytes.split_at_mut(32);
        let (k, r) = mac.split_at_mut(16);
        for (name, text, part) in
            [("encrypt", key.encrypt, encrypt), ("k", key.mac.k, k), ("r", key.mac.r, r)]
        {
            decode(name, text, part)?;
        }
        Ok(Self::from_bytes(&bytes))
    }

    /// Appends the envelope of `plain` to `out`; the IV comes from the system's generator.
    pub fn seal(&self, plain: &[u8], out: &mut Vec<u8>) -> Result<()> {
        self.seal_with(&fresh_iv()?, plain, out);
        Ok(())
    }

    fn seal_with(&self, iv: &[u8; IV], plain: &[u8], out: &mut Vec<u8>) {
        out.reserve(plain.len() + OVERHEAD);
        out.extend_from_slice(iv);
        let start = out.len();
        self.cipher.append(u128::from_be_bytes(*iv), plain, out);
        let tag = self.tag(iv, &out[start..]);
        out.extend_from_slice(&tag);
    }

    /// Authenticates, then replaces `out` with the plain bytes. `None` when the MAC does not fit or it is too short.
    #[must_use]
    pub fn open(&self, sealed: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let (iv, encrypted) = self.authenticated(sealed)?;
        out.clear();
        out.reserve(encrypted.len());
        self.cipher.append(u128::from_be_bytes(*iv), encrypted, out);
        Some(())
    }

    /// Whether `open` would give `plain`. Takes no memory for it.
    #[must_use]
    pub fn holds(&self, sealed: &[u8], plain: &[u8]) -> bool {
        let Some((iv, encrypted)) = self.authenticated(sealed) else { return false };
        self.cipher.gives(u128::from_be_bytes(*iv), encrypted, plain)
    }

    /// What is encrypted in an envelope, and its IV.
    fn authenticated<'a>(&self, sealed: &'a [u8]) -> Option<(&'a [u8; IV], &'a [u8])> {
        let (iv, rest) = sealed.split_first_chunk::<IV>()?;
        let (encrypted, tag) = rest.split_last_chunk::<TAG>()?;
        (iv != &[0; IV] && same(&self.tag(iv, encrypted), tag)).then_some((iv, encrypted))
    }

    fn tag(&self, iv: &[u8; IV], encrypted: &[u8]) -> [u8; TAG] {
        let mut nonce = Array(*iv);
        self.mac.encrypt_block(&mut nonce);
        let mut one_time = Zeroizing::new([0; 32]);
        one_time[..16].copy_from_slice(&self.bytes[48..]);
        one_time[16..].copy_from_slice(&nonce);
        poly1305::tag(&one_time, encrypted)
    }
}

#[derive(Deserialize)]
struct KeyJson<'a> {
    #[serde(borrow)]
    mac: MacJson<'a>,
    encrypt: &'a str,
}

#[derive(Deserialize)]
struct MacJson<'a> {
    k: &'a str,
    r: &'a str,
}

fn damaged(why: impl Into<String>) -> Error {
    Error::damaged("the master key", why)
}

fn decode(name: &str, text: &str, part: &mut [u8]) -> Result<()> {
    let bytes = Zeroizing::new(STANDARD.decode(text).unwrap_or_default());
    if bytes.len() != part.len() || bytes.iter().all(|b| *b == 0) {
        return Err(damaged(format!("{name} is not {} bytes of base64, or all zero", part.len())));
    }
    part.copy_from_slice(&bytes);
    Ok(())
}

/// restic refuses an IV of zeros.
fn fresh_iv() -> Result<[u8; IV]> {
    loop {
        let iv = random::bytes()?;
        if iv != [0; IV] {
            return Ok(iv);
        }
    }
}

/// In the same time wherever they differ.
fn same(a: &[u8; TAG], b: &[u8; TAG]) -> bool {
    u128::from_ne_bytes(*a) == u128::from_ne_bytes(*b)
}
