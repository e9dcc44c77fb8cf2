//! Tar: POSIX headers, with PAX records for what does not fit into them.

use std::io::{self, Write};

use holdfast_format::node::{Node, NodeType, Xattr};

use super::acl;
use super::archive::{Writer, unix_mode};

/// Bytes of a block.
const BLOCK: usize = 512;
/// Highest number of seven octal digits.
const OCTAL_7: u64 = 0o7_777_777;
/// Highest number of eleven octal digits.
const OCTAL_11: u64 = 0o77_777_777_777;

pub struct Tar<W> {
    out: W,
    /// Bytes of the entry that is being written.
    written: u64,
}

impl<W: Write> Tar<W> {
    pub fn new(out: W) -> Self {
        Self { out, written: 0 }
    }

    fn pad(&mut self, length: u64) -> io::Result<()> {
        let rest = (length % BLOCK as u64) as usize;
        if rest > 0 { self.out.write_all(&[0; BLOCK][rest..]) } else { Ok(()) }
    }

    /// Records that go before the header, as an entry of their own.
    fn write_records(&mut self, path: &[u8], records: &[u8]) -> io::Result<()> {
        let slash = path.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
        let name = [&path[..slash], b"PaxHeaders.0/", &path[slash..]].concat();
        let header = Header { name: &name, kind: b'x', size: records.len() as u64, ..Header::default() };
        self.out.write_all(&header.block())?;
        self.out.write_all(records)?;
        self.pad(records.len() as u64)
    }
}

impl<W: Write> Writer for Tar<W> {
    fn begin(&mut self, path: &[u8], node: &Node) -> io::Result<()> {
        let name = if node.kind == NodeType::Dir { [path, b"/"].concat() } else { path.to_vec() };
        let header = Header::of(&name, node);
        let records = header.records(&node.xattrs)?;
        if !records.is_empty() {
            self.write_records(path, &records)?;
        }
        self.written = 0;
        self.out.write_all(&header.block())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.written += bytes.len() as u64;
        self.out.write_all(bytes)
    }

    fn end(&mut self) -> io::Result<()> {
        self.pad(self.written)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.out.write_all(&[0; 2 * BLOCK])?;
        self.out.flush()
    }
}

#[derive(Default)]
struct Header<'a> {
    name: &'a [u8],
    kind: u8,
    size: u64,
    mode: u32,
    uid: u64,
    gid: u64,
    mtime: i64,
    link: &'a [u8],
    user: &'a [u8],
    group: &'a [u8],
}

impl<'a> Header<'a> {
    fn of(name: &'a [u8], node: &'a Node) -> Self {
        let kind = match node.kind {
            NodeType::Dir => b'5',
            NodeType::Symlink => b'2',
            _ => b'0',
        };
        Self {
            name,
            kind,
            size: if node.kind == NodeType::File { node.size } else { 0 },
            mode: unix_mode(node.mode),
            uid: node.uid.into(),
            gid: node.gid.into(),
            // Whole seconds, rounded, as restic has them.
            mtime: node.mtime.seconds + i64::from(node.mtime.nanos >= 500_000_000),
            link: &node.linktarget,
            user: node.user.as_bytes(),
            group: node.group.as_bytes(),
        }
    }

    fn block(&self) -> [u8; BLOCK] {
        let mut block = [0; BLOCK];
        text(&mut block[..100], self.name);
        octal(&mut block[100..107], self.mode.into());
        octal(&mut block[108..115], self.uid);
        octal(&mut block[116..123], self.gid);
        octal(&mut block[124..135], self.size);
        octal(&mut block[136..147], u64::try_from(self.mtime).unwrap_or(0));
        block[148..156].fill(b' ');
        block[156] = self.kind;
        text(&mut block[157..257], self.link);
        block[257..265].copy_from_slice(b"ustar\x0000");
        text(&mut block[265..297], self.user);
        text(&mut block[297..329], self.group);
        octal(&mut block[329..336], 0); // Device numbers.
        octal(&mut block[337..344], 0);
        let sum = block.iter().map(|byte| u64::from(*byte)).sum();
        octal(&mut block[148..154], sum);
        block[154] = 0;
        block
    }

    /// What does not fit into the block, and the extended attributes.
    fn records(&self, xattrs: &[Xattr]) -> io::Result<Vec<u8>> {
        let mut records = Vec::new();
        let texts = [
            ("gname", self.group, 32),
            ("linkpath", self.link, 100),
            ("path", self.name, 100),
            ("uname", self.user, 32),
        ];
        for (key, value, fits) in texts {
            if value.len() > fits || !value.is_ascii() {
                record(&mut records, key.as_bytes(), value);
            }
        }
        let numbers = [("gid", self.gid, OCTAL_7), ("size", self.size, OCTAL_11), ("uid", self.uid, OCTAL_7)];
        for (key, value, fits) in numbers {
            if value > fits {
                record(&mut records, key.as_bytes(), value.to_string().as_bytes());
            }
        }
        if !(0..=OCTAL_11 as i64).contains(&self.mtime) {
            record(&mut records, b"mtime", self.mtime.to_string().as_bytes());
        }
        for xattr in xattrs {
            attribute(&mut records, xattr)?;
        }
        Ok(records)
    }
}

/// An access list that is none is left out, as in restic.
fn attribute(records: &mut Vec<u8>, xattr: &Xattr) -> io::Result<()> {
    let value = xattr.value.as_deref().unwrap_or_default();
    let list = match xattr.name.as_str() {
        "system.posix_acl_access" => "SCHILY.acl.access",
        "system.posix_acl_default" => "SCHILY.acl.default",
        name if name.contains(['=', '\0']) => {
            let why = format!("the attribute {name:?} cannot be in a tar archive: choose zip");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        name => {
            record(records, format!("SCHILY.xattr.{name}").as_bytes(), value);
            return Ok(());
        }
    };
    if let Some(text) = acl::text(value) {
        record(records, list.as_bytes(), text.as_bytes());
    }
    Ok(())
}

/// `LENGTH KEY=VALUE\n`, where the length counts its own digits.
fn record(records: &mut Vec<u8>, key: &[u8], value: &[u8]) {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + rest.to_string().len();
    if length.to_string().len() > rest.to_string().len() {
        length += 1;
    }
    for part in [length.to_string().as_bytes(), b" ", key, b"=", value, b"\n"] {
        records.extend_from_slice(part);
    }
}

/// As much ASCII as fits; a record has the whole.
fn text(field: &mut [u8], value: &[u8]) {
    for (byte, value) in field.iter_mut().zip(value.iter().filter(|byte| byte.is_ascii())) {
        *byte = *value;
    }
}

/// Digits that fill the field; zeros when it does not fit (a record has it).
fn octal(field: &mut [u8], value: u64) {
    let digits = format!("{value:0width$o}", width = field.len());
    if digits.len() == field.len() {
        field.copy_from_slice(digits.as_bytes());
    } else {
        field.fill(b'0');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_counts_its_own_length() {
        for length in 0..200 {
            let mut records = Vec::new();
            record(&mut records, b"path", &vec![b'a'; length]);
            let space = records.iter().position(|byte| *byte == b' ').unwrap();
            assert_eq!(std::str::from_utf8(&records[..space]).unwrap().parse(), Ok(records.len()));
        }
    }

    #[test]
    fn only_what_does_not_fit_becomes_a_record() {
        let fits = Header { name: &[b'a'; 100], uid: OCTAL_7, mtime: 0, ..Header::default() };
        assert_eq!(fits.records(&[]).unwrap(), b"");
        let longer = Header { name: &[b'a'; 101], ..Header::default() };
        assert!(longer.records(&[]).unwrap().starts_with(b"111 path=aaa"));
        let before_1970 = Header { mtime: -1, uid: OCTAL_7 + 1, ..Header::default() };
        assert_eq!(before_1970.records(&[]).unwrap(), b"15 uid=2097152\n12 mtime=-1\n");
    }
}
