//! SHA-256 digests as names.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// The SHA-256 of what it names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Id(pub [u8; 32]);

impl Id {
    /// The digest of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(holdfast_kernels::sha256::one(bytes))
    }

    /// The first eight digits, as restic shows ids to people.
    pub fn short(&self) -> String {
        hex::encode(&self.0[..4])
    }

    /// Reads 64 lower-case hex digits.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let mut id = Self::default();
        let lower = text.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        (lower && hex::decode_to_slice(text, &mut id.0).is_ok()).then_some(id)
    }
}

impl FromStr for Id {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text.as_bytes())
            .ok_or_else(|| Error::refused(format!("{text:?} is not an id: 64 hex digits")))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.short())
    }
}
