//! A walk in the order of the names: an entry, what is in it, the next entry, as restic lists them.

use holdfast_backend::Cancel;
use holdfast_format::node::{Node, NodeType};
use holdfast_format::{Error, Id, Result};

use crate::Repository;
use crate::trees::{self, Trees};

/// Who sees the entries. Any error ends the walk.
pub trait Visitor {
    /// Whether a folder is entered; asked ahead of its turn, so that it can be loaded meanwhile.
    fn enters(&self, _path: &[u8], _node: &Node) -> bool {
        true
    }
    /// An entry of the tree `parent`, before anything in it.
    fn visit(&mut self, path: &[u8], node: &Node, parent: &Id) -> Result<()>;
    /// Everything in a folder (the root too) was visited; not for one that was not entered.
    fn leave(&mut self, _path: &[u8]) -> Result<()> {
        Ok(())
    }
    /// A folder could not be loaded. `Ok` leaves it out.
    fn unreadable(&mut self, _path: &[u8], _tree: &Id, error: Error) -> Result<()> {
        Err(error)
    }
}

/// A folder that is being visited.
struct Frame {
    tree: Id,
    /// Bytes of its path.
    path: usize,
    nodes: std::vec::IntoIter<Node>,
}

struct Walk<'a, 'b, V> {
    trees: &'a Trees<'b, ()>,
    visitor: &'a mut V,
    cancel: &'a Cancel,
    path: Vec<u8>,
    frames: Vec<Frame>,
}

/// Walks from a tree that lies at `path` (`/` for the root), reading ahead with a few threads. The index must be loaded.
pub fn walk<V: Visitor>(
    repository: &Repository,
    tree: &Id,
    path: &[u8],
    visitor: &mut V,
    cancel: &Cancel,
) -> Result<()> {
    trees::walk(repository, 0, |trees| {
        let path = if path == b"/" { Vec::new() } else { path.to_vec() };
        let mut walk = Walk { trees, visitor, cancel, path, frames: Vec::new() };
        trees.push([(*tree, ())]);
        walk.enter()?;
        walk.run()
    })
}

impl<V: Visitor> Walk<'_, '_, V> {
    fn run(&mut self) -> Result<()> {
        while let Some(frame) = self.frames.last_mut() {
            let (length, tree) = (frame.path, frame.tree);
            self.path.truncate(length);
            if let Some(node) = frame.nodes.next() {
                self.visit(&tree, &node)?;
            } else {
                self.frames.pop();
                self.visitor.leave(if self.path.is_empty() { b"/" } else { &self.path })?;
            }
        }
        Ok(())
    }

    fn visit(&mut self, parent: &Id, node: &Node) -> Result<()> {
        self.cancel.check()?;
        self.path.push(b'/');
        self.path.extend_from_slice(&node.name);
        self.visitor.visit(&self.path, node, parent)?;
        if wanted(self.visitor, &self.path, node).is_some() { self.enter() } else { Ok(()) }
    }

    /// The folder whose path is the walk's: the next of those that were pushed.
    fn enter(&mut self) -> Result<()> {
        let Some(loaded) = self.trees.pop() else { return Ok(()) };
        let nodes = match loaded.nodes {
            Ok(nodes) => nodes,
            Err(Error::Cancelled) => return Err(Error::Cancelled),
            Err(error) => return self.visitor.unreadable(&self.path, &loaded.id, error),
        };
        let mut path = self.path.clone();
        let length = path.len();
        let below: Vec<_> = nodes
            .iter()
            .filter_map(|node| {
                path.truncate(length);
                path.push(b'/');
                path.extend_from_slice(&node.name);
                Some((wanted(self.visitor, &path, node)?, ()))
            })
            .collect();
        self.trees.push(below);
        self.frames.push(Frame { tree: loaded.id, path: length, nodes: nodes.into_iter() });
        Ok(())
    }
}

/// The tree of a folder that is entered.
fn wanted<V: Visitor>(visitor: &V, path: &[u8], node: &Node) -> Option<Id> {
    if node.kind != NodeType::Dir || !visitor.enters(path, node) {
        return None;
    }
    node.subtree
}
