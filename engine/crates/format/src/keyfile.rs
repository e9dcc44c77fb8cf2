//! Files under `keys/`: the master key, sealed with a password.

use crate::crypto::EnvelopeKey;
use crate::error::Result;
use crate::time::Timestamp;

/// Costs of scrypt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scrypt {
    /// Cost, a power of two.
    pub n: u64,
    /// Block size.
    pub r: u32,
    /// Lanes.
    pub p: u32,
}

/// A key file, its fields as restic writes them.
#[derive(Clone, Debug)]
pub struct KeyFile {
    /// When it was made.
    pub created: Timestamp,
    /// By whom.
    pub username: String,
    /// On which machine.
    pub hostname: String,
    /// Costs of the derivation.
    pub scrypt: Scrypt,
    /// 64 bytes.
    pub salt: Vec<u8>,
    /// The sealed master key.
    pub data: Vec<u8>,
}

impl KeyFile {
    /// Reads a file; refuses another `kdf` than scrypt, costs that restic refuses, and a salt of another length.
    pub fn parse(_json: &[u8]) -> Result<Self> {
        todo!()
    }
    /// restic's JSON.
    pub fn to_json(&self) -> Vec<u8> {
        todo!()
    }
    /// Seals `master` with a password: fresh salt, given costs.
    pub fn seal(
        _master: &EnvelopeKey,
        _password: &[u8],
        _scrypt: Scrypt,
        _created: Timestamp,
        _username: &str,
        _hostname: &str,
    ) -> Result<Self> {
        todo!()
    }
    /// The master key, or `WrongPassword`. The lanes of scrypt run on all cores.
    pub fn open(&self, _password: &[u8]) -> Result<EnvelopeKey> {
        todo!()
    }
}

/// Costs for a new key on this machine: at most 500 ms of one core (as restic measures it) and 60 MiB.
pub fn calibrate() -> Scrypt {
    todo!()
}
