//! One pattern: components, `**`, a leading slash, a leading `!`.
//!
//! A pattern with a leading slash is compared from the root, any other one at every depth. It need not reach the end of a
//! path: what lies below a path that fits, fits. `**` stands for any number of components, but restic expands it from the
//! left while the pattern, every later `**` counted as a component, is not longer than the path; so `/**/a/**/b` does not
//! fit `/x/a/b`. Both tools must choose the same files, so this is kept.

use crate::glob::Glob;
use crate::list::Verdict;
use crate::path::{clean, components, with_components};

/// A pattern that was read.
#[derive(Clone, Debug)]
pub struct Pattern {
    parts: Vec<Part>,
    negated: bool,
}

#[derive(Clone, Debug)]
enum Part {
    Root,
    Deep,
    Literal(Vec<u8>),
    Glob(Glob),
}

impl Part {
    fn parse(component: &[u8]) -> Option<Self> {
        Some(match component {
            b"/" => Self::Root,
            b"" | b"**" => Self::Deep,
            _ if component.iter().any(|byte| br"\[]*?".contains(byte)) => Self::Glob(Glob::parse(component)?),
            _ => Self::Literal(component.to_vec()),
        })
    }

    fn fits(&self, component: &[u8]) -> bool {
        match self {
            Self::Root => component == b"/",
            Self::Deep => component != b"/",
            Self::Literal(name) => name == component,
            Self::Glob(glob) => glob.matches(component),
        }
    }
}

impl Pattern {
    /// Reads a pattern that is not empty; `None` when a component of it is wrong.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let (negated, text) = text.strip_prefix(b"!").map_or((false, text), |rest| (true, rest));
        let parts = components(&clean(text)).map(Part::parse).collect::<Option<_>>()?;
        Some(Self { parts, negated })
    }

    /// What it says of a path when it stands alone; a leading `!` does not count.
    pub fn judge(&self, path: &[u8]) -> Verdict {
        if path.is_empty() {
            return Verdict::default();
        }
        with_components(path, |path| Verdict {
            matched: self.matches(path),
            child_may_match: self.child_may_match(path),
        })
    }

    pub(crate) fn is_negated(&self) -> bool {
        self.negated
    }

    /// The name that it is about, if it is one literal name at any depth.
    pub(crate) fn name(&self) -> Option<&[u8]> {
        match self.parts.as_slice() {
            [Part::Literal(name)] => Some(name),
            _ => None,
        }
    }

    pub(crate) fn is_rooted(&self) -> bool {
        matches!(self.parts.first(), Some(Part::Root))
    }

    pub(crate) fn matches(&self, path: &[&[u8]]) -> bool {
        let depths = match (self.is_rooted(), path.first()) {
            (true, _) => 0..1,
            (false, Some(&b"/")) => 1..path.len(),
            (false, _) => 0..path.len(),
        };
        depths.into_iter().any(|from| fits(&self.parts, path, from, self.parts.len()))
    }

    /// Whether a rooted pattern agrees with the path as far as both go, up to the first `**`.
    pub(crate) fn child_may_match(&self, path: &[&[u8]]) -> bool {
        let fixed = self.parts.iter().take_while(|part| !matches!(part, Part::Deep));
        !self.is_rooted() || fixed.zip(path).all(|(part, component)| part.fits(component))
    }
}

/// Whether parts fit the path from `at`; `length` is how long the pattern is with what its `**` stand for so far.
fn fits(parts: &[Part], path: &[&[u8]], at: usize, length: usize) -> bool {
    match parts.split_first() {
        None => length > 0,
        Some((Part::Deep, rest)) => {
            let most = (path.len() + 1).saturating_sub(length);
            let taken =
                path[at..].iter().take(most).take_while(|component| Part::Deep.fits(component)).count();
            length <= path.len() + 1
                && (0..=taken).any(|taken| fits(rest, path, at + taken, length - 1 + taken))
        }
        Some((part, rest)) => {
            path.get(at).is_some_and(|component| part.fits(component)) && fits(rest, path, at + 1, length)
        }
    }
}
