//! The envelope around everything: `IV(16) || AES-256-CTR || Poly1305-AES(16)`, encrypt then authenticate.

use crate::error::Result;

/// Bytes that an envelope adds.
pub const OVERHEAD: usize = 32;

/// The keys of an envelope: the master key of a repository, or a password's key around it.
#[derive(Clone)]
pub struct EnvelopeKey {}

impl EnvelopeKey {
    /// Fresh keys from the system's generator.
    pub fn random() -> Result<Self> {
        todo!()
    }
    /// `encrypt(32) || mac.k(16) || mac.r(16)`.
    pub fn from_bytes(_bytes: &[u8; 64]) -> Self {
        todo!()
    }
    /// `{"mac":{"k":…,"r":…},"encrypt":…}`, as restic stores (and `cat masterkey` shows) it.
    pub fn to_json(&self) -> String {
        todo!()
    }
    /// Reads `to_json`'s form.
    pub fn from_json(_json: &[u8]) -> Result<Self> {
        todo!()
    }
    /// Appends the envelope of `plain` to `out`; the IV comes from the system's generator.
    pub fn seal(&self, _plain: &[u8], _out: &mut Vec<u8>) -> Result<()> {
        todo!()
    }
    /// Authenticates, then replaces `out` with the plain bytes. `None` when the MAC does not fit or it is too short.
    #[must_use]
    pub fn open(&self, _sealed: &[u8], _out: &mut Vec<u8>) -> Option<()> {
        todo!()
    }
}
