//! Zip as a stream: every length stands behind its contents, so that the output need not be seekable.

use std::io::{self, Write};

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use holdfast_format::node::{Node, NodeType};
use holdfast_format::time::Timestamp;

use super::archive::{Writer, unix_mode};

/// Lengths stand behind the contents.
const LENGTHS_BEHIND: u16 = 1 << 3;
/// The name is UTF-8.
const UTF_8: u16 = 1 << 11;
/// Versions of the format: plain, and with lengths of 64 bits.
const PLAIN: u16 = 20;
const ZIP64: u16 = 45;
/// What stands for a number that is elsewhere.
const ELSEWHERE: u32 = u32::MAX;

/// Counts what goes through.
struct Counted<W> {
    out: W,
    bytes: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// An entry as the directory at the end lists it.
#[derive(Default)]
struct Entry {
    name: Vec<u8>,
    flags: u16,
    method: u16,
    moment: (u16, u16),
    mtime: u32,
    attributes: u32,
    at: u64,
    crc: u32,
    stored: u64,
    plain: u64,
}

pub struct Zip<W: Write> {
    /// `None` only while the encoder has it.
    out: Option<Counted<W>>,
    encoder: Option<DeflateEncoder<Counted<W>>>,
    crc: Crc,
    begun: u64,
    entries: Vec<Entry>,
}

impl<W: Write> Zip<W> {
    pub fn new(out: W) -> Self {
        let out = Some(Counted { out, bytes: 0 });
        Self { out, encoder: None, crc: Crc::new(), begun: 0, entries: Vec::new() }
    }

    fn out(&mut self) -> io::Result<&mut Counted<W>> {
        self.out.as_mut().ok_or_else(|| io::Error::other("the archive was ended by an error before"))
    }
}

impl<W: Write> Writer for Zip<W> {
    fn begin(&mut self, path: &[u8], node: &Node) -> io::Result<()> {
        let out = self.out()?;
        let entry = Entry::of(path, node, out.bytes);
        out.write_all(&entry.local())?;
        self.begun = out.bytes;
        self.crc.reset();
        if node.kind == NodeType::File {
            self.encoder = self.out.take().map(|out| DeflateEncoder::new(out, Compression::default()));
        }
        self.entries.push(entry);
        if node.kind == NodeType::Symlink { self.write(&node.linktarget) } else { Ok(()) }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.crc.update(bytes);
        if let Some(entry) = self.entries.last_mut() {
            entry.plain += bytes.len() as u64;
        }
        match &mut self.encoder {
            Some(encoder) => encoder.write_all(bytes),
            None => self.out()?.write_all(bytes),
        }
    }

    fn end(&mut self) -> io::Result<()> {
        if let Some(encoder) = self.encoder.take() {
            self.out = Some(encoder.finish()?);
        }
        let (begun, crc) = (self.begun, self.crc.sum());
        let stored = self.out()?.bytes - begun;
        let Some(entry) = self.entries.last_mut() else { return Ok(()) };
        (entry.stored, entry.crc) = (stored, crc);
        let lengths = if entry.flags & LENGTHS_BEHIND == 0 { Vec::new() } else { entry.lengths() };
        self.out()?.write_all(&lengths)
    }

    fn finish(&mut self) -> io::Result<()> {
        let from = self.out()?.bytes;
        let listed: Vec<u8> = self.entries.iter().flat_map(Entry::central).collect();
        let count = self.entries.len() as u64;
        let out = self.out()?;
        out.write_all(&listed)?;
        out.write_all(&ending(count, from, listed.len() as u64))?;
        out.flush()
    }
}

impl Entry {
    fn of(path: &[u8], node: &Node, at: u64) -> Self {
        let is_dir = node.kind == NodeType::Dir;
        let name = if is_dir { [path, b"/"].concat() } else { path.to_vec() };
        let utf8 = needs_utf8(&name) && std::str::from_utf8(&name).is_ok();
        Self {
            flags: if is_dir { 0 } else { LENGTHS_BEHIND } | if utf8 { UTF_8 } else { 0 },
            method: if node.kind == NodeType::File { 8 } else { 0 },
            moment: moment(&node.mtime),
            mtime: node.mtime.seconds as u32,
            attributes: attributes(node),
            name,
            at,
            ..Self::default()
        }
    }

    fn is_long(&self) -> bool {
        self.stored >= ELSEWHERE.into() || self.plain >= ELSEWHERE.into()
    }

    /// Seconds since 1970, for both headers.
    fn time_field(&self) -> [u8; 9] {
        let [a, b, c, d] = self.mtime.to_le_bytes();
        [b'U', b'T', 5, 0, 1, a, b, c, d]
    }

    /// What both headers say of version, flags, method, time and (in the local one not yet known) lengths.
    fn common(&self, needed: u16, numbers: [u32; 3], extra: usize) -> Vec<u8> {
        let (time, date) = self.moment;
        let mut common = Vec::new();
        for number in [needed, self.flags, self.method, time, date] {
            common.extend(number.to_le_bytes());
        }
        common.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        common.extend((self.name.len() as u16).to_le_bytes());
        common.extend((extra as u16).to_le_bytes());
        common
    }

    fn local(&self) -> Vec<u8> {
        let time = self.time_field();
        [b"PK\x03\x04".as_slice(), &self.common(PLAIN, [0; 3], time.len()), &self.name, &time].concat()
    }

    fn lengths(&self) -> Vec<u8> {
        let lengths = [self.stored, self.plain];
        let lengths: Vec<u8> = if self.is_long() {
            lengths.iter().flat_map(|length| length.to_le_bytes()).collect()
        } else {
            lengths.iter().flat_map(|length| (*length as u32).to_le_bytes()).collect()
        };
        [b"PK\x07\x08".as_slice(), &self.crc.to_le_bytes(), &lengths].concat()
    }

    fn central(&self) -> Vec<u8> {
        let elsewhere = self.is_long() || self.at >= ELSEWHERE.into();
        let short = |number: u64| if elsewhere { ELSEWHERE } else { number as u32 };
        let mut extra = self.time_field().to_vec();
        if elsewhere {
            extra.extend([1, 0, 24, 0]);
            extra.extend([self.plain, self.stored, self.at].iter().flat_map(|number| number.to_le_bytes()));
        }
        let needed = if elsewhere { ZIP64 } else { PLAIN };
        let made_by = (3 << 8) | PLAIN; // Unix
        let mut central = [b"PK\x01\x02".as_slice(), &made_by.to_le_bytes()].concat();
        central.extend(self.common(needed, [self.crc, short(self.stored), short(self.plain)], extra.len()));
        central.extend([0; 6]); // No comment, first disk, no internal attributes.
        central.extend(self.attributes.to_le_bytes());
        central.extend(short(self.at).to_le_bytes());
        [central, self.name.clone(), extra].concat()
    }
}

/// The end of the archive, with the long form before it when a number needs it.
fn ending(count: u64, from: u64, length: u64) -> Vec<u8> {
    let long = count >= u16::MAX.into() || from >= ELSEWHERE.into() || length >= ELSEWHERE.into();
    let mut ending = Vec::new();
    if long {
        ending.extend(b"PK\x06\x06");
        ending.extend(44u64.to_le_bytes());
        ending.extend([ZIP64, ZIP64].iter().flat_map(|version| version.to_le_bytes()));
        ending.extend([0; 8]); // Disks.
        ending.extend([count, count, length, from].iter().flat_map(|number| number.to_le_bytes()));
        ending.extend(b"PK\x06\x07\0\0\0\0");
        ending.extend((from + length).to_le_bytes());
        ending.extend(1u32.to_le_bytes());
    }
    let short = |number: u64| if long { ELSEWHERE } else { number as u32 };
    let count = if long { u16::MAX } else { count as u16 };
    ending.extend(b"PK\x05\x06\0\0\0\0");
    ending.extend([count, count].iter().flat_map(|count| count.to_le_bytes()));
    ending.extend([short(length), short(from)].iter().flat_map(|number| number.to_le_bytes()));
    ending.extend([0; 2]);
    ending
}

/// Whether a name has characters that old character sets do not agree about.
fn needs_utf8(name: &[u8]) -> bool {
    name.iter().any(|byte| !matches!(byte, b' '..=b'}') || *byte == b'\\')
}

/// Mode and kind as Unix has them, and the two attributes that DOS has of these.
fn attributes(node: &Node) -> u32 {
    let (kind, dos) = match node.kind {
        NodeType::Dir => (0o040_000, 0x10),
        NodeType::Symlink => (0o120_000, 0),
        _ => (0o100_000, 0),
    };
    let read_only = u32::from(node.mode & 0o200 == 0);
    (kind | unix_mode(node.mode)) << 16 | dos | read_only
}

/// Time and date as DOS has them, in the zone of the time; before 1980 there is none.
fn moment(time: &Timestamp) -> (u16, u16) {
    let local = jiff::Timestamp::from_second(time.seconds + i64::from(time.offset));
    let Ok(local) = local.map(|local| jiff::tz::Offset::UTC.to_datetime(local)) else { return (0, 0x21) };
    if !(1980..=2107).contains(&local.year()) {
        return (0, 0x21);
    }
    let [year, month, day] = [local.year() as u16 - 1980, local.month() as u16, local.day() as u16];
    let [hour, minute, second] = [local.hour() as u16, local.minute() as u16, local.second() as u16];
    (hour << 11 | minute << 5 | (second / 2), year << 9 | month << 5 | day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_the_zone() {
        let time = |seconds, offset| Timestamp { seconds, nanos: 0, offset };
        assert_eq!(moment(&time(0, 0)), (0, 0x21));
        assert_eq!(
            moment(&time(1_700_000_000, 0)),
            ((22 << 11) + (13 << 5) + 10, (43 << 9) + (11 << 5) + 14)
        );
        assert_eq!(moment(&time(1_700_000_000, 7200)), ((13 << 5) + 10, (43 << 9) + (11 << 5) + 15));
    }
}
