//! Sizes of snapshots, counted in restic's four ways.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};

use holdfast_backend::Cancel;
use holdfast_format::crypto::OVERHEAD;
use holdfast_format::node::{Node, NodeType};
use holdfast_format::{BlobType, Error, Id, Result, Version};
use holdfast_repo::walk::{self, Visitor};
use holdfast_repo::{Repository, trees};

/// What is counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Mode {
    /// What a restore of each snapshot would write; hard links once a snapshot.
    #[default]
    RestoreSize,
    /// Files, those with the same contents once.
    FilesByContents,
    /// Blobs, once for each file (by contents, and by path) that uses them.
    BlobsPerFile,
    /// Stored bytes of all blobs, each once.
    RawData,
}

/// Restic's figures; 0 where a mode does not have them.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
#[allow(missing_docs)]
pub struct Figures {
    pub total_size: u64,
    pub total_uncompressed_size: u64,
    /// Stored bytes of the compressed blobs, and what they were: what the ratios below come from.
    pub compressed_blobs_size: u64,
    pub compressed_blobs_uncompressed_size: u64,
    pub total_file_count: u64,
    pub total_blob_count: u64,
    pub snapshots_count: u64,
}

impl Figures {
    /// How many times smaller the compressed blobs are; 0 when nothing is compressed.
    pub fn compression_ratio(&self) -> f64 {
        ratio(self.compressed_blobs_uncompressed_size, self.compressed_blobs_size)
    }

    /// Per cent of the bytes that are in compressed blobs.
    pub fn compression_progress(&self) -> f64 {
        ratio(self.compressed_blobs_uncompressed_size, self.total_uncompressed_size) * 100.0
    }

    /// Per cent of the bytes that compression saved.
    pub fn compression_space_saving(&self) -> f64 {
        if self.total_uncompressed_size == 0 {
            return 0.0;
        }
        (1.0 - ratio(self.total_size, self.total_uncompressed_size)) * 100.0
    }
}

#[allow(clippy::cast_precision_loss, reason = "restic's figures are floating point, too")]
fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// Counters of the snapshot that is being walked, for others to read at any time.
#[derive(Debug, Default)]
#[allow(missing_docs)]
pub struct Counters {
    pub snapshots: AtomicU64,
    pub snapshots_total: AtomicU64,
    pub files: AtomicU64,
    pub blobs: AtomicU64,
    pub bytes: AtomicU64,
}

impl Counters {
    fn next_snapshot(&self) {
        self.snapshots.fetch_add(1, Ordering::Relaxed);
        for counter in [&self.files, &self.blobs, &self.bytes] {
            counter.store(0, Ordering::Relaxed);
        }
    }

    fn count(&self, files: u64, blobs: u64, bytes: u64) {
        for (counter, amount) in [(&self.files, files), (&self.blobs, blobs), (&self.bytes, bytes)] {
            counter.fetch_add(amount, Ordering::Relaxed);
        }
    }
}

/// Counts the trees of snapshots.
pub fn stats(
    repository: &Repository,
    snapshots: &[Id],
    mode: Mode,
    counters: &Counters,
    cancel: &Cancel,
) -> Result<Figures> {
    let figures = Figures { snapshots_count: snapshots.len() as u64, ..Figures::default() };
    counters.snapshots_total.store(snapshots.len() as u64, Ordering::Relaxed);
    if mode == Mode::RawData {
        return raw_data(repository, snapshots, figures, counters, cancel);
    }
    let mut count = Count::new(repository, mode, counters, figures);
    for tree in snapshots {
        counters.next_snapshot();
        count.links.clear();
        walk::walk(repository, tree, b"/", &mut count, cancel)?;
    }
    Ok(count.figures)
}

struct Count<'a> {
    repository: &'a Repository,
    mode: Mode,
    counters: &'a Counters,
    figures: Figures,
    /// Inode and device of files with several names.
    links: HashSet<(u64, u64)>,
    /// Digests of the contents that were seen.
    contents: HashSet<Id>,
    /// Digests of the paths that were seen, and of each with each of its blobs.
    paths: HashSet<Id>,
}

impl<'a> Count<'a> {
    fn new(repository: &'a Repository, mode: Mode, counters: &'a Counters, figures: Figures) -> Self {
        let (links, contents, paths) = <_>::default();
        Self { repository, mode, counters, figures, links, contents, paths }
    }

    fn restore_size(&mut self, node: &Node) {
        self.figures.total_file_count += 1;
        let once = node.links == 1 || node.kind == NodeType::Dir || node.inode == 0;
        if once || self.links.insert((node.inode, node.device_id)) {
            self.figures.total_size += node.size;
        }
    }

    fn by_contents(&mut self, path: &[u8], node: &Node, parent: &Id) -> Result<()> {
        if !self.contents.insert(digest(&[], node.content.as_deref().unwrap_or_default())) {
            return Ok(());
        }
        if self.mode == Mode::FilesByContents {
            self.figures.total_file_count += 1;
            self.figures.total_size += node.size;
            return Ok(());
        }
        let path = Id::of(path);
        for id in node.content.iter().flatten() {
            self.blob(&path, id, parent)?;
        }
        Ok(())
    }

    fn blob(&mut self, path: &Id, id: &Id, parent: &Id) -> Result<()> {
        self.counters.count(0, 1, 0);
        self.figures.total_file_count += u64::from(self.paths.insert(*path));
        if self.paths.insert(digest(&path.0, &[*id])) {
            let place = self.repository.index().find(BlobType::Data, id);
            let place =
                place.ok_or_else(|| Error::missing(format!("blob {id} (for tree {parent}) in the index")))?;
            self.figures.total_size += u64::from(place.plain_length());
            self.figures.total_blob_count += 1;
        }
        Ok(())
    }
}

impl Visitor for Count<'_> {
    fn visit(&mut self, path: &[u8], node: &Node, parent: &Id) -> Result<()> {
        self.counters.count(1, 0, node.size);
        if self.mode != Mode::RestoreSize {
            return self.by_contents(path, node, parent);
        }
        self.restore_size(node);
        Ok(())
    }
}

fn digest(before: &[u8], ids: &[Id]) -> Id {
    let ids = ids.iter().flat_map(|id| id.0);
    Id::of(&before.iter().copied().chain(ids).collect::<Vec<u8>>())
}

fn raw_data(
    repository: &Repository,
    snapshots: &[Id],
    mut figures: Figures,
    counters: &Counters,
    cancel: &Cancel,
) -> Result<Figures> {
    let index = repository.index();
    for (kind, id) in used_blobs(repository, snapshots, counters, cancel)? {
        let place = index.find(kind, &id).ok_or_else(|| Error::missing(format!("blob {id} in the index")))?;
        let (stored, plain) = (u64::from(place.length), u64::from(place.plain_length()) + OVERHEAD as u64);
        figures.total_size += stored;
        figures.total_blob_count += 1;
        if repository.config().version != Version::V1 {
            figures.total_uncompressed_size += plain;
            if place.uncompressed.is_some() {
                figures.compressed_blobs_size += stored;
                figures.compressed_blobs_uncompressed_size += plain;
            }
        }
        counters.count(0, 1, stored);
    }
    Ok(figures)
}

/// Every blob that trees use, themselves included.
fn used_blobs(
    repository: &Repository,
    roots: &[Id],
    counters: &Counters,
    cancel: &Cancel,
) -> Result<HashSet<(BlobType, Id)>> {
    let mut used = HashSet::new();
    for root in roots {
        counters.next_snapshot();
        collect(repository, &[*root], &mut used, cancel)?;
    }
    Ok(used)
}

/// Adds every blob below some trees; what is below a tree that is there already is there, too.
pub(crate) fn collect(
    repository: &Repository,
    roots: &[Id],
    used: &mut HashSet<(BlobType, Id)>,
    cancel: &Cancel,
) -> Result<()> {
    trees::walk(repository, 0, |trees| {
        let new = |id: &Id, used: &mut HashSet<_>| used.insert((BlobType::Tree, *id));
        let roots: Vec<_> = roots.iter().filter(|id| new(id, used)).map(|id| (*id, ())).collect();
        trees.push(roots);
        while let Some(loaded) = trees.pop() {
            cancel.check()?;
            let mut below = Vec::new();
            for node in loaded.nodes? {
                match (node.kind, node.subtree) {
                    (NodeType::File, _) => {
                        used.extend(node.content.iter().flatten().map(|id| (BlobType::Data, *id)));
                    }
                    (NodeType::Dir, Some(tree)) if new(&tree, used) => below.push((tree, ())),
                    _ => {}
                }
            }
            trees.push(below);
        }
        Ok(())
    })
}
