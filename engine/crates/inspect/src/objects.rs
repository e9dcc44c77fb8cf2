//! Where blobs, trees and packs are used: from an id back to the paths of snapshots.

use std::collections::{BTreeSet, HashSet};

use holdfast_backend::Cancel;
use holdfast_format::node::{Node, NodeType};
use holdfast_format::{BlobType, Error, FileType, Id, Result};
use holdfast_repo::walk::{self, Visitor};
use holdfast_repo::{Place, Repository};

/// Ids as given: whole, or the first eight digits.
type Names = HashSet<String>;

/// What is looked for, and what was found so far.
#[derive(Clone, Debug, Default)]
pub struct Objects {
    /// `None`: no data blobs.
    blobs: Option<Names>,
    /// `None`: no trees.
    trees: Option<Names>,
    /// Trees so far; when all were found, and nothing else is looked for, the search of a snapshot ends.
    found: usize,
}

/// A use of an object.
#[derive(Clone, Copy, Debug)]
pub struct Use<'a> {
    /// What it is.
    pub kind: BlobType,
    /// Its whole id.
    pub id: Id,
    /// Where it is used.
    pub path: &'a [u8],
    /// The tree that names it; of a data blob.
    pub parent: Option<Id>,
}

/// Who is told.
pub trait Uses {
    /// An object that is looked for.
    fn found(&mut self, used: Use<'_>) -> Result<()>;
    /// A folder that could not be read and is left out.
    fn unreadable(&mut self, tree: &Id, error: &Error) -> Result<()>;
}

impl Objects {
    /// Data blobs by id.
    pub fn blobs(ids: &[String]) -> Self {
        Self { blobs: Some(ids.iter().cloned().collect()), ..Self::default() }
    }

    /// Trees by id.
    pub fn trees(ids: &[String]) -> Self {
        Self { trees: Some(ids.iter().cloned().collect()), ..Self::default() }
    }

    /// Everything in packs, by what the index says of them, and those packs that are in the index but not in the store.
    /// `Missing` when the index does not know a pack.
    pub fn packs(repository: &Repository, ids: &[String]) -> Result<(Self, Vec<Id>)> {
        let packs = known_packs(repository, ids)?;
        let (mut blobs, mut trees) = (Names::new(), Names::new());
        for (_, contents) in repository.index().pack_contents(&packs) {
            for blob in contents {
                let names = if blob.kind == BlobType::Tree { &mut trees } else { &mut blobs };
                names.insert(blob.id.to_string());
            }
        }
        let stored: HashSet<Id> =
            repository.backend().list(FileType::Pack)?.into_iter().map(|pack| pack.id).collect();
        let lost = packs.into_iter().filter(|pack| !stored.contains(pack)).collect();
        Ok((Self { blobs: Some(blobs), trees: Some(trees), found: 0 }, lost))
    }

    /// Tells every use in a snapshot's tree.
    pub fn search(
        &mut self,
        repository: &Repository,
        tree: &Id,
        uses: &mut dyn Uses,
        cancel: &Cancel,
    ) -> Result<()> {
        let mut search = Search { objects: self, uses, ended: false };
        let searched = search.tree(*tree, b"/").and_then(|()| {
            if search.ended { Ok(()) } else { walk::walk(repository, tree, b"/", &mut search, cancel) }
        });
        match searched {
            Err(Error::Cancelled) if search.ended => Ok(()),
            other => other,
        }
    }

    /// Where the objects lie: for each name its place, `None` when the index does not have it; `Err` for a name that is
    /// no whole id (nothing was found for it). Sorted by name, data blobs first.
    pub fn places(&self, repository: &Repository) -> Vec<(BlobType, String, Result<Option<Place>>)> {
        let index = repository.index();
        let kinds = [(BlobType::Data, &self.blobs), (BlobType::Tree, &self.trees)];
        let mut places = Vec::new();
        for (kind, names) in kinds {
            let sorted: BTreeSet<&String> = names.iter().flatten().collect();
            for name in sorted {
                let place = name.parse().map(|id| index.find(kind, &id));
                places.push((kind, name.clone(), place));
            }
        }
        places
    }
}

fn known_packs(repository: &Repository, ids: &[String]) -> Result<Vec<Id>> {
    let mut wanted: Names = ids.iter().cloned().collect();
    let mut packs = Vec::new();
    for pack in repository.index().packs() {
        if wanted.remove(&pack.id.to_string()) || wanted.remove(&pack.id.short()) {
            packs.push(pack.id);
        }
    }
    if wanted.is_empty() {
        return Ok(packs);
    }
    let mut unknown: Vec<_> = wanted.into_iter().collect();
    unknown.sort();
    Err(Error::missing(format!("pack(s) {}", unknown.join(" "))))
}

struct Search<'a> {
    objects: &'a mut Objects,
    uses: &'a mut dyn Uses,
    ended: bool,
}

impl Search<'_> {
    fn tree(&mut self, id: Id, path: &[u8]) -> Result<()> {
        let Some(trees) = &self.objects.trees else { return Ok(()) };
        if !trees.contains(&id.to_string()) && !trees.contains(&id.short()) {
            return Ok(());
        }
        self.uses.found(Use { kind: BlobType::Tree, id, path, parent: None })?;
        self.objects.found += 1;
        self.ended = self.objects.found >= trees.len() && self.objects.blobs.is_none();
        Ok(())
    }

    fn blob(&mut self, id: Id, path: &[u8], parent: &Id) -> Result<()> {
        let Some(blobs) = &mut self.objects.blobs else { return Ok(()) };
        let name = id.to_string();
        if !blobs.contains(&name) {
            if !blobs.remove(&id.short()) {
                return Ok(());
            }
            blobs.insert(name);
        }
        self.uses.found(Use { kind: BlobType::Data, id, path, parent: Some(*parent) })
    }
}

impl Visitor for Search<'_> {
    fn visit(&mut self, path: &[u8], node: &Node, parent: &Id) -> Result<()> {
        if let (NodeType::Dir, Some(subtree)) = (node.kind, node.subtree) {
            self.tree(subtree, path)?;
        }
        if node.kind == NodeType::File && self.objects.blobs.is_some() {
            for id in node.content.iter().flatten() {
                self.blob(*id, path, parent)?;
            }
        }
        if self.ended { Err(Error::Cancelled) } else { Ok(()) }
    }

    fn unreadable(&mut self, _path: &[u8], tree: &Id, error: Error) -> Result<()> {
        self.uses.unreadable(tree, &error)
    }
}
