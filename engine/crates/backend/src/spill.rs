//! What is to be stored, on this machine's disk instead of in memory while it waits.
//!
//! The file has no name and goes with the process, however that ends. `TMPDIR` says where, or else it is `/tmp`.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;

/// See the module.
#[derive(Debug)]
pub struct Spill {
    file: File,
    length: usize,
}

impl Spill {
    /// Nothing yet.
    pub fn new() -> io::Result<Self> {
        Ok(Self { file: tempfile::tempfile()?, length: 0 })
    }

    /// A copy of some bytes.
    pub fn of(bytes: &[u8]) -> io::Result<Self> {
        let mut spill = Self::new()?;
        spill.push(bytes)?;
        Ok(spill)
    }

    /// Adds bytes at the end.
    pub fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.length += bytes.len();
        Ok(())
    }

    /// Bytes in it.
    pub fn length(&self) -> usize {
        self.length
    }

    /// All of it.
    pub fn bytes(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.read(0, self.length, &mut bytes)?;
        Ok(bytes)
    }

    /// Replaces `out` with `length` bytes from `offset`; an error when it ends before.
    pub fn read(&self, offset: usize, length: usize, out: &mut Vec<u8>) -> io::Result<()> {
        out.resize(length, 0);
        self.file.read_exact_at(out, offset as u64)
    }
}
