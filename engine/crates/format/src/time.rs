//! Times as Go writes them: RFC 3339, nanoseconds without trailing zeros, the local offset kept.

use crate::error::Result;

/// An instant with the offset of the clock that showed it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Timestamp {
    /// Since 1970, UTC.
    pub seconds: i64,
    /// 0 to 999,999,999.
    pub nanos: u32,
    /// Seconds east of UTC.
    pub offset: i32,
}

impl Timestamp {
    /// Reads RFC 3339.
    pub fn parse(_text: &str) -> Result<Self> {
        todo!()
    }
    /// Appends Go's RFC3339Nano; years outside 0..=9999 are clamped as restic clamps them.
    pub fn write(&self, _out: &mut Vec<u8>) {
        todo!()
    }
    /// Compares instants, whatever the offsets.
    pub fn instant(&self) -> (i64, u32) {
        (self.seconds, self.nanos)
    }
}

/// A time zone; cheap to ask for many times of about the same day.
pub struct Zone {}

impl Zone {
    /// The machine's (`TZ`, `/etc/localtime`).
    pub fn local() -> Self {
        todo!()
    }
    /// UTC.
    pub fn utc() -> Self {
        todo!()
    }
    /// The instant as this zone shows it.
    pub fn at(&self, _seconds: i64, _nanos: u32) -> Timestamp {
        todo!()
    }
    /// Now.
    pub fn now(&self) -> Timestamp {
        todo!()
    }
}
