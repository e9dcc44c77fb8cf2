//! The system's random generator. Nothing is kept between calls, so that a forked child cannot repeat what its parent drew.

use std::io;

use crate::error::{Error, Result};

/// Random bytes.
pub fn bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|e| Error::local(b"the system's random generator", io::Error::from(e)))?;
    Ok(bytes)
}
