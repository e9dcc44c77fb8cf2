//! What changed between two snapshots, in restic's codes and figures.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::iter::Peekable;

use holdfast_backend::Cancel;
use holdfast_format::node::{Node, NodeType};
use holdfast_format::{BlobType, Error, Id, Result};
use holdfast_repo::Repository;
use holdfast_repo::walk::{self, Visitor};

use crate::same::same_metadata;
use crate::stats;

/// One changed entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Change<'a> {
    /// Inside both snapshots; folders end in a slash.
    pub path: &'a [u8],
    /// `+`, `-`, `M`, `U`, `T`, `?`, or several of them.
    pub modifier: &'a str,
}

/// What there is more on one side.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs)]
pub struct Amount {
    pub files: u64,
    pub dirs: u64,
    pub others: u64,
    pub data_blobs: u64,
    pub tree_blobs: u64,
    pub bytes: u64,
}

/// Restic's figures.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs)]
pub struct Statistics {
    pub changed_files: u64,
    pub added: Amount,
    pub removed: Amount,
}

/// Who is told.
pub trait Changes {
    /// An entry that changed.
    fn change(&mut self, change: Change<'_>) -> Result<()>;
    /// Something could not be read and is not compared.
    fn error(&mut self, error: &Error);
}

type Blobs = HashSet<(BlobType, Id)>;

/// Compares two trees. Changes of metadata alone (`U`) are told only if `metadata`.
pub fn diff(
    repository: &Repository,
    before: &Id,
    after: &Id,
    metadata: bool,
    changes: &mut dyn Changes,
    cancel: &Cancel,
) -> Result<Statistics> {
    let mut comparison = Comparison {
        repository,
        metadata,
        changes,
        cancel,
        statistics: Statistics::default(),
        before: Blobs::from([(BlobType::Tree, *before)]),
        after: Blobs::from([(BlobType::Tree, *after)]),
        common: Vec::new(),
    };
    comparison.trees(b"/", before, after)?;
    comparison.finish()
}

struct Comparison<'a> {
    repository: &'a Repository,
    metadata: bool,
    changes: &'a mut dyn Changes,
    cancel: &'a Cancel,
    statistics: Statistics,
    before: Blobs,
    after: Blobs,
    /// Trees that are in both at the same path.
    common: Vec<Id>,
}

/// A side of the comparison.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Removed,
    Added,
}

impl Comparison<'_> {
    fn trees(&mut self, path: &[u8], before: &Id, after: &Id) -> Result<()> {
        self.cancel.check()?;
        let (before, after) = (self.repository.load_tree(before)?, self.repository.load_tree(after)?);
        for (before, after) in pairs(before, after) {
            match (&before, &after) {
                (Some(before), Some(after)) => self.both(path, before, after)?,
                (Some(node), None) => self.one_side(path, node, Side::Removed)?,
                (None, Some(node)) => self.one_side(path, node, Side::Added)?,
                (None, None) => {}
            }
        }
        Ok(())
    }

    fn both(&mut self, path: &[u8], before: &Node, after: &Node) -> Result<()> {
        add_blobs(&mut self.before, before);
        add_blobs(&mut self.after, after);
        let path = join(path, after);
        let modifier = self.modifier(before, after);
        if !modifier.is_empty() {
            self.changes.change(Change { path: &path, modifier: &modifier })?;
        }
        let (Some(old), Some(new)) = (subtree(before), subtree(after)) else { return Ok(()) };
        if old == new {
            self.common.push(old);
            return Ok(());
        }
        let compared = self.trees(&path, &old, &new);
        self.tolerate(compared)
    }

    fn modifier(&mut self, before: &Node, after: &Node) -> String {
        let mut modifier = String::new();
        if before.kind != after.kind {
            modifier.push('T');
        }
        let are_files = before.kind == NodeType::File && after.kind == NodeType::File;
        if are_files && before.content != after.content {
            modifier.push('M');
            self.statistics.changed_files += 1;
            if same_metadata(before, after) {
                modifier.push('?');
            }
        } else if self.metadata && !(before.content == after.content && same_metadata(before, after)) {
            modifier.push('U');
        }
        modifier
    }

    /// An entry that only one snapshot has, with everything in it.
    fn one_side(&mut self, path: &[u8], node: &Node, side: Side) -> Result<()> {
        let path = join(path, node);
        self.tell(side, &path, node)?;
        let Some(tree) = subtree(node) else { return Ok(()) };
        let (repository, cancel) = (self.repository, self.cancel);
        let path = path.strip_suffix(b"/").unwrap_or(&path);
        let walked = walk::walk(repository, &tree, path, &mut OneSide { comparison: self, side }, cancel);
        self.tolerate(walked)
    }

    fn tell(&mut self, side: Side, path: &[u8], node: &Node) -> Result<()> {
        let (modifier, blobs, amount) = match side {
            Side::Removed => ("-", &mut self.before, &mut self.statistics.removed),
            Side::Added => ("+", &mut self.after, &mut self.statistics.added),
        };
        add_blobs(blobs, node);
        match node.kind {
            NodeType::File => amount.files += 1,
            NodeType::Dir => amount.dirs += 1,
            _ => amount.others += 1,
        }
        self.changes.change(Change { path, modifier })
    }

    /// A folder that cannot be read is told and left out.
    fn tolerate(&mut self, done: Result<()>) -> Result<()> {
        match done {
            Err(error @ (Error::Damaged { .. } | Error::Missing { .. } | Error::Store { .. })) => {
                self.changes.error(&error);
                Ok(())
            }
            other => other,
        }
    }

    /// Counts the blobs that only one side has.
    fn finish(mut self) -> Result<Statistics> {
        let mut common = Blobs::new();
        let collected = stats::collect(self.repository, &self.common, &mut common, self.cancel);
        self.tolerate(collected)?;
        let removed = self.before.difference(&self.after).filter(|blob| !common.contains(blob));
        let added = self.after.difference(&self.before).filter(|blob| !common.contains(blob));
        let mut statistics = self.statistics;
        count(self.repository, removed, &mut statistics.removed, self.changes);
        count(self.repository, added, &mut statistics.added, self.changes);
        Ok(statistics)
    }
}

struct OneSide<'a, 'b> {
    comparison: &'a mut Comparison<'b>,
    side: Side,
}

impl Visitor for OneSide<'_, '_> {
    fn visit(&mut self, path: &[u8], node: &Node, _parent: &Id) -> Result<()> {
        let path = if node.kind == NodeType::Dir { [path, b"/"].concat() } else { path.to_vec() };
        self.comparison.tell(self.side, &path, node)
    }

    fn unreadable(&mut self, _path: &[u8], _tree: &Id, error: Error) -> Result<()> {
        self.comparison.tolerate(Err(error))
    }
}

/// Entries of two folders by name.
fn pairs(before: Vec<Node>, after: Vec<Node>) -> impl Iterator<Item = (Option<Node>, Option<Node>)> {
    let (mut before, mut after) = (before.into_iter().peekable(), after.into_iter().peekable());
    std::iter::from_fn(move || {
        let order = first(&mut before, &mut after)?;
        let old = if order == Ordering::Greater { None } else { before.next() };
        let new = if order == Ordering::Less { None } else { after.next() };
        Some((old, new))
    })
}

/// Which side has the next name.
fn first<I: Iterator<Item = Node>>(before: &mut Peekable<I>, after: &mut Peekable<I>) -> Option<Ordering> {
    match (before.peek(), after.peek()) {
        (Some(before), Some(after)) => Some(before.name.cmp(&after.name)),
        (Some(_), None) => Some(Ordering::Less),
        (None, Some(_)) => Some(Ordering::Greater),
        (None, None) => None,
    }
}

fn subtree(node: &Node) -> Option<Id> {
    node.subtree.filter(|_| node.kind == NodeType::Dir)
}

fn join(path: &[u8], node: &Node) -> Vec<u8> {
    let above = path.strip_suffix(b"/").unwrap_or(path);
    let end: &[u8] = if node.kind == NodeType::Dir { b"/" } else { b"" };
    [above, b"/", &node.name, end].concat()
}

fn add_blobs(blobs: &mut Blobs, node: &Node) {
    match node.kind {
        NodeType::File => blobs.extend(node.content.iter().flatten().map(|id| (BlobType::Data, *id))),
        NodeType::Dir => blobs.extend(node.subtree.map(|id| (BlobType::Tree, id))),
        _ => {}
    }
}

fn count<'a>(
    repository: &Repository,
    blobs: impl Iterator<Item = &'a (BlobType, Id)>,
    amount: &mut Amount,
    changes: &mut dyn Changes,
) {
    let index = repository.index();
    for (kind, id) in blobs {
        match kind {
            BlobType::Data => amount.data_blobs += 1,
            BlobType::Tree => amount.tree_blobs += 1,
        }
        match index.find(*kind, id) {
            Some(place) => amount.bytes += u64::from(place.plain_length()),
            None => changes.error(&Error::missing(format!("{} blob {id} in the index", kind.name()))),
        }
    }
}
