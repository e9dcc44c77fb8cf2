//! Which packs are read: `--read-data`, `--read-data-subset`.

use holdfast_filter::size::parse_bytes;
use holdfast_format::{Error, Result};
use holdfast_repo::index::IndexedPack;

/// The most parts: one byte of a pack's id decides where it belongs.
const MOST_PARTS: u32 = 256;

/// A choice of packs.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub enum Subset {
    /// None.
    #[default]
    Nothing,
    /// All.
    All,
    /// Part `number` of `parts`, by the first byte of the id; every pack is in exactly one.
    Part {
        /// From 1.
        number: u32,
        /// At most 256.
        parts: u32,
    },
    /// So many of a hundred packs, at random, at least one.
    Percent(f64),
    /// As many packs, at random, as make about so many bytes.
    Bytes(u64),
}

impl Subset {
    /// Reads `n/t`, `x%` or a size; others are `Refused`.
    pub fn parse(text: &str) -> Result<Self> {
        if let Some((number, parts)) = text.split_once('/') {
            return part(text, number, parts);
        }
        if let Some(percent) = text.strip_suffix('%') {
            let percent = percent.parse().ok().filter(|percent| *percent > 0.0 && *percent <= 100.0);
            return percent
                .map(Self::Percent)
                .ok_or_else(|| wrong(text, "x% must be above 0% and at most 100%"));
        }
        match parse_bytes(text) {
            Ok(bytes @ 1..) => Ok(Self::Bytes(bytes)),
            _ => Err(wrong(text, "give n/t, x% or a size above 0 such as 50M")),
        }
    }

    /// Keeps what is chosen. `random(n)` gives a number below `n`.
    pub(crate) fn choose(
        self,
        mut packs: Vec<IndexedPack>,
        random: &mut dyn FnMut(usize) -> Result<usize>,
    ) -> Result<Vec<IndexedPack>> {
        match self {
            Self::Nothing => packs.clear(),
            Self::All => {}
            Self::Part { number, parts } => {
                packs.retain(|pack| u32::from(pack.id.0[0]) % parts == number - 1);
            }
            Self::Percent(percent) => shuffle(&mut packs, percent, random)?,
            Self::Bytes(bytes) => {
                let all: u64 = packs.iter().map(|pack| pack.size).sum();
                shuffle(&mut packs, share(bytes, all), random)?;
            }
        }
        Ok(packs)
    }

    /// restic's line about what is read; `all` and `chosen` are before and after the choice.
    pub(crate) fn describe(self, filtered: bool, all: &[IndexedPack], chosen: &[IndexedPack]) -> String {
        let what = if filtered { "filtered " } else { "" };
        match self {
            Self::Nothing => String::new(),
            Self::All => format!("read all {what}data"),
            Self::Part { number, parts } => format!(
                "read group #{number} of {} {what}data packs (out of total {} packs in {parts} groups)",
                chosen.len(),
                all.len()
            ),
            Self::Percent(percent) => format!("read {percent:.1}% of {what}packfiles"),
            Self::Bytes(bytes) => {
                let size = all.iter().map(|pack| pack.size).sum();
                format!("read {} bytes ({:.1}%) of {what}data packs", bytes.min(size), share(bytes, size))
            }
        }
    }
}

fn part(text: &str, number: &str, parts: &str) -> Result<Subset> {
    let (Ok(number), Ok(parts)) = (number.parse::<u32>(), parts.parse::<u32>()) else {
        return Err(wrong(text, "n and t of n/t must be whole numbers"));
    };
    if number == 0 || number > parts || parts > MOST_PARTS {
        return Err(wrong(text, "n/t needs 1 <= n <= t <= 256"));
    }
    Ok(Subset::Part { number, parts })
}

fn wrong(text: &str, why: &str) -> Error {
    Error::refused(format!("check flag --read-data-subset={text} has invalid value: {why}"))
}

/// In percent, at most 100.
#[allow(clippy::cast_precision_loss)] // a choice at random need not be exact to the byte
fn share(bytes: u64, all: u64) -> f64 {
    if all == 0 { 100.0 } else { bytes.min(all) as f64 / all as f64 * 100.0 }
}

/// Keeps so many of a hundred, at least one.
#[allow(clippy::cast_precision_loss)]
fn shuffle(
    packs: &mut Vec<IndexedPack>,
    percent: f64,
    random: &mut dyn FnMut(usize) -> Result<usize>,
) -> Result<()> {
    let keep = ((packs.len() as f64 * (percent / 100.0)) as usize).max(1).min(packs.len());
    for place in 0..keep {
        let other = place + random(packs.len() - place)?;
        packs.swap(place, other);
    }
    packs.truncate(keep);
    Ok(())
}
