//! Extended attributes; ACLs are among them.

use std::io;
use std::os::fd::BorrowedFd;

use holdfast_format::node::Xattr;
use rustix::io::Errno;

use crate::path;

/// Larger values are refused, as restic's library refuses them.
const LARGEST: usize = 64 << 20;

/// Where attributes are read: an open file, or a name that is not followed.
#[derive(Clone, Copy)]
pub enum Place<'a> {
    /// Open.
    File(BorrowedFd<'a>),
    /// Not followed when it is a link.
    Path(&'a [u8]),
}

impl Place<'_> {
    fn list(self, out: &mut [u8]) -> Result<usize, Errno> {
        match self {
            Self::File(file) => rustix::fs::flistxattr(file, out),
            Self::Path(path) => rustix::fs::llistxattr(path, out),
        }
    }

    fn get(self, name: &[u8], out: &mut [u8]) -> Result<usize, Errno> {
        match self {
            Self::File(file) => rustix::fs::fgetxattr(file, name, out),
            Self::Path(path) => rustix::fs::lgetxattr(path, name, out),
        }
    }
}

/// Reads attributes; keeps its buffers.
#[derive(Default)]
pub struct Reader {
    names: Vec<u8>,
    value: Vec<u8>,
}

impl Reader {
    /// Appends all attributes in the system's order. A file system without them has none; a value that cannot be read is
    /// told to `failed` and left out.
    pub fn read(
        &mut self,
        place: Place<'_>,
        out: &mut Vec<Xattr>,
        mut failed: impl FnMut(&str, Errno),
    ) -> Result<(), Errno> {
        let length = present(grow(&mut self.names, |buffer| place.list(buffer)))?.unwrap_or(0);
        for name in self.names[..length].split(|&b| b == 0).filter(|name| !name.is_empty()) {
            let value = present(grow(&mut self.value, |buffer| place.get(name, buffer)));
            match value {
                Ok(length) => {
                    let value = length.map(|length| self.value[..length].to_vec());
                    out.push(Xattr { name: path::text(name), value });
                }
                Err(error) => failed(&path::text(name), error),
            }
        }
        Ok(())
    }
}

/// What the file system does not have is no error.
fn present(read: Result<usize, Errno>) -> Result<Option<usize>, Errno> {
    match read {
        Err(Errno::OPNOTSUPP | Errno::NODATA) => Ok(None),
        read => read.map(Some),
    }
}

fn grow(
    buffer: &mut Vec<u8>,
    mut read: impl FnMut(&mut [u8]) -> Result<usize, Errno>,
) -> Result<usize, Errno> {
    if buffer.is_empty() {
        buffer.resize(1 << 10, 0);
    }
    loop {
        match read(buffer) {
            Err(Errno::RANGE | Errno::TOOBIG) if buffer.len() < LARGEST => buffer.resize(buffer.len() * 4, 0),
            done => return done,
        }
    }
}

/// An error as Go words it: `permission denied`.
pub fn words(error: impl Into<io::Error>) -> String {
    let error: io::Error = error.into();
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_worded_as_in_go() {
        assert_eq!(words(Errno::ACCESS), "permission denied");
        assert_eq!(words(Errno::NOENT), "no such file or directory");
        assert_eq!(words(io::Error::other("pipe broke")), "pipe broke");
    }
}
