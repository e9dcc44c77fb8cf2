//! Entries of a snapshot by the pattern of their path and by their modification time.

use holdfast_backend::Cancel;
use holdfast_filter::PatternList;
use holdfast_format::node::Node;
use holdfast_format::{Error, Id, Result};
use holdfast_repo::Repository;
use holdfast_repo::walk::{self, Visitor};

/// Seconds and nanoseconds since 1970.
type Instant = (i64, u32);

/// What is looked for.
#[derive(Clone, Debug)]
pub struct Query {
    patterns: PatternList,
    /// An empty pattern fits everything.
    everything: bool,
    oldest: Option<Instant>,
    newest: Option<Instant>,
}

/// Who is told.
pub trait Hits {
    /// An entry that fits.
    fn found(&mut self, path: &[u8], node: &Node) -> Result<()>;
    /// A folder that could not be read and is left out.
    fn unreadable(&mut self, tree: &Id, error: &Error) -> Result<()>;
}

impl Query {
    /// Any of the patterns, and a modification time between the two, where given. A wrong pattern is `Refused`.
    pub fn new<P: AsRef<[u8]>>(
        patterns: &[P],
        ignore_case: bool,
        oldest: Option<Instant>,
        newest: Option<Instant>,
    ) -> Result<Self> {
        let texts: Vec<&[u8]> = patterns.iter().map(|pattern| without_mark(pattern.as_ref())).collect();
        let everything = texts.iter().any(|text| text.is_empty());
        Ok(Self { patterns: PatternList::parse(&texts, ignore_case)?, everything, oldest, newest })
    }

    fn is_in_time(&self, node: &Node) -> bool {
        let time = node.mtime.instant();
        self.oldest.is_none_or(|oldest| oldest <= time) && self.newest.is_none_or(|newest| time <= newest)
    }
}

/// Nothing is taken back in a search: a leading `!` means nothing, as in restic.
fn without_mark(pattern: &[u8]) -> &[u8] {
    pattern.strip_prefix(b"!").unwrap_or(pattern)
}

/// Tells every entry of a snapshot's tree that fits.
pub fn find(
    repository: &Repository,
    tree: &Id,
    query: &Query,
    hits: &mut dyn Hits,
    cancel: &Cancel,
) -> Result<()> {
    walk::walk(repository, tree, b"/", &mut Search { query, hits }, cancel)
}

struct Search<'a> {
    query: &'a Query,
    hits: &'a mut dyn Hits,
}

impl Visitor for Search<'_> {
    fn enters(&self, path: &[u8], _node: &Node) -> bool {
        self.query.everything || self.query.patterns.judge(path).child_may_match
    }

    fn visit(&mut self, path: &[u8], node: &Node, _parent: &Id) -> Result<()> {
        let fits = self.query.everything || self.query.patterns.judge(path).matched;
        if fits && self.query.is_in_time(node) { self.hits.found(path, node) } else { Ok(()) }
    }

    fn unreadable(&mut self, _path: &[u8], tree: &Id, error: Error) -> Result<()> {
        self.hits.unreadable(tree, &error)
    }
}
