//! Offsets of a time zone, looked up as Go looks them up (it knows no POSIX rules in `TZ`, and falls back to UTC).

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use super::{Timestamp, calendar};

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

    /// The instant as this zone shows it. Years outside 0..=9999 are moved inside, as restic moves them before it stores a time:
    /// the same day and clock, with the offset that they have there.
    pub fn at(&self, seconds: i64, nanos: u32) -> Timestamp {
        let offset = self.offset(seconds);
        match calendar::clamped_seconds(seconds.saturating_add(offset.into())) {
            None => Timestamp { seconds, nanos, offset },
            Some(clock) => self.shown(clock, nanos),
        }
    }

    /// When the clocks of this zone show so many seconds since 1970; found as Go finds it when they are set that day.
    fn shown(&self, clock: i64, nanos: u32) -> Timestamp {
        let guess = i64::from(self.offset(clock));
        let seconds = clock - i64::from(self.offset(clock - guess));
        Timestamp { seconds, nanos, offset: self.offset(seconds) }
    }

    fn offset(&self, seconds: i64) -> i32 {
        let equal = match seconds {
            RULE_REPEATS.. => RULE_BEGINS + (seconds - RULE_BEGINS) % CYCLE,
            _ => seconds,
        };
        self.offsets[self.changes.partition_point(|change| *change <= equal)]
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

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::Zone;

    fn berlin() -> Zone {
        Zone::from_tzif(include_bytes!("../../tests/format/berlin.tzif")).unwrap()
    }

    /// What Go 1.26 writes after restic's `FixTime`.
    const BERLIN: [(i64, &str); 26] = [
        (0, "1970-01-01T01:00:00+01:00"),
        (-1, "1970-01-01T00:59:59+01:00"),
        (1_711_846_799, "2024-03-31T01:59:59+01:00"),
        (1_711_846_800, "2024-03-31T03:00:00+02:00"),
        (1_729_990_799, "2024-10-27T02:59:59+02:00"),
        (1_729_990_800, "2024-10-27T02:00:00+01:00"),
        (-2_422_054_409, "1893-03-31T23:59:59+00:53"),
        (-2_422_054_408, "1893-04-01T00:06:32+01:00"),
        (-3_000_000_000, "1874-12-07T19:33:28+00:53"),
        (951_782_400, "2000-02-29T01:00:00+01:00"),
        (2_147_483_648, "2038-01-19T04:14:08+01:00"),
        (4_102_444_800, "2100-01-01T01:00:00+01:00"),
        (4_118_000_000, "2100-06-30T02:53:20+02:00"),
        (16_725_225_600, "2500-01-01T01:00:00+01:00"),
        (32_503_680_000, "3000-01-01T01:00:00+01:00"),
        (253_402_297_199, "9999-12-31T23:59:59+01:00"),
        (253_402_297_200, "9999-01-01T00:00:00+01:00"),
        (253_433_923_199, "9999-01-01T00:59:59+01:00"),
        (255_208_357_938, "9999-03-25T12:32:18+01:00"),
        (269_345_953_294, "9999-03-27T01:21:34+01:00"),
        (1_099_511_627_776, "9999-02-20T01:36:16+01:00"),
        (-62_167_219_200, "0000-01-01T00:53:28+00:53"),
        (-62_167_222_408, "0000-01-01T00:00:00+00:53"),
        (-62_167_222_409, "0000-12-31T23:59:59+00:53"),
        (-62_198_755_200, "0000-01-01T00:53:28+00:53"),
        (-70_000_000_000, "0000-10-15T20:26:48+00:53"),
    ];

    #[test]
    fn every_instant_is_shown_as_go_shows_it() {
        let zone = berlin();
        for (seconds, expected) in BERLIN {
            let mut text = Vec::new();
            zone.at(seconds, 0).write(&mut text);
            assert_eq!(String::from_utf8(text).unwrap(), expected, "{seconds}");
        }
    }

    #[test]
    fn instants_inside_the_years_stay_what_they_are() {
        let zone = berlin();
        for (seconds, _) in BERLIN.into_iter().filter(|(s, _)| (-62_167_222_408..253_402_297_200).contains(s))
        {
            assert_eq!(zone.at(seconds, 5).instant(), (seconds, 5));
        }
    }

    #[test]
    fn any_instant_can_be_shown() {
        for zone in [berlin(), Zone::utc()] {
            for seconds in [i64::MIN, i64::MIN + 1, -(1 << 60), 1 << 60, i64::MAX] {
                zone.at(seconds, 0).write(&mut Vec::new());
            }
        }
    }

    #[test]
    fn names_that_nobody_knows_mean_utc_as_in_go() {
        for name in ["", "UTC", ":", "No/Such", "CET-1CEST,M3.5.0,M10.5.0/3", "/no/such/file"] {
            assert_eq!(Zone::of(Some(OsStr::new(name))).at(1_711_846_800, 0).offset, 0, "{name}");
        }
    }
}
