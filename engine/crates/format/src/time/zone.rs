//! Offsets of a time zone, looked up as Go looks them up (it knows no POSIX rules in `TZ`, and falls back to UTC).

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use super::Timestamp;

/// A time zone; cheap to ask for many times of about the same day.
pub struct Zone {
    /// When the offset changes, ascending; seconds since 1970.
    changes: Vec<i64>,
    /// Before the first change, and after each.
    offsets: Vec<i32>,
}

/// Where Go looks for names of zones.
const FOLDERS: [&str; 4] =
    ["/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/usr/lib/locale/TZ", "/etc/zoneinfo"];
/// Seconds of the four hundred years after which the calendar, and with it every rule, repeats.
const CYCLE: i64 = 146_097 * 86_400;
/// 2100: by then all zones follow their rule.
const RULE_BEGINS: i64 = 4_102_444_800;
/// Changes are kept up to here; later times look at the year that is equal to theirs.
const RULE_REPEATS: i64 = RULE_BEGINS + CYCLE;

impl Zone {
    /// The machine's (`TZ`, `/etc/localtime`).
    pub fn local() -> Self {
        Self::of(env::var_os("TZ").as_deref())
    }

    /// What the variable `TZ` means.
    fn of(variable: Option<&OsStr>) -> Self {
        candidates(variable).into_iter().find_map(|path| Self::read(&path)).unwrap_or_else(Self::utc)
    }

    fn read(path: &Path) -> Option<Self> {
        Self::from_tzif(&fs::read(path).ok()?)
    }

    /// From a file of the zone database.
    fn from_tzif(data: &[u8]) -> Option<Self> {
        let zone = TimeZone::tzif("", data).ok()?;
        let first = zone.to_offset(jiff::Timestamp::MIN).seconds();
        let mut kept = Self { changes: Vec::new(), offsets: vec![first] };
        for change in zone.following(jiff::Timestamp::MIN) {
            if change.timestamp().as_second() >= RULE_REPEATS {
                break;
            }
            kept.changes.push(change.timestamp().as_second());
            kept.offsets.push(change.offset().seconds());
        }
        Some(kept)
    }

    /// UTC.
    pub fn utc() -> Self {
        Self { changes: Vec::new(), offsets: vec![0] }
    }

    /// The instant as this zone shows it.
    pub fn at(&self, seconds: i64, nanos: u32) -> Timestamp {
        let equal = match seconds {
            RULE_REPEATS.. => RULE_BEGINS + (seconds - RULE_BEGINS) % CYCLE,
            _ => seconds,
        };
        let passed = self.changes.partition_point(|change| *change <= equal);
        Timestamp { seconds, nanos, offset: self.offsets[passed] }
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        self.at(now.seconds, now.nanos)
    }
}

/// The files that may describe the zone, the best first.
fn candidates(variable: Option<&OsStr>) -> Vec<PathBuf> {
    let Some(name) = variable else {
        return vec!["/etc/localtime".into()];
    };
    let name = name.as_bytes();
    match name.strip_prefix(b":").unwrap_or(name) {
        b"" | b"UTC" => Vec::new(),
        name => FOLDERS.iter().map(|folder| Path::new(folder).join(OsStr::from_bytes(name))).collect(),
    }
}
