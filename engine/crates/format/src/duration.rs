//! Spans of time as Go shows them to people: `1h2m3.5s`, `12.5ms`.

use std::fmt::Write;

const SECOND: u64 = 1_000_000_000;

/// Go's text of a span in nanoseconds.
pub fn text(nanos: i64) -> String {
    let size = nanos.unsigned_abs();
    let sign = if nanos < 0 { "-" } else { "" };
    match size {
        0 => "0s".to_owned(),
        1..1_000 => format!("{sign}{size}ns"),
        1_000..1_000_000 => format!("{sign}{}µs", decimal(size, 1_000)),
        1_000_000..SECOND => format!("{sign}{}ms", decimal(size, 1_000_000)),
        SECOND.. => format!("{sign}{}", long(size)),
    }
}

/// A second or more: hours and minutes as far as there are any.
fn long(nanos: u64) -> String {
    let (minutes, rest) = (nanos / (60 * SECOND), nanos % (60 * SECOND));
    let mut text = String::new();
    if minutes >= 60 {
        let _ = write!(text, "{}h", minutes / 60);
    }
    if minutes > 0 {
        let _ = write!(text, "{}m", minutes % 60);
    }
    text + &decimal(rest, SECOND) + "s"
}

/// `number / unit`, zeros at the end left out; the unit is a power of ten.
fn decimal(number: u64, unit: u64) -> String {
    let digits = unit.ilog10() as usize;
    let text = format!("{}.{:0digits$}", number / unit, number % unit);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
