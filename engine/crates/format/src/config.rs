//! The file `config`: version, id and polynomial.

use holdfast_kernels::rabin::DEGREES;
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::id::Id;
use crate::json::Object;
use crate::kinds::Version;
use crate::{polynomial, random};

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

#[derive(Deserialize)]
struct ConfigJson {
    version: u64,
    id: Id,
    chunker_polynomial: String,
}

impl Config {
    /// A new one with random id and polynomial.
    pub fn random(version: Version) -> Result<Self> {
        Ok(Self { version, id: Id(random::bytes()?), polynomial: polynomial::random()? })
    }

    /// Reads the plain JSON; unknown fields are ignored, a reducible polynomial or another version is `Damaged`/`Refused`.
    pub fn parse(json: &[u8]) -> Result<Self> {
        let config: ConfigJson = serde_json::from_slice(json).map_err(|e| damaged(e.to_string()))?;
        Ok(Self {
            version: version(config.version)?,
            id: config.id,
            polynomial: polynomial(&config.chunker_polynomial)?,
        })
    }

    /// restic's JSON.
    pub fn to_json(&self) -> Vec<u8> {
        let mut json = Vec::new();
        let mut object = Object::begin(&mut json);
        object.number("version", self.version as u64);
        object.id("id", &self.id);
        object.string("chunker_polynomial", &format!("{:x}", self.polynomial));
        object.end();
        json
    }
}

fn damaged(why: impl Into<String>) -> Error {
    Error::damaged("the config", why)
}

fn version(number: u64) -> Result<Version> {
    match number {
        1 => Ok(Version::V1),
        2 => Ok(Version::V2),
        _ => Err(Error::refused(format!(
            "the repository has version {number}, this program knows 1 and 2: use a newer one"
        ))),
    }
}

fn polynomial(text: &str) -> Result<u64> {
    u64::from_str_radix(text, 16)
        .ok()
        .filter(|p| polynomial::irreducible(*p) && DEGREES.contains(&p.ilog2()))
        .ok_or_else(|| {
            let (least, most) = (DEGREES.start(), DEGREES.end());
            damaged(format!("{text:?} is not an irreducible polynomial of degree {least} to {most} in hex"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_polynomial(text: &str) -> Result<Config> {
        let json = format!(r#"{{"version":2,"id":"{}","chunker_polynomial":"{text}"}}"#, Id::of(b"x"));
        Config::parse(json.as_bytes())
    }

    #[test]
    fn polynomials_that_cannot_cut_are_refused() {
        assert!(with_polynomial("3da3358b4dc173").is_ok());
        for (text, why) in
            [("0", "nothing"), ("7", "degree 2"), ("3da3358b4dc172", "divisible by x"), ("x", "no hex")]
        {
            let error = with_polynomial(text).expect_err(why);
            assert!(error.to_string().contains("irreducible polynomial"), "{why}: {error}");
        }
    }
}
