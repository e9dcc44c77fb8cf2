//! Files under `keys/`: the master key, sealed with a password.

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::crypto::{EnvelopeKey, OVERHEAD};
use crate::error::{Error, Result};
use crate::json::Object;
use crate::time::Timestamp;
use crate::{random, read};

mod scrypt;

pub use scrypt::{Scrypt, calibrate};

/// Bytes of a salt.
const SALT: usize = 64;

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

#[derive(Deserialize)]
struct KeyJson {
    #[serde(default = "missing")]
    created: Timestamp,
    #[serde(default, deserialize_with = "read::or_default")]
    username: String,
    #[serde(default, deserialize_with = "read::or_default")]
    hostname: String,
    kdf: String,
    #[serde(rename = "N")]
    n: u64,
    r: u32,
    p: u32,
    #[serde(deserialize_with = "read::base64")]
    salt: Option<Vec<u8>>,
    #[serde(deserialize_with = "read::base64")]
    data: Option<Vec<u8>>,
}

fn missing() -> Timestamp {
    Timestamp::MISSING
}

impl KeyFile {
    /// Reads a file; refuses another `kdf` than scrypt, costs that restic refuses, and a salt of another length.
    pub fn parse(json: &[u8]) -> Result<Self> {
        let key: KeyJson = serde_json::from_slice(json).map_err(|e| damaged(e.to_string()))?;
        if key.kdf != "scrypt" {
            return Err(Error::refused(format!("a key uses the kdf {:?}; only scrypt is known", key.kdf)));
        }
        let (salt, data) = (key.salt.unwrap_or_default(), key.data.unwrap_or_default());
        if salt.len() != SALT {
            return Err(damaged(format!("its salt has {} bytes, not {SALT}", salt.len())));
        }
        if data.len() < OVERHEAD {
            return Err(damaged(format!("its data has only {} bytes", data.len())));
        }
        let scrypt = Scrypt { n: key.n, r: key.r, p: key.p };
        scrypt.check()?;
        let KeyJson { created, username, hostname, .. } = key;
        Ok(Self { created, username, hostname, scrypt, salt, data })
    }

    /// restic's JSON.
    pub fn to_json(&self) -> Vec<u8> {
        let mut json = Vec::new();
        let mut object = Object::begin(&mut json);
        object.time("created", &self.created);
        object.string("username", &self.username);
        object.string("hostname", &self.hostname);
        object.string("kdf", "scrypt");
        object.number("N", self.scrypt.n);
        object.number("r", self.scrypt.r.into());
        object.number("p", self.scrypt.p.into());
        object.base64("salt", &self.salt);
        object.base64("data", &self.data);
        object.end();
        json
    }

    /// Seals `master` with a password: fresh salt, given costs.
    pub fn seal(
        master: &EnvelopeKey,
        password: &[u8],
        scrypt: Scrypt,
        created: Timestamp,
        username: &str,
        hostname: &str,
    ) -> Result<Self> {
        scrypt.check()?;
        let salt = random::bytes::<SALT>()?.to_vec();
        let mut data = Vec::new();
        let json = Zeroizing::new(master.to_json());
        scrypt.derive(password, &salt).seal(json.as_bytes(), &mut data)?;
        Ok(Self { created, username: username.to_owned(), hostname: hostname.to_owned(), scrypt, salt, data })
    }

    /// The master key, or `WrongPassword`. The lanes of scrypt run on all cores.
    pub fn open(&self, password: &[u8]) -> Result<EnvelopeKey> {
        self.scrypt.check()?;
        let mut json = Zeroizing::new(Vec::new());
        let key = self.scrypt.derive(password, &self.salt);
        key.open(&self.data, &mut json).ok_or(Error::WrongPassword)?;
        EnvelopeKey::from_json(&json)
    }
}

fn damaged(why: impl Into<String>) -> Error {
    Error::damaged("a key", why)
}
