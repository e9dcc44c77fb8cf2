//! Many patterns, as `--exclude`, `--include`, `--iexclude` … give them.

use std::borrow::Cow;
use std::collections::HashSet;

use holdfast_format::{Error, Result};

use crate::fold::to_lower;
use crate::path::with_components;
use crate::pattern::Pattern;

/// What a list says of a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Verdict {
    /// The path fits.
    pub matched: bool,
    /// Something below it may fit (what an include list needs to know before it skips a folder).
    pub child_may_match: bool,
}

/// Patterns in the order given; later `!` ones take back.
#[derive(Clone, Debug, Default)]
pub struct PatternList {
    patterns: Vec<Pattern>,
    /// Names that fit at any depth: looked up, because lists of hundreds are common. Empty when something is taken back.
    names: HashSet<Vec<u8>>,
    takes_back: bool,
    ignore_case: bool,
}

impl PatternList {
    /// Reads patterns, empty ones left out; wrong ones are `Refused` by name. `ignore_case` as `--iexclude`.
    pub fn parse<P: AsRef<[u8]>>(patterns: &[P], ignore_case: bool) -> Result<Self> {
        let texts = || patterns.iter().map(AsRef::as_ref).filter(|text| !text.is_empty());
        let wrong: Vec<_> = texts().filter(|text| Pattern::parse(text).is_none()).collect();
        if !wrong.is_empty() {
            return Err(refused(&wrong));
        }
        let folded = texts().map(|text| if ignore_case { to_lower(text) } else { Cow::Borrowed(text) });
        Ok(Self::new(folded.filter_map(|text| Pattern::parse(&text)).collect(), ignore_case))
    }

    fn new(patterns: Vec<Pattern>, ignore_case: bool) -> Self {
        let takes_back = patterns.iter().any(Pattern::is_negated);
        let by_name = |pattern: &Pattern| !takes_back && pattern.name().is_some();
        let (literal, patterns): (Vec<_>, Vec<_>) = patterns.into_iter().partition(by_name);
        let names = literal.iter().filter_map(Pattern::name).map(<[u8]>::to_vec).collect();
        Self { patterns, names, takes_back, ignore_case }
    }

    /// Nothing in it.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty() && self.names.is_empty()
    }

    /// What it says of an absolute path (`/a/b`, not the root). Who leaves out a folder does not ask about what is in it:
    /// a pattern with `!` takes nothing back there.
    pub fn judge(&self, path: &[u8]) -> Verdict {
        if self.is_empty() || path.is_empty() {
            return Verdict::default();
        }
        let path = if self.ignore_case { to_lower(path) } else { Cow::Borrowed(path) };
        with_components(&path, |path| if self.takes_back { self.in_order(path) } else { self.any(path) })
    }

    fn any(&self, path: &[&[u8]]) -> Verdict {
        let named = !self.names.is_empty();
        Verdict {
            matched: named && path.iter().any(|name| self.names.contains(*name))
                || self.patterns.iter().any(|pattern| pattern.matches(path)),
            child_may_match: named || self.patterns.iter().any(|pattern| pattern.child_may_match(path)),
        }
    }

    fn in_order(&self, path: &[&[u8]]) -> Verdict {
        let mut verdict = Verdict::default();
        for pattern in &self.patterns {
            let matches = pattern.matches(path);
            if pattern.is_negated() {
                verdict.matched &= !matches;
                verdict.child_may_match &= !matches;
            } else {
                verdict.matched |= matches;
                verdict.child_may_match |= pattern.child_may_match(path);
            }
        }
        verdict
    }
}

/// restic's words, and what to do.
fn refused(wrong: &[&[u8]]) -> Error {
    let names: Vec<_> = wrong.iter().map(|text| String::from_utf8_lossy(text)).collect();
    Error::refused(format!(
        "invalid pattern(s) provided:\n{}\na class needs at least one character and its closing ], a backslash a character behind it",
        names.join("\n")
    ))
}
