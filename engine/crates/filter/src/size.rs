//! Sizes as people write them: `--exclude-larger-than 10M`.

use holdfast_format::{Error, Result};

/// Bytes: a number, and `B`, `K`, `M`, `G` or `T` for powers of 1024 in either case. Below 2^63.
pub fn parse_bytes(text: &str) -> Result<u64> {
    let wrong = || {
        Error::refused(format!(
            "{text:?} is not a size: a whole number with an optional suffix B, K, M, G or T"
        ))
    };
    let (number, shift) = split(text);
    let number =
        number.parse::<i64>().ok().and_then(|number| u64::try_from(number).ok()).ok_or_else(wrong)?;
    let bytes = number.checked_mul(1 << shift).filter(|bytes| i64::try_from(*bytes).is_ok());
    bytes.ok_or_else(|| Error::refused(format!("size {text} is too large: it must stay below 8388608T")))
}

/// The number and the power of two of its suffix.
fn split(text: &str) -> (&str, u32) {
    let suffixes = [('b', 0), ('k', 10), ('m', 20), ('g', 30), ('t', 40)];
    let strip = |(suffix, shift): (char, u32)| {
        text.strip_suffix([suffix, suffix.to_ascii_uppercase()]).map(|number| (number, shift))
    };
    suffixes.into_iter().find_map(strip).unwrap_or((text, 0))
}
