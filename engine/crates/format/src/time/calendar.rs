//! The Gregorian calendar, carried on before its introduction and beyond year 9999.

/// Seconds of a day.
pub const DAY: i64 = 86_400;
/// Seconds from 1970 to the years 0 and 10000.
const YEARS: std::ops::Range<i64> = -62_167_219_200..253_402_300_800;
/// Days of four hundred years, after which everything repeats.
const CYCLE: i64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01. Years that begin in March have their leap day last.
const MARCH: i64 = 719_468;

/// Year, month and day of a number of days since 1970.
pub fn date(days: i64) -> (i64, u32, u32) {
    let since = days + MARCH;
    let (cycle, day) = (since.div_euclid(CYCLE), since.rem_euclid(CYCLE));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let in_year = day - (365 * year + year / 4 - year / 100);
    let march_month = (5 * in_year + 2) / 153;
    let day = in_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (cycle * 400 + year + i64::from(month <= 2), month as u32, day as u32)
}

/// Days since 1970 of a date of the years from 0; `None` when there is no such date.
pub fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let march_year = year - i64::from(month <= 2);
    let march_month = (month + 9) % 12;
    let in_year = (153 * march_month + 2) / 5 + day - 1;
    let (cycle, year_of) = (march_year.div_euclid(400), march_year.rem_euclid(400));
    let days = cycle * CYCLE + 365 * year_of + year_of / 4 - year_of / 100 + in_year - MARCH;
    (date(days) == (year, month as u32, day as u32)).then_some(days)
}

/// The same day and clock in year 0 or 9999 (which has no leap day) when the year is outside, as restic moves it.
pub fn clamped_seconds(clock: i64) -> Option<i64> {
    if YEARS.contains(&clock) {
        return None;
    }
    let (year, month, day) = date(clock.div_euclid(DAY));
    let (year, month, day) = (year.clamp(0, 9999), i64::from(month), i64::from(day));
    let days = days(year, month, day).or_else(|| days(year, 3, 1))?;
    Some(days * DAY + clock.rem_euclid(DAY))
}
