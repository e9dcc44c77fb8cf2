//! Which entries and which extended attributes are meant. Pure.

use holdfast_filter::PatternList;

/// Which paths of a snapshot, or which names of extended attributes.
#[derive(Clone, Debug, Default)]
pub enum Selection {
    /// Everything.
    #[default]
    All,
    /// What fits one of the lists.
    Include(Vec<PatternList>),
    /// What fits none of the lists.
    Exclude(Vec<PatternList>),
}

/// What a selection says of an entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Selected {
    /// It is restored.
    pub itself: bool,
    /// Something in it may be.
    pub children: bool,
}

impl Selection {
    /// What it says of an absolute path.
    pub fn judge(&self, path: &[u8], is_dir: bool) -> Selected {
        let (itself, children) = match self {
            Self::All => (true, true),
            Self::Include(lists) => lists
                .iter()
                .map(|list| list.judge(path))
                .fold((false, false), |all, one| (all.0 || one.matched, all.1 || one.child_may_match)),
            Self::Exclude(lists) => {
                let selected = !lists.iter().any(|list| list.judge(path).matched);
                (selected, selected)
            }
        };
        Selected { itself, children: children && is_dir }
    }

    /// Whether there is no restriction at all.
    pub fn is_all(&self) -> bool {
        matches!(self, Self::All)
    }
}
