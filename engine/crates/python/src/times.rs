//! Times both ways: Python's have microseconds and years 1 to 9999, the engine's nanoseconds and an offset.

use holdfast_format::time::{Timestamp, Zone};
use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyDelta, PyTzInfo};

/// A time as a `datetime`, or as a number of seconds since 1970 (in the machine's zone).
#[derive(Clone, Copy)]
pub struct Moment(pub Timestamp);

impl FromPyObject<'_, '_> for Moment {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        if !object.is_instance_of::<PyDateTime>() {
            let seconds: f64 = object.extract()?;
            let whole = seconds.floor();
            let nanos = ((seconds - whole) * 1e6).round() as u32 * 1000;
            return Ok(Self(
                Zone::local().at(whole as i64 + i64::from(nanos / 1_000_000_000), nanos % 1_000_000_000),
            ));
        }
        let aware = if object.call_method0("utcoffset")?.is_none() {
            object.call_method0("astimezone")?
        } else {
            object.to_owned().into_any()
        };
        let since = aware.sub(epoch(object.py())?)?;
        let (seconds, micros) = parts(&since)?;
        let (offset, _) = parts(&aware.call_method0("utcoffset")?)?;
        Ok(Self(Timestamp { seconds, nanos: micros * 1000, offset: offset as i32 }))
    }
}

/// Whole seconds and the microseconds above them.
fn parts(delta: &Bound<'_, PyAny>) -> PyResult<(i64, u32)> {
    let days: i64 = delta.getattr("days")?.extract()?;
    let seconds: i64 = delta.getattr("seconds")?.extract()?;
    Ok((days * 86400 + seconds, delta.getattr("microseconds")?.extract()?))
}

fn epoch(py: Python<'_>) -> PyResult<Bound<'_, PyDateTime>> {
    PyDateTime::new(py, 1970, 1, 1, 0, 0, 0, 0, Some(&*PyTzInfo::utc(py)?))
}

/// With the offset that it was stored with; what Python cannot express becomes its first or last moment in UTC.
pub fn datetime(py: Python<'_>, time: Timestamp) -> PyResult<Bound<'_, PyAny>> {
    let (first, last) = (-62_135_596_800 + 86_400, 253_402_300_799 - 86_400);
    let seconds = time.seconds.clamp(first, last);
    let nanos = if seconds == time.seconds { time.nanos } else { 0 };
    let delta = PyDelta::new(
        py,
        seconds.div_euclid(86400) as i32,
        seconds.rem_euclid(86400) as i32,
        (nanos / 1000) as i32,
        false,
    )?;
    let zone = PyTzInfo::fixed_offset(py, PyDelta::new(py, 0, time.offset, 0, true)?)?;
    epoch(py)?.add(delta)?.call_method1("astimezone", (zone,))
}

/// RFC 3339, all digits.
pub fn text(time: &Timestamp) -> String {
    let mut out = Vec::new();
    time.write(&mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// Nanoseconds since 1970.
pub fn nanoseconds(time: &Timestamp) -> i128 {
    i128::from(time.seconds) * 1_000_000_000 + i128::from(time.nanos)
}
