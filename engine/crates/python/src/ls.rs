//! `ls` and `node`.

use std::vec::IntoIter;

use holdfast_format::node::Node;
use holdfast_format::{Error, Id, Result};
use holdfast_repo::trees::{self, Trees};
use pyo3::prelude::*;

use crate::cancel::Stop;
use crate::iterating::{Iterating, Sink};
use crate::keywords::PathText;
use crate::lookup::{Root, clean, join};
use crate::node::PyNode;
use crate::opening::Repository;
use crate::snapshots::Chosen;

/// Entries in the order of a walk: a folder is popped when the walk comes to it.
struct Walk<'a> {
    trees: &'a Trees<'a, ()>,
    open: Vec<(Vec<u8>, IntoIter<Node>)>,
}

impl Walk<'_> {
    /// The next folder that was pushed, and its own folders after it.
    fn enter(&mut self, path: Vec<u8>) -> Result<()> {
        let loaded = self.trees.pop().ok_or(Error::Cancelled)?;
        let nodes = loaded.nodes?;
        self.trees.push(nodes.iter().filter_map(|node| Some((node.subtree?, ()))).collect::<Vec<_>>());
        self.open.push((path, nodes.into_iter()));
        Ok(())
    }

    fn tell(&mut self, sink: &Sink<'_>) -> Result<()> {
        while let Some((folder, nodes)) = self.open.last_mut() {
            let Some(node) = nodes.next() else {
                self.open.pop();
                continue;
            };
            let path = join(folder, &node.name);
            let is_folder = node.subtree.is_some();
            put(sink, path.clone(), node)?;
            if is_folder {
                self.enter(path)?;
            }
        }
        Ok(())
    }
}

fn put(sink: &Sink<'_>, path: Vec<u8>, node: Node) -> Result<()> {
    sink.put(|py| Ok(Bound::new(py, PyNode::new(path, node))?.into_any()))
}

fn all_below(repository: &holdfast_repo::Repository, tree: Id, path: Vec<u8>, sink: &Sink<'_>) -> Result<()> {
    trees::walk(repository, 0, |trees| {
        trees.push([(tree, ())]);
        let mut walk = Walk { trees, open: vec![] };
        walk.enter(path)?;
        walk.tell(sink)
    })
}

#[pymethods]
impl Repository {
    #[pyo3(signature = (snapshot, path = None, /, *, recursive = true, cancel = None))]
    fn ls(
        slf: &Bound<'_, Self>,
        snapshot: Chosen,
        path: Option<PathText>,
        recursive: bool,
        cancel: Option<Stop>,
    ) -> PyResult<Iterating> {
        let path = clean(&path.map_or(vec![], |path| path.0));
        Iterating::start(slf, cancel, move |operation, sink| {
            operation.lock_for_reading()?;
            let root = Root::of(snapshot, operation)?;
            let tree = match root.node(operation, &path)? {
                None => root.tree,
                Some(Node { subtree: Some(tree), .. }) => tree,
                Some(node) => return put(sink, path, node),
            };
            if recursive {
                return all_below(&operation.repository, tree, path, sink);
            }
            let nodes = operation.repository.load_tree(&tree)?;
            nodes.into_iter().try_for_each(|node| put(sink, join(&path, &node.name), node))
        })
    }

    #[pyo3(signature = (snapshot, path, /))]
    fn node(&self, py: Python<'_>, snapshot: Chosen, path: PathText) -> PyResult<PyNode> {
        let path = clean(&path.0);
        let node = self.quietly(py, None, |operation| {
            operation.lock_for_reading()?;
            let root = Root::of(snapshot, operation)?;
            let node = root.node(operation, &path)?;
            node.ok_or_else(|| Error::refused("the root of a snapshot is no entry; list it with ls()"))
        })?;
        Ok(PyNode::new(path, node))
    }
}
