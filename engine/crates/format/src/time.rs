//! Times as Go writes them: RFC 3339, nanoseconds without trailing zeros, the local offset kept.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Deserializer, de};

use crate::error::{Error, Result};

mod calendar;
mod zone;

use calendar::DAY;
pub use zone::Zone;

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
    /// Go's zero time, year 1: what a document without the field means.
    pub(crate) const MISSING: Self = Self { seconds: -62_135_596_800, nanos: 0, offset: 0 };

    /// The clock of this machine, shown in UTC.
    fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { seconds: since.as_secs() as i64, nanos: since.subsec_nanos(), offset: 0 }
    }

    /// Reads RFC 3339.
    pub fn parse(text: &str) -> Result<Self> {
        let why =
            || Error::refused(format!("{text:?} is not a time: 2006-01-02T15:04:05.999999999Z or …+07:00"));
        read(text.as_bytes()).ok_or_else(why)
    }

    /// Appends Go's `RFC3339Nano`; years outside 0..=9999 are clamped as restic clamps them.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.date_and_clock(b'T'));
        write_fraction(self.nanos, out);
        write_offset(self.offset, out);
    }

    /// `2006-01-02 15:04:05` by the clock that showed it, as restic shows times to people.
    pub fn date_time(&self) -> String {
        self.date_and_clock(b' ').map(char::from).iter().collect()
    }

    /// Compares instants, whatever the offsets.
    pub fn instant(&self) -> (i64, u32) {
        (self.seconds, self.nanos)
    }

    fn date_and_clock(&self, separator: u8) -> [u8; 19] {
        let clock = self.seconds.saturating_add(self.offset.into());
        let clock = calendar::clamped_seconds(clock).unwrap_or(clock);
        let (year, month, day) = calendar::date(clock.div_euclid(DAY));
        let second = clock.rem_euclid(DAY) as u32;
        let mut text = *b"0000-00-00T00:00:00";
        text[10] = separator;
        digits(&mut text[..4], year as u32);
        digits(&mut text[5..7], month);
        digits(&mut text[8..10], day);
        digits(&mut text[11..13], second / 3600);
        digits(&mut text[14..16], second / 60 % 60);
        digits(&mut text[17..], second % 60);
        text
    }
}

fn write_fraction(nanos: u32, out: &mut Vec<u8>) {
    if nanos == 0 {
        return;
    }
    let mut fraction = *b".000000000";
    digits(&mut fraction[1..], nanos);
    let length = fraction.iter().rposition(|b| *b != b'0').map_or(0, |last| last + 1);
    out.extend_from_slice(&fraction[..length]);
}

/// Fills a field with a number, zeros in front.
#[inline]
fn digits(field: &mut [u8], mut number: u32) {
    for place in field.iter_mut().rev() {
        *place = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// Whole minutes, as in Go: what old zones have beyond is not shown.
fn write_offset(offset: i32, out: &mut Vec<u8>) {
    if offset == 0 {
        return out.push(b'Z');
    }
    let minutes = offset / 60;
    let mut zone = *b"+00:00";
    zone[0] = if minutes < 0 { b'-' } else { b'+' };
    digits(&mut zone[1..3], minutes.unsigned_abs() / 60);
    digits(&mut zone[4..], minutes.unsigned_abs() % 60);
    out.extend_from_slice(&zone);
}

fn read(text: &[u8]) -> Option<Timestamp> {
    let (date_time, rest) = text.split_at_checked(19)?;
    if [4, 7, 10, 13, 16].map(|at| date_time[at]) != *b"--T::" {
        return None;
    }
    let field = |from: usize, to: usize, most: i64| number(&date_time[from..to]).filter(|n| *n <= most);
    let days = calendar::days(field(0, 4, 9999)?, field(5, 7, 12)?, field(8, 10, 31)?)?;
    let clock = field(11, 13, 23)? * 3600 + field(14, 16, 59)? * 60 + field(17, 19, 59)?;
    let (nanos, zone) = read_fraction(rest)?;
    let offset = read_offset(zone)?;
    Some(Timestamp { seconds: days * DAY + clock - i64::from(offset), nanos, offset })
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |n, b| b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0')))
}

/// What is finer than a nanosecond is cut off, as in Go.
fn read_fraction(text: &[u8]) -> Option<(u32, &[u8])> {
    let Some(text) = text.strip_prefix(b".") else {
        return Some((0, text));
    };
    let length = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(length);
    let kept = &digits[..length.min(9)];
    let nanos = number(kept)? * 10_i64.pow(9 - kept.len() as u32);
    (length > 0).then_some((nanos as u32, rest))
}

fn read_offset(text: &[u8]) -> Option<i32> {
    match text {
        b"Z" => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let hours = number(&[*h1, *h2]).filter(|h| *h < 24)?;
            let minutes = number(&[*m1, *m2]).filter(|m| *m < 60)?;
            let offset = (hours * 60 + minutes) as i32 * 60;
            Some(if *sign == b'-' { -offset } else { offset })
        }
        _ => None,
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl de::Visitor<'_> for Text {
            type Value = Timestamp;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an RFC 3339 time")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
                read(text.as_bytes()).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_str(Text)
    }
}
