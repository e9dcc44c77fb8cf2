//! What is at a path of a snapshot.

use holdfast_format::node::{Node, NodeType};
use holdfast_format::{Error, Id, Result};

use crate::operation::Operation;
use crate::snapshots::Chosen;

/// A snapshot, or the folder of it that was named, with the index loaded.
pub struct Root {
    /// Of the snapshot.
    pub snapshot: Id,
    /// Its tree, or the folder's.
    pub tree: Id,
}

impl Root {
    /// Finds the snapshot before the index is loaded, so that what it needs is in the index.
    pub fn of(chosen: Chosen, operation: &Operation<'_>) -> Result<Self> {
        let (snapshot, found, folder) = chosen.resolve(operation)?;
        operation.load_index()?;
        let root = Self { snapshot, tree: found.tree };
        let Some(folder) = folder.filter(|folder| !folder.is_empty()) else { return Ok(root) };
        let tree = root.folder(operation, folder.as_bytes())?;
        Ok(Self { tree, ..root })
    }

    /// The entry at a path; `None` for the root itself.
    pub fn node(&self, operation: &Operation<'_>, path: &[u8]) -> Result<Option<Node>> {
        let names = path.split(|byte| *byte == b'/').filter(|name| !name.is_empty() && *name != b".");
        let mut here: Option<Node> = None;
        for name in names {
            let tree = here.as_ref().map_or(Some(self.tree), |node| node.subtree);
            let nodes = tree.map_or(Ok(vec![]), |tree| operation.repository.load_tree(&tree))?;
            let found = nodes.into_iter().find(|node| node.name == name);
            here = Some(found.ok_or_else(|| self.nothing_at(path))?);
        }
        Ok(here)
    }

    /// The tree at a path.
    pub fn folder(&self, operation: &Operation<'_>, path: &[u8]) -> Result<Id> {
        match self.node(operation, path)? {
            None => Ok(self.tree),
            Some(Node { kind: NodeType::Dir, subtree: Some(tree), .. }) => Ok(tree),
            Some(_) => Err(Error::refused(format!("{} is not a folder", path.escape_ascii()))),
        }
    }

    /// What to say when a path is not there.
    pub fn nothing_at(&self, path: &[u8]) -> Error {
        Error::missing(format!("path {} in snapshot {}", path.escape_ascii(), self.snapshot.short()))
    }
}

/// Absolute, single slashes, none at the end (but for the root).
pub fn clean(path: &[u8]) -> Vec<u8> {
    let names = path.split(|byte| *byte == b'/').filter(|name| !name.is_empty() && *name != b".");
    let joined = names.fold(Vec::new(), |path, name| [&path, &b"/"[..], name].concat());
    if joined.is_empty() { b"/".to_vec() } else { joined }
}

/// An entry of a folder.
pub fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    [if folder == b"/" { b"" } else { folder }, b"/", name].concat()
}
