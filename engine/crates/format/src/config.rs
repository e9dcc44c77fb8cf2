//! The file `config`: version, id and polynomial.

use crate::error::Result;
use crate::id::Id;
use crate::kinds::Version;

/// What `config` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Of the format.
    pub version: Version,
    /// Random; names the cache.
    pub id: Id,
    /// Of the chunker, irreducible.
    pub polynomial: u64,
}

impl Config {
    /// A new one with random id and polynomial.
    pub fn random(_version: Version) -> Result<Self> {
        todo!()
    }
    /// Reads the plain JSON; unknown fields are ignored, a reducible polynomial or another version is `Damaged`/`Refused`.
    pub fn parse(_json: &[u8]) -> Result<Self> {
        todo!()
    }
    /// restic's JSON.
    pub fn to_json(&self) -> Vec<u8> {
        todo!()
    }
}
