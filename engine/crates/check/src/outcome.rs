//! What a check found.

use std::fmt;

use holdfast_format::{BlobType, Id};

/// How bad a problem is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Severity {
    /// Something is lost or will be.
    Error,
    /// Untidy; nothing is lost.
    Hint,
}

/// Kinds of problems.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ProblemKind {
    /// A key file cannot be what was written.
    Key,
    /// A lock file cannot be read.
    Lock,
    /// An index file cannot be read.
    Index,
    /// Index files disagree about a pack.
    IndexConflict,
    /// Several index files say the same of a pack.
    DuplicatePack,
    /// A pack holds trees and data.
    MixedPack,
    /// A pack that the index names is not in the store.
    MissingPack,
    /// A pack has another size than the index says.
    PackSize,
    /// A pack is in no index.
    UnreferencedPack,
    /// A snapshot cannot be read or found.
    Snapshot,
    /// A tree cannot be read, or what it needs is not in the index.
    Tree,
    /// No snapshot uses a blob.
    UnusedBlob,
    /// The bytes of a pack are not what was written.
    PackData,
    /// A pack could not be read, or only at the second try.
    PackRead,
}

/// One finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// How bad.
    pub severity: Severity,
    /// Its kind.
    pub kind: ProblemKind,
    /// The object, with its full id: `pack 1a2b…`.
    pub what: String,
    /// What is wrong with it.
    pub why: String,
    /// The pack, if it is one.
    pub pack: Option<Id>,
}

impl Problem {
    /// Something is wrong.
    pub(crate) fn error(kind: ProblemKind, what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { severity: Severity::Error, kind, what: what.into(), why: why.into(), pack: None }
    }

    /// Something is wrong with a pack.
    pub(crate) fn pack(kind: ProblemKind, pack: &Id, why: impl Into<String>) -> Self {
        Self { pack: Some(*pack), ..Self::error(kind, format!("pack {pack}"), why) }
    }

    /// The same, but nothing is lost.
    pub(crate) fn into_hint(self) -> Self {
        Self { severity: Severity::Hint, ..self }
    }

    pub(crate) fn tree(tree: &Id, why: impl Into<String>) -> Self {
        Self::error(ProblemKind::Tree, format!("tree {tree}"), why)
    }

    pub(crate) fn unused(kind: BlobType, id: &Id) -> Self {
        let what = format!("unused blob <{}/{}>", kind.name(), id.short());
        Self::error(ProblemKind::UnusedBlob, what, format!("no snapshot uses {} blob {id}", kind.name()))
    }

    /// The pack must be taken apart to repair the repository.
    fn breaks_pack(&self) -> Option<Id> {
        use ProblemKind::{IndexConflict, PackData, PackSize};
        self.pack.filter(|_| matches!(self.kind, IndexConflict | PackData | PackSize))
    }
}

/// restic's words.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, why, .. } = self;
        match self.kind {
            ProblemKind::Key | ProblemKind::Lock | ProblemKind::Snapshot => write!(f, "error: {what}: {why}"),
            ProblemKind::Index => write!(f, "error: error loading {what}: {why}"),
            ProblemKind::Tree => {
                let short = what.get(..what.len().min("tree ".len() + 8)).unwrap_or(what);
                write!(f, "error for {short}:\n  {what}: {why}")
            }
            ProblemKind::IndexConflict
            | ProblemKind::DuplicatePack
            | ProblemKind::MixedPack
            | ProblemKind::PackData => write!(f, "{what} {why}"),
            _ => write!(f, "{what}: {why}"),
        }
    }
}

/// Everything that was found, and restic's summary of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CheckOutcome {
    /// In the order found.
    pub problems: Vec<Problem>,
    /// Problems that are errors; 0 means that the repository is sound.
    pub num_errors: u64,
    /// Packs that must be taken apart, sorted.
    pub broken_packs: Vec<Id>,
    /// `repair index` would help.
    pub suggest_repair_index: bool,
    /// `prune` would tidy up.
    pub suggest_prune: bool,
}

impl CheckOutcome {
    pub(crate) fn of(problems: Vec<Problem>) -> Self {
        use ProblemKind::{DuplicatePack, Index, MixedPack, UnreferencedPack};
        let any = |kinds: &[ProblemKind]| problems.iter().any(|problem| kinds.contains(&problem.kind));
        let mut broken_packs: Vec<Id> = problems.iter().filter_map(Problem::breaks_pack).collect();
        broken_packs.sort_unstable();
        broken_packs.dedup();
        Self {
            num_errors: problems.iter().filter(|problem| problem.severity == Severity::Error).count() as u64,
            broken_packs,
            suggest_repair_index: any(&[DuplicatePack, Index]),
            suggest_prune: any(&[MixedPack, UnreferencedPack]),
            problems,
        }
    }

    /// Nothing is lost.
    pub fn is_sound(&self) -> bool {
        self.num_errors == 0
    }
}
